"""Tables of codings from anywhere, long or wide: which column is what is told by its name, else by the shape of the table.

Long is a row for each coding; wide a row for each unit with a column for each coder, or a row for each unit and coder with a column for each code.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from yuhu.core.clock import wall_ms
from yuhu.core.contracts import Reject
from yuhu.core.errors import YuhuError
from yuhu.core.sample import PURPOSES
from yuhu.core.schema import CODER_KINDS, STATUSES, UNIT_KINDS
from yuhu.formats.exchange import CODING_DRAFT, UNKNOWN_CODER, Exchange, Losses, Reading, codings_frame, fits, rejected, units_frame
from yuhu.formats.values import fitting

NO_VALUE = frozenset({"na", "n/a", "nan", "null", ".", "-"})
"""How programs write that there is no value, if it is none of the code's values."""

_NAMES: dict[str, tuple[str, ...]] = {
    "unit_id": (
        "unit",
        "item",
        "item_id",
        "response",
        "response_id",
        "comment_id",
        "text_id",
        "doc",
        "document",
        "subject",
        "id",
        "单元",
        "编号",
    ),
    "coder": ("coder_id", "annotator", "annotator_id", "rater", "rater_id", "judge", "user", "completed_by", "编码员", "编码者", "标注员"),
    "code": ("variable", "code_id", "编码", "变量", "类目"),
    "value": ("rating", "score", "answer", "coding", "值", "取值"),
    "video_id": ("video", "视频"),
    "at": ("coded_at", "created_at", "timestamp", "时间"),
    "note": ("comment", "remark", "memo", "备注"),
    "text": ("content", "文本", "内容"),
}
_EITHER = ("label", "category", "标签")
"""A code where there is a value beside it, else the value."""

_KNOWN = {"status": STATUSES, "unit_kind": UNIT_KINDS, "coder_kind": CODER_KINDS, "purpose": PURPOSES}
_WHOLE = re.compile(r"\s*([+-]?\d{1,18})(?:\.0*)?\s*")
_DECIMAL = re.compile(r"\s*[+-]?\d{1,15},\d{1,12}\s*")


Row = tuple[str, list[str] | str]


@dataclass(frozen=True)
class Cells:
    """A table as texts.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : iterable of (place, cells)
        Where each row stands, and its cells (missing ones at the end are blank), or why it has none.
    decimal_comma : bool
        Whether ``0,5`` is a number.
    """

    header: list[str]
    rows: Iterable[Row]
    decimal_comma: bool = False


@dataclass(frozen=True)
class _Shape:
    """Which column is what.

    ``roles`` gives the place of each column of the codings; ``wide`` the places of columns that hold values, by the name of the coder or the code that
    each stands for.
    """

    roles: Mapping[str, int]
    wide: Mapping[int, str] = field(default_factory=dict)
    by_coder: bool = False


def read_table(cells: Cells, reading: Reading) -> Exchange:
    """The codings of a table.

    Blank cells are not codings; what is not understood is rejected with its place. Columns that are neither codings nor their context are losses.

    Raises
    ------
    YuhuError
        YH102 there is no unit or no value; YH106 a column stands twice.
    """
    return _Read(cells, reading).exchange()


@dataclass
class _Read:
    cells: Cells
    reading: Reading
    losses: Losses = field(default_factory=Losses)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    found: list[dict[str, object]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    blank: int = 0

    def exchange(self) -> Exchange:
        shape = self._shape()
        for place, row in self.cells.rows:
            if isinstance(row, str):
                self.rejects.append(rejected(place, row, place))
            elif any(cell.strip() for cell in row):
                self._row(place, row, shape)
        return Exchange(
            codings=codings_frame(self.found),
            units=units_frame({"unit_id": unit, "text": text} for unit, text in self.texts.items()),
            losses=self.losses.listed(),
            rejects=tuple(self.rejects),
            notes=tuple(dict.fromkeys(self.notes)),
            seen=len(self.found) + len(self.rejects) + self.blank,
            blank=self.blank,
        )

    def _shape(self) -> _Shape:
        named = [_folded(self.reading.columns.get(name.strip(), name)) for name in self.cells.header]
        unknown = next((name for name in self.reading.columns if name not in [one.strip() for one in self.cells.header]), None)
        if unknown is not None:
            facts = {"found": ", ".join(self.cells.header)[:200]}
            raise YuhuError("YH108", f"`{self.reading.name}` has no column `{unknown}`", facts=facts, fix="name a column of the file")
        twice = next((name for name, count in Counter(named).items() if name and count > 1), None)
        if twice is not None:
            raise YuhuError(
                "YH106", f"`{self.reading.name}` has the column `{twice}` twice", fix="leave one, or give them names of their own"
            )
        roles = self._roles(named)
        if len(self.cells.header) < 2 and not {"unit_id", "coder"} & roles.keys():
            facts = {"found": ", ".join(self.cells.header)[:120], "expected": "unit, coder, code, value"}
            raise YuhuError(
                "YH102", f"`{self.reading.name}` has no units with values", facts=facts, fix="name the columns unit, coder, code, value"
            )
        self._unit_column(roles)
        rest = {at: name for at, name in enumerate(self.cells.header) if at not in roles.values()}
        if "value" in roles or ("code" in roles and "coder" in roles):
            return self._long(roles, rest)
        return self._wide(roles, rest)

    def _roles(self, named: list[str]) -> dict[str, int]:
        """Columns by their own name first, then by other names for the same, each at most once."""
        book = self.reading.book
        free = {at: name for at, name in enumerate(named) if book is None or self.cells.header[at].strip() not in book.decisions}
        roles = {name: at for at, name in free.items() if name in CODING_DRAFT or name == "text"}
        for role, names in _NAMES.items():
            found = next((at for name in names for at, own in free.items() if own == name and at not in roles.values()), None)
            if role not in roles and found is not None:
                roles[role] = found
        either = next((at for at, name in free.items() if name in _EITHER and at not in roles.values()), None)
        if either is not None and not ({"code", "value"} <= roles.keys()):
            roles["code" if "value" in roles else "value"] = either
        return roles

    def _unit_column(self, roles: dict[str, int]) -> None:
        is_span = {"video_id", "start_ms", "end_ms"} <= roles.keys()
        if "unit_id" in roles or is_span:
            return
        if "text" in roles:
            roles["unit_id"] = roles["text"]
            self.notes.append("no column names the units: each text is one")
            return
        first = next((at for at in range(len(self.cells.header)) if at not in roles.values()), None)
        if first is None:
            facts = {"found": ", ".join(self.cells.header)[:120]}
            raise YuhuError("YH102", f"`{self.reading.name}` has no column of units", facts=facts, fix="name the column of units `unit`")
        roles["unit_id"] = first
        if self.cells.header[first].strip():
            self.notes.append(f"the first column, `{self.cells.header[first].strip()[:40]}`, is taken for the units")

    def _long(self, roles: dict[str, int], rest: Mapping[int, str]) -> _Shape:
        if "value" not in roles:
            self.notes.append("rows without a value are taken for codes that are there: 1")
        for name in rest.values():
            self.losses.add("columns", "they are no part of a coding", first=name[:60])
        return _Shape(roles)

    def _wide(self, roles: dict[str, int], rest: Mapping[int, str]) -> _Shape:
        book = self.reading.book
        codes = {at: name.strip() for at, name in rest.items() if book is not None and name.strip() in book.decisions}
        by_coder = not codes and "coder" not in roles and not self.reading.coder
        wide = codes or {at: name.strip() for at, name in rest.items() if name.strip()}
        if not wide:
            facts = {"found": ", ".join(self.cells.header)[:120], "expected": "value, or a column for each coder or code"}
            raise YuhuError("YH102", f"`{self.reading.name}` has no values", facts=facts, fix="name the columns unit, coder, code, value")
        for at, name in rest.items():
            if at not in wide:
                self.losses.add("columns", "they are no code", first=name[:60])
        self.notes.append(f"columns are taken for {'coders' if by_coder else 'codes'}: {', '.join(list(wide.values())[:6])}")
        return _Shape(roles, wide, by_coder)

    def _row(self, place: str, row: list[str], shape: _Shape) -> None:
        if len(row) > len(self.cells.header) and any(cell.strip() for cell in row[len(self.cells.header) :]):
            self.rejects.append(rejected(place, f"{len(row)} cells, the header has {len(self.cells.header)}", row))
            return
        cells = row + [""] * (len(self.cells.header) - len(row))
        held = {role: cells[at] for role, at in shape.roles.items()}
        if "text" in held and held.get("unit_id", "").strip():
            self.texts.setdefault(held["unit_id"], held["text"])
        if not shape.wide:
            self._coding(place, held, held.get("value", "1"))
        for at, name in shape.wide.items():
            column = f"{place}, column {name[:40]}"
            who = {"coder": name} if shape.by_coder else {"code": name}
            self._coding(column, {**held, **who}, cells[at])

    def _coding(self, place: str, held: Mapping[str, str], value: str) -> None:
        status = held.get("status", "").strip()
        code = held.get("code", "") if "code" in held else self.reading.code or "rating"
        wrong, row = self._base(held, code)
        if status and status not in STATUSES:
            self.rejects.append(rejected(place, f"status `{status[:40]}` is not known", (sorted(held.items()), value)))
            return
        if status in STATUSES[1:]:
            row |= {"status": status, "value": None}
        elif not value.strip():
            self.blank += 1
            return
        else:
            meant = self._value(code, value, is_stated=status == "coded")
            if meant == "":
                self.blank += 1
                return
            wrong = wrong or ("" if meant is not None else f"`{value.strip()[:40]}` is no value of `{code[:40]}`")
            row |= {"status": "coded", "value": meant}
        if wrong:
            self.rejects.append(rejected(place, wrong, (sorted(held.items()), value)))
        else:
            self.found.append(row)

    def _value(self, code: str, value: str, *, is_stated: bool) -> str | None:
        """The value meant; empty for a cell that says there is none, None for no value of the code."""
        book = self.reading.book
        if book is not None and code in book.decisions and book.decisions[code].values:
            meant = fitting(book, code, value)
            return "" if meant is None and not is_stated and value.strip().lower() in NO_VALUE else meant
        if book is not None and code in book.decisions:
            value = fitting(book, code, value) or value
        if is_stated:
            return value
        if value.strip().lower() in NO_VALUE:
            return ""
        return value.strip().replace(",", ".") if self.cells.decimal_comma and _DECIMAL.fullmatch(value) else value.strip()

    def _base(self, held: Mapping[str, str], code: str) -> tuple[str, dict[str, object]]:
        """A row without its value, and what is wrong with it."""
        row: dict[str, object] = {"code": code, "coder": held.get("coder", "") if "coder" in held else self._default_coder()}
        wrong = ""
        for name, text in held.items():
            if name in {"code", "coder", "value", "status", "text"} or not text:
                continue
            row[name], why = self._typed(name, text)
            wrong = wrong or why
        has_unit = bool(held.get("unit_id", "").strip())
        row.setdefault("unit_kind", "response" if has_unit else "span")
        row.setdefault("coder_kind", "human")
        start, end = row.get("start_ms"), row.get("end_ms")
        if not wrong and not has_unit and not (held.get("video_id") and isinstance(start, int) and isinstance(end, int)):
            wrong = "it has no unit"
        if not wrong and isinstance(start, int) and isinstance(end, int) and end < start:
            wrong = "the end lies before the start"
        if not wrong and not str(row["coder"]).strip():
            wrong = "it has no coder"
        if not wrong and not code.strip():
            wrong = "it has no code"
        book = self.reading.book
        if not wrong and book is not None and code not in book.decisions:
            wrong = f"`{code[:40]}` is no code"
        return wrong, row

    def _default_coder(self) -> str:
        if not self.reading.coder:
            self.notes.append(f"codings without a coder: {UNKNOWN_CODER} is taken")
        return self.reading.coder or UNKNOWN_CODER

    def _typed(self, name: str, text: str) -> tuple[object, str]:
        """The content of a cell, and what is wrong with it."""
        known = _KNOWN.get(name)
        if known is not None:
            return text.strip(), "" if text.strip() in known else f"{name} `{text.strip()[:40]}` is not known"
        if name == "at":
            ms = wall_ms(text, self.reading.tz)
            return (None, f"`{text.strip()[:40]}` is no time") if ms is None else (dt.datetime.fromtimestamp(ms / 1000, dt.UTC), "")
        if CODING_DRAFT[name].is_integer():
            whole = _WHOLE.fullmatch(text)
            number = int(whole.group(1)) if whole else None
            return number, "" if number is not None and fits(name, number) else f"{name} `{text.strip()[:40]}` is no whole number"
        return text, ""


def _folded(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").split())

"""Filled workbooks read: each value against the codebook, each unit against the hidden sheet; and any other workbook as a table of codings."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.codebook import Value
from yuhu.core.contracts import Reject
from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.codings_tables import Cells, Row, read_table
from yuhu.formats.exchange import UNKNOWN_CODER, Exchange, Losses, Reading, codings_frame, fits, rejected, units_frame
from yuhu.formats.sheets_layout import ABSTAINS, HIDDEN, KEPT, UNITS, VERSION, checksum, text_hash
from yuhu.formats.values import fitting
from yuhu.formats.workbooks import Rows, address, sheets_of

_ASKED = 6
"""Rows in which the ids of the columns are looked for."""

_OF_CODING = ("unit_kind", "sample", "purpose", "occasion")


def read_sheet(content: bytes, reading: Reading) -> Exchange:
    """Codings of a filled workbook.

    Units are known by their id and text, whatever the order of rows; a unit whose id or text was changed is rejected with the address of each of its
    cells. Empty cells are not coded. A workbook that we did not write is read like a CSV file, from its first sheet that is not empty.

    Parameters
    ----------
    content : bytes
        An .xlsx file.
    reading : Reading
        With ``book`` values are checked against it, else against those that the sheet offered.

    Returns
    -------
    Exchange
        ``units`` with the columns that the hidden sheet kept (chance, stratum, sample …). ``notes`` names the design and the codebook's hash.

    Raises
    ------
    YuhuError
        YH102 no units or no values; YH106 no workbook, damaged, or its hidden sheet was changed; YH109 dangerous to open.
    """
    sheets = sheets_of(content, reading.name)
    hidden = sheets.get(HIDDEN)
    if hidden is not None and hidden and hidden[0][:1] == ["yuhu codings"]:
        return _Filled(sheets, _Design(hidden, reading.name), reading).exchange()
    name, rows = next(((name, rows) for name, rows in sheets.items() if any(any(row) for row in rows)), ("", []))
    first = next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), None)
    if first is None:
        raise YuhuError("YH101", f"`{reading.name}` is empty", fix="export it again")
    header = rows[first]
    while header and not header[-1].strip():
        header = header[:-1]
    below: Iterator[Row] = ((f"{name}!{at + 1}", row) for at, row in enumerate(rows[first + 1 :], start=first + 1))
    return read_table(Cells(header, below), reading)


class _Design:
    """What the hidden sheet keeps."""

    def __init__(self, rows: Rows, name: str) -> None:
        kept = [_trimmed(row) for row in rows]
        at = next((at for at, row in enumerate(kept) if row[:1] == ["check"]), None)
        start = next((at for at, row in enumerate(kept) if row[:1] == ["unit_id"]), None)
        if at is None or start is None or kept[0][1:2] != [VERSION]:
            raise _changed(name, "parts of it are missing")
        width = len(kept[start])
        held = [[*row, *[""] * ((2 if n < start else width) - len(row))] for n, row in enumerate(kept[:at])]
        if kept[at][1:2] != [checksum(held)]:
            raise _changed(name, "its content does not fit its checksum")
        self.facts = {row[0]: row[1] for row in held[:start]}
        self.values = {name.removeprefix("values of "): _values(text) for name, text in self.facts.items() if name.startswith("values of ")}
        columns = held[start]
        self.units = {row[0]: dict(zip(columns, row, strict=True)) for row in held[start + 1 :]}
        self.columns = [column for column in columns if column in KEPT]


def _changed(name: str, reason: str) -> YuhuError:
    return YuhuError(
        "YH106",
        f"the hidden sheet of `{name}` was changed",
        facts={"found": reason},
        fix="copy the filled cells into a workbook that is as it was sent",
    )


def _trimmed(row: list[str]) -> list[str]:
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


@dataclass
class _Filled:
    sheets: dict[str, Rows]
    design: _Design
    reading: Reading
    losses: Losses = field(default_factory=Losses)
    rejects: list[Reject] = field(default_factory=list)
    found: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    blank: int = 0

    def exchange(self) -> Exchange:
        rows = self.sheets.get(UNITS, [])
        at = next((at for at, row in enumerate(rows[:_ASKED]) if row[:1] == ["unit_id"]), None)
        if at is None or "text" not in rows[at]:
            facts = {"expected": f"sheet `{UNITS}` with a row of ids: unit_id, text …"}
            raise YuhuError("YH102", f"`{self.reading.name}` has no units", facts=facts, fix="use the workbook as it was sent")
        self.columns = {column: name for column, name in enumerate(rows[at]) if name}
        self.text_column = rows[at].index("text")
        for number, row in enumerate(rows[at + 1 :], start=at + 1):
            if any(cell.strip() for cell in row):
                self._row(number, row)
        missing = self.design.units.keys() - self.units.keys()
        self.losses.add(
            "units that are missing from the sheet",
            "their rows were deleted or changed",
            count=len(missing),
            first=min(missing, default=""),
        )
        facts = self.design.facts
        notes = [f"{name}: {facts[name]}" for name in ("design", "codebook_hash") if facts.get(name)]
        return Exchange(
            book=BookDraft(facts.get("codebook", ""), content_hash=facts.get("codebook_hash", "")),
            codings=codings_frame(self.found),
            units=units_frame(
                self.units.values(), {name: pl.Float64() if name == "chance" else pl.String() for name in self.design.columns}
            ),
            losses=self.losses.listed(),
            rejects=tuple(self.rejects),
            notes=tuple(notes),
            seen=len(self.found) + len(self.rejects) + self.blank,
            blank=self.blank,
        )

    def _row(self, number: int, row: list[str]) -> None:
        unit = row[0]
        kept = self.design.units.get(unit)
        text = row[self.text_column] if self.text_column < len(row) else ""
        if kept is None:
            self._refuse(number, row, f"{address(number, 0)}: the unit is none of this sheet: its id was changed, or the row was added")
        elif unit in self.units:
            self._refuse(number, row, f"{address(number, 0)}: the unit stands twice")
        elif text_hash(text) != kept["text_hash"]:
            self._refuse(number, row, f"{address(number, self.text_column)}: the text of the unit was changed")
        else:
            own: dict[str, Any] = {name: kept[name] or None for name in self.design.columns}
            if "chance" in own:
                own["chance"] = _chance(own["chance"])
            self.units[unit] = {"unit_id": unit, "video_id": kept["video_id"] or None, "text": text, **own}
            self._codings(number, row, kept)

    def _refuse(self, number: int, row: list[str], why: str) -> None:
        filled = list(self._cells(row))
        for column, _, value in filled:
            if value.strip():
                self.rejects.append(rejected(f"{UNITS}!{address(number, column)}", why, value))
            else:
                self.blank += 1
        if not any(value.strip() for _, _, value in filled):
            self.losses.add("rows without codings whose unit was changed", why.partition(": ")[2], first=f"{UNITS}!{address(number, 0)}")

    def _cells(self, row: list[str]) -> Iterator[tuple[int, str, str]]:
        for column, name in self.columns.items():
            if name in self.design.values:
                yield column, name, row[column] if column < len(row) else ""

    def _codings(self, number: int, row: list[str], kept: dict[str, str]) -> None:
        note = next((row[column] for column, name in self.columns.items() if name == "note" and column < len(row)), "").strip() or None
        coded = 0
        for column, code, value in self._cells(row):
            if not value.strip():
                self.blank += 1
                continue
            place = f"{UNITS}!{address(number, column)}"
            meant, status = self._meant(code, value)
            if meant is None and status == "coded":
                self.rejects.append(rejected(place, f"`{value.strip()[:40]}` is no value of `{code}`", value))
                continue
            coded += 1
            self.found.append({**self._base(code, kept), "value": meant, "status": status, "note": note})
        self.losses.add(
            "notes on units", "nothing is coded that they could stand beside", count=bool(note) and not coded, first=f"{UNITS}!{number + 1}"
        )

    def _meant(self, code: str, value: str) -> tuple[str | None, str]:
        """Value and status; a value of None with ``coded`` is no value of the code."""
        values = self.design.values[code]
        if value.strip() == ABSTAINS and values and ABSTAINS not in values:
            return None, "abstained"
        if self.reading.book is not None:
            return (fitting(self.reading.book, code, value) if code in self.reading.book.decisions else None), "coded"
        sheet = BookDraft(codes=(CodeDraft(code, values=tuple(Value(one, {}) for one in values)),))
        return fitting(sheet, code, value), "coded"

    def _base(self, code: str, kept: dict[str, str]) -> dict[str, Any]:
        facts = self.design.facts
        owner = self.reading.book.draft(code) if self.reading.book is not None else None
        of_code = owner.id if owner is not None else next((name for name in _prefixes(code) if f"hash of {name}" in facts), code)
        row: dict[str, Any] = {"unit_kind": "response", "unit_id": kept["unit_id"], "code": code, "coder_kind": "human"}
        row["coder"] = self.reading.coder or facts.get("coder") or UNKNOWN_CODER
        row["code_hash"] = facts.get(f"hash of {of_code}") or None
        row["codebook_hash"] = facts.get("codebook_hash") or None
        for name in _OF_CODING:
            text = kept.get(name) or None
            held: object = int(text) if name == "occasion" and text is not None and text.isdecimal() else text
            if held is not None and fits(name, held):
                row[name] = held
        return row


def _prefixes(code: str) -> Iterator[str]:
    """The ids that a decision may belong to, the longest first."""
    parts = code.split(".")
    for at in range(len(parts), 0, -1):
        yield ".".join(parts[:at])


def _values(text: str) -> list[str]:
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [str(one) for one in held] if isinstance(held, list) else []


def _chance(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None

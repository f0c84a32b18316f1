"""Workbooks for people who code in a spreadsheet: one for each coder, with the codebook beside the units and the design kept out of sight."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, Decision, in_language
from yuhu.formats.cells import safe_cell
from yuhu.formats.exchange import Exchange, Losses, Writing, Written, checked, file_stem, free_name, with_unit_columns
from yuhu.formats.sheets_layout import (
    ABSTAINS,
    CODEBOOK,
    FIRST_ROW,
    HIDDEN,
    ID_ROW,
    KEPT,
    LISTS,
    LONGEST_CELL,
    UNITS,
    VERSION,
    checksum,
    text_hash,
    words,
)  # fmt: skip
from yuhu.formats.xml_trees import Ink

MOST_UNITS = 100_000
"""Units of one workbook: more than a coder can code, less than a spreadsheet can show."""

_LOST = ("at", "evidence", "video_id", "start_ms", "end_ms")

Row = Mapping[str, Any]


def write_sheets(exchange: Exchange, how: Writing) -> Written:
    """A workbook for each coder: units with a column for each decision, the codebook in the coder's language, and a hidden sheet with the design.

    Parameters
    ----------
    exchange : Exchange
        ``units`` may have ``chance``, ``stratum``, ``sample`` … (`sheets_layout.KEPT`), which come back with the sheet, and ``coder``: then each coder
        gets their own units. Codings of a coder are filled in.
    how : Writing
        ``coders``, else those who have coded; ``context`` columns stand beside the text; ``design`` is kept.

    Returns
    -------
    Written
        Files ``NAME-CODER.xlsx``. No cell is a formula.

    Raises
    ------
    YuhuError
        YH303 more units than a workbook takes; YH401 no code is decided on messages; YH503 a coding is not understood.
    """
    losses = Losses()
    codings = checked(exchange.codings)
    decisions = [one for one in exchange.book.decisions.values() if _unit(exchange.book, one) != "span"]
    if not decisions:
        raise YuhuError("YH401", "no code is decided on messages", facts={"format": "workbook"}, fix="add a code with unit: response")
    people = codings.filter(pl.col("coder_kind") == "human")
    losses.add("codings", "sheets are for people", count=codings.height - people.height)
    coders = list(how.coders) or people["coder"].unique().sort().to_list() or [""]
    losses.add("codings", "no sheet is made for their coder", count=people.filter(~pl.col("coder").is_in(coders)).height)
    files: dict[str, bytes] = {}
    for coder in coders:
        units = with_unit_columns(exchange.units)
        if "coder" in units.columns:
            units = units.filter(pl.col("coder") == coder).drop("coder")
        if units.height > MOST_UNITS:
            facts = {"units": units.height, "at most": MOST_UNITS}
            raise YuhuError(
                "YH303", "a workbook does not take so many units", facts=facts, fix="draw a smaller sample, or code at the desk"
            )
        mine = people.filter(pl.col("coder") == coder)
        name = free_name(file_stem(f"{how.name}-{coder}" if coder else how.name), files, ".xlsx")
        files[name] = _Workbook(exchange.book, decisions, units, mine, coder, how, Ink(losses)).written()
    losses.add("terms of the lexicon", "a sheet has no place for them", count=sum(draft.words for draft in exchange.book.codes))
    return Written(files, losses.listed())


def _unit(book: BookDraft, decision: Decision) -> str:
    draft = book.draft(decision.id)
    return draft.unit if draft else ""


@dataclass
class _Workbook:
    book: BookDraft
    decisions: list[Decision]
    units: pl.DataFrame
    codings: pl.DataFrame
    coder: str
    how: Writing
    ink: Ink
    formats: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the texts fit for cells."""
        self.texts = [self._shown(unit) for unit in self.units.iter_rows(named=True)]

    def written(self) -> bytes:
        import xlsxwriter  # type: ignore[import-untyped, unused-ignore]

        out = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.file = xlsxwriter.Workbook(out, options)
        self.file.set_properties({"created": self.how.at, "author": "yuhu"})
        looks: dict[str, dict[str, Any]] = {
            "head": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#e8eef4", "border": 1},
            "id": {"font_color": "#808080", "font_size": 8, "bg_color": "#e8eef4"},
            "cell": {"text_wrap": True, "valign": "top"},
            "quoted": {"text_wrap": True, "valign": "top", "quote_prefix": True},
            "open": {"locked": False, "valign": "top", "bg_color": "#fffdf2", "border": 1, "border_color": "#d8d4c0"},
        }
        self.formats = {name: self.file.add_format(look) for name, look in looks.items()}
        sheets = {name: self.file.add_worksheet(name) for name in (UNITS, CODEBOOK, LISTS, HIDDEN)}
        self._units(sheets[UNITS], sheets[LISTS])
        self._codebook(sheets[CODEBOOK])
        self._hidden(sheets[HIDDEN])
        for name in (LISTS, HIDDEN):
            sheets[name].very_hidden()
        for sheet in sheets.values():
            sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True, "sort": True})
        self.file.close()
        return out.getvalue()

    def _units(self, sheet: Any, lists: Any) -> None:
        said = words(self.how.lang)
        context = [name for name in self.how.context if name in self.units.columns]
        fixed = ["unit_id", "text", *context]
        for column, name in enumerate(fixed):
            self._string(sheet, 0, column, said.get(name, name), "head")
            self._string(sheet, ID_ROW, column, name, "id")
        for at, decision in enumerate(self.decisions):
            self._decision(sheet, lists, len(fixed) + at, at, decision)
        last = len(fixed) + len(self.decisions)
        self._string(sheet, 0, last, said["note"], "head")
        self._string(sheet, ID_ROW, last, "note", "id")
        filled = self._filled()
        for at, unit in enumerate(self.units.iter_rows(named=True)):
            self._row(sheet, FIRST_ROW + at, unit, fixed, filled.get(str(unit["unit_id"]), {}))
        sheet.freeze_panes(FIRST_ROW, 2)
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 60)
        sheet.set_column(2, len(fixed) - 1, 16)
        sheet.set_column(len(fixed), last, 16, self.formats["open"])

    def _decision(self, sheet: Any, lists: Any, column: int, at: int, decision: Decision) -> None:
        said = words(self.how.lang)
        self._string(sheet, 0, column, in_language(decision.label, self.how.lang, decision.id), "head")
        self._string(sheet, ID_ROW, column, decision.id, "id")
        values = [f"{value.id} = {in_language(value.label, self.how.lang, value.id)}" for value in decision.values]
        note = "\n".join(part for part in (self.book.definition_of(decision.id, self.how.lang), *values, said["empty"]) if part)
        sheet.write_comment(0, column, self.ink(note)[:LONGEST_CELL], {"author": "yuhu", "x_scale": 3, "y_scale": 4})
        offered = [value.id for value in decision.values]
        if not offered or not self.units.height:
            return
        offered += [ABSTAINS] if ABSTAINS not in offered else []
        for row, value in enumerate(offered):
            self._value(lists, row, at, value, "cell")
        source = f"={LISTS}!{_column(at)}$1:{_column(at)}${len(offered)}"
        hint = " \u00b7 ".join([*values, said["abstains"]])
        rule = {"validate": "list", "source": source, "error_message": said["wrong"], "error_type": "stop"}
        rule |= {"input_message": self.ink(hint)[:250]}
        sheet.data_validation(FIRST_ROW, column, FIRST_ROW + self.units.height - 1, column, rule)

    def _row(self, sheet: Any, row: int, unit: Row, fixed: list[str], filled: Mapping[str, str]) -> None:
        for column, name in enumerate(fixed):
            shown = self.texts[row - FIRST_ROW] if name == "text" else "" if unit[name] is None else str(unit[name])
            self._string(sheet, row, column, shown, "cell")
        for at, name in enumerate([*(decision.id for decision in self.decisions), "note"]):
            if name in filled:
                self._value(sheet, row, len(fixed) + at, filled[name], "open")

    def _filled(self) -> dict[str, dict[str, str]]:
        """What the coder has coded, by unit and decision."""
        known = set(self.units["unit_id"].drop_nulls())
        values = {decision.id: {value.id for value in decision.values} for decision in self.decisions}
        found: dict[str, dict[str, str]] = {}
        notes: dict[str, set[str]] = {}
        for row in self.codings.sort("at", maintain_order=True).iter_rows(named=True):
            why = self._unfit(row, known, values)
            cells = found.setdefault(str(row["unit_id"]), {})
            if why:
                self.ink.losses.add("codings", why, first=str(row["unit_id"]))
                continue
            self.ink.losses.add("codings", "the coder coded the unit again later", count=row["code"] in cells)
            cells[row["code"]] = ABSTAINS if row["status"] == "abstained" else row["value"]
            for name in _LOST:
                self.ink.losses.add(f"column {name}", "a sheet has no place for it", count=row[name] is not None)
            if row["note"]:
                notes.setdefault(str(row["unit_id"]), set()).add(row["note"])
        for unit, held in notes.items():
            found[unit]["note"] = min(held)
            self.ink.losses.add("notes on codings", "a sheet has one for each unit", count=len(held) - 1)
        return found

    def _unfit(self, row: Row, known: set[str], values: Mapping[str, set[str]]) -> str:
        if row["unit_kind"] == "span" or row["unit_id"] not in known:
            return "their unit is not in the sheet"
        if row["code"] not in values:
            return "no column of the sheet is their code"
        if row["status"] not in {"coded", "abstained"}:
            return "a sheet knows no such status"
        held = values[row["code"]]
        if row["status"] == "abstained":
            return "the sign for it is a value of the code" if ABSTAINS in held else "" if held else "an open column has no sign for it"
        return "" if (row["value"] in held if held else bool(row["value"].strip())) else "the code has no such value"

    def _codebook(self, sheet: Any) -> None:
        said, lang = words(self.how.lang), self.how.lang
        heads = ("code", "label", "values", "definition", "include", "exclude", "examples", "near_misses")
        for column, name in enumerate(heads):
            self._string(sheet, 0, column, said[name], "head")
        row = 1
        for draft in self.book.codes:
            for decision in draft.decisions() if draft.unit != "span" else ():
                values = "\n".join(f"{value.id} = {in_language(value.label, lang, value.id)}" for value in decision.values)
                rules = ["\n".join(in_language(text, lang) for text in texts) for texts in (draft.include, draft.exclude)]
                shown = [
                    "\n".join(f"{one.text} \u2192 {one.value}: {in_language(one.why, lang)}" for one in held if one.lang == lang)
                    for held in (draft.examples, draft.near_misses)
                ]
                cells = (decision.id, in_language(decision.label, lang), values, in_language(draft.definition, lang), *rules, *shown)
                for column, text in enumerate(cells):
                    self._string(sheet, row, column, text, "cell")
                row += 1
        sheet.freeze_panes(1, 2)
        sheet.set_column(0, 1, 22)
        sheet.set_column(2, 2, 28)
        sheet.set_column(3, len(heads) - 1, 50)

    def _hidden(self, sheet: Any) -> None:
        hashes = [[f"hash of {draft.id}", draft.code_hash] for draft in self.book.codes if draft.code_hash]
        facts = [["yuhu codings", VERSION], ["coder", self.coder], ["codebook", self.book.id], ["codebook_hash", self.book.content_hash]]
        facts += [["language", self.how.lang], ["design", self.how.design], *hashes]
        facts += [[f"values of {one.id}", json.dumps([value.id for value in one.values])] for one in self.decisions]
        kept = [name for name in KEPT if name in self.units.columns]
        units = [["unit_id", "video_id", "text_hash", *kept]]
        for unit, text in zip(self.units.iter_rows(named=True), self.texts, strict=True):
            shown = ["" if unit[name] is None else str(unit[name]) for name in kept]
            own = [self.ink(str(unit["unit_id"] or "")), self.ink(str(unit["video_id"] or ""))]
            units.append([*own, text_hash(text), *map(self.ink, shown)])
        rows = [[self.ink(cell) for cell in row] for row in (*facts, *units)]
        for at, row in enumerate([*rows, ["check", checksum(rows)]]):
            for column, cell in enumerate(row):
                self._string(sheet, at, column, cell, "cell")

    def _shown(self, unit: Row) -> str:
        text = self.ink(unit["text"] or "")
        kept = _cut(text)
        is_cut = kept != text
        self.ink.losses.add("ends of long texts", f"a cell holds {LONGEST_CELL:,} UTF-16 units", first=str(unit["unit_id"]), count=is_cut)
        return kept

    def _string(self, sheet: Any, row: int, column: int, text: str, look: str) -> None:
        kept = _cut(self.ink(text))
        is_risky = look == "cell" and safe_cell(kept) != kept
        sheet.write_string(row, column, kept, self.formats["quoted" if is_risky else look])

    def _value(self, sheet: Any, row: int, column: int, value: str, look: str) -> None:
        """A value; a number as one, so that what a coder types is in the list."""
        if value.lstrip("-").isdigit() and value.isascii() and str(int(value)) == value and len(value) < 10:
            sheet.write_number(row, column, int(value), self.formats[look])
        else:
            self._string(sheet, row, column, value, look)


def _cut(text: str) -> str:
    """As much of a text as a cell holds; astral characters count twice there."""
    return text if len(text) <= LONGEST_CELL // 2 else text.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")


def _column(at: int) -> str:
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(65 + rest) + letters
    return f"${letters}"

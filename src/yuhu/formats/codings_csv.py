"""Codings as CSV: written for a spreadsheet and for R, read in whatever delimiter, encoding and shape they come."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.formats.cells import plain_cell, safe_cell
from yuhu.formats.codings_tables import Cells, read_table
from yuhu.formats.exchange import Exchange, Losses, Reading, Writing, Written, checked, file_stem

MOST_BYTES = 1 << 30

_ALWAYS = {"unit_id": "unit", "coder": "coder", "code": "code", "value": "value", "status": "status"}
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 30
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def write_csv(exchange: Exchange, how: Writing) -> Written:
    """Codings as one long table: ``unit, coder, code, value, status``, and the other columns where any coding has them.

    Returns
    -------
    Written
        One file in UTF-8 with a byte-order mark, which spreadsheets need. Cells that could be run as formulas get an apostrophe.

    Raises
    ------
    YuhuError
        YH503 a coding is not understood.
    """
    losses = Losses()
    codings = checked(exchange.codings)
    inferred = pl.when(pl.col("unit_id").is_not_null() & (pl.col("unit_id") != "")).then(pl.lit("response")).otherwise(pl.lit("span"))
    follows = {
        "unit_kind": codings.filter(pl.col("unit_kind") != inferred).height == 0,
        "coder_kind": (codings["coder_kind"] == "human").all(),
    }
    others = [name for name in codings.columns if name not in _ALWAYS and codings[name].count() and not follows.get(name, False)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_ALWAYS.values(), *(name.removesuffix("_id") if name == "video_id" else name for name in others)])
    for row in codings.select(*_ALWAYS, *others).iter_rows():
        writer.writerow([_cell(value, losses) for value in row])
    losses.add("texts of units", "a table of codings names units by their ids", count=exchange.units.height)
    losses.add("codes with their definitions", "a table of codings names codes by their ids", count=len(exchange.book.codes))
    content = b"\xef\xbb\xbf" + out.getvalue().encode()
    return Written({f"{file_stem(how.name)}.csv": content}, losses.listed())


def _cell(value: object, losses: Losses) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        losses.add("texts that are empty", "they are read as not there", count=value == "")
        if (legal := value.encode("utf-8", "replace").decode()) != value:
            losses.add("texts with halves of characters", "UTF-8 cannot hold them")
        return safe_cell(legal)
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z") if hasattr(value, "isoformat") else value


def read_csv(content: bytes, reading: Reading) -> Exchange:
    """Codings of a table, long or wide; see `codings_tables.read_table`.

    Raises
    ------
    YuhuError
        YH101 empty; YH102 no units or no values; YH105 neither UTF-8 nor another encoding that can be told; YH106 not a table.
    """
    text, encoding = _decoded(content, reading.name)
    if not text.strip():
        raise YuhuError("YH101", f"`{reading.name}` is empty", fix="export it again")
    delimiter = _delimiter(text)
    strips = _is_spaced(text, delimiter)
    rows = _rows(text, delimiter, strips=strips, name=reading.name)
    _, header = next(rows, ("", []))
    found = read_table(Cells(header, rows, decimal_comma=delimiter in ";\t"), reading)
    notes = (f"read as {encoding}",) if encoding not in {"utf-8", "utf-8-sig"} else ()
    return replace(found, notes=(*notes, *found.notes))


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """The text and its encoding: UTF-8 or UTF-16 by mark, UTF-8, GB 18030 if it then reads as Chinese, else Windows-1252."""
    if len(content) > MOST_BYTES:
        facts = {"bytes": len(content), "at most": MOST_BYTES}
        raise YuhuError("YH109", f"`{name}` is larger than any table of codings", facts=facts, fix="split it")
    marked = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or all(sign < "\x80" or "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" for sign in text):
            return text, encoding
    raise YuhuError("YH105", f"`{name}` is in an encoding that cannot be told", facts={"expected": "UTF-8"}, fix="save it as CSV UTF-8")


def _delimiter(text: str) -> str:
    """The delimiter that splits the first rows into the most columns, the same number in each."""

    def fit(delimiter: str) -> tuple[bool, float]:
        rows = list(islice((row for _, row in _rows(text[: 1 << 18], delimiter, strips=False, name="")), _SAMPLE))
        width = len(rows[0]) if rows else 0
        even = sum(len(row) == width for row in rows) / max(len(rows), 1)
        return width > 1, even * width

    return max(_DELIMITERS, key=fit)


def _is_spaced(text: str, delimiter: str) -> bool:
    """Whether a space follows each delimiter of the header, as people type it."""
    _, header = next(_rows(text[: 1 << 16], delimiter, strips=False, name=""), ("", []))
    return len(header) > 1 and all(cell[:1] == " " for cell in header[1:])


def _rows(text: str, delimiter: str, *, strips: bool, name: str) -> Iterator[tuple[str, list[str]]]:
    """Rows with the line on which they begin."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=strips)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if not name:
                return
            facts = {"line": line, "found": str(error)}
            raise YuhuError("YH106", f"`{name}` is no table", facts=facts, fix="look for a quotation mark that is not closed") from error
        cells = [plain_cell(cell) for cell in row]
        yield f"line {line}", [cell.strip() for cell in cells] if strips else cells

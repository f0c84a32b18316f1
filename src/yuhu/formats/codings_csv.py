"""Codings as CSV: written for a spreadsheet and for R, read in whatever delimiter, encoding and shape they come."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.formats.cells import plain_cell, safe_cell
from yuhu.formats.codings_tables import Cells, Row, read_table
from yuhu.formats.exchange import Exchange, Losses, Reading, Writing, Written, checked, file_stem

MOST_BYTES = 1 << 30

csv.field_size_limit(1 << 27)  # the limit is one for the whole process; `sources.reading` sets it likewise

_ALWAYS = {"unit_id": "unit", "coder": "coder", "code": "code", "value": "value", "status": "status"}
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE, _SAMPLED = 30, 1 << 16
_MOST_BROKEN = 50
"""Rows with quotation marks that do not fit: each costs a look at all that follows."""

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
    place, header = next(rows, ("", []))
    if isinstance(header, str):
        raise YuhuError("YH106", f"`{reading.name}` is no table", facts={"place": place, "found": header}, fix="mend its first line")
    found = read_table(Cells(header, rows, decimal_comma=delimiter in ";\t"), reading)
    notes = (f"read as {encoding}",) if encoding not in {"utf-8", "utf-8-sig"} else ()
    return replace(found, notes=(*notes, *found.notes))


def _decoded(content: bytes, name: str) -> tuple[str, str]:
    """The text and its encoding: UTF-8 or UTF-16 by mark, UTF-8, GB 18030 if it then reads as common Chinese, else Windows-1252."""
    if len(content) > MOST_BYTES:
        facts = {"bytes": len(content), "at most": MOST_BYTES}
        raise YuhuError("YH109", f"`{name}` is larger than any table of codings", facts=facts, fix="split it")
    marked = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), None)
    for encoding in [marked] if marked else ["utf-8", "gb18030", "cp1252"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _is_chinese(text):
            return text, encoding
    raise YuhuError("YH105", f"`{name}` is in an encoding that cannot be told", facts={"expected": "UTF-8"}, fix="save it as CSV UTF-8")


def _is_chinese(text: str) -> bool:
    """Whether most of the signs are common Chinese ones: letters with accents, taken in pairs, make rare ones."""
    signs = [sign for sign in text if sign > "\x7f"][:2000]
    return sum(_is_common(sign) for sign in signs) >= 0.8 * len(signs)


def _is_common(sign: str) -> bool:
    try:
        return bool(sign.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _delimiter(text: str) -> str:
    """The delimiter that splits the first rows into the most columns, the same number in each."""
    sample = text[:_SAMPLED]

    def fit(delimiter: str) -> tuple[bool, float]:
        rows = list(islice((row for _, row in _rows(sample, delimiter, strips=False, name="") if isinstance(row, list)), _SAMPLE))
        width = len(rows[0]) if rows else 0
        even = sum(len(row) == width for row in rows) / max(len(rows), 1)
        return width > 1, even * width

    return max(_DELIMITERS, key=fit)


def _is_spaced(text: str, delimiter: str) -> bool:
    """Whether a space follows each delimiter of the header, as people type it."""
    _, header = next(_rows(text[:_SAMPLED], delimiter, strips=False, name=""), ("", []))
    return isinstance(header, list) and len(header) > 1 and all(cell[:1] == " " for cell in header[1:])


def _rows(text: str, delimiter: str, *, strips: bool, name: str) -> Iterator[Row]:
    """Rows with the line on which they begin; a row whose quotation marks do not fit is the reason, and the next line begins a new one.

    Without a name they are rows of a guess, which ends where too many do not fit.
    """
    lines = list(io.StringIO(text, newline=""))
    first, broken = 0, 0
    while first < len(lines):
        reader = csv.reader(islice(lines, first, None), delimiter=delimiter, skipinitialspace=strips, strict=True)
        while True:
            begin = first + reader.line_num
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                broken += 1
                if broken > _MOST_BROKEN and not name:
                    return
                if broken > _MOST_BROKEN:
                    facts = {"line": begin + 1, "found": str(error)}
                    raise YuhuError(
                        "YH106", f"`{name}` is no table", facts=facts, fix="look for quotation marks that are not closed"
                    ) from error
                yield f"line {begin + 1}", "its quotation marks do not fit"
                first = begin + 1
                break
            cells = [plain_cell(cell) for cell in row]
            yield f"line {begin + 1}", [cell.strip() for cell in cells] if strips else cells

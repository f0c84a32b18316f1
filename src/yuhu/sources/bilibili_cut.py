"""A danmaku file cut at its tags: several times faster than parsing, and taken only where it must give the same.

That is so where the file is one head, then ``<d p="…">text</d>`` again and again with the same white space between (or none), then the end of the
root; with no other tag, no declaration but the first, no carriage return, and no line end inside a text. Anything else is left to the parser.
"""

import io
import re
from pathlib import Path

import polars as pl

FIELDS = 8
LARGEST = 64 << 20

_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_OPEN, _CLOSE = b'<d p="', b"</d>"
_REFERENCE = re.compile(r"&(#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos);")
_LOOSE = re.compile(r"&(?!(?:#[0-9]{1,7}|#x[0-9a-fA-F]{1,6}|lt|gt|amp|quot|apos);)")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_TAIL = re.compile(rb"\s*</i>\s*$")


def cut_danmaku(path: Path) -> tuple[bytes, pl.DataFrame, int] | None:
    """Head, danmaku and the number of control characters left out; None where only a parser may read the file.

    Parameters
    ----------
    path : Path
        A file in UTF-8.

    Returns
    -------
    tuple of bytes, pl.DataFrame, int
        The head as a whole document (without danmaku), a frame of ``f0 … f8`` (parts of ``p``) and ``text``, and a count.

    Notes
    -----
    O(bytes), about 80 MB/s; memory about six times the file, which is at most 64 MiB.
    """
    if path.stat().st_size > LARGEST:
        return None
    content = path.read_bytes()
    cleaned = content.translate(None, _CONTROL)
    first, last = cleaned.find(_OPEN), cleaned.rfind(_CLOSE)
    if first < 0 or last < first:
        return None
    head, body, tail = cleaned[:first].removeprefix(b"\xef\xbb\xbf"), cleaned[first + len(_OPEN) : last], cleaned[last + len(_CLOSE) :]
    if not _TAIL.match(tail) or b"<!" in head or b"\r" in cleaned or b"]]>" in body:
        return None
    between = body[body.find(_CLOSE) + len(_CLOSE) :] if _CLOSE in body else _OPEN
    space = between[: between.find(_OPEN)]
    if space.strip(b" \t\n"):
        return None
    seam = _CLOSE + space + _OPEN
    n = body.count(seam) + 1
    if body.count(b"<") != 2 * (n - 1):
        return None
    lines = body.replace(seam, b"\x01")
    if b"\n" in lines or lines.count(b'">') < n:
        return None
    frame = _frame(lines, n)
    return None if frame is None else (head + b"</i>", frame, len(content) - len(cleaned))


def _frame(lines: bytes, n: int) -> pl.DataFrame | None:
    try:
        rows = pl.read_csv(
            io.BytesIO(lines.replace(b"\x01", b"\n")),
            has_header=False,
            separator="\x02",
            quote_char=None,
            schema={"line": pl.String},
            truncate_ragged_lines=False,
        )
    except pl.exceptions.PolarsError:
        return None
    if rows.height != n:
        return None
    parts = rows.select(pl.col("line").str.splitn('">', 2).struct.rename_fields(["p", "text"]).alias("parts")).unnest("parts")
    p, text = pl.col("p"), pl.col("text")
    odd = parts.select((text.is_null() | p.str.contains('["&<>\t]')).any()).item()
    if odd:
        return None
    fields = p.str.replace_all(" ", "", literal=True).str.splitn(",", FIELDS + 1)
    named = fields.struct.rename_fields([f"f{at}" for at in range(FIELDS + 1)]).alias("fields")
    frame = parts.select(named, "text").unnest("fields")
    return _resolved(frame)


def _resolved(frame: pl.DataFrame) -> pl.DataFrame | None:
    """Texts with their references resolved; None where one is none of XML's own or names a character that XML forbids."""
    held = frame["text"].str.contains("&", literal=True)
    if not held.any():
        return frame
    places = held.arg_true()
    texts: list[str] = []
    for text in frame["text"].gather(places):
        if _LOOSE.search(text):
            return None
        try:
            texts.append(_REFERENCE.sub(_character, text))
        except ValueError:
            return None
    return frame.with_columns(frame["text"].scatter(places, texts))


def _character(found: re.Match[str]) -> str:
    name = found.group(1)
    if name in _NAMED:
        return _NAMED[name]
    number = int(f"0{name[1:]}", 0) if name[1] == "x" else int(name[1:])
    if number < 0x20 or 0xD800 <= number <= 0xDFFF or number in {0xFFFE, 0xFFFF} or number > 0x10FFFF:
        raise ValueError(name)
    return chr(number)

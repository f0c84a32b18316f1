"""Bilibili: danmaku XML, and comments as a column-oriented JSON."""

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from xml.parsers import expat

import polars as pl

from yuhu.core.clock import WALL, epoch_ms, wall_from_text
from yuhu.core.contracts import Batch, Facts, Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.reading import BATCH, as_text, clean, load_json, opened, reject, whole, wrong_encoding

PLATFORM = "bilibili"
ZONE = "Asia/Shanghai"

_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_BAD_REFERENCE = re.compile(rb"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[12]|1[4-9]|2[0-9]|3[01]));")
_CHUNK = 1 << 20
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)[\"']")
_REFERENCE_BYTES = 16
_LONGEST_MS = 48 * 3600 * 1000
_FIELDS = 8
_POSITIONED = "7"
_ORDINARY_MODES = frozenset({"", "1", "2", "3", "4", "5", "6"})
_ORDINARY_POOLS = frozenset({"", "0"})
_ROW: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "at_ms": pl.Int64,
    "sent_at": WALL,
    "author": pl.String,
    "native": pl.String,
    "is_special": pl.Boolean,
}
_DAY_S = 86_400
_SHANGHAI_S = 8 * 3600


class BilibiliDanmakuXml:
    """Danmaku XML (``<i> … <d p="…">text</d> … </i>``), streamed with expat; 8, 9 or more fields in ``p``, any line layout."""

    name = "bilibili_danmaku_xml.v1"
    label: Mapping[str, str] = {"en": "Bilibili danmaku XML", "zh": "B站弹幕 XML"}

    def sniff(self, head: Head) -> float:
        """Look for the root ``<i>`` with ``<d p=`` or ``<chatid>``."""
        start = head.text
        if not start.lstrip().startswith("<"):
            return 0.0
        if re.search(r"<i[\s>]", start) and ("<d p=" in start or "<chatid>" in start or "<chatserver>" in start):
            return 0.95
        return 0.3 if start.lstrip().startswith("<?xml") or head.name.lower().endswith(".xml") else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Danmaku with media time and sending time.

        Raises
        ------
        YuhuError
            YH105 not UTF-8; YH106 not well-formed before the end; YH109 an entity declaration.
        """
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        reader = _XmlReader(replace(origin, encoding=origin.encoding or _declared(origin)))
        seen = 0
        for texts in reader.batches():
            video = reader.video(facts)
            batch = _danmaku_batch(texts, reader.first, video)
            seen += batch.seen
            yield batch
        if reader.cut_off is not None:
            facts.truncated("the file ends in the middle: download it again")
            yield Batch(1, 0, [reject("end of file", "the file ends inside a record", reader.cut_off)])
        if reader.illegal:
            facts.notes.append(f"{reader.illegal} illegal control characters removed")
        if reader.max_limit and seen >= reader.max_limit:
            facts.truncated(f"{seen:,} rows with a maxlimit of {reader.max_limit:,}: the latest survivors of a rolling pool, a sample")
        if reader.state == "1":
            facts.notes.append("the platform had closed the danmaku of this video")


@dataclass
class _XmlReader:
    origin: Origin
    ps: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    first: int = 1
    illegal: int = 0
    cut_off: str | None = None
    max_limit: int = 0
    state: str = ""
    chat: str = ""

    def batches(self) -> Iterator[tuple[list[str], list[str]]]:
        parser = self._parser()
        try:
            for chunk in self._chunks():
                parser.Parse(chunk, False)
                if len(self.ps) >= BATCH:
                    yield self._flush()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._at_error(error, parser)
        if self.ps or self.first == 1:
            yield self._flush()

    def _flush(self) -> tuple[list[str], list[str]]:
        taken = (self.ps[: len(self.texts)], self.texts)
        del self.ps[: len(self.texts)]  # in place: the parser holds on to this list
        self.texts = []
        self.first += len(taken[0])
        return taken

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8" if self.origin.encoding else None)
        parser.buffer_text = True
        inside: list[str] = []
        head: dict[str, str] = {}
        add_p, join = self.ps.append, "".join

        def start(name: str, attributes: dict[str, str]) -> None:
            if inside:
                inside.clear()
            if name == "d":
                add_p(attributes.get("p", ""))

        def end(name: str) -> None:
            if name == "d":
                self.texts.append(join(inside))
            elif name in {"chatid", "maxlimit", "state"}:
                head[name] = join(inside).strip()
                self.chat, self.state = head.get("chatid", ""), head.get("state", "")
                self.max_limit = whole(head.get("maxlimit")) or 0
            if inside:
                inside.clear()

        def entity(name: str, *_: object) -> None:
            raise YuhuError(
                "YH109",
                f"`{self.origin.name}` declares an XML entity",
                facts={"entity": name[:40], "expected": "no document type"},
                fix="do not import this file: platforms do not write entities",
            )

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = inside.append
        parser.EntityDeclHandler = entity
        return parser

    def _chunks(self) -> Iterator[bytes]:
        if self.origin.encoding:
            with opened(self.origin) as file:
                while text := file.read(_CHUNK):
                    yield self._legal(_DECLARATION.sub("", text, count=1).encode())
            return
        held = b""
        with self.origin.path.open("rb") as raw:
            while chunk := raw.read(_CHUNK):
                joined = held + chunk
                cut = joined.rfind(b"&", len(joined) - _REFERENCE_BYTES)
                held = joined[cut:] if cut >= 0 else b""
                yield self._legal(joined[:cut] if cut >= 0 else joined)
        yield self._legal(held)

    def _legal(self, chunk: bytes) -> bytes:
        cleaned = chunk.translate(None, _CONTROL)
        self.illegal += len(chunk) - len(cleaned)
        if b"&#" in cleaned:
            cleaned, references = _BAD_REFERENCE.subn(b"", cleaned)
            self.illegal += references
        return cleaned

    def _at_error(self, error: expat.ExpatError, parser: expat.XMLParserType) -> None:
        names = expat.errors.codes
        unfinished = {
            names[expat.errors.XML_ERROR_NO_ELEMENTS],
            names[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
            names[expat.errors.XML_ERROR_PARTIAL_CHAR],
            names[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        }
        if error.code in unfinished and (self.ps or self.first > 1):
            self.cut_off = self.ps[-1] if len(self.ps) > len(self.texts) else "no closing tag"
            del self.ps[len(self.texts) :]
            return
        if error.code in {names[expat.errors.XML_ERROR_INVALID_TOKEN], names[expat.errors.XML_ERROR_BAD_CHAR_REF]} and not _is_utf8(
            self.origin
        ):
            raise wrong_encoding(self.origin, parser.ErrorByteIndex) from error
        raise YuhuError(
            "YH106",
            f"`{self.origin.name}` is not well-formed XML",
            facts={"line": error.lineno, "column": error.offset, "found": expat.ErrorString(error.code)},
            fix="download it again; a half-saved web page is not danmaku XML",
        ) from error

    def video(self, facts: Facts) -> str:
        if self.origin.video:
            facts.video_from = "--video"
            return self.origin.video
        if self.chat and self.chat != "0":
            facts.video_from = "chatid in the file"
            return self.chat
        facts.video_from = "file name"
        return self.origin.stem


def _declared(origin: Origin) -> str | None:
    """The encoding that the XML declaration names, where expat does not read it itself."""
    with origin.path.open("rb") as file:
        found = _DECLARED.match(file.read(200).lstrip(b"\xef\xbb\xbf"))
    name = found.group(1).decode("ascii").lower() if found else "utf-8"
    try:
        return None if codecs.lookup(name).name in {"utf-8", "ascii", "iso8859-1", "utf-16"} else name
    except LookupError:
        return None


def _is_utf8(origin: Origin) -> bool:
    try:
        origin.path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _danmaku_batch(taken: tuple[list[str], list[str]], after: int, video: str) -> Batch:
    """Some danmaku as rows; bad ones become rejects."""
    ps, texts = taken
    first = after - len(ps)
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for at, (p, raw) in enumerate(zip(ps, texts, strict=True)):
        row = _row(p, raw)
        if isinstance(row, str):
            rejects.append(reject(f"record {first + at}", row, f"{p}|{raw}"))
        else:
            rows.append(row)
    columns = dict(zip(_ROW, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_ROW, ())
    n = len(rows)
    constant = {
        "platform": PLATFORM,
        "video": video,
        "fork": "danmaku",
        "kind": "danmaku",
        "sent_at_precision_s": _precision(columns["sent_at"]),
    }
    frame = pl.DataFrame({**columns, **{name: [value] * n for name, value in constant.items()}}, schema_overrides=_ROW)
    return Batch(len(ps), n, rejects, responses=frame)


def _row(p: str, raw: str) -> tuple[Any, ...] | str:
    """A danmaku as a row, or why it is none."""
    parts = (p.replace(" ", "") if " " in p else p).split(",")
    if len(parts) < _FIELDS:
        return f"p has {len(parts)} fields, expected 8 or more"
    try:
        ms = float(parts[0]) * 1000
    except ValueError:
        return "media time is no number"
    if not 0 <= ms <= _LONGEST_MS:
        return "media time is no number" if ms != ms else "media time lies outside 0 to 48 hours"  # noqa: PLR0124 - only NaN differs from itself
    mode, native = parts[1], parts[7]
    text = _visible(raw) if mode == _POSITIONED else raw.strip()
    if not text:
        return "no text"
    is_special = mode not in _ORDINARY_MODES or parts[5] not in _ORDINARY_POOLS
    return text, round(ms), epoch_ms(parts[4]), parts[6] or None, native if native not in {"", "0"} else None, is_special


def _visible(raw: str) -> str:
    """The text as shown: a positioned danmaku (mode 7) is a JSON array with the text as its fifth element."""
    try:
        parts = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return raw.strip()
    return clean(str(parts[4])) if isinstance(parts, list) and len(parts) > 4 else raw.strip()


def _precision(sent_ms: Sequence[int | None]) -> int:
    """One second, or a day where every time is a local midnight (some dumps round)."""
    known = [ms for ms in sent_ms if ms is not None]
    rounded = len(known) > 1 and not any((ms // 1000 + _SHANGHAI_S) % _DAY_S for ms in known)
    return _DAY_S if rounded else 1


class BilibiliCommentColumns:
    """Comments as one JSON object of columns: ``date``, ``level``, ``text``, ``like`` (naive times in Asia/Shanghai; no ids, no names)."""

    name = "bilibili_comment_columns.v1"
    label: Mapping[str, str] = {"en": "Bilibili comments, column-oriented JSON", "zh": "B站评论（按列 JSON）"}

    def sniff(self, head: Head) -> float:
        """An object that starts with a list under one of the four columns."""
        return 0.9 if re.match(r'\s*\{\s*"(date|level|text|like)"\s*:\s*\[', head.text) else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Comments of one video.

        Raises
        ------
        YuhuError
            YH102 no column of texts; YH106 columns of different lengths, or no JSON.
        """
        facts.what, facts.platform = "comments", origin.platform or PLATFORM
        facts.video_from = "--video" if origin.video else "file name"
        columns = load_json(origin)
        if not isinstance(columns, dict) or not isinstance(columns.get("text"), list):
            found = ", ".join(columns) if isinstance(columns, dict) else type(columns).__name__
            raise YuhuError("YH102", f"`{origin.name}` has no column `text`", facts={"found": found}, fix="export it again, or use --map")
        odd = [name for name in ("date", "like") if not isinstance(columns.get(name, []), list)]
        if odd:
            raise YuhuError(
                "YH106",
                f"column `{odd[0]}` of `{origin.name}` is no list",
                facts={"found": type(columns[odd[0]]).__name__},
                fix="export it again",
            )
        lengths = {name: len(column) for name, column in columns.items() if isinstance(column, list)}
        if len(set(lengths.values())) > 1:
            raise YuhuError(
                "YH106",
                f"`{origin.name}` has columns of different lengths",
                facts=lengths,
                fix="export it again: rows cannot be told apart",
            )
        yield self._batch(columns, origin)

    def _batch(self, columns: dict[str, list[object]], origin: Origin) -> Batch:
        n = len(columns["text"])
        rejects: list[Reject] = []
        texts: list[str] = []
        keep: list[int] = []
        for at, text in enumerate(columns["text"]):
            cleaned = clean(text) if isinstance(text, str) else ""
            if cleaned:
                keep.append(at)
                texts.append(cleaned)
            else:
                rejects.append(reject(f"record {at + 1}", "no text", text))
        dates, likes = columns.get("date") or [None] * n, columns.get("like") or [None] * n
        frame = pl.DataFrame(
            {
                "text": texts,
                "date": [as_text(dates[at]) for at in keep],
                "likes": [whole(likes[at]) for at in keep],
            },
            schema={"text": pl.String, "date": pl.String, "likes": pl.Int64},
        )
        rows = frame.select(
            platform=pl.lit(PLATFORM),
            video=pl.lit(origin.video or origin.stem),
            fork=pl.lit("comment"),
            kind=pl.lit("comment"),
            text="text",
            sent_at=wall_from_text(pl.col("date"), origin.tz or ZONE),
            sent_at_precision_s=pl.when(pl.col("date").str.len_chars() <= 10).then(_DAY_S).otherwise(1),
            likes="likes",
        )
        return Batch(n, len(keep), rejects, responses=rows)

"""Bilibili danmaku XML: streamed with expat, or cut at its tags where a file is made of nothing but plain danmaku."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import polars as pl

from yuhu.core.clock import LONGEST_MS, wall_from_epoch
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw
from yuhu.core.errors import YuhuError
from yuhu.sources.bilibili_cut import cut_danmaku
from yuhu.sources.reading import BATCH, reject, whole
from yuhu.texts.hostile import clean

PLATFORM = "bilibili"

_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_BAD_REFERENCE = re.compile(rb"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[12]|1[4-9]|2[0-9]|3[01]));")
_CHUNK = 1 << 20
_REFERENCE_BYTES = 16
_FIELDS = 8
_POSITIONED = "7"
_ORDINARY_MODES = ["", "1", "2", "3", "4", "5", "6"]
_ORDINARY_POOLS = ["", "0"]
_DAY_S = 86_400
_SHANGHAI_S = 8 * 3600


class BilibiliDanmakuXml:
    """Danmaku XML (``<i> … <d p="…">text</d> … </i>``) with 8, 9 or more fields in ``p``, in any line layout."""

    name = "bilibili_danmaku_xml.v1"
    label: Mapping[str, str] = {"en": "Bilibili danmaku XML", "zh": "B站弹幕 XML"}
    personal = Personal(author=("author",))

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
            YH106 not well-formed before the end; YH109 an entity declaration.
        """
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        reader = _XmlReader(origin)
        seen = 0
        for piece in reader.pieces():
            facts.context |= {"chatid": reader.chat}
            batch = _batch(piece, seen, _video(origin, facts))
            seen += batch.seen
            yield batch
        if reader.cut_off is not None:
            facts.truncated("the file ends in the middle: download it again")
            yield Batch(1, 0, [reject("end of file", "the file ends inside a record", reader.cut_off)])
        if reader.illegal:
            facts.notes.append(f"{reader.illegal} illegal control characters removed")
        if reader.max_limit:
            facts.caps["danmaku"] = reader.max_limit
            if seen >= reader.max_limit:
                facts.truncated(f"{seen:,} rows with a maxlimit of {reader.max_limit:,}: the latest survivors of a rolling pool, a sample")
        if reader.state == "1":
            facts.notes.append("the platform had closed the danmaku of this video")

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of danmaku of the raw copy."""
        for part in raw:
            records = part.records.to_dicts() if isinstance(part.records, pl.DataFrame) else part.records
            rows = [[str(record.get(name) or "") for name in ("p", "author", "text")] for record in records]
            frame = pl.DataFrame(
                rows, schema=["p", "author", "text"], orient="row", schema_overrides=dict.fromkeys(("p", "author", "text"), pl.String)
            )
            piece = _fields(frame.select("p", "text")).with_columns(f6=frame["author"])
            yield _batch(piece, 0, _video(origin, facts), places=list(part.places))


def _video(origin: Origin, facts: Facts) -> str:
    chat = facts.context.get("chatid", "")
    if origin.video:
        facts.video_from = "--video"
        return origin.video
    if chat and chat != "0":
        facts.video_from = "chatid in the file"
        return chat
    facts.video_from = "file name"
    return origin.stem


@dataclass
class _XmlReader:
    origin: Origin
    ps: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    is_first: bool = True
    illegal: int = 0
    cut_off: str | None = None
    max_limit: int = 0
    state: str = ""
    chat: str = ""

    def pieces(self) -> Iterator[pl.DataFrame]:
        """Danmaku as frames of ``f0 … f8, text``: the parts of ``p``, and the text."""
        found = cut_danmaku(self.origin.path)
        if found is not None:
            head, frame, self.illegal = found
            self._parse_head(head)
            yield from frame.iter_slices(BATCH) if frame.height else (frame,)
            return
        parser = self._parser()
        try:
            for chunk in self._chunks():
                parser.Parse(chunk, False)
                if len(self.ps) >= BATCH:
                    yield self._flush()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._at_error(error)
        if self.ps or self.is_first:
            yield self._flush()

    def _parse_head(self, head: bytes) -> None:
        parser = self._parser()
        parser.Parse(head, True)

    def _flush(self) -> pl.DataFrame:
        n = len(self.texts)
        frame = pl.DataFrame({"p": self.ps[:n], "text": self.texts}, schema={"p": pl.String, "text": pl.String})
        del self.ps[:n]  # in place: the parser holds on to this list
        self.texts = []
        self.is_first = False
        return _fields(frame)

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
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

    def _at_error(self, error: expat.ExpatError) -> None:
        names = expat.errors.codes
        unfinished = {
            names[expat.errors.XML_ERROR_NO_ELEMENTS],
            names[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
            names[expat.errors.XML_ERROR_PARTIAL_CHAR],
            names[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        }
        if error.code in unfinished and (self.ps or not self.is_first):
            self.cut_off = self.ps[-1] if len(self.ps) > len(self.texts) else "no closing tag"
            del self.ps[len(self.texts) :]
            return
        raise YuhuError(
            "YH106",
            f"`{self.origin.name}` is not well-formed XML",
            facts={"line": error.lineno, "column": error.offset, "found": expat.ErrorString(error.code)},
            fix="download it again; a half-saved web page is not danmaku XML",
        ) from error


def _fields(frame: pl.DataFrame) -> pl.DataFrame:
    """``f0 … f8`` of ``p``; what stands behind the eighth field is one."""
    parts = pl.col("p").str.replace_all(" ", "", literal=True).str.splitn(",", _FIELDS + 1)
    named = parts.struct.rename_fields([f"f{at}" for at in range(_FIELDS + 1)])
    return frame.select(named.alias("parts"), "text").unnest("parts")


def _batch(piece: pl.DataFrame, after: int, video: str, *, places: list[str] | None = None) -> Batch:
    """Some danmaku as rows; bad ones become rejects."""
    named = places if places is not None else [f"record {at}" for at in range(after + 1, after + piece.height + 1)]
    ms = pl.col("f0").cast(pl.Float64, strict=False) * 1000
    frame = piece.with_columns(ms=ms, text=_visible(piece)).with_columns(
        why=pl.when(pl.col("f7").is_null())
        .then(pl.format("p has {} fields, expected 8 or more", pl.sum_horizontal(pl.col(f"f{at}").is_not_null() for at in range(_FIELDS))))
        .when(pl.col("ms").is_null() | pl.col("ms").is_nan())
        .then(pl.lit("media time is no number"))
        .when(~pl.col("ms").is_between(0, LONGEST_MS))
        .then(pl.lit("media time lies outside 0 to 48 hours"))
        .when(pl.col("text") == "")
        .then(pl.lit("no text"))
    )
    bad = frame.with_columns(place=pl.Series(named, dtype=pl.String)).filter(pl.col("why").is_not_null())
    parts = [f"f{at}" for at in range(_FIELDS + 1)]
    content = pl.concat_str(pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("|"), "text")
    rejects = [reject(place, why, held) for place, why, held in bad.select("place", "why", content).iter_rows()]
    good = frame.filter(pl.col("why").is_null())
    rows = good.select(
        platform=pl.lit(PLATFORM),
        video=pl.lit(video),
        fork=pl.lit("danmaku"),
        native=pl.when(~pl.col("f7").is_in(["", "0"])).then("f7"),
        kind=pl.lit("danmaku"),
        text="text",
        at_ms=pl.col("ms").round().cast(pl.Int64),
        sent_at=wall_from_epoch(pl.col("f4")),
        author=pl.when(pl.col("f6") != "").then("f6"),
        is_special=~pl.col("f1").is_in(_ORDINARY_MODES) | ~pl.col("f5").is_in(_ORDINARY_POOLS),
    )
    rows = rows.with_columns(sent_at_precision_s=pl.lit(_precision(rows["sent_at"]), dtype=pl.Int32))
    without_author = pl.concat_str(
        *(pl.lit("") if at == 6 else pl.col(f"f{at}") for at in range(_FIELDS + 1)), separator=",", ignore_nulls=True
    )
    raw = piece.select(p=without_author, author="f6", text="text")
    return Batch(piece.height, rows.height, rejects, responses=rows, raw=Raw(named, raw, PLATFORM))


def _visible(piece: pl.DataFrame) -> pl.Series:
    """Texts as shown: a positioned danmaku (mode 7) is a JSON array with the text as its fifth element."""
    texts = piece["text"].str.strip_chars()
    positioned = (piece["f1"] == _POSITIONED).fill_null(value=False)
    if not positioned.any():
        return texts
    places = positioned.arg_true()
    return texts.scatter(places, [_fifth(text) for text in texts.gather(places)])


def _fifth(raw: str) -> str:
    try:
        parts: Any = json.loads(raw, strict=False)
    except (ValueError, RecursionError):
        return raw
    return clean(str(parts[4])) if isinstance(parts, list) and len(parts) > 4 else raw


def _precision(sent_at: pl.Series) -> int:
    """One second, or a day where every time is a local midnight (some dumps round)."""
    known = sent_at.drop_nulls().dt.timestamp("ms") // 1000
    rounded = len(known) > 1 and not ((known + _SHANGHAI_S) % _DAY_S != 0).any()
    return _DAY_S if rounded else 1

"""Bilibili danmaku XML: streamed with expat, or cut at its tags where a file is made of nothing but plain danmaku."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

import numpy as np
import polars as pl

from yuhu.core.clock import LONGEST_MS, wall_from_epoch
from yuhu.core.contracts import Batch, Facts, Head, Later, Origin, Personal, Raw, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.bilibili_cut import FIELDS, Cut, cut, cut_file, cut_frame, fields_of
from yuhu.sources.bilibili_modes import ORDINARY_MODES, ORDINARY_POOLS, POSITIONED, shown
from yuhu.sources.reading import BATCH, reject, whole

PLATFORM = "bilibili"

_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_BAD_REFERENCE = re.compile(rb"&#(?:x0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])|0*(?:[0-8]|1[12]|1[4-9]|2[0-9]|3[01]));")
_CHUNK = 1 << 20
_REFERENCE_BYTES = 16
_NEEDED = 8
_AUTHOR = 6
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
            batch = _batch(piece, _places(pl.int_range(seen + 1, seen + piece.height + 1, eager=True)), _video(origin, facts))
            seen += batch.seen
            yield batch
        if reader.cut_off is not None:
            facts.truncated("the file ends in the middle: download it again")
            yield Batch(1, 0, [reject("end of file", "the file ends inside a record", reader.cut_off)])
        _tell(reader, facts, seen)

    def read_small(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """As `read`, but a plain small file may be turned into rows later, together with others."""
        found = None if origin.content is None else cut(origin.content)
        if found is None:
            yield from self.read(origin, facts)
            return
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        reader = _XmlReader(origin)
        reader.parse_head(found)
        facts.context |= {"chatid": reader.chat}
        _tell(reader, facts, found.n)
        yield Batch(found.n, found.n, later=Later(_together, (found, _video(origin, facts))))

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of danmaku of the raw copy."""
        for part in raw:
            records = part.records.to_dicts() if isinstance(part.records, pl.DataFrame) else part.records
            rows = [[str(record.get(name) or "") for name in ("p", "author", "text")] for record in records]
            frame = pl.DataFrame(
                rows, schema=["p", "author", "text"], orient="row", schema_overrides=dict.fromkeys(("p", "author", "text"), pl.String)
            )
            piece = _fields(frame.select("p", "text")).with_columns(f6=frame["author"])
            yield _batch(piece, pl.Series(part.places, dtype=pl.String), _video(origin, facts))


def _tell(reader: "_XmlReader", facts: Facts, seen: int) -> None:
    """What the head of the file says of the sample."""
    if reader.illegal:
        facts.notes.append(f"{reader.illegal} illegal control characters removed")
    if reader.max_limit:
        facts.caps["danmaku"] = reader.max_limit
        if seen >= reader.max_limit:
            facts.truncated(f"{seen:,} rows with a maxlimit of {reader.max_limit:,}: the latest survivors of a rolling pool, a sample")
    if reader.state == "1":
        facts.notes.append("the platform had closed the danmaku of this video")


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
        found = cut_file(self.origin.path)
        if found is not None:
            self.parse_head(found)
            yield from cut_frame([found]).iter_slices(BATCH)
            return
        with self.origin.path.open("rb") as stream:
            for ps, texts in self.parse(stream):
                yield _fields(pl.DataFrame({"p": ps, "text": texts}, schema={"p": pl.String, "text": pl.String}))

    def parse(self, stream: BinaryIO) -> Iterator[tuple[list[str], list[str]]]:
        """``p`` and text of the danmaku of a document, piece by piece; at least one piece.

        Raises
        ------
        YuhuError
            YH106 not well-formed before the end; YH109 an entity declaration.
        """
        parser = self._parser()
        try:
            for chunk in self._chunks(stream):
                parser.Parse(chunk, False)
                if len(self.ps) >= BATCH:
                    yield self._flush()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            self._at_error(error)
        if self.ps or self.is_first:
            yield self._flush()

    def parse_head(self, found: Cut) -> None:
        """What stands before the danmaku."""
        self.illegal = found.illegal
        self._parser().Parse(found.head, True)

    def _flush(self) -> tuple[list[str], list[str]]:
        taken = (self.ps[: len(self.texts)], self.texts)
        del self.ps[: len(self.texts)]  # in place: the parser holds on to this list
        self.texts = []
        self.is_first = False
        return taken

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

    def _chunks(self, stream: BinaryIO) -> Iterator[bytes]:
        held = b""
        while chunk := stream.read(_CHUNK):
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
    return fields_of(frame["p"]).with_columns(frame["text"])


def _places(numbers: pl.Series) -> pl.Series:
    return "record " + numbers.cast(pl.String)


def _batch(piece: pl.DataFrame, places: pl.Series, video: str) -> Batch:
    """Some danmaku of one file as rows; bad ones become rejects."""
    rows, bad = _rows(piece.with_columns(place=places, video=pl.lit(video), file=pl.lit(0)))
    rejects = [reject(place, why, held) for _, place, why, held in bad.iter_rows()]
    return Batch(piece.height, rows.height, rejects, responses=rows.drop("file"), raw=Raw(places, _raw(piece), PLATFORM))


def _together(waiting: Sequence[Later]) -> tuple[list[Batch], Batch]:
    """The danmaku of many small files as rows of one frame."""
    cuts: list[Cut] = [one.content[0] for one in waiting]
    piece = cut_frame(cuts)
    lengths = [one.n for one in cuts]
    of_file, in_file = np.repeat(np.arange(len(cuts), dtype=np.int32), lengths), np.concatenate([np.arange(n) for n in lengths])
    videos = pl.Series([one.content[1] for one in waiting], dtype=pl.String)
    places = _places(pl.int_range(1, max(lengths) + 1, eager=True))
    named = pl.DataFrame({"file": of_file, "video": videos.gather(of_file), "place": places.gather(in_file)})
    rows, bad = _rows(pl.concat([piece, named], how="horizontal"))
    rejects: list[list[Reject]] = [[] for _ in cuts]
    for at, place, why, held in bad.iter_rows():
        rejects[at].append(reject(place, why, held))
    batches = [Batch(one.n, one.n - len(found), found) for one, found in zip(cuts, rejects, strict=True)]
    raw = Raw(named["place"], _raw(piece).with_columns(named["file"]), PLATFORM)
    return batches, Batch(piece.height, rows.height, responses=rows, raw=raw)


def _rows(piece: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Responses, each with its ``file``; and ``file, place, why, content`` of what is none."""
    frame = piece.with_columns(
        ms=pl.col("f0").cast(pl.Float64, strict=False) * 1000, sent=pl.col("f4").cast(pl.Float64, strict=False), text=_visible(piece)
    ).with_columns(
        why=pl.when(pl.col("f7").is_null())
        .then(pl.format("p has {} fields, expected 8 or more", pl.sum_horizontal(pl.col(f"f{at}").is_not_null() for at in range(_NEEDED))))
        .when(pl.col("ms").is_null() | pl.col("ms").is_nan())
        .then(pl.lit("media time is no number"))
        .when(~pl.col("ms").is_between(0, LONGEST_MS))
        .then(pl.lit("media time lies outside 0 to 48 hours"))
        .when(pl.col("text") == "")
        .then(pl.lit("no text"))
    )
    parts = [f"f{at}" for at in range(FIELDS)]
    content = pl.concat_str(pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("|"), "text")
    bad = frame.filter(pl.col("why").is_not_null()).select("file", "place", "why", content.alias("content"))
    good = frame.filter(pl.col("why").is_null()) if bad.height else frame
    rows = good.select(
        "file",
        platform=pl.lit(PLATFORM),
        video="video",
        fork=pl.lit("danmaku"),
        native=pl.when(~pl.col("f7").is_in(["", "0"])).then("f7"),
        kind=pl.lit("danmaku"),
        text="text",
        at_ms=pl.col("ms").round().cast(pl.Int64),
        sent_at=wall_from_epoch(pl.col("sent")),
        author=pl.when(pl.col("f6") != "").then("f6"),
        is_special=~pl.col("f1").is_in(list(ORDINARY_MODES)) | ~pl.col("f5").is_in(list(ORDINARY_POOLS)),
    )
    return rows.with_columns(sent_at_precision_s=_precision()), bad


def _raw(piece: pl.DataFrame) -> pl.DataFrame:
    parts = [pl.lit("") if at == _AUTHOR else pl.col(f"f{at}") for at in range(FIELDS)]
    return piece.select(p=pl.concat_str(parts, separator=",", ignore_nulls=True), author=f"f{_AUTHOR}", text="text")


def _visible(piece: pl.DataFrame) -> pl.Series:
    """Texts as shown: a positioned danmaku (mode 7) is a JSON array with the text as its fifth element."""
    texts = piece["text"].str.strip_chars()
    positioned = (piece["f1"] == POSITIONED).fill_null(value=False)
    if not positioned.any():
        return texts
    places = positioned.arg_true()
    return texts.scatter(places, [shown(text) for text in texts.gather(places)])


def _precision() -> pl.Expr:
    """One second, or a day where every time of a file is a local midnight (some dumps round)."""
    local = pl.col("sent_at").dt.timestamp("ms") // 1000 + _SHANGHAI_S
    rounded = (local % _DAY_S == 0).all().over("file") & (local.count().over("file") > 1)
    return pl.when(rounded).then(_DAY_S).otherwise(1).cast(pl.Int32)

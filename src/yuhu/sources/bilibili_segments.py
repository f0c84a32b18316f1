"""Bilibili danmaku segments: protobuf replies (``seg.so``) of six minutes of a video each, of phones, web and TV."""

import re
from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from yuhu.core.clock import LONGEST_MS, wall_from_epoch
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw
from yuhu.core.errors import YuhuError
from yuhu.sources.bilibili_modes import POSITIONED, SEGMENT_MS, is_special_expr, shown
from yuhu.sources.bilibili_wire import ELEMS, PAD, STATES, Columns, Envelope, Ints, MalformedError, columns, fields, spans_as_binary, varint
from yuhu.sources.reading import reject
from yuhu.texts.hostile import clean

PLATFORM = "bilibili"
LARGEST = 1 << 30

_ID, _PROGRESS, _MODE, _SENDER, _CONTENT, _CTIME = 0x08, 0x10, 0x18, 0x32, 0x3A, 0x40
_WEIGHT, _POOL, _ID_TEXT, _ATTR, _LIKES, _OID = 0x48, 0x58, 0x62, 0x68, 0x78, 0xD0
_OLD_POOL, _OLD_ID_TEXT = 0x50, 0x5A
_NUMBERS = {
    "id": _ID,
    "progress": _PROGRESS,
    "mode": _MODE,
    "ctime": _CTIME,
    "weight": _WEIGHT,
    "pool": _POOL,
    "attr": _ATTR,
    "likes": _LIKES,
    "oid": _OID,
}
_TEXTS = {"author": _SENDER, "text": _CONTENT, "id_text": _ID_TEXT}
_WANTED = (*_NUMBERS.values(), *_TEXTS.values(), _OLD_POOL, _OLD_ID_TEXT)
"""Newer layouts hold 9 weight, 10 action, 11 pool, 12 id as text; older ones 9 action, 10 pool, 11 id as text. Each number has another wire type in
the other layout, so that a tag is never ambiguous."""

_RAW = ("id", "progress", "mode", "pool", "ctime", "weight", "attr", "likes", "oid", "author", "text")
_UNREAD = (
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\ufdd0-\ufdef"
    + "".join(f"\\x{{{plane}FFFE}}\\x{{{plane}FFFF}}" for plane in "0123456789ABCDEF")
    + "]"
)
_SNIFFED = 8
_EARLIEST_S, _LATEST_S = 1_200_000_000, 4_100_000_000
_SENDER_LIKE = re.compile(rb"[0-9a-fA-F]{0,16}")
_DAY_S, _SHANGHAI_S = 86_400, 8 * 3600


class BilibiliSegments:
    """``DmSegMobileReply`` (danmaku are field 1) and ``DmSegOttReply`` (field 2), in the layouts of 2021 and of later years."""

    name = "bilibili_danmaku_segments.v1"
    label: Mapping[str, str] = {"en": "Bilibili danmaku segments, protobuf", "zh": "B站弹幕分段（protobuf）"}
    personal = Personal(author=("author",))

    def sniff(self, head: Head) -> float:
        """The first bytes are danmaku: fields of the right types, a time of sending, a text in UTF-8."""
        return 0.95 if not head.mapped and _is_segment(head.start, head.size) else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Danmaku with media time and sending time.

        Raises
        ------
        YuhuError
            YH110 larger than 1 GiB.

        Notes
        -----
        O(bytes), about 0.8 million danmaku a second; memory about three times the file.
        """
        size = origin.path.stat().st_size
        if size > LARGEST:
            facts_of = {"bytes": size, "largest": f"{LARGEST} bytes"}
            raise YuhuError("YH110", f"`{origin.name}` is too large", facts=facts_of, fix="add the segments as files of their own")
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        data = origin.path.read_bytes() + bytes(PAD)
        reply = Envelope(data, len(data) - PAD)
        seen, covered = 0, pl.Series([], dtype=pl.Int64)
        for starts, ends in reply.spans():
            piece = _piece(data, columns(data, starts, ends, _WANTED), starts, ends)
            _name_video(piece, origin, facts)
            batch = _batch(piece, [f"record {at}" for at in range(seen + 1, seen + piece.height + 1)], origin, facts)
            if batch.responses is not None:
                covered = pl.concat([covered, (batch.responses["at_ms"] // SEGMENT_MS).unique()]).unique().sort()
            seen += batch.seen
            yield batch
        if reply.broken_at is not None:
            facts.truncated(f"the file ends or is damaged inside a record, at byte {reply.broken_at:,}: download it again")
            yield Batch(1, 0, [reject("end of file", "the file ends inside a record", data[reply.broken_at : reply.size][:4096])])
        _tell(facts, origin, covered, is_closed=reply.state == 1)

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of danmaku of the raw copy."""
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        for part in raw:
            records = part.records.to_dicts() if isinstance(part.records, pl.DataFrame) else part.records
            held = {name: [None if record.get(name) is None else str(record[name]) for record in records] for name in _RAW}
            piece = pl.DataFrame(held, schema=dict.fromkeys(_RAW, pl.String)).with_columns(
                pl.col(*_NUMBERS).cast(pl.Int64, strict=False),
                broken=pl.lit(value=False),
                content=pl.lit(""),
            )
            _name_video(piece, origin, facts)
            yield _batch(piece, list(part.places), origin, facts)


def _is_segment(start: bytes, size: int) -> bool:
    """Whether bytes begin with danmaku: most of the first few that are whole, or as much of the first as is there."""
    seen = sound = 0
    try:
        for tag, length, at in fields(start, 0, len(start)):
            if tag in ELEMS:
                seen += 1
                sound += _is_danmaku(start, at, at + length)
            if seen == _SNIFFED or tag not in {*ELEMS, *STATES}:
                break
    except MalformedError:
        if not seen and size > len(start) and start[0] in ELEMS:
            _, at = varint(start, 1, len(start))
            return _is_danmaku(start, at, len(start), is_cut=True)
    return 2 * sound >= seen > 0


def _is_danmaku(data: bytes, at: int, end: int, *, is_cut: bool = False) -> bool:
    """Whether bytes are a danmaku, or the first part of one."""
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    try:
        for tag, value, start in fields(data, at, end):
            if tag & 7 == 2:
                texts[tag] = data[start : start + value]
            else:
                numbers[tag] = value
    except MalformedError:
        if not is_cut:
            return False
    if not _EARLIEST_S <= numbers.get(_CTIME, _EARLIEST_S if is_cut else 0) <= _LATEST_S:
        return False
    if not numbers.keys() & {_ID, _MODE} or numbers.get(_MODE, 1) > 99 or not _SENDER_LIKE.fullmatch(texts.get(_SENDER, b"")):
        return False
    try:
        texts.get(_CONTENT, b"").decode()
    except UnicodeDecodeError:
        return False
    return True


def _piece(data: bytes, found: Columns, starts: Ints, ends: Ints) -> pl.DataFrame:
    """Fields of danmaku under their names: numbers, and texts as the file holds them."""
    pool, old_pool = found.numbers[_POOL], found.numbers.pop(_OLD_POOL)
    found.numbers[_POOL] = pool | old_pool
    parts: dict[str, pl.Series] = {name: pl.Series(name, found.numbers[tag].view("int64")) for name, tag in _NUMBERS.items()}
    parts["author"] = _strings(data, found, _SENDER)
    parts["text"] = _strings(data, found, _CONTENT)
    unnumbered = (found.numbers[_ID] == 0).nonzero()[0].tolist()
    if unnumbered:
        texts = [_strings(data, found, tag) for tag in (_ID_TEXT, _OLD_ID_TEXT)]
        named = pl.select(pl.when(texts[0] != "").then(texts[0]).otherwise(texts[1]).cast(pl.Int64, strict=False).fill_null(0)).to_series()
        parts["id"] = parts["id"].scatter(unnumbered, named.gather(unnumbered))
    content = [""] * len(starts)
    for row in found.broken.nonzero()[0].tolist():
        content[row] = data[starts[row] : ends[row]].hex()
    frame = pl.DataFrame(parts).with_columns(
        pl.Series("broken", found.broken.tolist(), dtype=pl.Boolean), pl.Series("content", content, dtype=pl.String)
    )
    return frame.with_columns(text=_shown(frame))


def _strings(data: bytes, found: Columns, tag: int) -> pl.Series:
    """Texts of a field; bytes that are no UTF-8 are replaced."""
    held = spans_as_binary(data, found.places[tag], found.lengths[tag])
    try:
        return held.cast(pl.String)
    except pl.exceptions.PolarsError:
        return pl.Series([content.decode("utf-8", "replace") for content in held], dtype=pl.String)


def _shown(frame: pl.DataFrame) -> pl.Series:
    """Texts as they are shown, without control characters."""
    texts = frame["text"].str.strip_chars()
    odd = texts.str.contains(_UNREAD).fill_null(value=False)
    if odd.any():
        places = odd.arg_true()
        texts = texts.scatter(places, [clean(text) for text in texts.gather(places)])
    positioned = frame["mode"] == int(POSITIONED)
    if positioned.any():
        places = positioned.arg_true()
        texts = texts.scatter(places, [shown(text) for text in texts.gather(places)])
    return texts


def _name_video(piece: pl.DataFrame, origin: Origin, facts: Facts) -> None:
    """Say which video the danmaku belong to where they do not say it themselves."""
    if not facts.context.get("oid"):
        named = piece["oid"].drop_nulls()
        facts.context["oid"] = next((str(oid) for oid in named.filter(named > 0).head(1)), "")
    facts.video_from = "--video" if origin.video else "oid in the file" if facts.context["oid"] else "file name"


def _batch(piece: pl.DataFrame, places: Sequence[str], origin: Origin, facts: Facts) -> Batch:
    """Some danmaku as rows; bad ones become rejects."""
    why = (
        pl.when("broken")
        .then(pl.lit("the record is damaged"))
        .when(pl.col("progress").is_null())
        .then(pl.lit("media time is no number"))
        .when(~pl.col("progress").is_between(0, LONGEST_MS))
        .then(pl.lit("media time lies outside 0 to 48 hours"))
        .when(pl.col("text").fill_null("") == "")
        .then(pl.lit("no text"))
    )
    frame = piece.with_columns(place=pl.Series(places, dtype=pl.String), why=why)
    named = origin.video or facts.context.get("oid") or origin.stem
    oids = [] if origin.video else piece["oid"].unique().to_list()
    bad = frame.filter(pl.col("why").is_not_null())
    rejects = [reject(row["place"], row["why"], str([row[name] for name in (*_RAW, "content")])) for row in bad.iter_rows(named=True)]
    rows = (frame.filter(pl.col("why").is_null()) if bad.height else frame).select(
        platform=pl.lit(PLATFORM),
        video=pl.lit(named) if len(oids) < 2 else pl.when(pl.col("oid") > 0).then(pl.col("oid").cast(pl.String)).otherwise(pl.lit(named)),
        fork=pl.lit("danmaku"),
        native=pl.when(pl.col("id") > 0).then(pl.col("id").cast(pl.String)),
        kind=pl.lit("danmaku"),
        text="text",
        at_ms="progress",
        sent_at=wall_from_epoch(pl.col("ctime")),
        author=pl.when(pl.col("author") != "").then("author"),
        likes=pl.when(pl.col("likes") > 0).then("likes"),
        is_special=is_special_expr("mode", "pool"),
    )
    local = pl.col("sent_at").dt.timestamp("ms") // 1000 + _SHANGHAI_S
    is_rounded = (local % _DAY_S == 0).all() & (local.count() > 1)
    rows = rows.with_columns(sent_at_precision_s=pl.when(is_rounded).then(_DAY_S).otherwise(1).cast(pl.Int32))
    return Batch(piece.height, rows.height, rejects, responses=rows, raw=Raw(places, piece.select(_RAW), PLATFORM))


def _tell(facts: Facts, origin: Origin, covered: pl.Series, *, is_closed: bool) -> None:
    """What the file says of the sample: the segments it covers, and a video that nobody names."""
    if len(covered):
        numbers = [number + 1 for number in covered]
        facts.notes.append(f"holds segments of six minutes: {_ranges(numbers)}; others of the video, if any, stand in files of their own")
    if facts.video_from == "file name":
        facts.notes.append(
            f"the file names no video, so it is called `{origin.stem}`: give --video (the cid), or segments of one video will not meet"
        )
    if is_closed:
        facts.notes.append("the platform had closed the danmaku of this video")


def _ranges(numbers: Sequence[int]) -> str:
    """1, 2, 3, 5 as ``1 to 3, 5``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ", ".join(f"{part[0]} to {part[-1]}" if len(part) > 1 else str(part[0]) for part in parts)

"""Niconico: the flat list of danmaku with ``vpos`` in hundredths of a second."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from yuhu.core.clock import wall_from_epoch
from yuhu.core.contracts import Batch, Facts, Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.reading import as_text, clean, load_json, reject

PLATFORM = "niconico"

_LATEST = 10**13
_LONGEST_VPOS = 48 * 3600 * 100


class NiconicoFlatJson:
    """A JSON list of ``{id, vpos, content, date, owner, …}``; an owner's danmaku are a fork of their own."""

    name = "niconico_flat_json.v1"
    label: Mapping[str, str] = {"en": "Niconico danmaku, flat JSON", "zh": "Niconico 弹幕（平铺 JSON）"}

    def sniff(self, head: Head) -> float:
        """A list of objects with ``vpos`` and ``content``."""
        start = head.text
        return 0.9 if re.match(r"\s*\[\s*\{", start) and '"vpos"' in start and '"content"' in start else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Danmaku of one video.

        Raises
        ------
        YuhuError
            YH106 not a JSON list.
        """
        facts.what, facts.platform = "danmaku", origin.platform or PLATFORM
        facts.video_from = "--video" if origin.video else "file name"
        records = load_json(origin)
        if not isinstance(records, list):
            raise YuhuError(
                "YH106", f"`{origin.name}` is not a list of danmaku", facts={"found": type(records).__name__}, fix="export it again"
            )
        rejects: list[Reject] = []
        rows: list[tuple[Any, ...]] = []
        for at, record in enumerate(records, start=1):
            row = _row(record)
            if isinstance(row, str):
                rejects.append(reject(f"record {at}", row, record))
            else:
                rows.append(row)
        frame = pl.DataFrame(
            rows,
            schema={
                "native": pl.String,
                "text": pl.String,
                "at_ms": pl.Int64,
                "date": pl.Float64,
                "author": pl.String,
                "owner": pl.Boolean,
                "special": pl.Boolean,
            },
            orient="row",
        )
        fork = pl.when("owner").then(pl.lit("owner")).otherwise(pl.lit("main"))
        responses = frame.select(
            platform=pl.lit(PLATFORM),
            video=pl.lit(origin.video or origin.stem),
            fork=fork,
            native="native",
            kind=pl.lit("danmaku"),
            text="text",
            at_ms="at_ms",
            sent_at=wall_from_epoch(pl.col("date")),
            sent_at_precision_s=pl.lit(1),
            author="author",
            actor=pl.when("owner").then(pl.lit("creator")),
            is_special="special",
        )
        yield Batch(len(records), len(rows), rejects, responses=responses)


def _row(record: Any) -> tuple[Any, ...] | str:
    """The record as a row, or why it is none."""
    if not isinstance(record, dict):
        return "the record is no object"
    vpos, content = record.get("vpos"), record.get("content")
    if isinstance(vpos, bool) or not isinstance(vpos, int | float):
        return "vpos is no number"
    if not 0 <= vpos <= _LONGEST_VPOS:
        return "media time lies outside 0 to 48 hours"
    text = clean(content) if isinstance(content, str) else ""
    if not text:
        return "no text"
    native, date, person = record.get("id"), record.get("date"), record.get("user_id")
    owner = bool(record.get("owner"))
    return (
        as_text(native),
        text,
        round(vpos * 10),
        float(date) if isinstance(date, int | float) and not isinstance(date, bool) and 0 < date < _LATEST else None,
        None if (who := as_text(person)) in {None, "-1", "0"} else who,
        owner,
        owner and text.startswith(("@", "＠", "/")),
    )

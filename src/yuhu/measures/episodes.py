"""Episodes of a series in their order, and what was said in their first and last stretch, their middle, and below them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.joint import KEYS, stated, tallied
from yuhu.measures.media_time import timed

START, MIDDLE, END, COMMENTS = "start", "middle", "end", "comments"
MIDDLE_HALF = (0.25, 0.75)
CODES = ("confusion", "continuation")


@dataclass(frozen=True)
class Said:
    """Messages that the machine coded, and those of each code among them."""

    n: int
    of: Mapping[str, int]

    def __add__(self, other: "Said") -> "Said":
        return Said(self.n + other.n, {code: self.of.get(code, 0) + other.of.get(code, 0) for code in {**self.of, **other.of}})


NOTHING = Said(0, {})


@dataclass(frozen=True)
class Episode:
    """A work of a series on one platform, all its uploads there together.

    Parameters
    ----------
    series, platform : str
        Which.
    number : int
        Its place in the series.
    videos : sequence of str
        Its uploads.
    said : mapping of str to Said
        By place: `START`, `MIDDLE` (the middle half), `END`, `COMMENTS` (messages without a media time). Middle and end only where the length is known
        and four windows fit in.
    """

    series: str
    platform: str
    number: int
    videos: Sequence[str]
    said: Mapping[str, Said]

    def at(self, place: str) -> Said:
        """What was said there."""
        return self.said.get(place, NOTHING)


@dataclass(frozen=True)
class Transition:
    """From one episode to the next, with the first of the series; empty where it is not on the platform."""

    first: Episode
    last: Episode
    next: Episode

    @property
    def name(self) -> str:
        """Series, numbers and platform."""
        return f"{self.last.series} {self.last.number}→{self.next.number} ({self.last.platform})"


def placed(rows: pl.LazyFrame, evidence: Evidence) -> pl.LazyFrame:
    """Messages below videos of series, with their ``place``: `START`, `MIDDLE`, `END`, `COMMENTS`, or nowhere (null).

    Notes
    -----
    Other messages are left out.
    """
    window = evidence.moments.transitions.window_ms
    long = pl.when(pl.col("duration_ms") >= 4 * window).then("duration_ms").alias("_length")
    videos = _videos(evidence).select("video_id", long)
    length, at = pl.col("_length"), pl.col("at_ms")
    place = (
        pl.when(at.is_null() & (pl.col("kind") != "danmaku"))
        .then(pl.lit(COMMENTS))
        .when((at >= 0) & (at < window))
        .then(pl.lit(START))
        .when(at.is_between(length - window, length))
        .then(pl.lit(END))
        .when(at.is_between(length * MIDDLE_HALF[0], length * MIDDLE_HALF[1], closed="left"))
        .then(pl.lit(MIDDLE))
    )
    return rows.join(videos.lazy(), on="video_id").with_columns(place=place)


def _videos(evidence: Evidence) -> pl.DataFrame:
    assert evidence.shown is not None
    return evidence.shown.videos.filter(pl.col("series").is_not_null() & pl.col("number").is_not_null()).sort("video_id")


def episodes(evidence: Evidence) -> Sequence[Episode]:
    """All episodes of series, in the order of series, platforms and numbers.

    Notes
    -----
    O(messages + codings), once for all measures.
    """
    return evidence.once("episodes", lambda: list(_episodes(evidence)))


def transitions(evidence: Evidence) -> Iterator[Transition]:
    """Each two consecutive episodes of a series on one platform."""
    ordered = episodes(evidence)
    first = {(one.series, one.platform): one for one in reversed(ordered) if one.number == 1}
    for last, following in pairwise(ordered):
        same = (last.series, last.platform) == (following.series, following.platform)
        if same and following.number == last.number + 1:
            opening = first.get((last.series, last.platform), Episode(last.series, last.platform, 1, (), {}))
            yield Transition(opening, last, following)


def _episodes(evidence: Evidence) -> Iterator[Episode]:
    if evidence.shown is None or not _videos(evidence).height:
        return
    counted = _counted(evidence)
    for (series, platform, number), part in (
        _videos(evidence).sort("series", "platform", "number").group_by("series", "platform", "number", maintain_order=True)
    ):
        said: dict[str, Said] = {}
        for video in part["video_id"]:
            for place, one in counted.get(video, {}).items():
                said[place] = said.get(place, NOTHING) + one
        yield Episode(str(series), str(platform or ""), int(str(number)), part["video_id"].to_list(), said)


def _counted(evidence: Evidence) -> dict[str, dict[str, Said]]:
    """What was said by video and place."""
    if evidence.codings is None or evidence.abstained is None:
        return {}
    codes = [code for code in CODES if code in evidence.served]
    plain = ~pl.col("is_special").fill_null(value=False) & pl.col("at_ms").is_null()
    both = [placed(rows, evidence).select("video_id", "place", *KEYS) for rows in (timed(evidence), evidence.responses.filter(plain))]
    rows = pl.concat(both).filter(pl.col("place").is_not_null()).join(evidence.abstained, on=KEYS, how="anti")
    counted = tallied(rows, stated(evidence, {code: [(code, "1")] for code in codes}), codes, ["video_id", "place"])
    times = pl.col("times").cast(pl.Int64)
    hits = [times.filter(pl.col(code)).sum().alias(code) for code in codes]
    counted = counted.group_by("video_id", "place").agg(times.sum().alias("whole"), *hits)
    found: dict[str, dict[str, Said]] = {}
    for row in counted.iter_rows(named=True):
        found.setdefault(row["video_id"], {})[row["place"]] = Said(row["whole"], {code: row[code] for code in codes})
    return found

"""Named stretches of media time as a grouping that gold can correct."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.media_time import timed


@dataclass(frozen=True)
class Stretch:
    """A stretch of a video, on the grid of steps; several may share a name."""

    name: str
    video_id: str
    start_ms: int
    end_ms: int


def with_gold(evidence: Evidence, stretches: Mapping[str, Stretch], most: int) -> dict[str, Stretch]:
    """Those in which people coded at least `k_anonymity` messages; the best covered `most` of them, in their order."""
    counted = gold_units(evidence, stretches.values())
    enough = [name for name in stretches if counted.get(name, 0) >= max(1, evidence.k_anonymity)]
    best = set(sorted(enough, key=lambda name: (-counted[name], name))[:most])
    return {name: stretch for name, stretch in stretches.items() if name in best}


def gold_units(evidence: Evidence, stretches: Iterable[Stretch]) -> dict[str, int]:
    """How many messages with a media time people coded in the stretches of each name."""
    units = evidence.gold.units
    table = _steps(stretches, evidence.moments.step_ms)
    if not units.height or not table.height:
        return {}
    ids = units["response_id"].unique()
    placed = _placed(timed(evidence).filter(pl.col("response_id").is_in(ids.implode())), table, evidence.moments.step_ms)
    counted = placed.filter(pl.col("stretch").is_not_null()).group_by("stretch").agg(pl.len().cast(pl.Int64)).sort("stretch").collect()
    return dict(counted.iter_rows())


def labelled(evidence: Evidence, stretches: Mapping[str, Stretch] | Iterable[Stretch]) -> Evidence:
    """The evidence of messages with a media time, with a column ``stretch``: the name of the one that each stands in, null elsewhere.

    Notes
    -----
    Messages in no stretch are dropped unless people coded them: these still say how the machine errs. O(messages).
    """
    held = stretches.values() if isinstance(stretches, Mapping) else stretches
    placed = _placed(timed(evidence), _steps(held, evidence.moments.step_ms), evidence.moments.step_ms)
    ids = evidence.gold.units["response_id"].unique().implode() if evidence.gold.units.height else pl.Series([[]], dtype=pl.List(pl.String))
    return replace(evidence, responses=placed.filter(pl.col("stretch").is_not_null() | pl.col("response_id").is_in(ids)), made={})


def _placed(responses: pl.LazyFrame, table: pl.DataFrame, step: int) -> pl.LazyFrame:
    return responses.with_columns(_step=pl.col("at_ms") // step).join(
        table.lazy().rename({"step": "_step"}), on=["video_id", "_step"], how="left"
    )


def _steps(stretches: Iterable[Stretch], step: int) -> pl.DataFrame:
    """``video_id, step, stretch`` of every step in a stretch."""
    held = list(stretches)
    schema = {"video_id": pl.String, "step": pl.Int64, "stretch": pl.String}
    if not held:
        return pl.DataFrame(schema=schema)
    sizes = np.array([max(0, -(-one.end_ms // step) - one.start_ms // step) for one in held])
    first = np.repeat(np.array([one.start_ms // step for one in held]), sizes)
    within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return pl.DataFrame(
        {
            "video_id": pl.Series([one.video_id for one in held], dtype=pl.String).gather(np.repeat(np.arange(len(held)), sizes)),
            "step": pl.Series(first + within, dtype=pl.Int64),
            "stretch": pl.Series([one.name for one in held], dtype=pl.String).gather(np.repeat(np.arange(len(held)), sizes)),
        }
    ).unique(["video_id", "step"], keep="first", maintain_order=True)

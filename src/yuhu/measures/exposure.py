"""How many were watching at each step of a video: measured, declared, or the scenarios that stand in for what nobody knows."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.media_time import MediaTime
from yuhu.stats.arrays import Floats
from yuhu.stats.intensity import exposure_scenarios

MEASURED, FLAT, DECLARED = "measured", "flat", "declared"
NO_CURVE = "no_retention"
"""Why a video has no exposure at all: the specification asks for measured curves, and it has none."""

Curve = tuple[Floats, Floats]


def exposures(evidence: Evidence, media_time: MediaTime) -> Mapping[str, Floats]:
    """What may have been watched of each step, by the name of the assumption.

    Parameters
    ----------
    evidence : Evidence
        ``moments.watching`` says which assumptions; ``shown.exposure`` holds measured curves.
    media_time : MediaTime
        The video.

    Returns
    -------
    mapping of str to (T,) float >= 0
        Share of those who began that were watching the step; above 1 where more watched, as by rewatching. ``measured`` (straight between the points of the
        curve, and as at its ends beyond them), ``declared`` or ``flat`` alone where one is known or asked for; else ``flat``, ``half_life_…`` for each of
        ``watching.half_lives``, and ``declared`` if a curve is declared: then a conclusion must hold in all of them. Empty where the specification asks for
        measured curves and the video has none (`NO_CURVE`).

    Notes
    -----
    Where it is 0 nobody watched: leave the step out, as `unwatched` says. Only the course matters to rates by average watching, to scans, and to lifts.
    O(steps x scenarios); measured curves are read once for all videos.
    """
    watching, size = evidence.moments.watching, media_time.steps
    curve = _curves(evidence).get(media_time.video_id) if watching.retention in {"auto", MEASURED} else None
    if curve is not None:
        middle = (np.arange(size) + 0.5) * media_time.step_ms
        return {MEASURED: np.asarray(np.interp(middle, *curve))}
    if watching.retention == MEASURED:
        return {}
    declared = _declared(watching.declared, size) if watching.declared else None
    if watching.retention == DECLARED and declared is not None:
        return {DECLARED: declared}
    if watching.retention == FLAT:
        return {FLAT: np.ones(size)}
    return exposure_scenarios(size, declared=declared, half_lives=watching.half_lives)


def unwatched(media_time: MediaTime, exposure: Floats) -> npt.NDArray[np.bool_]:
    """(T,) bool: steps that an analysis under this exposure leaves out, because they are masked or nobody watched."""
    return media_time.masked | (exposure <= 0)


def viewers(evidence: Evidence) -> Mapping[str, float]:
    """How often each video was viewed, where a metric ``views`` of it tells: the largest number."""
    return evidence.once("exposure.viewers", lambda: _viewers(evidence))


def _viewers(evidence: Evidence) -> dict[str, float]:
    told = evidence.metrics.filter((pl.col("name") == "views") & pl.col("value").is_between(1, 2**53))
    return dict(told.group_by("subject").agg(pl.col("value").max()).sort("subject").collect().iter_rows())


def _declared(points: tuple[tuple[float, float], ...], size: int) -> Floats:
    place, height = np.asarray(points, np.float64).T
    return np.asarray(np.interp((np.arange(size) + 0.5) / size, place, height))


def _curves(evidence: Evidence) -> Mapping[str, Curve]:
    return evidence.once("exposure.curves", lambda: _read(evidence))


def _read(evidence: Evidence) -> dict[str, Curve]:
    """Points of each video's curve; of several curves the one with most points: a mixture of two grids would go up and down by itself."""
    if evidence.shown is None:
        return {}
    rows = (
        evidence.shown.exposure.filter(pl.col("at_ms").is_not_null() & pl.col("retention").is_finite() & (pl.col("retention") >= 0))
        .group_by("video_id", "source", "at_ms")
        .agg(pl.col("retention").mean())
        .sort("video_id", "source", "at_ms")
        .collect()
    )
    if not rows.height:
        return {}
    best = (
        rows.group_by("video_id", "source")
        .agg(points=pl.len(), highest=pl.col("retention").max())
        .filter(pl.col("highest") > 0)
        .sort("video_id", "points", "source", descending=[False, True, False], nulls_last=True)
        .unique("video_id", keep="first", maintain_order=True)
    )
    held = rows.join(best.select("video_id", "source"), on=["video_id", "source"], how="semi", nulls_equal=True, maintain_order="left")
    return {
        str(key[0]): (part["at_ms"].cast(pl.Float64).to_numpy(), part["retention"].to_numpy())
        for key, part in held.partition_by("video_id", as_dict=True, maintain_order=True).items()
    }

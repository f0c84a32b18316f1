"""Beside agreement: does it change over time, does a coder drift, and which coder errs how, as far as a model can tell."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.coding.ratings import Ratings
from yuhu.core.codebook import Variable
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import dawid_skene, drift, false_discovery

WAVES = 4
_LEAST = 20


def waves_of(rated: Ratings, people: pl.DataFrame, waves: pl.Series) -> npt.NDArray[np.float64] | None:
    """Wave of each unit, from 1: that of its draw where there are several, else the quarter of the time in which it was coded; or None."""
    if not waves.null_count() and waves.n_unique() > 1:
        return waves.cast(pl.Float64).to_numpy()
    last = people.filter(pl.col("unit_id").is_in(rated.units.implode())).group_by("unit_id").agg(pl.col("at").max())
    when = pl.DataFrame({"unit_id": rated.units}).join(last, on="unit_id", how="left", maintain_order="left")["at"]
    if when.n_unique() < WAVES or len(when) < WAVES * _LEAST:
        return None
    place = (when.rank("ordinal") - 1).to_numpy()
    return np.floor(place * WAVES / len(when)) + 1.0


def drifts(
    variable: Variable, rated: Ratings, waves: npt.NDArray[np.float64], confidence: float
) -> Iterator[tuple[str, Estimate, float | None]]:
    """Of each coder: the change of their log odds of saying that the code is there, wave by wave, against the others on the same units; and its p."""
    if variable.zero is None or len(rated.coders) < 2:
        return
    zero = rated.values[rated.names.index(variable.zero)]
    there = np.where(np.isnan(rated.table), np.nan, (rated.table != zero).astype(np.float64))
    for one in drift(there, waves, confidence=confidence):
        yield rated.coders[one.coder], one.slope, one.p


def corrected(rows: list[dict[str, Any]]) -> None:
    """Put the false discovery rate over all decisions and coders in the place of each p."""
    tested = [row for row in rows if row["p"] is not None]
    if tested:
        for row, q in zip(tested, false_discovery(np.array([row["p"] for row in tested])), strict=True):
            row["p"] = float(q)


def confusions(rated: Ratings) -> Iterator[tuple[str, str, Estimate]]:
    """Of each coder and value: the chance of saying the value where it is the true one, after Dawid and Skene."""
    if len(rated.coders) < 3 or rated.table.shape[1] < _LEAST:
        return
    fitted = dawid_skene(rated.table, values=rated.values)
    names = dict(zip(rated.values, rated.names, strict=True))
    reason = fitted.caution or "model_based"
    for at, coder in enumerate(rated.coders):
        for place, value in enumerate(fitted.values):
            if fitted.prior[place] > 0:
                chance = float(np.clip(fitted.confusion[at, place, place], 0.0, 1.0))
                yield (
                    coder,
                    names[float(value)],
                    Estimate(value=chance, n=rated.table.shape[1], unit="share", method="dawid_skene.v1", reason=reason),
                )


def sizes(rated: Ratings) -> Mapping[str, int | None]:
    """Units with two codings, and coders."""
    return {"n_units": int((np.isfinite(rated.table).sum(axis=0) > 1).sum()), "n_coders": len(rated.coders), "n_videos": None}

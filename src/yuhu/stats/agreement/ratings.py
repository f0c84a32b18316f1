"""Ratings of coders, checked once and turned into the numbers of their values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints, equal_lengths

LEVELS = ("nominal", "ordinal", "interval", "ratio", "ordinal_gwet")
"""Scales of measurement. `ordinal` is Krippendorff's (distances follow how often the values are used), `ordinal_gwet` Gwet's (fixed)."""
MISSING = -1
MANY_VALUES = 1000
_SPAN = 4096


@dataclass(frozen=True)
class Ratings:
    """Who gave which value to which unit.

    Parameters
    ----------
    codes : (m, N) int
        Index into `values`; `MISSING` where a coder did not code the unit.
    values : (K,) float
        Values in ascending order.
    weight : (N,) float, optional
        Inverse chance of each unit.
    cluster : (N,) int, optional
        Index of the video of each unit.
    """

    codes: Ints
    values: Floats
    weight: Floats | None = None
    cluster: Ints | None = None


def checked_ratings(
    ratings: npt.ArrayLike,
    *,
    level: str,
    values: Sequence[float] | Floats | None = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
) -> Ratings:
    """Ratings as `Ratings`.

    Parameters
    ----------
    ratings : (m, N) float
        One row for each coder; NaN means "not coded", nothing else.
    level : str
        One of `LEVELS`.
    values : sequence of float, optional
        The codebook's values; those that occur if none are given.
    weights : (N,) float > 0, optional
        Inverse chance of each unit.
    cluster : (N,) int or str, optional
        Video of each unit.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 level, values or weights; YH304 a rating is no number, infinite, none of the values, or negative at
        the ratio level, or there are too many values for the level.

    Notes
    -----
    O(N·m) for whole numbers, else O(N·m·log(N·m)).
    """
    one_of(level, LEVELS, "level")
    try:
        table = np.asarray(ratings, np.float64)
    except (TypeError, ValueError) as error:
        raise YuhuError("YH304", "ratings are not a table of numbers", fix="number the values; NaN means not coded") from error
    if table.ndim != 2:
        raise YuhuError(
            "YH303", "ratings are not a table", facts={"shape": table.shape}, fix="one row for each coder, one column for each unit"
        )
    units = table[0] if table.shape[0] else np.empty(table.shape[1])
    weight = None if weights is None else _positive(np.asarray(weights, np.float64))
    labels: npt.NDArray[Any] | None = None if cluster is None else np.asarray(cluster)
    equal_lengths(ratings=units, weights=weight, cluster=labels)
    codes, known = _coded(table, None if values is None else _listed(values))
    if level == "ratio" and known.size and known[0] < 0:
        raise YuhuError(
            "YH304", "a value below 0 at the ratio level", facts={"found": known[0]}, fix="level interval allows negative values"
        )
    if level in {"ordinal", "ratio", "ordinal_gwet"} and known.size > MANY_VALUES:
        raise YuhuError(
            "YH304",
            f"too many distinct values for the level {level}",
            facts={"found": known.size, "at most": MANY_VALUES},
            fix="round the values, or use level interval",
        )
    index = None if labels is None else np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return Ratings(codes, known, weight, index)


def one_of(found: str, allowed: Sequence[str], name: str) -> None:
    """Check a word.

    Raises
    ------
    YuhuError
        YH303 it is none of those allowed.
    """
    if found not in allowed:
        raise YuhuError("YH303", f"{name} is not known", facts={"found": found}, fix=f"one of {', '.join(allowed)}")


def _positive(weight: Floats) -> Floats:
    if weight.size and not bool(np.all(np.isfinite(weight) & (weight > 0))):
        bad = weight[~(np.isfinite(weight) & (weight > 0))][0]
        raise YuhuError("YH303", "a weight is not a positive number", facts={"found": bad}, fix="weights are 1 / chance of each unit")
    return weight


def _listed(values: Sequence[float] | Floats) -> Floats:
    known = np.sort(np.asarray(values, np.float64).reshape(-1))
    if not known.size or not bool(np.all(np.isfinite(known))) or bool(np.any(np.diff(known) == 0)):
        raise YuhuError(
            "YH303", "values are empty, infinite or repeated", facts={"found": known[:10]}, fix="give each value of the codebook once"
        )
    return known


def _coded(table: Floats, known: Floats | None) -> tuple[Ints, Floats]:
    there = ~np.isnan(table)
    if not there.any():
        return np.full(table.shape, MISSING, np.int64), np.empty(0) if known is None else known
    low, high = float(np.fmin.reduce(table, axis=None)), float(np.fmax.reduce(table, axis=None))
    if not np.isfinite(low) or not np.isfinite(high):
        raise YuhuError("YH304", "a rating is infinite", fix="NaN means not coded; any other rating is a finite number")
    if known is not None:
        low, high = min(low, float(known[0])), max(high, float(known[-1]))
    if high - low < _SPAN and low.is_integer() and (known is None or bool(np.all(known == np.floor(known)))):
        steps = _whole_steps(table, there, low, int(high - low))
        if steps is not None:
            return _by_table(steps, low, int(high - low), known)
    if known is None:
        known = np.unique(table[there])
    return _by_search(table, there, known)


def _whole_steps(table: Floats, there: npt.NDArray[np.bool_], low: float, span: int) -> Ints | None:
    """Steps above the lowest rating, span + 1 for none; None if a rating lies between two steps."""
    shifted = table - low
    np.copyto(shifted, span + 1, where=~there)
    steps = shifted.astype(np.int64)
    return steps if bool(np.array_equal(steps, shifted)) else None


def _by_table(steps: Ints, low: float, span: int, known: Floats | None) -> tuple[Ints, Floats]:
    used = np.bincount(steps.reshape(-1), minlength=span + 2)[: span + 1] > 0
    if known is None:
        known = low + np.flatnonzero(used).astype(np.float64)
    index = np.full(span + 2, MISSING - 1, np.int16)
    index[(known - low).astype(np.int64)] = np.arange(known.size)
    index[span + 1] = MISSING
    strange = used & (index[: span + 1] < MISSING)
    if strange.any():
        raise _no_value(low + float(np.flatnonzero(strange)[0]), known)
    return index.take(steps), known  # type: ignore[return-value]  # two bytes for each rating


def _by_search(table: Floats, there: npt.NDArray[np.bool_], known: Floats) -> tuple[Ints, Floats]:
    place = np.minimum(np.searchsorted(known, np.where(there, table, known[0])), known.size - 1)
    strange = there & (known[place] != table)
    if strange.any():
        raise _no_value(float(table[strange][0]), known)
    return np.where(there, place, MISSING), known


def _no_value(found: float, known: Floats) -> YuhuError:
    expected = ", ".join(f"{value:g}" for value in known[:12]) + (" …" if known.size > 12 else "")
    return YuhuError(
        "YH304",
        "a rating is none of the values",
        facts={"found": found, "expected": expected},
        fix="give all values of the codebook, or none",
    )

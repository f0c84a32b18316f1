"""Exact tests of DIF in a bridge set: which group of coders saw which version was drawn by lot, so the lot is drawn again."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, equal_lengths

_TINY = 1e-12


@dataclass(frozen=True)
class Comparison:
    """One code and one way to split the answers.

    Parameters
    ----------
    answers : (R,) float in {0, 1}
        Whether the code was given; NaN where it was not decided.
    total : (R,) float
        What answers are matched by.
    focal : (R,) bool
        Whether the answer is of the focal group if the lot of its unit is 0; if it is 1 it is of the other one.
    """

    answers: Floats
    total: Floats
    focal: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Randomised:
    """p of one comparison, and p adjusted for all of them (max-T), for the code as a whole and for a difference that grows with the total; None: undefined."""

    uniform: float | None
    uniform_adjusted: float | None
    non_uniform: float | None
    non_uniform_adjusted: float | None


def randomised_dif(
    comparisons: Sequence[Comparison],
    unit: npt.ArrayLike,
    lot: npt.ArrayLike,
    block: npt.ArrayLike,
    *,
    draws: int = 2000,
    generator: np.random.Generator,
) -> list[Randomised]:
    """Randomisation tests that the version does not matter to any coder on any unit.

    Parameters
    ----------
    comparisons : sequence of Comparison
        Codes and splits; all are one family of tests.
    unit : (R,) int in [0, U)
        Unit of each answer.
    lot : (U,) int in {0, 1}
        How the lot of each unit fell.
    block : (U,) int
        Lots were drawn in fixed numbers within each block.
    draws : int
        Lots drawn anew.
    generator : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    list of Randomised
        One for each comparison. p = (1 + draws at least as extreme) / (1 + draws).

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 fewer than 100 draws.

    Notes
    -----
    Under the hypothesis every answer would be the same with another lot, so the tests hold whatever the coders, and however answers on one unit hang
    together. Statistics are those of Mantel and Haenszel (Σ(a - E) over strata, and its trend over the total), standardised by the draws; the
    adjusted p compares with the largest of all in each draw. O(draws x R x strata) for each comparison. Sources: mantel1959; westfall1993.
    """
    if draws < 100:
        raise YuhuError("YH303", "too few draws", facts={"found": draws, "expected": "100 or more"}, fix="draws=2000")
    places, lots, blocks = (np.asarray(one, np.int64).reshape(-1) for one in (unit, lot, block))
    equal_lengths(lot=lots, block=blocks)
    for one in comparisons:
        equal_lengths(unit=places, answers=one.answers, total=one.total, focal=one.focal)
    fallen = _lots(lots, blocks, draws, generator)[:, places]
    found = [_standardised(one) for each in comparisons for one in _statistics(each, fallen)]
    highest = np.max([one for one in found if one is not None], axis=0) if any(one is not None for one in found) else np.zeros(draws + 1)
    ps = [(None, None) if one is None else (_p(one, one[0]), _p(highest, one[0])) for one in found]
    return [Randomised(*ps[at], *ps[at + 1]) for at in range(0, len(ps), 2)]


def _lots(lots: npt.NDArray[np.int64], blocks: npt.NDArray[np.int64], draws: int, generator: np.random.Generator) -> npt.NDArray[np.bool_]:
    """(draws + 1, U): the lots as they fell, then anew within each block."""
    out = np.tile(lots.astype(np.bool_), (draws + 1, 1))
    for one in np.unique(blocks):
        members = np.flatnonzero(blocks == one)
        out[1:, members] = generator.permuted(out[1:, members], axis=1)
    return out


def _statistics(comparison: Comparison, fallen: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Both statistics for each draw; NaN where the lots leave nothing to compare."""
    known = np.isfinite(comparison.answers)
    answers = comparison.answers[known]
    focal = (fallen[:, known] ^ comparison.focal[known]).astype(np.float32)
    levels, place = np.unique(comparison.total[known], return_inverse=True)
    strata = np.zeros((answers.size, levels.size), np.float32)
    strata[np.arange(answers.size), place.reshape(-1)] = 1.0
    n, hits = strata.sum(axis=0), strata.T @ answers
    kept = n > 1
    strata, n, hits, levels = strata[:, kept], n[kept].astype(np.float64), hits[kept], levels[kept]
    size = (focal @ strata).astype(np.float64)
    given = (focal @ (strata * answers[:, None].astype(np.float32))).astype(np.float64)
    gap = given - size * hits / n
    spread = size * (n - size) * hits * (n - hits) / (n**2 * (n - 1))
    whole = spread.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        uniform = gap.sum(axis=1) / np.sqrt(whole)
        middle = (spread @ levels) / whole
        trend = gap @ levels - middle * gap.sum(axis=1)
        rest = spread @ levels**2 - middle**2 * whole
        return uniform, np.where(rest > _TINY * max(1.0, float(np.abs(levels).max(initial=0.0))) ** 2, trend / np.sqrt(rest), np.nan)


def _standardised(found: Floats) -> Floats | None:
    """Distances from the mean of all draws in their standard deviations; None where the lots as they fell give no number or nothing varies."""
    if not np.isfinite(found[0]):
        return None
    known = np.where(np.isfinite(found), found, 0.0)
    deviation = float(known.std())
    return None if deviation < _TINY else np.abs(known - known.mean()) / deviation


def _p(of: Floats, seen: float) -> float:
    return float((of >= seen - 1e-9).sum() / of.size)

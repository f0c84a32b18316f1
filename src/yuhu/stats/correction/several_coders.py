"""What the gold itself leaves open: people who code the same units differently."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, equal_lengths
from yuhu.stats.correction.mean import corrected_mean


@dataclass(frozen=True)
class GoldSensitivity:
    """A corrected mean under every reading of the gold.

    Parameters
    ----------
    mean : Estimate
        Gold is the mean of the coders of each unit.
    by_coder : tuple of Estimate
        Gold is what one coder said, in the order of the coders.
    lowest, highest : Estimate
        Wherever coders differ the lowest, the highest code is right.
    low, high : float or None
        From the lower end of `lowest` to the upper end of `highest`; None where one of them has no interval.
    disagreement : float or None
        Mean distance between the highest and the lowest code of units with several coders, weighted to all units: for two coders and 0/1 codes the
        share on which they differ, (1 − alpha) times what chance would give.
    several : int
        Gold units with more than one coder.
    """

    mean: Estimate
    by_coder: tuple[Estimate, ...]
    lowest: Estimate
    highest: Estimate
    low: float | None
    high: float | None
    disagreement: float | None
    several: int


def gold_sensitivity(machine: npt.ArrayLike, ratings: npt.ArrayLike, chance: npt.ArrayLike, **options: Any) -> GoldSensitivity:
    """Corrected mean with the gold of several coders, and how far it moves with what is taken for right.

    Parameters
    ----------
    machine : (N,) float
        Machine code of every unit.
    ratings : (m, N) float
        One row for each coder; NaN where the coder did not code the unit.
    chance : (N,) float in (0, 1]
        Chance with which the unit was drawn.
    **options
        Of `corrected_mean`: cluster, stratum, tuned, confidence, bounds, generator.

    Returns
    -------
    GoldSensitivity

    Raises
    ------
    YuhuError
        As `corrected_mean`; YH301 also where ratings have another shape.

    Notes
    -----
    Covered by the interval of `mean`: that a coder says now this, now that, if who codes what was left to chance. Covered by `low` to `high`:
    that wherever coders differ one of them is right, always on the same side. Covered by neither: errors that all coders share, and units
    that only one of them saw. A coder alone takes the units coded by them for a random part of those drawn. O(m·N). Source: methods 3.6.
    """
    codes = np.asarray(ratings, np.float64)
    if codes.ndim != 2:
        raise YuhuError("YH301", "ratings need one row for each coder", facts={"found": codes.shape}, fix="an array (coders, units)")
    given, chances = ~np.isnan(codes), np.asarray(chance, np.float64)
    equal_lengths(machine=machine, ratings=codes[0] if codes.shape[0] else np.empty(0), chance=chances)
    often = given.sum(axis=0)
    readings = _readings(codes, given, often)
    mean, lowest, highest = (corrected_mean(machine, reading, chances, **options) for reading in readings)
    drawn = int((often > 0).sum())
    alone = tuple(
        corrected_mean(machine, codes[k], chances * (given[k].sum() / max(drawn, 1)) if given[k].any() else chances, **options)
        for k in range(codes.shape[0])
    )
    both = often > 1
    weight = 1 / chances[both]
    apart = float(weight @ (readings[2] - readings[1])[both] / weight.sum()) if bool(both.any()) else None
    whole = lowest.low is not None and highest.high is not None
    low, high = (lowest.low, highest.high) if whole else (None, None)
    return GoldSensitivity(mean, alone, lowest, highest, low, high, apart, int(both.sum()))


def _readings(codes: Floats, given: npt.NDArray[np.bool_], often: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Mean, smallest and largest code of each unit; NaN where nobody coded it."""
    nobody = often == 0
    mean = np.where(nobody, np.nan, np.where(given, codes, 0.0).sum(axis=0) / np.maximum(often, 1))
    low = np.where(nobody, np.nan, np.where(given, codes, np.inf).min(axis=0, initial=np.inf))
    high = np.where(nobody, np.nan, np.where(given, codes, -np.inf).max(axis=0, initial=-np.inf))
    return mean, low, high

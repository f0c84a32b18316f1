"""Rare codes: whether gold holds enough positives and enough errors of the machine for a corrected interval, and what to do if not."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from yuhu.stats.arrays import Floats
from yuhu.stats.correction.design import LEAST_GOLD, Gold

LEAST_POSITIVES = 15
LEAST_ERRORS = 5


@dataclass(frozen=True)
class Rarity:
    """What the gold sample holds of a code.

    Parameters
    ----------
    positives, negatives : float
        Gold units with and without the code, as many equally weighted ones as they are worth.
    errors : float
        Gold units on which machine and people differ, likewise: false negatives and false positives.
    coded : float
        Gold units, likewise.
    verdict : str
        ``enough``; ``few_errors``: the machine erred too seldom for a variance; ``few_positives``: gold alone must speak;
        ``not_estimable``: a few heavy units decide all.
    more : int or None
        Gold units to add, drawn like those there are, so that a corrected interval is due; 0 if none. None where gold shows no positive, or
        no error, so that it cannot be told.
    """

    positives: float
    negatives: float
    errors: float
    coded: float
    verdict: str
    more: int | None


def rarity(human: Floats, machine: Floats, chance: Floats) -> Rarity:
    """Judge whether gold holds enough of a code.

    Parameters
    ----------
    human, machine : (n,) float in [0, 1]
        Codes of the gold units.
    chance : (n,) float in (0, 1]
        With which they were drawn; units with chance 1 carry no doubt and are not counted.

    Returns
    -------
    Rarity

    Notes
    -----
    Counts are Kish's: ``(Σ w y)² / Σ (w y)²``, the number of units when all weights are equal. Errors are counted by the variance that they
    carry. A corrected interval is due from 15 positives, 15 negatives and 5 errors. O(n). Source: kish1965.
    """
    chance = np.asarray(chance, np.float64)
    free = chance < 1
    weight = 1 / chance[free]
    answer, wrong = np.asarray(human, np.float64)[free], np.asarray(human, np.float64)[free] - np.asarray(machine, np.float64)[free]
    positives, negatives, coded = (kish(weight * part) for part in (answer, 1 - answer, np.ones(answer.size)))
    errors = kish((1 - chance[free]) * weight**2 * wrong**2)
    if coded < LEAST_GOLD:
        verdict = "not_estimable"
    elif min(positives, negatives) < LEAST_POSITIVES:
        verdict = "few_positives"
    else:
        verdict = "few_errors" if errors < LEAST_ERRORS else "enough"
    rarer = min(positives, negatives)
    grow = max(LEAST_POSITIVES / rarer, LEAST_ERRORS / errors, LEAST_GOLD / coded) if min(rarer, errors) > 0 else math.inf
    more = 0 if verdict == "enough" else None if math.isinf(grow) else max(1, math.ceil(answer.size * (grow - 1)))
    return Rarity(positives, negatives, errors, coded, verdict, more)


def kish(shares: Floats) -> float:
    """Number of equal parts that unequal ones are worth; 0 if all are 0."""
    squares = float(shares @ shares)
    return float(shares.sum()) ** 2 / squares if squares > 0 else 0.0


def error_bounds(gold: Gold, machine_mean: float, confidence: float) -> tuple[float, float]:
    """Interval of a share where the machine erred so seldom that its errors have no variance to speak of.

    Parameters
    ----------
    gold : Gold
        Of one code in [0, 1].
    machine_mean : float
        Machine's share over all units; units drawn with certainty count as people coded them.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    tuple of float
        ``machine share + (false negatives − false positives)``: exact (Clopper-Pearson) bounds of both shares, put together by squares. Their
        size is what the weights of the erring units leave, of the heaviest unit if none errs.

    Notes
    -----
    O(n). No error in n units still leaves the machine wrong in up to about 3.7/n of the others. Sources: clopper1934; zou2008 (squares).
    """
    free = gold.uncertain
    weight = gold.weight[free]
    wrong = (gold.human - gold.machine[gold.at])[free]
    missed, low_missed, high_missed = _bounded(np.maximum(wrong, 0), weight, confidence)
    invented, low_invented, high_invented = _bounded(np.maximum(-wrong, 0), weight, confidence)
    doubtful = 1 - float((~free).sum()) / gold.units
    centre = machine_mean + doubtful * (missed - invented)
    down = math.hypot(missed - low_missed, high_invented - invented)
    above = math.hypot(high_missed - missed, invented - low_invented)
    return max(0.0, centre - doubtful * down), min(1.0, centre + doubtful * above)


def _bounded(errors: Floats, weight: Floats, confidence: float) -> tuple[float, float, float]:
    """Share of one kind of error with exact bounds, at the size that the sample would have if all units weighed as those that err."""
    total, mass = float(weight.sum()), float(weight @ errors)
    heavy = float(weight**2 @ errors) / mass if mass > 0 else float(weight.max())
    size = min(kish(weight), total / heavy)
    share = mass / total
    return share, *clopper_pearson(share * size, size, confidence)


def clopper_pearson(found: float, size: float, confidence: float) -> tuple[float, float]:
    """Exact interval of a share, for whole or effective numbers.

    Notes
    -----
    O(1). Source: clopper1934.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if found <= 0 else float(stats.beta.ppf(tail, found, size - found + 1))
    high = 1.0 if found >= size else float(stats.beta.ppf(1 - tail, found + 1, size - found))
    return low, high

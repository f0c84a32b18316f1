"""Rare codes: whether gold holds enough positives and enough errors of the machine for a corrected interval, and what to do if not."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.correction.design import LEAST_GOLD, Gold

LEAST_POSITIVES = 15
LEAST_ERRORS = 5
LEAST_ERRORS_OF_RATE = 12
SEEN_ERRORS = 3
_ALIKE = 1.5


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


def rate_classes(chance: Floats) -> Ints:
    """(n,) class of each gold unit: those drawn at about the same rate are one, whatever their strata.

    Parameters
    ----------
    chance : (n,) float in (0, 1]
        With which they were drawn.

    Notes
    -----
    From the lowest rate on, a class holds rates up to half as high again. O(n log n).
    """
    order = np.argsort(chance, kind="stable")
    found = np.zeros(chance.size, np.int64)
    first, at = 0.0, -1
    for place in order.tolist():
        if chance[place] > _ALIKE * first:
            first, at = float(chance[place]), at + 1
        found[place] = at
    return found


def errs_unseen(wrong: Floats, chance: Floats, confidence: float) -> bool:
    """Whether units of one rate show too few errors to tell how often the machine errs there, and these could matter.

    A sample that was enriched with what the machine found may show every false positive and no false negative, which are then all in the units that weigh
    most: the variance of what was seen says nothing of them. They matter where what may be unseen in a class of rates is more than a quarter of the half
    width that what was seen gives.

    Notes
    -----
    O(n log n). Of a sample with one class of rates it is `rarity` that tells.
    """
    classes, weight = rate_classes(chance), 1 / chance
    if classes.max(initial=0) == 0:
        return False
    total = float(weight.sum())
    middle = float(weight @ wrong) / total
    tail = float(stats.norm.ppf(0.5 + confidence / 2))
    half = tail * math.sqrt(float((weight * (wrong - middle)) ** 2 @ (1 - chance))) / total
    for each in range(int(classes.max()) + 1):
        own = classes == each
        one = weight[own]
        if _errors(wrong[own], chance[own]) < SEEN_ERRORS:
            room = math.sqrt(float(one**2 @ (1 - chance[own])) / float(one @ one))
            if float(one.sum()) / total * room * jeffreys(0.0, kish(one), confidence)[1] > half / 4:
                return True
    return False


def _errors(wrong: Floats, chance: Floats) -> float:
    return kish((1 - chance) * wrong**2 / chance**2)


def ends_by_rate(wrong: Floats, chance: Floats, machine_mean: float, confidence: float) -> tuple[float, float, float]:
    """Share and interval where the machine's errors are few in units of some rate.

    Parameters
    ----------
    wrong : (n,) float in [-1, 1]
        What people said of the gold units less what the machine said.
    chance : (n,) float in (0, 1]
        With which they were drawn.
    machine_mean : float
        The machine's share over all units.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    tuple of float
        The share and its ends. Of each class of rates (`rate_classes`): intervals of false negatives and false positives where it shows fewer than 12 errors
        (exact ones; Jeffreys' where all were drawn at one rate, since errors of the units that weigh most then cannot hide), the t interval of its mean
        error where it shows more; put together by squares.

    Notes
    -----
    O(n log n). Sources: brown2001 (Jeffreys); clopper1934; zou2008 (squares).
    """
    classes, weight = rate_classes(chance), 1 / chance
    total, centre, down, up = float(weight.sum()), machine_mean, 0.0, 0.0
    for each in range(int(classes.max()) + 1):
        own = classes == each
        one, part = weight[own], float(weight[own].sum()) / total
        mean = float(one @ wrong[own]) / float(one.sum())
        centre += part * mean
        size, room = kish(one), math.sqrt(float(one**2 @ (1 - chance[own])) / float(one @ one))  # room: drawing without replacement
        if _errors(wrong[own], chance[own]) >= LEAST_ERRORS_OF_RATE:
            spread = float(one @ (wrong[own] - mean) ** 2) / float(one.sum()) / (size - 1)
            ends = (float(stats.t.ppf(0.5 + confidence / 2, size - 1)) * math.sqrt(spread),) * 2
        else:
            ends = _rare_ends(wrong[own], one, size, confidence, clopper_pearson if classes.max() else jeffreys)
        down += (part * room * ends[0]) ** 2
        up += (part * room * ends[1]) ** 2
    value = min(1.0, max(0.0, centre))
    return value, max(0.0, min(value, centre - math.sqrt(down))), min(1.0, max(value, centre + math.sqrt(up)))


def _rare_ends(
    wrong: Floats, weight: Floats, size: float, confidence: float, bounds: Callable[[float, float, float], tuple[float, float]]
) -> tuple[float, float]:
    """How far the mean error may lie below and above what was seen."""
    missed, invented = (float(weight @ np.maximum(side * wrong, 0)) / float(weight.sum()) for side in (1, -1))
    (low_missed, high_missed), (low_invented, high_invented) = (bounds(one * size, size, confidence) for one in (missed, invented))
    return math.hypot(missed - low_missed, high_invented - invented), math.hypot(high_missed - missed, invented - low_invented)


def jeffreys(found: float, size: float, confidence: float) -> tuple[float, float]:
    """Jeffreys interval of a share, for whole or effective numbers; 0 and 1 are its ends where nothing or everything was found.

    Notes
    -----
    O(1). Source: brown2001.
    """
    tail = (1 - confidence) / 2
    low = 0.0 if found <= 0 else float(special.betaincinv(found + 0.5, size - found + 0.5, tail))
    high = 1.0 if found >= size else float(special.betaincinv(found + 0.5, size - found + 0.5, 1 - tail))
    return low, high


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

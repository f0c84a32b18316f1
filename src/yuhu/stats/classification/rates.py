"""How a machine coder does on one code: precision, recall, specificity, F1, and the table behind them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats
from yuhu.stats.classification.ratios import Coded, coded_units, only_labels, ratio


@dataclass(frozen=True)
class ErrorRates:
    """One code of one machine coder.

    Parameters
    ----------
    precision : Estimate
        Of what the machine calls positive, the share that people do; ``never_predicted`` where it calls nothing so.
    recall : Estimate
        Of what people call positive, the share that the machine finds (sensitivity); ``no_gold_positives``.
    specificity : Estimate
        Of what people call negative, the share that the machine leaves alone; ``no_gold_negatives``.
    f1 : Estimate
        Harmonic mean of precision and recall; ``no_gold_positives`` where neither people nor machine see the code.
    accuracy : Estimate
        Share of units on which both agree. High for any rare code: read the others.
    """

    precision: Estimate
    recall: Estimate
    specificity: Estimate
    f1: Estimate
    accuracy: Estimate


def error_rates(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    *,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    generator: np.random.Generator | None = None,
) -> ErrorRates:
    """Precision, recall, specificity, F1 and accuracy among all units, from a probability sample.

    Parameters
    ----------
    machine : (N,) float
        0 or 1, from a machine that was not trained on the unit.
    human : (N,) float
        0 or 1; NaN = not drawn.
    chance : (N,) float in (0, 1]
        Chance with which the unit was drawn; read in drawn units only.
    cluster : (N,) int or str, optional
        Independent work of each unit.
    confidence : float in (0, 1)
        Level.
    generator : numpy.random.Generator, optional
        For the wild bootstrap.

    Returns
    -------
    ErrorRates
        Unit "share"; n is the number of gold units in the denominator. Below 10 of them no interval.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance is unknown or outside (0, 1]; YH303 a code is neither 0 nor 1.

    Notes
    -----
    Each is a ratio of sums weighted by 1/chance: a sample that holds more likely positives than there are shows too high a precision without
    weights. O(N). Source: sarndal1992 (ratios of a sample).
    """
    coded = coded_units(machine, human, chance, cluster, confidence=confidence)
    only_labels(coded.machine, "machine")
    only_labels(coded.human, "human")
    return ErrorRates(**{name: rate_of(name, coded, confidence, generator) for name in PARTS})


def rate_of(name: str, coded: Coded, confidence: float, generator: np.random.Generator | None) -> Estimate:
    """One rate of a sample of 0/1 codes."""
    part, whole = parts_of(name, coded.machine, coded.human)
    return ratio(part, whole, coded, method=f"{name}.v1", empty=PARTS[name], confidence=confidence, generator=generator)


PARTS = {
    "precision": "never_predicted",
    "recall": "no_gold_positives",
    "specificity": "no_gold_negatives",
    "f1": "no_gold_positives",
    "accuracy": "no_units",
}
"""Rates, and the reason where the denominator is empty."""


def parts_of(name: str, machine: Floats, human: Floats) -> tuple[Floats, Floats]:
    """Numerator and denominator of a rate, for each unit."""
    both = machine * human
    neither = (1 - machine) * (1 - human)
    return {
        "precision": (both, machine),
        "recall": (both, human),
        "specificity": (neither, 1 - human),
        "f1": (2 * both, machine + human),
        "accuracy": (both + neither, np.ones_like(both)),
    }[name]


@dataclass(frozen=True)
class Confusion:
    """Who called what how.

    Parameters
    ----------
    values : (K,) float
        Values in the order of rows and columns.
    units : (K, K) int
        Gold units; row = people, column = machine.
    weighted : (K, K) float
        The same weighted by 1/chance: estimated numbers of all units.
    """

    values: Floats
    units: npt.NDArray[np.int64]
    weighted: Floats


def confusion(
    machine: npt.ArrayLike, human: npt.ArrayLike, chance: npt.ArrayLike | None, *, values: npt.ArrayLike | None = None
) -> Confusion:
    """Table of what people and machine said.

    Parameters
    ----------
    machine, human : (N,) float
        Values of a code; NaN in `human` = not drawn.
    chance : (N,) float in (0, 1]
        Chances.
    values : (K,) float, optional
        The codebook's values; those that occur if none are given.

    Raises
    ------
    YuhuError
        YH301, YH302 as `error_rates`; YH303 a code is none of the values.

    Notes
    -----
    O(N + K²).
    """
    coded = coded_units(machine, human, chance, None, confidence=0.95)
    used = np.union1d(coded.machine, coded.human)
    known = used if values is None else np.unique(np.asarray(values, np.float64))
    strange = np.setdiff1d(used, known)
    if strange.size:
        raise YuhuError(
            "YH303", "a code is none of the values", facts={"found": strange[0], "values": known.tolist()}, fix="name all values"
        )
    size = known.size
    cell = np.searchsorted(known, coded.human) * size + np.searchsorted(known, coded.machine)
    units = np.bincount(cell, minlength=size * size).reshape(size, size)
    weighted = np.bincount(cell, weights=coded.weight, minlength=size * size).reshape(size, size)
    return Confusion(known, units.astype(np.int64), weighted.astype(np.float64))

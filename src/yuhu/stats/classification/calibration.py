"""Whether a machine's probabilities mean what they say."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats
from yuhu.stats.classification.ratios import LEAST_UNITS, Coded, coded_units, ratio

_DRAWS = 2000
_UNSURE = 1.5


@dataclass(frozen=True)
class ReliabilityBin:
    """Units to which the machine gave about the same probability.

    Parameters
    ----------
    low, high : float
        Ends; the upper one belongs to the next bin, save the last.
    said : float or None
        Mean probability of the units in it; None if there are none.
    found : Estimate
        Share of them that people call positive.
    """

    low: float
    high: float
    said: float | None
    found: Estimate


@dataclass(frozen=True)
class Calibration:
    """Reliability curve and its summary.

    Parameters
    ----------
    bins : tuple of ReliabilityBin
        From 0 to 1.
    error : Estimate
        Expected calibration error: mean distance of `said` and `found`, weighted by units, less what chance adds to it.
    error_seen : float or None
        The same as it is seen in the sample, as other programs report it.
    bias : Estimate
        Mean of said − found over all units; unit "difference of shares". 0: the machine's share is right on average.
    """

    bins: tuple[ReliabilityBin, ...]
    error: Estimate
    error_seen: float | None
    bias: Estimate


def calibration(
    probability: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    *,
    bins: int = 10,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    generator: np.random.Generator | None = None,
) -> Calibration:
    """Reliability curve with intervals, and the expected calibration error.

    Parameters
    ----------
    probability : (N,) float in [0, 1]
        That the machine gave.
    human : (N,) float in [0, 1]
        0/1 or the mean of several coders; NaN = not drawn.
    chance : (N,) float in (0, 1]
        Chances.
    bins : int
        Bins of equal width, 2 to 100.
    cluster : (N,) int or str, optional
        Independent work of each unit.
    confidence : float in (0, 1)
        Level.
    generator : numpy.random.Generator, optional
        Of the draws behind the interval of the error; seeded with 0 if none.

    Returns
    -------
    Calibration

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance is unknown or outside (0, 1]; YH303 a probability or code lies outside [0, 1], or an option outside
        its range.

    Notes
    -----
    The error that a sample shows is too high, because distances never cancel: a perfectly calibrated machine shows one above 0. So
    distances of bins are drawn anew with their standard errors, and what that adds to the error is taken off the value and both ends. It depends on the number of bins. O(N + draws·bins). Source: guo2017.
    """
    if not 2 <= bins <= 100:
        raise YuhuError("YH303", "bins lie outside 2 to 100", facts={"found": bins}, fix="bins=10")
    coded = coded_units(probability, human, chance, cluster, confidence=confidence)
    for name, codes in (("machine", coded.machine), ("human", coded.human)):
        if codes.size and not (float(codes.min()) >= 0 and float(codes.max()) <= 1):
            raise YuhuError(
                "YH303",
                f"a {name} code lies outside [0, 1]",
                facts={"found": float(codes[(codes < 0) | (codes > 1)][0])},
                fix="give probabilities",
            )
    place = np.minimum((coded.machine * bins).astype(np.int64), bins - 1)
    curve = tuple(_bin(k, bins, place == k, coded, confidence, generator) for k in range(bins))
    error, seen = _error(coded, place, bins, confidence, generator or np.random.default_rng(0))
    return Calibration(curve, error, seen, _bias(coded, confidence, generator))


def _bin(
    k: int, bins: int, own: npt.NDArray[np.bool_], coded: Coded, confidence: float, generator: np.random.Generator | None
) -> ReliabilityBin:
    cluster = None if coded.cluster is None else coded.cluster[own]
    there = Coded(coded.machine[own], coded.human[own], coded.chance[own], coded.weight[own], cluster)
    found = ratio(
        there.human, np.ones(there.human.size), there, method="reliability.v1", empty="no_units", confidence=confidence, generator=generator
    )
    said = float(np.average(there.machine, weights=there.weight)) if there.machine.size else None
    return ReliabilityBin(k / bins, (k + 1) / bins, said, found)


def _bias(coded: Coded, confidence: float, generator: np.random.Generator | None) -> Estimate:
    """As a share between 0 and 1 of how far said lies from found, moved back to −1 to 1."""
    ones = np.ones(coded.machine.size)
    half = ratio(
        (coded.machine - coded.human + 1) / 2,
        ones,
        coded,
        method="calibration_bias.v1",
        empty="no_units",
        confidence=confidence,
        generator=generator,
    )
    ends = {name: None if (end := getattr(half, name)) is None else 2 * end - 1 for name in ("value", "low", "high")}
    return half.with_(unit="difference of shares", **ends)


def _error(
    coded: Coded, place: npt.NDArray[np.int64], bins: int, confidence: float, generator: np.random.Generator
) -> tuple[Estimate, float | None]:
    n = int(coded.human.size)
    blank = Estimate(value=None, n=n, n_gold=n, method="calibration_error.v1", reason="no_units")
    if n == 0:
        return blank, None
    total = float(coded.weight.sum())
    away = coded.weight * (coded.human - coded.machine) / total
    distance: Floats = np.bincount(place, weights=away, minlength=bins).astype(np.float64)
    seen = min(1.0, float(np.abs(distance).sum()))
    if n < LEAST_UNITS:
        return blank.with_(value=seen, reason="too_few_gold"), seen
    mass = np.maximum(np.bincount(place, weights=coded.weight, minlength=bins) / total, 1e-300)
    centred = away - (distance / mass)[place] * coded.weight / total
    if coded.cluster is None:
        covariance = np.diag(n / (n - 1) * np.bincount(place, weights=(1 - coded.chance) * centred**2, minlength=bins))
    else:
        groups = int(coded.cluster.max()) + 1
        if groups < 10:
            return blank.with_(value=seen, reason="too_few_videos"), seen
        sums = np.stack([np.bincount(coded.cluster, weights=np.where(place == k, centred, 0.0), minlength=groups) for k in range(bins)])
        covariance = groups / (groups - 1) * sums @ sums.T
    values, vectors = np.linalg.eigh(covariance)
    noise = generator.standard_normal((_DRAWS, bins)) @ (vectors * np.sqrt(np.maximum(values, 0))).T
    errors = np.sqrt(np.maximum(np.diag(covariance), 0))
    sure = np.where(np.abs(distance) > _UNSURE * errors, distance, 0.0)
    added = np.abs(sure + noise).sum(axis=1) - float(np.abs(sure).sum())  # what chance adds, if unsure distances are none
    least = np.abs(distance + noise).sum(axis=1) - seen  # and if all are what they seem
    ends = seen - np.quantile(added, (1 + confidence) / 2), seen - added.mean(), seen - np.quantile(least, (1 - confidence) / 2)
    low, middle, high = (min(1.0, max(0.0, float(end))) for end in ends)
    return blank.with_(value=min(max(middle, low), high), low=low, high=high, confidence=confidence, reason=""), seen

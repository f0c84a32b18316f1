"""Why a share differs between two times: other people spoke, or the same kinds of people spoke otherwise."""

from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, proportion

METHOD = "kitagawa.v1"
PARTS = ("difference", "mix", "rate")
BATCHES = 1_000
LEAST_UNITS = 10


@dataclass(frozen=True)
class Parts:
    """The difference of a share between two populations, and what it is made of.

    Parameters
    ----------
    difference : float
        Share in the second less share in the first: `mix` + `rate`, exactly.
    mix, rate : float
        What comes of other weights of the kinds at their mean rates, and of other rates at their mean weights.
    of_mix, of_rate : (K,) float
        The same of each kind; they add up.
    """

    difference: float
    mix: float
    rate: float
    of_mix: Floats
    of_rate: Floats


def kitagawa(units: Floats, hits: Floats) -> Parts:
    """Difference of a share between two populations, split into mix and rate.

    Parameters
    ----------
    units : (2, K) float >= 0
        Units of each kind in the first and the second population.
    hits : (2, K) float
        Those of them with the code; sums of corrected codes do, too.

    Returns
    -------
    Parts
        With w the weights of kinds in a population and r their rates: ``mix = Σ (w₂ − w₁)(r₁ + r₂)/2``, ``rate = Σ (r₂ − r₁)(w₁ + w₂)/2``. A kind that is in one
        population only has the rate that it has there in both: it belongs to the mix.

    Raises
    ------
    YuhuError
        YH301 the arrays differ in shape; YH303 a population is empty or a number is negative or not finite.

    Notes
    -----
    O(K). Source: kitagawa1955.
    """
    units, hits = np.asarray(units, np.float64), np.asarray(hits, np.float64)
    if units.shape != hits.shape or units.ndim != 2 or units.shape[0] != 2:
        raise YuhuError(
            "YH301", "units and hits differ in shape", facts={"units": units.shape, "hits": hits.shape}, fix="two arrays (2, K)"
        )
    if not (np.all(np.isfinite(units)) and np.all(np.isfinite(hits)) and np.all(units >= 0) and np.all(units.sum(axis=1) > 0)):
        raise YuhuError("YH303", "a population is empty, or a number makes no sense", fix="units of 0 or more, and some in each population")
    weight = units / units.sum(axis=1, keepdims=True)
    rate = hits / np.where(units > 0, units, 1.0)
    rate = np.where(units > 0, rate, rate[::-1])
    of_mix = (weight[1] - weight[0]) * (rate[0] + rate[1]) / 2
    of_rate = (rate[1] - rate[0]) * (weight[0] + weight[1]) / 2
    mix, within = float(of_mix.sum()), float(of_rate.sum())
    return Parts(mix + within, mix, within, of_mix, of_rate)


def decomposed(
    units: Floats, hits: Floats, generator: np.random.Generator, *, draws: int = 999, confidence: float = 0.95
) -> tuple[Estimate, Estimate, Estimate]:
    """The same with intervals from resampled authors or videos.

    Parameters
    ----------
    units, hits : (G, 2, K) float
        As in `kitagawa`, of each author (or video).
    generator : numpy.random.Generator
        Of the draws.
    draws : int
        Resamples.
    confidence : float in (0, 1)
        Level.

    Returns
    -------
    tuple of Estimate
        In the order of `PARTS`: unit "difference of shares", n = units in both populations. No interval for ``too_few_resampled`` below 10 authors;
        undefined for ``no_units`` where a population is empty.

    Raises
    ------
    YuhuError
        As `kitagawa`; YH303 `confidence`.

    Notes
    -----
    Percentiles of the resamples, widened to hold the estimate. More than 1,000 authors are put together at random in 1,000 batches, which are
    resampled: the variance stays, and the cost is O(G·K + draws·batches·K). Sources: kitagawa1955; efron1979.
    """
    proportion(confidence, "confidence")
    units, hits = np.asarray(units, np.float64), np.asarray(hits, np.float64)
    whole = units.sum(axis=0)
    blank = Estimate(value=None, n=round(float(whole.sum())), unit="difference of shares", method=METHOD, reason="no_units")
    if not units.shape[0] or not np.all(whole.sum(axis=1) > 0):
        return blank, blank, blank
    found = kitagawa(whole, hits.sum(axis=0))
    values = (found.difference, found.mix, found.rate)
    if units.shape[0] < LEAST_UNITS:
        return _three(tuple(blank.with_(value=value, reason="too_few_resampled") for value in values))
    if units.shape[0] > BATCHES:
        units, hits = _batched(units, hits, generator)
    size = units.shape[0]
    again = generator.multinomial(size, np.full(size, 1 / size), size=draws).astype(np.float64)
    drawn = _many(np.tensordot(again, units, axes=1), np.tensordot(again, hits, axes=1))
    tail = (1 - confidence) / 2
    ends = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return _three(
        tuple(
            blank.with_(
                value=value, low=min(value, float(ends[0, at])), high=max(value, float(ends[1, at])), confidence=confidence, reason=""
            )
            for at, value in enumerate(values)
        )
    )


def _three(found: tuple[Estimate, ...]) -> tuple[Estimate, Estimate, Estimate]:
    return found[0], found[1], found[2]


def _batched(units: Floats, hits: Floats, generator: np.random.Generator) -> tuple[Floats, Floats]:
    batch = generator.permutation(units.shape[0]) % BATCHES
    both: list[Floats] = []
    for array in (units, hits):
        flat = array.reshape(array.shape[0], -1)
        sums: list[Floats] = [np.bincount(batch, weights=column, minlength=BATCHES).astype(np.float64) for column in flat.T]
        both.append(np.stack(sums, axis=1).reshape(BATCHES, *array.shape[1:]))
    return both[0], both[1]


def _many(units: Floats, hits: Floats) -> Floats:
    """(draws, 3) parts; resamples in which a population is empty are left out."""
    full = np.all(units.sum(axis=2) > 0, axis=1)
    units, hits = units[full], hits[full]
    weight = units / units.sum(axis=2, keepdims=True)
    rate = hits / np.where(units > 0, units, 1.0)
    rate = np.where(units > 0, rate, rate[:, ::-1])
    mix = ((weight[:, 1] - weight[:, 0]) * (rate[:, 0] + rate[:, 1]) / 2).sum(axis=1)
    within = ((rate[:, 1] - rate[:, 0]) * (weight[:, 0] + weight[:, 1]) / 2).sum(axis=1)
    return np.stack([mix + within, mix, within], axis=1)

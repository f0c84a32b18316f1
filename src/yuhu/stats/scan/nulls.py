"""What counts look like where there is no peak: Poisson, overdispersed, blocks of the residuals, autocorrelated."""

from dataclasses import dataclass, replace
from functools import cache
from typing import Literal

import numpy as np

from yuhu.stats.arrays import Floats

Null = Literal["autocorrelated", "blocks", "negative_binomial", "poisson"]
NULLS: tuple[Null, ...] = ("autocorrelated", "blocks", "negative_binomial", "poisson")
_LEAST = 1e-6
_SHORTEST, _LONGEST = 1e-3, 0.98
_MOST_BACK = 4.0
_CARRIES = np.arange(0.0, 0.985, 0.02)


@dataclass(frozen=True)
class Variation:
    """How a rate varies beyond chance and beyond its course.

    Parameters
    ----------
    white : float
        Variance of a multiplier with mean 1 that is drawn anew in each bin.
    lasting : float
        Variance of a multiplier with mean 1 that lasts.
    carry : float
        Correlation of its log from bin to bin.
    dispersion : float
        Pearson's chi-square by degrees of freedom.
    """

    white: float
    lasting: float
    carry: float
    dispersion: float


def variation(counts: Floats, expected: Floats, lags: int, fitted: int) -> Variation:
    """Variation of counts about an expectation, by moments.

    Parameters
    ----------
    counts, expected : (n,) float
        Bins in their order.
    lags : int
        Covariances up to this lag are used: the length of a block.
    fitted : int
        Coefficients of the expectation; they take covariance away, which is put back.

    Notes
    -----
    cov(lag) = lasting x carry^lag for lags above 0; at lag 0 white variation is added, chance (the expectation) taken off. Least squares over a grid of
    carries, weighted by the number of pairs. O(n lags).
    """
    return variations(counts[None, :], expected[None, :], lags, fitted)[0]


def variations(counts: Floats, expected: Floats, lags: int, fitted: int) -> list[Variation]:
    """`variation` of each row of (B, n) counts about (B, n) expectations."""
    rest = counts - expected
    n = counts.shape[1]
    square = np.maximum(_sums(expected, expected), _LEAST)
    dispersion = (rest**2 / np.maximum(expected, _LEAST)).sum(axis=1) / max(1, n - fitted)
    own = (_sums(rest, rest) - expected.sum(axis=1)) / square
    lags = min(lags, max(1, n // 4))
    covariance = np.stack(
        [
            _sums(rest[:, lag:], rest[:, :-lag]) / np.maximum(_sums(expected[:, lag:], expected[:, :-lag]), _LEAST)
            for lag in range(1, lags + 1)
        ],
        axis=1,
    )
    lasting, carry, taken = np.zeros(len(counts)), np.zeros(len(counts)), np.zeros(len(counts))
    for _ in range(4):
        chance = 1 / np.maximum(expected.mean(axis=1), _LEAST)
        taken = fitted * (lasting * (1 + carry) / (1 - carry) + np.maximum(own - lasting, 0.0) + chance) / n
        lasting, carry = _lasting(covariance + taken[:, None])
    lasting = np.minimum(lasting, np.maximum(own + taken, 0.0))
    white = np.maximum(own + taken - lasting, 0.0)
    rows = zip(white.tolist(), lasting.tolist(), carry.tolist(), np.maximum(dispersion, _LEAST).tolist(), strict=True)
    return [Variation(*row) for row in rows]


def _sums(one: Floats, other: Floats) -> Floats:
    """(B,) products of rows; no BLAS: its threads cost more than so small a product."""
    return np.asarray(np.einsum("bn,bn->b", one, other))


@cache
def _shapes(lags: int) -> tuple[Floats, Floats]:
    """(C, lags): how each carry falls with the lag; and the sum of its squares."""
    shapes = _CARRIES[1:, None] ** np.arange(1.0, lags + 1)[None, :]
    return shapes, (shapes**2).sum(axis=1)


def _lasting(covariance: Floats) -> tuple[Floats, Floats]:
    """(B,) height and carry of the curve that fits each row of (B, lags) covariances best: least squares leave what height² times the curve's squares takes."""
    shapes, squares = _shapes(covariance.shape[1])
    height = np.maximum(np.einsum("bl,cl->bc", covariance, shapes) / squares, 0.0)
    best = np.argmax(height**2 * squares, axis=1)
    return height[np.arange(best.size), best], _CARRIES[1:][best]


def length_of(carry: float) -> float:
    """Bins in which lasting variation falls to 1/e."""
    return -1 / float(np.log(max(carry, _SHORTEST)))


def lasting_as(found: Variation, lasting: float, length: float) -> Variation:
    """The variation with another lasting part, within bounds."""
    within = min(max(lasting, found.lasting / _MOST_BACK), found.lasting * _MOST_BACK)
    return replace(found, lasting=within, carry=min(float(np.exp(-1 / max(length, _LEAST))), _LONGEST))


def drawn_counts(
    null: Null, counts: Floats, expected: Floats, found: Variation, *, block: int, draws: int, rng: np.random.Generator
) -> Floats:
    """(draws, n) counts without a peak.

    Parameters
    ----------
    null : str
        One of `NULLS`.
    counts, expected : (n,) float
        What was seen and what was expected.
    found : Variation
        Of these counts.
    block : int
        Bins of a block.
    draws : int
    rng : numpy.random.Generator

    Notes
    -----
    O(draws x n). Sources: kulldorff1997 (Poisson, conditional on the total); kunsch1989 (blocks).
    """
    n = counts.size
    if null == "poisson":
        return rng.multinomial(round(float(counts.sum())), expected / expected.sum(), draws).astype(np.float64)
    if null == "blocks":
        ratio = counts / np.maximum(expected, _LEAST)
        first = rng.integers(0, n, (draws, -(-n // block)))
        places = (first[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :n] % n
        return np.asarray(expected * ratio[places])
    if null == "negative_binomial":
        return rng.poisson(expected * _multipliers(found.white + found.lasting, (draws, n), rng)).astype(np.float64)
    rate = expected * _multipliers(found.white, (draws, n), rng)
    if found.lasting > _LEAST:
        spread = np.log1p(found.lasting)
        from yuhu.stats.scan.kernels import smoothed

        noise = rng.standard_normal((draws, n))
        smoothed(noise, found.carry)
        rate *= np.exp(np.sqrt(spread) * noise - spread / 2)
    return rng.poisson(rate).astype(np.float64)


def _multipliers(variance: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    return rng.standard_gamma(1 / variance, shape) * variance if variance > _LEAST else np.ones(shape)

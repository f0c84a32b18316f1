"""Linear and logistic estimating equations, solved in blocks: all units once, then what gold adds."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from yuhu.stats.arrays import Floats, Ints

_BLOCK = 1 << 12  # larger ones leave the cache and wake threads that cost more than they bring
_SAMPLE = 2_000
_FEW = 1_000
_STEPS = 60
_CLOSE = 5e-4  # of the last step, which Newton's method squares
_FLAT = 1e-10
_SOLVED = 1e-10


@dataclass(frozen=True)
class Rows:
    """Rows of a weighted regression: Σ weight·x·(y − μ(x'β)) is their part of the equations.

    Parameters
    ----------
    x : (R, p) float
        Covariates.
    y : (R,) float
        Outcome.
    weight : (R,) float or None
        None = 1.
    is_signed : bool
        Whether weights may be negative.
    """

    x: Floats
    y: Floats
    weight: Floats | None = None
    is_signed: bool = False

    def equations(self, beta: Floats, logistic: bool) -> tuple[Floats, Floats]:
        """(p,) sum of the estimating function, (p, p) its negative derivative. O(R·p²), in blocks that stay in the cache."""
        size = beta.size
        score, slope = np.zeros(size), np.zeros((size, size))
        scaled = np.empty((min(_BLOCK, self.y.size), size))
        for start in range(0, self.y.size, _BLOCK):
            block = slice(start, start + _BLOCK)
            x = self.x[block]
            mean = x @ beta
            bend = np.ones(mean.size)
            if logistic:
                expit(mean, out=mean)
                bend = mean * (1 - mean)
            left = self.y[block] - mean
            if self.weight is not None:
                left *= self.weight[block]
                bend *= self.weight[block]
            score += left @ x
            out = scaled[: mean.size]
            if self.is_signed:
                np.multiply(x, bend[:, None], out=out)
                slope += x.T @ out
            else:  # a product with its own transpose takes half the time
                np.multiply(x, np.sqrt(bend, out=bend)[:, None], out=out)
                slope += out.T @ out
        return score, slope


@dataclass(frozen=True)
class Patterns:
    """Which rows have the same covariates.

    Parameters
    ----------
    x : (P, p) float
        Each pattern once.
    of_row : (R,) int
        Pattern of each row.
    """

    x: Floats
    of_row: Ints

    def rows(self, y: Floats, weight: Floats | None = None) -> Rows:
        """One row for each pattern, which has the same part in the equations as all of its rows. O(R)."""
        heavy = np.bincount(self.of_row, weights=weight, minlength=self.x.shape[0]).astype(np.float64)
        sums = np.bincount(self.of_row, weights=y if weight is None else weight * y, minlength=heavy.size)
        return Rows(self.x, sums / np.where(heavy > 0, heavy, 1.0), heavy)


def patterns_of(x: Floats) -> Patterns | None:
    """Rows with the same covariates together, as groups and other labels have them; None where nearly every row is its own."""
    if x.shape[0] < _FEW or x.shape[1] == 0:
        return None
    mix = np.sqrt(np.arange(2.0, x.shape[1] + 2)) * math.pi
    key = x @ mix
    common, first = np.unique(key[:_FEW], return_index=True)
    if common.size > _FEW // 10:
        return None
    of_row = np.minimum(np.searchsorted(common, key), common.size - 1)
    if not bool((common[of_row] == key).all()):  # patterns that the first rows lack
        common, first, of_row = np.unique(key, return_index=True, return_inverse=True)
    known = x[first]
    alike = common.size <= x.shape[0] // 10 and bool((known[of_row] == x).all())
    return Patterns(known, of_row.astype(np.int64)) if alike else None


@dataclass(frozen=True)
class Solution:
    """Coefficients, the equations' negative derivative there, and the reason if there are none."""

    beta: Floats
    slope: Floats
    reason: str = ""


def solve(parts: list[Rows], *, logistic: bool, start: Floats | None = None) -> Solution:
    """Solve the equations of all rows.

    Parameters
    ----------
    parts : list of Rows
        The first holds all units.
    logistic : bool
        Logistic, else linear.
    start : (p,) float, optional
        Where to begin.

    Returns
    -------
    Solution
        With reason ``collinear``, ``separation`` or ``no_convergence`` where there is no solution to be had.

    Notes
    -----
    Newton's method, steps halved while the equations get worse. A logistic fit begins with a slice of the rows, so that few passes over all
    are needed. O(steps·R·p²).
    """
    size = parts[0].x.shape[1]
    beta = np.zeros(size) if start is None else start
    if logistic and start is None and parts[0].y.size > 2 * _SAMPLE:
        first = solve(fewer(parts), logistic=True)
        beta = beta if first.reason else first.beta
    score, slope = _together(parts, beta, logistic)
    scale = np.sqrt(np.mean(parts[0].x[:: max(1, parts[0].y.size // _SAMPLE)] ** 2, axis=0))  # of covariates: log odds know no units
    for _ in range(_STEPS):
        if _is_flat(slope):
            return Solution(beta, slope, "separation" if logistic and bool(np.abs(beta).max() > 0) else "collinear")
        step: Floats = np.linalg.solve(slope, score).astype(np.float64)
        beta, score, slope, moved = _stepped(parts, beta, score, slope, step, logistic)
        if not moved:
            return Solution(beta, slope, "no_convergence")
        if not logistic or bool(np.all(np.abs(step) * scale <= _CLOSE * (1 + np.abs(beta) * scale))):
            return Solution(beta, slope, "collinear" if _is_flat(slope) else "")
    return Solution(beta, slope, "separation")


def fewer(parts: list[Rows]) -> list[Rows]:
    """The same equations with a slice of the rows in place of all, each with the weight of those it stands for."""
    everyone = parts[0]
    every = max(1, everyone.y.size // max(_SAMPLE, everyone.y.size // 25))
    few = slice(None, None, every)
    weight = np.full(everyone.y[few].size, float(every)) if everyone.weight is None else every * everyone.weight[few]
    return [Rows(everyone.x[few], everyone.y[few], weight), *parts[1:]]


def _together(parts: list[Rows], beta: Floats, logistic: bool) -> tuple[Floats, Floats]:
    found = [part.equations(beta, logistic) for part in parts]
    return np.sum([score for score, _ in found], axis=0), np.sum([slope for _, slope in found], axis=0)


def _stepped(
    parts: list[Rows], beta: Floats, score: Floats, slope: Floats, step: Floats, logistic: bool
) -> tuple[Floats, Floats, Floats, bool]:
    """The step, halved until the equations are no worse, measured in the metric of the derivative where it began."""
    if not logistic:
        return beta + step, score, slope, True
    back = np.linalg.inv(slope)
    now = abs(float(score @ back @ score))
    length = 1.0
    for _ in range(30):
        there, bend = _together(parts, beta + length * step, logistic)
        size = abs(float(there @ back @ there))
        if size <= now * (1 - 0.1 * length) or size <= _SOLVED:
            return beta + length * step, there, bend, True
        length /= 2
    return beta, score, slope, now <= _SOLVED


def _is_flat(slope: Floats) -> bool:
    """Whether the derivative cannot be inverted, whatever the scales of the covariates."""
    own = np.abs(np.diag(slope))
    if not bool(np.all(own > 0)) or not bool(np.isfinite(slope).all()):
        return True
    scaled = slope / np.sqrt(np.outer(own, own))
    values = np.abs(np.linalg.eigvalsh((scaled + scaled.T) / 2))
    return float(values.min()) < _FLAT * float(values.max())

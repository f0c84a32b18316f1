"""A smooth rate of responses by local likelihood."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints, proportion
from yuhu.stats.intensity import counted

METHOD = "local_likelihood.v1"
LEAST_RESPONSES = 5
_REACHES = 7
_PULL = 1.0
_COARSE = 4
_LEAST_MEAN = 1e-3


@dataclass(frozen=True, eq=False)
class LocalRate:
    """A smooth course.

    Parameters
    ----------
    rate, low, high : (M,) float
        Responses per exposure in the middle of each bin, with pointwise intervals; 0 where `known` is False.
    known : (M,) bool
        Whether anything was watched within reach.
    expected : (M,) float
        Responses of each bin under the course.
    reach : float
        Half width of the kernel, in steps.
    dispersion : float
        Pearson's chi-square of the bins by its degrees of freedom, at least 1.
    reason : str
        A key of `REASONS` where there is no course: ``too_few_responses``; else empty.
    """

    rate: Floats
    low: Floats
    high: Floats
    known: npt.NDArray[np.bool_]
    expected: Floats
    reach: float
    dispersion: float
    reason: str = ""


def local_rate(
    counts: npt.ArrayLike,
    exposure: npt.ArrayLike,
    *,
    width: int = 5,
    reaches: Sequence[float] | None = None,
    confidence: float = 0.95,
) -> LocalRate:
    """The smooth rate in the middle of each bin of some steps.

    Parameters
    ----------
    counts : (T,) float >= 0
        Responses of each step.
    exposure : (T,) float >= 0
        What they are counted per; 0 leaves a step out.
    width : int
        Steps of a bin; the last bin may be shorter.
    reaches : sequence of float, optional
        Half widths of the kernel to choose from, in steps; seven from 1.5 bins to half of the steps if None.
    confidence : float in (0, 1)
        Level of the pointwise intervals.

    Returns
    -------
    LocalRate
        Below 5 responses the rate of the whole, and the reason ``too_few_responses``.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative or not finite, responses without exposure, or a parameter out of range.

    Notes
    -----
    Log-linear Poisson likelihood under Epanechnikov's kernel, with a pull of one response on the slope. The half width is that under which bins are predicted
    best (Poisson deviance) when each is left out in turn. The variance is the sandwich's times the dispersion of the bins: it holds variation within bins, not
    what lasts longer, and the interval is of what the course would be on average, which is flatter than the truth at a sharp peak.
    O(M x reach x candidates). Sources: loader1999 (local likelihood); mccullagh1989 (dispersion).
    """
    series, weight = np.atleast_1d(np.asarray(counts, np.float64)), np.atleast_1d(np.asarray(exposure, np.float64))
    proportion(confidence, "confidence")
    counted(series, weight)
    if width < 1 or (reaches is not None and not (len(reaches) and all(0 < one < np.inf for one in reaches))):
        raise YuhuError("YH303", "a width is not above 0", facts={"width": width, "reaches": reaches}, fix="width=5")
    first = np.arange(0, series.size, width)
    bins = _Bins(series, weight, first, width)
    if series.sum() < LEAST_RESPONSES:
        return _whole(bins, confidence)
    tried = tuple(reaches) if reaches is not None else _candidates(width, series.size)
    reach = tried[int(np.argmin([bins.misfit(one) for one in tried]))] if len(tried) > 1 else tried[0]
    return _described(bins, float(reach), confidence)


class _Bins:
    def __init__(self, counts: Floats, exposure: Floats, first: Ints, width: int) -> None:
        last = np.minimum(first + width, counts.size)
        self.width = width
        self.counts, self.exposure, self.first, self.last = counts, exposure, first.astype(np.int64), last.astype(np.int64)
        self.centre = (self.first + self.last - 1) / 2.0
        self.had = np.add.reduceat(counts, first) if counts.size else np.zeros(0)
        self.due = np.add.reduceat(exposure, first) if counts.size else np.zeros(0)
        self.speaking = self.due > 0

    def fitted(self, reach: float, *, keep_out: bool) -> Floats:
        """(M, 4), see `local_fits`; a kernel of many bins sees bins rather than steps, which is as good and faster."""
        from yuhu.stats.smoothing.kernels import local_fits

        out, places = np.zeros((self.centre.size, 4)), np.arange(self.centre.size)
        if reach >= _COARSE * self.width:
            local_fits(self.had, self.due, places.astype(np.float64), places, places + 1, reach / self.width, _PULL, keep_out, out)
        else:
            local_fits(self.counts, self.exposure, self.centre, self.first, self.last, float(reach), _PULL, keep_out, out)
        return out

    def misfit(self, reach: float) -> float:
        """Deviance of bins that were left out; one that nothing in reach could predict is predicted as the whole."""
        found = self.fitted(reach, keep_out=True)
        whole = self.had.sum() / self.due.sum()
        seen = self.speaking
        mean = np.maximum(np.where(found[:, 3] > 0, found[:, 0], whole)[seen] * self.due[seen], _LEAST_MEAN)
        return float(2 * (special.xlogy(self.had[seen], self.had[seen] / mean) - self.had[seen] + mean).sum())


def _candidates(width: int, steps: int) -> tuple[float, ...]:
    least, most = 1.5 * width, max(steps / 2, 1.5 * width)
    return tuple(np.geomspace(least, most, _REACHES).tolist()) if most > least else (least,)


def _whole(bins: _Bins, confidence: float) -> LocalRate:
    """One rate for all: there is too little for a course."""
    total, due = float(bins.had.sum()), float(bins.due.sum())
    size = bins.centre.size
    if due <= 0:
        nothing = np.zeros(size)
        return LocalRate(nothing, nothing, nothing, np.zeros(size, np.bool_), nothing, 0.0, 1.0, "too_few_responses")
    tail = (1 - confidence) / 2
    ends = special.gammaincinv(total + 0.5, np.array([tail, 1 - tail])) / due
    rate, low, high = (np.full(size, one) for one in (total / due, float(ends[0]) if total else 0.0, float(ends[1])))
    return LocalRate(rate, low, high, np.ones(size, np.bool_), rate * bins.due, float(bins.counts.size), 1.0, "too_few_responses")


def _described(bins: _Bins, reach: float, confidence: float) -> LocalRate:
    found = bins.fitted(reach, keep_out=False)
    rate, known = found[:, 0], found[:, 3] > 0
    expected = rate * bins.due
    seen = bins.speaking & (expected > 0)
    freedom = float(seen.sum() - np.minimum(found[seen, 2], 0.95).sum())
    square = float(((bins.had[seen] - expected[seen]) ** 2 / expected[seen]).sum())
    dispersion = max(1.0, square / max(freedom, 1.0))
    error = float(special.ndtri((1 + confidence) / 2)) * np.sqrt(found[:, 1] * dispersion)
    none = special.gammaincinv(0.5, (1 + confidence) / 2) * dispersion / np.where(known, found[:, 3], 1.0)
    low = np.where(rate > 0, rate * np.exp(-error), 0.0)
    high = np.where(rate > 0, rate * np.exp(np.minimum(error, 700.0)), np.where(known, none, 0.0))
    return LocalRate(rate, low, np.where(np.isfinite(high), high, np.finfo(np.float64).max), known, expected, reach, dispersion)

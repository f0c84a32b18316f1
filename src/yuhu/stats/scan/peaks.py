"""Peaks of responses by a scan over all windows, with an error rate that holds over them all."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, Ints, proportion
from yuhu.stats.intensity import counted
from yuhu.stats.position import fit_course, orthonormal, position_basis
from yuhu.stats.scan.courses import courses
from yuhu.stats.scan.nulls import NULLS, Null, Variation, drawn_counts, lasting_as, length_of, variations
from yuhu.stats.scan.ratios import ratios_kept

METHOD = "scan.v1"
LEAST_RESPONSES = 5
_CHUNK = 256
_LEAST = 1e-9
_TRIALS = 24
_SCREEN = 5
_ASIDE = 10
_ROUNDS = 2


@dataclass(frozen=True)
class Peak:
    """One window with more responses than its surroundings.

    Parameters
    ----------
    start, stop : int
        Bins; `stop` is the first after it.
    size : Estimate
        Rate inside by the rate expected from outside; the interval holds for all windows at once, so choosing the window does not spoil it.
    p : Estimate
        Chance of such a peak anywhere, in any window; `value` is p, `reason` is ``test_alone``.
    count, expected : float
        Responses inside, and what was expected.
    """

    start: int
    stop: int
    size: Estimate
    p: Estimate
    count: float
    expected: float


@dataclass(frozen=True, eq=False)
class ScanResult:
    """Peaks of one video.

    Parameters
    ----------
    peaks : tuple of Peak
        Those with p at most `alpha`, strongest first.
    strongest : Peak or None
        The first window, whatever its p; None where `reason` says why.
    p : float or None
        Its p: what false discoveries over videos are controlled with.
    reason : str
        A key of `REASONS`: ``too_few_responses``, ``no_variation``; empty otherwise.
    variation : Variation or None
        How the rate varies beyond chance.
    null : str
        The null distribution.
    draws : int
        Draws of it.
    """

    peaks: tuple[Peak, ...]
    strongest: Peak | None
    p: float | None
    reason: str
    variation: Variation | None
    null: Null
    draws: int


def scan_peaks(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None = None,
    masked: npt.ArrayLike | None = None,
    windows: tuple[int, int] = (2, 30),
    degree: int = 3,
    null: Null = "autocorrelated",
    block: int = 15,
    draws: int = 999,
    alpha: float = 0.05,
    most: int = 10,
    seed: int = 0,
    stop: int | None = None,
) -> ScanResult:
    """Find windows in which responses exceed the course of their video.

    Parameters
    ----------
    counts : (n,) float >= 0
        Responses of each bin, usually a second.
    exposure : (n,) float >= 0, optional
        What rates are proportional to.
    masked : (n,) bool, optional
        Bins left out; no window goes over them.
    windows : tuple of int
        Shortest and longest window, in bins.
    degree : int
        Legendre polynomials of position in the expected course; 0: constant times exposure.
    null : {"autocorrelated", "blocks", "negative_binomial", "poisson"}
        Counts without a peak. ``autocorrelated``: negative binomial times a multiplier that lasts, both from the residuals' covariances within a block.
        ``blocks``: blocks of the residuals; stays below its level and finds less, since the blocks hold the peak itself. The others are for comparison:
        they call autocorrelated noise a peak.
    block : int
        Bins of a block, and the longest lag of covariances.
    draws : int
        Draws of the null.
    alpha : float in (0, 1)
        Family-wise error over windows; intervals have the confidence 1 - alpha.
    most : int
        Peaks to look for: the strongest is taken out and the rest scanned anew, until one is not significant.
    seed : int
        Seed of the draws.
    stop : int, optional
        Draws end once so many of them are as extreme as what was seen: p is then `stop` by the draws made. A window that some 50 draws of the null without
        its calibration beat so often is given up before that is worked out. None: all draws.

    Returns
    -------
    ScanResult

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative or not finite, responses without exposure, or a parameter out of range.

    Notes
    -----
    Statistic: Kulldorff's log likelihood ratio of each window, by the dispersion of all windows of its length, so that long windows of autocorrelated
    counts do not win by their length; the largest over windows is compared with that of each draw, refitted and scanned alike.
    O(draws x n x windows) for each peak; memory 256 draws at a time. Sources: kulldorff1997; zhang2010spatial (sequential removal); besag1991 (`stop`).
    """
    series, weight, kept = _checked(counts, exposure, masked)
    shortest, longest = windows
    _parameters(shortest, longest, degree, null, block, draws, most, stop)
    proportion(alpha, "alpha")
    rng, found = generator(seed, METHOD), list[Peak]()
    strongest, first, why, seen = None, None, "", None
    while len(found) < most:
        scan = _Scan(series, weight, kept, (shortest, longest), degree)
        if scan.reason:
            why = "" if strongest else scan.reason
            break
        peak, seen_now = scan.peak(null, block, draws, alpha, rng, stop)
        if strongest is None:
            strongest, first, seen = peak, peak.p.value, seen_now
        if peak.p.value is None or peak.p.value > alpha:
            break
        found.append(peak)
        kept = kept.copy()
        wide = peak.stop - peak.start
        kept[max(0, peak.start - wide) : peak.stop + wide] = False  # a window that is nearer than its own length is a shoulder of it
    return ScanResult(tuple(found), strongest, first, why, seen, null, draws)


def _checked(
    counts: npt.ArrayLike, exposure: npt.ArrayLike | None, masked: npt.ArrayLike | None
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    series = np.atleast_1d(np.asarray(counts, np.float64))
    weight = np.ones(series.size) if exposure is None else np.atleast_1d(np.asarray(exposure, np.float64))
    out = np.zeros(series.size, np.bool_) if masked is None else np.atleast_1d(np.asarray(masked)).astype(np.bool_)
    if out.shape != series.shape:
        raise YuhuError("YH301", "arrays differ in length", facts={"counts": series.size, "masked": out.size}, fix="one value for each bin")
    counted(np.where(out, 0.0, series), weight)
    return series, weight, ~out & (weight > 0)


def _parameters(shortest: int, longest: int, degree: int, null: str, block: int, draws: int, most: int, stop: int | None) -> None:
    if not 1 <= shortest <= longest or degree < 0 or block < 1 or draws < 19 or most < 1 or null not in NULLS or (stop or 5) < 5:
        raise YuhuError(
            "YH303",
            "a parameter of the scan is out of range",
            facts={
                "windows": (shortest, longest),
                "degree": degree,
                "null": null,
                "block": block,
                "draws": draws,
                "most": most,
                "stop": stop,
            },
            fix="windows=(2, 30), degree=3, block=15, draws=999, stop=10",
        )


class _Scan:
    """One pass over the bins that are left."""

    def __init__(self, counts: Floats, weight: Floats, kept: npt.NDArray[np.bool_], windows: tuple[int, int], degree: int) -> None:
        bins = counts.size
        self.counts, self.kept = np.where(kept, counts, 0.0), kept
        self.shortest, longest = windows
        self.lengths = max(0, min(longest, int(kept.sum()) // 2) - self.shortest + 1)
        self.broken = np.concatenate(([0], np.cumsum(~kept))).astype(np.int64)
        self.degree = min(degree, max(0, int(kept.sum()) // 20))
        self.basis = position_basis(bins, "legendre", self.degree) if bins else np.zeros((0, 1))
        self.reason = "too_few_responses" if self.counts.sum() < LEAST_RESPONSES or self.lengths < 1 else ""
        if not self.reason:
            self.log_weight = np.log(np.where(weight > 0, weight, 1.0))
            self.expected = fit_course(self.counts, self.basis, self.log_weight, kept).mean
            self.ratio, self.start, self.dispersion, self.chosen = self._windows(self.counts[None, :], self.expected[None, :])
            if not (self.ratio > 1e-6).any():
                self.reason = "no_variation"

    def _windows(self, counts: Floats, expected: Floats) -> tuple[Floats, Ints, Floats, Ints]:
        """Best ratio of each length and row, where it begins, the dispersion of windows away from the row's strongest, and where these begin."""
        from yuhu.stats.scan.kernels import best_windows

        shape = counts.shape[0], self.lengths
        ratio, start, dispersion = np.zeros(shape), np.zeros(shape, np.int64), np.ones(shape)
        chosen = np.zeros((counts.shape[0], _ASIDE, 2), np.int64)
        best_windows(
            np.ascontiguousarray(counts),
            np.ascontiguousarray(expected),
            self.broken,
            self.shortest,
            _ASIDE,
            ratio,
            start,
            dispersion,
            chosen,
        )
        return ratio, start, np.where(dispersion > _LEAST, dispersion, 1.0), chosen

    def peak(
        self, null: Null, block: int, draws: int, alpha: float, rng: np.random.Generator, stop: int | None = None
    ) -> tuple[Peak, Variation]:
        """The strongest window, with its p and size."""
        raw = null == "poisson"
        scores = self.ratio[0] if raw else self.ratio[0] / self.dispersion[0]
        place = int(np.argmax(scores))
        first, score = int(self.start[0, place]), float(scores[place]) - 1e-9
        found, highest, p = self._without(self.counts[None, :], self.chosen, block)[0], np.zeros(0), 1.0
        behind: tuple[Variation, ...] = (found,)
        if null == "autocorrelated":
            if stop is not None and found.lasting > _LEAST:
                highest, p = self._compared(null, behind, block, min(_SCREEN * stop, draws), score, stop, rng)
            if highest.size and p >= 1 / _SCREEN:
                draws = 0
            else:
                behind = self._calibrated(found, block, rng)
        if draws:
            highest, p = self._compared(null, behind, block, draws, score, stop, rng)
        needed = max(1, int(np.floor(alpha * (highest.size + 1) + 1e-9)))
        limit = float(np.sort(highest)[-needed]) * (1.0 if raw else float(self.dispersion[0, place]))
        return self._described(first, first + self.shortest + place, p, limit, alpha), found

    def _compared(
        self, null: Null, behind: tuple[Variation, ...], block: int, draws: int, score: float, stop: int | None, rng: np.random.Generator
    ) -> tuple[Floats, float]:
        """The highest score of each draw, to the last that is needed, and the share of them that reach `score`."""
        highest, size = np.zeros(0), _CHUNK if stop is None else max(2 * stop, len(behind))
        while highest.size < draws:
            new = self._drawn(null, behind, block, min(size, draws - highest.size), rng)
            if stop is not None and len(behind) > 1:
                new = rng.permutation(new)  # they come variation by variation, and the first of them must be any
            highest = np.concatenate([highest, new])
            reached = np.flatnonzero(highest >= score)
            if stop is not None and reached.size >= stop:
                last = int(reached[stop - 1]) + 1
                return highest[:last], stop / last
            size = min(2 * size, _CHUNK)
        return highest, float((1 + (highest >= score).sum()) / (draws + 1))

    def _without(self, counts: Floats, aside: Ints, block: int) -> list[Variation]:
        """Of each row without its strongest windows: high peaks would pass for a rate that always drifts, and hide each other."""
        rest = np.repeat(self.kept[None, :], len(counts), axis=0)
        for row, windows in zip(rest, aside, strict=True):
            for start, stop in windows[windows[:, 0] >= 0].tolist():
                row[start:stop] = False
        expected = courses(counts, rest, self.basis, self.log_weight)
        return variations(np.where(rest, counts, 0.0)[:, self.kept], expected[:, self.kept], block, self.degree + 1)

    def _calibrated(self, found: Variation, block: int, rng: np.random.Generator) -> tuple[Variation, ...]:
        """Variations that may be behind what was found.

        Leaving the strongest windows out takes lasting variation away and cuts it short, more or less of it from video to video. Estimates from draws of the
        variation whose draws look, on average, as what was found show by how much; each of them gives one that is as likely as the others.
        """
        if found.lasting <= _LEAST:
            return (found,)
        guess = found
        for _ in range(_ROUNDS):
            drawn, course = self._redrawn("autocorrelated", guess, block, _TRIALS, rng)
            again = self._without(drawn, self._windows(drawn, course)[3], block)
            lasting = guess.lasting * found.lasting / max(float(np.mean([one.lasting for one in again])), _LEAST)
            length = length_of(guess.carry) * length_of(found.carry) / float(np.median([length_of(one.carry) for one in again]))
            last, guess = guess, lasting_as(found, lasting, length)
        return tuple(
            lasting_as(
                found,
                guess.lasting * last.lasting / max(one.lasting, _LEAST),
                length_of(guess.carry) * length_of(last.carry) / length_of(one.carry),
            )
            for one in again
        )

    def _drawn(self, null: Null, found: tuple[Variation, ...], block: int, draws: int, rng: np.random.Generator) -> Floats:
        """The highest score of each draw; every variation has its part of them."""
        sizes = [len(part) for part in np.array_split(np.arange(draws), len(found))]
        made = [self._redrawn(null, one, block, size, rng) for one, size in zip(found, sizes, strict=True) if size]
        ratio, _, dispersion, _ = self._windows(np.concatenate([one[0] for one in made]), np.concatenate([one[1] for one in made]))
        return np.asarray((ratio if null == "poisson" else ratio / dispersion).max(axis=1))

    @cached_property
    def _bins(self) -> Ints:
        """Bins that are left."""
        return np.flatnonzero(self.kept)

    @cached_property
    def _projection(self) -> tuple[Floats, Floats, Floats]:
        """Of counts on the course: the orthonormal basis, what it gives of the expectation, and the way back to bins."""
        expected = self.expected[self._bins]
        smooth = orthonormal(self.basis[self._bins], expected)
        across = np.ascontiguousarray(smooth.T)
        return across, across @ expected, across * expected

    def _redrawn(self, null: Null, found: Variation, block: int, draws: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """Counts without a peak, and the course that each would be given (one Newton step)."""
        at, expected = self._bins, self.expected[self._bins]
        drawn = drawn_counts(null, self.counts[at], expected, found, block=block, draws=draws, rng=rng)
        course = np.broadcast_to(expected, drawn.shape)
        if self.degree:
            smooth, known, back = self._projection
            gone = np.einsum("bn,qn->bq", drawn, smooth) - known  # no BLAS: its threads cost more than so small a product
            course = np.einsum("bq,qn->bn", gone, back) + expected
            np.maximum(course, 0.1 * expected, out=course)
        if at.size < self.counts.size:
            spread = np.zeros((2, draws, self.counts.size))
            spread[0][:, at], spread[1][:, at] = drawn, course
            drawn, course = spread[0], spread[1]
        return drawn, course

    def _described(self, start: int, stop: int, p: float, limit: float, alpha: float) -> Peak:
        count, total = float(self.counts[start:stop].sum()), float(self.counts.sum())
        expected = float(self.expected[start:stop].sum()) * total / float(self.expected.sum())
        value, low, high = ratios_kept(count, expected, total, limit)
        estimate = Estimate(value=None, n=round(count), count=round(count), unit="rate ratio", method=METHOD, reason="no_variation")
        if value is not None:
            estimate = estimate.with_(value=value, low=min(low, value), high=max(high, value), confidence=1 - alpha, reason="")
        test = Estimate(value=p, n=round(total), unit="p", method=METHOD, reason="test_alone")
        return Peak(start, stop, estimate, test, count, expected)

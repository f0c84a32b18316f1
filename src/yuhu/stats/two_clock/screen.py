"""What a viewer sees of those who wrote before: in the same seconds of the video, at an earlier time of day, and still in the pool."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats


@dataclass(frozen=True)
class Screen:
    """How long responses stay on screen and in the pool.

    Parameters
    ----------
    seconds : float > 0
        Width of a step of media time.
    decay : float > 0
        Seconds in which a response's pull falls to 1/e.
    window : float, at least 0
        Seconds for which it is visible.
    pool_cohorts : int, optional
        Only this many cohorts before stay in the pool; else all.
    pool_messages : int, optional
        Only this many messages before stay in the pool; else all.
    later : float
        Seconds of the negative control.

    Raises
    ------
    YuhuError
        YH303 one of them lies outside its range.
    """

    seconds: float = 1.0
    decay: float = 3.0
    window: float = 8.0
    pool_cohorts: int | None = None
    pool_messages: int | None = None
    later: float = 20.0

    def __post_init__(self) -> None:
        widths = (self.seconds, self.decay, self.later)
        pools = [size for size in (self.pool_cohorts, self.pool_messages) if size is not None]
        if not all(math.isfinite(width) and width > 0 for width in widths) or not 0 <= self.window <= 3600 or any(s < 1 for s in pools):
            raise YuhuError(
                "YH303",
                "seconds, decay, window, later or the pool lie outside of their range",
                facts={"found": self},
                fix="for example Screen(seconds=1, decay=3, window=8, pool_cohorts=10)",
            )

    @cached_property
    def kernel(self) -> Floats:
        """(lags,) pull of a response on each later step while it is visible; sums to 1."""
        lags = np.arange(math.floor(self.window / self.seconds + 1e-9) + 1) * self.seconds
        pull = np.exp(-lags / self.decay)
        return np.asarray(pull / pull.sum(), np.float64)

    def smeared(self, counts: Floats) -> Floats:
        """(..., V) responses of each cohort as seen in the step itself and those after it."""
        found = np.zeros(counts.shape)
        for lag, pull in enumerate(self.kernel[: counts.shape[-1]]):
            found[..., lag:] += pull * counts[..., : counts.shape[-1] - lag]
        return found

    def row(self, totals: Floats) -> Floats:
        """(w,) how much of each earlier cohort is in the pool, from how many each wrote."""
        kept = np.ones(totals.size)
        if self.pool_cohorts is not None:
            kept[: -self.pool_cohorts] = 0.0
        if self.pool_messages is not None:
            newer = np.cumsum(totals[::-1])[::-1] - totals
            room = np.clip(self.pool_messages - newer, 0.0, totals)
            kept *= np.divide(room, totals, out=np.zeros_like(totals), where=totals > 0)
        return kept

    def pool(self, counts: Floats) -> Floats:
        """(W, W) how much of each cohort is in the pool when another watches."""
        totals = counts.sum(axis=1)
        found = np.zeros((totals.size, totals.size))
        for w in range(1, totals.size):
            found[w, :w] = self.row(totals[:w])
        return found

    def visible(self, counts: Floats) -> Floats:
        """(W, V) visible responses X, from counts (W, V)."""
        return self._held(counts, self.smeared(counts))

    def from_future(self, counts: Floats) -> Floats:
        """(W, V) the placebo: X of a world in which cohorts come in the opposite order."""
        return self.visible(counts[::-1])[::-1]

    def from_later(self, counts: Floats) -> Floats:
        """(W, V) the negative control: what is visible some 20 s further on in the video; 0 where that is past its end."""
        return _shifted(self.visible(counts), max(1, round(self.later / self.seconds)))

    def from_next(self, counts: Floats) -> Floats:
        """(W, V) the lead: responses in the pool that become visible only in the steps after this one."""
        kernel = self.kernel[1:]
        found = np.zeros(counts.shape)
        for lag, pull in enumerate(kernel, 1):
            found += pull * _shifted(counts, lag)
        return self._held(counts, found)

    @property
    def keeps_all(self) -> bool:
        """Whether every response stays in the pool."""
        return self.pool_cohorts is None and self.pool_messages is None

    def _held(self, counts: Floats, each: Floats) -> Floats:
        """(W, V) what each cohort finds in the pool, from what each wrote: sums of those before where all stay, which is W times faster."""
        if not self.keeps_all:
            return _mixed(self.pool(counts), each)
        found = np.zeros(each.shape)
        np.cumsum(each[:-1], axis=0, out=found[1:])
        return found


def _shifted(counts: Floats, steps: int) -> Floats:
    found = np.zeros(counts.shape)
    if steps < counts.shape[1]:
        found[:, :-steps] = counts[:, steps:]
    return found


def _mixed(pool: Floats, smeared: Floats) -> Floats:
    """The product of the two, in one thread: BLAS would make its time depend on what else runs."""
    return np.asarray(np.einsum("ij,jv->iv", pool, smeared), np.float64)

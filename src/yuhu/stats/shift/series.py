"""What an event study needs of one video, checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats
from yuhu.stats.intensity import counted


@dataclass(frozen=True, eq=False)
class VideoSeries:
    """Responses and strategies of one video on one grid of equal bins, usually seconds.

    Parameters
    ----------
    counts : (T,) float >= 0
        Responses of each bin.
    strategies : (K, T) float >= 0
        For each code 0 where it is not shown, and 1 or its intensity where it is: segments, or single bins. One row of zeros for a code that this video lacks.
    exposure : (T,) float >= 0, optional
        Views, or another weight that the rate is proportional to; 1 if None.
    masked : (T,) bool, optional
        Bins left out: greetings, a cap, an advertisement.
    name : str
        The video.
    together : str
        What is shifted as one with it: uploads of one work carry the same segments, so that their shifts are no independent draws. Empty: it alone.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative or not finite, or there are responses without exposure; YH305 strategies do not lie on the grid.
    """

    counts: Floats
    strategies: Floats
    exposure: Floats | None = None
    masked: npt.NDArray[np.bool_] | None = None
    name: str = ""
    together: str = ""
    bins: int = field(init=False)

    def __post_init__(self) -> None:
        counts = np.atleast_1d(np.asarray(self.counts, np.float64))
        exposure = np.ones(counts.size) if self.exposure is None else np.atleast_1d(np.asarray(self.exposure, np.float64))
        masked = np.zeros(counts.size, np.bool_) if self.masked is None else np.atleast_1d(np.asarray(self.masked)).astype(np.bool_)
        counted(np.where(masked, 0.0, counts) if masked.size == counts.size else counts, exposure)
        strategies = np.atleast_2d(np.asarray(self.strategies, np.float64))
        if counts.ndim != 1 or masked.shape != counts.shape or strategies.ndim != 2 or strategies.shape[1] != counts.size:
            raise YuhuError(
                "YH305",
                "strategies or masks lie outside the grid of the responses",
                facts={"video": self.name, "counts": counts.shape, "strategies": strategies.shape, "masked": masked.shape},
                fix="one column for each bin of `counts`; cut segments at the end of the video",
            )
        if not bool(np.all(np.isfinite(strategies) & (strategies >= 0))):
            raise YuhuError(
                "YH303", "an intensity is negative or not a number", facts={"video": self.name}, fix="0 where a code is not shown"
            )
        for name, array in (("counts", counts), ("strategies", strategies), ("exposure", exposure), ("masked", masked)):
            object.__setattr__(self, name, array)
        object.__setattr__(self, "bins", int(counts.size))

    def kept(self, seam: int) -> npt.NDArray[np.bool_]:
        """(T,) bool: bins that speak; `seam` at each end, masked ones and those without exposure do not."""
        out = ~np.asarray(self.masked) & (np.asarray(self.exposure) > 0)
        out[:seam] = False
        out[self.bins - seam :] = False
        return out

    def onsets(self, code: int) -> tuple[npt.NDArray[np.int64], Floats]:
        """Where segments of a code begin, and the highest intensity of each."""
        shown = self.strategies[code] > 0
        starts = np.flatnonzero(shown & ~np.concatenate(([False], shown[:-1])))
        heights = np.maximum.reduceat(self.strategies[code], starts) if starts.size else np.zeros(0)
        return starts.astype(np.int64), heights

    def log_exposure(self) -> Floats:
        """(T,) float; 0 where there is none."""
        exposure = np.asarray(self.exposure)
        return np.log(np.where(exposure > 0, exposure, 1.0))


@dataclass(frozen=True)
class LagWindows:
    """Lags from onsets, in bins, both ends included.

    Parameters
    ----------
    lags : tuple of int
        All lags that a strategy may act at.
    effect : tuple of int
        Lags that the lift is the mean over.
    baseline : tuple of int or None
        Lags that it is compared with; None: with all bins outside the lags of any strategy.

    Raises
    ------
    YuhuError
        YH303 a window does not lie in `lags`, or the two overlap.
    """

    lags: tuple[int, int] = (-5, 30)
    effect: tuple[int, int] = (2, 15)
    baseline: tuple[int, int] | None = (-5, -1)

    def __post_init__(self) -> None:
        inner = [self.effect] if self.baseline is None else sorted((self.effect, self.baseline))
        ends = [each for window in inner for each in window]
        if not self.lags[0] <= ends[0] or not ends[-1] <= self.lags[1] or any(low > high for low, high in inner):
            raise YuhuError("YH303", "a window lies outside the lags", facts={"lags": self.lags, "windows": inner}, fix="lags=(-5, 30)")
        if len(inner) == 2 and inner[0][1] >= inner[1][0]:
            raise YuhuError("YH303", "effect and baseline overlap", facts={"windows": inner}, fix="effect=(2, 15), baseline=(-5, -1)")

    def groups(self) -> list[tuple[int, int]]:
        """The lags cut at both windows; no gap between groups."""
        inner = [self.effect] if self.baseline is None else sorted((self.effect, self.baseline))
        found, at = [], self.lags[0]
        for low, high in inner:
            if low > at:
                found.append((at, low - 1))
            found.append((low, high))
            at = high + 1
        return [*found, (at, self.lags[1])] if at <= self.lags[1] else found

    def contrast(self) -> Floats:
        """(groups,) float: 1 for the effect, -1 for the baseline."""
        return np.array([1.0 if group == self.effect else -1.0 if group == self.baseline else 0.0 for group in self.groups()])


def lag_columns(video: VideoSeries, code: int, groups: Sequence[tuple[int, int]], *, circular: bool, dose: bool = False) -> Floats:
    """(T, groups) float: for each bin the number (or, with `dose`, the intensities) of onsets that lie as far back as a group says."""
    starts, heights = video.onsets(code)
    out = np.zeros((video.bins, len(groups)))
    weight = heights if dose else np.ones(starts.size)
    for place, (low, high) in enumerate(groups):
        at = starts[:, None] + np.arange(low, high + 1)
        value = np.broadcast_to(weight[:, None], at.shape)
        inside = np.ones(at.shape, np.bool_) if circular else (at >= 0) & (at < video.bins)
        np.add.at(out[:, place], at[inside] % video.bins, value[inside])
    return out


def checked_videos(videos: Sequence[VideoSeries], codes: Sequence[str]) -> None:
    """Check that every video has a row for every code.

    Raises
    ------
    YuhuError
        YH305 it has not; YH303 no videos, no codes, or a code that comes twice.
    """
    if not videos or not codes or len(set(codes)) != len(codes):
        raise YuhuError(
            "YH303", "no videos, no codes, or a code twice", facts={"videos": len(videos), "codes": list(codes)}, fix="name each code once"
        )
    for video in videos:
        if video.strategies.shape[0] != len(codes):
            raise YuhuError(
                "YH305",
                "a video has not one row for each code",
                facts={"video": video.name, "rows": video.strategies.shape[0], "codes": len(codes)},
                fix="a row of zeros for a code that a video lacks",
            )


def same_strategies(one: Sequence[VideoSeries], other: Sequence[VideoSeries]) -> None:
    """Check that two series of responses stand under the same videos.

    Raises
    ------
    YuhuError
        YH305 they do not.
    """
    sizes = [len(videos) for videos in (one, other)]
    differ = [
        first.name
        for first, second in zip(one, other, strict=False)
        if first.together != second.together
        or not np.array_equal(first.strategies, second.strategies)
        or not np.array_equal(first.kept(0), second.kept(0))
    ]
    if sizes[0] != sizes[1] or differ:
        raise YuhuError(
            "YH305",
            "series are of different videos, strategies or masks",
            facts={"videos": sizes, "differ": differ[:5]},
            fix="the same videos in the same order; only counts may differ",
        )

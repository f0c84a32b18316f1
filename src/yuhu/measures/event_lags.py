"""How long after a strategy messages came, and whether more of it went with more of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.estimate import Estimate
from yuhu.measures.event_series import Setting, unvalidated
from yuhu.measures.media_time import Cell, MediaTime
from yuhu.stats.shift import VideoSeries, dose_response, gamma_kernel, lag_kernel

SHAPES = "quasi-AIC above the least"
DRAWS = 999
MOST_FOLLOWED = 40
"""Series and strategies that are looked at closer, those with the largest statistics; all messages come first."""

MOST_VIDEOS = 30
"""Videos that a mean lag is fitted to, those with most messages."""


@dataclass(frozen=True)
class Followed:
    """A series and a strategy that are looked at closer.

    Parameters
    ----------
    cell : Cell or None
        The series.
    code : str
        The strategy.
    stands : bool
        Whether the lift stands after the adjustment for all tests.
    size : float
        Its statistic, whatever its sign.
    """

    cell: Cell | None
    code: str
    stands: bool
    size: float = 0.0


def lags_and_doses(setting: Setting, wanted: Sequence[Followed], echo: Mapping[str, MediaTime] | None = None) -> Iterator[Estimate]:
    """Curves over lags, their peaks, and lifts by intensity; mean lags of a gamma response where the lift stands. Under the first assumption of watching.

    Notes
    -----
    O(series x strategies) joint fits, and 87 for each mean lag.
    """
    ranked = sorted(range(len(wanted)), key=lambda at: (wanted[at].cell is not None, -wanted[at].size, at))[:MOST_FOLLOWED]
    kept = [wanted[at] for at in sorted(ranked)]
    for cell in dict.fromkeys(one.cell for one in kept):
        videos = setting.series(cell, setting.watching[0][1], echo)
        for one in (each for each in kept if each.cell == cell):
            for row in (*_lags(setting, videos, one), *_doses(setting, videos, one)):
                held = row if cell is None else unvalidated(row, setting.evidence)
                yield held.with_(code=cell[0] if cell else None, value_id=cell[1] if cell else None)


def _lags(setting: Setting, videos: Sequence[VideoSeries], one: Followed) -> Iterator[Estimate]:
    evidence, step = setting.evidence, setting.evidence.moments.step_ms
    found = lag_kernel(
        videos, setting.codes, one.code, design=setting.design, draws=DRAWS, confidence=evidence.confidence, seed=evidence.seed
    )
    for lag, row in zip(found.lags, found.curve, strict=True):
        yield row.with_(by="lag", subject=one.code, at_ms=lag * step, end_ms=(lag + 1) * step)
    yield _seconds(found.peak, step).with_(by="lag_peak", subject=one.code)
    if one.stands:
        kept = sorted(np.argsort([-float(video.counts.sum()) for video in videos], kind="stable")[:MOST_VIDEOS].tolist())
        mean = gamma_kernel(
            [videos[at] for at in kept], setting.codes, one.code, design=setting.design, confidence=evidence.confidence
        ).mean_lag
        yield _seconds(mean, step).with_(by="lag_mean", subject=one.code)


def _seconds(bins: Estimate, step: int) -> Estimate:
    """A lag in seconds."""
    value, low, high = (None if one is None else one * step / 1000 for one in (bins.value, bins.low, bins.high))
    return bins.with_(value=value, low=low, high=high, unit="seconds")


def _doses(setting: Setting, videos: Sequence[VideoSeries], one: Followed) -> Iterator[Estimate]:
    """Nothing where the code has no intensities; the reason where only one was used."""
    evidence = setting.evidence
    variable = evidence.book.variables[one.code]
    if variable.level != "ordinal":
        return
    found = dose_response(videos, setting.codes, one.code, design=setting.design, seed=evidence.seed)
    for level, row in found.levels:
        yield row.with_(by="dose", subject=f"{one.code}={level:g}")
    yield found.slope.with_(by="dose_slope", subject=one.code, unit="rate ratio per step")
    yield found.p.with_(by="dose_p", subject=one.code)
    least = min((height for _, height in found.quasi_aic), default=0.0)
    for name, height in found.quasi_aic:
        yield found.slope.with_(
            value=height - least, low=None, high=None, by="dose_shape", subject=f"{one.code}: {name}", unit=SHAPES, reason="test_alone"
        )

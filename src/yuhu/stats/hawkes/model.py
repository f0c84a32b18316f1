"""One fit of a model to events whose times are all known, with and without excitation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats
from yuhu.stats.hawkes.baseline import Cells
from yuhu.stats.hawkes.climbing import Top, climb
from yuhu.stats.hawkes.likelihood import Events, compensator, events

Bools = npt.NDArray[np.bool_]
_TRIED = 2000
"""Events at the beginning of the window on which starts are compared."""
_TRIES = 10
"""Steps of each climb there: enough to see which start leads highest."""
_STARTS = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Rates b to start from, per mean gap between events."""


@dataclass(frozen=True)
class Fitted:
    """Both models of one set of times.

    Parameters
    ----------
    top : Top
        With excitation; its levels are those of `live`.
    live : (P,) bool
        Levels that have events; the others are 0.
    alone : (P,) float
        All levels without excitation.
    value_alone : float
        Log likelihood without excitation.
    """

    top: Top
    live: Bools
    alone: Floats
    value_alone: float

    def levels(self, *, excited: bool) -> Floats:
        """(P,) levels of one of the models."""
        return self._spread(self.top.levels) if excited else self.alone

    def levels_error(self, *, excited: bool, counts: Floats) -> Floats:
        """(P,) standard errors of ln level; 0 for levels that are 0."""
        return self._spread(self.top.levels_error) if excited else log_error(counts)

    def steps(self, times: Floats, cells: Cells, *, excited: bool) -> Floats:
        """(n,) steps of the model's own time between events."""
        branching = self.top.branching if excited else 0.0
        return np.diff(compensator(times, cells, self.levels(excited=excited), branching, self.top.rate), prepend=0.0)

    def _spread(self, some: Floats) -> Floats:
        found = np.zeros(self.live.size)
        found[self.live] = some
        return found


@dataclass(frozen=True)
class Range:
    """Rates b that are looked at."""

    slowest: float
    fastest: float


def log_error(counts: Floats) -> Floats:
    """Standard error of the logarithm of a Poisson rate with these counts; 0 where there are none."""
    return np.divide(1.0, np.sqrt(counts), out=np.zeros_like(counts), where=counts > 0)


def fitted(times: Floats, cells: Cells, reach: Range, start: tuple[float, float] | None = None) -> Fitted:
    """Fit both models.

    Parameters
    ----------
    times : (n,) float
        Sorted, since the start of the window.
    cells : Cells
        Baseline and views.
    reach : Range
        Rates that are looked at.
    start : tuple of float, optional
        Branching ratio and rate to start from; else the best of several starts.

    Notes
    -----
    O(n) for each step of the climb. The likelihood may have several tops in b: starts from slow to fast are compared on the first 2,000
    events, and the best is climbed on all.
    """
    data = events(times, cells)
    live, packed = _live(data)
    alone, value_alone = data.baseline_alone()
    branching, rate = start or _best_start(times, cells, reach)
    top = climb(packed, branching=branching, rate=rate, slowest=reach.slowest, fastest=reach.fastest)
    return Fitted(top, live, alone, value_alone)


def _live(data: Events) -> tuple[Bools, Events]:
    live = data.counts() > 0
    if live.all():
        return live, data
    number = np.cumsum(live) - 1
    return live, Events(data.gaps, number[data.level], data.views, data.mass[live])


def _best_start(times: Floats, cells: Cells, reach: Range) -> tuple[float, float]:
    until = float(cells.edges[-1])
    if times.size > _TRIED:
        until = float(times[_TRIED])
        times = times[:_TRIED]
    edges = np.append(cells.edges[cells.edges < until], until)
    level = np.unique(cells.level[: edges.size - 1], return_inverse=True)[1]
    _, data = _live(events(times, Cells(edges, level, cells.views[: edges.size - 1])))
    best: Top | None = None
    for factor in _STARTS:
        rate = float(np.clip(factor * times.size / until, reach.slowest, reach.fastest))
        top = climb(data, branching=0.4, rate=rate, slowest=reach.slowest, fastest=reach.fastest, limit=_TRIES)
        if best is None or top.value > best.value + 1e-6:
            best = top
    assert best is not None
    return float(np.clip(best.branching, 0.01, 0.99)), best.rate

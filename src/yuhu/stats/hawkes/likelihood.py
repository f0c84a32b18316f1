"""Log likelihood of events that draw events, with its gradient and its second derivatives."""

from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.hawkes.baseline import Cells


@dataclass(frozen=True)
class Surface:
    """The log likelihood at one point, in the parameters themselves.

    The second derivatives have the shape of an arrow: no two levels share an event, so each meets only itself, n and b.

    Parameters
    ----------
    value : float
        The log likelihood.
    by_level : (P,) float
        Slope in each level.
    by_kernel : (2,) float
        Slope in the branching ratio n and the rate b.
    levels_bend : (P,) float
        Second derivative in each level.
    cross : (P, 2) float
        In a level and n or b.
    kernel_bend : (2, 2) float
        In n and b.
    """

    value: float
    by_level: Floats
    by_kernel: Floats
    levels_bend: Floats
    cross: Floats
    kernel_bend: Floats


@dataclass(frozen=True)
class Events:
    """Events as the recursions need them.

    Parameters
    ----------
    gaps : (n + 1,) float
        Seconds since the event before, the first since the start, the last from the last event to the end.
    level : (n,) int
        Level of the baseline at each event.
    views : (n,) float > 0
        What the baseline is multiplied by there.
    mass : (P,) float
        Views times seconds of each level.
    """

    gaps: Floats
    level: Ints
    views: Floats
    mass: Floats

    @property
    def size(self) -> int:
        """Number of events."""
        return int(self.level.size)

    def counts(self) -> Floats:
        """(P,) events at each level."""
        return np.bincount(self.level, minlength=self.mass.size).astype(np.float64)

    def surface(self, levels: Floats, branching: float, rate: float) -> Surface:
        """The log likelihood and its derivatives at one point.

        Notes
        -----
        O(n + P). Sources: hawkes1971; ozaki1979.
        """
        from yuhu.stats.hawkes.recursion import sweep

        intensity, by_level, totals = np.empty(self.size), np.zeros((4, levels.size)), np.empty(9)
        shrunk = np.exp(-rate * self.gaps)
        sweep(shrunk, self.gaps, self.level, self.views, levels, branching, rate, intensity, by_level, totals)
        k1, k2, kk, kd, dd, kb, alive, aged, squared = totals.tolist()
        value = float(np.log(intensity).sum()) - float(levels @ self.mass) - branching * (self.size - alive)
        mixed = k2 - branching * kd - aged
        return Surface(
            value,
            by_level[0] - self.mass,
            np.array([k1 - (self.size - alive), branching * (k2 - aged)]),
            -by_level[1],
            np.stack([-by_level[2], -branching * by_level[3]], axis=1),
            np.array([[-kk, mixed], [mixed, branching * kb - branching**2 * dd + branching * squared]]),
        )

    def baseline_alone(self) -> tuple[Floats, float]:
        """Levels and log likelihood where no event draws another."""
        counts = self.counts()
        levels = np.divide(counts, self.mass, out=np.zeros_like(counts), where=self.mass > 0)
        return levels, float(np.log(levels[self.level] * self.views).sum()) - self.size


def events(times: Floats, cells: Cells) -> Events:
    """Events in the cells of a window.

    Parameters
    ----------
    times : (n,) float
        Sorted, in seconds since the start of the window.
    cells : Cells
        Baseline and views.

    Raises
    ------
    YuhuError
        YH303 an event lies where exposure is 0.
    """
    where = cells.place(times)
    views = cells.views[where]
    if not bool(np.all(views > 0)):
        raise YuhuError(
            "YH303",
            "an event lies where exposure is 0",
            facts={"found": f"{times[int(np.argmin(views))]} s after the start"},
            fix="whoever wrote was there: give longer steps of exposure, or leave these steps out of the window",
        )
    gaps = np.diff(times, prepend=0.0, append=cells.edges[-1])
    return Events(gaps, cells.level[where], views, cells.mass())


def compensator(times: Floats, cells: Cells, levels: Floats, branching: float, rate: float) -> Floats:
    """Expected number of events from the start to each event, given those before it.

    Parameters
    ----------
    times : (n,) float
        Sorted, in seconds since the start of the window.
    cells, levels, branching, rate
        The model.

    Returns
    -------
    (n,) float
        Its steps are independent and exponential with mean 1 if the model holds.

    Notes
    -----
    O(n). Source: ogata1988.
    """
    from yuhu.stats.hawkes.recursion import alive_before

    alive = np.empty(times.size)
    alive_before(np.exp(-rate * np.diff(times, prepend=0.0)), alive)
    return cells.integral(levels, times) + branching * (np.arange(times.size) - alive)

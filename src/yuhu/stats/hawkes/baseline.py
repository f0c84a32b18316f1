"""What the rate of events would be if no event drew another: steps of wall time, each with a level, times the views there were."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints, equal_lengths

HOUR = 3600.0
DAY = 86400.0
NAMES = ("constant", "hourly", "day_night")


@dataclass(frozen=True)
class Baseline:
    """Steps of wall time and the level that each has.

    Parameters
    ----------
    edges : (K + 1,) float
        Ascending, in seconds; the first and last are the window or lie outside of it.
    level : (K,) int from 0
        Steps with the same number have the same level, which is estimated.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 edges do not ascend, or numbers of levels are no whole numbers from 0 without a gap.
    """

    edges: Floats
    level: Ints

    def __post_init__(self) -> None:
        edges, level = _ascending(self.edges, "edge of the baseline"), np.asarray(self.level)
        equal_lengths(edges=edges[1:], level=level)
        if level.dtype.kind not in "iu" or not np.array_equal(np.unique(level), np.arange(int(level.max()) + 1)):
            raise YuhuError("YH303", "levels are not numbered from 0 without a gap", fix="for example level=[0, 1, 0, 1]")
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "level", level.astype(np.int64))


def constant(start: float, end: float) -> Baseline:
    """One level from start to end."""
    return Baseline(np.array([start, end]), np.zeros(1, np.int64))


def steps(start: float, end: float, *, width: float = HOUR) -> Baseline:
    """A level of its own for each step of about `width` seconds; all steps are equally long.

    Raises
    ------
    YuhuError
        YH303 the width is not above 0, or so small that there would be more than a million steps.
    """
    if not width > 0 or (end - start) / width > 1e6:
        raise YuhuError("YH303", "the width of a step does not fit the window", facts={"found": width}, fix="for example width=3600")
    count = max(1, round((end - start) / width))
    return Baseline(np.linspace(start, end, count + 1), np.arange(count))


def day_night(start: float, end: float, *, day: tuple[float, float] = (7.0, 23.0), offset: float = 0.0, by_date: bool = False) -> Baseline:
    """A level for the day and one for the night.

    Parameters
    ----------
    start, end : float
        The window, in seconds since midnight UTC of some day, such as Unix time.
    day : tuple of float
        Hours at which the day begins and ends, in local time.
    offset : float
        Seconds that local time is ahead of UTC: 28800 for Beijing.
    by_date : bool
        Each day and each night has a level of its own.

    Raises
    ------
    YuhuError
        YH303 the day does not begin before it ends, within 0 to 24 hours.
    """
    if not 0 <= day[0] < day[1] <= 24 or day[1] - day[0] == 24:
        raise YuhuError("YH303", "the hours of the day are not in order", facts={"found": day}, fix="for example day=(7, 23)")
    first, last = math.floor((start + offset) / DAY), math.ceil((end + offset) / DAY)
    dates = np.arange(first, last + 1) * DAY - offset
    turns = np.unique(np.concatenate([[start, end], dates + day[0] * HOUR, dates + day[1] * HOUR]))
    edges = turns[(turns >= start) & (turns <= end)]
    middle = ((edges[1:] + edges[:-1]) / 2 + offset) % DAY / HOUR
    is_night = (middle < day[0]) | (middle >= day[1])
    return Baseline(edges, np.arange(is_night.size) if by_date else np.unique(is_night, return_inverse=True)[1])


def baseline_of(baseline: Baseline | str, start: float, end: float) -> Baseline:
    """The baseline that is meant by a name, or the one given.

    Raises
    ------
    YuhuError
        YH303 no baseline has this name, or the one given does not cover the window.
    """
    if isinstance(baseline, Baseline):
        if baseline.edges[0] > start or baseline.edges[-1] < end:
            raise _uncovered("baseline", baseline.edges, start, end)
        return baseline
    if baseline == "constant":
        return constant(start, end)
    if baseline == "hourly":
        return steps(start, end)
    if baseline == "day_night":
        return day_night(start, end)
    raise YuhuError("YH303", "no baseline has this name", facts={"found": baseline, "expected": ", ".join(NAMES)}, fix="or give a Baseline")


@dataclass(frozen=True)
class Cells:
    """Baseline and views cut into cells in which both are constant, from the start of the window, which is 0 here."""

    edges: Floats
    level: Ints
    views: Floats

    def mass(self) -> Floats:
        """(P,) views times seconds of each level."""
        return np.bincount(self.level, weights=self.views * np.diff(self.edges), minlength=int(self.level.max()) + 1).astype(np.float64)

    def place(self, times: Floats) -> Ints:
        """(n,) cell of each of the sorted times."""
        counts = np.diff(np.searchsorted(times, self.edges[1:-1], side="left"), prepend=0, append=times.size)
        return np.repeat(np.arange(self.level.size), counts)

    def integral(self, levels: Floats, times: Floats) -> Floats:
        """(n,) integral of the baseline from the start to each time."""
        pieces = levels[self.level] * self.views * np.diff(self.edges)
        return np.asarray(np.interp(times, self.edges, np.concatenate([[0.0], np.cumsum(pieces)])), np.float64)


def cells(baseline: Baseline, exposure: tuple[npt.ArrayLike, npt.ArrayLike] | None, start: float, end: float) -> Cells:
    """Cells of the window.

    Parameters
    ----------
    baseline : Baseline
        Covers the window.
    exposure : tuple of (J + 1,) edges and (J,) views, optional
        What the baseline is multiplied by in each step, such as views per hour.
    start, end : float
        The window.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 exposure does not cover the window, is negative, not finite, or 0 throughout.
    """
    inner = [baseline.edges]
    if exposure is not None:
        turns, views = _ascending(exposure[0], "edge of the exposure"), np.asarray(exposure[1], np.float64)
        equal_lengths(edges=turns[1:], views=views)
        if turns[0] > start or turns[-1] < end:
            raise _uncovered("exposure", turns, start, end)
        if not bool(np.all(np.isfinite(views) & (views >= 0))):
            raise YuhuError("YH303", "exposure is negative or not finite", fix="give the views, or viewers, of each step")
        inner.append(turns)
    edges = np.unique(np.concatenate(inner))
    edges = np.concatenate([[start], edges[(edges > start) & (edges < end)], [end]])
    middle = (edges[1:] + edges[:-1]) / 2
    level = baseline.level[np.searchsorted(baseline.edges, middle, side="right") - 1]
    seen = np.ones(middle.size) if exposure is None else views[np.searchsorted(turns, middle, side="right") - 1]
    if not seen.any():
        raise YuhuError("YH303", "exposure is 0 throughout", fix="without views give exposure=None")
    return Cells(edges - start, np.unique(level, return_inverse=True)[1], seen)


def _ascending(edges: npt.ArrayLike, what: str) -> Floats:
    found = np.asarray(edges, np.float64)
    if found.ndim != 1 or found.size < 2 or not bool(np.all(np.isfinite(found))) or not bool(np.all(np.diff(found) > 0)):
        raise YuhuError("YH303", f"an {what} does not come after the one before", fix="give at least two finite edges in ascending order")
    return found


def _uncovered(what: str, edges: Floats, start: float, end: float) -> YuhuError:
    return YuhuError(
        "YH303",
        f"the {what} does not cover the window",
        facts={"found": f"{edges[0]} to {edges[-1]}", "expected": f"{start} to {end}"},
        fix="give edges from the start to the end of the window, or beyond",
    )

"""The highest point of the likelihood over (ln level, logit n, ln b), by Newton steps that use the arrow shape of the second derivatives."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.stats.arrays import Floats
from yuhu.stats.hawkes.likelihood import Events

Bools = npt.NDArray[np.bool_]
_STEPS = 200
_GAIN = 1e-9
"""Log likelihood that another step could still bring."""
_LONGEST = 2.0
_HALVINGS = 30
_LOGIT = 14.0
_LEVEL = 16.0
"""How far, in logarithms, a level may fall below that of the baseline alone: there it is 0 for all that the data say."""
_SMALL = 1e-12


@dataclass(frozen=True)
class Top:
    """Where the likelihood is highest.

    Parameters
    ----------
    levels : (P,) float
        Of the baseline.
    branching, rate : float
        n and b.
    value : float
        Log likelihood.
    covariance : (2, 2) float or None
        Of (logit n, ln b), allowing for the levels; none at an edge or where the surface is flat.
    levels_error : (P,) float
        Standard errors of ln level; 0 for levels that are 0.
    edge : str
        ``zero``, ``one``, ``slow``, ``fast``, or empty.
    converged : bool
        Whether another step would bring nothing.
    """

    levels: Floats
    branching: float
    rate: float
    value: float
    covariance: Floats | None
    levels_error: Floats
    edge: str
    converged: bool


@dataclass(frozen=True)
class _Slope:
    """Minus the log likelihood in the free parameters: value, slopes, and the parts of the arrow."""

    value: float
    levels: Floats
    kernel: Floats
    shaft: Floats
    cross: Floats
    head: Floats


def climb(data: Events, *, branching: float, rate: float, slowest: float, fastest: float, limit: int = _STEPS) -> Top:
    """Climb from one start.

    Parameters
    ----------
    data : Events
        Each level has events and exposure.
    branching, rate : float
        Where to start.
    slowest, fastest : float
        Least and largest rate b.
    limit : int
        Steps after which it stops.

    Notes
    -----
    A step solves the arrow in O(P); curvature of the wrong sign is taken by its size, so that each step climbs. O(n + P) a step, mostly 6 to 15
    steps. Sources: nocedal2006; ogata1988 (information).
    """
    alone, _ = data.baseline_alone()
    floor = np.log(alone) - _LEVEL
    low = np.append(floor, [-_LOGIT, np.log(slowest)])
    high = np.append(np.full(floor.size, np.inf), [_LOGIT, np.log(fastest)])
    at = np.clip(np.append(np.log(alone * (1 - branching)), [special.logit(branching), np.log(rate)]), low, high)
    here, done = _slope(data, at), False
    for _ in range(limit):
        slope = np.append(here.levels, here.kernel)
        held = ((at <= low) & (slope > 0)) | ((at >= high) & (slope < 0))
        step = _newton(here, held)
        if -float(step @ slope) / 2 < _GAIN:
            done = True
            break
        step *= min(1.0, _LONGEST / float(np.abs(step).max()))
        following = _downhill(data, at, step, here, low, high)
        if following is None:  # the numbers of the machine are used up
            done = -float(step @ slope) / 2 < 1e-5
            break
        at, here = following
    return _top(at, here, held, done)


def _slope(data: Events, at: Floats) -> _Slope:
    levels, n, b = np.exp(at[:-2]), float(special.expit(at[-2])), float(np.exp(at[-1]))
    surface = data.surface(levels, n, b)
    first = np.array([n * (1 - n), b])
    bend = surface.kernel_bend * np.outer(first, first) + np.diag(surface.by_kernel * first * np.array([1 - 2 * n, 1.0]))
    return _Slope(
        -surface.value,
        -levels * surface.by_level,
        -first * surface.by_kernel,
        -(levels**2 * surface.levels_bend + levels * surface.by_level),
        -levels[:, None] * surface.cross * first,
        -bend,
    )


def _newton(here: _Slope, held: Bools) -> Floats:
    """Step to the lowest point of the bent surface, with parameters at their edge held."""
    free, open_kernel = ~held[:-2], ~held[-2:]
    shaft = np.where(free, np.abs(here.shaft - here.levels) + np.abs(here.levels) + _SMALL, 1.0)
    cross = here.cross * free[:, None] * open_kernel
    slope, tail = here.levels * free, here.kernel * open_kernel
    values, vectors = np.linalg.eigh(here.head * np.outer(open_kernel, open_kernel) - (cross / shaft[:, None]).T @ cross)
    inverse = vectors / np.maximum(np.abs(values), 1e-8) @ vectors.T
    kernel = -inverse @ (tail - (cross / shaft[:, None]).T @ slope) * open_kernel
    return np.append(-(slope + cross @ kernel) / shaft, kernel)


def _downhill(data: Events, at: Floats, step: Floats, here: _Slope, low: Floats, high: Floats) -> tuple[Floats, _Slope] | None:
    size = 1.0
    for _ in range(_HALVINGS):
        tried = np.clip(at + size * step, low, high)
        found = _slope(data, tried)
        if found.value < here.value:
            return tried, found
        size /= 2
    return None


def _top(at: Floats, here: _Slope, held: Bools, converged: bool) -> Top:
    edges = ("zero" if at[-2] < 0 else "one", "slow" if at[-1] < 0 else "fast")
    edge = next((name for name, is_held in zip(edges, held[-2:], strict=True) if is_held), "")
    free = ~held[:-2]
    shaft, cross = here.shaft[free], here.cross[free]
    covariance: Floats | None = None
    error = np.zeros(free.size)
    if not edge and converged and bool(np.all(shaft > 0)):
        schur = here.head - (cross / shaft[:, None]).T @ cross
        if schur[0, 0] > 0 and np.linalg.det(schur) > 0:
            covariance = np.asarray(np.linalg.inv(schur), np.float64)
            weight = cross / shaft[:, None]
            error[free] = np.sqrt(1 / shaft + np.einsum("pi,ij,pj->p", weight, covariance, weight))
    levels = np.where(free, np.exp(at[:-2]), 0.0)
    return Top(levels, float(special.expit(at[-2])), float(np.exp(at[-1])), -here.value, covariance, error, edge, converged)

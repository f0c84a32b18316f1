"""The model of one table of counts: where its likelihood is highest, and what follows from there."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize

from yuhu.stats.arrays import Floats
from yuhu.stats.two_clock.screen import Screen

_ROUNDS = 500
_GAIN = 1e-7


@dataclass(frozen=True)
class Table:
    """Counts with their viewers, seconds of each segment in rows and cohorts in columns.

    Parameters
    ----------
    counts, mass, drawn : (G·V, W) float
        Responses, viewers M·E, visible responses X.
    """

    counts: Floats
    mass: Floats
    drawn: Floats

    def weighted(self, weight: Floats) -> "Table":
        """Each cohort as often as its weight says; what it saw stays."""
        return Table(self.counts * weight, self.mass * weight, self.drawn)


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is highest.

    Parameters
    ----------
    pull : float
        a: responses that one visible response draws per viewer.
    stimulus : (G·V,) float
        s: responses per viewer without any visible.
    value, value_without : float
        Log likelihood there, and at a = 0.
    share : float
        Responses that were drawn by visible ones.
    """

    pull: float
    stimulus: Floats
    value: float
    value_without: float
    share: float

    def expected(self, table: Table) -> Floats:
        """(G·V, W) expected counts."""
        return table.mass * (self.stimulus[:, None] + self.pull * table.drawn)


def by_cohort(values: Floats) -> Floats:
    """(G, W, V) as (G·V, W)."""
    return np.ascontiguousarray(values.transpose(0, 2, 1).reshape(-1, values.shape[1]))


def table(counts: Floats, views: Floats, exposure: Floats, screen: Screen) -> Table:
    """The table of (G, W, V) counts, (G, W) views and (V,) exposure."""
    seen = np.broadcast_to(screen.visible(counts.sum(axis=0)), counts.shape)
    return Table(by_cohort(counts), by_cohort(views[:, :, None] * exposure), by_cohort(seen))


def optimum(data: Table, near: Optimum | None = None) -> Optimum:
    """The highest point, exactly: s for each a, and a by Newton's steps.

    Notes
    -----
    O(G·V·W) for each of about 30 passes; the same point as multiplicative EM after as many rounds as it takes.
    """
    from yuhu.stats.two_clock.climbing import highest

    total = data.mass.sum(axis=1)
    flat = np.divide(data.counts.sum(axis=1), total, out=np.zeros(total.size), where=total > 0)
    rate = flat[:, None] * data.mass
    without = float((np.log(rate, out=np.zeros_like(rate), where=data.counts > 0) * data.counts).sum()) - float(data.counts.sum())
    stimulus = flat.copy() if near is None else near.stimulus.copy()
    pull, value, _ = highest(data.counts, data.mass, data.drawn, 0.0 if near is None else near.pull, stimulus)
    everything = float(data.counts.sum())
    share = pull * float((data.mass * data.drawn).sum()) / everything if everything else 0.0
    return Optimum(pull, stimulus, max(value, without), without, min(1.0, share))


def profile_interval(data: Table, at: Optimum, drop: float) -> tuple[float, float]:
    """Values of a at which the best log likelihood lies no more than `drop` below the highest."""
    from yuhu.stats.two_clock.climbing import profile

    stimulus, room = at.stimulus.copy(), np.empty(data.counts.shape[1])

    def above(pull: float) -> float:
        return profile(data.counts, data.mass, data.drawn, pull, stimulus, room)[0] - at.value + drop

    low = 0.0 if at.pull == 0 or above(0.0) >= 0 else float(optimize.brentq(above, 0.0, at.pull, rtol=1e-8))
    high = max(at.pull * 2, 1e-12)
    while above(high) > 0:
        high *= 2
    return low, float(optimize.brentq(above, at.pull, high, rtol=1e-8))


def dispersion(data: Table, at: Optimum) -> tuple[float, float]:
    """Pearson's chi-squared per degree of freedom, and the variance of a gamma factor that would explain what lies above 1."""
    expected = at.expected(data)
    alive = expected > 0
    known, found = expected[alive], data.counts[alive]
    free = max(1, known.size - int(np.sum(at.stimulus > 0)) - 1)
    squares = (found - known) ** 2
    return float((squares / known).sum()) / free, max(0.0, float(squares.sum() * known.size / free - known.sum()) / float((known**2).sum()))


def guessed_views(counts: Floats, exposure: Floats, screen: Screen) -> Floats:
    """(G, W) views that fit best together with the rest, up to a factor: the background of rank one where they are not known.

    Notes
    -----
    Views and the rest are improved in turn. What the audience grew by and what excitation added are then told apart only by the shape
    over the video, so that excitation comes out too small. O(rounds·G·V·W).
    """
    views: Floats = counts.sum(axis=2)
    views = views / max(float(views.mean()), 1e-300)
    last, near = -np.inf, None
    for _ in range(_ROUNDS):
        data = table(counts, views, exposure, screen)
        near = optimum(data, near)
        if near.value - last < _GAIN:
            break
        last = near.value
        rate = (near.stimulus[:, None] + near.pull * data.drawn).reshape(counts.shape[0], counts.shape[2], -1)
        reached = np.einsum("gvw,v->gw", rate, exposure)
        views = np.divide(counts.sum(axis=2), reached, out=np.zeros_like(views), where=reached > 0)
    return np.asarray(views, np.float64)

"""Counts drawn from the model, cohort after cohort: each sees what those before it wrote."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, equal_lengths
from yuhu.stats.two_clock.screen import Screen

_MOST = 1e9


def simulate(
    stimulus: npt.ArrayLike,
    *,
    response: float,
    exposure: npt.ArrayLike,
    views: npt.ArrayLike,
    screen: Screen | None = None,
    overdispersion: float = 0.0,
    seed: int = 0,
) -> tuple[Floats, float]:
    """Draw counts of a video whose cohorts see each other's responses.

    Parameters
    ----------
    stimulus : (V,), (W, V), (G, V) or (G, W, V) float, at least 0
        Responses per viewer without any visible; with W, another one for each cohort, which is what the model of `fit` denies.
    response : float, at least 0
        a: responses that one visible response draws per viewer.
    exposure : (V,) float
        Share of viewers still watching.
    views : (W,) or (G, W) float
        Viewers of each cohort.
    screen : Screen, optional
        What viewers see; 1 s steps, all cohorts before, if none.
    overdispersion : float, at least 0
        Variance of a gamma factor on each cell.
    seed : int, at least 0
        The same seed gives the same counts.

    Returns
    -------
    counts : (W, V) or (G, W, V) float
        Shaped as `views`.
    share : float
        Expected responses that visible ones drew, of all expected.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a number is negative, or the counts grow beyond 1e9 in a cell.
    """
    seen, viewers = np.asarray(exposure, np.float64), np.asarray(views, np.float64)
    groups = viewers.reshape(-1, viewers.shape[-1])
    profile = np.asarray(stimulus, np.float64)
    if profile.ndim < 3:
        rows = groups.shape[1] if viewers.ndim == 1 else groups.shape[0]
        equal_lengths(stimulus=profile.reshape(-1, profile.shape[-1])[0], exposure=seen)
        if profile.ndim == 2:
            equal_lengths(stimulus=profile, rows=np.empty(rows))
        profile = profile[None] if profile.ndim == 2 and viewers.ndim == 1 else profile.reshape(-1, 1, seen.size)
    full = np.broadcast_to(profile, (groups.shape[0], groups.shape[1], seen.size))
    if min(response, overdispersion, float(full.min()), float(seen.min()), float(groups.min())) < 0:
        raise YuhuError("YH303", "a rate, a view or the overdispersion is negative", fix="give numbers of at least 0")
    counts, share = drawn(full, response, groups, seen, screen or Screen(), overdispersion, generator(seed, "two_clock", "simulate"))
    return (counts if viewers.ndim == 2 else counts[0]), share


def drawn(
    stimulus: Floats, pull: float, views: Floats, exposure: Floats, screen: Screen, overdispersion: float, source: np.random.Generator
) -> tuple[Floats, float]:
    """(G, W, V) counts, and the expected share that excitation drew; stimulus is (G, W, V)."""
    counts = np.zeros(stimulus.shape)
    smeared, totals = np.zeros(stimulus.shape[1:]), np.zeros(stimulus.shape[1])
    alive: Floats = np.zeros(exposure.size)
    excited = everything = 0.0
    for w in range(stimulus.shape[1]):
        mass = views[:, w, None] * exposure
        if w and not screen.keeps_all:
            alive = np.einsum("j,jv->v", screen.row(totals[:w]), smeared[:w])
        extra = mass * (pull * alive)
        rate = mass * stimulus[:, w] + extra
        if not float(rate.max()) < _MOST:
            raise YuhuError(
                "YH303", "each response draws so many that counts grow without end", facts={"response": pull}, fix="a smaller response"
            )
        excited, everything = excited + float(extra.sum()), everything + float(rate.sum())
        if overdispersion > 0:
            rate = rate * source.gamma(1 / overdispersion, overdispersion, rate.shape)
        counts[:, w] = source.poisson(rate)
        together = counts[:, w].sum(axis=0)
        totals[w], smeared[w] = together.sum(), np.convolve(together, screen.kernel)[: exposure.size]
        if screen.keeps_all:
            alive = alive + smeared[w]
    return counts, excited / everything if everything else 0.0

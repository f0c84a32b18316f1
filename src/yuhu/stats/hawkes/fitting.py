"""Fit: which share of events was drawn by events, how soon, and whether a baseline alone does as well."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, equal_lengths, proportion
from yuhu.stats.hawkes.baseline import Baseline, Cells, baseline_of, cells
from yuhu.stats.hawkes.goodness import Goodness, distances, goodness
from yuhu.stats.hawkes.likelihood import events
from yuhu.stats.hawkes.model import Fitted, Range, fitted, log_error
from yuhu.stats.hawkes.pooling import estimates, undefined
from yuhu.stats.hawkes.simulating import drawn
from yuhu.stats.hawkes.verdict import LEAST_EVENTS, PER_LEVEL, why_not


@dataclass(frozen=True)
class Spread:
    """What the unknown order of events within the unit of the clock does.

    Parameters
    ----------
    branching, decay : (R,) float
        One value for each fit, with times drawn anew within the unit.
    """

    branching: Floats
    decay: Floats


@dataclass(frozen=True)
class Hawkes:
    """Events with and without excitation, on the same baseline.

    Parameters
    ----------
    branching : Estimate
        Events that one event draws, on average: the share of events that were drawn. Unit "share".
    decay : Estimate
        Mean seconds from an event to one that it draws, 1/b. Unit "seconds".
    is_excited : bool
        Whether excitation is worth its two parameters by AIC.
    levels : (P,) float
        Baseline of the chosen model, in events per second (and view).
    levels_error : (P,) float
        Standard error of ln level; 0 where the level is 0.
    aic, aic_baseline : float or None
        With and without excitation, at the same baseline.
    log_likelihood, log_likelihood_baseline : float or None
        The same.
    goodness : Goodness or None
        Fit of the chosen model; none below 10 events.
    spread : Spread or None
        Over the refits, where the clock has a unit.
    n : int
        Events.
    """

    branching: Estimate
    decay: Estimate
    is_excited: bool
    levels: Floats
    levels_error: Floats
    aic: float | None
    aic_baseline: float | None
    log_likelihood: float | None
    log_likelihood_baseline: float | None
    goodness: Goodness | None
    spread: Spread | None
    n: int


def fit(
    times: npt.ArrayLike,
    *,
    end: float,
    start: float = 0.0,
    baseline: Baseline | str = "hourly",
    exposure: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    precision: float = 0.0,
    refits: int = 20,
    draws: int = 0,
    confidence: float = 0.95,
    seed: int = 0,
) -> Hawkes:
    """Fit μ(t) + Σ n·b·exp(-b·(t - t_j)) to the times of events.

    Parameters
    ----------
    times : (n,) float
        Seconds, in any order, from `start` to `end`. Unix time where the baseline is ``day_night``.
    start, end : float
        The window in which every event was kept. What came before it is taken not to matter.
    baseline : Baseline or str
        ``constant``, ``hourly``, ``day_night`` (7 to 23 h UTC), or one from `steps`, `day_night`, or edges and levels of your own.
    exposure : tuple of (J + 1,) edges and (J,) views, optional
        What the baseline is multiplied by in each step, such as views per hour.
    precision : float
        Unit of the clock in seconds: 1 where times are whole seconds, 0 where they are exact. Times are drawn within it and fitted `refits` times.
    refits : int, at least 2
        Fits with times drawn anew; one alone where the clock is exact.
    draws : int, at least 0
        Rounds of the parametric bootstrap, each a fit of its own: for the fit tests, and from 19 on for the intervals and the bias; 0 leaves it out.
    confidence : float in (0, 1)
        Level of the intervals.
    seed : int, at least 0
        Of the times within the unit and of the bootstrap.

    Returns
    -------
    Hawkes
        Intervals from the observed information, for n on the logit scale and for 1/b on the log scale; with refits, put together by
        Rubin's rule; with 19 `draws` or more from the bootstrap, its bias taken off. No value: ``too_few_events`` (below 50), ``baseline_as_flexible`` (fewer than 5 events for each level, or excitation as slow as
        the steps), ``baseline_suffices`` (AIC), ``not_stationary`` (n at 1, or its 95 % interval beyond .99), ``finer_than_clock``, ``no_convergence``.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a time is NaN or outside of the window, two are equal on an exact clock, an event lies where exposure is 0, or a
        parameter is out of its range.

    Notes
    -----
    O(n) for each step of the climb; 100,000 events take about as long as sorting them a few times. n is association net of the baseline: what the
    baseline does not follow counts as excitation. Sources: hawkes1971; ozaki1979; ogata1988; filimonov2015; rubin1987.
    """
    found = _checked(times, start, end, precision, refits, draws, confidence)
    window = cells(baseline_of(baseline, start, end), exposure, start, end)
    source = generator(seed, "hawkes", "times")
    sets = [_within(found, precision, end - start, start, source) for _ in range(refits if precision > 0 else 1)]
    counts = events(sets[0], window).counts()
    if found.size < LEAST_EVENTS:
        return _without(sets[0], window, counts, "too_few_events")
    if int(np.sum(counts > 0)) * PER_LEVEL > found.size:
        return _without(sets[0], window, counts, "baseline_as_flexible")
    reach = Range(1 / (end - start), 10 / precision if precision > 0 else 1 / float(np.diff(sets[0]).min()))
    fits = [first := fitted(sets[0], window, reach)]
    fits += [fitted(one, window, reach, _near(first)) for one in sets[1:]]
    values = np.mean([[one.top.value, one.value_alone] for one in fits], axis=0)
    is_excited = bool(values[0] - values[1] > 2)
    width = float(np.median(np.diff(window.edges))) if counts.size > 1 else end - start
    reason = why_not(fits, is_excited=is_excited, precision=precision, width=width)
    chosen = is_excited and not reason
    simulated = _simulated(first, window, reach, draws, precision, chosen, generator(seed, "hawkes", "fit test"))
    branching, decay = estimates(fits, simulated[:, 2:], found.size, confidence, reason)
    return Hawkes(
        branching=branching,
        decay=decay,
        is_excited=is_excited,
        levels=first.levels(excited=chosen),
        levels_error=first.levels_error(excited=chosen, counts=counts),
        log_likelihood=float(values[0]),
        log_likelihood_baseline=float(values[1]),
        aic=2 * (counts.size + 2) - 2 * float(values[0]),
        aic_baseline=2 * counts.size - 2 * float(values[1]),
        goodness=goodness(first.steps(sets[0], window, excited=chosen), simulated[:, :2]),
        spread=_spread(fits) if precision > 0 else None,
        n=found.size,
    )


def log_likelihood(
    times: npt.ArrayLike,
    *,
    end: float,
    levels: npt.ArrayLike,
    branching: float,
    decay: float,
    start: float = 0.0,
    baseline: Baseline | str = "constant",
    exposure: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
) -> float:
    """Log likelihood of events under a model that is wholly given.

    Parameters
    ----------
    times, start, end, baseline, exposure
        As in `fit`; at least one event.
    levels, branching, decay
        As in `simulate`.

    Raises
    ------
    YuhuError
        As `fit`.

    Notes
    -----
    O(n). Source: ozaki1979.
    """
    found = _checked(times, start, end, 0.0, 2, 0, 0.95) - start
    window = cells(baseline_of(baseline, start, end), exposure, start, end)
    rates = np.asarray(levels, np.float64).reshape(-1)
    equal_lengths(levels=rates, baseline=window.mass())
    if not bool(np.all(rates > 0)) or not 0 <= branching < 1 or not decay > 0:
        raise YuhuError("YH303", "a level or the decay is not above 0, or branching lies outside [0, 1)", fix="branching=0.3, decay=60")
    return events(found, window).surface(rates, branching, 1 / decay).value


def _checked(times: npt.ArrayLike, start: float, end: float, precision: float, refits: int, draws: int, confidence: float) -> Floats:
    proportion(confidence, "confidence")
    if not (math.isfinite(start) and math.isfinite(end) and start < end):
        raise YuhuError("YH303", "the end does not come after the start", facts={"found": f"{start} to {end}"}, fix="give both in seconds")
    if not 0 <= precision < end - start or refits < 2 or draws < 0:
        raise YuhuError(
            "YH303",
            "precision, refits or draws lie outside of their range",
            facts={"precision": precision, "refits": refits, "draws": draws},
            fix="for example precision=1.0, refits=20, draws=99",
        )
    found = np.sort(np.asarray(times, np.float64).reshape(-1))
    outside = ~((found >= start) & (found <= end))
    if outside.any():
        raise YuhuError(
            "YH303",
            "a time is not a number or lies outside of the window",
            facts={"found": f"{int(outside.sum())} of {found.size}, such as {found[outside][0]}", "expected": f"{start} to {end}"},
            fix="leave them out and count them, or give the window in which all were kept",
        )
    ties = int(np.sum(np.diff(found) == 0))
    if precision == 0 and ties:
        raise YuhuError(
            "YH303",
            "two events have the same time",
            facts={"found": f"{ties} ties", "expected": "none on an exact clock"},
            fix="precision=1.0 where times are whole seconds",
        )
    return found


def _within(times: Floats, precision: float, length: float, start: float, source: np.random.Generator) -> Floats:
    """Sorted times since the start of the window, drawn within the unit of the clock."""
    since = times - start
    if precision == 0:
        return since
    return np.sort(since + source.random(since.size) * np.minimum(precision, length - since))


def _near(first: Fitted) -> tuple[float, float]:
    return float(np.clip(first.top.branching, 0.01, 0.99)), first.top.rate


def _without(times: Floats, window: Cells, counts: Floats, reason: str) -> Hawkes:
    """The baseline alone, where excitation cannot be asked for."""
    mass = window.mass()
    levels = np.divide(counts, mass, out=np.zeros_like(counts), where=mass > 0)
    branching, decay = undefined(times.size, reason)
    steps = np.diff(window.integral(levels, times), prepend=0.0)
    return Hawkes(
        branching=branching,
        decay=decay,
        is_excited=False,
        levels=levels,
        levels_error=log_error(counts),
        log_likelihood=None,
        log_likelihood_baseline=None,
        aic=None,
        aic_baseline=None,
        goodness=goodness(steps, np.zeros((0, 2))),
        spread=None,
        n=times.size,
    )


def _simulated(
    first: Fitted, window: Cells, reach: Range, draws: int, precision: float, excited: bool, source: np.random.Generator
) -> Floats:
    """(B, 4) distances of simulated events from the model that was fitted to them, and its logit n and ln b."""
    length, found = float(window.edges[-1]), np.zeros((draws, 4))
    for draw in range(draws):
        branching = first.top.branching if excited else 0.0
        times = drawn(window, first.levels(excited=excited), branching, first.top.rate, source)
        if precision > 0:
            times = _within(np.floor(times / precision) * precision, precision, length, 0.0, source)
        if times.size:
            anew = fitted(times, window, reach, _near(first))
            steps = anew.steps(times, window, excited=excited)
            found[draw] = *distances(steps, np.sort(steps))[:2], special.logit(anew.top.branching), np.log(anew.top.rate)
    return found


def _spread(fits: list[Fitted]) -> Spread:
    return Spread(np.array([one.top.branching for one in fits]), np.array([1 / one.top.rate for one in fits]))

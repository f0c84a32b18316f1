"""Fit: what the video drew and what the audience drew, or that the two cannot be separated."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, equal_lengths, proportion
from yuhu.stats.two_clock.checks import NAMES, Check, checks, scores
from yuhu.stats.two_clock.model import Optimum, Table, dispersion, guessed_views, optimum, profile_interval, table
from yuhu.stats.two_clock.screen import Screen
from yuhu.stats.two_clock.simulating import drawn

METHOD = "two_clock.v1"
UNIT = "responses per viewer and visible response"
LEAST_EVENTS = 50
LEAST_COHORTS = 8
LEAST_DRAWS = 60
"""Below it no check could fail at .05 / 3."""


@dataclass(frozen=True)
class TwoClock:
    """Stimulus and excitation of one video.

    Parameters
    ----------
    share : Estimate
        Contagion share: responses that visible responses drew, of all. Unit "share". Without a value where there are `doubts`.
    response : Estimate
        Responses that one visible response draws per viewer. Without a value where there are `doubts`.
    share_if_clean, response_if_clean : float or None
        The same if every condition of the model held. For looking into a refusal, not for reporting.
    stimulus : (V,) or (G, V) float
        Responses per viewer that nothing visible drew, by step of media time (and segment).
    likelihood_ratio : float or None
        Twice what excitation adds to the log likelihood, divided by the dispersion where that is above 1.
    p : float or None
        Its chance without excitation, half of chi-squared with one degree.
    dispersion : float or None
        Pearson's chi-squared per degree of freedom.
    bias : float or None
        What the share comes out too large by in simulations of the fitted model; it is taken off `share`.
    placebo, control, lead : Check or None
        Visible responses of future cohorts; those some 20 s later in the video; those that only come next. None where not made.
    doubts : tuple of str
        Why the two cannot be separated: ``views_unknown``, ``truncated``, ``nothing_visible``, ``unchecked`` (fewer than 60 draws, or the fitted model explodes), ``placebo``, ``control``, ``lead``.
    n : int
        Responses.
    """

    share: Estimate
    response: Estimate
    share_if_clean: float | None
    response_if_clean: float | None
    stimulus: Floats
    likelihood_ratio: float | None
    p: float | None
    dispersion: float | None
    bias: float | None
    placebo: Check | None
    control: Check | None
    lead: Check | None
    doubts: tuple[str, ...]
    n: int


def fit(
    counts: npt.ArrayLike,
    *,
    exposure: npt.ArrayLike | None,
    views: npt.ArrayLike | None,
    screen: Screen | None = None,
    truncated: bool = False,
    draws: int = 199,
    block: int = 1,
    confidence: float = 0.95,
    seed: int = 0,
) -> TwoClock:
    """Fit λ = M_w · E_v · (s_v + a · X_wv) to the responses of cohorts that saw the video one after the other.

    Parameters
    ----------
    counts : (W, V) or (G, W, V) int, at least 0
        Responses of each cohort at each step of media time, cohorts in order of time; with G segments of users each has a stimulus of
        its own, and all see what all wrote.
    exposure : (V,) float, at least 0, or None
        Share of viewers who watch each step; None takes all to watch to the end. A wrong shape goes into s.
    views : (W,) or (G, W) float, at least 0, or None
        Viewers of each cohort; None where they are not known, and then nothing can be separated.
    screen : Screen, optional
        How long responses are visible and stay in the pool; 1 s steps, 8 s, all cohorts before, if none.
    truncated : bool
        Whether the export kept only the newest: then what earlier cohorts saw is not known.
    draws : int, at least 0
        Rounds of the bootstrap over cohorts and of simulations of the fitted model; below 60 no check could fail, so nothing is separated.
    block : int
        Cohorts in a row that weigh the same in the bootstrap: more than 1 where neighbours may depend on each other by more than what they see.
    confidence : float in (0, 1)
        Level of the intervals.
    seed : int, at least 0
        Of both.

    Returns
    -------
    TwoClock
        No value: ``too_few_events`` (below 50), ``too_few_cohorts`` (below 8), ``cannot_be_separated`` where there are `doubts`.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 a count, view or exposure is negative or not finite, responses where nobody watched, or a parameter
        lies outside of its range.

    Notes
    -----
    The likelihood is concave; its top is found exactly, the same that multiplicative EM goes to. O(W·V) for each of about 30 passes, times twice
    `draws`. A cohort is excited only by cohorts before it, so long cohorts hide contagion. The share is an association that is contagion only
    if later cohorts are made of the same people: see docs/moments-statistics.md. Sources: shalizi2011; manski1993; rubin1981; self1987.
    """
    number, given, watched = _checked(counts, exposure, views)
    proportion(confidence, "confidence")
    if draws < 0 or not 1 <= block <= number.shape[1]:
        raise YuhuError(
            "YH303", "draws or block lie outside of their range", facts={"draws": draws, "block": block}, fix="draws=199, block=1"
        )
    total, seen = int(number.sum()), screen or Screen()
    shape = number.shape[2:] if np.ndim(counts) == 2 else (number.shape[0], number.shape[2])
    if total < LEAST_EVENTS or number.shape[1] < LEAST_COHORTS:
        return _nothing("too_few_events" if total < LEAST_EVENTS else "too_few_cohorts", total, shape)
    viewers = guessed_views(number, watched, seen) if views is None else given
    data = table(number, viewers, watched, seen)
    at = optimum(data)
    spread, extra = dispersion(data, at)
    tried = _simulated(at, number.shape, viewers, watched, seen, extra, draws, generator(seed, "two_clock", "model")) if draws else None
    made = checks(scores(number, data, at, seen), tried[:, 2:]) if tried is not None else ()
    bias, shift = (0.0, 0.0) if tried is None else tried[:, :2].mean(axis=0).tolist()
    share, response = max(0.0, min(1.0, at.share - bias)), max(0.0, at.pull - shift)
    conditions = {
        "views_unknown": views is not None,
        "truncated": not truncated,
        "nothing_visible": bool(data.drawn.any()),
        "unchecked": tried is not None and draws >= LEAST_DRAWS,
        **{name: one.is_clean for name, one in zip(NAMES, made, strict=False)},
    }
    doubts = tuple(name for name, holds in conditions.items() if not holds)
    share_estimate, response_estimate = _refused("cannot_be_separated", total)
    if not doubts:
        errors = _resampled(data, at, block, draws, generator(seed, "two_clock", "cohorts"))
        ends = share + np.quantile(errors, [0.5 - confidence / 2, 0.5 + confidence / 2])
        share_estimate = _estimate(share, ends, 1.0, total, "share", confidence)
        drop = float(special.chdtri(1, 1 - confidence)) / 2 * max(1.0, spread)
        response_estimate = _estimate(response, np.array(profile_interval(data, at, drop)) - shift, np.inf, total, UNIT, confidence)
    ratio = 2 * (at.value - at.value_without) / max(1.0, spread)
    return TwoClock(
        share=share_estimate,
        response=response_estimate,
        share_if_clean=share,
        response_if_clean=response,
        stimulus=at.stimulus.reshape(shape),
        likelihood_ratio=ratio,
        p=float(special.chdtrc(1, ratio)) / 2 if ratio > 0 else 1.0,
        dispersion=spread,
        bias=None if tried is None else bias,
        **(dict(zip(NAMES, made, strict=True)) if made else dict.fromkeys(NAMES)),
        doubts=doubts,
        n=total,
    )


def _checked(counts: npt.ArrayLike, exposure: npt.ArrayLike | None, views: npt.ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """(G, W, V) counts, (G, W) views, (V,) exposure."""
    found = np.asarray(counts, np.float64)
    if found.ndim not in (2, 3) or found.size == 0:
        raise YuhuError(
            "YH303", "counts are no table", facts={"found": found.shape}, fix="cohorts by steps, or segments by cohorts by steps"
        )
    _at_least_0(found, "count")
    if bool(np.any(found != np.floor(found))):
        raise YuhuError("YH303", "a count is no whole number", fix="count responses; weights have no place here")
    watched = np.ones(found.shape[-1]) if exposure is None else np.asarray(exposure, np.float64).reshape(-1)
    equal_lengths(exposure=watched, steps=found[(0,) * (found.ndim - 1)])
    viewers = np.ones(found.shape[:-1]) if views is None else np.asarray(views, np.float64)
    if viewers.shape != found.shape[:-1]:
        raise YuhuError(
            "YH301", "arrays differ in length", facts={"views": viewers.shape, "expected": found.shape[:-1]}, fix="one number a cohort"
        )
    _at_least_0(watched, "exposure")
    _at_least_0(viewers, "number of viewers")
    alone = found.sum(axis=tuple(range(found.ndim - 1)))
    if bool(np.any((alone > 0) & (watched == 0))) or bool(np.any((found.sum(axis=-1) > 0) & (viewers == 0))):
        raise YuhuError(
            "YH303", "somebody responded where nobody watched", fix="correct views or exposure, or leave these cohorts or steps out"
        )
    return found.reshape(-1, *found.shape[-2:]), viewers.reshape(-1, found.shape[-2]), watched


def _at_least_0(values: Floats, what: str) -> None:
    bad = ~(np.isfinite(values) & (values >= 0))
    if bad.any():
        raise YuhuError("YH303", f"a {what} is negative or not finite", facts={"found": values[bad][0]}, fix="give numbers of at least 0")


def _simulated(
    at: Optimum,
    shape: tuple[int, ...],
    views: Floats,
    exposure: Floats,
    screen: Screen,
    extra: float,
    draws: int,
    source: np.random.Generator,
) -> Floats | None:
    """(B, 5) error of the share, error of a, and the three statistics, in tables drawn from the fitted model; None where it explodes."""
    stimulus = np.broadcast_to(at.stimulus.reshape(shape[0], 1, shape[2]), shape)
    found = np.empty((draws, 2 + len(NAMES)))
    for draw in range(draws):
        try:
            counts, share = drawn(stimulus, at.pull, views, exposure, screen, extra, source)
        except YuhuError:
            return None
        data = table(counts, views, exposure, screen)
        anew = optimum(data, at)
        found[draw] = [anew.share - share, anew.pull - at.pull, *scores(counts, data, anew, screen)[:, 0]]
    return found


def _resampled(data: Table, at: Optimum, block: int, draws: int, source: np.random.Generator) -> Floats:
    """(B,) errors of the share where blocks of cohorts weigh more or less by chance, and what they saw stays."""
    cohorts = data.counts.shape[1]
    reach = float((data.mass * data.drawn).sum()) / float(data.counts.sum())
    found: Floats = np.empty(draws)
    for draw in range(draws):
        weight = np.repeat(source.standard_exponential(-(-cohorts // block)), block)[:cohorts]
        found[draw] = optimum(data.weighted(np.roll(weight, source.integers(cohorts))), at).pull * reach
    return found - float(found.mean())


def _estimate(value: float, ends: Floats, most: float, n: int, unit: str, confidence: float) -> Estimate:
    low, high = (float(min(max(end, 0.0), most)) for end in ends)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n, unit=unit, method=METHOD, confidence=confidence)


def _refused(reason: str, n: int) -> tuple[Estimate, Estimate]:
    return Estimate(value=None, n=n, method=METHOD, reason=reason), Estimate(value=None, n=n, unit=UNIT, method=METHOD, reason=reason)


def _nothing(reason: str, n: int, shape: tuple[int, ...]) -> TwoClock:
    share, response = _refused(reason, n)
    rest = dict.fromkeys(("share_if_clean", "response_if_clean", "likelihood_ratio", "p", "dispersion", "bias", *NAMES))
    return TwoClock(share=share, response=response, stimulus=np.zeros(shape), doubts=(), n=n, **rest)

"""Coefficients, their covariance and the reasons why one is missing."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit

from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, leverage, wild_quantiles
from yuhu.stats.correction.design import LEAST_GOLD, Gold
from yuhu.stats.correction.rare import LEAST_ERRORS, LEAST_POSITIVES, kish
from yuhu.stats.correction.solving import Rows, Solution, fewer, patterns_of, solve
from yuhu.stats.correction.unseen import apart_from_most, unseen_reach
from yuhu.stats.correction.variance import degrees_of, drawing, middles, of_units

LEAST_FOR_COEFFICIENT = 10
MOST_ADJUSTED = 1000
_NOTHING = 1e-12
_MATTERS = 0.25
"""Of the half width that what was seen gives: what may be unseen and is more than this belongs into the interval."""


@dataclass(frozen=True)
class Model:
    """What is fitted, and how its interval is made."""

    name: str
    logistic: bool
    tuned: bool
    confidence: float
    guard: bool

    @property
    def unit(self) -> str:
        """Of the coefficients."""
        return "log odds" if self.logistic else "slope"

    def mean(self, x: Floats, beta: Floats) -> Floats:
        """Expected outcome."""
        return np.asarray(expit(x @ beta) if self.logistic else x @ beta)


@dataclass(frozen=True)
class _Fit:
    solution: Solution
    machine_score: Floats  # (n, p) of gold units, as the machine coded them
    human_score: Floats  # (n, p) as people did
    share: Floats  # (H,) lambda of each stratum


def fitted(
    model: Model, gold: Gold, x: Floats, seen: Floats, cluster: Ints | None, clusters: int, generator: np.random.Generator | None
) -> tuple[list[Estimate], Floats, float]:
    """Estimates of all coefficients, their covariance, its degrees of freedom."""
    size = x.shape[1]
    blank = Estimate(
        value=None, n=gold.units, n_gold=gold.coded, unit=model.unit, method=f"{model.name}{'.tuned' * model.tuned}.v1", reason="no_units"
    )
    nothing = np.full((size, size), math.nan)
    reason = _refused(model, gold, size, cluster)
    if reason:
        return [blank.with_(reason=reason)] * size, nothing, 0.0
    few = model.guard and not gold.is_census and _errors(gold, x, seen) < LEAST_ERRORS
    if few:
        blank = blank.with_(method=f"{model.name}.gold_only.v1")
    fit = _fit(model, gold, x, seen, gold_only=few)
    if fit.solution.reason:
        return [blank.with_(reason=fit.solution.reason)] * size, nothing, 0.0
    values = fit.solution.beta
    if not gold.known_design:
        return [blank.with_(value=float(value), reason="no_design") for value in values], nothing, 0.0
    covariance, degrees, quantiles = _covariance(model, gold, x, fit, cluster, clusters, generator)
    enough = _carried(model, gold, seen, fit)
    unseen = _unseen(model, gold, x, seen, fit, gold_only=few)
    estimates = []
    for k, value in enumerate(values):
        here = blank.with_(value=float(value))
        error = math.sqrt(max(float(covariance[k, k]), 0.0))
        if model.guard and not gold.is_census and not enough[k]:
            estimates.append(here.with_(reason="not_estimable"))
        elif cluster is not None and error < _NOTHING:
            estimates.append(here.with_(reason="no_variation"))
        else:
            half = float(quantiles[k]) * error
            if unseen[k] > half * _MATTERS:
                half = math.hypot(half, float(unseen[k]))
                here = here.with_(method=f"{here.method.removesuffix('.v1')}.few_errors.v1")
            estimates.append(here.with_(low=float(value) - half, high=float(value) + half, confidence=model.confidence, reason=""))
    return estimates, covariance, degrees


def _refused(model: Model, gold: Gold, size: int, cluster: Ints | None) -> str:
    """Why nothing is fitted; empty if something is."""
    if gold.units == 0:
        return "no_units"
    if gold.coded == 0:
        return "too_few_gold"
    if cluster is not None and gold.known_design and np.unique(cluster[gold.at]).size < LEAST_CLUSTERS:
        return "too_few_videos"
    if gold.is_census or not model.guard:
        return ""
    weight = gold.weight
    if kish(weight) < LEAST_GOLD:
        return "too_few_gold" if gold.coded < LEAST_GOLD else "not_estimable"
    enough = gold.coded >= LEAST_FOR_COEFFICIENT * size
    if model.logistic:
        enough = enough and min(kish(weight * gold.human), kish(weight * (1 - gold.human))) >= LEAST_POSITIVES
    return "" if enough else "too_few_for_model"


def _errors(gold: Gold, x: Floats, seen: Floats) -> float:
    """Gold units on which machine and people differ in outcome or covariates, counted by their weight in the variance."""
    return kish(gold.left * gold.weight**2 * _squared(gold, x, seen))


def _squared(gold: Gold, x: Floats, seen: Floats) -> Floats:
    """(n,) squared errors of outcome and covariates, each by its own variance."""
    wrong = (gold.human - gold.machine[gold.at]) ** 2
    spread = seen.var(axis=0)
    apart = ((seen - x[gold.at]) ** 2 / np.where(spread > 0, spread, 1.0)).sum(axis=1)
    own = gold.human.var() or 1.0
    return np.asarray(wrong / own + apart)


def _fit(model: Model, gold: Gold, x: Floats, seen: Floats, *, gold_only: bool) -> _Fit:
    strata = gold.sizes.size
    machine_y, machine_x = gold.machine[gold.at], x[gold.at]
    human = Rows(seen, gold.human, gold.weight)
    if gold_only:
        alone = solve([human], logistic=model.logistic)
        scores = seen * (gold.human - model.mean(seen, alone.beta))[:, None]
        return _Fit(alone, np.zeros_like(scores), scores, np.zeros(strata))
    patterns = patterns_of(x)
    everywhere = Rows(x, gold.machine) if patterns is None else patterns.rows(gold.machine)
    parts = [everywhere, Rows(machine_x, machine_y, -gold.weight, is_signed=True), human]
    # lambda does not ask for the last digit of the coefficients: a slice of the rows is enough to find it
    solution = solve(fewer(parts) if model.tuned else parts, logistic=model.logistic)
    if model.tuned and solution.reason:
        solution = solve(parts, logistic=model.logistic)
    share = np.ones(strata)
    if model.tuned and not solution.reason:
        of_machine, of_human = _scores(model, solution.beta, machine_x, machine_y, seen, gold)
        share = _tuning(solution, of_machine, of_human, gold)
        weight = of_units(share, gold)
        everywhere = Rows(x, gold.machine, weight) if patterns is None else patterns.rows(gold.machine, weight)
        taken = Rows(machine_x, machine_y, -gold.weight * share[gold.stratum], is_signed=True)
        solution = solve([everywhere, taken, human], logistic=model.logistic, start=solution.beta)
    of_machine, of_human = _scores(model, solution.beta, machine_x, machine_y, seen, gold)
    return _Fit(solution, of_machine * share[gold.stratum][:, None], of_human, share)


def _scores(model: Model, beta: Floats, machine_x: Floats, machine_y: Floats, seen: Floats, gold: Gold) -> tuple[Floats, Floats]:
    of_machine = machine_x * (machine_y - model.mean(machine_x, beta))[:, None]
    return of_machine, seen * (gold.human - model.mean(seen, beta))[:, None]


def _tuning(solution: Solution, of_machine: Floats, of_human: Floats, gold: Gold) -> Floats:
    """Lambda of each stratum that makes the sum of the coefficients' variances smallest."""
    back = np.linalg.inv(solution.slope)
    share = gold.left * gold.weight**2
    count = gold.sizes.size
    away = []
    for scores in (of_machine, of_human):
        middle = middles(scores * gold.weight[:, None], gold.weight, gold.stratum, np.ones(count, np.bool_))
        away.append((scores - middle[gold.stratum]) @ back.T)
    both = np.bincount(gold.stratum, weights=share * (away[0] * away[1]).sum(axis=1), minlength=count)
    alone = np.bincount(gold.stratum, weights=share * (away[0] ** 2).sum(axis=1), minlength=count)
    size = np.bincount(gold.stratum, weights=gold.uncertain.astype(float), minlength=count)
    slope = np.clip(both / np.where(alone > 0, alone, 1.0), 0.0, 1.0)
    return np.where(size < LEAST_GOLD, 1.0, np.where(alone > 0, slope, 0.0))


def _covariance(
    model: Model,
    gold: Gold,
    x: Floats,
    fit: _Fit,
    cluster: Ints | None,
    clusters: int,
    generator: np.random.Generator | None,
) -> tuple[Floats, float, Floats]:
    """Covariance, degrees of freedom, critical values."""
    back = np.linalg.inv(fit.solution.slope)
    moved = gold.weight[:, None] * (fit.human_score - fit.machine_score)
    spent = 2 if model.tuned else 1
    middle = middles(moved, gold.weight, gold.stratum, gold.fixed)
    apart = moved - gold.weight[:, None] * middle[gold.stratum]
    pulls = (apart @ back.T).T
    size = back.shape[0]
    if cluster is None:
        meat, degrees = drawing(moved, middle, gold, gold.stratum, gold.fixed, spent)
        degrees = max(degrees - size + 1, 1.0)
        each = [degrees_of(pull, gold.left, degrees) for pull in pulls]
        return back @ meat @ back.T, degrees, stats.t.ppf(0.5 + model.confidence / 2, each)
    sums, information = _by_cluster(model, gold, x, fit, cluster, clusters)
    for k in range(size):
        sums[:, k] += np.bincount(cluster[gold.at], weights=apart[:, k], minlength=clusters)
        if bool(middle[:, k].any()):
            sums[:, k] += np.bincount(cluster, weights=of_units(middle[:, k], gold), minlength=clusters)
    degrees = float(np.unique(cluster[gold.at]).size - 1)
    if information is None:
        spread = sums @ back.T * math.sqrt(clusters / (clusters - 1))
        return spread.T @ spread, degrees, np.full(size, stats.t.ppf(0.5 + model.confidence / 2, degrees))
    spread = np.einsum("gpq,gq->gp", leverage(information), sums) @ back.T
    if degrees + 1 < WILD_BELOW:
        quantiles = wild_quantiles(sums, information, np.eye(size), model.confidence, generator or np.random.default_rng(0))
    else:
        quantiles = np.full(size, stats.t.ppf(0.5 + model.confidence / 2, degrees))
    return spread.T @ spread, degrees, quantiles


def _carried(model: Model, gold: Gold, seen: Floats, fit: _Fit) -> list[bool]:
    """Whether gold speaks of each coefficient: ten units carry what is known of it, five its variance, and they stand for all units.

    A group that gold never met has a coefficient and a small standard error, but only because the machine's word is taken for it.
    """
    back = np.linalg.inv(fit.solution.slope)
    mean = model.mean(seen, fit.solution.beta)
    bend = mean * (1 - mean) if model.logistic else np.ones(mean.size)
    moved = gold.weight[:, None] * (fit.human_score - fit.machine_score)
    found = []
    for k, row in enumerate(back):
        known = gold.weight * bend * (seen @ row) ** 2
        errors = kish(gold.left * (moved @ row) ** 2)
        found.append(kish(known) >= LEAST_GOLD and errors >= LEAST_ERRORS and float(known.sum()) >= abs(back[k, k]) / 2)
    return found


def _unseen(model: Model, gold: Gold, x: Floats, seen: Floats, fit: _Fit, *, gold_only: bool) -> Floats:
    """(p,) how far errors that gold does not show could move the coefficients: of the machine, or of what gold alone says of a rare outcome."""
    if not model.guard or gold.is_census:
        return np.zeros(seen.shape[1])
    chance = 1 / gold.weight
    squared = apart_from_most(gold.human, chance) ** 2 if gold_only else _squared(gold, x, seen)
    full = 1.0 if model.logistic else float(np.ptp(gold.human))
    pulls = full * gold.weight[:, None] * (seen @ np.linalg.inv(fit.solution.slope).T)
    return unseen_reach(squared, chance, pulls, model.confidence)


def _by_cluster(model: Model, gold: Gold, x: Floats, fit: _Fit, cluster: Ints, clusters: int) -> tuple[Floats, Floats | None]:
    """(G, p) the machine's part of the estimating function, summed over each cluster; (G, p, p) information of all its units, if G is small."""
    share = of_units(fit.share, gold) if model.tuned or not bool(fit.share.all()) else None
    if clusters > MOST_ADJUSTED:
        left = gold.machine - model.mean(x, fit.solution.beta)
        left = left if share is None else left * share
        return np.stack([np.bincount(cluster, weights=left * column, minlength=clusters) for column in x.T], axis=1), None
    size = x.shape[1]
    sums, information = np.zeros((clusters, size)), np.zeros((clusters, size, size))
    order = np.argsort(cluster.astype(np.uint16), kind="stable")  # sixteen bits are sorted by counting
    ends = np.cumsum(np.bincount(cluster, minlength=clusters))
    for k, end in enumerate(ends):
        own = order[ends[k - 1] if k else 0 : end]
        rows = x[own]
        mean = model.mean(rows, fit.solution.beta)
        left = gold.machine[own] - mean
        sums[k] = (left if share is None else left * share[own]) @ rows
        scaled = rows * np.sqrt(mean * (1 - mean))[:, None] if model.logistic else rows
        information[k] = scaled.T @ scaled
    return sums, information

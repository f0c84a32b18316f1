"""The mean of a code over all units, corrected by the units that people also coded."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, numbered, wild_quantiles
from yuhu.stats.correction.design import LEAST_GOLD, Bounds, Flags, Gold, gold_of
from yuhu.stats.correction.means import Means, group_means
from yuhu.stats.correction.rare import LEAST_ERRORS, ends_by_rate, error_bounds, errs_unseen, kish, rarity
from yuhu.stats.correction.variance import skewed_interval
from yuhu.stats.survey import hajek_mean

METHOD, TUNED = "corrected_mean.v1", "corrected_mean.tuned.v1"
FEW_ERRORS, GOLD_ONLY = "corrected_mean.few_errors.v1", "corrected_mean.gold_only.v1"
_NOTHING = 1e-24


def corrected_mean(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    *,
    cluster: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    tuned: bool = False,
    confidence: float = 0.95,
    bounds: Bounds = (0.0, 1.0),
    guard: bool = True,
    design: str = "probability",
    generator: np.random.Generator | None = None,
) -> Estimate:
    """Mean of a code over all units, corrected by the units that people also coded.

    Parameters
    ----------
    machine : (N,) float
        Machine code of every unit: label or probability, from a machine that was not trained on the unit.
    human : (N,) float
        Human code where the unit was drawn, 0/1 or the mean of several coders; NaN means "not drawn", nothing else.
    chance : (N,) float in (0, 1]
        Chance with which each unit was drawn, fixed before it was coded. None or NaN is refused.
    cluster : (N,) int or str, optional
        Independent work of each unit; None = inference to the units at hand.
    stratum : (N,) int or str, optional
        Stratum from which the unit was drawn. Strata with fewer than 10 gold units are collapsed.
    tuned : bool
        Let the machine count only as far as it helps (PPI++), within each stratum.
    confidence : float in (0, 1)
        Level of the interval.
    bounds : tuple of float, optional
        Smallest and largest possible code: (0, 1) for a share, (0, 2) for steps from 0 to 2, None for any number. Codes outside are an error.
    guard : bool
        See to it that gold holds enough of a rare code, and enough errors (see Returns). Off only to study the plain estimator.
    design : str
        ``probability``, or ``convenience``: gold was picked by other means than chance; `chance` is then not looked at.
    generator : numpy.random.Generator, optional
        For the wild bootstrap with 5 to 9 clusters; seeded with 0 if none.

    Returns
    -------
    Estimate
        Unit "share" or, with other bounds, "mean"; n = N. Unbiased whatever the machine does; how well it codes decides only how short the
        interval is. Without clusters the interval covers the drawing of gold out of these N units and nothing else. With clusters: t with one
        degree of freedom less than there are clusters with gold, from 10; wild cluster bootstrap from 5 to 9; no value below 5.
        With fewer than 15 positives (or negatives) in gold, gold alone speaks (method ``corrected_mean.gold_only.v1``); with fewer than 5
        errors of the machine, exact bounds for its errors do (``corrected_mean.few_errors.v1``). No interval: reason ``too_few_gold`` below 10
        gold units, ``not_estimable`` where a few heavy units decide all or, without bounds, the machine erred fewer than 5 times,
        ``no_design`` for convenience samples.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 chances are unknown, outside (0, 1], or do not fit what was drawn; YH303 a code is missing, infinite or
        outside the bounds, or an option outside its range.

    Notes
    -----
    ``mean(f + (R/π)(Y − f))``. A sample whose weights add up to the stratum is taken for one of fixed size; a Bernoulli sample that happened
    to come out so is the same thing, given its size. O(N) time, no copy of N. Sources: egami2023dsl; angelopoulos2023ppiplus (tuning);
    fisch2024stratified; sarndal1992 (difference estimator); korn1998 (effective size); bell2002, webb2023 (few clusters).
    """
    proportion(confidence, "confidence")
    gold = gold_of(machine, human, chance, stratum=stratum, design=design, bounds=bounds)
    equal_lengths(machine=gold.machine, cluster=cluster)
    works, count = (None, 0) if cluster is None else numbered(cluster)
    blank = Estimate(value=None, n=gold.units, n_gold=gold.coded, unit=unit_of(bounds), reason="too_few_gold")
    blank = blank.with_(method=TUNED if tuned else METHOD)
    if gold.units == 0 or gold.coded == 0:
        return blank.with_(reason="no_units") if gold.units == 0 else blank
    means = group_means(gold, None, 1, tuned=tuned, cluster=works, clusters=count)
    value = clipped(float(means.values[0]), bounds)
    if not gold.known_design:
        return blank.with_(value=value, reason="no_design")
    if works is not None and means.degrees + 1 < LEAST_CLUSTERS:
        return blank.with_(reason="too_few_videos")
    if not gold.is_census:
        if int(gold.uncertain.sum()) < LEAST_GOLD:
            return blank.with_(value=value)
        other = guarded(gold, works, value, confidence, bounds, generator) if guard and bounds is not None else None
        if other is not None:
            return blank.with_(**other)
        if guard and bounds is None and carrying(gold, gold.uncertain) < LEAST_ERRORS:
            return blank.with_(value=value, reason="not_estimable")
    low, high = interval(means, value, works is not None, confidence, bounds, gold.left, generator)
    if low == high and works is not None:
        return blank.with_(value=value, reason="no_variation")
    return blank.with_(value=value, low=low, high=high, confidence=confidence, reason="")


def carrying(gold: Gold, own: Flags) -> float:
    """Gold units among some on which machine and people differ, as many as their variance is worth."""
    return kish((gold.left * gold.weight**2 * (gold.human - gold.machine[gold.at]) ** 2)[own])


def unit_of(bounds: Bounds) -> str:
    """What a mean within these bounds is called."""
    return "share" if bounds == (0.0, 1.0) else "mean"


def clipped(value: float, bounds: Bounds) -> float:
    """The value inside of the bounds."""
    return value if bounds is None else min(max(value, bounds[0]), bounds[1])


def guarded(
    gold: Gold, works: Ints | None, value: float, confidence: float, bounds: tuple[float, float], generator: np.random.Generator | None
) -> dict[str, object] | None:
    """Fields of the estimate that takes the place of the corrected one where gold holds too little of the code; None where it holds enough."""
    low, span = bounds[0], bounds[1] - bounds[0]
    answer, machine = (gold.human - low) / span, (gold.machine[gold.at] - low) / span
    chance = 1 / gold.weight
    verdict = rarity(answer, machine, chance).verdict
    if verdict in ("enough", "few_errors") and works is None and errs_unseen(answer - machine, np.minimum(chance, 1.0), confidence):
        found_share, least, most = ends_by_rate(answer - machine, np.minimum(chance, 1.0), (gold.machine.mean() - low) / span, confidence)
        return _fields(FEW_ERRORS, found_share, (least, most), confidence, low, span)
    if verdict == "enough":
        return None
    if verdict == "not_estimable":
        return {"reason": "not_estimable"}
    if verdict == "few_errors" and works is None:
        of_machine = (gold.machine.mean() - low) / span + float((~gold.uncertain * (answer - machine)).sum()) / gold.units
        ends = error_bounds(_scaled(gold, low, span), of_machine, confidence)
        scaled = (value - low) / span
        return _fields(FEW_ERRORS, scaled, (min(ends[0], scaled), max(ends[1], scaled)), confidence, low, span)
    found = hajek_mean(
        answer, np.minimum(chance, 1.0), cluster=None if works is None else works[gold.at], confidence=confidence, generator=generator
    )
    if found.value is None or found.low is None or found.high is None:
        return {"value": None if found.value is None else low + span * found.value, "reason": found.reason, "method": GOLD_ONLY}
    return _fields(GOLD_ONLY, found.value, (found.low, found.high), confidence, low, span)


def _scaled(gold: Gold, low: float, span: float) -> Gold:
    if (low, span) == (0, 1):
        return gold
    fields = {name: getattr(gold, name) for name in Gold.__dataclass_fields__}
    return Gold(**{**fields, "machine": (gold.machine - low) / span, "human": (gold.human - low) / span})


def _fields(method: str, value: float, ends: tuple[float, float], confidence: float, low: float, span: float) -> dict[str, object]:
    return {
        "method": method,
        "value": low + span * value,
        "low": low + span * ends[0],
        "high": low + span * ends[1],
        "confidence": confidence,
        "reason": "",
    }


def interval(
    means: Means, value: float, clustered: bool, confidence: float, bounds: Bounds, left: Floats, generator: np.random.Generator | None
) -> tuple[float, float]:
    """Interval of the only mean."""
    variance = float(means.covariance[0, 0])
    error = math.sqrt(max(variance, 0.0))
    if variance <= _NOTHING * max(value * value, 1.0):
        return value, value
    if clustered and means.degrees + 1 < WILD_BELOW:
        half = wild(means, np.ones((1, 1)), confidence, generator) * error
        return (value - half, value + half) if bounds is None else (max(bounds[0], value - half), min(bounds[1], value + half))
    if means.pulls is not None:
        ends = skewed_interval(value, error, means.pulls[:, 0], left, degrees=means.degrees, confidence=confidence)
        return clipped(ends[0], bounds), clipped(ends[1], bounds)
    critical = float(stats.t.ppf(0.5 + confidence / 2, means.degrees))
    if bounds is None:
        ends = value - critical * error, value + critical * error
    else:
        low, span = bounds[0], bounds[1] - bounds[0]
        ends = logit_interval((value - low) / span, critical * error / span)
        ends = low + span * ends[0], low + span * ends[1]
    return clipped(min(ends[0], value), bounds), clipped(max(ends[1], value), bounds)


def wild(means: Means, contrast: Floats, confidence: float, generator: np.random.Generator | None) -> float:
    """Quantile of |t*| for a combination of means."""
    if means.scores is None or means.sizes is None:
        raise ValueError("no clusters")
    information = means.sizes[:, :, None] * np.eye(means.sizes.shape[1])
    return float(wild_quantiles(means.scores, information, contrast, confidence, generator or np.random.default_rng(0))[0])

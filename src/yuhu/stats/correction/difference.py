"""The difference of a code between two groups, corrected by gold: one joint variance, never two intervals subtracted."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, numbered
from yuhu.stats.correction.design import LEAST_GOLD, Bounds, Flags, Gold, gold_of
from yuhu.stats.correction.mean import carrying, corrected_mean, unit_of, wild
from yuhu.stats.correction.means import Means, group_means
from yuhu.stats.correction.rare import LEAST_ERRORS, rarity
from yuhu.stats.correction.variance import skewed_interval

METHOD, TUNED = "corrected_difference.v1", "corrected_difference.tuned.v1"
BY_SQUARES, GOLD_ONLY = "corrected_difference.by_squares.v1", "corrected_difference.gold_only.v1"
_CONTRAST = np.array([[-1.0, 1.0]])
_FEWEST_WORKS = 2


def corrected_difference(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    group: npt.ArrayLike,
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
    """Mean of a code in group 1 less its mean in group 0, both corrected by gold.

    Parameters
    ----------
    machine, human, chance
        As in `corrected_mean`, of all units.
    group : (N,) int
        1, 0, or -1 for units in neither group. It must be known for every unit, not predicted.
    cluster, stratum, tuned, confidence, bounds, guard, design, generator
        As in `corrected_mean`. Strata and clusters may hold units of both groups.

    Returns
    -------
    Estimate
        Unit "difference of shares" or "difference of means"; n = units in the two groups. Intervals and reasons as in `corrected_mean`;
        each group needs 10 gold units and, with clusters, gold from 2 clusters. Where gold holds too little of the code in either group: without clusters the intervals of
        both groups are put together by squares (``corrected_difference.by_squares.v1``), with clusters gold alone speaks
        (``corrected_difference.gold_only.v1``).

    Raises
    ------
    YuhuError
        As `corrected_mean`; YH303 also where a group is none of -1, 0, 1.

    Notes
    -----
    Each group has error rates of its own here, so that a machine that errs more in one group does not make a difference. Degrees of
    freedom with clusters: one less than clusters with gold, and no more than Satterthwaite's where groups hold different clusters. O(N).
    Sources: egami2023dsl; satterthwaite1946; zou2008 (intervals put together by squares).
    """
    proportion(confidence, "confidence")
    gold = gold_of(machine, human, chance, stratum=stratum, design=design, bounds=bounds)
    groups = _two(group)
    equal_lengths(machine=gold.machine, cluster=cluster, group=groups)
    works, count = (None, 0) if cluster is None else numbered(cluster)
    of_gold = groups[gold.at]
    blank = _blank(groups, of_gold, TUNED if tuned else METHOD, bounds)
    if not all(bool((groups == k).any()) for k in (0, 1)):
        return blank.with_(reason="no_units")
    if not all(bool((of_gold == k).any()) for k in (0, 1)):
        return blank
    means = group_means(gold, groups, 2, tuned=tuned, cluster=works, clusters=count)
    short = _reason(gold, of_gold, means)
    if short:
        return blank.with_(reason=short, value=None if short == "too_few_videos" else _value(means, bounds))
    if guard and bounds is None and any(_too_sure(gold, of_gold == k) for k in (0, 1)):
        return blank.with_(value=_value(means, bounds), reason="not_estimable")
    if guard and bounds is not None and not _enough(gold, of_gold, bounds):
        if works is None:
            options = {"tuned": tuned, "confidence": confidence, "bounds": bounds}
            return _by_squares((machine, human, chance, stratum), groups, blank, options)
        alone = gold_of(np.zeros(gold.units), human, chance, stratum=stratum, design=design, bounds=None)
        means, blank = group_means(alone, groups, 2, tuned=True, cluster=works, clusters=count), blank.with_(method=GOLD_ONLY)
    return _answered(blank, means, confidence, bounds, gold.left, generator)


def _blank(groups: Ints, of_gold: Ints, method: str, bounds: Bounds) -> Estimate:
    n, n_gold, unit = int((groups >= 0).sum()), int((of_gold >= 0).sum()), f"difference of {unit_of(bounds)}s"
    return Estimate(value=None, n=n, n_gold=n_gold, unit=unit, method=method, reason="too_few_gold")


def _two(group: npt.ArrayLike) -> Ints:
    found = np.asarray(group)
    whole = np.asarray(found, np.float64)
    if not bool(((whole == 0) | (whole == 1) | (whole == -1)).all()):
        raise YuhuError(
            "YH303",
            "a group is none of -1, 0, 1",
            facts={"found": whole[~np.isin(whole, (-1, 0, 1))][0]},
            fix="1 and 0 for the groups, -1 for neither",
        )
    return whole.astype(np.int64)


def _too_sure(gold: Gold, own: Flags) -> bool:
    """Whether the machine erred too seldom in a group for a variance, where there are no bounds to fall back on."""
    return bool((own & gold.uncertain).any()) and carrying(gold, own) < LEAST_ERRORS


def _value(means: Means, bounds: Bounds) -> float:
    return _inside(float(means.values[1] - means.values[0]), bounds)


def _inside(value: float, bounds: Bounds) -> float:
    return value if bounds is None else min(max(value, bounds[0] - bounds[1]), bounds[1] - bounds[0])


def _reason(gold: Gold, of_gold: Ints, means: Means) -> str:
    """Why no interval can be given whatever the code; empty if one can."""
    if not gold.known_design:
        return "no_design"
    if means.works is not None and (means.degrees + 1 < LEAST_CLUSTERS or int(means.works.min()) < _FEWEST_WORKS):
        return "too_few_videos"
    free = gold.uncertain
    if any(0 < int((free & (of_gold == k)).sum()) < LEAST_GOLD for k in (0, 1)):
        return "too_few_gold"
    return ""


def _enough(gold: Gold, of_gold: Ints, bounds: tuple[float, float]) -> bool:
    low, span = bounds[0], bounds[1] - bounds[0]
    verdicts = []
    for k in (0, 1):
        own = of_gold == k
        if bool((own & gold.uncertain).any()):
            answer, machine = (gold.human[own] - low) / span, (gold.machine[gold.at[own]] - low) / span
            verdicts.append(rarity(answer, machine, 1 / gold.weight[own]).verdict)
    return all(verdict == "enough" for verdict in verdicts)


def _by_squares(arrays: tuple[npt.ArrayLike | None, ...], groups: Ints, blank: Estimate, options: dict[str, object]) -> Estimate:
    """Each group's own guarded interval; both put together by squares: given how many of each were drawn, the groups are independent."""
    found = []
    for k in (0, 1):
        own = groups == k
        parts = [None if part is None else np.asarray(part)[own] for part in arrays]
        found.append(corrected_mean(parts[0], parts[1], parts[2], stratum=parts[3], **options))  # type: ignore[arg-type]
    values = [(each.value, each.low, each.high) for each in found]
    missing = next((each.reason for each in found if each.low is None), "")
    if missing:
        return blank.with_(reason=missing)
    (value0, low0, high0), (value1, low1, high1) = ((float(v or 0), float(lo or 0), float(hi or 0)) for v, lo, hi in values)
    value = value1 - value0
    low, high = value - math.hypot(value1 - low1, high0 - value0), value + math.hypot(high1 - value1, value0 - low0)
    return blank.with_(value=value, low=low, high=high, confidence=found[0].confidence, reason="", method=BY_SQUARES)


def _answered(
    blank: Estimate, means: Means, confidence: float, bounds: Bounds, left: Floats, generator: np.random.Generator | None
) -> Estimate:
    value = _value(means, bounds)
    error = math.sqrt(max(float((_CONTRAST @ means.covariance @ _CONTRAST.T)[0, 0]), 0.0))
    if means.works is not None and error < 1e-12:
        return blank.with_(value=value, reason="no_variation")
    if means.pulls is not None:
        low, high = skewed_interval(value, error, means.pulls @ _CONTRAST[0], left, degrees=means.degrees, confidence=confidence)
        return blank.with_(value=value, low=_inside(low, bounds), high=_inside(high, bounds), confidence=confidence, reason="")
    if means.degrees + 1 < WILD_BELOW:
        half = wild(means, _CONTRAST, confidence, generator) * error
    else:
        half = float(stats.t.ppf(0.5 + confidence / 2, max(_degrees(means), 1.0))) * error
    return blank.with_(value=value, low=_inside(value - half, bounds), high=_inside(value + half, bounds), confidence=confidence, reason="")


def _degrees(means: Means) -> float:
    if means.works is None:
        return means.degrees
    own: Floats = np.diag(means.covariance)
    apart = float(own.sum()) ** 2 / float((own**2 / np.maximum(means.works - 1, 1)).sum()) if bool(own.any()) else means.degrees
    return min(means.degrees, apart)

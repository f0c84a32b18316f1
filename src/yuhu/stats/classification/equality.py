"""Whether a machine coder errs as often in one group as in another."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.classification.rates import PARTS, parts_of
from yuhu.stats.classification.ratios import LEAST_UNITS, Coded, coded_units, only_labels, ratio
from yuhu.stats.clusters import WILD_BELOW, numbered
from yuhu.stats.multiplicity import holm

RATES = ("recall", "specificity")


@dataclass(frozen=True)
class RateTest:
    """Whether one rate is the same in all groups.

    Parameters
    ----------
    rate : str
        Its name.
    by_group : tuple of Estimate
        In the order of the sorted groups; `subject` holds the group.
    statistic : float or None
        Chi-squared, or F with clusters.
    degrees : tuple of float
        One number for chi-squared, two for F.
    p : float or None
        Chance of groups as far apart as these, if the rate were the same in all.
    p_holm : float or None
        The same allowing for the number of tests.
    reason : str
        Why there is no test; empty if there is one.
    """

    rate: str
    by_group: tuple[Estimate, ...]
    statistic: float | None
    degrees: tuple[float, ...]
    p: float | None
    p_holm: float | None
    reason: str


def equal_rates(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    group: npt.ArrayLike,
    *,
    rates: tuple[str, ...] = RATES,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    generator: np.random.Generator | None = None,
) -> tuple[RateTest, ...]:
    """Test whether error rates are equal across groups, such as languages.

    Parameters
    ----------
    machine, human, chance, cluster, confidence, generator
        As in `error_rates`.
    group : (N,) int or str
        Group of each unit; NaN is no group.
    rates : tuple of str
        Of ``recall``, ``specificity``, ``precision``, ``f1``, ``accuracy``.

    Returns
    -------
    tuple of RateTest
        In the order of `rates`. No test: ``no_units`` with one group only, ``too_few_gold`` where a group has fewer than 10 units in the
        denominator, ``too_few_videos`` with fewer than 10 clusters more than groups, ``no_variation`` where no group shows an error.

    Raises
    ------
    YuhuError
        As `error_rates`; YH303 also where a rate has another name.

    Notes
    -----
    A large p does not show that rates are equal: look at the intervals. Without clusters, distances from the common rate are measured by the
    variance of the weighted ratio under equality; for equal weights that is Pearson's test. With clusters, a Wald test with the
    groups' joint covariance, F with K − 1 and G − K + 1 degrees of freedom. O(N·K). Sources: rao1984; hotelling1931; holm1979.
    """
    coded = coded_units(machine, human, chance, cluster, confidence=confidence)
    only_labels(coded.machine, "machine")
    only_labels(coded.human, "human")
    names = np.asarray(group)
    if names.shape[:1] != np.asarray(human).shape[:1]:
        raise YuhuError(
            "YH301", "arrays differ in length", facts={"group": names.shape[0], "human": np.asarray(human).shape[0]}, fix="one group a unit"
        )
    strange = [rate for rate in rates if rate not in PARTS]
    if strange:
        raise YuhuError(
            "YH303", "no rate has this name", facts={"found": strange[0], "expected": ", ".join(PARTS)}, fix="rates=('recall',)"
        )
    own = names[~np.isnan(np.asarray(human, np.float64))]
    index, count = numbered(own, "group")
    labels = [str(label) for label in np.unique(own)]
    tests = [_tested(rate, coded, index, count, labels, confidence, generator) for rate in rates]
    adjusted = iter(holm([test.p for test in tests if test.p is not None]).tolist())
    return tuple(
        RateTest(t.rate, t.by_group, t.statistic, t.degrees, t.p, None if t.p is None else next(adjusted), t.reason) for t in tests
    )


def _tested(
    rate: str, coded: Coded, index: Ints, count: int, labels: list[str], confidence: float, generator: np.random.Generator | None
) -> RateTest:
    part, whole = parts_of(rate, coded.machine, coded.human)
    groups = []
    for k in range(count):
        own = index == k
        cluster = None if coded.cluster is None else coded.cluster[own]
        there = Coded(coded.machine[own], coded.human[own], coded.chance[own], coded.weight[own], cluster)
        found = ratio(part[own], whole[own], there, method=f"{rate}.v1", empty=PARTS[rate], confidence=confidence, generator=generator)
        groups.append(found.with_(by="group", subject=labels[k]))
    blank = RateTest(rate, tuple(groups), None, (), None, None, "no_units")
    if count < 2:
        return blank
    units = np.bincount(index[whole > 0], minlength=count)
    if int(units.min()) < LEAST_UNITS:
        return RateTest(rate, blank.by_group, None, (), None, None, "too_few_gold")
    return (
        _by_cluster(blank, part, whole, coded, index, count)
        if coded.cluster is not None
        else _by_units(blank, part, whole, coded, index, count)
    )


def _by_units(blank: RateTest, part: Floats, whole: Floats, coded: Coded, index: Ints, count: int) -> RateTest:
    mass: Floats = np.bincount(index, weights=coded.weight * whole, minlength=count).astype(np.float64)
    rates = np.bincount(index, weights=coded.weight * part, minlength=count) / mass
    common = float(np.average(rates, weights=mass))
    for _ in range(2):  # weights follow the common rate, and it follows them
        spread = np.bincount(index, weights=(coded.weight * (part - common * whole)) ** 2, minlength=count) / mass**2
        if float(spread.min()) <= 0:
            return RateTest(blank.rate, blank.by_group, None, (), None, None, "no_variation")
        common = float(np.average(rates, weights=1 / spread))
    statistic = float(((rates - common) ** 2 / spread).sum())
    return RateTest(blank.rate, blank.by_group, statistic, (float(count - 1),), float(stats.chi2.sf(statistic, count - 1)), None, "")


def _by_cluster(blank: RateTest, part: Floats, whole: Floats, coded: Coded, index: Ints, count: int) -> RateTest:
    if coded.cluster is None:
        raise ValueError("no clusters")
    works, number = numbered(coded.cluster[whole > 0])
    if number < WILD_BELOW + count - 2:
        return RateTest(blank.rate, blank.by_group, None, (), None, None, "too_few_videos")
    mass = np.bincount(index, weights=coded.weight * whole, minlength=count)
    rates = np.bincount(index, weights=coded.weight * part, minlength=count) / mass
    residual = (coded.weight * (part - rates[index] * whole) / mass[index])[whole > 0]
    of = index[whole > 0]
    sums = np.stack([np.bincount(works, weights=np.where(of == k, residual, 0.0), minlength=number) for k in range(count)], axis=1)
    contrast = np.eye(count)[1:] - np.eye(count)[0]
    spread = contrast @ (number / (number - 1) * sums.T @ sums) @ contrast.T
    if float(np.linalg.matrix_rank(spread)) < count - 1:
        return RateTest(blank.rate, blank.by_group, None, (), None, None, "no_variation")
    away = contrast @ rates
    left = number - count + 1
    statistic = float(away @ np.linalg.solve(spread, away)) * left / ((count - 1) * (number - 1))
    return RateTest(
        blank.rate,
        blank.by_group,
        statistic,
        (float(count - 1), float(left)),
        float(stats.f.sf(statistic, count - 1, left)),
        None,
        "",
    )

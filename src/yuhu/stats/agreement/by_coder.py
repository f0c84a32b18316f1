"""Who agrees with whom: alpha without one coder, of each pair, of a coder with themself, and by group of units."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import coefficients as known
from yuhu.stats.agreement.alpha import TENTATIVE, AlphaEstimate, Values, krippendorff_alpha
from yuhu.stats.agreement.intervals import LEAST_CLUSTERS, LEAST_UNITS, Frame, jackknife_error, left_out, symmetric
from yuhu.stats.agreement.kappas import cohen_kappa
from yuhu.stats.agreement.moments import moments
from yuhu.stats.agreement.one_code import Agreement, agreement
from yuhu.stats.agreement.patterns import Patterns
from yuhu.stats.agreement.plain_agreement import percent_agreement
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.units import Units, units_of
from yuhu.stats.arrays import Floats, equal_lengths

LEAST_DAYS = 7.0


@dataclass(frozen=True)
class LeftOut:
    """Alpha without one coder, and how far that is from alpha with all of them (above 0: agreement is better without)."""

    coder: int
    alpha: AlphaEstimate
    change: Estimate


@dataclass(frozen=True)
class Pair:
    """Agreement of two coders on the units that both coded."""

    first: int
    second: int
    alpha: AlphaEstimate
    kappa: Estimate
    percent: Estimate


@dataclass(frozen=True)
class WithinCoder:
    """Alpha of a coder with their own earlier codings; `too_soon` repeats were left out."""

    coder: int
    alpha: AlphaEstimate
    too_soon: int


def leave_one_coder_out(
    ratings: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    minimum: float = TENTATIVE,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[LeftOut, ...]:
    """Alpha without each coder in turn.

    Parameters
    ----------
    ratings, level, values, weights, cluster, minimum, confidence, draws, seed
        As in `krippendorff_alpha`.

    Returns
    -------
    tuple of LeftOut
        For each coder with any rating. The interval of the change is a jackknife over units (or clusters), which both alphas share.

    Raises
    ------
    YuhuError
        As `krippendorff_alpha`.

    Notes
    -----
    O(N·m²). With more than a few coders somebody is always the worst: look at the interval of the change, not at its rank.
    """
    table = np.asarray(ratings, np.float64)
    units = units_of(checked_ratings(table, level=level, values=values, weights=weights, cluster=cluster))
    found = []
    for place, coder in enumerate(units.coders):
        alpha = krippendorff_alpha(
            np.delete(table, coder, axis=0),
            level=level,
            values=units.ratings.values,
            weights=weights,
            cluster=cluster,
            minimum=minimum,
            confidence=confidence,
            draws=draws,
            seed=seed,
        )
        found.append(LeftOut(coder, alpha, _change(units, place, level, alpha, confidence)))
    return tuple(found)


def _change(units: Units, place: int, level: str, alpha: AlphaEstimate, confidence: float) -> Estimate:
    plain = Estimate(value=None, n=alpha.n, unit="coefficient", method="alpha_change.jackknife.v1", reason=alpha.reason or "no_units")
    if alpha.value is None:
        return plain
    patterns, values, cluster = units.by_coder, units.ratings.values, units.ratings.cluster
    codes = np.delete(patterns.codes, place, axis=1)
    coefficient = known.alpha(values, level)
    both = _aligned(patterns, values, coefficient)
    without = _aligned(Patterns(codes, patterns.count, patterns.weight, patterns.member), values, coefficient)
    whole = float(coefficient.value(both.whole)[0])
    value = alpha.value - whole
    (first, number), (second, _) = (left_out(part, [coefficient], cluster)[0] for part in (both, without))
    left = second - first
    reason = "rests_on_few_units" if np.isnan(left).any() else ""
    if cluster is not None and units.clusters < LEAST_CLUSTERS:
        reason = "too_few_blocks"
    if alpha.n < LEAST_UNITS:
        reason = "too_few_pairable"
    if reason:
        return plain.with_(value=value, reason=reason)
    interval = symmetric(value, jackknife_error(left, number), int(number.sum()) - 1, kind="change", confidence=confidence)
    if isinstance(interval, str):
        return plain.with_(value=value, reason=interval)
    return plain.with_(value=value, low=interval[0], high=interval[1], confidence=confidence, reason="")


def _aligned(patterns: Patterns, values: Floats, coefficient: known.Coefficient) -> Frame:
    """A frame that keeps the order of the patterns, so that two of them lose the same unit at the same place."""
    table = moments(patterns, values, level=coefficient.variant, scheme="identity", names=coefficient.sums)
    return Frame(patterns, patterns.count.size, table, table.totals(patterns.count[None, :].astype(np.float64)))


def pairwise_agreement(
    ratings: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> tuple[Pair, ...]:
    """Alpha, Cohen's kappa and percent agreement of every two coders.

    Parameters
    ----------
    ratings, level, values, weights, cluster, confidence
        As in `krippendorff_alpha`.

    Returns
    -------
    tuple of Pair
        Every two rows, in order; undefined where they share no unit.

    Raises
    ------
    YuhuError
        As `krippendorff_alpha`.

    Notes
    -----
    O(N·m²).
    """
    table = np.asarray(ratings, np.float64)
    listed = checked_ratings(table, level=level, values=values, weights=weights, cluster=cluster).values
    shown = listed if listed.size else None
    found = []
    for second in range(1, table.shape[0]):
        for first in range(second):
            two = table[[first, second]]
            alpha = krippendorff_alpha(two, level=level, values=shown, weights=weights, cluster=cluster, confidence=confidence, draws=100)
            kappa = cohen_kappa(two, values=shown, weights=weights, cluster=cluster, confidence=confidence)
            percent = percent_agreement(two, values=shown, weights=weights, cluster=cluster, confidence=confidence)
            found.append(Pair(first, second, alpha, kappa, percent))
    return tuple(sorted(found, key=lambda pair: (pair.first, pair.second)))


def intra_coder_agreement(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    days: npt.ArrayLike | None = None,
    least_days: float = LEAST_DAYS,
    minimum: float = TENTATIVE,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[WithinCoder, ...]:
    """Alpha of each coder with themself on units that came back unannounced.

    Parameters
    ----------
    first, second : (m, N) float
        First and repeated rating of each unit by each coder; NaN where there is none.
    level, values, minimum, confidence, draws, seed
        As in `krippendorff_alpha`.
    days : (m, N) float, optional
        Days between the two.
    least_days : float
        Repeats that came sooner are left out: a coder may remember them.

    Returns
    -------
    tuple of WithinCoder
        One for each row.

    Raises
    ------
    YuhuError
        YH301 shapes differ; else as `krippendorff_alpha`.

    Notes
    -----
    O(N·m). High agreement with oneself is no validity: a coder may repeat an error. Low agreement bounds what two coders can reach.
    """
    one, two = np.asarray(first, np.float64), np.asarray(second, np.float64)
    lag = None if days is None else np.asarray(days, np.float64)
    shapes = {one.shape, two.shape} | (set() if lag is None else {lag.shape})
    if len(shapes) > 1 or one.ndim != 2:
        raise YuhuError(
            "YH301", "arrays differ in length", facts={"first": one.shape, "second": two.shape}, fix="give (coders, units) for each"
        )
    soon = np.zeros(one.shape, np.bool_) if lag is None else ~(lag >= least_days) & ~np.isnan(one) & ~np.isnan(two)
    two = np.where(soon, np.nan, two)
    return tuple(
        WithinCoder(
            coder,
            krippendorff_alpha(
                np.stack([one[coder], two[coder]]),
                level=level,
                values=values,
                minimum=minimum,
                confidence=confidence,
                draws=draws,
                seed=seed,
            ),
            int(soon[coder].sum()),
        )
        for coder in range(one.shape[0])
    )


def agreement_by(
    ratings: npt.ArrayLike,
    group: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    minimum: float = TENTATIVE,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> dict[str, Agreement]:
    """Agreement within groups of units: a language, a platform, a wave, a version of the codebook.

    Parameters
    ----------
    group : (N,) str or int
        Group of each unit.
    ratings, level, values, weights, cluster, interval, minimum, confidence, draws, seed
        As in `agreement`.

    Returns
    -------
    dict of str to Agreement
        In the order of the groups' names. Alpha depends on how often the values occur: a lower alpha in one group may mean a rarer code.

    Raises
    ------
    YuhuError
        As `agreement`, and YH301 if there is not one group for each unit.

    Notes
    -----
    O(N·m) in all.
    """
    table = np.asarray(ratings, np.float64)
    listed = checked_ratings(table, level=level, values=values, weights=weights, cluster=cluster).values
    names = np.asarray(group).astype(str)
    equal_lengths(group=names, ratings=table[0] if table.shape[0] else names[:0])
    heavy = None if weights is None else np.asarray(weights, np.float64)
    labels = None if cluster is None else np.asarray(cluster)
    return {
        str(name): agreement(
            table[:, names == name],
            level=level,
            values=listed if listed.size else None,
            weights=None if heavy is None else heavy[names == name],
            cluster=None if labels is None else labels[names == name],
            interval=interval,
            minimum=minimum,
            confidence=confidence,
            draws=draws,
            seed=seed,
        )
        for name in np.unique(names)
    }

"""F1 over several codes or values: each, macro and micro."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats
from yuhu.stats.classification.ratios import LEAST_UNITS, Coded, coded_units, only_labels, ratio
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, numbered, wild_quantile


@dataclass(frozen=True)
class F1Scores:
    """F1 of each value or code, and over all.

    Parameters
    ----------
    by_value : tuple of Estimate
        In the order of the values or columns.
    macro : Estimate
        Their plain mean; no value where one of them has none.
    micro : Estimate
        F1 of all decisions taken together.
    """

    by_value: tuple[Estimate, ...]
    macro: Estimate
    micro: Estimate


def f1_scores(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    *,
    values: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    generator: np.random.Generator | None = None,
) -> F1Scores:
    """F1 of several codes (columns of 0/1) or of several values of one code.

    Parameters
    ----------
    machine, human : (N, K) float of 0/1, or (N,) float
        Codes; NaN in `human` = not drawn (in any column: the whole unit).
    chance : (N,) float in (0, 1]
        Chances.
    values : (K,) float, optional
        Of one code: values to score; those that occur if none are given.
    cluster, confidence, generator
        As in `error_rates`.

    Returns
    -------
    F1Scores
        Unit "share". F1 is 0 where people see a value and the machine never does; it has no value where neither does.

    Raises
    ------
    YuhuError
        As `error_rates`.

    Notes
    -----
    Macro: the linearised scores of all values are added unit by unit, so that their correlation counts. With values of one code, micro F1 over all
    values that occur is accuracy. O(N·K). Source: sarndal1992 (linearisation).
    """
    coded = coded_units(machine, human, chance, cluster, confidence=confidence)
    said, meant = _columns(coded, values)
    estimates = [
        ratio(
            2 * said[:, k] * meant[:, k],
            said[:, k] + meant[:, k],
            coded,
            method="f1.v1",
            empty="no_gold_positives",
            confidence=confidence,
            generator=generator,
        )
        for k in range(said.shape[1])
    ]
    micro = ratio(
        2 * (said * meant).sum(axis=1),
        (said + meant).sum(axis=1),
        coded,
        method="f1.micro.v1",
        empty="no_gold_positives",
        confidence=confidence,
        generator=generator,
    )
    return F1Scores(tuple(estimates), _macro(estimates, said, meant, coded, confidence, generator), micro)


def _columns(coded: Coded, values: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    """(n, K) 0/1 of machine and people."""
    if coded.machine.ndim == 2:
        only_labels(coded.machine, "machine")
        only_labels(coded.human, "human")
        return coded.machine, coded.human
    used = np.union1d(coded.machine, coded.human)
    known = used if values is None else np.asarray(values, np.float64)
    if known.ndim != 1:
        raise YuhuError("YH303", "values are no list", facts={"found": known.shape}, fix="for example values=(0, 1, 2)")
    return (coded.machine[:, None] == known).astype(np.float64), (coded.human[:, None] == known).astype(np.float64)


def _macro(
    estimates: list[Estimate], said: Floats, meant: Floats, coded: Coded, confidence: float, generator: np.random.Generator | None
) -> Estimate:
    n = int(coded.chance.size)
    blank = Estimate(value=None, n=n, n_gold=n, method="f1.macro.v1", reason="no_units")
    values = [each.value for each in estimates]
    known = [value for value in values if value is not None]
    if not known or len(known) < len(values):
        return blank.with_(reason=next((each.reason for each in estimates if each.value is None), "no_units"))
    value = float(np.mean(known))
    whole = said + meant
    totals = coded.weight @ whole
    pulls = coded.weight * ((2 * said * meant - np.array(known) * whole) / totals).mean(axis=1)
    if coded.cluster is None:
        if n < LEAST_UNITS:
            return blank.with_(value=value, reason="too_few_gold")
        error = math.sqrt(n / (n - 1) * float((1 - coded.chance) @ pulls**2))
        half, degrees = float(stats.t.ppf(0.5 + confidence / 2, n - 1)) * error, n
    else:
        index, degrees = numbered(coded.cluster)
        if degrees < LEAST_CLUSTERS:
            return blank.with_(reason="too_few_videos")
        sums: Floats = np.bincount(index, weights=pulls).astype(np.float64)
        sizes: Floats = np.bincount(index, weights=coded.weight).astype(np.float64)
        error = math.sqrt(degrees / (degrees - 1) * float(sums @ sums))
        few = degrees < WILD_BELOW
        total = float(sizes.sum())
        quantile = wild_quantile(sums * total, sizes, total, confidence, generator or np.random.default_rng(0)) if few else 0.0
        half = (quantile if few else float(stats.t.ppf(0.5 + confidence / 2, degrees - 1))) * error
    if error == 0 and bool((coded.chance < 1).any()):
        return blank.with_(value=value, reason="no_variation")
    low, high = logit_interval(value, half)
    return blank.with_(value=value, low=min(low, value), high=max(high, value), confidence=confidence, reason="")

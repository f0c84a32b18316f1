"""Corrected shares of many groups from sums: what the machine says of all units enters as totals, so that the cost is that of the gold sample."""

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, known_chances, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, wild_quantile
from yuhu.stats.correction.design import LEAST_GOLD
from yuhu.stats.correction.rare import LEAST_ERRORS_OF_RATE, ends_by_rate, errs_unseen, rarity
from yuhu.stats.correction.variance import skewed_interval
from yuhu.stats.survey import hajek_mean

METHOD = "corrected_share.v1"
GOLD_ONLY, FEW_ERRORS = "corrected_share.gold_only.v1", "corrected_share.few_errors.v1"
DIFFERENCE = "corrected_share_difference.v1"
_NOTHING = 1e-12
_OWN_LAMBDA = 50


@dataclass(frozen=True)
class Drawn:
    """The units that people coded, of all groups together.

    Parameters
    ----------
    machine, human : (n,) float in [0, 1]
        Codes of each: the machine's label or probability (from a machine that never saw the unit), and the people's 0/1 or mean.
    chance : (n,) float in (0, 1]
        With which it was drawn, fixed before it was coded.
    group : (n,) int
        Group from 0; -1 in none of them.
    stratum : (n,) int
        Stratum from which it was drawn, from 0.
    cluster : (n,) int or None
        Independent work from 0; None = inference to the units at hand.
    """

    machine: Floats
    human: Floats
    chance: Floats
    group: Ints
    stratum: Ints
    cluster: Ints | None = None


@dataclass(frozen=True)
class Totals:
    """What there is of all units, drawn or not.

    Parameters
    ----------
    units : (K, G) float
        Units of each group in each cluster; G = 1 where there are no clusters.
    machine : (K, G) float
        Sum of the machine's codes over them.
    """

    units: Floats
    machine: Floats


class CorrectedShares:
    """Corrected shares of K groups, and differences between them, under one design.

    Parameters
    ----------
    drawn : Drawn
        The gold sample.
    totals : Totals
        Sums over all units.
    confidence : float in (0, 1)
        Level of intervals.
    tuned : bool
        Let the machine count only as far as it helps (power tuning): its codes times a lambda in [0, 1], of each group with 50 gold units or more, of all gold together in
        smaller groups.
    generator : numpy.random.Generator, optional
        For the wild bootstrap with 5 to 9 clusters; seeded with 0 if none.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance lies outside (0, 1]; YH303 a code lies outside [0, 1], or an option outside its range.

    Notes
    -----
    In group g: ``F_g/N_g + Σ w (Y − f) / Σ w`` over its gold units, w = 1/chance: the machine's share of all units plus the mean error of the machine among
    units that people coded, as a ratio, so that a useless machine costs nothing against gold alone. Bias is of order 1/n_g, whatever the
    machine does. Variance is the linearised one, within strata, with 1 − chance for drawing without replacement; with clusters, that of sums over clusters. O(n + K·G). Sources:
    egami2023dsl; sarndal1992 (difference estimator, domains); angelopoulos2023ppiplus (tuning); hall1992 (skewness); brown2001 (Jeffreys); zou2008 (differences by squares).
    """

    def __init__(
        self,
        drawn: Drawn,
        totals: Totals,
        *,
        confidence: float = 0.95,
        tuned: bool = False,
        generator: np.random.Generator | None = None,
    ) -> None:
        equal_lengths(
            machine=drawn.machine,
            human=drawn.human,
            chance=drawn.chance,
            group=drawn.group,
            stratum=drawn.stratum,
            cluster=drawn.cluster,
        )
        known_chances(drawn.chance)
        proportion(confidence, "confidence")
        for name, codes in (("machine", drawn.machine), ("human", drawn.human)):
            if codes.size and not bool(np.all((codes >= 0) & (codes <= 1))):
                found = codes[~((codes >= 0) & (codes <= 1))][0]
                raise YuhuError("YH303", f"a {name} code lies outside [0, 1]", facts={"found": found}, fix="a label 0/1, or a probability")
        self._plain, self._plain_totals, self._confidence = drawn, totals, confidence
        self._drawn, self._totals = _tuned(drawn, totals) if tuned else (drawn, totals)
        self._generator = generator or np.random.default_rng(0)
        self._weight: Floats = 1 / drawn.chance

    @cached_property
    def _means(self) -> tuple[Floats, Floats, Floats]:
        """(K,) machine share, mean error among gold, and weight of gold, of each group."""
        groups = self._totals.units.shape[0]
        inside = self._drawn.group >= 0
        of = self._drawn.group[inside]
        weight = self._weight[inside]
        wrong = (self._drawn.human - self._drawn.machine)[inside]
        heavy: Floats = np.bincount(of, weights=weight, minlength=groups).astype(np.float64)
        error: Floats = np.bincount(of, weights=weight * wrong, minlength=groups) / np.where(heavy > 0, heavy, 1.0)
        units = self._totals.units.sum(axis=1)
        share: Floats = self._totals.machine.sum(axis=1) / np.where(units > 0, units, 1.0)
        return share, error, heavy

    def share(self, group: int) -> Estimate:
        """The corrected share of a group.

        Parameters
        ----------
        group : int
            From 0.

        Returns
        -------
        Estimate
            Unit "share"; n = all units of the group, n_gold those that people coded. Without clusters an interval as skewed as the errors are, which covers the drawing of
            gold and nothing else; with clusters t on the logit scale from 10, wild bootstrap from 5 to 9, undefined below 5. Where gold holds
            fewer than 15 positives (or negatives) gold alone speaks (``corrected_share.gold_only.v1``); where the machine erred less than 12 times (weighed by the variance that errors carry),
            Jeffreys intervals of its errors in each stratum (``corrected_share.few_errors.v1``). Reasons: ``no_units``, ``too_few_gold``, ``not_estimable``, ``too_few_videos``, ``no_variation``.
        """
        own = self._drawn.group == group
        units, gold = round(float(self._totals.units[group].sum())), int(own.sum())
        blank = Estimate(value=None, n=units, n_gold=gold, method=METHOD, reason="no_units")
        if units == 0:
            return blank
        if gold == 0:
            return blank.with_(reason="too_few_gold")
        machine, error, _ = self._means
        value = min(1.0, max(0.0, float(machine[group] + error[group])))
        if self._drawn.cluster is not None and self._works(own) < LEAST_CLUSTERS:
            return blank.with_(reason="too_few_videos")
        if gold < LEAST_GOLD and gold < units:
            return blank.with_(value=value, reason="too_few_gold")
        if bool((self._drawn.chance[own] < 1).any()):
            found = rarity(self._drawn.human[own], self._plain.machine[own], self._drawn.chance[own])
            wrong = (self._drawn.human - self._plain.machine)[own]
            is_few = found.errors < LEAST_ERRORS_OF_RATE or errs_unseen(wrong, self._drawn.chance[own], self._confidence)
            verdict = "few_errors" if found.verdict == "enough" and is_few else found.verdict
            if verdict != "enough":
                return self._guarded(blank, own, value, group, verdict)
        low, high = self._interval(group, value)
        if self._drawn.cluster is not None and high - low < _NOTHING:
            return blank.with_(value=value, reason="no_variation")
        return blank.with_(value=value, low=low, high=high, confidence=self._confidence, reason="")

    def difference(self, first: int, second: int) -> Estimate:
        """The share of the first group less that of the second, with the interval of the difference.

        Returns
        -------
        Estimate
            Unit "difference of shares". Both intervals put together by squares, with the correlation that shared strata or shared clusters bring;
            where a share has no interval, none, and its reason.
        """
        a, b = self.share(first), self.share(second)
        blank = Estimate(
            value=None,
            n=a.n + b.n,
            n_gold=(a.n_gold or 0) + (b.n_gold or 0),
            unit="difference of shares",
            method=DIFFERENCE,
            reason=a.reason or b.reason or "no_units",
        )
        if a.value is None or b.value is None:
            return blank
        value = a.value - b.value
        if a.low is None or a.high is None or b.low is None or b.high is None:
            return blank.with_(value=value)
        both = self._correlation(first, second) if {a.method, b.method} == {METHOD} else 0.0
        down, below = a.value - a.low, b.high - b.value
        up, above = a.high - a.value, b.value - b.low
        low = value - math.sqrt(max(down**2 + below**2 - 2 * both * down * below, 0.0))
        high = value + math.sqrt(max(up**2 + above**2 - 2 * both * up * above, 0.0))
        return blank.with_(value=value, low=max(-1.0, low), high=min(1.0, high), confidence=self._confidence, reason="")

    def _works(self, own: np.ndarray) -> int:
        return 0 if self._drawn.cluster is None else int(np.unique(self._drawn.cluster[own]).size)

    def _influence(self, group: int) -> Floats:
        """(n,) of each gold unit, or (G,) of each cluster: what it adds to the share of a group, less what is expected."""
        _, error, heavy = self._means
        own = self._drawn.group == group
        away: Floats = np.where(own, self._weight * (self._drawn.human - self._drawn.machine - error[group]), 0.0) / max(
            heavy[group], _NOTHING
        )
        if self._drawn.cluster is None:
            return away
        units, machine = self._totals.units[group], self._totals.machine[group]
        total = max(float(units.sum()), _NOTHING)
        of_machine = (machine - self._means[0][group] * units) / total
        return np.asarray(of_machine + np.bincount(self._drawn.cluster, weights=away, minlength=units.size))

    def _covariance(self, first: Floats, second: Floats) -> float:
        if self._drawn.cluster is not None:
            held = np.unique(self._drawn.cluster[self._drawn.group >= 0]).size
            return held / max(held - 1, 1) * float(first @ second)
        size = np.bincount(self._drawn.stratum).astype(np.float64)
        factor = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)[self._drawn.stratum]
        used = int(((first != 0) | (second != 0)).sum())
        tuning = used / (used - 1) if self._drawn is not self._plain and used > 1 else 1.0  # lambda is estimated, too
        return tuning * float((factor * (1 - self._drawn.chance) * self._centred(first) * self._centred(second)).sum())

    def _centred(self, influence: Floats) -> Floats:
        """(n,) what gold units add, less the mean of their stratum."""
        stratum = self._drawn.stratum
        size = np.bincount(stratum).astype(np.float64)
        middle = np.bincount(stratum, weights=influence) / np.maximum(size, 1)
        alone = size == 1  # a stratum with one gold unit has no spread to see: its distance from the mean error of all stands for it
        return np.asarray(influence - np.where(alone, 0.0, middle)[stratum])

    def _correlation(self, first: int, second: int) -> float:
        a, b = self._influence(first), self._influence(second)
        spread = self._covariance(a, a) * self._covariance(b, b)
        return self._covariance(a, b) / math.sqrt(spread) if spread > 0 else 0.0

    def _interval(self, group: int, value: float) -> tuple[float, float]:
        influence = self._influence(group)
        variance = max(self._covariance(influence, influence), 0.0)
        error = math.sqrt(variance)
        if self._drawn.cluster is None:
            if error < _NOTHING:
                return value, value
            own = (self._drawn.group == group) & (self._drawn.chance < 1)
            degrees = max(int(own.sum()) - int(np.unique(self._drawn.stratum[own]).size), 1)
            low, high = skewed_interval(
                value, error, self._centred(influence), 1 - self._drawn.chance, degrees=degrees, confidence=self._confidence
            )
            return max(0.0, low), min(1.0, high)
        works = self._works(self._drawn.group == group)
        if works < WILD_BELOW:
            sizes = self._totals.units[group]
            half = wild_quantile(influence * float(sizes.sum()), sizes, float(sizes.sum()), self._confidence, self._generator) * error
            return max(0.0, value - half), min(1.0, value + half)
        return logit_interval(value, float(special.stdtrit(works - 1, 0.5 + self._confidence / 2)) * error)

    def _guarded(self, blank: Estimate, own: np.ndarray, value: float, group: int, verdict: str) -> Estimate:
        """What takes the place of the corrected share where gold holds too little of the code."""
        if verdict == "not_estimable":
            return blank.with_(value=value, reason="not_estimable")
        cluster = None if self._drawn.cluster is None else self._drawn.cluster[own]
        if verdict == "few_errors" and cluster is None:
            value, low, high = self._by_errors(own, group)
            return blank.with_(value=value, low=low, high=high, confidence=self._confidence, reason="", method=FEW_ERRORS)
        if verdict == "few_errors":
            low, high = self._interval(group, value)
            return blank.with_(value=value, low=low, high=high, confidence=self._confidence, reason="")
        alone = hajek_mean(
            self._drawn.human[own], self._drawn.chance[own], cluster=cluster, confidence=self._confidence, generator=self._generator
        )
        return alone.with_(n=blank.n, n_gold=blank.n_gold, method=GOLD_ONLY)

    def _by_errors(self, own: np.ndarray, group: int) -> tuple[float, float, float]:
        """Share and ends by the errors of each rate. The machine counts in full: where it errs so seldom there is nothing to tune."""
        machine = float(self._plain_totals.machine[group].sum() / self._plain_totals.units[group].sum())
        return ends_by_rate((self._drawn.human - self._plain.machine)[own], self._drawn.chance[own], machine, self._confidence)


def _tuned(drawn: Drawn, totals: Totals) -> tuple[Drawn, Totals]:
    """The machine's codes times the lambda of their group."""
    groups = totals.units.shape[0]
    weight = (1 - drawn.chance) / drawn.chance**2
    pooled = _slope(drawn, weight, np.ones(drawn.group.size, np.bool_))
    slopes = np.array(
        [_slope(drawn, weight, own) if int((own := drawn.group == group).sum()) >= _OWN_LAMBDA else pooled for group in range(groups)]
    )
    of = np.where(drawn.group >= 0, slopes[drawn.group], pooled) if groups else np.ones(drawn.group.size)
    return replace(drawn, machine=drawn.machine * of), Totals(totals.units, totals.machine * slopes[:, None])


def _slope(drawn: Drawn, weight: Floats, own: np.ndarray) -> float:
    """Cov(Y, f) / Var(f) over gold, in [0, 1]; 1 where there is too little gold to tell, 0 where the machine says the same of all."""
    if int((own & (weight > 0)).sum()) < LEAST_GOLD:
        return 1.0
    share, machine, human = weight[own], drawn.machine[own], drawn.human[own]
    away = machine - np.average(machine, weights=1 / drawn.chance[own])
    spread = float(share @ away**2)
    if spread <= _NOTHING * float(share.sum()):
        return 0.0
    return min(1.0, max(0.0, float(share @ (away * (human - np.average(human, weights=1 / drawn.chance[own])))) / spread))

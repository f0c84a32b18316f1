"""Shares within a part that is itself coded: how often messages with empathy call to act, corrected by gold in which people coded both."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special

from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, known_chances, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, wild_quantile
from yuhu.stats.correction.design import LEAST_GOLD
from yuhu.stats.correction.rare import LEAST_POSITIVES, kish
from yuhu.stats.correction.variance import degrees_of, skewed_interval
from yuhu.stats.survey import hajek_mean

METHOD, GOLD_ONLY = "corrected_part_share.v1", "corrected_part_share.gold_only.v1"
DIFFERENCE, RATIO, ADJUSTED = "corrected_part_difference.v1", "corrected_part_ratio.v1", "corrected_mantel_haenszel.v1"
ADJUSTED_GOLD_ONLY = "corrected_mantel_haenszel.gold_only.v1"
LEAST_ERRORS = 12
_NOTHING = 1e-12

Part = tuple[int, int]
"""Columns of a part: units with both codes, and units of the part."""


@dataclass(frozen=True)
class JointDrawn:
    """The units that people coded, with M codes of each.

    Parameters
    ----------
    machine, human : (n, M) float in [0, 1]
        What the machine and people said; a column may be "has both codes", or "is of this group and has the code".
    chance : (n,) float in (0, 1]
        With which the unit was drawn.
    stratum : (n,) int
        Stratum of the draw, from 0.
    cluster : (n,) int or None
        Independent work from 0; None = inference to the units at hand.
    """

    machine: Floats
    human: Floats
    chance: Floats
    stratum: Ints
    cluster: Ints | None = None


class JointShares:
    """Shares within coded parts, their differences and ratios.

    Parameters
    ----------
    drawn : JointDrawn
        Gold.
    units : (G,) float
        All units of each cluster; G = 1 without clusters.
    machine : (M, G) float
        Sums of the machine's codes over them.
    confidence : float in (0, 1)
        Level of intervals.
    generator : numpy.random.Generator, optional
        For the wild bootstrap with 5 to 9 clusters.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance lies outside (0, 1]; YH303 `confidence`.

    Notes
    -----
    Each column is summed as in `CorrectedShares`, the machine's code times the λ in [0, 1] that makes its variance smallest; a share is the
    ratio of two such sums, its variance the linearised one (strata, 1 − chance) or that of sums over clusters. O(n·M). Sources: egami2023dsl;
    sarndal1992 (domains); zou2008 (intervals put together); mantel1959, greenland1985 (over strata).
    """

    def __init__(
        self,
        drawn: JointDrawn,
        units: Floats,
        machine: Floats,
        *,
        confidence: float = 0.95,
        generator: np.random.Generator | None = None,
    ) -> None:
        equal_lengths(
            machine=drawn.machine, human=drawn.human, chance=drawn.chance, stratum=drawn.stratum, cluster=drawn.cluster
        )  # fmt: skip
        known_chances(drawn.chance)
        proportion(confidence, "confidence")
        self._drawn, self._units, self._confidence = drawn, units, confidence
        self._seed = int((generator or np.random.default_rng(0)).integers(2**63))
        self._weight: Floats = 1 / drawn.chance
        slopes = np.array([self._slope(column) for column in range(drawn.machine.shape[1])])
        self._machine: Floats = machine * slopes[:, None]
        self._wrong: Floats = drawn.human - drawn.machine * slopes

    def _generator(self) -> np.random.Generator:
        """Of one estimate, whatever was asked for before."""
        return np.random.default_rng(self._seed)

    def _slope(self, column: int) -> float:
        machine, human = self._drawn.machine[:, column], self._drawn.human[:, column]
        if machine.size < LEAST_GOLD:
            return 1.0
        weight = self._weight * (self._weight - 1)
        if not weight.any():
            return 1.0
        away = machine - np.average(machine, weights=self._weight)
        spread = float(weight @ away**2)
        if spread <= _NOTHING * float(weight.sum()):
            return 0.0
        return min(1.0, max(0.0, float(weight @ (away * (human - np.average(human, weights=self._weight)))) / spread))

    @cached_property
    def totals(self) -> Floats:
        """(M,) corrected sums over all units."""
        heavy = float(self._weight.sum())
        error = self._weight @ self._wrong / heavy if heavy else np.zeros(self._machine.shape[0])
        return np.asarray(self._machine.sum(axis=1) + float(self._units.sum()) * error)

    def share(self, part: Part) -> Estimate:
        """Share of a part that has the code.

        Returns
        -------
        Estimate
            n = units of the part, corrected where it is coded itself; n_gold = units of it that people found. Where gold holds fewer than 15 units of the part with
            the code or without, or 12 errors of the machine, gold alone (``corrected_part_share.gold_only.v1``). Reasons: ``no_units``, ``too_few_gold``,
            ``too_few_videos``, ``not_estimable``, ``no_variation``.
        """
        both, of = (self._drawn.human[:, column] for column in part)
        inside = of > 0
        units, gold = max(round(float(self.totals[part[1]])), 0), int(inside.sum())
        blank = Estimate(value=None, n=units, n_gold=gold, method=METHOD, reason="no_units")
        if not units and not gold:
            return blank
        if gold < LEAST_GOLD:
            return blank.with_(reason="too_few_gold")
        if self._drawn.cluster is not None and self._works(inside) < LEAST_CLUSTERS:
            return blank.with_(reason="too_few_videos")
        if not self._is_enough(part):
            cluster = None if self._drawn.cluster is None else self._drawn.cluster[inside]
            alone = hajek_mean(
                np.minimum(both[inside] / of[inside], 1.0), self._drawn.chance[inside], cluster=cluster, confidence=self._confidence, generator=self._generator()
            )  # fmt: skip
            return alone.with_(n=units, n_gold=gold, method=GOLD_ONLY)
        value = min(1.0, max(0.0, self._value(part)))
        influence = self._influence(self._gradient(part))
        error = math.sqrt(max(self._covariance(influence, influence), 0.0))
        if error < _NOTHING:
            census = self._drawn.cluster is None and not (self._drawn.chance < 1).any()
            if not census:
                return blank.with_(value=value, reason="no_variation")
            return blank.with_(value=value, low=value, high=value, confidence=self._confidence, reason="")
        low, high = self._around(value, error, influence, inside)
        return blank.with_(value=value, low=low, high=high, confidence=self._confidence, reason="")

    def difference(self, first: Part, second: Part) -> Estimate:
        """Share in the first part less that in the second; unit "difference of shares"."""
        return self._compared(first, second, DIFFERENCE, "difference of shares", lambda value: value)

    def ratio(self, first: Part, second: Part) -> Estimate:
        """Share in the first part by that in the second; unit "ratio of shares"; ``ratio_undefined`` where a share is 0."""
        found = self._compared(first, second, RATIO, "ratio of shares", _log)
        if found.value is None:
            return found
        ends = (None, None) if found.low is None or found.high is None else (math.exp(found.low), math.exp(found.high))
        return found.with_(value=math.exp(found.value), low=ends[0], high=ends[1])

    def adjusted_difference(self, strata: Sequence[tuple[Part, Part]]) -> Estimate:
        """Difference of shares within strata, put together with the weights of Mantel and Haenszel.

        Returns
        -------
        Estimate
            ``Σ (a n₀ − c n₁)/n / Σ n₁ n₀/n`` of corrected sums, linearised. Reasons as in `share`; ``not_estimable`` where gold holds fewer than 15
            units with the code in either of the parts that are compared; gold alone (``….gold_only.v1``) below 12 errors.
        """
        units = round(float(self._units.sum()))
        blank = Estimate(value=None, n=units, unit="difference of shares", method=ADJUSTED, reason="no_units")
        held = [pair for pair in strata if min(self.totals[pair[0][1]], self.totals[pair[1][1]]) > 0]
        if not units or not held:
            return blank
        gold = [sum(float((self._drawn.human[:, pair[side][1]] > 0).sum()) for pair in held) for side in (0, 1)]
        blank = blank.with_(n_gold=int(sum(gold)))
        if min(gold) < LEAST_GOLD:
            return blank.with_(reason="too_few_gold")
        hits = [sum(kish(self._weight * self._drawn.human[:, pair[side][0]]) for pair in held) for side in (0, 1)]
        if self._drawn.cluster is not None and self._works(np.ones(self._drawn.chance.size, bool)) < LEAST_CLUSTERS:
            return blank.with_(reason="too_few_videos")
        if min(hits) >= LEAST_POSITIVES and self._errs_seldom([column for pair in held for part in pair for column in part]):
            return self._alone.adjusted_difference(held).with_(method=ADJUSTED_GOLD_ONLY)
        above, below, gradient = self._mantel_haenszel(held)
        value = above / below
        if min(hits) < LEAST_POSITIVES or not -1 <= value <= 1:
            return blank.with_(reason="not_estimable")
        influence = self._influence(gradient)
        error = math.sqrt(max(self._covariance(influence, influence), 0.0))
        if error < _NOTHING:
            return blank.with_(value=value, reason="no_variation")
        half = self._critical(influence) * error
        return blank.with_(
            value=value, low=max(-1.0, value - half), high=min(1.0, value + half), confidence=self._confidence, reason=""
        )  # fmt: skip

    def _mantel_haenszel(self, strata: Sequence[tuple[Part, Part]]) -> tuple[float, float, Floats]:
        above = below = 0.0
        up, down = np.zeros(self.totals.size), np.zeros(self.totals.size)
        for (a, one), (c, other) in strata:
            hits, misses, with_, without = (float(self.totals[column]) for column in (a, c, one, other))
            n = with_ + without
            above += (hits * without - misses * with_) / n
            below += with_ * without / n
            up[a] += without / n
            up[c] -= with_ / n
            up[one] += -misses / n - (hits * without - misses * with_) / n**2
            up[other] += hits / n - (hits * without - misses * with_) / n**2
            down[one] += without / n - with_ * without / n**2
            down[other] += with_ / n - with_ * without / n**2
        return above, below, (up - above / below * down) / below

    def _is_enough(self, part: Part) -> bool:
        if self._drawn.cluster is None and not (self._drawn.chance < 1).any():
            return True
        both, of = (self._drawn.human[:, column] for column in part)
        enough = min(kish(self._weight * both), kish(self._weight * (of - both))) >= LEAST_POSITIVES
        return enough and not self._errs_seldom(part) and self.totals[part[1]] > 0

    def _errs_seldom(self, columns: Sequence[int]) -> bool:
        """Whether machine and people differ on too few units for a variance."""
        if self._drawn.cluster is None and not (self._drawn.chance < 1).any():
            return False
        chosen = list(columns)
        wrong = np.abs(self._drawn.human[:, chosen] - self._drawn.machine[:, chosen]).max(axis=1)
        left = self._weight * np.sqrt(1 - self._drawn.chance) if self._drawn.cluster is None else self._weight
        return kish(left * wrong) < LEAST_ERRORS

    @cached_property
    def _alone(self) -> "JointShares":
        """What gold says without the machine."""
        drawn = replace(self._drawn, machine=np.zeros_like(self._drawn.machine))
        return JointShares(drawn, self._units, np.zeros_like(self._machine), confidence=self._confidence, generator=self._generator())

    def _value(self, part: Part) -> float:
        return float(self.totals[part[0]] / self.totals[part[1]])

    def _gradient(self, part: Part) -> Floats:
        out = np.zeros(self.totals.size)
        out[part[0]] = 1 / self.totals[part[1]]
        out[part[1]] -= self._value(part) / self.totals[part[1]]
        return out

    def _influence(self, gradient: Floats) -> Floats:
        """(n,) of each gold unit, or (G,) of each cluster."""
        heavy, units = float(self._weight.sum()), float(self._units.sum())
        wrong = self._wrong @ gradient
        error = float(self._weight @ wrong) / heavy
        away: Floats = units / heavy * self._weight * (wrong - error)
        if self._drawn.cluster is None:
            return away
        of_gold = np.bincount(self._drawn.cluster, weights=away, minlength=self._units.size)
        return np.asarray(gradient @ self._machine + error * self._units + of_gold)

    def _centred(self, influence: Floats) -> Floats:
        stratum = self._drawn.stratum
        size = np.bincount(stratum).astype(np.float64)
        middle = np.bincount(stratum, weights=influence) / np.maximum(size, 1)
        return np.asarray(influence - np.where(size == 1, 0.0, middle)[stratum])

    def _covariance(self, first: Floats, second: Floats) -> float:
        if self._drawn.cluster is not None:
            held = np.unique(self._drawn.cluster).size
            return held / max(held - 1, 1) * float(first @ second)
        size = np.bincount(self._drawn.stratum).astype(np.float64)
        factor = np.where(size > 1, size / np.maximum(size - 1, 1), 1.0)[self._drawn.stratum]
        used = max(int(((first != 0) | (second != 0)).sum()), 2)
        spread = factor * (1 - self._drawn.chance) * self._centred(first) * self._centred(second)
        return used / (used - 1) * float(spread.sum())  # λ is estimated, too

    def _works(self, inside: np.ndarray) -> int:
        return 0 if self._drawn.cluster is None else int(np.unique(self._drawn.cluster[inside]).size)

    def _degrees(self) -> int:
        free = self._drawn.chance < 1
        return max(int(free.sum()) - int(np.unique(self._drawn.stratum[free]).size), 1)

    def _critical(self, influence: Floats) -> float:
        if self._drawn.cluster is None:
            degrees = degrees_of(self._centred(influence), 1 - self._drawn.chance, float(self._degrees()))
            return float(special.stdtrit(degrees, 0.5 + self._confidence / 2))
        works = self._works(np.ones(self._drawn.chance.size, bool))
        if works < WILD_BELOW:
            return wild_quantile(influence, self._units, float(self._units.sum()), self._confidence, self._generator())
        return float(special.stdtrit(works - 1, 0.5 + self._confidence / 2))

    def _around(self, value: float, error: float, influence: Floats, inside: np.ndarray) -> tuple[float, float]:
        if self._drawn.cluster is None:
            low, high = skewed_interval(
                value, error, self._centred(influence), 1 - self._drawn.chance, degrees=float(self._degrees()), confidence=self._confidence
            )
            return max(0.0, low), min(1.0, high)
        half = self._critical(influence) * error
        if self._works(inside) < WILD_BELOW:
            return max(0.0, value - half), min(1.0, value + half)
        return logit_interval(value, half)

    def _compared(self, first: Part, second: Part, method: str, unit: str, scale: Callable[[float], float | None]) -> Estimate:
        a, b = self.share(first), self.share(second)
        reason = a.reason or b.reason or "ratio_undefined"
        blank = Estimate(value=None, n=a.n + b.n, n_gold=(a.n_gold or 0) + (b.n_gold or 0), unit=unit, method=method, reason=reason)
        values = [None if one.value is None else scale(one.value) for one in (a, b)]
        if values[0] is None or values[1] is None:
            return blank
        value = values[0] - values[1]
        ends = [None if end is None else scale(end) for one in (a, b) for end in (one.low, one.high)]
        if any(end is None for end in ends):
            return blank.with_(value=value)
        low_a, high_a, low_b, high_b = (float(end) for end in ends if end is not None)
        both = self._correlation(first, second) if {a.method, b.method} == {METHOD} else 0.0
        down, below, up, above = values[0] - low_a, high_b - values[1], high_a - values[0], values[1] - low_b
        low = value - math.sqrt(max(down**2 + below**2 - 2 * both * down * below, 0.0))
        high = value + math.sqrt(max(up**2 + above**2 - 2 * both * up * above, 0.0))
        return blank.with_(value=value, low=low, high=high, confidence=self._confidence, reason="")

    def _correlation(self, first: Part, second: Part) -> float:
        a, b = (self._influence(self._gradient(part)) for part in (first, second))
        spread = self._covariance(a, a) * self._covariance(b, b)
        return self._covariance(a, b) / math.sqrt(spread) if spread > 0 else 0.0


def _log(value: float) -> float | None:
    return math.log(value) if value > 0 else None

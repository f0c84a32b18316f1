"""How many gold units a corrected estimate needs, and whether the machine is worth its cost."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import equal_lengths, known_chances, proportion
from yuhu.stats.correction.rare import LEAST_POSITIVES, kish

_CAUTION = 0.80
TARGETS = ("corpus", "superpopulation")


@dataclass(frozen=True)
class Pilot:
    """What a gold sample says about a code and the machine.

    Parameters
    ----------
    rho : float
        Correlation of human and machine code (phi for two labels), weighted to all units; 0 where one of them does not vary.
    cautious_rho : float
        Lower 80 % bound of it: a small pilot knows it badly.
    sd : float
        Standard deviation of the human code.
    mean : float
        Of the human code.
    n : int
        Gold units.
    """

    rho: float
    cautious_rho: float
    sd: float
    mean: float
    n: int


@dataclass(frozen=True)
class Plan:
    """Gold units for a wished precision.

    Parameters
    ----------
    gold : int or None
        With the machine, in all (of a difference: in both groups); None where no number is enough.
    gold_alone : int or None
        Without the machine.
    by_group : tuple of int
        `gold` divided between the groups of a difference; of a mean the same one number. Empty where there is none.
    more : int or None
        Beyond those that are there.
    multiplier : float
        1 − rho²: gold with the machine as a share of gold without it, in a large corpus.
    break_even : float or None
        rho² from which on the machine pays; None without costs. Above 1: never.
    pays : bool or None
        Whether it does.
    """

    gold: int | None
    gold_alone: int | None
    by_group: tuple[int, ...]
    more: int | None
    multiplier: float
    break_even: float | None
    pays: bool | None


def pilot_of(machine: npt.ArrayLike, human: npt.ArrayLike, chance: npt.ArrayLike) -> Pilot:
    """Correlation and spread from gold.

    Parameters
    ----------
    machine, human : (N,) float
        Codes; NaN in `human` = not drawn.
    chance : (N,) float in (0, 1]
        Chances.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance lies outside (0, 1]; YH303 fewer than 10 gold units.

    Notes
    -----
    O(N). The bound is Fisher's, at Kish's size.
    """
    equal_lengths(machine=machine, human=human, chance=chance)
    answers = np.asarray(human, np.float64)
    drawn = ~np.isnan(answers)
    y, f, chances = answers[drawn], np.asarray(machine, np.float64)[drawn], np.asarray(chance, np.float64)[drawn]
    known_chances(chances)
    if y.size < 10:
        raise YuhuError(
            "YH303",
            "the pilot has too few gold units",
            facts={"found": y.size, "expected": "at least 10"},
            fix="code more, or give rho and sd",
        )
    weight = 1 / chances
    total = float(weight.sum())
    mean = float(weight @ y) / total
    away_y, away_f = y - mean, f - float(weight @ f) / total
    sd, spread = math.sqrt(float(weight @ away_y**2) / total), math.sqrt(float(weight @ away_f**2) / total)
    rho = float(weight @ (away_y * away_f)) / total / (sd * spread) if sd * spread > 0 else 0.0
    size = max(kish(weight) - 3, 1.0)
    safe = math.tanh(math.atanh(min(max(rho, -0.999999), 0.999999)) - float(stats.norm.ppf(_CAUTION)) / math.sqrt(size))
    return Pilot(rho, max(safe, 0.0), sd, mean, int(y.size))


def plan_mean(
    half_width: float,
    *,
    rho: float,
    sd: float,
    units: int | None = None,
    target: str = "corpus",
    confidence: float = 0.95,
    have: int = 0,
    share: float | None = None,
    design_effect: float = 1.0,
    machine_cost: float | None = None,
    human_cost: float | None = None,
) -> Plan:
    """Gold units for a mean ± half_width.

    Parameters
    ----------
    half_width : float > 0
        Half of the interval.
    rho : float in [0, 1]
        Correlation of human and machine code; negative counts as 0.
    sd : float > 0
        Standard deviation of the human code; √(p(1 − p)) for a share p.
    units : int, optional
        N, the units that the machine codes; None = very many.
    target : str
        ``corpus`` or ``superpopulation``.
    confidence : float in (0, 1)
        Level.
    have : int
        Gold units there are.
    share : float in (0, 1), optional
        For a share: what is expected, so that at least 15 positives and negatives come in.
    design_effect : float > 0
        Variance under strata, unequal chances or clusters, by that of a simple random sample.
    machine_cost, human_cost : float, optional
        Cost of one unit; both for the break-even.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside its range.

    Notes
    -----
    Variance of the tuned estimate: ``σ²((1 − ρ²)/n + ρ²/N)`` for other works, ``σ²(1 − ρ²)(1/n − 1/N)`` for the units at hand. The machine pays if
    ``ρ² > machine_cost·N / (human_cost·n₀)`` with n₀ gold units without it. O(1). Source: angelopoulos2023ppiplus.
    """
    _checked(half_width, sd, confidence, target, units, design_effect, share)
    gain = min(max(rho, 0.0), 1.0) ** 2
    wished = (half_width / float(stats.norm.ppf(0.5 + confidence / 2))) ** 2 / design_effect
    floor = 0 if share is None else math.ceil(LEAST_POSITIVES / min(share, 1 - share))
    gold, alone = (_needed(sd**2, each, wished, units, target, floor) for each in (gain, 0.0))
    even, pays = _break_even(gain, alone, units, machine_cost, human_cost)
    return Plan(gold, alone, () if gold is None else (gold,), None if gold is None else max(0, gold - have), 1 - gain, even, pays)


def plan_difference(
    half_width: float,
    *,
    rho: tuple[float, float],
    sd: tuple[float, float],
    units: tuple[int, int] | None = None,
    confidence: float = 0.95,
    have: int = 0,
    share: tuple[float, float] | None = None,
    design_effect: float = 1.0,
    machine_cost: float | None = None,
    human_cost: float | None = None,
) -> Plan:
    """Gold units for the difference of two groups ± half_width.

    Parameters
    ----------
    rho, sd, units, share : tuple of two
        As in `plan_mean`, of each group.
    half_width, confidence, have, design_effect, machine_cost, human_cost
        As in `plan_mean`.

    Returns
    -------
    Plan
        Gold is divided so that the whole is smallest: in proportion to σ√(1 − ρ²). `multiplier` is gold with the machine by gold without it.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside its range.

    Notes
    -----
    Variances of both groups are added; both are taken for much larger than their gold. O(1). Source: neyman1934.
    """
    for k in (0, 1):
        _checked(
            half_width, sd[k], confidence, "corpus", None if units is None else units[k], design_effect, None if share is None else share[k]
        )
    wished = (half_width / float(stats.norm.ppf(0.5 + confidence / 2))) ** 2 / design_effect
    left = [sd[k] * math.sqrt(1 - min(max(rho[k], 0.0), 1.0) ** 2) for k in (0, 1)]
    floors = [0 if share is None else math.ceil(LEAST_POSITIVES / min(share[k], 1 - share[k])) for k in (0, 1)]
    groups = tuple(max(_whole(left[k] * sum(left) / wished), floors[k], 2) for k in (0, 1))
    alone = sum(max(_whole(sd[k] * sum(sd) / wished), floors[k], 2) for k in (0, 1))
    multiplier = sum(left) ** 2 / sum(sd) ** 2
    even, pays = _break_even(1 - multiplier, alone, None if units is None else sum(units), machine_cost, human_cost)
    return Plan(sum(groups), alone, groups, max(0, sum(groups) - have), multiplier, even, pays)


def _needed(variance: float, gain: float, wished: float, units: int | None, target: str, floor: int) -> int | None:
    left = variance * (1 - gain)
    room = wished
    if units is not None:
        room = wished + left / units if target == "corpus" else wished - variance * gain / units
    if room <= 0:
        return None
    needed = max(_whole(left / room), floor, 2)
    return min(needed, units) if units is not None and target == "corpus" else None if units is not None and needed > units else needed


def _break_even(
    gain: float, alone: int | None, units: int | None, machine_cost: float | None, human_cost: float | None
) -> tuple[float | None, bool | None]:
    if machine_cost is None or human_cost is None or units is None or alone is None:
        return None, None
    if machine_cost < 0 or human_cost <= 0:
        raise YuhuError(
            "YH303",
            "a cost is negative",
            facts={"machine_cost": machine_cost, "human_cost": human_cost},
            fix="cost of one unit, human above 0",
        )
    even = machine_cost * units / (human_cost * alone)
    return even, gain > even


def _whole(number: float) -> int:
    return math.ceil(number - 1e-9)


def _checked(
    half_width: float, sd: float, confidence: float, target: str, units: int | None, design_effect: float, share: float | None
) -> None:
    proportion(confidence, "confidence")
    if share is not None:
        proportion(share, "share")
    if target not in TARGETS:
        raise YuhuError("YH303", "no target has this name", facts={"found": target, "expected": ", ".join(TARGETS)}, fix="target='corpus'")
    if not (half_width > 0 and sd > 0 and design_effect > 0) or (units is not None and units < 1):
        facts = {"half_width": half_width, "sd": sd, "design_effect": design_effect, "units": units}
        raise YuhuError("YH303", "a wish lies outside its range", facts=facts, fix="all above 0")

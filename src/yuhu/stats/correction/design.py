"""What was drawn, with which chance, in which stratum: the facts of the gold sample that every corrected estimate rests on."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints, equal_lengths, known_chances
from yuhu.stats.clusters import numbered

DESIGNS = ("probability", "convenience")
LEAST_GOLD = 10
_EXACT = 1e-9
_STRANGE = 6.0

Bounds = tuple[float, float] | None
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Gold:
    """The units that people coded, among all.

    Parameters
    ----------
    machine, chances : (N,) float
        Of every unit.
    at : (n,) int
        Where the drawn units stand.
    human, weight, left : (n,) float
        Human code; 1 / chance; 1 - chance, the part of the variance that drawing leaves.
    strata : (N,) int or None
        Stratum of every unit after collapsing; units drawn with certainty are the last one. None: all are in one.
    stratum : (n,) int
        The same of the drawn units.
    sizes : (H,) int
        Units of each stratum.
    fixed : (H,) bool
        Whether the weights of the drawn units add up to the stratum exactly: then its sample had a fixed size.
    known_design : bool
        False for gold from a convenience sample.
    """

    machine: Floats
    chances: Floats
    at: Ints
    human: Floats
    weight: Floats
    left: Floats
    strata: Ints | None
    stratum: Ints
    sizes: Ints
    fixed: Flags
    known_design: bool

    @property
    def units(self) -> int:
        """All units."""
        return int(self.machine.size)

    @property
    def coded(self) -> int:
        """Units that people coded."""
        return int(self.at.size)

    @property
    def uncertain(self) -> Flags:
        """Drawn units that might not have been drawn."""
        return np.asarray(self.left > 0)

    @property
    def is_census(self) -> bool:
        """Whether every unit was drawn with certainty."""
        return self.coded == self.units and not bool(self.left.any())


def gold_of(
    machine: npt.ArrayLike,
    human: npt.ArrayLike,
    chance: npt.ArrayLike | None,
    *,
    stratum: npt.ArrayLike | None,
    design: str,
    bounds: Bounds,
) -> Gold:
    """Check the arrays of a corrected estimate and find what was drawn.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 chances are unknown, outside (0, 1], or do not fit what was drawn; YH303 a code is missing, infinite or
        outside the bounds.

    Notes
    -----
    O(N); no copy of arrays that are float64 already.
    """
    found, coded = np.asarray(machine, np.float64), np.asarray(human, np.float64)
    if design not in DESIGNS:
        raise YuhuError(
            "YH303", "no design has this name", facts={"found": design, "expected": ", ".join(DESIGNS)}, fix="design='probability'"
        )
    if bounds is not None and not bounds[0] < bounds[1]:
        raise YuhuError(
            "YH303", "bounds are not in order", facts={"found": bounds}, fix="smallest and largest possible code: bounds=(0, 2)"
        )
    equal_lengths(machine=found, human=coded, chance=chance, stratum=stratum)
    at = np.flatnonzero(~np.isnan(coded))
    answers = coded[at]
    _inside(found, bounds, "machine")
    _inside(answers, bounds, "human")
    assumed = np.full(found.size, max(at.size, 1) / max(found.size, 1)) if design == "convenience" else None
    chances = _chances(chance, at) if assumed is None else assumed
    of_drawn = chances[at]
    certain = _certain(chances, at)
    strata, sizes = _strata(stratum, certain, chances, at)
    own = np.zeros(at.size, np.int64) if strata is None else strata[at]
    weight = 1.0 / of_drawn
    sums = np.bincount(own, weights=weight, minlength=sizes.size)
    fixed = np.abs(sums - sizes) <= _EXACT * np.maximum(sizes, 1)
    return Gold(found, chances, at, answers, weight, 1 - of_drawn, strata, own, sizes, fixed, design == "probability")


def _inside(values: Floats, bounds: Bounds, name: str) -> None:
    if not values.size:
        return
    low, high = float(values.min()), float(values.max())  # NaN comes through both
    if not (np.isfinite(low) and np.isfinite(high)):
        what = "a machine code is missing or infinite" if name == "machine" else "a human code is infinite"
        fix = (
            "leave out units that the machine did not code: the estimate does not speak of them"
            if name == "machine"
            else "NaN where not drawn"
        )
        raise YuhuError("YH303", what, facts={"found": low if not np.isfinite(low) else high}, fix=fix)
    if bounds is not None and (low < bounds[0] or high > bounds[1]):
        facts = {"found": low if low < bounds[0] else high, "expected": f"[{bounds[0]:g}, {bounds[1]:g}]"}
        raise YuhuError(
            "YH303", f"a {name} code lies outside the bounds", facts=facts, fix="bounds=(0, 2) for steps 0 to 2, bounds=None for any number"
        )


def _chances(chance: npt.ArrayLike | None, at: Ints) -> Floats:
    fix = "draw gold with `yuhu sample`, which stores the chance of each unit; or design='convenience', which gives no interval"
    if chance is None:
        raise YuhuError("YH302", "the chances of the gold units are not known", facts={"found": "None"}, fix=fix)
    chances = np.asarray(chance, np.float64)
    low, high = float(chances.min(initial=1.0)), float(chances.max(initial=0.0))
    if np.isnan(low):
        raise YuhuError("YH302", "the chances of the gold units are not known", facts={"found": "NaN"}, fix=fix)
    if low <= 0 or high > 1:
        known_chances(chances)
    expected = float(chances.sum())
    spread = expected - float(chances @ chances)
    if at.size and abs(at.size - expected) > _STRANGE * max(spread, 0.25) ** 0.5:
        raise YuhuError(
            "YH302",
            "the chances do not fit the units drawn",
            facts={"expected": f"{expected:.1f} units", "found": at.size},
            fix="NaN in human where not drawn; multiply the chances by the share that people have coded, if coding stopped early at random",
        )
    return chances


def _certain(chances: Floats, at: Ints) -> Flags | None:
    """Units with chance 1; None if there are none."""
    if float(chances.max(initial=0.0)) < 1:
        return None
    certain = np.asarray(chances >= 1)
    drawn = np.zeros(chances.size, np.bool_)
    drawn[at] = True
    if bool((certain & ~drawn).any()):
        raise YuhuError(
            "YH303",
            "a unit that was drawn with certainty has no human code",
            facts={"found": int(np.flatnonzero(certain & ~drawn)[0])},
            fix="code it, or give the chance with which coded units were coded",
        )
    return certain


def _strata(stratum: npt.ArrayLike | None, certain: Flags | None, chances: Floats, at: Ints) -> tuple[Ints | None, Ints]:
    """Stratum of each unit and the sizes; small ones are collapsed, certain units stand last."""
    if stratum is None and certain is None:
        return None, np.array([chances.size], np.int64)
    strata = np.zeros(chances.size, np.int64) if stratum is None else numbered(stratum, "stratum")[0]
    free = np.ones(chances.size, np.bool_) if certain is None else ~certain
    strata = collapsed(np.where(free, strata, -1), chances, at)
    if certain is not None:
        strata = np.where(certain, strata.max(initial=-1) + 1, strata)
    return strata, np.bincount(strata, minlength=1)


def collapsed(strata: Ints, chances: Floats, at: Ints, least: int = LEAST_GOLD) -> Ints:
    """Strata with at least `least` gold units each.

    Parameters
    ----------
    strata : (N,) int
        Stratum of each unit from 0; -1 belongs to none and stays so.
    chances : (N,) float
        Chances.
    at : (n,) int
        Drawn units.
    least : int
        Gold units that a stratum needs for a variance of its own.

    Returns
    -------
    (N,) int
        Numbered from 0. All strata with fewer than `least` gold units become one; if that has too few still, it joins the stratum with the
        nearest mean chance (of several, the largest).

    Notes
    -----
    O(N). Collapsing never biases an estimate: units keep their own chances. It only makes the interval a little wider.
    """
    inside = strata >= 0
    if not bool(inside.any()):
        return strata
    kept = strata[inside]
    sizes = np.bincount(kept)
    drawn = strata[at]
    gold = np.bincount(drawn[drawn >= 0], minlength=sizes.size)
    small = (gold < least) & (sizes > 0)
    large = (gold >= least) & (sizes > 0)
    if not bool(small.any()):
        return strata if bool(large.all()) else np.where(inside, (np.cumsum(large) - 1)[np.maximum(strata, 0)], -1)
    target = np.cumsum(large) - 1
    joined = int(large.sum())
    if int(gold[small].sum()) < least and joined:
        sums = np.bincount(kept, weights=chances[inside], minlength=sizes.size)
        wanted = float(sums[small].sum() / sizes[small].sum())
        apart = np.round(np.abs(sums[large] / sizes[large] - wanted), 12)
        joined = int(np.lexsort((-sizes[large], apart))[0])
    target = np.where(small, joined, target)
    return np.asarray(np.where(inside, target[np.maximum(strata, 0)], -1), np.int64)

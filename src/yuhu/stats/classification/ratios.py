"""Ratios of sums over a probability sample: precision, recall, F1 and their like, with intervals that hold."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths, known_chances, proportion
from yuhu.stats.clusters import LEAST_CLUSTERS, WILD_BELOW, logit_interval, numbered, wild_quantile
from yuhu.stats.correction.rare import kish
from yuhu.stats.survey import wilson_at

LEAST_UNITS = 10
_NOTHING = 1e-12


@dataclass(frozen=True)
class Coded:
    """Gold units with what machine and people said.

    Parameters
    ----------
    machine, human : (n,) or (n, K) float
        Codes.
    chance, weight : (n,) float
        Chance of the draw and its inverse.
    cluster : (n,) int or None
        Independent work of each.
    """

    machine: Floats
    human: Floats
    chance: Floats
    weight: Floats
    cluster: Ints | None


def coded_units(
    machine: npt.ArrayLike, human: npt.ArrayLike, chance: npt.ArrayLike | None, cluster: npt.ArrayLike | None, *, confidence: float
) -> Coded:
    """The units that people coded; NaN in `human` means "not drawn".

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH302 a chance is unknown or lies outside (0, 1]; YH303 confidence outside (0, 1), or a machine code is missing.
    """
    proportion(confidence, "confidence")
    found, codes = np.asarray(machine, np.float64), np.asarray(human, np.float64)
    equal_lengths(machine=found, human=codes, chance=chance, cluster=cluster)
    if chance is None:
        raise YuhuError("YH302", "the chances of the gold units are not known", facts={"found": "None"}, fix="draw gold with `yuhu sample`")
    if found.shape != codes.shape:
        raise YuhuError(
            "YH301",
            "machine and human differ in shape",
            facts={"machine": found.shape, "human": codes.shape},
            fix="one column for each code",
        )
    drawn = ~np.isnan(codes) if codes.ndim == 1 else ~np.isnan(codes).any(axis=1)
    chances = np.asarray(chance, np.float64)[drawn]
    known_chances(chances)
    if not bool(np.isfinite(found[drawn]).all()):
        raise YuhuError("YH303", "a machine code is missing or infinite", fix="leave out units that the machine did not code")
    works = None if cluster is None else numbered(np.asarray(cluster)[drawn])[0]
    return Coded(found[drawn], codes[drawn], chances, 1 / chances, works)


def only_labels(values: Floats, name: str) -> None:
    """Check that codes are 0 or 1.

    Raises
    ------
    YuhuError
        YH303 one is not.
    """
    strange = values[(values != 0) & (values != 1)]
    if strange.size:
        fix = "cut probabilities at a threshold" if name == "machine" else "the adjudicated code, or that of most coders"
        raise YuhuError("YH303", f"a {name} code is neither 0 nor 1", facts={"found": float(strange.flat[0])}, fix=fix)


def ratio(
    part: Floats, whole: Floats, coded: Coded, *, method: str, empty: str, confidence: float, generator: np.random.Generator | None = None
) -> Estimate:
    """Σ w·part / Σ w·whole, part at most whole, with its interval.

    Parameters
    ----------
    part, whole : (n,) float
        Of each gold unit.
    coded : Coded
        The sample.
    method : str
        Name of the estimate.
    empty : str
        Reason where the denominator is 0.
    confidence : float in (0, 1)
        Level.
    generator : numpy.random.Generator, optional
        For the wild bootstrap; seeded with 0 if none.

    Returns
    -------
    Estimate
        Unit "share"; n and n_gold are the units in the denominator. Without clusters: Wilson at the effective size of the linearised variance,
        with the finite-population factor, never above what as many equal weights would give. With clusters: t on the logit scale from 10
        with units in the denominator, wild bootstrap from 5 to 9. No interval below 10 units.

    Notes
    -----
    O(n). Sources: korn1998; webb2023.
    """
    inside = whole > 0
    n = int(inside.sum())
    blank = Estimate(value=None, n=n, n_gold=n, method=method, reason=empty)
    if n == 0:
        return blank
    weight = coded.weight[inside]
    mass: Floats = weight * whole[inside]
    total = float(mass.sum())
    value = min(1.0, max(0.0, float(weight @ part[inside]) / total))
    residual: Floats = weight * (part[inside] - value * whole[inside])
    if coded.cluster is not None:
        return _clustered(blank, residual, mass, coded.cluster[inside], value, confidence, generator)
    if n < LEAST_UNITS:
        return blank.with_(value=value, reason="too_few_gold")
    left = 1 - coded.chance[inside]
    if not bool(left.any()):
        return blank.with_(value=value, low=value, high=value, confidence=confidence, reason="")
    variance = n / (n - 1) * float(left @ residual**2) / total**2
    missing = float(mass @ left) / total
    most = most_units(value, weight, part[inside], whole[inside]) / missing
    effective = min(value * (1 - value) / variance, most) if variance > 0 and 0 < value < 1 else most
    low, high = wilson_at(value, effective, float(stats.t.ppf(0.5 + confidence / 2, n - 1)))
    return blank.with_(value=value, low=low, high=high, confidence=confidence, reason="")


def most_units(value: float, weight: Floats, part: Floats, whole: Floats) -> float:
    """Effective size that equal weights would give, times what unequal ones take away: what is seen may not pass for surer than this."""
    spread = float(((part - value * whole) ** 2).sum())
    equal = value * (1 - value) * float(whole.sum()) ** 2 / spread if spread > 0 and 0 < value < 1 else float(whole.sum())
    return equal * kish(weight) / weight.size


def _clustered(
    blank: Estimate,
    residual: Floats,
    mass: Floats,
    cluster: Ints,
    value: float,
    confidence: float,
    generator: np.random.Generator | None,
) -> Estimate:
    index, groups = numbered(cluster)
    if groups < LEAST_CLUSTERS:
        return blank.with_(reason="too_few_videos")
    sums: Floats = np.bincount(index, weights=residual).astype(np.float64)
    sizes: Floats = np.bincount(index, weights=mass).astype(np.float64)
    total = float(mass.sum())
    error = math.sqrt(groups / (groups - 1) * float(sums @ sums)) / total
    if error < _NOTHING:
        return blank.with_(value=value, reason="no_variation")
    if groups >= WILD_BELOW:
        low, high = logit_interval(value, float(stats.t.ppf(0.5 + confidence / 2, groups - 1)) * error)
    else:
        half = wild_quantile(sums, sizes, total, confidence, generator or np.random.default_rng(0)) * error
        low, high = max(0.0, value - half), min(1.0, value + half)
    return blank.with_(value=value, low=min(low, value), high=max(high, value), confidence=confidence, reason="")

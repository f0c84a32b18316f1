"""Prediction-powered mean in its published form: gold apart from a large sample that only the machine coded."""

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import equal_lengths, proportion

METHOD, TUNED = "ppi_mean.v1", "ppi_mean.tuned.v1"


def ppi_mean(
    machine: npt.ArrayLike, human: npt.ArrayLike, machine_rest: npt.ArrayLike, *, tuned: bool = True, confidence: float = 0.95
) -> Estimate:
    """Mean of a code from n units with both codes and N others with the machine's alone.

    Parameters
    ----------
    machine, human : (n,) float
        Codes of the gold units, a simple random sample of what `machine_rest` is a larger one of.
    machine_rest : (N,) float
        Machine codes of units that nobody else coded.
    tuned : bool
        Weigh the machine by the lambda that makes the variance smallest (PPI++), in [0, 1]; else 1 (PPI).
    confidence : float in (0, 1)
        Level of the normal interval.

    Returns
    -------
    Estimate
        Unit "mean"; n = n + N. As published: variances divided by n and N, normal quantiles, no bounds and no guard for rare codes, so that
        it can be held against other programs. For units at hand, known chances, clusters or shares use `corrected_mean`. ``too_few_gold``
        below two gold units, ``no_units`` without other ones.

    Raises
    ------
    YuhuError
        YH301 machine and human differ in length; YH303 a code is missing or infinite, or confidence outside (0, 1).

    Notes
    -----
    ``λ·mean(F) + mean(Y − λf)``; ``λ = Cov(Y, f) / ((1 + n/N) Var(f and F))``. O(n + N). Sources: angelopoulos2023ppi;
    angelopoulos2023ppiplus.
    """
    proportion(confidence, "confidence")
    equal_lengths(machine=machine, human=human)
    coded, answers, rest = (np.asarray(part, np.float64) for part in (machine, human, machine_rest))
    if not all(bool(np.isfinite(part).all()) for part in (coded, answers, rest)):
        raise YuhuError("YH303", "a code is missing or infinite", fix="gold units have both codes, the others the machine's")
    n, others = coded.size, rest.size
    blank = Estimate(value=None, n=n + others, n_gold=n, unit="mean", method=TUNED if tuned else METHOD, reason="too_few_gold")
    if n < 2 or others < 1:
        return blank if others else blank.with_(reason="no_units")
    share = _share(coded, answers, rest) if tuned else 1.0
    left = answers - share * coded
    value = share * float(rest.mean()) + float(left.mean())
    error = math.sqrt(share**2 * float(rest.var()) / others + float(left.var()) / n)
    half = float(stats.norm.ppf(0.5 + confidence / 2)) * error
    return blank.with_(value=value, low=value - half, high=value + half, confidence=confidence, reason="")


def _share(coded: npt.NDArray[np.float64], answers: npt.NDArray[np.float64], rest: npt.NDArray[np.float64]) -> float:
    together = np.concatenate((coded, rest))
    spread = float(together.var(ddof=1))
    if spread <= 0:
        return 0.0
    both = float(((answers - answers.mean()) * (coded - coded.mean())).mean())
    return min(1.0, max(0.0, both / ((1 + coded.size / rest.size) * spread)))

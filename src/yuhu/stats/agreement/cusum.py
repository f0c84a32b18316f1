"""A running alarm: errors against anchor units, one after the other."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats, proportion

_PATHS = 2000
_LENGTHS = 12
_TRIED = 200
_TINY = 1e-8


@dataclass(frozen=True)
class Cusum:
    """A CUSUM chart.

    Parameters
    ----------
    path : (T,) float
        C_t after each anchor.
    threshold : float
        The alarm's height.
    alarms : tuple of int
        Positions at which the path reached the threshold; it starts anew after each.
    """

    path: Floats
    threshold: float
    alarms: tuple[int, ...]


def cusum(errors: npt.ArrayLike, *, expected: float, slack: float, run_length: int = 200, seed: int = 0) -> Cusum:
    """Alarm when a coder errs on anchors more often than expected.

    Parameters
    ----------
    errors : (T,) float in {0, 1}
        Whether the coder missed the anchor's value, in the order of coding.
    expected : float in (0, 1)
        Share of errors that is tolerated.
    slack : float >= 0
        Half of the rise that should be found: 0.1 to find errors 20 points above what is expected.
    run_length : int
        Anchors between false alarms, on average.
    seed : int
        Of the simulation that sets the threshold.

    Returns
    -------
    Cusum
        C_t = max(0, C_{t-1} + (e_t - expected) - slack).

    Raises
    ------
    YuhuError
        YH303 an option lies outside its range, or an error is neither 0 nor 1.

    Notes
    -----
    The threshold is the smallest height whose simulated average run length is at least `run_length`: 2,000 paths of twelve run lengths.
    O(paths·run_length + T). Source: page1954.
    """
    proportion(expected, "expected")
    seen = np.asarray(errors, np.float64).reshape(-1)
    if not bool(np.all((seen == 0) | (seen == 1))):
        raise YuhuError("YH303", "an error is neither 0 nor 1", fix="1 where the coder missed the anchor, else 0")
    if slack < 0 or expected + slack >= 1 or run_length < 2:
        raise YuhuError(
            "YH303",
            "slack or run_length lies outside its range",
            facts={"slack": slack, "run_length": run_length},
            fix="slack of at least 0 with expected + slack below 1, run_length of at least 2",
        )
    threshold = _threshold(expected, slack, run_length, seed)
    path, alarms, height = np.zeros(seen.size), [], 0.0
    for at, error in enumerate(seen):
        height = max(0.0, height + error - expected - slack)
        path[at] = height
        if height >= threshold - _TINY:
            alarms.append(at)
            height = 0.0
    return Cusum(path, threshold, tuple(alarms))


@cache
def _threshold(expected: float, slack: float, run_length: int, seed: int) -> float:
    rng = generator(seed, "agreement", "cusum")
    height, record = np.zeros(_PATHS), np.zeros((_LENGTHS * run_length, _PATHS))
    highest = np.zeros(_PATHS)
    for at in range(record.shape[0]):
        height = np.maximum(0.0, height + (rng.random(_PATHS) < expected) - expected - slack)
        highest = np.maximum(highest, height)
        record[at] = highest
    candidates = np.unique(np.round(record[:, :_TRIED], 9))
    candidates = candidates[candidates > 0]
    low, high = 0, candidates.size - 1
    while low < high:
        middle = (low + high) // 2
        # a path that never got there counts with its whole length, which makes the threshold a little higher, never lower
        if float((record < candidates[middle] - _TINY).sum(axis=0).mean()) + 1 >= run_length:
            high = middle
        else:
            low = middle + 1
    return float(candidates[low]) if candidates.size else 1.0

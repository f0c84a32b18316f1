"""Events drawn from the model: those of the baseline, and generation after generation of those that they draw."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats
from yuhu.stats.hawkes.baseline import Baseline, Cells, baseline_of, cells


def simulate(
    *,
    end: float,
    levels: npt.ArrayLike,
    branching: float,
    decay: float,
    start: float = 0.0,
    baseline: Baseline | str = "constant",
    exposure: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    seed: int = 0,
) -> Floats:
    """Draw events of which each draws `branching` others on average, after a mean of `decay` seconds.

    Parameters
    ----------
    start, end : float
        The window in seconds; nothing happened before it.
    levels : (P,) float, at least 0
        Events per second (and view) at each level of the baseline.
    branching : float in [0, 1)
        n.
    decay : float > 0
        1/b, in seconds.
    baseline, exposure
        As in `fit`.
    seed : int, at least 0
        The same seed gives the same events.

    Returns
    -------
    (n,) float
        Sorted times.

    Raises
    ------
    YuhuError
        YH301 not one level for each of the baseline; YH303 a parameter lies outside its range.

    Notes
    -----
    O(n log n). Source: hawkes1974 (clusters).
    """
    if not 0 <= branching < 1 or not decay > 0 or not end > start:
        raise YuhuError(
            "YH303",
            "branching lies outside [0, 1), decay is not above 0, or the end does not come after the start",
            facts={"branching": branching, "decay": decay, "window": f"{start} to {end}"},
            fix="for example branching=0.3, decay=60",
        )
    window = cells(baseline_of(baseline, start, end), exposure, start, end)
    rates = np.asarray(levels, np.float64).reshape(-1)
    if rates.size != int(window.level.max()) + 1:
        raise YuhuError("YH301", "arrays differ in length", facts={"levels": rates.size, "baseline": int(window.level.max()) + 1})
    if not bool(np.all(np.isfinite(rates) & (rates >= 0))):
        raise YuhuError("YH303", "a level is negative or not finite", fix="give events per second")
    return start + drawn(window, rates, branching, 1 / decay, generator(seed, "hawkes", "simulate"))


def drawn(window: Cells, levels: Floats, branching: float, rate: float, source: np.random.Generator) -> Floats:
    """Sorted times since the start of the window."""
    end, widths = float(window.edges[-1]), np.diff(window.edges)
    counts = source.poisson(levels[window.level] * window.views * widths)
    where = np.repeat(np.arange(counts.size), counts)
    living = window.edges[where] + widths[where] * source.random(where.size)
    found = [living]
    while living.size:
        drew = source.poisson(branching, living.size)
        living = np.repeat(living, drew) + source.exponential(1 / rate, int(drew.sum()))
        living = living[living < end]
        found.append(living)
    return np.sort(np.concatenate(found))

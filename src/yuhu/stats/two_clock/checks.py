"""Three things that cannot have drawn a response, and must not seem to: the future, what comes later in the video, and what comes next."""

from dataclasses import dataclass

import numpy as np

from yuhu.stats.arrays import Floats
from yuhu.stats.two_clock.model import Optimum, Table, by_cohort
from yuhu.stats.two_clock.screen import Screen

NAMES = ("placebo", "control", "lead")
LEVEL = 0.05 / len(NAMES)


@dataclass(frozen=True)
class Check:
    """What one of them seems to have drawn, beside stimulus and excitation.

    Parameters
    ----------
    share : float
        Of all responses, to first order; negative where fewer came.
    statistic : float
        Score towards it, in standard errors.
    expected : float
        What the fitted model itself gives on average.
    p : float
        Chance in the fitted model of a statistic as far from that, either way.
    is_clean : bool
        Whether p is at least .05 / 3, and the check could be made at all.
    """

    share: float
    statistic: float
    expected: float
    p: float
    is_clean: bool


def scores(counts: Floats, data: Table, at: Optimum, screen: Screen) -> Floats:
    """(3, 2) statistic and share of placebo, control and lead; NaN where there is nothing to look at.

    Parameters
    ----------
    counts : (G, W, V) float
        The counts that `data` was made of.
    """
    from yuhu.stats.two_clock.climbing import score

    found = np.full((len(NAMES), 2), np.nan)
    together = counts.sum(axis=0)
    for row, other in enumerate((screen.from_future(together), screen.from_later(together), screen.from_next(together))):
        regressor = by_cohort(np.broadcast_to(other, counts.shape))
        slope, variance = score(data.counts, data.mass, data.drawn, regressor, at.pull, at.stimulus)
        reach = float((data.mass * regressor).sum())
        if variance > 1e-9 * reach * reach / max(float(data.counts.sum()), 1.0) > 0:
            found[row] = slope / np.sqrt(variance), slope / variance * reach / float(data.counts.sum())
    return found


def checks(found: Floats, simulated: Floats) -> tuple[Check, ...]:
    """The checks, from the scores and those of simulations of the fitted model.

    Parameters
    ----------
    found : (3, 2) float
        From `scores`.
    simulated : (B, 3) float
        Statistics of B tables drawn from the fitted model and fitted anew.
    """
    made = []
    for (statistic, share), drawn in zip(found.tolist(), simulated.T, strict=True):
        usable = drawn[np.isfinite(drawn)]
        if not np.isfinite(statistic) or 2 * usable.size < drawn.size or usable.size == 0:
            made.append(Check(0.0, 0.0, 0.0, 0.0, is_clean=False))
            continue
        centre = float(usable.mean())
        p = float(1 + np.sum(np.abs(usable - centre) >= abs(statistic - centre))) / (usable.size + 1)
        made.append(Check(share, statistic, centre, p, is_clean=p >= LEVEL))
    return tuple(made)

"""Krippendorff's alpha: ratings in, an estimate with its interval and the chance of falling below a minimum out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import coefficients as known
from yuhu.stats.agreement.estimation import Options, check_interval, estimated
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.units import Units, units_of
from yuhu.stats.arrays import Floats

TENTATIVE, FIRM = 0.667, 0.80
Values = Sequence[float] | Floats | None


@dataclass(frozen=True, kw_only=True)
class AlphaEstimate(Estimate):
    """Krippendorff's alpha with the chance of falling below a minimum.

    Parameters
    ----------
    minimum : float
        The minimum.
    p_below : float or None
        Share of bootstrap samples (units, or videos if clusters were given) in which alpha lies below the minimum or is undefined. Where
        nobody disagreed: the chance of seeing no disagreement if alpha stood at the minimum. None where alpha has no value, and below 10 units
        or 8 videos.
    """

    minimum: float = TENTATIVE
    p_below: float | None = None

    @property
    def verdict(self) -> str:
        """``firm`` (lower bound at least .80), ``tentative`` (.667), ``below``, ``no_interval`` or ``undefined``."""
        if self.value is None:
            return "undefined"
        if self.low is None:
            return "no_interval"
        return "firm" if self.low >= FIRM else "tentative" if self.low >= TENTATIVE else "below"


def krippendorff_alpha(
    ratings: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    minimum: float = TENTATIVE,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> AlphaEstimate:
    """Krippendorff's alpha: agreement of any number of coders beyond chance, with missing codings.

    Parameters
    ----------
    ratings : (m, N) float
        One row for each coder; NaN means "not coded", nothing else.
    level : str
        ``nominal``, ``ordinal`` (Krippendorff's), ``interval``, ``ratio``, or ``ordinal_gwet`` (Gwet's fixed weights).
    values : sequence of float, optional
        The codebook's values; a rating that is none of them is an error. Those that occur if none are given.
    weights : (N,) float > 0, optional
        Inverse chance of each unit: an enriched sample then speaks of its population.
    cluster : (N,) int or str, optional
        Video of each unit; whole videos are then resampled, never units.
    interval : str
        ``jackknife`` on log(1 - alpha), ``bootstrap`` of units (of videos with `cluster`), ``video``: the bootstrap that insists on
        `cluster`, or ``hayes2007``, with a warning, to reproduce a published figure.
    minimum : float in [-1, 1]
        For `AlphaEstimate.p_below`.
    confidence : float in (0, 1)
        Level of the interval.
    draws : int
        Bootstrap samples.
    seed : int
        Of the bootstrap.

    Returns
    -------
    AlphaEstimate
        Unit "coefficient"; undefined without two units that two coders coded, and where only one value was used. No interval below 10 such
        units or below 8 videos. Where nobody disagreed the interval is an exact bound (method ``….bound.v1``).

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating is infinite, none of the values, or not possible at the level.

    Notes
    -----
    O(N·m) once, then O(draws·P·K) for P patterns (at most C(m+K, K) - 1), whatever N. Sources: krippendorff2019; efron1993 (jackknife and
    bootstrap); zapf2016 (units are what to resample); hayes2007.
    """
    options = Options(interval, minimum, confidence, draws, seed)
    units = units_of(checked_ratings(ratings, level=level, values=values, weights=weights, cluster=cluster))
    coefficient = known.alpha(listed_values(units), level)
    check_interval(units, options, coefficient)
    found, below = estimated(units, [coefficient], options, level=level, scheme="identity")
    return alpha_estimate(found[0], below[0], minimum)


def alpha_estimate(found: Estimate, below: float | None, minimum: float) -> AlphaEstimate:
    """An estimate of alpha with what it says about a minimum."""
    fields = {name: getattr(found, name) for name in Estimate.__dataclass_fields__}
    return AlphaEstimate(**fields, minimum=minimum, p_below=below)


def listed_values(units: Units) -> Floats:
    """The values; a lone 0 where there are no ratings to take them from."""
    return units.ratings.values if units.ratings.values.size else np.zeros(1)

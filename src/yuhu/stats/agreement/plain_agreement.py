"""Agreement that is not corrected for chance: in percent, and on one value."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import coefficients as known
from yuhu.stats.agreement.alpha import Values
from yuhu.stats.agreement.coefficients import Coefficient
from yuhu.stats.agreement.estimation import Options
from yuhu.stats.agreement.one_coefficient import Build, one_coefficient, with_scheme
from yuhu.stats.agreement.units import Units
from yuhu.stats.arrays import Floats


def percent_agreement(
    ratings: npt.ArrayLike,
    *,
    values: Values = None,
    scheme: str = "identity",
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Mean share of agreeing pairs within a unit, over the units that two coders coded.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`; `interval` may also be ``gwet``, his variance with t.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "share"; undefined only where nothing can be compared. Interval on the logit scale; at 0 and 1 an exact bound.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Source: gwet2014.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, with_scheme(known.percent, scheme), scheme, values, weights, cluster, options)


def specific_agreement(
    ratings: npt.ArrayLike,
    *,
    value: float,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Agreement on one value: the chance that another coder of the unit gives it where one did.

    With two coders this is 2a / (2a + b + c); of a binary code it is positive agreement for 1 and negative agreement for 0.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`.
    value : float
        The value.

    Returns
    -------
    Estimate
        Unit "share", n = units in which a coder gave the value; undefined if nobody did. Interval on the logit scale; at 0 and 1 an
        exact bound.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option, or the value is none of the values; YH304 a rating.

    Notes
    -----
    Coincidences of the value with itself by its ratings. Cost as for `krippendorff_alpha`. Source: cicchetti1990.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, _specific(value), "identity", values, weights, cluster, options)


def _specific(value: float) -> Build:
    def checked(_: Units, listed: Floats) -> Coefficient:
        place = np.flatnonzero(listed == value)
        if not place.size:
            found = {"found": value, "values": ", ".join(f"{one:g}" for one in listed[:12])}
            raise YuhuError("YH303", "the value is none of the values", facts=found, fix="give all values of the codebook as values=")
        return known.specific(int(place[0]))

    return checked

"""How many units two or more coders must share, for an interval of alpha as short, or a lower bound as high, as is wished."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import coefficients as known
from yuhu.stats.agreement.alpha import Values, krippendorff_alpha, listed_values
from yuhu.stats.agreement.intervals import frame, jackknife_error, left_out
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.units import units_of
from yuhu.stats.arrays import proportion

_CAUTION = 0.80


@dataclass(frozen=True)
class ReliabilityPlan:
    """Units to be coded by all coders of the pilot.

    Parameters
    ----------
    units : int or None
        None where no number of units is enough: the minimum is not below the alpha that is expected.
    cautious : int or None
        The same with the upper 80 % bound of the pilot's standard deviation: a small pilot knows it badly.
    alpha : float
        Alpha that is expected.
    sd : float
        Standard deviation of one unit's influence on alpha: its standard error times the root of the number of units.
    pilot_units : int
        Units of the pilot with two ratings; 0 if the standard deviation was given.
    """

    units: int | None
    cautious: int | None
    alpha: float
    sd: float
    pilot_units: int = 0


def influence_sd(ratings: npt.ArrayLike, *, level: str, values: Values = None) -> tuple[float, float, int]:
    """Alpha of a pilot, the standard deviation of one unit's influence on it, and the units it rests on.

    Parameters
    ----------
    ratings, level, values
        As in `krippendorff_alpha`.

    Raises
    ------
    YuhuError
        YH303 the pilot's alpha is undefined, or all its variation sits in too few units; else as `krippendorff_alpha`.

    Notes
    -----
    The jackknife's standard error times √N. O(N·m).
    """
    found = krippendorff_alpha(ratings, level=level, values=values, draws=100)
    units = units_of(checked_ratings(ratings, level=level, values=values))
    if found.value is None:
        raise YuhuError(
            "YH303", "the pilot says nothing about alpha", facts={"found": found.why_none()}, fix="code a larger pilot, or give sd="
        )
    coefficient = known.alpha(listed_values(units), level)
    part = frame(units.by_count, units.ratings.values, [coefficient], level=level, scheme="identity")
    left, number = left_out(part, [coefficient], None)[0]
    error = 0.0 if np.isnan(left).any() else jackknife_error(left, number)
    if error <= 0:
        reason = "no unit of the pilot disagreed" if found.value == 1 else "all variation of the pilot sits in too few units"
        raise YuhuError("YH303", "the pilot says nothing about alpha", facts={"found": reason}, fix="code a larger pilot, or give sd=")
    return float(found.value), error * math.sqrt(units.pairable), units.pairable


def plan_half_width(sd: float, half_width: float, *, confidence: float = 0.95) -> int:
    """Units for an interval of alpha ± half_width.

    Parameters
    ----------
    sd : float > 0
        Standard deviation of one unit's influence, from `influence_sd`.
    half_width : float in (0, 1)
        Half of the interval's width.
    confidence : float in (0, 1)
        Level of the two-sided interval.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside its range.

    Notes
    -----
    (z·sd / half_width)². O(1).
    """
    proportion(confidence, "confidence")
    proportion(half_width, "half_width")
    _positive(sd)
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    return math.ceil((z * sd / half_width) ** 2)


def plan_lower_bound(
    sd: float, alpha: float, *, minimum: float = 0.667, confidence: float = 0.95, sides: int = 2, assurance: float = 0.80, log: bool = True
) -> int | None:
    """Units so that the lower bound of alpha lies above a minimum.

    Parameters
    ----------
    sd : float > 0
        Standard deviation of one unit's influence, from `influence_sd`.
    alpha : float < 1
        Alpha that is expected.
    minimum : float
        What the lower bound shall exceed.
    confidence : float in (0, 1)
        Level of the interval.
    sides : int
        2 for the lower end of a two-sided interval, as the program prints it, 1 for a one-sided bound.
    assurance : float in [0.5, 1)
        Chance that the bound comes out above the minimum; .5 is only its expectation.
    log : bool
        On the scale of log(1 - alpha), as the program's intervals; else alpha ± z·error.

    Returns
    -------
    int or None
        None if alpha is not above the minimum.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside its range.

    Notes
    -----
    ((z_confidence + z_assurance)·sd / distance)², distance = alpha - minimum, or (1 - alpha)·log((1 - minimum)/(1 - alpha)). O(1).
    """
    proportion(confidence, "confidence")
    _positive(sd)
    if not 0.5 <= assurance < 1 or sides not in {1, 2} or not alpha < 1 or not minimum < 1:
        facts = {"assurance": assurance, "sides": sides, "alpha": alpha, "minimum": minimum}
        raise YuhuError(
            "YH303", "a wish lies outside its range", facts=facts, fix="assurance in [0.5, 1), sides 1 or 2, alpha and minimum below 1"
        )
    if alpha <= minimum:
        return None
    z = float(stats.norm.ppf(1 - (1 - confidence) / sides)) + float(stats.norm.ppf(assurance))
    distance = (1 - alpha) * math.log((1 - minimum) / (1 - alpha)) if log else alpha - minimum
    return math.ceil((z * sd / distance) ** 2)


def plan_reliability(
    pilot: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    half_width: float | None = None,
    minimum: float | None = None,
    alpha: float | None = None,
    confidence: float = 0.95,
    assurance: float = 0.80,
) -> ReliabilityPlan:
    """Units for a wished half-width, or for a lower bound above a minimum, from pilot ratings.

    Parameters
    ----------
    pilot : (m, N) float
        Ratings of the pilot by the coders who will code; they never enter the alpha that is reported.
    level, values
        As in `krippendorff_alpha`.
    half_width : float, optional
        Wished half-width; this or `minimum`.
    minimum : float, optional
        What the lower bound shall exceed.
    alpha : float, optional
        Alpha that is expected; the pilot's if none is given.
    confidence, assurance : float
        As in `plan_lower_bound`.

    Returns
    -------
    ReliabilityPlan

    Raises
    ------
    YuhuError
        YH303 neither or both wishes, or the pilot says nothing; YH304 a rating.

    Notes
    -----
    The upper bound of the standard deviation takes the influences for normal (chi-square, 80 %). Source: browne1995.
    """
    if (half_width is None) == (minimum is None):
        raise YuhuError("YH303", "one wish is needed", fix="give half_width= or minimum=")
    found, sd, n = influence_sd(pilot, level=level, values=values)
    expected = found if alpha is None else alpha
    upper = sd * math.sqrt((n - 1) / float(stats.chi2.ppf(1 - _CAUTION, n - 1)))
    if half_width is not None:
        units: list[int | None] = [plan_half_width(each, half_width, confidence=confidence) for each in (sd, upper)]
    else:
        least = 0.667 if minimum is None else minimum
        units = [plan_lower_bound(each, expected, minimum=least, confidence=confidence, assurance=assurance) for each in (sd, upper)]
    return ReliabilityPlan(units[0], units[1], expected, sd, n)


def bloch_kraemer_units(minimum: float, rarest: float, *, confidence: float = 0.95) -> int:
    """Units so that alpha of two coders on a binary code can be told from a minimum, after Bloch and Kraemer.

    Parameters
    ----------
    minimum : float in [0, 1)
        Smallest alpha that is acceptable.
    rarest : float in (0, 1)
        Share of the rarest value.
    confidence : float in (0, 1)
        Level, one-sided.

    Returns
    -------
    int
        z²·((1 + α)(3 - α) / (4(1 - α)p(1 - p)) - α), rounded up.

    Raises
    ------
    YuhuError
        YH303 an argument lies outside its range.

    Notes
    -----
    O(1). Sources: bloch1989; krippendorff2019. Pilot data give a better answer: `plan_reliability`.
    """
    proportion(confidence, "confidence")
    proportion(rarest, "rarest")
    if not 0 <= minimum < 1:
        raise YuhuError("YH303", "minimum lies outside [0, 1)", facts={"found": minimum}, fix="for example minimum=0.667")
    z = float(stats.norm.ppf(confidence))
    inner = (1 + minimum) * (3 - minimum) / (4 * (1 - minimum) * rarest * (1 - rarest)) - minimum
    return math.ceil(z * z * inner)


def _positive(sd: float) -> None:
    if not sd > 0 or not math.isfinite(sd):
        raise YuhuError("YH303", "sd is not a positive number", facts={"found": sd}, fix="take it from influence_sd")

"""Coefficients corrected for chance beside alpha: ratings in, an estimate with its interval out."""

from collections.abc import Callable

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


def gwet_ac1(
    ratings: npt.ArrayLike,
    *,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Gwet's AC1: agreement beyond chance, where chance shrinks as one value prevails.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`; it depends on the number of
        `values`, so give the codebook's. `interval` may also be ``gwet``, his variance with t.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is. Near 1 for a rare code whatever happens to the rare value: read `specific_agreement` too.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Source: gwet2008.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, with_scheme(known.gwet, "identity"), "identity", values, weights, cluster, options)


def gwet_ac2(
    ratings: npt.ArrayLike,
    *,
    values: Values = None,
    scheme: str = "quadratic",
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Estimate:
    """Gwet's AC2: AC1 with partial agreement between near values.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`; `interval` may also be ``gwet``, his variance with t.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Sources: gwet2008, gwet2014.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, with_scheme(known.gwet, scheme), scheme, values, weights, cluster, options)


def fleiss_kappa(
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
    """Fleiss' kappa, with missing codings as Gwet extends it: chance from the values of all coders together.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`; `interval` may also be ``gwet``, his variance with t.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Sources: fleiss1971, gwet2014.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, with_scheme(known.fleiss, scheme), scheme, values, weights, cluster, options)


def brennan_prediger(
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
    """Brennan and Prediger's kappa: chance takes every value of the codebook for as likely.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`; `interval` may also be ``gwet``, his variance with t.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Sources: brennan1981, gwet2014.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, with_scheme(known.brennan_prediger, scheme), scheme, values, weights, cluster, options)


def conger_kappa(
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
    """Conger's kappa: Cohen's for any number of coders, each with margins of its own.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`, with patterns that keep who said what. Sources: conger1980, gwet2014.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(
        ratings, lambda units, listed: known.conger(listed, scheme, len(units.coders)), scheme, values, weights, cluster, options
    )


def cohen_kappa(
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
    """Cohen's kappa of two coders, in the units that both coded.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is. No interval if a coder used one value only: it is then 0
        whatever the other did.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option, or more than two coders; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Sources: cohen1960, cohen1968.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, _two(known.cohen, scheme), scheme, values, weights, cluster, options)


def scott_pi(
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
    """Scott's pi of two coders, in the units that both coded: chance from the values of both together.

    Parameters
    ----------
    ratings, values, weights, cluster, interval, confidence, draws, seed
        As in `krippendorff_alpha`.
    scheme : str
        Weights of partial agreement, one of `SCHEMES`.

    Returns
    -------
    Estimate
        Unit "coefficient"; undefined where alpha is.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 an option, or more than two coders; YH304 a rating.

    Notes
    -----
    Cost as for `krippendorff_alpha`. Source: scott1955.
    """
    options = Options(interval, confidence=confidence, draws=draws, seed=seed)
    return one_coefficient(ratings, _two(known.scott, scheme), scheme, values, weights, cluster, options)


def _two(build: Callable[[Floats, str], Coefficient], scheme: str) -> Build:
    def checked(units: Units, listed: Floats) -> Coefficient:
        number = len(units.coders)
        if number > 2:
            raise YuhuError(
                "YH303", "this coefficient compares two coders", facts={"found": number}, fix="give two rows, or use conger_kappa"
            )
        return build(listed, scheme)

    return checked

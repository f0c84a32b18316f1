"""One coefficient from ratings to its estimate: what its public function shares with the others."""

from collections.abc import Callable

import numpy.typing as npt

from yuhu.core.estimate import Estimate
from yuhu.stats.agreement.alpha import Values, listed_values
from yuhu.stats.agreement.coefficients import Coefficient
from yuhu.stats.agreement.distances import SCHEMES
from yuhu.stats.agreement.estimation import Options, check_interval, estimated
from yuhu.stats.agreement.ratings import checked_ratings, one_of
from yuhu.stats.agreement.units import Units, units_of
from yuhu.stats.arrays import Floats

Build = Callable[[Units, Floats], Coefficient]


def with_scheme(build: Callable[[Floats, str], Coefficient], scheme: str) -> Build:
    """A builder that only needs the values and the scheme."""
    return lambda _, listed: build(listed, scheme)


def one_coefficient(
    ratings: npt.ArrayLike,
    build: Build,
    scheme: str,
    values: Values,
    weights: npt.ArrayLike | None,
    cluster: npt.ArrayLike | None,
    options: Options,
) -> Estimate:
    """The estimate of one coefficient; raises as its public function says."""
    one_of(scheme, SCHEMES, "scheme")
    level = "ratio" if scheme == "ratio" else "nominal"
    units = units_of(checked_ratings(ratings, level=level, values=values, weights=weights, cluster=cluster))
    coefficient = build(units, listed_values(units))
    check_interval(units, options, coefficient)
    return estimated(units, [coefficient], options, level=level, scheme=scheme)[0][0]

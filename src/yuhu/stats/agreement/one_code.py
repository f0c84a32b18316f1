"""All that is said about the agreement on one code, from one pass over its ratings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import coefficients as known
from yuhu.stats.agreement.alpha import TENTATIVE, AlphaEstimate, Values, alpha_estimate, krippendorff_alpha, listed_values
from yuhu.stats.agreement.coefficients import Coefficient
from yuhu.stats.agreement.distances import SCHEMES
from yuhu.stats.agreement.estimation import Options, estimated
from yuhu.stats.agreement.ratings import MANY_VALUES, checked_ratings, one_of
from yuhu.stats.agreement.units import Units, units_of

_SHOWN_VALUES = 64
SCHEME_OF = {"nominal": "identity", "ordinal": "ordinal_gwet", "interval": "quadratic", "ratio": "ratio", "ordinal_gwet": "ordinal_gwet"}


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """All that is said about the agreement on one code.

    Parameters
    ----------
    level : str
        Scale of measurement.
    values : tuple of float
        The codebook's values in ascending order.
    alpha : AlphaEstimate
        Krippendorff's alpha: the coefficient to decide by.
    enriched : AlphaEstimate or None
        Alpha of the units as drawn (method ``krippendorff_alpha_as_drawn…``), where weights make `alpha` that of the population.
    coefficients : mapping of str to Estimate
        ``percent_agreement, gwet_ac1, fleiss_kappa, conger_kappa, brennan_prediger``; ``cohen_kappa, scott_pi`` with two coders;
        ``gwet_ac2`` at levels above nominal.
    specific : mapping of float to Estimate
        Agreement on each value, with its `value_id`; of a binary code 1 is positive, 0 negative agreement. Empty above 64 values; above 1,000 only
        alpha and percent agreement are given.
    n_coders, n_units, n_pairable, n_pairs : int
        Coders; units with a rating; units with two; pairs of ratings.
    used : tuple of int
        Ratings of each value in units with two ratings.
    n_videos : int or None
        Clusters with a unit that has two ratings.
    """

    level: str
    values: tuple[float, ...]
    alpha: AlphaEstimate
    enriched: AlphaEstimate | None
    coefficients: Mapping[str, Estimate]
    specific: Mapping[float, Estimate]
    n_coders: int
    n_units: int
    n_pairable: int
    n_pairs: int
    used: tuple[int, ...]
    n_videos: int | None = None

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """All estimates in one row: alpha, alpha as drawn, coefficients, values."""
        return (self.alpha, *((self.enriched,) if self.enriched else ()), *self.coefficients.values(), *self.specific.values())

    @property
    def p_below(self) -> float | None:
        """Chance that alpha lies below the minimum; see `AlphaEstimate`."""
        return self.alpha.p_below

    @property
    def verdict(self) -> str:
        """That of alpha; see `AlphaEstimate.verdict`."""
        return self.alpha.verdict


def agreement(
    ratings: npt.ArrayLike,
    *,
    level: str,
    values: Values = None,
    weights: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    interval: str = "jackknife",
    scheme: str | None = None,
    minimum: float = TENTATIVE,
    confidence: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> Agreement:
    """All coefficients of one code from one pass over its ratings.

    Parameters
    ----------
    ratings, level, values, weights, cluster, minimum, confidence, draws, seed
        As in `krippendorff_alpha`.
    interval : str
        ``jackknife``, ``bootstrap`` or ``video``, for all coefficients alike.
    scheme : str, optional
        Weights of AC2; by default those that go with the level.

    Returns
    -------
    Agreement
        With the same alpha as `krippendorff_alpha`.

    Raises
    ------
    YuhuError
        YH301, YH303, YH304 as in `krippendorff_alpha`.

    Notes
    -----
    O(N·m) once, then O(draws·P·K) for P patterns, whatever N. The coefficients that ask who coded (Cohen, Conger) need finer patterns and
    have samples of their own; all others share theirs.
    """
    options = Options(interval, minimum, confidence, draws, seed)
    if interval not in {"jackknife", "bootstrap", "video"}:
        raise YuhuError("YH303", f"interval={interval!r} is not for all coefficients", fix="use interval='jackknife'")
    chosen = scheme or SCHEME_OF.get(level, "identity")
    one_of(chosen, SCHEMES, "scheme")
    units = units_of(checked_ratings(ratings, level=level, values=values, weights=weights, cluster=cluster))
    plain, fine = _all(units, level, chosen)
    found, below = estimated(units, plain, options, level=level, scheme=chosen)
    found += estimated(units, fine, options, level=level, scheme=chosen)[0]
    named = dict(zip([each.name for each in (*plain, *fine)], found, strict=True))
    places = {each.only: at for at, each in enumerate(plain) if each.only is not None}
    listed = units.ratings.values
    return Agreement(
        level=level,
        values=tuple(float(value) for value in listed),
        alpha=alpha_estimate(found[0], below[0], minimum),
        enriched=_enriched(ratings, level, values, cluster, options) if weights is not None else None,
        coefficients={name: one for name, one in named.items() if name not in {"krippendorff_alpha", "specific_agreement"}},
        specific={float(listed[place]): found[at].with_(value_id=f"{listed[place]:g}") for place, at in places.items()},
        n_coders=len(units.coders),
        n_units=units.coded,
        n_pairable=units.pairable,
        n_pairs=units.pairs,
        used=tuple(int(number) for number in units.used),
        n_videos=units.clusters if cluster is not None else None,
    )


def _enriched(ratings: npt.ArrayLike, level: str, values: Values, cluster: npt.ArrayLike | None, options: Options) -> AlphaEstimate:
    found = krippendorff_alpha(
        ratings,
        level=level,
        values=values,
        cluster=cluster,
        interval=options.interval,
        minimum=options.minimum,
        confidence=options.confidence,
        draws=options.draws,
        seed=options.seed,
    )
    return replace(found, method=found.method.replace("krippendorff_alpha", "krippendorff_alpha_as_drawn"))


def _all(units: Units, level: str, scheme: str) -> tuple[list[Coefficient], list[Coefficient]]:
    """Coefficients that only count values (alpha first), and those that ask who gave them."""
    listed, two = listed_values(units), len(units.coders) == 2
    plain = [known.alpha(listed, level), known.percent(listed, "identity")]
    if listed.size > MANY_VALUES:
        return plain, []
    plain += [known.gwet(listed, "identity"), *([known.gwet(listed, scheme)] if scheme != "identity" else [])]
    plain += [known.fleiss(listed, "identity"), known.brennan_prediger(listed, "identity")]
    if two:
        plain.append(known.scott(listed, "identity"))
    if listed.size <= _SHOWN_VALUES:
        plain += [known.specific(place) for place in range(units.ratings.values.size)]
    fine = [*([known.cohen(listed, "identity")] if two else []), known.conger(listed, "identity", len(units.coders))]
    return plain, fine

"""Every agreement coefficient in one form: a function of sums over units, and what its interval must know."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yuhu.stats.agreement import chance
from yuhu.stats.agreement.coincidences import alpha_parts, alpha_sums, largest_disagreement
from yuhu.stats.agreement.distances import split_share, square, weight
from yuhu.stats.agreement.moments import Totals
from yuhu.stats.agreement.patterns import Patterns
from yuhu.stats.arrays import Floats

UNIT = {"chance": "coefficient", "share": "share"}


@dataclass(frozen=True)
class Coefficient:
    """One coefficient for given values.

    Parameters
    ----------
    name, variant : str
        For example ``krippendorff_alpha`` and ``ordinal``.
    sums : tuple of str
        Keys of `moments.SUMS`.
    value : callable
        Totals of b resamples to (b,) values, NaN where undefined.
    room : callable
        Totals to (b,) disagreement expected by chance; 1 for shares.
    worst : callable
        Patterns with two ratings and their totals to the largest disagreement of one unit, on the scale of `room`.
    kind : str
        ``chance`` (at most 1, no lower bound) or ``share`` (0 to 1).
    by_coder : bool
        Whether it must know who coded.
    paired_only : bool
        Whether units with one rating leave it alone.
    only : int or None
        The value of the codebook that it is about.
    unit_chance : callable or None
        (P, K) shares of each value in single units and Totals to (P,) chance agreement of each, for Gwet's variance.
    """

    name: str
    variant: str
    sums: tuple[str, ...]
    value: Callable[[Totals], Floats]
    room: Callable[[Totals], Floats]
    worst: Callable[[Patterns, Totals], float]
    kind: str = "chance"
    by_coder: bool = False
    paired_only: bool = False
    only: int | None = None
    unit_chance: Callable[[Floats, Totals], Floats] | None = None


def alpha(values: Floats, level: str) -> Coefficient:
    """Krippendorff's alpha."""
    parts = alpha_parts(level, values)

    def value(totals: Totals) -> Floats:
        observed, expected = parts(totals)
        return 1 - observed / expected

    return Coefficient(
        "krippendorff_alpha",
        level,
        tuple(alpha_sums(level)),
        value,
        lambda totals: parts(totals)[1],
        lambda patterns, totals: largest_disagreement(patterns, level, values, totals),
        paired_only=True,
    )


def gwet(values: Floats, scheme: str) -> Coefficient:
    """Gwet's AC1 or AC2."""
    total = float(square(weight(scheme, values), values.size).sum()) if values.size > 1 else 1.0
    size = max(values.size, 2)

    def unit_chance(shares: Floats, totals: Totals) -> Floats:
        overall = totals.many("shares")[0] / totals.one("coded")[0]
        found: Floats = total / (size * (size - 1)) * (shares @ (1 - overall))
        return found

    name = "gwet_ac1" if scheme == "identity" else "gwet_ac2"
    return _kappa(name, values, scheme, chance.gwet(values, scheme), ("shares", "coded"), unit_chance=unit_chance)


def fleiss(values: Floats, scheme: str) -> Coefficient:
    """Fleiss' kappa."""
    table = square(weight(scheme, values), values.size)

    def unit_chance(shares: Floats, totals: Totals) -> Floats:
        found: Floats = shares @ (table @ (totals.many("shares")[0] / totals.one("coded")[0]))
        return found

    return _kappa("fleiss_kappa", values, scheme, chance.fleiss(values, scheme), ("shares", "coded"), unit_chance=unit_chance)


def brennan_prediger(values: Floats, scheme: str) -> Coefficient:
    """Brennan and Prediger's kappa."""
    same = float(square(weight(scheme, values), values.size).mean())
    parts = chance.brennan_prediger(values, scheme)
    return _kappa("brennan_prediger", values, scheme, parts, (), unit_chance=lambda shares, _: np.full(shares.shape[0], same))


def scott(values: Floats, scheme: str) -> Coefficient:
    """Scott's pi of two coders."""
    return _kappa("scott_pi", values, scheme, chance.scott(values, scheme), ("used", "ratings"), paired_only=True)


def cohen(values: Floats, scheme: str) -> Coefficient:
    """Cohen's kappa of two coders."""
    return _kappa("cohen_kappa", values, scheme, chance.cohen(values, scheme), ("both_margins",), by_coder=True, paired_only=True)


def conger(values: Floats, scheme: str, coders: int) -> Coefficient:
    """Conger's kappa of m coders."""
    return _kappa("conger_kappa", values, scheme, chance.conger(values, scheme, coders), ("margins",), by_coder=True)


def percent(values: Floats, scheme: str) -> Coefficient:
    """Percent agreement, as a share."""
    plain = scheme == "identity"
    return Coefficient(
        "percent_agreement",
        scheme,
        ("agreed" if plain else "near", "pairable"),
        lambda totals: chance.observed(totals, plain=plain),
        _whole,
        lambda patterns, _: _farthest(patterns, values, scheme),
        kind="share",
        paired_only=True,
        unit_chance=lambda shares, _: np.zeros(shares.shape[0]),
    )


def specific(place: int) -> Coefficient:
    """Agreement on one value: chance that a second coder gives it where a first one did."""

    def value(totals: Totals) -> Floats:
        used = totals.many("used")[:, place]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(used > 0, totals.many("same")[:, place] / used, np.nan)

    return Coefficient(
        "specific_agreement", "", ("same", "used"), value, _whole, lambda *_: 1.0, kind="share", paired_only=True, only=place
    )


def _kappa(
    name: str,
    values: Floats,
    scheme: str,
    parts: chance.Parts,
    sums: tuple[str, ...],
    *,
    by_coder: bool = False,
    paired_only: bool = False,
    unit_chance: Callable[[Floats, Totals], Floats] | None = None,
) -> Coefficient:
    return Coefficient(
        name,
        scheme,
        ("agreed" if scheme == "identity" else "near", "pairable", *sums),
        lambda totals: chance.corrected(*parts(totals)),
        lambda totals: 1 - parts(totals)[1],
        lambda patterns, _: _farthest(patterns, values, scheme),
        by_coder=by_coder,
        paired_only=paired_only,
        unit_chance=unit_chance,
    )


def _whole(totals: Totals) -> Floats:
    return np.ones(totals.array.shape[0])


def _farthest(patterns: Patterns, values: Floats, scheme: str) -> float:
    raters = int(patterns.raters.min())
    return split_share(raters, kinds=2 if scheme in {"linear", "quadratic", "ordinal_gwet"} else values.size)

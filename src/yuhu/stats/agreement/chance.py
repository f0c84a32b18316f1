"""Agreement corrected for chance in other ways than alpha's: Cohen, Scott, Fleiss, Conger, Brennan and Prediger, Gwet."""

from collections.abc import Callable

import numpy as np

from yuhu.stats.agreement.distances import square, weight
from yuhu.stats.agreement.moments import Totals
from yuhu.stats.arrays import Floats

Parts = Callable[[Totals], tuple[Floats, Floats]]
"""Totals of b resamples to (b,) observed agreement and (b,) agreement expected by chance."""


def observed(totals: Totals, *, plain: bool) -> Floats:
    """(b,) mean over units with two ratings of the share of their pairs that agree."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return totals.one("agreed" if plain else "near") / totals.one("pairable")


def gwet(values: Floats, scheme: str) -> Parts:
    """Gwet's AC1 (scheme ``identity``) or AC2: chance agreement T·Σ π(1-π) / (K(K-1)). Source: gwet2008."""
    total = float(square(weight(scheme, values), values.size).sum()) if scheme != "identity" else float(values.size)
    size = values.size

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        share = _shares(totals)
        return observed(totals, plain=scheme == "identity"), total / (size * (size - 1)) * (share * (1 - share)).sum(axis=1)

    return parts


def fleiss(values: Floats, scheme: str) -> Parts:
    """Fleiss' kappa in Gwet's extension to missing ratings: chance agreement Σ w·π·π. Sources: fleiss1971, gwet2014."""
    table = _table(values, scheme)

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        return observed(totals, plain=table is None), _pairs(_shares(totals), table)

    return parts


def brennan_prediger(values: Floats, scheme: str) -> Parts:
    """Brennan and Prediger's kappa: every value is as likely. Source: brennan1981."""
    chance = float(square(weight(scheme, values), values.size).mean()) if scheme != "identity" else 1 / values.size

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        agreed = observed(totals, plain=scheme == "identity")
        return agreed, np.full(agreed.shape, chance)

    return parts


def scott(values: Floats, scheme: str) -> Parts:
    """Scott's pi of two coders: chance agreement from the values of both together, in the units that both coded. Source: scott1955."""
    table = _table(values, scheme)

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        with np.errstate(divide="ignore", invalid="ignore"):
            share = totals.many("used") / totals.one("ratings")[:, None]
        return observed(totals, plain=table is None), _pairs(share, table)

    return parts


def cohen(values: Floats, scheme: str) -> Parts:
    """Cohen's kappa of two coders, in the units that both coded. Sources: cohen1960, cohen1968 (weighted)."""
    table = _table(values, scheme)

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        both = totals.many("both_margins").reshape(-1, 2, values.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            both = both / totals.one("pairable")[:, None, None]
        other = both[:, 1] if table is None else both[:, 1] @ table
        return observed(totals, plain=table is None), (both[:, 0] * other).sum(axis=1)

    return parts


def conger(values: Floats, scheme: str, coders: int) -> Parts:
    """Conger's kappa of m coders in Gwet's extension to missing ratings: each coder has margins of its own. Sources: conger1980, gwet2014.

    Notes
    -----
    Chance agreement is the mean over ordered pairs of different coders of Σ w·p_i·p_j, p_i over the units that coder i coded.
    """
    table = _table(values, scheme)

    def parts(totals: Totals) -> tuple[Floats, Floats]:
        margins = totals.many("margins").reshape(-1, coders, values.size)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = margins / margins.sum(axis=2, keepdims=True)
        shares = np.nan_to_num(shares)
        active = (margins.sum(axis=2) > 0).sum(axis=1)
        own = np.zeros(shares.shape[0])
        for coder in range(coders):
            own += _pairs(shares[:, coder], table)
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = (_pairs(shares.sum(axis=1), table) - own) / (active * (active - 1))
        return observed(totals, plain=table is None), chance

    return parts


def corrected(agreed: Floats, chance: Floats) -> Floats:
    """(b,) agreement beyond chance; NaN where chance alone would agree always."""
    room = 1 - chance
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(room > 1e-12, (agreed - chance) / room, np.nan)


def _table(values: Floats, scheme: str) -> Floats | None:
    return None if scheme == "identity" else square(weight(scheme, values), values.size)


def _pairs(share: Floats, table: Floats | None) -> Floats:
    found: Floats = (share * (share if table is None else share @ table)).sum(axis=1)
    return found


def _shares(totals: Totals) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return totals.many("shares") / totals.one("coded")[:, None]

"""Shares of many small groups: drawn towards their mean, and compared with what would be usual."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints, equal_lengths


@dataclass(frozen=True)
class Prior:
    """A Beta distribution of shares: `a` and `b`; both infinite where groups do not differ at all."""

    a: float
    b: float
    mean: float

    def shrunk(self, hits: npt.ArrayLike, n: npt.ArrayLike) -> Floats:
        """(K,) posterior means ``(a + k)/(a + b + n)``."""
        if not np.isfinite(self.a):
            return np.full(np.shape(hits), self.mean)
        return np.asarray((self.a + np.asarray(hits)) / (self.a + self.b + np.asarray(n)), np.float64)


def beta_prior(hits: npt.ArrayLike, n: npt.ArrayLike) -> Prior:
    """The prior that the shares of groups suggest, by moments.

    Parameters
    ----------
    hits, n : (K,) int
        Messages with the code, and all, of each group; n above 0.

    Returns
    -------
    Prior
        With the spread between groups that is left when that of binomial counts is taken off; infinite where none is left.

    Raises
    ------
    YuhuError
        YH301 lengths differ; YH303 no groups, or one without messages.

    Notes
    -----
    O(K). Source: kleinman1973.
    """
    found, size = np.asarray(hits, np.float64), np.asarray(n, np.float64)
    equal_lengths(hits=found, n=size)
    if not size.size or not bool(np.all(size > 0)):
        raise YuhuError("YH303", "a group has no messages", facts={"groups": size.size}, fix="groups with messages only")
    mean = float(found.sum() / size.sum())
    rho = intra_class(found, size)
    if not 0 < mean < 1 or rho <= 0:
        return Prior(np.inf, np.inf, mean)
    strength = max(1 / rho - 1, 1e-6)
    return Prior(mean * strength, (1 - mean) * strength, mean)


def intra_class(hits: Floats, n: Floats) -> float:
    """Correlation of two messages of one group (or author), by analysis of variance; 0 where there is none, or nothing to tell it from.

    Parameters
    ----------
    hits, n : (K,) float
        Of each.

    Notes
    -----
    O(K). Source: ridout1999.
    """
    groups, whole = n.size, float(n.sum())
    if groups < 2 or whole <= groups:
        return 0.0
    share = float(hits.sum()) / whole
    rates = hits / n
    between = float(n @ (rates - share) ** 2) / (groups - 1)
    within = float((hits * (1 - rates)).sum()) / (whole - groups)
    size = (whole - float((n**2).sum()) / whole) / (groups - 1)
    spread = between + (size - 1) * within
    return min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 0.0


def excess_p(hits: Floats, n: Floats, usual: Floats, effect: Floats) -> Floats:
    """One-sided p of a share above what is usual.

    Parameters
    ----------
    hits, n : (K,) float
        Messages with the code, and all.
    usual : (K,) float in [0, 1]
        Their expected share.
    effect : (K,) float >= 1
        How much less messages tell than independent ones would (design effect).

    Returns
    -------
    (K,) float
        Binomial tail at the effective size.

    Notes
    -----
    O(K). Source: rao1992.
    """
    found, rest = hits / effect, (n - hits) / effect
    chance = np.clip(usual, 1e-12, 1 - 1e-12)
    return np.asarray(np.where(found > 0, special.betainc(np.maximum(found, 1e-12), rest + 1, chance), 1.0))


def design_effect(n: Ints | Floats, owner: Ints, groups: int, rho: float) -> Floats:
    """(groups,) how much the messages of a group count less because authors are alike in all they write: ``1 + ρ(Σn²/Σn − 1)``."""
    squares = np.bincount(owner, weights=np.asarray(n, np.float64) ** 2, minlength=groups)
    whole = np.bincount(owner, weights=n, minlength=groups)
    return np.asarray(1 + rho * np.maximum(squares / np.maximum(whole, 1) - 1, 0))

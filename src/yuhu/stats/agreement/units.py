"""What the ratings allow: units, coders and values at hand, and why a coefficient may be undefined."""

from dataclasses import dataclass, replace

import numpy as np

from yuhu.stats.agreement.patterns import Patterns, coder_patterns, count_patterns
from yuhu.stats.agreement.ratings import MISSING, Ratings
from yuhu.stats.arrays import Ints


@dataclass(frozen=True)
class Units:
    """Ratings grouped once for all coefficients.

    Parameters
    ----------
    ratings : Ratings
        As checked.
    by_coder, by_count : Patterns
        Patterns that keep who said what, and that do not.
    coded, pairable, pairs : int
        Units with one rating, with two; pairs of ratings within units.
    coders : tuple of int
        Rows of the ratings that were given in which there is any; only these are kept in `ratings`.
    paired : tuple of int
        Rows of those kept that share a unit with another one.
    clusters : int
        Clusters with a unit that has two ratings; 0 without clusters.
    used : (K,) int
        Ratings of each value in units with two ratings.
    """

    ratings: Ratings
    by_coder: Patterns
    by_count: Patterns
    coded: int
    pairable: int
    pairs: int
    coders: tuple[int, ...]
    paired: tuple[int, ...]
    clusters: int
    used: Ints

    def undefined(self, *, chance: bool) -> str:
        """Why a coefficient has no value, or nothing; `chance` if it is corrected for chance."""
        if self.coded == 0:
            return "no_units"
        if len(self.coders) < 2:
            return "one_coder"
        if self.pairable == 0:
            return "no_overlap"
        if chance and self.pairable == 1:
            return "one_pairable_unit"
        if chance and np.count_nonzero(self.used) < 2:
            return "one_value_used"
        return ""


def units_of(ratings: Ratings) -> Units:
    """The ratings in patterns, counted.

    Notes
    -----
    One pass over the ratings; see `coder_patterns`.
    """
    active = np.flatnonzero((ratings.codes != MISSING).any(axis=1))
    if active.size < ratings.codes.shape[0]:
        ratings = replace(ratings, codes=ratings.codes[active])
    fine = coder_patterns(ratings)
    coarse = count_patterns(fine)
    raters = coarse.raters
    both = raters >= 2
    used = np.zeros(ratings.values.size, np.int64)
    row, column = np.nonzero((coarse.codes != MISSING) & both[:, None])
    np.add.at(used, coarse.codes[row, column], coarse.count[row])
    shared = (fine.codes != MISSING) & (fine.raters >= 2)[:, None]
    clusters = 0
    if ratings.cluster is not None and coarse.member.size:
        inside = coarse.member >= 0
        clusters = int(np.unique(ratings.cluster[inside][both[coarse.member[inside]]]).size)
    return Units(
        ratings=ratings,
        by_coder=fine,
        by_count=coarse,
        coded=int(coarse.count.sum()),
        pairable=int(coarse.count[both].sum()),
        pairs=int((coarse.count * raters * (raters - 1)).sum()) // 2,
        coders=tuple(int(at) for at in active),
        paired=tuple(int(at) for at in np.flatnonzero(shared.any(axis=0))),
        clusters=clusters,
        used=used,
    )

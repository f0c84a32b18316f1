"""Boundary similarity of cut lists: exact hits, near ones in part, misses not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.agreement.intervals import LEAST_CLUSTERS, percentile, unseen
from yuhu.stats.agreement.resampling import Resampler
from yuhu.stats.arrays import Floats, proportion

Cuts = Sequence[int]
_SAME = 1e-12


@dataclass(frozen=True)
class BoundaryEdits:
    """What turns one cut list into another.

    Parameters
    ----------
    matches : int
        Cuts that both have.
    near : tuple of int
        Distance of each pair of cuts that is close enough to count as one, moved.
    missed : int
        Cuts that only one of them has.
    span : int
        Positions that a move may span, both ends counted.
    """

    matches: int
    near: tuple[int, ...]
    missed: int
    span: int

    @property
    def agreed(self) -> float:
        """Matches, and of each move what is left of it: numerator of the similarity."""
        return self.matches + sum(1 - distance / self.span for distance in self.near)

    @property
    def decisions(self) -> int:
        """Matches, moves and misses: denominator of the similarity."""
        return self.matches + len(self.near) + self.missed


def boundary_edits(first: Cuts, second: Cuts, *, span: int = 2) -> BoundaryEdits:
    """Compare two cut lists.

    Parameters
    ----------
    first, second : sequence of int
        Positions of cuts, for example the first frame of each shot.
    span : int >= 1
        Positions that a move may span, both ends counted: 2 lets a cut be one frame off, 1 only takes exact hits.

    Raises
    ------
    YuhuError
        YH303 span is below 1.

    Notes
    -----
    Shorter moves are settled first, then from left to right. O((n + matches)·span). Source: fournier2013.
    """
    if span < 1:
        raise YuhuError("YH303", "span is below 1", facts={"found": span}, fix="2 lets a cut be one frame off")
    one, two = {int(cut) for cut in first}, {int(cut) for cut in second}
    both = one & two
    one, two = one - both, two - both
    near: list[int] = []
    for distance in range(1, span):
        for cut in sorted(one | two):
            here, there = (one, two) if cut in one else (two, one)
            if cut in here and cut + distance in there:
                here.discard(cut)
                there.discard(cut + distance)
                near.append(distance)
    return BoundaryEdits(len(both), tuple(near), len(one) + len(two), span)


def boundary_similarity(
    videos: Sequence[Sequence[Cuts | None]], *, span: int = 2, confidence: float = 0.95, draws: int = 2000, seed: int = 0
) -> Estimate:
    """Boundary similarity B over videos and pairs of coders.

    Parameters
    ----------
    videos : sequence of sequences of cut lists
        One cut list for each coder of each video; None for a coder who has not worked on it.
    span : int >= 1
        As in `boundary_edits`.
    confidence : float in (0, 1)
        Level of the interval.
    draws : int
        Bootstrap samples of videos.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Estimate
        Unit "share", n = cuts that at least one of a pair set, summed over pairs. Interval by resampling videos from 8 videos on. Not corrected
        for chance; cuts are rare among frames, so chance would hardly hit any.

    Raises
    ------
    YuhuError
        YH303 an option lies outside its range.

    Notes
    -----
    O(cuts·span + draws·V). Source: fournier2013.
    """
    proportion(confidence, "confidence")
    table = np.array([_sums(video, span) for video in videos]).reshape(-1, 2)
    paired = sum(sum(cuts is not None for cuts in video) >= 2 for video in videos)
    telling = table[table[:, 1] > 0]
    about = Estimate(
        value=None, n=int(table[:, 1].sum()), n_videos=paired, unit="share", method=f"boundary_similarity.span_{span}.v1", reason="no_units"
    )
    if not paired:
        return about.with_(reason="no_overlap" if len(videos) else "no_units")
    if not telling.size:
        return about.with_(reason="nothing_marked")
    value = float(telling[:, 0].sum() / telling[:, 1].sum())
    if telling.shape[0] < LEAST_CLUSTERS:
        return about.with_(value=value, reason="too_few_blocks")
    if value > 1 - _SAME:
        low = 1 - unseen(telling.shape[0], confidence)
        return about.with_(value=1.0, low=low, high=1.0, confidence=confidence, reason="")
    interval = percentile(value, _drawn(telling, draws, seed), confidence=confidence)
    if isinstance(interval, str):
        return about.with_(value=value, reason=interval)
    return about.with_(value=value, low=interval[0], high=interval[1], confidence=confidence, reason="")


def _sums(video: Sequence[Cuts | None], span: int) -> tuple[float, float]:
    lists = [cuts for cuts in video if cuts is not None]
    edits = [boundary_edits(one, two, span=span) for one, two in combinations(lists, 2)]
    return sum(each.agreed for each in edits), float(sum(each.decisions for each in edits))


def _drawn(telling: Floats, draws: int, seed: int) -> Floats:
    resampler = Resampler(np.ones(telling.shape[0], np.int64), generator(seed, "agreement", "boundaries"))
    sums = np.concatenate([rows @ telling for rows in resampler.samples(draws, 256)])
    found: Floats = sums[:, 0] / sums[:, 1]
    return found

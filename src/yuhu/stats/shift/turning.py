"""Which shifts are drawn: the same for all uploads of one work."""

from collections.abc import Sequence

import numpy as np

from yuhu.stats.arrays import Ints
from yuhu.stats.shift.preparing import Grid, Prepared
from yuhu.stats.shift.series import VideoSeries


def groups_of(ready: Sequence[Prepared]) -> list[list[Prepared]]:
    """Videos that are shifted as one, in the order of their first."""
    found: dict[str | int, list[Prepared]] = {}
    for place, one in enumerate(ready):
        found.setdefault(one.video.together or place, []).append(one)
    return list(found.values())


def drawn_shifts(videos: Sequence[tuple[VideoSeries, Grid]], draws: int, rng: np.random.Generator) -> tuple[Ints, bool]:
    """(B + 1, V) shifts, the observed one first, and whether they are all there are.

    Parameters
    ----------
    videos : sequence of (VideoSeries, Grid)
        Those with responses.
    draws : int
        B, unless strategies are shown in one video, or one group of them, that has no more shifts.
    rng : numpy.random.Generator
        For the draws.

    Notes
    -----
    A group is shifted by one number of bins, drawn over its longest video; in a shorter one it goes around. Videos without strategies stay.
    """
    groups: dict[str | int, list[int]] = {}
    for place, (video, _) in enumerate(videos):
        groups.setdefault(video.together or place, []).append(place)
    moving = [places for places in groups.values() if any(videos[place][1].is_shown for place in places)]
    allowed = [allowed_of([videos[place][1] for place in places]) for places in moving]
    if len(moving) == 1 and allowed[0].size <= draws + 1:
        out = np.zeros((allowed[0].size, len(videos)), np.int64)
        out[:, moving[0]] = allowed[0][:, None]
        return out, True
    out = np.zeros((draws + 1, len(videos)), np.int64)
    for places, some in zip(moving, allowed, strict=True):
        out[:, places] = some[rng.integers(0, some.size, draws + 1)][:, None]
    out[0] = 0
    return (out, False) if moving else (out[:1], True)


def allowed_of(grids: Sequence[Grid]) -> Ints:
    """Shifts that every video of a group allows."""
    shifts = np.arange(max(one.allowed.size for one in grids))
    return shifts[np.all([one.allowed[shifts % one.allowed.size] for one in grids], axis=0)].astype(np.int64)

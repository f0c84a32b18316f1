"""Timelines of several coders laid over each other: how long which values coincide, and how long each marked piece is."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints

Segment = tuple[float, float, Hashable]
"""Start and end in ms, end excluded, and the value."""
Stretch = tuple[float, float]
"""Start and end in ms of what a coder has seen."""

_UNSEEN = -1
_GAP = 0


@dataclass(frozen=True)
class Overlay:
    """What the coders of one video have in common, with lengths in quanta.

    Parameters
    ----------
    coincidences : (K+1, K+1) float
        Length in which one coder says c and another k, each stretch divided by its coders less one; 0 is the gap.
    squares : (K+1,) float
        Sum of the squared lengths of the marked pieces with each value; of the gap the plain length.
    pieces : int
        Marked pieces in time that two coders have seen.
    length : float
        Time that two coders have seen.
    """

    coincidences: Floats
    squares: Floats
    pieces: int
    length: float


@dataclass(frozen=True)
class _Line:
    """One coder's timeline: bounds and values of the segments, and of what was seen."""

    start: Floats
    end: Floats
    value: Ints
    seen_start: Floats
    seen_end: Floats


def overlay(
    coders: Sequence[Sequence[Segment] | None],
    coverage: Sequence[Sequence[Stretch] | None] | None,
    places: dict[Hashable, int],
    *,
    length_ms: float,
    quantum_ms: float,
) -> Overlay:
    """Lay the timelines of one video over each other.

    Parameters
    ----------
    coders : sequence of sequences of Segment
        One for each coder; None for a coder who has not worked on the video.
    coverage : sequence of sequences of Stretch, optional
        What each coder has seen; None = all of the video.
    places : dict
        Place of each value, from 1.
    length_ms : float
        Length of the video.
    quantum_ms : float
        Length that counts as 1.

    Raises
    ------
    YuhuError
        YH301 not one coverage for each coder; YH305 segments or stretches of one coder overlap, are empty, or leave the video.

    Notes
    -----
    O(m·S·log S + S·K²) for S segments.
    """
    seen = coverage if coverage is not None else [None] * len(coders)
    if len(seen) != len(coders):
        found = {"coders": len(coders), "coverage": len(seen)}
        raise YuhuError("YH301", "arrays differ in length", facts=found, fix="give what each coder has seen, or None")
    lines = [
        _line(segments, stretches, places, length_ms, who)
        for who, (segments, stretches) in enumerate(zip(coders, seen, strict=True))
        if segments is not None
    ]
    bounds = [np.array([0.0, length_ms])]
    for line in lines:
        bounds += [line.start, line.end, line.seen_start, line.seen_end]
    edges = np.unique(np.concatenate(bounds))
    middle, long = (edges[:-1] + edges[1:]) / 2, np.diff(edges) / quantum_ms
    states, pieces = _states(lines, middle)
    watching = (states != _UNSEEN).sum(axis=0)
    shared = watching >= 2
    size = len(places) + 1
    tally = np.stack([(states == value).sum(axis=0) for value in range(size)], axis=1)[shared].astype(np.float64)
    scale = long[shared] / (watching[shared] - 1)
    table: Floats = tally.T @ (scale[:, None] * tally) - np.diag(scale @ tally)
    squares, number = np.zeros(size), 0
    for state, piece in zip(states, pieces, strict=True):
        squares[_GAP] += float(long[shared & (state == _GAP)].sum())
        lengths, values = _runs(piece, state, long, shared)
        np.add.at(squares, values, lengths**2)
        number += lengths.size
    return Overlay(table, squares, number, float(long[shared].sum()))


def _line(
    segments: Sequence[Segment], stretches: Sequence[Stretch] | None, places: dict[Hashable, int], length_ms: float, who: int
) -> _Line:
    marked = sorted(segments, key=lambda segment: (segment[0], segment[1]))
    start, end = _bounds([(one[0], one[1]) for one in marked], length_ms, who, "segments")
    value = np.array([places[one[2]] for one in marked], np.int64)
    watched = [(0.0, length_ms)] if stretches is None else sorted(stretches)
    seen_start, seen_end = _bounds(watched, length_ms, who, "stretches seen")
    return _Line(start, end, value, seen_start, seen_end)


def _bounds(pairs: Sequence[Stretch], length_ms: float, who: int, what: str) -> tuple[Floats, Floats]:
    table = np.asarray(pairs, np.float64).reshape(-1, 2)
    start, end = table[:, 0], table[:, 1]
    bad = ~((start >= 0) & (end <= length_ms) & (start < end))
    bad[1:] |= start[1:] < end[:-1]
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise YuhuError(
            "YH305",
            f"{what} of one coder overlap, are empty or leave the video",
            facts={"coder": who, "found": f"{start[at]:g} to {end[at]:g} ms", "length": f"{length_ms:g} ms"},
            fix="give overlapping codes a timeline each",
        )
    return start, end


def _states(lines: Sequence[_Line], middle: Floats) -> tuple[Ints, Ints]:
    """For each coder and elementary stretch: the value (gap 0, unseen -1), and which segment it belongs to (-1 for none)."""
    states = np.full((len(lines), middle.size), _UNSEEN, np.int64)
    pieces = np.full((len(lines), middle.size), -1, np.int64)
    for row, line in enumerate(lines):
        watched = _inside(line.seen_start, line.seen_end, middle) >= 0
        segment = np.where(watched, _inside(line.start, line.end, middle), -1)
        states[row, watched] = _GAP
        states[row, segment >= 0] = line.value[segment[segment >= 0]]
        pieces[row] = segment
    return states, pieces


def _inside(start: Floats, end: Floats, middle: Floats) -> Ints:
    if not start.size:
        return np.full(middle.size, -1, np.int64)
    place = np.searchsorted(start, middle, side="right") - 1
    return np.where((place >= 0) & (middle < end[np.maximum(place, 0)]), place, -1)


def _runs(piece: Ints, state: Ints, long: Floats, shared: Ints) -> tuple[Floats, Ints]:
    """Lengths and values of a coder's marked pieces in shared time; what nobody else saw cuts a piece in two."""
    inside = shared & (piece >= 0)
    label = np.where(inside, piece, -1)
    fresh = inside & np.concatenate([[True], label[1:] != label[:-1]])
    starts = np.flatnonzero(fresh)
    if not starts.size:
        return np.empty(0), np.empty(0, np.int64)
    return np.add.reduceat(np.where(inside, long, 0.0), starts), state[starts]

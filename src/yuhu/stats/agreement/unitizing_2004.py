"""The older alpha for unitizing (Krippendorff 1995, 2004), kept only to reproduce published figures."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.stats.agreement.continua import Segment


@dataclass(frozen=True)
class AlphaU2004:
    """Observed and expected disagreement and alpha of each value, and of all together (None where nothing could disagree)."""

    observed: dict[Hashable, float]
    expected: dict[Hashable, float]
    alpha: dict[Hashable, float | None]
    pooled: float | None


def alpha_u_2004(continua: Sequence[Sequence[Segment]], *, length: float) -> AlphaU2004:
    """Alpha for unitizing as it stood before 2016.

    Parameters
    ----------
    continua : sequence of sequences of Segment
        One for each of at least two coders, in whole quanta from 0 to `length`.
    length : float
        Length of the continuum in quanta.

    Returns
    -------
    AlphaU2004

    Raises
    ------
    YuhuError
        YH303 fewer than two coders.

    Notes
    -----
    Use `unitizing_alpha` for anything new: this one depends on the square of the length and knows no missing coders. O(m²·S²).
    Source: krippendorff2004measuring.
    """
    if len(continua) < 2:
        raise YuhuError("YH303", "fewer than two coders", facts={"found": len(continua)}, fix="give one continuum for each coder")
    kinds = sorted({segment[2] for one in continua for segment in one}, key=str)
    observed, expected = {}, {}
    for kind in kinds:
        units = [sorted((start, end) for start, end, value in one if value == kind) for one in continua]
        gaps = [_gaps(one, length) for one in units]
        observed[kind] = _observed(units, gaps, length)
        expected[kind] = _expected(units, gaps, length)
    total = sum(expected.values())
    alpha = {kind: 1 - observed[kind] / expected[kind] if expected[kind] > 0 else None for kind in kinds}
    return AlphaU2004(observed, expected, alpha, 1 - sum(observed.values()) / total if total > 0 else None)


Spans = list[tuple[float, float]]


def _gaps(units: Spans, length: float) -> Spans:
    edges = [0.0, *(edge for unit in units for edge in unit), length]
    return [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start]


def _observed(units: Sequence[Spans], gaps: Sequence[Spans], length: float) -> float:
    coders = len(units)
    total = 0.0
    for first in range(coders):
        for second in range(coders):
            if first != second:
                total += sum(_distance(one, units[second]) for one in units[first])
                total += _lost(units[first], gaps[second]) + _lost(units[second], gaps[first])
    return total / (coders * (coders - 1) * length**2)


def _distance(unit: tuple[float, float], others: Spans) -> float:
    """Squared distance of a unit to those it overlaps."""
    start, end = unit
    return sum((start - begin) ** 2 + (end - stop) ** 2 for begin, stop in others if begin < end and start < stop)


def _lost(units: Spans, gaps: Spans) -> float:
    """Squared lengths of units that lie wholly in a gap of the other coder."""
    return sum((end - start) ** 2 for start, end in units if any(low <= start and end <= high for low, high in gaps))


def _expected(units: Sequence[Spans], gaps: Sequence[Spans], length: float) -> float:
    lengths = np.array([end - start for one in units for start, end in one])
    empty = np.array([end - start for one in gaps for start, end in one])
    whole = len(units) * length
    total = 0.0
    for long in lengths:
        room = empty[empty >= long] - long + 1
        total += (lengths.size - 1) / 3 * (2 * long**3 - 3 * long**2 + long) + long**2 * float(room.sum())
    below = whole * (whole - 1) - float((lengths * (lengths - 1)).sum())
    return float(2 / length * total / below)

"""One pass over the videos of one series: the joint fit, and what each shift would have shown."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.shift.fitting import joint_fit, shown_columns
from yuhu.stats.shift.preparing import Near, Prepared, ShiftDesign, near_of, tables_of
from yuhu.stats.shift.solving import contrasted, contrasted_packed, estimable, packed, unpacked
from yuhu.stats.shift.tables import ShiftTables
from yuhu.stats.shift.turning import allowed_of

_CLOSE = 1e-9
TAIL = 0.99
"""Statistics are compared by this quantile of their own sizes over the shifts: few responses have long tails, and would drown all others by a variance."""

_ENOUGH = 200
"""Shifts of one video that its spread is taken over; neighbouring ones say nearly the same."""


@dataclass(frozen=True, eq=False)
class Passed:
    """What one series showed.

    Parameters
    ----------
    groups : list of list of Prepared
        Videos that are shifted as one.
    near : Near
        Onsets, and responses to compare.
    effects : (K,) float
        Log lifts of the joint fit.
    found : (B, 3, K) float
        One-step log lifts under each shift: of the series, of what is left once the effects are taken out, and for a unit of the effect.
    variance : (B, K) float
        Their model variances; 0 where undefined.
    statistics, relative : (B, K) float
        Log lift by its error; and its size by what 1 % of the shifts exceed, 0 where undefined.
    defined : (K,) bool
        Whether there is a test.
    own : list of (effects, errors, is_bounded)
        Log lifts of each group's own fit, and the spread that its shifts give them, 0 where it cannot tell; whether it has the responses that a ratio needs.
    """

    groups: list[list[Prepared]]
    near: Near
    effects: Floats
    found: Floats
    variance: Floats
    statistics: Floats
    relative: Floats
    defined: npt.NDArray[np.bool_]
    own: list[tuple[Floats, Floats, npt.NDArray[np.bool_]]]


def passed(ready: Sequence[Prepared], groups: list[list[Prepared]], design: ShiftDesign, drawn: Ints) -> Passed:
    """All that the tests of one series rest on.

    Parameters
    ----------
    ready : sequence of Prepared
        Videos with enough responses.
    groups : list of list of Prepared
        The same by what is shifted as one.
    design : ShiftDesign
    drawn : (B, V) int
        Shifts of each, the observed one first.
    """
    from yuhu.stats.shift.kernels import add_drawn

    codes = ready[0].video.strategies.shape[0]
    contrasts = design.contrasts(codes)
    near = near_of(ready, codes, design)
    kept = shown_columns([one.part for one in ready])
    effects = contrasts @ joint_fit([one.part for one in ready]).beta
    size, p = drawn.shape[0], contrasts.shape[1]
    triangles, scores = np.zeros((size, p * (p + 1) // 2)), np.zeros((size, (codes + 2) * p))
    own: list[tuple[Floats, Floats, npt.NDArray[np.bool_]]] = []
    place = {id(one.video): at for at, one in enumerate(ready)}
    for group in groups:
        tables = [tables_of(one, design, np.where(near.enough, effects, 0.0)) for one in group]
        for one, table in zip(group, tables, strict=True):
            shifts = np.ascontiguousarray(drawn[:, place[id(one.video)]])
            add_drawn(triangles, scores, packed(table.information), table.scores.reshape(one.video.bins, -1), shifts)
        own.append(_own_errors(group, tables, design, contrasts))
    told = estimable(unpacked(triangles[0]), contrasts)
    found, variance = contrasted_packed(triangles, scores.reshape(size, codes + 2, p), contrasts, kept)
    statistics = np.where(variance > 0, found[:, 0] / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)
    height = np.abs(statistics)
    defined = near.enough & told & (variance[0] > 0) & (height.std(axis=0) > _CLOSE)
    relative = np.where(defined, height / np.maximum(np.quantile(height, TAIL, axis=0), _CLOSE), 0.0)
    return Passed(groups, near, effects, found, variance, statistics, relative, defined, own)


def _own_errors(
    group: Sequence[Prepared], tables: Sequence[ShiftTables], design: ShiftDesign, contrasts: Floats
) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    kept = shown_columns([one.part for one in group])
    if not kept.any():
        return np.zeros(contrasts.shape[0]), np.zeros(contrasts.shape[0]), np.zeros(contrasts.shape[0], np.bool_)
    fit = joint_fit([one.part for one in group])
    allowed = allowed_of([one.grid for one in group])
    some = allowed[:: max(1, allowed.size // _ENOUGH)]
    information = np.sum([table.information[some % table.information.shape[0]] for table in tables], axis=0)
    scores = np.sum([table.scores[some % table.scores.shape[0], 1:2] for table in tables], axis=0)
    found, variance = contrasted(information, scores, contrasts, kept)
    known = variance > 0
    ratio = np.where(known, found[:, 0] / np.sqrt(np.where(known, variance, 1.0)), 0.0)
    spread = np.sqrt((ratio**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    told = known[0] & estimable(information[0], contrasts)
    bounded = near_of(group, contrasts.shape[0], design).is_bounded
    return contrasts @ fit.beta, np.where(told & bounded, spread * np.sqrt(variance[0]), 0.0), bounded

"""The loops of the shift test: sums over videos for each draw, and one small system for each."""

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled


@compiled
def add_drawn(total: Floats, scores: Floats, information: Floats, score: Floats, drawn: Ints) -> None:
    """Add one video's tables to the draws' sums: total (B, P) and scores (B, Q) from information (T, P) and score (T, Q)."""
    for draw in range(drawn.size):
        shift = drawn[draw] % information.shape[0]
        # views and loops of one row: whole rows would be added through an array of their own
        sums, more = total[draw], information[shift]
        for at in range(sums.size):
            sums[at] += more[at]
        own, told = scores[draw], score[shift]
        for at in range(own.size):
            own[at] += told[at]


@compiled
def factorise(packed: Floats, kept: npt.NDArray[np.bool_], tolerance: float, alive: npt.NDArray[np.bool_]) -> None:
    """Lower triangles (B, p (p + 1) / 2) to their Cholesky factors, in place; a column that the ones before it explain is left out: alive (B, p) False.

    Columns are taken out one after the other, so that the innermost loop runs along a row.
    """
    draws, p = packed.shape[0], kept.size
    whole, column = np.zeros(p), np.zeros(p)
    for draw in range(draws):
        one = packed[draw]
        for row in range(p):
            whole[row] = one[row * (row + 3) // 2]
        for k in range(p):
            rest = one[k * (k + 3) // 2]
            alive[draw, k] = kept[k] and whole[k] > 1e-9 and rest > tolerance * whole[k]
            root = np.sqrt(rest) if alive[draw, k] else 0.0
            for row in range(k, p):
                at = row * (row + 1) // 2 + k
                column[row] = one[at] / root if alive[draw, k] else 0.0
                one[at] = column[row]
            if not alive[draw, k]:
                continue
            for row in range(k + 1, p):
                value = column[row]
                if value == 0.0:
                    continue
                start = row * (row + 1) // 2
                # views: an index that might be negative keeps the loop from going several at a time
                line = one[start + k + 1 : start + row + 1]
                known = column[k + 1 : row + 1]
                for inner in range(line.size):
                    line[inner] -= value * known[inner]


@compiled
def solve(factor: Floats, alive: npt.NDArray[np.bool_], contrasts: Floats, scores: Floats, out: Floats, variance: Floats) -> None:
    """Contrasts (K, p) of solutions and their variances (B, K), from packed factors and scores (B, S, p).

    out (B, 3, K): of the first two series, and of the one that is the contrast's own, the third from the first contrast on; with two series or fewer only of those.
    """
    draws, p = alive.shape
    codes, series = contrasts.shape[0], scores.shape[1]
    sides = np.zeros((p, series + codes))
    begun = np.zeros(p, np.int64)  # columns that are not 0 altogether up to each row
    for row in range(p):
        begun[row] = series
        for code in range(codes):
            if np.any(contrasts[code, : row + 1] != 0.0):
                begun[row] = series + code + 1
    for draw in range(draws):
        one = factor[draw]
        for row in range(p):
            start = row * (row + 1) // 2
            mine = sides[row]
            mine[:series] = scores[draw, :, row]
            mine[series:] = contrasts[:, row]
            if not alive[draw, row]:
                mine[:] = 0.0
                continue
            for inner in range(row):
                value, other = one[start + inner], sides[inner, : begun[inner]]
                if value != 0.0:
                    for each in range(other.size):
                        mine[each] -= value * other[each]
            mine /= one[start + row]
        for code in range(codes):
            if np.any((contrasts[code] != 0.0) & ~alive[draw]):
                continue
            for row in range(p):
                own = sides[row, series + code]
                if own == 0.0:
                    continue
                variance[draw, code] += own * own
                for each in range(min(series, 2)):
                    out[draw, each, code] += own * sides[row, each]
                if series > 2:
                    out[draw, 2, code] += own * sides[row, 2 + code]

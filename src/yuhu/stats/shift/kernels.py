"""The loops of the shift test: sums over videos for each draw, and one small system for each."""

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled


@compiled
def add_drawn(total: Floats, scores: Floats, information: Floats, score: Floats, drawn: Ints) -> None:
    """Add one video's tables to the draws' sums: total (B, p (p + 1) / 2) lower triangles, scores (B, S, p), from information (T, p, p), score (T, S, p)."""
    draws, p = drawn.size, scores.shape[2]
    for draw in range(draws):
        shift = drawn[draw]
        at = 0
        for row in range(p):
            for column in range(row + 1):
                total[draw, at] += information[shift, row, column]
                at += 1
        for one in range(scores.shape[1]):
            for row in range(p):
                scores[draw, one, row] += score[shift, one, row]


@compiled
def factorise(information: Floats, kept: npt.NDArray[np.bool_], tolerance: float, factor: Floats, alive: npt.NDArray[np.bool_]) -> None:
    """Cholesky factors (B, p, p) of the lower triangles; a column that the ones before it explain is left out: alive (B, p) False."""
    draws, p = information.shape[0], information.shape[1]
    for draw in range(draws):
        for row in range(p):
            whole = information[draw, row, row]
            if not kept[row] or whole <= 1e-9:
                continue
            rest = whole
            for column in range(row):
                if not alive[draw, column]:
                    continue
                part = information[draw, row, column]
                for inner in range(column):
                    part -= factor[draw, row, inner] * factor[draw, column, inner]
                part /= factor[draw, column, column]
                factor[draw, row, column] = part
                rest -= part * part
            if rest > tolerance * whole:
                factor[draw, row, row] = np.sqrt(rest)
                alive[draw, row] = True
            else:
                factor[draw, row, :row] = 0.0


@compiled
def solve(factor: Floats, alive: npt.NDArray[np.bool_], contrasts: Floats, scores: Floats, out: Floats, variance: Floats) -> None:
    """Contrasts (K, p) of information^-1 scores (B, S, p) into out (B, S, K), and their variances (B, K); both stay 0 where a column is left out."""
    p = factor.shape[1]
    solution = np.zeros(p)
    for draw in range(factor.shape[0]):
        for code in range(contrasts.shape[0]):
            if np.any((contrasts[code] != 0.0) & ~alive[draw]):
                continue
            solution[:] = 0.0
            for row in range(p):
                if alive[draw, row]:
                    rest = contrasts[code, row]
                    for inner in range(row):
                        rest -= factor[draw, row, inner] * solution[inner]
                    solution[row] = rest / factor[draw, row, row]
                    variance[draw, code] += solution[row] ** 2
            for row in range(p - 1, -1, -1):
                if alive[draw, row]:
                    rest = solution[row]
                    for inner in range(row + 1, p):
                        rest -= factor[draw, inner, row] * solution[inner]
                    solution[row] = rest / factor[draw, row, row]
            for one in range(scores.shape[1]):
                for row in range(p):
                    out[draw, one, code] += solution[row] * scores[draw, one, row]

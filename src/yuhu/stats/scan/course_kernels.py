"""The loop behind `courses`: Newton's method on a Poisson likelihood, a row at a time."""

import numpy as np

from yuhu.stats.arrays import Bools, Floats
from yuhu.stats.compiled import compiled

_GAIN = 1e-10
_SHORTEST_STEP = 1e-4


@compiled
def _solved(matrix: Floats, right: Floats) -> None:
    """Solve a positive definite system in place, by Cholesky's factors: `right` becomes the solution."""
    size = right.size
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row, column]
            for inner in range(column):
                rest -= matrix[row, inner] * matrix[column, inner]
            matrix[row, column] = np.sqrt(max(rest, 1e-300)) if row == column else rest / matrix[column, column]
    for row in range(size):
        for inner in range(row):
            right[row] -= matrix[row, inner] * right[inner]
        right[row] /= matrix[row, row]
    for row in range(size - 1, -1, -1):
        for inner in range(row + 1, size):
            right[row] -= matrix[inner, row] * right[inner]
        right[row] /= matrix[row, row]


@compiled
def _height(seen: Floats, columns: Floats, known: Floats, penalty: Floats, beta: Floats, largest: float, fitted: Floats) -> float:
    """Penalised log likelihood of coefficients; `fitted` becomes what they expect."""
    height = 0.0
    for at in range(seen.size):
        line = known[at]
        for column in range(beta.size):
            line += columns[at, column] * beta[column]
        line = min(max(line, -largest), largest)
        fitted[at] = np.exp(line)
        height += seen[at] * line - fitted[at]
    for column in range(beta.size):
        height -= 0.5 * penalty[column] * beta[column] ** 2
    return height


@compiled
def _step(seen: Floats, columns: Floats, penalty: Floats, beta: Floats, fitted: Floats, matrix: Floats, slope: Floats) -> None:
    """Newton's step: `slope` becomes it."""
    for column in range(beta.size):
        slope[column] = -penalty[column] * beta[column]
    matrix[:] = 0.0
    for at in range(seen.size):
        for column in range(beta.size):
            slope[column] += columns[at, column] * (seen[at] - fitted[at])
            weighted = columns[at, column] * fitted[at]
            for other in range(column + 1):
                matrix[column, other] += weighted * columns[at, other]
    for column in range(beta.size):
        matrix[column, column] += penalty[column] + 1e-12
    _solved(matrix, slope)


@compiled
def fitted_rows(
    counts: Floats, kept: Bools, basis: Floats, offset: Floats, penalty: Floats, steps: int, largest: float, mean: Floats
) -> None:
    """Expected counts of each row at the maximum of its penalised likelihood; counts, kept, mean (B, T), basis (T, q). Mean stays 0 in bins left out."""
    size = basis.shape[1]
    beta, tried, slope, matrix = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros((size, size))
    for row in range(counts.shape[0]):
        bins = np.flatnonzero(kept[row])
        seen, columns, known = counts[row][bins], basis[bins], offset[bins]
        if not seen.sum() > 0.0:
            continue
        fitted = np.zeros(bins.size)
        beta[:] = 0.0
        beta[0] = np.log(seen.sum() / np.exp(known).sum())
        height = _height(seen, columns, known, penalty, beta, largest, fitted)
        for _ in range(steps):
            _step(seen, columns, penalty, beta, fitted, matrix, slope)
            part = 1.0
            while True:
                for column in range(size):
                    tried[column] = beta[column] + part * slope[column]
                higher = _height(seen, columns, known, penalty, tried, largest, fitted)
                if higher >= height - 1e-12 * abs(height) or part < _SHORTEST_STEP:
                    break
                part /= 2.0
            gained, height = higher - height, higher
            beta[:] = tried
            if gained <= _GAIN * (abs(height) + 1.0):
                break
        for at in range(bins.size):
            mean[row, bins[at]] = fitted[at]

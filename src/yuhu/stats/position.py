"""Smooth courses over a video: a basis of relative position, and the quasi-Poisson fit that takes them out."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats

Position = Literal["legendre", "spline", "none"]
RIDGE = 1e-3
"""Pull towards 0 on every coefficient but the constant, in responses: a stretch without any response has no finite course."""
STEPS = 40
"""Newton steps at most."""
LARGEST = 30.0
"""Of the log of an expectation."""


@cache
def position_basis(bins: int, kind: Position = "legendre", degree: int = 6) -> Floats:
    """Constant and smooth functions of relative position.

    Parameters
    ----------
    bins : int
        Bins of the video.
    kind : {"legendre", "spline", "none"}
        Legendre polynomials, a natural cubic spline with equally spaced knots, or the constant alone.
    degree : int
        Functions beside the constant.

    Returns
    -------
    (bins, degree + 1) float
        Read-only; the first column is 1.

    Notes
    -----
    O(bins x degree). Source: hastie2009 (natural cubic splines, section 5.2.1).
    """
    place = (np.arange(bins) + 0.5) / bins
    if kind == "none" or degree == 0:
        columns: Floats = np.ones((bins, 1))
    elif kind == "legendre":
        columns = np.asarray(np.polynomial.legendre.legvander(2 * place - 1, degree), np.float64)
    else:
        columns = _natural_spline(place, degree)
    columns.setflags(write=False)
    return columns


def _natural_spline(place: Floats, degree: int) -> Floats:
    knots = np.linspace(0.0, 1.0, degree + 1)

    def bend(knot: float) -> Floats:
        return np.asarray((np.clip(place - knot, 0, None) ** 3 - np.clip(place - 1.0, 0, None) ** 3) / (1.0 - knot))

    last = bend(float(knots[-2]))
    columns = [np.ones(place.size), 2 * place - 1, *(bend(float(knot)) - last for knot in knots[:-2])]
    columns = [column / max(float(np.abs(column).max()), 1e-12) for column in columns]
    return np.stack(columns[: degree + 1], axis=1)


@dataclass(frozen=True)
class Course:
    """A fitted course.

    Parameters
    ----------
    mean : (T,) float
        Expected responses of each bin; 0 in bins that were left out.
    dispersion : float
        Pearson's chi-square by its degrees of freedom, at least 1e-6.
    """

    mean: Floats
    dispersion: float


def fit_course(counts: Floats, basis: Floats, offset: Floats, kept: npt.NDArray[np.bool_]) -> Course:
    """Quasi-Poisson fit of counts on a basis.

    Parameters
    ----------
    counts : (T,) float >= 0
        Responses.
    basis : (T, q) float
        The first column is 1.
    offset : (T,) float
        Log of the exposure, and of whatever else is taken as known.
    kept : (T,) bool
        Bins that speak.

    Notes
    -----
    O(T q²) for each of some five Newton steps. Source: mccullagh1989.
    """
    seen, columns, known = counts[kept], basis[kept], offset[kept]
    mean = np.zeros(counts.size)
    if not seen.sum() > 0:
        return Course(mean, 1.0)
    penalty = np.full(columns.shape[1], RIDGE)
    penalty[0] = 0.0
    start = np.zeros(columns.shape[1])
    start[0] = np.log(seen.sum() / np.exp(known).sum())
    fitted = np.exp(_newton(seen, columns, known, penalty, start))
    free = max(1, seen.size - columns.shape[1])
    mean[kept] = fitted
    return Course(mean, max(1e-6, float(((seen - fitted) ** 2 / np.maximum(fitted, 1e-9)).sum() / free)))


def _newton(seen: Floats, columns: Floats, known: Floats, penalty: Floats, beta: Floats) -> Floats:
    """Linear predictor at the maximum."""
    line = np.clip(columns @ beta + known, -LARGEST, LARGEST)
    fitted = np.exp(line)
    height = float(seen @ line - fitted.sum() - 0.5 * penalty @ beta**2)
    for _ in range(STEPS):
        slope = columns.T @ (seen - fitted) - penalty * beta
        step = np.linalg.solve((columns.T * fitted) @ columns + np.diag(penalty + 1e-12), slope)
        part = 1.0
        while True:
            tried = beta + part * step
            new_line = np.clip(columns @ tried + known, -LARGEST, LARGEST)
            new_fitted = np.exp(new_line)
            new_height = float(seen @ new_line - new_fitted.sum() - 0.5 * penalty @ tried**2)
            if new_height >= height - 1e-12 * abs(height) or part < 1e-4:
                break
            part /= 2
        gained, beta, line, fitted, height = new_height - height, tried, new_line, new_fitted, new_height
        if gained <= 1e-10 * (abs(height) + 1):
            break
    return line


def orthonormal(basis: Floats, weight: Floats) -> Floats:
    """The basis with B'WB = 1, less directions that the weights do not see."""
    values, vectors = np.linalg.eigh((basis.T * weight) @ basis)
    seen = values > max(1e-10, 1e-12 * float(values.max(initial=0.0)))
    return np.asarray(basis @ (vectors[:, seen] / np.sqrt(values[seen])))

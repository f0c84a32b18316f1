"""The course of many rows of counts at a time, each with bins of its own left out."""

import numpy as np

from yuhu.stats.arrays import Bools, Floats
from yuhu.stats.position import LARGEST, RIDGE, STEPS


def courses(counts: Floats, kept: Bools, basis: Floats, offset: Floats) -> Floats:
    """What `stats.position.fit_course` expects, row by row.

    Parameters
    ----------
    counts : (B, T) float >= 0
        Responses.
    kept : (B, T) bool
        Bins that speak.
    basis : (T, q) float
        The first column is 1.
    offset : (T,) float
        Log of the exposure.

    Returns
    -------
    (B, T) float
        Expected responses; 0 in bins that were left out, and in rows without a response.

    Notes
    -----
    O(B T q²) for each of some five Newton steps, compiled and without Python's lock. Source: mccullagh1989.
    """
    from yuhu.stats.scan.course_kernels import fitted_rows

    mean, penalty = np.zeros(counts.shape), np.full(basis.shape[1], RIDGE)
    penalty[0] = 0.0
    rows = np.ascontiguousarray(counts, np.float64)
    fitted_rows(rows, np.ascontiguousarray(kept), np.ascontiguousarray(basis), np.ascontiguousarray(offset), penalty, STEPS, LARGEST, mean)
    return mean

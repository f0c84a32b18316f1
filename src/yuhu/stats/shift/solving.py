"""Contrasts of a linear model under many shifts, and which of them can be told."""

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats

TOLERANCE = 1e-7
_NOTHING = 1e-9


def contrasted(information: Floats, scores: Floats, contrasts: Floats, kept: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Contrasts of a linear model for each draw.

    Parameters
    ----------
    information : (B, p, p) float
        Lower triangles count.
    scores : (B, S, p) float
    contrasts : (K, p) float
    kept : (p,) bool
        Columns that exist.

    Returns
    -------
    tuple of array
        (B, S, K) contrasts and (B, K) model variances; variance 0 where a contrast rests on a column that others explain.

    Notes
    -----
    O(B p (p² / 6 + K p + K S)).
    """
    from yuhu.stats.shift.kernels import factorise, solve

    draws, series, p = scores.shape
    factor, alive = np.zeros((draws, p, p)), np.zeros((draws, p), np.bool_)
    factorise(np.ascontiguousarray(information), kept, TOLERANCE, factor, alive)
    out, variance = np.zeros((draws, series, contrasts.shape[0])), np.zeros((draws, contrasts.shape[0]))
    solve(factor, alive, np.ascontiguousarray(contrasts), np.ascontiguousarray(scores), out, variance)
    return out, variance


def estimable(information: Floats, contrasts: Floats) -> npt.NDArray[np.bool_]:
    """(K,) bool: contrasts (K, p) that no direction without information (p, p) moves; of two strategies that always come together, neither is."""
    whole = np.diag(information)
    live = whole > _NOTHING
    scale = 1 / np.sqrt(whole[live])
    values, vectors = np.linalg.eigh(information[np.ix_(live, live)] * np.outer(scale, scale))
    scaled = contrasts[:, live] * scale
    moved = np.linalg.norm(scaled @ vectors[:, values < 1e-6], axis=1) > 1e-3 * np.linalg.norm(scaled, axis=1)
    return np.asarray(~moved & ~(contrasts[:, ~live] != 0).any(axis=1) & (scaled != 0).any(axis=1))

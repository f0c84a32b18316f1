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
        (B, min(S, 3), K) contrasts and (B, K) model variances; both 0 where a contrast rests on a column that others explain. With more than two series there are
        K + 2, and the third value of a contrast is that of its own: series 2 + k for contrast k.

    Notes
    -----
    O(B p (p² / 6 + (K + S) p / 2)).
    """
    return contrasted_packed(packed(information), scores, contrasts, kept)


def contrasted_packed(triangles: Floats, scores: Floats, contrasts: Floats, kept: npt.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """As `contrasted`, from packed lower triangles (B, p (p + 1) / 2); they are overwritten."""
    from yuhu.stats.shift.kernels import factorise, solve

    draws, series, p = scores.shape
    alive = np.zeros((draws, p), np.bool_)
    factorise(triangles, kept, TOLERANCE, alive)
    out, variance = np.zeros((draws, min(series, 3), contrasts.shape[0])), np.zeros((draws, contrasts.shape[0]))
    solve(triangles, alive, np.ascontiguousarray(contrasts), np.ascontiguousarray(scores), out, variance)
    return out, variance


def packed(information: Floats) -> Floats:
    """(B, p (p + 1) / 2): the lower triangles of (B, p, p), row by row."""
    rows, columns = np.tril_indices(information.shape[1])
    return np.ascontiguousarray(information[:, rows, columns])


def unpacked(triangle: Floats) -> Floats:
    """(p, p) of one lower triangle."""
    p = int((np.sqrt(8 * triangle.size + 1) - 1) / 2)
    out = np.zeros((p, p))
    out[np.tril_indices(p)] = triangle
    return np.asarray(out + np.tril(out, -1).T)


def estimable(information: Floats, contrasts: Floats) -> npt.NDArray[np.bool_]:
    """(K,) bool: contrasts (K, p) that no direction without information (p, p) moves; of two strategies that always come together, neither is."""
    whole = np.diag(information)
    live = whole > _NOTHING
    scale = 1 / np.sqrt(whole[live])
    values, vectors = np.linalg.eigh(information[np.ix_(live, live)] * np.outer(scale, scale))
    scaled = contrasts[:, live] * scale
    moved = np.linalg.norm(scaled @ vectors[:, values < 1e-6], axis=1) > 1e-3 * np.linalg.norm(scaled, axis=1)
    return np.asarray(~moved & ~(contrasts[:, ~live] != 0).any(axis=1) & (scaled != 0).any(axis=1))

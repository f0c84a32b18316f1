"""Maximum of the joint quasi-Poisson model: lag groups shared by videos, a course of each video's own."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Floats
from yuhu.stats.position import RIDGE, orthonormal

_STEPS = 40
_MOST = 30.0


@dataclass(frozen=True, eq=False)
class Part:
    """One video in a joint fit: only bins that speak.

    Parameters
    ----------
    counts : (T,) float
    columns : (T, p) float
        Not circular.
    basis : (T, q) float
    offset : (T,) float
    start : (T,) float
        Expected responses under position alone.
    weight : float
        1 / dispersion.
    """

    counts: Floats
    columns: Floats
    basis: Floats
    offset: Floats
    start: Floats
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class JointFit:
    """A fitted joint model.

    Parameters
    ----------
    beta : (p,) float
        Log rate ratios.
    information : (V, p, p) float
        Of each video at the maximum, less what position explains, by its dispersion.
    scores : (V, p) float
        Of each video; they sum to (almost) 0.
    means : tuple of (T,) float
        Expected responses.
    """

    beta: Floats
    information: Floats
    scores: Floats
    means: tuple[Floats, ...]


def joint_fit(parts: Sequence[Part], *, start: Floats | None = None, steps: int = _STEPS) -> JointFit:
    """Newton steps on all coefficients at once; those of position are solved for within each video.

    Parameters
    ----------
    parts : sequence of Part
        Videos.
    start : (p,) float, optional
        Where to begin.
    steps : int
        At most.

    Returns
    -------
    JointFit

    Notes
    -----
    O(steps x V T (p + q)²). A pull of `RIDGE` responses keeps what has no maximum finite. Source: mccullagh1989.
    """
    p = parts[0].columns.shape[1]
    live = shown_columns(parts)
    beta = np.zeros(p) if start is None else start.copy()
    lines = [np.log(np.maximum(part.start, 1e-12)) + part.columns @ beta for part in parts]
    height = _height(parts, lines, beta)
    for _ in range(steps):
        information, scores, smooth = _sums(parts, lines)
        slope = scores.sum(axis=0) - RIDGE * beta
        step = np.zeros(p)
        step[live] = np.linalg.lstsq(
            information.sum(axis=0)[np.ix_(live, live)] + RIDGE * np.eye(int(live.sum())), slope[live], rcond=1e-10
        )[0]
        moves = [_move(part, line, own, step) for part, line, own in zip(parts, lines, smooth, strict=True)]
        size = 1.0
        while True:
            tried = [np.clip(line + size * move, -_MOST, _MOST) for line, move in zip(lines, moves, strict=True)]
            new = _height(parts, tried, beta + size * step)
            if new >= height - 1e-10 * abs(height) or size < 1e-3:
                break
            size /= 2
        gained, height, lines, beta = new - height, new, tried, beta + size * step
        if gained <= 1e-9 * (abs(height) + 1):
            break
    information, scores, _ = _sums(parts, lines)
    return JointFit(beta, information, scores, tuple(np.exp(line) for line in lines))


def shown_columns(parts: Sequence[Part]) -> npt.NDArray[np.bool_]:
    """(p,) bool: columns that are not 0 everywhere; the coefficients of the others stay 0."""
    out = np.zeros(parts[0].columns.shape[1], np.bool_)
    for part in parts:
        out |= (part.columns != 0).any(axis=0)
    return out


def _height(parts: Sequence[Part], lines: Sequence[Floats], beta: Floats) -> float:
    total = sum(part.weight * float(part.counts @ line - np.exp(line).sum()) for part, line in zip(parts, lines, strict=True))
    return total - 0.5 * RIDGE * float(beta @ beta)


def _sums(parts: Sequence[Part], lines: Sequence[Floats]) -> tuple[Floats, Floats, list[Floats]]:
    """Information and score of each video, less position, and its orthonormal basis."""
    p = parts[0].columns.shape[1]
    information, scores, bases = np.zeros((len(parts), p, p)), np.zeros((len(parts), p)), []
    for place, (part, line) in enumerate(zip(parts, lines, strict=True)):
        mean = np.exp(line)
        smooth = orthonormal(part.basis, mean)
        weighed = part.columns * mean[:, None]
        explained = smooth.T @ weighed
        rest = part.counts - mean
        information[place] = part.weight * (part.columns.T @ weighed - explained.T @ explained)
        scores[place] = part.weight * (part.columns.T @ rest - explained.T @ (smooth.T @ rest))
        bases.append(smooth)
    return information, scores, bases


def _move(part: Part, line: Floats, smooth: Floats, step: Floats) -> Floats:
    """Change of the linear predictor of a video for a step of the shared coefficients."""
    mean = np.exp(line)
    shared = part.columns @ step
    return np.asarray(shared + smooth @ (smooth.T @ (part.counts - mean - mean * shared)))

"""Information and scores of one video under every circular shift of its strategies, by FFT."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from yuhu.stats.arrays import Floats
from yuhu.stats.position import orthonormal


@dataclass(frozen=True, eq=False)
class ShiftTables:
    """What the data say of the lag groups of all codes if everything had been shown u bins later, for each u in 0..T-1.

    Parameters
    ----------
    information : (T, p, p) float
        X(u)'WX(u), less what position explains.
    scores : (T, S, p) float
        X(u)'r for each of S series r, less what position explains.
    """

    information: Floats
    scores: Floats


@dataclass(frozen=True, eq=False)
class Spectra:
    """Transforms of lag columns, which serve every series of responses to the same video.

    Parameters
    ----------
    columns : (F, p) complex
        Of the columns, conjugate.
    rows, others : (P,) int
        Pairs of columns that ever meet.
    products : (F, P) complex
        Of their products, conjugate.
    """

    columns: npt.NDArray[np.complex128]
    rows: npt.NDArray[np.intp]
    others: npt.NDArray[np.intp]
    products: npt.NDArray[np.complex128]


def spectra(columns: Floats) -> Spectra:
    """Transforms of lag columns (T, p)."""
    rows, others = np.triu_indices(columns.shape[1])
    products = columns[:, rows] * columns[:, others]
    meet = products.any(axis=0)
    return Spectra(np.conj(fft.rfft(columns, axis=0)), rows[meet], others[meet], np.conj(fft.rfft(products[:, meet], axis=0)))


def shift_tables(columns: Floats, basis: Floats, weight: Floats, series: Floats, known: Spectra | None = None) -> ShiftTables:
    """Tables of one video.

    Parameters
    ----------
    columns : (T, p) float
        Lag groups of all codes, circular.
    basis : (T, q) float
        Functions of position.
    weight : (T,) float >= 0
        Expected responses; 0 in bins that are left out.
    series : (S, T) float
        Residuals, or slopes; 0 in bins that are left out.
    known : Spectra, optional
        Those of the columns, if somebody has them.

    Notes
    -----
    O((p² + pq + pS) T log T + T p² q), all shifts at once: X(u)_t = X_(t - u), so that every sum over t is a circular cross-correlation.
    """
    bins = columns.shape[0]
    smooth = orthonormal(basis, weight)
    sources = fft.rfft(np.concatenate([weight[:, None] * smooth, series.T], axis=1), axis=0)
    held = known or spectra(columns)
    crossed = fft.irfft(sources[:, :, None] * held.columns[:, None, :], bins, axis=0)
    q = smooth.shape[1]
    explained, scores = crossed[:, :q], crossed[:, q:]
    information = _weighted_products(held, columns.shape, weight) - explained.transpose(0, 2, 1) @ explained
    return ShiftTables(information, scores - (series @ smooth) @ explained)


def _weighted_products(held: Spectra, shape: tuple[int, ...], weight: Floats) -> Floats:
    """(T, p, p): X(u)'WX(u); pairs of columns that never meet cost nothing."""
    bins, p = shape
    sums = fft.irfft(fft.rfft(weight)[:, None] * held.products, bins, axis=0)
    out = np.zeros((bins, p, p))
    out[:, held.rows, held.others] = sums
    out[:, held.others, held.rows] = sums
    return out


def straddling(begins: npt.NDArray[np.bool_], low: int, high: int) -> npt.NDArray[np.bool_]:
    """(T,) bool: shifts under which the lags of some onset lie on both sides of the seam between the last bin and the first.

    Parameters
    ----------
    begins : (T,) bool
        Whether some code begins in the bin.
    low, high : int
        First and last lag.
    """
    bins = begins.size
    starts = np.flatnonzero(begins)
    places = (starts[None, :] + np.arange(bins)[:, None]) % bins
    return np.asarray(((places + low < 0) | (places + high >= bins)).any(axis=1))

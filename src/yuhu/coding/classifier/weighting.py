"""Counts as weighted features: dampened, rare n-grams first, each text of length 1 (TF-IDF), with the language of the text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from yuhu.coding.classifier.features import BITS, Counts

Floats = npt.NDArray[np.float32]
Masks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Vocabulary:
    """The buckets that the labelled texts have, ascending, and the languages that have labels."""

    buckets: npt.NDArray[np.int32]
    languages: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of features."""
        return len(self.buckets) + len(self.languages)

    def matrix(self, counts: Counts) -> Any:
        """Dampened counts, 1 + log n, as a CSR matrix (texts, buckets); n-grams that no labelled text has are left out."""
        from scipy import sparse

        column = np.full(2 << BITS, -1, np.int32)
        column[self.buckets] = np.arange(len(self.buckets), dtype=np.int32)
        found = column[counts.bucket]
        known = found >= 0
        starts = np.searchsorted(counts.row[known], np.arange(counts.n + 1)).astype(np.int32)
        return sparse.csr_matrix((1 + np.log(counts.count[known]), found[known], starts), shape=(counts.n, len(self.buckets)))

    def languages_of(self, languages: Sequence[str]) -> Any:
        """One column for each language that has labels (texts, languages): 1 where the text has it."""
        from scipy import sparse

        place = {name: at for at, name in enumerate(self.languages)}
        at = np.fromiter((place.get(name, -1) for name in languages), np.int32, len(languages))
        row = np.flatnonzero(at >= 0)
        ones = np.ones(len(row), np.float32)
        return sparse.csr_matrix((ones, (row, at[row])), shape=(len(languages), len(self.languages)))


def rarity(matrix: Any, rows: Masks, n_buckets: int) -> Floats:
    """Inverse document frequency, log((1 + n) / (1 + df)) + 1, of some rows; 0 for what none of them has.

    Parameters
    ----------
    matrix : CSR (N, V)
        Counts of the labelled texts.
    rows : (N,) bool
        The texts to learn from.
    n_buckets : int
        V.
    """
    seen = np.bincount(matrix[rows].indices, minlength=n_buckets)
    return np.where(seen > 0, np.log((1 + rows.sum()) / (1 + seen)) + 1, 0).astype(np.float32)


def weighted(matrix: Any, words: Floats, languages: Any, rarities: Floats, buckets: npt.NDArray[np.int32]) -> Any:
    """Features of some texts.

    Parameters
    ----------
    matrix : CSR (N, V)
        Dampened counts.
    words : (N,) float
        Share of each text's characters that stand in words.
    languages : CSR (N, L)
        Languages.
    rarities : (V,) float
        As `rarity` gives them.
    buckets : (V,) int
        The bucket of each column.

    Returns
    -------
    CSR (N, V + L)
        Tokens have the length 1 in each text, characters of words the root of the share of words, so that one Latin word in a Chinese text does not weigh
        as much as all the rest.
    """
    from scipy import sparse

    data = matrix.data * rarities[matrix.indices]
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    is_token = buckets[matrix.indices] < 1 << BITS
    squares = data.astype(np.float64) ** 2
    for chosen, length in ((is_token, np.ones(len(words))), (~is_token, np.sqrt(words.astype(np.float64)))):
        norm = np.sqrt(np.bincount(row[chosen], squares[chosen], matrix.shape[0]))
        scale = np.divide(length, norm, out=np.zeros(len(norm)), where=norm > 0).astype(np.float32)
        data[chosen] *= scale[row[chosen]]
    features = sparse.csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape)
    return sparse.hstack([features, languages], format="csr")

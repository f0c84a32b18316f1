"""Near copies: texts that share most of their character bigrams, as copied and slightly changed messages do."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from yuhu.texts.bigrams import Bigrams, Ints, Sketches, sketch

NAME = "near_copy"
VERSION = "near_copy.v1"
LABEL = {"zh": "近似复制", "en": "near copies"}
SHORTEST = 6
LEAST = 0.7
BANDS, ROWS = 14, 4
SLACK = 0.13
NEIGHBOURS = 8
_DECORATION = r"[^\p{L}\p{N}\p{M}]"
WHAT = {
    "zh": f"与同一语言更早的消息相同，或经一串文本与之相连：相邻两条（至少 {SHORTEST} 个字）的字符二元组 Jaccard 相似度不低于 {LEAST}",
    "en": f"the same as an earlier message of its language, or linked to it by a chain of texts ({SHORTEST} characters or more), each with a Jaccard "
    f"similarity of character bigrams to the next of at least {LEAST}",
}
PARAMETERS: dict[str, Any] = {
    "shortest": SHORTEST,
    "least_similarity": LEAST,
    "bands": BANDS,
    "rows": ROWS,
    "slack": SLACK,
    "neighbours": NEIGHBOURS,
}


def near_groups(forms: pl.Series) -> NDArray[np.int64]:
    """Group of each text.

    Parameters
    ----------
    forms : pl.Series of str
        N distinct texts in the form for duplicates (`texts.copy_form`).

    Returns
    -------
    (N,) int64
        The place of the text that comes first in the alphabet among those of the group; a text without a near copy, a short one and one of
        decoration alone stand alone.

    Notes
    -----
    Candidates share one of `BANDS` keys of `ROWS` minima of character bigrams (MinHash), in keys that very many texts share each with its
    `NEIGHBOURS` next ones and the first. Pairs whose minima agree far too rarely are dropped; what is left is compared exactly, and groups
    are the connected texts. Time O(total characters + candidates); 1 M texts of 13 characters take about 8 s and 0.6 GB. Which pairs are
    missed: docs/cleaning.md.
    """
    order = forms.arg_sort().to_numpy()
    compared = ((forms.str.len_chars() >= SHORTEST) & ~forms.str.contains(_DECORATION)).to_numpy()
    long = order[compared[order]]
    groups = np.arange(len(forms), dtype=np.int64)
    if len(long) >= 2:
        held, sketches = sketch(forms.gather(long), bands=BANDS, rows=ROWS)
        groups[long] = long[_connected(held, sketches)]
    return groups


def _connected(held: Bigrams, sketches: Sketches) -> Ints:
    """The first text that each text is connected to."""
    n = len(held.starts) - 1
    label = np.arange(n, dtype=np.int64)
    enough = int(np.ceil((LEAST - SLACK) * BANDS * ROWS))
    for keys in sketches.keys:
        one, other = _candidates(keys)
        apart = label[one] != label[other]
        one, other = one[apart], other[apart]
        sizes = held.sizes
        small, large = np.minimum(sizes[one], sizes[other]), np.maximum(sizes[one], sizes[other])
        possible = small >= LEAST * large
        one, other = one[possible], other[possible]
        likely = sketches.agreeing(one, other) >= enough
        one, other = one[likely], other[likely]
        near = held.similarity(one, other) >= LEAST
        label = _joined(label, label[one[near]], label[other[near]])
    return label


def _candidates(keys: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """Pairs of places with equal keys: each with its next neighbours in order, and with the first of all."""
    n = len(keys)
    bits = np.uint64(max(n - 1, 1).bit_length())
    places = np.arange(n, dtype=np.uint64)
    packed = np.sort((keys >> bits << bits) | places)  # one sort of distinct numbers: the same order on every machine
    key, order = packed >> bits, (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    pairs: list[tuple[Ints, Ints]] = []
    for step in range(1, min(NEIGHBOURS, n - 1) + 1):
        same = key[step:] == key[:-step]
        if not same.any():
            break
        pairs.append((order[:-step][same], order[step:][same]))
    begins = np.concatenate([[True], key[1:] != key[:-1]])
    first = np.maximum.accumulate(np.where(begins, np.arange(n), 0))
    far = np.flatnonzero(np.arange(n) - first > NEIGHBOURS)
    pairs.append((order[first[far]], order[far]))
    return np.concatenate([one for one, _ in pairs]), np.concatenate([other for _, other in pairs])


def _joined(label: Ints, one: Ints, other: Ints) -> Ints:
    """Labels after some of them were found to be one; the smallest wins."""
    if not len(one):
        return label
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    nodes, at = np.unique(np.concatenate([one, other]), return_inverse=True)
    half = len(one)
    edges = coo_array((np.ones(half, dtype=bool), (at[:half], at[half:])), shape=(len(nodes), len(nodes)))
    count, part = connected_components(edges, directed=False)
    least = np.full(count, len(label), dtype=np.int64)
    np.minimum.at(least, part, nodes)
    renamed = np.arange(len(label), dtype=np.int64)
    renamed[nodes] = least[part]
    return renamed[label]

"""Character bigrams of many texts at once, their MinHash sketches, and the exact Jaccard similarity of pairs."""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_CODES = 0x110000
_NUMBERS, _OWN = 0x10000, 0xC000
_READ = 100_000
_TEXTS = 8_000
_PAIRS = 50_000


@dataclass(frozen=True)
class Bigrams:
    """The distinct bigrams of N texts.

    Parameters
    ----------
    values : (M,) uint32
        Bigrams of all texts, sorted within each.
    starts : (N + 1,) int64
        Where each text's begin.
    """

    values: NDArray[np.uint32]
    starts: Ints

    @property
    def sizes(self) -> Ints:
        """How many distinct bigrams each text has."""
        return np.diff(self.starts)

    def similarity(self, one: Ints, other: Ints) -> NDArray[np.float64]:
        """Jaccard similarity in [0, 1] of each pair of texts, by place; exact. O(bigrams of the pairs)."""
        found = np.empty(len(one))
        for start in range(0, len(one), _PAIRS):
            stop = start + _PAIRS
            left, n_left = self._of(one[start:stop])
            right, n_right = self._of(other[start:stop])
            at = np.searchsorted(left, right)
            at[at == len(left)] = 0
            shared = right[left[at] == right]
            both = np.bincount((shared >> np.uint64(32)).astype(np.int64), minlength=len(n_left))
            found[start:stop] = both / (n_left + n_right - both)
        return found

    def _of(self, texts: Ints) -> tuple[NDArray[np.uint64], Ints]:
        """Bigrams of some texts, each below the number of its place: sorted as a whole."""
        sizes = self.sizes[texts]
        ends = np.cumsum(sizes)
        places = np.arange(int(sizes.sum())) + np.repeat(self.starts[texts] - ends + sizes, sizes)
        return (np.repeat(np.arange(len(texts), dtype=np.uint64), sizes) << np.uint64(32)) | self.values[places], sizes


@dataclass(frozen=True)
class Sketches:
    """MinHash of N texts: a key for each band of rows, and the low byte of each of the bands x rows minima."""

    keys: NDArray[np.uint64]
    signs: NDArray[np.uint8]

    def agreeing(self, one: Ints, other: Ints) -> Ints:
        """How many minima of each pair of texts agree: about similarity x bands x rows."""
        found = np.empty(len(one), dtype=np.int64)
        for start in range(0, len(one), _PAIRS):
            stop = start + _PAIRS
            found[start:stop] = (self.signs[one[start:stop]] == self.signs[other[start:stop]]).sum(axis=1)
        return found


def sketch(texts: pl.Series, *, bands: int, rows: int) -> tuple[Bigrams, Sketches]:
    """Bigrams and sketches of texts of two characters or more.

    Notes
    -----
    O(total characters x bands x rows) time; about 4 bytes per character and 9 bands x rows bytes per text. A bigram is two 16-bit
    character numbers, so it is exact up to 65,536 different characters; beyond that the rarer ones share numbers.
    The hash functions are fixed: equal texts have equal sketches everywhere.
    """
    codes, starts = _numbered(texts)
    n = len(texts)
    keys = np.empty((bands, n), dtype=np.uint64)
    signs = np.empty((n, bands * rows), dtype=np.uint8)
    twists, factors = _stream("twists", bands * rows), _stream("factors", bands * rows) | np.uint32(1)
    mixers = (_stream("mixers", rows).astype(np.uint64) << np.uint64(32)) | np.uint64(0x9E3779B1)
    values, sizes = [np.empty(0, dtype=np.uint32)], [np.empty(0, dtype=np.int64)]
    for first in range(0, n, _TEXTS):
        last = min(first + _TEXTS, n)
        held, size = _distinct(codes[starts[first] : starts[last]], np.diff(starts[first : last + 1]))
        values.append(held)
        sizes.append(size)
        hashed, at = _scrambled(held), np.cumsum(size) - size
        for band in range(bands):
            key = np.zeros(last - first, dtype=np.uint64)
            for row in range(rows):
                number = band * rows + row
                least = np.minimum.reduceat((hashed ^ twists[number]) * factors[number], at)
                signs[first:last, number] = least >> np.uint32(3)
                key = (key ^ least) * mixers[row]
                key ^= key >> np.uint64(29)
            keys[band, first:last] = key
    return Bigrams(np.concatenate(values), np.concatenate([[0], np.cumsum(np.concatenate(sizes))])), Sketches(keys, signs)


def _numbered(texts: pl.Series) -> tuple[NDArray[np.uint16], Ints]:
    """Characters of all texts as numbers of 16 bits, and where each text begins."""
    parts = [
        np.frombuffer("".join(texts.slice(start, _READ).to_list()).encode("utf-32-le"), dtype=np.uint32)
        for start in range(0, len(texts), _READ)
    ]
    seen = sum((np.bincount(part, minlength=_CODES) for part in parts), np.zeros(_CODES, dtype=np.int64))
    used = np.flatnonzero(seen)
    used = used[np.argsort(-seen[used], kind="stable")]
    numbers = np.zeros(_CODES, dtype=np.uint16)
    ranks = np.arange(len(used))
    numbers[used] = ranks if len(used) <= _NUMBERS else np.where(ranks < _OWN, ranks, _OWN + used % (_NUMBERS - _OWN))
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    return np.concatenate([numbers[part] for part in parts] or [numbers[:0]]), np.concatenate([[0], np.cumsum(lengths)])


def _distinct(codes: NDArray[np.uint16], lengths: Ints) -> tuple[NDArray[np.uint32], Ints]:
    """Distinct bigrams of each text, sorted, and their number."""
    wide = codes.astype(np.uint64)
    text = np.repeat(np.arange(len(lengths), dtype=np.uint64), lengths)
    pairs = (text[:-1] << np.uint64(32)) | (wide[:-1] << np.uint64(16)) | wide[1:]
    pairs = np.sort(pairs[text[:-1] == text[1:]])
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])]
    return pairs.astype(np.uint32), np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(lengths))


def _scrambled(values: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Bigrams as evenly spread numbers, one to one."""
    mixed = values * np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(13))


def _stream(name: str, count: int) -> NDArray[np.uint32]:
    """Numbers that are the same on every machine and in every version of NumPy."""
    return np.frombuffer(hashlib.shake_128(f"yuhu near_copy {name}".encode()).digest(4 * count), dtype="<u4").astype(np.uint32)

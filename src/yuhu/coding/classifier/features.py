"""Texts as counts of hashed n-grams: of tokens, and of the characters of words.

A token is a word of letters and digits, or one character where words are not spaced (Han, kana) and where it is a sign (punctuation, emoji, kaomoji). So pairs
of tokens are pairs of words in English, and pairs of characters in Chinese. Characters of words are counted with their ends marked.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.texts.normal import VERSION as NORMAL
from yuhu.texts.normal import normal_form
from yuhu.texts.simplified import PARAMETERS as SIMPLIFIED
from yuhu.texts.simplified import VERSION as SIMPLE
from yuhu.texts.simplified import simplify

VERSION = "ngrams.v1"
BITS = 20
BLOCKS = ("tokens", "characters")
PARAMETERS: dict[str, object] = {
    "features": VERSION,
    "normal": NORMAL,
    "simplified": SIMPLE,
    "tokens": "1-2",
    "characters": "2-5 in words",
    "buckets": 2**BITS,
    "unicode": unicodedata.unidata_version,
}

_SPACE, _WORD, _SIGN, _UNKNOWN = 0, 1, 2, 255
_CATEGORIES = {"L": _WORD, "M": _WORD, "N": _WORD, "P": _SIGN, "S": _SIGN}
_UNSPACED = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))
_SHORTEST, _LONGEST = 2, 5
_END = np.uint64(1)
_BASE = np.uint64(0x9E3779B97F4A7C15)
_BACK = np.uint64(pow(int(_BASE), -1, 2**64))
_PAIR = np.uint64(0xD1342543DE82EF95)

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """How often each n-gram stands in each text: parallel arrays, sorted by text and bucket.

    Buckets of the second block are `2 ** BITS` higher than those of the first, so that the two never meet. ``words`` is the share of each text's characters,
    spaces apart, that stand in words.
    """

    n: int
    words: npt.NDArray[np.float32]
    row: Places
    bucket: Places
    count: npt.NDArray[np.float32]


def readable(texts: pl.Series, languages: pl.Series) -> pl.Series:
    """The form that is counted: normal form, Chinese in simplified characters."""
    frame = pl.DataFrame({"text": texts, "lang": languages}).with_columns(normal=normal_form(pl.col("text")))
    chinese = frame["lang"].is_in(SIMPLIFIED["languages"])
    simple = simplify(frame["normal"])
    return frame.select(pl.when(chinese).then(simple).otherwise("normal").alias("text")).to_series()


def count_ngrams(texts: Sequence[str]) -> Counts:
    """Counts of all n-grams of some texts in the form that `readable` gives.

    Parameters
    ----------
    texts : (N,) sequence of str
        The texts.

    Returns
    -------
    Counts
        One entry for each text and bucket.

    Notes
    -----
    O(n log n) in the n-grams of the batch. Hashes are of content alone, so a text's counts do not depend on what else is in the batch. No signs
    alternate: of 2^20 buckets few are shared by the n-grams of some thousand texts, and counts that stay counts can be dampened.
    """
    chars = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    text_of = np.repeat(np.arange(len(texts)), lengths + 1)[: len(chars)]
    start, end, is_word = _tokens(chars)
    mixed = _mix(chars.astype(np.uint64) + np.uint64(2))
    whole = _token_hashes(mixed, start, end)
    owner = text_of[start] if len(start) else np.zeros(0, np.int64)
    neighbours = owner[1:] == owner[:-1]
    pairs = _mix(whole[:-1] * _PAIR + whole[1:])[neighbours]
    hashed, rows = [whole, pairs], [owner, owner[:-1][neighbours]]
    block = [np.zeros(len(whole) + len(pairs), np.int64)]
    for grams, token in _in_words(mixed, start[is_word], end[is_word]):
        hashed.append(grams)
        rows.append(owner[is_word][token])
        block.append(np.ones(len(grams), np.int64))
    bucket = (np.concatenate(hashed) >> np.uint64(64 - BITS)).astype(np.int64)
    words = _shares(len(texts), owner, end - start, is_word)
    return _tallied(words, np.concatenate(rows), bucket + (np.concatenate(block) << BITS))


def _shares(n: int, owner: Places, length: Places, is_word: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    total = np.bincount(owner, length, n)
    inside = np.bincount(owner[is_word], length[is_word], n)
    return np.divide(inside, total, out=np.zeros(n), where=total > 0).astype(np.float32)


def _tallied(words: npt.NDArray[np.float32], row: Places, bucket: Places) -> Counts:
    both = np.sort((row << (BITS + 1)) | bucket)
    first = np.flatnonzero(np.concatenate([[True], both[1:] != both[:-1]])) if len(both) else np.zeros(0, np.int64)
    count = np.diff(np.append(first, len(both))).astype(np.float32)
    found = both[first]
    return Counts(len(words), words, found >> (BITS + 1), found & ((1 << (BITS + 1)) - 1), count)


@cache
def _known() -> npt.NDArray[np.uint8]:
    """What each character is, as far as it was met."""
    return np.full(0x110000, _UNKNOWN, np.uint8)


def _kinds(chars: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """What each character is: space, part of a word, or a sign of its own."""
    known = _known()
    found = known[chars]
    fresh = np.unique(chars[found == _UNKNOWN])
    if len(fresh):
        known[fresh] = [_kind(int(char)) for char in fresh]
        found = known[chars]
    return found


def _kind(char: int) -> int:
    kind = _CATEGORIES.get(unicodedata.category(chr(char))[0], _SPACE)
    is_unspaced = any(low <= char <= high for low, high in _UNSPACED)
    return _WORD if char == ord("'") else _SIGN if kind == _WORD and is_unspaced else kind


def _tokens(chars: npt.NDArray[np.uint32]) -> tuple[Places, Places, npt.NDArray[np.bool_]]:
    """Where each token starts and ends, and whether it is a word."""
    kind = _kinds(chars)
    before = np.concatenate([[_SPACE], kind[:-1]]) if len(kind) else kind
    starts = (kind == _SIGN) | ((kind == _WORD) & (before != _WORD))
    after = np.concatenate([kind[1:], [_SPACE]]) if len(kind) else kind
    ends = (kind == _SIGN) | ((kind == _WORD) & (after != _WORD))
    start, end = np.flatnonzero(starts), np.flatnonzero(ends) + 1
    return start, end, kind[start] == _WORD


def _mix(hashes: Hashes) -> Hashes:
    """Each hash with its bits spread (the finaliser of splitmix64)."""
    hashes = (hashes ^ (hashes >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ (hashes >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return hashes ^ (hashes >> np.uint64(31))


@lru_cache(maxsize=4)
def _powers(base: int, n: int) -> Hashes:
    powers = np.full(n, base, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _token_hashes(mixed: Hashes, start: Places, end: Places) -> Hashes:
    """The hash of each token: a polynomial over its characters, from sums that are made once for all."""
    size = 1 << max(len(mixed), 1).bit_length()
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed * _powers(int(_BASE), size)[: len(mixed)])])
    return _mix((sums[end] - sums[start]) * _powers(int(_BACK), size)[start] + (end - start).astype(np.uint64))


def _in_words(mixed: Hashes, start: Places, end: Places) -> list[tuple[Hashes, Places]]:
    """Hashes of the character n-grams of words whose ends are marked, with the word each is from."""
    length = end - start + 2
    last = np.cumsum(length)
    word = np.repeat(np.arange(len(start)), length)
    place = np.arange(int(last[-1]) if len(last) else 0) - np.repeat(last - length, length)
    is_end = (place == 0) | (place == length[word] - 1)
    source = np.where(is_end, 0, start[word] + place - 1)
    chars = np.where(is_end, _mix(np.full(1, _END))[0], mixed[source]) if len(source) else np.zeros(0, np.uint64)
    found: list[tuple[Hashes, Places]] = []
    rolled = chars
    for size in range(_SHORTEST, _LONGEST + 1):
        rolled = _mix(rolled[:-1] * _PAIR + chars[size - 1 :])
        inside = word[: len(rolled)] == word[size - 1 :]
        found.append((rolled[inside], word[: len(rolled)][inside]))
    return found

"""Many patterns found in many texts at once: an Aho-Corasick automaton over bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from yuhu.stats.arrays import Ints


@dataclass(frozen=True, eq=False)
class Places:
    """Where patterns stand, text by text, in the order of their ends, the longest first where several end together.

    Parameters
    ----------
    text, pattern, start : (H,) int
        Number of the text, number of the pattern, and the byte of the text at which it begins.
    marked : (N,) bool
        Texts in which a pattern that marks stands.
    """

    text: npt.NDArray[np.uint32]
    pattern: npt.NDArray[np.uint32]
    start: npt.NDArray[np.uint32]
    marked: npt.NDArray[np.bool_]


class Automaton:
    """Finds every place of every pattern, overlapping ones too.

    Parameters
    ----------
    patterns : (P,) sequence of str
        None empty.
    begins, ends : (P,) sequence of bool
        Whether a pattern counts only where no Latin letter or digit stands before it, or behind it.
    marks : (P,) sequence of bool
        Whether a pattern has no places of its own and only marks the texts that hold it.

    Notes
    -----
    Building and memory: O(bytes of the patterns x different bytes), some 5 MB for 2,000 terms. Polars finds which patterns a text holds, or where some stand, in a
    scan each; one loop of our own finds both, and looks at the ends of words on the way. Source: aho1975.
    """

    def __init__(self, patterns: Sequence[str], begins: Sequence[bool], ends: Sequence[bool], marks: Sequence[bool]) -> None:
        written = [pattern.encode() for pattern in patterns]
        steps, held = _trie(written)
        order, fails = _by_depth(steps, held)
        used = sorted({byte for pattern in written for byte in pattern})
        self._classes = np.zeros(256, np.uint8)
        self._classes[used] = np.arange(1, len(used) + 1)
        place = {state: at for at, state in enumerate(order)}
        self._moves = np.zeros((len(order), len(used) + 1), np.int32)
        for at, state in enumerate(order):
            if at:
                self._moves[at] = self._moves[place[fails[state]]]
            for byte, following in steps[state].items():
                self._moves[at, self._classes[byte]] = place[following]
        self._first = np.cumsum([0, *(len(held[state]) for state in order)])
        self._ending = np.array([pattern for state in order for pattern in held[state]], np.int64)
        self._asks = np.array([begins, ends, marks], np.bool_).T.copy()
        self._sizes = np.array([len(pattern) for pattern in written], np.int64)

    def places(self, texts: pl.Series) -> Places:
        """Every place of every pattern that counts there.

        Parameters
        ----------
        texts : (N,) pl.Series of str
            In lower case where patterns ask for ends of words; null holds nothing.

        Notes
        -----
        O(bytes + places).
        """
        from yuhu.texts.automaton_loop import run_through

        content, bounds = _bytes_of(texts)
        marked = np.zeros(len(texts), np.bool_)
        text, pattern, start = run_through(
            content, bounds, self._classes, self._moves, self._first, self._ending, self._asks, self._sizes, marked
        )
        return Places(text, pattern, start, marked)


def _trie(patterns: Sequence[bytes]) -> tuple[list[dict[int, int]], list[list[int]]]:
    """For each state the states that follow it by byte, and the patterns that end there; 0 is the root."""
    steps: list[dict[int, int]] = [{}]
    held: list[list[int]] = [[]]
    for number, pattern in enumerate(patterns):
        state = 0
        for byte in pattern:
            following = steps[state].setdefault(byte, len(steps))
            if following == len(steps):
                steps.append({})
                held.append([])
            state = following
        held[state].append(number)
    return steps, held


def _by_depth(steps: Sequence[dict[int, int]], held: list[list[int]]) -> tuple[list[int], list[int]]:
    """States in the order of their depth, and for each the state of its longest proper ending; patterns that end there are added to its own."""
    order, fails = [0], [0] * len(steps)
    for state in order:
        for byte, following in steps[state].items():
            order.append(following)
            if state:
                back = fails[state]
                while back and byte not in steps[back]:
                    back = fails[back]
                fails[following] = steps[back].get(byte, 0)
            held[following] = held[following] + held[fails[following]]
    return order, fails


def _bytes_of(texts: pl.Series) -> tuple[npt.NDArray[np.uint8], Ints]:
    """All texts one after the other, and the byte at which each begins, with the end of the last."""
    array = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())
    _, bounds, content = array.buffers()
    if not len(array) or bounds is None:
        bounds, content = bytes(8), b""
    return np.frombuffer(content or b"", np.uint8), np.frombuffer(bounds, np.int64)[array.offset : array.offset + len(array) + 1]

"""The loop of the automaton."""

import numpy as np
import numpy.typing as npt

from yuhu.stats.arrays import Ints
from yuhu.stats.compiled import compiled

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.uint32]

_ROOM = 1024


@compiled
def _is_letter(byte: int) -> bool:
    """A Latin letter or digit of one byte, in lower case."""
    return 97 <= byte <= 122 or 48 <= byte <= 57


@compiled
def _is_lead(byte: int) -> bool:
    """The first byte of a Latin letter of two."""
    return 0xC3 <= byte <= 0xC9


@compiled
def _twice(held: Numbers) -> Numbers:
    wider = np.empty(2 * held.size, held.dtype)
    wider[: held.size] = held
    return wider


@compiled
def run_through(
    content: Bytes,
    bounds: Ints,
    classes: Bytes,
    moves: npt.NDArray[np.int32],
    first: Ints,
    ending: Ints,
    asks: Flags,
    sizes: Ints,
    marked: Flags,
) -> tuple[Numbers, Numbers, Numbers]:
    """Text, pattern and first byte of every place; `marked` is filled.

    content (bytes,), bounds (N + 1,) of the texts in it; classes (256,) of bytes; moves (S, C) next state by state and class; ending[first[s] : first[s + 1]] the
    patterns that end in state s; asks (P, 3): counts only where a word begins, only where one ends, marks its text and no more; sizes (P,) in bytes. O(bytes + places).
    """
    text, pattern, start = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32)
    n = 0
    for number in range(bounds.size - 1):
        begins, ends, state = bounds[number], bounds[number + 1], 0
        for at in range(begins, ends):
            state = moves[state, classes[content[at]]]
            for one in range(first[state], first[state + 1]):
                found = ending[one]
                place = at + 1 - sizes[found]
                if asks[found, 2]:
                    marked[number] = True
                    continue
                if asks[found, 0] and place > begins:
                    last = content[place - 1]
                    two = place > begins + 1 and _is_lead(content[place - 2]) and 0x80 <= last <= 0xBF
                    if two or _is_letter(last):
                        continue
                if asks[found, 1] and at + 1 < ends and (_is_letter(content[at + 1]) or _is_lead(content[at + 1])):
                    continue
                if n == text.size:
                    text, pattern, start = _twice(text), _twice(pattern), _twice(start)
                text[n], pattern[n], start[n] = number, found, place - begins
                n += 1
    return text[:n], pattern[:n], start[:n]

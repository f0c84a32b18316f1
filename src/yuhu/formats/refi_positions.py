"""Positions in a text as programs count them: line ends as one or two characters, code points or UTF-16 units, the end within or outside.

The standard counts code points. Programs differ, and a quotation that stands beside a position tells how its program counts.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

_ELLIPSES = ("...", "\u2026")
_ENOUGH = 400
"""Quotations that are looked at; a program counts in one way."""


@dataclass(frozen=True)
class Convention:
    """How positions are counted."""

    line_end: int = 1
    astral: int = 1
    is_inclusive: bool = False

    def __str__(self) -> str:
        ends = "the end within" if self.is_inclusive else "the end outside"
        return f"{'UTF-16 units' if self.astral == 2 else 'code points'}, {self.line_end} for a line end, {ends}"


@dataclass(frozen=True)
class Quoted:
    """A selection as written: positions, and texts beside it that may quote it."""

    start: int
    end: int
    quotes: Sequence[str] = ()


@dataclass(frozen=True)
class Positions:
    """Places in a text with line feeds.

    Parameters
    ----------
    text : str
        The text; line ends are line feeds.
    convention : Convention
        How positions are counted.
    """

    text: str
    convention: Convention

    @cached_property
    def _ends(self) -> list[int] | None:
        if self.convention.line_end == self.convention.astral == 1:
            return None
        line, astral = self.convention.line_end, self.convention.astral
        return list(accumulate(line if sign == "\n" else astral if sign > "\uffff" else 1 for sign in self.text))

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Code points of a selection, the end outside; None where it lies outside the text or ends before it starts."""
        end += self.convention.is_inclusive
        first, last = self._point(start), self._point(end)
        return (first, last) if 0 <= start <= end and first <= len(self.text) and start <= self._length else None

    @property
    def _length(self) -> int:
        return len(self.text) if self._ends is None else (self._ends[-1] if self._ends else 0)

    def _point(self, position: int) -> int:
        if self._ends is None:
            return min(max(position, 0), len(self.text))
        return 0 if position <= 0 else min(bisect_left(self._ends, position) + 1, len(self.text))


def convention_of(text: str, selections: Iterable[Quoted], *, windows_ends: bool) -> Convention:
    """The convention by which most quotations fit; the expected one where none fits better.

    Parameters
    ----------
    text : str
        With line feeds.
    selections : iterable of Quoted
        Selections; of those with quotations some hundred are looked at.
    windows_ends : bool
        Whether a line end is expected to count twice.
    """
    expected = Convention(2 if windows_ends else 1)
    quoted = [one for one in selections if any(quote.strip() for quote in one.quotes)][:_ENOUGH]
    others = [Convention(line, astral, inclusive) for inclusive in (False, True) for astral in (1, 2) for line in (1, 2)]
    best, most = expected, _fit(text, expected, quoted)
    for other in others if quoted else ():
        fit = _fit(text, other, quoted)
        if fit > most:
            best, most = other, fit
    return best


def _fit(text: str, convention: Convention, quoted: Iterable[Quoted]) -> int:
    positions = Positions(text, convention)
    return sum(_matches(text, positions.span(one.start, one.end), one.quotes) for one in quoted)


def _matches(text: str, span: tuple[int, int] | None, quotes: Iterable[str]) -> int:
    """2 for a whole quotation, 1 for the beginning of one."""
    if span is None or span[0] == span[1]:
        return 0
    found = "".join(text[slice(*span)].split())
    best = 0
    for quote in quotes:
        cut = quote.strip()
        whole = "".join(cut.split())
        short = "".join(next((cut.removesuffix(dots) for dots in _ELLIPSES if cut.endswith(dots)), cut).split())
        best = max(best, 2 if whole and found == whole else 1 if short and found.startswith(short) else 0)
    return best

"""What the cells of a column look like, from a sample: times, counts, ids, texts."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from yuhu.core.clock import media_ms, wall_ms
from yuhu.sources.reading import whole

_EPOCH = re.compile(r"\d{10}(?:\.\d+)?|\d{13}(?:\.0+)?")
_NAIVE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}={0,2}|[A-Za-z0-9_-]+(?:[:.][A-Za-z0-9_-]+)+|\d(?:\.\d+)?[eE]\+?\d\d")
_ADDRESS = re.compile(r"\d{1,3}(?:\.(?:\d{1,3}|\*+)){3}|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4}")
_LINK = re.compile(r"(?:https?:)?//|www\.")
_LANG = re.compile(r"[a-zA-Z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_MOST = 0.8
_LONGEST_S = 48 * 3600
_USUAL_LONGEST_S = 3 * 3600


@dataclass(frozen=True)
class Looks:
    """The cells of a column that are not empty, and how many rows were looked at."""

    cells: Sequence[str]
    rows: int

    @classmethod
    def of(cls, column: Sequence[str | None]) -> "Looks":
        """Looks of the cells of a column."""
        return cls([text for cell in column if cell is not None and (text := cell.strip())], len(column))

    def share(self, holds: Callable[[str], object]) -> float:
        """Share of cells for which something holds; 0 where there is none."""
        return sum(bool(holds(cell)) for cell in self.cells) / len(self.cells) if self.cells else 0.0

    @cached_property
    def is_empty(self) -> bool:
        """No cell holds anything."""
        return not self.cells

    @cached_property
    def filled(self) -> float:
        """Share of rows that hold something."""
        return len(self.cells) / self.rows if self.rows else 0.0

    @cached_property
    def distinct(self) -> float:
        """Share of cells that differ from all before."""
        return len(set(self.cells)) / len(self.cells) if self.cells else 0.0

    @cached_property
    def length(self) -> float:
        """Mean length of the cells."""
        return sum(map(len, self.cells)) / len(self.cells) if self.cells else 0.0

    @cached_property
    def are_epochs(self) -> bool:
        """Seconds or milliseconds since 1970, of today's size; 0 where unknown."""
        known = Looks([cell for cell in self.cells if cell != "0"], self.rows)
        return known.share(lambda cell: _EPOCH.fullmatch(cell) and wall_ms(cell, "UTC") is not None) > _MOST

    @cached_property
    def are_walls(self) -> bool:
        """Wall times of a form that is understood."""
        return self.are_epochs or (self.share(lambda cell: wall_ms(cell, "UTC") is not None) > _MOST and not self.are_numbers)

    @cached_property
    def are_naive(self) -> bool:
        """Wall times some of which say no zone."""
        return self.are_walls and any(_NAIVE.fullmatch(cell) for cell in self.cells)

    @cached_property
    def are_clocks(self) -> bool:
        """Clock times as 1:23."""
        return self.share(lambda cell: media_ms(cell) is not None) > _MOST

    @cached_property
    def are_numbers(self) -> bool:
        """Numbers."""
        return self.share(_NUMBER.fullmatch) > _MOST

    @cached_property
    def are_counts(self) -> bool:
        """Counts: 12, 1,234, 1.2万, 12.0."""
        return self.share(lambda cell: whole(cell.removesuffix(".0")) is not None) > _MOST

    @cached_property
    def are_links(self) -> bool:
        """Addresses of pages."""
        return self.share(_LINK.match) > 1 - _MOST

    @cached_property
    def are_addresses(self) -> bool:
        """Addresses of machines, which name a person."""
        return self.share(_ADDRESS.fullmatch) > 1 - _MOST

    @cached_property
    def are_ids(self) -> bool:
        """Words of letters and digits without spaces."""
        return self.share(_ID.fullmatch) > _MOST

    @cached_property
    def are_languages(self) -> bool:
        """Language codes or names."""
        return self.share(lambda cell: _LANG.fullmatch(cell) or len(cell) <= 8) > _MOST

    @cached_property
    def are_texts(self) -> bool:
        """Words: neither numbers, times, links nor ids, and not a few labels again and again."""
        if self.is_empty or self.are_numbers or self.are_walls or self.are_clocks or self.are_links:
            return False
        labels = len(self.cells) >= 20 and self.distinct < 0.1
        return not labels and self.share(lambda cell: any(char.isalpha() for char in cell)) > 1 - _MOST

    def within(self, names: Sequence[str]) -> bool:
        """Whether every cell is one of some words."""
        return not self.is_empty and all(cell.lower() in names for cell in self.cells)

    def time_unit(self, unit: str) -> str:
        """Unit of times inside a video: ``clock``, ``s``, ``ms``, or empty where they are none. `unit` is what the name says."""
        if self.are_clocks:
            return "clock"
        if not self.are_numbers or self.are_epochs:
            return ""
        numbers = [float(cell) for cell in self.cells if _NUMBER.fullmatch(cell)]
        if not all(0 <= number <= _LONGEST_S * 1000 for number in numbers):
            return ""
        largest = max(numbers)
        if unit == "s" and largest > _LONGEST_S:
            return "ms"
        return unit or ("ms" if largest > _USUAL_LONGEST_S and all(number.is_integer() for number in numbers) else "s")

"""Cells of MediaCrawler's tables as values. Most columns hold whole numbers alone, which is found out first: then nothing else needs to be looked for."""

from collections.abc import Sequence

import polars as pl

from yuhu.core.clock import wall_from_epoch
from yuhu.core.contracts import Origin
from yuhu.sources.map_values import counts, texts, walls

_NUMBER = " as a number"
_LOSSY = r"^\d(?:\.\d+)?[eE]\+?\d+$"
_FLOATED = r"^(\d{1,15})\.0+$"
_DAY, _MINUTE = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}$", r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}[ T]\d{1,2}:\d{2}$"
_LARGEST = 2**53


class Cells:
    """The columns of some rows.

    Parameters
    ----------
    rows : pl.DataFrame
        String columns.
    numeric : sequence of str
        Columns that may hold whole numbers alone.
    """

    def __init__(self, rows: pl.DataFrame, numeric: Sequence[str]) -> None:
        names = list(dict.fromkeys(numeric))
        self.frame = rows.with_columns(pl.col(names).cast(pl.Int64, strict=False).name.suffix(_NUMBER))
        empty = self.frame.select(pl.sum_horizontal((pl.col(name) == "").fill_null(value=True).sum()).alias(name) for name in names)
        nulls = self.frame.select(pl.col(name + _NUMBER).null_count() for name in names)
        self._plain = {name for name, one, other in zip(names, empty.row(0), nulls.row(0), strict=True) if one == other}

    def text(self, name: str) -> pl.Expr:
        """A text; null where it is empty."""
        found = texts(self.frame[name])
        return _filled(pl.lit(found))

    def id(self, name: str) -> pl.Expr:
        """An id; ``12.0`` is 12: table programs make numbers of a column of ids that has gaps."""
        if name in self._plain:
            return _filled(pl.col(name))
        found = texts(self.frame[name])
        if found.str.contains(".", literal=True).any():
            found = pl.select(pl.coalesce(found.str.extract(_FLOATED), found)).to_series()
        return _filled(pl.lit(found))

    def has_lost_digits(self, names: Sequence[str]) -> pl.Expr:
        """Whether one of some ids is a number that a spreadsheet has rounded."""
        doubtful = [pl.col(name).str.contains(_LOSSY).fill_null(value=False) for name in names if name not in self._plain]
        return pl.any_horizontal(doubtful) if doubtful else pl.lit(value=False)

    def count(self, name: str) -> pl.Expr:
        """A count: 12, ``1.2万``, ``1.2万+``."""
        number = pl.col(name + _NUMBER)
        whole = pl.when(number.is_between(0, _LARGEST)).then(number)
        if name in self._plain:
            return whole
        found = self.frame.select(whole).to_series()
        rest = (found.is_null() & (self.frame[name] != "")).fill_null(value=False).arg_true()
        return pl.lit(found.scatter(rest, counts(self.frame[name].gather(rest).str.strip_chars_end("+ "))))

    def precision(self, name: str) -> pl.Expr:
        """How exactly a time is told, in seconds: epochs and clock times to the second, or the minute, or only a day."""
        if name in self._plain:
            return pl.lit(1, dtype=pl.Int32)
        said = pl.col(name).str.strip_chars()
        return pl.when(said.str.contains(_DAY)).then(86_400).when(said.str.contains(_MINUTE)).then(60).otherwise(1).cast(pl.Int32)

    def time(self, name: str, origin: Origin) -> pl.Expr:
        """A wall time: an epoch in seconds or milliseconds, or a text."""
        return wall_from_epoch(pl.col(name + _NUMBER)) if name in self._plain else pl.lit(walls(self.frame, name, origin))


def _filled(column: pl.Expr) -> pl.Expr:
    return pl.when(column != "").then(column)

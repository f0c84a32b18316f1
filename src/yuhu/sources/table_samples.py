"""The first rows of the tables of a file, and what their columns seem to be: to ask a person, not to import."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson
import polars as pl

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_frames import Piece
from yuhu.sources.map_columns import fields_of
from yuhu.sources.map_fields import SHAPES, Mapped
from yuhu.sources.mapping_guess import Guess, guess_mapping
from yuhu.sources.table_choice import any_pieces

_ROWS = 200
_TABLES = 20
_PATHS = 200
_DEEPEST = 3
_SHOWN = 12


@dataclass(frozen=True)
class Sample:
    """The first rows of a table.

    Parameters
    ----------
    table : str
        The table or sheet; empty for files that hold one table.
    columns : list of str
        Its columns.
    paths : list of str
        Its columns and, where cells are JSON objects, the paths inside them.
    rows : list of rows
        Cells in the order of `paths`.
    """

    table: str
    columns: list[str]
    paths: list[str]
    rows: list[tuple[str | None, ...]]

    def guess(self) -> Guess:
        """What its columns seem to be."""
        return guess_mapping(self.paths, self.rows)


def samples(origin: Origin) -> list[Sample]:
    """The first rows of each table of a file.

    Raises
    ------
    YuhuError
        YH101, YH106, YH109, YH110 it cannot be read.
    """
    found: dict[str, Sample] = {}
    while len(found) < _TABLES:
        piece = next(any_pieces(origin, lambda table, _: table not in found), None)
        if piece is None:
            break
        found[piece.table] = _sample(piece)
        if not piece.table:
            break
    return list(found.values())


def guessed(origin: Origin, found: Sequence[Sample] | None = None) -> Guess | None:
    """The best guess at a file's columns; of a file with several tables, at those of one of them. None where it holds no table.

    Raises
    ------
    YuhuError
        YH101, YH106, YH109, YH110 it cannot be read.
    """
    tables = samples(origin) if found is None else found
    guesses = [(sample, sample.guess()) for sample in tables]
    if not guesses:
        return None
    sample, best = max(guesses, key=lambda one: (one[1].is_enough, sum(one[1].confidence.values())))
    earlier = tables[: tables.index(sample)]
    if any(set(best.mapping) <= set(one.paths) for one in earlier):
        return _named_in_full(best, sample.table)
    return best


def _named_in_full(guess: Guess, table: str) -> Guess:
    """The guess with columns as ``TABLE.column``: an earlier table has columns of the same names."""
    called = {column: f"{table}.{column}" for column in guess.mapping}
    return replace(
        guess,
        mapping={called[column]: name for column, name in guess.mapping.items()},
        confidence={called[column]: sure for column, sure in guess.confidence.items()},
        reasons={called.get(column, column): why for column, why in guess.reasons.items()},
    )


def _sample(piece: Piece) -> Sample:
    rows = piece.rows.head(_ROWS)
    columns = [name for name in rows.columns if name]
    paths = [path for name in columns for path in _paths(name, rows[name])][:_PATHS]
    mapped = Mapped(SHAPES[0], {path: path for path in paths})
    return Sample(piece.table, columns, paths, fields_of(rows, mapped).rows() if paths else [])


def _paths(name: str, column: pl.Series) -> list[str]:
    """The column, or the paths inside the objects that it holds."""
    documents = [_object(text) for text in column.drop_nulls()]
    objects = [one for one in documents if one]
    if not objects or len(objects) < len(documents) / 2:
        return [name]
    return list(dict.fromkeys(f"{name}.{path}" for one in objects for path in _inside(one, 1)))


def _inside(document: Mapping[str, object], depth: int) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from (f"{key}.{path}" for path in _inside(value, depth + 1))
        elif not isinstance(value, dict | list):
            yield key


def _object(text: str) -> dict[str, object] | None:
    if not text.startswith("{"):
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def looks_like(origin: Origin) -> tuple[str, Guess | None]:
    """What a file that nobody recognises looks like, in words, and the guess at its columns if it is a table."""
    try:
        found = samples(origin)
    except YuhuError as error:
        return f"no table that can be read: {error.problem}", None
    if not all(name.isprintable() for sample in found for name in sample.columns):
        return "neither text nor a table of a known kind", None
    if not found or all(len(sample.columns) < 2 for sample in found):
        return "plain text", None
    named = [", ".join(name[:40] for name in sample.columns[:_SHOWN]) for sample in found[:_SHOWN]]
    if len(found) == 1:
        return f"a table with the columns {named[0]}", guessed(origin, found)
    return "; ".join(f"table {sample.table} ({columns})" for sample, columns in zip(found, named, strict=False)), guessed(origin, found)

"""Which table of a file is read under a mapping: the first that has all mapped columns."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

import polars as pl

from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat_databases import Wanted
from yuhu.sources.flat_frames import Piece, every, frames, is_unfinished
from yuhu.sources.flat_parquet import MAGIC, column_pieces
from yuhu.sources.map_columns import missing, of_table
from yuhu.sources.map_fields import Mapped

TABLE = "table"
"""What the context of a file calls the table or sheet that was read."""

_SHOWN = 12
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def any_pieces(origin: Origin, wanted: Wanted = every) -> Iterator[Piece]:
    """The rows of any table, a piece at a time; of a database or workbook those of the tables that are wanted.

    Raises
    ------
    YuhuError
        YH104 a workbook of the old kind; what the kind of the file raises.
    """
    with origin.path.open("rb") as file:
        start = file.read(len(_OLD_OFFICE))
    if start == _OLD_OFFICE:
        raise YuhuError("YH104", f"`{origin.name}` is an Office file of the old kind", fix="save it as .xlsx or CSV, and add that")
    return column_pieces(origin) if start.startswith(MAGIC) else frames(origin, wanted=wanted)


def chosen_pieces(origin: Origin, mapped: Mapped, facts: Facts) -> tuple[Mapped, Iterator[Piece]]:
    """The mapping with columns as the table calls them that is read, and its pieces; the context of the file says which it is.

    Raises
    ------
    YuhuError
        YH102 a mapped column is missing; what the kind of the file raises.
    """
    met: dict[str, list[str]] = {}
    chosen: list[str] = []

    def wanted(table: str, columns: list[str]) -> bool:
        met[table] = columns
        if not chosen and not missing(columns, of_table(mapped, table)):
            chosen.append(table)
            return True
        return False

    pieces = any_pieces(origin, wanted)
    waiting: list[Piece] = []
    for piece in pieces:
        waiting.append(piece)
        if piece.rows.height:
            break
    if met and not chosen:
        raise _missing(met, mapped, origin)
    if chosen:
        facts.context[TABLE] = chosen[0]
        return of_table(mapped, chosen[0]), _noted(chain(waiting, pieces), met, chosen[0], origin, facts)
    first = waiting[-1].rows if waiting else pl.DataFrame()
    if any(first.columns) and (lacking := missing(first.columns, mapped, first)):
        raise lacks(lacking[0], first.columns, mapped, origin)
    return mapped, chain(waiting, pieces)


def _noted(pieces: Iterator[Piece], met: Mapping[str, Sequence[str]], chosen: str, origin: Origin, facts: Facts) -> Iterator[Piece]:
    """The pieces, and then what a person should know of the file."""
    yield from pieces
    if len(met) > 1:
        facts.notes.append(f"of {len(met)} tables only `{chosen}` was read, the first that has all mapped columns")
    if is_unfinished(origin.path):
        facts.notes.append("changes that a program has not yet written into the database are not read")


def _missing(met: dict[str, list[str]], mapped: Mapped, origin: Origin) -> YuhuError:
    """Which column no table has, told of the table that lacks fewest."""
    lacking = {table: missing(columns, of_table(mapped, table)) for table, columns in met.items()}
    nearest = min(lacking, key=lambda table: len(lacking[table]))
    error = lacks(lacking[nearest][0], met[nearest], mapped, origin)
    facts = {"file": origin.name, "tables": ", ".join(islice(met, _SHOWN)), "nearest": nearest, "found": error.facts["found"]}
    return YuhuError(error.code, error.problem, facts=facts, fix=error.fix)


def lacks(column: str, found: Sequence[str], mapped: Mapped, origin: Origin) -> YuhuError:
    """The error for a mapped column that a table has not."""
    name = next((name for name, one in mapped.columns.items() if one == column), "value")
    return YuhuError(
        "YH102",
        f"column `{column}` is missing",
        facts={"file": origin.name, "found": ", ".join(one[:40] for one in dict.fromkeys(found[:_SHOWN]))},
        fix=f"name the column that holds it: --map COLUMN={name}",
    )

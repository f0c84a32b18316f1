"""The columns of a mapped table: finding them, also inside JSON, and making the raw copy from which they can be found again."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import polars as pl

from yuhu.sources.column_names import names_people
from yuhu.sources.flat_pieces import cell
from yuhu.sources.json_records import dig
from yuhu.sources.map_fields import Mapped
from yuhu.study.scrub import is_name

PEOPLE = ("author", "account")
"""Fields that hold a person."""

_ASIDE = "mapped to "
_MAY_GO = re.compile(
    r"user|author|owner|nick|avatar|member|creator|uploader|sender|poster|comment_?er|channel|publisher|profile|name|sign|face|sex|gender|bio|mid|uid|"
    r"_id|[a-z]id$|token|cookie|mention|at_?user|phone|mobile|mail|birth|age|ip|device|source",
    re.IGNORECASE,
)
"""Names that the study may take out of a raw copy as it stands. Columns that were mapped to a field that holds no person are kept under the field's name,
so that the raw copy gives the same rows again: a person said that they name nobody."""


def of_table(mapped: Mapped, table: str) -> Mapped:
    """The mapping with columns as they are called within a table: ``TABLE.column`` is ``column``."""
    start = f"{table}."
    if not table:
        return mapped
    columns = {name: column.removeprefix(start) for name, column in mapped.columns.items()}
    return replace(mapped, columns=columns, values=tuple(column.removeprefix(start) for column in mapped.values))


def missing(columns: Sequence[str], mapped: Mapped, rows: pl.DataFrame | None = None) -> list[str]:
    """Mapped columns that a table lacks. A path with dots is there if some row holds it; where no rows are known, if it may be there."""
    wanted = dict.fromkeys((*mapped.columns.values(), *mapped.values))
    lacking = [name for name in wanted if name not in columns]
    if rows is None:
        return [name for name in lacking if not _beginning(name, columns)[0]]
    return [name for name, found in zip(lacking, _inside(rows, lacking), strict=True) if found.null_count() == rows.height]


def fields_of(rows: pl.DataFrame, mapped: Mapped, *, is_again: bool = False) -> pl.DataFrame:
    """The mapped columns under the names of their fields, further columns of numbers as ``value 1`` …; empty cells are null.

    With `is_again` the rows are those of `raw_of`.
    """
    wanted = dict(_wanted(mapped))
    places = {name: _ASIDE + name if is_again and _ASIDE + name in rows.columns else column for name, column in wanted.items()}
    flat = {name: rows[column].alias(name) for name, column in places.items() if column in rows.columns}
    paths = {name: column for name, column in wanted.items() if name not in flat}
    inner = dict(zip(paths, _inside(rows, list(paths.values())), strict=True))
    whole = pl.DataFrame([flat[name] if name in flat else inner[name].alias(name) for name in wanted])
    return whole.select(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in wanted)


def _wanted(mapped: Mapped) -> Iterator[tuple[str, str]]:
    for name, column in mapped.columns.items():
        yield name, column
        if name == "value":
            yield from ((f"value {at}", one) for at, one in enumerate(mapped.values[1:], start=1))


def _inside(rows: pl.DataFrame, paths: Sequence[str]) -> list[pl.Series]:
    """Values inside JSON cells by paths with dots; null where there is none."""
    documents: dict[str, list[Any]] = {}
    found = []
    for path in paths:
        column, rest = _beginning(path, rows.columns)
        if column and column not in documents:
            documents[column] = [_document(text) for text in rows[column]]
        values = [cell(dig(document, rest)) for document in documents[column]] if column else [None] * rows.height
        found.append(pl.Series(path, values, dtype=pl.String))
    return found


def _beginning(path: str, columns: Sequence[str]) -> tuple[str, str]:
    """The longest beginning of a path that is a column, and the rest; empty if there is none."""
    keys = path.split(".")
    starts = ((".".join(keys[:at]), ".".join(keys[at:])) for at in range(len(keys) - 1, 0, -1))
    return next(((start, rest) for start, rest in starts if start in columns), ("", ""))


def _document(text: str | None) -> Any:
    """A JSON object or list that stands in a cell; None where it is none."""
    if text is None or text[:1] not in {"{", "["}:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def raw_of(rows: pl.DataFrame, mapped: Mapped) -> pl.DataFrame | list[dict[str, Any]]:
    """Rows for the raw copy: a frame of texts, or objects where cells hold objects, so that people inside them are found."""
    aside = {column: _ASIDE + name for name, column in _wanted(mapped) if name not in PEOPLE and _may_go(column)}
    renamed = {column: name for column, name in aside.items() if column in rows.columns}
    kept = rows.drop(name for name in rows.columns if name.startswith(_ASIDE) and name not in renamed).rename(renamed)
    inner = _inner(rows, mapped)
    if not inner:
        return kept
    paths = {column: name for column, name in aside.items() if column not in rows.columns}
    values = dict(zip(paths.values(), _inside(rows, list(paths)), strict=True))
    whole = kept.with_columns(series.alias(name) for name, series in values.items()) if values else kept
    objects: list[dict[str, Any]] = whole.to_dicts()
    for column, documents in inner.items():
        for record, document in zip(objects, documents, strict=True):
            if document is not None:
                record[column] = document
    dotted = [name for name in whole.columns if "." in name and name not in inner]
    return [_nested(record, dotted, mapped) for record in objects] if dotted else objects


def _may_go(column: str) -> bool:
    return column.startswith(_ASIDE) or bool(_MAY_GO.search(column)) or any(map(is_name, re.split(r"[./:]", column)))


def _inner(rows: pl.DataFrame, mapped: Mapped) -> dict[str, list[Any]]:
    """Columns some of whose cells hold objects; the messages themselves are texts, whatever they look like."""
    used = set(mapped.columns.values()) | set(mapped.values)
    found = {}
    for name in rows.columns:
        if name in used or not rows[name].str.contains(r"^[\[{][\s\S]*\{|^\{").any():
            continue
        documents = [_document(text) for text in rows[name]]
        if any(document is not None for document in documents):
            found[name] = documents
    return found


def _nested(record: dict[str, Any], dotted: Sequence[str], mapped: Mapped) -> dict[str, Any]:
    """The record with columns whose names hold dots as the paths that they are called after: so the study looks for people in objects."""
    people = {column for name, column in mapped.columns.items() if name in PEOPLE}
    for name in dotted:
        value = record.pop(name)
        if name in people:
            *above, last = name.split(".")
            node = record
            for key in above:
                inner = node.setdefault(key, {})
                node = inner if isinstance(inner, dict) else {}
            node[last] = value
        elif not names_people(name):
            record[name] = value
    return record

"""What files are before they are added: recognised, a table whose columns a person must explain, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.core.progress import step
from yuhu.sources.door import Entry, entries
from yuhu.sources.recognise import recognise
from yuhu.sources.table_samples import Sample, guessed, samples
from yuhu.study.mappings import saved_mapping
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction
from yuhu.texts.hostile import visible

ROWS, LONGEST = 5, 120


@dataclass(frozen=True)
class Column:
    """A column of a table, what it seems to be, and its first cells.

    Parameters
    ----------
    name : str
        As the file has it.
    field : str
        The field it is taken for; empty if none.
    why : str
        Why it is taken for that, or for nothing.
    cells : tuple of str
        The first ones, cut to 120 characters. They are people's words: show them to those who add files, and keep them nowhere.
    """

    name: str
    field: str
    why: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Looked:
    """One file that was looked at.

    Parameters
    ----------
    source : Path or None
        The file or archive that was named.
    file : str
        Its name, with the archive or folder that holds it.
    status : str
        ``recognised``, ``table`` (nobody recognises it, and its columns can be explained) or ``refused``.
    importer : str
        The importer's name.
    label : mapping of str
        The importer's name for people, by language.
    columns : tuple of Column
        Of a table.
    needs_zone : bool
        Whether times of the table stand without a zone.
    where_from : str
        Where the proposal comes from: ``saved`` (used before in this study), ``guessed``, or empty.
    error : YuhuError, optional
        Why it is refused.
    """

    source: Path | None
    file: str
    status: str
    importer: str = ""
    label: dict[str, str] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()
    needs_zone: bool = False
    where_from: str = ""
    error: YuhuError | None = None

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        columns = [{**one.__dict__, "cells": list(one.cells)} for one in self.columns]
        return {
            **self.__dict__,
            "source": str(self.source or ""),
            "columns": columns,
            "error": self.error.as_dict() if self.error else None,
        }


def look(study: Study, files: Sequence[Path | str]) -> list[Looked]:
    """What files are, without adding them.

    Parameters
    ----------
    study : Study
        The study; its mappings of before are proposed first.
    files : sequence of path
        Files, folders and archives.

    Returns
    -------
    list of Looked
        One for each file, in the order in which `yuhu.verbs.add.add` would read them.

    Raises
    ------
    YuhuError
        YH203 another writer; YH209 the disk refused a copy.

    Notes
    -----
    Reads the start of each file, and what is packed whole.
    """
    found: list[Looked] = []
    with Transaction(study) as change, change.room() as room:
        for number, entry in enumerate(entries(files, room=room, without=[study.path])):
            step(entry.called, number, 0)
            found.append(_looked(study, entry))
    return found


def _looked(study: Study, entry: Entry) -> Looked:
    called = f"{entry.container}{entry.called}"
    if entry.error is not None:
        return Looked(entry.source, called, "refused", error=entry.error)
    origin = Origin(entry.path, called=entry.called, content=entry.content)
    try:
        importer = recognise(origin)
    except YuhuError as error:
        table = _table(study, entry, origin) if error.code == "YH103" else None
        return table or Looked(entry.source, called, "refused", error=error)
    return Looked(entry.source, called, "recognised", importer.name, dict(importer.label))


def _table(study: Study, entry: Entry, origin: Origin) -> Looked | None:
    """The file as a table, if it is one."""
    origin = replace(origin, content=None)
    try:
        found = samples(origin)
        guess = guessed(origin, found)
    except YuhuError:
        return None
    if guess is None or all(len(sample.columns) < 2 for sample in found):
        return None
    saved = next((one for sample in found if (one := saved_mapping(study.path, sample.columns)) is not None), None)
    mapping = dict(saved.mapping) if saved is not None else dict(guess.mapping)
    several = len(found) > 1
    columns = tuple(
        _column(f"{sample.table}.{path}" if several else path, at, sample, mapping, guess.reasons)
        for sample in found
        for at, path in enumerate(sample.paths)
    )
    where_from = "saved" if saved else "guessed" if guess.mapping else ""
    called = f"{entry.container}{entry.called}"
    return Looked(entry.source, called, "table", columns=columns, needs_zone=guess.tz_needed, where_from=where_from)


def _column(name: str, at: int, sample: Sample, mapping: Mapping[str, str], reasons: Mapping[str, str]) -> Column:
    bare = sample.paths[at]
    held = [visible(cell, LONGEST) for row in sample.rows if (cell := row[at])][:ROWS]
    return Column(name, mapping.get(name, mapping.get(bare, "")), reasons.get(name, reasons.get(bare, "")), tuple(held))

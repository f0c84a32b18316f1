"""A coder's tasks, and what the coder did on them: read from ``codings.sqlite``, never from what others did."""

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from yuhu.coding.questions import ABSTAIN, NOTHING, Question, fitting, flat
from yuhu.core.errors import YuhuError
from yuhu.core.schema import WITHDRAWN
from yuhu.study.assignments import read_assignments
from yuhu.study.coding_file import connected
from yuhu.texts.hostile import clean

Key = tuple[str, str, str, int]
"""Sample, unit, purpose, occasion: one task of a coder."""

LONGEST_NOTE = 4_000

_TASK = "coder = ? and sample = ? and unit_id = ? and purpose = ? and occasion = ?"


@dataclass(frozen=True)
class Task:
    """One unit that the coder is to code, as often as it is assigned."""

    sample: str
    unit_id: str
    purpose: str
    occasion: int
    not_before: str = ""

    @property
    def key(self) -> Key:
        """What tells it from other tasks of the coder."""
        return self.sample, self.unit_id, self.purpose, self.occasion

    def token(self, coder: str) -> str:
        """A name for the task that tells neither the unit nor that it comes again; 18 hexadecimal digits."""
        parts = "\x1f".join((coder, *map(str, self.key))).encode()
        return hashlib.blake2b(parts, digest_size=9).hexdigest()

    def is_due(self, at: str) -> bool:
        """Whether its day has come."""
        return not self.not_before or self.not_before <= at


@dataclass(frozen=True)
class Held:
    """A decision that counts, as stored."""

    code: str
    value: str | None
    status: str
    note: str | None
    code_hash: str
    evidence: str | None


@dataclass(frozen=True)
class Given:
    """What a coder gave on a task so far: answers as `coding.questions.decide` takes them, a note, and characters of the text that show an answer."""

    answers: dict[str, str]
    note: str = ""
    evidence: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def tasks_of(folder: Path, coder: str, sample: str | None = None) -> list[Task]:
    """The tasks of a coder in the order in which they meet them; of one sample, or of all."""
    rows = read_assignments(folder, coder)
    rows = rows if sample is None else rows.filter(pl.col("sample") == sample)
    return [Task(*one) for one in rows.select("sample", "unit_id", "purpose", "occasion", "not_before").iter_rows()]


def finished(folder: Path, coder: str, tasks: Sequence[Task], asked: Mapping[str, Sequence[Question]]) -> dict[Key, str]:
    """The tasks that are done, each with the time at which it was, first done first.

    Parameters
    ----------
    folder : Path
        The study.
    coder : str
        Who codes.
    tasks : sequence of Task
        The coder's tasks.
    asked : mapping of sample to sequence of Question
        What is decided on the units of a sample.

    Notes
    -----
    O(rows of the coder).
    """
    mine = {task.key for task in tasks}
    found: list[tuple[int, Key, str]] = []
    with connected(folder) as connection:
        for sample, questions in asked.items():
            names = [one.id for question in questions for one in flat(question)]
            marks = ", ".join("?" * len(names))
            rows = connection.execute(
                f"""select unit_id, purpose, occasion, max(at), max(id) from codings where status <> '{WITHDRAWN}' and id in
                (select max(id) from codings where coder = ? and sample = ? and code in ({marks}) group by unit_id, code, purpose, occasion)
                group by unit_id, purpose, occasion having count(*) = ?""",  # noqa: S608
                (coder, sample, *names, len(names)),
            ).fetchall()
            found += [(at, (sample, unit, purpose, occasion), when) for unit, purpose, occasion, when, at in rows]
    return {key: when for _, key, when in sorted(found) if key in mine}


def held(connection: sqlite3.Connection, coder: str, task: Task) -> list[Held]:
    """The coder's own decisions on a task that count."""
    rows = connection.execute(
        f"""select code, value, status, note, code_hash, evidence from codings where status <> '{WITHDRAWN}'
        and id in (select max(id) from codings where {_TASK} group by code) order by id""",  # noqa: S608
        (coder, *task.key),
    ).fetchall()
    return [Held(*row) for row in rows]


def given_on(connection: sqlite3.Connection, coder: str, task: Task, asked: Sequence[Question]) -> Given:
    """What the coder gave on a task: the draft, if there is one, else what counts."""
    draft = connection.execute(f"select answers, note, evidence from drafts where {_TASK}", (coder, *task.key)).fetchone()  # noqa: S608
    if draft is not None:
        answers = fitting(asked, json.loads(draft[0]))
        known = {one.id for question in asked for one in flat(question)}
        return Given(answers, draft[1], {name: (start, end) for name, (start, end) in json.loads(draft[2]).items() if name in known})
    rows = held(connection, coder, task)
    found = answers_of(asked, [(one.code, one.value, one.status) for one in rows])
    marked = {one.code: json.loads(one.evidence) for one in rows if one.evidence}
    return Given(
        found, next((one.note for one in reversed(rows) if one.note), ""), {name: (span[0], span[1]) for name, span in marked.items()}
    )


def answers_of(asked: Sequence[Question], decisions: Iterable[tuple[str, str | None, str]]) -> dict[str, str]:
    """Stored decisions (variable, value, status) in the form in which a coder gives them."""
    found = {
        code: value if status == "coded" and value is not None else ABSTAIN
        for code, value, status in decisions
        if status in ("coded", "abstained")
    }
    for question in asked:
        cells = {one.id: found.pop(one.id) for one in question.variables if one.id in found} if question.has_facets else {}
        if cells:
            found |= cells_in_short(question, cells)
    return found


def put_draft(connection: sqlite3.Connection, coder: str, task: Task, given: Given) -> None:
    """Keep what was given so far on a task. A draft is no coding: nothing counts it."""
    connection.execute(
        "insert or replace into drafts (coder, sample, unit_id, purpose, occasion, answers, note, at, evidence) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (coder, *task.key, json.dumps(given.answers), given.note, now(), json.dumps(dict(given.evidence))),
    )


def drop_draft(connection: sqlite3.Connection, coder: str, task: Task) -> None:
    """Forget the draft of a task that is finished."""
    connection.execute(f"delete from drafts where {_TASK}", (coder, *task.key))  # noqa: S608


def cells_in_short(question: Question, cells: Mapping[str, str]) -> dict[str, str]:
    """Cells as a coder answers them: those that are there, or one word for all."""
    if set(cells.values()) == {ABSTAIN}:
        return {question.code: ABSTAIN}
    return {name: value for name, value in cells.items() if value != question.variables[0].zero} or {question.code: NOTHING}


def is_finished(connection: sqlite3.Connection, coder: str, task: Task, asked: Sequence[Question]) -> bool:
    """Whether every decision on the task counts now, whoever stored them: another window or program of the same coder may have."""
    names = {one.id for question in asked for one in flat(question)}
    return names <= {one.code for one in held(connection, coder, task)}


def is_first(connection: sqlite3.Connection, coder: str, request: str) -> bool:
    """Whether a coder's request comes for the first time; it is known from now on, if the transaction ends well."""
    row = (coder, request, now())
    return connection.execute("insert or ignore into requests (coder, id, at) values (?, ?, ?)", row).rowcount == 1


def is_assigned(connection: sqlite3.Connection, coder: str, task: Task) -> bool:
    """Whether the task is still the coder's."""
    return connection.execute(f"select 1 from assignments where {_TASK}", (coder, *task.key)).fetchone() is not None  # noqa: S608


def checked_note(text: str) -> str:
    """A note without control characters.

    Raises
    ------
    YuhuError
        YH503 it is too long.
    """
    kept = clean(text)
    if len(kept) > LONGEST_NOTE:
        raise YuhuError("YH503", "the note is too long", facts={"characters": len(kept), "at most": LONGEST_NOTE}, fix="write less")
    return kept


def now() -> str:
    """The time as codings store it: UTC, to the millisecond."""
    return dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"

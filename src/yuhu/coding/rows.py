"""A coder's decisions as rows of ``codings.sqlite``: added, never changed; taking back is a row, too."""

import sqlite3
from collections.abc import Mapping, Sequence

from yuhu.coding.contexts import Contexts
from yuhu.coding.questions import Decision, Question
from yuhu.coding.tasks import Task, given_on, held, now, put_draft
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODING, WITHDRAWN
from yuhu.study.assignments import Person
from yuhu.study.codings import insert

_NAMES = tuple(CODING.names)


class Rows:
    """Writes what one coder decides.

    Parameters
    ----------
    person : Person
        The coder.
    codebook_hash : str
        Of the codebook that is coded by.
    contexts : Contexts
        Of the coder's units.
    """

    def __init__(self, person: Person, codebook_hash: str, contexts: Contexts) -> None:
        self._person = person
        self._codebook_hash = codebook_hash
        self._contexts = contexts

    def add(
        self, connection: sqlite3.Connection, task: Task, decisions: Sequence[Decision], at: str, note: str, spans: Mapping[str, str]
    ) -> None:
        """Write decisions on a task, with a note and, by variable, the characters that show it."""
        rows = [
            self._row(task, one.variable.id, one.status, one.value, one.variable.code_hash, at, note, spans.get(one.variable.id))
            for one in decisions
        ]
        insert(connection, rows)

    def withdraw(self, connection: sqlite3.Connection, task: Task, asked: Sequence[Question]) -> None:
        """Take back what counts of a task; it becomes the task's draft.

        Raises
        ------
        YuhuError
            YH513 nothing counts.
        """
        coder = self._person.coder
        rows = held(connection, coder, task)
        if not rows:
            raise YuhuError("YH513", "this unit is not coded: there is nothing to take back", facts={"coder": coder}, fix="code it")
        given, at = given_on(connection, coder, task, asked), now()
        insert(connection, [self._row(task, one.code, WITHDRAWN, None, one.code_hash, at, "", None) for one in rows])
        put_draft(connection, coder, task, given)

    def _row(
        self, task: Task, code: str, status: str, value: str | None, code_hash: str, at: str, note: str, evidence: str | None
    ) -> tuple[object, ...]:
        row = {
            "unit_kind": "response",
            "unit_id": task.unit_id,
            "video_id": self._contexts.video_of(task.unit_id),
            "code": code,
            "value": value,
            "status": status,
            "coder": self._person.coder,
            "coder_kind": self._person.kind,
            "code_hash": code_hash,
            "codebook_hash": self._codebook_hash,
            "evidence": evidence,
            "at": at,
            "purpose": task.purpose,
            "occasion": task.occasion,
            "note": note or None,
            "sample": task.sample,
        }
        return tuple(row.get(name) for name in _NAMES)

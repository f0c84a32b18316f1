"""What a coder is given: a sheet with a unit and its questions, and how far they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yuhu.coding.contexts import Unit
from yuhu.coding.questions import Question
from yuhu.coding.tasks import Task


@dataclass(frozen=True)
class Sheet:
    """What a coder sees: the unit with its context, the questions, and what they answered before."""

    task: Task
    key: str
    unit: Unit
    questions: Sequence[Question]
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def as_dict(self, lang: str, *, with_questions: bool = True) -> dict[str, Any]:
        """The sheet in one language, as plain data: neither its sample, nor its unit's id, nor whether it is a repeat or shared with others."""
        asked = {"questions": [one.as_dict(lang) for one in self.questions]} if with_questions else {}
        return {"key": self.key, **self.unit.as_dict(), **asked, "answers": dict(self.answers), "note": self.note}


@dataclass(frozen=True)
class Progress:
    """Tasks done, tasks in all, and tasks that wait for their day."""

    done: int
    total: int
    waiting: int

    @property
    def left(self) -> int:
        """Tasks that can be done today."""
        return self.total - self.done - self.waiting

    def as_dict(self) -> dict[str, int]:
        """As plain data."""
        return {"done": self.done, "total": self.total, "waiting": self.waiting}

"""What a coder is given: a sheet with a unit and its questions, and how far they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yuhu.coding.contexts import Unit
from yuhu.coding.questions import Question
from yuhu.coding.tasks import Given, Task


@dataclass(frozen=True)
class Sheet:
    """What a coder sees: the unit with its context, the questions, and what they gave before.

    ``same``: other units of theirs with the same text that are still open; ``shows_video``: whether they may look at the moment in the video.
    """

    task: Task
    key: str
    unit: Unit
    questions: Sequence[Question]
    given: Given = field(default_factory=lambda: Given({}))
    same: int = 0
    shows_video: bool = False

    @property
    def answers(self) -> Mapping[str, str]:
        """The answers so far."""
        return self.given.answers

    @property
    def note(self) -> str:
        """The note so far."""
        return self.given.note

    def as_dict(self, lang: str, *, with_questions: bool = True) -> dict[str, Any]:
        """The sheet in one language, as plain data: neither its sample, nor its unit's id, nor whether it is a repeat or shared with others."""
        asked = {"questions": [one.as_dict(lang) for one in self.questions]} if with_questions else {}
        evidence = {name: list(span) for name, span in self.given.evidence.items()}
        mine = {"answers": dict(self.answers), "note": self.note, "evidence": evidence}
        return {"key": self.key, **self.unit.as_dict(), "same": self.same, "shows_video": self.shows_video, **asked, **mine}


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

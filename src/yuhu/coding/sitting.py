"""A sitting at the desk or in training: keys go in, and what is to be shown can be read off. It draws nothing and reads no keyboard."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from yuhu.coding.answering import Answering, Prompt
from yuhu.coding.contexts import Unit
from yuhu.coding.desk import Desk
from yuhu.coding.pace import LONGEST_PAUSE_S, seconds_a_unit, since
from yuhu.coding.questions import Question, is_present
from yuhu.coding.sheets import Progress, Sheet
from yuhu.coding.training import Drill, Feedback, Training
from yuhu.core.errors import YuhuError

TIRED_AFTER_MIN = 50
"""Minutes without a pause after which a sitting suggests one."""

HOSTILE_AT_ONCE = 20
"""Messages that the coder found hostile in one sitting after which it suggests to stop for today."""

ENTER = "\n"
OVERLAYS = {"d": "definition", "e": "examples", "h": "help"}

Clock = Callable[[], dt.datetime]


def _utc() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Message:
    """Something to tell the coder: a word of the screen's dictionary and what it speaks of, or an error."""

    word: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    error: YuhuError | None = None


@dataclass(frozen=True)
class Standing:
    """How far and how fast: tasks, units finished today, median seconds a unit, hours that are left at this pace."""

    progress: Progress
    today: int
    seconds: float | None

    @property
    def hours_left(self) -> float | None:
        """None where the pace is not known."""
        return None if self.seconds is None else self.seconds * (self.progress.total - self.progress.done) / 3600


class Sitting(ABC):
    """What both kinds of sitting share: one unit, its questions, and the keys that answer them.

    Parameters
    ----------
    clock : callable, optional
        Gives the time in UTC.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or _utc
        self._began = self._last = self._clock()
        self.message: Message | None = None
        self.overlay = ""
        self.note = ""
        self.unit: Unit | None = None
        self._answering = Answering((), {})
        self._take()

    @property
    def prompt(self) -> Prompt | None:
        """What is to be answered now; None once nothing is left."""
        return self._answering.prompt()

    @property
    def answers(self) -> Mapping[str, str]:
        """The answers on the unit at hand."""
        return self._answering.answers

    @property
    def steps(self) -> Sequence[str]:
        """What is to be answered on the unit at hand, as far as the answers so far tell."""
        return self._answering.steps()

    @property
    def is_tired(self) -> bool:
        """Whether the coder has worked for long without a pause."""
        return (self._last - self._began).total_seconds() >= TIRED_AFTER_MIN * 60

    def press(self, key: str) -> None:
        """Take a key: a choice, Enter, or a command. A message says where a key does nothing."""
        self.message = None
        self._keep_time()
        if self.overlay:
            self.overlay = ""
            return
        if not key or (self.unit is None and key != "u"):
            return
        try:
            self._obey(key)
        except YuhuError as error:
            self.message = Message(error=error)

    def write(self, note: str) -> None:
        """Write a note beside the unit at hand; it stays with its codings."""
        if self.unit is not None:
            self.note = note
            self._keep()
            self.message = Message("noted" if note else "note_gone")

    def _obey(self, key: str) -> None:
        if key in OVERLAYS:
            self._show(OVERLAYS[key])
        elif key == "b":
            self.message = None if self._answering.back() else Message("first_question")
        elif key == ">":
            self._answering.turn()
        elif key in ("u", "s", "a"):
            self._command(key)
        else:
            self._answer(key)

    def _answer(self, key: str) -> None:
        if key == "?":
            self._answering.abstain()
        elif key == ENTER:
            if not self._answering.enter():
                self.message = Message("no_answer")
                return
        elif not self._answering.choose(key):
            self.message = Message("no_such_key", {"key": key})
            return
        if not self._answering.is_complete:
            self._keep()
            return
        try:
            self._finish()
        except YuhuError:
            self._answering.reopen()  # it was not stored: the last question stays open
            raise

    def _keep_time(self) -> None:
        at = self._clock()
        if (at - self._last).total_seconds() > LONGEST_PAUSE_S:
            self._began = at
        self._last = at

    def _show(self, overlay: str) -> None:
        self.overlay = overlay

    @abstractmethod
    def _take(self) -> None:
        """Go to the next unit."""

    @abstractmethod
    def _command(self, key: str) -> None:
        """Undo, skip, or abstain on the whole unit."""

    @abstractmethod
    def _keep(self) -> None:
        """Keep the answers on a unit in progress."""

    @abstractmethod
    def _finish(self) -> None:
        """Store the answers on a unit, and go on."""


class DeskSitting(Sitting):
    """A sitting at the desk.

    Parameters
    ----------
    desk : Desk
        The coder's desk.
    clock : callable, optional
        Gives the time in UTC.
    """

    def __init__(self, desk: Desk, clock: Clock | None = None) -> None:
        self.desk = desk
        self._sheet: Sheet | None = None
        self.hostile = 0
        super().__init__(clock)

    @property
    def is_harsh(self) -> bool:
        """Whether the coder has read as many hostile messages as is good for one sitting; told by the coder's own answers, never by a machine's."""
        return self.hostile >= HOSTILE_AT_ONCE

    def standing(self) -> Standing:
        """How far and how fast the coder is."""
        times = self.desk.done_at
        midnight = self._clock().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        today = since(times, midnight)
        return Standing(self.desk.progress(), len(today), seconds_a_unit(today) or seconds_a_unit(times))

    def _take(self) -> None:
        self._put(self.desk.next())

    def _put(self, sheet: Sheet | None) -> None:
        self._sheet = sheet
        self.unit = sheet.unit if sheet else None
        self.note = sheet.note if sheet else ""
        self._answering = Answering(sheet.questions if sheet else (), sheet.answers if sheet else {})
        self._answering.reopen()

    def _command(self, key: str) -> None:
        if key == "u":
            self._undo()
        elif self._sheet is not None:
            task = self._sheet.task
            which = {"purpose": task.purpose, "occasion": task.occasion, "sample": task.sample}
            if key == "s":
                self.desk.skip(task.unit_id, **which)  # type: ignore[arg-type]
            else:
                self.desk.abstain(task.unit_id, note=self.note, **which)  # type: ignore[arg-type]
            self._take()
            self.message = Message("skipped" if key == "s" else "abstained")

    def _undo(self) -> None:
        sheet = self.desk.undo()
        if sheet is None:
            self.message = Message("nothing_to_undo")
            return
        self._put(sheet)
        self._keep()
        self.message = Message("undone")

    def _keep(self) -> None:
        self._save(is_partial=True)

    def _finish(self) -> None:
        self._save(is_partial=False)
        asked = self._sheet.questions if self._sheet else ()
        self.hostile += any(_is_hostile(one) and is_present(one, self.answers) for one in asked)
        self._take()

    def _save(self, *, is_partial: bool) -> None:
        if self._sheet is not None:
            task = self._sheet.task
            self.desk.save(
                task.unit_id,
                self.answers,
                purpose=task.purpose,
                occasion=task.occasion,
                sample=task.sample,
                note=self.note,
                is_partial=is_partial,
            )


class TrainingSitting(Sitting):
    """A sitting in training: after each answer `feedback` says what is right, until the next key.

    Parameters
    ----------
    training : Training
        The coder's training.
    clock : callable, optional
        Gives the time in UTC.
    """

    def __init__(self, training: Training, clock: Clock | None = None) -> None:
        self.training = training
        self.drill: Drill | None = None
        self.feedback: Feedback | None = None
        super().__init__(clock)

    def press(self, key: str) -> None:
        """Take a key; after an answer any key goes on to the next unit."""
        if self.feedback is not None:
            self.feedback = None
            self._take()
        else:
            super().press(key)

    def _take(self) -> None:
        self.drill = self.training.next()
        self.note = ""
        text = self.drill.example.text if self.drill else ""
        lang = self.drill.example.lang if self.drill else None
        self.unit = Unit(self.drill.unit_id, text, lang, "example", None, None, None) if self.drill else None
        self._answering = Answering([self.drill.question] if self.drill else (), {})

    def _show(self, overlay: str) -> None:
        if overlay == "examples":
            self.message = Message("no_examples")
        else:
            super()._show(overlay)

    def _command(self, key: str) -> None:
        self.message = Message("not_in_training", {"key": key})

    def _keep(self) -> None:
        """Nothing: a keyed unit is one code, and is asked anew."""

    def _finish(self) -> None:
        if self.drill is not None:
            self.feedback = self.training.save(self.drill.unit_id, self.answers, note=self.note)


def _is_hostile(question: Question) -> bool:
    return question.code.startswith("hostility")

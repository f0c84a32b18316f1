"""The desk: one coder, one unit after another, blind to all others. Everything a coder decides is a new row in ``codings.sqlite``."""

import itertools
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from yuhu.coding.asked import asked_in, known_person, spans_within
from yuhu.coding.contexts import Contexts, Unit
from yuhu.coding.questions import Decision, Question, decide, flat
from yuhu.coding.rows import Rows
from yuhu.coding.sheets import Progress, Sheet
from yuhu.coding.tasks import (
    Given,
    Key,
    Task,
    checked_note,
    drop_draft,
    finished,
    given_on,
    is_assigned,
    is_finished,
    is_first,
    now,
    put_draft,
    tasks_of,
)
from yuhu.core.errors import YuhuError
from yuhu.study.codebooks import keep_codebook
from yuhu.study.coding_file import connected, keep_open
from yuhu.study.samples import read_samples
from yuhu.study.store import Study


class Desk:
    """A coder's place.

    Parameters
    ----------
    study : Study
        The study.
    coder : str
        Who codes; known to the study.
    sample : str, optional
        Only the tasks of one sample.

    Raises
    ------
    YuhuError
        YH505 the coder is not known, or has nothing to code; YH503 no such sample.

    Notes
    -----
    Opening reads the texts of the coder's units once; each save is one transaction of a few rows. Several desks may work on one study at once.
    """

    def __init__(self, study: Study, coder: str, *, sample: str | None = None) -> None:
        self._study = study
        self.person = known_person(study, coder)
        self._samples = read_samples(study.path)
        if sample is not None and sample not in self._samples:
            facts = {"known": ", ".join(self._samples) or "none"}
            raise YuhuError("YH503", f"no sample is called `{sample}`", facts=facts, fix=f"yuhu sample {study.path} --size 100")
        self._tasks = tasks_of(study.path, coder, sample)
        if not self._tasks:
            fix = f"yuhu sample {study.path} --size 100 --coder {coder}"
            raise YuhuError("YH505", f"nothing is assigned to {coder}", facts={"samples": ", ".join(self._samples) or "none"}, fix=fix)
        self._book = study.codebook()
        keep_codebook(study.path, self._book)
        self._contexts = Contexts(study, dict.fromkeys(task.unit_id for task in self._tasks))
        self._questions = asked_in(study, [self._samples[name] for name in dict.fromkeys(task.sample for task in self._tasks)])
        self._by_unit: dict[str, list[Task]] = {}
        for task in self._tasks:
            self._by_unit.setdefault(task.unit_id, []).append(task)
        self._by_token = {task.token(coder): task for task in self._tasks}
        self._copies = self._by_text()
        self._rows = Rows(self.person, self._book.content_hash, self._contexts)
        keep_open(study.path, self)
        self._done = finished(study.path, coder, self._tasks, self._questions)
        self._open = self._not_done()
        self._skipped: list[Key] = []

    @property
    def questions(self) -> Mapping[str, Sequence[Question]]:
        """What is asked, by sample."""
        return self._questions

    @property
    def codebook_hash(self) -> str:
        """Content hash of the codebook that is coded by."""
        return self._book.content_hash

    @property
    def done_at(self) -> Sequence[str]:
        """When each task that is done was, ISO 8601 in UTC, first done first."""
        return list(self._done.values())

    def progress(self) -> Progress:
        """How far the coder is."""
        at = now()
        waiting = sum(not task.is_due(at) for task in self._open.values())
        return Progress(len(self._tasks) - len(self._open), len(self._tasks), waiting)

    def next(self) -> Sheet | None:
        """The first task that is not done: skipped ones come last. None once nothing is left to do today."""
        task = next(self._due(), None)
        return self._sheet(task) if task else None

    def ahead(self, after: Iterable[str], n: int) -> list[Sheet]:
        """The next `n` sheets as they will come once the tasks of some keys are done: to have them ready before a key is up."""
        left = {self.task(key).key for key in after}
        return self._sheets(itertools.islice((task for task in self._due() if task.key not in left), n))

    def sheet(self, unit_id: str, purpose: str | None = None, occasion: int = 0, *, sample: str | None = None) -> Sheet:
        """A task of the coder with the answers given so far, to look at or to change.

        Raises
        ------
        YuhuError
            YH505 it is not assigned to this coder.
        """
        return self._sheet(self._task(unit_id, purpose, occasion, sample))

    def task(self, key: str) -> Task:
        """The task of a sheet's key.

        Raises
        ------
        YuhuError
            YH505 it is not assigned to this coder.
        """
        if key not in self._by_token:
            facts = {"key": key[:60], "coder": self.person.coder}
            raise YuhuError("YH505", "no task of this coder has this key", facts=facts, fix="use the key of a sheet that `next` gave")
        return self._by_token[key]

    def save(
        self,
        unit_id: str,
        answers: Mapping[str, str],
        *,
        purpose: str | None = None,
        occasion: int = 0,
        sample: str | None = None,
        note: str = "",
        evidence: Mapping[str, tuple[int, int]] | None = None,
        is_partial: bool = False,
        once: str = "",
    ) -> bool:
        """Store the answers on a unit.

        Parameters
        ----------
        unit_id : str
            The unit.
        answers : mapping of variable to value
            See `coding.questions.decide`.
        purpose, occasion, sample
            Which task, where the unit is assigned more than once; the first that is not done if none.
        note : str
            What the coder writes beside it; stored with each coding.
        evidence : mapping of variable to (start, end), optional
            Characters of the text that show it, end exclusive.
        is_partial : bool
            Keep what there is as a draft and leave the task open: a draft is no coding, nothing counts it.
        once : str
            The request's own name, made by whoever sends it: a second request of this name stores nothing, and a new one does not change a task that is done.

        Returns
        -------
        bool
            False where a request of this name was carried out before.

        Raises
        ------
        YuhuError
            YH503 an answer, a note or a span is not valid; YH505 not assigned to this coder; YH513 the task is done already; YH203, YH209 the file cannot be
            written.
        """
        task = self._task(unit_id, purpose, occasion, sample)
        asked = self._questions[task.sample]
        decisions = decide(asked, answers, is_partial=is_partial)
        note, at = checked_note(note), now()
        spans = spans_within(evidence or {}, asked, self._contexts.unit(unit_id, with_transcript=False).text)
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            if not self._may_store(connection, task, once, is_partial=is_partial):
                return False
            if is_partial:
                put_draft(connection, self.person.coder, task, Given(dict(answers), note, dict(evidence or {})))
            else:
                self._rows.add(connection, task, decisions, at, note, spans)
                drop_draft(connection, self.person.coder, task)
        if not is_partial:
            self._finish(task, at)
        return True

    def abstain(
        self, unit_id: str, *, purpose: str | None = None, occasion: int = 0, sample: str | None = None, note: str = "", once: str = ""
    ) -> bool:
        """Say that nothing on the unit can be decided: a text in another language, or one that cannot be read. `once` and what is returned are as in `save`."""
        task = self._task(unit_id, purpose, occasion, sample)
        note, at = checked_note(note), now()
        decisions = [Decision(one, "abstained", None) for question in self._questions[task.sample] for one in flat(question)]
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            if not self._may_store(connection, task, once, is_partial=False):
                return False
            self._rows.add(connection, task, decisions, at, note, {})
            drop_draft(connection, self.person.coder, task)
        self._finish(task, at)
        return True

    def skip(self, unit_id: str, *, purpose: str | None = None, occasion: int = 0, sample: str | None = None) -> None:
        """Leave a unit for the end of this sitting."""
        key = self._task(unit_id, purpose, occasion, sample).key
        self._skipped = [*(one for one in self._skipped if one != key), key]

    def undo(self, key: str = "", *, once: str = "") -> Sheet | None:
        """Take a finished task back: its codings are withdrawn by new rows, and it is open again, with the answers as they were.

        Parameters
        ----------
        key : str
            Of its sheet; the last finished task if none.
        once : str
            As in `save`.

        Returns
        -------
        Sheet or None
            None if there is nothing to take back.

        Raises
        ------
        YuhuError
            YH505 no task has this key; YH513 it is not done.
        """
        if not key and not self._done:
            return None
        last = self.task(key).key if key else next(reversed(self._done))
        task = self._task(last[1], last[2], last[3], last[0])
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            if not once or is_first(connection, self.person.coder, once):
                self._rows.withdraw(connection, task, self._questions[task.sample])
        self._done.pop(last, None)
        self._open = self._not_done()
        self._skipped = [one for one in self._skipped if one != last]
        return self._sheet(task)

    def same(self, key: str) -> list[Sheet]:
        """The coder's other open tasks of the same sample and purpose whose text is that of a task: to code them in one go."""
        return self._sheets(self._same(self.task(key)))

    def _may_store(self, connection: sqlite3.Connection, task: Task, once: str, *, is_partial: bool) -> bool:
        """Whether a request is to be carried out: not if it was, and not over what another window of the coder stored."""
        if not once:
            return True
        if not is_partial and not is_first(connection, self.person.coder, once):
            return False
        if is_finished(connection, self.person.coder, task, self._questions[task.sample]):
            self._finish(task, now())
            fix = "go on with the next one; undo takes this one back"
            raise YuhuError(
                "YH513", "this unit was coded already, in another window or program", facts={"coder": self.person.coder}, fix=fix
            )
        return True

    def _by_text(self) -> dict[tuple[str, str, int, str], list[Task]]:
        groups: dict[tuple[str, str, int, str], list[Task]] = {}
        for task in self._tasks:
            groups.setdefault(self._copy_key(task), []).append(task)
        return groups

    def _copy_key(self, task: Task) -> tuple[str, str, int, str]:
        """Tasks that may be answered in one go: a unit that comes again is never among them."""
        return task.sample, task.purpose, task.occasion, self._contexts.text_of(task.unit_id)

    def _same(self, task: Task) -> list[Task]:
        at = now()
        return [one for one in self._copies[self._copy_key(task)] if one.key != task.key and one.key in self._open and one.is_due(at)]

    def _not_done(self) -> dict[Key, Task]:
        return {task.key: task for task in self._tasks if task.key not in self._done}

    def _due(self) -> Iterator[Task]:
        at, late = now(), set(self._skipped)
        yield from (task for key, task in self._open.items() if key not in late and task.is_due(at))
        yield from (self._open[key] for key in self._skipped if key in self._open)

    def _finish(self, task: Task, at: str) -> None:
        self._done.pop(task.key, None)
        self._done[task.key] = at
        self._open.pop(task.key, None)

    def _check(self, connection: sqlite3.Connection, task: Task) -> None:
        """A message that was forgotten since the desk was opened leaves no trace again."""
        if not is_assigned(connection, self.person.coder, task):
            facts = {"coder": self.person.coder}
            raise YuhuError("YH505", "this unit was taken out of the study", facts=facts, fix="open the desk again")

    def _sheet(self, task: Task) -> Sheet:
        return self._sheets([task])[0]

    def _sheets(self, tasks: Iterable[Task]) -> list[Sheet]:
        coder = self.person.coder
        with connected(self._study.path) as connection:
            asked = [(task, self._questions[task.sample]) for task in tasks]
            return [
                Sheet(
                    task,
                    task.token(coder),
                    self._unit(task),
                    those,
                    given_on(connection, coder, task, those),
                    len(self._same(task)),
                    self._shows_video(task),
                )
                for task, those in asked
            ]

    def _unit(self, task: Task) -> Unit:
        return self._contexts.unit(task.unit_id, with_transcript=self._shows_video(task))

    def _shows_video(self, task: Task) -> bool:
        return task.purpose == "with_transcript" or bool(self._samples[task.sample].plan.get("transcript"))

    def _task(self, unit_id: str, purpose: str | None, occasion: int, sample: str | None) -> Task:
        mine = [
            task
            for task in self._by_unit.get(unit_id, [])
            if (purpose is None or (task.purpose, task.occasion) == (purpose, occasion)) and sample in (None, task.sample)
        ]
        if not mine:
            facts = {"unit": unit_id, "coder": self.person.coder}
            raise YuhuError("YH505", "this unit is not assigned to this coder", facts=facts, fix="code what `next` gives")
        return next((task for task in mine if task.key not in self._done), mine[0])

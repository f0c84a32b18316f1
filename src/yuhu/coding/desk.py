"""The desk: one coder, one unit after another, blind to all others. Everything a coder decides is a new row in ``codings.sqlite``."""

import itertools
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence

from yuhu.coding.contexts import Contexts, Unit
from yuhu.coding.questions import Decision, Question, decide, flat, questions
from yuhu.coding.sheets import Progress, Sheet
from yuhu.coding.tasks import Key, Task, answers_on, checked_note, drop_draft, finished, held, is_assigned, now, put_draft, tasks_of
from yuhu.core.errors import YuhuError
from yuhu.core.sample import Sample
from yuhu.core.schema import CODING, WITHDRAWN
from yuhu.study.assignments import Person, read_people
from yuhu.study.codebooks import keep_codebook
from yuhu.study.coding_file import connected, keep_open
from yuhu.study.codings import insert
from yuhu.study.samples import read_samples
from yuhu.study.store import Study

_NAMES = tuple(CODING.names)


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
    ) -> None:
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
            Keep what there is as a draft and leave the task open: a draft is no coding, nothing counts it. Evidence is not kept in it.

        Raises
        ------
        YuhuError
            YH503 an answer, a note or a span is not valid; YH505 not assigned to this coder; YH203, YH209 the file cannot be written.
        """
        task = self._task(unit_id, purpose, occasion, sample)
        asked = self._questions[task.sample]
        decisions = decide(asked, answers, is_partial=is_partial)
        note, at = checked_note(note), now()
        spans = _spans(evidence or {}, asked, self._contexts.unit(unit_id, with_transcript=False).text)
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            if is_partial:
                put_draft(connection, self.person.coder, task, answers, note)
            else:
                self._insert(connection, task, decisions, at, note, spans)
                drop_draft(connection, self.person.coder, task)
        if not is_partial:
            self._finish(task, at)

    def abstain(self, unit_id: str, *, purpose: str | None = None, occasion: int = 0, sample: str | None = None, note: str = "") -> None:
        """Say that nothing on the unit can be decided: a text in another language, or one that cannot be read."""
        task = self._task(unit_id, purpose, occasion, sample)
        note, at = checked_note(note), now()
        decisions = [Decision(one, "abstained", None) for question in self._questions[task.sample] for one in flat(question)]
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            self._insert(connection, task, decisions, at, note, {})
            drop_draft(connection, self.person.coder, task)
        self._finish(task, at)

    def skip(self, unit_id: str, *, purpose: str | None = None, occasion: int = 0, sample: str | None = None) -> None:
        """Leave a unit for the end of this sitting."""
        key = self._task(unit_id, purpose, occasion, sample).key
        self._skipped = [*(one for one in self._skipped if one != key), key]

    def undo(self) -> Sheet | None:
        """Take the last finished task back: its codings are withdrawn by new rows, and it is open again, with the answers as they were. None if there is none."""
        if not self._done:
            return None
        last = next(reversed(self._done))
        task = self._task(last[1], last[2], last[3], last[0])
        with connected(self._study.path, write=True) as connection:
            self._check(connection, task)
            answers, note = answers_on(connection, self.person.coder, task, self._questions[task.sample])
            at = now()
            rows = [
                self._row(task, one.code, WITHDRAWN, None, one.code_hash, at, "", None) for one in held(connection, self.person.coder, task)
            ]
            insert(connection, rows)
            put_draft(connection, self.person.coder, task, answers, note)
        del self._done[last]
        self._open = self._not_done()
        self._skipped = [key for key in self._skipped if key != last]
        return Sheet(task, task.token(self.person.coder), self._unit(task), self._questions[task.sample], answers, note)

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

    def _insert(
        self, connection: sqlite3.Connection, task: Task, decisions: Sequence[Decision], at: str, note: str, spans: Mapping[str, str]
    ) -> None:
        rows = [
            self._row(task, one.variable.id, one.status, one.value, one.variable.code_hash, at, note, spans.get(one.variable.id))
            for one in decisions
        ]
        insert(connection, rows)

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
            "coder": self.person.coder,
            "coder_kind": self.person.kind,
            "code_hash": code_hash,
            "codebook_hash": self._book.content_hash,
            "evidence": evidence,
            "at": at,
            "purpose": task.purpose,
            "occasion": task.occasion,
            "note": note or None,
            "sample": task.sample,
        }
        return tuple(row.get(name) for name in _NAMES)

    def _sheet(self, task: Task) -> Sheet:
        return self._sheets([task])[0]

    def _sheets(self, tasks: Iterable[Task]) -> list[Sheet]:
        coder = self.person.coder
        with connected(self._study.path) as connection:
            asked = [(task, self._questions[task.sample]) for task in tasks]
            return [
                Sheet(task, task.token(coder), self._unit(task), those, *answers_on(connection, coder, task, those))
                for task, those in asked
            ]

    def _unit(self, task: Task) -> Unit:
        shows = task.purpose == "with_transcript" or bool(self._samples[task.sample].plan.get("transcript"))
        return self._contexts.unit(task.unit_id, with_transcript=shows)

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


def codes_of(study: Study, sample: Sample) -> list[str]:
    """The codes that are decided on the units of a sample: those it was drawn for, or all that are on; without measured ones."""
    book = study.codebook()
    on = book.of_modules(study.modules(book))
    return [code.id for code in on if not code.measured and (not sample.codes or code.id in sample.codes)]


def asked_in(study: Study, samples: Iterable[Sample]) -> dict[str, Sequence[Question]]:
    """What is decided on the units of some samples."""
    book = study.codebook()
    return {sample.name: questions(book, codes_of(study, sample)) for sample in samples}


def known_person(study: Study, coder: str) -> Person:
    """A coder of the study.

    Raises
    ------
    YuhuError
        YH505 the coder is not known.
    """
    people = read_people(study.path)
    if coder not in people:
        facts = {"known": ", ".join(people) or "none"}
        raise YuhuError("YH505", f"no coder is called `{coder}`", facts=facts, fix=f"yuhu coders {study.path} add {coder} --reads zh,en")
    return people[coder]


def _spans(evidence: Mapping[str, tuple[int, int]], asked: Sequence[Question], text: str) -> dict[str, str]:
    known = {one.id for question in asked for one in flat(question)}
    for name, (start, end) in evidence.items():
        if name not in known:
            raise YuhuError("YH503", f"`{name}` was not asked", facts={"evidence": f"{start}, {end}"}, fix="mark what shows an answer")
        if not 0 <= start < end <= len(text):
            facts = {"found": (start, end), "characters": len(text)}
            raise YuhuError("YH503", f"the evidence for `{name}` lies outside the text", facts=facts, fix="mark it again")
    return {name: json.dumps([start, end]) for name, (start, end) in evidence.items()}

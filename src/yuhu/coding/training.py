"""Training on keyed units: the examples and near misses of the codebook, with what is right and why after each answer."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from yuhu.coding.asked import known_person
from yuhu.coding.questions import NOTHING, Question, decide, questions
from yuhu.coding.sheets import Progress
from yuhu.coding.tasks import answers_of, cells_in_short, checked_note, now
from yuhu.core.codebook import Code, Codebook, Example, Text
from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.core.schema import CODING
from yuhu.study.coding_file import FILE, connected
from yuhu.study.codings import insert
from yuhu.study.store import Study

PURPOSE = "train"
UNIT_KIND = "text"

_NAMES = tuple(CODING.names)
_RESULTS = {"coder": pl.String, "code": pl.String, "n": pl.Int64, "right": pl.Int64}


@dataclass(frozen=True)
class Drill:
    """A keyed unit: an example of the codebook with its question and its right answers."""

    unit_id: str
    question: Question
    example: Example
    is_near_miss: bool

    @property
    def expected(self) -> dict[str, str]:
        """The right answers, as `coding.questions.decide` takes them. An attribute that the codebook gives no key for is not in them."""
        keyed = {f"{self.question.code}.{name}": chosen for name, chosen in self.example.attributes.items()} if self._is_there else {}
        return {**self._code_key(), **keyed}

    @property
    def _is_there(self) -> bool:
        return self.example.value != self.question.variables[0].zero

    def _code_key(self) -> dict[str, str]:
        if not self.question.has_facets:
            return {self.question.code: self.example.value}
        if not self._is_there:
            return {self.question.code: NOTHING}
        return {".".join((self.question.code, *self.example.facets)): self.example.value}

    @property
    def has_key(self) -> bool:
        """Whether the codebook says which cell the example is of, where the code has cells."""
        cells = {one.id for one in self.question.variables}
        return not self.question.has_facets or not self._is_there or cells >= set(self._code_key())

    def is_right(self, answers: Mapping[str, str]) -> bool:
        """Whether the code, each of its cells and each keyed attribute is answered as the codebook has it."""
        question = self.question
        cells = {one.id: answers[one.id] for one in question.variables if one.id in answers}
        given = cells_in_short(question, cells) if question.has_facets and cells else {**cells, **_only(answers, [question.code])}
        return {**given, **_only(answers, list(self.expected))} == self.expected


@dataclass(frozen=True)
class Feedback:
    """What a coder is told after an answer: whether it was right, what is right, why, and which code fits instead of a near miss."""

    is_right: bool
    expected: Mapping[str, str]
    why: Text
    instead: str | None


class Training:
    """A coder's training.

    Parameters
    ----------
    study : Study
        The study.
    coder : str
        Who is trained; known to the study. Examples in languages that the coder does not read are left out.
    codes : sequence of str
        Codes to train; all that are on if none.
    seed : int, optional
        Seed of the order; the study's if none. Each coder has an order of their own.

    Raises
    ------
    YuhuError
        YH303 no such code; YH505 the coder is not known, or the codebook has no example that the coder reads.

    Notes
    -----
    Codings are stored with purpose ``train``, which no agreement and no gold counts. What was answered once is not asked again: the answer was shown.
    """

    def __init__(self, study: Study, coder: str, *, codes: Sequence[str] = (), seed: int | None = None) -> None:
        self._study = study
        self.person = known_person(study, coder)
        self._book = study.codebook()
        self.codes = _chosen(study, self._book, codes)
        drills = keyed_units(self._book, self.codes, self.person.languages)
        if not drills:
            facts = {"languages": ", ".join(self.person.languages) or "all", "codes": ", ".join(codes) or "all that are on"}
            raise YuhuError("YH505", f"the codebook has no example that {coder} reads", facts=facts, fix="add examples in this language")
        order = generator(study.settings.seed if seed is None else seed, "training", coder).permutation(len(drills))
        self._drills = {drills[at].unit_id: drills[at] for at in order}
        done = _answers(study, self._drills, coder).get(coder, {})
        self._right = {unit: self._drills[unit].is_right(given) for unit, given in done.items()}

    @property
    def drills(self) -> Sequence[Drill]:
        """All keyed units, in the coder's order."""
        return list(self._drills.values())

    def told(self, unit_id: str) -> Feedback | None:
        """What the coder was told of a unit; None where it is not answered."""
        drill = self._drills[unit_id]
        right = self._right.get(unit_id)
        return None if right is None else Feedback(right, drill.expected, drill.example.why, drill.example.instead)

    def progress(self) -> Progress:
        """How far the coder is."""
        return Progress(len(self._right), len(self._drills), 0)

    def next(self) -> Drill | None:
        """The first keyed unit that is not answered; None once all are."""
        return next((drill for unit, drill in self._drills.items() if unit not in self._right), None)

    def save(self, unit_id: str, answers: Mapping[str, str], *, note: str = "") -> Feedback:
        """Store an answer, and say what is right.

        Raises
        ------
        YuhuError
            YH503 an answer is not valid; YH505 there is no such unit, or it is answered.
        """
        drill = self._drills.get(unit_id)
        if drill is None or unit_id in self._right:
            raise YuhuError("YH505", "this keyed unit is not open", facts={"unit": unit_id[:80]}, fix="answer what `next` gives")
        decisions = decide([drill.question], answers)
        row = {
            "unit_kind": UNIT_KIND,
            "unit_id": unit_id,
            "coder": self.person.coder,
            "coder_kind": self.person.kind,
            "codebook_hash": self._book.content_hash,
            "at": now(),
            "purpose": PURPOSE,
            "occasion": 0,
            "note": checked_note(note) or None,
        }
        rows = [
            {**row, "code": one.variable.id, "value": one.value, "status": one.status, "code_hash": one.variable.code_hash}
            for one in decisions
        ]
        with connected(self._study.path, write=True) as connection:
            insert(connection, [tuple(one.get(name) for name in _NAMES) for one in rows])
        right = self._right[unit_id] = drill.is_right(answers)
        return Feedback(right, drill.expected, drill.example.why, drill.example.instead)

    def results(self) -> pl.DataFrame:
        """Keyed units answered and answered right, by code: ``code, n, right``, in the order of the codebook."""
        codes = [self._drills[unit].question.code for unit in self._right]
        frame = pl.DataFrame({"code": codes, "right": list(self._right.values())}, schema={"code": pl.String, "right": pl.Boolean})
        counted = {code: (n, right) for code, n, right in frame.group_by("code").agg(n=pl.len(), right=pl.col("right").sum()).iter_rows()}
        rows = [(one.id, *counted[one.id]) for one in self._book.codes if one.id in counted]
        return pl.DataFrame(rows, schema={name: kind for name, kind in _RESULTS.items() if name != "coder"}, orient="row")


def training_results(study: Study) -> pl.DataFrame:
    """What coders answered in training, against the codebook of today.

    Returns
    -------
    pl.DataFrame
        ``coder, code, n, right``: keyed units answered, and answered right. Share right is ``right / n``. An example that was changed or taken out
        since is left out: its key is gone. By coder, then in the order of the codebook.
    """
    book = study.codebook()
    drills = {one.unit_id: one for one in keyed_units(book, book.codes, ())}
    place = {code.id: at for at, code in enumerate(book.codes)}
    rows: list[tuple[str, str, int, int]] = []
    for coder, units in _answers(study, drills).items():
        found: dict[str, list[bool]] = {}
        for unit, given in units.items():
            found.setdefault(drills[unit].question.code, []).append(drills[unit].is_right(given))
        rows += [(coder, code, len(right), sum(right)) for code, right in found.items()]
    rows.sort(key=lambda row: (row[0], place[row[1]]))
    return pl.DataFrame(rows, schema=_RESULTS, orient="row")


def keyed_units(book: Codebook, codes: Sequence[Code], languages: Sequence[str]) -> list[Drill]:
    """The examples and near misses of some codes, in some languages (all if none), in the order of the codebook."""
    out: list[Drill] = []
    for code in codes:
        if code.unit != "response" or code.measured:
            continue
        question = next(one for one in questions(book, [code.id]) if one.code == code.id)
        n_examples = len(code.examples)
        for at, example in enumerate((*code.examples, *code.near_misses), 1):
            digest = hashlib.blake2b(example.text.encode(), digest_size=4).hexdigest()
            drill = Drill(f"example:{code.id}:{at}:{digest}", question, example, at > n_examples)
            if (not languages or example.lang in languages) and drill.has_key:
                out.append(drill)
    return out


def _only(answers: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: answers[name] for name in names if name in answers}


def _chosen(study: Study, book: Codebook, codes: Sequence[str]) -> list[Code]:
    known = {code.id: code for code in book.codes if code.unit == "response" and not code.measured}
    for code in codes:
        if code not in known:
            facts = {"known": ", ".join(known)}
            raise YuhuError("YH303", f"`{code}` is no code for responses", facts=facts, fix=f"--code {next(iter(known), 'CODE')}")
    on = [code for code in book.of_modules(study.modules(book)) if code.id in known]
    return [code for code in known.values() if code.id in codes] if codes else on


def _answers(study: Study, drills: Mapping[str, Drill], coder: str | None = None) -> dict[str, dict[str, dict[str, str]]]:
    """What coders answered in training, by coder and keyed unit; units that are not among the drills are left out."""
    if not (study.path / FILE).exists():
        return {}
    which, given = ("and coder = ?", (coder,)) if coder is not None else ("", ())
    with connected(study.path) as connection:
        rows = connection.execute(
            f"select coder, unit_id, code, value, status from codings where purpose = ? and unit_kind = ? {which} order by id",  # noqa: S608
            (PURPOSE, UNIT_KIND, *given),
        ).fetchall()
    found: dict[str, dict[str, list[tuple[str, str | None, str]]]] = {}
    for name, unit, code, value, status in rows:
        if unit in drills:
            found.setdefault(name, {}).setdefault(unit, []).append((code, value, status))
    return {
        name: {unit: answers_of([drills[unit].question], decisions) for unit, decisions in units.items()} for name, units in found.items()
    }

"""What is asked on the units of samples, who is known, and where evidence may lie."""

import json
from collections.abc import Iterable, Mapping, Sequence

from yuhu.coding.questions import Question, flat, questions
from yuhu.core.errors import YuhuError
from yuhu.core.sample import Sample
from yuhu.study.assignments import Person, read_people
from yuhu.study.store import Study


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


def spans_within(evidence: Mapping[str, tuple[int, int]], asked: Sequence[Question], text: str) -> dict[str, str]:
    """Evidence as codings store it.

    Raises
    ------
    YuhuError
        YH503 it is for something that was not asked, or lies outside the text.
    """
    known = {one.id for question in asked for one in flat(question)}
    for name, (start, end) in evidence.items():
        if name not in known:
            raise YuhuError("YH503", f"`{name}` was not asked", facts={"evidence": f"{start}, {end}"}, fix="mark what shows an answer")
        if not 0 <= start < end <= len(text):
            facts = {"found": (start, end), "characters": len(text)}
            raise YuhuError("YH503", f"the evidence for `{name}` lies outside the text", facts=facts, fix="mark it again")
    return {name: json.dumps([start, end]) for name, (start, end) in evidence.items()}

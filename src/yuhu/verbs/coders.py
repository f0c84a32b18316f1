"""`yuhu coders`: who codes, what they read, how they were trained, and how far they are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

import yuhu.coding  # noqa: F401 - importing the room registers its coders
from yuhu.coding.asked import asked_in
from yuhu.coding.pace import seconds_a_unit
from yuhu.coding.questions import Question
from yuhu.coding.tasks import finished, tasks_of
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.core.schema import PEOPLE
from yuhu.study.accounts import folded
from yuhu.study.assignments import Person, put_person, read_people
from yuhu.study.codings import Tally, read_codings, tallies
from yuhu.study.layers import read_coverage
from yuhu.study.samples import read_samples
from yuhu.study.store import Study
from yuhu.texts.hostile import clean
from yuhu.verbs.init import now

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LONGEST_TEXT = 2_000


def coders(study: Study) -> list[dict[str, Any]]:
    """The coders of a study.

    Returns
    -------
    list of dict
        By name: ``coder``, ``kind``, ``languages`` (empty: reads all), ``training``, ``stance``, ``responses`` and ``spans`` (messages and segments of
        videos with a decision that counts, assigned or not), units ``assigned`` and ``done``, ``seconds`` a unit (median, pauses over five minutes left out; None below five), ``last`` (when a unit was finished, or None).

    Notes
    -----
    O(codings).
    """
    asked, given = asked_in(study, read_samples(study.path).values()), tallies(study.path)
    return [_standing(study, person, asked, given) for person in read_people(study.path).values()]


def add_coder(
    study: Study, name: str, *, reads: Sequence[str] | None = None, training: str | None = None, stance: str | None = None
) -> dict[str, Any]:
    """Add a coder, or change what is known of one.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        A short name or a pseudonym.
    reads : sequence of str, optional
        Languages that the coder reads, as ISO 639 codes; none: all. What is not given stays as it is.
    training : str, optional
        How the coder was trained.
    stance : str, optional
        The coder's own position on what is coded, if they wish to say it.

    Returns
    -------
    dict
        The coder as in `coders`, and ``is_new``.

    Raises
    ------
    YuhuError
        YH505 the name is none for a coder, is a machine's, or differs from another one only in its letters' case or width; or a language is not a code.
    """
    people = read_people(study.path)
    is_new = name not in people
    person = people.get(name, Person(name))
    if is_new:
        _check_name(study, name, people)
    if reads is not None:
        person = replace(person, languages=_languages(reads))
    person = replace(
        person,
        training=person.training if training is None else _text("training", training),
        stance=person.stance if stance is None else _text("stance", stance),
    )
    put_person(study.path, person, now())
    standing = _standing(study, person, asked_in(study, read_samples(study.path).values()), tallies(study.path))
    return {**standing, "is_new": is_new}


def _standing(study: Study, person: Person, asked: Mapping[str, Sequence[Question]], given: Mapping[str, Tally]) -> dict[str, Any]:
    mine = given.get(person.coder, Tally())
    tasks = tasks_of(study.path, person.coder)
    samples = {task.sample for task in tasks}
    done = list(finished(study.path, person.coder, tasks, {name: held for name, held in asked.items() if name in samples}).values())
    return {
        "coder": person.coder,
        "kind": person.kind,
        "languages": list(person.languages),
        "training": person.training,
        "stance": person.stance,
        "responses": mine.responses,
        "spans": mine.spans,
        "assigned": len(tasks),
        "done": len(done),
        "seconds": seconds_a_unit(done),
        "last": done[-1] if done else None,
    }


def _check_name(study: Study, name: str, people: dict[str, Person]) -> None:
    machines = {machine for full in registered("coders") for machine in (full, full.split(".")[0])}
    machines |= {run.coder for run in study.manifest.runs}
    machines |= set(read_codings(study.path).filter(~pl.col("coder_kind").is_in(PEOPLE))["coder"])
    machines |= set(read_coverage(study.path).filter(~pl.col("coder_kind").is_in(PEOPLE))["coder"])
    if name in machines:
        raise YuhuError(
            "YH505", f"`{name}` is the name of a machine coder", facts={"machines": ", ".join(sorted(machines))}, fix="another name"
        )
    twin = next((one for one in people if folded(one) == folded(name)), None)
    if twin is not None:
        facts = {"known": twin, "new": name}
        raise YuhuError(
            "YH505", "this name differs from a known one only in case or width", facts=facts, fix=f"use `{twin}`, or another name"
        )


def _languages(reads: Sequence[str]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(one.strip().lower() for one in reads if one.strip()))
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            facts = {"found": code[:40], "expected": "ISO 639 codes of two or three letters"}
            raise YuhuError("YH505", f"`{code[:40]}` is no code of a language", facts=facts, fix="--reads zh,en")
    return codes


def _text(what: str, text: str) -> str:
    kept = clean(text)
    if len(kept) > _LONGEST_TEXT:
        raise YuhuError("YH505", f"`{what}` is too long", facts={"characters": len(kept), "at most": _LONGEST_TEXT}, fix="write less")
    return kept

"""The page answers questions by itself; it is held to what the desk does by walks of keys that both are checked against."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from yuhu.coding.answering import Answering
from yuhu.coding.questions import questions
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError

CASES = Path(__file__).parents[1] / "ui" / "src" / "pages" / "code" / "answering.cases.json"
SETS = (("kind", "affective_empathy", "action"), ("action", "anger", "kind", "moral_appraisal", "hostility"), None)
KEYS = (*"0123456789cf?", "\n", "b", ">")


def walks(seed=7, n=8, length=24):
    """Random keys over sets of questions of the built-in codebook, with what is asked after each."""
    book = built_in_codebook()
    generator = np.random.default_rng(seed)
    cases = []
    for names in SETS:
        codes = [one.id for one in book.codes if one.unit == "response" and not one.measured and (names is None or one.id in names)]
        asked = [_with_conflict(one) for one in questions(book, codes)]
        cases.append(
            {
                "questions": [_plain(one) for one in asked],
                "walks": [_walk(asked, [KEYS[at] for at in generator.integers(len(KEYS), size=length)]) for _ in range(n)],
            }
        )
    return cases


def _with_conflict(question):
    """The built-in codebook has no two codes of which only one can stand; the page must know such a rule."""
    return replace(question, conflicts=["kind"]) if question.code == "action" else question


def _plain(question):
    """What the page needs of a question, without texts that would make the file large."""
    told = question.as_dict("en")
    return {**told, "definition": "", "include": [], "exclude": [], "examples": [], "near_misses": []}


def _walk(asked, keys):
    answering = Answering(asked, {})
    return [_step(answering, key) for key in keys]


def _step(answering, key):
    clash = False
    try:
        if answering.prompt() is None:
            answering.reopen()
        elif key == "?":
            answering.abstain()
        elif key == "\n":
            answering.enter()
        elif key == "b":
            answering.back()
        elif key == ">":
            answering.turn()
        else:
            answering.choose(key)
    except YuhuError:
        clash = True
    prompt = answering.prompt()
    shown = None
    if prompt is not None:
        choices = [[one.key, one.id, one.value is not None] for one in prompt.choices]
        shown = [prompt.kind, prompt.id, prompt.answer, prompt.page, prompt.pages, choices]
    return {
        "key": key,
        "clash": clash,
        "prompt": shown,
        "answers": dict(sorted(answering.answers.items())),
        "steps": len(answering.steps()),
    }


def test_the_walks_are_those_of_the_desk(request):
    made = json.dumps(walks(), ensure_ascii=False, separators=(",", ":")) + "\n"
    if request.config.getoption("--update-golden"):
        CASES.write_text(made, "utf-8")
    assert CASES.read_text("utf-8") == made, "pytest --update-golden writes it; then the front end's tests say whether the page keeps up"


def test_the_walks_meet_all_kinds_of_questions():
    steps = [step for case in walks() for walk in case["walks"] for step in walk]
    assert {step["prompt"][0] for step in steps if step["prompt"]} == {"value", "cells", "cell", "attribute"}
    assert any(step["clash"] for step in steps)
    assert any(step["prompt"] is None for step in steps)

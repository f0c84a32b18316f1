"""Which decisions a model makes, and which of them stand in one request."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from yuhu.coding.questions import Question, flat, is_present, questions
from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError

Group = tuple[Question, ...]


def asked_questions(book: Codebook, modules: Iterable[str], named: Sequence[str], unit: str = "response") -> Group:
    """The codes that are asked: those on a kind of unit, of the modules that are on, each behind what opens it.

    Codes that a program measures and decisions without a list of values (a name, a number) are not asked.

    Parameters
    ----------
    book : Codebook
        The codebook.
    modules : iterable of str
        Modules that are on.
    named : sequence of str
        Codes to ask, with what opens them; all if none.
    unit : str
        ``response`` or ``span``.

    Raises
    ------
    YuhuError
        YH508 a name is no such code.
    """
    units = {"response": "messages", "span": "segments"}[unit]
    there = [code.id for code in book.of_modules(set(modules), unit) if code.values and not code.measured]
    for name in named:
        if name not in there:
            raise YuhuError(
                "YH508",
                f"`{name}` in option `codes` is no code on {units} of the modules that are on",
                facts={"known": ", ".join(there)},
                fix=f"--set codes={there[0]}" if there else "switch a module on in study.yaml",
            )
    if not there:
        raise YuhuError("YH508", f"no code on {units} is on", fix="switch a module on in study.yaml")
    return _ordered({one.code: _closed_ended(one) for one in questions(book, named or there) if one.values})


def _ordered(by_code: Mapping[str, Question]) -> Group:
    """The questions in the order of the codebook, each behind what opens it."""
    ordered: dict[str, Question] = {}

    def put(name: str, above: frozenset[str]) -> None:
        for opener in _openers(by_code[name]):
            if opener in by_code and opener not in above:
                put(opener, above | {opener})
        ordered.setdefault(name, by_code[name])

    for name in by_code:
        put(name, frozenset({name}))
    return tuple(ordered.values())


def _closed_ended(question: Question) -> Question:
    return replace(question, attributes=[(one, values) for one, values in question.attributes if values])


def in_groups(asked: Group, most: int) -> tuple[Group, ...]:
    """The questions in as few groups as `most` allows, of about the same size."""
    n = -(-len(asked) // most)
    bounds = [round(at * len(asked) / n) for at in range(n + 1)]
    return tuple(asked[start:end] for start, end in pairwise(bounds))


def is_any_open(group: Group, asked: Mapping[str, Question], answers: Mapping[str, str]) -> bool:
    """Whether some question of a group is open after what was answered; a gate without an answer yet stands open."""
    return any(may_open(one, asked, answers) for one in group)


def may_open(question: Question, asked: Mapping[str, Question], answers: Mapping[str, str]) -> bool:
    """Whether what was answered leaves a question open, or does not settle it yet."""
    gate = question.opens_if or {}
    if "code" in gate:
        opener = asked.get(str(gate["code"]))
        if opener is None:
            return True
        found = answers.get(opener.code)
        return may_open(opener, asked, answers) and (found is None or found in [str(value) for value in gate["values"]])
    openers = [asked[str(name)] for name in gate.get("any", ()) if str(name) in asked]
    return not openers or any(
        may_open(one, asked, answers) and (not _is_answered(one, answers) or is_present(one, answers)) for one in openers
    )


def is_settled(question: Question, asked: Mapping[str, Question], answers: Mapping[str, str]) -> bool:
    """Whether what was answered settles if a question is asked."""
    openers = [asked[name] for name in _openers(question) if name in asked]
    if not openers or not may_open(question, asked, answers):
        return True
    known = [one for one in openers if _is_answered(one, answers) and is_settled(one, asked, answers)]
    is_any = "any" in (question.opens_if or {})
    return any(is_present(one, answers) for one in known) if is_any and len(known) < len(openers) else len(known) == len(openers)


def _openers(question: Question) -> list[str]:
    gate = question.opens_if or {}
    return [str(gate["code"])] if "code" in gate else [str(name) for name in gate.get("any", ())]


def _is_answered(question: Question, answers: Mapping[str, str]) -> bool:
    return any(one.id in answers for one in question.variables)


def serves(asked: Group) -> list[str]:
    """The flat decisions of some questions."""
    return [one.id for question in asked for one in flat(question)]

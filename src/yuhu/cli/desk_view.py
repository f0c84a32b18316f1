"""What the desk shows: pages of lines, made from a sitting. Texts of strangers and of codebooks are made safe first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len, chop_cells

from yuhu.cli.desk_words import word
from yuhu.cli.wrapping import wrapped
from yuhu.coding.answering import Choice, Prompt
from yuhu.coding.contexts import Unit
from yuhu.coding.questions import ABSTAIN, NOTHING, Question
from yuhu.coding.sitting import DeskSitting, Sitting, TrainingSitting
from yuhu.core.codebook import Example
from yuhu.texts.hostile import revealed, visible

WIDEST = 100
_NARROWEST = 20
_LEAST_BODY = 3
_TWO_COLUMNS_FROM = 7
_GAP = "   "
_LONGEST_NOTE = 60


@dataclass(frozen=True)
class Line:
    """One line and its style; it holds no control character."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Page:
    """Lines of one screen, and how many pages its text has."""

    lines: Sequence[Line]
    pages: int


def page(sitting: Sitting, lang: str, width: int, height: int | None = None, turn: int = 0, *, with_unit: bool = True) -> Page:
    """One screen.

    Parameters
    ----------
    sitting : Sitting
        What is shown.
    lang : str
        ``zh`` or ``en``.
    width, height : int
        Columns and lines of the terminal; without a height nothing is cut.
    turn : int
        Which page of a long text; counted round.
    with_unit : bool
        Show the message above the question.
    """
    width = max(_NARROWEST, min(width, WIDEST) - 1)
    head = [_cut(_line(header(sitting, lang), "bold"), width), _line("-" * width, "dim")] if with_unit else []
    body = _wrap(_body(sitting, lang), width) if with_unit or sitting.overlay or _feedback(sitting) else []
    ask = _wrap(_question(sitting, lang, width), width)
    foot = _wrap([*_remarks(sitting, lang), *([] if height is None and not with_unit else [_line(_legend(sitting, lang), "dim")])], width)
    if height is None:
        return Page([*head, *body, *ask, *foot], 1)
    room = max(_LEAST_BODY, height - len(head) - len(ask) - len(foot) - 1)
    if len(body) <= room:
        return Page([*head, *body, Line(""), *ask, *[Line("")] * (room - len(body)), *foot], 1)
    room -= 1
    pages = -(-len(body) // room)
    at = turn % pages
    shown = body[at * room :][:room]
    more = _line(word("page", lang, page=at + 1, pages=pages), "cyan")
    return Page([*head, *shown, more, Line(""), *ask, *[Line("")] * (room - len(shown)), *foot], pages)


def header(sitting: Sitting, lang: str) -> str:
    """How far and how fast."""
    if isinstance(sitting, TrainingSitting):
        at = sitting.training.progress()
        results = sitting.training.results()
        right = word("right_so_far", lang, right=results["right"].sum(), n=at.done)
        return _GAP.join([sitting.training.person.coder, word("training", lang), word("done", lang, done=at.done, total=at.total), right])
    if not isinstance(sitting, DeskSitting):
        raise TypeError(type(sitting))
    standing = sitting.standing()
    at = standing.progress
    parts = [sitting.desk.person.coder, word("done", lang, done=at.done, total=at.total), word("today", lang, n=standing.today)]
    if standing.seconds is not None and standing.hours_left is not None:
        parts += [word("pace", lang, seconds=f"{standing.seconds:.0f}"), word("hours_left", lang, hours=f"{standing.hours_left:.1f}")]
    return _GAP.join([*parts, word("waiting", lang, n=at.waiting)] if at.waiting else parts)


def _body(sitting: Sitting, lang: str) -> list[Line]:
    prompt = sitting.prompt
    if sitting.overlay == "help":
        return [_line(word("help", lang))]
    if sitting.overlay == "definition" and prompt is not None:
        return _definition(prompt.question, lang)
    if sitting.overlay == "examples" and prompt is not None:
        return _examples(prompt.question, lang, sitting.unit.lang if sitting.unit else None)
    if sitting.unit is None:
        return [_line(_end(sitting, lang), "bold")]
    return [*_unit(sitting.unit, lang), *_told(sitting, lang)]


def _end(sitting: Sitting, lang: str) -> str:
    waiting = sitting.standing().progress.waiting if isinstance(sitting, DeskSitting) else 0
    return word("all_today", lang, n=waiting) if waiting else word("all_done", lang)


def _unit(unit: Unit, lang: str) -> list[Line]:
    if not unit.kind:
        return [_line(word("gone", lang), "yellow")]
    when = [word("at", lang, time=_clock(unit.at_ms))] if unit.at_ms is not None else []
    lines = [_line(_GAP.join([word(unit.kind, lang), *when, unit.lang or ""]).rstrip(), "dim")]
    if unit.parent:
        lines += [_line(word("in_reply_to", lang), "dim"), _line(unit.parent, "dim")]
    lines.append(_line(unit.text, "bold") if unit.text.strip() else _line(word("empty", lang), "yellow"))
    if unit.lines:
        lines.append(_line(word("lines_around", lang), "dim"))
        lines += [_line(f"{_clock(one.start_ms)}  {one.text}", "dim") for one in unit.lines]
    return lines


def _told(sitting: Sitting, lang: str) -> list[Line]:
    """What training says after an answer."""
    told = _feedback(sitting)
    if not isinstance(sitting, TrainingSitting) or told is None or sitting.drill is None:
        return []
    question = sitting.drill.question
    lines = [Line(""), _line(word("right", lang), "bold green") if told.is_right else _line(word("wrong", lang), "bold red")]
    if not told.is_right:
        lines.append(_line(f"{word('you_said', lang)}: {_said(question, sitting.answers, lang)}"))
    lines.append(_line(f"{word('codebook_says', lang)}: {_said(question, told.expected, lang)}"))
    lines.append(_line(f"{word('why', lang)}: {told.why[lang]}"))
    return [*lines, _line(word("instead", lang, code=told.instead))] if told.instead else lines


def _feedback(sitting: Sitting) -> Any:
    return sitting.feedback if isinstance(sitting, TrainingSitting) else None


def _said(question: Question, answers: Mapping[str, str], lang: str) -> str:
    """Answers to one question, in words."""
    labels = {value: label[lang] for value, label in question.values}
    said = []
    for name, value in answers.items():
        if value == ABSTAIN:
            shown = word("undecided", lang)
        elif name == question.code and value == NOTHING and question.has_facets:
            shown = word("none_of_them", lang)
        else:
            attribute = next((dict(values) for one, values in question.attributes if one.id == name), {})
            shown = attribute[value][lang] if value in attribute else labels.get(value, value)
        what = next((one for one in (*question.variables, *(held for held, _ in question.attributes)) if one.id == name), None)
        said.append(f"{what.label[lang] if what else question.label[lang]}: {shown}")
    return "; ".join(said)


def _definition(question: Question, lang: str) -> list[Line]:
    lines = [_line(question.label[lang], "bold"), _line(question.definition[lang])]
    for name, texts in (("include", question.include), ("exclude", question.exclude)):
        if texts:
            lines += [Line(""), _line(word(name, lang), "bold"), *(_line(f"- {text[lang]}") for text in texts)]
    if question.conflicts:
        lines += [Line(""), _line(f"{word('conflicts', lang)}: {', '.join(question.conflicts)}")]
    return lines


def _examples(question: Question, lang: str, first: str | None) -> list[Line]:
    lines = [_line(question.label[lang], "bold")]
    labels = {value: label[lang] for value, label in question.values}
    for name, examples in (("examples", question.examples), ("near_misses", question.near_misses)):
        lines += [Line(""), _line(word(name, lang), "bold")]
        for one in sorted(examples, key=lambda example: example.lang != first):
            lines += [_line(f"{one.text}"), _line(f"    {_key(question, one, labels, lang)}", "dim")]
    return lines


def _key(question: Question, one: Example, labels: Mapping[str, str], lang: str) -> str:
    cell = next((held for held in question.variables if held.id == ".".join((question.code, *one.facets))), None)
    value = labels.get(one.value, one.value)
    keyed = f"{cell.label[lang]}: {value}" if one.facets and cell is not None else value
    return f"{keyed}. {one.why[lang]}" + (f" ({word('instead', lang, code=one.instead)})" if one.instead else "")


def _question(sitting: Sitting, lang: str, width: int) -> list[Line]:
    prompt = sitting.prompt
    if prompt is None or sitting.overlay or _feedback(sitting):
        return []
    number = sitting.steps.index(prompt.id if prompt.id in sitting.steps else prompt.question.code) + 1
    lines = [_line(f"{number}. {prompt.label[lang]}", "bold cyan")]
    lines += _columns([_choice(one, prompt, lang) for one in prompt.choices], width)
    if prompt.pages > 1:
        lines.append(_line(word("more_choices", lang, page=prompt.page + 1, pages=prompt.pages), "cyan"))
    if prompt.kind == "cells":
        lines.append(_line(word("several", lang), "dim"))
    elif prompt.answer is not None and prompt.kind != "cell":
        lines.append(_line(word("answered", lang, value=_label(prompt, prompt.answer, lang)), "dim"))
    return lines


def _label(prompt: Prompt, value: str, lang: str) -> str:
    if value == ABSTAIN:
        return word("undecided", lang)
    return next((one.label[lang] for one in prompt.choices if one.id == value), value)


def _choice(one: Choice, prompt: Prompt, lang: str) -> str:
    if prompt.kind != "cells":
        return f"{one.key}  {one.label[lang]}"
    if one.value is None:
        return f"{one.key}  [ ] {one.label[lang]}"
    value = word("undecided", lang) if one.value[lang] == ABSTAIN else one.value[lang]
    return f"{one.key}  [x] {one.label[lang]}: {value}"


def _columns(choices: Sequence[str], width: int) -> list[Line]:
    """Choices one below the other, in two columns where they are many and short."""
    half = width // 2 - 1
    indented = [f"  {revealed(one)}" for one in choices]
    if len(choices) < _TWO_COLUMNS_FROM or max(map(cell_len, indented)) > half:
        return [Line(one) for one in indented]
    rows = -(-len(indented) // 2)
    left, right = indented[:rows], [*indented[rows:], ""]
    return [Line(one + " " * (half - cell_len(one)) + right[at]) for at, one in enumerate(left)]


def _remarks(sitting: Sitting, lang: str) -> list[Line]:
    lines: list[Line] = []
    if sitting.note:
        lines.append(_line(word("your_note", lang, note=visible(sitting.note, _LONGEST_NOTE)), "dim"))
    if sitting.is_tired:
        lines.append(_line(word("tired", lang), "yellow"))
    if isinstance(sitting, DeskSitting) and sitting.is_harsh:
        lines.append(_line(word("harsh", lang, n=sitting.hostile), "yellow"))
    message = sitting.message
    if message is not None:
        said = str(message.error) if message.error else word(message.word, lang, **message.facts)
        lines.append(_line(said, "yellow"))
    return lines


def _legend(sitting: Sitting, lang: str) -> str:
    """The keys that do something now."""
    if sitting.overlay:
        return word("close", lang)
    if _feedback(sitting):
        return word("go_on", lang)
    keys = "keys_end" if sitting.unit is None else "keys"
    return word(f"{keys}_training" if isinstance(sitting, TrainingSitting) else keys, lang)


def _line(text: str, style: str = "") -> Line:
    return Line(revealed(text), style)


def _cut(line: Line, width: int) -> Line:
    return line if cell_len(line.text) <= width else Line(chop_cells(line.text, width - 1)[0] + "~", line.style)


def _wrap(lines: Sequence[Line], width: int) -> list[Line]:
    return [Line(part, line.style) for line in lines for part in wrapped(line.text, width)]


def _clock(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"

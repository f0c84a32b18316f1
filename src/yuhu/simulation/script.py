"""The notation of templates: what a group of messages expresses, and how one message is made of a template.

A truth is a row of tokens: ``k=plot`` (kind; expressing if none), ``AE2:pain``, ``CE1``, ``EC``, ``AN:museum``, ``ID``, ``MEM`` or ``MEM:analogue``,
``OBJ:one``, ``ST:return``, ``AC:visit=intends``, ``INFO:ask``, ``HO:person=insult``, ``ISS2`` and the plain flags of `_FLAGS`; ``-ID`` takes one
back; ``~sad`` names the ornament of a message.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

KINDS = ("expressing", "joke", "plot", "cast", "ritual", "advertising", "other")
OPENED = frozenset(
    {
        "affective_empathy",
        "cognitive_empathy",
        "empathic_concern",
        "anger",
        "cultural_identity",
        "collective_memory",
        "object_of_feeling",
        "stance",
        "exploration",
        "personal_distress",
    }
    | {"associative_empathy", "kama_muta", "pride", "gratitude", "shame_guilt", "we", "issue"}
)
"""Variables that only an expressing message has."""
FEELINGS = ("affective_empathy", "cognitive_empathy", "empathic_concern")
BREADTH = ("none", "one_character", "relics_together", "nation", "humanity_or_institutions")

_FLAGS = {
    "EC": "empathic_concern",
    "ID": "cultural_identity",
    "EX": "exploration",
    "PD": "personal_distress",
    "ASSOC": "associative_empathy",
    "KM": "kama_muta",
    "PRIDE": "pride",
    "THANKS": "gratitude",
    "SHAME": "shame_guilt",
    "WE": "we",
    "CONF": "confusion",
    "CONT": "continuation",
    "INTERP": "interpretation",
    "SC": "secondary_creation",
    "FORM": "formula",
    "SARC": "sarcasm_unsure",
}
_OBJECTS = {"one": "one_character", "relics": "relics_together", "nation": "nation", "all": "humanity_or_institutions"}
_STANCES = {"return": "return", "negotiated": "negotiated_return", "share": "share_or_loan", "keep": "keep", "none": "none"}
_COUNTRY = {"country": "museum_country"}
_CHOICE = re.compile(r"\{([^{}]*)\}")

Truth = Mapping[str, str]


@dataclass(frozen=True)
class Template:
    """A line with its truth (flat variable id -> value, without zeros) and its ornament."""

    text: str
    truth: Truth
    ornament: str


class Dice:
    """Uniform numbers of a generator, drawn in blocks."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._numbers: Iterator[float] = iter(())

    def roll(self) -> float:
        """A number in [0, 1)."""
        for number in self._numbers:
            return number
        self._numbers = iter(self._generator.random(1 << 15).tolist())
        return next(self._numbers)

    def pick(self, options: Sequence[str]) -> str:
        """One of some texts."""
        return options[int(self.roll() * len(options))]


def read_groups(groups: Mapping[str, tuple[str, str]]) -> dict[str, list[Template]]:
    """The templates of each group.

    Raises
    ------
    ValueError
        A token is not known: a fault of the templates.
    """
    return {name: [_template(spec, line) for line in lines.strip().splitlines()] for name, (spec, lines) in groups.items()}


def _template(spec: str, line: str) -> Template:
    text, _, extra = line.strip().partition(" ## ")
    truth: dict[str, str] = {"kind": "expressing"}
    ornament = "plain"
    for word in f"{spec} {extra}".split():
        if word.startswith("~"):
            ornament = word[1:]
        elif word.startswith("-"):
            for name in _read(word[1:]):
                truth.pop(name)
        else:
            truth.update(_read(word))
    return Template(text.strip(), closed({key: value for key, value in truth.items() if value not in {"0", "none"}}), ornament)


def _read(token: str) -> dict[str, str]:
    head, _, tail = token.partition(":")
    if head in _FLAGS:
        return {_FLAGS[head]: "1"}
    if head.startswith("k="):
        return {"kind": head[2:]}
    if head in {"AE1", "AE2"}:
        return {"affective_empathy": head[2], "affective_empathy.valence": tail}
    if head in {"CE1", "CE2"}:
        return {"cognitive_empathy": head[2]}
    if head in {"ISS1", "ISS2", "ISS3"}:
        return {"issue": head[3]}
    match head:
        case "AN":
            return {"anger": "1", "anger.target": _COUNTRY.get(tail, tail)}
        case "MEM":
            return {"collective_memory": "1"} | ({"collective_memory.analogue": "1"} if tail == "analogue" else {})
        case "OBJ":
            return {"object_of_feeling": _OBJECTS[tail]}
        case "ST":
            return {"stance": _STANCES[tail]}
        case "AC":
            kind, _, stage = tail.partition("=")
            return {f"action.{kind}": stage}
        case "INFO":
            return {"information": tail}
        case "HO":
            target, _, form = tail.partition("=")
            return {"hostility": "1", "hostility.target": _COUNTRY.get(target, target), "hostility.form": form}
    raise ValueError(token)


def closed(truth: Truth) -> dict[str, str]:
    """The truth without what its own rules leave unasked: empathy and position need an expressing message, an object needs a feeling."""
    kept = {key: value for key, value in truth.items() if truth["kind"] == "expressing" or key.partition(".")[0] not in OPENED}
    if not any(feeling in kept for feeling in FEELINGS):
        kept.pop("object_of_feeling", None)
    return kept


def merged(first: Truth, second: Truth) -> dict[str, str]:
    """The truth of two messages in one: the first kind that fits, the higher step, the wider object, the later position."""
    truth = {**first, **second}
    truth["kind"] = min(first["kind"], second["kind"], key=KINDS.index)
    for key in (*FEELINGS, "issue"):
        if key in first and key in second:
            truth[key] = max(first[key], second[key])
    objects = [part["object_of_feeling"] for part in (first, second) if "object_of_feeling" in part]
    if objects:
        truth["object_of_feeling"] = max(objects, key=BREADTH.index)
    return closed(truth)


def fill(text: str, slots: Mapping[str, Sequence[str]], dice: Dice) -> str:
    """A text with its choices and slots decided, innermost first."""

    def decide(found: re.Match[str]) -> str:
        inner = found.group(1)
        return dice.pick(slots[inner]) if inner in slots else dice.pick(inner.split("|"))

    while "{" in text:
        text = _CHOICE.sub(decide, text)
    return text

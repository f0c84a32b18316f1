"""The labeling configuration of Label Studio from a codebook: one control for each decision, with definitions beside it."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from yuhu.formats.book_drafts import BookDraft, Decision, in_language
from yuhu.formats.xml_trees import Ink

TEXT, VIDEO = "text", "video"
"""Names of the objects that controls refer to, and of the keys of a task's data that hold them."""

_HINTS = {"en": "definition", "zh": "定义"}


def control_of(decision: Decision) -> str:
    """The kind of control for a decision: ``choices``, ``number`` for open scales, ``textarea`` for open names."""
    if decision.values:
        return "choices"
    return {"interval": "number", "nominal": "textarea"}.get(decision.level, "choices")


def response_config(book: BookDraft, lang: str, context: Iterable[str], ink: Ink) -> bytes:
    """The configuration for texts, one decision after the other."""
    root = Element("View")
    for column in context:
        SubElement(root, "Header", {"value": f"${column}", "size": "6", "underline": "false"})
    SubElement(root, "Text", {"name": TEXT, "value": f"${TEXT}"})
    _controls(root, book, [one for one in book.decisions.values() if _unit(book, one) != "span"], lang, ink)
    return _document(root)


def span_config(book: BookDraft, lang: str, *, timeline: bool, fps: float, ink: Ink) -> bytes:
    """The configuration for videos: a timeline for each decision, or choices for one given span."""
    root = Element("View")
    decisions = [one for one in book.decisions.values() if _unit(book, one) != "response"]
    SubElement(root, "Video", {"name": VIDEO, "value": f"${VIDEO}", "framerate": f"{fps:g}"})
    if not timeline:
        SubElement(root, "Text", {"name": TEXT, "value": f"${TEXT}"})
        _controls(root, book, decisions, lang, ink)
        return _document(root)
    for decision in decisions:
        _explain(root, book, decision, lang, ink)
        labels = SubElement(root, "TimelineLabels", {"name": ink(decision.id), "toName": VIDEO})
        draft = book.draft(decision.id)
        colour = {"background": draft.colour} if draft and draft.colour else {}
        for value, label in _options(decision, lang):
            SubElement(labels, "Label", {"value": ink(value), "hint": ink(label), **colour})
    return _document(root)


def _unit(book: BookDraft, decision: Decision) -> str:
    draft = book.draft(decision.id)
    return draft.unit if draft else ""


def _controls(root: Element, book: BookDraft, decisions: Iterable[Decision], lang: str, ink: Ink) -> None:
    for decision in decisions:
        _explain(root, book, decision, lang, ink)
        named = {"name": ink(decision.id), "toName": TEXT}
        control = control_of(decision)
        if control != "choices":
            SubElement(root, {"number": "Number", "textarea": "TextArea"}[control], named)
            continue
        choices = SubElement(root, "Choices", {**named, "choice": "single", "showInline": "true"})
        for value, label in _options(decision, lang):
            shown = f"{value} \u00b7 {label}" if label and label != value else value
            SubElement(choices, "Choice", {"value": ink(shown), "alias": ink(value), "hint": ink(label or value)})


def _options(decision: Decision, lang: str) -> list[tuple[str, str]]:
    return [(value.id, in_language(value.label, lang)) for value in decision.values] or [("1", "")]


def _explain(root: Element, book: BookDraft, decision: Decision, lang: str, ink: Ink) -> None:
    SubElement(root, "Header", {"value": ink(in_language(decision.label, lang, decision.id)) or "code", "size": "4"})
    definition = book.definition_of(decision.id, lang)
    if definition:
        panel = SubElement(SubElement(root, "Collapse"), "Panel", {"value": _HINTS.get(lang, _HINTS["en"])})
        for line in definition.split("\n"):
            SubElement(panel, "Header", {"value": ink(line) or " ", "size": "6", "underline": "false"})


def _document(root: Element) -> bytes:
    indent(root)
    return tostring(root, encoding="unicode").encode() + b"\n"

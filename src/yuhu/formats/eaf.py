"""ELAN annotation files (EAF) read: annotations with their times, in milliseconds of the media file.

Names of annotators and participants, and the paths of media, are not read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from xml.etree.ElementTree import Element

from yuhu.core.errors import YuhuError
from yuhu.formats.xml_trees import parsed_xml, pieces_of

LONGEST_MS = 48 * 3600 * 1000

_FRAME_MS = {"milliseconds": 1.0, "PAL-frames": 40.0, "NTSC-frames": 1001 / 30}
_SUBDIVIDED = "Symbolic_Subdivision"


@dataclass(frozen=True)
class Annotation:
    """An annotation of a file.

    Parameters
    ----------
    tier : str
        Name of its tier.
    place : str
        Its id in the file.
    start_ms, end_ms : int or None
        Media time; None where the file does not lead to one.
    text : str
        Its value; may be empty.
    lang : str
        The language of the tier, as the file says it; empty if it does not.
    why : str
        Why it has no time; empty if it has.
    """

    tier: str
    place: str
    start_ms: int | None
    end_ms: int | None
    text: str
    lang: str = ""
    why: str = ""


@dataclass
class _Node:
    """An annotation before its time is known: either two slots, or the annotation that it refers to, or is one of several parts of."""

    tier: str
    text: str
    lang: str
    start: str = ""
    end: str = ""
    above: str = ""
    previous: str = ""
    part: int = 0
    parts: int = 0


def read_eaf(path: Path, name: str) -> list[Annotation]:
    """All annotations of a file, tier by tier.

    Slots without a time lie evenly between the next ones that have one, along their tier if its annotations follow one another, else in the
    order of slots. Annotations that refer to others have their time; those of a symbolic subdivision split it evenly.

    Raises
    ------
    YuhuError
        YH106 not an EAF document; YH109 it declares an entity.
    """
    root = eaf_root(pieces_of(path), name)
    return annotations_of(root)


def eaf_root(pieces: Iterable[bytes], name: str) -> Element:
    """The root of an EAF document.

    Raises
    ------
    YuhuError
        YH106 not an EAF document; YH109 it declares an entity, or is nested too deeply.
    """
    root = parsed_xml(pieces, name, program="ELAN")
    if root.tag != "ANNOTATION_DOCUMENT":
        raise YuhuError("YH106", f"`{name}` is not an ELAN document", facts={"root": root.tag[:40]}, fix="save it with ELAN as .eaf")
    return root


def annotations_of(root: Element) -> list[Annotation]:
    """All annotations of a document, tier by tier; see `read_eaf`."""
    nodes = _nodes(root)
    times = _slots(root, nodes)
    spans = _spans(nodes, times)
    offset = _offset(root)
    found = []
    for key, node in nodes.items():
        span, why = spans[key]
        start, end = (round(span[0] + offset), round(span[1] + offset)) if span else (None, None)
        if start is not None and end is not None and not 0 <= start <= end <= LONGEST_MS:
            start, end, why = None, None, "the times are not within 48 hours, or end before they start"
        found.append(Annotation(node.tier, key, start, end, node.text, node.lang, why))
    return found


def _nodes(root: Element) -> dict[str, _Node]:
    constraints = {kind.get("LINGUISTIC_TYPE_ID"): kind.get("CONSTRAINTS", "") for kind in root.iterfind("LINGUISTIC_TYPE")}
    nodes: dict[str, _Node] = {}
    for tier in root.iterfind("TIER"):
        constraint = constraints.get(tier.get("LINGUISTIC_TYPE_REF"), "")
        below: dict[str, list[str]] = {}
        for holder in tier.iterfind("ANNOTATION"):
            for one in holder:
                key = _free(one.get("ANNOTATION_ID") or "annotation", nodes)
                node = nodes[key] = _Node(tier.get("TIER_ID", ""), one.findtext("ANNOTATION_VALUE") or "", tier.get("LANG_REF", ""))
                if one.tag == "REF_ANNOTATION":
                    node.above, node.previous = one.get("ANNOTATION_REF", ""), one.get("PREVIOUS_ANNOTATION", "")
                    below.setdefault(node.above, []).append(key)
                else:
                    node.start, node.end = one.get("TIME_SLOT_REF1", ""), one.get("TIME_SLOT_REF2", "")
        for keys in below.values():
            if constraint == _SUBDIVIDED or (not constraint and any(nodes[key].previous for key in keys)):
                for part, key in enumerate(_in_order(keys, nodes)):
                    nodes[key].part, nodes[key].parts = part, len(keys)
    return nodes


def _free(key: str, taken: Mapping[str, object]) -> str:
    if key not in taken:
        return key
    at = len(taken) + 1
    while f"{key} ({at})" in taken:
        at += 1
    return f"{key} ({at})"


def _in_order(keys: list[str], nodes: Mapping[str, _Node]) -> list[str]:
    """Parts of one annotation in the order in which each names the one before it."""
    known = set(keys)
    after = {nodes[key].previous: key for key in reversed(keys)}
    ordered: dict[str, None] = {}
    for first in [key for key in keys if nodes[key].previous not in known] + keys:
        at: str | None = first
        while at is not None and at not in ordered:
            ordered[at] = None
            at = after.get(at)
    return list(ordered)


def _slots(root: Element, nodes: Mapping[str, _Node]) -> dict[str, float]:
    """Time of each slot that has one, or gets one between its neighbours."""
    header = root.find("HEADER")
    unit = _FRAME_MS.get(header.get("TIME_UNITS", "") if header is not None else "", 1.0)
    order: list[str] = []
    times: dict[str, float] = {}
    for slot in root.iterfind("TIME_ORDER/TIME_SLOT"):
        key, value = slot.get("TIME_SLOT_ID", ""), slot.get("TIME_VALUE", "")
        if not key:
            continue
        order.append(key)
        if re.fullmatch(r"\d{1,12}", value):
            times[key] = int(value) * unit
    for chain in _chains(nodes, times):
        _fill(chain, times)
    _fill(order, times)
    return times


def _chains(nodes: Mapping[str, _Node], times: Mapping[str, float]) -> Iterator[list[str]]:
    """Slots of annotations that follow one another on a tier, from one that has a time to the next that has one."""
    tier, chain = "", [""]
    for node in nodes.values():
        if node.above:
            continue
        if node.tier != tier or node.start != chain[-1]:
            tier, chain = node.tier, [node.start]
        chain.append(node.end)
        if node.end in times:
            if len(chain) > 2 and chain[0] in times:
                yield chain
            chain = [node.end]


def _fill(order: Sequence[str], times: dict[str, float]) -> None:
    """Slots without a time, evenly between those with one."""
    known = [at for at, key in enumerate(order) if key in times]
    for left, right in pairwise(known):
        start, step = times[order[left]], (times[order[right]] - times[order[left]]) / (right - left)
        for at in range(left + 1, right):
            times[order[at]] = start + step * (at - left)


_Found = tuple[tuple[float, float] | None, str]


def _spans(nodes: Mapping[str, _Node], times: Mapping[str, float]) -> dict[str, _Found]:
    spans: dict[str, _Found] = {}
    for key in nodes:
        path: dict[str, None] = {}
        at = key
        while at in nodes and at not in spans and nodes[at].above and at not in path:
            path[at] = None
            at = nodes[at].above
        if at in path:
            spans.update(dict.fromkeys(path, (None, "it refers to itself, by way of others")))
            continue
        if at not in spans and at in nodes:
            spans[at] = _aligned(nodes[at], times)
        for below in reversed(path):
            spans[below] = _inherited(below, nodes, spans)
    return spans


def _aligned(node: _Node, times: Mapping[str, float]) -> _Found:
    start, end = times.get(node.start), times.get(node.end)
    return ((start, end), "") if start is not None and end is not None else (None, "its time slots have no time")


def _inherited(key: str, nodes: Mapping[str, _Node], spans: Mapping[str, _Found]) -> _Found:
    node = nodes[key]
    span, why = spans.get(node.above, (None, "it refers to an annotation that is not there"))
    if span is None or not node.parts:
        return span, why
    length = (span[1] - span[0]) / node.parts
    return (span[0] + length * node.part, span[0] + length * (node.part + 1)), ""


def _offset(root: Element) -> float:
    """Where in the first media file the time of the annotations begins."""
    media = root.find("HEADER/MEDIA_DESCRIPTOR")
    value = media.get("TIME_ORIGIN", "") if media is not None else ""
    return int(value) if re.fullmatch(r"-?\d{1,9}", value) else 0

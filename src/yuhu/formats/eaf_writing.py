"""ELAN annotation files (EAF 3.0) written: tiers of spans that ELAN opens."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}
_TYPE = "default-lt"


@dataclass(frozen=True)
class Span:
    """A stretch of media time and what is said of it; the end is exclusive."""

    start_ms: int
    end_ms: int
    text: str


def write_eaf(
    tiers: Mapping[str, Sequence[Span]],
    *,
    date: dt.datetime,
    media: str = "",
    mime_type: str = "video/mp4",
    author: str = "",
    annotators: Mapping[str, str] | None = None,
    vocabularies: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """An EAF 3.0 document with one tier per name.

    Parameters
    ----------
    tiers : mapping of str to sequence of Span
        Annotations by the name of their tier. Spans of a tier that overlap go to further tiers ``NAME (2)``, ``NAME (3)``, since ELAN shows no
        overlap within one; a span without a length becomes 1 ms long.
    date : datetime
        When the document was made, with its zone.
    media : str, optional
        Name of the media file, relative to the document.
    mime_type : str
        Kind of the media.
    author : str
        Who made the document.
    annotators : mapping of str to str, optional
        Coder by tier.
    vocabularies : mapping of str to sequence of str, optional
        The values that a tier may hold; ELAN then offers these.

    Returns
    -------
    bytes
        UTF-8 XML. Characters that XML cannot hold are left out, and line ends become line feeds.
    """
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": _writable(author),
            "DATE": date.isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    header = SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if media:
        url = f"./{_writable(media)}"
        SubElement(header, "MEDIA_DESCRIPTOR", {"MEDIA_URL": url, "MIME_TYPE": mime_type, "RELATIVE_MEDIA_URL": url})
    lanes, of_lane = _lanes(tiers)
    _write_annotations(
        root, header, lanes, {lane: (annotators or {}).get(name, "") for lane, name in of_lane.items()}, of_lane, vocabularies or {}
    )
    _write_types(root, vocabularies or {})
    indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def _writable(text: str) -> str:
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _lanes(tiers: Mapping[str, Sequence[Span]]) -> tuple[dict[str, list[Span]], dict[str, str]]:
    """Spans that do not overlap, by the name of a tier of their own; and the tier that each comes from."""
    lanes: dict[str, list[Span]] = {_writable(name): [] for name in tiers}
    of_lane = {_writable(name): name for name in tiers}
    for name, spans in tiers.items():
        own = [_writable(name)]
        for span in sorted(spans, key=lambda span: (span.start_ms, span.end_ms)):
            lane = next((one for one in own if not lanes[one] or lanes[one][-1].end_ms <= span.start_ms), None)
            if lane is None:
                lane = next(name for at in count(len(own) + 1) if (name := f"{own[0]} ({at})") not in lanes)
                own.append(lane)
                lanes[lane], of_lane[lane] = [], name
            lanes[lane].append(Span(span.start_ms, max(span.end_ms, span.start_ms + 1), span.text))
    return lanes, of_lane


def _write_annotations(
    root: Element,
    header: Element,
    lanes: Mapping[str, Sequence[Span]],
    annotators: Mapping[str, str],
    of_lane: Mapping[str, str],
    vocabularies: Mapping[str, Sequence[str]],
) -> None:
    ends = sorted(
        (time, lane, at, is_end) for lane, spans in lanes.items() for at, span in enumerate(spans) for is_end, time in _ends(span)
    )
    slots = {(lane, at, is_end): f"ts{number}" for number, (_, lane, at, is_end) in enumerate(ends, start=1)}
    SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(len(ends) // 2)
    order = SubElement(root, "TIME_ORDER")
    for time, lane, at, is_end in ends:
        SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slots[lane, at, is_end], "TIME_VALUE": str(time)})
    number = 0
    for lane, spans in lanes.items():
        kind = _kind(of_lane[lane]) if of_lane[lane] in vocabularies else _TYPE
        annotator = {"ANNOTATOR": _writable(annotators[lane])} if annotators[lane] else {}
        tier = SubElement(root, "TIER", {**annotator, "LINGUISTIC_TYPE_REF": kind, "TIER_ID": lane})
        for at, span in enumerate(spans):
            number += 1
            names = {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[lane, at, False], "TIME_SLOT_REF2": slots[lane, at, True]}
            aligned = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", names)
            SubElement(aligned, "ANNOTATION_VALUE").text = _writable(span.text)


def _ends(span: Span) -> Iterator[tuple[bool, int]]:
    yield False, span.start_ms
    yield True, span.end_ms


def _kind(name: str) -> str:
    return f"{_writable(name)}-values"


def _write_types(root: Element, vocabularies: Mapping[str, Sequence[str]]) -> None:
    plain = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"}
    SubElement(root, "LINGUISTIC_TYPE", plain)
    for name in vocabularies:
        SubElement(root, "LINGUISTIC_TYPE", {"CONTROLLED_VOCABULARY_REF": _writable(name), **plain, "LINGUISTIC_TYPE_ID": _kind(name)})
    if vocabularies:
        SubElement(
            root, "LANGUAGE", {"LANG_DEF": "http://cdb.iso.org/lg/CDB-00130975-001", "LANG_ID": "und", "LANG_LABEL": "undetermined (und)"}
        )
    for name, meaning in _CONSTRAINTS.items():
        SubElement(root, "CONSTRAINT", {"DESCRIPTION": meaning, "STEREOTYPE": name})
    number = 0
    for name, values in vocabularies.items():
        vocabulary = SubElement(root, "CONTROLLED_VOCABULARY", {"CV_ID": _writable(name)})
        SubElement(vocabulary, "DESCRIPTION", {"LANG_REF": "und"})
        for value in values:
            number += 1
            entry = SubElement(vocabulary, "CV_ENTRY_ML", {"CVE_ID": f"cveid{number}"})
            SubElement(entry, "CVE_VALUE", {"DESCRIPTION": "", "LANG_REF": "und"}).text = _writable(value)

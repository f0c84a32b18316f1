"""ELAN annotation files (EAF 3.0) written: tiers of spans that ELAN opens."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from xml.etree.ElementTree import Element, SubElement, indent

from yuhu.formats.xml_trees import document, writable

LANGUAGES = {"zh": "zho", "en": "eng", "ja": "jpn", "ko": "kor", "de": "deu", "fr": "fra", "es": "spa", "und": "und"}
"""Languages as ELAN names them."""

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
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


@dataclass(frozen=True)
class Entry:
    """A value that a tier may hold, with what it means by language."""

    value: str
    meaning: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    """A controlled vocabulary: tiers with one of the same name share it."""

    name: str
    entries: Sequence[Entry]
    meaning: Mapping[str, str] = field(default_factory=dict)


def write_eaf(
    tiers: Mapping[str, Sequence[Span]],
    *,
    date: dt.datetime,
    media: str = "",
    mime_type: str = "video/mp4",
    author: str = "",
    annotators: Mapping[str, str] | None = None,
    vocabularies: Mapping[str, Sequence[str] | Vocabulary] | None = None,
    properties: Mapping[str, str] | None = None,
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
    vocabularies : mapping of str to sequence of str or Vocabulary, optional
        The values that a tier may hold; ELAN then offers these.
    properties : mapping of str to str, optional
        What programs keep in the header.

    Returns
    -------
    bytes
        UTF-8 XML. Characters that XML cannot hold are left out, and line ends become line feeds.
    """
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": writable(author),
            "DATE": date.isoformat(timespec="seconds"),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    header = SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    if media:
        url = f"./{writable(media)}"
        SubElement(header, "MEDIA_DESCRIPTOR", {"MEDIA_URL": url, "MIME_TYPE": mime_type, "RELATIVE_MEDIA_URL": url})
    for name, text in (properties or {}).items():
        SubElement(header, "PROPERTY", {"NAME": writable(name)}).text = writable(text)
    lanes, of_lane = _lanes(tiers)
    held = {tier: _vocabulary(tier, one) for tier, one in (vocabularies or {}).items()}
    entries = _entry_ids(held)
    people = {lane: (annotators or {}).get(name, "") for lane, name in of_lane.items()}
    _write_annotations(root, header, lanes, people, {lane: held.get(name) for lane, name in of_lane.items()}, entries)
    _write_types(root, held, entries)
    indent(root)
    return document(root)


def _vocabulary(tier: str, held: Sequence[str] | Vocabulary) -> Vocabulary:
    return held if isinstance(held, Vocabulary) else Vocabulary(tier, [Entry(value) for value in held])


def _entry_ids(held: Mapping[str, Vocabulary]) -> dict[tuple[str, str], str]:
    """The id of each entry by the name of its vocabulary and its value."""
    named = {one.name: one for one in held.values()}
    pairs = [(name, entry.value) for name, one in named.items() for entry in one.entries]
    return {pair: f"cveid{number}" for number, pair in enumerate(dict.fromkeys(pairs), start=1)}


def _lanes(tiers: Mapping[str, Sequence[Span]]) -> tuple[dict[str, list[Span]], dict[str, str]]:
    """Spans that do not overlap, by the name of a tier of their own; and the tier that each comes from."""
    lanes: dict[str, list[Span]] = {writable(name): [] for name in tiers}
    of_lane = {writable(name): name for name in tiers}
    for name, spans in tiers.items():
        own = [writable(name)]
        for span in sorted(spans, key=lambda span: (span.start_ms, span.end_ms)):
            lane = next((one for one in own if not lanes[one] or lanes[one][-1].end_ms <= span.start_ms), None)
            if lane is None:
                names = (f"{own[0]} ({at})" for at in count(len(own) + 1))
                lane = next(one for one in names if one not in lanes)
                own.append(lane)
                lanes[lane], of_lane[lane] = [], name
            lanes[lane].append(Span(span.start_ms, max(span.end_ms, span.start_ms + 1), span.text))
    return lanes, of_lane


def _write_annotations(
    root: Element,
    header: Element,
    lanes: Mapping[str, Sequence[Span]],
    annotators: Mapping[str, str],
    held: Mapping[str, Vocabulary | None],
    entries: Mapping[tuple[str, str], str],
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
        vocabulary = held[lane]
        kind = _kind(vocabulary.name) if vocabulary else _TYPE
        annotator = {"ANNOTATOR": writable(annotators[lane])} if annotators[lane] else {}
        tier = SubElement(root, "TIER", {**annotator, "LINGUISTIC_TYPE_REF": kind, "TIER_ID": lane})
        for at, span in enumerate(spans):
            number += 1
            names = {"ANNOTATION_ID": f"a{number}", "TIME_SLOT_REF1": slots[lane, at, False], "TIME_SLOT_REF2": slots[lane, at, True]}
            entry = entries.get((vocabulary.name, span.text)) if vocabulary else None
            chosen = {"CVE_REF": entry} if entry else {}
            aligned = SubElement(SubElement(tier, "ANNOTATION"), "ALIGNABLE_ANNOTATION", {**names, **chosen})
            SubElement(aligned, "ANNOTATION_VALUE").text = writable(span.text)


def _ends(span: Span) -> Iterator[tuple[bool, int]]:
    yield False, span.start_ms
    yield True, span.end_ms


def _kind(name: str) -> str:
    return f"{writable(name)}-values"


def _write_types(root: Element, held: Mapping[str, Vocabulary], entries: Mapping[tuple[str, str], str]) -> None:
    vocabularies = {one.name: one for one in held.values()}
    plain = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"}
    SubElement(root, "LINGUISTIC_TYPE", plain)
    for name in vocabularies:
        SubElement(root, "LINGUISTIC_TYPE", {"CONTROLLED_VOCABULARY_REF": writable(name), **plain, "LINGUISTIC_TYPE_ID": _kind(name)})
    languages = _languages(vocabularies)
    for lang in languages:
        where = "http://cdb.iso.org/lg/CDB-00130975-001" if lang == "und" else f"https://iso639-3.sil.org/code/{lang}"
        label = "undetermined (und)" if lang == "und" else lang
        SubElement(root, "LANGUAGE", {"LANG_DEF": where, "LANG_ID": lang, "LANG_LABEL": label})
    for name, meaning in _CONSTRAINTS.items():
        SubElement(root, "CONSTRAINT", {"DESCRIPTION": meaning, "STEREOTYPE": name})
    for name, one in vocabularies.items():
        vocabulary = SubElement(root, "CONTROLLED_VOCABULARY", {"CV_ID": writable(name)})
        for lang in languages:
            SubElement(vocabulary, "DESCRIPTION", {"LANG_REF": lang}).text = writable(_meant(one.meaning, lang)) or None
        for entry in {entry.value: entry for entry in one.entries}.values():
            element = SubElement(vocabulary, "CV_ENTRY_ML", {"CVE_ID": entries[name, entry.value]})
            for lang in languages:
                described = {"DESCRIPTION": writable(_meant(entry.meaning, lang)), "LANG_REF": lang}
                SubElement(element, "CVE_VALUE", described).text = writable(entry.value)


def _languages(vocabularies: Mapping[str, Vocabulary]) -> list[str]:
    """The languages of all vocabularies, as ELAN names them; one that is not determined if there is none."""
    meanings = [meaning for one in vocabularies.values() for meaning in (one.meaning, *(entry.meaning for entry in one.entries))]
    found = dict.fromkeys(_elan(lang) for meaning in meanings for lang in meaning)
    return list(found) or (["und"] if vocabularies else [])


def _meant(meaning: Mapping[str, str], lang: str) -> str:
    return next((text for own, text in meaning.items() if _elan(own) == lang), "")


def _elan(lang: str) -> str:
    """A language as ELAN names it; the name is an identifier in XML."""
    return LANGUAGES.get(lang) or re.sub(r"[^A-Za-z0-9_-]", "_", f"x-{lang}")

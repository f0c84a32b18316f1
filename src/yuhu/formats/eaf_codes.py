"""ELAN files with codes: one tier for each decision and coder, one controlled vocabulary for each decision, and any other EAF file read as codings.

ELAN has no place for times of coding, evidence or comments; what is the same for a whole file stands in one property of its header.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl

from yuhu.core.codebook import Value
from yuhu.core.contracts import Reject
from yuhu.core.schema import CODER_KINDS, STATUSES
from yuhu.formats.book_drafts import BookDraft, CodeDraft, Decision
from yuhu.formats.eaf import LONGEST_MS, annotations_of, eaf_root
from yuhu.formats.eaf_writing import LANGUAGES, Entry, Span, Vocabulary, write_eaf
from yuhu.formats.exchange import (
    UNKNOWN_CODER,
    VIDEO_DRAFT,
    Exchange,
    Losses,
    Reading,
    Writing,
    Written,
    checked,
    codings_frame,
    file_stem,
    fits,
    free_name,
    rejected,
)  # fmt: skip
from yuhu.formats.values import fitting
from yuhu.formats.xml_trees import Ink

PROPERTY = "urn:yuhu:codings"

_BARE = ("at", "evidence", "note", "unit_id")
_ONCE = ("code_hash", "codebook_hash", "purpose", "occasion", "sample")

Row = Mapping[str, Any]


def write_codes(exchange: Exchange, how: Writing) -> Written:
    """Codings of spans as ELAN files, one for each video.

    Parameters
    ----------
    exchange : Exchange
        Spans are written; codings of responses are losses. ``videos`` names the media file, which is referred to by its name.
    how : Writing
        ``coders`` get a tier for every decision on spans, also where they have not coded.

    Returns
    -------
    Written
        Files ``VIDEO.eaf``. Overlapping spans of one tier go to tiers ``NAME (2)`` ….

    Raises
    ------
    YuhuError
        YH503 a coding is not understood.
    """
    losses = Losses()
    rows = _spans(checked(exchange.codings).iter_rows(named=True), losses)
    media = dict(exchange.videos.select("video_id", "media").iter_rows())
    videos: dict[str, list[Row]] = {video: [] for video in media if video is not None} if how.coders else {}
    for row in rows:
        videos.setdefault(row["video_id"], []).append(row)
    files: dict[str, bytes] = {}
    for video in sorted(videos):
        name = free_name(file_stem(video), files, ".eaf")
        files[name] = _document(exchange.book, video, videos[video], media.get(video) or "", how, losses)
    _count_book(exchange.book, losses)
    losses.add("texts of units", "ELAN files hold spans alone", count=exchange.units.height)
    return Written(files, losses.listed())


def _spans(rows: Iterator[Row], losses: Losses) -> Iterator[Row]:
    """Codings that ELAN can hold."""
    for row in rows:
        start, end = row["start_ms"], row["end_ms"]
        if row["unit_kind"] != "span" or row["video_id"] is None:
            losses.add("codings", "they are not of spans", first=str(row["unit_id"]))
        elif start is None or end is None or not 0 <= start <= end <= LONGEST_MS:
            losses.add("codings", "ELAN needs a start and an end within 48 hours", first=str(row["video_id"]))
        elif row["status"] == "coded" and _status(row["value"]):
            losses.add("codings", "their value reads like a status", first=row["value"])
        else:
            losses.add("ends of spans without a length", "ELAN shows spans of 1 ms and more", count=start == end)
            for name in _BARE:
                losses.add(f"column {name}", "ELAN has no place for it", count=row[name] is not None)
            yield row


def _document(book: BookDraft, video: str, rows: list[Row], media: str, how: Writing, losses: Losses) -> bytes:
    ink = Ink(losses)
    tiers: dict[tuple[str, str], list[Span]] = {}
    for draft in book.codes if how.coders else ():
        for decision in draft.decisions() if draft.unit in {"span", ""} else ():
            tiers.update({(decision.id, coder): [] for coder in how.coders})
    for row in rows:
        text = row["value"] if row["status"] == "coded" else f"({row['status']})"
        tiers.setdefault((row["code"], row["coder"]), []).append(Span(row["start_ms"], row["end_ms"], ink(text)))
    names: dict[tuple[str, str], str] = {}
    for code, coder in tiers:
        names[code, coder] = free_name(ink(f"{code}@{coder}") or "tier", set(names.values()))
    kept = {"video": video, "book": book.id, "tiers": {name: list(pair) for pair, name in names.items()}, **_said_once(rows, losses)}
    return write_eaf(
        {names[pair]: spans for pair, spans in tiers.items()},
        date=how.at,
        media=media,
        annotators={name: coder for (_, coder), name in names.items()},
        vocabularies=dict(_vocabularies(book, names, ink)),
        properties={PROPERTY: json.dumps(kept, ensure_ascii=True, sort_keys=True)},
    )


def _vocabularies(book: BookDraft, names: Mapping[tuple[str, str], str], ink: Ink) -> Iterator[tuple[str, Vocabulary]]:
    for (code, _), tier in names.items():
        decision = book.decisions.get(code)
        if decision is not None and decision.values:
            entries = [Entry(ink(value.id), value.label) for value in decision.values]
            yield tier, Vocabulary(code, entries, _meaning(book, decision))


def _meaning(book: BookDraft, decision: Decision) -> dict[str, str]:
    draft = book.draft(decision.id)
    definition = dict(draft.definition) if draft else {}
    return definition if draft and draft.id == decision.id else dict(decision.label) or definition


def _said_once(rows: list[Row], losses: Losses) -> dict[str, object]:
    """What is the same for all codings of a code, and kinds of coders."""
    once: dict[str, dict[str, Any]] = {}
    for name in _ONCE:
        of_code: dict[str, set[Any]] = {}
        for row in rows:
            of_code.setdefault(row["code"], set()).add(row[name])
        once[name] = {code: min(held) for code, held in of_code.items() if len(held) == 1 and None not in held}
        lost = sum(row[name] is not None and row["code"] not in once[name] for row in rows)
        losses.add(f"column {name}", "codings of one code in one file do not share it", count=lost)
    kinds: dict[str, set[str]] = {}
    for row in rows:
        kinds.setdefault(row["coder"], set()).add(row["coder_kind"])
    losses.add("column coder_kind", "the coder is of several kinds", count=sum(len(kinds[row["coder"]]) > 1 for row in rows))
    return {**once, "kinds": {coder: min(held) for coder, held in kinds.items()}}


def _count_book(book: BookDraft, losses: Losses) -> None:
    rest = sum(bool(one.include or one.exclude or one.examples or one.near_misses or one.words or one.label) for one in book.codes)
    losses.add("codes in full", "ELAN holds their definition and values; labels, rules, examples and terms stay behind", count=rest)


def read_codes(content: bytes, reading: Reading) -> Exchange:
    """Codings of an EAF file.

    Tiers that we wrote know their decision and coder. Of other files the code is the controlled vocabulary of a tier, or what stands before ``@`` in its
    name; the coder is its annotator, its participant, or what stands after ``@``. Tiers with neither are no codings, and counted.

    Raises
    ------
    YuhuError
        YH106 not an EAF document; YH109 it declares an entity, or is too large a tree.
    """
    return _Read(eaf_root([content], reading.name), reading).exchange()


@dataclass
class _Read:
    root: Element
    reading: Reading
    losses: Losses = field(default_factory=Losses)
    rejects: list[Reject] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = (one.text for one in self.root.iterfind("HEADER/PROPERTY") if one.get("NAME") == PROPERTY)
        self.kept = _loaded(next(found, None))
        self.vocabularies = {cv.get("CV_ID", ""): self._values(cv) for cv in self.root.iterfind("CONTROLLED_VOCABULARY")}
        self.entries = {
            entry.get("CVE_ID", ""): _shown(entry) for entry in self.root.iterfind("CONTROLLED_VOCABULARY/*") if entry.get("CVE_ID")
        }
        types = self.root.iterfind("LINGUISTIC_TYPE")
        self.of_type = {one.get("LINGUISTIC_TYPE_ID", ""): one.get("CONTROLLED_VOCABULARY_REF", "") for one in types}
        self.tiers = {tier.get("TIER_ID", ""): tier for tier in self.root.iterfind("TIER")}
        self.chosen = {one.get("ANNOTATION_ID", ""): one.get("CVE_REF", "") for one in self.root.iterfind("TIER/ANNOTATION/*")}

    def exchange(self) -> Exchange:
        media = self.root.find("HEADER/MEDIA_DESCRIPTOR")
        url = (media.get("RELATIVE_MEDIA_URL") or media.get("MEDIA_URL") or "") if media is not None else ""
        file = url.replace("\\", "/").rpartition("/")[2]
        video = str(self.kept.get("video") or self.reading.video or file.rpartition(".")[0] or file or self.reading.name)
        rows = []
        plain: set[str] = set()
        for one in annotations_of(self.root):
            code, coder = self._who(one.tier)
            if not code:
                plain.add(one.tier)
                continue
            value = one.text or self.entries.get(self.chosen.get(one.place, ""), "")
            meant, status, why = self._value(code, value)
            if one.start_ms is None or why:
                self.rejects.append(rejected(f"annotation {one.place}", one.why or why, (one.tier, one.text)))
                continue
            span = {"unit_kind": "span", "video_id": video, "start_ms": one.start_ms, "end_ms": one.end_ms}
            rows.append({**span, "code": code, "value": meant, "status": status, **self._once(code, coder)})
        self.losses.add(
            "tiers without codes", "no vocabulary, and no code in their name", count=len(plain), first=min(plain, default="")[:80]
        )
        videos = pl.DataFrame([(video, file or None, None, None)], schema=VIDEO_DRAFT, orient="row")
        book = BookDraft(str(self.kept.get("book") or ""), codes=tuple(self._drafts()))
        return Exchange(
            book, codings_frame(rows), videos=videos, losses=self.losses.listed(), rejects=tuple(self.rejects),
            notes=tuple(dict.fromkeys(self.notes)), seen=len(rows) + len(self.rejects),
        )  # fmt: skip

    def _who(self, name: str) -> tuple[str, str]:
        """Decision and coder of a tier; no decision for a tier of something else."""
        tiers = self.kept.get("tiers")
        pair = (tiers.get(name) or tiers.get(_without_lane(name))) if isinstance(tiers, dict) else None
        if isinstance(pair, list) and len(pair) == 2:
            return str(pair[0]), str(pair[1])
        tier = self.tiers.get(name)
        attributes = dict(tier.attrib) if tier is not None else {}
        code, at, after = _without_lane(name).partition("@")
        coder = attributes.get("ANNOTATOR") or attributes.get("PARTICIPANT") or after or self.reading.coder or UNKNOWN_CODER
        vocabulary = self.of_type.get(attributes.get("LINGUISTIC_TYPE_REF", ""), "")
        is_known = self.reading.book is not None and code in self.reading.book.decisions
        return (vocabulary if vocabulary and not is_known else code if at or is_known else ""), coder

    def _value(self, code: str, value: str) -> tuple[str | None, str, str]:
        """Value, status, and why it is neither."""
        status = _status(value)
        if status:
            return None, status, ""
        if not value:
            return None, "", "it has no value"
        found = fitting(self.reading.book, code, value) if self.reading.book is not None else value
        return found, "coded", "" if found is not None else f"`{value[:40]}` is no value of `{code}`"

    def _once(self, code: str, coder: str) -> dict[str, Any]:
        kind = _mapped(self.kept.get("kinds")).get(coder)
        once = {name: held for name in _ONCE if fits(name, held := _mapped(self.kept.get(name)).get(code))}
        return {"coder": coder, "coder_kind": kind if kind in CODER_KINDS else "human", **once}

    def _values(self, vocabulary: Element) -> tuple[Value, ...]:
        """Values of a vocabulary: what stands in an annotation, with what it means by language."""
        langs = {own: lang for lang, own in LANGUAGES.items()}
        found: dict[str, Value] = {}
        for entry in vocabulary:
            shown = _shown(entry)
            texts = entry.findall("CVE_VALUE") if entry.tag == "CV_ENTRY_ML" else [entry]
            is_same = len({one.text for one in texts}) <= 1
            label = {}
            for one in texts if entry.tag != "DESCRIPTION" else ():
                text = (one.get("DESCRIPTION", "") if is_same else one.text) or ""
                lang = langs.get(one.get("LANG_REF", "und"), one.get("LANG_REF", "und").removeprefix("x-"))
                if text:
                    label[self.reading.lang_of(text) if lang == "und" else lang] = text
            if entry.tag != "DESCRIPTION" and shown:
                found.setdefault(shown, Value(shown, label))
        return tuple(found.values())

    def _drafts(self) -> Iterator[CodeDraft]:
        langs = {own: lang for lang, own in LANGUAGES.items()}
        for vocabulary in self.root.iterfind("CONTROLLED_VOCABULARY"):
            name = vocabulary.get("CV_ID", "")
            texts = [(one.get("LANG_REF", "und"), one.text or "") for one in vocabulary.iterfind("DESCRIPTION")]
            texts += [("und", vocabulary.get("DESCRIPTION", ""))]
            definition = {langs.get(lang, lang) if lang != "und" else self.reading.lang_of(text): text for lang, text in texts if text}
            yield CodeDraft(name, {}, definition, unit="span", values=self.vocabularies[name])


def _shown(entry: Element) -> str:
    """What an annotation with this entry holds, in the first language of the vocabulary."""
    first = entry.find("CVE_VALUE")
    return (first.text if first is not None else entry.text) or ""


def _status(value: str) -> str:
    return value[1:-1] if value[:1] == "(" and value[-1:] == ")" and value[1:-1] in STATUSES[1:] else ""


def _without_lane(name: str) -> str:
    """The name of a tier without the number of its lane."""
    base, space, number = name.rpartition(" (")
    return base if space and number.endswith(")") and number[:-1].isdigit() else name


def _loaded(text: str | None) -> dict[str, Any]:
    try:
        return _mapped(json.loads(text)) if text else {}
    except (ValueError, RecursionError):
        return {}


def _mapped(held: object) -> dict[str, Any]:
    return held if isinstance(held, dict) else {}

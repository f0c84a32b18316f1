"""REFI-QDA projects (.qdpx, Project 1.0) read, whichever program wrote them: coders, codes, sources, codings on texts and on media.

What is not understood is counted and named; nothing is unpacked to a disk, and of media only the names are read.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from xml.etree.ElementTree import Element

import polars as pl

from yuhu.core.contracts import Reject
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODER_KINDS
from yuhu.formats.book_drafts import BookDraft
from yuhu.formats.exchange import UNKNOWN_CODER, VIDEO_DRAFT, Exchange, Losses, Reading, codings_frame, rejected, units_frame
from yuhu.formats.packages import MAGIC, Package
from yuhu.formats.refi_codebook import count_foreign_sets
from yuhu.formats.refi_codes import NO_VALUE, ReadCodes
from yuhu.formats.refi_descriptions import BOOK, marked, read_book
from yuhu.formats.refi_extras import read_extras
from yuhu.formats.refi_project_writing import implied_hashes
from yuhu.formats.refi_texts import ReadText, text_of
from yuhu.formats.refi_variables import VIDEO, ReadVariables, read_stamp
from yuhu.formats.xml_trees import parsed_xml

MOST_PROJECT = 256 << 20
"""Bytes of ``project.qde``."""

_MEDIA = {"VideoSource": "VideoSelection", "AudioSource": "AudioSelection"}
_LARGEST = 1 << 53


def read_project(content: bytes, reading: Reading) -> Exchange:
    """A REFI-QDA project of any program.

    A selection in a text of ours codes the response that it lies in, with the selected words as evidence if they are not all of it; in a foreign text
    each selection is a unit of its own (``text``, called ``source#start-end``). Selections in media are spans.

    Raises
    ------
    YuhuError
        YH106 no project, or damaged; YH109 dangerous; YH110 packed by a method that is not read.
    """
    return _Read(content, reading).exchange()


@dataclass
class _Read:
    content: bytes
    reading: Reading
    losses: Losses = field(default_factory=Losses)
    rejects: list[Reject] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    units: dict[str, dict[str, object]] = field(default_factory=dict)
    videos: dict[str, dict[str, object]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.package = Package(self.content, self.reading.name) if self.content.startswith(MAGIC) else None
        self.root = self._project()
        self.origin = self.root.get("origin", "")
        self.users = {_guid(user.get("guid")): user for user in self.root.iterfind("Users/User")}
        self.codes = ReadCodes(self.reading, self.losses)
        self.codes.read(self.root.find("CodeBook/Codes"))
        self.variables = ReadVariables()
        self.variables.read(self.root)
        self.memos = {_guid(note.get("guid")): note for note in self.root.iterfind("Notes/Note")}
        ours = marked(self.root.findtext("Description") or "")
        is_ours = ours is not None and ours[0].key == BOOK
        self.book, more = read_book(*ours, self.codes.codes) if ours and is_ours else (BookDraft(codes=self.codes.codes), {})
        self.with_video = more.get("codings name their video") == "yes"
        self.memos_used: set[str] = set()

    def _project(self) -> Element:
        name = self.reading.name
        inner = "project.qde"
        pieces = [self.content]
        if self.package is not None:
            found = [member for member in self.package.members if member.lower().endswith(".qde") and "/" not in member]
            if len(found) != 1:
                facts = {"found": ", ".join(found[:3]) or "no .qde", "expected": "one project.qde"}
                raise YuhuError("YH106", f"`{name}` is no REFI-QDA project", facts=facts, fix="export the project as REFI-QDA (.qdpx)")
            inner = found[0]
            pieces = [self.package.read(inner, most=MOST_PROJECT)]
        root = parsed_xml(pieces, f"{name}/{inner}" if self.package else name, program="the program that made it", namespaces=True)
        if root.tag != "Project":
            fix = "export the project as REFI-QDA (.qdpx)"
            raise YuhuError("YH106", f"`{name}` is no REFI-QDA project", facts={"root": root.tag[:40]}, fix=fix)
        return root

    def exchange(self) -> Exchange:
        names: Counter[str] = Counter()
        for source in self.root.iterfind("Sources/*"):
            called = name = source.get("name") or source.get("guid") or "source"
            while called in names:
                names[name] += 1
                called = f"{name} ({names[name]})"
            names[called] += 1
            if source.tag in _MEDIA:
                self._media(source, called)
            else:
                for text in _texts(source):
                    self._text(text, called)
                self._count_regions(source, called)
        self._context()
        self._count_rest()
        videos = pl.DataFrame([{name: video.get(name) for name in VIDEO_DRAFT} for video in self.videos.values()], schema=VIDEO_DRAFT)
        units = units_frame(self.units.values(), self.variables.columns)
        return Exchange(
            replace(self.book, codes=self.codes.codes), codings_frame(self.rows), units, videos, self.losses.listed(), tuple(self.rejects),
            tuple(dict.fromkeys(self.notes)), len(self.rows) + len(self.rejects),
        )  # fmt: skip

    def _text(self, source: Element, name: str) -> None:
        raw = text_of(source, self.package, self.losses, self.reading.name)
        if raw is None:
            for place, _, coding in _codings(source):
                self._reject(f"{name}, {place}", "the text of the source is not in the package", coding)
            return
        text = ReadText(source, name, raw, self.origin)
        self.notes += text.notes
        video = self.variables.values(source).get(VIDEO)
        if text.paragraphs is None:
            self.losses.add("values of variables of sources", "they are not read", count=len(source.findall("VariableValue")))
        for one in text.paragraphs or ():
            if one.kind != "span":
                self.units.setdefault(one.unit, {"unit_id": one.unit, "text": one.text, "video_id": video})
        for place, selection, coding in _codings(source):
            found, why = text.units(selection)
            target, why = self._target(coding) if found else (None, why)
            if target is None:
                self._reject(f"{name}, {place}", why, coding)
                continue
            if len(found) > 1:
                self.notes.append("selections over several responses code each of them")
            for unit in found:
                self.units.setdefault(unit.unit, {"unit_id": unit.unit, "text": unit.text, "video_id": video})
                implied = {"unit_kind": unit.kind, "unit_id": unit.unit, "video_id": video if self.with_video else None}
                self._coding(selection, coding, target, {**implied, "evidence": unit.evidence}, quote=unit.evidence or unit.text)

    def _media(self, source: Element, name: str) -> None:
        video = str(self.variables.values(source).get(VIDEO) or name)
        path = (source.get("path") or source.get("currentPath") or "").replace("\\", "/").rpartition("/")[2]
        self.videos.setdefault(video, {"video_id": video, "media": path or None})
        points = {_guid(point.get("guid")): _whole(point.get("timeStamp")) for point in source.iterfind("Transcript/SyncPoint")}
        for place, selection, coding in _codings(source):
            if selection.tag == "TranscriptSelection":
                ends = [points.get(_guid(selection.get(key))) for key in ("fromSyncPoint", "toSyncPoint")]
            else:
                ends = [_whole(selection.get(key)) for key in ("begin", "end")]
            start, end = ends
            is_whole = selection is source
            target, why = self._target(coding)
            if not is_whole and (start is None or end is None or end < start):
                target, why = None, "it has no times, or ends before it starts"
            if target is None:
                self._reject(f"{name}, {place}", why, coding)
                continue
            span = {} if is_whole else {"start_ms": start, "end_ms": end}
            self._coding(selection, coding, target, {"unit_kind": "span", "video_id": video, **span})
        self.losses.add("transcripts of media", "their texts are not read", count=len(source.findall("Transcript")))

    def _coding(
        self, selection: Element, coding: Element, target: tuple[str, str | None, str], implied: dict[str, Any], *, quote: str = ""
    ) -> None:
        code, value, status = target
        coder, kind = self._coder(coding, selection)
        row = {**implied, **implied_hashes(self.book, code), "code": code, "value": value, "status": status, "coder": coder}
        row |= {"coder_kind": kind, "at": read_stamp(coding.get("creationDateTime"))}
        self.rows.append(row | self._beside(selection, coding, quote))

    def _target(self, coding: Element) -> tuple[tuple[str, str | None, str] | None, str]:
        ref = coding.find("CodeRef")
        identifier = _guid(ref.get("targetGUID")) if ref is not None else ""
        target = self.codes.targets.get(identifier)
        if target is None:
            return None, "its code is not in the codebook"
        if target[2] == NO_VALUE:
            return None, f"it is coded with `{target[0]}` itself, not with one of its values"
        return target, ""

    def _coder(self, coding: Element, selection: Element) -> tuple[str, str]:
        asked = [coding.get("creatingUser"), selection.get("creatingUser"), selection.get("modifyingUser")]
        for identifier in (*asked, self.root.get("creatingUserGUID"), self.root.get("modifyingUserGUID")):
            user = self.users.get(_guid(identifier))
            if user is not None:
                kind = user.get("id", "")
                return user.get("name") or user.get("id") or UNKNOWN_CODER, kind if kind in CODER_KINDS else "human"
        self.notes.append(f"codings without a coder: {self.reading.coder or UNKNOWN_CODER} is taken")
        return self.reading.coder or UNKNOWN_CODER, "human"

    def _beside(self, selection: Element, coding: Element, quote: str) -> dict[str, Any]:
        """What notes and descriptions say of a coding; a description that quotes what is coded says nothing."""
        kept: dict[str, Any] = {}
        beside = []
        for ref in coding.iterfind("NoteRef"):
            identifier = _guid(ref.get("targetGUID"))
            text = self._memo(identifier)
            found = read_extras(text)
            if found is not None:
                kept |= found
            elif text:
                beside.append(text)
        described = (selection.findtext("Description") or "").strip()
        if selection.tag.endswith("Selection") and described and described.split() != quote.split():
            beside.append(described)
        return {**({"note": "\n".join(beside)} if beside else {}), **kept}

    def _memo(self, identifier: str) -> str:
        note = self.memos.get(identifier)
        if note is None:
            return ""
        self.memos_used.add(identifier)
        return text_of(note, self.package, self.losses, self.reading.name) or ""

    def _reject(self, place: str, why: str, coding: Element) -> None:
        self.rejects.append(rejected(place, why, sorted(coding.attrib.items())))

    def _context(self) -> None:
        """Columns of units from the variables of their cases."""
        foreign = 0
        for case in self.root.iterfind("Cases/Case"):
            values = {name: held for name, held in self.variables.values(case).items() if name in self.variables.kinds}
            unit = self.units.get(case.get("name") or "")
            if unit is not None and values:
                unit.update(values)
            else:
                foreign += 1
            self.losses.add("codes of cases", "they are not read", count=len(case.findall("CodeRef")))
        self.losses.add("cases", "they are not read", count=foreign)

    def _count_regions(self, source: Element, name: str) -> None:
        for kind in ("PictureSelection", "PDFSelection"):
            for selection in source.iterfind(kind):
                for coding in selection.iterfind("Coding"):
                    self._reject(f"{name}, {kind}", "regions of pictures and pages are not units here", coding)
        for coding in source.iterfind("Coding") if source.tag in {"PictureSource", "PDFSource"} else ():
            self._reject(f"{name}", "pictures and documents as a whole are not units here", coding)

    def _count_rest(self) -> None:
        count_foreign_sets(self.root, self.losses)
        for path, what in (("Links/Link", "links"), ("Graphs/Graph", "graphs")):
            self.losses.add(what, "they are not read", count=len(self.root.findall(path)))
        self.losses.add("memos", "they belong to no coding", count=len(self.memos.keys() - self.memos_used))
        bare = [
            one for one in self.root.iterfind("Sources//*[Description]") if one.tag.endswith("Selection") and one.find("Coding") is None
        ]
        self.losses.add("comments on selections without a code", "they are not read", count=len(bare))


def _texts(source: Element) -> Iterator[Element]:
    if source.tag == "TextSource":
        yield source
    for path in ("TextDescription", "Representation", "PDFSelection/Representation"):
        yield from source.iterfind(path)


def _codings(source: Element) -> Iterator[tuple[str, Element, Element]]:
    """Each coding with its place and the element that it codes: a selection, or the source."""
    kinds = ("PlainTextSelection", "VideoSelection", "AudioSelection", "Transcript/TranscriptSelection")
    for kind in kinds:
        for at, selection in enumerate(source.iterfind(kind), start=1):
            for coding in selection.iterfind("Coding"):
                yield f"selection {at}", selection, coding
    for coding in source.iterfind("Coding"):
        yield "the whole source", source, coding


def _guid(identifier: str | None) -> str:
    return (identifier or "").strip().strip("{}").lower()


def _whole(text: str | None) -> int | None:
    try:
        number = int((text or "").strip()[:24])
    except ValueError:
        return None
    return number if abs(number) < _LARGEST else None

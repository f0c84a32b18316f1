"""REFI-QDA projects (.qdpx, Project 1.0) written: coders, codes, responses as text sources, videos by name, codings of both.

A response is a paragraph of a text source and one selection in it; each coding of each coder stands below that selection, with the code of its value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent

from yuhu.formats.book_drafts import BookDraft
from yuhu.formats.exchange import Exchange, Losses, Writing, Written, checked, file_stem, with_unit_columns
from yuhu.formats.packages import packed
from yuhu.formats.refi_codebook import ORIGIN, count_parts, qda_root, write_sets
from yuhu.formats.refi_codes import CodeTree, Target, guid
from yuhu.formats.refi_descriptions import book_description
from yuhu.formats.refi_extras import extras
from yuhu.formats.refi_paragraphs import Paragraph, context_line, laid_out
from yuhu.formats.refi_variables import VIDEO, Variables, stamp, write_cases
from yuhu.formats.xml_trees import Ink, document

_NAMESPACE = "urn:QDA-XML:project:1.0"
_SCHEMA = "http://schema.qdasoftware.org/versions/Project/v1.0/Project.xsd"
_LONGEST_NAME = 60

Row = Mapping[str, Any]


def write_project(exchange: Exchange, how: Writing) -> Written:
    """Codes, texts and codings as a REFI-QDA project.

    Parameters
    ----------
    exchange : Exchange
        Responses are written with their text; ``videos`` names media files, which are referred to and not embedded.
    how : Writing
        ``per_source`` responses make a text source; ``context`` columns stand in the head line of a paragraph.

    Returns
    -------
    Written
        One package. Codings of units that have no text in ``units`` are losses. O(characters + codings) time and memory.

    Raises
    ------
    YuhuError
        YH503 a coding is not understood.
    """
    return _Project(exchange, how).written()


@dataclass
class _Source:
    """A text source: its file and its paragraphs in place."""

    identifier: str
    name: str
    video: str | None
    text: str
    paragraphs: list[Paragraph]


@dataclass
class _Project:
    exchange: Exchange
    how: Writing
    losses: Losses = field(default_factory=Losses)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.book = self.exchange.book
        self.ink = Ink(self.losses)
        self.rows: list[Row] = list(checked(self.exchange.codings).iter_rows(named=True))
        self.units = with_unit_columns(self.exchange.units)
        said: list[Target] = [(row["code"], row["value"], row["status"]) for row in self.rows]
        self.tree = CodeTree(self.book, dict.fromkeys(said), self.how.lang, self.ink)
        self.targets = self.tree.targets()
        self.sources = list(self._text_sources())
        self.by_unit: dict[tuple[str, str], list[Row]] = {}
        self.by_video: dict[str, list[Row]] = {}
        self._share_out()
        columns = {name: kind for name, kind in self.units.schema.items() if name not in {"unit_id", "video_id", "text"}}
        self.variables = Variables(self.book.id, columns, self.ink)
        self.with_video = self._codings_name_their_video()

    def _text_sources(self) -> Iterator[_Source]:
        kinds: dict[str, set[str]] = {}
        for row in self.rows:
            if row["unit_kind"] != "span" and row["unit_id"] is not None:
                kinds.setdefault(row["unit_id"], set()).add(row["unit_kind"])
        of_video: dict[str | None, list[Paragraph]] = {}
        for unit in self.units.unique("unit_id", keep="first", maintain_order=True).iter_rows(named=True):
            if unit["unit_id"] is None:
                self.losses.add("units without an id")
                continue
            if unit["text"] is None:
                self.losses.add("texts that are missing", "they come back as empty ones", first=unit["unit_id"])
            context = context_line(unit.get(name) for name in self.how.context)
            for kind in sorted(kinds.get(unit["unit_id"], {"response"})):
                paragraph = Paragraph(kind, unit["unit_id"], context, self.ink(unit["text"] or ""))
                of_video.setdefault(unit["video_id"], []).append(paragraph)
        self.losses.add("units that stand twice", "the first is kept", count=self.units.height - self.units["unit_id"].n_unique())
        for video, paragraphs in of_video.items():
            for at in range(0, len(paragraphs), max(self.how.per_source, 1)):
                text, placed = laid_out(paragraphs[at : at + max(self.how.per_source, 1)])
                part = f" {at // max(self.how.per_source, 1) + 1}"
                identifier = guid(self.book.id, "text", video or "", part)
                yield _Source(identifier, (video or self.how.name) + part, video, text, placed)

    def _share_out(self) -> None:
        """Codings by the place where they go."""
        placed = {(one.kind, one.unit) for source in self.sources for one in source.paragraphs}
        for row in self.rows:
            unit = (row["unit_kind"], row["unit_id"])
            if row["unit_kind"] == "span" and row["video_id"] is not None:
                self.by_video.setdefault(row["video_id"], []).append(row)
            elif unit in placed:
                self.by_unit.setdefault(unit, []).append(row)
            else:
                why = "a span without a video" if row["unit_kind"] == "span" else "its unit has no text here"
                self.losses.add("codings", why, first=str(row["unit_id"]))

    def _codings_name_their_video(self) -> bool:
        videos = dict(self.units.select("unit_id", "video_id").iter_rows())
        rows = [row for held in self.by_unit.values() for row in held]
        return bool(rows) and all(row["video_id"] == videos[row["unit_id"]] for row in rows)

    def written(self) -> Written:
        name = self.ink(self.how.name) or "codings"
        root = qda_root("Project", _NAMESPACE, _SCHEMA, {"name": name, "origin": ORIGIN, "creationDateTime": stamp(self.how.at)})
        self._users(root)
        if self.book.codes or self.rows:
            self.tree.write(SubElement(root, "CodeBook"))
        self.variables.write(root)
        selections: dict[str, list[str]] = {}
        sources = Element("Sources")
        for source in self.sources:
            self._text_source(sources, source, selections)
        self._video_sources(sources)
        write_cases(root, self.variables, self.units.iter_rows(named=True), selections)
        if len(sources):
            root.append(sources)
        self._notes(root)
        write_sets(root, self.book, self.how.lang, self.ink, member="targetGUID", with_book=False)
        more = {"codings name their video": "yes"} if self.with_video else {}
        SubElement(root, "Description").text = self.ink(book_description(self.book, more))
        count_parts(self.book, self.losses)
        indent(root)
        files = {f"sources/{source.identifier}.txt": source.text.encode() for source in self.sources}
        content = packed({"project.qde": document(root), **files})
        return Written({f"{file_stem(self.how.name)}.qdpx": content}, self.losses.listed())

    def _users(self, root: Element) -> None:
        coders = {(row["coder"], row["coder_kind"]) for row in self.rows}
        named = {coder for coder, _ in coders}
        coders |= {(coder, "human") for coder in self.how.coders if coder not in named}
        if coders:
            users = SubElement(root, "Users")
            for coder, kind in sorted(coders):
                SubElement(users, "User", {"guid": guid("user", coder, kind), "name": self.ink(coder), "id": kind})

    def _text_source(self, sources: Element, source: _Source, selections: dict[str, list[str]]) -> None:
        path = {"plainTextPath": f"internal://{source.identifier}.txt"}
        element = SubElement(sources, "TextSource", {"guid": source.identifier, "name": self.ink(source.name), **path})
        for one in source.paragraphs:
            identifier = guid(source.identifier, one.kind, one.unit)
            named = {"guid": identifier, "name": " ".join(one.text.split())[:_LONGEST_NAME]}
            place = {"startPosition": str(one.start), "endPosition": str(one.end)}
            selection = SubElement(element, "PlainTextSelection", {**named, **place})
            implied = {"unit_kind": one.kind, "unit_id": one.unit, "video_id": source.video if self.with_video else None}
            self._codings(selection, identifier, self.by_unit.get((one.kind, one.unit), []), implied)
            selections.setdefault(one.unit, []).append(identifier)
        self.variables.value(element, VIDEO, source.video)

    def _video_sources(self, sources: Element) -> None:
        media = dict(self.exchange.videos.select("video_id", "media").iter_rows())
        for video in sorted({*self.by_video, *(one for one in media if one is not None)}):
            identifier = guid(self.book.id, "video", video)
            path = {"path": f"relative:///{self.ink(media[video])}"} if media.get(video) else {}
            element = SubElement(sources, "VideoSource", {"guid": identifier, "name": self.ink(media.get(video) or video), **path})
            spans: dict[tuple[Any, Any], list[Row]] = {}
            for row in self.by_video.get(video, ()):
                spans.setdefault((row["start_ms"], row["end_ms"]), []).append(row)
            whole = [row for (start, end), rows in spans.items() if start is None or end is None for row in rows]
            for (start, end), rows in spans.items():
                if start is not None and end is not None:
                    place = {"begin": str(start), "end": str(end)}
                    selection = SubElement(element, "VideoSelection", {"guid": guid(identifier, str(start), str(end)), **place})
                    implied = {"unit_kind": "span", "video_id": video, "start_ms": start, "end_ms": end}
                    self._codings(selection, selection.get("guid", ""), rows, implied)
            self._codings(element, identifier, whole, {"unit_kind": "span", "video_id": video})
            self.variables.value(element, VIDEO, video)

    def _codings(self, above: Element, place: str, rows: list[Row], implied: Mapping[str, object]) -> None:
        seen: dict[tuple[str, str], int] = {}
        for row in rows:
            target, user = self.targets[row["code"], row["value"], row["status"]], guid("user", row["coder"], row["coder_kind"])
            seen[target, user] = number = seen.get((target, user), 0) + 1
            at = {"creationDateTime": stamp(row["at"])} if row["at"] is not None else {}
            identifier = guid(place, target, user, str(number))
            coding = SubElement(above, "Coding", {"guid": identifier, "creatingUser": user, **at})
            SubElement(coding, "CodeRef", {"targetGUID": target})
            note = extras(row, {**implied, **implied_hashes(self.book, row["code"])})
            if note:
                self.notes[guid(identifier, "note")] = note
                SubElement(coding, "NoteRef", {"targetGUID": guid(identifier, "note")})

    def _notes(self, root: Element) -> None:
        notes = SubElement(root, "Notes") if self.notes else None
        for identifier, text in self.notes.items():
            if notes is not None:
                note = SubElement(notes, "Note", {"guid": identifier, "name": "coding"})
                SubElement(note, "PlainTextContent").text = text


def implied_hashes(book: BookDraft, code: str) -> dict[str, str | None]:
    """The hashes that a coding has if nothing else is said: those of the codebook in the file."""
    draft = book.draft(code)
    return {"code_hash": (draft.code_hash if draft else "") or None, "codebook_hash": book.content_hash or None}

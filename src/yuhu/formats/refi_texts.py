"""Texts of REFI-QDA sources: where they are kept, and which units the selections in them code."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from yuhu.core.errors import YuhuError
from yuhu.formats.exchange import Losses
from yuhu.formats.packages import Package
from yuhu.formats.refi_paragraphs import Paragraph, paragraphs_of
from yuhu.formats.refi_positions import Positions, Quoted, convention_of

MOST_TEXT = 16 << 20
"""Bytes, or characters, of one text: a long novel has two million."""

_INTERNAL = re.compile(r"internal://+", re.IGNORECASE)


@dataclass(frozen=True)
class Found:
    """A unit that a selection codes; evidence is what was selected, if not all of it."""

    kind: str
    unit: str
    text: str
    evidence: str | None = None


def text_of(source: Element, package: Package | None, losses: Losses, name: str) -> str | None:
    """The text of a source or note as it is kept; None where the package does not hold it.

    Raises
    ------
    YuhuError
        YH109 its path leads out of the package; what `Package.read` raises.
    """
    content = source.findtext("PlainTextContent")
    path = source.get("plainTextPath", "").strip()
    if content is not None and len(content) > MOST_TEXT:
        raise YuhuError(
            "YH109",
            f"`{name}` has a text that is too long",
            facts={"characters": len(content), "at most": MOST_TEXT},
            fix="find out where it comes from",
        )
    if content is not None or not path:
        return content
    inside = _INTERNAL.match(path)
    file = path[inside.end() :].replace("\\", "/") if inside else path.replace("\\", "/")
    if ".." in file.split("/"):
        facts = {"path": path[:80]}
        raise YuhuError("YH109", f"`{name}` names a file outside of it", facts=facts, fix="find out where it comes from")
    if inside is None or package is None:
        losses.add("texts outside of the package", "they are not read", first=path[:80])
        return None
    member = package.by_name.get(file.rpartition("/")[2].lower())
    if member is None:
        losses.add("texts that are missing from the package", first=path[:80])
        return None
    return _decoded(package.read(member, most=MOST_TEXT), losses, member)


def _decoded(content: bytes, losses: Losses, member: str) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = content.decode(encoding, "replace")
    if "\ufffd" in text and "\ufffd".encode() not in content:
        losses.add("texts that are not UTF-8", "characters were replaced", first=member[:80])
    return text


class ReadText:
    """A text source: its paragraphs if it is one of ours, and how positions in it are counted.

    Parameters
    ----------
    source : Element
        The source with its selections.
    name : str
        What units of a foreign text are called after.
    raw : str
        The text as it is kept.
    origin : str
        The program that wrote the project.
    """

    def __init__(self, source: Element, name: str, raw: str, origin: str) -> None:
        self.name = name
        self.text = raw.replace("\r\n", "\n").replace("\r", "\n")
        self.paragraphs = paragraphs_of(self.text)
        self._starts = [one.start for one in self.paragraphs or ()]
        windows_ends = "\r\n" in raw and not origin.lower().startswith("atlas")
        quoted = [one for selection in source.iterfind("PlainTextSelection") if (one := _quoted(selection))]
        convention = convention_of(self.text, quoted, windows_ends=windows_ends)
        self._positions = Positions(self.text, convention)
        self.notes = (
            [] if str(convention) == "code points, 1 for a line end, the end outside" else [f"positions are counted in {convention}"]
        )

    def units(self, selection: Element) -> tuple[list[Found], str]:
        """The units that a selection codes, or why there are none."""
        if selection.tag != "PlainTextSelection":
            if self.paragraphs is not None:
                return [], "it codes the whole source, not a response"
            return [Found("text", self.name, self.text)], ""
        one = _quoted(selection)
        span = self._positions.span(one.start, one.end) if one else None
        if span is None:
            return [], "its positions are not in the text"
        if self.paragraphs is None:
            start, end = span
            return [Found("text", f"{self.name}#{start}-{end}", self.text[start:end])], ""
        found = self._within(self.paragraphs, *span)
        return found, "" if found else "it lies between the responses"

    def _within(self, paragraphs: list[Paragraph], start: int, end: int) -> list[Found]:
        found = []
        for at in range(max(bisect_right(self._starts, start) - 1, 0), len(paragraphs)):
            one = paragraphs[at]
            if one.start > max(end, start):
                break
            first, last = max(start, one.start), min(end, one.end)
            if first < last or (start == one.start and end == one.end):
                is_all = first == one.start and last == one.end
                found.append(Found(one.kind, one.unit, one.text, None if is_all else self.text[first:last]))
        return found


def _quoted(selection: Element) -> Quoted | None:
    try:
        start, end = (int(selection.get(key, "").strip()[:18]) for key in ("startPosition", "endPosition"))
    except ValueError:
        return None
    return Quoted(start, end, (selection.get("name", ""), selection.findtext("Description") or ""))

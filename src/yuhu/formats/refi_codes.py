"""The tree of codes that REFI-QDA codebooks and projects share: codes, below them their decisions, below these their values.

Tools that know neither levels nor values see codes inside codes; what cannot be coded itself says so (``isCodable``).
"""

import itertools
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.etree.ElementTree import Element, SubElement

from yuhu.core.codebook import Value
from yuhu.formats.book_drafts import BookDraft, CodeDraft, Decision, in_language
from yuhu.formats.exchange import Losses, Reading
from yuhu.formats.labelled_lines import Line, written_lines
from yuhu.formats.refi_descriptions import (
    CODE,
    DECISION,
    FOUND,
    STATUS,
    VALUE,
    code_description,
    marked,
    read_code,
    read_value,
    value_description,
)  # fmt: skip
from yuhu.formats.xml_trees import Ink

PRESENT = "1"
"""The value of a coding with a code that has no values: it is there."""

_SPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "refi-qda.yuhu")
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")

NO_VALUE = "no value"
"""In place of a status: a coding with a code whose values are to be coded instead."""

Target = tuple[str, str | None, str]
"""What a coding with a code says: decision, value, status."""


@lru_cache(maxsize=10_000)
def guid(*parts: str) -> str:
    """The same identifier for the same parts, in every file."""
    return str(uuid.uuid5(_SPACE, "\x1f".join(parts).encode("utf-8", "backslashreplace").decode()))


def target_guid(book: str, target: Target) -> str:
    """The identifier of the code that stands for a decision with a value, or for a status."""
    code, value, status = target
    return guid(book, "status", code, status) if value is None else guid(book, "value", code, value)


@dataclass
class CodeTree:
    """Writes the codes of a book, and what codings say beyond it.

    Parameters
    ----------
    book : BookDraft
        The codes.
    said : iterable of Target
        What the codings say; decisions, values and statuses that the book does not have become codes marked as found in codings.
    lang : str
        Language of the names that people see.
    ink : Ink
        Makes texts fit for XML.
    """

    book: BookDraft
    said: Iterable[Target]
    lang: str
    ink: Ink
    _names: set[str] = field(default_factory=set)
    _places: dict[str, int] = field(default_factory=dict)
    _below: dict[str, list[CodeDraft]] = field(default_factory=dict)

    def write(self, above: Element) -> None:
        """Add ``Codes`` below an element."""
        codes = SubElement(above, "Codes")
        extra: dict[str, set[tuple[str | None, str]]] = {}
        for code, value, status in self.said:
            extra.setdefault(code, set()).add((value, status))
        self._places = {draft.id: at for at, draft in enumerate(self.book.codes, start=1)}
        for draft in self.book.codes:
            self._below.setdefault(draft.parent if draft.parent in self._places else "", []).append(draft)
        for draft in self.book.codes:
            is_cut = self._is_in_loop(draft)
            if is_cut or (draft.parent and draft.parent not in self._places):
                self.ink.losses.add("parents of codes", "the codebook does not have them, or they lie below the code", first=draft.id[:80])
            if is_cut or draft.parent not in self._places:
                self._code(codes, draft, extra, set())
        for code in sorted(extra.keys() - self.book.decisions.keys()):
            self._decision(codes, Decision(code, code, "", (), {}), extra[code], CodeDraft(code), is_found=True)

    def _is_in_loop(self, draft: CodeDraft) -> bool:
        """Whether a draft lies below itself, and is the one of its loop where the tree begins."""
        drafts = self.book.codes
        path: dict[str, None] = {}
        at = draft.parent
        while at in self._places and at not in path:
            path[at] = None
            at = drafts[self._places[at] - 1].parent
        return draft.id in path and draft.id == min(path)

    def _code(self, above: Element, draft: CodeDraft, extra: Mapping[str, set[tuple[str | None, str]]], path: set[str]) -> None:
        decisions = list(draft.decisions())
        plain = next((one for one in decisions if one.id == draft.id), None)
        is_codable = draft.is_codable and plain is not None and not plain.values
        name = self._named(in_language(draft.label, self.lang, draft.id))
        element = self._element(above, guid(self.book.id, "code", draft.id), name, draft, is_codable=is_codable)
        SubElement(element, "Description").text = self.ink(code_description(draft, self._places[draft.id]))
        if plain:
            self._values(element, plain, extra.get(plain.id, set()), draft, name)
        for decision in decisions:
            if decision is not plain:
                self._decision(element, decision, extra.get(decision.id, set()), draft)
        for below in self._below.get(draft.id, ()):
            if below.id not in path | {draft.id}:
                self._code(element, below, extra, path | {draft.id})

    def _decision(
        self, above: Element, decision: Decision, said: set[tuple[str | None, str]], draft: CodeDraft, *, is_found: bool = False
    ) -> None:
        name = self._named(in_language(decision.label, self.lang, decision.id))
        element = self._element(above, guid(self.book.id, "code", decision.id), name, draft, is_codable=not decision.values)
        lines = [Line(DECISION, (), decision.id), *([Line(FOUND, (), "yes")] if is_found else [])]
        SubElement(element, "Description").text = self.ink(written_lines(lines))
        self._values(element, decision, said, draft, name)

    def _values(self, above: Element, decision: Decision, said: set[tuple[str | None, str]], draft: CodeDraft, name: str) -> None:
        """The values of a decision; a decision without any stands for its presence itself."""
        own = {value.id for value in decision.values} | (set() if decision.values else {PRESENT})
        found = sorted(value for value, _ in said if value is not None and value not in own)
        for value in (*decision.values, *(Value(one, {}) for one in found)):
            label = in_language(value.label, self.lang)
            shown = self._named(f"{name} = {value.id}" + (f" {label}" if label and label != value.id else ""))
            element = self._element(above, target_guid(self.book.id, (decision.id, value.id, "coded")), shown, draft)
            mark = [written_lines([Line(FOUND, (), "yes")])] if value.id in found else []
            SubElement(element, "Description").text = self.ink("\n".join([value_description(value), *mark]))
        for status in sorted(status for value, status in said if value is None):
            shown = self._named(f"{name}: {status}")
            element = self._element(above, target_guid(self.book.id, (decision.id, None, status)), shown, draft)
            SubElement(element, "Description").text = self.ink(written_lines([Line(STATUS, (), status)]))

    def _element(self, above: Element, identifier: str, name: str, draft: CodeDraft, *, is_codable: bool = True) -> Element:
        colour = {"color": draft.colour} if _COLOUR.fullmatch(draft.colour) else {}
        return SubElement(above, "Code", {"guid": identifier, "name": name, "isCodable": str(is_codable).lower(), **colour})

    def _named(self, wanted: str) -> str:
        """A name that no other code has: some programs take codes of one name for one code."""
        base = " ".join(self.ink(wanted).split()) or "code"
        name = next(name for at in itertools.count(1) if (name := base if at == 1 else f"{base} ({at})") not in self._names)
        self._names.add(name)
        return name

    def targets(self) -> dict[Target, str]:
        """The identifier to which a coding refers, for all that the codings say."""
        decisions = self.book.decisions
        found = {}
        for target in self.said:
            code, value, _ = target
            has_values = code in decisions and decisions[code].values
            is_presence = value == PRESENT and not has_values
            found[target] = guid(self.book.id, "code", code) if is_presence else target_guid(self.book.id, target)
        return found


@dataclass
class ReadCodes:
    """Codes read from a tree: drafts, and what a coding with each element says."""

    reading: Reading
    losses: Losses
    drafts: dict[str, CodeDraft] = field(default_factory=dict)
    targets: dict[str, Target] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _numbers: dict[str, int] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[CodeDraft, ...]:
        """The drafts: ours in the order in which their codebook has them, then foreign ones as they stand."""
        last = len(self._places) + max(self._places.values(), default=0) + 1
        return tuple(sorted(self.drafts.values(), key=lambda draft: self._places.get(draft.id, last)))

    def read(self, codes: Element | None) -> None:
        """Read the elements below ``Codes``."""
        for element in codes.iterfind("Code") if codes is not None else ():
            self._code(element, "", "")
        if self.reading.book is not None:
            self._by_identifier(self.reading.book)

    def _code(self, element: Element, parent: str, decision: str) -> None:
        description = element.findtext("Description") or ""
        ours = marked(description)
        if ours is None:
            self._foreign(element, parent, description.strip())
            return
        mark, lines = ours
        below = parent
        if mark.key == CODE:
            decision = below = self._own(element, parent, mark, lines)
        elif mark.key == DECISION:
            decision = mark.text
            has_values = any(True for _ in _values_of(element))
            self.targets[_guid_of(element)] = (decision, None, NO_VALUE) if has_values else (decision, PRESENT, "coded")
        elif mark.key in {VALUE, STATUS} and decision:
            target: Target = (decision, mark.text, "coded") if mark.key == VALUE else (decision, None, mark.text)
            self.targets[_guid_of(element)] = target
        else:
            self.losses.add("codes whose description is not where it belongs", first=element.get("name", "")[:80])
        for child in element.iterfind("Code"):
            self._code(child, below, decision)

    def _own(self, element: Element, parent: str, mark: Line, lines: list[Line]) -> str:
        self.targets[_guid_of(element)] = (mark.text, PRESENT, "coded")
        if mark.text in self.drafts:
            self.losses.add("codes that stand twice", "the first is kept", first=mark.text[:80])
            return mark.text
        draft = read_code(mark, lines, values=tuple(_values_of(element)), parent=parent, colour=element.get("color", ""))
        self.drafts[draft.id] = draft
        self._taken.add(draft.id)
        place = next((line.text for line in lines if line.key == "place"), "")
        self._places[draft.id] = int(place) if place.isascii() and place.isdigit() and len(place) < 9 else 0
        if draft.values or draft.expand:
            self._only_values(element, draft)
        return draft.id

    def _only_values(self, element: Element, draft: CodeDraft) -> None:
        """A code with values is not coded itself, unless it is binary: then it is there."""
        if draft.level == "binary" and not draft.expand and PRESENT in {value.id for value in draft.values}:
            return
        self.targets[_guid_of(element)] = (draft.id, None, NO_VALUE)

    def _foreign(self, element: Element, parent: str, description: str) -> None:
        name = " ".join((element.get("name") or "").split())
        code = self._slug(name, _guid_of(element))
        label = {self.reading.lang_of(name): name} if name else {}
        definition = {self.reading.lang_of(description): description} if description else {}
        colour = element.get("color", "")
        if colour and not _COLOUR.fullmatch(colour):
            self.losses.add("colours that are none", first=colour[:20])
            colour = ""
        self.drafts[code] = CodeDraft(code, label, definition, parent=parent, colour=colour, is_codable=_is_codable(element))
        self.targets[_guid_of(element)] = (code, PRESENT, "coded")
        for child in element.iterfind("Code"):
            self._code(child, code, code)

    def _slug(self, name: str, identifier: str) -> str:
        """An id for a code: its name in small letters where that is Latin, else from its identifier or name."""
        words = _BETWEEN_WORDS.sub("_", name.lower()).strip("_")
        is_latin = bool(words) and sum(sign.isalnum() for sign in name) == sum(sign.isalnum() for sign in words)
        base = words[:60] if is_latin else f"code_{guid(identifier, name)[:8]}"
        base = base if base[0].isalpha() else f"code_{base}"
        code = base
        while code in self._taken:
            self._numbers[base] = self._numbers.get(base, 1) + 1
            code = f"{base}_{self._numbers[base]}"
        self._taken.add(code)
        return code

    def _by_identifier(self, book: BookDraft) -> None:
        """Codes that lost their description on the way are known by their identifier."""
        known: dict[str, Target] = {}
        for decision in book.decisions.values():
            is_itself = not decision.values or (decision.level == "binary" and PRESENT in {value.id for value in decision.values})
            known[guid(book.id, "code", decision.id)] = (decision.id, PRESENT, "coded") if is_itself else (decision.id, None, NO_VALUE)
            targets: list[Target] = [(decision.id, value.id, "coded") for value in decision.values]
            known.update({target_guid(book.id, target): target for target in targets})
        for identifier, target in self.targets.items():
            if identifier in known and target != known[identifier]:
                self.drafts.pop(target[0], None)
                self.targets[identifier] = known[identifier]


def _guid_of(element: Element) -> str:
    return element.get("guid", "").strip("{}").lower()


def _is_codable(element: Element) -> bool:
    return element.get("isCodable", "true").strip().lower() not in {"false", "0"}


def _values_of(element: Element) -> Iterator[Value]:
    for child in element.iterfind("Code"):
        ours = marked(child.findtext("Description") or "")
        if ours and ours[0].key == VALUE and not any(line.key == FOUND for line in ours[1]):
            yield read_value(*ours)

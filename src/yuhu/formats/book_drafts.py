"""Codes on their way in or out: a draft holds what a codebook file says, however little that is."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from yuhu.core.codebook import Code, Codebook, Example, Facet, Text, Value

COLOURS = (
    "#1b6ca8", "#c0392b", "#2e8b57", "#8e5ea2", "#d68910", "#16808a",
    "#a04000", "#5d6d7e", "#7d3c98", "#4a7c2a", "#b03a6e", "#2c4a7c",
)  # fmt: skip
"""Dark enough for white text, and told apart on a timeline; the thirteenth code has the first again."""


@dataclass(frozen=True)
class Decision:
    """One flat decision of a code: what a coding's ``code`` names."""

    id: str
    code: str
    level: str
    values: tuple[Value, ...]
    label: Text


@dataclass(frozen=True)
class CodeDraft:
    """A code as a file says it: each field may be empty.

    ``label`` and ``definition`` are texts by language; ``und`` where a file does not tell which. ``words`` counts terms, blocked phrases and
    referents of the lexicon, which no exchange format carries. The other fields are those of `core.codebook.Code`.
    """

    id: str
    label: Text = field(default_factory=dict)
    definition: Text = field(default_factory=dict)
    unit: str = ""
    level: str = ""
    values: tuple[Value, ...] = ()
    parent: str = ""
    module: str = ""
    symbol: str = ""
    include: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
    examples: tuple[Example, ...] = ()
    near_misses: tuple[Example, ...] = ()
    expand: tuple[Facet, ...] = ()
    attributes: tuple[Facet, ...] = ()
    opens_if: Mapping[str, Any] | None = None
    conflicts: tuple[str, ...] = ()
    was: str = ""
    measured: bool = False
    colour: str = ""
    is_codable: bool = True
    code_hash: str = ""
    words: int = 0

    def decisions(self) -> Iterator[Decision]:
        """The flat decisions of this code, as `core.codebook.Code.variables` has them."""
        if not self.expand:
            yield Decision(self.id, self.id, self.level, self.values, self.label)
        for cell in itertools.product(*(facet.values for facet in self.expand)) if self.expand else ():
            label = {lang: text + ": " + " / ".join(value.label.get(lang, value.id) for value in cell) for lang, text in self.label.items()}
            yield Decision(".".join((self.id, *(value.id for value in cell))), self.id, self.level, self.values, label)
        for extra in self.attributes:
            label = {lang: f"{text}: {extra.label.get(lang, extra.id)}" for lang, text in self.label.items()}
            yield Decision(f"{self.id}.{extra.id}", self.id, extra.level, extra.values, label)


@dataclass(frozen=True)
class BookDraft:
    """A codebook as a file says it."""

    id: str = ""
    version: str = ""
    label: Text = field(default_factory=dict)
    description: Text = field(default_factory=dict)
    codes: tuple[CodeDraft, ...] = ()
    content_hash: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)
    """How many parts of the codebook no exchange format carries: rules, stages, facts, modules with a text, records of translation."""

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """Every flat decision by id."""
        return {decision.id: decision for draft in self.codes for decision in draft.decisions()}

    def draft(self, code: str) -> CodeDraft | None:
        """The draft that a code or a decision belongs to."""
        return self._owners.get(code)

    @cached_property
    def _owners(self) -> dict[str, CodeDraft]:
        return {name: draft for draft in self.codes for name in (draft.id, *(decision.id for decision in draft.decisions()))}

    def definition_of(self, decision: str, lang: str) -> str:
        """What a coder reads for a decision: definition, what counts and what does not, in one language."""
        draft = self.draft(decision)
        if draft is None:
            return ""
        signs = [(text, "+ ") for text in draft.include] + [(text, "\u2212 ") for text in draft.exclude]
        lines = [in_language(draft.definition, lang), *(sign + in_language(text, lang) for text, sign in signs)]
        return "\n".join(line for line in lines if line.strip("+\u2212 "))


def in_language(text: Text, lang: str, default: str = "") -> str:
    """A text in a language, else in the first that it has."""
    return text.get(lang) or next((other for other in text.values() if other), default)


def draft_book(book: Codebook) -> BookDraft:
    """The drafts of a codebook, each top-level code with a colour of its own."""
    parts = {"rules": len(book.rules), "stages": len(book.stages), "facts": len(book.facts), "modules": len(book.modules)}
    parts["translations"] = sum(code.translation is not None for code in book.codes)
    drafts = _coloured(_draft(code) for code in book.codes)
    return BookDraft(book.id, book.version, book.label, book.description, drafts, book.content_hash, {k: n for k, n in parts.items() if n})


def _draft(code: Code) -> CodeDraft:
    return CodeDraft(
        id=code.id,
        label=code.label,
        definition=code.definition,
        unit=code.unit,
        level=code.level,
        values=code.values,
        parent=code.parent or "",
        conflicts=code.conflicts,
        was=code.was or "",
        module=code.module,
        symbol=code.symbol,
        include=code.include,
        exclude=code.exclude,
        examples=code.examples,
        near_misses=code.near_misses,
        expand=code.expand,
        attributes=code.attributes,
        opens_if=code.opens_if,
        measured=code.measured,
        code_hash=code.code_hash,
        words=_words(code),
    )


def _words(code: Code) -> int:
    if code.terms is None:
        return 0
    lists = [*(terms for keyed in code.terms.by_value.values() for terms in keyed.values()), *code.terms.block.values()]
    return sum(len(terms) for terms in (*lists, *code.terms.referents.values()))


def _coloured(drafts: Iterable[CodeDraft]) -> tuple[CodeDraft, ...]:
    """Drafts with colours: a code has that of its parent."""
    listed = list(drafts)
    colours: dict[str, str] = {}
    tops = [draft for draft in listed if not draft.parent]
    for draft, colour in zip(tops, itertools.cycle(COLOURS), strict=False):
        colours[draft.id] = colour
    parents = {draft.id: draft.parent for draft in listed}
    for draft in listed:
        at, path = draft.id, {draft.id}
        while at not in colours and (above := parents.get(at, "")) and above not in path:
            path.add(above)
            at = above
        colours.setdefault(draft.id, colours.get(at, COLOURS[0]))
    return tuple(replace(draft, colour=colours[draft.id]) for draft in listed)

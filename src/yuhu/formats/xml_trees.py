"""XML documents as trees: entities are refused, depth and number of elements bounded; and text made fit for XML."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder, tostring
from xml.parsers import expat

from yuhu.core.errors import YuhuError
from yuhu.formats.exchange import Losses

DEEPEST = 200
MOST_ELEMENTS = 4_000_000
"""Elements of one document; each takes some hundred bytes of memory."""

_PIECE = 1 << 20
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def writable(text: str) -> str:
    """The text with line feeds as line ends, and without characters that XML cannot hold."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


@dataclass(frozen=True)
class Ink:
    """Makes texts fit for XML, and counts those that it had to change."""

    losses: Losses

    def __call__(self, text: str) -> str:
        """The text as XML can hold it."""
        if "\r" in text:
            self.losses.add("texts with carriage returns", "XML knows line feeds alone", first=repr(text[:40]))
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        if _NOT_XML.search(text):
            self.losses.add("texts with characters that XML cannot hold", "they are left out", first=repr(text[:40]))
            text = _NOT_XML.sub("", text)
        return text


def document(root: Element) -> bytes:
    """An XML document in UTF-8."""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode").encode() + b"\n"


def pieces_of(path: Path) -> Iterator[bytes]:
    """A file in pieces."""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def parsed_xml(pieces: Iterable[bytes], name: str, *, program: str = "another program", namespaces: bool = False) -> Element:
    """The root of a document.

    Parameters
    ----------
    pieces : iterable of bytes
        The document.
    name : str
        What messages call it.
    program : str
        Which program should save it again.
    namespaces : bool
        Whether names lose their namespace: programs write several for one format.

    Raises
    ------
    YuhuError
        YH106 not XML; YH109 it declares an entity, is nested too deeply, or has too many elements.
    """
    parser = expat.ParserCreate(namespace_separator="}") if namespaces else expat.ParserCreate()
    parser.buffer_text = True
    builder = _Builder(name, program)
    builder.bind(parser)
    try:
        for piece in pieces:
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        facts = {"line": error.lineno, "column": error.offset + 1, "found": expat.ErrorString(error.code)}
        raise YuhuError("YH106", f"`{name}` is not XML", facts=facts, fix=f"save it with {program} again") from error
    except (ValueError, LookupError) as error:
        facts = {"found": str(error)[:80]}
        raise YuhuError("YH106", f"`{name}` is in an encoding that XML cannot have", facts=facts, fix="save it as UTF-8") from error
    return builder.tree.close()


class _Builder:
    """Builds the tree, within bounds."""

    def __init__(self, name: str, program: str) -> None:
        self.name, self.program = name, program
        self.tree, self.depth, self.elements = TreeBuilder(), 0, 0

    def bind(self, parser: expat.XMLParserType) -> None:
        parser.StartElementHandler, parser.EndElementHandler = self.start, self.end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self.tree.data, self.entity

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST or self.elements > MOST_ELEMENTS:
            found = f"{self.depth} elements inside one another" if self.depth > DEEPEST else f"more than {MOST_ELEMENTS:,} elements"
            raise YuhuError("YH109", f"`{self.name}` is too large a tree", facts={"found": found}, fix="find out where it comes from")
        self.tree.start(_local(tag), {_local(key): value for key, value in attributes.items()})

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.tree.end(_local(tag))

    def entity(self, declared: str, *_: object) -> None:
        raise YuhuError(
            "YH109",
            f"`{self.name}` declares an XML entity",
            facts={"entity": declared[:40], "expected": "no document type"},
            fix=f"do not import this file: {self.program} does not write entities",
        )


def _local(name: str) -> str:
    return name.rpartition("}")[2] if "}" in name else name

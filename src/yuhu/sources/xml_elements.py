"""XML of strangers, element by element: characters that XML forbids are left out, entities are refused, a file that is cut off is read to its cut."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError

_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_REFERENCE_BYTES = 16
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Element:
    """An element: its name, attributes, and the characters that stand in it and in no element inside."""

    name: str
    attributes: dict[str, str]
    text: str


@dataclass
class XmlElements:
    """Reads elements of given names, wherever they stand, in the order in which they end.

    Parameters
    ----------
    origin : Origin
        A file in UTF-8, whatever its declaration says.
    names : frozenset of str
        Names of elements to give.
    """

    origin: Origin
    names: frozenset[str]
    illegal: int = 0
    is_cut: bool = False
    cut_inside: str | None = None
    _open: list[tuple[str, dict[str, str], list[str]]] = field(default_factory=list)
    _done: list[Element] = field(default_factory=list)

    def __iter__(self) -> Iterator[Element]:
        """The elements. Afterwards ``is_cut`` says whether the file ended early, ``cut_inside`` in which element if in one of the names.

        Raises
        ------
        YuhuError
            YH106 not well-formed before the end; YH109 an entity declaration.
        """
        parser = self._parser()
        try:
            for chunk in self._chunks():
                parser.Parse(chunk, False)
                yield from self._flush()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            yield from self._flush()
            self._at_error(error)
        yield from self._flush()

    def _flush(self) -> list[Element]:
        done, self._done = self._done, []
        return done

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        return parser

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append((name, attributes, []))

    def _end(self, _: str) -> None:
        name, attributes, inside = self._open.pop()
        if name in self.names:
            self._done.append(Element(name, attributes, "".join(inside)))

    def _characters(self, text: str) -> None:
        if self._open[-1][0] in self.names:
            self._open[-1][2].append(text)

    def _entity(self, name: str, *_: object) -> None:
        raise YuhuError(
            "YH109",
            f"`{self.origin.name}` declares an XML entity",
            facts={"entity": name[:40], "expected": "no document type"},
            fix="do not import this file: platforms do not write entities",
        )

    def _chunks(self) -> Iterator[bytes]:
        held = b""
        with self.origin.path.open("rb") as raw:
            while chunk := raw.read(_CHUNK):
                joined = held + chunk
                cut = joined.rfind(b"&", max(len(joined) - _REFERENCE_BYTES, 0))
                held = joined[cut:] if cut >= 0 else b""
                yield self._legal(joined[:cut] if cut >= 0 else joined)
        yield self._legal(held)

    def _legal(self, chunk: bytes) -> bytes:
        cleaned = chunk.translate(None, _CONTROL)
        if b"\xef\xbf" in cleaned:
            cleaned = cleaned.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
        self.illegal += len(chunk) - len(cleaned)
        return _REFERENCE.sub(self._reference, cleaned) if b"&#" in cleaned else cleaned

    def _reference(self, found: re.Match[bytes]) -> bytes:
        number = int(found.group(1), 16) if found.group(1) else int(found.group(2))
        is_legal = number in {9, 10, 13} or 0x20 <= number < 0xD800 or 0xE000 <= number < 0xFFFE or 0x10000 <= number < 0x110000
        if is_legal:
            return found.group(0)
        self.illegal += 1
        return b""

    def _at_error(self, error: expat.ExpatError) -> None:
        names = expat.errors.codes
        unfinished = {
            names[expat.errors.XML_ERROR_NO_ELEMENTS],
            names[expat.errors.XML_ERROR_UNCLOSED_TOKEN],
            names[expat.errors.XML_ERROR_PARTIAL_CHAR],
            names[expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION],
        }
        if error.code not in unfinished or not self._open:
            raise YuhuError(
                "YH106",
                f"`{self.origin.name}` is not well-formed XML",
                facts={"line": error.lineno, "column": error.offset, "found": expat.ErrorString(error.code)},
                fix="export or download it again",
            ) from error
        self.is_cut = True
        inside = next((name for name, _, _ in reversed(self._open) if name in self.names), None)
        in_token = error.code != names[expat.errors.XML_ERROR_NO_ELEMENTS]
        self.cut_inside = inside or ("a tag" if in_token else None)

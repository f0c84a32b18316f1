"""REFI-QDA codebooks (.qdc, Codebook 1.0): written, and read from any program."""

from collections import Counter
from xml.etree.ElementTree import Element, SubElement, indent

from yuhu.core.errors import YuhuError
from yuhu.core.version import __version__
from yuhu.formats.book_drafts import BookDraft, in_language
from yuhu.formats.exchange import Exchange, Losses, Reading, Writing, Written, file_stem
from yuhu.formats.labelled_lines import Line, written_lines
from yuhu.formats.refi_codes import CodeTree, ReadCodes, guid
from yuhu.formats.refi_descriptions import BOOK, MODULE, book_description, marked, read_book
from yuhu.formats.xml_trees import Ink, document, parsed_xml

ORIGIN = f"Yuhu {__version__}"
_NAMESPACE = "urn:QDA-XML:codebook:1.0"
_SCHEMA = "http://schema.qdasoftware.org/versions/Codebook/v1.0/Codebook.xsd"


def write_codebook(exchange: Exchange, how: Writing) -> Written:
    """A codebook as REFI-QDA.

    Parameters
    ----------
    exchange : Exchange
        Its ``book`` is written; codings and units are not part of a codebook file.
    how : Writing
        ``lang`` is the language of the names.

    Returns
    -------
    Written
        One file; O(codes) time and memory.

    Raises
    ------
    YuhuError
        YH401 there is no code.
    """
    if not exchange.book.codes:
        raise YuhuError("YH401", "a codebook without a code cannot be written", facts={"format": "REFI-QDA"}, fix="add a code")
    losses = Losses()
    ink = Ink(losses)
    root = qda_root("CodeBook", _NAMESPACE, _SCHEMA, {"origin": ORIGIN})
    CodeTree(exchange.book, (), how.lang, ink).write(root)
    write_sets(root, exchange.book, how.lang, ink, member="guid", with_book=True)
    count_parts(exchange.book, losses)
    losses.add("codings", "a codebook file holds codes alone", count=exchange.codings.height)
    losses.add("units", "a codebook file holds codes alone", count=exchange.units.height)
    indent(root)
    return Written({f"{file_stem(how.name)}.qdc": document(root)}, losses.listed())


def read_codebook(content: bytes, reading: Reading) -> Exchange:
    """A REFI-QDA codebook of any program.

    Codes of foreign programs get ids from their names, a label in the language that ``reading.lang_of`` tells, and their description as definition.

    Raises
    ------
    YuhuError
        YH106 no codebook; YH109 it declares an entity, or is too large a tree.
    """
    root = parsed_xml([content], reading.name, program="the program that made it", namespaces=True)
    if root.tag != "CodeBook":
        fix = "export the codebook as REFI-QDA (.qdc)"
        raise YuhuError("YH106", f"`{reading.name}` is no REFI-QDA codebook", facts={"root": root.tag[:40]}, fix=fix)
    losses = Losses()
    codes = ReadCodes(reading, losses)
    codes.read(root.find("Codes"))
    found = [set_ for set_ in root.iterfind("Sets/Set") if (ours := marked(set_.findtext("Description") or "")) and ours[0].key == BOOK]
    book, _ = read_book(*_marked(found[0]), codes.codes) if found else (BookDraft(codes=codes.codes), {})
    count_foreign_sets(root, losses)
    return Exchange(book=book, losses=losses.listed())


def _marked(element: Element) -> tuple[Line, list[Line]]:
    return marked(element.findtext("Description") or "") or (Line(BOOK), [])


def qda_root(tag: str, namespace: str, schema: str, attributes: dict[str, str]) -> Element:
    """The root of a REFI-QDA document."""
    where = {"xmlns": namespace, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "xsi:schemaLocation": f"{namespace} {schema}"}
    return Element(tag, {**where, **attributes})


def write_sets(root: Element, book: BookDraft, lang: str, ink: Ink, *, member: str, with_book: bool) -> None:
    """Modules, and if it has no other place the codebook itself, as sets of codes."""
    modules = {draft.module: [one for one in book.codes if one.module == draft.module] for draft in book.codes if draft.module}
    if not modules and not with_book:
        return
    sets = SubElement(root, "Sets")
    if with_book:
        name = ink(in_language(book.label, lang, book.id or "codebook"))
        _set(sets, guid(book.id, "book"), name, ink(book_description(book)), book, member)
    for module, drafts in modules.items():
        description = ink(written_lines([Line(MODULE, (), module)]))
        _set(sets, guid(book.id, "module", module), ink(module), description, BookDraft(book.id, codes=tuple(drafts)), member)


def _set(sets: Element, identifier: str, name: str, description: str, book: BookDraft, member: str) -> None:
    element = SubElement(sets, "Set", {"guid": identifier, "name": name})
    SubElement(element, "Description").text = description
    for draft in book.codes:
        SubElement(element, "MemberCode", {member: guid(book.id, "code", draft.id)})


def count_parts(book: BookDraft, losses: Losses) -> None:
    """Parts of a codebook that REFI-QDA has no place for."""
    for part, count in book.parts.items():
        why = "their names are kept as sets" if part == "modules" else "the format has no place for them"
        losses.add(f"{part} of the codebook", why, count=count)
    losses.add("terms of the lexicon", "the format has no place for them", count=sum(draft.words for draft in book.codes))


def count_foreign_sets(root: Element, losses: Losses) -> None:
    """Sets of other programs."""
    kinds = Counter(
        "sets of codes" if set_.find("MemberCode") is not None else "sets of sources or memos"
        for set_ in root.iterfind("Sets/Set")
        if not marked(set_.findtext("Description") or "")
    )
    for what, count in kinds.items():
        losses.add(what, "they are not read", count=count)

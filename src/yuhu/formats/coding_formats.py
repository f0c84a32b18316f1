"""The exchange formats by name: what each carries, how it is written and read, and how a file is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from yuhu.core.errors import YuhuError
from yuhu.formats.exchange import Exchange, Reading, Writing, Written

_ZIP = b"PK\x03\x04"


@dataclass(frozen=True)
class CodingFormat:
    """An exchange format.

    Parameters
    ----------
    name : str
        With a version: what the files look like changes only under a new one.
    label : mapping of str to str
        For people, by language.
    ending : str
        Ending of its files.
    carries : sequence of str
        ``codes``, ``responses`` (codings of responses), ``spans`` (codings of media time), ``texts`` (of units).
    write : callable
        ``(Exchange, Writing) -> Written``.
    read : callable
        ``(bytes, Reading) -> Exchange``.
    """

    name: str
    label: Mapping[str, str]
    ending: str
    carries: tuple[str, ...]
    write: Callable[[Exchange, Writing], Written]
    read: Callable[[bytes, Reading], Exchange]


def _later(module: str, function: str) -> Callable[..., Any]:
    """A function of a module that is imported when it is first called: most runs need none of these."""

    def call(*given: Any) -> Any:
        return getattr(import_module(f"yuhu.formats.{module}"), function)(*given)

    return call


def _format(name: str, label: Mapping[str, str], ending: str, carries: str, writer: str, reader: str) -> CodingFormat:
    write, read = (_later(*place.split(".")) for place in (writer, reader))
    return CodingFormat(name, label, ending, tuple(carries.split()), write, read)


CODING_FORMATS: dict[str, CodingFormat] = {
    one.name: one
    for one in (
        _format(
            "refi_qdc.v1", {"en": "REFI-QDA codebook", "zh": "REFI-QDA 编码手册"}, ".qdc", "codes",
            "refi_codebook.write_codebook", "refi_codebook.read_codebook",
        ),
        _format(
            "refi_qdpx.v1", {"en": "REFI-QDA project", "zh": "REFI-QDA 项目"}, ".qdpx", "codes responses spans texts",
            "refi_project_writing.write_project", "refi_project_reading.read_project",
        ),
        _format(
            "elan_eaf_codes.v1", {"en": "ELAN annotations with codes", "zh": "ELAN 编码标注"}, ".eaf", "codes spans",
            "eaf_codes.write_codes", "eaf_codes.read_codes",
        ),
        _format(
            "label_studio.v1", {"en": "Label Studio tasks", "zh": "Label Studio 任务"}, ".json", "responses spans texts",
            "label_studio_writing.write_tasks", "label_studio_reading.read_tasks",
        ),
        _format(
            "codings_csv.v1", {"en": "codings as CSV", "zh": "编码 CSV"}, ".csv", "responses spans",
            "codings_csv.write_csv", "codings_csv.read_csv",
        ),
        _format(
            "coder_sheet.v1", {"en": "coder's workbook", "zh": "编码员工作簿"}, ".xlsx", "responses texts",
            "sheets_writing.write_sheets", "sheets_reading.read_sheet",
        ),
    )
}  # fmt: skip
"""Every exchange format by its name, in the order in which people are offered them."""


def coding_format(name: str) -> CodingFormat:
    """A format by its name, with or without its version, or by the ending of its files.

    Raises
    ------
    YuhuError
        YH603 there is none.
    """
    wanted = name.strip().lower()
    for one in CODING_FORMATS.values():
        if wanted in {one.name, one.name.partition(".")[0], one.ending, one.ending[1:]}:
            return one
    raise YuhuError(
        "YH603", f"format `{name}` is not known", facts={"known": ", ".join(CODING_FORMATS)}, fix="for example refi_qdpx or csv"
    )


def recognised(content: bytes, name: str) -> CodingFormat:
    """The format that a file is in, by its content; its name decides only between tables and texts.

    Raises
    ------
    YuhuError
        YH103 it is in none.
    """
    start = content[:8192].lstrip(b"\xef\xbb\xbf \t\r\n")
    if content.startswith(_ZIP):
        is_project = b".qde" in content[:4096] or b".qde" in content[-(1 << 17) :]
        return CODING_FORMATS["refi_qdpx.v1" if is_project else "coder_sheet.v1"]
    if start.startswith(b"<"):
        marks = {b"ANNOTATION_DOCUMENT": "elan_eaf_codes.v1", b"<CodeBook": "refi_qdc.v1", b"<Project": "refi_qdpx.v1"}
        places = {form: at for mark, form in marks.items() if (at := start.find(mark)) >= 0}
        if places:
            return CODING_FORMATS[min(places, key=lambda form: places[form])]
    if start.startswith((b"[", b"{")):
        return CODING_FORMATS["label_studio.v1"]
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        return CODING_FORMATS["codings_csv.v1"]
    facts = {"found": start[:20].decode("utf-8", "replace"), "known": ", ".join(CODING_FORMATS)}
    raise YuhuError(
        "YH103", f"`{name}` is in no exchange format", facts=facts, fix="export it as .qdpx, .qdc, .eaf, Label Studio JSON, CSV or .xlsx"
    )

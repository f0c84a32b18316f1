"""Context of units as REFI-QDA variables: one variable for a column, one case for a unit."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.etree.ElementTree import Element, SubElement

import polars as pl

from yuhu.formats.labelled_lines import Line, read_lines, written_lines
from yuhu.formats.refi_codes import guid
from yuhu.formats.xml_trees import Ink

VIDEO = "video_id"
"""The variable that names the video of a source."""

_MARK = "yuhu column"
_TYPES: dict[str, tuple[pl.DataType, str]] = {
    "string": (pl.String(), "Text"),
    "integer": (pl.Int64(), "Integer"),
    "float": (pl.Float64(), "Float"),
    "boolean": (pl.Boolean(), "Boolean"),
    "date": (pl.Date(), "Date"),
    "time": (pl.Datetime("ms", "UTC"), "DateTime"),
}


def _kind(dtype: pl.DataType) -> str:
    if dtype in (pl.String, pl.Categorical):
        return "string"
    if dtype.is_integer():
        return "integer"
    if dtype.is_float():
        return "float"
    kinds: list[tuple[type[pl.DataType], str]] = [(pl.Boolean, "boolean"), (pl.Date, "date")]
    found = next((kind for kind_of, kind in kinds if dtype == kind_of), "")
    return found or ("time" if isinstance(dtype, pl.Datetime) and dtype.time_zone == "UTC" else "")


@dataclass
class Variables:
    """Writes variables and their values.

    Parameters
    ----------
    book : str
        Id of the codebook, which identifiers are made of.
    columns : mapping of str to pl.DataType
        Context columns.
    ink : Ink
        Makes texts fit for XML.
    """

    book: str
    columns: Mapping[str, pl.DataType]
    ink: Ink
    kinds: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the columns that variables can hold."""
        for name, dtype in self.columns.items():
            if kind := _kind(dtype):
                self.kinds[name] = kind
            else:
                self.ink.losses.add("columns of context", "no variable of REFI-QDA holds such values", first=f"{name}: {dtype}")

    def write(self, above: Element) -> None:
        """Add ``Variables`` below the project."""
        variables = SubElement(above, "Variables")
        for name, kind in {VIDEO: "string", **self.kinds}.items():
            named = {"guid": guid(self.book, "variable", name), "name": self.ink(name) or "column", "typeOfVariable": _TYPES[kind][1]}
            variable = SubElement(variables, "Variable", named)
            lines = [Line(_MARK, (), name), Line("type", (), kind)]
            SubElement(variable, "Description").text = self.ink(written_lines(lines))

    def value(self, above: Element, name: str, held: object) -> None:
        """Add the value of a variable; nothing for None."""
        kind = "string" if name == VIDEO else self.kinds.get(name, "")
        shown = _shown(held, kind) if held is not None and kind else None
        if held is not None and kind and shown is None:
            self.ink.losses.add("values of context", "they are no numbers", first=f"{name}: {held}")
        if kind and shown is not None:
            value = SubElement(above, "VariableValue")
            SubElement(value, "VariableRef", {"targetGUID": guid(self.book, "variable", name)})
            SubElement(value, f"{_TYPES[kind][1]}Value").text = self.ink(shown)


def _shown(held: object, kind: str) -> str | None:
    if kind == "float" and isinstance(held, float | int):
        return format(Decimal(repr(float(held))), "f") if math.isfinite(held) else None
    if kind == "boolean":
        return str(held).lower()
    return stamp(held) if kind == "time" and isinstance(held, dt.datetime) else str(held)


def stamp(at: dt.datetime) -> str:
    """A time as XML has it, in UTC."""
    utc = at.astimezone(dt.UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + (f".{utc.microsecond // 1000:03d}" if utc.microsecond else "") + "Z"


def read_stamp(text: str | None) -> dt.datetime | None:
    """A time of a foreign file in UTC, cut to milliseconds; None for anything else. Times without a zone are taken as UTC, which the standard asks for."""
    try:
        at = dt.datetime.fromisoformat((text or "").strip())
        utc = at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


@dataclass
class ReadVariables:
    """Variables of a project, and what they say."""

    names: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def read(self, root: Element) -> None:
        """Read the variables; those of ours keep their column and type."""
        for variable in root.iterfind("Variables/Variable"):
            lines = {line.key: line.text for line in read_lines(variable.findtext("Description") or "")}
            name = lines.get(_MARK) or variable.get("name") or ""
            self.names[variable.get("guid", "")] = name
            kind = lines.get("type", "")
            if _MARK in lines and kind in _TYPES and name != VIDEO:
                self.kinds[name] = kind

    @property
    def columns(self) -> dict[str, pl.DataType]:
        """Columns of context that were ours."""
        return {name: _TYPES[kind][0] for name, kind in self.kinds.items()}

    def values(self, above: Element) -> dict[str, object]:
        """Values of the variables that are known, by column."""
        found: dict[str, object] = {}
        for value in above.iterfind("VariableValue"):
            ref = value.find("VariableRef")
            name = self.names.get(ref.get("targetGUID", ""), "") if ref is not None else ""
            text = next((child.text or "" for child in value if child.tag != "VariableRef"), None)
            if name and text is not None:
                found[name] = _held(text, self.kinds.get(name, "string"))
        return found


def _held(text: str, kind: str) -> object:
    try:
        if kind == "integer":
            number = int(text.strip()[:24])
            return number if abs(number) < 1 << 63 else None
        if kind == "float":
            return float(text)
        if kind == "date":
            return dt.date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    if kind == "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    return read_stamp(text) if kind == "time" else text


def write_cases(
    above: Element, variables: Variables, units: Iterable[Mapping[str, object]], selections: Mapping[str, Iterable[str]]
) -> None:
    """Add ``Cases``: one for each unit that has context, with the selections that hold its text."""
    cases = None
    for unit in units:
        name = str(unit["unit_id"])
        if name in selections and any(unit.get(column) is not None for column in variables.kinds):
            cases = SubElement(above, "Cases") if cases is None else cases
            case = SubElement(cases, "Case", {"guid": guid(variables.book, "case", name), "name": variables.ink(name)})
            for column in variables.kinds:
                variables.value(case, column, unit.get(column))
            for selection in selections[name]:
                SubElement(case, "SelectionRef", {"targetGUID": selection})

"""Sections of the report as pages of the workbench: the same views, figures and tables, in forms that a page or a file can take."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from yuhu.formats.cells import safe_cell
from yuhu.reporting.coder_quality import coder_quality, multiverse
from yuhu.reporting.contrasts import contrasts
from yuhu.reporting.courses import attention_over_time, media_time
from yuhu.reporting.event_study import followed
from yuhu.reporting.figures.drawing import Drawing
from yuhu.reporting.moments import moments
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.progression import progression
from yuhu.reporting.shares import groups, shares
from yuhu.reporting.transitions import shown, transitions
from yuhu.reporting.two_clocks import audience_or_video

Section = Callable[[Facts, str], View | None]

PAGES: Mapping[str, Mapping[str, Section]] = {
    "audience": {
        "shares": shares,
        "groups": groups,
        "contrasts": contrasts,
        "progression": progression,
        "transitions": transitions,
        "coder-quality": coder_quality,
        "multiverse": multiverse,
    },
    "spread": {
        "attention": attention_over_time,
        "crowd": audience_or_video,
        "media-time": media_time,
        "moments": moments,
        "followed": followed,
        "shown": shown,
    },
}
"""Sections that rest on estimates alone, by the page that shows them, in order."""

_HATCH = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#dcebe4"/><rect width="2" height="6" fill="#7fae9c"/></pattern></defs>'
)
_SCALE = 2.0


def as_dict(view: View) -> dict[str, Any]:
    """A section as plain data: columns of tables the ``kind`` of their cells (text, number, machine)."""
    return {
        "id": view.id,
        "title": view.title,
        "paragraphs": list(view.paragraphs),
        "points": list(view.points),
        "figures": [{"id": one.id, "title": one.title, "note": one.note} for one in view.figures],
        "tables": [_table(one) for one in view.tables],
    }


def _table(table: Table) -> dict[str, Any]:
    columns = [
        {"name": one.rstrip("#~ "), "kind": "machine" if one.endswith("~") else "number" if one.endswith("#") else "text"}
        for one in table.columns
    ]
    rows = [list(row) for row in table.rows]
    return {"id": table.id, "caption": table.caption, "columns": columns, "rows": rows, "note": table.note, "folded": table.folded}


def svg_file(figure: Figure) -> str:
    """A figure as an SVG that stands alone, with the hatching that the page of a report holds."""
    head, mark, rest = figure.svg.partition(">")
    return f"{head}{mark}{_HATCH}{rest}"


def png_file(figure: Figure) -> bytes:
    """A figure as a PNG on white, twice as large as on a page."""
    import vl_convert

    white = Drawing({**figure.drawing.spec, "config": {**figure.drawing.spec["config"], "background": "#ffffff"}}, figure.drawing.name)
    found: bytes = vl_convert.svg_to_png(svg_file(Figure(figure.id, figure.title, white, figure.note)), scale=_SCALE)
    return found


def figure_csv(figure: Figure) -> str:
    """The rows that a figure draws; texts that a spreadsheet could take for formulas are marked."""
    spec = figure.drawing.spec
    rows: list[dict[str, Any]] = max([*spec.get("datasets", {}).values(), *_datasets(spec)], key=len, default=[])
    heads = list(dict.fromkeys(name for row in rows for name in row))
    return _csv([heads, *([row.get(name) for name in heads] for row in rows)])


def table_csv(table: Table) -> str:
    """A table as it is shown."""
    return _csv([[one.rstrip("#~ ") for one in table.columns], *table.rows])


def _csv(rows: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow("" if cell is None else safe_cell(cell) if isinstance(cell, str) else cell for cell in row)
    return out.getvalue()


def _datasets(part: Any) -> Iterator[list[dict[str, Any]]]:
    """Rows that stand in a specification, wherever."""
    if isinstance(part, Mapping):
        values = part.get("data", {}).get("values") if isinstance(part.get("data"), Mapping) else None
        if isinstance(values, list):
            yield values
        for name, inner in part.items():
            if name != "data":
                yield from _datasets(inner)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from _datasets(inner)

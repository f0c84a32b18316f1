"""Audience and Spread: the sections of the report that rest on estimates, their figures and tables as files."""

from enum import StrEnum
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from yuhu.app.workbench import Bench, Lang, Reader
from yuhu.core.errors import YuhuError
from yuhu.reporting.gallery import PAGES, as_dict, figure_csv, png_file, svg_file, table_csv
from yuhu.reporting.page import View

router = APIRouter(prefix="/api/gallery", tags=["gallery"])


class Form(StrEnum):
    """What a figure is given as."""

    SVG = "svg"
    PNG = "png"
    CSV = "csv"


_TYPES = {Form.SVG: "image/svg+xml", Form.PNG: "image/png", Form.CSV: "text/csv; charset=utf-8"}
_NO_SCRIPT = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}


@router.get("/{page}")
def sections(page: str, bench: Bench, _: Reader) -> dict[str, Any]:
    """``sections``: names of a page's sections in order; whether the study has results for them."""
    bench.facts()
    return {"sections": list(_page(page))}


@router.get("/{page}/{section}")
def section(page: str, section: str, bench: Bench, _: Reader, lang: Lang) -> dict[str, Any]:
    """``view``: one section, its figures by name, and its tables, or null where the study has nothing for it."""
    view = _view(bench, page, section, lang)
    return {"view": None if view is None else as_dict(view)}


@router.get("/{page}/{section}/figures/{figure}")
def figure_file(page: str, section: str, figure: str, form: Form, bench: Bench, _: Reader, lang: Lang) -> Response:
    """A figure as a file: the same SVG as in the report, a PNG of it, or the rows that it draws."""
    view = _view(bench, page, section, lang)
    found = next((one for one in (view.figures if view else ()) if one.id == figure), None)
    if found is None:
        raise _nothing("figure", figure)
    content = png_file(found) if form is Form.PNG else svg_file(found) if form is Form.SVG else "\ufeff" + figure_csv(found)
    return _file(content, _TYPES[form], f"{figure}.{form}")


@router.get("/{page}/{section}/tables/{table}")
def table_file(page: str, section: str, table: int, bench: Bench, _: Reader, lang: Lang) -> Response:
    """A table of a section, by its place, as CSV."""
    view = _view(bench, page, section, lang)
    tables = view.tables if view else ()
    if not 0 <= table < len(tables):
        raise _nothing("table", str(table))
    return _file("\ufeff" + table_csv(tables[table]), _TYPES[Form.CSV], f"{section}-{table}.csv")


def _page(page: str) -> Any:
    if page not in PAGES:
        raise _nothing("page", page)
    return PAGES[page]


def _view(bench: Bench, page: str, section: str, lang: str) -> View | None:
    known = _page(page)
    if section not in known:
        raise _nothing("section", section)
    facts = bench.facts()
    found: View | None = bench.once(("gallery", section, lang), lambda _study: known[section](facts, lang))
    return found


def _nothing(what: str, found: str) -> YuhuError:
    return YuhuError("YH704", f"there is no such {what}", facts={"found": found[:100]}, fix="load the page anew")


def _file(content: str | bytes, kind: str, name: str) -> Response:
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "-._") else "-" for one in name)
    return Response(content, media_type=kind, headers={"content-disposition": f'attachment; filename="{safe}"', **_NO_SCRIPT})

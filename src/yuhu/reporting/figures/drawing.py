"""From a declared chart to a self-contained SVG."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import altair as alt

from yuhu.texts.hostile import visible

FONT = "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
INK, MUTED, MACHINE, CORRECTED, PEOPLE, TRUTH = "#23302b", "#7d8a85", "#4f7f6f", "#1f5fa8", "#b4552d", "#23302b"
HATCH = "url(#hatch)"
WIDTH = 640

_VERSION = "6.4"
_IDS = re.compile(r"\b(id=\"|url\(#|href=\"#)(clip|gradient)(\d+)")


def inline(rows: list[dict[str, Any]]) -> alt.InlineData:
    """Rows as data of a chart."""
    safe = [{key: visible(value) if isinstance(value, str) else value for key, value in row.items()} for row in rows]
    return alt.InlineData(values=safe)


def styled(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart's specification with the look of all charts."""
    spec: dict[str, Any] = chart.to_dict()
    spec["config"] = {
        "font": FONT,
        "background": "transparent",
        "padding": {"left": 28, "right": 12, "top": 4, "bottom": 4},
        "view": {"stroke": None},
        "axis": {
            "labelColor": INK,
            "titleColor": MUTED,
            "gridColor": "#e4e8e3",
            "domainColor": "#c8d0ca",
            "tickColor": "#c8d0ca",
            "titleFontWeight": "normal",
            "labelLimit": 240,
        },
        "legend": {"labelColor": INK, "titleColor": MUTED, "titleFontWeight": "normal", "orient": "top", "labelLimit": 320},
        "header": {"labelColor": INK, "labelFontWeight": "normal", "titleColor": MUTED},
    }
    return spec


@dataclass(frozen=True)
class Drawing:
    """A chart as it is declared: the workbench shows the specification, the report its SVG.

    Parameters
    ----------
    spec : mapping
        Vega-Lite, with its rows inside.
    name : str
        Keeps the ids of several SVGs in one page apart.
    """

    spec: Mapping[str, Any]
    name: str

    @cached_property
    def svg(self) -> str:
        """The chart as SVG; the same specification gives the same bytes.

        Notes
        -----
        Texts of strangers are data to Vega, never expressions or links, and are escaped in the SVG.
        """
        import vl_convert

        svg: str = vl_convert.vegalite_to_svg(dict(self.spec), vl_version=_VERSION)
        return _IDS.sub(lambda found: f"{found.group(1)}{self.name}-{found.group(2)}{found.group(3)}", svg)


def draw(chart: alt.TopLevelMixin, name: str) -> Drawing:
    """The chart with the look of all charts; it becomes an SVG when that is asked for."""
    return Drawing(styled(chart), name)

"""One self-contained HTML file: no script, nothing fetched, every text escaped by the template."""

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from yuhu.reporting.background import codebook, limits, methods, sample
from yuhu.reporting.cleaning import cleaning
from yuhu.reporting.coder_quality import coder_quality, multiverse
from yuhu.reporting.contrasts import contrasts
from yuhu.reporting.courses import attention_over_time, media_time
from yuhu.reporting.event_study import followed
from yuhu.reporting.missing import missing
from yuhu.reporting.moments import moments
from yuhu.reporting.page import Facts, View
from yuhu.reporting.progression import progression
from yuhu.reporting.reliability import reliability
from yuhu.reporting.said import estimates_of
from yuhu.reporting.shares import glance, groups, planted, shares
from yuhu.reporting.transitions import shown, transitions
from yuhu.reporting.two_clocks import audience_or_video
from yuhu.reporting.words import word

SECTIONS = (
    glance,
    planted,
    shares,
    groups,
    contrasts,
    coder_quality,
    multiverse,
    reliability,
    media_time,
    moments,
    followed,
    audience_or_video,
    transitions,
    progression,
    shown,
    attention_over_time,
    cleaning,
    sample,
    missing,
    limits,
    methods,
    codebook,
)
"""The sections in order; a section that does not apply gives None."""

LANG_TAG = {"zh": "zh-Hans", "en": "en"}


def views(facts: Facts, lang: str) -> list[View]:
    """The sections of a report."""
    return [view for section in SECTIONS if (view := section(facts, lang)) is not None]


def build_html(facts: Facts, lang: str, sections: Sequence[View] | None = None) -> str:
    """The report as HTML.

    Parameters
    ----------
    facts : Facts
        All that it may say.
    lang : str
        ``zh`` or ``en``.
    sections : sequence of View, optional
        Some of `views`, to be shown alone; all if none.

    Notes
    -----
    A sentence or a row of a table that states estimates names them in ``data-estimates`` (`yuhu.reporting.said.estimate_id`).
    """
    environment = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template("report.html")
    return page.render(
        lang=LANG_TAG[lang],
        title=facts.settings.title,
        kind=word("report", lang),
        constructed=word("constructed", lang) if facts.settings.constructed else "",
        views=views(facts, lang) if sections is None else sections,
        estimates_of=estimates_of,
        svg=Markup,  # drawn by us; texts of strangers in it are escaped by Vega
        version=facts.version,
        spec=facts.spec_hash,
    )


def _template(name: str) -> str:
    return (files("yuhu.reporting") / "templates" / name).read_text("utf-8")

"""Curves and peaks of one video as data, for a page that draws them over media time: the estimates of the report, in its words."""

from typing import Any

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.moments import peak_said
from yuhu.reporting.moments_rows import Held, scenario_of
from yuhu.reporting.page import Facts
from yuhu.reporting.shares import label, value_label
from yuhu.reporting.words import phrase
from yuhu.reporting.words_moments import MOMENTS
from yuhu.texts.hostile import visible

RATES = "moment_rate.v1"
_METHODS = ("local_likelihood.v1", "machine_rate.v1")


def curves(facts: Facts, video: str, lang: str) -> list[dict[str, Any]]:
    """Rates over media time: of all messages with their band, of codes as the machine counts them, and corrected where gold allows.

    Returns
    -------
    list of dict
        ``id``, ``label``, ``source`` (observed, machine, corrected), ``is_machine_only``, ``scenario`` of how many watched, ``unit``, ``method``, ``rung``, and one
        entry for each step in ``at_ms, end_ms, value, low, high, n, why`` (why there is no interval or no value; empty where there are both). Under the first
        assumption of how many watched.
    """
    mine = facts.estimates.filter(
        (pl.col("measure") == RATES)
        & (pl.col("subject") == video)
        & pl.col("at_ms").is_not_null()
        & pl.col("by").str.starts_with("exposure=")
    )
    if not mine.height:
        return []
    first = mine["by"][0]
    is_kept = pl.col("method").is_in(_METHODS) | (pl.col("source") == "corrected")
    kept = mine.filter((pl.col("by") == first) & is_kept & (pl.col("unit") == "messages per second"))
    parts = kept.group_by("source", "code", "value_id", maintain_order=True)
    return [_curve(facts, part, scenario_of(first), lang) for _, part in parts if part["value"].count()]


def _curve(facts: Facts, part: pl.DataFrame, scenario: str, lang: str) -> dict[str, Any]:
    head = part.row(0, named=True)
    name = phrase(MOMENTS, "all_messages", lang)
    if head["code"] is not None:
        variable = facts.book.variables.get(head["code"])
        value = "" if variable and variable.level == "binary" else f" ({value_label(facts, head['code'], head['value_id'], lang)})"
        name = f"{visible(label(facts, head['code'], lang), 60)}{value}"
    shown = part.sort("at_ms")
    return {
        "id": ":".join(str(head[key] or "") for key in ("source", "code", "value_id")),
        "label": name,
        "source": head["source"],
        "is_machine_only": head["source"] == "machine",
        "scenario": phrase(MOMENTS, scenario, lang) if scenario in MOMENTS else scenario,
        "unit": head["unit"],
        "method": head["method"],
        "rung": head["rung"],
        "why": [REASONS[one][lang] if one else "" for one in shown["reason"]],
        **{column: shown[column].to_list() for column in ("at_ms", "end_ms", "value", "low", "high", "n")},
    }


def peaks(facts: Facts, video: str, lang: str) -> list[dict[str, Any]]:
    """Peaks of a video that stand, in its order: ``at_ms, end_ms, text`` (the sentence of the report), ``rung``."""
    held = Held(facts)
    found = sorted(held.peaks(video), key=lambda row: row["at_ms"]) if video in held.videos else []
    return [{"at_ms": one["at_ms"], "end_ms": one["end_ms"], "text": peak_said(held, one, lang), "rung": one["rung"]} for one in found]

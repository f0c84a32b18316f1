"""Agreement for a page: each decision with interval, n and verdict, and the same by coder, pair, language and wave."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.estimate import REASONS
from yuhu.reporting.reliability import WORDS

ALPHA = {"all": "krippendorff_alpha", "timeline": "u_alpha"}

TITLES: Mapping[str, Mapping[str, str]] = {
    "without": {"en": "without one coder", "zh": "去掉一名编码员"},
    "pair": {"en": "pairs of coders", "zh": "两两比较"},
    "again": {"en": "coders with themselves", "zh": "编码员与自己"},
    "language": {"en": "languages", "zh": "语言"},
    "sample": {"en": "samples", "zh": "样本"},
    "wave": {"en": "waves", "zh": "批次"},
    "drift": {"en": "drift: change of the log odds of saying that it is there, by wave, against the others", "zh": "漂移：与他人相比，判为“有”的对数优势逐批变化"},
    "dawid_skene": {"en": "chance of saying the value where it is the true one (a model's, after Dawid and Skene)", "zh": "真值为该值时判对的概率（Dawid–Skene 模型）"},
    "asked": {"en": "units on which it was asked", "zh": "被问到的单元"},
    "enriched": {"en": "as drawn, unweighted", "zh": "按抽取样本，未加权"},
    "with machine": {"en": "people and the machine", "zh": "人工与机器"},
    "timeline with machine": {"en": "people and the machine", "zh": "人工与机器"},
    "u_alpha_marked": {"en": "marked or not (|uα)", "zh": "是否标记（|uα）"},
    "u_alpha_coding": {"en": "values where both marked (cuα)", "zh": "双方都标记处的取值（cuα）"},
}  # fmt: skip
_OF_ALPHA = ("without", "pair", "again", "language", "sample", "wave", "asked", "enriched", "with machine")
_SHOWN = {(by, "krippendorff_alpha") for by in _OF_ALPHA} | {
    ("drift", "log_odds_per_wave"),
    ("dawid_skene", "says_the_true_value"),
    ("timeline", "u_alpha_marked"),
    ("timeline", "u_alpha_coding"),
    ("timeline with machine", "u_alpha"),
}


def agreement_rows(rows: pl.DataFrame, book: Codebook, lang: str) -> list[dict[str, Any]]:
    """Agreement on each decision in the order of the codebook.

    Parameters
    ----------
    rows : pl.DataFrame
        As `yuhu agree` stores them.
    book : Codebook
        For labels.
    lang : str
        Of the words.

    Returns
    -------
    list of dict
        ``code, label, unit`` (response, span), ``is_current`` (whether its definition is still the one that was measured), ``value, low, high, n_units, n_coders, p_below, verdict, said``
        (the verdict, or why there is none), ``percent, ac1, positive`` (null where they are not defined), ``groups``: ``by, title, subject, of, value, low, high, n_units, p, said``.
    """
    out = []
    parts = {str(code): part for (code,), part in rows.group_by("code", maintain_order=True)}
    order = {name: at for at, name in enumerate(book.variables)}
    for code in sorted(parts, key=lambda name: order.get(name, len(order))):
        part = parts[code]
        whole = next(_where(part, ALPHA), None)
        if whole is not None:
            out.append(_decision(code, part, whole, book, lang))
    return out


def _where(part: pl.DataFrame, which: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for row in part.iter_rows(named=True):
        if which.get(row["by"]) == row["coefficient"]:
            yield row


def _decision(code: str, part: pl.DataFrame, whole: dict[str, Any], book: Codebook, lang: str) -> dict[str, Any]:
    others = {(row["coefficient"], row["of"]): row["value"] for row in part.filter(pl.col("by") == "all").iter_rows(named=True)}
    variable = book.variables.get(code)
    return {
        "code": code,
        "label": variable.label[lang] if variable else code,
        "unit": "span" if whole["by"] == "timeline" else "response",
        "is_current": variable is not None and variable.code_hash == whole["code_hash"],
        **{name: whole[name] for name in ("value", "low", "high", "n_units", "n_coders", "p_below", "verdict")},
        "said": said(whole, lang),
        "percent": others.get(("percent_agreement", None)),
        "ac1": others.get(("gwet_ac1", None)),
        "positive": others.get(("specific_agreement", "1")) if whole["level"] == "nominal" else None,
        "groups": [_group(row, lang) for row in part.iter_rows(named=True) if (row["by"], row["coefficient"]) in _SHOWN],
    }


def _group(row: Mapping[str, Any], lang: str) -> dict[str, Any]:
    by = row["coefficient"] if row["by"] == "timeline" else row["by"]
    shown = {name: row[name] for name in ("subject", "of", "value", "low", "high", "n_units", "p")}
    return {"by": by, "title": TITLES[by][lang], **shown, "said": said(row, lang)}


def said(row: Mapping[str, Any], lang: str) -> str:
    """The verdict in words, or why there is none; empty where a coefficient has no verdict."""
    if row["reason"]:
        return REASONS[row["reason"]][lang]
    if row["verdict"] is None:
        return ""
    return WORDS["below_verdict" if row["verdict"] == "below" else row["verdict"]][lang]

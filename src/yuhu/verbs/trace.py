"""What a number rests on: the units that people coded, what each coder decided about them, and under which version of the codebook."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from yuhu.core.evidence import Gold
from yuhu.study.codebooks import kept_codebooks
from yuhu.study.codings import read_codings
from yuhu.study.store import Study
from yuhu.verbs.clean import clean
from yuhu.verbs.evidence import kept_gold, left_out
from yuhu.verbs.gold import gold_units

MOST_UNITS = 100
LONGEST_TEXT = 300
_GROUPS = {"video": "video_id", "platform": "platform", "language": "lang", "region": "region"}
_IN_A_VIDEO = frozenset({"peak_difference"})
_MINUS = " − "


def gold_of(study: Study) -> Gold:
    """The units that people coded, as the measures take them: with chances, adjudicated, without what `leave_out` names."""
    gone = left_out(study, clean(study)) if study.settings.leave_out else None
    return kept_gold(gold_units(study, study.codebook()), gone)


def trace(study: Study, row: Mapping[str, Any], gold: Gold, *, with_texts: bool) -> dict[str, Any]:
    """What an estimate rests on.

    Parameters
    ----------
    study : Study
        The study.
    row : mapping
        A row of its results.
    gold : Gold
        As `gold_of`.
    with_texts : bool
        Whether the texts of the units may be seen.

    Returns
    -------
    dict
        ``n_units``: units of gold for the code (and group) of the estimate; ``is_exact``: whether they are as many as the estimate says it rests on; ``units``, the
        100 on which coders differ most first: ``unit, video, share`` (of coders who said so, after adjudication; None where the estimate is of no single value), ``chance``, ``text`` (None if it may not be
        seen), ``decisions``: ``coder, kind, purpose, status, value, at, version``; ``coders``: ``coder, kind, n``; ``versions``: ``version, hash, n`` of decisions.

    Notes
    -----
    O(decisions on the code). An estimate without a code counts messages: no coding enters it.
    """
    if row["code"] is None:
        return {"n_units": 0, "is_exact": True, "units": [], "coders": [], "versions": []}
    mine = _scope(_units(gold, row), row)
    decisions = read_codings(study.path, counted=True, unit_kind="response", code=row["code"])
    decided = decisions.filter(pl.col("unit_id").is_in(mine["response_id"].implode()))
    first = mine.sort((pl.col("human") - 0.5).abs(), "response_id", nulls_last=True).head(MOST_UNITS)
    versions = _versions(study)
    rows: dict[str, list[dict[str, Any]]] = {}
    for one in decided.filter(pl.col("unit_id").is_in(first["response_id"].implode())).sort("unit_id", "at").iter_rows(named=True):
        rows.setdefault(one["unit_id"], []).append(_decision(one, versions))
    texts = _texts(study, first["response_id"]) if with_texts else {}
    return {
        "n_units": mine.height,
        "is_exact": row["n_gold"] is not None and mine.height == row["n_gold"],
        "units": [
            {
                "unit": unit["response_id"],
                "video": unit["video_id"],
                "share": unit["human"],
                "chance": unit["chance"],
                "text": texts.get(unit["response_id"]),
                "decisions": rows.get(unit["response_id"], []),
            }
            for unit in first.iter_rows(named=True)
        ],
        "coders": decided.group_by("coder", kind="coder_kind").agg(n=pl.len()).sort("coder", "kind").to_dicts(),
        "versions": [
            {"version": versions.get(one, ""), "hash": one, "n": n}
            for one, n in decided.group_by("codebook_hash").agg(n=pl.len()).sort("codebook_hash").iter_rows()
        ],
    }


def _units(gold: Gold, row: Mapping[str, Any]) -> pl.DataFrame:
    """The units on which the code was decided, with the share of coders who gave the estimate's value; without it where the estimate is of no single value."""
    units = gold.units.filter(pl.col("code") == row["code"])
    mine = units.filter(pl.col("value_id") == row["value_id"])
    if mine.height:
        return mine
    return units.unique("response_id", keep="first", maintain_order=True).with_columns(human=pl.lit(None, dtype=pl.Float64))


def _scope(units: pl.DataFrame, row: Mapping[str, Any]) -> pl.DataFrame:
    """The units of the estimate's group; all where it has none, or one that is not a column of units."""
    if row["by"] in _IN_A_VIDEO:
        return units.filter(pl.col("video_id") == row["subject"])
    column = _GROUPS.get(row["by"] or "")
    if column is None or row["measure"] not in {"prevalence.v1", "contrast.v1"}:
        return units
    groups = pl.Series(str(row["subject"]).split(_MINUS), dtype=pl.String)
    return units.filter(pl.col(column).is_in(groups.implode()))


def _decision(one: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "coder": one["coder"],
        "kind": one["coder_kind"],
        "purpose": one["purpose"],
        "status": one["status"],
        "value": one["value"],
        "at": one["at"].isoformat() if one["at"] else None,
        "version": versions.get(one["codebook_hash"], ""),
    }


def _versions(study: Study) -> dict[str, str]:
    """Versions of the codebook by content hash."""
    kept = {content_hash: book.version for content_hash, book in kept_codebooks(study.path).items() if book is not None}
    book = study.codebook()
    return {**kept, book.content_hash: book.version}


def _texts(study: Study, units: pl.Series) -> dict[str, str | None]:
    found = study.scan("responses").filter(pl.col("response_id").is_in(units.implode()))
    return dict(found.select("response_id", pl.col("text").str.slice(0, LONGEST_TEXT)).collect().iter_rows())

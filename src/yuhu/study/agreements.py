"""What `yuhu agree` found, on disk: one row for each coefficient of each decision, in whichever group of codings."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.study.files import write_atomic

FILE = "agreement.json"
FOLDER = "results"
BRIDGE, VERDICT = "bridge", "comparability"
"""``by`` and ``coefficient`` of the verdicts on whether a decision is the same in both languages."""

COMPARABLE, NOT_COMPARABLE, NOT_JUDGED = "comparable", "not_comparable", "not_judged"

SCHEMA: dict[str, Any] = {
    "code": pl.String,
    "code_hash": pl.String,
    "level": pl.String,
    "by": pl.String,
    "subject": pl.String,
    "coefficient": pl.String,
    "value": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "confidence": pl.Float64,
    "reason": pl.String,
    "method": pl.String,
    "n_units": pl.Int64,
    "n_coders": pl.Int64,
    "n_videos": pl.Int64,
    "minimum": pl.Float64,
    "p_below": pl.Float64,
    "p": pl.Float64,
    "verdict": pl.String,
    "of": pl.String,
    "threshold": pl.Float64,
}
"""``by`` and ``subject``: all codings; without one coder; one language, wave, pair of coders or kind of coder; a coder with themselves, or on anchors; two versions of units of a
bridge set. ``of``: the value that a specific agreement or a difference between versions is on; of an alarm, when it came. ``n_units``: units with two codings. ``p``: of no drift, after correction for all decisions (false discovery rate); of no difference between
versions, after max-T or Holm. ``verdict``: firm, tentative, below, no_interval, undefined; of a chart alarm or quiet, of a difference A, B or C, of a bridge set comparable, not_comparable, not_judged. ``threshold``: the height at which a chart
gives its alarm."""


def write_agreement(folder: Path, spec: Mapping[str, Any], rows: pl.DataFrame) -> Path:
    """Store what was found; the same codings and options write the same bytes."""
    path = folder / FOLDER / FILE
    path.parent.mkdir(exist_ok=True)
    document = {"spec": dict(spec), "rows": rows.to_dicts()}
    write_atomic(path, json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
    return path


def read_agreement(folder: Path) -> tuple[dict[str, Any], pl.DataFrame] | None:
    """The specification and the rows; None where agreement was not worked out."""
    path = folder / FOLDER / FILE
    if not path.is_file():
        return None
    document = json.loads(path.read_text("utf-8"))
    return document["spec"], pl.DataFrame(document["rows"], schema=SCHEMA)


def read_agreements(folder: Path) -> list[dict[str, Any]]:
    """The rows for all codings, one for each decision: alpha with its verdict."""
    found = read_agreement(folder)
    if found is None:
        return []
    return found[1].filter((pl.col("by") == "all") & (pl.col("coefficient") == "krippendorff_alpha")).to_dicts()

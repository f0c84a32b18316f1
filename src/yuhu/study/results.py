"""Results on disk: estimates and what they were made with, under the hash of their specification."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from yuhu.core.ids import content_hash
from yuhu.core.schema import ESTIMATES
from yuhu.study.files import disk_errors, write_atomic
from yuhu.study.store import Study

FOLDER = "results"
LATEST = "latest.json"


@dataclass(frozen=True)
class Results:
    """Estimates with their specification."""

    spec: Mapping[str, Any]
    spec_hash: str
    estimates: pl.DataFrame
    path: Path
    state: str = ""
    """`yuhu.study.state.state_hash` when they were last found to hold, where they are the latest."""


def spec_hash(spec: Mapping[str, Any]) -> str:
    """Hash of a specification: equal data, codebook, coder and settings give equal results."""
    return content_hash(json.dumps(spec, ensure_ascii=False, sort_keys=True).encode())[:16]


def data_hash(study: Study) -> str:
    """Hash of all tables of a study (the raw copy is none)."""
    return content_hash("".join(sorted(part.sha256 for part in study.manifest.partitions if part.table != "raw")).encode())[:16]


def write_results(study: Study, spec: Mapping[str, Any], estimates: pl.DataFrame, *, is_latest: bool = True, state: str = "") -> Results:
    """Store estimates; the same specification writes the same bytes. `is_latest`: reports are of these from now on, and hold in this state of the study."""
    name = spec_hash(spec)
    folder = study.path / FOLDER / name
    arrow = estimates.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(ESTIMATES)
    file = folder / "estimates.parquet"
    with disk_errors(file):
        folder.mkdir(parents=True, exist_ok=True)
        temporary = folder / ".estimates.tmp"
        pq.write_table(arrow, temporary, compression="zstd")
        temporary.replace(file)
    write_atomic(folder / "spec.json", json.dumps(spec, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
    if is_latest:
        write_atomic(study.path / FOLDER / LATEST, json.dumps({"spec": name, "state": state}).encode() + b"\n")
    return Results(spec, name, estimates, folder, state)


def read_results(study: Study, name: str | None = None) -> Results | None:
    """The results of a specification, the latest if none is named; None if there are none."""
    pointer = study.path / FOLDER / LATEST
    state = ""
    if name is None:
        if not pointer.is_file():
            return None
        latest = json.loads(pointer.read_text("utf-8"))
        name, state = str(latest["spec"]), str(latest.get("state", ""))
    folder = study.path / FOLDER / name
    if not (folder / "estimates.parquet").is_file() or not (folder / "spec.json").is_file():
        return None
    spec = json.loads((folder / "spec.json").read_text("utf-8"))
    return Results(spec, name, pl.read_parquet(folder / "estimates.parquet"), folder, state)

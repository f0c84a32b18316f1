"""Machine codings on disk: for each group of partitions a file of outcomes, and beside it what was abstained from, failed, or scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from yuhu.core.contracts import CodedBatch
from yuhu.core.errors import YuhuError
from yuhu.core.schema import ABSTAINED, FAILED, KEYS, MACHINE_CODING, SCORES, polars_schema
from yuhu.study.files import disk_errors
from yuhu.study.manifest import Run
from yuhu.study.store import Study
from yuhu.study.transaction import sync_file

FOLDER = "machine"
KINDS: dict[str, pa.Schema] = {"file": MACHINE_CODING, "abstained": ABSTAINED, "failed": FAILED, "scores": SCORES, "keys": KEYS}
"""What a part of a run may hold; ``file`` and ``abstained`` are always there."""

TEXT = ["text_key", "lang"]


def write_group(stem: Path, outcomes: list[CodedBatch], keys: pa.Table | None) -> dict[str, Path]:
    """Write what a coder made of a group of partitions.

    Parameters
    ----------
    stem : Path
        The file of outcomes; the others stand beside it.
    outcomes : list of CodedBatch
        The batches of the group.
    keys : pa.Table, optional
        Schema `core.schema.KEYS`, from a coder that reads contexts.

    Returns
    -------
    dict of Path
        The files by kind; the file of outcomes is written last, so that a group whose file is there is whole.

    Raises
    ------
    YuhuError
        YH502 a table has another schema; YH204 the disk is full.
    """
    tables: dict[str, list[pa.Table] | None] = {
        "abstained": [one.abstained for one in outcomes],
        "failed": [one.failed for one in outcomes if one.failed is not None] or None,
        "scores": [one.scores for one in outcomes if one.scores is not None] or None,
        "keys": [keys] if keys is not None else None,
        "file": [one.codings for one in outcomes],
    }
    paths = {kind: path_of(stem, kind) for kind, parts in tables.items() if parts is not None}
    temporary = {kind: _written(tables[kind] or [], path, KINDS[kind]) for kind, path in paths.items()}
    with disk_errors(stem):
        stem.unlink(missing_ok=True)  # from here on the group is not whole, until the file of outcomes is there again
        for kind in KINDS:
            if kind not in paths:
                path_of(stem, kind).unlink(missing_ok=True)
        for kind, path in paths.items():
            temporary[kind].replace(path)
    return paths


def path_of(stem: Path, kind: str) -> Path:
    """Where a kind of outcome of a group stands."""
    return stem if kind == "file" else stem.with_suffix(f".{kind}.parquet")


def _written(parts: list[pa.Table], path: Path, schema: pa.Schema) -> Path:
    """A temporary file beside the one that it will be."""
    for part in parts:
        if part.schema != schema:
            raise YuhuError(
                "YH502", "a coder returned columns of another kind", facts={"found": part.schema, "expected": schema}, fix="mend the coder"
            )
    temporary = path.with_name(f"{path.name}.tmp")
    with disk_errors(path):
        pq.write_table(pa.concat_tables([schema.empty_table(), *parts]), temporary, compression="zstd")
        sync_file(temporary)
    return temporary


def is_there(study: Study, part: Mapping[str, Any] | None) -> bool:
    """Whether all files of a part of a run are on disk."""
    return part is not None and all((study.path / name).is_file() for name in part.values())


@dataclass(frozen=True)
class MachineCodings:
    """What a machine coder said of a study, as lazy frames with one row per text, language and decision.

    ``failed``, ``scores`` and ``keys`` are None where the coder has none; see `core.schema` for the columns.
    """

    codings: pl.LazyFrame
    abstained: pl.LazyFrame
    failed: pl.LazyFrame | None
    scores: pl.LazyFrame | None
    keys: pl.LazyFrame | None

    def keyed(self, responses: pl.LazyFrame) -> pl.LazyFrame:
        """Responses whose ``text_key`` is the one that the codings have: that of the text with its context, where the coder read it."""
        if self.keys is None:
            return responses
        with_context = self.keys.select("response_id", _key="text_key")
        return (
            responses.join(with_context, on="response_id", how="left").with_columns(text_key=pl.coalesce("_key", "text_key")).drop("_key")
        )


def read_machine(study: Study, run: Run) -> MachineCodings:
    """The codings of a run.

    Raises
    ------
    YuhuError
        YH205 files are missing.
    """
    if not all(is_there(study, part) for part in run.parts.values()):
        raise YuhuError(
            "YH205", "machine codings are missing", facts={"coder": run.coder}, fix=f"yuhu code {study.path} --with {run.coder}"
        )

    def frame(kind: str, unique: list[str]) -> pl.LazyFrame | None:
        paths = sorted({study.path / part[kind] for part in run.parts.values() if kind in part})
        return pl.scan_parquet(paths).unique(unique) if paths else None

    codings, abstained = frame("file", [*TEXT, "code"]), frame("abstained", TEXT)
    return MachineCodings(
        _empty(MACHINE_CODING) if codings is None else codings,
        _empty(ABSTAINED) if abstained is None else abstained,
        frame("failed", [*TEXT, "code"]),
        frame("scores", [*TEXT, "code", "value_id"]),
        frame("keys", ["response_id"]),
    )


def _empty(schema: pa.Schema) -> pl.LazyFrame:
    return pl.LazyFrame(schema=polars_schema(schema))

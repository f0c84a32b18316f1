"""The manifest: which partitions belong to the study, and where they came from.

Whatever the manifest does not name is not part of the study; so replacing this one file commits a whole step.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from yuhu.core.errors import YuhuError
from yuhu.core.schema import SCHEMA_VERSION
from yuhu.study.files import write_atomic

FILE = "manifest.json"


@dataclass(frozen=True)
class Partition:
    """One immutable Parquet file of a table; small sources that came together share one."""

    table: str
    sources: list[str]
    path: str
    rows: int
    sha256: str
    videos: list[str] | None = None


@dataclass(frozen=True)
class SourceEntry:
    """One imported file: seen = kept + rejected.

    ``said`` is what the person said of it, ``container`` the archive or folder it came in, ``raw`` the file of its raw copy (empty where none is kept).
    """

    source: str
    file: str
    sha256: str
    bytes: int
    identity: str
    importer: str
    what: str
    seen: int
    kept: int
    rejected: int
    rows: dict[str, int]
    first_rejects: list[str]
    videos: list[str]
    video_from: str
    platform: str
    sort_order: str
    exported_at: str
    is_truncated: bool
    truncation: list[str]
    notes: list[str]
    added_at: str
    said: dict[str, Any] = field(default_factory=dict)
    context: dict[str, str] = field(default_factory=dict)
    expected: list[dict[str, Any]] = field(default_factory=list)
    caps: dict[str, int] = field(default_factory=dict)
    first_level_only: bool = False
    container: str = ""
    raw: str = ""


@dataclass(frozen=True)
class Run:
    """A finished machine coding: one sparse Parquet file per partition of responses."""

    coder: str
    kind: str
    run: str
    codebook_hash: str
    served: list[str]
    parameters: dict[str, Any]
    parts: dict[str, dict[str, Any]]
    finished_at: str


@dataclass
class Manifest:
    """What stands in ``manifest.json``."""

    schema_version: int = SCHEMA_VERSION
    yuhu: str = ""
    created_at: str = ""
    sources: list[SourceEntry] = field(default_factory=list)
    partitions: list[Partition] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)

    def of(self, table: str) -> list[Partition]:
        """The partitions of a table, in the order they came."""
        return [partition for partition in self.partitions if partition.table == table]

    def run_of(self, coder: str) -> Run | None:
        """The newest finished run of a coder."""
        return next((run for run in reversed(self.runs) if run.coder == coder), None)

    def write(self, folder: Path) -> None:
        """Replace the manifest in one step."""
        content = {name: [vars(one) for one in held] if isinstance(held, list) else held for name, held in vars(self).items()}
        write_atomic(folder / FILE, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a study.

    Raises
    ------
    YuhuError
        YH201 no study; YH204 newer schema; YH205 damaged.
    """
    path = folder / FILE
    if not path.is_file():
        raise YuhuError(
            "YH201",
            f"`{folder}` is not a study",
            facts={"expected": f"a folder with {FILE}"},
            fix=f"check the path (`.` inside a study); yuhu init {folder} makes a new one",
        )
    try:
        raw = json.loads(path.read_bytes())
        version = int(raw["schema_version"])
    except (ValueError, KeyError, TypeError) as error:
        raise YuhuError("YH205", f"{FILE} cannot be read", facts={"reason": error}, fix="restore the study from a backup") from error
    if version > SCHEMA_VERSION:
        raise YuhuError(
            "YH204",
            "the study was written by a newer yuhu",
            facts={"schema found": version, "schema known": SCHEMA_VERSION, "written by": raw.get("yuhu", "?")},
            fix="upgrade yuhu: pip install --upgrade yuhu",
        )
    try:
        return Manifest(
            schema_version=version,
            yuhu=raw["yuhu"],
            created_at=raw["created_at"],
            sources=[SourceEntry(**entry) for entry in raw["sources"]],
            partitions=[Partition(**entry) for entry in raw["partitions"]],
            runs=[Run(**entry) for entry in raw["runs"]],
        )
    except (KeyError, TypeError) as error:
        raise YuhuError(
            "YH205", f"{FILE} lacks something", facts={"missing or unknown": error}, fix="restore the study from a backup"
        ) from error

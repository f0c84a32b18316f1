"""What cleaning adds to a study: texts with their forms, and flags of messages, beside the tables and never in their place."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from yuhu.core.schema import polars_schema
from yuhu.study.files import TEMPORARY, disk_errors, sync_folder, write_atomic
from yuhu.study.lock import WriteLock
from yuhu.study.results import data_hash
from yuhu.study.store import Study
from yuhu.study.transaction import sync_file
from yuhu.texts.rules import rules_hash

FOLDER = "derived"
TEXTS, FLAGS, MANIFEST = "texts.parquet", "flags.parquet", "cleaning.json"

CLEANED_TEXTS = pa.schema(
    [
        ("text_key", pa.int64()),
        ("lang", pa.string()),
        ("lang_confidence", pa.float64()),
        ("is_mixed", pa.bool_()),
        ("simplified", pa.string()),
        ("normal", pa.string()),
        ("n_equal", pa.int64()),
        ("n_authors", pa.int64()),
        ("n_videos", pa.int64()),
        ("n_most", pa.int64()),
        ("near_group", pa.int64()),
        ("n_near", pa.int64()),
        ("emoji", pa.list_(pa.string())),
        ("emoji_zh", pa.list_(pa.string())),
    ]
)
"""One row per distinct text and language, without special danmaku. ``lang_confidence`` is null where the file states another language than the
text shows; ``n_authors`` where no author is known."""

CLEANED_FLAGS = pa.schema([("response_id", pa.string()), ("rule", pa.string())])
"""One row per message and rule that flags it: by rule, the earliest message first."""


@dataclass(frozen=True)
class Cleaned:
    """What cleaning found in the study as it is now.

    Parameters
    ----------
    path : Path
        The folder.
    manifest : mapping
        ``data`` and ``rules`` (hashes), ``versions`` and ``parameters`` of the rules, ``messages``, ``texts``, ``flagged`` (messages by rule).
    """

    path: Path
    manifest: Mapping[str, Any]

    @property
    def rules(self) -> str:
        """Hash of the rules."""
        return str(self.manifest["rules"])

    @property
    def flagged(self) -> dict[str, int]:
        """Messages that each rule flags."""
        return {str(rule): int(n) for rule, n in self.manifest["flagged"].items()}

    def texts(self) -> pl.LazyFrame:
        """Distinct texts with what was added to them: `CLEANED_TEXTS`."""
        return pl.scan_parquet(self.path / TEXTS, schema=polars_schema(CLEANED_TEXTS))

    def flags(self) -> pl.LazyFrame:
        """Flagged messages: `CLEANED_FLAGS`."""
        return pl.scan_parquet(self.path / FLAGS, schema=polars_schema(CLEANED_FLAGS))


def read_cleaned(study: Study) -> Cleaned | None:
    """What cleaning found; None if the data or the rules are others now, or nothing was cleaned."""
    folder = study.path / FOLDER / data_hash(study)
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        is_current = manifest["rules"] == rules_hash() and isinstance(manifest["flagged"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Cleaned(folder, manifest) if is_current and (folder / TEXTS).is_file() and (folder / FLAGS).is_file() else None


def write_cleaned(study: Study, texts: pa.Table, flags: Iterable[pa.Table], manifest: Mapping[str, Any]) -> Cleaned:
    """Store what cleaning found, in place of what it found in other data or by other rules; equal content gives equal bytes.

    Raises
    ------
    YuhuError
        YH203 another process writes to the study; YH209 the disk refused.
    """
    home = study.path / FOLDER
    folder = home / data_hash(study)
    with WriteLock(study.path), disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST).unlink(missing_ok=True)  # until all is there, nothing is
        _write(folder / TEXTS, CLEANED_TEXTS, [texts])
        _write(folder / FLAGS, CLEANED_FLAGS, flags)
        sync_folder(folder)
        write_atomic(folder / MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n")
        for old in sorted(home.iterdir()):
            if old != folder:
                _remove(old)
    return Cleaned(folder, manifest)


def _write(path: Path, schema: pa.Schema, tables: Iterable[pa.Table]) -> None:
    temporary = path.with_suffix(TEMPORARY)
    with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
        for table in tables:
            writer.write_table(table.cast(schema))
    sync_file(temporary)
    temporary.replace(path)


def _remove(folder: Path) -> None:
    """Remove what cleaning wrote for other data."""
    if not folder.is_dir():
        return
    for name in (MANIFEST, TEXTS, FLAGS, *(str(Path(file).with_suffix(TEMPORARY)) for file in (TEXTS, FLAGS))):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()

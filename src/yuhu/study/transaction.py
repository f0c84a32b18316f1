"""Changing a study: stage partitions, then commit them all by replacing the manifest."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl
import pyarrow.parquet as pq

from yuhu.core.schema import SCHEMA_VERSION, arrow_schema, conform, frame_schema
from yuhu.study.files import TEMPORARY, disk_errors, sync_folder
from yuhu.study.lock import WriteLock
from yuhu.study.manifest import Partition, read_manifest
from yuhu.study.store import Study

INCOMING = ".incoming-"
"""Folders with unpacked or converted copies of files that are being added, named after their process; they go with the step."""

MACHINE, PARTIAL = "machine", "partial"
"""The folder of machine codings, by coder and run; the mark of a run that has not ended, whose files the next call of `yuhu code` takes up."""

_OF_GROUPS = (".parquet", ".tmp")
_VIDEOS_LISTED = 1000
_SELDOM_TWICE = frozenset(("response_id", "parent_id", "root_id", "at_ms", "sent_at", "place", "hash", "record"))
"""Columns whose values seldom come again: without a dictionary they take less time and, in all but a few files, less room."""
_TIMES = frozenset(("at_ms", "sent_at"))
"""Columns that hold times near each other: their differences take less time to pack, and less room."""


class Transaction:
    """One change of a study. Leaving the block without `commit` leaves the study as it was.

    Notes
    -----
    Partitions are written under their final names but count only once the manifest names them; what it does not name is swept away by
    the next transaction.
    """

    def __init__(self, study: Study) -> None:
        self._folder = study.path
        self._lock = WriteLock(study.path)
        self.manifest = study.manifest
        self._staged: list[Partition] = []
        self._replaced: list[Partition] = []
        self._is_thorough = False

    def __enter__(self) -> Self:
        self._lock.__enter__()
        self.manifest = read_manifest(self._folder)
        self._sweep()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._staged:
                self._sweep()
        finally:
            self._lock.__exit__(kind, error, trace)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """A private folder for copies of files that are being added; it goes with the block, or with the next change after a crash."""
        room = self._folder / f"{INCOMING}{os.getpid()}-{id(self):x}"
        with disk_errors(room):
            room.mkdir(mode=0o700)
        try:
            yield room
        finally:
            shutil.rmtree(room, ignore_errors=True)

    @property
    def staged(self) -> list[Partition]:
        """Partitions written and not yet committed."""
        return self._staged

    def stage(self, table: str, sources: Sequence[str], frame: pl.DataFrame) -> Partition:
        """Write a frame as the next partition of one or several sources; it must have the table's columns."""
        schema = arrow_schema(table)
        folder = Path("raw") / sources[0] if table == "raw" else Path("tables") / table / sources[0]
        taken = {part.path for part in (*self.manifest.of(table), *self._staged, *self._replaced)}
        number = sum(Path(path).parent == folder for path in taken)
        while str(path := folder / f"part-{number:05d}.parquet") in taken:
            number += 1
        full = self._folder / path
        arrow = conform(frame, frame_schema(table)).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)
        with disk_errors(full):
            full.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(
                arrow,
                full,
                compression="zstd",
                write_statistics=table != "raw",
                use_dictionary=[name for name in schema.names if name not in _SELDOM_TWICE],
                column_encoding=dict.fromkeys(_TIMES.intersection(schema.names), "DELTA_BINARY_PACKED"),
            )
        part = Partition(table, list(sources), str(path), frame.height, file_hash(full), _videos(frame))
        self._staged.append(part)
        return part

    def drop_staged(self, source: str) -> None:
        """Forget what was staged for a source alone."""
        self._staged = [part for part in self._staged if part.sources != [source]]

    def of(self, table: str) -> list[Partition]:
        """The partitions of a table as they will be once the change is committed."""
        gone = {part.path for part in self._replaced}
        return [
            *(part for part in self.manifest.of(table) if part.path not in gone),
            *(part for part in self._staged if part.table == table),
        ]

    def replace(self, part: Partition, frame: pl.DataFrame) -> Partition | None:
        """Put a frame in a partition's place once the change is committed; an empty one takes the partition away."""
        held = frame["source"].unique(maintain_order=True).to_list() if "source" in frame.columns else part.sources
        fresh = self.stage(part.table, held, frame) if frame.height else None
        if part in self._staged:
            self._staged.remove(part)
            (self._folder / part.path).unlink(missing_ok=True)
        else:
            self._replaced.append(part)
        return fresh

    def drop_unfinished(self) -> None:
        """Let go of machine codings that the manifest as it will be does not name: unfinished runs, and groups of a run that was broken off.

        Files of runs that the manifest on disk still names go with the commit.
        """
        self._is_thorough = True
        machine = self._folder / MACHINE
        kept = {(run.coder, run.run): run for run in self.manifest.runs}
        on_disk = {(run.coder, run.run) for run in read_manifest(self._folder).runs}
        for folder in sorted(machine.glob("*/*")) if machine.is_dir() else ():
            which = (folder.parent.name, folder.name)
            if which not in kept and which not in on_disk:
                shutil.rmtree(folder)
                continue
            (folder / PARTIAL).unlink(missing_ok=True)
            if which not in kept:
                continue
            named = {path for part in kept[which].parts.values() for path in part.values()}
            for file in folder.iterdir():
                if file.suffix in _OF_GROUPS and str(file.relative_to(self._folder)) not in named:
                    file.unlink()

    def commit(self) -> None:
        """Make all that was staged part of the study, in one step."""
        folders: set[Path] = set()
        with disk_errors(self._folder):
            for part in self._staged:
                full = self._folder / part.path
                sync_file(full)
                folders.update((full.parent, full.parent.parent))
            for folder in sorted(folders):
                sync_folder(folder)
        gone = {part.path for part in self._replaced}
        self.manifest.partitions = [*(part for part in self.manifest.partitions if part.path not in gone), *self._staged]
        self._staged, self._replaced = [], []
        self.manifest.schema_version = SCHEMA_VERSION
        self.manifest.write(self._folder)
        if gone or self._is_thorough:
            self._sweep()

    def _sweep(self) -> None:
        """Remove files that no manifest names: left over from a step that did not end."""
        named = {part.path for part in self.manifest.partitions}
        for home, depth in ((self._folder / "tables", "*/*"), (self._folder / "raw", "*")):
            for file in home.rglob("*") if home.is_dir() else ():
                if file.is_file() and str(file.relative_to(self._folder)) not in named:
                    file.unlink(missing_ok=True)
            for folder in sorted(home.glob(depth), reverse=True) if home.is_dir() else ():
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
        for room in self._folder.glob(f"{INCOMING}*"):
            if not _is_alive(room.name.removeprefix(INCOMING).partition("-")[0]):
                shutil.rmtree(room, ignore_errors=True)
        for left in self._folder.glob(f".*{TEMPORARY}"):
            if not _is_alive(left.name.removesuffix(TEMPORARY).rpartition(".")[2]):
                left.unlink(missing_ok=True)
        machine = self._folder / MACHINE
        runs = {(run.coder, run.run) for run in self.manifest.runs}
        for folder in machine.glob("*/*") if machine.is_dir() else ():
            if (folder.parent.name, folder.name) not in runs and not (folder / PARTIAL).exists():
                shutil.rmtree(folder, ignore_errors=True)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_alive(process: str) -> bool:
    """Whether a process that is writing a temporary file still runs."""
    if not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def reopened(study: Study) -> Study:
    """The study with the manifest as it is now."""
    return replace(study, manifest=read_manifest(study.path))


def sync_file(path: Path) -> None:
    """Make a file's content durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _videos(frame: pl.DataFrame) -> list[str] | None:
    if "video_id" not in frame.columns:
        return None
    videos = frame["video_id"].unique().sort()
    return None if len(videos) > _VIDEOS_LISTED or videos.null_count() else videos.to_list()

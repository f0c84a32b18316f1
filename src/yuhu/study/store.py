"""The `Study` noun: a folder with settings, immutable tables under a manifest, and human codings."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.codebook import Codebook, built_in_text, load_codebook
from yuhu.core.errors import YuhuError
from yuhu.core.schema import TABLES, frame_schema
from yuhu.core.version import __version__
from yuhu.study.codebooks import keep_codebook
from yuhu.study.files import disk_errors, write_atomic
from yuhu.study.manifest import FILE as MANIFEST
from yuhu.study.manifest import Manifest, Partition, read_manifest
from yuhu.study.pseudonyms import Pseudonyms, make_secret, read_secret
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.settings import Settings, read_settings

CODEBOOK = "codebook.yaml"
MINIMUM_WORKS = 10


@dataclass(frozen=True)
class Study:
    """A study on disk. It has no verbs: they are functions of `yuhu`.

    Parameters
    ----------
    path : Path
        The folder.
    settings : Settings
        From ``study.yaml``.
    manifest : Manifest
        As it was when the study was opened.
    """

    path: Path
    settings: Settings
    manifest: Manifest

    def scan(self, table: str, partitions: Sequence[Partition] | None = None) -> pl.LazyFrame:
        """A table as a lazy frame; empty, with its columns, where there is none.

        Raises
        ------
        KeyError
            There is no such table.
        """
        parts = self.manifest.of(table) if partitions is None else partitions
        schema = frame_schema(table)
        if not parts:
            return pl.LazyFrame(schema=schema)
        return pl.scan_parquet([self.path / part.path for part in parts], schema=schema, missing_columns="insert")

    def codebook(self) -> Codebook:
        """The study's codebook.

        Raises
        ------
        YuhuError
            YH205 it is missing; YH401 it breaks its rules.
        """
        path = self.path / CODEBOOK
        if not path.is_file():
            raise YuhuError(
                "YH205", f"{CODEBOOK} is missing", facts={"study": self.path}, fix="restore it, or copy the one of another study"
            )
        return load_codebook(path.read_text("utf-8"), name=CODEBOOK)

    def modules(self, book: Codebook) -> frozenset[str]:
        """Modules that are on: the codebook's default ones and those of study.yaml.

        Raises
        ------
        YuhuError
            YH206 study.yaml names a module that the codebook lacks.
        """
        known = {str(module["id"]) for module in book.modules}
        for module in self.settings.modules:
            if module not in known:
                raise YuhuError(
                    "YH206",
                    f"module `{module}` is not in the codebook",
                    facts={"known": ", ".join(sorted(known))},
                    fix="mend `modules` in study.yaml",
                )
        return book.default_modules | frozenset(self.settings.modules)

    def pseudonyms(self) -> Pseudonyms:
        """The study's key maker."""
        return Pseudonyms(read_secret(self.path))

    def videos(self) -> pl.DataFrame:
        """One row per video: what sources say, with the works of study.yaml put over them."""
        frame = self.scan("videos").collect()
        merged = frame.group_by("video_id", maintain_order=True).agg(
            pl.col(name).drop_nulls().first() for name in frame.columns if name != "video_id"
        )
        of_work = {video: work for work, videos in self.settings.works.items() for video in videos}
        works = pl.DataFrame(
            {"video_id": list(of_work), "set_work": list(of_work.values())}, schema={"video_id": pl.String, "set_work": pl.String}
        )
        return (
            merged.join(works, on="video_id", how="left", maintain_order="left")
            .with_columns(work_id=pl.coalesce("set_work", "work_id", "video_id"))
            .drop("set_work")
            .sort("video_id")
        )

    def mentions(self) -> pl.LazyFrame:
        """Media times that comments name in their texts, without those beyond the end of a video whose duration is known."""
        durations = self.videos().select("video_id", "duration_ms").lazy()
        kept = self.scan("mentions").join(durations, on="video_id", how="left")
        return kept.filter(pl.col("at_ms") <= pl.col("duration_ms").fill_null(pl.col("at_ms"))).drop("duration_ms")

    def target(self) -> str:
        """The population that inference speaks of: ``corpus`` or ``superpopulation``."""
        if self.settings.target != "auto":
            return self.settings.target
        return "superpopulation" if self.n_works() >= MINIMUM_WORKS else "corpus"

    def n_works(self) -> int:
        """Independent works: re-uploads of a work count once, and so do the episodes of one series (where ``works`` says so)."""
        return self.videos()["work_id"].n_unique() if self.manifest.of("videos") else 0


def create_study(
    path: Path, settings: Settings, *, codebook: str | None = None, secret: bytes | None = None, created_at: str = ""
) -> Study:
    """Make a study folder.

    Raises
    ------
    YuhuError
        YH202 the folder holds a study or other files; YH401 the codebook breaks its rules.
    """
    if (path / MANIFEST).exists():
        raise YuhuError("YH202", f"`{path}` already holds a study", fix=f"yuhu status {path}")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise YuhuError("YH202", f"`{path}` is not an empty folder", fix="choose a new folder")
    text = codebook if codebook is not None else built_in_text()
    book = load_codebook(text)
    with disk_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    write_atomic(path / CODEBOOK, text.encode())
    keep_codebook(path, book)
    write_atomic(path / SETTINGS, settings.text().encode())
    make_secret(path, secret)
    Manifest(yuhu=__version__, created_at=created_at).write(path)
    return open_study(path)


def open_study(path: Path | str) -> Study:
    """Open a study.

    Raises
    ------
    YuhuError
        YH201 no study; YH204 newer schema; YH205 damaged; YH206 settings.
    """
    folder = Path(path)
    manifest = read_manifest(folder)
    study = Study(folder, read_settings(folder), manifest)
    missing = [part.path for part in manifest.partitions if part.table in TABLES and not (folder / part.path).is_file()]
    if missing:
        raise YuhuError(
            "YH205",
            "partitions of the study are missing",
            facts={"missing": len(missing), "first": missing[0]},
            fix="restore the study from a backup",
        )
    return study

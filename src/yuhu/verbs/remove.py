"""`yuhu remove`: take a source out of a study again."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.study.derived import FOLDER
from yuhu.study.manifest import Partition, SourceEntry
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction


@dataclass(frozen=True)
class Removed:
    """What a removal took out: the sources, and rows by table."""

    sources: list[str]
    rows: dict[str, int]
    advice: list[str]

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {"sources": self.sources, "rows": self.rows, "advice": self.advice}


def remove(study: Study, sources: Sequence[str], *, raw_only: bool = False) -> Removed:
    """Take sources out of a study: their rows of every table, their rejects and their raw copies.

    Parameters
    ----------
    study : Study
        The study.
    sources : sequence of str
        Ids of sources as `status` shows them, or names of files.
    raw_only : bool
        Take only the raw copies out; of all sources if none is named.

    Returns
    -------
    Removed

    Raises
    ------
    YuhuError
        YH207 no such source, or several files have this name; YH203 another writer.

    Notes
    -----
    A record that two sources hold stands under the one that came first; with that one it goes, and adding the other one anew brings it back.
    Human codings stay; those on units that are gone count no longer.
    """
    with Transaction(study) as change:
        named = [found.source for name in sources for found in _found(change.manifest.sources, name)]
        if raw_only and not sources:
            named = [entry.source for entry in change.manifest.sources]
        gone = set(named)
        rows: dict[str, int] = {}
        for part in list(change.manifest.partitions):
            if gone.isdisjoint(part.sources) or (raw_only and part.table != "raw"):
                continue
            rows[part.table] = rows.get(part.table, 0) + _without(study, change, part, gone)
        repeated = [
            entry.file for entry in change.manifest.sources if entry.source not in gone and _may_hold(entry, gone, change.manifest.sources)
        ]
        if not raw_only:
            change.manifest.sources = [entry for entry in change.manifest.sources if entry.source not in gone]
        else:
            change.manifest.sources = [replace(entry, raw="") if entry.source in gone else entry for entry in change.manifest.sources]
        change.commit()
        if not raw_only:
            shutil.rmtree(study.path / FOLDER, ignore_errors=True)
    advice = []
    if repeated and not raw_only:
        advice.append(
            f"records that stood in these files, too, went with it; to bring them back: yuhu remove and yuhu add {', '.join(repeated[:5])}"
        )
    return Removed(named, {table: n for table, n in rows.items() if n}, advice)


def _found(entries: Sequence[SourceEntry], name: str) -> list[SourceEntry]:
    exact = [entry for entry in entries if entry.source == name] or [entry for entry in entries if entry.file == name]
    if len(exact) == 1:
        return exact
    if not exact:
        known = ", ".join(entry.source for entry in entries[:6]) or "none"
        raise YuhuError("YH207", f"the study has no source `{name}`", facts={"known": known}, fix="yuhu status STUDY shows the sources")
    raise YuhuError(
        "YH207",
        f"{len(exact)} sources are called `{name}`",
        facts={"ids": ", ".join(entry.source for entry in exact[:6])},
        fix="name one by its id",
    )


def _without(study: Study, change: Transaction, part: Partition, gone: set[str]) -> int:
    """Rewrite a partition without rows of some sources; how many went."""
    frame = study.scan(part.table, [part]).collect()
    left = frame.filter(~pl.col("source").is_in(list(gone)))
    change.replace(part, left)
    return frame.height - left.height


def _may_hold(entry: SourceEntry, gone: set[str], entries: Sequence[SourceEntry]) -> bool:
    """Whether a source that stays met records that a source that goes had brought before."""
    videos = {video for other in entries if other.source in gone for video in other.videos}
    return any("already in the study" in line for line in entry.first_rejects) and (
        not videos or not videos.isdisjoint(entry.videos) or not entry.videos
    )

"""`yuhu remap`: map the raw copies again with the importers that are installed now, and say row by row what changed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from yuhu import sources as _sources  # noqa: F401 - importing the room registers its importers
from yuhu.core.contracts import Facts, Origin, Remapper
from yuhu.core.errors import YuhuError
from yuhu.core.progress import step
from yuhu.core.registry import registered
from yuhu.core.schema import TABLES, frame_schema
from yuhu.study.forgotten import read_forgotten
from yuhu.study.intake import FORGOTTEN, KNOWN, Draft, Intake
from yuhu.study.known import KnownResponses
from yuhu.study.manifest import SourceEntry
from yuhu.study.raw import raw_frame, raw_of, raw_records
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction

CHANGES: dict[str, pl.DataType] = {
    "source": pl.String(),
    "response_id": pl.String(),
    "change": pl.String(),
    "column": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
_MAPPED = ("responses", "videos", "metrics", "links", "segments", "signals", "exposure", "mentions", "rejects")


@dataclass(frozen=True)
class Remapped:
    """What became of each source, and the changes row by row (columns of `CHANGES`)."""

    sources: Mapping[str, str]
    changes: pl.DataFrame
    is_dry: bool

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        counts = self.changes.group_by("source", "change").len().sort("source", "change")
        return {"sources": dict(self.sources), "counts": [list(row) for row in counts.iter_rows()], "dry": self.is_dry}


@dataclass(frozen=True)
class _Mapped:
    """A source mapped again: its rows by table, and its entry."""

    entry: SourceEntry
    tables: Mapping[str, pl.DataFrame]


def remap(study: Study, sources: Sequence[str] = (), *, dry: bool = False) -> Remapped:
    """Map raw copies again.

    Parameters
    ----------
    study : Study
        The study.
    sources : sequence of str
        Ids of sources; all that have a raw copy if none.
    dry : bool
        Only say what would change.

    Returns
    -------
    Remapped
        ``unchanged``, ``changed (importer)`` or the reason why a source cannot be mapped again; and every changed cell.

    Raises
    ------
    YuhuError
        YH207 no such source; YH203 another writer.

    Notes
    -----
    Time linear in the records of the sources. A response keeps its id unless the importer reads another id; machine codings of partitions that changed
    are made anew by the next `code`.
    """
    states: dict[str, str] = {}
    frames: list[pl.DataFrame] = []
    with Transaction(study) as change:
        current = replace(study, manifest=change.manifest)
        entries = [entry for entry in change.manifest.sources if not sources or entry.source in sources]
        unknown = set(sources) - {entry.source for entry in entries}
        if unknown:
            raise YuhuError("YH207", f"the study has no source `{min(unknown)}`", fix=f"yuhu status {study.path} shows the sources")
        for done, entry in enumerate(entries):
            step(entry.file, done, len(entries))
            importer = importer_of(entry)
            if not entry.raw or importer is None:
                states[entry.source] = "no raw copy is kept" if not entry.raw else f"no importer installed maps {entry.importer} again"
                continue
            mapped = _mapped(current, entry, importer)
            changes = _changes(current, entry.source, mapped.tables["responses"])
            same = not changes.height and mapped.entry == entry and _other_tables_equal(current, entry.source, mapped.tables)
            states[entry.source] = "unchanged" if same else f"changed ({entry.importer} to {importer.name})"
            frames.append(changes)
            if not same and not dry:
                _replace(current, change, mapped)
                change.manifest.sources = [mapped.entry if one.source == entry.source else one for one in change.manifest.sources]
        step("", len(entries), len(entries))
        if not dry and any(state.startswith("changed") for state in states.values()):
            change.commit()
    return Remapped(states, pl.concat([pl.DataFrame(schema=CHANGES), *frames]), dry)


def importer_of(entry: SourceEntry) -> Remapper | None:
    """The newest version of the importer that read a source, if it can map records again."""
    family = entry.importer.rpartition(".")[0]
    found = [name for name in registered("importers") if name.rpartition(".")[0] == family]
    if not found:
        return None
    newest = max(found, key=lambda name: int(re.sub(r"\D", "", name.rpartition(".")[2]) or 0))
    importer = registered("importers")[newest]()
    return importer if isinstance(importer, Remapper) else None


def _mapped(study: Study, entry: SourceEntry, importer: Remapper) -> _Mapped:
    origin, facts = _restored(entry)
    pseudonyms = study.pseudonyms()
    others = [
        (part.videos, study.scan("responses", [part]).filter(pl.col("source") != entry.source)) for part in study.manifest.of("responses")
    ]
    intake = Intake(pseudonyms, KnownResponses(others), forgotten=read_forgotten(study.path, pseudonyms), is_again=True)
    drafts = [Draft(entry.source, origin, batch) for batch in importer.again(raw_records(study, entry.source), origin, facts)]
    taken = intake.take(drafts)
    places = raw_frame(study, entry.source).select("place").collect()["place"]
    before = _of(study, "rejects", entry.source)
    unread = before.filter(~pl.col("why").is_in([KNOWN, FORGOTTEN]) & ~pl.col("place").is_in(places.implode()))
    tables = {name: taken.tables.get(name, pl.DataFrame(schema=frame_schema(name))) for name in _MAPPED}
    tables["rejects"] = _in_old_order(before, pl.concat([unread, tables["rejects"]]))
    seen = len(places) + unread.height
    repeated = taken.known.get(entry.source, 0) + taken.forgotten.get(entry.source, 0)
    kept = sum(draft.batch.kept for draft in drafts) - repeated
    fresh = replace(
        entry,
        importer=importer.name,
        seen=seen,
        kept=kept,
        rejected=seen - kept,
        rows={name: frame.height for name, frame in tables.items() if frame.height},
    )
    return _Mapped(fresh, tables)


def _in_old_order(before: pl.DataFrame, rejects: pl.DataFrame) -> pl.DataFrame:
    """Rejects with the hashes of the first reading (the raw copy has other bytes), those that stood there before in their old order, new ones last."""
    keys = ["source", "place", "why"]
    numbered = [frame.with_columns(nth=pl.int_range(pl.len()).over(keys)) for frame in (before.with_row_index("at"), rejects)]
    joined = numbered[1].join(numbered[0].select(*keys, "nth", "at", old="hash"), on=[*keys, "nth"], how="left", maintain_order="left")
    ordered = joined.sort("at", nulls_last=True, maintain_order=True)
    return ordered.select("source", "place", "why", pl.coalesce("old", "hash").alias("hash"))


def _restored(entry: SourceEntry) -> tuple[Origin, Facts]:
    """What a person and the file said when it was read first."""
    origin = Origin(Path(entry.file), called=entry.file, **entry.said)
    return origin, Facts(platform=entry.platform, what=entry.what, context=dict(entry.context), video_from=entry.video_from)


def response_ids(study: Study, entry: SourceEntry, importer: Remapper, rows: pl.DataFrame) -> list[str]:
    """Ids of the responses that some rows of a raw copy give."""
    origin, facts = _restored(entry)
    intake = Intake(study.pseudonyms(), KnownResponses([]), is_again=True)
    drafts = [Draft(entry.source, origin, batch) for batch in importer.again(iter([raw_of(rows)]), origin, facts)]
    taken = intake.take(drafts).tables
    return taken["responses"]["response_id"].to_list() if "responses" in taken else []


def _of(study: Study, table: str, source: str) -> pl.DataFrame:
    parts = [part for part in study.manifest.of(table) if source in part.sources]
    return study.scan(table, parts).filter(pl.col("source") == source).collect()


def _changes(study: Study, source: str, after: pl.DataFrame) -> pl.DataFrame:
    """What changed in the responses of a source, cell by cell."""
    before = _of(study, "responses", source)
    columns = [name for name in TABLES["responses"].names if name not in {"response_id", "source"}]
    cells = [pl.col(name).cast(pl.String) for name in columns]
    old = before.select("response_id", *cells).unpivot(columns, index="response_id", variable_name="column", value_name="before")
    new = after.select("response_id", *cells).unpivot(columns, index="response_id", variable_name="column", value_name="after")
    both = old.join(new, on=["response_id", "column"], how="inner", maintain_order="left").filter(
        pl.col("before").ne_missing(pl.col("after"))
    )
    gone = before.join(after, on="response_id", how="anti").select("response_id", before="text")
    come = after.join(before, on="response_id", how="anti").select("response_id", after="text")
    text = pl.lit("text").alias("column")
    empty = pl.DataFrame(schema=CHANGES)
    found = [
        both.with_columns(change=pl.lit("changed")),
        gone.with_columns(text, change=pl.lit("removed")),
        come.with_columns(text, change=pl.lit("added")),
    ]
    return pl.concat([empty, *found], how="diagonal").with_columns(source=pl.lit(source)).select(*CHANGES)


def _other_tables_equal(study: Study, source: str, tables: Mapping[str, pl.DataFrame]) -> bool:
    return all(_of(study, name, source).equals(frame) for name, frame in tables.items() if name != "responses")


def _replace(study: Study, change: Transaction, mapped: _Mapped) -> None:
    source = mapped.entry.source
    for name, frame in mapped.tables.items():
        for part in [part for part in change.of(name) if source in part.sources]:
            whole = study.scan(name, [part]).collect()
            change.replace(part, whole.filter(pl.col("source") != source))
        if frame.height:
            change.stage(name, [source], frame)

"""Files on their way into a study: read one after another; taken in and written in large groups beside the reading."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from types import TracebackType
from typing import Self

import polars as pl

from yuhu.core.contracts import Origin, Personal, Raw, Reject, Remapper
from yuhu.core.errors import YuhuError
from yuhu.core.progress import say
from yuhu.core.schema import frame_schema
from yuhu.sources.door import Entry
from yuhu.sources.recognise import recognise
from yuhu.study.forgotten import raw_of_the_gone, read_forgotten
from yuhu.study.intake import FORGOTTEN, KNOWN, Draft, Intake, Taken
from yuhu.study.known import KnownResponses
from yuhu.study.later import LaterExports
from yuhu.study.manifest import SourceEntry
from yuhu.study.scrub import TEXTS, Scrubber
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction
from yuhu.verbs.mapping import auto_mapping
from yuhu.verbs.remap import response_ids
from yuhu.verbs.steps import Step
from yuhu.verbs.tally import FIRST_REJECTS, Tally, source_id

GROUP = 100_000
"""Records of small files that go together. A large file goes in halves of that, since several are in memory at once and its records are wide."""


class Intray:
    """Reads files one after another and hands their drafts on in large groups.

    Drafts of small files wait for each other; a file larger than half a group gets partitions of its own, so that it can be dropped alone.
    """

    def __init__(self, study: Study, change: Transaction, *, keep_raw: bool) -> None:
        self._change = change
        self.folder = study.path
        self._keep_raw = keep_raw
        self._pseudonyms = study.pseudonyms()
        earlier = change.manifest.of("responses")
        self._known = KnownResponses([(part.videos, study.scan("responses", [part])) for part in earlier])
        self._study = study
        self._forgotten = read_forgotten(study.path, self._pseudonyms)
        self._intake = Intake(self._pseudonyms, self._known, forgotten=self._forgotten)
        self._later = LaterExports(study, change) if earlier else None
        self._tallies: dict[str, Tally] = {}
        self._waiting: list[Draft] = []
        self._current: list[Draft] = []
        self._current_source = ""
        self._alone = False
        self._steps = self._taking, self._scrubbing, self._writing = Step("yuhu-take"), Step("yuhu-scrub"), Step("yuhu-write")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for step in self._steps:
            step.close()

    def read(self, origin: Origin, digest: str, entry: Entry) -> tuple[SourceEntry, Mapping[str, str]]:
        """Read a file whole: its entry as far as it is known, and its importer's label. It counts once `keep_current` is called."""
        source = self._current_source = source_id(origin, digest)
        tally = Tally(
            origin, digest, recognise(replace(origin, content=entry.content)), size=origin.path.stat().st_size, container=entry.container
        )
        self._tallies[source] = tally
        tally.facts.notes += entry.notes
        if entry.cut_off:
            tally.facts.truncated(entry.cut_off)
        self._alone = self._drafts(source, tally, entry.content)
        return tally.entry(source), tally.importer.label

    def mapped(self, origin: Origin) -> Origin:
        """The origin with the mapping of before, or a guess; it is said before anything is read."""
        found = auto_mapping(origin, self.folder)
        options = " ".join(f"--map {column}={name}" for column, name in found.mapping.items())
        zoned = f" --tz {found.tz}" if found.tz else ""
        say(f"{origin.name}: columns taken for {options}{zoned} ({found.where_from})")
        return replace(origin, mapping=dict(found.mapping), tz=found.tz)

    def keep_current(self) -> None:
        """The file that was read counts."""
        if self._alone:
            self._hand_on(self._current, settles=True)
        else:
            self._waiting += self._current
        self._current, self._current_source, self._alone = [], "", False
        if _size(self._waiting) >= GROUP:
            self._flush_waiting()

    def named(self, error: YuhuError) -> YuhuError:
        """The error with the study's name in its fix."""
        return type(error)(error.code, error.problem, facts=error.facts, fix=error.fix.replace("STUDY", str(self.folder)))

    def _drafts(self, source: str, tally: Tally, content: bytes | None) -> bool:
        """Collect a file's drafts; whether it is so large that it was handed on alone."""
        alone = False
        read = getattr(tally.importer, "read_small", tally.importer.read)
        origin = replace(tally.origin, encoding=None)  # the door has turned the file into UTF-8
        for batch in read(replace(origin, content=content), tally.facts):
            if batch.seen != batch.kept + len(batch.rejects):
                facts = {"seen": batch.seen, "kept": batch.kept, "rejected": len(batch.rejects)}
                raise YuhuError(
                    "YH903", f"importer {tally.importer.name} lost records", facts=facts, fix="report this with the format of the file"
                )
            tally.seen += batch.seen
            tally.n_rejects += len(batch.rejects)
            tally.rejects += batch.rejects[: max(FIRST_REJECTS - len(tally.rejects), 0)]
            if batch.raw is not None and not self._keep_raw:
                batch = replace(batch, raw=None)  # noqa: PLW2901 - not kept in memory either
            self._current.append(Draft(source, origin, batch))
            if _size(self._current) >= GROUP // 2:
                self._flush_waiting()
                self._hand_on(self._current, settles=False)
                self._current, alone = [], True
        return alone

    def leave_current(self) -> None:
        """Forget the file that is being read."""
        self._current = []
        self._drain()
        self._known.revoke()
        self._change.drop_staged(self._current_source)
        self._tallies.pop(self._current_source, None)

    def close(self) -> list[SourceEntry]:
        """Hand on what waits, and mark what later exports no longer hold; the entries of all files read."""
        self._flush_waiting()
        self._drain()
        if self._later is not None:
            notes = self._later.mark({source: tally.entry(source) for source, tally in self._tallies.items()})
            for source, said in notes.items():
                self._tallies[source].facts.notes += said
        return [tally.entry(source) for source, tally in self._tallies.items()]

    def _flush_waiting(self) -> None:
        if self._waiting:
            self._hand_on(self._waiting, settles=True)
            self._waiting = []

    def _hand_on(self, drafts: list[Draft], *, settles: bool) -> None:
        """Have drafts taken in while the next are read, and their rows written meanwhile; groups keep their order, and at most one is at each step."""

        def work() -> None:
            made, rejected = self._made(drafts)
            for source, rejects in rejected:
                self._tallies[source].flushed.reject(len(rejects), rejects)
            taken = self._take(made)
            if settles:
                self._known.settle()
            self._scrubbing.hand(lambda: self._finish(made, taken))

        self._taking.hand(work)

    def _drain(self) -> None:
        """Wait for what is under way; its error is raised here."""
        for step in self._steps:
            step.wait()

    def _take(self, drafts: list[Draft]) -> Taken:
        """The rows of some drafts, which are counted."""
        taken = self._intake.take(drafts)
        if self._later is not None:
            self._later.met(taken.met)
        for table, frame in taken.tables.items():
            for source, n in frame.group_by("source").len().iter_rows():
                rows = self._tallies[source].flushed.rows
                rows[table] = rows.get(table, 0) + n
        for source in dict.fromkeys(draft.source for draft in drafts if draft.source):
            flushed = self._tallies[source].flushed
            for n, why in ((taken.known.get(source, 0), KNOWN), (taken.forgotten.get(source, 0), FORGOTTEN)):
                if n:
                    flushed.reject(n, [Reject(f"{n:,} records", why, "")])
            flushed.videos.update(taken.videos.get(source, []))
        return taken

    def _finish(self, drafts: list[Draft], taken: Taken) -> None:
        """Have rows written, and the raw records without people."""
        tables = dict(taken.tables)
        if any(draft.batch.raw is not None for draft in drafts):
            tables["raw"] = self._without_the_gone(self._scrubbed(drafts, taken.tables), taken.gone)
        self._writing.hand(lambda: self._write(tables))

    def _write(self, tables: Mapping[str, pl.DataFrame]) -> None:
        for table, frame in tables.items():
            if frame.height:
                self._change.stage(table, frame["source"].unique(maintain_order=True).to_list(), frame)

    def _without_the_gone(self, raw: pl.DataFrame, gone: pl.DataFrame | None) -> pl.DataFrame:
        """The raw records without those of messages that were forgotten on request."""
        if gone is None or not gone.height:
            return raw

        def gives(at: int) -> set[str] | None:
            tally = self._tallies[raw["source"][at]]
            importer = tally.importer
            if not isinstance(importer, Remapper):
                return None
            return set(response_ids(self._study, tally.entry(raw["source"][at]), importer, raw[at]))

        return raw.filter(~raw_of_the_gone(raw["record"], gone, self._forgotten.authors_among(gone["author_key"]), gives))

    def _made(self, drafts: list[Draft]) -> tuple[list[Draft], list[tuple[str, Sequence[Reject]]]]:
        """The drafts with rows in place of what was to be turned into rows together, and what was rejected of that."""
        made: list[Draft] = []
        rejected: list[tuple[str, Sequence[Reject]]] = []
        for together, run in groupby(drafts, key=lambda draft: draft.batch.later and draft.batch.later.together):
            waiting = list(run)
            if together is None:
                made += waiting
                continue
            batches, whole = together([draft.batch.later for draft in waiting if draft.batch.later is not None])
            for draft, batch in zip(waiting, batches, strict=True):
                made.append(Draft(draft.source, draft.origin, batch))
                rejected.append((draft.source, batch.rejects))
            names = pl.Series("source", [draft.source for draft in waiting], dtype=pl.String)
            rows, raw = whole.responses, whole.raw if self._keep_raw else None
            if rows is not None:
                rows = rows.with_columns(names.gather(rows["file"])).drop("file")
            if raw is not None and isinstance(raw.records, pl.DataFrame):
                records = raw.records.with_columns(names.gather(raw.records["file"]).alias("source")).drop("file")
                raw = Raw(raw.places, records, raw.platform)
            made.append(Draft("", waiting[0].origin, replace(whole, responses=rows, raw=raw)))
        return made, rejected

    def _scrubbed(self, drafts: list[Draft], tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """The raw records without people."""
        held = [tables[table][column] for table, columns in TEXTS.items() if table in tables for column in columns]
        frames = [pl.DataFrame(schema=frame_schema("raw"))]
        for draft in drafts:
            raw = draft.batch.raw
            if raw is None or not len(raw.places):
                continue
            sources: pl.Series | None = None
            if not draft.source and isinstance(raw.records, pl.DataFrame):
                sources = raw.records["source"]
                raw = Raw(raw.places, raw.records.drop("source"), raw.platform)
            named = [draft.source] if sources is None else sources.unique(maintain_order=True).to_list()
            for source in named:
                self._tallies[source].flushed.has_raw = True
            personal = getattr(self._tallies[named[0]].importer, "personal", Personal())
            platform = (draft.origin.platform or raw.platform).replace(":", "-")
            texts = Scrubber(self._pseudonyms, personal, platform).texts(raw, held)
            frame = pl.DataFrame({"place": raw.places, "record": texts}, schema={"place": pl.String, "record": pl.String})
            source = pl.lit(draft.source) if sources is None else sources
            frames.append(frame.select(source.alias("source"), "place", pl.lit(platform).alias("platform"), "record"))
        return pl.concat(frames)


def _size(drafts: list[Draft]) -> int:
    return sum(draft.batch.seen for draft in drafts)

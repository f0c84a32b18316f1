"""`yuhu add`: recognise files, read them, and make them part of a study."""

import json
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from yuhu.core.clock import iso_utc, wall_ms, zone
from yuhu.core.contracts import SORT_ORDERS, Facts, Importer, Origin, Personal, Raw, Reject, Remapper
from yuhu.core.errors import RetryableError, YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import say, step
from yuhu.core.schema import RESPONSE_KINDS, frame_schema
from yuhu.sources.door import Entry, entries
from yuhu.sources.recognise import recognise
from yuhu.study.forgotten import raw_of_the_gone, read_forgotten
from yuhu.study.intake import FORGOTTEN, KNOWN, Draft, Intake, KnownResponses
from yuhu.study.later import LaterExports
from yuhu.study.manifest import SourceEntry
from yuhu.study.scrub import VERSION, Scrubber
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction, file_hash
from yuhu.verbs.init import now
from yuhu.verbs.mapping import auto_mapping, remember_mapping
from yuhu.verbs.remap import response_ids

AUTO = "auto"
SAID = ("platform", "video", "work", "kind", "tz", "encoding", "mapping", "sort_order", "exported_at", "duration")
_SKIPPED = ("YH101", "YH103", "YH104", "YH108")
FIRST_REJECTS = 3
GROUP = 100_000
_NAMED = re.compile(r"[^A-Za-z0-9一-鿿_-]+")


@dataclass(frozen=True)
class Added:
    """What became of one file."""

    file: str
    status: str
    entry: SourceEntry | None = None
    label: Mapping[str, str] = field(default_factory=dict)
    error: YuhuError | None = None

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        facts = {} if self.entry is None else {k: v for k, v in self.entry.__dict__.items() if k != "added_at"}
        return {"file": self.file, "status": self.status, "error": self.error.as_dict() if self.error else None, **facts}


def add(
    study: Study,
    files: Sequence[Path | str],
    *,
    platform: str | None = None,
    video: str | None = None,
    work: str | None = None,
    kind: str | None = None,
    tz: str | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | str | None = None,
    sort_order: str | None = None,
    exported_at: str | None = None,
    duration: str | None = None,
    keep_raw: bool | None = None,
    skip_broken: bool = False,
) -> list[Added]:
    """Add files to a study in one step: all of them, or none if one cannot be read.

    Parameters
    ----------
    study : Study
        The study.
    files : sequence of path
        Files, folders and archives (.gz, .zst, .zip); ``-`` is standard input. Formats are recognised from content. A file that is already in
        the study adds nothing.
    platform, video, work : str, optional
        Apply to all files of the call and win over what the files say.
    kind : str, optional
        Kind of the responses of a mapped table.
    tz : str, optional
        Zone of naive times.
    encoding : str, optional
        Encoding of the texts; recognised if none.
    mapping : mapping of str to str, or "auto", optional
        Field by column, for tables. ``"auto"`` takes the mapping that was used before for the same columns, else a guess, and says it first.
    sort_order : str, optional
        How the exports were sorted when they were cut: ``time``, ``hot``, ``relevance``; wins over what the files say.
    exported_at : str, optional
        When the exports were taken: a time or a date, in `tz` or UTC; wins over what the files say.
    duration : str, optional
        Length of the video (``8:20`` or seconds), for retention curves whose positions are shares of it.
    keep_raw : bool, optional
        Whether a raw copy without people is kept; the setting ``keep_raw`` if None.
    skip_broken : bool
        Add the other files where one cannot be read.

    Returns
    -------
    list of Added
        One for each file: ``added``, ``known``, ``known_otherwise`` (added before with other options: nothing changes), ``broken``, or ``skipped``
        (found in a folder or archive, and nothing that an importer reads).

    Raises
    ------
    YuhuError
        YH101 to YH110 a file cannot be read (the study stays as it was); YH203 another writer.

    Notes
    -----
    Time linear in records; memory in the size of a batch, except for formats that are one JSON document.
    """
    said = Origin(
        Path(),
        platform=platform,
        video=video,
        work=work,
        kind=kind,
        tz=tz,
        encoding=encoding,
        mapping={} if isinstance(mapping, str) else dict(mapping or {}),
        sort_order=sort_order,
        exported_at=_moment(exported_at, tz),
        duration=duration,
    )
    _check(said)
    if isinstance(mapping, str) and mapping != AUTO:
        raise YuhuError("YH108", f"mapping `{mapping}` is not known", facts={"known": AUTO}, fix="--map COLUMN=FIELD, or --map auto")
    keeps_raw = study.settings.keep_raw if keep_raw is None else keep_raw
    with Transaction(study) as change, change.room() as room, _Desk(study, change, keep_raw=keeps_raw) as desk:
        known = {entry.sha256: entry for entry in change.manifest.sources}
        done: list[Added] = []
        try:
            for number, entry in enumerate(entries(files, encoding=encoding, room=room)):
                step(entry.called, number, 0)
                origin = replace(said, path=entry.path, called=entry.called)
                one = _one(desk, origin, entry, known, is_auto=mapping == AUTO, skip_broken=skip_broken)
                if one.entry is not None:
                    known[one.entry.sha256] = one.entry
                done.append(one)
        except KeyboardInterrupt:
            desk.leave_current()
            finished = desk.close()
            change.manifest.sources += finished
            if finished:
                change.commit()
            raise YuhuError(
                "YH902",
                "stopped",
                facts={"files that are in": len(finished)},
                fix="run the same command again to go on: files that are in add nothing",
            ) from None
        step("", len(done), len(done))
        finished = desk.close()
        if finished:
            change.manifest.sources += finished
            change.commit()
    final = {entry.source: entry for entry in finished}
    return [replace(one, entry=final.get(one.entry.source, one.entry)) if one.entry is not None else one for one in done]


def _one(desk: "_Desk", origin: Origin, entry: Entry, known: Mapping[str, SourceEntry], *, is_auto: bool, skip_broken: bool) -> Added:
    """Read one file, or say what became of it."""
    try:
        if entry.error is not None:
            raise entry.error
        digest = file_hash(entry.path)
        if digest in known and is_auto:
            return Added(origin.name, "known", known[digest])
        if digest in known:
            return _known(origin, known[digest], digest)
        if is_auto:
            origin = desk.mapped(origin)
        one = desk.read(origin, digest, entry)
        if entry.has_changed:
            raise RetryableError(
                "YH110", f"`{origin.name}` changed while it was read", fix="wait until its collector has finished, then add it again"
            )
    except YuhuError as error:
        desk.leave_current()
        named = desk.named(error)
        if not entry.was_named and error.code in _SKIPPED:
            return Added(origin.name, "skipped", error=named)
        if not skip_broken:
            raise named from error
        return Added(origin.name, "broken", error=named)
    desk.keep_current()
    if origin.mapping:
        remember_mapping(origin, desk.folder)
    return one


def _known(origin: Origin, entry: SourceEntry, digest: str) -> Added:
    same = entry.identity == _identity(origin, entry.importer, digest)
    return Added(origin.name, "known" if same else "known_otherwise", entry)


@dataclass
class _Flushed:
    """What the door to disk found of a source; written there alone, so that reading and writing may go on side by side."""

    n_rejects: int = 0
    rejects: list[Reject] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    videos: set[str] = field(default_factory=set)
    has_raw: bool = False

    def reject(self, n: int, rejects: Sequence[Reject]) -> None:
        """Count records that were set aside, and keep the first."""
        self.n_rejects += n
        self.rejects += rejects[: max(FIRST_REJECTS - len(self.rejects), 0)]


@dataclass
class _Tally:
    """What is known of a source while it is read."""

    origin: Origin
    digest: str
    importer: Importer
    facts: Facts = field(default_factory=Facts)
    seen: int = 0
    rejects: list[Reject] = field(default_factory=list)
    n_rejects: int = 0
    size: int = 0
    container: str = ""
    flushed: "_Flushed" = field(default_factory=_Flushed)

    def entry(self, source: str) -> SourceEntry:
        facts, origin = self.facts, self.origin
        rejected = self.n_rejects + self.flushed.n_rejects
        return SourceEntry(
            source=source,
            file=origin.name,
            sha256=self.digest,
            bytes=self.size,
            identity=_identity(origin, self.importer.name, self.digest),
            importer=self.importer.name,
            what=facts.what,
            seen=self.seen,
            kept=self.seen - rejected,
            rejected=rejected,
            rows=self.flushed.rows,
            first_rejects=[f"{reject.place}: {reject.why}" for reject in (*self.rejects, *self.flushed.rejects)][:FIRST_REJECTS],
            videos=sorted({*facts.videos, *self.flushed.videos}),
            video_from=facts.video_from,
            platform=facts.platform,
            sort_order=origin.sort_order or facts.sort_order,
            exported_at=origin.exported_at or facts.exported_at,
            is_truncated=facts.is_truncated,
            truncation=facts.truncation,
            notes=facts.notes,
            added_at=now(),
            said={key: value for key in SAID if (value := getattr(origin, key))},
            context=facts.context,
            expected=facts.expected,
            caps=facts.caps,
            first_level_only=facts.first_level_only,
            container=self.container,
            raw="" if not self.flushed.has_raw else VERSION,
        )


class _Desk:
    """Reads files one after another and hands their drafts on in large groups.

    Drafts of small files wait for each other; a file larger than a group gets partitions of its own, so that it can be dropped alone.
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
        self._tallies: dict[str, _Tally] = {}
        self._waiting: list[Draft] = []
        self._current: list[Draft] = []
        self._current_source = ""
        self._alone = False
        self._hands = ThreadPoolExecutor(1, thread_name_prefix="yuhu-add")
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._hands.shutdown(wait=True)

    def read(self, origin: Origin, digest: str, entry: Entry) -> Added:
        """Read a file whole; it counts once `keep_current` is called."""
        source = self._current_source = _source_id(origin, digest)
        tally = _Tally(origin, digest, recognise(origin), size=origin.path.stat().st_size, container=entry.container)
        self._tallies[source] = tally
        tally.facts.notes += entry.notes
        if entry.cut_off:
            tally.facts.truncated(entry.cut_off)
        self._alone = self._drafts(source, tally)
        return Added(origin.name, "added", tally.entry(source), tally.importer.label)

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

    def _drafts(self, source: str, tally: _Tally) -> bool:
        """Collect a file's drafts; whether it is so large that it was handed on alone."""
        alone = False
        read = getattr(tally.importer, "read_small", tally.importer.read)
        for batch in read(tally.origin, tally.facts):
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
            self._current.append(Draft(source, tally.origin, batch))
            if _size(self._current) >= GROUP:
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
        """Have drafts written while the next are read; at most one group is under way."""

        def work() -> None:
            self._flush(drafts)
            if settles:
                self._known.settle()

        self._drain()
        self._under_way = self._hands.submit(work)

    def _drain(self) -> None:
        """Wait for what is being written; its error is raised here."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def _flush(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        drafts = self._made(drafts)
        taken = self._intake.take(drafts)
        if self._later is not None:
            self._later.met(taken.met)
        tables = dict(taken.tables)
        if any(draft.batch.raw is not None for draft in drafts):
            tables["raw"] = self._without_the_gone(self._scrubbed(drafts), taken.gone)
        for table, frame in tables.items():
            if frame.height:
                held = frame["source"].unique(maintain_order=True).to_list()
                self._change.stage(table, held, frame)
                if table != "raw":
                    for source, n in frame.group_by("source").len().iter_rows():
                        rows = self._tallies[source].flushed.rows
                        rows[table] = rows.get(table, 0) + n
        for source in dict.fromkeys(draft.source for draft in drafts if draft.source):
            flushed = self._tallies[source].flushed
            for n, why in ((taken.known.get(source, 0), KNOWN), (taken.forgotten.get(source, 0), FORGOTTEN)):
                if n:
                    flushed.reject(n, [Reject(f"{n:,} records", why, "")])
            flushed.videos.update(taken.videos.get(source, []))

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

    def _made(self, drafts: list[Draft]) -> list[Draft]:
        """The drafts with rows in place of what was to be turned into rows together."""
        made: list[Draft] = []
        for together, run in groupby(drafts, key=lambda draft: draft.batch.later and draft.batch.later.together):
            waiting = list(run)
            if together is None:
                made += waiting
                continue
            batches, whole = together([draft.batch.later for draft in waiting if draft.batch.later is not None])
            for draft, batch in zip(waiting, batches, strict=True):
                made.append(Draft(draft.source, draft.origin, batch))
                self._tallies[draft.source].flushed.reject(len(batch.rejects), batch.rejects)
            names = pl.Series("source", [draft.source for draft in waiting], dtype=pl.String)
            rows, raw = whole.responses, whole.raw if self._keep_raw else None
            if rows is not None:
                rows = rows.with_columns(names.gather(rows["file"])).drop("file")
            if raw is not None and isinstance(raw.records, pl.DataFrame):
                records = raw.records.with_columns(names.gather(raw.records["file"]).alias("source")).drop("file")
                raw = Raw(raw.places, records, raw.platform)
            made.append(Draft("", waiting[0].origin, replace(whole, responses=rows, raw=raw)))
        return made

    def _scrubbed(self, drafts: list[Draft]) -> pl.DataFrame:
        """The raw records without people."""
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
            texts = Scrubber(self._pseudonyms, personal, platform).texts(raw)
            frame = pl.DataFrame({"place": raw.places, "record": texts}, schema={"place": pl.String, "record": pl.String})
            source = pl.lit(draft.source) if sources is None else sources
            frames.append(frame.select(source.alias("source"), "place", pl.lit(platform).alias("platform"), "record"))
        return pl.concat(frames)


def _size(drafts: list[Draft]) -> int:
    return sum(draft.batch.seen for draft in drafts)


def _check(said: Origin) -> None:
    if said.kind is not None and said.kind not in RESPONSE_KINDS:
        raise YuhuError("YH108", f"kind `{said.kind}` is not known", facts={"known": ", ".join(RESPONSE_KINDS)}, fix="--kind comment")
    if said.sort_order is not None and said.sort_order not in SORT_ORDERS:
        raise YuhuError(
            "YH108", f"sort order `{said.sort_order}` is not known", facts={"known": ", ".join(SORT_ORDERS)}, fix="--sort-order hot"
        )
    if said.tz is not None:
        zone(said.tz)
    for name, value in (("platform", said.platform), ("video", said.video)):
        if value is not None and (not value.strip() or (name == "platform" and ":" in value)):
            raise YuhuError("YH108", f"{name} `{value}` is not a name", facts={"expected": "a word without `:`"}, fix=f"--{name} bilibili")


def _moment(text: str | None, tz: str | None) -> str | None:
    """When an export was taken, as ISO 8601 in UTC."""
    if text is None:
        return None
    ms = wall_ms(text, tz or "UTC")
    if ms is None:
        raise YuhuError(
            "YH108", f"export time `{text}` is not understood", facts={"expected": "a date or a time"}, fix="--exported-at 2023-09-01"
        )
    return iso_utc(ms)


def _source_id(origin: Origin, digest: str) -> str:
    stem = _NAMED.sub("-", origin.stem).strip("-")[:40] or "file"
    return f"{stem}-{digest[:10]}"


def _identity(origin: Origin, importer: str, digest: str) -> str:
    said = [
        digest,
        importer,
        origin.platform,
        origin.video,
        origin.work,
        origin.kind,
        origin.tz,
        origin.encoding,
        sorted(origin.mapping.items()),
    ]
    later = [value for value in (origin.sort_order, origin.exported_at, origin.duration) if value]
    return content_hash(json.dumps([*said, *later], ensure_ascii=False).encode())[:16]

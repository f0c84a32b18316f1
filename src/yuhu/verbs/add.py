"""`yuhu add`: recognise files, read them, and make them part of a study."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from yuhu.core.clock import zone
from yuhu.core.contracts import Facts, Importer, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.recognise import recognise
from yuhu.study.intake import KNOWN, Draft, Intake, KnownResponses
from yuhu.study.manifest import SourceEntry
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction, file_hash
from yuhu.verbs.init import now

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
    mapping: Mapping[str, str] | None = None,
    skip_broken: bool = False,
) -> list[Added]:
    """Add files to a study in one step: all of them, or none if one cannot be read.

    Parameters
    ----------
    study : Study
        The study.
    files : sequence of path
        What to add; formats are recognised from content. A file that is already in the study adds nothing.
    platform, video, work : str, optional
        Apply to all files of the call and win over what the files say.
    kind : str, optional
        Kind of the responses of a mapped table.
    tz : str, optional
        Zone of naive times.
    encoding : str, optional
        Encoding of the texts, UTF-8 if none.
    mapping : mapping of str to str, optional
        Field by column, for tables.
    skip_broken : bool
        Add the other files where one cannot be read.

    Returns
    -------
    list of Added
        One for each file: ``added``, ``known``, ``known_otherwise`` (added before with other options: nothing changes) or ``broken``.

    Raises
    ------
    YuhuError
        YH101 to YH110 a file cannot be read (the study stays as it was); YH203 another writer.

    Notes
    -----
    Time linear in records; memory in the size of a batch, except for formats that are one JSON document.
    """
    origins = [
        Origin(Path(file), platform=platform, video=video, work=work, kind=kind, tz=tz, encoding=encoding, mapping=dict(mapping or {}))
        for file in files
    ]
    _check(origins, kind, tz)
    with Transaction(study) as change:
        known = {entry.sha256: entry for entry in change.manifest.sources}
        desk = _Desk(study, change)
        done: list[Added] = []
        try:
            for number, origin in enumerate(origins):
                step(origin.name, number, len(origins))
                digest = file_hash(origin.path)
                one = _known(origin, known[digest], digest) if digest in known else desk.read(origin, digest, skip_broken=skip_broken)
                if one.entry is not None:
                    known[digest] = one.entry
                done.append(one)
        except KeyboardInterrupt:
            desk.leave_current()
            entries = desk.close()
            change.manifest.sources += entries
            if entries:
                change.commit()
            facts = {"files that are in": f"{len(entries)} of {len(origins)}"}
            raise YuhuError(
                "YH902", "stopped", facts=facts, fix="run the same command again to go on: files that are in add nothing"
            ) from None
        step("", len(origins), len(origins))
        entries = desk.close()
        if entries:
            change.manifest.sources += entries
            change.commit()
    final = {entry.source: entry for entry in entries}
    return [replace(one, entry=final.get(one.entry.source, one.entry)) if one.entry is not None else one for one in done]


def _known(origin: Origin, entry: SourceEntry, digest: str) -> Added:
    same = entry.identity == _identity(origin, entry.importer, digest)
    return Added(origin.name, "known" if same else "known_otherwise", entry)


@dataclass
class _Tally:
    """What is known of a source while it is read."""

    origin: Origin
    digest: str
    importer: Importer
    facts: Facts = field(default_factory=Facts)
    seen: int = 0
    kept: int = 0
    rejects: list[Reject] = field(default_factory=list)
    n_rejects: int = 0
    rows: dict[str, int] = field(default_factory=dict)

    def entry(self, source: str) -> SourceEntry:
        facts = self.facts
        return SourceEntry(
            source=source,
            file=self.origin.name,
            sha256=self.digest,
            bytes=self.origin.path.stat().st_size,
            identity=_identity(self.origin, self.importer.name, self.digest),
            importer=self.importer.name,
            what=facts.what,
            seen=self.seen,
            kept=self.kept,
            rejected=self.n_rejects,
            rows=self.rows,
            first_rejects=[f"{reject.place}: {reject.why}" for reject in self.rejects],
            videos=facts.videos,
            video_from=facts.video_from,
            platform=facts.platform,
            sort_order=facts.sort_order,
            exported_at=facts.exported_at,
            is_truncated=facts.is_truncated,
            truncation=facts.truncation,
            notes=facts.notes,
            added_at=now(),
        )


class _Desk:
    """Reads files one after another and hands their drafts on in large groups.

    Drafts of small files wait for each other; a file larger than a group gets partitions of its own, so that it can be dropped alone.
    """

    def __init__(self, study: Study, change: Transaction) -> None:
        self._change = change
        self._folder = study.path
        scans = [(part.videos, study.scan("responses", [part])) for part in change.manifest.of("responses")]
        self._known = KnownResponses(scans)
        self._intake = Intake(study.pseudonyms(), self._known)
        self._tallies: dict[str, _Tally] = {}
        self._waiting: list[Draft] = []
        self._current: list[Draft] = []
        self._current_source = ""

    def read(self, origin: Origin, digest: str, *, skip_broken: bool) -> Added:
        """Read a file whole."""
        source = self._current_source = _source_id(origin, digest)
        try:
            tally = self._tallies[source] = _Tally(origin, digest, recognise(origin))
            alone = self._drafts(source, tally)
        except YuhuError as error:
            self.leave_current()
            named = YuhuError(error.code, error.problem, facts=error.facts, fix=error.fix.replace("STUDY", str(self._folder)))
            if not skip_broken:
                raise named from error
            return Added(origin.name, "broken", error=named)
        if alone:
            self._flush(self._current)
            self._known.settle()
        else:
            self._waiting += self._current
        self._current, self._current_source = [], ""
        if _size(self._waiting) >= GROUP:
            self._flush_waiting()
        return Added(origin.name, "added", tally.entry(source), tally.importer.label)

    def _drafts(self, source: str, tally: _Tally) -> bool:
        """Collect a file's drafts; whether it is so large that it was handed on alone."""
        alone = False
        for batch in tally.importer.read(tally.origin, tally.facts):
            if batch.seen != batch.kept + len(batch.rejects):
                facts = {"seen": batch.seen, "kept": batch.kept, "rejected": len(batch.rejects)}
                raise YuhuError(
                    "YH903", f"importer {tally.importer.name} lost records", facts=facts, fix="report this with the format of the file"
                )
            tally.seen += batch.seen
            tally.kept += batch.kept
            tally.n_rejects += len(batch.rejects)
            tally.rejects += batch.rejects[: max(FIRST_REJECTS - len(tally.rejects), 0)]
            self._current.append(Draft(source, tally.origin, batch))
            if _size(self._current) >= GROUP:
                self._flush_waiting()
                self._flush(self._current)
                self._current, alone = [], True
        return alone

    def leave_current(self) -> None:
        """Forget the file that is being read."""
        self._current = []
        self._known.revoke()
        self._change.drop_staged(self._current_source)
        self._tallies.pop(self._current_source, None)

    def close(self) -> list[SourceEntry]:
        """Hand on what waits; the entries of all files read."""
        self._flush_waiting()
        return [tally.entry(source) for source, tally in self._tallies.items()]

    def _flush_waiting(self) -> None:
        if not self._waiting:
            return
        self._flush(self._waiting)
        self._waiting = []
        self._known.settle()

    def _flush(self, drafts: list[Draft]) -> None:
        if not drafts:
            return
        taken = self._intake.take(drafts)
        sources = list(dict.fromkeys(draft.source for draft in drafts))
        for table, frame in taken.tables.items():
            if frame.height:
                held = frame["source"].unique(maintain_order=True).to_list()
                self._change.stage(table, held, frame)
                for source, n in frame.group_by("source").len().iter_rows():
                    rows = self._tallies[source].rows
                    rows[table] = rows.get(table, 0) + n
        for source in sources:
            tally = self._tallies[source]
            repeated = taken.known.get(source, 0)
            tally.kept -= repeated
            tally.n_rejects += repeated
            if repeated and len(tally.rejects) < FIRST_REJECTS:
                tally.rejects.append(Reject(f"{repeated:,} records", KNOWN, ""))
            tally.facts.videos = sorted({*tally.facts.videos, *taken.videos.get(source, [])})


def _size(drafts: list[Draft]) -> int:
    return sum(draft.batch.seen for draft in drafts)


def _check(origins: list[Origin], kind: str | None, tz: str | None) -> None:
    if kind is not None and kind not in RESPONSE_KINDS:
        raise YuhuError("YH108", f"kind `{kind}` is not known", facts={"known": ", ".join(RESPONSE_KINDS)}, fix="--kind comment")
    if tz is not None:
        zone(tz)
    for origin in origins:
        for name, value in (("platform", origin.platform), ("video", origin.video)):
            if value is not None and (not value.strip() or (name == "platform" and ":" in value)):
                raise YuhuError(
                    "YH108", f"{name} `{value}` is not a name", facts={"expected": "a word without `:`"}, fix=f"--{name} bilibili"
                )
        if not origin.path.is_file():
            found = "a folder" if origin.path.is_dir() else "nothing"
            raise YuhuError(
                "YH110", f"`{origin.path}` is not a file", facts={"found": found}, fix="name the files, for example exports/*.json"
            )


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
    return content_hash(json.dumps(said, ensure_ascii=False).encode())[:16]

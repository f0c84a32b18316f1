"""`yuhu add`: recognise files, read them, and make them part of a study."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yuhu.core.clock import zone
from yuhu.core.contracts import Facts, Importer, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.recognise import recognise
from yuhu.study.intake import Intake, KnownResponses, StudyIds
from yuhu.study.manifest import SourceEntry
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction, file_hash
from yuhu.verbs.init import now

FIRST_REJECTS = 3
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
        One for each file: ``added``, ``known`` or ``broken``.

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
    done: list[Added] = []
    with Transaction(study) as change:
        known = {entry.sha256: entry for entry in change.manifest.sources}
        scans = [(part.videos, study.scan("responses", [part])) for part in change.manifest.of("responses")]
        seen = KnownResponses(StudyIds(scans))
        entries: list[SourceEntry] = []
        try:
            for number, origin in enumerate(origins):
                step(origin.name, number, len(origins))
                added = _add_one(origin, change, known, seen, study, skip_broken=skip_broken)
                if added.entry is not None and added.status == "added":
                    entries.append(added.entry)
                    known[added.entry.sha256] = added.entry
                done.append(added)
        except KeyboardInterrupt:
            change.drop_staged(_source_id(origins[len(done)]))
            if entries:
                change.manifest.sources += entries
                change.commit()
            raise YuhuError(
                "YH902",
                "stopped",
                facts={"files that are in": f"{len(entries)} of {len(origins)}"},
                fix="run the same command again to go on: files that are in add nothing",
            ) from None
        step("", len(origins), len(origins))
        if entries:
            change.manifest.sources += entries
            change.commit()
    return done


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


def _add_one(
    origin: Origin, change: Transaction, known: Mapping[str, SourceEntry], seen: KnownResponses, study: Study, *, skip_broken: bool
) -> Added:
    digest = file_hash(origin.path)
    if digest in known:
        return Added(origin.name, "known", known[digest], {})
    source = _source_id(origin, digest)
    try:
        importer = recognise(origin)
        entry = _read(importer, origin, digest, source, change, seen, study)
    except YuhuError as error:
        change.drop_staged(source)
        if not skip_broken:
            raise
        return Added(origin.name, "broken", error=error)
    return Added(origin.name, "added", entry, importer.label)


def _read(
    importer: Importer, origin: Origin, digest: str, source: str, change: Transaction, known: KnownResponses, study: Study
) -> SourceEntry:
    facts = Facts()
    intake = Intake(origin, study.pseudonyms(), known, source)
    seen = kept = 0
    rejects: list[Reject] = []
    n_rejects = 0
    rows: dict[str, int] = {}
    for batch in importer.read(origin, facts):
        tables, batch_rejects, batch_kept = intake.take(batch, facts)
        seen += batch.seen
        kept += batch_kept
        n_rejects += len(batch_rejects)
        rejects += batch_rejects[: FIRST_REJECTS - len(rejects)] if len(rejects) < FIRST_REJECTS else []
        for table, frame in tables.items():
            if frame.height:
                change.stage(table, source, frame)
                rows[table] = rows.get(table, 0) + frame.height
    if seen != kept + n_rejects:
        raise YuhuError(
            "YH903",
            f"importer {importer.name} lost records",
            facts={"seen": seen, "kept": kept, "rejected": n_rejects},
            fix="report this with the format of the file",
        )
    return SourceEntry(
        source=source,
        file=origin.name,
        sha256=digest,
        bytes=origin.path.stat().st_size,
        identity=_identity(origin, importer.name, digest),
        importer=importer.name,
        what=facts.what,
        seen=seen,
        kept=kept,
        rejected=n_rejects,
        rows=rows,
        first_rejects=[f"{reject.place}: {reject.why}" for reject in rejects],
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


def _source_id(origin: Origin, digest: str | None = None) -> str:
    stem = _NAMED.sub("-", origin.path.stem).strip("-")[:40] or "file"
    return f"{stem}-{(digest or file_hash(origin.path))[:10]}"


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

"""`yuhu add`: recognise files, read them, and make them part of a study."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from yuhu.core.clock import iso_utc, wall_ms, zone
from yuhu.core.contracts import SORT_ORDERS, Origin
from yuhu.core.errors import RetryableError, YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import say, step
from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.door import Entry, entries
from yuhu.study.manifest import SourceEntry
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction, file_hash
from yuhu.verbs.intray import Intray
from yuhu.verbs.mapping import remember_mapping
from yuhu.verbs.tally import identity

AUTO = "auto"
_SKIPPED = ("YH101", "YH103", "YH104", "YH108")


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
    with Transaction(study) as change, change.room() as room, Intray(study, change, keep_raw=keeps_raw) as intray:
        known = {entry.sha256: entry for entry in change.manifest.sources}
        done: list[Added] = []
        passed_over: Counter[str] = Counter()
        try:
            for number, entry in enumerate(entries(files, encoding=encoding, room=room, without=[study.path], passed_over=passed_over)):
                step(entry.called, number, 0)
                origin = replace(said, path=entry.path, called=entry.called)
                one = _one(intray, origin, entry, known, is_auto=mapping == AUTO, skip_broken=skip_broken)
                if one.entry is not None:
                    known[one.entry.sha256] = one.entry
                done.append(one)
        except KeyboardInterrupt:
            intray.leave_current()
            finished = intray.close()
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
        for why, n in sorted(passed_over.items()):
            say(f"passed over: {n:,} ({why})")
        finished = intray.close()
        if finished:
            change.manifest.sources += finished
            change.commit()
    final = {entry.source: entry for entry in finished}
    return [replace(one, entry=final.get(one.entry.source, one.entry)) if one.entry is not None else one for one in done]


def _one(intray: Intray, origin: Origin, entry: Entry, known: Mapping[str, SourceEntry], *, is_auto: bool, skip_broken: bool) -> Added:
    """Read one file, or say what became of it."""
    try:
        if entry.error is not None:
            raise entry.error
        digest = file_hash(entry.path) if entry.content is None else content_hash(entry.content)
        if digest in known and is_auto:
            return Added(origin.name, "known", known[digest])
        if digest in known:
            return _known(origin, known[digest], digest)
        if is_auto:
            origin = intray.mapped(origin)
        one = Added(origin.name, "added", *intray.read(origin, digest, entry))
        if entry.has_changed:
            raise RetryableError(
                "YH110", f"`{origin.name}` changed while it was read", fix="wait until its collector has finished, then add it again"
            )
    except YuhuError as error:
        intray.leave_current()
        named = intray.named(error)
        if not entry.was_named and error.code in _SKIPPED:
            return Added(origin.name, "skipped", error=named)
        if not skip_broken:
            raise named from error
        return Added(origin.name, "broken", error=named)
    intray.keep_current()
    if origin.mapping:
        remember_mapping(origin, intray.folder)
    return one


def _known(origin: Origin, entry: SourceEntry, digest: str) -> Added:
    same = entry.identity == identity(origin, entry.importer, digest)
    return Added(origin.name, "known" if same else "known_otherwise", entry)


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

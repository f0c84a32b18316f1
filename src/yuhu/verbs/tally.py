"""What is known of a source while it is added: what its importer read, and what the study's door made of it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from yuhu.core.contracts import Facts, Importer, Origin, Reject
from yuhu.core.ids import content_hash
from yuhu.study.manifest import SourceEntry
from yuhu.study.scrub import VERSION
from yuhu.verbs.init import now

SAID = ("platform", "video", "work", "kind", "tz", "encoding", "mapping", "sort_order", "exported_at", "duration")
FIRST_REJECTS = 3
_NAMED = re.compile(r"[^A-Za-z0-9一-鿿_-]+")


@dataclass
class Flushed:
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
class Tally:
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
    flushed: "Flushed" = field(default_factory=Flushed)

    def entry(self, source: str) -> SourceEntry:
        """The source as the manifest names it."""
        facts, origin = self.facts, self.origin
        rejected = self.n_rejects + self.flushed.n_rejects
        return SourceEntry(
            source=source,
            file=origin.name,
            sha256=self.digest,
            bytes=self.size,
            identity=identity(origin, self.importer.name, self.digest),
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


def source_id(origin: Origin, digest: str) -> str:
    """A name for a source: its file's, and the start of its hash."""
    stem = _NAMED.sub("-", origin.stem).strip("-")[:40] or "file"
    return f"{stem}-{digest[:10]}"


def identity(origin: Origin, importer: str, digest: str) -> str:
    """What a source is: its content, its importer, and what the person said of it."""
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

"""The contracts between rooms: small Protocols with one call each.

Importers, coders and measures are found through `yuhu.core.registry`; each contract has a public test suite in `yuhu.testing`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import polars as pl
import pyarrow as pa

from yuhu.core.codebook import Codebook


@dataclass(frozen=True)
class Origin:
    """A file to import, with what the person said about it."""

    path: Path
    platform: str | None = None
    video: str | None = None
    work: str | None = None
    kind: str | None = None
    tz: str | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The file's name; bytes in it that are no UTF-8 are replaced."""
        return self.path.name.encode("utf-8", "replace").decode()

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.name).stem


@dataclass(frozen=True)
class Head:
    """What an importer may look at to recognise a file: its name and its first bytes."""

    name: str
    start: bytes
    size: int
    mapped: bool = False

    @cached_property
    def text(self) -> str:
        """The first bytes as text, without a byte-order mark; bytes that are not UTF-8 are replaced."""
        return self.start.decode("utf-8", "replace").lstrip("\ufeff")


@dataclass(frozen=True)
class Reject:
    """A record that was not kept: where it stood, why, and the hash of what it held (never the content)."""

    place: str
    why: str
    hash: str


@dataclass(frozen=True)
class Batch:
    """Some records of a file as drafts: nothing here is pseudonymised yet, and nothing of it is written as it stands.

    Parameters
    ----------
    seen : int
        Records read; seen = kept + rejected.
    kept : int
        Records kept.
    rejects : sequence of Reject
        One for each record not kept.
    responses : pl.DataFrame, optional
        Columns of `RESPONSE_DRAFT`.
    metrics, links, videos : pl.DataFrame, optional
        Columns of their tables without ``source``; links carry ``author`` in place of ``actor`` keys.
    """

    seen: int
    kept: int
    rejects: Sequence[Reject] = ()
    responses: pl.DataFrame | None = None
    metrics: pl.DataFrame | None = None
    links: pl.DataFrame | None = None
    videos: pl.DataFrame | None = None


@dataclass
class Facts:
    """What a file tells about the sample it is; an importer fills this while it reads."""

    what: str = ""
    platform: str = ""
    videos: list[str] = field(default_factory=list)
    video_from: str = ""
    sort_order: str = "unknown"
    exported_at: str = ""
    is_truncated: bool = False
    truncation: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def truncated(self, message: str) -> None:
        """Note that the file is not the whole."""
        self.is_truncated = True
        self.truncation.append(message)


RESPONSE_DRAFT: dict[str, pl.DataType] = {
    "platform": pl.String(),
    "video": pl.String(),
    "fork": pl.String(),
    "native": pl.String(),
    "kind": pl.String(),
    "text": pl.String(),
    "at_ms": pl.Int64(),
    "sent_at": pl.Datetime("ms", "UTC"),
    "sent_at_precision_s": pl.Int32(),
    "author": pl.String(),
    "actor": pl.String(),
    "parent": pl.String(),
    "root": pl.String(),
    "likes": pl.Int64(),
    "lang": pl.String(),
    "region": pl.String(),
    "is_special": pl.Boolean(),
}
"""Columns of a response before intake. ``video``, ``native``, ``author`` are the platform's own ids; ``parent`` and ``root`` are
``fork:native``; ``lang`` is filled only where the file states it."""


@runtime_checkable
class Importer(Protocol):
    """Reads one family of files.

    ``name`` carries a version; ``sniff`` gives a confidence in [0, 1] from content; ``read`` yields batches in which
    seen = kept + rejected, fills `facts`, never raises for a bad record and raises `YuhuError` for a file it cannot read.
    """

    name: str
    label: Mapping[str, str]

    def sniff(self, head: Head) -> float:
        """Confidence in [0, 1] that `read` can read the file."""
        ...

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The file's records in batches."""
        ...


@dataclass(frozen=True)
class CodedBatch:
    """What a coder made of a batch of texts: for each unit and variable exactly one outcome, stored sparse.

    Parameters
    ----------
    codings : pa.Table
        Schema `core.schema.MACHINE_CODING`: outcomes other than the variable's zero.
    abstained : pa.Table
        Schema `core.schema.ABSTAINED`: texts the coder abstains from altogether (a language it has no terms for).
    """

    codings: pa.Table
    abstained: pa.Table


@runtime_checkable
class Coder(Protocol):
    """Codes texts. Deterministic for given parameters; never looks at authors, likes or other coders.

    ``serves`` lists the variables it decides; all others of the codebook count as abstained.
    """

    name: str
    kind: str
    uses_context: bool
    serves: Sequence[str]

    def parameters(self) -> Mapping[str, object]:
        """All that changes the outcome: rebuilt from a log, the coder codes the same."""
        ...

    def code(self, texts: pa.RecordBatch) -> CodedBatch:
        """Code a batch with the columns ``text_key`` int64, ``text`` string, ``lang`` string."""
        ...


CoderMaker = Callable[[Codebook, Sequence[str]], Coder]


@dataclass(frozen=True)
class Gold:
    """Units that people coded, with their chances.

    ``units``: ``response_id, code, value_id, human, chance, is_complete, video_id, platform, lang, region, work_id``; ``human`` is the mean of the coders
    in [0, 1], ``is_complete`` whether people coded (nearly) all units drawn, ``work_id`` the work, or the root post where there is no video.
    """

    units: pl.DataFrame
    coders: Sequence[str] = ()
    samples: Sequence[str] = ()


@dataclass(frozen=True)
class Evidence:
    """What measures work on: tables of a study and the settings of inference, nothing else of it.

    ``responses`` carries ``work_id`` besides its own columns; ``codings`` and ``abstained`` are those of one machine coder, or None.
    """

    responses: pl.LazyFrame
    metrics: pl.LazyFrame
    codings: pl.LazyFrame | None
    abstained: pl.LazyFrame | None
    gold: Gold
    planted: pl.DataFrame | None
    book: Codebook
    served: Sequence[str]
    coder: str
    target: str
    seed: int
    confidence: float
    bin_ms: int
    k_anonymity: int


@runtime_checkable
class Measure(Protocol):
    """Tables in, estimates out; pure and seeded.

    ``needs`` names the columns of each table it reads; `estimate` returns a frame with the columns of `core.schema.ESTIMATES`, in a fixed order.
    """

    name: str
    needs: Mapping[str, Sequence[str]]

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """The estimates of this measure."""
        ...


class Executor(Protocol):
    """Runs a pure function over Parquet partitions."""

    def map_partitions(self, work: Callable[[Path], None], paths: Sequence[Path], *, title: str) -> None:
        """Call `work` once for each path."""
        ...

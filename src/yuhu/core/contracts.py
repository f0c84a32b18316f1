"""The contracts between rooms: small Protocols with one call each.

Importers, coders and measures are found through `yuhu.core.registry`; each contract has a public test suite in `yuhu.testing`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import polars as pl
import pyarrow as pa

from yuhu.core.codebook import Codebook

SORT_ORDERS = ("time", "hot", "relevance", "unknown")
"""How an export was sorted when it was cut: by time, by heat (likes), by the platform's relevance, or nobody knows."""


@dataclass(frozen=True)
class Origin:
    """A file to import, with what the person said about it.

    ``path`` may be a temporary copy (unpacked, or turned into UTF-8); ``called`` is then the name that the person knows. ``content`` is what a small file
    holds, where it was read already: an importer may use it in place of the path.
    """

    path: Path
    platform: str | None = None
    video: str | None = None
    work: str | None = None
    kind: str | None = None
    tz: str | None = None
    encoding: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    sort_order: str | None = None
    exported_at: str | None = None
    duration: str | None = None
    called: str = ""
    content: bytes | None = field(default=None, repr=False, compare=False)

    @property
    def name(self) -> str:
        """The file's name; bytes in it that are no UTF-8 are replaced."""
        return (self.called or self.path.name).encode("utf-8", "replace").decode()

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return Path(self.name).stem


@dataclass(frozen=True)
class Head:
    """What an importer may look at to recognise a file: its name and its first bytes.

    ``path`` is for databases and workbooks alone, whose first bytes tell nothing of their tables: an importer opens it once the first bytes are
    those of such a file.
    """

    name: str
    start: bytes
    size: int
    mapped: bool = False
    path: Path | None = None

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
class Personal:
    """Where people stand in an importer's records.

    Parameters
    ----------
    author : sequence of str
        Dotted paths (a list is walked through without a sign of its own) whose value `rows` may use as ``author``: in the raw copy the value is
        replaced by the person's key.
    drop : sequence of str
        Dotted paths that are removed with all below them. Fields that name people on any platform (``nickname``, ``avatar``, ``user`` …)
        are removed everywhere and need not be listed.
    """

    author: Sequence[str] = ()
    drop: Sequence[str] = ()


@dataclass(frozen=True)
class Raw:
    """The parsed records of a batch as the file holds them, for the raw copy: nothing here is pseudonymised yet.

    Parameters
    ----------
    places : sequence or pl.Series of str
        Where each record stood.
    records : sequence of mapping, or pl.DataFrame
        One object each; or, for flat files, a frame with one column per field.
    platform : str
        Platform under which authors get their keys; ``--platform`` wins over it.
    """

    places: Sequence[str] | pl.Series
    records: Sequence[Mapping[str, Any]] | pl.DataFrame
    platform: str


@dataclass(frozen=True)
class Later:
    """Records of a small file that were found sound and are cheaper to turn into rows together with those of many other files.

    Parameters
    ----------
    together : callable
        Takes some of these in order and gives one batch for each, then one that holds the rows of all: its frames and its raw records
        carry a column ``file``, the place of the batch they belong to.
    content : object
        What `together` works on.
    """

    together: Callable[[Sequence["Later"]], tuple[list["Batch"], "Batch"]]
    content: Any


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
    responses, metrics, links, videos, segments, signals, exposure : pl.DataFrame, optional
        Columns of `DRAFTS`; missing ones are null.
    raw : Raw, optional
        The records themselves; without it the study keeps no raw copy of the file.
    later : Later, optional
        In place of all else but `seen`: only from an importer's ``read_small``, which may give such a batch where ``read`` would give rows.
    """

    seen: int
    kept: int
    rejects: Sequence[Reject] = ()
    responses: pl.DataFrame | None = None
    metrics: pl.DataFrame | None = None
    links: pl.DataFrame | None = None
    videos: pl.DataFrame | None = None
    segments: pl.DataFrame | None = None
    signals: pl.DataFrame | None = None
    exposure: pl.DataFrame | None = None
    raw: Raw | None = None
    later: Later | None = None


@dataclass
class Facts:
    """What a file tells about the sample it is; an importer fills this while it reads.

    ``expected`` holds the platform's own totals, ``caps`` limits of the export by kind, ``context`` what of the file (not of a record) the rows
    depend on: it is kept, so that the raw copy can be mapped again. ``exported_at`` is ISO 8601 in UTC.
    """

    what: str = ""
    platform: str = ""
    videos: list[str] = field(default_factory=list)
    video_from: str = ""
    sort_order: str = "unknown"
    exported_at: str = ""
    is_truncated: bool = False
    truncation: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)
    caps: dict[str, int] = field(default_factory=dict)
    first_level_only: bool = False
    context: dict[str, str] = field(default_factory=dict)

    def truncated(self, message: str) -> None:
        """Note that the file is not the whole."""
        self.is_truncated = True
        self.truncation.append(message)

    def expect(self, kind: str, total: int, *, video: str | None = None, root: str | None = None) -> None:
        """Note the platform's own total of a kind (``comment`` with replies, ``first_level``, ``reply``, ``danmaku``, ``repost``).

        Of a video (its native id), or below a message (``fork:native``).
        """
        self.expected.append({"kind": kind, "total": total, "video": video, "root": root})


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

_WALL = pl.Datetime("ms", "UTC")
_PLACE: dict[str, pl.DataType] = {"platform": pl.String(), "video": pl.String()}

DRAFTS: dict[str, dict[str, pl.DataType]] = {
    "responses": RESPONSE_DRAFT,
    "videos": {
        **_PLACE,
        "title": pl.String(),
        "description": pl.String(),
        "author": pl.String(),
        "aliases": pl.List(pl.String()),
        "work_id": pl.String(),
        "offset_ms": pl.Int64(),
        "duration_ms": pl.Int64(),
        "published_at": _WALL,
    },
    "metrics": {
        **_PLACE,
        "response": pl.String(),
        "account": pl.String(),
        "subject": pl.String(),
        "at": _WALL,
        "name": pl.String(),
        "value": pl.Float64(),
    },
    "links": {
        **_PLACE,
        "node": pl.String(),
        "parent": pl.String(),
        "kind": pl.String(),
        "actor": pl.String(),
        "sent_at": _WALL,
    },
    "segments": {
        **_PLACE,
        "kind": pl.String(),
        "name": pl.String(),
        "start_ms": pl.Int64(),
        "end_ms": pl.Int64(),
        "text": pl.String(),
        "lang": pl.String(),
    },
    "signals": {**_PLACE, "at_ms": pl.Int64(), "name": pl.String(), "value": pl.Float64()},
    "exposure": {**_PLACE, "at_ms": pl.Int64(), "retention": pl.Float64()},
}
"""Columns of each table before intake. The subject of a metric is ``subject`` as it stands, else a response (``fork:native``), else an account (a person's
id: it becomes a key), else the video. A node or parent of a link is ``fork:native`` of a response, ``video:native`` of a video, ``id:`` and a whole id on
another platform, or ``url:`` and an address."""


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


@runtime_checkable
class Remapper(Protocol):
    """An importer whose records can be mapped again from the raw copy, where authors are keys and names are gone."""

    name: str
    personal: Personal

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records that were kept; `facts` holds the context of the first reading."""
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
    scores : pa.Table, optional
        Schema `core.schema.SCORES`, from a coder that knows how sure it is.
    failed : pa.Table, optional
        Schema `core.schema.FAILED`: decisions that it was asked for and did not make.
    """

    codings: pa.Table
    abstained: pa.Table
    scores: pa.Table | None = None
    failed: pa.Table | None = None


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
        """Code a batch with the columns ``text_key`` int64, ``text`` string, ``lang`` string.

        A coder that ``uses_context`` gets two more: ``parent``, the text that was answered to, and ``transcript``, the lines spoken within 10 s of the
        message; both null where there is none. ``text_key`` is then of the text with its context.
        """
        ...


@dataclass(frozen=True)
class Forecast:
    """What a coding run will ask for, before it asks for anything.

    Parameters
    ----------
    texts : int
        Distinct texts to code.
    requests, cached : int
        Requests to make, and those whose answer is already there.
    tokens_in, tokens_out : int
        Tokens sent and expected back, estimated.
    cost : float or None
        In `currency`; None where no prices were given.
    sends : str
        What leaves this machine and where it goes; empty where nothing does.
    """

    texts: int
    requests: int
    cached: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    currency: str
    sends: str


@runtime_checkable
class Forecaster(Protocol):
    """A coder that can say beforehand what a run will cost and what leaves the machine."""

    def forecast(self, texts: pa.Table) -> Forecast:
        """The forecast for distinct texts, with the columns that `Coder.code` gets."""
        ...


@runtime_checkable
class Trained(Protocol):
    """A coder that was trained on people's codings and can be kept."""

    def save(self, folder: Path) -> None:
        """Write the model and its card (data, folds, scores) to a folder."""
        ...


@dataclass(frozen=True)
class CoderSetup:
    """What a coder is made from.

    Parameters
    ----------
    book : Codebook
        The codebook.
    modules : sequence of str
        Modules that are on, sorted.
    options : mapping of str
        What the person set: ``--set name=value``. A coder refuses names that it does not know.
    labels : callable
        People's codings, for coders that learn: ``text_key, lang, text, parent, transcript, code, value, weight``, one row per text, decision and value;
        ``weight`` is the share of the coders who said so.
    cache : Path, optional
        Folder that a coder may keep answers in.
    seed : int
        Seed of the study.
    """

    book: Codebook
    modules: Sequence[str]
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Callable[[], pl.DataFrame] = pl.DataFrame
    cache: Path | None = None
    seed: int = 0


CoderMaker = Callable[[CoderSetup], Coder]


class Executor(Protocol):
    """Runs a pure function over Parquet partitions."""

    def map_partitions(self, work: Callable[[Path], None], paths: Sequence[Path], *, title: str) -> None:
        """Call `work` once for each path."""
        ...

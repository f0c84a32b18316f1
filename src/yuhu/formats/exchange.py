"""What all exchange formats carry: codes as drafts, codings as a frame, units, and lists of what was lost or rejected on the way.

A writer takes an `Exchange` and gives `Written` files with the losses of its format; a reader takes bytes and gives an `Exchange`.
"""

import datetime as dt
import hashlib
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from yuhu.core.contracts import Reject
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODER_KINDS, CODING, STATUSES, UNIT_KINDS, polars_schema
from yuhu.formats.book_drafts import BookDraft

CODING_DRAFT = polars_schema(CODING)
"""Columns of the `Coding` table; in a draft ``purpose`` and ``occasion`` may be null."""

_LARGEST: dict[pl.DataType, int] = {pl.Int64(): 1 << 63, pl.Int32(): 1 << 31}

VIDEO_DRAFT = pl.Schema({"video_id": pl.String(), "media": pl.String(), "duration_ms": pl.Int64(), "fps": pl.Float64()})
"""Videos of span codings: ``media`` is the name of the media file; it is named in files, never read or embedded."""

UNIT_COLUMNS = ("unit_id", "video_id", "text")
"""What each unit has; further columns of a frame of units are its context (``kind``, ``at_ms`` …)."""

UNKNOWN_CODER = "unknown"
"""Who coded where the file does not say it."""


@dataclass(frozen=True)
class Loss:
    """Something that did not pass: what, how often, why, and where it was first seen."""

    what: str
    count: int
    why: str = ""
    first: str = ""


@dataclass
class Losses:
    """Losses while they are counted, in the order in which they were first seen."""

    _found: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def add(self, what: str, why: str = "", *, first: str = "", count: int = 1) -> None:
        """Count a loss."""
        if count:
            before, at = self._found.get((what, why), (0, first))
            self._found[what, why] = (before + count, at)

    def listed(self) -> tuple[Loss, ...]:
        """All losses."""
        return tuple(Loss(what, count, why, first) for (what, why), (count, first) in self._found.items())


@dataclass(frozen=True)
class Exchange:
    """What a file says, or is to say.

    Parameters
    ----------
    book : BookDraft
        Codes.
    codings : pl.DataFrame
        Columns of `CODING_DRAFT`, in the order of `ordered`.
    units : pl.DataFrame
        Columns `UNIT_COLUMNS`, then context; one row each.
    videos : pl.DataFrame
        Columns of `VIDEO_DRAFT`.
    losses : tuple of Loss
        What the file held that is not here.
    rejects : tuple of Reject
        Codings that are not understood, each with its place; seen = codings + rejects + blank.
    notes : tuple of str
        What a person should know of how the file was read.
    seen, blank : int
        Codings that the file has, and places for one that are empty: not coded.
    """

    book: BookDraft = field(default_factory=BookDraft)
    codings: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=CODING_DRAFT))
    units: pl.DataFrame = field(default_factory=lambda: units_frame([]))
    videos: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VIDEO_DRAFT))
    losses: tuple[Loss, ...] = ()
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    seen: int = 0
    blank: int = 0


@dataclass(frozen=True)
class Written:
    """Files by name, and what their format cannot hold."""

    files: Mapping[str, bytes]
    losses: tuple[Loss, ...] = ()


def script_of(text: str) -> str:
    """The language that the letters of a text alone tell: ``zh``, ``ja``, ``ko``, or ``und``."""
    if any("\u3040" <= sign <= "\u30ff" for sign in text):
        return "ja"
    if any("\uac00" <= sign <= "\ud7af" for sign in text):
        return "ko"
    return "zh" if any("\u3400" <= sign <= "\u9fff" or "\U00020000" <= sign <= "\U0003ffff" for sign in text) else "und"


@dataclass(frozen=True)
class Writing:
    """How to write.

    Parameters
    ----------
    at : datetime
        When the file is made, with its zone; the same moment gives the same bytes.
    lang : str
        Language that people see.
    name : str
        Name of the project; files are called after it.
    per_source : int
        Responses in one text source of REFI-QDA.
    coders : sequence of str
        Whose codings a sheet or a tier is made for, also where there are none yet.
    context : sequence of str
        Columns of the units that coders see beside the text.
    design : str
        Hash of the sampling design, kept in a sheet.
    fps : float
        Frames a second where a video has none of its own (Label Studio counts in frames).
    timeline : bool
        Label Studio: one task for a video with a timeline, rather than one for each span.
    """

    at: dt.datetime
    lang: str = "en"
    name: str = "codings"
    per_source: int = 500
    coders: Sequence[str] = ()
    context: Sequence[str] = ()
    design: str = ""
    fps: float = 25.0
    timeline: bool = False


@dataclass(frozen=True)
class Reading:
    """How to read.

    Parameters
    ----------
    name : str
        What messages call the file.
    book : BookDraft, optional
        The codes that are expected; values are then checked against them.
    coder, code : str
        Whose codings these are, and of which code, where the file does not say it.
    video : str
        The video, where the file does not say it.
    lang_of : callable
        Tells the language of a label or definition in a foreign codebook.
    tz : str
        Zone of times that have none.
    fps : float
        Frames a second of a Label Studio timeline whose task does not say it.
    columns : mapping of str to str
        What columns of a table are, where their names do not tell: ``{"emotion": "code"}``.
    """

    name: str = "file"
    book: BookDraft | None = None
    coder: str = ""
    code: str = ""
    video: str = ""
    lang_of: Callable[[str], str] = script_of
    tz: str = "UTC"
    fps: float = 25.0
    columns: Mapping[str, str] = field(default_factory=dict)


def codings_frame(rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
    """Codings as a frame of `CODING_DRAFT`, in the order of `ordered`; a row may leave out what is null."""
    held = list(rows)
    return ordered(pl.DataFrame({name: [row.get(name) for row in held] for name in CODING_DRAFT}, schema=CODING_DRAFT))


def checked(codings: pl.DataFrame) -> pl.DataFrame:
    """The codings in the order of `ordered`, if they are codings.

    Raises
    ------
    YuhuError
        YH503 a status, kind of unit or kind of coder is not known, a coder or code is missing, or a coded row has no value.
    """
    frame = ordered(codings)
    wrong = frame.filter(
        ~pl.col("status").is_in(STATUSES).fill_null(value=False)
        | ~pl.col("unit_kind").is_in(UNIT_KINDS).fill_null(value=False)
        | ~pl.col("coder_kind").is_in(CODER_KINDS).fill_null(value=False)
        | pl.col("coder").is_null()
        | pl.col("code").is_null()
        | ((pl.col("status") == "coded") != pl.col("value").is_not_null())
    )
    if wrong.height:
        facts = {"rows": wrong.height, "first": {name: value for name, value in wrong.row(0, named=True).items() if value is not None}}
        fix = f"status is one of {', '.join(STATUSES)}; only `coded` has a value"
        raise YuhuError("YH503", "a coding is not understood", facts=facts, fix=fix)
    return frame


def ordered(codings: pl.DataFrame) -> pl.DataFrame:
    """The codings with all columns of `CODING_DRAFT`, by unit, code, coder and time, so that equal codings are equal frames."""
    have = set(codings.columns)
    full = codings.select((pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name) for name, kind in CODING_DRAFT.items())
    first = ("unit_kind", "unit_id", "video_id", "start_ms", "end_ms", "code", "coder", "at")
    return full.sort(*first, *(name for name in CODING_DRAFT if name not in first), maintain_order=True)


def units_frame(rows: Iterable[Mapping[str, object]], context: Mapping[str, pl.DataType] | None = None) -> pl.DataFrame:
    """Units as a frame: `UNIT_COLUMNS`, then the columns of `context`."""
    schema = {**dict.fromkeys(UNIT_COLUMNS, pl.String()), **(context or {})}
    columns: dict[str, list[object]] = {name: [] for name in schema}
    for row in rows:
        for name, values in columns.items():
            values.append(row.get(name))
    return pl.DataFrame(columns, schema=schema)


def with_unit_columns(units: pl.DataFrame) -> pl.DataFrame:
    """The units with all of `UNIT_COLUMNS` first."""
    context = [name for name in units.columns if name not in UNIT_COLUMNS]
    have = set(units.columns)
    fixed = ((pl.col(name) if name in have else pl.lit(None)).cast(pl.String).alias(name) for name in UNIT_COLUMNS)
    return units.select(*fixed, *context)


def fits(name: str, held: object) -> bool:
    """Whether a value out of a foreign file can stand in a column of the codings."""
    if held is None:
        return True
    most = _LARGEST.get(CODING_DRAFT[name])
    if most is not None:
        return isinstance(held, int) and not isinstance(held, bool) and -most <= held < most
    return isinstance(held, str) and CODING_DRAFT[name] == pl.String


def rejected(place: str, why: str, content: object) -> Reject:
    """A coding that is not kept: its place, the reason, and a hash of what it held."""
    return Reject(place, why, hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:16])


def free_name(wanted: str, taken: Collection[str], ending: str = "") -> str:
    """The name with its ending, with a number before the ending where it is taken."""
    names = (f"{wanted}{ending}" if at == 1 else f"{wanted}-{at}{ending}" for at in itertools.count(1))
    return next(name for name in names if name not in taken)


def file_stem(name: str) -> str:
    """A name that every file system takes: letters, digits, ``-``, ``_`` and ``.``; never empty, hidden or longer than 80 characters."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in name).strip("._")
    return kept[:80].encode("utf-8", "ignore").decode() or "unnamed"

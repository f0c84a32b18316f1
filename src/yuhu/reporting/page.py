"""What a report is made of, before it is HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.reporting.figures.drawing import Drawing
from yuhu.study.coverage import Finding
from yuhu.study.manifest import Run, SourceEntry
from yuhu.study.settings import Settings


@dataclass(frozen=True)
class Figure:
    """A chart with a title and a note on how to read it."""

    id: str
    title: str
    drawing: Drawing
    note: str

    @property
    def svg(self) -> str:
        """The chart as SVG."""
        return self.drawing.svg


@dataclass(frozen=True)
class Table:
    """Rows of texts under columns; a column whose name ends in # holds numbers, in #~ unvalidated machine shares (hatched)."""

    id: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    folded: bool = False


@dataclass(frozen=True)
class View:
    """One section of a report."""

    id: str
    title: str
    paragraphs: Sequence[str] = ()
    points: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Facts:
    """All that a report may say: a study's settings, sources, codebook, machine run, counts and estimates."""

    settings: Settings
    sources: Sequence[SourceEntry]
    book: Codebook
    run: Run | None
    counts: Mapping[str, Any]
    estimates: pl.DataFrame
    spec_hash: str
    abstained: Mapping[str, int]
    unserved: Sequence[str]
    n_works: int
    n_videos: int
    version: str
    target: str
    n_special: int = 0
    sent: tuple[str, str] | None = None
    gold: Mapping[str, Any] = field(default_factory=dict)
    missing: Sequence[Finding] = ()
    leave_out: Sequence[str] = ()
    n_left_out: int = 0
    agreement: tuple[Mapping[str, Any], pl.DataFrame] | None = None
    agreement_is_current: bool = True
    deviations: Sequence[tuple[str, str]] = ()

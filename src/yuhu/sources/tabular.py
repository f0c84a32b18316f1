"""Any table with a mapping from its columns to fields: separated text, JSON lines and lists, Parquet, Excel, SQLite."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.clock import zone
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw, Reject
from yuhu.sources.column_names import names_people
from yuhu.sources.flat_frames import Piece, frame_of
from yuhu.sources.map_columns import PEOPLE, fields_of, of_table, raw_of
from yuhu.sources.map_fields import COUNTS, Mapped, understood
from yuhu.sources.map_rows import Made, default_kind, made_of
from yuhu.sources.map_values import PLATFORM
from yuhu.sources.rounded import Rounding
from yuhu.sources.table_choice import TABLE, chosen_pieces


@dataclass
class _Tally:
    """What is counted over the pieces of a file."""

    timeless: int = 0
    numberless: int = 0
    rounding: Rounding = field(default_factory=Rounding)


class MappedTable:
    """A table whose columns the person names: ``--map column=field``. `map_fields` has the fields, and says what a table holds."""

    name = "mapped_table.v1"
    label: Mapping[str, str] = {"en": "table with --map", "zh": "用 --map 指定列的表"}

    def __init__(self) -> None:
        self.personal = Personal()

    def sniff(self, head: Head) -> float:
        """Only with a mapping."""
        return 1.0 if head.mapped and not head.text.lstrip().startswith("<") else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The rows as drafts of the table that the mapped fields decide.

        Raises
        ------
        YuhuError
            YH102 a mapped column is missing; YH106 not readable; YH107 naive times without --tz; YH108 a field is unknown, missing, or does not fit.
        """
        tally = _Tally()
        mapped, pieces = chosen_pieces(origin, _prepared(origin, facts), facts)
        for piece in pieces:
            if piece.seen:
                self._meet(piece.rows, mapped)
                yield from self._batches(piece, mapped, origin, facts, tally)
        _notes(tally, mapped, origin, facts)

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records of the raw copy."""
        mapped = of_table(_prepared(origin, facts), facts.context.get(TABLE, ""))
        for part in raw:
            rows = frame_of(part.records)
            fields = fields_of(rows, mapped, is_again=True).with_columns(place=pl.Series(part.places, dtype=pl.String))
            made = made_of(fields, mapped, origin, facts)
            yield _batch(made, rows.height, raw=part)

    def _meet(self, rows: pl.DataFrame, mapped: Mapped) -> None:
        """Take note of where people stand: the study's door takes them out of the raw copy."""
        author = tuple(column for name, column in mapped.columns.items() if name in PEOPLE)
        drop = {name for name in rows.columns if names_people(name)} - {*mapped.columns.values(), *mapped.values}
        self.personal = Personal(author=author, drop=tuple(sorted({*self.personal.drop, *drop})))

    def _batches(self, piece: Piece, mapped: Mapped, origin: Origin, facts: Facts, tally: _Tally) -> Iterator[Batch]:
        places = pl.select(pl.concat_str(pl.lit(f"{piece.word} "), piece.numbers.cast(pl.String))).to_series()
        fields = fields_of(piece.rows, mapped).with_columns(place=places)
        tally.rounding.look(fields)
        broken = piece.rejects
        for platform, part, rows in _by_platform(fields, piece.rows, origin):
            made = made_of(part, mapped, origin, facts)
            tally.timeless += made.timeless
            tally.numberless += made.numberless
            raw = Raw(part["place"].to_list(), raw_of(rows, mapped), platform)
            yield _batch(made, rows.height, raw=raw, broken=broken)
            broken = ()


def _batch(made: Made, n: int, *, raw: Raw, broken: Sequence[Reject] = ()) -> Batch:
    """The drafts of `n` rows; `broken` are records that gave no row."""
    tables: dict[str, Any] = dict(made.tables)
    return Batch(n + len(broken), made.kept, [*broken, *made.rejects], raw=raw, **tables)


def _by_platform(fields: pl.DataFrame, rows: pl.DataFrame, origin: Origin) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Rows of one platform at a time: authors get their keys under it."""
    default = origin.platform or PLATFORM
    if origin.platform or "platform" not in fields.columns or not rows.height:
        yield default, fields, rows
        return
    named = fields.select(pl.col("platform").fill_null(default)).with_row_index("row")
    for (platform,), of_platform in named.group_by("platform", maintain_order=True):
        yield str(platform), fields[of_platform["row"]], rows[of_platform["row"]]


def _prepared(origin: Origin, facts: Facts) -> Mapped:
    mapped = understood(origin)
    if origin.tz:
        zone(origin.tz)
    table = mapped.shape.table
    facts.what = _plural(default_kind(mapped, origin)) if table == "responses" else mapped.shape.what
    facts.platform = origin.platform or PLATFORM
    facts.video_from = "--video" if origin.video else "a column" if "video" in mapped else "file name"
    return mapped


def _plural(kind: str) -> str:
    return {"danmaku": "danmaku", "reply": "replies"}.get(kind, f"{kind}s")


def _notes(tally: _Tally, mapped: Mapped, origin: Origin, facts: Facts) -> None:
    if tally.timeless:
        facts.notes.append(f"{tally.timeless:,} times were not understood and are unknown")
    if tally.numberless:
        facts.notes.append(f"{tally.numberless:,} numbers were not understood and are left out")
    facts.notes += tally.rounding.notes(mapped)
    if mapped.shape.table == "videos" and mapped.given(COUNTS) and "counted_at" not in mapped and not origin.exported_at:
        facts.notes.append("counts were left out: nobody says when they were taken (map `counted_at`, or --exported-at)")

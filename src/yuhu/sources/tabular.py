"""Any table with a mapping from its columns to fields: separated text, JSON lines and lists, Parquet, Excel, SQLite."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import polars as pl

from yuhu.core.clock import zone
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw
from yuhu.sources.column_names import names_people
from yuhu.sources.flat_pieces import Piece, frame_of
from yuhu.sources.map_columns import PEOPLE, columns_of, fields_of, raw_of
from yuhu.sources.map_fields import Mapped, understood
from yuhu.sources.map_rows import default_kind, made_of
from yuhu.sources.map_values import PLATFORM
from yuhu.sources.rounded import Rounding
from yuhu.sources.table_choice import chosen_pieces


@dataclass
class _Tally:
    """What is counted over the pieces of a file."""

    timeless: int = 0
    undated: bool = False
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
        mapped = _prepared(origin, facts)
        tally = _Tally()
        for piece in chosen_pieces(origin, mapped, facts):
            self._meet(piece.rows, mapped)
            yield from self._batches(piece, mapped, origin, facts, tally)
        _notes(tally, mapped, origin, facts)

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records of the raw copy."""
        mapped = _prepared(origin, facts)
        for part in raw:
            rows = frame_of(part.records)
            fields = fields_of(rows, mapped, facts).with_columns(place=pl.Series(part.places, dtype=pl.String))
            made = made_of(fields, mapped, origin, facts)
            yield Batch(rows.height, made.kept, made.rejects, raw=part, **made.tables)

    def _meet(self, rows: pl.DataFrame, mapped: Mapped) -> None:
        """Take note of where people stand: the study's door takes them out of the raw copy."""
        used = columns_of(mapped)
        author = tuple(column for name, column in used.items() if name in PEOPLE)
        drop = {name for name in rows.columns if names_people(name)} - set(used.values())
        self.personal = Personal(author=author, drop=tuple(sorted({*self.personal.drop, *drop})))

    def _batches(self, piece: Piece, mapped: Mapped, origin: Origin, facts: Facts, tally: _Tally) -> Iterator[Batch]:
        places = pl.select(pl.concat_str(pl.lit(f"{piece.word} "), piece.numbers.cast(pl.String))).to_series()
        fields = fields_of(piece.rows, mapped, facts).with_columns(place=places)
        tally.rounding.look(fields)
        rejects = list(piece.rejects)
        for platform, part, rows in _by_platform(fields, piece.rows, origin):
            made = made_of(part, mapped, origin, facts)
            tally.timeless += made.timeless
            raw = Raw(part["place"].to_list(), raw_of(rows, mapped, facts), platform)
            yield Batch(rows.height + len(rejects), made.kept, [*rejects, *made.rejects], raw=raw, **made.tables)
            rejects = []


def _by_platform(fields: pl.DataFrame, rows: pl.DataFrame, origin: Origin) -> Iterator[tuple[str, pl.DataFrame, pl.DataFrame]]:
    """Rows of one platform at a time: authors get their keys under it."""
    default = origin.platform or PLATFORM
    if origin.platform or "platform" not in fields.columns or not rows.height:
        yield default, fields, rows
        return
    named = fields["platform"].fill_null(default)
    for platform in named.unique(maintain_order=True):
        is_of = named == platform
        yield platform, fields.filter(is_of), rows.filter(is_of)


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
    facts.notes += tally.rounding.notes(mapped)
    if mapped.uncounted and not origin.exported_at:
        facts.notes.append("counts were left out: nobody says when they were taken (map `counted_at`, or --exported-at)")

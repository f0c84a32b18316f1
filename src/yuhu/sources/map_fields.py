"""The fields that columns can be mapped to, and the rule by which the mapped fields decide what a table holds.

Each kind of table has a sign, a field that no other kind before it has; the first kind in `SHAPES` whose sign is mapped is what the table holds.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError

MEDIA = ("at_ms", "at_s", "at_clock")
START = ("start_ms", "start_s", "start_clock")
END = ("end_ms", "end_s", "end_clock")
DURATION = ("duration_ms", "duration_s", "duration_clock")
COUNTS = ("views", "likes", "comments", "shares", "favorites", "coins", "danmaku")
"""Counts of a video, each a metric of this name."""

_PLACE = ("video", "platform")


@dataclass(frozen=True)
class Shape:
    """A kind of table.

    Parameters
    ----------
    table : str
        The table of `DRAFTS` that its rows fill.
    what : str
        What its records are called.
    signs : sequence of fields
        Fields any of which makes a table one of this kind.
    needed : sequence of alternatives
        Of each, one field must be mapped; the first is asked for.
    others : sequence of fields
        What else may be mapped.
    """

    table: str
    what: str
    signs: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]
    others: tuple[str, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that go with it."""
        return tuple(dict.fromkeys((*(name for group in self.needed for name in group), *self.signs, *self.others)))


SHAPES = (
    Shape("links", "links", ("node",), (("node",), ("parent",)), ("link_kind", "sent_at", "actor", *_PLACE)),
    Shape("metrics", "metrics", ("subject", "account", "at"), (("subject", "account", "video"), ("at",), ("value",)), ("name", *_PLACE)),
    Shape("exposure", "retention values", ("retention",), (("retention",), MEDIA), _PLACE),
    Shape("segments", "segments", START, (START,), (*END, "text", "kind", "name", "lang", *_PLACE)),
    Shape("signals", "signal values", ("value",), (("value",), MEDIA), ("name", *_PLACE)),
    Shape(
        "responses",
        "comments",
        ("text",),
        (("text",),),
        ("id", "kind", *MEDIA, "sent_at", "author", "parent", "root", "likes", "lang", "region", "actor", *_PLACE),
    ),
    Shape(
        "videos",
        "videos",
        ("title", "description", "published_at", *DURATION, "counted_at"),
        (("title", "description", "published_at", *DURATION, "counted_at"),),
        ("author", *COUNTS, *_PLACE),
    ),
)
FIELDS = tuple(dict.fromkeys(name for shape in (*SHAPES[5:], *SHAPES[:5]) for name in shape.fields))
REPEATED = ("value",)
"""Fields that several columns may have: each column is a metric or signal of its own."""


@dataclass(frozen=True)
class Mapped:
    """A mapping that is understood: the kind of table, the column of each field, and the columns that hold values."""

    shape: Shape
    columns: Mapping[str, str]
    values: tuple[str, ...] = ()

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def given(self, names: Collection[str]) -> str | None:
        """The first of some fields that is mapped."""
        return next((name for name in names if name in self.columns), None)


def shape_of(fields: Collection[str]) -> Shape:
    """What a table with these fields holds; messages where nothing tells."""
    found = next((shape for shape in SHAPES if not set(fields).isdisjoint(shape.signs)), None)
    return found or next(shape for shape in SHAPES if shape.table == "responses")


def understood(origin: Origin) -> Mapped:
    """The mapping of a file.

    Raises
    ------
    YuhuError
        YH108 a field is not known, is mapped twice, is missing, or does not go with the others.
    """
    columns: dict[str, str] = {}
    values: list[str] = []
    for column, name in origin.mapping.items():
        if name not in FIELDS:
            raise YuhuError(
                "YH108",
                f"`{name}` is not a field",
                facts={"known": ", ".join(FIELDS)},
                fix="--map column=field, for example --map content=text",
            )
        if name in columns and name not in REPEATED:
            raise YuhuError(
                "YH108", f"field `{name}` is mapped twice", facts={"columns": f"{columns[name]}, {column}"}, fix="map each field once"
            )
        columns.setdefault(name, column)
        if name in REPEATED:
            values.append(column)
    _check(columns, values, origin)
    return Mapped(shape_of(columns), columns, tuple(values))


def _check(columns: Mapping[str, str], values: Collection[str], origin: Origin) -> None:
    shape = shape_of(columns)
    said = {"video"} if origin.video else set()
    for group in shape.needed:
        if (columns.keys() | said).isdisjoint(group):
            raise YuhuError(
                "YH108",
                f"field `{group[0]}` is not mapped",
                facts={"table of": shape.what, "mapped": ", ".join(columns) or "nothing"},
                fix=f"--map COLUMN={' or COLUMN='.join(group)}",
            )
    strange = next((name for name in columns if name not in shape.fields), None)
    if strange is not None:
        raise YuhuError(
            "YH108",
            f"field `{strange}` does not go with `{next(name for name in shape.signs if name in columns)}`",
            facts={"table of": shape.what, "its fields": ", ".join(shape.fields)},
            fix=f"leave `--map {columns[strange]}={strange}` out, or write the two to tables of their own",
        )
    if len(values) > 1 and "name" in columns:
        raise YuhuError(
            "YH108",
            "`name` does not go with several columns of values",
            facts={"values": ", ".join(values)},
            fix="map `name` or one `value`",
        )

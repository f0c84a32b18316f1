"""A guess at what the columns of a table are, from their names and from a sample of their cells. It is shown, never used in silence."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from yuhu.sources.cell_looks import Looks
from yuhu.sources.column_fits import FITS, WALLS, any_cells
from yuhu.sources.column_names import NAMES, alike, names_people, unit_of
from yuhu.sources.map_fields import SHAPES, Shape

_PLAIN = re.compile(r"[\w@%+=:,./-]+")
_UNSEEN = 0.85
_SURE = 0.97
_PART = 0.75
_BY_LOOKS = 0.4
_LEAST = 0.35
_SHAPES = {shape.table: shape for shape in SHAPES}


def for_shell(text: str) -> str:
    """A word of a command: quoted only where a shell would take it apart."""
    return text if _PLAIN.fullmatch(text) else shlex.quote(text)


@dataclass(frozen=True)
class Guess:
    """What the columns of a table seem to be.

    Parameters
    ----------
    mapping : mapping of str to str
        Field by column.
    shape : Shape
        What the table seems to hold.
    tz_needed : bool
        Whether times stand without a zone, or may.
    confidence : mapping of str to float
        For each mapped column, in [0, 1].
    reasons : mapping of str to str
        Why a column was mapped, or left out.
    """

    mapping: Mapping[str, str]
    shape: Shape
    tz_needed: bool = False
    confidence: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_enough(self) -> bool:
        """Whether the table can be read with it."""
        fields = set(self.mapping.values())
        return bool(fields) and all(not fields.isdisjoint(group) for group in self.shape.needed)

    def as_options(self) -> list[str]:
        """The options of `yuhu add` that say the same."""
        return [f"--map {for_shell(f'{column}={name}')}" for column, name in self.mapping.items()]

    def as_words(self) -> str:
        """One line for people: each column with its field, and how sure that is."""
        return ", ".join(f"{column} = {name} ({self.confidence[column]:.0%})" for column, name in self.mapping.items())


@dataclass(frozen=True)
class _Candidate:
    column: str
    meaning: str
    field: str
    score: float
    reason: str


def guess_mapping(columns: Sequence[str], rows: Sequence[Sequence[str | None]] = ()) -> Guess:
    """What the columns of a table seem to be.

    Parameters
    ----------
    columns : sequence of str
        Names; in JSON also paths with dots.
    rows : sequence of rows
        A sample: for each row the cells in the order of the columns. Without one only names count.

    Returns
    -------
    Guess
        Possibly without any column.
    """
    looks = {
        name: Looks.of([row[at] if at < len(row) else None for row in rows]) if rows else None
        for at, name in reversed(list(enumerate(columns)))
        if name
    }
    looks = dict(reversed(looks.items()))
    reasons = {name: why for name, one in looks.items() if (why := _left_out(one))}
    found = [one for name, sample in looks.items() if name not in reasons for one in _candidates(name, sample)]
    shape = _shape(found)
    if shape.table == "responses" and not any(one.field == "text" for one in found):
        found += _by_looks({name: one for name, one in looks.items() if name not in reasons and one is not None}, found)
    chosen = _chosen(found, shape)
    for name, sample in looks.items():
        if name not in chosen and name not in reasons:
            reasons[name] = _unused(name, sample, found)
    tz = any(one.field in WALLS and _may_be_naive(one.column, looks[one.column]) for one in chosen.values())
    return Guess(
        {name: one.field for name, one in chosen.items()},
        shape,
        tz,
        {name: round(one.score, 2) for name, one in chosen.items()},
        {**reasons, **{name: one.reason for name, one in chosen.items()}},
    )


def _left_out(sample: Looks | None) -> str:
    """Why a column is not looked at any further; empty if it is."""
    if sample is not None and sample.is_empty:
        return "it is empty in the rows looked at"
    if sample is not None and sample.are_addresses:
        return "addresses of machines name people"
    if sample is not None and sample.are_links:
        return "its cells are links"
    return ""


def _unused(name: str, sample: Looks | None, found: Sequence[_Candidate]) -> str:
    meant = next((one for one in found if one.column == name), None)
    if meant is not None:
        return f"another column is surer to be `{meant.field}`" if meant.field else "a count of replies has no field"
    if names_people(name):
        return "it names people"
    return "its name is not known" if sample is None else "neither its name nor its cells tell"


def _spellings(name: str) -> list[tuple[str, str]]:
    """Ways to read a name, the whole one first: of a path with dots also its end."""
    ends = name.split(".")
    parts = [name, *(".".join(ends[at:]) for at in range(1, len(ends)))]
    return [(alike(part), unit_of(part)) for part in dict.fromkeys(parts) if alike(part)]


def _candidates(name: str, sample: Looks | None) -> Iterator[_Candidate]:
    """What a column may be by its name, as far as its cells do not speak against it."""
    for meaning, known in NAMES.items():
        matched = _name_score(name, meaning, known)
        if matched is None:
            continue
        score, how, unit = matched
        made = FITS.get(meaning, any_cells)(name, meaning, unit, sample)
        if made is None:
            continue
        named, fits, seen = made
        factor = _UNSEEN if sample is None else fits
        yield _Candidate(name, meaning, named, score * factor, f"{how}, {seen}" if sample is not None and seen else how)


def _name_score(name: str, meaning: str, known: str) -> tuple[float, str, str] | None:
    """How well a name fits, in words, and the unit it names."""
    words = known.split()
    spelled = _spellings(name)
    for at, (spelling, unit) in enumerate(spelled):
        if spelling in words:
            return _SURE - 0.002 * min(words.index(spelling), 40) - 0.03 * at, "its name", unit
    whole, unit = spelled[0] if spelled else ("", "")
    ends = [word for word in words if len(word) >= (2 if word > "\u2e80" else 5) and whole.endswith(word)]
    if (
        ends
        and not any(mark in whole for mark in ("url", "链接", "头像", "图"))
        and meaning not in {"author name", "name", "value", "kind"}
    ):
        longest = max(ends, key=len)
        return _PART * (0.8 + 0.2 * len(longest) / len(whole)), f"its name ends in {longest}", unit
    return None


def _shape(found: Sequence[_Candidate]) -> Shape:
    """What the table holds, by the fields that some column may be."""
    fields = {one.field for one in found if one.score >= _LEAST}
    sure = {one.field for one in found if one.score > 0.8 * _SURE * _UNSEEN}
    for table in ("links", "metrics", "exposure", "segments"):
        shape = _SHAPES[table]
        needed = all(not fields.isdisjoint(group) for group in shape.needed)
        if needed and not fields.isdisjoint({"node", "subject", "retention", "start_s", "start_ms", "start_clock"} & set(shape.fields)):
            return shape
    of_video = sure & {"title", "views", "duration_s", "duration_ms", "duration_clock"}
    if "text" in fields and not (len(of_video) >= 2 and "text" not in sure):
        return _SHAPES["responses"]
    return _SHAPES["videos"] if of_video else _SHAPES["responses"]


def _by_looks(looks: Mapping[str, Looks], found: Sequence[_Candidate]) -> list[_Candidate]:
    """The column with the longest texts that vary most, where no name tells which holds the messages."""
    taken = {one.column for one in found if one.score >= 0.8}
    worded = {
        name: one
        for name, one in looks.items()
        if name not in taken and not names_people(name) and one.are_texts and one.distinct > 0.3 and (one.length >= 6 or not one.are_ids)
    }
    if not worded:
        return []
    best = max(worded, key=lambda name: worded[name].length * worded[name].distinct)
    return [_Candidate(best, "text", "text", _BY_LOOKS, "of all columns its texts are the longest and vary most")]


def _chosen(found: Sequence[_Candidate], shape: Shape) -> dict[str, _Candidate]:
    """One column for each field, one field for each column; the surest first."""
    chosen: dict[str, _Candidate] = {}
    taken: set[str] = set()
    order = {one.column: at for at, one in enumerate(found)}
    for one in sorted(found, key=lambda one: (-one.score, order[one.column])):
        group = one.meaning if one.meaning in {"media", "start", "end", "duration"} else one.field
        if one.field in shape.fields and one.score >= _LEAST and one.column not in chosen and group not in taken:
            chosen[one.column] = one
            taken.add(group)
    columns = list(dict.fromkeys(one.column for one in found))
    return {name: chosen[name] for name in columns if name in chosen}


def _may_be_naive(name: str, sample: Looks | None) -> bool:
    return "unix" not in alike(name) and alike(name) != "时间戳" if sample is None else sample.are_naive

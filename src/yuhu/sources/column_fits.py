"""Whether the cells of a column can be what its name says, and which field that is."""

from collections.abc import Callable, Mapping

from yuhu.core.schema import RESPONSE_KINDS
from yuhu.sources.cell_looks import Looks
from yuhu.sources.column_names import alike

KINDS_ZH = {
    "弹幕": "danmaku",
    "评论": "comment",
    "一级评论": "comment",
    "主评论": "comment",
    "回复": "reply",
    "二级评论": "reply",
    "子评论": "reply",
    "帖子": "post",
    "微博": "post",
    "转发": "repost",
}
"""Kinds of messages in Chinese."""

WALLS = ("sent_at", "published_at", "counted_at", "at")
"""Fields that hold wall times."""

_COUNTED = ("likes", "views", "comments", "shares", "favorites", "coins", "danmaku", "replies")
Fit = tuple[str, float, str] | None
"""The field, how well the cells fit (1 = they fit), and what they look like; None where they cannot be it."""


def _fit(named: str, good: bool | None, seen: str) -> Fit:
    return (named, 1.0, seen) if good in {True, None} else None


def _text(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, meaning, unit
    return _fit("text", None if sample is None else sample.are_texts, "its cells are words")


def _id(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    if sample is None:
        return meaning, 1.0, ""
    if not sample.are_ids or (meaning == "id" and sample.distinct < 0.5):
        return None
    return meaning, 1.0 if meaning != "id" or sample.distinct > 0.9 else 0.8, "its cells look like ids"


def _author(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    is_name = meaning == "author name"
    if sample is not None and (sample.length > 80 or (sample.are_walls and not sample.are_numbers)):
        return None
    filled = 1.0 if sample is None else 0.6 + 0.4 * sample.filled
    seen = "a name, where no id is better" if is_name else "its cells look like ids" if sample is not None and sample.are_ids else ""
    return "author", (0.85 if is_name else 1.0) * filled, seen


def _wall(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    if sample is None:
        return meaning, 1.0, ""
    if not sample.are_walls:
        return None
    if sample.are_epochs:
        return meaning, 1.0, "its cells are epochs"
    return (meaning, 0.97, "its cells are times without a zone") if sample.are_naive else (meaning, 1.0, "its cells are times with a zone")


def _inside(field_of: Mapping[str, str], default: str) -> Callable[[str, str, str, Looks | None], Fit]:
    """Times inside a video: the field goes by the unit."""

    def fit(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
        del meaning
        named = "ms" if alike(name.rpartition(".")[2]) == "progress" else unit
        if sample is None:
            return field_of[named or default], 1.0 if named else 0.8, ""
        found = sample.time_unit(named)
        if not found:
            return None
        words = {"clock": "its cells are clock times", "s": "its cells look like seconds", "ms": "its cells look like milliseconds"}
        return field_of[found], 1.0 if named or found == "clock" else 0.85, words[found]

    return fit


def _count(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    named = "" if meaning == "replies" else meaning
    return _fit(named, None if sample is None else sample.are_counts, "its cells are counts")


def _region(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, meaning, unit
    return _fit("region", None if sample is None else sample.length < 25 and not sample.are_numbers, "its cells are short")


def _kind(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, meaning, unit
    if sample is None or not sample.within((*RESPONSE_KINDS, *KINDS_ZH)):
        return None
    return "kind", 1.0, "its cells are kinds of messages"


def _lang(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, meaning, unit
    return _fit("lang", None if sample is None else sample.are_languages, "its cells are languages")


def _label(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    return _fit(meaning, None if sample is None else sample.length < 40 and not sample.are_walls, "")


def _number(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    del name, unit
    good = None if sample is None else sample.share(lambda cell: cell.rstrip("%").replace(".", "", 1).isdigit()) > 0.8
    return _fit(meaning, good, "its cells are numbers")


def any_cells(name: str, meaning: str, unit: str, sample: Looks | None) -> Fit:
    """Anything but numbers and times, which only subjects and nodes may be."""
    del name, unit
    good = None if sample is None else not (sample.are_numbers or sample.are_walls) or meaning in {"subject", "node"}
    return _fit(meaning, good, "")


_AT = {"ms": "at_ms", "s": "at_s", "clock": "at_clock"}
FITS: dict[str, Callable[[str, str, str, Looks | None], Fit]] = {
    "text": _text,
    "id": _id,
    "parent": _id,
    "root": _id,
    "video": _id,
    "author": _author,
    "author name": _author,
    **dict.fromkeys(WALLS, _wall),
    "media": _inside(_AT, "s"),
    "start": _inside({unit: f"start_{unit}" for unit in _AT}, "s"),
    "end": _inside({unit: f"end_{unit}" for unit in _AT}, "s"),
    "duration": _inside({unit: f"duration_{unit}" for unit in _AT}, "s"),
    **dict.fromkeys(_COUNTED, _count),
    "region": _region,
    "kind": _kind,
    "lang": _lang,
    "platform": _label,
    "actor": _label,
    "name": _label,
    "link_kind": _label,
    "retention": _number,
    "value": _number,
}
"""By meaning: takes the name, the meaning, the unit of the name and the cells; a meaning that is not here is `any_cells`."""

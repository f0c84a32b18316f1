"""4CAT: tables of what Zeeschuimer captured, as CSV or NDJSON; Zeeschuimer's own CSV has the same columns."""

import csv
import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.core.contracts import Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.captured import Captures, Item, named, put, tell
from yuhu.sources.flat import flat
from yuhu.sources.fourcat_columns import TABLES, Row
from yuhu.sources.records import Reading, RecordImporter

_KEY = re.compile(r'"([^"\\]{1,60})"\s*:')
_TAKEN = re.compile(r"zeeschuimer.*?(\d{4}-\d\d-\d\d)T(\d\d)[_:-]?(\d\d)[_:-]?(\d\d)", re.IGNORECASE)
_RAW = ('"__import_meta"', '"nav_index"')
_OURS = "yuhu_capture"
_PEOPLE = (
    "author_fullname author_full author_avatar author_avatar_url author_banner_url author_bio author_location author_profile_url "
    "author_thumbnail_url author_region collected_from_url post_source_domain mentions usertags coauthors coauthor_fullnames coauthor_ids "
    "retweeted_user quoted_user quote_author replied_author replied_user comment_url url music_author"
)


def columns_of(head: Head) -> frozenset[str]:
    """Columns that the start of a table shows: its header, or the keys of its objects."""
    start = head.text.lstrip()
    if head.mapped or start.startswith("<"):
        return frozenset()
    if start.startswith(("{", "[")):
        return frozenset() if any(mark in start for mark in _RAW) else frozenset(_KEY.findall(start))
    line = start.partition("\n")[0].rstrip("\r")
    try:
        return frozenset(cell.strip() for cell in next(csv.reader([line], delimiter=max(",;\t", key=line.count)), []))
    except csv.Error:
        return frozenset()


class FourcatTable(RecordImporter):
    """A table of one module: TikTok, TikTok comments, Douyin, Xiaohongshu, its comments, X, Instagram or Threads.

    A record is a row. Of an item that has several rows the last one is kept, since a table does not say when each was captured.
    """

    name = "fourcat_table.v1"
    label: Mapping[str, str] = {"en": "4CAT table", "zh": "4CAT 数据表"}
    what = "captured items"
    personal = Personal(author=("author_user_id", "author_id", "author", "author_nickname"), drop=tuple(_PEOPLE.split()))

    def sniff(self, head: Head) -> float:
        """The columns of a module."""
        columns = columns_of(head)
        return 0.96 if any(table.needed <= columns for table in TABLES.values()) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Rows, with what becomes of those of an item that has several.

        Raises
        ------
        YuhuError
            YH102 the columns of no module; YH105 encoding; YH106 neither JSON nor separated text.
        """
        table = flat(origin)
        name = next((name for name, one in TABLES.items() if one.needed <= set(table.columns)), None)
        if name is None:
            raise YuhuError(
                "YH102",
                f"`{origin.name}` has the columns of no module that is read",
                facts={"found": ", ".join(table.columns[:12]), "read": ", ".join(TABLES)},
                fix="say what its columns are with --map COLUMN=text",
            )
        facts.context["module"] = name
        facts.platform = origin.platform or TABLES[name].platform
        facts.video_from = "--video" if origin.video else "a column"
        _date(origin, facts)
        captures = Captures()
        for place, row in table.records:
            item = TABLES[name].read(Row(row, origin.tz)) if isinstance(row, dict) else ""
            if isinstance(item, Item):
                captures.met(item, None, place)
        marks = captures.marks()
        for place, row in flat(origin).records:
            if isinstance(row, dict):
                row.pop(_OURS, None)
                yield place, {**row, _OURS: marks[place]} if place in marks else row
            else:
                yield place, row

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """The rows of an item; an older row of it gives none, for its counts have no time of their own."""
        table = TABLES.get(reading.facts.context.get("module", ""))
        if table is None:
            return "the module is not known"
        item = table.read(Row(record, reading.origin.tz))
        if isinstance(item, str):
            return item
        capture = named(record.get(_OURS))
        if capture in {"older", "partial"}:
            return "another row of the same item is kept"
        return put(item, None, capture, reading)

    def finish(self, reading: Reading) -> None:
        """What the rows are as a sample, and what the table does not tell."""
        tell(reading)


def _date(origin: Origin, facts: Facts) -> None:
    """When Zeeschuimer exported its own table, by the name that it gives it (in UTC)."""
    found = _TAKEN.search(origin.name)
    taken = iso_utc(wall_ms("{}T{}:{}:{}Z".format(*found.groups()), "UTC")) if found else ""
    if taken:
        facts.context["taken"] = facts.exported_at = taken
        facts.notes.append(f"exported at {taken}, by the name of the file: counts are dated by it, and were captured before")

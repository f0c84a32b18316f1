"""Hot lists as CSV: rank and heat of topics over time, into ``metrics``."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from yuhu.core.clock import WALL, iso_utc, wall_from_text
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal, Raw, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.file_names import moments
from yuhu.sources.reading import as_text, clean, opened, reject, whole

ZONE = "Asia/Shanghai"
FIRST_RANK = "band_rank_at_first_crawl"
LONGEST_RANK = 1000
PLATFORMS = ("weibo", "zhihu", "douyin", "bilibili", "kuaishou", "toutiao", "baidu")

_NOTED = "snapshot_note"
_COLUMNS = {
    "time": (
        "commit_time_beijing",
        "commit_time",
        "crawl_time",
        "snapshot_time",
        "time",
        "采集时间",
        "抓取时间",
        "更新时间",
        "时间",
        "日期",
        "date",
        _NOTED,
    ),
    "title": ("title", "word", "topic", "keyword", "query", "话题", "标题", "热搜词", "关键词"),
    "heat": ("hot", "heat", "hot_value", "heat_text", "hot_score", "heat_score", "热度", "热度值", "热搜指数"),
    "rank": ("band_rank", FIRST_RANK, "rank", "position", "排名", "排序", "名次"),
    "list": ("platform", "list"),
    "views": ("view_count",),
    "videos": ("video_count",),
}
_SPECIFIC = frozenset(
    ("band_rank", FIRST_RANK, "heat_text", "hot_value", "hot", "hot_score", "heat_score", "热度", "热度值", "热搜指数", "热搜词")
)
_NOTE = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}:\d{2})(?: ?([+-]\d{2}):?(\d{2}))?)?")
_COUNTS = ("rank", "heat", "views", "videos")


def topic(platform: str, part: str, title: str) -> str:
    """The subject of a topic's metrics: ``topic:PLATFORM:TITLE``, or ``topic:PLATFORM/LIST:TITLE``."""
    where = platform if part in {"", platform} else f"{platform}/{part}"
    return f"topic:{where}:{title}"


class HotListCsv:
    """A CSV with a time, a title and a rank or heat: one row is one observation of one topic.

    The heat of a topic that stays listed is the last one seen, so equal neighbours may be one measurement.
    """

    name = "hot_list_csv.v1"
    label: Mapping[str, str] = {"en": "hot list, CSV", "zh": "热榜 CSV"}
    personal = Personal()

    def sniff(self, head: Head) -> float:
        """A header with columns of all three kinds; a date in the file's name may stand for the time."""
        if head.text[:1] in {"<", "{", "["}:
            return 0.0
        line = head.text.partition("\n")[0].rstrip("\r")
        try:
            header = next(csv.reader([line], delimiter=_separator(line)), [])
        except csv.Error:
            return 0.0
        found = {kind for kind, names in _COLUMNS.items() if any(name in header for name in names)}
        if "title" not in found or not found & {"heat", "rank"} or not _SPECIFIC & set(header):
            return 0.0
        if "time" in found:
            return 0.9
        return 0.6 if re.search(r"20\d\d-?[01]\d-?[0-3]\d", head.name) else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Rank and heat of each topic at each time.

        Raises
        ------
        YuhuError
            YH102 the header lacks a column; YH106 not readable as CSV.
        """
        facts.what = "hot list observations"
        facts.platform = origin.platform or next((name for name in PLATFORMS if name in origin.name.lower()), "hotlist")
        with opened(origin) as file:
            line = file.readline()
            file.seek(0)
            reader = csv.reader(file, delimiter=_separator(line))
            header = [name.lstrip("\ufeff") for name in next(reader, [])]
            self._settle(header, origin, facts)
            places = {name: header.index(name) for name in dict.fromkeys(header)}
            try:
                pairs = [
                    (f"line {reader.line_num}", {name: cells[at] for name, at in places.items() if at < len(cells)}) for cells in reader
                ]
            except csv.Error as error:
                facts_of = {"line": reader.line_num, "found": error}
                raise YuhuError(
                    "YH106", f"`{origin.name}` is not readable as CSV", facts=facts_of, fix="export it again with quoted fields"
                ) from error
        yield _batch(pairs, origin, facts)

    def again(self, raw: Iterator[Raw], origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The drafts of records of the raw copy."""
        facts.what = "hot list observations"
        facts.platform = facts.platform or origin.platform or "hotlist"
        pairs: list[tuple[str, Mapping[str, Any]]] = []
        for part in raw:
            records = part.records.iter_rows(named=True) if isinstance(part.records, pl.DataFrame) else part.records
            pairs += zip(part.places, records, strict=True)
        yield _batch(pairs, origin, facts)

    def _settle(self, header: Sequence[str], origin: Origin, facts: Facts) -> None:
        """Choose the columns, and the time of the whole file where there is no column of times."""
        taken = {kind: next((name for name in names if name in header), None) for kind, names in _COLUMNS.items()}
        said = ("time", "title", "heat", "rank")
        facts.notes.append(", ".join(f"{kind} from {taken[kind] or 'nothing'}" for kind in said))
        facts.context.update({f"column of {kind}": name for kind, name in taken.items() if name})
        times, is_day = moments(origin, origin.tz or ZONE)
        if taken["time"] is None and len(times) == 1:
            facts.context["at"] = str(times[0])
            facts.notes.append(f"the time is that of the file's name: {iso_utc(times[0])}{', known to the day only' if is_day else ''}")
        elif taken["time"] is None or taken["title"] is None:
            raise YuhuError(
                "YH102",
                "a hot list needs a time and a title",
                facts={"file": origin.name, "found": ", ".join(header)},
                fix="use --map time=at --map title=subject",
            )


def _separator(line: str) -> str:
    return max(",\t;", key=line.count)


def _row(record: Mapping[str, Any], columns: Mapping[str, str], platform: str) -> tuple[str, str, int | None, int | None, Any, Any] | str:
    """Time as written, subject and counts of one observation; or why it is none."""

    def cell(kind: str) -> str:
        value = record.get(columns.get(kind, ""))
        return clean(value) if isinstance(value, str) else as_text(value) or ""

    if not cell("title"):
        return "no title"
    rank, heat = whole(cell("rank")), whole(cell("heat").removesuffix("热度").replace(" ", ""))
    if rank is not None and not 1 <= rank <= LONGEST_RANK:
        rank = None
    if rank is None and heat is None:
        return "neither rank nor heat"
    time = cell("time")
    if columns.get("time") == _NOTED and (noted := _NOTE.match(time)):
        day, clock, hours, minutes = noted.groups()
        time = day + (f"T{clock}" if clock else "") + (f"{hours}:{minutes}" if hours else "")
    return time, topic(platform, cell("list"), cell("title")), rank, heat, whole(cell("views")), whole(cell("videos"))


_SCHEMA = {"place": pl.String, "time": pl.String, "subject": pl.String, **dict.fromkeys(_COUNTS, pl.Float64), "at_row": pl.Int64}


def _batch(pairs: Sequence[tuple[str, Mapping[str, Any]]], origin: Origin, facts: Facts) -> Batch:
    columns = {kind: name for kind in _COLUMNS if (name := facts.context.get(f"column of {kind}"))}
    rows: list[tuple[Any, ...]] = []
    rejects: list[Reject] = []
    for at, (place, record) in enumerate(pairs):
        row = _row(record, columns, facts.platform)
        if isinstance(row, str):
            rejects.append(reject(place, row, ",".join(str(value) for value in record.values())))
        else:
            rows.append((place, *row, at))
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row").with_columns(at=_times(origin, facts))
    bad, good = frame.filter(pl.col("at").is_null()), frame.filter(pl.col("at").is_not_null())
    rejects += [reject(place, "the time is not understood", time) for place, time in bad.select("place", "time").iter_rows()]
    if columns.get("rank") == FIRST_RANK:
        good = good.sort("at", "at_row", maintain_order=True)
        later = good.filter(~pl.col("subject").is_first_distinct())
        rejects += [
            reject(place, "a rank at first crawl is known for the first observation only", subject)
            for place, subject in later.select("place", "subject").iter_rows()
        ]
        good = good.filter(pl.col("subject").is_first_distinct())
    if columns.get("time") == _NOTED and (days := good.filter(pl.col("time").str.len_chars() == 10).height):
        facts.notes.append(f"{days:,} times are known to the day only")
    metrics = (
        good.unpivot(_COUNTS, index=["subject", "at", "at_row"], variable_name="name", value_name="value")
        .drop_nulls("value")
        .sort("at_row", "name", descending=[False, True])
        .select("subject", "at", "name", "value")
    )
    raw = Raw([place for place, _ in pairs], [dict(record) for _, record in pairs], facts.platform)
    return Batch(len(pairs), good.height, rejects, metrics=metrics, raw=raw)


def _times(origin: Origin, facts: Facts) -> pl.Expr:
    """The time of each row: its own, or the one of the file."""
    if at := facts.context.get("at"):
        return pl.lit(int(at)).cast(WALL)
    return wall_from_text(pl.col("time"), origin.tz or ZONE)

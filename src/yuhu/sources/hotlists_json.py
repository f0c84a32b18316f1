"""Hot lists as JSON: day files, snapshots and answers of the platforms as archives keep them, into ``metrics``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import iso_utc, wall_ms
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.file_names import moments
from yuhu.sources.flat import number
from yuhu.sources.hotlists import LONGEST_RANK, PLATFORMS, ZONE, topic
from yuhu.sources.json_records import dig, is_lines, json_document, json_lines
from yuhu.sources.reading import as_text
from yuhu.sources.records import Reading, RecordImporter

_TITLES = (
    "title",
    "word",
    "keyword",
    "query",
    "show_name",
    "hot_word",
    "topic",
    "name",
    "note",
    "target.title",
    "target.title_area.text",
    "target.titleArea.text",
    "title_area.text",
)
_HEATS = (
    "hot",
    "hot_value",
    "hotValue",
    "heat",
    "heat_text",
    "heat_score",
    "heat_value",
    "hot_score",
    "hotScore",
    "num",
    "detail_text",
    "detailText",
    "metrics_area.text",
    "target.metrics_area.text",
    "target.metricsArea.text",
    "score",
)
_RANKS = ("realpos", "band_rank", "rank", "position", "hot_rank", "index", "pos", "sort", "list_position")
_FROM_ZERO = ("rank", "position", "index")
_COUNTS = {
    "views": ("view_count",),
    "videos": ("video_count",),
    "answers": ("answer_count", "target.answer_count"),
}
_CRAWLED = (
    "crawl_time",
    "crawled_at",
    "snapshot_time",
    "fetch_time",
    "fetched_at",
    "capture_time",
    "commit_time",
    "commit_time_beijing",
    "采集时间",
    "抓取时间",
)
_OF_SNAPSHOT = (*_CRAWLED, "updateTime", "update_time", "updated_at", "active_time", "timestamp", "time", "date")
_OF_ENTRY = ("time", "timestamp", "date")
_LISTS = (
    "realtime",
    "word_list",
    "band_list",
    "hot_list",
    "list",
    "data",
    "items",
    "result",
    "trending",
    "content",
    "cards",
    "topics",
    "hotgovs",
)
_DEEPEST = 6
_SHARE_WITH_TITLES = 0.5
_HOSTS = {
    "weibo.c": "weibo",
    "zhihu.com": "zhihu",
    "douyin.com": "douyin",
    "bilibili.com": "bilibili",
    "baidu.com": "baidu",
    "toutiao.com": "toutiao",
}
_SAID = re.compile(r"(?:extparam=|%26)(display_time|band_rank|realpos)%3D(\d{1,12})")
_LONGEST_ADDRESS = 8192
_HAS_TITLE = re.compile(r'"(?:title|word|keyword|query|show_name|title_area)"\s*:')
_HAS_HEAT = re.compile(
    r'"(?:hot|hot_?value|heat|heat_text|heat_score|hot_?score|realpos|band_rank|detail_text|metrics_area|word_list|raw_hot)"\s*:',
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r'"(?:content|comment_id|aweme_id|mblogid|note_id|nickname|user_id|screen_name|uid|vpos|liked_count|digg_count)"\s*:\s*["\d]'
)


class HotListJson(RecordImporter):
    """Topics with a title and a heat or rank, each at the time that it, its snapshot or the file's name gives.

    Understood are a list of topics, JSON lines, one snapshot in its envelope, a list of snapshots, and an object of snapshots by time. In the day
    files of Weibo the address of each topic holds its rank and the time when it was last seen; its heat is that of then.
    """

    name = "hot_list_json.v1"
    label: Mapping[str, str] = {"en": "hot list, JSON", "zh": "热榜 JSON"}
    what = "hot list observations"

    def sniff(self, head: Head) -> float:
        """Titles, and heats or ranks under names that only hot lists have; nothing that messages have."""
        start = head.text
        if head.mapped or not re.match(r"\s*[\[{]", start) or _OTHERS.search(start):
            return 0.0
        return 0.7 if _HAS_TITLE.search(start) and _HAS_HEAT.search(start) else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each topic; ``snapshot_time`` and ``list_position`` are added where an envelope gives them.

        Raises
        ------
        YuhuError
            YH102 nothing tells the time; YH106 not JSON.
        """
        if is_lines(origin) and len(pairs := list(json_lines(origin))) > 1:
            found = [one for place, value in pairs for one in _of_line(place, value)]
        else:
            found = [(f"topic {at}", entry) for at, entry in enumerate(_entries(json_document(origin), None, 0), start=1)]
        self._settle([entry for _, entry in found if isinstance(entry, dict)], origin, facts)
        yield from found

    def _settle(self, entries: list[dict[str, Any]], origin: Origin, facts: Facts) -> None:
        """What holds for the whole file: the platform, the time in its name, and whether ranks count from 0."""
        tz = origin.tz or ZONE
        facts.platform = origin.platform or _named(origin.name) or _hosted(entries) or "hotlist"
        facts.context["platform"] = facts.platform
        if any(entry.get(name) == 0 for entry in entries for name in _FROM_ZERO if not _leads(entry)):
            facts.context["ranks"] = "from 0"
        times, is_day = moments(origin, tz)
        if len(times) == 1:
            facts.context["at"] = str(times[0])
        timed = sum(_own_time(entry, tz) is not None for entry in entries)
        if timed < len(entries) and len(times) != 1:
            if not timed:
                fix = "put the date or time of the snapshot into the file's name: hot-2023-08-28T0800.json"
                raise YuhuError("YH102", "a hot list needs a time", facts={"file": origin.name, "topics": len(entries)}, fix=fix)
        elif timed < len(entries):
            precision = ", known to the day only" if is_day else ""
            facts.notes.append(f"{len(entries) - timed:,} times are those of the file's name: {iso_utc(times[0])}{precision}")

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """Rank, heat and counts of a topic."""
        context, tz = reading.facts.context, reading.origin.tz or ZONE
        title = next((text.strip("#").strip() for path in _TITLES if (text := as_text(dig(record, path)))), None)
        if not title:
            return "no title"
        if any(record.get(name) is True or record.get(name) == 1 for name in ("ads", "is_ad", "isAd", "topic_ad")):
            return "an advertisement"
        rank, heat = _rank(record, from_zero=context.get("ranks") == "from 0"), _heat(record)
        if rank is None and heat is None:
            return "neither rank nor heat"
        at = _own_time(record, tz)
        at = int(context["at"]) if at is None and context.get("at", "").isdecimal() else at
        if at is None:
            return "the time is not understood"
        platform = reading.origin.platform or context.get("platform") or "hotlist"
        subject = topic(platform, as_text(record.get("platform")) or (as_text(record.get("list")) or ""), title)
        counts = {
            name: next((value for path in paths if (value := number(dig(record, path))) is not None), None)
            for name, paths in _COUNTS.items()
        }
        reading.rows.metrics(at, {"rank": rank, "heat": heat, **counts}, subject=subject)
        return None


def _of_line(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """A line of JSON lines: a topic, or a snapshot that holds topics."""
    if isinstance(value, dict) and not any(as_text(dig(value, path)) for path in _TITLES):
        inside = list(_entries(value, None, 0))
        yield from ((f"{place}, topic {at}", entry) for at, entry in enumerate(inside, start=1))
        if inside:
            return
    yield place, value


def _entries(value: Any, time: Any, depth: int) -> Iterator[Any]:
    """Topics below a value, with the time of the snapshot that they stand in and their position in it."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        if _is_list_of_topics(value):
            for at, entry in enumerate(value, start=1):
                inside = isinstance(entry, dict) and depth > 0
                yield {"snapshot_time": time, "list_position": at, **entry} if inside else entry
        else:
            for one in value:
                yield from _entries(one, time, depth + 1)
    elif isinstance(value, dict):
        own = next((value[name] for name in _OF_SNAPSHOT if wall_ms(value.get(name), ZONE) is not None), time)
        by_time = {key: one for key, one in value.items() if isinstance(one, list | dict) and wall_ms(key, ZONE) is not None}
        if by_time:
            for key, one in by_time.items():
                yield from _entries(one, key, depth + 1)
            return
        for name in (*_LISTS, *value):
            if isinstance(value.get(name), list | dict) and (found := list(_entries(value[name], own, depth + 1))):
                yield from found
                return


def _is_list_of_topics(value: list[Any]) -> bool:
    titled = sum(isinstance(one, dict) and any(as_text(dig(one, path)) for path in _TITLES) and not _holds_topics(one) for one in value)
    return bool(value) and titled >= _SHARE_WITH_TITLES * len(value)


def _holds_topics(entry: dict[str, Any]) -> bool:
    """Whether an object is a snapshot that holds topics, and no topic."""
    return any(
        isinstance(inner := entry.get(name), list) and any(isinstance(one, dict) and any(key in one for key in _TITLES) for one in inner)
        for name in _LISTS
    )


def _named(name: str) -> str:
    return next((platform for platform in PLATFORMS if platform in name.lower()), "")


def _hosted(entries: list[dict[str, Any]]) -> str:
    """The platform that the addresses of the first topics lead to."""
    for entry in entries[:20]:
        address = as_text(entry.get("url")) or as_text(dig(entry, "target.link.url")) or as_text(dig(entry, "target.url")) or ""
        found = next((platform for host, platform in _HOSTS.items() if host in address[:200]), "")
        if found:
            return found
    return ""


def _address(entry: Mapping[str, Any]) -> dict[str, str]:
    """What the address of a topic on Weibo says of it: ``display_time``, ``band_rank``, ``realpos``."""
    url = entry.get("url")
    return dict(_SAID.findall(url[:_LONGEST_ADDRESS])) if isinstance(url, str) and "extparam=" in url else {}


def _own_time(entry: Mapping[str, Any], tz: str) -> int | None:
    """When the topic was seen: as the crawler says, as its address says, as its snapshot says, else by a time of its own."""
    said = [entry.get(name) for name in _CRAWLED if name != "snapshot_time"]
    values = (*said, _address(entry).get("display_time"), entry.get("snapshot_time"), *(entry.get(name) for name in _OF_ENTRY))
    return next((ms for value in values if (ms := wall_ms(value, tz)) is not None), None)


def _leads(entry: Mapping[str, Any]) -> bool:
    """Whether a rank that counts from 1 stands in the entry: then others are not looked at."""
    return entry.get("realpos") is not None or entry.get("band_rank") is not None


def _rank(entry: Mapping[str, Any], *, from_zero: bool) -> float | None:
    address = _address(entry)
    for name in _RANKS:
        rank = number(entry.get(name) if name in entry else address.get(name))
        if rank is not None:
            rank += from_zero and name in _FROM_ZERO
            return rank if 1 <= rank <= LONGEST_RANK and rank == int(rank) else None
    return None


def _heat(entry: Mapping[str, Any]) -> float | None:
    """The heat: a number, ``43 万热度``, or a number behind a word (``剧集 2592724``)."""
    for path in _HEATS:
        value = dig(entry, path)
        if isinstance(value, str):
            words = value.replace("热度", " ").split()
            value = next((text for text in (" ".join(words[-2:]), *words[-1:]) if number(text) is not None), None)
        heat = number(value)
        if heat is not None and heat >= 0:
            return heat
    return None

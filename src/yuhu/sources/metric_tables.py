"""Counts over time as tables: followers of accounts, views of videos, exports of YouTube Studio, into ``metrics``."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import media_ms, wall_ms
from yuhu.core.contracts import Batch, Facts, Head, Origin, Personal
from yuhu.core.errors import YuhuError
from yuhu.sources.file_names import moments, platform_of
from yuhu.sources.flat import alike, cell, cells_of, column, columns_of, flat, number
from yuhu.sources.metric_names import CHINESE, METRICS, PERIOD, Metric, platform_named
from yuhu.sources.reading import as_text
from yuhu.sources.records import Reading, RecordImporter

STUDIO_ZONE = "America/Los_Angeles"
CHINESE_ZONE = "Asia/Shanghai"

_ROLES: dict[str, tuple[str, ...]] = {
    "date": (
        "date",
        "day",
        "snapshot at",
        "captured at",
        "crawl time",
        "collected at",
        "timestamp",
        "datetime",
        "time",
        "日期",
        "统计日期",
        "数据日期",
        "采集时间",
        "抓取时间",
        "统计时间",
        "时间",
    ),
    "video": ("video id", "content", "video", "bvid", "aweme id", "视频id", "作品id", "内容"),
    "account": (
        "account id",
        "account",
        "user id",
        "uid",
        "mid",
        "channel id",
        "author id",
        "author",
        "账号id",
        "账号",
        "用户id",
        "账户",
        "作者",
        "channel",
        "channel name",
        "username",
        "user",
        "account name",
        "账号名称",
        "昵称",
    ),
    "platform": ("platform", "平台", "渠道"),
    "title": ("video title", "视频标题", "作品标题", "作品名称"),
    "published": ("video publish time", "视频发布时间", "发布时间"),
}
_STUDIO = frozenset(
    alias for alias, metric in METRICS.items() if metric.name in {"watch_time_hours", "average_share_viewed", "click_through_share"}
) | {"video publish time", "视频发布时间", "engaged views"}
_CONTENT = frozenset(("content", "内容", "正文", "文本"))
"""What messages say; in an export of YouTube Studio the names of videos."""
_MESSAGES = frozenset(
    (
        "text",
        "content text",
        "comment text",
        "body",
        "comment",
        "comment id",
        "parent id",
        "note id",
        "tweet id",
        "评论内容",
        "nickname",
        "昵称",
        "用户昵称",
        "评论正文",
        "弹幕内容",
        "回复内容",
        "留言内容",
        "rank",
        "position",
        "hot",
        "heat",
        "word",
        "keyword",
        "热度",
        "排名",
    )
)
ACCOUNT = "account"
"""Under this name a record keeps the account, however the table calls it."""

_TOTALS = frozenset(("total", "totals", "合计", "总计", "总和", "全部"))
_NAIVE = re.compile(r"\d{4}[-/]?\d{1,2}[-/]?\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_MONTHS = ("%b %d, %Y", "%d %b %Y", "%B %d, %Y")


class MetricTable(RecordImporter):
    """A table with a date and counts by account, by video, or of the whole file.

    Exports of YouTube Studio give what came within each period: their counts are named ``new_views`` and so on, their subscribers
    ``net_followers``. An export by video without dates gets the last date of the file's or folder's name.
    """

    name = "metric_table.v1"
    label: Mapping[str, str] = {"en": "counts over time, table", "zh": "随时间变化的计数表"}
    what = "counts"
    personal = Personal(
        author=tuple(dict.fromkeys(spelt for name in _ROLES["account"] for spelt in (name, name.replace(" ", "_"), name.title())))
    )

    def sniff(self, head: Head) -> float:
        """A column of dates and one of known counts, or the columns of YouTube Studio; none that messages or hot lists have."""
        columns = set(columns_of(head))
        is_studio = _is_studio(columns)
        if not columns & METRICS.keys() or columns & _MESSAGES or (columns & _CONTENT and not is_studio):
            return 0.0
        if _holds_texts(cells_of(head)):
            return 0.0  # under a name that counts have, too: 评论, comments
        if is_studio and columns & {"date", "日期", "content", "内容", "video title", "视频标题"}:
            return 0.85
        others = columns - METRICS.keys() - {name for names in _ROLES.values() for name in names}
        return 0.6 if columns & set(_ROLES["date"]) and len(others) <= len(columns) / 2 else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each row of the table.

        Raises
        ------
        YuhuError
            YH102 neither a column of dates nor a date in the name; YH106 not readable; YH107 naive times without a zone.
        """
        table = flat(origin, "rows", "data", "items")
        found = list(table.records)
        self._settle(table.columns, origin, facts)
        for place, record in found:
            if isinstance(record, dict):
                _check_zone(record, origin, facts)
                yield place, _with_account(record, facts.context)
            else:
                yield place, record

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """The file's records, platform by platform: people get their keys under the platform of their row.

        Raises
        ------
        YuhuError
            YH102, YH106, YH107 as `records`.
        """
        facts.what = self.what
        parts: dict[str | None, list[tuple[str, Any]]] = {}
        for place, record in self.records(origin, facts):
            parts.setdefault(_platform(record, origin, facts) if isinstance(record, dict) else None, []).append((place, record))
        said, reading = facts.platform, Reading(origin, facts)
        for platform, pairs in parts.items():
            facts.platform = platform or said
            yield from self._batches(iter(pairs), reading)
        facts.platform = said
        if not parts:
            yield from self._batches(iter(()), reading)

    def _settle(self, columns: list[str], origin: Origin, facts: Facts) -> None:
        """Choose the columns and say what they are taken for."""
        context = facts.context
        for role, names in _ROLES.items():
            if (name := column(columns, *names)) is not None:
                context[f"column of {role}"] = name
        is_studio = _is_studio({alike(name) for name in columns}) or origin.name.rsplit("/", 1)[-1] == "Totals.csv"
        context["is_studio"] = "yes" if is_studio else ""
        facts.platform = origin.platform or (
            "youtube" if is_studio else next((name for name in sorted(CHINESE) if name in origin.name.lower()), "file")
        )
        context["platform"] = facts.platform
        context["file"] = origin.stem
        facts.video_from = "--video" if origin.video else "a column" if "column of video" in context else ""
        if "column of date" not in context:
            times, _ = moments(origin, origin.tz or (STUDIO_ZONE if is_studio else CHINESE_ZONE))
            if not times:
                raise YuhuError(
                    "YH102",
                    "counts need a date",
                    facts={"file": origin.name, "found": ", ".join(columns[:12])},
                    fix="put the day into the file's name: views-2023-08-30.csv",
                )
            context["at"] = str(max(times))
        named = [f"{_name(metric, context)} from {name}" for name in columns if (metric := METRICS.get(alike(name))) is not None]
        facts.notes.append(", ".join([f"date from {context.get('column of date', 'the name')}", *named]))
        facts.notes.append(
            "counts are what came within each period, not totals"
            if is_studio
            else "the table does not say whether counts are totals or those of one period"
        )

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """Counts of one subject at one time; and the video, where the table describes it."""
        context, origin = reading.facts.context, reading.origin
        said = {role: cell(record, context.get(f"column of {role}")) for role in _ROLES}
        if any((as_text(said[role]) or "").lower() in _TOTALS for role in ("date", "video")):
            return "a total, not a row of its own"
        platform = _platform(record, origin, reading.facts)
        if "column of date" in context:
            at = wall_ms(_plain_time(said["date"]), _zone(platform, origin, context) or "UTC")
        else:
            at = int(context["at"]) if context.get("at", "").isdecimal() else None
        if at is None:
            return "the time is not understood"
        counts = _counts(record, context)
        if not counts:
            return "no count"
        video, account = as_text(said["video"]) or origin.video, as_text(record.get(ACCOUNT))
        described = reading.state.setdefault("described", set())
        if video and video not in described and (title := as_text(said["title"])):
            described.add(video)
            published = wall_ms(_plain_time(said["published"]), _zone(platform, origin, context) or "UTC")
            reading.rows.video(platform=platform, video=video, title=title, published_at=published)
        of_account = {name: value for name, value in counts.items() if account and (not video or name.endswith("followers"))}
        rest = {name: value for name, value in counts.items() if name not in of_account}
        reading.rows.metrics(at, of_account, platform=platform, account=account)
        whose = {"video": video} if video else {"subject": f"table:{platform}:{context.get('file', '')}"}
        reading.rows.metrics(at, rest, platform=platform, **whose)
        return None


def _holds_texts(cells: list[tuple[str, str]]) -> bool:
    """Whether most cells of a column that is called like a count hold words."""
    held: dict[str, list[bool]] = {}
    for name, text in cells:
        if name in METRICS and any(char.isalnum() for char in text):
            held.setdefault(name, []).append(number(text) is None and ":" not in text)
    return any(2 * sum(words) > len(words) for words in held.values())


def _with_account(record: dict[str, Any], context: Mapping[str, str]) -> dict[str, Any]:
    """The record with its account under one name, and without other names of people."""
    rest = {name: value for name, value in record.items() if alike(name) not in _ROLES["account"]}
    account = cell(record, context.get("column of account"))
    return rest if account is None else {**rest, ACCOUNT: account}


def _is_studio(columns: set[str]) -> bool:
    return bool(columns & _STUDIO)


def _platform(record: Mapping[str, Any], origin: Origin, facts: Facts) -> str:
    """The platform of a row: the person's word, its own cell, the shape of its video's id, else the file's."""
    own = platform_named(as_text(cell(record, facts.context.get("column of platform"))))
    video = as_text(cell(record, facts.context.get("column of video")))
    return origin.platform or own or (platform_of(video) if video else "") or facts.context.get("platform") or "file"


def _zone(platform: str, origin: Origin, context: Mapping[str, str]) -> str | None:
    if origin.tz:
        return origin.tz
    if context.get("is_studio") and platform == "youtube":
        return STUDIO_ZONE
    return CHINESE_ZONE if platform in CHINESE else None


def _check_zone(record: Mapping[str, Any], origin: Origin, facts: Facts) -> None:
    value = _plain_time(cell(record, facts.context.get("column of date")))
    platform = _platform(record, origin, facts)
    if isinstance(value, str) and _NAIVE.fullmatch(value.strip()) and _zone(platform, origin, facts.context) is None:
        raise YuhuError(
            "YH107",
            "times stand without a zone",
            facts={"file": origin.name, "found": value[:40]},
            fix="--tz Asia/Shanghai (or the zone of the collector), or --platform douyin",
        )


def _plain_time(value: Any) -> Any:
    """A time as `wall_ms` reads it: ``Aug 30, 2023`` and ``2023年8月30日`` too; 8 digits are a day."""
    if isinstance(value, int) and not isinstance(value, bool) and 19_000_000 < value < 21_010_000:
        value = str(value)
    if not isinstance(value, str):
        return value
    text = value.strip()[:60]
    text = re.sub(r"[年月]", "-", text).replace("日", " ").strip() if "年" in text else text
    if re.fullmatch(r"20\d{6}", text):
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    for pattern in _MONTHS:
        try:
            return dt.datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day; the caller gives the zone
        except ValueError:
            continue
    return text


def _counts(record: Mapping[str, Any], context: Mapping[str, str]) -> dict[str, float]:
    """The counts of a row by their names; of two columns for one the first."""
    counts: dict[str, float] = {}
    for name, value in record.items():
        metric = METRICS.get(alike(name))
        found = _value(metric, value) if metric is not None else None
        if metric is not None and found is not None:
            counts.setdefault(_name(metric, context), found)
    return counts


def _name(metric: Metric, context: Mapping[str, str]) -> str:
    return PERIOD.get(metric.name, metric.name) if context.get("is_studio") else metric.name


def _value(metric: Metric, value: Any) -> float | None:
    if metric.reads == "clock" and isinstance(value, str) and ":" in value:
        ms = media_ms(value)
        return None if ms is None else ms / 1000
    found = number(value)
    if found is None:
        return None
    return {"minutes": found / 60, "percent": found / 100}.get(metric.reads, found)

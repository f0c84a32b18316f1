"""Retention curves: the share of viewers who watch each moment of a video, into ``exposure``."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from yuhu.core.clock import media_from, media_ms
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.file_names import platform_of, video_and_language
from yuhu.sources.flat import Flat, alike, cell, column, columns_of, flat, number
from yuhu.sources.reading import as_text
from yuhu.sources.records import Reading, RecordImporter

_POSITION = re.compile(
    r"^(?:video |playback )?(?:position|progress|elapsed|time|second|moment|at)\b|^elapsed video time ratio|^(?:视频|播放)?(?:位置|进度|时间点|时间|时刻|秒数|秒)"
    r"|^(?:動画の)?位置|^позиция"
)
_RETENTION = re.compile(
    r"^(?:absolute |audience |viewer )*retention|^audience watch ratio|^(?:绝对|平均|整体)?(?:观众)?(?:留存|保留|留存率|在看)|^視聴者維持率|^абсолютное удержание|^удержание"
)
_NOT_WHOLE = re.compile(r"relative|相对|相対|compared")
_PARTS = (
    "subscription status",
    "audience type",
    "traffic source",
    "traffic source type",
    "viewer type",
    "new and returning viewers",
    "订阅状态",
    "观众类型",
    "流量来源",
)
_WHOLE = ("", "total", "all", "organic", "all viewers", "全部", "合计", "总计", "全体", "自然")
_VIDEOS = ("video", "video id", "content", "bvid", "作品id", "视频id", "视频")
_DURATIONS = ("duration", "video duration", "duration s", "duration ms", "duration(s)", "duration(ms)", "时长", "视频时长", "时长(秒)")
_LARGEST_SHARE = 3
_HIGHEST = 10


class RetentionCurve(RecordImporter):
    """A table with a position in the video and the share of viewers there.

    Positions are a share or a percentage of the video's length (then the length must be known), seconds, milliseconds, or clock times. The length
    stands in a column ``duration``, in a line ``# duration: 8:20`` above the header, or is said by the person.
    """

    name = "retention_table.v1"
    label: Mapping[str, str] = {"en": "retention curve, CSV or JSON", "zh": "观众留存曲线 CSV/JSON"}
    what = "retention points"

    def sniff(self, head: Head) -> float:
        """A column for the position and one for the retention."""
        columns = columns_of(head)
        found = any(_POSITION.search(name) for name in columns) and any(_is_retention(name) for name in columns)
        return 0.9 if found and len(columns) <= 20 else 0.0

    def records(self, origin: Origin, facts: Facts) -> Iterator[tuple[str, Any]]:
        """Each row of the table.

        Raises
        ------
        YuhuError
            YH102 the length of the video, or the unit of the positions, is not told; YH106 not readable.
        """
        table = flat(origin)
        found = list(table.records)
        positions = [name for name in table.columns if _POSITION.search(alike(name))]
        position = min(positions, key=lambda name: "%" in alike(name), default=None)  # seconds need no length of the video
        retention = next((name for name in table.columns if _is_retention(alike(name))), None)
        if position is None or retention is None:
            raise YuhuError(
                "YH102",
                "a retention curve needs a position and a retention",
                facts={"file": origin.name, "found": ", ".join(table.columns[:12])},
                fix="call the columns `position (%)` and `retention (%)`",
            )
        self._settle(table, [one for _, one in found if isinstance(one, dict)], position, retention, origin, facts)
        yield from found

    def _settle(self, table: Flat, rows: list[dict[str, Any]], position: str, retention: str, origin: Origin, facts: Facts) -> None:
        """Choose columns and units for the whole file, and find the length of the video."""
        context = facts.context
        context.update(position=position, retention=retention)
        context["position unit"] = _unit(alike(position), [row.get(position) for row in rows], origin)
        values = [value for row in rows if (value := number(row.get(retention))) is not None]
        is_percent = "%" in alike(retention) or any("%" in str(row.get(retention)) for row in rows)
        context["retention unit"] = "percent" if is_percent or max(values, default=0) > _LARGEST_SHARE else "share"
        if (name := column(table.columns, *_VIDEOS)) is not None:
            context["video column"] = name
        if (name := next((one for one in table.columns if alike(one) in _PARTS), None)) is not None:
            context["part column"] = name
        if (name := column(table.columns, *_DURATIONS)) is not None:
            context["duration column"] = name
        said = origin.duration or table.remarks.get("duration") or table.remarks.get("时长")
        length = _length("duration", said)
        if length is not None:
            context["duration_ms"] = str(length)
        video, _ = video_and_language(origin)
        context["video"] = origin.video or video
        facts.video_from = "--video" if origin.video else "a column" if "video column" in context else "file name"
        is_youtube = "youtube" in origin.name.lower() or alike(retention) in {"absolute audience retention(%)", "audience watch ratio"}
        facts.platform = origin.platform or platform_of(context["video"]) or ("youtube" if is_youtube else "file")
        context["platform"] = facts.platform
        facts.notes.append(
            f"position from {position} ({context['position unit']}), retention from {retention} ({context['retention unit']})"
        )
        needs = context["position unit"] in {"percent", "share"} and length is None
        if needs and not any(_length(context.get("duration column", ""), cell(row, context.get("duration column"))) for row in rows):
            raise YuhuError(
                "YH102",
                "positions are shares of the video, and its length is not told",
                facts={"file": origin.name, "found": position, "expected": "the length of the video"},
                fix=f"yuhu add STUDY {origin.name} --duration 8:20",
            )

    def rows(self, record: dict[str, Any], reading: Reading) -> str | None:
        """A point of the curve."""
        context = reading.facts.context
        part = as_text(cell(record, context.get("part column")))
        if part is not None and part.lower() not in _WHOLE:
            return "a part of the audience"
        at = _at_ms(record, context)
        if at is None:
            return "the position is not understood"
        value = number(cell(record, context.get("retention")))
        share = None if value is None else value / 100 if context.get("retention unit") == "percent" else value
        if share is None or not 0 <= share <= _HIGHEST:
            return "the retention is no number" if share is None else "the retention is out of range"
        video = reading.origin.video or as_text(cell(record, context.get("video column"))) or context.get("video")
        seen = reading.state.setdefault("points", set())
        if (video, at) in seen:
            return "a second value at the same position"
        seen.add((video, at))
        platform = reading.origin.platform or context.get("platform") or reading.platform
        reading.rows.add("exposure", platform=platform, video=video, at_ms=at, retention=share)
        return None


def _is_retention(name: str) -> bool:
    return bool(_RETENTION.search(name)) and not _NOT_WHOLE.search(name)


def _unit(name: str, values: list[Any], origin: Origin) -> str:
    """The unit of positions: from the column's name, else from how far they go."""
    texts = [value for value in values if isinstance(value, str)]
    if any(":" in text or "\uff1a" in text for text in texts):
        return "clock"
    if "%" in name or "percent" in name or "百分" in name or any("%" in text for text in texts):
        return "percent"
    if "ratio" in name or "share" in name or "比例" in name:
        return "share"
    if re.search(r"\bms\b|millisecond|毫秒", name):
        return "milliseconds"
    if re.search(r"second|\bsec\b|\bs\b|秒|^time|^at\b|时间|时刻", name):
        return "seconds"
    largest = max((number(value) or 0 for value in values), default=0)
    if 0 < largest <= 1:
        return "share"
    if 95 <= largest <= 100:
        return "percent"
    raise YuhuError(
        "YH102",
        "the unit of the positions is not told",
        facts={"file": origin.name, "largest": f"{largest:g}"},
        fix="call the column `position (%)` or `position (s)`",
    )


def _length(name: str, value: object) -> int | None:
    """Milliseconds of a video's length: a clock text, else seconds, or milliseconds where the column's name says so."""
    if isinstance(value, str) and ":" in value:
        return media_ms(value) or None
    length = number(value)
    return media_from(length, per_second=1000 if "ms" in alike(name).replace("(", " ").replace(")", " ").split() else 1) or None


def _at_ms(record: Mapping[str, Any], context: Mapping[str, str]) -> int | None:
    value, unit = cell(record, context.get("position")), context.get("position unit")
    if unit == "clock":
        return media_ms(value.replace("\uff1a", ":")) if isinstance(value, str) else None
    position = number(value)
    if position is None or position < 0:
        return None
    if unit in {"seconds", "milliseconds"}:
        return media_from(position, per_second=1 if unit == "seconds" else 1000)
    name = context.get("duration column", "")
    length = _length(name, cell(record, name)) or (int(said) if (said := context.get("duration_ms", "")).isdecimal() else None)
    share = position / 100 if unit == "percent" else position
    return round(share * length) if length is not None and share <= 1 else None

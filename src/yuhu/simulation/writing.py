"""Writing the constructed messages as the files that collectors leave behind: danmaku XML, comment tables, metrics, hot lists."""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from yuhu.core.randomness import generator
from yuhu.simulation.script import Truth
from yuhu.simulation.world import HotRow, Video

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_MAXLIMIT = 6000
_ROLLED, _TOP, _POSITIONED = 1, 5, 7


@dataclass(frozen=True)
class Row:
    """One message as a platform holds it: `native` and `parent` are ids, `sent` seconds since 1970 (UTC); an empty text was deleted."""

    native: str
    text: str
    truth: Truth
    sent: int
    author: str
    at_ms: int | None = None
    parent: str | None = None
    root: str | None = None
    likes: int = 0
    region: str | None = None
    is_positioned: bool = False


@dataclass(frozen=True)
class SourceFile:
    """A file with the options that `add` needs to read it."""

    path: Path
    options: Mapping[str, Any] = field(default_factory=dict)


def danmaku_xml(folder: Path, video: Video, rows: Sequence[Row], *, seed: int) -> SourceFile:
    """Bilibili's danmaku XML: nine fields, the sender as an 8-digit hash, a unique danmaku id."""
    random = generator(seed, "simulation", "danmaku looks", video.video_id)
    colours = random.choice([16777215, 16777215, 16777215, 15138834, 16740868, 41194], size=len(rows)).tolist()
    tops = (random.random(len(rows)) < 0.015).tolist()
    weights = random.integers(1, 11, size=len(rows)).tolist()
    head = {
        "chatserver": "chat.bilibili.com",
        "chatid": chat_id(video),
        "mission": 0,
        "maxlimit": _MAXLIMIT,
        "state": 0,
        "real_name": 0,
        "source": "k-v",
    }
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<i>" + "".join(f"<{name}>{value}</{name}>" for name, value in head.items())]
    for row, colour, is_top, weight in zip(rows, colours, tops, weights, strict=True):
        mode = _POSITIONED if row.is_positioned else _TOP if is_top else _ROLLED
        text = json.dumps([0.1, 0.2, "1-1", 4.5, row.text, 0, 0], ensure_ascii=False) if row.is_positioned else row.text
        p = f"{(row.at_ms or 0) / 1000:.5f},{mode},25,{colour},{row.sent},0,{row.author},{row.native},{weight}"
        lines.append(f'<d p="{p}">{escape(text)}</d>')
    lines.append("</i>")
    return SourceFile(_written(folder / f"{video.work}_bilibili_danmaku.xml", "\n".join(lines) + "\n"), {"video": video.native})


def chat_id(video: Video) -> str:
    """The number under which Bilibili keeps a video's danmaku."""
    return f"12600000{video.work[-1]}"


def bilibili_comments(folder: Path, video: Video, rows: Sequence[Row]) -> SourceFile:
    """Comments as JSON lines with nested content and epoch seconds."""
    records = (
        {
            "rpid": row.native,
            "type": "reply" if row.parent else "comment",
            "mid": row.author,
            "ctime": row.sent,
            "content": {"message": row.text},
            "parent": row.parent,
            "root": row.root,
            "like": row.likes,
            "location": row.region,
        }
        for row in rows
    )
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    mapping = {
        "rpid": "id", "type": "kind", "mid": "author", "ctime": "sent_at", "content.message": "text", "parent": "parent", "root": "root",
        "like": "likes", "location": "region",
    }  # fmt: skip
    path = _written(folder / f"{video.work}_bilibili_comments.jsonl", text)
    return SourceFile(path, {"platform": "bilibili", "video": video.native, "mapping": mapping})


def douyin_comments(folder: Path, video: Video, rows: Sequence[Row]) -> SourceFile:
    """Comments as CSV with naive times of Shanghai."""
    header = ("cid", "level", "user_id", "create_time", "text", "reply_to", "root_cid", "digg_count", "ip_label")
    cells = (
        (
            row.native,
            _kind(row),
            row.author,
            dt.datetime.fromtimestamp(row.sent, _SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            row.text,
            row.parent,
            row.root,
            row.likes,
            row.region,
        )
        for row in rows
    )
    fields = ("id", "kind", "author", "sent_at", "text", "parent", "root", "likes", "region")
    path = _table(folder / f"{video.work}_douyin_comments.csv", header, cells)
    return SourceFile(
        path, {"platform": "douyin", "video": video.native, "tz": "Asia/Shanghai", "mapping": dict(zip(header, fields, strict=True))}
    )


def youtube_comments(folder: Path, video: Video, rows: Sequence[Row]) -> SourceFile:
    """Comments as CSV with UTC times."""
    header = ("comment_id", "kind", "channel_id", "published_at", "text", "parent_id", "thread_id", "like_count")
    cells = ((row.native, _kind(row), row.author, _utc(row.sent), row.text, row.parent, row.root, row.likes) for row in rows)
    fields = ("id", "kind", "author", "sent_at", "text", "parent", "root", "likes")
    path = _table(folder / f"{video.work}_youtube_comments.csv", header, cells)
    return SourceFile(path, {"platform": "youtube", "video": video.native, "mapping": dict(zip(header, fields, strict=True))})


def metrics_table(folder: Path, shown: Mapping[str, Sequence[tuple[int, int, int]]]) -> SourceFile:
    """Views and likes of each video, hour by hour, as one CSV."""
    cells = (
        (video, _utc(at), name, value)
        for video, rows in shown.items()
        for at, views, likes in rows
        for name, value in (("views", views), ("likes", likes))
    )
    header = ("video", "time", "metric", "count")
    path = _table(folder / "video_metrics.csv", header, cells)
    return SourceFile(path, {"mapping": dict(zip(header, ("subject", "at", "name", "value"), strict=True))})


def videos_table(folder: Path, videos: Sequence[Video]) -> SourceFile:
    """Length and release of each video, as one CSV."""
    cells = ((video.native, video.platform, video.duration_ms, _utc(video.published)) for video in videos)
    header = ("id", "site", "length_ms", "released")
    path = _table(folder / "videos.csv", header, cells)
    return SourceFile(path, {"mapping": dict(zip(header, ("video", "platform", "duration_ms", "published_at"), strict=True))})


def retention_table(folder: Path, video: Video) -> SourceFile:
    """The share that still watches at each hundredth of a video."""
    cells = ((round(video.duration_ms * at / 100), f"{1 - 0.55 * (at / 100) ** 0.8:.4f}") for at in range(101))
    path = _table(folder / f"{video.work}_{video.platform}_retention.csv", ("at_ms", "retention"), cells)
    return SourceFile(path, {"platform": video.platform, "video": video.native, "mapping": {"at_ms": "at_ms", "retention": "retention"}})


def subtitles(folder: Path, video: Video, lines: Sequence[tuple[int, int, str]]) -> SourceFile:
    """Spoken lines as SubRip."""
    blocks = (f"{at}\n{_srt(start)} --> {_srt(end)}\n{text}\n" for at, (start, end, text) in enumerate(lines, start=1))
    path = _written(folder / f"{video.work}.zh.srt", "\n".join(blocks))
    return SourceFile(path, {"platform": video.platform, "video": video.native})


def _srt(at_ms: int) -> str:
    seconds, ms = divmod(at_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d},{ms:03d}"


def hot_list_table(folder: Path, rows: Iterable[HotRow]) -> SourceFile:
    """Weibo's hot list as CSV, as an archive of it writes it."""
    header = ("commit_time_beijing", "title", "hot", "category", "description", "band_rank", "display_time_epoch", "commit")
    cells = (
        (
            dt.datetime.fromtimestamp(row.at, _SHANGHAI).strftime("%Y-%m-%d %H:%M:%S"),
            row.title,
            row.heat,
            "文化",
            "",
            row.rank,
            row.listed_since,
            f"{row.at:08x}",
        )
        for row in rows
    )
    return SourceFile(_table(folder / "weibo_hot_list.csv", header, cells))


def _kind(row: Row) -> str:
    return "reply" if row.parent else "comment"


def _utc(seconds: int) -> str:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _table(path: Path, header: Sequence[str], cells: Iterable[Sequence[object]]) -> Path:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(cells)
    return _written(path, out.getvalue())


def _written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8", newline="\n")
    return path

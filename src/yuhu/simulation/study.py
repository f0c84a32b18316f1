"""The constructed study as a whole: files to add, and the truth of every message in them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.ids import response_id
from yuhu.simulation.channels import comments, danmaku
from yuhu.simulation.mixes import EPISODES, Moment
from yuhu.simulation.shown import lines
from yuhu.simulation.world import TITLE, Video, hot_list, shown_metrics, videos
from yuhu.simulation.writing import (
    Row,
    SourceFile,
    bilibili_comments,
    danmaku_xml,
    douyin_comments,
    hot_list_table,
    metrics_table,
    retention_table,
    subtitles,
    videos_table,
    youtube_comments,
)

TITLES = {"zh": f"《{TITLE}》式短剧的回应（模拟数据）", "en": "Responses to a drama like “Escape from the British Museum” (constructed)"}
SERIES = TITLE
MODULES = ("empathy_plus", "narrative", "participation")

_COMMENT_FILES: dict[str, Callable[[Path, Video, Sequence[Row]], SourceFile]] = {
    "bilibili": bilibili_comments,
    "douyin": douyin_comments,
    "youtube": youtube_comments,
}


@dataclass(frozen=True)
class Simulated:
    """A constructed study before it is added.

    Parameters
    ----------
    files : sequence of SourceFile
        Paths with the options of `add`, in the order in which they are added.
    truth : pl.DataFrame
        ``response_id, code, value``: what each message expresses; values that mean "not there" are left out. ``kind`` stands for every message.
    works : mapping
        Video ids of each work.
    moments : mapping
        Planted moments of each work, on its media time.
    """

    files: Sequence[SourceFile]
    truth: pl.DataFrame
    works: Mapping[str, tuple[str, ...]]
    moments: Mapping[str, Sequence[Moment]]


def simulate(folder: Path, *, seed: int) -> Simulated:
    """Write the source files of the constructed study.

    Parameters
    ----------
    folder : Path
        An existing folder for the files.
    seed : int
        At least 0; equal seeds write equal bytes.

    Returns
    -------
    Simulated
        About 21,000 messages on nine videos, hourly metrics and a hot list.

    Notes
    -----
    Time linear in messages. All texts come from the templates of this room; nothing of it was written by a user of a platform.
    """
    files: list[SourceFile] = []
    truths: list[tuple[str, str, str]] = []
    made = videos()
    for video in made:
        if video.platform == "bilibili":
            rows = danmaku(video, seed=seed)
            files.append(danmaku_xml(folder, video, rows, seed=seed))
            truths += _truth(video, "danmaku", rows)
        rows = comments(video, seed=seed)
        files.append(_COMMENT_FILES[video.platform](folder, video, rows))
        truths += _truth(video, "comment", rows)
    files.append(videos_table(folder, made))
    with_danmaku = [video for video in made if video.platform == "bilibili"]
    files += [subtitles(folder, video, lines(video.work)) for video in with_danmaku]
    files.append(retention_table(folder, with_danmaku[0]))
    files.append(metrics_table(folder, {video.video_id: shown_metrics(video, seed=seed) for video in made}))
    files.append(hot_list_table(folder, hot_list(seed=seed)))
    works: dict[str, tuple[str, ...]] = {}
    for video in made:
        works[video.work] = (*works.get(video.work, ()), video.video_id)
    truth = pl.DataFrame(truths, schema=dict.fromkeys(("response_id", "code", "value"), pl.String), orient="row").unique(
        maintain_order=True
    )
    return Simulated(files, truth, works, {work: moments for work, (_, moments) in EPISODES.items()})


def _truth(video: Video, fork: str, rows: Sequence[Row]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        if row.text:
            unit = response_id(video.platform, video.native, fork, row.native)
            for code, value in row.truth.items():
                yield unit, code, value

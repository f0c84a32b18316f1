"""The messages of one video and channel with ids, times, authors, threads and likes."""

import numpy as np

from yuhu.core.randomness import generator
from yuhu.simulation.messages import LANGUAGES, Message, Writer
from yuhu.simulation.mixes import CONTAGION
from yuhu.simulation.script import BREADTH
from yuhu.simulation.world import COMMENTS, DANMAKU, Ints, Video, danmaku_places, pull_of, sent_times
from yuhu.simulation.writing import Row

LANGUAGE_SHARES = {"bilibili": (0.985, 0.01, 0.005, 0.0), "douyin": (0.99, 0.007, 0.003, 0.0), "youtube": (0.035, 0.87, 0.035, 0.06)}
"""Shares of Chinese, English, mixed and other messages among a platform's comments."""

WIDENING_SHARE = 0.7
"""Share of authors whose objects of feeling widen from message to message under a video."""
_REPLY_SHARE = 0.27
_MENTION_SHARE = 0.3
_DELETED_SHARE = 0.004
_REPEATED_SHARE = 0.003
_POSITIONED_SHARE = 0.004
_PEOPLE_PER_MESSAGE = 0.62
_FIRST_NATIVE = {"bilibili": 186_000_000_000, "douyin": 7_273_100_000_000_000_000, "youtube": 0}
_REGIONS = (
    *("广东", "江苏", "浙江", "北京", "山东", "河南", "四川", "上海", "湖北", "福建", "湖南", "陕西"),
    *("河北", "辽宁", "安徽", "重庆", "天津", "云南", "香港", "台湾", "英国", "美国", "马来西亚", "日本"),
)
_REGION_WEIGHTS = 1 / np.arange(2, len(_REGIONS) + 2)
_NAMES = {
    "zh": ("小鱼同学", "三彩守门员", "不睡觉的阿宝", "长安旧月", "爱喝茶的猫", "路过的风筝"),
    "en": ("teacup_fan", "mossy.stone", "lena_writes", "quietharbor", "oldmapnerd"),
}


def danmaku(video: Video, *, seed: int) -> list[Row]:
    """The danmaku of a video, in order of sending."""
    writer = Writer(seed, video.video_id, "danmaku")
    random = generator(seed, "simulation", "danmaku", video.video_id)
    n = DANMAKU + int(random.integers(-60, 60))
    places = danmaku_places(video, n, seed=seed)
    groups = [writer.groups(mix, int((places.which == at).sum())) for at, mix in enumerate(places.mixes)]
    messages = [writer.danmaku(groups[which].pop()) for which in places.which.tolist()]
    natives = 1_400_000_000_000_000_000 + int(video.work[-1]) * 10**15 + np.cumsum(random.integers(3, 90_000, size=n))
    authors = _people(random, n, "danmaku")
    sent = sent_times(video, n, seed=seed, channel="danmaku", pull=pull_of(CONTAGION))
    positioned, deleted = random.random(n) < _POSITIONED_SHARE, random.random(n) < _DELETED_SHARE
    return [
        Row(str(native), "" if gone else message.text, message.truth, at, author, at_ms=place, is_positioned=special and not gone)
        for native, message, at, author, place, special, gone in zip(
            natives.tolist(), messages, sent.tolist(), authors, places.at_ms.tolist(), positioned.tolist(), deleted.tolist(), strict=True
        )
    ]


def comments(video: Video, *, seed: int) -> list[Row]:
    """The comments and replies of a video, in order of sending; some are deleted, some stand twice in the export."""
    writer = Writer(seed, video.video_id, "comments")
    random = generator(seed, "simulation", "comments", video.video_id)
    n = COMMENTS + int(random.integers(-50, 50))
    languages = random.choice(LANGUAGES, size=n, p=LANGUAGE_SHARES[video.platform]).tolist()
    messages = writer.comments(languages)
    natives = _natives(random, video, n)
    parents, roots = _threads(random, n)
    authors = _people(random, n, video.platform)
    messages = _widened(messages, languages, authors, random)
    sent = sent_times(video, n, seed=seed, channel="comments")
    likes = np.minimum(random.pareto(0.9, size=n) * 2, 90_000).astype(np.int64)
    regions = random.choice(len(_REGIONS), size=n, p=_REGION_WEIGHTS / _REGION_WEIGHTS.sum()).tolist()
    deleted, mentions = (random.random(n) < _DELETED_SHARE).tolist(), random.random(n).tolist()
    rows = [
        Row(
            natives[at],
            "" if deleted[at] else _addressed(messages[at], languages[at], mentions[at] if parents[at] >= 0 else 1.0),
            messages[at].truth,
            int(sent[at]),
            authors[at],
            parent=natives[parents[at]] if parents[at] >= 0 else None,
            root=natives[roots[at]] if parents[at] >= 0 else None,
            likes=int(likes[at]),
            region=None if video.platform == "youtube" else _REGIONS[regions[at]],
        )
        for at in range(n)
    ]
    twice = sorted(random.choice(n, size=int(n * _REPEATED_SHARE), replace=False).tolist())
    return rows + [rows[at] for at in twice]


def _widened(messages: list[Message], languages: list[str], authors: list[str], random: np.random.Generator) -> list[Message]:
    """The same messages, in which most authors who name an object more than once name the wider one later."""
    held: dict[tuple[str, str], list[int]] = {}
    for at, (message, lang, author) in enumerate(zip(messages, languages, authors, strict=True)):
        if "object_of_feeling" in message.truth:
            held.setdefault((author, lang), []).append(at)
    out = list(messages)
    for places in held.values():
        if len(places) > 1 and random.random() < WIDENING_SHARE:
            order = sorted(places, key=lambda at: BREADTH.index(messages[at].truth["object_of_feeling"]))
            for to, source in zip(places, order, strict=True):
                out[to] = messages[source]
    return out


def _addressed(message: Message, lang: str, chance: float) -> str:
    """The text, for some replies with the name of the one it answers."""
    if chance >= _MENTION_SHARE:
        return message.text
    names = _NAMES["zh" if lang == "zh" else "en"]
    name = names[int(chance / _MENTION_SHARE * len(names))]
    return f"回复 @{name} :{message.text}" if lang == "zh" else f"@{name} {message.text}"


def _threads(random: np.random.Generator, n: int) -> tuple[list[int], list[int]]:
    """Place of the parent and of the root of each message, -1 and itself for those that open a thread."""
    is_reply, luck = (random.random(n) < _REPLY_SHARE).tolist(), random.random(n).tolist()
    parents, roots, starts = [-1] * n, list(range(n)), [0]
    for at in range(1, n):
        if not is_reply[at]:
            starts.append(at)
            continue
        root = starts[int(luck[at] ** 2 * len(starts))]
        last = at - 1
        parents[at] = last if roots[last] == root else root
        roots[at] = root
    return parents, roots


def _natives(random: np.random.Generator, video: Video, n: int) -> list[str]:
    if video.platform == "youtube":
        return [f"Ug{video.work[-1]}{a:016x}{at:04x}" for at, a in enumerate(random.integers(0, 1 << 63, size=n).tolist())]
    steps: Ints = np.cumsum(random.integers(11, 9_000, size=n))
    return [str(_FIRST_NATIVE[video.platform] + int(video.work[-1]) * 10**9 + step) for step in steps.tolist()]


def _people(random: np.random.Generator, n: int, kind: str) -> list[str]:
    """Authors with a skewed activity; the same people write under all episodes of a platform."""
    people = max(1, int(3 * n * _PEOPLE_PER_MESSAGE))
    who = (people * random.random(n) ** 1.6).astype(np.int64) * 2_654_435_761 % (1 << 32)
    match kind:
        case "danmaku":
            return [f"{number:08x}" for number in who.tolist()]
        case "youtube":
            return [f"UC{number:022x}" for number in who.tolist()]
        case _:
            return [str(10_000_000 + number) for number in who.tolist()]

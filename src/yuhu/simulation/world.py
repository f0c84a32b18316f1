"""The world of the constructed study: videos, when messages are sent, and what platforms show of attention."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from yuhu.core.randomness import generator
from yuhu.simulation.mixes import CONTAGION, EPISODES, FADING, GREETINGS, LONGING, SWELL_MS, SWELL_SHARE, SWELLS, Mix, between

Ints = npt.NDArray[np.int64]

TITLE = "逃出大英博物馆"
DANMAKU = 3_500
COMMENTS = 1_500
GREETING_SHARE = 0.04
DAYS = 21
METRIC_HOURS = (*range(1, 241), *range(252, DAYS * 24 + 1, 12))
"""Hours after release at which views and likes were noted: every hour at first, then twice a day."""

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_RELEASES = {"ep1": "2023-08-30 12:00", "ep2": "2023-09-02 18:00", "ep3": "2023-09-05 18:00"}
_LATE_H = {"bilibili": 0, "douyin": 1, "youtube": 30}
_NATIVE = {"bilibili": "BV1demo00{}", "douyin": "72730000000000000{}", "youtube": "demo-yt-ep{}"}
_REACH = {"bilibili": 900_000, "douyin": 2_400_000, "youtube": 160_000}
_NIGHT = np.array(
    [0.55, 0.3, 0.16, 0.1, 0.08, 0.1, 0.25, 0.5, 0.75, 0.85, 0.95, 1.1, 1.45, 1.25, 1.0, 0.95, 1.0, 1.15, 1.35, 1.5, 1.7, 1.85, 1.7, 1.1]
)
_SPREAD = 0.5 * _NIGHT + 0.5  # commenters on YouTube sit in many zones
_SECONDS = 3600
_EDGE_MS = 400
_PULL_MS, _ON_SCREEN_MS = 3_000, 8_000


@dataclass(frozen=True)
class Video:
    """A work on one platform; ``published`` in seconds since 1970 (UTC)."""

    work: str
    platform: str
    native: str
    duration_ms: int
    published: int

    @property
    def video_id(self) -> str:
        """``platform:native``."""
        return f"{self.platform}:{self.native}"


def videos() -> list[Video]:
    """The nine videos, by work and platform."""
    made = []
    for number, (work, (duration_ms, _)) in enumerate(EPISODES.items(), start=1):
        start = int(dt.datetime.strptime(_RELEASES[work], "%Y-%m-%d %H:%M").replace(tzinfo=_SHANGHAI).timestamp())
        for place, (platform, late) in enumerate(_LATE_H.items()):
            made.append(Video(work, platform, _NATIVE[platform].format(number), duration_ms - 200 * place, start + late * _SECONDS))
    return made


def rhythm(video: Video, hours: int) -> npt.NDArray[np.float64]:
    """Relative activity in each hour since release: decay, a long tail, day and night."""
    since = np.arange(hours)
    decay = np.exp(-since / 22) + 0.1 * np.exp(-since / 150)
    local = (video.published // _SECONDS + 8 + since) % 24
    return np.asarray(decay * (_SPREAD if video.platform == "youtube" else _NIGHT)[local])


def sent_times(video: Video, n: int, *, seed: int, channel: str, pull: float = 0.0) -> Ints:
    """Seconds since 1970 (UTC) at which `n` messages were sent, in order; `pull`: see `pull_of`."""
    random = generator(seed, "simulation", "sent", video.video_id, channel)
    activity = rhythm(video, DAYS * 24)
    written = random.random(n)
    watched = (
        np.log1p(pull * written) / np.log1p(pull) if pull else written
    )  # viewers until then, where the pool of messages draws more of them
    hour = np.searchsorted(np.cumsum(activity) / activity.sum(), watched).clip(max=activity.size - 1)
    return np.sort(video.published + hour * _SECONDS + random.integers(30, _SECONDS, size=n)).astype(np.int64)


def pull_of(contagion: float) -> float:
    """How many messages the whole pool draws for each that the video draws, if earlier messages drew this share of all.

    Notes
    -----
    Viewers come at a rate that is known, and write at a rate of s + a P, where P are the messages before. With n messages in all and β = a n / s, a
    message that came as the u-th share of them was drawn by an earlier one with the chance β u / (1 + β u), so the share is 1 - ln(1 + β) / β.
    """
    from scipy import optimize

    return float(optimize.brentq(lambda pull: 1 - np.log1p(pull) / pull - contagion, 1e-6, 1e6)) if contagion else 0.0


@dataclass(frozen=True)
class Placed:
    """Media times of danmaku in order of sending, and the mix that each is drawn from (an index into ``mixes``)."""

    at_ms: Ints
    which: Ints
    mixes: list[Mix]


def danmaku_places(video: Video, n: int, *, seed: int) -> Placed:
    """Where danmaku stand: a flood of greetings, planted moments, a background that thins out towards the end, and answers to danmaku on screen."""
    random = generator(seed, "simulation", "places", video.video_id)
    moments = EPISODES[video.work][1]
    mixes = [between(video.work, GREETING_SHARE), GREETINGS, *(moment.mix for moment in moments)]
    shares = np.array([0.0, GREETING_SHARE, *(moment.share for moment in moments)])
    shares[0] = 1 - shares.sum()
    which = random.choice(shares.size, size=n, p=shares).astype(np.int64)
    background = video.duration_ms * random.beta(1.0, FADING, size=n)
    greetings = random.exponential(2_200, size=n)
    at = np.where(which == 1, greetings, background)
    for number, moment in enumerate(moments, start=2):
        # people type after they saw it: a short delay stretches the later side
        drawn = moment.at_ms + random.normal(0, moment.width_ms, size=n) + random.exponential(1_500, size=n)
        at = np.where(which == number, drawn, at)
    since = np.subtract.outer(at, SWELLS[video.work])
    is_swept = (which == 0) & ((since >= SWELL_MS[0]) & (since < SWELL_MS[1])).any(axis=1) & (random.random(n) < SWELL_SHARE)
    mixes.append(LONGING)
    which[is_swept] = len(mixes) - 1
    at = np.clip(at, _EDGE_MS, video.duration_ms - _EDGE_MS).astype(np.int64)
    return Placed(*_answered(at, which, video.duration_ms, random), mixes)


def _answered(at: Ints, which: Ints, duration_ms: int, random: np.random.Generator) -> tuple[Ints, Ints]:
    """Some danmaku moved to shortly after one that was sent before them, of whose kind they are."""
    n, pull = at.size, pull_of(CONTAGION)
    pool = pull * np.arange(n) / n
    is_answer = random.random(n) < pool / (1 + pool)
    parents = (random.random(n) * np.arange(n)).astype(np.int64)
    lags = -_PULL_MS * np.log1p(-random.random(n) * -np.expm1(-_ON_SCREEN_MS / _PULL_MS))
    places, kinds = at.tolist(), which.tolist()
    for one in np.flatnonzero(is_answer).tolist():
        moved = places[parents[one]] + int(lags[one])
        if moved < duration_ms - _EDGE_MS:
            places[one], kinds[one] = moved, kinds[parents[one]]
    return np.array(places, dtype=np.int64), np.array(kinds, dtype=np.int64)


def shown_metrics(video: Video, *, seed: int) -> list[tuple[int, int, int]]:
    """Time (seconds since 1970), views and likes so far, at `METRIC_HOURS`."""
    random = generator(seed, "simulation", "metrics", video.video_id)
    activity = rhythm(video, DAYS * 24)
    views = np.cumsum(random.poisson(_REACH[video.platform] * activity / activity.sum()))
    likes = np.minimum(np.cumsum(random.poisson(np.diff(views, prepend=0) * random.uniform(0.05, 0.09))), views)
    return [(video.published + _SECONDS * hour, int(views[hour - 1]), int(likes[hour - 1])) for hour in METRIC_HOURS]


@dataclass(frozen=True)
class HotRow:
    """A topic on the hot list at a time (seconds since 1970)."""

    at: int
    title: str
    rank: int
    heat: int
    listed_since: int


def hot_list(*, seed: int) -> list[HotRow]:
    """Rank and heat of the drama and of two other topics, every 20 minutes while they are listed."""
    random = generator(seed, "simulation", "hot list")
    first = videos()[0].published
    topics = ((f"{TITLE}", 5, 70, 6.2e6), (f"{TITLE} 大结局", 152, 40, 4.1e6), ("开学第一课", 60, 30, 3.0e6))
    rows: list[HotRow] = []
    for title, start_h, hours, top in topics:
        since = first + start_h * _SECONDS
        steps = np.arange(hours * 3)
        shape = (steps / 9 + 0.15) * np.exp(1 - steps / 9)
        heat = top * np.clip(shape, 0.02, None) * random.lognormal(0, 0.05, steps.size)
        rank = np.clip(np.round(1 + 13 * np.log(top / heat)), 1, 50).astype(int)
        rows += [
            HotRow(since + 1200 * step, title, place, int(value), since)
            for step, place, value in zip(steps.tolist(), rank.tolist(), heat.tolist(), strict=True)
        ]
    return sorted(rows, key=lambda row: (row.at, row.rank, row.title))

"""What columns of counts are called on platforms and in creators' exports, and what each becomes in ``metrics``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A count: its name in ``metrics``, and how its cells read.

    ``reads`` is ``count``, ``hours``, ``minutes``, ``clock`` (becomes seconds) or ``percent`` (becomes a share).
    """

    name: str
    reads: str = "count"


_NAMES: dict[str, tuple[str, ...]] = {
    "views": (
        "views",
        "view count",
        "viewcount",
        "plays",
        "play count",
        "video views",
        "播放量",
        "播放数",
        "播放次数",
        "观看次数",
        "观看量",
        "总播放量",
    ),
    "engaged_views": ("engaged views",),
    "unique_viewers": ("unique viewers", "观看人数", "唯一身份观看者"),
    "impressions": ("impressions", "曝光量", "曝光数", "曝光次数", "展示次数"),
    "reads": ("reads", "read count", "阅读量", "阅读数"),
    "likes": ("likes", "like count", "digg count", "点赞数", "点赞量", "点赞", "作品点赞", "获赞数"),
    "dislikes": ("dislikes", "dislike count"),
    "comments": ("comments", "comment count", "comments added", "评论数", "评论量", "评论", "作品评论"),
    "shares": ("shares", "share count", "分享数", "分享量", "分享", "作品分享", "分享次数"),
    "reposts": ("reposts", "repost count", "retweets", "转发数", "转发量", "转发"),
    "favorites": ("favorites", "favourites", "favorite count", "collects", "collect count", "bookmarks", "收藏数", "收藏量", "收藏"),
    "saves": ("saves", "save count"),
    "coins": ("coins", "coin count", "投币数", "硬币", "投币"),
    "danmaku": ("danmaku", "danmaku count", "弹幕数", "弹幕量", "弹幕"),
    "followers": (
        "followers",
        "follower count",
        "followers count",
        "total followers",
        "fans",
        "fan count",
        "fans count",
        "subscribers",
        "subscriber count",
        "total subscribers",
        "粉丝数",
        "粉丝量",
        "粉丝",
        "总粉丝数",
        "总粉丝量",
        "粉丝总数",
        "累计粉丝",
        "订阅数",
        "订阅人数",
        "关注者",
        "关注者数",
    ),
    "new_followers": (
        "new followers",
        "followers gained",
        "subscribers gained",
        "新增粉丝",
        "新增粉丝数",
        "涨粉",
        "涨粉数",
        "涨粉量",
        "新增订阅",
    ),
    "lost_followers": ("lost followers", "unfollows", "subscribers lost", "取关数", "取关", "取关粉丝", "掉粉", "掉粉数", "流失粉丝"),
    "net_followers": ("net followers", "净增粉丝", "净增粉丝数", "净涨粉", "净增"),
    "profile_visits": ("profile visits", "profile views", "主页访问量", "主页访问数", "空间访客"),
}
_OTHERS: dict[str, Metric] = {
    **dict.fromkeys(
        ("watch time(hours)", "watch time hours", "观看时长(小时)", "观看时间(小时)", "播放时长(小时)"), Metric("watch_time_hours", "hours")
    ),
    **dict.fromkeys(("watch time(minutes)", "watch time minutes", "estimated minutes watched"), Metric("watch_time_hours", "minutes")),
    **dict.fromkeys(("average view duration", "平均观看时长", "平均播放时长", "人均播放时长"), Metric("average_view_duration_s", "clock")),
    **dict.fromkeys(
        ("average percentage viewed(%)", "average % viewed", "average view percentage", "平均观看百分比(%)", "平均观看百分比"),
        Metric("average_share_viewed", "percent"),
    ),
    **dict.fromkeys(
        ("impressions click-through rate(%)", "展示点击率(%)", "展示点击率", "展示次数点击率(%)"), Metric("click_through_share", "percent")
    ),
    **dict.fromkeys(("completion rate", "completion rate(%)", "完播率", "完播率(%)"), Metric("completion_share", "percent")),
}
METRICS: dict[str, Metric] = {**{alias: Metric(name) for name, aliases in _NAMES.items() for alias in aliases}, **_OTHERS}
"""By name of the column, made alike."""

PERIOD = {name: f"new_{name}" for name in _NAMES if not name.endswith("followers") and name != "unique_viewers"} | {
    "followers": "net_followers"
}
"""Names of counts in exports that give what came within a period, not totals."""

PLATFORM_NAMES = {
    "抖音": "douyin",
    "快手": "kuaishou",
    "小红书": "xiaohongshu",
    "rednote": "xiaohongshu",
    "xhs": "xiaohongshu",
    "b站": "bilibili",
    "哔哩哔哩": "bilibili",
    "微博": "weibo",
    "知乎": "zhihu",
    "视频号": "weixin",
    "微信视频号": "weixin",
    "西瓜视频": "xigua",
    "今日头条": "toutiao",
    "油管": "youtube",
    "yt": "youtube",
    "推特": "x",
    "twitter": "x",
    "n站": "niconico",
}
CHINESE = frozenset(
    ("douyin", "kuaishou", "xiaohongshu", "bilibili", "weibo", "zhihu", "weixin", "xigua", "toutiao", "baidu", "tieba", "acfun")
)


def platform_named(text: str | None) -> str | None:
    """A platform as Yuhu calls it: 抖音 and Douyin are ``douyin``; other names in lower case as they are."""
    if not text:
        return None
    name = text.strip().lower()
    return PLATFORM_NAMES.get(name, name.replace(":", "-").replace("/", "-")) or None

"""What Zeeschuimer captures of TikTok and Douyin: the platforms' own objects, as videos and comments."""

from collections.abc import Mapping
from typing import Any

from yuhu.core.clock import media_from, wall_ms
from yuhu.sources.captured import LIVE, NO_ID, NO_TEXT, Message, Video, count, named, words
from yuhu.sources.file_names import language
from yuhu.sources.json_records import dig

TIKTOK, DOUYIN = "tiktok", "douyin"

_TIKTOK_COUNTS = {
    "views": "playCount",
    "likes": "diggCount",
    "comments": "commentCount",
    "shares": "shareCount",
    "favorites": "collectCount",
    "reposts": "repostCount",
}
_DOUYIN_COUNTS = {
    "views": ("play_count", "playCount"),
    "likes": ("digg_count", "diggCount"),
    "comments": ("comment_count", "commentCount"),
    "shares": ("share_count", "shareCount"),
    "favorites": ("collect_count", "collectCount"),
    "reposts": ("forward_count", "forwardCount"),
    "downloads": ("download_count", "downloadCount"),
}


def mend_tiktok(data: dict[str, Any]) -> dict[str, Any]:
    """A post whose author is an object, as in most captures: data embedded in a page gives the user name alone, and the id beside it."""
    author = data.get("author")
    if not isinstance(author, str):
        return data
    return {**data, "author": {"id": data.get("authorId"), "uniqueId": author}}


def tiktok_post(data: Mapping[str, Any]) -> Video | str:
    """A video of TikTok, or why it is none."""
    native = named(data.get("id"))
    if native is None:
        return NO_ID
    if data.get("liveRoomInfo"):
        return LIVE
    answered = named(dig(data, "duetInfo.duetFromId"))
    return Video(
        platform=TIKTOK,
        native=native,
        text=words(data.get("desc")),
        author=named(dig(data, "author.id"), data.get("authorId"), dig(data, "author.uniqueId")),
        sent=wall_ms(data.get("createTime"), "UTC"),
        counts={name: count(dig(data, f"statsV2.{key}"), dig(data, f"stats.{key}")) for name, key in _TIKTOK_COUNTS.items()},
        followers=count(dig(data, "authorStatsV2.followerCount"), dig(data, "authorStats.followerCount")),
        links=() if answered in {None, "0", native} else (("duet", f"video:{answered}"),),
        flags=("ad",) if data.get("isAd") is True else (),
        duration_ms=media_from(dig(data, "video.duration"), per_second=1) or None,
    )


def tiktok_comment(data: Mapping[str, Any]) -> Message | str:
    """A comment or reply below a video of TikTok, or why it is none."""
    native, video, text = named(data.get("cid")), named(data.get("aweme_id")), words(data.get("text"))
    if native is None:
        return NO_ID
    if video is None:
        return "no video"
    if not text:
        return NO_TEXT
    thread, answered = (
        None if one in {"0", native} else one for one in (named(data.get("reply_id")), named(data.get("reply_to_reply_id")))
    )
    lang = data.get("comment_language")
    return Message(
        platform=TIKTOK,
        native=native,
        text=text,
        author=named(dig(data, "user.uid"), dig(data, "user.unique_id")),
        sent=wall_ms(data.get("create_time"), "UTC"),
        counts={"likes": count(data.get("digg_count")), "replies": count(data.get("reply_comment_total"))},
        flags=[flag for flag, key in (("liked", "author_pin"), ("pinned", "stick_position")) if _holds(data.get(key))],
        fork="comment",
        kind="reply" if thread else "comment",
        video=video,
        answers=(answered or thread) if thread else None,
        thread=thread,
        lang=language(lang) if isinstance(lang, str) else None,
        caption=words(dig(data, "share_info.title")),
    )


def douyin_post(data: Mapping[str, Any]) -> Video | str:
    """A video of Douyin, from its API or embedded in a page, or why it is none."""
    if any(_holds(dig(data, path)) for path in ("rawdata", "cell_room.rawdata", "cellRoom.rawdata")):
        return LIVE
    native = named(data.get("aweme_id"), data.get("awemeId"))
    if native is None:
        return NO_ID
    counts = {
        name: count(*(dig(data, f"{stats}.{key}") for stats in ("statistics", "stats") for key in keys))
        for name, keys in _DOUYIN_COUNTS.items()
    }
    lasts = (media_from(dig(data, path), per_second=1000) for path in ("duration", "video.duration"))
    fans = [number for path in ("author.follower_count", "authorInfo.followerCount") if isinstance(number := dig(data, path), int)]
    return Video(
        platform=DOUYIN,
        native=native,
        text=words(data.get("desc")),
        author=named(*(dig(data, path) for path in DOUYIN_PEOPLE)),
        sent=wall_ms(named(data.get("create_time"), data.get("createTime")), "UTC"),
        counts={**counts, "views": counts["views"] or None},  # Douyin's pages say 0 for a number that they do not show
        followers=count(*fans),
        flags=("mix",) if data.get("ZS_collected_from_mix") is True and data.get("ZS_first_mix_vid") is not True else (),
        duration_ms=next((one for one in lasts if one), None),
    )


DOUYIN_PEOPLE = ("author.uid", "author_user_id", "author.sec_uid", "authorInfo.uid", "authorUserId", "authorInfo.secUid")


def _holds(value: object) -> bool:
    """Whether a flag, a position or a content is there."""
    return (
        bool(value) and value not in {"0", "$undefined"}
        if isinstance(value, str | int | float)
        else isinstance(value, dict) and bool(value)
    )

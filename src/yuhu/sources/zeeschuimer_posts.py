"""What Zeeschuimer captures of Instagram, X and Threads."""

import html
from collections.abc import Mapping
from typing import Any

from yuhu.core.clock import media_from, wall_ms
from yuhu.sources.captured import AD, NO_ID, NO_TEXT, Message, Video, count, named, words
from yuhu.sources.file_names import language
from yuhu.sources.json_records import dig

INSTAGRAM, X, THREADS = "instagram", "x", "threads"
INSTAGRAM_PEOPLE = ("user.pk", "user.id", "owner.pk", "owner.id", "user.username", "owner.username")
X_PEOPLE = ("legacy.user_id_str", "core.user_results.result.rest_id", "user.id_str")

_VIDEOS = frozenset({"GraphVideo", "XDTGraphVideo", "XIGPolarisVideoMedia"})
_INSTAGRAM_COUNTS = {
    "views": ("play_count", "view_count", "video_play_count", "video_view_count"),
    "likes": ("like_count", "edge_media_preview_like.count", "edge_liked_by.count"),
    "comments": ("comment_count", "edge_media_preview_comment.count", "edge_media_to_comment.count"),
}
_X_COUNTS = {
    "views": ("views.count", "ext_views.count"),
    "likes": ("legacy.favorite_count",),
    "reposts": ("legacy.retweet_count",),
    "quotes": ("legacy.quote_count",),
    "replies": ("legacy.reply_count",),
    "favorites": ("legacy.bookmark_count",),
}
_OLD_CODES = {"in": "id", "iw": "he"}


def mend_instagram(data: dict[str, Any]) -> dict[str, Any]:
    """A post whose id does not name its owner: ``ID_OWNER`` becomes ``ID``."""
    named_id = data.get("id")
    return {**data, "id": named_id.partition("_")[0]} if isinstance(named_id, str) and "_" in named_id else data


def instagram_post(data: Mapping[str, Any]) -> Video | Message | str:
    """A reel or video as a video, a picture or an album as a post; of the graph (``shortcode``) or of the API (``code``)."""
    native = named(data.get("code"), data.get("shortcode"))
    link = data.get("link")
    if data.get("product_type") == "ad" or (isinstance(link, str) and link.startswith("https://www.facebook.com/ads/")):
        return AD
    if native is None:
        return NO_ID
    counts = {name: count(*(dig(data, path) for path in paths)) for name, paths in _INSTAGRAM_COUNTS.items()}
    if data.get("like_and_view_counts_disabled") is True:
        counts |= {"likes": None, "views": None}
    text = words(dig(data, "caption.text")) or words(dig(data, "edge_media_to_caption.edges.0.node.text"))
    about: dict[str, Any] = {
        "platform": INSTAGRAM,
        "native": native,
        "text": text,
        "author": named(*(dig(data, path) for path in INSTAGRAM_PEOPLE)),
        "sent": wall_ms(named(data.get("taken_at"), data.get("taken_at_timestamp")), "UTC"),
        "counts": counts,
        "flags": ("partial",) if data.get("_zs_partial") is True else (),
    }
    if _is_video(data):
        return Video(**about, duration_ms=media_from(data.get("video_duration"), per_second=1) or None)
    return Message(**about) if text else NO_TEXT


def _is_video(data: Mapping[str, Any]) -> bool:
    kind, name = data.get("media_type"), data.get("__typename")
    return named(kind) == "2" or (isinstance(name, str) and name in _VIDEOS) or (kind is None and data.get("is_video") is True)


def mend_x(data: dict[str, Any]) -> dict[str, Any]:
    """A post that is not wrapped in another object."""
    wrapped = data.get("tweet")
    return wrapped if isinstance(wrapped, dict) and "legacy" not in data else data


def x_post(data: Mapping[str, Any]) -> Message | str:
    """A post of X, a reply, or a repost with the text and the counts of what it repeats."""
    legacy = data.get("legacy")
    if not isinstance(legacy, dict):
        return "a post that the platform does not show"
    native = named(data.get("rest_id"), legacy.get("id_str"))
    if native is None:
        return NO_ID
    repeated = _held(legacy.get("retweeted_status_result")) or _held(data.get("retweeted_status_result"))
    shown = repeated if isinstance(repeated.get("legacy"), dict) else data
    text = _x_text(shown)
    if not text:
        return NO_TEXT
    original = named(repeated.get("rest_id"), dig(repeated, "legacy.id_str"))
    quoted = named(legacy.get("quoted_status_id_str"), _held(data.get("quoted_status_result")).get("rest_id"))
    answered = named(legacy.get("in_reply_to_status_id_str"))
    fans = [n for path in ("core.user_results.result.legacy", "user") if isinstance(n := dig(data, f"{path}.followers_count"), int)]
    return Message(
        platform=X,
        native=native,
        text=text,
        author=named(*(dig(data, path) for path in X_PEOPLE)),
        sent=wall_ms(legacy.get("created_at"), "UTC"),
        counts={name: count(*(dig(shown, path) for path in paths)) for name, paths in _X_COUNTS.items()},
        followers=count(*fans),
        links=_x_links(original, None if repeated else quoted),
        flags=[*(["ad"] if data.get("promoted") is True else []), *(["repost"] if repeated and original is None else [])],
        kind="repost" if repeated else "reply" if answered else "post",
        answers=original if repeated else answered,
        thread=None if repeated else named(legacy.get("conversation_id_str")),
        counted=original if shown is repeated else None,
        lang=code_of(legacy.get("lang")),
    )


def _held(holder: object) -> dict[str, Any]:
    """The post under ``result``, which may be wrapped once more; empty if there is none."""
    result = dig(holder, "result")
    inner = dig(result, "tweet")
    return inner if isinstance(inner, dict) else result if isinstance(result, dict) else {}


def _x_text(post: Mapping[str, Any]) -> str:
    """The whole text: a long one stands apart; ``&``, ``<`` and ``>`` come as character references."""
    return words(html.unescape(words(dig(post, "note_tweet.note_tweet_results.result.text")) or words(dig(post, "legacy.full_text"))))


def _x_links(original: str | None, quoted: str | None) -> list[tuple[str, str]]:
    return [(kind, f"post:{one}") for kind, one in (("repost", original), ("quote", quoted)) if one is not None]


def code_of(lang: object) -> str | None:
    """ISO 639 code of a language that X guessed; None for ``und``, ``zxx`` and its own codes."""
    return language(_OLD_CODES.get(lang, lang)) if isinstance(lang, str) else None


def threads_post(data: Mapping[str, Any]) -> Message | str:
    """A post of Threads."""
    native, text = named(data.get("code")), words(dig(data, "caption.text"))
    if native is None:
        return NO_ID
    if not text:
        return NO_TEXT
    about = data.get("text_post_app_info")
    return Message(
        platform=THREADS,
        native=native,
        text=text,
        author=named(*(dig(data, path) for path in INSTAGRAM_PEOPLE)),
        sent=wall_ms(data.get("taken_at"), "UTC"),
        counts={
            "likes": count(data.get("like_count")),
            "reposts": count(dig(about, "repost_count")),
            "replies": count(dig(about, "direct_reply_count")),
            "quotes": count(dig(about, "quote_count")),
        },
    )

"""MediaCrawler's tables: which columns each platform writes, and what they mean."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

VIDEOS, POSTS, COMMENTS, ACCOUNTS, CONTACTS = "videos", "posts", "comments", "accounts", "contacts"

AUTHORS = ("user_id", "creator_hash")
"""A person: the platform's id in files written until June 2026, since then a hash of it."""

CAPTURED = "last_modify_ts"
"""When the crawler read a record."""


@dataclass(frozen=True)
class Layout:
    """A table of one platform.

    Parameters
    ----------
    platform, what : str
        The platform, and what a record is: `VIDEOS`, `POSTS`, `COMMENTS`, `ACCOUNTS` or `CONTACTS`.
    native : str
        The column with the platform's id.
    marks, without : tuple of str
        Columns that the table has, and that it has not, by which it is told from others.
    texts : tuple of str
        Columns of the text; of a video first its title, then its description.
    sent : tuple of str
        Columns of the time of sending, the surest first.
    of, is_below_video : str, bool
        The column with the id of what a comment is about, and whether that is a video or a post.
    parent, replies, likes, kind : str
        Columns with the message that a comment answers, the number of its replies, its likes, and what kind of a thing a record is.
    counts : mapping of str to str
        Name of a metric by column.
    """

    platform: str
    what: str
    native: str
    marks: tuple[str, ...]
    without: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()
    of: str = ""
    is_below_video: bool = False
    parent: str = ""
    replies: str = ""
    likes: str = ""
    kind: str = ""
    counts: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Platform and table."""
        return f"{self.platform} {self.what}"

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are read."""
        named = (self.native, *self.texts, *self.sent, self.of, self.parent, self.replies, self.likes, self.kind, *self.counts)
        of_messages = ("ip_location", "pictures") if self.what in {POSTS, COMMENTS} else ()
        return tuple(dict.fromkeys(name for name in (*named, *AUTHORS, CAPTURED, *of_messages) if name))

    def fits(self, columns: Collection[str]) -> bool:
        """Whether a table with these columns is one of this kind."""
        return all(name in columns for name in (self.native, *self.marks)) and not any(name in columns for name in self.without)


_SENT = ("create_time",)
_PARENT = "parent_comment_id"
_REPLIES = "sub_comment_count"
_COMMENT = "comment_id"

LAYOUTS = (
    Layout(
        "bilibili",
        COMMENTS,
        _COMMENT,
        ("video_id", _PARENT, CAPTURED),
        texts=("content",),
        sent=_SENT,
        of="video_id",
        is_below_video=True,
        parent=_PARENT,
        replies=_REPLIES,
        likes="like_count",
    ),
    Layout(
        "kuaishou",
        COMMENTS,
        _COMMENT,
        ("video_id", CAPTURED),
        (_PARENT,),
        texts=("content",),
        sent=_SENT,
        of="video_id",
        is_below_video=True,
        replies=_REPLIES,
    ),
    Layout(
        "douyin",
        COMMENTS,
        _COMMENT,
        ("aweme_id", CAPTURED),
        texts=("content",),
        sent=_SENT,
        of="aweme_id",
        is_below_video=True,
        parent=_PARENT,
        replies=_REPLIES,
        likes="like_count",
    ),
    Layout(
        "weibo",
        COMMENTS,
        _COMMENT,
        ("note_id", "create_date_time", CAPTURED),
        texts=("content",),
        sent=("create_date_time", "create_time"),
        of="note_id",
        parent=_PARENT,
        replies=_REPLIES,
        likes="comment_like_count",
    ),
    Layout(
        "tieba",
        COMMENTS,
        _COMMENT,
        ("note_id", "tieba_id"),
        texts=("content",),
        sent=("publish_time",),
        of="note_id",
        parent=_PARENT,
        replies=_REPLIES,
    ),
    Layout(
        "zhihu",
        COMMENTS,
        _COMMENT,
        ("content_id", "content_type", "publish_time"),
        texts=("content",),
        sent=("publish_time",),
        of="content_id",
        parent=_PARENT,
        replies=_REPLIES,
        likes="like_count",
    ),
    Layout(
        "xiaohongshu",
        COMMENTS,
        _COMMENT,
        ("note_id", CAPTURED),
        texts=("content",),
        sent=_SENT,
        of="note_id",
        parent=_PARENT,
        replies=_REPLIES,
        likes="like_count",
    ),
    Layout(
        "bilibili",
        VIDEOS,
        "video_id",
        ("video_play_count", CAPTURED),
        texts=("title", "desc"),
        sent=_SENT,
        counts={
            "video_play_count": "views",
            "liked_count": "likes",
            "disliked_count": "dislikes",
            "video_favorite_count": "favorites",
            "video_share_count": "shares",
            "video_coin_count": "coins",
            "video_danmaku": "danmaku",
            "video_comment": "comments",
        },
    ),
    Layout(
        "kuaishou",
        VIDEOS,
        "video_id",
        ("viewd_count", CAPTURED),
        texts=("title", "desc"),
        sent=_SENT,
        counts={"viewd_count": "views", "liked_count": "likes"},
    ),
    Layout(
        "douyin",
        VIDEOS,
        "aweme_id",
        ("liked_count", CAPTURED),
        texts=("title", "desc"),
        sent=_SENT,
        kind="aweme_type",
        counts={"liked_count": "likes", "collected_count": "favorites", "comment_count": "comments", "share_count": "shares"},
    ),
    Layout(
        "weibo",
        POSTS,
        "note_id",
        ("comments_count", "create_date_time", CAPTURED),
        texts=("content",),
        sent=("create_date_time", "create_time"),
        counts={"liked_count": "likes", "comments_count": "comments", "shared_count": "reposts"},
    ),
    Layout(
        "xiaohongshu",
        POSTS,
        "note_id",
        ("collected_count", CAPTURED),
        texts=("title", "desc"),
        sent=("time",),
        kind="type",
        counts={"liked_count": "likes", "collected_count": "favorites", "comment_count": "comments", "share_count": "shares"},
    ),
    Layout(
        "tieba",
        POSTS,
        "note_id",
        ("total_replay_num", "publish_time"),
        texts=("title", "desc"),
        sent=("publish_time",),
        counts={"total_replay_num": "comments"},
    ),
    Layout(
        "zhihu",
        POSTS,
        "content_id",
        ("voteup_count", "created_time"),
        texts=("title", "content_text"),
        sent=("created_time",),
        counts={"voteup_count": "likes", "comment_count": "comments"},
    ),
    Layout(
        "bilibili",
        POSTS,
        "dynamic_id",
        ("pub_ts", "total_forwards"),
        texts=("text",),
        sent=("pub_ts",),
        kind="type",
        counts={"total_liked": "likes", "total_comments": "comments", "total_forwards": "reposts"},
    ),
    Layout("bilibili", ACCOUNTS, "user_id", ("total_fans", CAPTURED), counts={"total_fans": "followers", "total_liked": "likes"}),
    Layout("douyin", ACCOUNTS, "user_id", ("fans", "interaction", "videos_count"), counts={"fans": "followers"}),
    Layout("xiaohongshu", ACCOUNTS, "user_id", ("fans", "interaction", "tag_list"), counts={"fans": "followers"}),
    Layout("zhihu", ACCOUNTS, "user_id", ("fans", "get_voteup_count"), counts={"fans": "followers", "get_voteup_count": "likes"}),
    Layout("tieba", ACCOUNTS, "user_id", ("fans", "registration_duration"), counts={"fans": "followers"}),
    Layout("weibo", ACCOUNTS, "user_id", ("fans", "follows", "tag_list"), counts={"fans": "followers"}),
    Layout("bilibili", CONTACTS, "up_id", ("fan_id",)),
)
"""What makes a table unmistakable stands first; each is looked for in this order."""

BY_NAME = {layout.name: layout for layout in LAYOUTS}


def layout_of(columns: Collection[str]) -> Layout | None:
    """The table that has these columns."""
    return next((layout for layout in LAYOUTS if layout.fits(columns)), None) if columns else None

"""Where people stand in captures of Zeeschuimer: those who wrote, those whom they name, and the researcher whose browser it was."""

from yuhu.core.contracts import Personal
from yuhu.sources.zeeschuimer_posts import INSTAGRAM_PEOPLE, X_PEOPLE
from yuhu.sources.zeeschuimer_videos import DOUYIN_PEOPLE
from yuhu.sources.zeeschuimer_xiaohongshu import NOTE_PEOPLE

_AUTHORS = (
    *("author.id", "authorId", "author.uniqueId", "user.uid", "user.unique_id", "author_name", "user_info.user_id", "user_info.nickname"),
    *DOUYIN_PEOPLE,
    *INSTAGRAM_PEOPLE,
    *X_PEOPLE,
    *(f"{above}{path}" for above in ("", "note_card.", "note.") for path in NOTE_PEOPLE),
)
_RESEARCHER = "item_id user_agent source_platform_url source_url"
"""An id of Instagram names the owner of a post; the others say who looked at what."""

_VIEWER = (
    "digged collected user_digged user_buried collect_stat collectStat userDigged liked favorited retweeted bookmarked has_liked has_viewer_saved "
    "is_seen friendship_status social_context legacy.favorited legacy.retweeted legacy.bookmarked requestTime organic_tracking_token "
    "logging_info_token share_url track_id url log_pb logPb "
    "note_card.interact_info.liked note_card.interact_info.collected note_card.interact_info.followed note_card.interact_info.relation "
    "note.interactInfo.liked note.interactInfo.collected note.interactInfo.followed note.interactInfo.relation "
    "interact_info.liked interact_info.collected interact_info.followed interact_info.relation"
)
"""What the person who looked did or was, and addresses that carry their tokens."""

_OTHERS = (
    "authorSecId reply_to_userid reply_to_userId cooperation_info interaction_stickers share_info.url share_info.desc share_info.acl shareInfo "
    "music.owner_nickname music.owner_handle music.owner_id music.avatar_large mentioned_users comments commentList "
    "coauthor_producers invited_coauthor_producers facepile_top_likers likers top_likers preview_comments sponsor_tags accessibility_caption "
    "clips_metadata music_metadata edge_media_to_tagged_user edge_media_to_parent_comment edge_media_preview_comment.edges "
    "edge_media_to_comment.edges edge_sidecar_to_children carousel_media.id carousel_media.accessibility_caption carousel_media.usertags "
    "text_post_app_info.reply_to_author text_post_app_info.share_info text_post_app_info.text_fragments "
    "legacy.entities.user_mentions legacy.in_reply_to_screen_name legacy.in_reply_to_user_id_str legacy.quoted_status_permalink "
    "legacy.extended_entities.media.additional_media_info legacy.entities.media.additional_media_info legacy.place card "
    "note_tweet.note_tweet_results.result.entity_set.user_mentions"
)
_NESTED = ("quoted_status_result.result", "quoted_status_result.result.tweet", "legacy.retweeted_status_result.result")
_NESTED_POSTS = (
    *_NESTED,
    "legacy.retweeted_status_result.result.tweet",
    "retweeted_status_result.result",
    "retweeted_status_result.result.tweet",
)
_OF_NESTED = (
    "core card quoted_status_result legacy.user_id_str legacy.favorited legacy.retweeted legacy.bookmarked legacy.entities.user_mentions legacy.in_reply_to_screen_name "
    "legacy.in_reply_to_user_id_str legacy.quoted_status_permalink legacy.extended_entities legacy.entities.media legacy.place "
    "note_tweet.note_tweet_results.result.entity_set.user_mentions"
)
"""Posts inside posts: whose they are is not read."""

PERSONAL = Personal(
    author=tuple(f"data.{path}" for path in dict.fromkeys(_AUTHORS)),
    drop=(
        *_RESEARCHER.split(),
        *(f"data.{path}" for path in (*_VIEWER.split(), *_OTHERS.split())),
        *(f"data.{post}.{path}" for post in _NESTED_POSTS for path in _OF_NESTED.split()),
    ),
)

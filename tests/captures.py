"""Captures as Zeeschuimer makes them, one object of each module and shape."""

import json

AT = 1_767_225_600_000  # 2026-01-01T00:00:00Z
CREATED = 1_693_400_000  # 2023-08-30T12:53:20Z
AGENT = "Mozilla/5.0 (SecretResearcher)"
PAGE = "https://www.example.com/secretpage?token=researcherstoken"


def capture(module, data, *, at=AT, n=1, **more):
    """A line of Zeeschuimer's export."""
    return {
        "nav_index": f"1:2:{n}",
        "item_id": str(data.get("id")),
        "timestamp_collected": at,
        "source_platform": module,
        "source_platform_url": PAGE,
        "source_url": f"{PAGE}&request",
        "user_agent": AGENT,
        "data": data,
        "id": n,
        **more,
    }


def flattened(line):
    """The same as 4CAT keeps it."""
    return {**line["data"], "__import_meta": {key: value for key, value in line.items() if key != "data"}}


def ndjson(lines):
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


TIKTOK = {
    "id": "7273000000000000001",
    "desc": "Escape from the British Museum #museum @teapotfan",
    "createTime": CREATED,
    "author": {
        "id": "6800000000000000001",
        "uniqueId": "secretuser01",
        "nickname": "Secret Nickname",
        "secUid": "MS4wSECRET",
        "avatarThumb": "https://p16/x",
    },
    "authorStats": {"followerCount": 1000, "diggCount": 5, "videoCount": 7},
    "authorStatsV2": {"followerCount": "1001"},
    "stats": {"diggCount": 20, "commentCount": 3, "shareCount": 4, "playCount": 500, "collectCount": "6"},
    "statsV2": {"diggCount": "21", "commentCount": "3", "shareCount": "4", "playCount": "501", "repostCount": "2"},
    "music": {"id": "700", "title": "original sound", "authorName": "Secret Nickname"},
    "video": {"duration": 61, "downloadAddr": "https://v16.tiktok.com/x"},
    "textExtra": [{"hashtagName": "museum"}, {"userUniqueId": "teapotfan", "secUid": "MS4wOTHER"}],
    "duetInfo": {"duetFromId": "7272000000000000009"},
    "isAd": False,
    "digged": True,
}
TIKTOK_EMBEDDED = {
    "id": "7273000000000000002",
    "desc": "",
    "createTime": str(CREATED),
    "author": "secretuser02",
    "authorId": "6800000000000000002",
    "nickname": "Other Nickname",
    "stats": {"diggCount": 1, "commentCount": 0, "shareCount": 0, "playCount": 2},
    "video": {"duration": 0},
    "duetInfo": {"duetFromId": "0"},
}
TIKTOK_LIVE = {"id": "7273000000000000003", "desc": "live", "liveRoomInfo": {"liveUrl": "x"}}

TIKTOK_COMMENT = {
    "id": "7274000000000000001",
    "cid": "7274000000000000001",
    "aweme_id": "7273000000000000001",
    "reply_id": "0",
    "text": "I cried [cry]",
    "create_time": CREATED + 60,
    "digg_count": 12,
    "reply_comment_total": 2,
    "comment_language": "en",
    "author_pin": True,
    "stick_position": 1,
    "user": {"uid": "6911111111111111111", "unique_id": "secretviewer", "nickname": "Viewer", "avatar_thumb": {"url_list": ["https://x"]}},
    "share_info": {
        "url": "https://m.tiktok.com/v/7273.html?u_code=researcherstoken",
        "title": "Escape from the British Museum",
        "desc": "Viewer's comment",
    },
    "reply_comment": None,
}
TIKTOK_REPLY = {
    **TIKTOK_COMMENT,
    "id": "7274000000000000002",
    "cid": "7274000000000000002",
    "reply_id": "7274000000000000001",
    "reply_to_reply_id": "0",
    "text": "me too",
    "comment_language": "un",
    "digg_count": 0,
    "reply_comment_total": 0,
    "author_pin": False,
    "stick_position": 0,
}

DOUYIN = {
    "id": "7273111111111111111",
    "aweme_id": "7273111111111111111",
    "group_id": "7273111111111111111",
    "desc": "逃出大英博物馆 第一集",
    "create_time": CREATED,
    "duration": 192_500,
    "author": {"uid": "88000000001", "sec_uid": "MS4wDY", "nickname": "作者昵称甲乙丙丁戊己", "follower_count": 9_000_000},
    "author_user_id": 88000000001,
    "statistics": {
        "digg_count": 100,
        "comment_count": 10,
        "share_count": 5,
        "collect_count": 7,
        "play_count": 0,
        "forward_count": 1,
        "download_count": 3,
    },
    "text_extra": [{"hashtag_name": "玉壶"}, {"sec_uid": "MS4wX"}],
    "ZS_collected_from_mix": True,
    "ZS_first_mix_vid": False,
}
DOUYIN_EMBEDDED = {
    "ZS_collected_from_embed": True,
    "id": "7273222222222222222",
    "awemeId": "7273222222222222222",
    "desc": "第二集",
    "createTime": CREATED + 86_400,
    "duration": "$undefined",
    "authorInfo": {"uid": "88000000002", "secUid": "MS4wDY2", "nickname": "另一个昵称很长很长", "followerCount": 12},
    "stats": {"diggCount": 200, "commentCount": "$undefined", "shareCount": 1, "collectCount": 2, "playCount": 33},
    "video": {"duration": 60_000, "bitRateList": []},
    "cellRoom": "$undefined",
    "music": "$undefined",
}
DOUYIN_LIVE = {"id": "1", "aweme_id": "1", "cell_room": {"rawdata": '{"title": "live"}'}}

XHS_USER = {"user_id": "5f0000000000000000000001", "nickname": "小红薯甲乙丙丁戊", "avatar": "https://sns/x"}
XHS_CARD = {
    "id": "64f000000000000000000001",
    "xsec_token": "ABresearcherstoken",
    "model_type": "note",
    "note_card": {
        "type": "normal",
        "display_title": "玉壶回家",
        "user": XHS_USER,
        "interact_info": {"liked_count": "1.2万", "liked": True},
    },
}
XHS_VIDEO = {
    "id": "64f000000000000000000002",
    "note_id": "64f000000000000000000002",
    "type": "video",
    "display_title": "看哭了",
    "desc": "看哭了，推荐",
    "time": CREATED * 1000,
    "user": {"user_id": "5f0000000000000000000002", "nick_name": "乙乙乙乙乙乙乙乙"},
    "interact_info": {"liked_count": "10+"},
}
XHS_PAGE = {
    "id": "64f000000000000000000001",
    "note": {
        "title": "玉壶回家",
        "desc": "她一路找回去 #玉壶",
        "time": CREATED * 1000,
        "ipLocation": "河北",
        "xsecToken": "ABresearcherstoken",
        "user": {"userId": "5f0000000000000000000001", "nickname": "小红薯甲乙丙丁戊"},
        "interactInfo": {"likedCount": "12001", "collectedCount": "300", "commentCount": "4", "shareCount": "5", "liked": False},
    },
}
XHS_STUB = {
    "id": "64f000000000000000000003",
    "url": "/explore/64f000000000000000000003?xsec_token=ABresearcherstoken",
    "title": "只有标题",
    "author_name": "丙丙丙丙丙丙丙丙丙",
    "author_url": "丙丙丙丙丙丙丙丙丙",
    "likes": "3千+",
    "_zs-origin": "html",
}
XHS_TILE = {"id": "64f000000000000000000004", "type": "video", "note_id": "64f000000000000000000004", "cover": {}}

XHS_COMMENT = {
    "id": "650000000000000000000001",
    "note_id": "64f000000000000000000001",
    "content": "泪目",
    "create_time": CREATED * 1000 + 5,
    "ip_location": "IP属地：重庆",
    "like_count": "7",
    "sub_comment_count": "3",
    "user_info": {"user_id": "5f0000000000000000000009", "nickname": "丁丁丁丁丁丁丁丁丁", "image": "https://x"},
    "show_tags": ["is_author"],
    "sub_comments": [
        {
            "id": "650000000000000000000002",
            "note_id": "64f000000000000000000001",
            "content": "抱抱",
            "create_time": CREATED * 1000 + 60_000,
            "like_count": "0",
            "user_info": {"user_id": "5f0000000000000000000008"},
            "target_comment": {"id": "650000000000000000000001", "user_info": {"nickname": "丁丁丁丁丁丁丁丁丁"}},
        },
        {"id": "650000000000000000000003", "content": "没有上文", "target_comment": {"id": "650000000000000000000002"}},
        {"id": "650000000000000000000004", "content": "", "pictures": [{"url_default": "https://x"}]},
    ],
}

INSTAGRAM_USER = {"pk": "17841400000000001", "id": "17841400000000001", "username": "secretinsta", "full_name": "Secret Insta"}
REEL = {
    "__typename": "XDTMediaDict",
    "id": "3180000000000000001_17841400000000001",
    "pk": "3180000000000000001",
    "code": "CwReel00001",
    "taken_at": CREATED,
    "media_type": 2,
    "product_type": "clips",
    "video_duration": 30.5,
    "caption": {"text": "reel caption", "user_id": "17841400000000001"},
    "like_count": 50,
    "comment_count": 6,
    "play_count": 700,
    "user": INSTAGRAM_USER,
    "owner": INSTAGRAM_USER,
    "has_liked": True,
    "_zs_partial": False,
    "_zs_instagram_view": "reels",
}
REEL_PARTIAL = {
    "__typename": "XIGPolarisVideoMedia",
    "id": "3180000000000000001_17841400000000001",
    "code": "CwReel00001",
    "play_count": 900,
    "user": {"pk": "17841400000000001"},
    "_zs_partial": True,
}
PICTURE = {
    **REEL,
    "id": "3180000000000000002_17841400000000001",
    "code": "CwPict00001",
    "media_type": 8,
    "product_type": "feed",
    "caption": {"text": "three pictures"},
    "play_count": None,
    "like_and_view_counts_disabled": True,
    "accessibility_caption": "Photo by Secret Insta",
    "usertags": {"in": [{"user": {"username": "taggedperson"}}]},
}
GRAPH = {
    "__typename": "GraphVideo",
    "id": "2000000000000000001",
    "shortcode": "BgGraph0001",
    "taken_at_timestamp": CREATED,
    "edge_media_to_caption": {"edges": [{"node": {"text": "an older one"}}]},
    "edge_media_preview_like": {"count": 8},
    "edge_media_preview_comment": {"count": 9, "edges": []},
    "is_video": True,
    "video_duration": 12.0,
    "video_view_count": 77,
    "owner": {"id": "17841400000000002", "username": "olderinsta"},
    "user": None,
}
WORDLESS = {**PICTURE, "code": "CwNone00001", "caption": None}
ADVERTISED = {**PICTURE, "code": "CwAd000001", "product_type": "ad"}


def tweet(native, text, author, **legacy):
    return {
        "__typename": "Tweet",
        "rest_id": native,
        "id": native,
        "core": {
            "user_results": {
                "result": {
                    "rest_id": author,
                    "core": {"screen_name": f"name{author}", "name": "Secret Name"},
                    "legacy": {"followers_count": 44},
                }
            }
        },
        "views": {"count": "1000"},
        "legacy": {
            "created_at": "Wed Aug 30 12:53:20 +0000 2023",
            "full_text": text,
            "id_str": native,
            "user_id_str": author,
            "conversation_id_str": native,
            "retweet_count": 3,
            "reply_count": 2,
            "favorite_count": 10,
            "quote_count": 1,
            "bookmark_count": 5,
            "lang": "en",
            "entities": {"user_mentions": [{"screen_name": "mentioned1", "name": "Mentioned Person", "id_str": "99900001"}]},
            "favorited": True,
            **legacy,
        },
    }


TWEET = tweet("1696900000000000001", "The teapot &amp; the journey @mentioned1", "100000001")
ANSWER = tweet(
    "1696900000000000002",
    "so good",
    "100000002",
    in_reply_to_status_id_str="1696900000000000001",
    in_reply_to_screen_name="name100000001",
    conversation_id_str="1696900000000000001",
    lang="und",
)
RETWEET = tweet(
    "1696900000000000003",
    "RT @name100000001: The teapot &amp; the jour…",
    "100000003",
    retweeted_status_result={"result": {"__typename": "TweetWithVisibilityResults", "tweet": TWEET}},
    favorite_count=0,
)
QUOTE = {
    **tweet(
        "1696900000000000004",
        "look at this",
        "100000004",
        quoted_status_permalink={"expanded": "https://twitter.com/name100000001/status/1"},
    ),
    "quoted_status_result": {"result": TWEET},
    "note_tweet": {"note_tweet_results": {"result": {"text": "look at this, in full length", "entity_set": {"user_mentions": []}}}},
    "promoted": True,
}
WRAPPED = {"__typename": "TweetWithVisibilityResults", "tweet": tweet("1696900000000000005", "wrapped", "100000005", lang="in"), "id": None}
HIDDEN = {"__typename": "TweetTombstone", "id": "1696900000000000006", "rest_id": "1696900000000000006"}
ADAPTIVE = {
    "id": 1696900000000000000,
    "type": "adaptive",
    "legacy": tweet("1696900000000000007", "old format", "100000007")["legacy"],
    "user": {"id_str": "100000007", "screen_name": "oldname1"},
}

THREAD = {
    "pk": "3200000000000000001",
    "id": "3200000000000000001_63000000001",
    "code": "CxThread001",
    "taken_at": CREATED,
    "caption": {"text": "on Threads"},
    "like_count": 4,
    "text_post_app_info": {"repost_count": 1, "direct_reply_count": 2, "quote_count": 0, "reply_to_author": {"username": "someoneelse"}},
    "user": {"pk": "63000000001", "username": "threadsuser1"},
}
BY_MODULE = {
    "tiktok.com": [TIKTOK, TIKTOK_EMBEDDED, TIKTOK_LIVE],
    "tiktok-comments": [TIKTOK_COMMENT, TIKTOK_REPLY],
    "douyin.com": [DOUYIN, DOUYIN_EMBEDDED, DOUYIN_LIVE],
    "xiaohongshu.com": [XHS_CARD, XHS_VIDEO, XHS_PAGE, XHS_STUB, XHS_TILE],
    "xiaohongshu-comments": [XHS_COMMENT],
    "instagram.com": [REEL, REEL_PARTIAL, PICTURE, GRAPH, WORDLESS, ADVERTISED],
    "twitter.com": [TWEET, ANSWER, RETWEET, QUOTE, WRAPPED, HIDDEN, ADAPTIVE],
    "threads.net": [THREAD],
}


def lines_of(*modules):
    """Captures of all objects of some modules, a second apart."""
    objects = [(module, data) for module in modules or BY_MODULE for data in BY_MODULE[module]]
    return [capture(module, data, at=AT + n * 1000, n=n) for n, (module, data) in enumerate(objects)]

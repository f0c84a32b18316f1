"""Live chat: YouTube as yt-dlp writes it, and Twitch in both generations."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.sources.reading import read_head
from yuhu.sources.twitch_chat import TwitchChat
from yuhu.sources.youtube_live_chat import YouTubeLiveChat
from yuhu.testing import check_importer

USEC = "1693400000123456"


def text_item(runs, **more):
    return {
        "liveChatTextMessageRenderer": {
            "message": {"runs": runs},
            "authorName": {"simpleText": "SecretName"},
            "authorPhoto": {"thumbnails": [{"url": "https://secret.example/face"}]},
            "contextMenuEndpoint": {"liveChatItemContextMenuEndpoint": {"params": "SecretParams"}},
            "id": "MSG1",
            "timestampUsec": USEC,
            "authorExternalChannelId": "UCSecretChannel0000000001",
            "timestampText": {"simpleText": "0:01"},
            **more,
        }
    }


def line(item, offset="15250", action="addChatItemAction", key="item"):
    return {
        "replayChatItemAction": {
            "actions": [{"clickTrackingParams": "x", action: {key: item, "clientId": "c"}}],
            "videoOffsetTimeMsec": offset,
        }
    }


EMOJI = {"emoji": {"emojiId": "😭", "shortcuts": [":sob:"], "image": {"thumbnails": []}}}
CUSTOM = {"emoji": {"emojiId": "UCx/abc", "shortcuts": [":玉壶:", ":_x:"], "isCustomEmoji": True}}
OWNER = [{"liveChatAuthorBadgeRenderer": {"icon": {"iconType": "OWNER"}, "tooltip": "Owner"}}]
MEMBER = [{"liveChatAuthorBadgeRenderer": {"customThumbnail": {"thumbnails": []}, "tooltip": "Member (6 months)"}}]
PAID = {
    "liveChatPaidMessageRenderer": {
        **text_item([{"text": "gift of words"}], id="PAID1")["liveChatTextMessageRenderer"],
        "purchaseAmountText": {"simpleText": "¥500"},
    }
}
LINES = [
    line(text_item([{"text": "crying "}, EMOJI, CUSTOM, {"text": " @SecretFriend"}])),
    line(text_item([{"text": "welcome"}], id="MSG2", authorBadges=OWNER), "0"),
    line(PAID, "20000"),
    line(text_item([{"text": "put back"}], id="MSG3", authorBadges=MEMBER), "21000", "replaceChatItemAction", "replacementItem"),
    line({"liveChatPaidMessageRenderer": {"id": "P2", "timestampUsec": USEC}}),
    line({"liveChatMembershipItemRenderer": {"id": "M", "headerSubtext": {"runs": [{"text": "Welcome!"}]}}}),
    line({"liveChatTickerPaidMessageItemRenderer": {"id": "T"}}, action="addLiveChatTickerItemAction"),
    line({"liveChatViewerEngagementMessageRenderer": {"id": "N", "message": {"runs": [{"text": "Welcome to live chat"}]}}}),
    line({"liveChatPaidStickerRenderer": {"id": "S"}}),
    {"replayChatItemAction": {"actions": [{"markChatItemAsDeletedAction": {"targetItemId": "MSG1"}}], "videoOffsetTimeMsec": "3"}},
    line(text_item([{"text": "early"}], id="E"), "-5000"),
    line(text_item([], id="X")),
    line(text_item([{"text": "when"}], id="W"), None),
    {
        "replayChatItemAction": {
            "actions": [{"addChatItemAction": {"item": text_item([{"text": n}], id=n)}} for n in ("two", "in one")],
            "videoOffsetTimeMsec": "99",
        }
    },
    {"clickTrackingParams": "x"},
]
WHYS = [
    ("line 5", "a paid message without text"),
    ("line 6", "a notice of membership, no message"),
    ("line 7", "a ticker, which repeats a paid message"),
    ("line 8", "a notice of the platform"),
    ("line 9", "a paid sticker, no message"),
    ("line 10", "a mark that a message was deleted"),
    ("line 11", "sent before the video starts"),
    ("line 12", "no text"),
    ("line 13", "media time is no number"),
    ("line 15", "no message"),
]


def lines(records):
    return "\n".join(json.dumps(record, ensure_ascii=False) for record in records)


def whys(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


def test_youtube(tmp_path):
    importer, batches, facts = read(write(tmp_path, "Concert [dQw4w9WgXcQ].live_chat.json", lines(LINES)))
    assert importer.name == "youtube_live_chat.v1"
    rows = table(batches)
    assert rows.select("fork", "native", "at_ms", "text", "actor").rows() == [
        ("danmaku", "MSG1", 15_250, "crying 😭:玉壶: @SecretFriend", None),
        ("danmaku", "MSG2", 0, "welcome", "creator"),
        ("superchat", "PAID1", 20_000, "gift of words", None),
        ("danmaku", "MSG3", 21_000, "put back", None),
        ("danmaku", "two", 99, "two", None),
        ("danmaku", "in one", 99, "in one", None),
    ]
    assert set(rows["author"]) == {"UCSecretChannel0000000001"}
    assert set(rows["video"]) == {"dQw4w9WgXcQ"}
    assert set(rows["sent_at"].dt.timestamp("ms")) == {1693400000123}
    assert whys(batches) == WHYS
    assert facts.what == "live chat messages"
    assert not facts.is_truncated


def test_youtube_live_and_cut_off(tmp_path):
    live = {
        "replayChatItemAction": {"actions": [{"addChatItemAction": {"item": text_item([{"text": "now"}])}}]},
        "videoOffsetTimeMsec": "700",
        "isLive": True,
    }
    text = lines([live, live])
    _, batches, facts = read(write(tmp_path, "a.live_chat.json", text[:-30]))
    assert table(batches).select("video", "at_ms").rows() == [("a", 700)]
    assert whys(batches) == [("line 2", "the line is no JSON")]
    assert facts.is_truncated
    assert "count from the start of the download" in facts.notes[0]


def test_youtube_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "v.live_chat.json", lines(LINES))
    check_importer(YouTubeLiveChat(), path)
    golden("live_chat/youtube", golden_of(path))
    kept = assert_maps_again(path)
    assert "Secret" not in kept
    assert "secret.example" not in kept
    assert YouTubeLiveChat().sniff(read_head(path, mapped=True)) == 0.0


@given(st.lists(broken_up(LINES[0]) | broken_up(LINES[2]) | broken_up(LINES[9]) | ANYTHING, max_size=5))
def test_law_youtube_hostile(tmp_path_factory, records):
    path = write(tmp_path_factory.mktemp("chat"), "a.json", "\n".join(json.dumps(record) for record in [LINES[0], *records]).encode())
    _, batches, _ = read(path)
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert_maps_again(path)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**8), st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Co")), min_size=1).filter(str.strip)
        ),
        min_size=1,
        max_size=5,
    )
)
def test_law_youtube_round_trip(tmp_path_factory, messages):
    made = [line(text_item([{"text": text}], id=f"m{at}"), str(ms)) for at, (ms, text) in enumerate(messages)]
    _, batches, _ = read(write(tmp_path_factory.mktemp("chat"), "a.json", lines(made)))
    assert table(batches).select("native", "at_ms", "text").rows() == [
        (f"m{at}", ms, text.strip()) for at, (ms, text) in enumerate(messages)
    ]


OLD = {
    "_id": "old1",
    "created_at": "2023-08-30T12:26:40.5Z",
    "channel_id": "SecretChannel",
    "content_type": "video",
    "content_id": "1900000001",
    "content_offset_seconds": 15.25,
    "commenter": {
        "display_name": "SecretName",
        "_id": "778899001122",
        "name": "secretlogin",
        "bio": "SecretBio",
        "logo": "https://secret.example/x",
    },
    "message": {
        "body": "PogChamp beautiful",
        "fragments": [{"text": "PogChamp", "emoticon": {"emoticon_id": "1"}}, {"text": " beautiful"}],
        "user_badges": [{"_id": "broadcaster", "version": "1"}],
        "user_color": "#FF0000",
    },
}
NEW = {
    "id": "new1",
    "commenter": {"id": "778899001122", "login": "secretlogin", "displayName": "SecretName", "__typename": "User"},
    "contentOffsetSeconds": 42,
    "createdAt": "2023-08-30T12:27:07.123Z",
    "message": {"fragments": [{"emote": None, "text": "so "}, {"emote": {"id": "x"}, "text": "sad"}], "userBadges": [], "userColor": None},
}
BAD = [
    {**NEW, "id": "b1", "contentOffsetSeconds": "x"},
    {**NEW, "id": "b2", "message": {"fragments": []}},
    {**NEW, "id": "b3", "contentOffsetSeconds": -1},
    7,
]
NOBODY = {**NEW, "id": "new2", "commenter": None}


@pytest.mark.parametrize(
    "shape",
    [
        {"video": {"id": "v1900000001", "title": "SecretTitle"}, "streamer": {"name": "SecretName"}, "comments": [OLD, NEW, NOBODY, *BAD]},
        [OLD, NEW, NOBODY, *BAD],
        json.dumps({"comments": [OLD, NEW, NOBODY, *BAD]}, indent=2),
    ],
)
def test_twitch(tmp_path, shape):
    content = json.dumps(shape, indent=1) if isinstance(shape, dict) else shape
    importer, batches, facts = read(write(tmp_path, "v1900000001.rechat.json", content))
    assert importer.name == "twitch_chat.v1"
    rows = table(batches)
    assert rows.select("video", "native", "at_ms", "text", "author", "actor").rows() == [
        ("1900000001", "old1", 15_250, "PogChamp beautiful", "778899001122", "creator"),
        ("v1900000001", "new1", 42_000, "so sad", "778899001122", None),
        ("v1900000001", "new2", 42_000, "so sad", None, None),
    ]
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [1693398400500, 1693398427123, 1693398427123]
    assert [why for _, why in whys(batches)] == [
        "media time is no number",
        "no text",
        "media time lies outside 0 to 48 hours",
        "the record is no object",
    ]
    assert facts.video_from == "a field"


def test_twitch_on_one_line(tmp_path):
    _, batches, _ = read(write(tmp_path, "v1.rechat.json", {"comments": [OLD, NEW]}))
    assert table(batches)["native"].to_list() == ["old1", "new1"]
    _, batches, _ = read(tmp_path / "v1.rechat.json", video="7")
    assert set(table(batches)["video"]) == {"7"}


def test_twitch_golden_and_contract(tmp_path, golden):
    path = write(tmp_path, "v1.rechat.json", [OLD, NEW, NOBODY, *BAD])
    check_importer(TwitchChat(), path)
    golden("live_chat/twitch", golden_of(path))
    kept = assert_maps_again(path)
    assert not any(secret in kept.lower() for secret in ("secret", "778899001122"))


@given(st.lists(broken_up(OLD) | broken_up(NEW) | ANYTHING, max_size=5))
def test_law_twitch_hostile(tmp_path_factory, records):
    path = write(tmp_path_factory.mktemp("chat"), "a.json", json.dumps([OLD, *records]).encode())
    _, batches, _ = read(path)
    assert sum(batch.seen for batch in batches) == 1 + len(records)
    assert table(batches).height == sum(batch.kept for batch in batches)
    assert_maps_again(path)

"""Captures of Zeeschuimer, tables and results of 4CAT, with people planted in them."""

import copy
import json
from typing import Any

import captures as zs
import test_sources_fourcat as fourcat
from planting import Planted, Samples

ZEESCHUIMER, TABLE, TRANSCRIPTS, SCENES = "zeeschuimer_ndjson.v1", "fourcat_table.v1", "fourcat_transcripts.v1", "fourcat_scenes.v1"

_RESEARCHER = ("SecretResearcher", "researcherstoken", "secretpage")
_PEOPLE = {
    "tiktok.com": (
        *("6800000000000000001", "secretuser01", "Secret Nickname", "MS4wSECRET", "teapotfan", "MS4wOTHER"),
        *("secretuser02", "6800000000000000002", "Other Nickname"),
    ),
    "tiktok-comments": ("6911111111111111111", "secretviewer", "Viewer"),
    "douyin.com": ("88000000001", "MS4wDY", "作者昵称甲乙丙丁戊己", "MS4wX", "88000000002", "另一个昵称很长很长"),
    "xiaohongshu.com": (
        *("5f0000000000000000000001", "小红薯甲乙丙丁戊", "ABresearcherstoken", "5f0000000000000000000002", "乙乙乙乙乙乙乙乙"),
        "丙丙丙丙丙丙丙丙丙",
    ),
    "xiaohongshu-comments": ("5f0000000000000000000009", "丁丁丁丁丁丁丁丁丁", "5f0000000000000000000008"),
    "instagram.com": ("17841400000000001", "secretinsta", "Secret Insta", "taggedperson", "17841400000000002", "olderinsta"),
    "twitter.com": (
        *(f"10000000{n}" for n in range(1, 6)),
        "100000007",
        "Secret Name",
        "mentioned1",
        "Mentioned Person",
        "99900001",
        "oldname1",
    ),
    "threads.net": ("63000000001", "threadsuser1", "someoneelse"),
}
_IDS = {
    "tiktok.com": ("7273000000000000001", "7273000000000000002", "7273000000000000003"),
    "tiktok-comments": ("7274000000000000001", "7274000000000000002", "7273000000000000001"),
    "douyin.com": ("7273111111111111111", "7273222222222222222"),
    "xiaohongshu.com": tuple(f"64f00000000000000000000{n}" for n in range(1, 5)),
    "xiaohongshu-comments": (*(f"65000000000000000000000{n}" for n in range(1, 5)), "64f000000000000000000001"),
    "instagram.com": ("CwReel00001", "CwPict00001", "BgGraph0001", "CwNone00001", "CwAd000001"),
    "twitter.com": tuple(f"169690000000000000{n}" for n in range(1, 8)),
    "threads.net": ("CxThread001",),
}
_COUNTS = {
    "tiktok.com": (3, 2),
    "tiktok-comments": (2, 2),
    "douyin.com": (3, 2),
    "xiaohongshu.com": (5, 3),
    "xiaohongshu-comments": (4, 3),
    "instagram.com": (6, 3),
    "twitter.com": (7, 6),
    "threads.net": (1, 1),
}
"""What of a module's objects is seen and kept: see `test_sources_zeeschuimer`."""


def add_captures(samples: Samples) -> None:
    for module in zs.BY_MODULE:
        for form in ("export", "4CAT", "list"):
            people = samples.people()
            lines = _lines(people, module)
            if form == "list":
                content: Any = lines
            else:
                content = zs.ndjson(map(zs.flattened, lines) if form == "4CAT" else lines)
            samples.add(people, (f"zeeschuimer-export-{module}-2026-01-01T000000.ndjson", content), ZEESCHUIMER, *_COUNTS[module])
    people = samples.people()
    mixed = [line for module in zs.BY_MODULE for line in _lines(people, module)]
    seen, kept = (sum(counts[at] for counts in _COUNTS.values()) for at in (0, 1))
    unread = zs.capture("linkedin.com", {"id": "1", "actor": {"name": people.name()}, **people.around()}, n=99)
    samples.add(people, ("all.ndjson", zs.ndjson([*mixed, unread])), ZEESCHUIMER, seen + 1, kept)


def _lines(people: Planted, module: str) -> list[dict[str, Any]]:
    """Captures of a module whose people are planted, some in fields that its own makers leave out."""
    lines = copy.deepcopy(zs.lines_of(module))
    for line in lines:
        _further(people, module, line["data"])
    found = json.dumps(lines, ensure_ascii=False)
    secrets = [one for one in (*_RESEARCHER, *_PEOPLE[module]) if one in found]
    return people.fresh(people.swapped(lines, *secrets), *(one for one in _IDS[module] if one in found))


def _further(people: Planted, module: str, data: dict[str, Any]) -> None:
    """What the platforms' own objects say of people besides the fields that are read."""
    if module == "tiktok.com" and isinstance(data.get("author"), dict):
        data["author"]["signature"] = f"{people.chinese()} {people.mail()}"
        data["author"]["bioLink"] = {"link": f"https://example.com/{people.name()}"}
        data["desc"] = people.text(data["desc"])
        data["contents"] = [{"desc": people.text("x"), "textExtra": [{"userId": people.digits(19), "userUniqueId": people.name()}]}]
        data["warnInfo"] = [{"text": f"by @{people.name()}"}]
    elif module == "tiktok-comments":
        data["text"] = people.text(data["text"])
        data["text_extra"] = [{"user_id": people.digits(19), "sec_uid": people.name("MS4w"), "user_unique_id": people.name()}]
        data["label_list"] = [{"text": "Creator", "owner": {"nickname": people.chinese()}}]
        data["reply_to_userid"] = people.digits(19)
    elif module == "douyin.com" and "desc" in data:
        data["desc"] = people.text(data["desc"])
        data.setdefault("author", {})["signature"] = people.text(people.chinese())
        data["text_extra"] = [{"user_id": people.digits(19), "sec_uid": people.name("MS4w"), "nickname": people.chinese()}]
        data["mix_info"] = {"mix_id": "7", "mix_name": "x", "author": {"uid": people.digits(), "nickname": people.chinese()}}
        data["cooperation_info"] = {"co_creators": [{"nickname": people.chinese(), "uid": people.digits()}]}
        data["interaction_stickers"] = [{"mention_info": {"user_id": people.digits(), "user_name": people.chinese()}}]
        data["music"] = {
            "owner_handle": people.name(),
            "owner_nickname": people.chinese(),
            "owner_id": people.digits(),
            "author": people.chinese(),
        }
        data["share_info"] = {"share_link_desc": f"看 @{people.chinese()} 的作品", "share_url": f"https://x/?u_code={people.name()}"}
        data["relation_labels"] = [{"nickname": people.chinese(), "user_id": people.digits()}]
    elif module == "xiaohongshu.com" and "user" in data.get("note", data.get("note_card", data)):
        note = data.get("note", data.get("note_card", data))
        note["user"] = {**note["user"], "images": f"https://sns/{people.name()}", "red_id": people.digits(10), "xsec_token": people.name()}
        note["at_user_list"] = note["atUserList"] = [
            {"user_id": people.hexes(24), "userId": people.hexes(24), "nickname": people.chinese()}
        ]
        note["share_info"] = {"title": f"@{people.chinese()} 的笔记"}
        note["cooperate_binds"] = [{"name": people.chinese(), "id": people.hexes(24)}]
    elif module == "xiaohongshu-comments":
        data["content"] = people.text(data["content"])
        data["at_users"] = [{"user_id": people.hexes(24), "nickname": people.chinese()}]
        data["sub_comments"][0]["target_comment"]["user_info"]["user_id"] = people.hexes(24)
    elif module == "instagram.com" and isinstance(data.get("caption"), dict):
        data["caption"] = {"text": people.text(data["caption"]["text"]), "user": {"username": people.name(), "pk": people.digits()}}
        data["coauthor_producers"] = [{"username": people.name(), "full_name": people.name("n"), "pk": people.digits()}]
        data["carousel_media"] = [
            {"usertags": {"in": [{"user": {"username": people.name(), "pk": people.digits()}}]}, "id": f"1_{people.digits()}"}
        ]
        data["clips_metadata"] = {"original_sound_info": {"ig_artist": {"username": people.name()}, "original_audio_title": "x"}}
        data["tagged_users"] = [{"username": people.name()}]
        data["location"] = {"name": "British Museum"}
    elif module == "twitter.com":
        post = data.get("tweet", data)
        if "core" in post:
            user = post["core"]["user_results"]["result"]
            user["legacy"] |= {"description": people.text("bio"), "location": people.chinese(), "screen_name": people.name("s")}
            user["avatar"] = {"image_url": f"https://pbs.twimg.com/profile_images/{people.name()}.jpg"}
            user["professional"] = {"rest_id": people.digits(19), "category": [{"name": "Blogger"}]}
            post["card"] = {"legacy": {"binding_values": [{"value": {"user_value": {"id_str": people.digits(10)}}}], "name": "x"}}
            post["unmention_data"] = {"mentioned": [{"user_id": people.digits(), "screen_name": people.name()}]}
            post["community_results"] = {"result": {"creator_results": {"result": {"legacy": {"screen_name": people.name()}}}}}
            post["legacy"]["entities"]["urls"] = [{"expanded_url": f"https://twitter.com/{people.name()}/status/3"}]
            post["legacy"]["full_text"] = people.text(post["legacy"]["full_text"])
    elif module == "threads.net":
        data["caption"] = {"text": people.text("on Threads")}
        data["text_post_app_info"]["text_fragments"] = {
            "fragments": [{"mention_fragment": {"mentioned_user": {"username": people.name()}}}]
        }
        data["text_post_app_info"]["share_info"] = {"quoted_post": {"user": {"username": people.name()}}}


_OF_TABLES = {
    "tiktok": ("researcherstoken", "secretuser01", "Secret Nickname", "secretavatar"),
    "tiktok-comments": ("secretviewer", "Secret Viewer", "secretuser01", "secretcomment"),
    "douyin": ("MS4wsecret", "88000000001", "作者昵称甲乙丙丁戊己"),
    "xiaohongshu": ("researcherstoken", "小红薯甲乙丙丁戊"),
    "xiaohongshu-comments": ("丁丁丁丁丁丁丁丁丁",),
    "twitter": ("secretname1", "Secret Name", "100000001", "100000002", "100000003", "secretbio", "secretmention"),
    "instagram": ("secretinsta", "17841400000000001", "Secret Insta", "178414secret", "secrettag"),
    "threads": ("secretthreads",),
}
_IDS_OF_TABLES = {
    "tiktok": ("7273000000000000001",),
    "tiktok-comments": ("7274000000000000001", "7274000000000000002", "7273000000000000001"),
    "douyin": ("7273111111111111111",),
    "xiaohongshu": ("64f000000000000000000001", "64f000000000000000000002"),
    "xiaohongshu-comments": ("650000000000000000000001",),
    "twitter": ("1696900000000000001", "1696900000000000002", "1696900000000000003", "1696900000000000009"),
    "instagram": ("CwReel00001", "CwPict00001"),
    "threads": ("CxThread001",),
}
_KEPT = {
    "tiktok": 1,
    "tiktok-comments": 2,
    "douyin": 1,
    "xiaohongshu": 2,
    "xiaohongshu-comments": 1,
    "twitter": 3,
    "instagram": 2,
    "threads": 1,
}


def add_fourcat(samples: Samples) -> None:
    for module, rows in fourcat.BY_MODULE.items():
        for form in ("csv", "semicolons", "ndjson", "json"):
            people = samples.people()
            made = people.fresh(people.swapped(rows, *_OF_TABLES[module]), *_IDS_OF_TABLES[module])
            made[0]["body"] = people.text(made[0]["body"])
            made = [
                {**row, "author_location": people.chinese(), "replied_user": people.name(), "quote_author": people.name()} for row in made
            ]
            content: Any = {
                "csv": fourcat.as_csv(made),
                "semicolons": fourcat.as_csv(made, ";"),
                "ndjson": fourcat.as_ndjson(made),
                "json": made,
            }[form]
            samples.add(people, (f"{module}-search-0123456789abcdef.{form[:6]}", content), TABLE, len(rows), _KEPT[module])
    _add_results(samples)


def _add_results(samples: Samples) -> None:
    people = samples.people()
    lines = people.swapped([fourcat.audio(), fourcat.audio("b", segments=False, duration=9.5)], "Secret Speaker", "secretpath", "tk=secret")
    lines[0]["segments"][0]["text"] = f" I want to go home @{people.name()}"
    lines[0]["segments"][0]["words"] = [{"word": people.name(), "speaker": people.name()}]
    lines[0]["4CAT_metadata"]["audio_metadata"]["author"] = people.name()
    samples.add(people, ("audio-to-text-0123456789abcdef.ndjson", fourcat.as_ndjson(lines)), TRANSCRIPTS, 6, 3)
    people = samples.people()
    segments = f"[{people.name()}] 我想 (start: 0.0; end: 2.0)\n[{people.chinese()}] 回家 (start: 2.0; end: 4.0)"
    address = f"https://www.tiktok.com/@{people.name()}/video/7273000000000000001"
    row = {**fourcat.SPEECH_ROW, "openai_action": "diarize", "segments": segments, "original_video_url": address}
    samples.add(people, ("audio-to-text-0123456789abcdef.csv", fourcat.as_csv([row])), TRANSCRIPTS, 2, 2)
    people = samples.people()
    rows = people.swapped([fourcat.SCENE, {**fourcat.SCENE, "start_time": "x"}], "secretpath")
    samples.add(people, ("video-scene-detector-0123456789abcdef.csv", fourcat.as_csv(rows)), SCENES, 2, 1)

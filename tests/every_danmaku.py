"""Danmaku and live chat in every format, with people planted in them."""

import json
from xml.sax.saxutils import escape

import test_sources_danmaku as danmaku
import test_sources_live_chat as chat
import test_sources_niconico as nico
from files import NICONICO, danmaku_xml
from planting import Planted, Samples
from segments import NEW, OLD, OTT, segment

XML, SEGMENTS, JSON = "bilibili_danmaku_xml.v1", "bilibili_danmaku_segments.v1", "bilibili_danmaku_json.v1"
RECORDER, ASS = "bilibili_recorder_xml.v1", "danmaku_ass.v1"
FLAT, THREADS, LEGACY = "niconico_flat_json.v1", "niconico_threads_json.v1", "niconico_legacy.v1"
YOUTUBE, TWITCH = "youtube_live_chat.v1", "twitch_chat.v1"


def add_danmaku(samples: Samples) -> None:
    _add_xml(samples)
    _add_segments(samples)
    _add_json(samples)
    _add_recorders(samples)
    _add_ass(samples)
    _add_niconico(samples)
    _add_youtube(samples)
    _add_twitch(samples)


def _add_xml(samples: Samples) -> None:
    for form in ("nine fields", "eight fields", "lines without a head", "read by a parser", "cut off"):
        people = samples.people()
        more = {"weight": ""} if form == "eight fields" else {}
        rows = [
            (1.5, people.text("我哭了 & <3"), {"author": people.hexes(8), **more}),
            (2.25, f"@{people.name()} 不哭", {"author": people.hexes(8), **more}),
            (3, " ", {"author": people.hexes(8), **more}),
            (4, json.dumps([0, 0, "1-1", 4.5, f"回复 @{people.chinese()} :在", 0]), {"author": people.hexes(10), "mode": 7, **more}),
        ]
        is_bare = form.startswith("lines")
        text = danmaku_xml(rows, chat=f"9{people.number}", head=not is_bare, newline=is_bare)
        if form == "read by a parser":
            text = text.replace("<d p=", f"<!-- saved by {people.name()} --><d p=")
        if form == "cut off":
            text = text[: text.rindex("</d>")]
        samples.add(people, ("ep1.xml", text), XML, 4, 2 if form == "cut off" else 3)


def _add_segments(samples: Samples) -> None:
    for layout, rows in ((NEW, danmaku.ROWS), (OTT, danmaku.ROWS), (OLD, danmaku.OLD_ROWS)):
        people = samples.people()
        made = [{**row, "mid_hash": people.hexes(8)} for row in rows]
        made[0]["content"] = people.text("我哭了")
        made[1]["action"] = f"airborne:{people.name()}"
        if layout is not OLD:
            made = [{**row, "oid": people.number, "extra": people.name(), "animation": people.chinese()} for row in made]
        content = segment([*made, {**made[1], "content": "", "id": 99}], layout)
        samples.add(people, (f"seg{people.number}.so", content), SEGMENTS, len(made) + 1, len(made))


def _danmaku_records(people: Planted) -> list[dict[str, object]]:
    made = [{**row, "mid_hash": people.hexes(8)} for row in danmaku.SNAKE]
    made[0] |= {**people.around(), "content": people.text("我哭了"), "mid": people.digits()}
    camel = {**danmaku.CAMEL[0], "midHash": people.hexes(8), "oid": "", "uname": people.chinese(), "user": {"mid": int(people.digits())}}
    return [*made, camel]


def _add_json(samples: Samples) -> None:
    def shapes(rows: list[object]) -> dict[str, object]:
        return {
            "list.json": rows,
            "lines.jsonl": "\n".join(json.dumps(row) for row in rows),
            "elems.json": {"elems": rows, "state": 0, "uploader": {"name": "x"}},
            "data.json": {"code": 0, "data": rows},
            "nested.json": json.dumps({"code": 0, "data": {"elems": rows}}, indent=1, ensure_ascii=False),
            "replies.jsonl": "\n".join(json.dumps({"elems": part}) for part in (rows[:2], rows[2:])),
        }

    for name in shapes([]):
        people = samples.people()
        samples.add(people, (f"{people.number}{name}", shapes(_danmaku_records(people))[name]), JSON, 7, 4)


def _add_recorders(samples: Samples) -> None:
    secrets = ("SecretUser", "SecretRaw", "SecretNamed", "SecretOther", "SecretStreamer", "4567", "某***")
    people = samples.people()
    text = people.swapped(f"{danmaku.HEAD}{danmaku.BODY}</i>", *secrets).replace("来了", escape(people.text("来了")))
    samples.add(people, ("room.xml", text), RECORDER, 11, 6)
    people = samples.people()
    head = f"<metadata><user_name>{people.chinese()}</user_name><room_id>55</room_id><recorder>blrec</recorder></metadata>"
    row = f'<d p="0.5,1,25,1,1693396800500,0,{people.hexes(8)},0" uid="{people.digits()}" user="{people.chinese()}">{escape(people.text("一"))}</d>'
    text = f'<i>{head}{row}<gift ts="2" user="{people.chinese()}" uid="{people.digits()}"/></i>'
    samples.add(people, ("blrec.xml", text), RECORDER, 3, 2)


def _add_ass(samples: Samples) -> None:
    people = samples.people()
    samples.add(people, (f"a{people.number}.danmaku.ass", danmaku.BILIASS.replace("我哭了, 真的", people.text("我哭了, 真的"))), ASS, 5, 3)
    people = samples.people()
    text = people.swapped(danmaku.FACTORY, "SecretUser").replace("第二", people.text("第二"))
    samples.add(people, (f"b{people.number}.ass", text), ASS, 4, 2)


def _add_niconico(samples: Samples) -> None:
    people = samples.people()
    records = [{**one, "user_id": people.name("nvc:"), **people.around()} for one in NICONICO]
    records[0]["content"] = people.text("うぽつ")
    samples.add(people, (f"sm{people.number}.json", records), FLAT, 4, 2)
    secrets = [f"SecretPerson{n}" for n in range(1, 6)]
    for form in ("list", "response", "lines", "comments"):
        people = samples.people()
        threads = people.swapped(nico.THREADS, *secrets, "SecretNicoru", "投稿者です")
        threads[0]["comments"][1]["body"] = "投稿者です"
        threads[1]["comments"][0] |= {**people.around(), "body": people.text("うぽつ")}
        content = {
            "list": threads,
            "response": {"meta": {"status": 200}, "data": {"threads": threads}},
            "lines": "\n".join(json.dumps(one) for one in threads),
            "comments": threads[1]["comments"],
        }[form]
        seen, kept = (6, 2) if form == "comments" else (8, 4)
        samples.add(people, (f"題名 [sm{people.number}].comments.json", content), THREADS, seen, kept)
    for name, content in (("nm.xml", nico.XML), ("nm.json", nico.as_json())):
        people = samples.people()
        made = people.swapped(content, "SecretPerson")
        if isinstance(made, str):
            made = made.replace("うぽつ", f"うぽつ @{people.name()} ").replace('premium="1"', f'premium="1" name="{people.chinese()}"')
        else:
            made[3]["chat"] |= {"content": people.text("うぽつ"), "name": people.chinese(), "user": {"id": people.digits()}}
        samples.add(people, (f"{people.number}{name}", made), LEGACY, 8, 4)


def _add_youtube(samples: Samples) -> None:
    secrets = ("SecretName", "secret.example", "SecretParams", "UCSecretChannel0000000001", "SecretFriend")
    people = samples.people()
    lines = people.swapped(chat.lines(chat.LINES), *secrets).replace("put back", people.text("put back"))
    samples.add(people, (f"v{people.number}.live_chat.json", lines), YOUTUBE, 16, 6)
    people = samples.people()
    item = chat.text_item(
        [{"text": people.text("now")}], authorExternalChannelId=people.name("UC"), authorName={"simpleText": people.name()}
    )
    live = {"replayChatItemAction": {"actions": [{"addChatItemAction": {"item": item}}]}, "videoOffsetTimeMsec": "700", "isLive": True}
    samples.add(people, (f"live{people.number}.live_chat.json", json.dumps(live) + "\n"), YOUTUBE, 1, 1)


def _add_twitch(samples: Samples) -> None:
    secrets = ("SecretChannel", "SecretName", "778899001122", "secretlogin", "SecretBio", "secret.example")
    for form in ("document", "list", "lines"):
        people = samples.people()
        old, new = people.fresh(people.swapped([chat.OLD, chat.NEW], *secrets), "1900000001")
        old["message"]["body"] = people.text("PogChamp")
        old["message"]["fragments"].append({"text": "x", "mention": {"displayName": people.name(), "userID": people.digits()}})
        new["message"]["fragments"][0]["text"] = f"@{people.name()} so "
        messages = [old, new, {**new, "id": "n2", "commenter": None}, {**new, "id": "b1", "contentOffsetSeconds": "x"}]
        content = {
            "document": {
                "video": {"id": "v1", "title": "x"},
                "streamer": {"name": people.name(), "id": people.digits()},
                "comments": messages,
            },
            "list": messages,
            "lines": "\n".join(json.dumps(one) for one in messages),
        }[form]
        samples.add(people, (f"v{people.number}.rechat.json", content), TWITCH, 4, 3)

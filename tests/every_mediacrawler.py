"""MediaCrawler's files: both generations, every platform, every container, with people planted in them."""

from typing import Any

import mediacrawler_files as mc
from planting import Planted, Samples

MEDIACRAWLER = "mediacrawler.v1"

_WORKS = {
    "bili": ("bilibili_video", mc.bilibili_video, "video_id", "desc"),
    "douyin": ("douyin_aweme", mc.douyin_video, "aweme_id", "desc"),
    "weibo": ("weibo_note", mc.weibo_post, "note_id", "content"),
    "xhs": ("xhs_note", mc.xhs_note, "note_id", "desc"),
    "kuaishou": ("kuaishou_video", mc.kuaishou_video, "video_id", "desc"),
    "tieba": ("tieba_note", mc.tieba_note, "note_id", "desc"),
    "zhihu": ("zhihu_content", mc.zhihu_content, "content_id", "content_text"),
}
_COMMENTS = {
    "bili": ("bilibili_video_comment", mc.bilibili_comment),
    "douyin": ("douyin_aweme_comment", mc.douyin_comment),
    "weibo": ("weibo_note_comment", mc.weibo_comment),
    "xhs": ("xhs_note_comment", mc.xhs_comment),
    "kuaishou": ("kuaishou_video_comment", mc.kuaishou_comment),
    "tieba": ("tieba_comment", mc.tieba_comment),
    "zhihu": ("zhihu_comment", mc.zhihu_comment),
}
_NEW_ONLY = ("tieba", "zhihu")


def add_mediacrawler(samples: Samples) -> None:
    for platform in _WORKS:
        for generation in "AB":
            for container, write in mc.WRITERS.items():
                people = samples.people()
                works, comments = _records(people, platform, generation)
                kind = "videos" if (platform, container) == ("bili", "csv") else "contents"
                path = samples.place(people, f"search_{kind}_2023-11-26.{container}")
                samples.add(people, write(path, works), MEDIACRAWLER, 2, 1)
                people = samples.people()
                _, comments = _records(people, platform, generation)
                path = samples.place(people, f"search_comments_2023-11-26.{container}")
                samples.add(people, write(path, comments), MEDIACRAWLER, 3, 2)
            for container in ("db", "xlsx"):
                people = samples.people()
                works, comments = _records(people, platform, generation)
                if container == "db":
                    path = samples.place(people, "sqlite_tables.db")
                    mc.write_sqlite(path, {_WORKS[platform][0]: works, _COMMENTS[platform][0]: comments})
                else:
                    path = samples.place(people, f"{platform}_search_1701000000.xlsx")
                    mc.write_xlsx(path, {"Contents": works, "Comments": comments})
                samples.add(people, path, MEDIACRAWLER, 5, 3)
    _add_others(samples)


def _add_others(samples: Samples) -> None:
    """Accounts, and what accounts of Bilibili post beside videos."""
    for generation in "AB":
        people = samples.people()
        who = _who(people, generation)
        one = mc.bilibili_dynamic(generation, dynamic_id=f"84{people.number:06d}", text=people.text("更新"), **_named(who, "user_name"))
        path = mc.write_jsonl(samples.place(people, "creator_dynamics_2023-11-26.jsonl"), [one, {**one, "dynamic_id": "2", "text": ""}])
        samples.add(people, path, MEDIACRAWLER, 2, 1)
    people = samples.people()
    one = mc.bilibili_creator(**_who(people, "A"), sign=people.text("签名"), location=people.chinese(), birthday=people.name())
    samples.add(people, mc.write_json(samples.place(people, "creator_creators_2023-11-26.json"), [one]), MEDIACRAWLER, 1, 1)
    people = samples.people()
    contact = {
        "up_id": people.digits(),
        "fan_id": people.digits(),
        "up_name": people.chinese(),
        "fan_name": people.chinese(),
        "up_sign": people.mail(),
        "fan_sign": people.chinese(),
        "up_avatar": people.name(),
        "fan_avatar": people.name(),
        "last_modify_ts": mc.AT,
    }
    path = mc.write_csv(samples.place(people, "creator_contacts_2023-11-26.csv"), [contact])
    samples.add(people, path, MEDIACRAWLER, 1, 0)


def _records(people: Planted, platform: str, generation: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A work captured twice; a comment, a reply and a comment without words. Ids are the file's own."""
    _, make, native, text = _WORKS[platform]
    _, comment = _COMMENTS[platform]
    gen = () if platform in _NEW_ONLY else (generation,)
    number = f"49{people.number:06d}"
    who = _in_full(people, platform, generation)
    work = make(*gen, **{native: number, text: people.text("回家")}, **who)
    older = {**work, "last_modify_ts": mc.AT - 1000}
    made = []
    for at, words in enumerate((people.text("我哭了"), f"回复@{people.chinese()}：抱抱", "")):
        more = {"comment_id": f"{number}{at}", native: number, "content": words, **_in_full(people, platform, generation)}
        if platform != "kuaishou":
            more["parent_comment_id"] = f"{number}0" if at == 1 else "0"
        if platform == "douyin":
            more["pictures"] = ""
        made.append(comment(**({"gen": generation} if gen else {}), **more))
    return [older, work], made


def _in_full(people: Planted, platform: str, generation: str) -> dict[str, Any]:
    """All that a platform's table says of a person."""
    who = _who(people, generation)
    if platform in _NEW_ONLY:
        if generation == "B":
            return _named(who, "user_nickname")
        link = f"https://www.zhihu.com/people/{people.name()}"
        nobody = {"creator_hash": ""}
        more = {"user_id": who["user_id"]} if platform == "zhihu" else {}
        return {**nobody, **more, "user_link": link, "user_nickname": who["nickname"], "user_avatar": who["avatar"]}
    if generation == "B":
        return who
    more = {
        "bili": {"sign": people.text("签名")},
        "douyin": {"sec_uid": people.name("MS4w"), "user_unique_id": people.name(), "short_user_id": people.digits(10), "user_signature": people.mail()},
        "weibo": {"profile_url": f"https://weibo.com/u/{who['user_id']}"},
    }  # fmt: skip
    return {**who, **more.get(platform, {})}


def _who(people: Planted, generation: str) -> dict[str, Any]:
    if generation == "B":
        return {"creator_hash": people.hexes(16), "nickname": "小***明"}
    return {"user_id": people.digits(), "nickname": people.chinese(), "avatar": f"https://example.invalid/{people.name()}.jpg"}


def _named(who: dict[str, Any], name: str) -> dict[str, Any]:
    return {name if key == "nickname" else key: value for key, value in who.items() if key != "avatar"}

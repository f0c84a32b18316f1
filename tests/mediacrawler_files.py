"""Files as MediaCrawler writes them: both generations, all platforms, every container."""

import csv
import json
import sqlite3

import xlsxwriter

AT = 1_701_000_000_000
SENT = 1_693_400_000
"""2023-08-30 12:53:20 UTC."""
HASH = "9f86d081884c7d65"


def _people(gen, user="60000000001"):
    """What stands of a person in a record: all of it until June 2026 (A), since then a hash and a masked name (B)."""
    if gen == "B":
        return {"creator_hash": HASH, "nickname": "小***明"}
    return {"user_id": user, "nickname": "小明同学", "avatar": "https://example.invalid/avatar.jpg"}


def _place(gen, place="IP属地：河北"):
    return {"ip_location": place} if gen == "A" else {}


def bilibili_video(gen="A", **more):
    return {
        "video_id": "701234567",
        "video_type": "video",
        "title": "逃出大英博物馆 第一集",
        "desc": "回家 @小明同学",
        "create_time": SENT,
        **_people(gen),
        "liked_count": "1.2万",
        "disliked_count": "0",
        "video_play_count": "350000",
        "video_favorite_count": "800",
        "video_share_count": "70",
        "video_coin_count": "60",
        "video_danmaku": "5000",
        "video_comment": "42",
        "last_modify_ts": AT,
        "video_url": "https://www.bilibili.com/video/av701234567",
        "video_cover_url": "https://example.invalid/c.jpg",
        "source_keyword": "大英博物馆",
    } | more


def bilibili_comment(native="1", parent="0", gen="A", **more):
    return {
        "comment_id": native,
        "parent_comment_id": parent,
        "create_time": SENT + 60,
        "video_id": "701234567",
        "content": "我哭了[泪]",
        **_people(gen),
        **({"sex": "保密", "sign": "签名档"} if gen == "A" else {}),
        "sub_comment_count": "0",
        "like_count": 3,
        "last_modify_ts": AT,
    } | more


def douyin_video(gen="A", **more):
    return {
        "aweme_id": "7273000000000000001",
        "aweme_type": "0",
        "title": "国宝回家 #大英博物馆",
        "desc": "国宝回家 #大英博物馆",
        "create_time": SENT,
        **_people(gen),
        **(
            {"sec_uid": "MS4wLjABAAAAsecret", "short_user_id": "0", "user_unique_id": "xiaoming", "user_signature": "签名"}
            if gen == "A"
            else {}
        ),
        "liked_count": "12",
        "collected_count": "3",
        "comment_count": "20",
        "share_count": "",
        **_place(gen),
        "last_modify_ts": AT,
        "aweme_url": "https://www.douyin.com/video/7273000000000000001",
        "cover_url": "",
        "video_download_url": "",
        "music_download_url": "",
        "note_download_url": "",
        "source_keyword": "",
    } | more


def douyin_comment(native="7273000000000000011", parent="0", gen="A", **more):
    return {
        "comment_id": native,
        "create_time": SENT + 60,
        **_place(gen, "北京"),
        "aweme_id": "7273000000000000001",
        "content": "小玉壶别怕",
        **_people(gen),
        "sub_comment_count": "0",
        "like_count": 5,
        "last_modify_ts": AT,
        "parent_comment_id": parent,
        "pictures": "",
    } | more


def weibo_post(gen="A", **more):
    return {
        "note_id": "4940000000000001",
        "content": "逃出大英博物馆更新了",
        "create_time": SENT,
        "create_date_time": "2023-08-30 20:53:20+08:00",
        "liked_count": "10",
        "comments_count": "2",
        "shared_count": "1",
        "last_modify_ts": AT,
        "note_url": "https://m.weibo.cn/detail/4940000000000001",
        **_place(gen, "发布于 河北"),
        **_people(gen),
        "source_keyword": "",
    } | more


def weibo_comment(native="4940000000000011", parent="4940000000000011", gen="A", **more):
    return {
        "comment_id": native,
        "create_time": SENT,
        "create_date_time": "2023-08-30 20:53:20+08:00",
        "note_id": "4940000000000001",
        "content": "泪目",
        "sub_comment_count": "0",
        "comment_like_count": "4",
        "last_modify_ts": AT,
        **_place(gen, "来自重庆"),
        "parent_comment_id": parent,
        **_people(gen),
        **({"gender": "f", "profile_url": "https://weibo.com/u/60000000001"} if gen == "A" else {}),
    } | more


def xhs_note(gen="A", **more):
    return {
        "note_id": "64f000000000000000000001",
        "type": "normal",
        "title": "看展记",
        "desc": "今天去看展",
        "video_url": "",
        "time": SENT * 1000,
        "last_update_time": SENT * 1000,
        **_people(gen, "5ff0000000000000000000aa"),
        "liked_count": "1.5万+",
        "collected_count": "7",
        "comment_count": "3",
        "share_count": "2",
        **_place(gen, "上海"),
        "image_list": "https://example.invalid/1.jpg",
        "tag_list": "博物馆,文物",
        "last_modify_ts": AT,
        "note_url": "https://www.xiaohongshu.com/explore/64f000000000000000000001?xsec_token=ABsecrettoken",
        "source_keyword": "",
        "xsec_token": "ABsecrettoken",
    } | more


def xhs_comment(native="64f00000000000000000c001", parent="", gen="A", **more):
    return {
        "comment_id": native,
        "create_time": (SENT + 60) * 1000,
        **_place(gen, "英国"),
        "note_id": "64f000000000000000000001",
        "content": "好想去",
        **_people(gen, "5ff0000000000000000000aa"),
        "sub_comment_count": 0,
        "pictures": "",
        "parent_comment_id": parent,
        "last_modify_ts": AT,
        "like_count": "0",
    } | more


def kuaishou_video(gen="A", **more):
    return {
        "video_id": "3xabcdefghijk",
        "video_type": "1",
        "title": "国宝",
        "desc": "国宝",
        "create_time": SENT * 1000,
        **_people(gen),
        "liked_count": "9",
        "viewd_count": "100",
        "last_modify_ts": AT,
        "video_url": "",
        "video_cover_url": "",
        "video_play_url": "",
        "source_keyword": "",
    } | more


def kuaishou_comment(native="900000000001", gen="A", **more):
    return {
        "comment_id": native,
        "create_time": (SENT + 60) * 1000,
        "video_id": "3xabcdefghijk",
        "content": "加油",
        **_people(gen),
        "sub_comment_count": "2",
        "last_modify_ts": AT,
    } | more


def tieba_note(**more):
    return {
        "note_id": "8500000001",
        "title": "看了吗",
        "desc": "太好哭了",
        "note_url": "https://tieba.baidu.com/p/8500000001",
        "publish_time": "2023-08-30 20:53",
        "creator_hash": HASH,
        "user_nickname": "贴***友",
        "tieba_id": "1",
        "tieba_name": "博物馆吧",
        "tieba_link": "https://tieba.baidu.com/f?kw=x",
        "total_replay_num": 1,
        "total_replay_page": 1,
        "last_modify_ts": AT,
        "source_keyword": "",
    } | more


def tieba_comment(**more):
    return {
        "comment_id": "150000000001",
        "parent_comment_id": "",
        "content": "看了",
        "creator_hash": HASH,
        "user_nickname": "贴***友",
        "tieba_id": "1",
        "tieba_name": "博物馆吧",
        "tieba_link": "",
        "publish_time": "2023-08-30 21:00",
        "sub_comment_count": 0,
        "note_id": "8500000001",
        "note_url": "",
        "last_modify_ts": AT,
    } | more


def zhihu_content(**more):
    return {
        "content_id": "3200000001",
        "content_type": "answer",
        "content_text": "我觉得很好",
        "content_url": "",
        "question_id": "619000001",
        "title": "如何评价逃出大英博物馆",
        "desc": "",
        "created_time": str(SENT),
        "updated_time": str(SENT),
        "voteup_count": 8,
        "comment_count": 1,
        "source_keyword": "",
        "creator_hash": HASH,
        "user_nickname": "知***友",
        "last_modify_ts": AT,
    } | more


def zhihu_comment(**more):
    return {
        "comment_id": "10700000001",
        "parent_comment_id": "",
        "content": "同感",
        "publish_time": str(SENT + 60),
        "sub_comment_count": 0,
        "like_count": 1,
        "dislike_count": 0,
        "content_id": "3200000001",
        "content_type": "answer",
        "creator_hash": HASH,
        "user_nickname": "知***友",
        "last_modify_ts": AT,
    } | more


def bilibili_dynamic(gen="A", **more):
    people = _people(gen)
    return {
        "dynamic_id": "840000000000000001",
        **{("user_name" if name == "nickname" else name): value for name, value in people.items() if name != "avatar"},
        "text": "第三集今晚更新",
        "type": "WORD",
        "pub_ts": SENT,
        "total_comments": 4,
        "total_forwards": 2,
        "total_liked": 30,
        "last_modify_ts": AT,
    } | more


def bilibili_creator(**more):
    return {
        "user_id": "60000000001",
        "nickname": "小明同学",
        "sex": "男",
        "sign": "签名档",
        "avatar": "https://example.invalid/avatar.jpg",
        "last_modify_ts": AT,
        "total_fans": 120000,
        "total_liked": "350万",
        "user_rank": 6,
        "is_official": 0,
    } | more


def write_jsonl(path, records):
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), "utf-8")
    return path


def write_json(path, records):
    path.write_text(json.dumps(records, ensure_ascii=False, indent=4), "utf-8")
    return path


def write_csv(path, records):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(records[0]))
        writer.writeheader()
        writer.writerows(records)
    return path


def write_sqlite(path, tables):
    """Tables with the columns that only the database has: ``id`` and ``add_ts``."""
    database = sqlite3.connect(path)
    for table, records in tables.items():
        names = list(records[0])
        kinds = ", ".join(f'"{name}" {"BIGINT" if isinstance(records[0][name], int) else "TEXT"}' for name in names)
        database.execute(f'CREATE TABLE "{table}" (id INTEGER PRIMARY KEY, add_ts BIGINT, {kinds})')
        marks = ", ".join("?" for _ in names)
        columns = ", ".join(f'"{name}"' for name in names)
        database.executemany(
            f'INSERT INTO "{table}" (add_ts, {columns}) VALUES ({AT}, {marks})', [[one[name] for name in names] for one in records]
        )
    database.commit()
    database.close()
    return path


def write_xlsx(path, sheets):
    book = xlsxwriter.Workbook(path, {"strings_to_urls": False})
    for sheet, records in sheets.items():
        page = book.add_worksheet(sheet)
        page.write_row(0, 0, list(records[0]))
        for row, one in enumerate(records, start=1):
            for column, value in enumerate(one.values()):
                page.write(row, column, value)
    book.close()
    return path


WRITERS = {"jsonl": write_jsonl, "json": write_json, "csv": write_csv}

"""Small files in the formats that platforms and collectors write."""

import json
from pathlib import Path
from xml.sax.saxutils import escape


def danmaku_xml(rows, *, chat="42", limit=1000, head=True, newline=False) -> str:
    """Rows of (seconds, text, extra) as Bilibili XML."""
    start = '<?xml version="1.0" encoding="UTF-8"?>' if head else ""
    parts = [
        f"{start}<i><chatserver>chat.bilibili.com</chatserver><chatid>{escape(chat)}</chatid><mission>0</mission><maxlimit>{limit}</maxlimit><state>0</state>"
    ]
    for at, (seconds, text, more) in enumerate(rows):
        p = {"mode": 1, "ctime": 1693400000 + at, "pool": 0, "author": f"aa{at:06x}", "id": 1000 + at, "weight": ",10", **more}
        fields = f"{seconds},{p['mode']},25,16777215,{p['ctime']},{p['pool']},{p['author']},{p['id']}{p['weight']}"
        parts.append(f'<d p="{fields}">{escape(text)}</d>')
    return ("\n" if newline else "").join([*parts, "</i>"])


def write(folder: Path, name: str, content: str | bytes | object) -> Path:
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, "utf-8")
    else:
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return path


NICONICO = [
    {"id": 1, "vpos": 150, "content": "うぽつ", "date": 1637314561, "owner": False, "premium": False, "mail": ["184"]},
    {"id": 2, "vpos": 9999, "content": "88888", "date": 1637314563, "owner": True, "premium": False, "mail": []},
    {"id": 3, "vpos": "x", "content": "?", "date": 0},
    {"id": 4, "vpos": 10, "content": ""},
]
COLUMNS = {
    "date": ["2023-08-30 12:00:00", "2023-08-31", "bad"],
    "level": ["3", "4", "5"],
    "text": ["我哭了", "", "心疼她"],
    "like": ["12", "0", "1.2万"],
}
POSTS = [
    {
        "_id": "a",
        "mblogid": "P1",
        "created_at": "2023-08-30 20:00:00",
        "ip_location": "发布于 河北",
        "content": "回家吧 @小明 看",
        "user": {"_id": "u1", "nick_name": "SECRETNAME"},
        "likes_count": 3,
        "is_retweet": False,
    },
    {
        "_id": "b",
        "mblogid": "P2",
        "created_at": "2023-08-30 21:00:00",
        "content": "转发微博",
        "user": {"_id": "u2"},
        "likes_count": 0,
        "is_retweet": True,
        "retweet_id": "P1",
    },
    {"_id": "c", "mblogid": "P3", "created_at": "2023-08-30 21:00:00", "content": "", "user": {"_id": "u2"}},
]
COMMENTS = [
    {
        "_id": "c1",
        "created_at": "2023-08-30 22:00:00",
        "ip_location": "来自重庆",
        "content": "泪目",
        "comment_user": {"_id": "u3"},
        "root_comment_id": "c1",
        "root_post_mblogid": "P1",
        "likes_count": 1,
    },
    {
        "_id": "c2",
        "created_at": "2023-08-30 22:01:00",
        "ip_location": "来自重庆",
        "content": "我也是",
        "comment_user": {"_id": "u4"},
        "root_comment_id": "c1",
        "root_post_mblogid": "P1",
        "reply_comment": {"_id": "c1", "user": {"_id": "u3"}},
        "likes_count": 0,
    },
]
HOTLIST = (
    "commit_time_beijing,title,hot,category,description,band_rank,display_time_epoch,commit\n"
    "2023-08-30T08:00:00+08:00,逃出大英博物馆,1000,文化,x,3,1693353600,abc\n"
    "2023-08-30T09:00:00+08:00,逃出大英博物馆,2500,文化,x,1,1693357200,abd\n"
    "never,逃出大英博物馆,2500,文化,x,1,1693357200,abd\n"
)


def every_format(folder: Path) -> list[Path]:
    """One small file of each of the six families."""
    rows = [(1.5, "我哭了", {}), (2.25, "不哭", {}), (7.0, "别怕 @somebody", {})]
    return [
        write(folder, "ep1.xml", danmaku_xml(rows)),
        write(folder, "nico.json", NICONICO),
        write(folder, "bili_comments.json", COLUMNS),
        write(folder, "posts.json", POSTS),
        write(folder, "comments.json", COMMENTS),
        write(folder, "weibo_hot.csv", HOTLIST),
    ]

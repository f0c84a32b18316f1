"""Hot lists, counts, curves, links, subtitles and tables with a mapping, with people planted in them."""

import json
from typing import Any

import polars as pl

import test_sources_metrics as metrics
import test_sources_subtitles as subtitles
from files import COLUMNS, HOTLIST
from planting import Planted, Samples
from test_sources_tabular import KINDS, database, sheet

HOT_CSV, HOT_JSON, METRICS, RETENTION, LINKS = (
    "hot_list_csv.v1",
    "hot_list_json.v1",
    "metric_table.v1",
    "retention_table.v1",
    "link_table.v1",
)
MAPPED, COLUMN_JSON = "mapped_table.v1", "bilibili_comment_columns.v1"
DAY = "2023-08-28"


def add_tables(samples: Samples) -> None:
    _add_columns(samples)
    _add_hot_lists(samples)
    _add_counts(samples)
    _add_links(samples)
    _add_subtitles(samples)
    _add_mapped(samples)
    _add_mapped_json(samples)


def _add_columns(samples: Samples) -> None:
    people = samples.people()
    columns = {
        **COLUMNS,
        "text": [people.text("我哭了"), "", f"回复 @{people.chinese()} :抱"],
        "uname": [people.chinese()] * 3,
        "mid": [people.digits()] * 3,
    }
    samples.add(people, (f"film{people.number}.json", columns), COLUMN_JSON, 3, 2)


def _add_hot_lists(samples: Samples) -> None:
    people = samples.people()
    text = HOTLIST.replace(",abc\n", f",{people.mail()}\n").replace("文化,x,3", f"文化,@{people.chinese()} 发起,3")
    samples.add(people, ("weibo_hot.csv", text), HOT_CSV, 3, 2)
    people = samples.people()
    text = f"排名\t标题\t热度\t作者\n1\t@{people.name()} 回家\t1.2万\t{people.chinese()}\n2\tb\t\t{people.chinese()}\n"
    samples.add(people, (f"douyin_{DAY}.csv", text), HOT_CSV, 2, 2)
    for name, document, seen, kept in (
        (f"weibo_{DAY}.json", metrics.WEIBO_DAY, 6, 3),
        (f"douyin_{DAY}.json", metrics.DOUYIN, 2, 2),
        (f"hot_{DAY}T0800.json", metrics.ZHIHU, 2, 2),
        ("bilibili.json", metrics.BILIBILI, 2, 2),
        ("weibo.json", metrics.DAILY_API, 2, 2),
        ("weibo.json", metrics.SNAPSHOTS, 3, 3),
        ("weibo.json", metrics.BY_TIME, 2, 2),
        ("weibo_20230830.json", metrics.FROM_ZERO, 2, 2),
    ):
        people = samples.people()
        made = _with_people(people, json.loads(json.dumps(document)))
        samples.add(people, (name, people.swapped(made, "SECRET") if document is metrics.ZHIHU else made), HOT_JSON, seen, kept)


def _with_people(people: Planted, value: Any) -> Any:
    """A document whose items name whoever wrote on a topic first, as those of some services do."""
    if isinstance(value, list):
        return [_with_people(people, one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {key: _with_people(people, one) for key, one in value.items()}
    if {"title", "word", "keyword"} & made.keys():
        made = {
            "author": people.chinese(),
            **made,
            "userId": people.digits(),
            "url_of_author": f"https://weibo.com/u/{people.digits(10)}",
            "desc": f"@{people.name()}",
        }
        made |= {"user": {"name": people.chinese(), "id": people.digits()}}
    return made


def _add_counts(samples: Samples) -> None:
    video = "dQw4w9WgXcQ"
    people = samples.people()
    chart = metrics.CHART.replace(",Escape,", f",Escape by @{people.name()},")
    samples.add(people, ("Chart data.csv", chart), METRICS, 3, 2)
    people = samples.people()
    samples.add(people, (f"Content {DAY}_2023-08-31.csv", metrics.TABLE_DATA.replace(",Escape,", f",{people.mail()},")), METRICS, 2, 1)
    people = samples.people()
    samples.add(people, ("followers.csv", people.swapped(metrics.FOLLOWERS, "SECRETPERSON")), METRICS, 4, 2)
    people = samples.people()
    row = {"date": DAY, "video_id": video, "user_name": people.chinese(), "account": people.digits(), "views": 5, "followers": 9}
    samples.add(people, ("views.json", [{**row, "avatar": people.name()}]), METRICS, 1, 1, tz="Asia/Shanghai")
    people = samples.people()
    text = f"# Uploader: {people.name()}\n# Duration: 8:20\n\n{metrics.RETENTION}"
    samples.add(people, (f"curve [{video}].csv", text), RETENTION, 5, 3)
    people = samples.people()
    text = (
        metrics.RETENTION_ZH.replace("\n", ",作者\n", 1)
        .replace("100\n", f"100,{people.chinese()}\n")
        .replace("61.5%\n", f"61.5%,{people.mail()}\n")
    )
    samples.add(people, ("留存.csv", text), RETENTION, 2, 2, duration="8:20")
    people = samples.people()
    samples.add(people, ("retention.json", {**metrics.API, "owner": people.name()}), RETENTION, 3, 3, duration="8:20")


def _add_links(samples: Samples) -> None:
    people = samples.people()
    links = people.swapped(metrics.LINKS, "secret.user", "SECRETTOKEN", "1234567890").replace(
        "配音,2023-09-01 08:00,x", f"配音,2023-09-01 08:00,@{people.name()}"
    )
    links += f"https://space.bilibili.com/{people.digits(9)}/dynamic,https://x.com/{people.name()}/status/123456,转发,,{people.mail()}\n"
    samples.add(people, ("links.csv", links), LINKS, 7, 5, tz="Asia/Shanghai")
    people = samples.people()
    graph = json.loads(json.dumps(metrics.GRAPH))
    graph["links"][0] |= {
        "author": people.chinese(),
        "source": f"https://www.tiktok.com/@{people.name()}/video/7273000000000000002",
        "user": {"name": people.name()},
    }
    graph["nodes"][0]["owner"] = people.chinese()
    samples.add(people, ("graph.json", graph), LINKS, 2, 2)


def _add_subtitles(samples: Samples) -> None:
    of = {
        "ep1.zh-CN.srt": ("subtitles_srt.v1", "二零二三", "I want to go home", 8, 4),
        "ep1.vtt": ("subtitles_vtt.v1", "Roger Bingham", "second", 4, 2),
        "talk.en.vtt": ("subtitles_vtt.v1", "", "welcome<00:00:02.600>", 5, 5),
        "ep1.ass": ("subtitles_ass.v1", "Actor", "好吗", 6, 3),
        "BV1xx411c7mD.json": ("bilibili_subtitles_json.v1", "", "我迷路了", 6, 2),
        "whisper.json": ("whisper_json.v1", "SPEAKER_00", "我迷路了", 2, 1),
        "talk.json3": ("youtube_captions_json3.v1", "", " everyone", 4, 3),
        "ep1.eaf": ("elan_eaf.v1", "SECRETAUTHOR", "我要回家", 13, 9),
    }
    for name, (importer, secret, words, seen, kept) in of.items():
        people = samples.people()
        content, _ = subtitles.FILES[name]
        made: Any = content
        if importer == "elan_eaf.v1":
            made = people.swapped(content, "SECRETAUTHOR", "SECRETUSER", "SECRETSPEAKER", "SECRETCODER")
        elif secret and secret in json.dumps(content, ensure_ascii=False):
            made = people.swapped(content, secret)
        if isinstance(made, str):
            made = made.replace(words, f"{words} @{people.name()} {people.mail()} ", 1)
        else:
            made = json.loads(json.dumps(made, ensure_ascii=False).replace(words, people.text(words)))
            made |= {"author": people.chinese(), "uploader": {"name": people.name()}}
            made["body" if "body" in made else "segments" if "segments" in made else "events"][0] |= {
                "speaker": people.chinese(),
                "user": people.name(),
            }
        samples.add(people, (name, made), importer, seen, kept)


_MAP = {"编号": "id", "内容": "text", "时间": "sent_at", "用户ID": "author", "属地": "region", "赞": "likes"}


def _rows(people: Planted) -> list[dict[str, str]]:
    """A table as people keep it: what is mapped, and other columns that name people."""

    def row(at: int, words: str) -> dict[str, str]:
        who = people.digits()
        return {
            "编号": str(at),
            "内容": words,
            "时间": "2023-08-30 12:00:00",
            "用户ID": who,
            "昵称": people.chinese(),
            "用户主页": f"https://www.douyin.com/user/{people.name()}",
            "头像": f"https://p3.example.com/{people.name()}.jpg",
            "user.screen_name": people.name(),
            "被回复者": people.chinese(),
            "链接": f"https://weibo.com/{who}/N1",
            "IP地址": people.machine(),
            "邮箱": people.mail(),
            "手机号": people.digits(11),
            "签名": people.text("签名"),
            "属地": "河北",
            "赞": "1.2万",
            "备注": f"@{people.name()} 的留言",
        }

    return [row(1, people.text("我哭了")), row(2, f"回复 @{people.chinese()} :抱抱"), row(3, " ")]


def _add_mapped(samples: Samples) -> None:
    said: dict[str, Any] = {"mapping": _MAP, "tz": "Asia/Shanghai", "platform": "douyin", "kind": "comment"}
    for form in ("csv", "tsv", "jsonl", "json", "parquet", "xlsx", "db"):
        people = samples.people()
        rows = _rows(people)
        path = samples.place(people, f"own{people.number}.{form}")
        frame = pl.DataFrame(rows)
        if form in {"csv", "tsv"}:
            frame.write_csv(path, separator="\t" if form == "tsv" else ",")
        elif form == "parquet":
            frame.write_parquet(path)
        elif form == "xlsx":
            sheet(path, {"评论": [tuple(rows[0]), *(tuple(row.values()) for row in rows)]})
        elif form == "db":
            database(path, {"comments": ([f'"{name}"' for name in rows[0]], [tuple(row.values()) for row in rows])})
        else:
            path.write_text(json.dumps(rows) if form == "json" else frame.write_ndjson(), "utf-8")
        samples.add(people, path, MAPPED, 3, 2, **said)
    counted = {
        "responses": (5, 2),
        "segments": (6, 3),
        "exposure": (5, 2),
        "links": (5, 2),
        "signals": (4, 2),
        "metrics": (5, 2),
        "videos": (3, 2),
    }
    for kind, (seen, kept) in counted.items():
        people = samples.people()
        text, mapping = KINDS[kind]
        header, *lines = text.splitlines()
        named = "\n".join(
            [
                f"{header},昵称,author_url,邮箱",
                *(f"{line},{people.chinese()},https://x.com/{people.name()},{people.mail()}" for line in lines),
            ]
        )
        if kind == "responses":
            named = people.swapped(named, "u1", "u2").replace("哈哈哈", people.text("哈哈哈").replace(",", " "))
        elif kind == "videos":
            named = named.replace("煎饼", people.chinese()).replace("逃出", f"@{people.chinese()} 逃出")
        elif kind == "metrics":
            named, mapping = people.swapped(named, "ep1", "ep2"), {**mapping, "who": "account"}
        elif kind == "segments":
            named = named.replace("你好", f"你好 @{people.name()}").replace("第一章", f"第一章 @{people.name()}")
        options = {"mapping": mapping, "platform": "bilibili", "tz": "Asia/Shanghai"}
        samples.add(people, (f"{kind}{people.number}.csv", named + "\n"), MAPPED, seen, kept, **options)


def _add_mapped_json(samples: Samples) -> None:
    """Answers of platforms as people save them themselves: nothing reads these but a mapping."""
    people = samples.people()
    who, other, third = people.digits(), people.chinese(), people.chinese()
    bilibili = {
        "rpid": 171,
        "oid": 1,
        "mid": int(who),
        "mid_str": who,
        "ctime": 1693400000,
        "like": 3,
        "member": {
            "mid": who,
            "uname": people.chinese(),
            "sign": people.text("签名"),
            "avatar": f"https://i0.hdslb.com/{people.name()}.jpg",
            "sex": "男",
        },
        "content": {
            "message": people.text(f"回复 @{other} :我哭了"),
            "members": [{"mid": people.digits(), "uname": other}],
            "at_name_to_mid": {other: int(people.digits())},
            "at_name_to_mid_str": {other: people.digits()},
            "jump_url": {},
        },
        "replies": [{"rpid": 2, "member": {"uname": third, "mid": people.digits()}, "content": {"message": f"@{people.name()}"}}],
        "reply_control": {"location": "IP属地：河北", "sub_reply_entry_text": f"{third} 等人 共3条回复"},
        "fansgrade": 0,
        "up_action": {"like": True},
    }
    said = {"mapping": {"rpid": "id", "content.message": "text", "mid": "author", "ctime": "sent_at", "like": "likes"}, "kind": "comment"}
    samples.add(
        people,
        (f"bili{people.number}.json", [bilibili, {**bilibili, "rpid": 172, "content": {}}]),
        MAPPED,
        2,
        1,
        platform="bilibili",
        **said,
    )
    people = samples.people()
    nickname = people.chinese()
    douyin = {
        "cid": "7273",
        "text": people.text("我哭了"),
        "create_time": 1693400000,
        "digg_count": 5,
        "ip_label": "河北",
        "user": {
            "uid": people.digits(),
            "sec_uid": people.name("MS4w"),
            "nickname": nickname,
            "unique_id": people.name(),
            "signature": people.mail(),
        },
        "reply_to_username": people.chinese(),
        "reply_to_userid": people.digits(),
        "text_extra": [{"user_id": people.digits(), "sec_uid": people.name("MS4w"), "type": 0}],
        "label_list": [{"text": "作者赞过", "type": 1}],
        "reply_comment": [{"cid": "1", "user": {"nickname": people.chinese()}, "text": f"@{people.name()}"}],
        "share_info": {"share_desc": f"{nickname} 的评论", "url": f"https://www.douyin.com/user/{people.name('MS4w')}"},
    }
    said = {
        "mapping": {"cid": "id", "text": "text", "user.uid": "author", "create_time": "sent_at", "ip_label": "region"},
        "kind": "comment",
    }
    samples.add(people, (f"dy{people.number}.jsonl", json.dumps(douyin) + "\n"), MAPPED, 1, 1, platform="douyin", **said)
    people = samples.people()
    kuaishou = {
        "commentId": "55",
        "authorId": people.digits(),
        "authorName": people.chinese(),
        "content": people.text("加油"),
        "headurl": f"https://p2.a.yximgs.com/{people.name()}.jpg",
        "timestamp": 1693400000000,
        "replyToUserName": people.chinese(),
        "replyTo": people.digits(),
        "subComments": [
            {
                "commentId": "56",
                "authorName": people.chinese(),
                "authorId": people.digits(),
                "headurl": people.name(),
                "replyToUserName": people.chinese(),
            }
        ],
    }
    said = {"mapping": {"commentId": "id", "content": "text", "authorId": "author", "timestamp": "sent_at"}, "kind": "comment"}
    samples.add(people, (f"ks{people.number}.json", [kuaishou]), MAPPED, 1, 1, platform="kuaishou", **said)
    people = samples.people()
    around = {"t": people.text("我哭了"), "n": 1, **people.around(), "作者信息": {"名": people.chinese()}}
    samples.add(
        people, (f"own{people.number}.json", [around, {"t": "", "n": 2}]), MAPPED, 2, 1, mapping={"t": "text", "n": "id"}, platform="weibo"
    )

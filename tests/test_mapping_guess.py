"""The guess at what columns are, the mappings that a study remembers, and what `--map auto` uses."""

import json
import shlex

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from files import write
from reading import read, table
from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.column_names import NAMES, alike, names_people, unit_of
from yuhu.sources.map_fields import FIELDS, understood
from yuhu.sources.mapping_guess import guess_mapping
from yuhu.sources.recognise import recognise
from yuhu.sources.table_samples import guessed, samples
from yuhu.study.mappings import FILE, save_mapping, saved_mapping
from yuhu.verbs.mapping import auto_mapping, remember_mapping

CHINESE = ["用户ID", "昵称", "评论内容", "发布时间", "点赞数", "IP属地", "回复数", "BV号"]
COMMENTS = [
    ("12345678", "小明", "我哭了，太感人", "2023-08-30 12:00:00", "12", "河北", "3", "BV1xx411c7mD"),
    ("22345678", "大红", "第三集什么时候", "2023-08-31 12:00:00", "1.2万", "北京", "0", "BV1xx411c7mD"),
]


@pytest.mark.parametrize(
    ("columns", "rows", "mapping", "tz"),
    [
        (
            CHINESE,
            COMMENTS,
            {"用户ID": "author", "评论内容": "text", "发布时间": "sent_at", "点赞数": "likes", "IP属地": "region", "BV号": "video"},
            True,
        ),
        (
            ["video_time(s)", "real_time", "content", "user_hash", "labels"],
            [("1.5", "2023-08-30 12:00:00", "哈哈哈", "abcdef12", "x"), ("80.2", "2023-08-30 12:00:09", "泪目", "abcdef13", "x")],
            {"video_time(s)": "at_s", "real_time": "sent_at", "content": "text", "user_hash": "author"},
            True,
        ),
        (
            ["id", "thread_id", "timestamp", "body", "author", "unix_timestamp", "likes", "post_id"],
            [(str(at), "1", "2023-08-30 12:00:00", f"hello there {at}", "x", "1693400000", "3", "9") for at in range(4)],
            {
                "id": "id", "thread_id": "root", "body": "text", "author": "author", "unix_timestamp": "sent_at", "likes": "likes", "post_id": "video",
            },
            False,
        ),
        (
            ["rpid", "content.message", "mid", "ctime", "like", "type", "parent"],
            [("11", "真好", "3", "1693400000", "3", "reply", "0"), ("12", "是的", "4", "1693400001", "0", "comment", "11")],
            {
                "rpid": "id", "content.message": "text", "mid": "author", "ctime": "sent_at", "like": "likes", "type": "kind", "parent": "parent",
            },
            False,
        ),
        (["弹幕", "出现时间", "时间"], [("哈哈", "0:05", "1693400000000")], {"弹幕": "text", "出现时间": "at_clock", "时间": "sent_at"}, False),
        (["text", "progress"], [("哈哈", "523"), ("x", "95000")], {"text": "text", "progress": "at_ms"}, False),
        (["text", "时间"], [("哈哈", "95000"), ("x", "3")], {"text": "text", "时间": "at_ms"}, False),
        (["text", "时间"], [("哈哈", "95"), ("x", "3")], {"text": "text", "时间": "at_s"}, False),
        (
            ["title", "bvid", "play_count", "like", "pubdate", "duration", "owner", "采集时间"],
            [("逃出大英博物馆", "BV1xx411c7mD", "1200000", "3万", "1693400000", "12:30", "煎饼果仔", "2023-09-01T00:00:00Z")],
            {
                "title": "title", "bvid": "video", "play_count": "views", "like": "likes", "pubdate": "published_at", "duration": "duration_clock",
                "采集时间": "counted_at",
            },
            False,
        ),
        (["start", "end", "text"], [("0.0", "2.5", "你好"), ("2.5", "4", "再见")], {"start": "start_s", "end": "end_s", "text": "text"}, False),
        (["时间", "留存率"], [("0:00", "100%"), ("0:10", "80.5%")], {"时间": "at_clock", "留存率": "retention"}, False),
        (["Comment Text", "Published At", "Like Count"], [], {"Comment Text": "text", "Published At": "sent_at", "Like Count": "likes"}, True),
        (CHINESE, [], {"用户ID": "author", "评论内容": "text", "发布时间": "sent_at", "点赞数": "likes", "IP属地": "region", "BV号": "video"}, True),
        (["昵称", "抖音评论内容", "unix时间戳"], [], {"昵称": "author", "抖音评论内容": "text", "unix时间戳": "sent_at"}, False),
        (list(FIELDS[:6]), [], dict(zip(FIELDS[:6], FIELDS[:6], strict=True)) | {}, True),
    ],
)  # fmt: skip
def test_guesses(columns, rows, mapping, tz):
    guess = guess_mapping(columns, rows)
    if columns == list(FIELDS[:6]):
        assert {column: name for column, name in guess.mapping.items() if column == name} == guess.mapping
        return
    assert dict(guess.mapping) == mapping
    assert guess.tz_needed is tz
    assert guess.is_enough
    assert understood(Origin(None, mapping=guess.mapping)).shape is guess.shape
    assert set(guess.confidence) == set(mapping)
    assert all(0 < sure <= 1 for sure in guess.confidence.values())
    assert set(guess.reasons) == set(columns)


def test_ids_are_preferred_to_names_and_full_columns_to_empty_ones():
    rows = [("小明", "77777777", f"text {at}") for at in range(5)]
    assert guess_mapping(["用户名", "uid", "内容"], rows).mapping == {"uid": "author", "内容": "text"}
    rows = [("小明", "" if at else "7", f"text {at}") for at in range(9)]
    assert guess_mapping(["用户名", "uid", "内容"], rows).mapping == {"用户名": "author", "内容": "text"}
    rows = [("小明", "", f"text {at}") for at in range(9)]
    guess = guess_mapping(["用户名", "uid", "内容"], rows)
    assert guess.mapping == {"用户名": "author", "内容": "text"}
    assert guess.reasons["uid"] == "it is empty in the rows looked at"


def test_cells_speak_against_names():
    rows = [("12", "10.1.2.3", "3天前", "短的话"), ("8", "10.1.2.4", "昨天", "另一句话")]
    guess = guess_mapping(["评论", "ip", "时间", "备注"], rows)
    assert guess.mapping == {"备注": "text"}
    assert guess.confidence["备注"] < 0.5
    assert guess.reasons["ip"] == "addresses of machines name people"
    links = guess_mapping(["内容", "text"], [("https://a/b", "真好"), ("https://a/c", "哈哈")])
    assert links.mapping == {"text": "text"}
    assert links.reasons["内容"] == "its cells are links"


def test_labels_and_numbers_are_no_messages():
    rows = [("好评", str(at), f"u{at}") for at in range(40)]
    guess = guess_mapping(["评分", "编号", "who"], rows)
    assert "text" not in guess.mapping.values()
    assert not guess.is_enough
    assert guess_mapping([], []).mapping == {}
    assert guess_mapping(["a", "b"], [("1", "2")]).is_enough is False
    assert guess_mapping(["", "内容"], [("x", "你好")]).mapping == {"内容": "text"}


def test_counts_of_replies_and_names_are_told_and_left_out():
    guess = guess_mapping(CHINESE, COMMENTS)
    assert guess.reasons["回复数"] == "a count of replies has no field"
    assert guess.reasons["昵称"] == "another column is surer to be `author`"
    assert guess_mapping(["内容", "头像"], [("你好", "a.jpg")]).reasons["头像"] == "it names people"


def test_options_are_safe_for_a_shell():
    guess = guess_mapping(["comment text", "it's create time", "$(rm)点赞数"], [("hi there", "1693400000", "3")])
    words = [word for option in guess.as_options() for word in shlex.split(option)]
    assert words == ["--map", "comment text=text", "--map", "it's create time=sent_at", "--map", "$(rm)点赞数=likes"]
    assert guess_mapping(["评论内容"], []).as_options() == ["--map 评论内容=text"]


@pytest.mark.parametrize(
    ("name", "plain", "unit"),
    [
        ("Create_Time", "createtime", ""),
        (" 视频时间（秒） ", "视频时间", "s"),
        ("time(ms)", "time", "ms"),
        ("duration_ms", "durationms", "ms"),
        ("start s", "starts", "s"),
        ("\ufeffＩＤ", "id", ""),
        ("likes", "likes", ""),
        ("(s)", "s", "s"),
    ],
)
def test_names_made_alike(name, plain, unit):
    assert (alike(name), unit_of(name)) == (plain, unit)


@pytest.mark.parametrize(
    ("name", "is_person"),
    [
        ("昵称", True),
        ("用户昵称", True),
        ("评论者主页", True),
        ("IP地址", True),
        ("IP属地", False),
        ("user.screen_name", True),
        ("author/url", True),
        ("user.followers_count", False),
        ("author_nickname", True),
        ("评论内容", False),
        ("likes", False),
        ("用户", True),
        ("性别", True),
    ],
)
def test_columns_that_name_people(name, is_person):
    assert names_people(name) is is_person


def test_every_known_name_is_made_alike():
    for meaning, words in NAMES.items():
        assert [word for word in words.split() if alike(word) != word] == [], meaning
        assert len(set(words.split())) == len(words.split()), meaning


@given(
    st.lists(st.text(max_size=8) | st.sampled_from(sorted({word for words in NAMES.values() for word in words.split()})), max_size=8),
    st.lists(
        st.lists(st.none() | st.text(max_size=8) | st.sampled_from(["1", "1.5", "1:02", "1693400000", "9" * 400, "nan"]), max_size=9),
        max_size=5,
    ),
)
def test_law_a_guess_is_a_mapping(columns, rows):
    guess = guess_mapping(columns, rows)
    assert set(guess.mapping) <= set(columns)
    assert len(set(guess.mapping.values())) == len(guess.mapping)
    assert set(guess.mapping.values()) <= set(guess.shape.fields)
    assert set(guess.confidence) == set(guess.mapping) <= set(guess.reasons)
    if guess.is_enough:
        assert understood(Origin(None, mapping=guess.mapping)).shape.table == guess.shape.table


def csv(folder, name="own.csv", columns=CHINESE, rows=COMMENTS):
    return write(folder, name, "\n".join(",".join(f'"{cell}"' for cell in row) for row in [columns, *rows]) + "\n")


def test_the_error_shows_the_guess_and_the_whole_command(tmp_path):
    path = csv(tmp_path, "my own.csv")
    with pytest.raises(YuhuError, match="YH103") as error:
        recognise(Origin(path))
    assert error.value.facts["found"] == f"a table with the columns {', '.join(CHINESE)}"
    assert "评论内容 = text (97%)" in error.value.facts["guess"]
    assert error.value.fix == (
        "yuhu add STUDY 'my own.csv' --map 用户ID=author --map 评论内容=text --map 发布时间=sent_at --map 点赞数=likes --map IP属地=region"
        " --map BV号=video --tz Asia/Shanghai, or --map auto to use this guess"
    )
    words = shlex.split(error.value.fix.partition(", or")[0])
    mapping = dict(word.split("=") for word in words if "=" in word)
    _, batches, _ = read(path, mapping=mapping, tz="Asia/Shanghai")
    assert table(batches).height == 2


@pytest.mark.parametrize(
    ("name", "content", "found", "fix"),
    [
        ("a.csv", "a,b\n1,2\n", "a table with the columns a, b", "--map COLUMN=text"),
        ("a.txt", "just some words", "plain text", "docs/sources.md"),
        ("a.json", '{"a": ', "no table that can be read: `a.json` ends in the middle of a record", "docs/sources.md"),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 9,
            "no table that can be read: `a.xls` is an Office file of the old kind",
            "docs/sources.md",
        ),
        ("a.bin", b"\x01\x02,\x03\n\x04,\x05\n", "neither text nor a table of a known kind", "docs/sources.md"),
        ("a.jsonl", '{"x": 1, "body": "hello there"}\n', "a table with the columns x, body", "--map body=text, or --map auto"),
    ],
)
def test_the_error_for_other_files(tmp_path, name, content, found, fix):
    with pytest.raises(YuhuError, match="YH103") as error:
        recognise(Origin(write(tmp_path, name, content)))
    assert error.value.facts["found"] == found
    assert fix in error.value.fix


def test_guesses_look_into_objects_and_over_all_sheets(tmp_path):
    records = [
        {"rpid": 1, "content": {"message": "真好", "pictures": [1]}, "member": {"mid": "7", "level": {"now": 3}}},
        {"rpid": 2, "content": None},
    ]
    [sample] = samples(Origin(write(tmp_path, "a.json", records)))
    assert sample.columns == ["rpid", "content", "member"]
    assert sample.paths == ["rpid", "content.message", "member.mid", "member.level.now"]
    assert sample.rows[0] == ("1", "真好", "7", "3")
    assert sample.guess().mapping == {"rpid": "id", "content.message": "text", "member.mid": "author"}
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        for name, rows in (("about", [("内容", "x"), ("hi you", "y")]), ("data", [CHINESE, *COMMENTS])):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    origin = Origin(tmp_path / "a.xlsx")
    assert [sample.table for sample in samples(origin)] == ["about", "data"]
    assert guessed(origin).mapping["评论内容"] == "text"
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        for name in ("first", "second"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ("内容", "发布时间"))
            sheet.write_row(1, 0, ("你好吗", "3天前" if name == "first" else "1693400000"))
    guess = guessed(Origin(tmp_path / "b.xlsx"))
    assert guess.mapping == {"second.内容": "text", "second.发布时间": "sent_at"}
    assert set(guess.confidence) == set(guess.mapping)
    _, batches, facts = read(tmp_path / "b.xlsx", mapping=guess.mapping)
    assert (facts.context["table"], table(batches)["sent_at"].null_count()) == ("second", 0)


def test_mappings_are_remembered_by_their_columns(study):
    assert saved_mapping(study.path, CHINESE) is None
    save_mapping(study.path, CHINESE, {"评论内容": "text"}, platform="weibo", tz="Asia/Shanghai")
    save_mapping(study.path, reversed(CHINESE), {"评论内容": "text"}, platform="douyin", kind="reply")
    saved = saved_mapping(study.path, [f" {name}" for name in CHINESE])
    assert (dict(saved.mapping), saved.platform, saved.kind, saved.tz, saved.times_used) == (
        {"评论内容": "text"},
        "douyin",
        "reply",
        None,
        2,
    )
    save_mapping(study.path, CHINESE, {"昵称": "text"})
    assert saved_mapping(study.path, CHINESE).times_used == 1
    assert saved_mapping(study.path, CHINESE[1:]) is None
    save_mapping(study.path, ["a"], {"a": "text"})
    assert dict(saved_mapping(study.path, CHINESE).mapping) == {"昵称": "text"}
    assert (study.path / FILE).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("content", ["", "[]", '{"mappings": {"k": {"mapping": 1}}}', '{"mappings": []}', '{"mappings": {"k": 3}}'])
def test_a_damaged_list_of_mappings(study, content):
    write(study.path, FILE, content)
    with pytest.raises(YuhuError, match="YH205"):
        saved_mapping(study.path, ["a"])


def test_auto_takes_what_was_used_before_else_the_guess(study, tmp_path):
    first = Origin(csv(tmp_path))
    auto = auto_mapping(first, study.path)
    assert auto.mapping["评论内容"] == "text"
    assert auto.tz is None
    assert auto.where_from.startswith("guessed: 用户ID = author (97%)")
    own = {"评论内容": "text", "昵称": "author"}
    remember_mapping(Origin(first.path, mapping=own, tz="Asia/Shanghai", platform="weibo"), study.path)
    again = Origin(csv(tmp_path, "next.csv", CHINESE[::-1], [row[::-1] for row in COMMENTS]))
    mapping, tz, where = auto_mapping(again, study.path)
    assert (mapping, tz, where) == (own, "Asia/Shanghai", "used before in this study, once")
    remember_mapping(Origin(first.path, mapping=own), study.path)
    mapping, tz, where = auto_mapping(Origin(again.path, tz="UTC"), study.path)
    assert (tz, where) == ("UTC", "used before in this study, 2 times")
    text = (study.path / FILE).read_text("utf-8")
    assert "我哭了" not in text
    assert "小明" not in text


def test_auto_refuses_what_it_cannot_tell(study, tmp_path):
    with pytest.raises(YuhuError, match="YH103"):
        auto_mapping(Origin(write(tmp_path, "a.csv", "a,b\n1,2\n")), study.path)
    remember_mapping(Origin(write(tmp_path, "bad.json", "{"), mapping={"a": "text"}), study.path)
    remember_mapping(Origin(write(tmp_path, "other.csv", "x,y\n1,2\n"), mapping={"a": "text"}), study.path)
    assert not (study.path / FILE).exists()


def test_auto_remembers_tables_of_a_database(study, tmp_path):
    import sqlite3

    with sqlite3.connect(tmp_path / "a.db") as made:
        made.execute("CREATE TABLE about (x, y)")
        made.execute("CREATE TABLE said (words, who)")
        made.execute("INSERT INTO said VALUES ('hi you', 'u1')")
    made.close()
    origin = Origin(tmp_path / "a.db", mapping={"said.words": "text"})
    remember_mapping(origin, study.path)
    assert auto_mapping(Origin(origin.path), study.path).mapping == {"said.words": "text"}


def test_real_tables_are_guessed(shared):
    guess = guessed(Origin(shared / "brighter/track_b_train_chn.csv"))
    assert (guess.mapping["id"], guess.mapping["text"]) == ("id", "text")
    for path in sorted(shared.glob("brighter/*.csv")):
        assert guessed(Origin(path)).is_enough is ("text" in pl.read_csv(path, n_rows=1).columns), path.name


def test_a_study_can_be_filled_by_auto(study, tmp_path):
    path = csv(tmp_path)
    auto = auto_mapping(Origin(path), study.path)
    [added] = yuhu.add(study, [path], mapping=auto.mapping, tz="Asia/Shanghai")
    assert (added.entry.kept, added.entry.rejected) == (2, 0)
    assert json.loads((study.path / "manifest.json").read_text("utf-8"))

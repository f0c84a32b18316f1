"""Any table with --map: ways to write it, kinds of tables, what is rejected, what is told, and reading it again from the raw copy."""

import datetime as dt
import json
import sqlite3
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from files import write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.dialects import dialect_of
from yuhu.sources.map_fields import FIELDS, SHAPES, understood
from yuhu.sources.tabular import MappedTable
from yuhu.testing import check_importer

SAID = {"mapping": {"id": "id", "say": "text", "who": "author"}, "platform": "douyin", "video": "7"}
ROWS = [("1", "hello", "u1"), ("2", "a, b; c|d", "u2"), ("3", 'she said "hi"\nand left', "u1")]
"""What every dialect below writes."""


def said_by(path, **said):
    _, batches, _ = read(path, **{**SAID, **said})
    return table(batches).select("native", "text", "author").rows()


def quoted(separator, *, inner='""', header="id,say,who", end="\n"):
    lines = [header.replace(",", separator)]
    lines += [separator.join(f'"{cell.replace(chr(34), inner)}"' for cell in row) for row in ROWS]
    return end.join(lines) + end


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("comma.csv", quoted(",")),
        ("semicolon.csv", quoted(";")),
        ("pipe.txt", quoted("|")),
        ("tab.csv", quoted("\t")),
        ("tab.tsv", quoted("\t")),
        ("windows.csv", quoted(",", end="\r\n")),
        ("backslash.csv", quoted(",", inner='\\"')),
        ("excel.csv", "sep=;\r\n" + quoted(";", end="\r\n")),
        ("excel_quoted.csv", '"sep=|"\n' + quoted("|")),
        ("bom.csv", "\ufeff" + quoted(",")),
        ("blank.csv", "\n\r\n,,\n  \n" + quoted(",")),
        ("remarks.csv", "# exported: 2023-09-01, by a tool; version 2\n# rows: 3\n\n" + quoted(",")),
        ("spaces.csv", quoted(",", header=" id , say ,who  ")),
        ("quoted_header.csv", quoted(",", header='"id","say","who"')),
        ("no_end.csv", quoted(",").rstrip("\n")),
        (
            "twice.csv",
            quoted(",", header="id,say,who").replace("id,say,who", "id,say,who,say").replace('"\n"', '","other"\n"')[:-1] + ',"other"\n',
        ),
        ("lines.jsonl", "".join(json.dumps(dict(zip(("id", "say", "who"), row, strict=True))) + "\n" for row in ROWS)),
        ("list.json", json.dumps([dict(zip(("id", "say", "who"), row, strict=True)) for row in ROWS], indent=1)),
    ],
)
def test_ways_to_write_a_table(tmp_path, name, content):
    assert said_by(write(tmp_path, name, content)) == ROWS


def test_parquet_excel_and_sqlite_hold_the_same(tmp_path):
    frame = pl.DataFrame(ROWS, schema=["id", "say", "who"], orient="row")
    frame.write_parquet(tmp_path / "a.parquet")
    frame.write_ipc(tmp_path / "a.arrow")
    sheet(tmp_path / "a.xlsx", {"one": [("id", "say", "who"), *ROWS]})
    database(tmp_path / "a.db", {"one": (("id", "say", "who"), ROWS)})
    for name in ("a.parquet", "a.arrow", "a.xlsx", "a.db"):
        assert said_by(tmp_path / name) == ROWS, name


def sheet(path, sheets, formats=()):
    with xlsxwriter.Workbook(str(path)) as book:
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            made = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.datetime):
                        made.write_datetime(at, column, cell, time)
                    elif isinstance(cell, str):
                        made.write_string(at, column, cell)
                    else:
                        made.write(at, column, cell)


def database(path, tables):
    with sqlite3.connect(path) as made:
        for name, (columns, rows) in tables.items():
            made.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')
            made.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', rows)
    made.close()


def test_a_header_that_begins_with_a_hash_is_one(tmp_path):
    path = write(tmp_path, "a.csv", "#id,say,who\n1,hello,u1\n")
    assert said_by(path, mapping={"#id": "id", "say": "text", "who": "author"}) == [("1", "hello", "u1")]


def test_the_separator_is_the_one_that_fits_the_rows(tmp_path):
    path = write(tmp_path, "a.csv", "id,say;long,who\n1,hello,u1\n2,a;b;c,u2\n")
    assert said_by(path, mapping={"id": "id", "say;long": "text", "who": "author"}) == [("1", "hello", "u1"), ("2", "a;b;c", "u2")]


def test_backslashes_that_escape_nothing_stay(tmp_path):
    path = write(tmp_path, "a.csv", 'id,say,who\n1,"¯\\_(ツ)_/¯",u1\n2,"C:\\",u2\n')
    assert said_by(path) == [("1", "¯\\_(ツ)_/¯", "u1"), ("2", "C:\\", "u2")]


def test_dialects_of_odd_files():
    assert dialect_of(b"", "a.csv") is None
    assert dialect_of(b"\n,,,\n\x00\n", "a.csv") is None
    found = dialect_of(b'"a\nb";c\n1;2\n', "a.csv")
    assert (found.header, found.separator, found.line) == (["a\nb", "c"], ";", 3)
    assert dialect_of(b"only\nwords, and more\n", "a.csv").header == ["only"]
    assert dialect_of(b"a,b\n1,2\n", "a.tsv").header == ["a,b"]


def test_paths_into_objects(tmp_path):
    records = [
        {"content": {"message": "真好"}, "user": {"id": 12345678901234567890, "nickname": "SECRETNAME"}, "stats": [{"n": 3}]},
        {"content": {"message": ""}, "user": None},
        {"content": "no object", "user": {"id": "u2"}},
    ]
    mapping = {"content.message": "text", "user.id": "author", "stats.0.n": "likes"}
    for name, content in (("a.json", records), ("a.jsonl", "".join(json.dumps(one) + "\n" for one in records))):
        path = write(tmp_path, name, content)
        _, batches, _ = read(path, mapping=mapping)
        assert table(batches).select("text", "author", "likes").rows() == [("真好", "12345678901234567890", 3)]
        assert [one.why for batch in batches for one in batch.rejects] == ["no text", "no text"]
        assert "SECRETNAME" not in assert_maps_again(path, mapping=mapping)


def test_a_literal_key_wins_over_a_path(tmp_path):
    path = write(tmp_path, "a.json", [{"a.b": "literal", "a": {"b": "path"}}])
    _, batches, _ = read(path, mapping={"a.b": "text"})
    assert table(batches)["text"].to_list() == ["literal"]


def test_excel_takes_the_first_sheet_with_all_columns(tmp_path):
    path = tmp_path / "a.xlsx"
    rows = [
        ("评论ID", "评论内容", "发布时间", "点赞"),
        ("11", "好看", dt.datetime.fromisoformat("2023-08-30 12:00:05"), 12),
        ("12", "", None, "1.2万"),
    ]
    sheet(path, {"说明": [("评论内容", "含义"), ("x", "y")], "评论": rows, "更多": rows, "空": []})
    mapping = {"评论ID": "id", "评论内容": "text", "发布时间": "sent_at", "点赞": "likes"}
    _, batches, facts = read(path, mapping=mapping, tz="Asia/Shanghai")
    [row] = table(batches).rows(named=True)
    assert (row["native"], row["text"], row["likes"], str(row["sent_at"])) == ("11", "好看", 12, "2023-08-30 04:00:05+00:00")
    assert [one.place for batch in batches for one in batch.rejects] == ["sheet 评论, row 3"]
    assert facts.notes == ["of 3 tables only `评论` was read, the first that has all mapped columns"]
    assert facts.context == {"table": "评论"}
    _, batches, facts = read(path, mapping={"更多.评论内容": "text", "更多.评论ID": "id"})
    assert (facts.context["table"], table(batches)["native"].to_list()) == ("更多", ["11"])


def test_sqlite_takes_the_first_table_with_all_columns_or_the_one_that_is_named(tmp_path):
    path = tmp_path / "a.db"
    tables = {
        "authors": (("id", "content"), [("u", "a bio")]),
        "comments": (("id", "content", "time INTEGER"), [(7273123456789012345, "好", 1693400000), (2, None, 0)]),
    }
    database(path, tables)
    _, batches, facts = read(path, mapping={"id": "id", "content": "text", "time": "sent_at"})
    assert table(batches).select("native", "text").rows() == [("7273123456789012345", "好")]
    assert facts.notes == ["of 2 tables only `comments` was read, the first that has all mapped columns"]
    assert table(read(path, mapping={"content": "text"})[1])["text"].to_list() == ["a bio"]
    named = {"comments.content": "text", "comments.id": "id"}
    assert table(read(path, mapping=named)[1])["text"].to_list() == ["好"]
    assert_maps_again(path, mapping=named)
    with pytest.raises(YuhuError, match="YH102") as error:
        read(path, mapping={"content": "text", "nope": "likes"})
    assert error.value.facts["tables"] == "authors, comments"
    assert error.value.fix.endswith("--map COLUMN=likes")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.db", b"SQLite format 3\x00" + b"x" * 200, "YH106"),
        ("a.parquet", b"PAR1 and no more", "YH106"),
        ("a.arrow", b"ARROW1\x00\x00 and no more", "YH106"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", "YH104"),
    ],
)
def test_tables_that_are_damaged(tmp_path, name, content, code):
    with pytest.raises(YuhuError, match=code):
        list(MappedTable().read(Origin(write(tmp_path, name, content), mapping={"a": "text"}), Facts()))


def test_parquet_of_all_types(tmp_path):
    import decimal

    path = tmp_path / "a.parquet"
    frame = pl.DataFrame(
        {
            "text": ["a", "b"],
            "big": pl.Series([2**63, 12], dtype=pl.UInt64),
            "floated": [12.0, float("nan")],
            "day": [dt.date(2023, 8, 30), None],
            "wall": pl.Series([dt.datetime.fromisoformat("2023-08-30T12:00:00+00:00"), None], dtype=pl.Datetime("us", "Asia/Shanghai")),
            "is": [True, None],
            "cents": [decimal.Decimal("1.50"), None],
            "named": pl.Series(["x", None], dtype=pl.Categorical),
            "user": [{"id": "u1", "name": "SECRETNAME"}, None],
            "tags": [["a", "b"], None],
        }
    )
    frame.write_parquet(path)
    mapping = {"text": "text", "big": "id", "floated": "likes", "wall": "sent_at", "user.id": "author", "named": "region"}
    _, [batch], _ = read(path, mapping=mapping)
    rows = batch.responses.select("native", "likes", "author", "region").rows()
    assert rows == [("9223372036854775808", 12, "u1", "x"), ("12", None, None, None)]
    assert str(batch.responses["sent_at"][0]) == "2023-08-30 12:00:00+00:00"
    record = batch.raw.records[0]
    assert (record["day"], record["is"], record["cents"], record["tags"]) == ("2023-08-30", "true", "1.50", '["a","b"]')
    assert "SECRETNAME" not in assert_maps_again(path, mapping=mapping)


KINDS = {
    "responses": (
        """弹幕id,内容,出现时间,发送时间,用户,赞,属地,回复,类型,语言
1,哈哈哈,0:05,2023-08-30 12:00:00,u1,3,河北,0,弹幕,zh
2.0,  ,0:06,2023-08-30,u2,1.2万,北京,1.0,评论,
3,真好,,2023-08-30,u2,1.2万,北京,1.0,回复,
4,bad,9:99,2023-08-30,,,,,,
5,odd,,,,,,,story,
""",
        "弹幕id=id 内容=text 出现时间=at_clock 发送时间=sent_at 用户=author 赞=likes 属地=region 回复=parent 类型=kind 语言=lang",
    ),
    "segments": (
        """from,to,line,what,part
0,2.5,你好,subtitle,
2.5,1,back,,
x,3,bad,,
2.5,,no end,,
3,4.25,,chapter,第一章
5,x,bad end,,
""",
        "from=start_s to=end_s line=text what=kind part=name",
    ),
    "exposure": ("t,stay\n0,100%\n10,80.5%\n20,\nx,5%\n30,5000%\n", "t=at_s stay=retention"),
    "links": (
        """a,b,how,at
1,2,Quote,2023-08-30T00:00:00Z
1,1,,
,2,,
video:9,video:8,duet,soon
3,0,,
""",
        "a=node b=parent how=link_kind at=sent_at",
    ),
    "signals": ("ms,loud,motion\n0,-12.5,1\n40,x,2\n80,,\nx,1,1\n", "ms=at_ms loud=value motion=value"),
    "metrics": (
        """who,when,views,likes
ep1,2023-08-30T00:00:00Z,"1,200",1.2万
ep1,soon,1,1
,2023-08-30T00:00:00Z,1,1
ep2,2023-08-31,x,
ep2,2023-08-31,7,x
""",
        "who=subject when=at views=value likes=value",
    ),
    "videos": (
        """bv,标题,时长,发布,播放,赞,up,采集
BV1,逃出大英博物馆,12:30,2023-08-30 20:00:00,123.4万,9,煎饼,2023-09-01 00:00:00
BV2,,61,2023-08-31,,x,,2023-09-01
,no id,,,,,,
""",
        "bv=video 标题=title 时长=duration_clock 发布=published_at 播放=views 赞=likes up=author 采集=counted_at",
    ),
}
KINDS = {kind: (text, dict(one.split("=") for one in mapping.split())) for kind, (text, mapping) in KINDS.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_tables(tmp_path, golden, kind):
    text, mapping = KINDS[kind]
    path = write(tmp_path, f"{kind}.csv", text)
    said = {"mapping": mapping, "platform": "bilibili", "tz": "Asia/Shanghai"}
    found = golden_of(path, **said)
    assert kind in found["tables"]
    golden(f"tabular/{kind}", found)
    check_importer(MappedTable(), path, origin=Origin(path, **said))
    assert_maps_again(path, **said)


def test_segments_and_signals_and_retention_by_value(tmp_path):
    def rows(kind, **said):
        text, mapping = KINDS[kind]
        _, batches, facts = read(write(tmp_path, f"{kind}.csv", text), mapping=mapping, **{"tz": "UTC", **said})
        return table(batches, kind), [one.why for batch in batches for one in batch.rejects], facts

    found, why, _ = rows("segments", video="v")
    assert found.select("kind", "name", "start_ms", "end_ms", "text").rows() == [
        ("subtitle", None, 0, 2500, "你好"),
        ("segment", None, 2500, None, "no end"),
        ("chapter", "第一章", 3000, 4250, None),
    ]
    assert why == ["it ends before it starts", "the start is not understood", "the end is not understood"]
    found, why, facts = rows("exposure", video="v")
    assert found.select("video", "at_ms", "retention").rows() == [("v", 0, 1.0), ("v", 10_000, 0.805)]
    assert why == ["the retention is no number", "media time is not understood", "the retention is out of range"]
    assert facts.context == {"retention unit": "percent"}
    found, why, _ = rows("signals")
    assert found.select("video", "at_ms", "name", "value").rows() == [
        ("signals", 0, "loud", -12.5),
        ("signals", 0, "motion", 1.0),
        ("signals", 40, "motion", 2.0),
    ]
    assert why == ["the value is no number", "media time is not understood"]


def test_links_metrics_and_videos_by_value(tmp_path):
    def rows(kind, name, **said):
        text, mapping = KINDS[kind]
        _, batches, facts = read(write(tmp_path, f"{kind}.csv", text), mapping=mapping, **{"tz": "Asia/Shanghai", **said})
        return table(batches, name).rows(named=True), [one.why for batch in batches for one in batch.rejects], facts

    found, why, facts = rows("links", "links", video="v")
    assert [(row["node"], row["parent"], row["kind"]) for row in found] == [("post:1", "post:2", "quote"), ("video:9", "video:8", "duet")]
    assert why == ["it links to itself", "no node", "no parent"]
    assert facts.notes == ["1 times were not understood and are unknown"]
    found, why, facts = rows("metrics", "metrics")
    assert facts.notes == ["1 numbers were not understood and are left out"]
    assert [(row["subject"], row["name"], row["value"]) for row in found] == [
        ("ep1", "views", 1200.0),
        ("ep1", "likes", 12000.0),
        ("ep2", "views", 7.0),
    ]
    assert why == ["the time is not understood", "no subject", "the value is no number"]
    found, why, _ = rows("videos", "videos")
    assert [(row["video"], row["title"], row["duration_ms"], row["author"]) for row in found] == [
        ("BV1", "逃出大英博物馆", 750_000, "煎饼"),
        ("BV2", None, None, None),
    ]
    assert str(found[0]["published_at"]) == "2023-08-30 12:00:00+00:00"
    assert why == ["no video"]
    found, _, _ = rows("videos", "metrics")
    assert [(row["video"], row["name"], row["value"], str(row["at"])) for row in found] == [
        ("BV1", "views", 1_234_000.0, "2023-08-31 16:00:00+00:00"),
        ("BV1", "likes", 9.0, "2023-08-31 16:00:00+00:00"),
    ]


def test_counts_of_videos_need_a_time(tmp_path):
    path = write(tmp_path, "v.csv", "bv,title,plays\nBV1,x,5\n")
    mapping = {"bv": "video", "title": "title", "plays": "views"}
    _, batches, facts = read(path, mapping=mapping)
    assert table(batches, "metrics").height == 0
    assert facts.notes == ["counts were left out: nobody says when they were taken (map `counted_at`, or --exported-at)"]
    _, batches, facts = read(path, mapping=mapping, exported_at="2023-09-01T00:00:00Z")
    assert table(batches, "metrics").select("name", "value").rows() == [("views", 5.0)]
    assert (str(table(batches, "metrics")["at"][0]), facts.notes) == ("2023-09-01 00:00:00+00:00", [])


def test_metrics_of_videos_and_accounts(tmp_path):
    path = write(tmp_path, "m.csv", "v,when,n,who\nBV1,2023-08-30T00:00:00Z,5,u1\n,2023-08-30T00:00:00Z,6,u2\n")
    _, batches, _ = read(path, mapping={"v": "video", "when": "at", "n": "value"}, platform="bilibili")
    assert table(batches, "metrics").select("platform", "video", "name", "value").rows() == [("bilibili", "BV1", "n", 5.0)]
    assert [one.why for one in batches[0].rejects] == ["no video"]
    _, batches, _ = read(path, mapping={"when": "at", "n": "value"}, video="BV9")
    assert table(batches, "metrics")["video"].to_list() == ["BV9", "BV9"]
    mapping = {"who": "account", "when": "at", "n": "value"}
    _, batches, _ = read(path, mapping=mapping, platform="bilibili")
    assert table(batches, "metrics").select("account", "value").rows() == [("u1", 5.0), ("u2", 6.0)]
    assert_maps_again(path, mapping=mapping, platform="bilibili")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        (["text", "sent_at"], "responses"),
        (["text", "at_ms"], "responses"),
        (["subject", "at", "value"], "metrics"),
        (["video", "at", "value"], "metrics"),
        (["at_s", "value"], "signals"),
        (["at_s", "retention"], "exposure"),
        (["start_ms", "end_ms", "text"], "segments"),
        (["node", "parent"], "links"),
        (["video", "title"], "videos"),
        (["video", "counted_at", "views"], "videos"),
    ],
)
def test_the_mapped_fields_decide_the_table(tmp_path, fields, named):
    origin = Origin(tmp_path, mapping={f"c{at}": name for at, name in enumerate(fields)})
    assert understood(origin).shape.table == named


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (["node"], "field `parent` is not mapped"),
        (["retention"], "field `at_ms` is not mapped"),
        (["value"], "field `at_ms` is not mapped"),
        (["subject", "at"], "field `value` is not mapped"),
        (["at", "value"], "field `subject` is not mapped"),
        (["subject", "at", "value", "text"], "field `text` does not go with `subject`"),
        (["text", "title"], "field `title` does not go with `text`"),
        (["start_s", "likes"], "field `likes` does not go with `start_s`"),
        (["text", "likes", "likes"], "field `likes` is mapped twice"),
        (["subject", "at", "name", "value", "value"], "`name` does not go with several columns of values"),
        (["sent_at"], "field `text` is not mapped"),
        ([], "field `text` is not mapped"),
        (["colour"], "`colour` is not a field"),
    ],
)
def test_mappings_that_make_no_table(tmp_path, fields, problem):
    with pytest.raises(YuhuError, match="YH108") as error:
        understood(Origin(tmp_path, mapping={f"c{at}": name for at, name in enumerate(fields)}))
    assert error.value.problem == problem
    assert error.value.fix


def test_every_field_belongs_to_a_table_and_is_documented():
    page = (Path(__file__).parents[1] / "docs/sources/tables.md").read_text("utf-8")
    assert [name for name in FIELDS if f"`{name}`" not in page] == []
    assert set(FIELDS) == {name for shape in SHAPES for name in shape.fields}
    assert FIELDS[0] == "text"


def test_signs_tell_tables_apart(tmp_path):
    """A whole table of each kind is one of this kind, whatever else of it is mapped."""
    for shape in SHAPES:
        fields = [group[0] for group in shape.needed] + [name for name in shape.others if name != "name"]
        origin = Origin(tmp_path, mapping={f"c{at}": name for at, name in enumerate(dict.fromkeys(fields))})
        assert understood(origin).shape is shape, shape.table


def test_days_have_the_precision_of_a_day(tmp_path):
    path = write(tmp_path, "a.csv", "t,s\na,2023-08-30\nb,2023-08-30 12:00:01\nc,\nd,2023/8/3\n")
    _, batches, _ = read(path, mapping={"t": "text", "s": "sent_at"}, tz="UTC")
    assert table(batches)["sent_at_precision_s"].to_list() == [86_400, 1, None, 86_400]


@pytest.mark.parametrize(
    "time",
    [
        "2023-08-30 20:00:05",
        "2023-08-30T20:00:05",
        "2023/8/30 20:00:05",
        "2023-08-30T12:00:05Z",
        "2023-08-30T20:00:05+08:00",
        "Wed Aug 30 20:00:05 +0800 2023",
        "1693396805",
        "1693396805000",
        " 1693396805.0 ",
    ],
)
def test_forms_of_wall_times(tmp_path, time):
    path = write(tmp_path, "a.csv", f'x,t,s\n1,a,"{time}"\n2,b,"{time}"\n')
    _, batches, facts = read(path, mapping={"t": "text", "s": "sent_at"}, tz="Asia/Shanghai")
    assert {str(at) for at in table(batches)["sent_at"]} == {"2023-08-30 12:00:05+00:00"}
    assert facts.notes == []


def test_unknown_times_are_no_misunderstood_times(tmp_path):
    path = write(tmp_path, "a.csv", "t,s\na,0\nb,\nc,next week\nd,0.0\n")
    _, batches, facts = read(path, mapping={"t": "text", "s": "sent_at"})
    assert table(batches)["sent_at"].null_count() == 4
    assert facts.notes == ["1 times were not understood and are unknown"]


def test_naive_times_need_a_zone_wherever_they_stand(tmp_path):
    rows = "".join(f"t{at},2023-08-30T12:00:00Z\n" for at in range(5)) + "x,2023-08-30 12:00\n"
    with pytest.raises(YuhuError, match="YH107") as error:
        read(write(tmp_path, "a.csv", "t,s\n" + rows), mapping={"t": "text", "s": "sent_at"})
    assert error.value.facts["found"] == "2023-08-30 12:00"


def test_no_message_above_is_no_parent(tmp_path):
    path = write(tmp_path, "a.csv", "t,up,top,i\na,0,-1,1\nb,,0.0,2.0\nc,1.0,1,3\nd,key,1e,x.0\n")
    _, batches, _ = read(path, mapping={"t": "text", "up": "parent", "top": "root", "i": "id"})
    assert table(batches).select("parent", "root", "native").rows() == [
        (None, None, "1"),
        (None, None, "2"),
        ("comment:1", "comment:1", "3"),
        ("comment:key", "comment:1e", "x.0"),
    ]


def test_counts_as_people_write_them(tmp_path):
    cells = ["12", "12.0", "1,234", "1.2万", "3.4k", "-1", "many", "", "0012", "99999999999999999999", "１２", "12.5"]
    path = write(tmp_path, "a.csv", "t,n\n" + "".join(f'a,"{cell}"\n' for cell in cells))
    _, batches, _ = read(path, mapping={"t": "text", "n": "likes"})
    assert table(batches)["likes"].to_list() == [12, 12, 1234, 12_000, 3400, None, None, None, 12, None, 12, None]


def test_texts_lose_control_characters_only(tmp_path):
    path = write(
        tmp_path, "a.jsonl", json.dumps({"t": "\u3000a\x00b\x0b\ufffe\U0001ffffc\x7f\t\n"}) + "\n" + json.dumps({"t": "\x01\x02"}) + "\n"
    )
    _, batches, _ = read(path, mapping={"t": "text"})
    assert table(batches)["text"].to_list() == ["abc"]
    assert [one.why for batch in batches for one in batch.rejects] == ["no text"]


def test_ids_that_a_spreadsheet_rounded(tmp_path):
    exact = [7273123456789012345 + 1_000_003 * at for at in range(6)]
    whole = write(tmp_path, "exact.csv", "i,t\n" + "".join(f"{one},a{one}\n" for one in exact))
    assert read(whole, mapping={"i": "id", "t": "text"})[2].notes == []
    rounded = [str(round(one, -4)) for one in exact[:4]] + ["7.27312E+18", str(exact[5])]
    path = write(tmp_path, "rounded.csv", "i,t\n" + "".join(f"{one},a{at}\n" for at, one in enumerate(rounded)))
    _, batches, facts = read(path, mapping={"i": "id", "t": "text"})
    [note] = facts.notes
    assert note.startswith("ids look rounded by a spreadsheet: in `i` 5 of 6 long ids looked at end in zeros")
    assert table(batches)["native"].to_list()[4] == "7273120000000000000"
    sheet(tmp_path / "a.xlsx", {"s": [("i", "t"), *((one, f"t{at}") for at, one in enumerate(exact))]})
    _, batches, facts = read(tmp_path / "a.xlsx", mapping={"i": "id", "t": "text"})
    assert facts.notes[0].startswith("ids look rounded by a spreadsheet: in `i` 6 of 6")
    assert all(native.isdigit() and len(native) == 19 for native in table(batches)["native"])


def test_missing_columns_are_told_with_those_that_are_there(tmp_path):
    path = write(tmp_path, "a.jsonl", '{"a": {"b": 1}}\n[1]\n')
    with pytest.raises(YuhuError, match="YH102") as error:
        read(path, mapping={"a.c": "text"})
    assert (error.value.problem, error.value.facts["found"]) == ("column `a.c` is missing", "a")
    with pytest.raises(YuhuError, match="YH101"):
        read(write(tmp_path, "b.csv", "\n,,\n"), mapping={"a": "text"})
    _, batches, _ = read(write(tmp_path, "c.json", [1, "x", None]), mapping={"a": "text"})
    assert [one.why for batch in batches for one in batch.rejects] == ["the record is no object"] * 3


def test_fields_that_only_later_records_have(tmp_path):
    path = write(tmp_path, "a.jsonl", '{"t": "a"}\n{"t": "b", "n": 3, "who": "u1"}\n')
    _, batches, _ = read(path, mapping={"t": "text", "n": "likes", "who": "author"})
    assert table(batches).select("text", "likes", "author").rows() == [("a", None, None), ("b", 3, "u1")]


def test_authors_get_keys_under_the_platform_of_their_row(tmp_path):
    text = "p,t,who\nweibo,a,u-12345678\ndouyin,b,u-12345678\n,c,u-12345678\nweibo,d,u-12345678\n"
    path = write(tmp_path, "a.csv", text)
    mapping = {"p": "platform", "t": "text", "who": "author"}
    _, batches, _ = read(path, mapping=mapping)
    assert [batch.raw.platform for batch in batches] == ["weibo", "douyin", "table"]
    assert "u-12345678" not in assert_maps_again(path, mapping=mapping)
    assert {batch.raw.platform for batch in read(path, mapping=mapping, platform="x")[1]} == {"x"}


def test_people_go_from_the_raw_copy(tmp_path):
    header = "评论内容,用户ID,昵称,用户头像,user.screen_name,user.followers_count,IP地址,IP属地,channel_id,性别"
    cells = "真好,u-12345678,SECRET1,http://x/SECRET2.jpg,SECRET3,17,SECRET4,河北,UC-as-video,SECRET5"
    path = write(tmp_path, "a.csv", f"{header}\n{cells}\n")
    mapping = {"评论内容": "text", "用户ID": "author", "channel_id": "video", "IP属地": "region"}
    kept = assert_maps_again(path, mapping=mapping, platform="weibo")
    assert "SECRET" not in kept
    assert "u-12345678" not in kept
    assert "'user.followers_count': '17'" in kept
    assert "UC-as-video" in kept


def test_people_inside_objects_go_from_the_raw_copy(tmp_path):
    records = [
        {
            "t": "a",
            "extra": {"user": {"nickname": "SECRET1", "followers_count": 5}},
            "at": [{"nickname": "SECRET2"}],
            "user.id": "u-12345678",
            "用户.名": "SECRET3",
        },
        {"t": '{"nickname": 1}', "extra": None, "at": "[泪]", "user.id": "u-2"},
    ]
    path = write(tmp_path, "a.json", records)
    kept = assert_maps_again(path, mapping={"t": "text", "user.id": "author"}, platform="weibo")
    assert "SECRET" not in kept
    assert "u-12345678" not in kept
    assert "'followers_count': 5" in kept
    _, batches, _ = read(path, mapping={"t": "text", "user.id": "author"})
    assert table(batches)["text"].to_list() == ["a", '{"nickname": 1}']


def test_a_field_under_a_persons_name_comes_back(tmp_path):
    records = [{"t": "a", "user": {"id": "u-12345678", "location": "河北", "name": "SECRET"}, "username": "topic", "n": {"x": 1}}]
    path = write(tmp_path, "a.json", records)
    kept = assert_maps_again(
        path, mapping={"t": "text", "user.id": "author", "user.location": "region", "username": "video"}, platform="weibo"
    )
    assert "SECRET" not in kept
    assert "河北" in kept


def test_columns_that_are_called_like_those_of_the_raw_copy(tmp_path):
    path = write(tmp_path, "a.csv", "text,username,mapped to video,mapped to text\nhello,BV1,BV2,other\n")
    mapping = {"text": "text", "username": "video"}
    _, batches, _ = read(path, mapping=mapping)
    assert table(batches).select("text", "video").rows() == [("hello", "BV1")]
    kept = assert_maps_again(path, mapping=mapping)
    assert "BV2" not in kept
    mapping = {"text": "text", "mapped to text": "video", "mapped to video": "region"}
    assert_maps_again(path, mapping=mapping)


def test_remap_changes_nothing(study, tmp_path):
    text, mapping = KINDS["responses"]
    videos, of_videos = KINDS["videos"]
    yuhu.add(study, [write(tmp_path, "c.csv", text)], mapping=mapping, tz="Asia/Shanghai", platform="bilibili")
    yuhu.add(yuhu.open(study.path), [write(tmp_path, "v.csv", videos)], mapping=of_videos, tz="Asia/Shanghai", platform="bilibili")
    from yuhu.verbs.remap import remap

    done = remap(yuhu.open(study.path), dry=True)
    assert set(done.sources.values()) == {"unchanged"}
    assert done.changes.height == 0


def test_large_files_come_in_pieces(tmp_path, monkeypatch):
    monkeypatch.setattr("yuhu.sources.flat_separated.PIECE_BYTES", 400)
    monkeypatch.setattr("yuhu.sources.flat_parquet.PIECE_ROWS", 7)
    rows = [(str(at), f"say {at}" if at % 10 else "", f'u"{at}') for at in range(100)]
    path = write(tmp_path, "a.csv", "id,say,who\n" + "".join(f'{i},{say},"{who.replace(chr(34), chr(34) * 2)}"\n' for i, say, who in rows))
    _, batches, _ = read(path, **SAID)
    assert len(batches) >= 5
    assert table(batches).select("native", "text", "author").rows() == [row for row in rows if row[1]]
    assert [one.place for batch in batches for one in batch.rejects] == [f"line {at + 2}" for at in range(0, 100, 10)]
    pl.DataFrame(rows, schema=["id", "say", "who"], orient="row").write_parquet(tmp_path / "a.parquet")
    _, batches, _ = read(tmp_path / "a.parquet", **SAID)
    assert len(batches) == 15
    assert table(batches).select("native", "text", "author").rows() == [row for row in rows if row[1]]
    assert [one.place for batch in batches for one in batch.rejects][:2] == ["row 1", "row 11"]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"), min_size=1, max_size=8)
ID = st.text("abcdef123456789", min_size=1, max_size=20)
RECORD = st.fixed_dictionaries(
    {"id": ID, "say": CELL, "who": ID, "n": st.integers(0, 10**12), "at": st.integers(700_000_000, 2_000_000_000)}
)


@given(st.lists(RECORD, min_size=1, max_size=12), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["csv", "jsonl", "json"]))
def test_law_a_table_comes_back(tmp_path_factory, records, separator, form):
    folder = tmp_path_factory.mktemp("table")
    if form == "csv":
        frame = pl.DataFrame(records)
        path = folder / "a.csv"
        frame.write_csv(path, separator=separator, quote_style="non_numeric")
    else:
        whole = records if form == "json" else "".join(json.dumps(one) + "\n" for one in records)
        path = write(folder, f"a.{form}", whole)
    mapping = {"id": "id", "say": "text", "who": "author", "n": "likes", "at": "sent_at"}
    _, batches, _ = read(path, mapping=mapping, platform="p", video="v")
    rows = table(batches).select("native", "text", "author", "likes", pl.col("sent_at").dt.timestamp("ms")).rows()
    assert rows == [(one["id"], one["say"].strip(), one["who"], one["n"], one["at"] * 1000) for one in records if one["say"].strip()]


MAPPINGS = [
    {"a": "text", "b": "sent_at", "c": "author", "d": "likes", "e": "kind", "f": "at_clock", "g": "parent", "h": "platform", "i": "video"},
    {"a": "text", "b.x": "at_s", "c": "id", "d": "lang"},
    {"a": "subject", "b": "at", "c": "value", "d": "value"},
    {"a": "at_ms", "b": "value", "c": "name", "d": "video"},
    {"a": "at_s", "b": "retention"},
    {"a": "start_s", "b": "end_clock", "c": "text", "d": "kind"},
    {"a": "node", "b": "parent", "c": "link_kind", "d": "sent_at", "e": "actor"},
    {"a": "video", "b": "title", "c": "published_at", "d": "duration_s", "e": "views", "f": "counted_at", "g": "author"},
]


@given(
    st.lists(st.dictionaries(st.sampled_from("abcdefghi"), ANYTHING, max_size=9) | ANYTHING, min_size=1, max_size=8),
    st.sampled_from(MAPPINGS),
)
def test_law_nothing_is_lost_whatever_records_hold(tmp_path_factory, records, mapping):
    path = write(tmp_path_factory.mktemp("any"), "a.json", json.dumps([dict.fromkeys("abcdefghi", "1"), *records]).encode())
    importer = MappedTable()
    origin, facts = Origin(path, mapping=mapping, tz="UTC"), Facts()
    try:
        batches = list(importer.read(origin, facts))
    except YuhuError as error:
        if error.code != "YH102":
            raise
        return
    assert sum(batch.seen for batch in batches) == len(records) + 1
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)
    check_importer(MappedTable(), path, origin=origin)
    assert_maps_again(path, mapping=mapping, tz="UTC")


@given(st.lists(st.lists(st.text(max_size=6), min_size=1, max_size=4), max_size=8), st.sampled_from([",", ";", "\n", '"', "\\"]))
def test_law_any_text_file_keeps_the_law(tmp_path_factory, rows, glue):
    path = write(
        tmp_path_factory.mktemp("any"), "a.csv", ("a,b\n1,2\n" + "\n".join(glue.join(row) for row in rows)).encode("utf-8", "replace")
    )
    facts = Facts()
    try:
        batches = list(MappedTable().read(Origin(path, mapping={"a": "text", "b": "sent_at"}, tz="UTC"), facts))
    except YuhuError as error:
        if error.code not in {"YH102", "YH106"}:
            raise
        return
    assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


def test_real_tables(shared):
    path = shared / "brighter/track_b_train_chn.csv"
    _, batches, _ = read(path, mapping={"text": "text", "id": "id"}, platform="brighter", kind="comment")
    held = pl.read_csv(path, infer_schema=False)
    assert table(batches)["native"].to_list() == held["id"].to_list()
    assert table(batches)["text"].to_list() == held["text"].str.strip_chars().to_list()
    path = shared / "hotlists/weibo_xiadd_hourly_matches.csv"
    _, batches, _ = read(
        path, mapping={"title": "subject", "commit_time_beijing": "at", "hot": "value", "band_rank": "value"}, tz="Asia/Shanghai"
    )
    assert sum(batch.kept for batch in batches) == 308
    assert set(table(batches, "metrics")["name"]) == {"hot", "band_rank"}

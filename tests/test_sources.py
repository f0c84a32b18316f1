"""Importers: each format, what is kept, what is rejected, and what is refused."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from files import COLUMNS, COMMENTS, HOTLIST, NICONICO, POSTS, danmaku_xml, write
from yuhu.core.contracts import Facts, Origin
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.sources.bilibili_xml import BilibiliDanmakuXml
from yuhu.sources.reading import whole
from yuhu.sources.recognise import recognise


def read(path, **said):
    origin = Origin(path, **said)
    importer = recognise(origin)
    facts = Facts()
    batches = list(importer.read(origin, facts))
    return importer, batches, facts


def rows_of(batches):
    return pl.concat([batch.responses for batch in batches if batch.responses is not None and batch.responses.height])


def code_of(error):
    return error.value.code


def test_every_importer_is_registered():
    assert sorted(registered("importers")) == [
        "bilibili_comment_columns.v1",
        "bilibili_danmaku_json.v1",
        "bilibili_danmaku_segments.v1",
        "bilibili_danmaku_xml.v1",
        "bilibili_recorder_xml.v1",
        "bilibili_subtitles_json.v1",
        "danmaku_ass.v1",
        "elan_eaf.v1",
        "fourcat_scenes.v1",
        "fourcat_table.v1",
        "fourcat_transcripts.v1",
        "hot_list_csv.v1",
        "hot_list_json.v1",
        "link_table.v1",
        "mapped_table.v1",
        "mediacrawler.v1",
        "metric_table.v1",
        "niconico_flat_json.v1",
        "niconico_legacy.v1",
        "niconico_threads_json.v1",
        "retention_table.v1",
        "subtitles_ass.v1",
        "subtitles_srt.v1",
        "subtitles_vtt.v1",
        "tiktok_research_json.v1",
        "twitch_chat.v1",
        "weibo_comments_json.v1",
        "weibo_posts_json.v1",
        "weibo_reposts_json.v1",
        "whisper_json.v1",
        "youtube_api_json.v1",
        "youtube_captions_json3.v1",
        "youtube_data_tools_comments.v1",
        "youtube_data_tools_videos.v1",
        "youtube_live_chat.v1",
        "ytdlp_info_json.v1",
        "zeeschuimer_ndjson.v1",
    ]


def test_danmaku_xml_fields(tmp_path):
    path = write(tmp_path, "ep.xml", danmaku_xml([(1.2345, "好", {}), (0, "a & b <c>", {"ctime": 0}), (3, "old", {"weight": ""})]))
    _, [batch], facts = read(path)
    rows = batch.responses
    assert rows["at_ms"].to_list() == [1234, 0, 3000]
    assert rows["text"].to_list() == ["好", "a & b <c>", "old"]
    assert rows["sent_at"].dt.timestamp("ms").to_list() == [1693400000000, None, 1693400002000]
    assert rows["native"].to_list() == ["1000", "1001", "1002"]
    assert rows["video"].unique().to_list() == ["42"]
    assert facts.video_from == "chatid in the file"
    assert not facts.is_truncated


def test_danmaku_xml_bad_records_are_rejected_with_reasons(tmp_path):
    rows = [(-1, "a", {}), ("nan", "b", {}), (1, "", {}), (1, "   ", {}), (9e9, "c", {}), (2, "good", {})]
    text = danmaku_xml(rows).replace("</i>", '<d p="1,2,3">short</d><d>no p</d></i>')
    _, [batch], _ = read(write(tmp_path, "ep.xml", text))
    assert (batch.seen, batch.kept) == (8, 1)
    why = [reject.why for reject in batch.rejects]
    assert why == [
        "media time lies outside 0 to 48 hours",
        "media time is no number",
        "no text",
        "no text",
        "media time lies outside 0 to 48 hours",
        "p has 3 fields, expected 8 or more",
        "p has 1 fields, expected 8 or more",
    ]
    assert all("short" not in str(reject) for reject in batch.rejects)


def test_danmaku_xml_special(tmp_path):
    positioned = json.dumps([0.1, 0.2, "1-1", 4.5, "看这里", 0, 0])
    rows = [(1, positioned, {"mode": 7}), (2, "not json", {"mode": 7}), (3, "def x", {"mode": 8, "pool": 2}), (4, "plain", {})]
    _, [batch], _ = read(write(tmp_path, "ep.xml", danmaku_xml(rows)))
    assert batch.responses["text"].to_list() == ["看这里", "not json", "def x", "plain"]
    assert batch.responses["is_special"].to_list() == [True, True, True, False]


def test_danmaku_xml_illegal_characters_and_references(tmp_path):
    text = danmaku_xml([(1, "aXb", {}), (2, "cYd", {}), (3, "&", {})]).replace("X", "\x00\x08\x0b").replace("Y", "&#0;&#x8;&#11;")
    _, [batch], facts = read(write(tmp_path, "ep.xml", text))
    assert batch.responses["text"].to_list() == ["ab", "cd", "&"]
    assert facts.notes == ["6 illegal control characters removed"]


def test_danmaku_xml_references_across_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("yuhu.sources.bilibili_xml._CHUNK", 7)
    rows = [(1, "汉字 & 更多 < 字符", {}), (2, "😭", {})]
    text = danmaku_xml(rows).replace("😭", "&#128557;&#7;")
    _, [batch], _ = read(write(tmp_path, "ep.xml", text))
    assert batch.responses["text"].to_list() == ["汉字 & 更多 < 字符", "😭"]


def test_danmaku_xml_layouts(tmp_path):
    rows = [(at, f"t{at}", {}) for at in range(5)]
    one = rows_of(read(write(tmp_path, "a.xml", danmaku_xml(rows)))[1])
    many = rows_of(read(write(tmp_path, "b.xml", danmaku_xml(rows, newline=True)))[1])
    bare = rows_of(read(write(tmp_path, "c.xml", danmaku_xml(rows, head=False)))[1])
    assert one.equals(many)
    assert one.equals(bare)


def test_danmaku_xml_truncation(tmp_path):
    rows = [(at, f"t{at}", {}) for at in range(5)]
    whole_file = danmaku_xml(rows)
    _, batches, facts = read(write(tmp_path, "a.xml", whole_file[:-30]))
    assert rows_of(batches).height == 4
    assert sum(batch.seen for batch in batches) == 5
    assert [reject.why for batch in batches for reject in batch.rejects] == ["the file ends inside a record"]
    assert facts.is_truncated
    _, _, capped = read(write(tmp_path, "b.xml", danmaku_xml(rows, limit=5)))
    assert capped.truncation == ["5 rows with a maxlimit of 5: the latest survivors of a rolling pool, a sample"]


def test_danmaku_xml_rounded_days(tmp_path):
    midnight = 1693411200  # 2023-08-31 00:00 in Shanghai
    rows = [(1, "a", {"ctime": midnight}), (2, "b", {"ctime": midnight + 86400})]
    _, [batch], _ = read(write(tmp_path, "a.xml", danmaku_xml(rows)))
    assert batch.responses["sent_at_precision_s"].to_list() == [86400, 86400]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.xml", b"", "YH101"),
        ("blank.xml", b"  \n ", "YH101"),
        ("image.xml", b"\x89PNG\r\n\x1a\n" + b"0" * 50, "YH104"),
        ("video.xml", b"\x00\x00\x00 ftypisom" + b"0" * 50, "YH104"),
        ("page.xml", b"<i><chatid>1</chatid><d p='1'>x</q></i>", "YH106"),
        (
            "bomb.xml",
            b'<?xml version="1.0"?><!DOCTYPE i [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><i><chatid>1</chatid><d p="1">&b;</d></i>',
            "YH109",
        ),
        ("text.txt", b"just some words", "YH103"),
        ("table.csv", b"a,b\n1,2\n", "YH103"),
        ("broken.json", b'[{"id": 1, "vpos": 3, "content": "a"}, {"id"', "YH106"),
        ("uneven.json", b'{"date": ["2020-01-01"], "text": ["a", "b"]}', "YH106"),
    ],
)
def test_broken_input_is_refused_and_leaves_the_study(study, tmp_path, name, content, code):
    good = write(tmp_path, "good.xml", danmaku_xml([(1, "ok", {})]))
    before = sorted(
        (str(path.relative_to(study.path)), path.read_bytes()) for path in study.path.rglob("*") if path.is_file() and path.name != ".lock"
    )
    with pytest.raises(YuhuError) as error:
        yuhu.add(study, [good, write(tmp_path, name, content)])
    assert code_of(error) == code
    assert error.value.fix
    after = sorted(
        (str(path.relative_to(study.path)), path.read_bytes()) for path in study.path.rglob("*") if path.is_file() and path.name != ".lock"
    )
    assert after == before


GBK = "大英博物馆里的玉壶想回家"


@pytest.mark.parametrize("said", [None, "gb18030", "gbk"])
@pytest.mark.parametrize("declared", ["", ' encoding="GBK"', ' encoding="UTF-8"'])
def test_another_encoding_is_recognised_or_said(study, tmp_path, said, declared):
    text = danmaku_xml([(1, GBK, {})]).replace(' encoding="UTF-8"', declared)
    [added] = yuhu.add(study, [write(tmp_path, "gbk.xml", text.encode("gb18030"))], encoding=said)
    assert added.entry.kept == 1
    assert "read as GB18030" in added.entry.notes
    assert yuhu.open(study.path).scan("responses").collect()["text"].to_list() == [GBK]


@pytest.mark.parametrize("said", [None, "gb18030"])
@pytest.mark.parametrize(
    ("name", "content", "options", "what"),
    [
        ("weibo_x.csv", HOTLIST, {}, "逃出大英博物馆"),
        ("own.csv", f"文本,时间\n{GBK},2023-08-30\n", {"mapping": {"文本": "text"}}, GBK),
        ("ep1.srt", f"1\n00:00:01,000 --> 00:00:02,000\n{GBK}\n", {}, GBK),
    ],
)
def test_every_way_of_reading_gets_utf8(study, tmp_path, name, content, options, what, said):
    [added] = yuhu.add(study, [write(tmp_path, name, content.encode("gb18030"))], encoding=said, **options)
    assert added.entry.kept
    opened = yuhu.open(study.path)
    held = [opened.scan(table).collect() for table in ("responses", "metrics", "segments")]
    assert what in "".join(frame.write_ndjson() for frame in held)


def test_what_is_in_no_encoding_that_it_is_said_to_be_in(study, tmp_path):
    with pytest.raises(YuhuError, match="YH105") as error:
        yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(1, GBK, {})]).encode("gb18030"))], encoding="utf-8")
    assert error.value.facts["would fit"] == "GB18030"


def test_skip_broken_adds_the_rest(study, tmp_path):
    files = [write(tmp_path, "good.xml", danmaku_xml([(1, "ok", {})])), write(tmp_path, "empty.xml", b"")]
    done = yuhu.add(study, files, skip_broken=True)
    assert [one.status for one in done] == ["added", "broken"]
    assert yuhu.open(study.path).scan("responses").collect().height == 1


def test_niconico(tmp_path):
    _, [batch], _ = read(write(tmp_path, "9.json", NICONICO))
    assert batch.responses["at_ms"].to_list() == [1500, 99990]
    assert batch.responses["fork"].to_list() == ["main", "owner"]
    assert [reject.why for reject in batch.rejects] == ["vpos is no number", "no text"]


def test_bilibili_comment_columns(tmp_path):
    _, [batch], facts = read(write(tmp_path, "film.json", COLUMNS))
    rows = batch.responses
    assert rows["text"].to_list() == ["我哭了", "心疼她"]
    assert rows["likes"].to_list() == [12, 12000]
    assert rows["sent_at"].dt.to_string("iso").to_list() == ["2023-08-30 04:00:00.000+00:00", None]
    assert [reject.place for reject in batch.rejects] == ["record 2"]
    assert facts.video_from == "file name"


def test_weibo(tmp_path):
    _, [posts], _ = read(write(tmp_path, "posts.json", POSTS))
    assert posts.responses["kind"].to_list() == ["post", "repost"]
    assert posts.responses["region"].to_list() == ["河北", None]
    assert posts.responses["root"].to_list() == ["post:P1", "post:P1"]
    assert posts.links.select("node", "parent", "kind").rows() == [("post:P2", "post:P1", "repost")]
    _, [comments], _ = read(write(tmp_path, "comments.json", COMMENTS))
    assert comments.responses["kind"].to_list() == ["comment", "reply"]
    assert comments.responses["parent"].to_list() == ["post:P1", "comment:c1"]
    assert comments.responses["region"].unique().to_list() == ["重庆"]


def test_weibo_threads_join(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "posts.json", POSTS), write(tmp_path, "comments.json", COMMENTS)])
    rows = yuhu.open(study.path).scan("responses").collect()
    ids = set(rows["response_id"])
    assert set(rows["parent_id"].drop_nulls()) <= ids
    assert set(rows["root_id"].drop_nulls()) == {"weibo:-:post:P1"}
    assert rows["video_id"].null_count() == rows.height


def test_hot_list(tmp_path):
    _, [batch], facts = read(write(tmp_path, "weibo_x.csv", HOTLIST))
    assert facts.platform == "weibo"
    assert (batch.seen, batch.kept) == (3, 2)
    assert batch.metrics.select("name", "value").rows() == [("rank", 3.0), ("heat", 1000.0), ("rank", 1.0), ("heat", 2500.0)]
    assert batch.metrics["subject"].unique().to_list() == ["topic:weibo:逃出大英博物馆"]
    assert str(batch.metrics["at"][0]) == "2023-08-30 00:00:00+00:00"


MAP = {"words": "text", "when": "sent_at", "who": "author"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "words,when,who\nhello,2023-08-30 08:00:00,x\n,2023-08-30 08:00:00,y\n"),
        ("a.tsv", "words\twhen\twho\nhello\t2023-08-30 08:00:00\tx\n\t2023-08-30 08:00:00\ty\n"),
        ("semi.csv", "words;when;who\nhello;2023-08-30 08:00:00;x\n;2023-08-30 08:00:00;y\n"),
        ("a.jsonl", '{"words": "hello", "when": "2023-08-30 08:00:00", "who": "x"}\n{"words": "", "when": null, "who": "y"}\n'),
        ("a.json", '[{"words": "hello", "when": "2023-08-30 08:00:00", "who": "x"}, {"words": null}]'),
    ],
)
def test_mapped_tables(tmp_path, name, content):
    _, batches, _ = read(write(tmp_path, name, content), mapping=MAP, tz="Asia/Shanghai", platform="douyin", video="7")
    rows = rows_of(batches)
    assert rows["text"].to_list() == ["hello"]
    assert str(rows["sent_at"][0]) == "2023-08-30 00:00:00+00:00"
    assert rows["author"].to_list() == ["x"]
    assert sum(batch.seen for batch in batches) == 2
    assert [reject.why for batch in batches for reject in batch.rejects] == ["no text"]


def test_mapped_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"words": ["hello", None], "s": [1.5, 2.0], "n": [3, 4]}).write_parquet(path)
    _, [batch], _ = read(path, mapping={"words": "text", "s": "at_s", "n": "likes"})
    assert batch.responses.select("text", "at_ms", "likes", "kind").rows() == [("hello", 1500, 3, "danmaku")]


def test_mapped_clock_epochs_and_ragged_lines(tmp_path):
    text = 't,c,s\na,1:02,1693400000\nb,x,1693400000000\n"c",00:01:00.5,0\nd,e\n'
    _, [batch], _ = read(write(tmp_path, "a.csv", text), mapping={"t": "text", "c": "at_clock", "s": "sent_at"})
    assert batch.responses["at_ms"].to_list() == [62000, 60500]
    assert batch.responses["sent_at"].dt.timestamp("ms").to_list() == [1693400000000, None]
    assert [reject.why for reject in batch.rejects] == ["2 cells, the header has 3", "media time is not understood"]


def test_mapped_metrics(study, tmp_path):
    path = write(tmp_path, "views.csv", 'who,time,views\nep1,2023-08-30T00:00:00Z,"1,200"\nep1,2023-08-30T01:00:00Z,x\n')
    [added] = yuhu.add(study, [path], mapping={"who": "subject", "time": "at", "views": "value"})
    assert (added.entry.kept, added.entry.rejected) == (1, 1)
    assert yuhu.open(study.path).scan("metrics").select("subject", "name", "value").collect().rows() == [("ep1", "views", 1200.0)]


@pytest.mark.parametrize(
    ("mapping", "tz", "code"),
    [
        ({"nope": "text"}, None, "YH102"),
        ({"words": "colour"}, None, "YH108"),
        ({"words": "text", "when": "text"}, None, "YH108"),
        ({"when": "sent_at"}, None, "YH108"),
        ({"words": "text", "when": "sent_at"}, None, "YH107"),
        ({"words": "text", "when": "sent_at"}, "Mars/Olympus", "YH107"),
    ],
)
def test_mapping_mistakes(study, tmp_path, mapping, tz, code):
    path = write(tmp_path, "a.csv", "words,when\nhello,2023-08-30 08:00:00\n")
    with pytest.raises(YuhuError) as error:
        yuhu.add(study, [path], mapping=mapping, tz=tz)
    assert code_of(error) == code


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        ("1,234", 1234),
        ("1.2万", 12000),
        ("3.4k", 3400),
        (7, 7),
        ("", None),
        ("-1", None),
        ("nan", None),
        (True, None),
        (None, None),
        ("1e400", None),
        ("２３", 23),
    ],
)
def test_whole(text, number):
    assert whole(text) == number


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(lambda text: text.strip())


@given(st.lists(st.tuples(st.integers(0, 3_600_000), TEXTS), min_size=1, max_size=8))
def test_law_xml_round_trip(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("xml")
    path = write(folder, "a.xml", danmaku_xml([(at / 1000, text, {}) for at, text in rows]))
    facts = Facts()
    batches = list(BilibiliDanmakuXml().read(Origin(path), facts))
    found = rows_of(batches)
    assert found["at_ms"].to_list() == [at for at, _ in rows]
    assert [text.strip() for text in found["text"]] == [text.strip() for _, text in rows]


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "id": st.integers() | st.none(),
                "vpos": st.integers(-10, 10**9) | st.none() | st.text(max_size=3),
                "content": st.text(max_size=8) | st.none(),
                "date": st.integers() | st.none(),
            }
        )
        | st.integers(),
        max_size=12,
    )
)
def test_law_nothing_is_lost(tmp_path_factory, records):
    folder = tmp_path_factory.mktemp("json")
    path = write(folder, "a.json", json.dumps(records).encode())
    from yuhu.sources.niconico import NiconicoFlatJson

    [batch] = NiconicoFlatJson().read(Origin(path), Facts())
    assert batch.seen == len(records) == batch.kept + len(batch.rejects)
    assert (0 if batch.responses is None else batch.responses.height) == batch.kept


def test_mapped_days_and_times_that_are_not_understood(tmp_path):
    mapping = {"t": "text", "s": "sent_at", "up": "parent", "k": "kind"}
    path = write(tmp_path, "a.csv", "t,s,up,k\na,2023-08-30,1,reply\nb,someday,2,repost\nc,,3,danmaku\n")
    _, [batch], facts = read(path, mapping=mapping, tz="UTC")
    assert facts.notes == ["1 times were not understood and are unknown"]
    assert batch.responses["parent"].to_list() == ["comment:1", "post:2", "danmaku:3"]
    days = write(tmp_path, "b.csv", "t,s,up,k\na,2023-08-30,1,reply\n")
    assert read(days, mapping=mapping, tz="UTC")[1][0].responses["sent_at_precision_s"].to_list() == [86400]


def test_a_mapping_leaves_xml_to_its_importer(tmp_path):
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "a", {})]))
    assert recognise(Origin(path, mapping={"x": "text"})).name == "bilibili_danmaku_xml.v1"


def test_the_fix_names_the_study(study, tmp_path):
    with pytest.raises(YuhuError) as error:
        yuhu.add(study, [write(tmp_path, "t.csv", "a,b\n1,2\n")])
    assert str(study.path) in error.value.fix


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b'[{"id": 1, "vpos": 3, "content": "a", "date": ' + b"9" * 400 + b"}]"),
        ("b.json", b'[{"id": 1, "vpos": 3, "content": "a", "user_id": [1]}]'),
        ("c.json", b'[{"id": "\\ud800", "vpos": 3, "content": "a\\ud800", "user_id": "\\udfff"}]'),
        ("d.json", b'[{"mblogid": "x\\ud800", "content": "a", "created_at": ["x"], "user": {"_id": "\\ud800"}}]'),
        ("e.json", b'{"text": ["a", "b"], "date": ["\\ud800", 5], "like": [{}, "1"]}'),
        ("f.json", '[{"id": 1, "vpos": 3, "content": "a\ufffe\uffff"}]'.encode("utf-8", "surrogatepass")),
    ],
)
def test_hostile_scalars_are_no_tracebacks(study, tmp_path, name, content):
    [added] = yuhu.add(study, [write(tmp_path, name, content)])
    assert added.entry.kept >= 1
    assert yuhu.run(yuhu.open(study.path)).is_file()


@pytest.mark.parametrize(
    ("name", "content", "said", "code"),
    [
        ("big.json", b'[{"id": ' + b"9" * 5000 + b', "vpos": 1, "content": "a"}]', {}, "YH106"),
        ("cols.json", b'{"text": ["a", "b"], "date": "x"}', {}, "YH106"),
        ("hex.csv", b"a,b\n1,2\n", {"encoding": "hex", "mapping": {"a": "text"}}, "YH105"),
    ],
)
def test_more_broken_input(study, tmp_path, name, content, said, code):
    with pytest.raises(YuhuError, match=code):
        yuhu.add(study, [write(tmp_path, name, content)], **said)


def test_parquet_with_odd_types(tmp_path):
    import datetime as dt

    path = tmp_path / "odd.parquet"
    frame = pl.DataFrame(
        {"t": ["a", "b"], "s": [dt.datetime.fromisoformat("2023-08-30"), None], "b": ["哭了".encode(), b"\xff"], "i": [12.0, 13.5]}
    )
    frame.with_columns(pl.col("s").dt.cast_time_unit("ns") + pl.duration(nanoseconds=1)).write_parquet(path)
    _, [batch], _ = read(path, mapping={"b": "text", "s": "sent_at", "i": "id"}, tz="Asia/Shanghai")
    assert batch.responses.select("text", "native").rows() == [("哭了", "12")]
    assert str(batch.responses["sent_at"][0]) == "2023-08-29 16:00:00+00:00"
    assert len(batch.rejects) == 1


def test_a_topic_with_a_noncharacter_does_not_stop_the_report(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "weibo_x.csv", HOTLIST.replace("逃出大英博物馆", "逃\ufffe出\uffff"))])
    assert yuhu.run(yuhu.open(study.path)).is_file()

"""Hot lists, retention curves, counts over time and links between posts: each layout, what is kept, and what is refused."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files import HOTLIST, write
from reading import golden_of, read, table
from scrubbed import ANYTHING, assert_maps_again, broken_up
from yuhu.core.contracts import Facts, Head, Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.addresses import address
from yuhu.sources.flat import alike, number
from yuhu.sources.hotlists import HotListCsv
from yuhu.sources.hotlists_json import HotListJson
from yuhu.sources.link_tables import LinkTable
from yuhu.sources.metric_tables import MetricTable
from yuhu.sources.records import Reading
from yuhu.sources.retention import RetentionCurve
from yuhu.testing import check_importer


def extparam(time, rank=None):
    said = f"seat%3D1%26display_time%3D{time}" + (f"%26band_rank%3D{rank}%26realpos%3D{rank}" if rank else "")
    return f"https://m.weibo.cn/search?containerid=1&q=%23x%23&extparam={said}&luicode=1"


WEIBO_DAY = [
    {"title": "pinned by the platform", "category": "社会", "url": extparam(1693235049), "ads": False},
    {"title": "逃出大英博物馆", "category": "社会", "url": extparam(1693235049, 1), "ads": False, "hot": 2615637},
    {"title": "某剧开播", "category": "剧集", "url": extparam(1693206249, 48), "ads": False, "hot": "剧集 125425"},
    {"title": "buy this", "category": "数码", "url": extparam(1693235049, 7), "ads": True},
    {"title": "", "url": "", "ads": False, "hot": 1},
    {"title": "no address", "category": "社会", "url": "", "ads": False, "hot": 5},
]
DOUYIN = {
    "status_code": 0,
    "data": {
        "active_time": "2023-09-01 19:00:00",
        "word_list": [
            {
                "word": "逃出大英博物馆为何爆火",
                "position": 5,
                "hot_value": 10614180,
                "view_count": 57026425,
                "video_count": 17,
                "event_time": 1693532994,
            },
            {"word": "美食", "position": 14, "hot_value": 8945361, "event_time": 1693882517},
        ],
        "trending_list": [{"word": "rising", "hot_value": 1}],
    },
}
ZHIHU = {
    "data": [
        {
            "type": "hot",
            "target": {"id": 1, "title": "如何看待?", "answer_count": 16, "author": {"name": "SECRET"}},
            "detail_text": "43 万热度",
        },
        {
            "type": "hot",
            "target": {
                "title_area": {"text": "另一个"},
                "metrics_area": {"text": "1.2 亿热度"},
                "link": {"url": "https://www.zhihu.com/question/1"},
            },
        },
    ]
}
BILIBILI = {
    "code": 0,
    "timestamp": 1693400000,
    "list": [{"keyword": "入海", "show_name": "入海", "pos": 1, "heat_score": 900}, {"keyword": "x", "pos": 2, "heat_score": 800}],
}
DAILY_API = {
    "code": 200,
    "name": "weibo",
    "updateTime": "2023-08-30T00:00:00.000Z",
    "data": [{"id": 1, "title": "first", "hot": 10, "timestamp": 1600000000000}, {"id": 2, "title": "second", "hot": 5}],
}
SNAPSHOTS = [
    {"time": "2023-08-30 08:00", "data": [{"title": "a", "hot": 10}, {"title": "b", "hot": 9}]},
    {"time": "2023-08-30 09:00", "data": [{"title": "b", "hot": 11}]},
]
BY_TIME = {"2023-08-30 08:00:00": [{"title": "a", "heat": "1.2万"}], "2023-08-30 09:00:00": [{"title": "a", "heat": "3万"}]}
FROM_ZERO = [{"word": "a", "rank": 0, "num": 10, "raw_hot": 10}, {"word": "b", "rank": 1, "num": 9, "raw_hot": 9}]

RETENTION = (
    "Video position (%),Absolute audience retention (%),Relative audience retention (%)\n0,116.35,50\n1,98.2,\n50,,1\n99,40,1\n101,1,1\n"
)
RETENTION_ZH = "视频位置（%）,绝对观众留存率（%）\n0,100\n50%,61.5%\n"
API = {
    "kind": "youtubeAnalytics#resultTable",
    "columnHeaders": [{"name": "elapsedVideoTimeRatio"}, {"name": "audienceWatchRatio"}, {"name": "relativeRetentionPerformance"}],
    "rows": [[0.01, 1.2, 0.5], [0.5, 0.6, 0.4], [1.0, 0.2, 0.3]],
}
CHART = (
    "Date,Content,Video title,Video publish time,Duration,Views,Watch time (hours),Subscribers,Impressions click-through rate (%),Average view duration\n"
    '2023-08-30,dQw4w9WgXcQ,Escape,"Aug 30, 2023",500,"1,200",12.5,-3,4.5,0:03:12\n'
    '2023-08-31,dQw4w9WgXcQ,Escape,"Aug 30, 2023",500,800,8,2,4,0:02:00\n'
    "Total,,,,,2000,20.5,-1,,\n"
)
TABLE_DATA = (
    'Content,Video title,Video publish time,Views,Watch time (hours)\nTotal,,,2000,20.5\ndQw4w9WgXcQ,Escape,"Aug 30, 2023",2000,20.5\n'
)
FOLLOWERS = "日期,平台,账号,粉丝数,净增粉丝\n2023-08-30,抖音,SECRETPERSON,1.2万,\n2023-08-31,快手,SECRETPERSON,5000,-20\n2023/09/01,抖音,SECRETPERSON,—,\n昨天,抖音,SECRETPERSON,5,1\n"
LINKS = (
    "source,target,kind,time,note\n"
    "https://www.bilibili.com/video/BV1xx411c7mD?spm_id_from=333,https://www.douyin.com/video/7273000000000000001,配音,2023-09-01 08:00,x\n"
    "https://www.tiktok.com/@secret.user/video/7273000000000000002,https://youtu.be/dQw4w9WgXcQ,Remix,2023-09-01T08:00:00Z,x\n"
    "https://weibo.com/1234567890/MxYz12345?refer_flag=1,https://m.weibo.cn/status/4940000000000000,转发,,x\n"
    "https://news.example.org/a/1?id=5&utm_source=x&token=SECRETTOKEN,bilibili:BV1xx411c7mD,新闻,,x\n"
    ",BV1xx411c7mD,remix,,x\n"
    "BV1xx411c7mD,BV1xx411c7mD,remix,,x\n"
)
GRAPH = {
    "nodes": [{"id": "BV1xx411c7mD"}, {"id": "BV1yy411c7mD"}],
    "links": [
        {"source": "BV1yy411c7mD", "target": {"id": "BV1xx411c7mD"}, "type": "二创"},
        {"source": "comment:11", "target": "comment:10"},
    ],
}


def metrics(batches):
    return table(batches, "metrics").select("subject", pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S"), "name", "value").rows()


def why(batches):
    return [(reject.place, reject.why) for batch in batches for reject in batch.rejects]


FILES = {
    "weibo_hot.csv": (HOTLIST, HotListCsv, {}),
    "weibo_2023-08-28.json": (WEIBO_DAY, HotListJson, {}),
    "douyin_hot.json": (DOUYIN, HotListJson, {}),
    "hot_2023-08-28T0800.json": (ZHIHU, HotListJson, {}),
    "curve [dQw4w9WgXcQ].csv": ("# Duration: 8:20\n\n" + RETENTION, RetentionCurve, {}),
    "Chart data.csv": (CHART, MetricTable, {}),
    "Content 2023-08-01_2023-08-31.csv": (TABLE_DATA, MetricTable, {}),
    "followers.csv": (FOLLOWERS, MetricTable, {}),
    "links.csv": (LINKS, LinkTable, {"tz": "Asia/Shanghai"}),
    "graph.json": (GRAPH, LinkTable, {}),
}


@pytest.mark.parametrize("name", FILES)
def test_contract_golden_and_the_raw_copy(tmp_path, golden, name):
    content, made, said = FILES[name]
    path = write(tmp_path, name, content)
    importer, _, _ = read(path, **said)
    assert type(importer) is made
    check_importer(importer, path, origin=Origin(path, **said))
    golden("metrics/" + re.sub(r"\W+", "_", name), golden_of(path, **said))
    copy = assert_maps_again(path, **said)
    for secret in ("SECRETPERSON", "SECRETTOKEN", "secret.user"):
        assert secret not in copy


# hot lists


def test_weibo_day_file(tmp_path):
    _, batches, facts = read(write(tmp_path, "weibo_2023-08-28.json", WEIBO_DAY))
    assert metrics(batches) == [
        ("topic:weibo:逃出大英博物馆", "2023-08-28T15:04:09", "rank", 1),
        ("topic:weibo:逃出大英博物馆", "2023-08-28T15:04:09", "heat", 2615637),
        ("topic:weibo:某剧开播", "2023-08-28T07:04:09", "rank", 48),
        ("topic:weibo:某剧开播", "2023-08-28T07:04:09", "heat", 125425),
        ("topic:weibo:no address", "2023-08-27T16:00:00", "heat", 5),
    ]
    assert [reason for _, reason in why(batches)] == ["neither rank nor heat", "an advertisement", "no title"]
    assert facts.notes == ["2 times are those of the file's name: 2023-08-27T16:00:00Z, known to the day only"]


def test_douyin_answer(tmp_path):
    _, batches, facts = read(write(tmp_path, "hot.json", DOUYIN), platform="douyin")
    found = metrics(batches)
    assert [row for row in found if "爆火" in row[0]] == [
        ("topic:douyin:逃出大英博物馆为何爆火", "2023-09-01T11:00:00", name, value)
        for name, value in (("rank", 5), ("heat", 10614180), ("views", 57026425), ("videos", 17))
    ]
    assert len(found) == 6
    assert facts.platform == "douyin"


def test_zhihu_answer(tmp_path):
    _, batches, _ = read(write(tmp_path, "hot_2023-08-28T0800.json", ZHIHU))
    assert metrics(batches) == [
        ("topic:zhihu:如何看待?", "2023-08-28T00:00:00", "rank", 1),
        ("topic:zhihu:如何看待?", "2023-08-28T00:00:00", "heat", 430_000),
        ("topic:zhihu:如何看待?", "2023-08-28T00:00:00", "answers", 16),
        ("topic:zhihu:另一个", "2023-08-28T00:00:00", "rank", 2),
        ("topic:zhihu:另一个", "2023-08-28T00:00:00", "heat", 120_000_000),
    ]


def test_bilibili_answer(tmp_path):
    _, batches, _ = read(write(tmp_path, "bilibili.json", BILIBILI))
    assert metrics(batches)[:2] == [
        ("topic:bilibili:入海", "2023-08-30T12:53:20", "rank", 1),
        ("topic:bilibili:入海", "2023-08-30T12:53:20", "heat", 900),
    ]


def test_snapshots_in_envelopes(tmp_path):
    _, batches, _ = read(write(tmp_path, "weibo.json", DAILY_API))
    assert metrics(batches) == [
        ("topic:weibo:first", "2023-08-30T00:00:00", "rank", 1),
        ("topic:weibo:first", "2023-08-30T00:00:00", "heat", 10),
        ("topic:weibo:second", "2023-08-30T00:00:00", "rank", 2),
        ("topic:weibo:second", "2023-08-30T00:00:00", "heat", 5),
    ]
    expected = [
        ("topic:weibo:a", "2023-08-30T00:00:00", "rank", 1),
        ("topic:weibo:a", "2023-08-30T00:00:00", "heat", 10),
        ("topic:weibo:b", "2023-08-30T00:00:00", "rank", 2),
        ("topic:weibo:b", "2023-08-30T00:00:00", "heat", 9),
        ("topic:weibo:b", "2023-08-30T01:00:00", "rank", 1),
        ("topic:weibo:b", "2023-08-30T01:00:00", "heat", 11),
    ]
    assert metrics(read(write(tmp_path, "weibo.json", SNAPSHOTS))[1]) == expected
    assert metrics(read(write(tmp_path, "weibo.json", "\n".join(map(json.dumps, SNAPSHOTS))))[1]) == expected
    assert metrics(read(write(tmp_path, "weibo.json", BY_TIME))[1]) == [
        ("topic:weibo:a", "2023-08-30T00:00:00", "rank", 1),
        ("topic:weibo:a", "2023-08-30T00:00:00", "heat", 12_000),
        ("topic:weibo:a", "2023-08-30T01:00:00", "rank", 1),
        ("topic:weibo:a", "2023-08-30T01:00:00", "heat", 30_000),
    ]


def test_ranks_that_count_from_zero(tmp_path):
    _, batches, _ = read(write(tmp_path, "weibo_20230830.json", FROM_ZERO))
    assert [row[3] for row in metrics(batches) if row[2] == "rank"] == [1, 2]


def test_a_hot_list_without_a_time_is_refused(tmp_path):
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, "hot.json", ZHIHU))
    assert error.value.code == "YH102"
    with pytest.raises(YuhuError) as error:
        list(HotListCsv().read(Origin(write(tmp_path, "hot.csv", "title,hot\na,1\n")), Facts()))
    assert error.value.code == "YH102"


def test_a_csv_of_one_moment(tmp_path):
    _, batches, facts = read(write(tmp_path, "douyin_2023-08-28.csv", "排名\t标题\t热度\n1\ta\t1.2万\n2\tb\t\n0\t\t5\n"))
    assert metrics(batches) == [
        ("topic:douyin:a", "2023-08-27T16:00:00", "rank", 1),
        ("topic:douyin:a", "2023-08-27T16:00:00", "heat", 12_000),
        ("topic:douyin:b", "2023-08-27T16:00:00", "rank", 2),
    ]
    assert why(batches) == [("line 4", "no title")]
    assert "known to the day only" in facts.notes[-1]


@pytest.mark.parametrize(
    ("name", "seen", "kept", "rows"),
    [
        ("hourly_daily_lists_matches", 417, 23, 23),
        ("weibo_xiadd_hourly_matches", 308, 308, 616),
        ("zhihu_hot_hub_hourly_matches", 62, 62, 124),
    ],
)
def test_real_csv_hot_lists_are_as_before(shared, name, seen, kept, rows):
    path = shared / f"hotlists/{name}.csv"
    _, batches, _ = read(path)
    assert (batches[0].seen, batches[0].kept, batches[0].metrics.height) == (seen, kept, rows)
    assert_maps_again(path)


def test_the_transcribed_douyin_list(shared):
    _, batches, facts = read(shared / "hotlists/douyin_snapshots_transcribed.csv")
    found = metrics(batches)
    assert found[0] == ("topic:douyin:逃出大英博物馆引热议", "2023-08-30T23:14:48", "rank", 46)
    assert ("topic:douyin:逃出大英博物馆大结局", "2023-09-04T16:00:00", "heat", 9559722) in found
    assert len(found) == 13
    assert facts.notes[-1] == "3 times are known to the day only"


def test_real_day_files(shared):
    days = sorted((shared / "hotlists/weibo_daily").glob("*.json"))
    assert len(days) == 24
    kept = 0
    for path in days:
        importer, batches, facts = read(path)
        assert (importer.name, facts.platform) == ("hot_list_json.v1", "weibo")
        assert {reason for _, reason in why(batches)} == {"an advertisement", "neither rank nor heat"}
        ranks = table(batches, "metrics").filter(name="rank")
        day = path.stem[-10:]
        assert ranks["at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d").unique().to_list() == [day]
        listed = [one for one in json.loads(path.read_text("utf-8")) if not one["ads"]]
        assert batches[0].kept == sum("hot" in one or "band_rank" in one["url"] for one in listed)
        kept += batches[0].kept
    assert kept == 8411
    assert_maps_again(days[0])


# retention


def test_retention_in_percent(tmp_path):
    path = write(tmp_path, "curve [dQw4w9WgXcQ].csv", "# Duration: 8:20\n\n" + RETENTION)
    _, batches, facts = read(path)
    assert table(batches, "exposure").rows() == [
        ("youtube", "dQw4w9WgXcQ", 0, 1.1635),
        ("youtube", "dQw4w9WgXcQ", 5000, 0.982),
        ("youtube", "dQw4w9WgXcQ", 495_000, 0.4),
    ]
    assert why(batches) == [("line 6", "the retention is no number"), ("line 8", "the position is not understood")]
    assert facts.video_from == "file name"


def test_the_length_of_the_video_is_needed(tmp_path):
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, "curve.csv", RETENTION))
    assert (error.value.code, "--duration 8:20" in error.value.fix) == ("YH102", True)


def test_the_length_may_be_said(tmp_path):
    origin = Origin(write(tmp_path, "BV1xx411c7mD.csv", RETENTION_ZH), duration="0:50")
    batches = list(RetentionCurve().read(origin, Facts()))
    assert table(batches, "exposure").rows() == [("bilibili", "BV1xx411c7mD", 0, 1.0), ("bilibili", "BV1xx411c7mD", 25_000, 0.615)]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Time (seconds),Audience retention (%)\n0,100\n1.5,80\n", [(0, 1.0), (1500, 0.8)]),
        ("at_ms,retention\n0,1.2\n1500,0.8\n", [(0, 1.2), (1500, 0.8)]),
        ("time;retention\n0:00;100\n1:05;80\n", [(0, 1.0), (65_000, 0.8)]),
        ("position,retention,duration\n0,1,50\n0.5,0.8,50\n1,0.25,50\n", [(0, 1.0), (25_000, 0.8), (50_000, 0.25)]),
        ("position,retention,duration_ms\n0,1,50000\n50,0.8,50000\n100,0.25,50000\n", [(0, 1.0), (25_000, 0.8), (50_000, 0.25)]),
        ("Video position (%),Video position (seconds),Absolute audience retention (%)\n1,5,90\n", [(5000, 0.9)]),
        ("時間,x\n", None),
        ("進度,x\n", None),
        ("進捗,視聴者維持率 (%)\n", None),
        ("動画の位置 (%),視聴者維持率 (%),duration\n50,90,10\n", [(5000, 0.9)]),
    ],
)
def test_units_of_retention(tmp_path, text, rows):
    head = Head("a.csv", text.encode(), len(text))
    assert (RetentionCurve().sniff(head) > 0) == (rows is not None)
    if rows is not None:
        _, batches, _ = read(write(tmp_path, "a.csv", text))
        assert table(batches, "exposure").select("at_ms", "retention").rows() == rows


def test_an_unclear_unit_is_refused(tmp_path):
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, "a.csv", "position,retention\n0,1\n55,0.8\n"))
    assert (error.value.code, "position (s)" in error.value.fix) == ("YH102", True)


def test_retention_as_the_api_answers(tmp_path):
    path = write(tmp_path, "a.json", API)
    facts = Facts()
    with pytest.raises(YuhuError, match="length"):
        read(path)
    rows = {**API, "columnHeaders": [*API["columnHeaders"], {"name": "duration"}], "rows": [[*row, 100] for row in API["rows"]]}
    importer, batches, facts = read(write(tmp_path, "a.json", rows))
    assert importer.name == "retention_table.v1"
    assert table(batches, "exposure").select("at_ms", "retention").rows() == [(1000, 1.2), (50_000, 0.6), (100_000, 0.2)]
    assert facts.platform == "youtube"


def test_parts_of_the_audience_and_repeated_positions(tmp_path):
    text = "Time (s),Retention (%),Subscription status\n0,100,Total\n0,90,Total\n1,80,Subscribed\n2,2000,Total\n"
    _, batches, _ = read(write(tmp_path, "a.csv", text))
    assert table(batches, "exposure")["at_ms"].to_list() == [0]
    assert [reason for _, reason in why(batches)] == [
        "a second value at the same position",
        "a part of the audience",
        "the retention is out of range",
    ]


# counts over time


def test_youtube_studio_chart(tmp_path):
    _, batches, facts = read(write(tmp_path, "Chart data.csv", CHART))
    rows = table(batches, "metrics")
    assert rows["video"].unique().to_list() == ["dQw4w9WgXcQ"]
    assert dict(rows.head(5).select("name", "value").rows()) == {
        "new_views": 1200,
        "watch_time_hours": 12.5,
        "net_followers": -3,
        "click_through_share": 0.045,
        "average_view_duration_s": 192,
    }
    assert rows["at"].dt.strftime("%H:%M").unique().to_list() == ["07:00"]  # midnight in California
    videos = table(batches, "videos")
    assert videos.select("video", "title", pl.col("published_at").dt.strftime("%m-%d %H:%M")).rows() == [
        ("dQw4w9WgXcQ", "Escape", "08-30 07:00")
    ]
    assert why(batches) == [("line 4", "a total, not a row of its own")]
    assert "not totals" in facts.notes[-1]
    assert facts.platform == "youtube"


def test_youtube_studio_without_dates(tmp_path):
    _, batches, _ = read(write(tmp_path, "Content 2023-08-01_2023-08-31.csv", TABLE_DATA))
    rows = table(batches, "metrics")
    assert rows["at"].dt.strftime("%m-%d %H:%M").unique().to_list() == ["08-31 07:00"]
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, "Table data.csv", TABLE_DATA))
    assert error.value.code == "YH102"


def test_followers_of_accounts(tmp_path):
    _, batches, _ = read(write(tmp_path, "followers.csv", FOLLOWERS))
    rows = table(batches, "metrics").select("platform", "account", pl.col("at").dt.strftime("%m-%d %H:%M"), "name", "value").rows()
    assert rows == [
        ("douyin", "SECRETPERSON", "08-29 16:00", "followers", 12_000),
        ("kuaishou", "SECRETPERSON", "08-30 16:00", "followers", 5000),
        ("kuaishou", "SECRETPERSON", "08-30 16:00", "net_followers", -20),
    ]
    assert sorted(why(batches)) == [("line 4", "no count"), ("line 5", "the time is not understood")]
    assert {batch.raw.platform for batch in batches} == {"douyin", "kuaishou"}
    assert {record.get("account") for batch in batches for record in batch.raw.records} == {"SECRETPERSON"}


def test_counts_by_video_and_account(tmp_path):
    text = "date,video_id,user_name,account,views,followers\n2023-08-30,BV1xx411c7mD,SECRET,77,5,9\n"
    path = write(tmp_path, "m.csv", text)
    _, batches, _ = read(path)
    assert table(batches, "metrics").select("platform", "video", "account", "name", "value").rows() == [
        ("bilibili", None, "77", "followers", 9),
        ("bilibili", "BV1xx411c7mD", None, "views", 5),
    ]
    assert "SECRET" not in assert_maps_again(path)


def test_counts_of_a_whole_table(tmp_path):
    _, batches, _ = read(write(tmp_path, "s1.csv", "date,views,other\n2023-08-30T00:00:00Z,5,x\n"), platform="douyin")
    assert metrics(batches) == [("table:douyin:s1", "2023-08-30T00:00:00", "views", 5)]
    _, batches, _ = read(tmp_path / "s1.csv", platform="douyin", video="9")
    assert table(batches, "metrics").select("platform", "video").rows() == [("douyin", "9")]


def test_counts_need_a_zone(tmp_path):
    path = write(tmp_path, "s1.csv", "date,views\n2023-08-30,5\n")
    with pytest.raises(YuhuError) as error:
        read(path)
    assert error.value.code == "YH107"
    assert metrics(read(path, tz="Asia/Tokyo")[1])[0][1] == "2023-08-29T15:00:00"


@pytest.mark.parametrize(
    "text",
    [
        "时间,评论,点赞数\n2023-08-30,我哭了,3\n",
        "timestamp,body,likes,comments\n2023-08-30,hello,3,1\n",
        "date,a,b,c,d,views\n2023-08-30,1,2,3,4,5\n",
        "videoId,publishedAt,viewCount\nx,2023-08-30T00:00:00Z,5\n",
        "date,content,likes\n2023-08-30,hi,5\n",
        "内容,时间,昵称,点赞\n她回家了,2023-08-30 10:00,张三,5\n",
        '{"text": "x", "date": "2023-08-30", "likes": 3}\n',
        '[{"comments": "x y", "date": "2023-08-30", "likes": 3}]',
    ],
)
def test_messages_are_no_counts(text):
    assert MetricTable().sniff(Head("a.csv", text.encode(), len(text))) == 0


# links


def test_links_by_address(tmp_path):
    _, batches, facts = read(write(tmp_path, "links.csv", LINKS), tz="Asia/Shanghai")
    rows = table(batches, "links").select("platform", "node", "parent", "kind", pl.col("sent_at").dt.strftime("%dT%H")).rows()
    assert rows == [
        ("bilibili", "video:BV1xx411c7mD", "id:douyin:7273000000000000001", "dub", "01T00"),
        ("tiktok", "video:7273000000000000002", "id:youtube:dQw4w9WgXcQ", "remix", "01T08"),
        ("weibo", "post:MxYz12345", "post:4940000000000000", "repost", None),
        ("bilibili", "url:news.example.org/a/1?id=5", "video:BV1xx411c7mD", "news", None),
    ]
    assert [reason for _, reason in why(batches)] == ["one of the posts is missing", "a post cannot derive from itself"]
    assert facts.notes == ["a post in `source` is taken to derive from the one in `target`"]


def test_links_of_a_graph(tmp_path):
    _, batches, _ = read(write(tmp_path, "graph.json", GRAPH))
    assert table(batches, "links").select("platform", "node", "parent", "kind").rows() == [
        ("bilibili", "video:BV1yy411c7mD", "video:BV1xx411c7mD", "remix"),
        ("links", "comment:11", "comment:10", "link"),
    ]


def test_links_with_platforms_and_actors(tmp_path):
    text = "node,parent,platform,target_platform,role,date\n1,2,抖音,快手,Creator,2023-08-30\nhttps://x.com/a/status/123456,9,,,,\n"
    _, batches, _ = read(write(tmp_path, "links.csv", text))
    assert table(batches, "links").select("platform", "node", "parent", "actor", "kind").rows() == [
        ("douyin", "video:1", "id:kuaishou:2", "creator", "link"),
        ("x", "post:123456", "video:9", None, "link"),
    ]
    _, batches, _ = read(tmp_path / "links.csv", platform="weibo", video="7")
    assert table(batches, "links").select("platform", "video", "node").rows()[1] == ("weibo", "7", "x:-:post:123456")


def test_links_need_a_zone(tmp_path):
    with pytest.raises(YuhuError) as error:
        read(write(tmp_path, "links.csv", "node,parent,time\nyoutube:a,youtube:b,2023-08-30 08:00\n"))
    assert error.value.code == "YH107"


@pytest.mark.parametrize(
    ("text", "platform", "name"),
    [
        ("https://www.bilibili.com/video/av170001/?p=2", "bilibili", "video:av170001"),
        ("m.bilibili.com/video/BV1xx411c7mD", "bilibili", "video:BV1xx411c7mD"),
        ("https://www.douyin.com/discover?modal_id=7273000000000000001", "douyin", "video:7273000000000000001"),
        ("https://www.iesdouyin.com/share/video/7273000000000000001/?region=CN", "douyin", "video:7273000000000000001"),
        ("https://www.youtube.com/watch?feature=x&v=dQw4w9WgXcQ&t=5", "youtube", "video:dQw4w9WgXcQ"),
        ("https://youtube.com/shorts/dQw4w9WgXcQ", "youtube", "video:dQw4w9WgXcQ"),
        ("https://www.tiktok.com/@person_0a1b2c3d/video/7273000000000000002", "tiktok", "video:7273000000000000002"),
        ("https://weibo.com/person_0a1b2c3d/MxYz12345", "weibo", "post:MxYz12345"),
        ("https://weibo.com/detail/4940000000000000", "weibo", "post:4940000000000000"),
        ("https://www.xiaohongshu.com/explore/64f0000000000000000000aa?xsec_token=SECRET", "xiaohongshu", "post:64f0000000000000000000aa"),
        ("https://www.xiaohongshu.com/discovery/item/64f0000000000000000000aa", "xiaohongshu", "post:64f0000000000000000000aa"),
        ("https://twitter.com/someone/status/1697000000000000000", "x", "post:1697000000000000000"),
        ("https://b23.tv/abc", "", "url:b23.tv/abc"),
        ("https://evil.org/?next=https://youtu.be/dQw4w9WgXcQ", "", "url:evil.org/?next=https%3A%2F%2Fyoutu.be%2FdQw4w9WgXcQ"),
        ("https://[bad", "", "url:[bad"),
        ("weibo:post:Mx1", "weibo", "post:Mx1"),
        ("抖音:7273", "douyin", "video:7273"),
        ("comment:5", "", "comment:5"),
        ("12345", "", "video:12345"),
    ],
)
def test_addresses(text, platform, name):
    found = address(text)
    assert (found.platform, found.name) == (platform, name)
    assert address(found.text) == found


def test_no_address():
    assert address("") is None
    assert address("two words") is None


# the reading of flat tables


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234", 1234),
        ("1.2万", 12_000),
        ("43 万", 430_000),
        ("3.4k", 3400),
        ("95,3%", 95.3),
        ("-5", -5),
        ("1 234 567", 1_234_567),
        ("", None),
        ("—", None),
        ("1.2.3", None),
        ("nan", None),
        (True, None),
        (None, None),
        (float("nan"), None),
        (10**400, None),
        ("9" * 59, None),
    ],
)
def test_numbers(text, value):
    assert number(text) == value


def test_names_made_alike():
    assert {alike(name) for name in ("Watch time (hours)", "watch_time(hours)", "watchTime（hours）", '"Watch  Time" (Hours)')} == {
        "watch time(hours)",
        'watch time"(hours)',
    }


@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_ragged_lines_are_rejects(tmp_path, separator):
    rows = [
        ("node", "parent"),
        ("BV1xx411c7mD", "BV1yy411c7mD"),
        ("only one",),
        ("BV1xx411c7mD", "BV1zz411c7mD", "three"),
        (),
        ("BV1xx411c7mD", "BV1zz411c7mD", ""),
    ]
    _, batches, _ = read(write(tmp_path, "l.csv", "\n".join(separator.join(row) for row in rows)))
    assert why(batches) == [("line 3", "1 cells, the header has 2"), ("line 4", "3 cells, the header has 2")]
    assert table(batches, "links").height == 2


NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=8)


@given(
    st.lists(
        st.tuples(NAMES, st.integers(1, 50), st.integers(0, 10**9), st.integers(1_600_000_000, 1_700_000_000)), min_size=1, max_size=12
    )
)
def test_hot_list_round_trip(tmp_path, topics):
    listed = [{"title": f"t{title}", "rank": rank, "hot_value": heat, "crawl_time": time} for title, rank, heat, time in topics]
    _, batches, _ = read(write(tmp_path, "weibo.json", listed))
    rows = table(batches, "metrics").select("subject", pl.col("at").dt.timestamp("ms"), "name", "value").rows()
    assert rows == [
        (f"topic:weibo:t{title}", time * 1000, name, value)
        for title, rank, heat, time in topics
        for name, value in (("rank", rank), ("heat", heat))
    ]


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 3000)), min_size=1, max_size=20, unique_by=lambda point: point[0]))
def test_retention_round_trip(tmp_path, points):
    text = "at_ms,retention (%)\n" + "".join(f"{at},{share / 10}\n" for at, share in points)
    rows = table(read(write(tmp_path, "a.csv", text))[1], "exposure").select("at_ms", "retention").rows()
    assert rows == [(at, pytest.approx(share / 1000)) for at, share in points]


@given(st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 10**12), NAMES), min_size=1, max_size=12))
def test_counts_round_trip(tmp_path, counts):
    text = "date,account,followers\n" + "".join(f"{1_600_000_000 + day * 86400},{name},{value}\n" for day, value, name in counts)
    rows = table(read(write(tmp_path, "a.csv", text), platform="douyin")[1], "metrics").select(
        pl.col("at").dt.timestamp("ms"), "account", "name", "value"
    )
    assert rows.rows() == [((1_600_000_000 + day * 86400) * 1000, name, "followers", value) for day, value, name in counts]


@given(st.lists(st.tuples(st.integers(1, 10**18), st.integers(1, 10**18)), min_size=1, max_size=12))
def test_links_round_trip(tmp_path, pairs):
    text = "node,parent\n" + "".join(f"https://www.douyin.com/video/7{a:018d},https://weibo.com/detail/{b:012d}\n" for a, b in pairs)
    rows = table(read(write(tmp_path, "a.csv", text))[1], "links").select("platform", "node", "parent").rows()
    assert rows == [("douyin", f"video:7{a:018d}", f"weibo:-:post:{b:012d}") for a, b in pairs]


HOSTILE = [
    (
        HotListJson,
        {**WEIBO_DAY[1], "snapshot_time": "2023-08-30", "list_position": 1, "platform": "weibo"},
        {"platform": "weibo", "at": "1693400000000"},
    ),
    (HotListJson, ZHIHU["data"][1], {"ranks": "from 0"}),
    (
        RetentionCurve,
        {"position": "1", "retention": "50", "duration": "60"},
        {"position": "position", "retention": "retention", "position unit": "percent", "duration column": "duration", "video": "v"},
    ),
    (
        MetricTable,
        {"date": "2023-08-30", "video": "v", "account": "a", "platform": "p", "video title": "t", "views": "5", "followers": 3},
        {f"column of {name}": name for name in ("date", "video", "account", "platform")} | {"column of title": "video title"},
    ),
    (
        LinkTable,
        {"node": "https://youtu.be/dQw4w9WgXcQ", "parent": {"id": "x"}, "kind": "remix", "time": "2023-08-30", "actor": "user"},
        {"node": "node", "parent": "parent"} | {f"column of {name}": name for name in ("kind", "time", "actor")},
    ),
]


@pytest.mark.parametrize(("made", "record", "context"), HOSTILE)
@given(data=st.data())
def test_hostile_records_never_raise(made, record, context, data):
    hostile = data.draw(broken_up(record) | st.dictionaries(st.sampled_from(list(record)), ANYTHING))
    reading = Reading(Origin(Path("a")), Facts(context=dict(context)))
    for _ in range(2):
        reason = made().rows(json.loads(json.dumps(hostile, default=str)), reading)
        assert reason is None or reason
    assert all(frame.height for frame in reading.rows.frames().values())


@given(st.sampled_from([HOTLIST, RETENTION, CHART, FOLLOWERS, LINKS]), st.text(max_size=60), st.integers(0, 400))
def test_broken_tables_keep_the_law(tmp_path, text, junk, at):
    path = tmp_path / "2023-08-30.csv"
    path.write_text(text[:at] + junk + text[at:], "utf-8", errors="replace")
    for importer in (HotListCsv(), RetentionCurve(), MetricTable(), LinkTable()):
        try:
            batches = list(importer.read(Origin(path, tz="UTC"), Facts()))
        except YuhuError:
            continue
        assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)


@given(st.sampled_from([WEIBO_DAY, DOUYIN, ZHIHU, BILIBILI, DAILY_API, SNAPSHOTS, BY_TIME, API, GRAPH]), st.data())
def test_hostile_documents_keep_the_law(tmp_path, document, data):
    hostile = json.dumps({"": data.draw(broken_up({"": document}))}.get("", {}).get("", None), default=str)
    path = write(tmp_path, "2023-08-30.json", hostile)
    for importer in (HotListJson(), RetentionCurve(), MetricTable(), LinkTable()):
        try:
            batches = list(importer.read(Origin(path, tz="UTC"), Facts()))
        except YuhuError:
            continue
        assert all(batch.seen == batch.kept + len(batch.rejects) for batch in batches)

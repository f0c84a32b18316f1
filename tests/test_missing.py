"""What is missing from a sample, in figures and words, and bounds for what was not exported."""

import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from files import COMMENTS, danmaku_xml, write
from yuhu.cli.app import invoke
from yuhu.core.errors import YuhuError
from yuhu.reporting.missing import SENTENCES, sentences
from yuhu.stats.bounds import export_bounds
from yuhu.study.coverage import Finding, findings, totals
from yuhu.study.manifest import read_manifest


def test_bounds_by_hand():
    low, high = export_bounds(np.array([0.25, 0.5, 1.0, 0.0]), np.array([40, 10, 5, 0]), np.array([100, 10, 4, 7]))
    assert low.tolist() == pytest.approx([0.1, 0.5, 1.0, 0.0])
    assert high.tolist() == pytest.approx([0.7, 0.5, 1.0, 1.0])


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200))
def test_law_bounds_hold_whatever_was_not_exported(hits, misses, unseen):
    n = hits + misses
    share = hits / n if n else 0.0
    [low], [high] = export_bounds(np.array([share]), np.array([n]), np.array([n + unseen]))
    for extra in (0, unseen // 2, unseen):
        if n + unseen:
            assert low - 1e-9 <= (hits + extra) / (n + unseen) <= high + 1e-9
    assert low <= share <= high


def test_bounds_refuse_what_is_no_share():
    with pytest.raises(YuhuError, match="YH303"):
        export_bounds(np.array([1.5]), np.array([1]), np.array([1]))


def kinds(study):
    return [finding.kind for finding in findings(yuhu.open(study.path))]


def test_a_capped_export_is_a_survivor_of_a_rolling_pool(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "a.xml", danmaku_xml([(at, f"t{at}", {}) for at in range(5)], limit=5))])
    said = sentences(findings(yuhu.open(study.path)), "en")
    assert any("latest survivors of a rolling pool" in line for line in said)
    assert any(
        "5 条，maxlimit 为 5：滚动弹幕池中最后留下的，是一个样本" in line for line in sentences(findings(yuhu.open(study.path)), "zh")
    )
    assert "no_retention" in kinds(study)
    assert "export_time_unknown" in kinds(study)
    assert "order_unknown" not in kinds(study)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_export_sorted_by_heat_is_called_what_it_is(study, tmp_path, lang):
    yuhu.add(study, [write(tmp_path, "c.json", COMMENTS)], sort_order="hot", exported_at="2023-09-02")
    [line] = [line for line in sentences(findings(yuhu.open(study.path)), lang) if "hot" in line]
    assert ("chose to show first" in line) or ("优先展示" in line)
    assert "order_unknown" not in kinds(study)


def numbered(study, tmp_path, n, total):
    """Comments of a video, and its platform's own total as a metric."""
    rows = "\n".join(f"{at},心疼她 {at},2023-08-{1 + at % 28:02d} 10:00:00,u{at % 9}" for at in range(n))
    yuhu.add(
        study, [write(tmp_path, "c.csv", f"id,text,time,who\n{rows}\n")], mapping={"id": "id", "text": "text", "time": "sent_at", "who": "author"},
        platform="douyin", video="7", tz="Asia/Shanghai",
    )  # fmt: skip
    yuhu.add(
        yuhu.open(study.path),
        [write(tmp_path, "m.csv", f"s,t,comments\ndouyin:7,2023-09-01T00:00:00Z,{total}\n")],
        mapping={"s": "subject", "t": "at", "comments": "value"},
    )


def test_a_total_above_the_export_gives_bounds_in_the_report(study, tmp_path):
    numbered(study, tmp_path, 50, 200)
    opened = yuhu.open(study.path)
    assert totals(opened).rows() == [("douyin:7", "comment", 200)]
    assert Finding("fewer_than_total", "douyin:7", {"group": "comment", "found": 50, "total": 200}) in findings(opened)
    page = yuhu.run(opened).read_text("utf-8")
    frame = yuhu.measure(yuhu.open(study.path)).estimates.filter(pl.col("measure") == "export_bounds.v2")
    row = frame.filter(pl.col("code") == "affective_empathy").row(0, named=True)
    assert row["n"] == 50
    assert row["value"] == row["count"] / 50
    assert (row["low"], row["high"]) == (pytest.approx(row["count"] / 200), pytest.approx((row["count"] + 150) / 200))
    assert row["reason"] == "bounds_not_interval"
    assert "50 of 200 comments and replies" in page
    assert "export_bounds.v2" in page


def test_a_whole_export_has_no_bounds(study, tmp_path):
    numbered(study, tmp_path, 50, 50)
    opened = yuhu.open(study.path)
    yuhu.code(opened)
    assert not yuhu.measure(yuhu.open(study.path)).estimates.filter(pl.col("measure") == "export_bounds.v2").height
    assert "fewer_than_total" not in kinds(study)


def test_a_gap_between_busy_weeks_is_seen(study, tmp_path):
    days = [*range(1, 11), *range(20, 29)]
    rows = "\n".join(f"{day}-{at},好 {at},2023-08-{day:02d} 1{at}:00:00" for day in days for at in range(5))
    yuhu.add(
        study,
        [write(tmp_path, "c.csv", f"id,text,time\n{rows}\n")],
        mapping={"id": "id", "text": "text", "time": "sent_at"},
        tz="Asia/Shanghai",
        video="7",
    )
    found = [finding for finding in findings(yuhu.open(study.path)) if finding.kind == "gap"]
    assert found == [Finding("gap", "table:7", {"group": "comment", "first": "2023-08-10", "last": "2023-08-20"})]


def test_the_command_line_says_it_in_words(study, tmp_path, capsys):
    yuhu.add(study, [write(tmp_path, "c.json", COMMENTS)])
    capsys.readouterr()
    assert invoke(["status", str(study.path), "--missing"]) == 0
    out = capsys.readouterr().out
    assert "missing from the sample" in out
    assert "--sort-order" in out
    assert invoke(["status", str(study.path), "--json"]) == 0
    assert {finding["kind"] for finding in json.loads(capsys.readouterr().out)["missing"]} <= set(SENTENCES)


def test_what_a_person_says_of_an_export_is_kept(study, tmp_path):
    yuhu.add(study, [write(tmp_path, "c.json", COMMENTS)], sort_order="time", exported_at="2023-09-10 08:00", tz="Asia/Shanghai")
    [entry] = read_manifest(study.path).sources
    assert (entry.sort_order, entry.exported_at) == ("time", "2023-09-10T00:00:00Z")


@pytest.mark.parametrize(("options", "code"), [({"sort_order": "random"}, "YH108"), ({"exported_at": "yesterday"}, "YH108")])
def test_what_is_not_understood_is_said(study, tmp_path, options, code):
    with pytest.raises(YuhuError, match=code):
        yuhu.add(study, [write(tmp_path, "c.json", COMMENTS)], **options)


def test_every_sentence_is_in_both_languages():
    assert all(set(said) == {"en", "zh"} for said in SENTENCES.values())


def test_times_named_in_comments_are_a_second_time_line(study, tmp_path):
    text = "id,text\n1,1:23 哭死 2:05\n2,没有时间\n3,99:59 太长\n"
    yuhu.add(study, [write(tmp_path, "c.csv", text)], mapping={"id": "id", "text": "text"}, platform="bilibili", video="42")
    opened = yuhu.open(study.path)
    assert opened.scan("mentions").select("response_id", "at_ms", "nth").collect().rows() == [
        ("bilibili:42:comment:1", 83_000, 0),
        ("bilibili:42:comment:1", 125_000, 1),
        ("bilibili:42:comment:3", 5_999_000, 0),
    ]
    assert opened.mentions().collect().height == 3

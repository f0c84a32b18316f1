"""Posting times and both clocks of real danmaku: the findings of docs/moments-real.md. Files named by YUHU_SHARED; no text of theirs is printed or kept."""

import polars as pl
import pytest

import yuhu
from test_measures import get

BILIBILI = "bilibili:367013145"
NAMES = ("0", "2", "4", "5", "10", "12", "20", "22", "25")


@pytest.fixture(scope="module")
def found(tmp_path_factory, shared):
    study = yuhu.init(tmp_path_factory.mktemp("moments") / "s")
    yuhu.add(study, [shared / "danmaku_bilibili/danmaku01.xml", *(shared / f"danmaku_niconico/{name}.json" for name in NAMES)])
    return yuhu.measure(yuhu.open(study.path), only=["two_clocks", "posting"]).estimates


def test_the_video_and_the_crowd_cannot_be_told_apart(found):
    clocks = found.filter(pl.col("measure") == "two_clocks.v1")
    verdicts = clocks.filter(pl.col("by") == "contagion")
    assert verdicts.height == 1 + len(NAMES)
    assert set(verdicts["reason"]) == {"cannot_be_separated"}
    assert verdicts["value"].null_count() == verdicts.height
    doubts = clocks.filter(pl.col("by") == "doubt")
    assert doubts.filter(pl.col("subject") == BILIBILI)["reason"].to_list() == ["export_was_cut", "views_unknown"]
    assert doubts.filter(pl.col("reason") == "views_unknown").height == verdicts.height
    assert doubts.filter(pl.col("subject") == "niconico:25")["reason"].to_list() == ["posting_time_coarse", "views_unknown"]


def test_in_the_bilibili_video_people_follow_themselves(found):
    mine = found.filter((pl.col("measure") == "posting.v1") & (pl.col("subject") == BILIBILI))
    branching = get(mine, by="branching")
    assert branching["value"] == pytest.approx(0.29, abs=0.02)
    assert branching["low"] == pytest.approx(0.24, abs=0.03)
    assert branching["high"] == pytest.approx(0.36, abs=0.03)
    assert get(mine, by="decay")["value"] == pytest.approx(58, abs=6)
    assert min(get(mine, by=test)["value"] for test in ("kolmogorov_smirnov", "ljung_box")) > 0.025
    first = get(mine, by="branching_of_first")
    assert (first["value"], first["reason"], first["n"]) == (None, "baseline_suffices", 551)
    assert (get(mine, by="window")["count"], get(mine, by="window")["n"]) == (730, 1096)
    assert get(mine, by="doubt")["reason"] == "export_was_cut"


def test_niconico_gives_no_interval(found):
    nico = found.filter((pl.col("by") == "branching") & pl.col("subject").str.starts_with("niconico:"))
    assert nico["low"].null_count() == nico.height == len(NAMES)
    reasons = {row["subject"].removeprefix("niconico:"): row["reason"] for row in nico.iter_rows(named=True)}
    rejected = {"0", "2", "10", "12", "20", "22"}
    assert reasons == dict.fromkeys(rejected, "model_rejected") | {"4": "not_stationary", "5": "finer_than_clock", "25": "finer_than_clock"}

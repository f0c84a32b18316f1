"""The timeline of a coder: what is marked, moved, taken back, finished; blind, append-only, once."""

import polars as pl
import pytest
import yaml

from workbench import client_of, timeline_study
from yuhu.coding.timeline_desk import Change, Stretch, TimelineDesk
from yuhu.core.errors import YuhuError
from yuhu.study.coding_file import connected
from yuhu.study.codings import read_codings
from yuhu.study.layers import read_coverage
from yuhu.study.store import CODEBOOK, open_study
from yuhu.verbs.agree import agree

VIDEO = "bilibili:1"
LOSS = Stretch("loss", 1000, 5000, "1")


@pytest.fixture
def study(tmp_path):
    return timeline_study(tmp_path)


@pytest.fixture
def desk(study):
    return TimelineDesk(study, "anna")


def put(desk, *stretches, **more):
    return desk.change(VIDEO, [Change(None, one) for one in stretches], **more)


def refused(desk, change, code="YH503", video=VIDEO):
    before = desk.stretches(VIDEO)
    with pytest.raises(YuhuError) as caught:
        desk.change(video, [change])
    assert caught.value.code == code
    assert desk.stretches(VIDEO) == before
    return caught.value.problem


def n_rows(study):
    with connected(study.path) as connection:
        return connection.execute("select count(*) from codings").fetchone()[0]


def test_the_layers_are_the_codes_on_segments_that_people_decide(desk):
    codes = [one.code for one in desk.layers]
    assert "loss" in codes
    assert "anthropomorphism" in codes
    assert not {"anger", "stereo_width", "music_swell"} & set(codes)


def test_a_stretch_is_marked_moved_and_taken_back_by_new_rows(study, desk):
    assert put(desk, LOSS) == [LOSS]
    moved = Stretch("loss", 1200, 5040, "1", note="the vitrine")
    assert desk.change(VIDEO, [Change(LOSS.place, moved)]) == [moved]
    assert desk.change(VIDEO, [Change(moved.place, None)]) == []
    with connected(study.path) as connection:
        rows = connection.execute("select start_ms, end_ms, status, value from codings order by id").fetchall()
    assert rows == [
        (1000, 5000, "coded", "1"), (1000, 5000, "withdrawn", None), (1200, 5040, "coded", "1"), (1200, 5040, "withdrawn", None),
    ]  # fmt: skip
    assert read_codings(study.path).height == 0


def test_intensity_and_attributes_stand_with_the_stretch(study, desk):
    human = Stretch("anthropomorphism", 0, 4000, "2", {"anthropomorphism.speech": "1"})
    symbol = Stretch("symbol", 0, 4000, "1", {"symbol.origin": "chinese", "symbol.entity_id": "玉壶"})
    assert put(desk, human, symbol) == [human, symbol]
    higher = Stretch("anthropomorphism", 0, 4000, "3", {})
    assert higher in desk.change(VIDEO, [Change(human.place, higher)])
    found = read_codings(study.path).select("code", "value", "coder_kind", "purpose").rows()
    assert found == [
        ("anthropomorphism", "3", "human", "main"), ("symbol", "1", "human", "main"), ("symbol.entity_id", "玉壶", "human", "main"),
        ("symbol.origin", "chinese", "human", "main"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("stretch", "what"),
    [
        (Stretch("loss", 0, 10, "0"), "cannot have this value"),
        (Stretch("loss", 0, 10, "5"), "cannot have this value"),
        (Stretch("anger", 0, 10, "1"), "no code for timelines"),
        (Stretch("loss", 10, 10, "1"), "empty or leaves"),
        (Stretch("loss", 20, 10, "1"), "empty or leaves"),
        (Stretch("loss", -5, 10, "1"), "empty or leaves"),
        (Stretch("loss", 3000, 6000, "1"), "overlap"),
        (Stretch("loss", 1000, 5000, "1"), "marked already"),
        (Stretch("loss", 6000, 7000, "1", {"loss.origin": "x"}), "no such attribute"),
        (Stretch("symbol", 0, 10, "1", {"symbol.origin": "mars"}), "no such attribute"),
        (Stretch("symbol", 0, 10, "1", {"symbol.entity_id": "a\x00b"}), "no such attribute"),
        (Stretch("loss", 6000, 7000, "1", note="x" * 5000), "too long"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(desk, stretch, what):
    put(desk, LOSS)
    assert what in refused(desk, Change(None, stretch))


def test_stretches_may_touch_and_other_codes_may_overlap(desk):
    assert len(put(desk, LOSS, Stretch("loss", 5000, 6000, "1"), Stretch("humour", 2000, 5500, "1"))) == 3


def test_changes_are_carried_out_together_or_not_at_all(study, desk):
    put(desk, LOSS)
    rows = n_rows(study)
    split = [Change(LOSS.place, Stretch("loss", 1000, 2000, "1")), Change(None, Stretch("loss", 1500, 3000, "1"))]
    with pytest.raises(YuhuError, match="overlap"):
        desk.change(VIDEO, split)
    assert n_rows(study) == rows
    later = Change(("loss", 1000, 2000), Stretch("loss", 1000, 1500, "1"))
    found = desk.change(VIDEO, [split[0], later])
    assert [one.end_ms for one in found] == [1500]
    assert n_rows(study) == rows + 2, "what came and went within one request leaves no rows"


def test_a_request_that_is_sent_again_is_carried_out_once(study, desk):
    first = put(desk, LOSS, once="request-1")
    rows = n_rows(study)
    assert put(TimelineDesk(study, "anna"), LOSS, once="request-1") == first
    assert n_rows(study) == rows
    assert "another window" in refused(desk, Change(("loss", 7, 8), None), code="YH513")


def test_a_finished_layer_makes_its_gaps_decisions(study, desk):
    with pytest.raises(YuhuError, match="not known"):
        desk.finish(VIDEO, "loss")
    put(desk, LOSS)
    assert desk.finish(VIDEO, "loss", end_ms=60_000) == ["loss"]
    assert desk.finish(VIDEO, "loss", end_ms=60_000) == ["loss"]
    assert read_coverage(study.path).rows() == [("anna", "human", VIDEO, "loss", 0, 60_000)]
    assert desk.finish(VIDEO, "loss", is_finished=False) == []
    assert read_coverage(study.path).height == 0
    assert [one["finished"] for one in desk.videos()] == [0, 0]


def test_two_coders_are_blind_to_each_other_and_agree_compares_them(study, desk):
    other = TimelineDesk(study, "bo")
    put(desk, LOSS)
    put(other, Stretch("loss", 1000, 4500, "1"))
    assert [one.end_ms for one in desk.stretches(VIDEO)] == [5000]
    assert [one.end_ms for one in other.stretches(VIDEO)] == [4500]
    for one in (desk, other):
        one.finish(VIDEO, "loss", end_ms=60_000)
    found = agree(study).rows.filter((pl.col("code") == "loss") & (pl.col("coefficient") == "u_alpha"))
    assert found["value"][0] > 0.8


def test_what_was_marked_under_another_definition_is_void(study, desk):
    put(desk, LOSS)
    path = study.path / CODEBOOK
    document = yaml.safe_load(path.read_text("utf-8"))
    next(code for code in document["codes"] if code["id"] == "loss")["definition"]["en"] += " Only of objects."
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    fresh = TimelineDesk(open_study(study.path), "anna")
    assert fresh.stretches(VIDEO) == []
    assert put(fresh, LOSS) == [LOSS]


def test_unknown_videos_and_coders(study, desk):
    assert "no such video" in refused(desk, Change(None, LOSS), code="YH505", video="bilibili:9")
    with pytest.raises(YuhuError, match="no coder is called"):
        TimelineDesk(study, "zoe")


def test_the_routes(study):
    client = client_of(study.path)
    assert client.get("/api/timelines/anna").json()["videos"][0] == {
        "video_id": VIDEO, "title": None, "duration_ms": None, "stretches": 0, "finished": 0,
    }  # fmt: skip
    asked = {"video": VIDEO, "lang": "zh"}
    empty = client.get("/api/timelines/anna/video", params=asked).json()
    assert (empty["stretches"], empty["finished"], empty["guides"]) == ([], [], [])
    assert next(one for one in empty["layers"] if one["code"] == "loss")["label"] == "失去"
    stretch = {"code": "loss", "start_ms": 1000, "end_ms": 5000, "value": "1"}
    given = {"id": "request-1", "changes": [{"after": stretch}]}
    for _ in range(2):
        stands = client.post("/api/timelines/anna/video", params=asked, json=given).json()
        assert stands["stretches"] == [{**stretch, "attributes": {}, "note": ""}]
    done = client.put(
        "/api/timelines/anna/video/finished", params=asked, json={"id": "request-9", "code": "loss", "is_finished": True, "end_ms": 9000}
    ).json()
    assert done["finished"] == ["loss"]
    moved = {"id": "request-2", "changes": [{"before": {**stretch, "start_ms": 2}, "after": stretch}]}
    moved["changes"][0]["before"].pop("value")
    refused = client.post("/api/timelines/anna/video", params=asked, json=moved)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "YH513")
    assert client.post("/api/timelines/anna/video", params=asked, json={"id": "x", "changes": []}).status_code == 422
    assert client.get("/api/timelines/bo/video", params=asked).json()["stretches"] == []

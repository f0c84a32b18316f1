"""Watching a video: what the server gives of it, and to whom."""

from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

from test_moments_report import BOOK, world
from watch_studies import HOSTILE, OTHER, PEAK_S, VIDEO, sound, watched_study
from workbench import TOKEN, client_of
from yuhu.app.access import Role, TokenAccess, Visitor
from yuhu.app.application import create_app
from yuhu.app.media import media_files
from yuhu.app.routes.watch import LONGEST_CHUNK_MS
from yuhu.app.workbench import Workbench
from yuhu.core.estimate import MACHINE_ONLY, REASONS
from yuhu.measures.moment_rate import MomentRate
from yuhu.reporting.curves import curves


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return watched_study(tmp_path_factory.mktemp("watch"))


@pytest.fixture(scope="module")
def client(study):
    return client_of(study.path)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    return client_of(watched_study(tmp_path_factory.mktemp("bare"), is_measured=False).path)


class As(TokenAccess):
    """The one who has the token, in another role."""

    def __init__(self, role):
        super().__init__(TOKEN)
        self.role = role

    def visitor(self, cookies):
        return super().visitor(cookies) and Visitor("vera", self.role)


def asked(client, address, **query):
    reply = client.get(f"/api/watch{address}", params={"lang": "en", "video": VIDEO, **query})
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_videos_are_listed_with_the_most_messages_first(client):
    first, second = asked(client, "/videos")["videos"]
    assert (first["video"], first["is_exact"], first["has_file"]) == (VIDEO, False, False)
    assert first["duration_ms"] > 300_000, "taken from the last message, and said to be"
    assert (second["video"], second["duration_ms"], second["timed"]) == (OTHER, None, 0)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_video_comes_with_all_that_stands_along_it(client, lang):
    found = asked(client, "", lang=lang)
    assert [one["text"] for one in found["lines"]] == ["带我回家", "家在东边"]
    assert sum(found["density"]["n"]) == found["timed"]
    [peak] = found["peaks"]
    assert peak["at_ms"] <= (PEAK_S + 6) * 1000 <= peak["end_ms"]
    assert "[A-within]" in peak["text"]
    observed, machine = found["curves"][:2]
    assert (observed["source"], observed["is_machine_only"]) == ("observed", False)
    at = observed["at_ms"].index(85_000)
    assert observed["low"][at] < observed["value"][at] < observed["high"][at]
    assert machine["is_machine_only"]
    assert set(machine["low"]) == {None}, "what the machine alone says has no interval"
    assert REASONS[MACHINE_ONLY][lang] in machine["why"]


def test_without_results_it_is_said_why_there_are_no_curves(bare):
    found = asked(bare, "")
    assert (found["curves"], found["peaks"]) == ([], [])
    assert found["why_none"]
    assert sum(found["density"]["n"]) == found["timed"]
    assert asked(bare, "/stretch", start_ms=80_000, end_ms=92_000)["codes"] == []


def test_segments_are_kept_apart_by_coder(client):
    marks = asked(client, "/layers")["layers"]
    assert [(one["coder"], one["start_ms"]) for one in marks] == [("anna", 80_000), ("bo", 80_500)]
    assert asked(client, "/layers", video=OTHER) == {"layers": []}


def test_danmaku_come_in_their_order_and_never_too_many(client):
    found = asked(client, "/danmaku", start_ms=0, end_ms=30_000)
    assert found["at_ms"] == sorted(found["at_ms"])
    assert HOSTILE in found["text"]
    whole = asked(client, "/danmaku", start_ms=0, end_ms=2**40)
    assert max(whole["at_ms"]) < LONGEST_CHUNK_MS


def test_a_stretch_says_what_is_more_often_said_there(client):
    found = asked(client, "/stretch", start_ms=PEAK_S * 1000, end_ms=(PEAK_S + 12) * 1000)
    assert found["codes"][0]["code"] == "affective_empathy"
    assert found["codes"][0]["count"] > 30
    assert found["codes"][0]["count_elsewhere"] == 0
    assert "哭了" in [one["term"] for one in found["terms"]]
    assert "1:25 的时候哭了" in [one["text"] for one in found["responses"]], "a comment that names a moment belongs to it"
    assert all(PEAK_S * 1000 <= one["at_ms"] < (PEAK_S + 12) * 1000 for one in found["responses"])


def test_a_small_stretch_is_not_broken_down_nor_is_its_small_rest(client):
    few = asked(client, "/stretch", start_ms=1001, end_ms=1002)
    assert (few["n"], few["is_suppressed"], few["codes"], few["terms"]) == (1, True, [], [])
    third = asked(client, "/danmaku", start_ms=0, end_ms=30_000)["at_ms"][2]
    rest = asked(client, "/stretch", start_ms=third, end_ms=10**9)
    assert (rest["of"] - rest["n"], rest["is_suppressed"], rest["codes"]) == (2, True, [])
    whole = asked(client, "/stretch", start_ms=0, end_ms=10**9)
    assert (whole["n"], whole["is_suppressed"], whole["terms"]) == (whole["of"], False, [])
    assert whole["codes"]


@pytest.mark.parametrize(("query", "status"), [({"start_ms": 5, "end_ms": 5}, 422), ({"start_ms": 0, "end_ms": 9, "video": "none"}, 404)])
def test_what_cannot_be_is_refused(client, query, status):
    reply = client.get("/api/watch/stretch", params={"lang": "en", "video": VIDEO, **query})
    assert reply.status_code == status


def client_as(study, role):
    client = TestClient(create_app(Workbench(study.path, As(role))), base_url="http://127.0.0.1")
    client.get("/enter", params={"token": TOKEN}, follow_redirects=False)
    return client


def test_coders_stay_blind(study):
    coder = client_as(study, Role.CODER)
    query = {"lang": "en", "video": VIDEO, "start_ms": 0, "end_ms": 10_000}
    for address in ("", "/videos", "/layers", "/danmaku", "/stretch"):
        assert coder.get(f"/api/watch{address}", params=query).status_code == 403


def test_viewers_see_no_texts_of_people(study):
    viewer = client_as(study, Role.VIEWER)
    assert viewer.get("/api/watch/danmaku", params={"video": VIDEO, "start_ms": 0, "end_ms": 1000}).status_code == 403
    found = asked(viewer, "/stretch", start_ms=0, end_ms=10**9)
    assert found["responses"] is None
    assert found["codes"]


def test_each_step_says_why_it_has_no_interval():
    evidence = world(80)
    facts = SimpleNamespace(estimates=MomentRate().estimate(evidence), book=BOOK)
    [found] = [one for one in curves(facts, "v", "en") if one["source"] == "observed"]
    assert len({len(found[name]) for name in ("at_ms", "end_ms", "value", "low", "high", "n", "why")}) == 1
    assert all(why or low is not None for why, low in zip(found["why"], found["low"], strict=True))
    assert curves(facts, "another", "en") == []


def test_files_are_found_by_the_names_of_videos(study, tmp_path):
    for name in ("BV1.wav", "other.wav", "BV2.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert media_files(study, tmp_path) == {VIDEO: tmp_path / "BV1.wav"}
    assert media_files(study, tmp_path / "BV1.wav") == {VIDEO: tmp_path / "BV1.wav"}
    assert media_files(study, tmp_path / "other.wav") == {}, "which of two videos it is, nobody knows"
    assert media_files(study, None) == {}


def test_a_file_is_given_in_ranges(study, tmp_path):
    path = sound(tmp_path / "ep1.wav")
    whole = path.read_bytes()
    client = client_of(study.path)
    client.app.state.workbench.media = tmp_path
    reply = client.get("/api/media", params={"video": VIDEO}, headers={"range": "bytes=100-199"})
    assert (reply.status_code, reply.content) == (206, whole[100:200])
    assert reply.headers["content-range"] == f"bytes 100-199/{len(whole)}"
    assert client.get("/api/media", params={"video": VIDEO}, headers={"range": "bytes=99999999-"}).status_code == 416
    all_of_it = client.get("/api/media", params={"video": VIDEO})
    assert (all_of_it.content, all_of_it.headers["content-type"]) == (whole, "audio/wav")
    assert client.get("/api/media", params={"video": OTHER}).status_code == 404
    assert client.get("/api/media", params={"video": "../study.yaml"}).status_code == 404

"""Files of videos: only those named by a video are served, whole or in part, and never as a page."""

import dataclasses

import pytest

from workbench import client_of, timeline_study
from yuhu.app.media import media_files
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.store import open_study

BYTES = bytes(range(256)) * 8


@pytest.fixture
def study(tmp_path):
    return timeline_study(tmp_path)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "videos"
    made.mkdir()
    return made


def put(folder, *names):
    for name in names:
        (folder / name).write_bytes(BYTES)


def found(study, media):
    return {video: path.name for video, path in media_files(study, media).items()}


def test_a_file_belongs_to_the_video_whose_name_it_bears(study, folder):
    put(folder, "1.mp4", "bilibili_2.webm", "3.mp4", "2.txt", "notes.html")
    assert found(study, folder) == {"bilibili:1": "1.mp4", "bilibili:2": "bilibili_2.webm"}
    assert found(study, None) == {}
    assert found(study, folder / "1.mp4") == {"bilibili:1": "1.mp4"}
    assert found(study, folder / "3.mp4") == {}, "which of two videos it is, nobody said"


def test_a_file_named_by_a_work_belongs_to_its_only_upload(study, folder):
    put(folder, "ep1.mp4")
    settings = study.path / SETTINGS
    settings.write_text(dataclasses.replace(study.settings, works={"ep1": ("bilibili:1",)}).text(), "utf-8")
    assert found(open_study(study.path), folder) == {"bilibili:1": "ep1.mp4"}
    settings.write_text(dataclasses.replace(study.settings, works={"ep1": ("bilibili:1", "bilibili:2")}).text(), "utf-8")
    assert found(open_study(study.path), folder) == {}, "two uploads may run on two clocks"


def test_a_file_is_served_whole_and_in_part(study, folder):
    put(folder, "1.mp4")
    client = client_of(study.path, media=folder)
    whole = client.get("/api/media", params={"video": "bilibili:1"})
    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (200, BYTES, "video/mp4")
    assert whole.headers["x-content-type-options"] == "nosniff"
    part = client.get("/api/media", params={"video": "bilibili:1"}, headers={"range": "bytes=100-199"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, BYTES[100:200], f"bytes 100-199/{len(BYTES)}")
    assert client.get("/api/media", params={"video": "bilibili:1"}, headers={"range": "bytes=9999-"}).status_code == 416


@pytest.mark.parametrize("video", ["bilibili:2", "../1", "1.mp4", ""])
def test_nothing_else_is_served(study, folder, video):
    put(folder, "1.mp4")
    refused = client_of(study.path, media=folder).get("/api/media", params={"video": video})
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "YH704")


def test_a_stranger_sees_no_file(study, folder):
    put(folder, "1.mp4")
    assert client_of(study.path, signed_in=False, media=folder).get("/api/media", params={"video": "bilibili:1"}).status_code == 401

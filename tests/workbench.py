"""Workbenches for tests: a small study with a drawn sample, and a client that is signed in to it."""

from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from coding_studies import study_of
from yuhu.app.access import TokenAccess
from yuhu.app.application import create_app
from yuhu.app.workbench import Workbench
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.store import Study, open_study
from yuhu.verbs.sample import sample

TOKEN = "a-token-for-tests"
CODES = ("kind", "affective_empathy", "action")


def small_study(folder: Path, *, size: int = 12) -> Study:
    """Two hundred danmaku over two videos; a sample that anna and bo both code."""
    study = study_of(folder)
    sample(study, size=size, codes=CODES, coders=("anna", "bo"), overlap=1.0)
    return open_study(study.path)


def timeline_study(folder: Path) -> Study:
    """The same two videos, with codes for their segments switched on."""
    study = study_of(folder)
    (study.path / SETTINGS).write_text(replace(study.settings, modules=("timeline",)).text(), "utf-8")
    return open_study(study.path)


def client_of(path: Path, *, signed_in: bool = True, media: Path | None = None) -> TestClient:
    """A client of the workbench of a study, as its one user or as a stranger."""
    client = TestClient(create_app(Workbench(path, TokenAccess(TOKEN), media)), base_url="http://127.0.0.1")
    client.headers["x-yuhu"] = "1"
    if signed_in:
        client.get("/enter", params={"token": TOKEN}, follow_redirects=False)
    return client

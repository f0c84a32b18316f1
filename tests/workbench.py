"""Workbenches for tests: a small study with a drawn sample, and a client that is signed in to it."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from fastapi.testclient import TestClient

from coding_studies import codings_of, study_of
from yuhu.app.access import TokenAccess
from yuhu.app.application import create_app
from yuhu.app.workbench import Workbench
from yuhu.study.codings import append_codings
from yuhu.study.samples import read_samples
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


def conflict_study(folder: Path) -> Study:
    """Thirty messages that anna and bo coded apart for anger; they differ on two. Anna gave evidence and a note on each."""
    study = study_of(folder, 100)
    units = sample(study, size=30, purpose="reliability", codes=("anger",), coders=("anna", "bo"), overlap=1.0).sample.units["unit_id"]
    rows = [(unit, "anna", "1" if at < 10 else "0") for at, unit in enumerate(units)]
    rows += [(unit, "bo", "1" if at < 8 else "0") for at, unit in enumerate(units)]
    codings = codings_of(study, rows).with_columns(
        evidence=pl.when((pl.col("coder") == "anna") & (pl.col("value") == "1")).then(pl.lit("[0, 3]")),
        note=pl.when((pl.col("coder") == "anna") & (pl.col("value") == "1")).then(pl.lit("aimed at \u202emen")),
        sample=pl.lit(next(iter(read_samples(study.path)))),
    )
    append_codings(study.path, codings)
    return open_study(study.path)


def client_of(path: Path, *, signed_in: bool = True, media: Path | None = None) -> TestClient:
    """A client of the workbench of a study, as its one user or as a stranger."""
    client = TestClient(create_app(Workbench(path, TokenAccess(TOKEN), media)), base_url="http://127.0.0.1")
    client.headers["x-yuhu"] = "1"
    if signed_in:
        client.get("/enter", params={"token": TOKEN}, follow_redirects=False)
    return client

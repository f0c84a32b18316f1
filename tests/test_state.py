"""The state of a study: the same while nothing happens that results rest on, and another one after anything that they do rest on."""

import shutil

import polars as pl
import pytest

import yuhu
from coding_studies import codings_of
from workbench import small_study
from yuhu.study.coding_file import FILE, CodingsClock, connected
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.results import read_results
from yuhu.study.state import state_hash
from yuhu.study.store import open_study
from yuhu.verbs import measure as verb
from yuhu.verbs.coders import add_coder
from yuhu.verbs.measure import what_changed


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    study = small_study(tmp_path_factory.mktemp("state"))
    yuhu.run(study)
    return study.path


@pytest.fixture
def path(made, tmp_path):
    return shutil.copytree(made, tmp_path / "copy")


def first_unit(path):
    return open_study(path).scan("responses").select("response_id").collect()["response_id"][0]


def code(path):
    append_codings(path, codings_of(open_study(path), [(first_unit(path), "anna", "present")]))


def write(name, ending):
    return lambda path: (path / name).write_text((path / name).read_text("utf-8") + ending, "utf-8")


CHANGES = {
    "a coding": code,
    "settings": write("study.yaml", "\nseed: 77\n"),
    "moments": lambda path: (path / "moments.yaml").write_text("retention: flat\n", "utf-8"),
    "a codebook": write("codebook.yaml", "\n# a note\n"),
    "a sample": lambda path: yuhu.sample(open_study(path), size=5, name="second", coders=("anna",)),
    "a coder": lambda path: add_coder(open_study(path), "chen"),
    "a unit that is forgotten": lambda path: yuhu.forget(open_study(path), [first_unit(path)]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_another_state_after(path, what):
    before = state_hash(open_study(path))
    assert state_hash(open_study(path)) == before
    CHANGES[what](path)
    assert state_hash(open_study(path)) != before


def test_results_that_hold_are_known_without_preparing_anything(path, monkeypatch):
    study = open_study(path)
    monkeypatch.setattr(verb, "prepare", lambda *_: 1 / 0)
    assert what_changed(study, read_results(study)) == ()
    code(path)
    with pytest.raises(ZeroDivisionError):
        what_changed(study, read_results(study))


def test_a_state_that_results_are_found_to_hold_in_is_kept(path):
    unit = first_unit(path)
    append_codings(path, codings_of(open_study(path), [(unit, "anna", "present")], purpose="train"))
    study = open_study(path)
    held = read_results(study)
    assert held.state != state_hash(study)
    assert what_changed(study, held) == ()
    again = yuhu.measure(study)
    assert (again.spec_hash, again.state) == (held.spec_hash, state_hash(study))
    assert read_results(study).state == state_hash(study)


def test_a_clock_of_codings_moves_with_each_write_alone(path):
    clock = CodingsClock(path)
    before = clock.now()
    assert clock.now() == before
    with connected(path) as connection:
        connection.execute("select count(*) from codings").fetchone()
    assert clock.now() == before
    code(path)
    after = clock.now()
    assert after != before
    shutil.copyfile(path / FILE, path / "other")
    (path / "other").replace(path / FILE)
    assert clock.now() != after
    assert CodingsClock(path / "nowhere").now() == (0, 0)


def test_only_spans_are_read_where_only_they_are_meant(path):
    code(path)
    spans = read_codings(path, unit_kind="span")
    assert spans.height == 0
    assert spans.schema == read_codings(path).schema
    assert read_codings(path, unit_kind="response").equals(read_codings(path).filter(pl.col("unit_kind") == "response"))

"""A closed gate counts as "not there" only where the gate was the one of today."""

import polars as pl
import pytest
import yaml

import yuhu
from coding_studies import codings_of, study_of
from yuhu.core.codebook import load_codebook
from yuhu.study.codebooks import keep_codebook
from yuhu.study.codings import append_codings
from yuhu.verbs.codebook import adopt_codebook
from yuhu.verbs.gold import gold_units
from yuhu.verbs.sample import sample


def _other_gate(study, path):
    """The study's codebook with anger asked of jokes, too: its hash stays."""
    raw = yaml.safe_load(study.codebook().source_text)
    anger = next(one for one in raw["codes"] if one["id"] == "anger")
    anger["opens_if"] = {"code": "kind", "values": ["expressing", "joke"]}
    raw["version"] = "9.0.0"
    path.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    return load_codebook(path.read_text("utf-8"), name=path.name)


@pytest.fixture
def study(tmp_path):
    study = study_of(tmp_path, 100)
    units = sample(study, size=40, name="m", codes=("anger",), coders=("anna",)).sample.units["unit_id"].to_list()
    keep_codebook(study.path, study.codebook())
    rows = [(unit, "anna", "not_shown" if at < 20 else "1") for at, unit in enumerate(units)]
    append_codings(study.path, codings_of(study, rows))
    return study


def _human(study):
    return sorted(gold_units(study, study.codebook()).units["human"])


def test_another_gate_leaves_closed_ones_out_until_it_comes_back(study, tmp_path):
    assert _human(study) == [0.0] * 20 + [1.0] * 20
    first = tmp_path / "first.yaml"
    raw = yaml.safe_load(study.codebook().source_text) | {"version": "9.1.0"}
    first.write_text(yaml.safe_dump(raw, allow_unicode=True), "utf-8")
    other = _other_gate(study, tmp_path / "other.yaml")
    assert other.variables["anger"].code_hash == study.codebook().variables["anger"].code_hash
    adopt_codebook(study, tmp_path / "other.yaml", yes=True)
    changed = yuhu.open(study.path)
    assert _human(changed) == [1.0] * 20
    adopt_codebook(changed, first, yes=True)
    assert _human(yuhu.open(study.path)) == [0.0] * 20 + [1.0] * 20


def test_a_version_that_is_not_kept_says_nothing_of_its_gate(study):
    units = gold_units(study, study.codebook()).units["response_id"]
    unknown = codings_of(study, [(unit, "bo", "not_shown") for unit in units]).with_columns(codebook_hash=pl.lit("f" * 64))
    append_codings(study.path, unknown)
    assert _human(study) == [0.0] * 20 + [1.0] * 20

"""`yuhu agree`: what takes part and what does not, groups, weights, and a stored result that is the same twice."""

import numpy as np
import polars as pl
import pytest

from coding_studies import WHEN, codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import krippendorff_alpha
from yuhu.study.agreements import FILE, FOLDER, read_agreement
from yuhu.study.codings import append_codings
from yuhu.study.samples import read_samples
from yuhu.study.store import open_study
from yuhu.verbs.agree import agree
from yuhu.verbs.sample import sample


def _ratings(units, seed=1, coders=("anna", "bo"), share=0.3, wrong=0.1):
    """Two-valued codings of coders who err independently."""
    random = np.random.default_rng(seed)
    truth = random.random(len(units)) < share
    return [(unit, coder, str(int(true ^ (random.random() < wrong)))) for coder in coders for unit, true in zip(units, truth, strict=True)]


def _table(rows, coders):
    units = sorted({unit for unit, _, _ in rows})
    table = np.full((len(coders), len(units)), np.nan)
    for unit, coder, value in rows:
        table[coders.index(coder), units.index(unit)] = float(value)
    return table


@pytest.fixture
def study(tmp_path):
    return study_of(tmp_path)


@pytest.fixture
def units(study):
    drawn = sample(study, size=80, purpose="reliability", name="rel", codes=("anger",))
    return drawn.sample.units["unit_id"].to_list()


def test_alpha_is_that_of_the_ratings(study, units):
    rows = _ratings(units)
    append_codings(study.path, codings_of(study, rows))
    found = agree(study).of("anger")
    expected = krippendorff_alpha(_table(rows, ["anna", "bo"]), level="nominal", values=[0, 1], seed=study.settings.seed)
    assert (found["value"], found["low"], found["high"], found["p_below"]) == (
        expected.value,
        expected.low,
        expected.high,
        expected.p_below,
    )
    assert (found["n_units"], found["n_coders"], found["minimum"]) == (80, 2, 0.667)
    assert found["verdict"] in ("tentative", "below")


def test_pilot_training_adjudication_and_old_definitions_take_no_part(study, units):
    rows = _ratings(units)
    append_codings(study.path, codings_of(study, rows))
    before = agree(study)
    pilot = sample(study, size=30, purpose="pilot").sample.units["unit_id"]
    noise = [(unit, coder, value) for unit in pilot for coder, value in (("anna", "1"), ("bo", "0"))]
    append_codings(study.path, codings_of(study, noise, purpose="pilot"))
    append_codings(study.path, codings_of(study, noise, purpose="main"))  # of pilot units, whatever they are called
    append_codings(study.path, codings_of(study, [(unit, "chief", "1") for unit in units], purpose="adjudication"))
    append_codings(study.path, codings_of(study, [(unit, "anna", "1") for unit in units], purpose="with_transcript"))
    old = codings_of(study, [(unit, "cy", "1") for unit in units]).with_columns(code_hash=pl.lit("of another definition"))
    append_codings(study.path, old)
    after = agree(study)
    assert after.of("anger") == before.of("anger")


def test_a_closed_gate_counts_as_a_zero_and_is_missing_where_asked(study, units):
    rows = [(unit, "anna", "not_shown" if at < 40 else value) for at, (unit, _, value) in enumerate(_ratings(units, coders=("anna",)))]
    rows += _ratings(units, coders=("bo",))
    append_codings(study.path, codings_of(study, rows))
    found = agree(study)
    assert found.of("anger")["n_units"] == 80
    assert found.of("anger", by="asked")["n_units"] == 40


def test_what_cannot_be_decided_is_missing(study, units):
    rows = [(unit, coder, "abstained" if coder == "bo" and at % 2 else value) for at, (unit, coder, value) in enumerate(_ratings(units))]
    append_codings(study.path, codings_of(study, rows))
    assert agree(study).of("anger")["n_units"] == 40


def test_groups_leave_one_out_and_pairs(study, units):
    rows = _ratings(units, coders=("anna", "bo", "cy"))
    append_codings(study.path, codings_of(study, rows))
    found = agree(study)
    without = found.of("anger", by="without", subject="cy")
    pair = found.of("anger", by="pair", subject="anna / bo")
    assert without["value"] == pair["value"]
    langs = found.rows.filter(pl.col("by") == "language")
    assert sorted(langs["subject"]) == ["en", "zh"]
    assert langs["n_units"].sum() == 80


def test_a_coder_with_themselves(study, units):
    rows = _ratings(units)
    append_codings(study.path, codings_of(study, rows))
    again = [(unit, coder, value) for unit, coder, value in rows if coder == "anna"][:20]
    append_codings(study.path, codings_of(study, again, occasion=1))
    found = agree(study)
    assert found.of("anger", by="again", subject="anna")["value"] == 1.0
    assert found.of("anger")["n_units"] == 80


def test_unequal_chances_weight_alpha(study):
    drawn = sample(study, size=80, purpose="reliability", by=("language",), allocation="equal", codes=("anger",))
    rows = _ratings(drawn.sample.units["unit_id"].to_list(), wrong=0.2)
    append_codings(study.path, codings_of(study, rows))
    found = agree(study)
    weights = dict(drawn.sample.units.select("unit_id", 1 / pl.col("chance")).iter_rows())
    table, names = _table(rows, ["anna", "bo"]), sorted(weights)
    expected = krippendorff_alpha(table, level="nominal", values=[0, 1], weights=[weights[name] for name in names])
    plain = krippendorff_alpha(table, level="nominal", values=[0, 1])
    assert found.of("anger")["value"] == expected.value
    assert found.of("anger", by="enriched")["value"] == plain.value
    assert expected.value != plain.value


def test_a_machine_is_one_more_coder(study, units):
    append_codings(study.path, codings_of(study, _ratings(units), code="anger"))
    import yuhu

    yuhu.code(study)
    opened = open_study(study.path)
    found = agree(opened, machine="lexicon")
    assert found.of("anger", by="with machine", subject="lexicon")["n_coders"] == 3
    assert found.of("anger", by="pair", subject="anna / lexicon")["n_units"] > 0
    with pytest.raises(YuhuError, match="has coded nothing"):
        agree(opened, machine="oracle")


def test_it_is_stored_and_the_same_twice(study, units):
    append_codings(study.path, codings_of(study, _ratings(units)))
    first = agree(study)
    content = (study.path / FOLDER / FILE).read_bytes()
    agree(study)
    assert (study.path / FOLDER / FILE).read_bytes() == content
    spec, rows = read_agreement(study.path)
    assert rows.equals(first.rows)
    assert spec["interval"] == "jackknife"


def test_nothing_to_compare(study, units):
    append_codings(study.path, codings_of(study, _ratings(units, coders=("anna",))))
    with pytest.raises(YuhuError, match="no unit was coded by two") as caught:
        agree(study)
    assert caught.value.code == "YH207"
    with pytest.raises(YuhuError, match="no code that is on"):
        agree(study, codes=("mood",))


def test_undefined_says_why(study, units):
    append_codings(study.path, codings_of(study, [(unit, coder, "0") for unit in units for coder in ("anna", "bo")]))
    found = agree(study).of("anger")
    assert (found["value"], found["verdict"], found["reason"]) == (None, "undefined", "one_value_used")


def test_gold_takes_the_adjudicated_value(study, units):
    from yuhu.verbs.measure import gold_units

    rows = [(unit, coder, value) for unit in units for coder, value in (("anna", "1"), ("bo", "0"))]
    append_codings(study.path, codings_of(study, rows))
    assert gold_units(study, study.codebook()).units["human"].unique().to_list() == [0.5]
    append_codings(study.path, codings_of(study, [(unit, "chief", "1") for unit in units[:40]], purpose="adjudication"))
    human = gold_units(study, study.codebook()).units.sort("response_id")
    settled = human.filter(pl.col("response_id").is_in(units[:40]))
    assert settled["human"].unique().to_list() == [1.0]
    assert human["human"].mean() == pytest.approx(0.75)
    assert read_samples(study.path)["rel"].size == 80
    assert WHEN.tzinfo is not None

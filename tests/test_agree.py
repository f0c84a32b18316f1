"""`yuhu agree`: what takes part and what does not, groups, weights, and a stored result that is the same twice."""

import sqlite3

import numpy as np
import polars as pl
import pytest

from coding_studies import AT, WHEN, codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import krippendorff_alpha
from yuhu.study.agreements import FILE, FOLDER, read_agreement
from yuhu.study.codings import append_codings
from yuhu.study.layers import add_coverage, read_coverage
from yuhu.study.samples import read_samples
from yuhu.study.store import open_study
from yuhu.verbs.agree import agree, agreement_is_current
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
    from yuhu.verbs.gold import gold_units

    rows = [(unit, coder, value) for unit in units for coder, value in (("anna", "1"), ("bo", "0"))]
    append_codings(study.path, codings_of(study, rows))
    assert gold_units(study, study.codebook()).units["human"].unique().to_list() == [0.5]
    append_codings(study.path, codings_of(study, [(unit, "chief", "1") for unit in units[:40]], purpose="adjudication"))
    human = gold_units(study, study.codebook()).units.sort("response_id")
    settled = human.filter(pl.col("response_id").is_in(units[:40]))
    assert settled["human"].unique().to_list() == [1.0]
    assert human["human"].mean() == pytest.approx(0.75)
    assert read_samples(study.path)["rel"].size == 80


def test_waves_and_a_coder_who_drifts(study):
    first = sample(study, size=60, purpose="reliability", name="w1", series="s", codes=("anger",)).sample.units["unit_id"].to_list()
    second = sample(study, size=60, purpose="reliability", name="w2", series="s", codes=("anger",)).sample.units["unit_id"].to_list()
    rows = [(unit, coder, value) for unit, coder, value in _ratings(first + second, coders=("anna", "bo", "cy"), share=0.5, wrong=0.15)]
    late = set(second)
    rows = [(unit, coder, "1" if coder == "cy" and unit in late and hash_of(unit) else value) for unit, coder, value in rows]
    append_codings(study.path, codings_of(study, rows).with_columns(sample=pl.lit("s")))
    found = agree(study)
    waves = found.rows.filter(pl.col("by") == "wave")
    assert waves["n_units"].sum() == 120
    drift = {row["subject"]: row for row in found.rows.filter(pl.col("by") == "drift").iter_rows(named=True)}
    assert set(drift) == {"anna", "bo", "cy"}
    assert drift["anna"]["n_units"] == 120
    assert drift["cy"]["value"] > max(drift["anna"]["value"], drift["bo"]["value"])


def test_quarters_of_time_are_waves_where_there_is_one_sample(study, units):
    rows = _ratings(units, coders=("anna", "bo", "cy"), share=0.5, wrong=0.15)
    late = set(units[40:])
    rows = [
        (unit, coder, "1" if coder == "cy" and unit in late and value == "0" and hash_of(unit) else value) for unit, coder, value in rows
    ]
    places = {unit: at for at, unit in enumerate(units)}
    frame = codings_of(study, rows)
    when = pl.col("at") + pl.duration(minutes=pl.col("unit_id").replace_strict(places, return_dtype=pl.Int64))
    append_codings(study.path, frame.with_columns(at=when))
    found = agree(study)
    assert found.rows.filter(pl.col("by") == "wave")["subject"].to_list() == ["1", "2", "3", "4"]
    drift = {row["subject"]: row for row in found.rows.filter(pl.col("by") == "drift").iter_rows(named=True)}
    assert drift["cy"]["value"] > 0 > min(drift["anna"]["value"], drift["bo"]["value"])
    assert drift["cy"]["p"] == min(row["p"] for row in drift.values()) < 0.1
    model = found.rows.filter(pl.col("by") == "dawid_skene")
    assert model.height == 6
    assert model["reason"].unique().to_list() == ["few_coders"]


def hash_of(unit):
    """Two units in three."""
    return int(unit.rsplit(":", 1)[1]) % 3 > 0


def _span(study, coder, start, end, *, code="homecoming", video="bilibili:1", value="1"):
    variable = study.codebook().variables[code]
    return {
        "unit_kind": "span",
        "video_id": video,
        "start_ms": start,
        "end_ms": end,
        "code": code,
        "value": value,
        "status": "coded",
        "coder": coder,
        "coder_kind": "human",
        "code_hash": variable.code_hash,
        "codebook_hash": "x",
        "at": WHEN,
    }


def test_timelines(study):
    rows = [_span(study, coder, start, start + 5000 + off) for coder, off in (("anna", 0), ("bo", 1000)) for start in (0, 20000, 60000)]
    append_codings(study.path, pl.DataFrame(rows))
    found = agree(study)
    alpha = found.of("homecoming", by="timeline", coefficient="u_alpha")
    assert 0.5 < alpha["value"] < 1
    assert alpha["reason"] == "too_few_blocks"
    before = alpha["value"]
    add_coverage(study.path, [(coder, "bilibili:1", "homecoming", 0, 120_000) for coder in ("anna", "bo", "cy")], "2026-01-01T00:00:00Z")
    after = agree(study).of("homecoming", by="timeline", coefficient="u_alpha")
    assert after["n_coders"] == 3
    assert after["value"] < before


def _two_alike_and_a_model(study, *, marked=()):
    """Anna and Bo mark the same; a model watched everything and marked what is given."""
    rows = [_span(study, coder, start, start + 5000) for coder in ("anna", "bo") for start in (0, 20000, 60000)]
    rows += [{**_span(study, "eye", start, end), "coder_kind": "llm"} for start, end in marked]
    append_codings(study.path, pl.DataFrame(rows))
    add_coverage(study.path, [("eye", "bilibili:1", "homecoming", 0, 120_000)], AT, kind="llm")


def test_a_model_takes_no_part_in_the_agreement_of_people(study):
    _two_alike_and_a_model(study)
    found = agree(study)
    alpha = found.of("homecoming", by="timeline", coefficient="u_alpha")
    assert (alpha["value"], alpha["n_coders"]) == (1.0, 2)
    assert found.spec["coders"] == ["anna", "bo"]
    assert not found.rows.filter(pl.col("by") == "timeline with machine").height


def test_a_model_on_the_timeline_is_compared_where_it_is_asked_for(study):
    _two_alike_and_a_model(study, marked=[(0, 5000), (90_000, 95_000)])
    found = agree(study, machine="eye")
    assert found.of("homecoming", by="timeline", coefficient="u_alpha")["value"] == 1.0
    beside = found.of("homecoming", by="timeline with machine", subject="eye", coefficient="u_alpha")
    assert beside["n_coders"] == 3
    assert 0 < beside["value"] < 1
    with pytest.raises(YuhuError, match="YH501"):
        agree(study, machine="nobody")


def test_a_model_and_one_person_can_be_compared(study):
    rows = [_span(study, "anna", 0, 5000), {**_span(study, "eye", 0, 5000), "coder_kind": "llm"}]
    append_codings(study.path, pl.DataFrame(rows))
    with pytest.raises(YuhuError, match="YH207"):
        agree(study)
    assert agree(study, machine="eye").of("homecoming", by="timeline with machine", subject="eye", coefficient="u_alpha")["n_coders"] == 2


@pytest.mark.parametrize("later", ["span", "coverage", "withdrawn", "model"])
def test_an_agreement_on_timelines_is_stale_once_they_change(study, later):
    _two_alike_and_a_model(study)
    add_coverage(study.path, [("anna", "bilibili:1", "homecoming", 0, 120_000)], AT)
    agree(study, machine="eye")
    assert agreement_is_current(study)
    if later == "span":
        append_codings(study.path, pl.DataFrame([_span(study, "bo", 80_000, 85_000)]))
    elif later == "model":
        add_coverage(study.path, [("eye", "bilibili:2", "homecoming", 0, 9_000)], AT, kind="llm")
    else:
        status = "withdrawn" if later == "withdrawn" else "watched"
        end = 120_000 if later == "withdrawn" else 60_000
        add_coverage(study.path, [("anna", "bilibili:1", "homecoming", 0, end)], AT, status=status)
    assert not agreement_is_current(study)


def test_what_a_model_watched_is_told_apart_in_a_file_of_version_2(study):
    _two_alike_and_a_model(study, marked=[(0, 5000)])
    add_coverage(study.path, [("anna", "bilibili:1", "homecoming", 0, 120_000)], AT)
    with sqlite3.connect(study.path / "codings.sqlite") as file:
        for column in ("coder_kind", "status"):
            file.execute(f"alter table coverage drop column {column}")
        file.execute("pragma user_version = 2")
    file.close()
    assert set(read_coverage(study.path).select("coder", "coder_kind").iter_rows()) == {("anna", "human"), ("eye", "llm")}


def test_a_watched_stretch_needs_a_known_kind(study):
    for said in ({"kind": "robot"}, {"status": "seen"}):
        with pytest.raises(YuhuError, match="YH503"):
            add_coverage(study.path, [("anna", "bilibili:1", "homecoming", 0, 5)], AT, **said)


def test_timelines_that_overlap_are_said_and_stop_nothing(study, units):
    append_codings(study.path, codings_of(study, _ratings(units)))
    rows = [_span(study, "anna", 0, 5000), _span(study, "anna", 3000, 9000), _span(study, "bo", 0, 5000)]
    append_codings(study.path, pl.DataFrame(rows))
    found = agree(study)
    assert found.of("anger")["n_units"] == 80
    assert "overlap" in found.warnings[0]

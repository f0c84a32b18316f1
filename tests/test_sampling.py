"""Sampling: chances that are true, waves that add up, coders who can read what they get."""

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from coding_studies import AT, codings_of, study_of
from yuhu.coding.assigning import assign, languages_of, overlapping
from yuhu.coding.sampling import allocate, draw, spreads
from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.study.assignments import Person, put_person, read_assignments
from yuhu.study.codings import append_codings
from yuhu.study.samples import read_samples, read_series
from yuhu.study.store import open_study
from yuhu.verbs.coder_hours import ASSUMED_S
from yuhu.verbs.gold import gold_units
from yuhu.verbs.plan import plan
from yuhu.verbs.sample import sample


@given(st.lists(st.tuples(st.integers(1, 300), st.floats(0, 100)), min_size=1, max_size=10), st.data())
def test_allocation_sums_up_within_bounds(strata, data):
    counts, weights = np.array([n for n, _ in strata]), np.array([weight for _, weight in strata])
    size = data.draw(st.integers(0, int(counts.sum())))
    drawn = allocate(counts, weights, size)
    assert drawn.sum() == size
    assert (drawn <= counts).all()
    if np.minimum(counts, 2).sum() <= size:
        assert (drawn >= np.minimum(counts, 2)).all()


def test_allocations():
    counts = np.array([1000, 100, 50])
    assert allocate(counts, counts.astype(float), 115).tolist() == [100, 10, 5]
    assert allocate(counts, np.ones(3), 600).tolist() == [450, 100, 50]


def _population(sizes):
    units = [(f"{stratum}{at:04d}", stratum) for stratum, n in sizes.items() for at in range(n)]
    return pl.DataFrame(units, schema=["unit_id", "stratum"], orient="row")


def test_each_unit_is_drawn_as_often_as_its_chance_says():
    population = _population({"predicted=1": 30, "predicted=0": 170})
    counts = dict.fromkeys(population["unit_id"], 0)
    for seed in range(2000):
        drawn = draw(population, 40, generator(seed, "test"), enriched={"predicted=1": 0.5})
        for unit in drawn.units["unit_id"]:
            counts[unit] += 1
    chances = dict(drawn.units.select("stratum", "chance").iter_rows())
    for unit, n in counts.items():
        chance = chances[unit[:-4]]
        assert abs(n / 2000 - chance) < 5 * np.sqrt(chance * (1 - chance) / 2000)


def test_the_chances_undo_the_enrichment():
    population = _population({"predicted=1": 30, "predicted=0": 170})
    for seed in range(20):
        drawn = draw(population, 40, generator(seed, "test"), enriched={"predicted=1": 0.5})
        assert (1 / drawn.units["chance"]).sum() == pytest.approx(200)
        assert drawn.units.filter(pl.col("stratum") == "predicted=1").height == 20


def test_the_order_of_rows_does_not_matter():
    population = _population({"a": 50, "b": 60})
    first = draw(population, 30, generator(1, "test"))
    second = draw(population.sample(fraction=1, shuffle=True, seed=9), 30, generator(1, "test"))
    assert first.units.equals(second.units)
    assert not first.units.equals(draw(population, 30, generator(2, "test")).units)


def test_small_strata_are_put_together():
    drawn = draw(_population({"a": 100, "b": 3, "c": 4, "d": 5, "e": 30}), 50, generator(1, "test"))
    assert drawn.strata["stratum"].to_list() == ["(small)", "a"]
    assert drawn.strata["population"].to_list() == [42, 100]
    assert drawn.units["chance"].is_between(0, 1, closed="right").all()


def test_neyman_takes_more_where_units_differ_more():
    population = _population({"a": 500, "b": 500})
    drawn = draw(population, 100, generator(1, "test"), allocation="neyman", spread=spreads({"a": (0, 50), "b": (25, 50)}))
    taken = dict(drawn.strata.select("stratum", "drawn").iter_rows())
    assert taken["a"] + taken["b"] == 100
    assert taken["a"] == pytest.approx(100 * 0.2179 / (0.2179 + 0.5), abs=1)


@pytest.mark.parametrize("size", [0, -3, 201])
def test_sizes_that_cannot_be(size):
    with pytest.raises(YuhuError, match="cannot have this size") as caught:
        draw(_population({"a": 200}), size, generator(1, "test"))
    assert "1 to 200" in str(caught.value)
    assert caught.value.fix == ("--size 200" if size > 200 else "say how many units to draw: --size 100")


def test_everybody_gets_what_they_read():
    units = pl.DataFrame({"unit_id": [f"u{at:03d}" for at in range(90)], "role": ["single"] * 90, "lang": ["zh", "en", "und"] * 30})
    given_out = assign(units, {"anna": ["zh"], "bo": ["en"], "cy": []}, generator(1, "t"), purpose="main")
    by_coder = {name: [one.unit_id for one in given_out if one.coder == name] for name in ("anna", "bo", "cy")}
    langs = dict(units.select("unit_id", "lang").iter_rows())
    assert not [unit for unit in by_coder["anna"] if langs[unit] == "en"]
    assert not [unit for unit in by_coder["bo"] if langs[unit] == "zh"]
    assert sorted(unit for units in by_coder.values() for unit in units) == units["unit_id"].to_list()
    assert max(map(len, by_coder.values())) - min(map(len, by_coder.values())) <= 2


def test_nobody_reads_a_language():
    units = pl.DataFrame({"unit_id": ["a"], "role": ["overlap"], "lang": ["ko"]})
    with pytest.raises(YuhuError, match="too few coders") as caught:
        assign(units, {"anna": ["zh"], "bo": ["ko"]}, generator(1, "t"), purpose="pilot")
    assert caught.value.code == "YH505"
    assert "ko" in str(caught.value)
    assert languages_of({"anna": ["zh", "en"], "bo": ["en"]}, 2) == ["en"]
    assert languages_of({"anna": ["zh"], "bo": [], "cy": []}, 2) == []


def test_hostile_texts_stand_apart():
    units = pl.DataFrame(
        {"unit_id": [f"u{at:03d}" for at in range(100)], "role": "single", "lang": "zh", "is_hostile": [at < 10 for at in range(100)]}
    )
    hostile = set(units["unit_id"][:10])
    order = [one.unit_id for one in assign(units, {"anna": []}, generator(3, "t"), purpose="main")]
    places = [at for at, unit in enumerate(order) if unit in hostile]
    assert min(b - a for a, b in itertools.pairwise(places)) >= 9


def test_overlap_is_a_random_part():
    units = pl.DataFrame({"unit_id": [f"u{at}" for at in range(50)], "chance": 0.1, "stratum": "a"})
    roles = overlapping(units, 0.2, generator(1, "t"))
    assert roles.filter(pl.col("role") == "overlap").height == 10


def test_a_sample_is_stored_with_all_that_decided_it(tmp_path):
    study = study_of(tmp_path)
    drawn = sample(study, size=40, codes=("anger",), by=("language", "video"), overlap=0.25, repeats=0.1)
    kept = read_samples(study.path)[drawn.sample.name]
    assert kept.units.equals(drawn.sample.units)
    assert kept.strata.sort("stratum").equals(drawn.sample.strata.sort("stratum"))
    assert (kept.design, kept.seed, kept.population) == ("stratified_proportional.v1", study.settings.seed, 200)
    assert kept.plan["by"] == ["video", "language"]
    given_out = read_assignments(study.path)
    assert given_out.filter(pl.col("occasion") == 0).height == 50
    assert given_out.filter(pl.col("occasion") == 1)["not_before"].min() > AT
    assert drawn.hours.seconds == ASSUMED_S
    assert not drawn.hours.is_measured


def test_equal_calls_draw_equal_units(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = (sample(study_of(tmp_path / name), size=30, name="x") for name in ("a", "b"))
    assert first.sample.units.equals(second.sample.units)
    assert first.assignments == second.assignments


def test_pilot_units_are_never_drawn_again(tmp_path):
    study = study_of(tmp_path, 60)
    pilot = sample(study, size=25, purpose="pilot")
    rest = sample(study, size=35)
    assert not set(pilot.sample.units["unit_id"]) & set(rest.sample.units["unit_id"])
    with pytest.raises(YuhuError, match="cannot have this size"):
        sample(study, size=36)


def test_waves_count_as_one_sample(tmp_path):
    study = study_of(tmp_path)
    sample(study, size=30, series="g", codes=("anger",), coders=("anna",))
    second = sample(study, size=50, series="g", codes=("anger",), coders=("anna",))
    assert second.sample.wave == 2
    whole = read_series(study.path)["g"]
    assert whole.size == 80
    assert whole.units["chance"].to_list() == pytest.approx([80 / 200] * 80)
    assert sorted(read_samples(study.path)) == ["g-1", "g-2"]
    rows = [(unit, "anna", "1" if at % 4 == 0 else "0") for at, unit in enumerate(whole.units["unit_id"])]
    append_codings(study.path, codings_of(study, rows, purpose="main"))
    gold = gold_units(open_study(study.path), study.codebook())
    assert gold.samples == ["g"]
    assert gold.units["response_id"].n_unique() == 80
    assert gold.units["is_complete"].all()


def test_waves_with_strata(tmp_path):
    study = study_of(tmp_path)
    sample(study, size=40, series="g", by=("language",), allocation="equal")
    sample(study, size=60, series="g", by=("language",), allocation="equal")
    whole = read_series(study.path)["g"]
    by_stratum = dict(whole.units.group_by("stratum").agg(pl.col("chance").mean()).iter_rows())
    assert by_stratum["language=zh"] == pytest.approx(50 / 150)
    assert by_stratum["language=en"] == pytest.approx(1.0)
    assert (1 / whole.units["chance"]).sum() == pytest.approx(200)


def test_messages_that_came_later_had_no_chance_before(tmp_path):
    study = study_of(tmp_path, 100)
    sample(study, size=20, series="g")
    late = tmp_path / "late.csv"
    late.write_text("id,text\n" + "\n".join(f"n{at},她想回家 {at}" for at in range(100)) + "\n", "utf-8")
    yuhu.add(study, [late], mapping={"id": "id", "text": "text"}, platform="bilibili", video="3", kind="comment")
    sample(open_study(study.path), size=45, series="g")
    whole = read_series(study.path)["g"]
    new = whole.units.filter(pl.col("unit_id").str.contains(":3:"))
    old = whole.units.filter(~pl.col("unit_id").str.contains(":3:"))
    assert new["chance"].to_list() == pytest.approx([45 / 180] * new.height)
    assert old["chance"].to_list() == pytest.approx([1 - 0.8 * 0.75] * old.height)


def test_enriching_by_the_machine(tmp_path):
    study = study_of(tmp_path)
    with pytest.raises(YuhuError, match="has coded nothing"):
        sample(study, size=30, codes=("cultural_identity",), enrich=0.5)
    yuhu.code(study)
    drawn = sample(open_study(study.path), size=30, codes=("affective_empathy",), by=("predicted",))
    assert drawn.sample.plan["run"]
    assert all(name.startswith("predicted=") or name == "(small)" for name in drawn.sample.strata["stratum"])


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"codes": ("mood",)}, "no code for responses"),
        ({"by": ("mood",)}, "not known"),
        ({"purpose": "adjudication"}, "not known"),
        ({"enrich": 0.5}, "which code"),
        ({"coders": ("zoe",)}, "no coder is called"),
        ({"overlap": 2.0}, "outside"),
        ({"repeats": 1.0}, "outside"),
    ],
)
def test_what_is_refused(tmp_path, options, match):
    study = study_of(tmp_path, 60)
    with pytest.raises(YuhuError, match=match) as caught:
        sample(study, size=10, **options)
    assert caught.value.fix
    assert not read_samples(study.path)


def test_languages_that_nobody_reads_are_outside(tmp_path):
    study = study_of(tmp_path, coders=())
    put_person(study.path, Person("anna", languages=("zh",)), AT)
    drawn = sample(study, size=20)
    assert drawn.outside == 50
    assert drawn.sample.population == 150


def test_planning(tmp_path):
    study = study_of(tmp_path)
    found = {one.code: one for one in plan(study, ("anger",), half_width=0.05)}
    assert found["anger"].source == "worst case"
    assert found["anger"].units_share == 132  # n0 = 384.1, N = 200
    rows = [(f"bilibili:1:danmaku:{at}", "anna", "1" if at < 2 else "0") for at in range(0, 100, 2)]
    append_codings(study.path, codings_of(study, rows))
    found = {one.code: one for one in plan(study, ("anger",), half_width=0.05)}
    assert found["anger"].source == "people"
    assert found["anger"].share == pytest.approx(1.5 / 51)
    assert found["anger"].is_rare


def test_planning_reliability_from_a_pilot(tmp_path):
    study = study_of(tmp_path)
    units = sample(study, size=60, purpose="pilot", codes=("anger",)).sample.units["unit_id"]
    rows = [(unit, "anna", str(int(at % 3 == 0))) for at, unit in enumerate(units)]
    rows += [(unit, "bo", str(int(at % 3 == 0 or at % 20 == 1))) for at, unit in enumerate(units)]
    append_codings(study.path, codings_of(study, rows, purpose="pilot"))
    found = plan(study, ("anger",))[0]
    assert found.pilot_units == 60
    assert 0.8 < found.pilot_alpha < 1
    assert 0 < found.units_reliability <= found.units_reliability_cautious
    append_codings(study.path, codings_of(study, [(unit, "bo", "1") for unit in units], purpose="pilot"))
    assert plan(study, ("anger",))[0].units_reliability is None

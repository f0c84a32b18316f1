"""Shares corrected by gold: laws of the estimator from sums, and the measures that use it."""

import itertools

import numpy as np
import polars as pl
import pytest

import yuhu
from coding_studies import codings_of, study_of
from test_measures import evidence, get, measure, messages
from yuhu.core.errors import YuhuError
from yuhu.core.evidence import Frame, Gold, MachineEvidence
from yuhu.core.sample import Sample
from yuhu.stats.clusters import logit_interval
from yuhu.stats.correction import corrected_mean
from yuhu.stats.correction.tabled import DIFFERENCE, FEW_ERRORS, GOLD_ONLY, METHOD, CorrectedShares, Drawn, Totals
from yuhu.stats.survey import hajek_mean
from yuhu.study.codings import add_sample, append_codings
from yuhu.study.store import open_study
from yuhu.testing import check_measure
from yuhu.verbs.sample import sample


def one_group(machine, human, chance, at, *, cluster=None, stratum=None, **options):
    """All units in one group; `at` are the drawn ones."""
    works = np.zeros(machine.size, int) if cluster is None else cluster
    totals = Totals(np.bincount(works)[None, :].astype(float), np.bincount(works, weights=machine)[None, :])
    drawn = Drawn(
        machine[at], human[at], np.broadcast_to(chance, machine.shape)[at], np.zeros(at.size, int),
        np.zeros(at.size, int) if stratum is None else stratum[at], None if cluster is None else cluster[at],
    )  # fmt: skip
    return CorrectedShares(drawn, totals, **options).share(0)


def world(rng, units=4_000, share=0.25, right=(0.85, 0.9)):
    human = (rng.random(units) < share).astype(float)
    machine = np.where(human == 1, rng.random(units) < right[0], rng.random(units) > right[1]).astype(float)
    return human, machine


def test_unbiased_over_all_samples_whatever_the_machine_says():
    human = np.array([1.0, 0, 0, 1, 1, 0, 0])
    machine = np.array([0.0, 1, 0.3, 1, 0.2, 0, 1])
    values = [one_group(machine, human, 4 / 7, np.array(at)).value for at in itertools.combinations(range(7), 4)]
    free = [machine.mean() + (human - machine)[list(at)].mean() for at in itertools.combinations(range(7), 4)]
    assert np.mean(free) == pytest.approx(human.mean())
    inside = [value for value in free if 0 <= value <= 1]
    assert len(inside) < len(free), "shares outside [0, 1] are cut"
    assert [v for v, f in zip(values, free, strict=True) if 0 <= f <= 1] == pytest.approx(inside)


def test_the_same_as_the_estimator_from_arrays():
    rng = np.random.default_rng(4)
    human, machine = world(rng)
    at = np.sort(rng.choice(4_000, 400, replace=False))
    from_sums = one_group(machine, human, 0.1, at)
    answer = np.full(4_000, np.nan)
    answer[at] = human[at]
    from_arrays = corrected_mean(machine, answer, np.full(4_000, 0.1))
    assert from_sums.value == pytest.approx(from_arrays.value, abs=1e-12)
    assert from_sums.high - from_sums.low == pytest.approx(from_arrays.high - from_arrays.low, rel=0.02)


def test_a_useless_machine_costs_nothing_and_a_good_one_helps():
    rng = np.random.default_rng(5)
    human, good = world(rng, right=(0.97, 0.98))
    at = np.sort(rng.choice(4_000, 400, replace=False))
    alone = hajek_mean(human[at], np.full(400, 0.1))
    noise = (rng.random(4_000) < 0.5).astype(float)
    for machine in (np.zeros(4_000), np.ones(4_000), noise):
        found = one_group(machine, human, 0.1, at, tuned=True)
        assert found.value == pytest.approx(alone.value, abs=0.01)
        assert found.high - found.low == pytest.approx(alone.high - alone.low, rel=0.03)
    helped = one_group(good, human, 0.1, at, tuned=True)
    assert helped.high - helped.low < 0.5 * (alone.high - alone.low)
    assert abs(helped.value - human.mean()) < abs(alone.value - human.mean()) + 0.01


def test_a_perfect_machine_and_a_census():
    rng = np.random.default_rng(6)
    human, _ = world(rng)
    at = np.sort(rng.choice(4_000, 400, replace=False))
    found = one_group(human, human, 0.1, at)
    assert (found.value, found.method) == (pytest.approx(human.mean()), FEW_ERRORS)
    assert found.low < found.value < found.high, "no error in 400 units is no proof that there is none"
    everything = one_group(1 - human, human, 1.0, np.arange(4_000))
    assert (everything.low, everything.value, everything.high) == (pytest.approx(human.mean()),) * 3


def test_rare_codes_are_left_to_gold_alone():
    rng = np.random.default_rng(7)
    human, machine = world(rng, share=0.02, right=(0.8, 0.95))
    at = np.sort(rng.choice(4_000, 200, replace=False))
    found = one_group(machine, human, 0.05, at)
    alone = hajek_mean(human[at], np.full(200, 0.05))
    assert found.method == GOLD_ONLY
    assert (found.value, found.low, found.high) == (alone.value, alone.low, alone.high)
    assert (found.n, found.n_gold) == (4_000, 200)


@pytest.mark.parametrize(("gold", "reason"), [(0, "too_few_gold"), (9, "too_few_gold")])
def test_too_little_gold(gold, reason):
    rng = np.random.default_rng(8)
    human, machine = world(rng, units=100)
    found = one_group(machine, human, 0.1, np.arange(gold))
    assert (found.reason, found.low) == (reason, None)
    assert (found.value is None) == (gold == 0)


def test_no_units():
    empty = CorrectedShares(Drawn(*(np.zeros(0),) * 2, np.zeros(0), *(np.zeros(0, int),) * 2), Totals(np.zeros((1, 1)), np.zeros((1, 1))))
    assert empty.share(0).reason == "no_units"
    assert empty.difference(0, 0).value is None


def test_heavy_units_decide_nothing_alone():
    rng = np.random.default_rng(9)
    human, machine = world(rng, units=2_000)
    chance = np.where(np.arange(2_000) < 4, 0.004, 0.9)
    at = np.array([0, 1, *range(1_000, 1_040)])
    assert one_group(machine, human, chance, at).reason == "not_estimable"


@pytest.mark.parametrize(("works", "reason", "method"), [(4, "too_few_videos", METHOD), (7, "", METHOD), (20, "", METHOD)])
def test_works_like_these(works, reason, method):
    rng = np.random.default_rng(10)
    cluster = np.repeat(np.arange(works), 4_000 // works)
    human, machine = world(rng, units=cluster.size)
    at = np.sort(rng.choice(cluster.size, 400, replace=False))
    found = one_group(machine, human, 400 / cluster.size, at, cluster=cluster)
    assert (found.reason, found.method) == (reason, method)
    assert (found.value is None) == bool(reason)
    if not reason:
        assert found == one_group(machine, human, 400 / cluster.size, at, cluster=cluster), "the bootstrap is seeded"


def two_groups(rng, units=6_000, gold=600, right=((0.8, 0.94), (0.9, 0.82))):
    group = (rng.random(units) < 0.5).astype(int)
    human = (rng.random(units) < 0.24).astype(float)
    sees, spares = np.array(right)[group].T
    machine = np.where(human == 1, rng.random(units) < sees, rng.random(units) > spares).astype(float)
    at = np.sort(rng.choice(units, gold, replace=False))
    totals = Totals(np.bincount(group)[:, None].astype(float), np.bincount(group, weights=machine)[:, None])
    drawn = Drawn(machine[at], human[at], np.full(gold, gold / units), group[at], np.zeros(gold, int))
    return group, human, machine, CorrectedShares(drawn, totals, tuned=True)


def test_unequal_errors_make_no_difference():
    """Methods 3.3: an 88 % accurate machine invents eleven points between groups that are equal."""
    rng = np.random.default_rng(11)
    naive, covered, rounds = [], 0, 200
    for _ in range(rounds):
        group, human, machine, shares = two_groups(rng)
        naive.append(machine[group == 1].mean() - machine[group == 0].mean())
        found = shares.difference(1, 0)
        assert found.method == DIFFERENCE
        covered += found.low <= human[group == 1].mean() - human[group == 0].mean() <= found.high
    assert np.mean(naive) == pytest.approx(0.115, abs=0.01)
    assert covered / rounds > 0.9


def test_a_difference_turns_its_sign():
    _, _, _, shares = two_groups(np.random.default_rng(12))
    one, other = shares.difference(1, 0), shares.difference(0, 1)
    assert (one.value, one.low, one.high) == pytest.approx((-other.value, -other.high, -other.low))


def test_order_and_names_do_not_matter():
    rng = np.random.default_rng(13)
    human, machine = world(rng)
    stratum = rng.integers(0, 3, 4_000)
    at = np.sort(rng.choice(4_000, 400, replace=False))
    turned = rng.permutation(at)
    plain, mixed = (one_group(machine, human, 0.1, places, stratum=stratum, tuned=True) for places in (at, turned))
    assert (plain.low, plain.value, plain.high) == pytest.approx((mixed.low, mixed.value, mixed.high), rel=1e-9)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"chance": np.array([0.0, 1])}, "YH302"),
        ({"human": np.array([2.0, 0])}, "YH303"),
        ({"machine": np.array([np.nan, 0])}, "YH303"),
        ({"group": np.zeros(3, int)}, "YH301"),
    ],
)
def test_what_makes_no_sense_is_refused(change, code):
    fields = {"machine": np.zeros(2), "human": np.zeros(2), "chance": np.ones(2), "group": np.zeros(2, int), "stratum": np.zeros(2, int)}
    with pytest.raises(YuhuError) as caught:
        CorrectedShares(Drawn(**{**fields, **change}), Totals(np.ones((1, 1)), np.zeros((1, 1))))
    assert caught.value.code == code


# measures


def gold_of(rows, *, code="anger", complete=True, frame=None, stratum="all"):
    """Gold of (message, human) under one chance."""
    units = pl.DataFrame(
        [
            {
                "response_id": row["response_id"], "code": code, "value_id": "1", "human": human, "chance": 0.5, "stratum": stratum,
                "is_complete": complete, "video_id": row["video_id"], "platform": row["platform"], "lang": row["lang"],
                "region": row["region"], "work_id": "w",
            }
            for row, human in rows
        ],
        infer_schema_length=None,
    ).with_columns(pl.col("region").cast(pl.String))  # fmt: skip
    return Gold(units, ["a"], ["s"], [frame or Frame([code])])


def half_coded(right=1.0):
    """220 Chinese and 180 English messages, each text once; every second one coded by people; anger in every fifth, the machine errs in English."""
    rows, coded, gold = [], [], []
    for at in range(400):
        lang = "zh" if at < 220 else "en"
        [row] = messages(1, key=at, lang=lang, video="bilibili:1" if at % 3 else "douyin:2")
        rows.append(row)
        angry = at % 5 == 0
        if angry or (lang == "en" and at % 8 in (1, 2)):
            coded.append((at, lang, "anger", "1"))
        if at % 2 == 0 or at % 10 in (3, 5):
            gold.append((row, float(angry)))
    return rows, coded, gold


def test_the_measure_corrects_what_the_machine_invents():
    rows, coded, gold = half_coded()
    facts = evidence(rows, coded, served=["anger"], gold=gold_of(gold))
    frame = measure("prevalence.v1").estimate(facts)
    machine, fixed, people = (get(frame, source=s, by="all", code="anger") for s in ("machine", "corrected", "gold"))
    wrong = [
        float((at, row["lang"], "anger", "1") in coded) - human
        for (row, human), at in zip(gold, (int(r["response_id"][1:].split("-")[0]) for r, _ in gold), strict=True)
    ]
    assert people["value"] == pytest.approx(np.mean([human for _, human in gold]))
    assert (machine["count"], machine["n"]) == (len(coded), 400)
    assert (fixed["n"], fixed["n_gold"], fixed["rung"], fixed["coder"]) == (400, len(gold), "D", "lexicon")
    slope = np.clip(
        np.cov([h + w for (_, h), w in zip(gold, wrong, strict=True)], [h for _, h in gold])[0, 1]
        / np.var([h + w for (_, h), w in zip(gold, wrong, strict=True)], ddof=1),
        0,
        1,
    )
    expected = slope * len(coded) / 400 + np.mean([h - slope * (h + w) for (_, h), w in zip(gold, wrong, strict=True)])
    assert fixed["value"] == pytest.approx(expected)
    check_measure(measure("prevalence.v1"), facts)
    check_measure(measure("contrast.v1"), facts)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [(None, "no_bridge_set"), ("comparable", ""), ("not_comparable", "not_comparable"), ("not_judged", "comparability_not_judged")],
)
def test_languages_are_comparable_only_where_a_bridge_set_says_so(verdict, reason):
    rows, coded, gold = half_coded()
    comparable = {} if verdict is None else {("anger", "1", "en", "zh"): verdict}
    frame = measure("contrast.v1").estimate(evidence(rows, coded, served=["anger"], gold=gold_of(gold), comparable=comparable))
    found = get(frame, by="language", subject="zh − en")
    assert found["reason"] == reason
    assert found["low"] < found["value"] < found["high"]
    assert get(frame, by="platform")["reason"] == "", "both platforms are mostly Chinese"
    korean = [{**row, "lang": "ko"} if row["lang"] == "en" else row for row in rows]
    of_gold = [({**row, "lang": "ko"} if row["lang"] == "en" else row, human) for row, human in gold]
    said = [(at, "ko" if lang == "en" else lang, code, value) for at, lang, code, value in coded]
    other = measure("contrast.v1").estimate(evidence(korean, said, served=["anger"], gold=gold_of(of_gold), comparable=comparable))
    assert get(other, by="language")["reason"] == "no_bridge_set", "a verdict on zh and en says nothing of ko"


def test_platforms_of_different_languages_are_compared_across_languages():
    rows, coded, gold = half_coded()
    apart = [{**row, "platform": "bilibili" if row["lang"] == "zh" else "youtube"} for row in rows]
    frame = measure("contrast.v1").estimate(evidence(apart, coded, served=["anger"], gold=gold_of(gold)))
    assert get(frame, by="platform")["reason"] == "no_bridge_set"


def test_incomplete_gold_gives_no_interval():
    rows, coded, gold = half_coded()
    facts = evidence(rows, coded, served=["anger"], gold=gold_of(gold, complete=False))
    for name in ("prevalence.v1", "contrast.v1"):
        frame = measure(name).estimate(facts).filter(pl.col("source") == "corrected")
        assert set(frame["reason"]) == {"gold_incomplete"}
        assert frame["value"].null_count() == 0


def test_messages_that_had_no_chance_are_outside():
    rows, coded, gold = half_coded()
    late = [{**row, "source": "late"} for row in messages(100, key=999)]
    early = [{**row, "source": "early"} for row in rows]
    french = [{**row, "source": "early"} for row in messages(7, key=998, lang="fr")]
    spent = [{**messages(1, key=997)[0], "source": "early"}]
    frame = Frame(["anger"], ["early"], ["zh", "en"], [spent[0]["response_id"]])
    facts = evidence([*early, *late, *french, *spent], coded, served=["anger"], gold=gold_of(gold, frame=frame))
    assert get(measure("prevalence.v1").estimate(facts), source="corrected", by="all")["n"] == 400
    assert get(measure("prevalence.v1").estimate(facts), source="machine", by="all")["n"] == 508


def test_what_cleaning_kept_out_of_the_draw_stays_out():
    rows, coded, gold = half_coded()
    copies = messages(300, key=999)
    flags = pl.LazyFrame({"response_id": [row["response_id"] for row in copies], "rule": "exact_copy"})
    frame = Frame(["anger"], left_out=["exact_copy"])
    facts = evidence([*rows, *copies], [*coded, (999, "zh", "anger", "1")], served=["anger"], gold=gold_of(gold, frame=frame), flags=flags)
    assert get(measure("prevalence.v1").estimate(facts), source="corrected", by="all")["n"] == 400


@pytest.mark.parametrize("each", [2, 3])
def test_many_small_strata_cover(each):
    """Two or three gold units in each of many strata, as `--by video` gives them."""
    rng = np.random.default_rng(20 + each)
    strata, size, covered, rounds = 120, 60, 0, 150
    stratum = np.repeat(np.arange(strata), size)
    human = (rng.random(strata * size) < rng.beta(2, 6, strata)[stratum]).astype(float)
    machine = np.where(human == 1, rng.random(human.size) < 0.8, rng.random(human.size) < 0.12).astype(float)
    widths = []
    for _ in range(rounds):
        at = np.concatenate([start * size + rng.choice(size, each, replace=False) for start in range(strata)])
        found = one_group(machine, human, each / size, at, stratum=stratum, tuned=True)
        covered += found.low <= human.mean() <= found.high
        widths.append(found.high - found.low)
    assert 0.9 < covered / rounds <= 1
    assert np.mean(widths) < 0.1


def test_a_share_beside_zero_has_an_interval():
    assert logit_interval(1e-4, 0.1) == (pytest.approx(0.0, abs=1e-12), pytest.approx(1.0))


def test_probabilities_stand_for_labels_where_there_are_any():
    rows, coded, gold = half_coded()
    sure = pl.LazyFrame(
        [
            {"text_key": at, "lang": lang, "code": code, "value_id": "1", "probability": 0.9 if at % 5 == 0 else 0.2}
            for at, lang, code, _ in coded
        ],
        schema={"text_key": pl.Int64, "lang": pl.String, "code": pl.String, "value_id": pl.String, "probability": pl.Float32},
    )
    labels, scores = (
        get(
            measure("prevalence.v1").estimate(evidence(rows, coded, served=["anger"], gold=gold_of(gold), scores=one)),
            source="corrected",
            by="all",
        )
        for one in (None, sure)
    )
    assert scores["high"] - scores["low"] < labels["high"] - labels["low"]


def test_a_decision_that_the_machine_never_makes_is_not_corrected():
    rows, coded, gold = half_coded()
    frame = measure("prevalence.v1").estimate(evidence(rows, coded, served=["stance"], gold=gold_of(gold)))
    assert not frame.filter(pl.col("source") == "corrected").height


def test_each_coder_has_its_own_row():
    rows, coded, gold = half_coded()
    facts = evidence(rows, coded, served=["anger"], gold=gold_of(gold))
    other = MachineEvidence("other", facts.responses, facts.codings.filter(pl.col("lang") == "zh"), facts.abstained, None, None, ["anger"])
    frame = check_measure(measure("multiverse.v1"), evidence(rows, coded, served=["anger"], gold=gold_of(gold), others=[other]))
    assert sorted(frame.select("subject", "source").rows()) == [
        (name, source) for name in ("lexicon", "other") for source in ("corrected", "machine")
    ]
    by = {(row["subject"], row["source"]): row["value"] for row in frame.iter_rows(named=True)}
    assert abs(by["lexicon", "corrected"] - by["other", "corrected"]) < abs(by["lexicon", "machine"] - by["other", "machine"])


def test_small_groups_are_suppressed():
    rows, coded, gold = half_coded()
    few = [{**row, "region": "north" if at < 4 else "south"} for at, row in enumerate(rows)]
    mine = [({**row, "region": few[int(row["response_id"][1:].split("-")[0])]["region"]}, human) for row, human in gold]
    frame = measure("prevalence.v1").estimate(evidence(few, coded, served=["anger"], gold=gold_of(mine)))
    north = get(frame, source="corrected", by="region", subject="north")
    assert (north["reason"], north["value"]) == ("small_cell", None)


def give(study, name, units, chance, truth, **more):
    """A sample of units with one chance, coded by anna."""
    frame = pl.DataFrame({"unit_id": units, "chance": chance, "stratum": "all"})
    plan = {"sources": sorted(entry.source for entry in study.manifest.sources), "reads": ["en", "zh"], **more.pop("plan", {})}
    add_sample(study.path, Sample(name, frame, "simple_random.v1", 1, len(units), plan=plan, **more), "2026-01-01T00:00:00Z")
    append_codings(study.path, codings_of(study, [(unit, "anna", truth(unit)) for unit in units], purpose="main"))


def of_all(study, code="anger"):
    return get(yuhu.measure(open_study(study.path)).estimates, measure="prevalence.v1", source="corrected", by="all", code=code)


def test_from_files_to_the_corrected_share(tmp_path):
    study = study_of(tmp_path, 400)
    ids = study.scan("responses").collect().sort("response_id")["response_id"].to_list()
    place = {unit: at for at, unit in enumerate(ids)}
    give(study, "s", ids[::4], 0.25, lambda unit: "1" if place[unit] % 8 else "0")
    yuhu.code(study)
    found = of_all(study)
    assert (found["value"], found["n"], found["n_gold"]) == (0.5, 400, 100)
    assert found["method"] == METHOD, "a machine that never sees the code is worth nothing, and nothing is lost"
    assert found["low"] < 0.45 < 0.55 < found["high"]


def test_a_later_wave_of_new_files_counts_all_of_them(tmp_path):
    """400 messages of which a tenth have the code, then 1,200 more of which nine in ten do; one wave of each kind."""
    study = study_of(tmp_path, 400, coders=("anna",))
    yuhu.code(study)
    first = sample(study, size=100, codes=["anger"], series="w", seed=1)
    table = tmp_path / "more.csv"
    rows = [f"{10_000 + at},她想回家 {10_000 + at},2023-09-02 12:00:00,p{at}" for at in range(1_200)]
    table.write_text("id,text,time,who\n" + "\n".join(rows) + "\n", "utf-8")
    mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author"}
    yuhu.add(open_study(study.path), [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video="3", kind="danmaku")
    study = open_study(study.path)
    yuhu.code(study)
    second = sample(open_study(study.path), size=300, codes=["anger"], series="w", seed=2)
    late = set(study.scan("responses").filter(pl.col("video_id") == "bilibili:3").select("response_id").collect()["response_id"])
    units = [*first.sample.units["unit_id"], *second.sample.units["unit_id"]]
    has_it = {unit: ("1" if at % 10 else "0") if unit in late else ("0" if at % 10 else "1") for at, unit in enumerate(sorted(units))}
    append_codings(study.path, codings_of(study, [(unit, "anna", has_it[unit]) for unit in units], purpose="main"))
    found = of_all(study)
    assert found["n"] == 1_600
    assert found["low"] < 0.7 < found["high"]
    assert found["value"] == pytest.approx(0.7, abs=0.08)


def test_a_pilot_that_is_drawn_later_changes_nothing(tmp_path):
    study = study_of(tmp_path, 400, coders=("anna", "bo"))
    yuhu.code(study)
    drawn = sample(study, size=100, codes=["anger"]).sample.units["unit_id"].to_list()
    append_codings(study.path, codings_of(study, [(unit, "anna", str(at % 2)) for at, unit in enumerate(drawn)], purpose="main"))
    before = of_all(study)
    sample(open_study(study.path), size=50, codes=["anger"], purpose="pilot")
    assert of_all(study) == before
    assert before["n"] == 400

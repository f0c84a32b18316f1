"""Measures: hand-computed shares, suppression, gold beside machine, and the measure contract."""

import datetime as dt
import json

import polars as pl
import pytest

import yuhu
from files import danmaku_xml, write
from yuhu.core.codebook import built_in_codebook
from yuhu.core.estimate import Estimate, checked, estimates_frame, estimates_from
from yuhu.core.evidence import Evidence, Gold
from yuhu.core.registry import registered
from yuhu.core.sample import Sample
from yuhu.core.schema import ABSTAINED, CODING, MACHINE_CODING, TABLES, conform, polars_schema
from yuhu.measures.decisions import shares_of, steps
from yuhu.study.codings import add_sample, append_codings, read_codings, read_samples
from yuhu.testing import check_measure
from yuhu.verbs.gold import gold_units

BOOK = built_in_codebook()


def evidence(responses, codings=(), *, metrics=(), served=("affective_empathy", "stance", "anger"), abstained=(), **more):
    frame = pl.DataFrame(responses)
    for name, kind in {**polars_schema(TABLES["responses"]), "work_id": pl.String}.items():
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None, dtype=kind).alias(name))
    coded = pl.DataFrame(
        [{"text_key": key, "lang": lang, "code": code, "value": value} for key, lang, code, value in codings] or None,
        schema={"text_key": pl.Int64, "lang": pl.String, "code": pl.String, "value": pl.String},
    )
    settings = {
        "responses": frame.lazy(),
        "metrics": conform(pl.DataFrame(list(metrics), schema=polars_schema(TABLES["metrics"])), polars_schema(TABLES["metrics"])).lazy(),
        "codings": conform(coded, polars_schema(MACHINE_CODING)).lazy(),
        "abstained": pl.DataFrame(list(abstained), schema=polars_schema(ABSTAINED), orient="row").lazy(),
        "gold": Gold(pl.DataFrame(schema={"response_id": pl.String})),
        "planted": None,
        "book": BOOK,
        "served": list(served),
        "coder": "lexicon",
        "target": "corpus",
        "seed": 1,
        "confidence": 0.95,
        "bin_ms": 5000,
        "k_anonymity": 5,
    }
    return Evidence(**{**settings, **more})


def messages(n, *, key=0, lang="zh", video="bilibili:1", at_ms=None, region=None):
    return [
        {
            "response_id": f"r{key}-{i}",
            "text_key": key,
            "lang": lang,
            "video_id": video,
            "platform": video.split(":")[0],
            "region": region,
            "at_ms": at_ms,
            "is_special": False,
        }
        for i in range(n)
    ]


def get(frame, **where):
    for name, value in where.items():
        frame = frame.filter(pl.col(name) == value)
    assert frame.height == 1, frame
    return frame.row(0, named=True)


def measure(name):
    return registered("measures")[name]()


def test_registry():
    names = [
        "attention.v1",
        "coder_quality.v1",
        "content.v1",
        "contrast.v1",
        "empathic_groups.v1",
        "event_study.v1",
        "export_bounds.v2",
        "feedback_action.v1",
        "moment_rate.v1",
        "multiverse.v1",
        "peaks.v1",
        "posting.v1",
        "prevalence.v1",
        "progression.v1",
        "sensitivity.v1",
        "transitions.v1",
        "two_clocks.v1",
    ]
    assert sorted(registered("measures")) == names


def test_prevalence_by_hand():
    rows = messages(6, key=1) + messages(3, key=2) + messages(1, key=3) + messages(4, key=4, lang="ja")
    facts = evidence(
        rows,
        [(1, "zh", "affective_empathy", "2"), (2, "zh", "affective_empathy", "1"), (2, "zh", "stance", "return")],
        abstained=[(4, "ja")],
    )
    frame = check_measure(measure("prevalence.v1"), facts)
    one = get(frame, by="all", code="affective_empathy", value_id="1")
    assert (one["count"], one["n"], one["value"]) == (9, 10, 0.9)
    assert (one["low"], one["reason"], one["rung"], one["source"]) == (None, "machine_only_not_validated", "D", "machine")
    assert get(frame, by="all", code="affective_empathy", value_id="2")["count"] == 6
    assert get(frame, by="all", code="stance", value_id="return")["count"] == 3
    assert get(frame, by="all", code="stance", value_id="keep")["count"] == 0
    assert get(frame, by="all", code="anger", value_id="1")["value"] == 0


def test_special_danmaku_and_abstained_languages_are_outside():
    rows = [*messages(5, key=1), {**messages(1, key=1)[0], "response_id": "x", "is_special": True}, *messages(7, key=2, lang="ja")]
    frame = measure("prevalence.v1").estimate(evidence(rows, [(1, "zh", "anger", "1")], abstained=[(2, "ja")]))
    one = get(frame, by="all", code="anger")
    assert (one["count"], one["n"]) == (5, 5)
    assert frame.filter((pl.col("by") == "language") & (pl.col("subject") == "ja")).height == 0


def test_the_same_text_in_two_languages_is_coded_apart():
    rows = messages(5, key=1) + messages(5, key=1, lang="ja", video="niconico:2")
    frame = measure("prevalence.v1").estimate(evidence(rows, [(1, "zh", "anger", "1")], abstained=[(1, "ja")]))
    assert get(frame, by="all", code="anger")["n"] == 5


def test_small_cells_are_suppressed():
    rows = messages(9, key=1, region="北京") + messages(4, key=2, region="西藏")
    frame = measure("prevalence.v1").estimate(evidence(rows, [(2, "zh", "anger", "1")]))
    small = get(frame, by="region", subject="西藏", code="anger")
    assert (small["value"], small["count"], small["reason"]) == (None, None, "small_cell")
    assert get(frame, by="region", subject="北京", code="anger")["value"] == 0


def test_attention():
    at = [dt.datetime(2023, 8, 30, hour, tzinfo=dt.UTC) for hour in range(3)]
    rows = [
        {"subject": "t", "at": when, "name": name, "value": value, "source": "s"}
        for when, rank, heat in zip(at, (9.0, 2.0, 5.0), (10.0, 30.0, 20.0), strict=True)
        for name, value in (("rank", rank), ("heat", heat))
    ]
    frame = check_measure(measure("attention.v1"), evidence(messages(1), metrics=[*rows, *rows]))
    assert frame.filter(pl.col("measure") == "attention.v1").height == 6
    best = frame.filter(pl.col("measure") == "attention_best.v1").select("value_id", "value", "at").rows()
    assert best == [("heat", 30.0, at[1]), ("rank", 2.0, at[1])]


def test_contract_over_the_registry_with_nothing_to_measure():
    empty = evidence(messages(0) or None)
    for name in registered("measures"):
        check_measure(measure(name), empty)


def test_decisions():
    assert shares_of(BOOK.variables["affective_empathy"]) == ["1", "2"]
    assert shares_of(BOOK.variables["stance"]) == ["return", "negotiated_return", "share_or_loan", "keep"]
    assert shares_of(BOOK.variables["national_image.origin.aesthetic"]) == []
    assert steps(BOOK, ["affective_empathy"]).rows() == [
        ("affective_empathy", "1", "1"),
        ("affective_empathy", "2", "1"),
        ("affective_empathy", "2", "2"),
    ]


@pytest.fixture
def coded_study(study, tmp_path):
    rows = [(at, "我哭了" if at % 4 == 0 else "好看", {}) for at in range(200)]
    yuhu.add(study, [write(tmp_path, "ep.xml", danmaku_xml(rows))])
    return yuhu.open(study.path)


def give_gold(study, ids, chance, coders=("a", "b", "c"), say=lambda place, coder: "1" if place % 2 == 0 else "0", **more):
    add_sample(
        study.path,
        Sample(
            "s", pl.DataFrame({"unit_id": ids, "chance": [chance] * len(ids), "stratum": ["all"] * len(ids)}), "simple_random.v1", 1, 200
        ),
        "2023-09-01T00:00:00Z",
    )
    book = study.codebook()
    rows = [
        {
            "unit_kind": "response",
            "unit_id": unit,
            "code": "anger",
            "value": say(place, coder),
            "status": "coded",
            "coder": coder,
            "coder_kind": "human",
            "code_hash": book.variables["anger"].code_hash,
            "codebook_hash": book.content_hash,
            "at": dt.datetime(2023, 9, 1, tzinfo=dt.UTC),
            **more,
        }
        for place, unit in enumerate(ids)
        for coder in coders
    ]
    append_codings(study.path, conform(pl.DataFrame(rows), polars_schema(CODING)))


def test_gold_stands_beside_the_machine(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(40).to_list()
    give_gold(coded_study, ids, 0.2)
    yuhu.code(coded_study)
    results = yuhu.measure(yuhu.open(coded_study.path))
    gold = get(results.estimates, source="gold", by="all", code="anger")
    assert (gold["value"], gold["n_gold"]) == (0.5, 40)
    assert gold["low"] < 0.5 < gold["high"]
    machine = get(results.estimates, source="machine", by="all", code="affective_empathy", value_id="1")
    assert (machine["count"], machine["n"]) == (50, 200)


def test_gold_is_the_mean_of_the_coders_and_the_newest_row_counts(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(10).to_list()
    give_gold(coded_study, ids, 0.5, say=lambda _place, coder: "1" if coder == "a" else "0")
    units = gold_units(coded_study, BOOK).units
    assert units["human"].unique().to_list() == pytest.approx([1 / 3])
    again = read_codings(coded_study.path).filter(pl.col("coder") == "a").with_columns(value=pl.lit("0"))
    append_codings(coded_study.path, again)
    assert read_codings(coded_study.path).height == 30
    assert gold_units(coded_study, BOOK).units["human"].unique().to_list() == [0.0]


def test_codings_without_a_chance_or_under_another_rule_are_no_gold(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(20).to_list()
    give_gold(coded_study, ids[:10], 0.5)
    more = read_codings(coded_study.path).head(5).with_columns(unit_id=pl.Series(ids[10:15]))
    append_codings(coded_study.path, more)
    assert gold_units(coded_study, BOOK).units["response_id"].n_unique() == 10
    append_codings(coded_study.path, read_codings(coded_study.path).with_columns(code_hash=pl.lit("old")))
    assert gold_units(coded_study, BOOK).units.height == 0


def test_samples_keep_their_chances(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(3).to_list()
    give_gold(coded_study, ids, 0.25)
    sample = read_samples(coded_study.path)["s"]
    assert sample.units["chance"].to_list() == [0.25] * 3
    with pytest.raises(yuhu.YuhuError, match="YH503"):
        add_sample(coded_study.path, sample, "now")
    with pytest.raises(yuhu.YuhuError, match="YH302"):
        Sample("x", pl.DataFrame({"unit_id": ["a"], "chance": [0.0], "stratum": ["all"]}), "d", 1, 1)


@pytest.mark.parametrize("row", [{"status": "done"}, {"value": None}, {"unit_kind": "person"}])
def test_codings_that_make_no_sense_are_refused(coded_study, row):
    with pytest.raises(yuhu.YuhuError, match="YH503"):
        give_gold(coded_study, ["x"], 0.5, **row)


def test_a_codebook_that_changed_is_said(coded_study):
    yuhu.code(coded_study)
    book = coded_study.path / "codebook.yaml"
    book.write_text(book.read_text("utf-8").replace('version: "1.0.2"', 'version: "1.1.0"', 1), "utf-8")
    with pytest.raises(yuhu.YuhuError, match="YH402"):
        yuhu.measure(yuhu.open(coded_study.path))


def test_results_are_kept_by_their_specification(coded_study):
    yuhu.code(coded_study)
    first = yuhu.measure(yuhu.open(coded_study.path))
    again = yuhu.measure(yuhu.open(coded_study.path))
    assert first.spec_hash == again.spec_hash
    text = (coded_study.path / "study.yaml").read_text("utf-8").replace("bin_seconds: 5", "bin_seconds: 10")
    (coded_study.path / "study.yaml").write_text(text, "utf-8")
    other = yuhu.measure(yuhu.open(coded_study.path))
    assert other.spec_hash != first.spec_hash
    assert json.loads((coded_study.path / "results" / "latest.json").read_text())["spec"] == other.spec_hash


@pytest.mark.parametrize(
    "fields",
    [
        {"value": float("nan"), "reason": "no_units"},
        {"value": 0.5},
        {"value": 0.5, "low": 0.4},
        {"value": 0.5, "low": 0.6, "high": 0.7, "confidence": 0.95},
        {"value": 0.5, "low": 0.4, "high": 0.6},
        {"value": None, "low": 0.1, "high": 0.2, "confidence": 0.95},
        {"value": 0.5, "reason": "because"},
    ],
)
def test_an_estimate_that_hides_something_cannot_be_made(fields):
    with pytest.raises(ValueError, match=r"."):
        Estimate(**fields)


def test_estimates_round_trip():
    estimates = [
        Estimate(value=0.5, low=0.4, high=0.6, confidence=0.95, n=10, source="gold", rung="D"),
        Estimate(value=None, reason="no_units", source="machine", rung="D"),
    ]
    frame = checked(estimates_frame(estimates))
    assert estimates_from(frame) == estimates


def test_files_added_after_coding_are_not_taken_for_zero(coded_study, tmp_path):
    yuhu.code(coded_study)
    yuhu.measure(yuhu.open(coded_study.path))
    yuhu.add(yuhu.open(coded_study.path), [write(tmp_path, "more.xml", danmaku_xml([(1, "我哭了", {})], chat="77"))])
    with pytest.raises(yuhu.YuhuError, match="YH504"):
        yuhu.measure(yuhu.open(coded_study.path))
    yuhu.code(yuhu.open(coded_study.path))
    machine = get(yuhu.measure(yuhu.open(coded_study.path)).estimates, source="machine", by="all", code="affective_empathy", value_id="1")
    assert (machine["count"], machine["n"]) == (51, 201)


def test_a_report_never_puts_a_new_codebook_over_old_results(coded_study):
    yuhu.run(coded_study)
    book = coded_study.path / "codebook.yaml"
    book.write_text(book.read_text("utf-8").replace('version: "1.0.2"', 'version: "1.1.0"', 1), "utf-8")
    with pytest.raises(yuhu.YuhuError, match="YH402"):
        yuhu.report(yuhu.open(coded_study.path))


def test_a_closed_gate_counts_as_not_expressed(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(20).to_list()
    give_gold(coded_study, ids, 0.5, say=lambda _place, _coder: "1")
    shut = (
        read_codings(coded_study.path)
        .filter(pl.col("unit_id").is_in(ids[:5]))
        .with_columns(value=pl.lit(None, dtype=pl.String), status=pl.lit("not_shown"))
    )
    append_codings(coded_study.path, shut)
    human = gold_units(coded_study, BOOK).units["human"]
    assert (human.len(), human.sum()) == (20, 15.0)


def test_samples_are_never_pooled_and_half_coded_ones_give_no_interval(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].to_list()
    give_gold(coded_study, ids[:40], 0.2, say=lambda _place, _coder: "1")
    more = pl.DataFrame({"unit_id": ids[40:80], "chance": [0.9] * 40, "stratum": ["all"] * 40})
    add_sample(coded_study.path, Sample("t", more, "simple_random.v1", 1, 200), "2023-09-01T00:00:00Z")
    some = read_codings(coded_study.path).head(30).with_columns(unit_id=pl.Series(ids[40:70]), value=pl.lit("0"))
    append_codings(coded_study.path, some)
    units = gold_units(coded_study, BOOK).units
    assert set(units["response_id"]) == set(ids[:40])
    assert units["is_complete"].all()
    add_sample(
        coded_study.path,
        Sample("u", more.with_columns(unit_id=pl.Series(ids[120:160])), "simple_random.v1", 1, 200),
        "2023-09-01T00:00:00Z",
    )
    study = yuhu.open(coded_study.path)
    yuhu.code(study)
    half = (
        read_codings(coded_study.path)
        .filter(pl.col("unit_id").is_in(ids[:20]))
        .with_columns(status=pl.lit("failed"), value=pl.lit(None, dtype=pl.String))
    )
    append_codings(coded_study.path, half)
    gold = get(yuhu.measure(yuhu.open(coded_study.path)).estimates, source="gold", by="all", code="anger")
    assert (gold["low"], gold["reason"]) == (None, "gold_incomplete")


def test_values_that_the_codebook_does_not_know_are_no_gold(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(20).to_list()
    give_gold(coded_study, ids, 0.5, say=lambda _place, _coder: "yes")
    assert gold_units(coded_study, BOOK).units.height == 0


def test_simulated_coders_are_no_people_in_a_real_study(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(20).to_list()
    give_gold(coded_study, ids, 0.5, coder_kind="simulated")
    assert gold_units(coded_study, BOOK).units.height == 0
    with pytest.raises(yuhu.YuhuError, match="YH503"):
        append_codings(coded_study.path, read_codings(coded_study.path).with_columns(coder_kind=pl.lit("banana")))


def test_a_report_over_new_files_is_refused(coded_study, tmp_path):
    yuhu.run(coded_study)
    yuhu.add(yuhu.open(coded_study.path), [write(tmp_path, "more.xml", danmaku_xml([(1, "x", {})], chat="77"))])
    with pytest.raises(yuhu.YuhuError, match="YH602"):
        yuhu.report(yuhu.open(coded_study.path))

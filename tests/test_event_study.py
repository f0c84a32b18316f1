"""The event study as a measure: by hand, planted and absent lifts, late strategies, echoes, gold, uploads, assumptions of watching, lags and doses, edges."""

import math
import os
import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from shown import AE, drawn, places, shown, studied, video
from test_measures import get, measure
from yuhu.core.estimate import Estimate
from yuhu.core.evidence import MachineEvidence, PlantedEffects
from yuhu.core.moments import EventStudy as Spec
from yuhu.core.moments import Mask, MomentsSpec, Watching
from yuhu.measures.event_gold import _combined, corrected_lifts
from yuhu.measures.event_series import setting_of
from yuhu.measures.event_study import shift_tests
from yuhu.testing import check_measure

SECONDS = 300
ROUNDS = int(os.environ.get("YUHU_ROUNDS", "400"))
QUICK = MomentsSpec(event_study=Spec(shifts=499))


def measured(facts):
    return measure("event_study.v1").estimate(facts)


def world(rng, lifts, *, videos=8, base=3.0, course=None, late=False, coded=None, wrong=(0.0, 0.0), better=0.0):
    """Messages, videos and spans; `lifts` of messages by strategy, `coded` of the share with the code; the machine errs less after the first strategy by `better`."""
    frames, known, spans = [], [], []
    for number in range(videos):
        name = f"v{number}"
        place = np.arange(SECONDS) / SECONDS
        rate = base * (np.ones(SECONDS) if course is None else course(place))
        share, missed, invented = (np.full(SECONDS, one) for one in (0.3, *wrong))
        for at, (code, lift) in enumerate(lifts.items()):
            starts = (140 + np.array(places(rng, 3, SECONDS - 140))) if late else places(rng, 3, SECONDS)
            for start in np.asarray(starts).tolist():
                spans.append((name, code, start, start + 6))
                rate[start + 2 : start + 16] *= lift
                share[start + 2 : start + 16] *= (coded or {}).get(code, 1.0)
                if at == 0:
                    missed[start + 2 : start + 16] *= 1 - better
                    invented[start + 2 : start + 16] *= 1 - better
        known.append(video(name, SECONDS))
        frames.append(drawn(rng, name, rate, share, wrong=(missed, invented)))
    return pl.concat(frames), known, spans


def test_lift_by_hand():
    # 4 messages a second, 8 from 2 to 15 s after each of two onsets; no course, no chance
    rate = np.full(SECONDS, 4)
    for start in (60, 170):
        rate[start + 2 : start + 16] = 8
    at = np.repeat(np.arange(SECONDS), rate)
    frame = pl.DataFrame(
        {
            "response_id": [str(each) for each in range(at.size)],
            "text_key": [2] * at.size,
            "lang": ["zh"] * at.size,
            "video_id": ["v"] * at.size,
            "work_id": ["v"] * at.size,
            "at_ms": at * 1000,
            "is_special": [False] * at.size,
        }
    )
    facts = studied(frame, shown([video("v")], [("v", "loss", start, start + 5) for start in (60, 170)]), spec=QUICK)
    found = check_measure(measure("event_study.v1"), facts)
    lift = get(found, by="strategy", subject="loss", source="observed")
    assert lift["value"] == pytest.approx(2, rel=0.02)
    assert (lift["n"], lift["n_videos"], lift["at_ms"], lift["end_ms"], lift["rung"], lift["target"]) == (
        2,
        1,
        2000,
        16000,
        "A-within",
        "corpus",
    )
    assert lift["count"] == 2 * (14 * 8 + 5 * 4)
    assert lift["low"] < 2 < lift["high"]
    assert get(found, by="strategy_p", subject="loss", source="observed")["value"] == pytest.approx(1 / 300, abs=0.015)
    assert get(found, by="strategy_mean", subject="loss", source="observed")["reason"] == "too_few_videos"
    assert get(found, by="strategy_cases", subject="loss")["value"] == 1
    assert found.filter(pl.col("code") == AE[0])["reason"].unique().to_list() == ["too_few_responses"]


def test_planted_lifts_are_found_and_absent_ones_are_not():
    rng = np.random.default_rng(1)
    frame, known, spans = world(rng, {"homecoming": 1.6, "symbol": 1.0, "loss": 1.0}, coded={"homecoming": 1.5})
    found = measured(studied(frame, shown(known, spans), spec=QUICK))
    lift = get(found, by="strategy", subject="homecoming", source="observed")
    assert lift["low"] < 1.6 < lift["high"]
    assert lift["low"] > 1.2
    mean = get(found, by="strategy_mean", subject="homecoming", source="observed")
    assert (mean["target"], mean["n"]) == ("superpopulation", 8)
    assert mean["low"] < 1.6 < mean["high"]
    assert get(found, by="strategy_predictive", subject="homecoming", source="observed")["low"] <= mean["low"] + 1e-9
    machine = get(found, by="strategy", subject="homecoming", source="machine")
    assert machine["value"] == pytest.approx(2.4, rel=0.15)
    assert (machine["low"], machine["reason"], machine["coder"]) == (None, "machine_only_not_validated", "lexicon")
    adjusted = found.filter(pl.col("by") == "strategy_p_adjusted")
    assert adjusted.filter(pl.col("subject") == "homecoming")["value"].max() <= 0.01
    assert adjusted.filter(pl.col("subject") != "homecoming")["value"].min() > 0.05
    plain = found.filter(pl.col("by") == "strategy_p")
    assert (adjusted["value"].to_numpy() >= plain["value"].to_numpy()).all()


def falsely(seed, **options):
    """Smallest adjusted p where no strategy has to do with anything."""
    rng = np.random.default_rng([7, seed])
    frame, known, spans = world(rng, {"homecoming": 1.0, "symbol": 1.0, "loss": 1.0}, **options)
    spec = MomentsSpec(event_study=Spec(shifts=199, echo="with"))
    setting = setting_of(studied(frame, shown(known, spans), spec=spec, seed=seed))
    return min(effect.p_adjusted.value for result in shift_tests(setting, None)[0].values() for effect in result.effects)


def late(seed):
    return falsely(seed, videos=6, late=True, course=lambda place: 0.4 + 2.2 * place**1.3)


def test_false_findings_over_strategies_and_codes_fast():
    # 30 rounds of six tests: .05 for any of them; 6 or more of 30 come once in 300
    assert sum(falsely(seed, videos=4) <= 0.05 for seed in range(15)) + sum(late(seed) <= 0.05 for seed in range(15)) <= 5


@pytest.mark.slow
@pytest.mark.parametrize("design", ["anywhere", "late strategies, rising response"])
def test_false_findings_over_strategies_and_codes(design):
    share = np.mean([(falsely(seed, videos=4) if design == "anywhere" else late(seed)) <= 0.05 for seed in range(ROUNDS)])
    sys.stderr.write(f"\nany adjusted p <= .05, {design}: {share:.3f} of {ROUNDS}\n")
    assert share <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / ROUNDS)


def test_with_and_without_echoes():
    # all of the rise after homecoming is people who repeat the line
    rng = np.random.default_rng(2)
    frame, known, spans = world(rng, {"homecoming": 1.0}, videos=6)
    segments, extra = [], []
    for name, _, start, _ in spans:
        segments.append({"video_id": name, "kind": "line", "start_ms": start * 1000, "end_ms": start * 1000 + 2000, "text": "我要回家了"})
        more = drawn(rng, name, np.where((np.arange(SECONDS) >= start + 2) & (np.arange(SECONDS) < start + 12), 4.0, 0.0))
        extra.append(more.with_columns(pl.format("e{}-{}", pl.lit(start), "response_id").alias("response_id"), text=pl.lit("我要回家了！")))
    every = pl.concat([frame.with_columns(text=pl.lit("好看")), *extra])
    found = measured(studied(every, shown(known, spans, segments=segments), spec=QUICK))
    assert get(found, by="strategy", subject="homecoming", source="observed")["low"] > 1.5
    without = get(found, by="strategy_without_echo", subject="homecoming", source="observed")
    assert without["low"] < 1 < without["high"]
    echo = get(found, by="echo")
    assert echo["count"] == pytest.approx(
        sum(one.height for one in extra), abs=60
    )  # those that came more than 10 s away or in the seconds that are masked
    assert (echo["reason"], echo["rung"], echo["n_videos"]) == ("complete_count", "D", 6)
    plain = measured(studied(frame, shown(known, spans), spec=QUICK))
    assert get(plain, by="echo")["reason"] == "no_transcript"
    assert not plain.filter(pl.col("by") == "strategy_without_echo").height
    only = measured(studied(every, shown(known, spans, segments=segments), spec=MomentsSpec(event_study=Spec(shifts=499, echo="without"))))
    assert not only.filter(pl.col("by") == "strategy").height
    lags = only.filter((pl.col("by") == "lag") & (pl.col("at_ms") == 5000) & pl.col("code").is_null())
    assert lags["value"].item() < 1.5, "lags are of the messages that were asked for"


def test_without_echoes_only_videos_with_lines_count():
    rng = np.random.default_rng(3)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=3)
    segments = [{"video_id": "v1", "kind": "line", "start_ms": 0, "end_ms": 1000, "text": "我要回家了"}]
    found = measured(studied(frame.with_columns(text=pl.lit("好")), shown(known, spans, segments=segments), spec=QUICK))
    assert get(found, by="strategy", subject="loss", source="observed")["n_videos"] == 3
    assert get(found, by="strategy_without_echo", subject="loss", source="observed")["n_videos"] == 1


def corrected_facts(seed, *, gold=1500, lift=1.3, better=0.6, videos=12, shifts=199, codes=1.5):
    rng = np.random.default_rng([11, seed])
    wrong = (0.35, 0.12)
    frame, known, spans = world(rng, {"homecoming": lift}, videos=videos, coded={"homecoming": codes}, wrong=wrong, better=better)
    ids = frame["response_id"].sample(gold, seed=seed)
    spec = MomentsSpec(event_study=Spec(shifts=shifts, echo="with"))
    return studied(frame, shown(known, spans), gold=ids, chance=gold / frame.height, spec=spec, seed=seed)


def test_a_lift_corrected_by_gold():
    facts = corrected_facts(1, gold=4000)
    found = check_measure(measure("event_study.v1"), facts)
    one = get(found, by="strategy", source="corrected", subject="homecoming")
    truth = 1.3 * 1.5
    assert (one["method"], one["rung"], one["code"], one["reason"]) == ("corrected_lift.v1", "A-within", AE[0], "")
    assert one["low"] < truth < one["high"]
    assert 100 < one["n_gold"] < one["n"]
    machine = get(found, by="strategy", source="machine", subject="homecoming")["value"]
    assert abs(math.log(one["value"] / truth)) < abs(math.log(machine / truth))


def test_too_little_gold_is_said():
    facts = corrected_facts(2, gold=40)
    one = get(measured(facts), by="strategy", source="corrected", subject="homecoming")
    assert (one["value"], one["low"]) == (None, None)
    assert one["reason"] in {"too_few_gold", "not_estimable"}
    incomplete = corrected_facts(3, gold=4000)
    units = incomplete.gold.units.with_columns(is_complete=pl.lit(False))
    one = get(measured(replace(incomplete, gold=replace(incomplete.gold, units=units), made={})), by="strategy", source="corrected")
    assert (one["reason"], one["low"]) == ("gold_incomplete", None)
    assert one["value"] > 1


def test_three_intervals_become_one_by_hand():
    lift = Estimate(value=2.0, low=1.6, high=2.6, confidence=0.95)
    after, before = (Estimate(value=v, low=a, high=b, confidence=0.95) for v, a, b in ((0.3, 0.2, 0.45), (0.2, 0.16, 0.26)))
    blank = Estimate(value=None, reason="too_few_gold", unit="rate ratio")
    found = _combined(blank, lift, [after, before], (1 / 0.4, 1 / 0.25), is_complete=True)
    assert found.value == pytest.approx(2 * (0.3 / 0.4) / (0.2 / 0.25))
    down = math.sqrt(math.log(2 / 1.6) ** 2 + math.log(0.3 / 0.2) ** 2 + math.log(0.26 / 0.2) ** 2)
    up = math.sqrt(math.log(2.6 / 2) ** 2 + math.log(0.45 / 0.3) ** 2 + math.log(0.2 / 0.16) ** 2)
    assert (found.low, found.high) == (pytest.approx(found.value * math.exp(-down)), pytest.approx(found.value * math.exp(up)))
    nothing = before.with_(low=0.0)
    assert _combined(blank, lift, [after, nothing], (1, 1), is_complete=True).reason == "not_estimable"
    open_ = before.with_(low=None, high=None, confidence=None, reason="too_few_gold")
    assert _combined(blank, lift, [after, open_], (1, 1), is_complete=True).reason == "too_few_gold"


@pytest.mark.slow
@pytest.mark.parametrize(("better", "gold"), [(0.0, 1500), (0.6, 1500), (0.6, 600), (-0.5, 1500)])
def test_coverage_of_corrected_lifts(better, gold):
    covered, naive, none, widths = 0, 0.0, 0, []
    for seed in range(ROUNDS):
        setting = setting_of(corrected_facts(seed, better=better, gold=gold))
        results = shift_tests(setting, None)[0]
        (one,) = corrected_lifts(setting, results)
        naive += math.log(results["affective_empathy=1"]["homecoming"].lift.value / 1.95) / ROUNDS
        if one.low is None:
            none += 1
            continue
        covered += one.low <= 1.95 <= one.high
        widths.append(math.exp(math.log(one.high / one.low) / 2))
    known = ROUNDS - none
    sys.stderr.write(
        f"\nbetter {better}, gold {gold}: covered {covered / max(known, 1):.3f} of {known}, none {none}, half width x {np.mean(widths):.2f}, machine {naive:+.2f}\n"
    )
    assert covered / known >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / known)


def test_uploads_of_one_work_are_no_independent_videos():
    # the same noise at the same moments on two platforms: as two videos it looks twice as sure
    rng = np.random.default_rng(4)
    frame, known, spans = world(rng, {"loss": 1.3}, videos=6)
    twin = frame.with_columns(pl.format("t{}", "response_id").alias("response_id"), pl.format("w{}", "video_id").alias("video_id"))
    twins = [{**one, "video_id": f"w{one['video_id']}", "work_id": one["work_id"], "platform": "niconico"} for one in known]
    apart = [{**one, "work_id": one["video_id"]} for one in twins]
    marks = [*spans, *((f"w{name}", code, a, b) for name, code, a, b in spans)]

    def interval(videos):
        facts = studied(pl.concat([frame, twin]), shown([*known, *videos], marks), spec=QUICK)
        found = measured(facts)
        one = get(found, by="strategy", subject="loss", source="observed")
        return (
            one["high"] / one["low"],
            get(found, by="strategy_mean", subject="loss", source="observed")["n"],
            get(found, by="strategy_cases", subject="loss")["value"],
        )

    alone = get(measured(studied(frame, shown(known, spans), spec=QUICK)), by="strategy", subject="loss", source="observed")
    (wide, works, cases), (narrow, *_) = interval(twins), interval(apart)
    assert (works, cases) == (6, 6)
    assert narrow < 0.93 * wide
    assert wide == pytest.approx(alone["high"] / alone["low"], rel=0.05)


def test_episodes_of_a_series_are_one_case():
    rng = np.random.default_rng(5)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=3)
    series = [{**one, "series": "drama", "number": at} for at, one in enumerate(known)]
    one = get(measured(studied(frame, shown(series, spans), spec=QUICK)), by="strategy_cases", subject="loss")
    assert (one["value"], one["count"], one["n_videos"], one["n"]) == (1, 3, 3, 3)


def test_a_lift_that_hangs_on_the_course_of_watching_is_none():
    # half as many again watched in the effect windows, says the declared curve: what follows the strategy is then as expected
    rng = np.random.default_rng(26)
    frame, known, spans = world(rng, {"loss": 1.5}, videos=1, base=8.0)
    bumps = []
    for _, _, start, _ in spans:
        bumps += [(start + 1.9, 1.0), (start + 2.1, 1.5), (start + 15.9, 1.5), (start + 16.1, 1.0)]
    curve = ((0.0, 1.0), *((place / SECONDS, height) for place, height in bumps), (1.0, 1.0))
    spec = MomentsSpec(event_study=Spec(shifts=299, echo="with"), watching=Watching(declared=curve))
    found = measured(studied(frame, shown(known, spans), spec=spec))
    one = get(found, by="strategy", subject="loss", source="observed")
    assert (one["value"], one["reason"]) == (None, "depends_on_exposure")
    assert get(found, by="strategy_p", subject="loss", source="observed")["value"] > 0.05
    flat = measured(studied(frame, shown(known, spans), spec=MomentsSpec(event_study=Spec(shifts=299, echo="with"))))
    assert get(flat, by="strategy", subject="loss", source="observed")["low"] > 1
    nobody = measured(studied(frame, shown(known, spans), spec=MomentsSpec(watching=Watching(retention="measured"))))
    assert nobody["reason"].to_list() == ["no_retention"]


def test_lags_and_doses():
    rng = np.random.default_rng(7)
    frames, known, spans = [], [], []
    for number in range(10):
        rate = np.full(SECONDS, 3.0)
        for start in places(rng, 4, SECONDS):
            level = int(rng.integers(1, 4))
            spans.append((f"v{number}", "anthropomorphism", start, start + 4, str(level)))
            rate[start + 4 : start + 8] *= 1 + 0.7 * level
        known.append(video(f"v{number}"))
        frames.append(drawn(rng, f"v{number}", rate))
    found = check_measure(measure("event_study.v1"), studied(pl.concat(frames), shown(known, spans), spec=QUICK))
    mine = found.filter(pl.col("code").is_null() & (pl.col("subject") == "anthropomorphism"))
    curve = mine.filter(pl.col("by") == "lag")
    assert curve["at_ms"].to_list() == [lag * 1000 for lag in range(-5, 31)]
    assert curve.filter(pl.col("at_ms") == 5000)["low"].item() > 1.5
    assert curve.filter(pl.col("at_ms") == 20_000)["low"].item() < 1.1
    peak, mean = (get(mine, by=by) for by in ("lag_peak", "lag_mean"))
    assert 4 <= peak["value"] <= 7
    assert mean["low"] <= 6 <= mean["high"]
    assert (mean["unit"], mean["n_videos"]) == ("seconds", 10)
    doses = found.filter(pl.col("code").is_null() & (pl.col("by") == "dose"))
    assert doses["subject"].to_list() == [f"anthropomorphism={level}" for level in (1, 2, 3)]
    assert doses["value"].is_sorted()
    assert get(mine, by="dose_p")["value"] < 0.05
    shapes = found.filter(pl.col("code").is_null() & (pl.col("by") == "dose_shape"))
    assert shapes["value"].min() == 0
    assert shapes.filter(pl.col("subject") == "anthropomorphism: step")["value"].item() > 2
    coded = found.filter((pl.col("code") == AE[0]) & (pl.col("by") == "lag"))
    assert coded["low"].null_count() == coded.height, "a machine's curve has no interval"


def test_a_coder_that_read_the_lines_gives_way_to_one_that_did_not():
    rng = np.random.default_rng(8)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    facts = studied(frame, shown(known, spans), spec=QUICK, saw_context=True)
    alone = measured(facts)
    assert get(alone, by="strategy", source="machine", subject="loss")["reason"] == "machine_only_saw_context"
    blind = MachineEvidence("blind", facts.responses, facts.codings, facts.abstained, None, None, facts.served)
    other = measured(replace(facts, others=[replace(blind, coder="seeing", saw_context=True), blind], made={}))
    one = get(other, by="strategy", source="machine", subject="loss")
    assert (one["coder"], one["reason"]) == ("blind", "machine_only_not_validated")


@pytest.mark.parametrize("lacking", ["shown", "spans", "messages", "duration", "coverage", "onsets"])
def test_edges(lacking):
    rng = np.random.default_rng(9)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=1)
    spec = QUICK
    seen = shown(known, () if lacking == "spans" else spans)
    if lacking == "shown":
        seen = None
    if lacking == "messages":
        frame = frame.clear()
    if lacking == "duration":
        seen = shown([{**known[0], "duration_ms": 1}], spans, {("v0", "loss", 0, 300, "a")})
    if lacking == "coverage":
        seen = shown(known, spans, ())
    if lacking == "onsets":
        seen, spec = (
            shown(known, [("v0", "loss", 0, 1)], {("v0", code, 0, 300, "a") for code in ("loss", "warmth")}),
            replace(QUICK, strategies=("warmth",)),
        )
    found = check_measure(measure("event_study.v1"), studied(frame, seen, spec=spec))
    if lacking in {"shown", "spans", "messages"}:
        assert not found.height
    if lacking == "coverage":
        assert found.select("subject", "reason").rows() == [("loss", "layer_not_finished")]
    if lacking == "duration":
        assert get(found, by="strategy", subject="loss", source="observed")["value"] is not None
    if lacking == "onsets":
        assert set(found.filter(pl.col("by") == "strategy")["reason"]) == {"no_onsets"}


def test_planted_answers_stand_beside_what_was_found():
    frame, known, spans = world(np.random.default_rng(1), {"homecoming": 1.7, "symbol": 1.0}, videos=2)
    planted = PlantedEffects(("homecoming",), ("symbol",), 0.2)
    found = measured(studied(frame, shown(known, spans), spec=QUICK, planted_effects=planted))
    rows = found.filter(pl.col("by") == "planted_answer")
    assert rows.select("subject", "value", "source", "reason", "method").rows() == [
        ("homecoming", 1.0, "truth", "planted", "planted.v1"),
        ("symbol", 0.0, "truth", "planted", "planted.v1"),
    ]
    plain = measured(studied(frame, shown(known, spans), spec=QUICK))
    assert found.filter(pl.col("by") != "planted_answer").equals(plain), "the truth changes no estimate"


def test_few_messages_are_suppressed():
    rng = np.random.default_rng(10)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    found = measured(studied(frame, shown(known, spans), spec=QUICK, k_anonymity=10_000))
    mine = found.filter((pl.col("by") == "strategy") & (pl.col("subject") == "loss"))
    assert set(mine["reason"]) == {"small_cell"}
    assert mine["value"].null_count() == mine.height
    assert not found.filter(pl.col("by").is_in(["lag", "strategy_p", "dose"])).height


def test_masked_seconds_do_not_count():
    rng = np.random.default_rng(11)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    flood = drawn(rng, "v0", np.where(np.arange(SECONDS) < 30, 40.0, 0.0)).with_columns(
        pl.format("f{}", "response_id").alias("response_id")
    )
    spec = replace(QUICK, mask=Mask(first_ms=30_000))
    one, two = (measured(studied(each, shown(known, spans), spec=spec)) for each in (frame, pl.concat([frame, flood])))
    assert one.filter(pl.col("source") == "observed").equals(two.filter(pl.col("source") == "observed"))


def test_messages_without_a_machine():
    rng = np.random.default_rng(12)
    frame, known, spans = world(rng, {"loss": 1.0}, videos=2)
    facts = studied(frame, shown(known, spans), spec=QUICK)
    found = check_measure(measure("event_study.v1"), replace(facts, codings=None, abstained=None, served=(), made={}))
    assert get(found, by="strategy", subject="loss")["value"] is not None

"""Sensitivity to cleaning: shares by hand, `leave_out` in every measure, and the section of the report."""

import json
import re
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import yuhu
from files import danmaku_xml, write
from test_measures import evidence, get, give_gold, messages
from yuhu.core.registry import registered
from yuhu.measures.sensitivity import SUBJECTS
from yuhu.reporting import cleaning as section
from yuhu.study.settings import read_settings
from yuhu.testing import check_measure
from yuhu.texts.rules import COPIES, FLAGS
from yuhu.verbs.clean import clean

NAME = "sensitivity.v1"


def flags(*pairs):
    return pl.DataFrame(list(pairs), schema={"response_id": pl.String, "rule": pl.String}, orient="row").lazy()


def measured(*arguments, **more):
    return check_measure(registered("measures")[NAME](), evidence(*arguments, **more))


def row(frame, subject, method, code="anger"):
    return get(frame, subject=subject, method=method, code=code)


def test_by_hand():
    rows = messages(6, key=1) + messages(3, key=2) + messages(1, key=3)
    marked = flags(("r1-0", "ritual"), ("r1-1", "ritual"), ("r2-0", "herd"), ("r1-0", "herd"), ("r1-3", "exact_copy"))
    frame = measured(rows, [(1, "zh", "anger", "1"), (3, "zh", "affective_empathy", "2")], flags=marked)
    whole = row(frame, "none", "machine_count.v1")
    assert (whole["count"], whole["n"], whole["value"], whole["unit"]) == (6, 10, 0.6, "share")
    ritual = row(frame, "ritual", "machine_count_without.v1")
    assert (ritual["count"], ritual["n"], ritual["value"]) == (4, 8, 0.5)
    differs = row(frame, "ritual", "share_difference.v1")
    assert (differs["count"], differs["n"], differs["unit"]) == (2, 10, "percentage points")
    assert differs["value"] == pytest.approx(-10)
    assert row(frame, "herd", "machine_count_without.v1")["value"] == 5 / 8
    together = row(frame, "all_rules", "machine_count_without.v1")
    assert (together["count"], together["n"]) == (4, 7), "a message that two rules flag is left out once"
    assert row(frame, "all_rules_and_copies", "machine_count_without.v1")["n"] == 6
    assert row(frame, "suspected_spam_text", "share_difference.v1")["value"] == 0
    assert row(frame, "exact_copy", "machine_count_without.v1", "affective_empathy")["value"] == 1 / 9
    assert set(frame["subject"]) == {"none", *SUBJECTS}
    assert set(frame["code"]) == {"affective_empathy", "anger"}, "nominal decisions have no first value"
    assert frame["low"].null_count() == frame.height
    assert frame["reason"].unique().to_list() == ["machine_only_not_validated"]


def test_special_and_abstained_messages_are_outside():
    rows = [*messages(4, key=1), {**messages(1, key=1)[0], "response_id": "x", "is_special": True}, *messages(3, key=2, lang="ja")]
    marked = flags(("x", "special"), ("r2-0", "ritual"), ("nobody", "herd"))
    frame = measured(rows, [(1, "zh", "anger", "1")], abstained=[(2, "ja")], flags=marked)
    assert frame.filter(pl.col("method") == "share_difference.v1")["count"].sum() == 0
    assert row(frame, "none", "machine_count.v1")["n"] == 4


def test_everything_left_out_has_no_share():
    frame = measured(messages(3, key=1), [(1, "zh", "anger", "1")], flags=flags(*((f"r1-{at}", "herd") for at in range(3))))
    for method in ("machine_count_without.v1", "share_difference.v1"):
        gone = row(frame, "herd", method)
        assert (gone["value"], gone["reason"]) == (None, "no_units")


def test_nothing_to_compare():
    assert measured(messages(3, key=1), []).height == 0
    assert registered("measures")[NAME]().estimate(replace(evidence(messages(3, key=1), flags=flags()), codings=None)).height == 0
    assert measured(messages(3, key=1), [], flags=flags(), served=["stance"]).height == 0
    assert measured([{**messages(1)[0], "is_special": True}], [], flags=flags()).height == 0


def test_all_messages_count_whatever_is_left_out():
    rows = messages(4, key=1) + messages(4, key=2)
    kept = evidence(rows[:5], [(1, "zh", "anger", "1")], flags=flags(("r1-0", "ritual")), uncleaned=evidence(rows).responses)
    frame = registered("measures")[NAME]().estimate(kept)
    assert row(frame, "none", "machine_count.v1")["n"] == 8


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 3), st.sets(st.sampled_from(["ritual", "herd", "exact_copy"]))), min_size=1, max_size=12))
def test_law_shares_are_those_of_what_is_left(drawn):
    rows = [{**messages(1, key=key)[0], "response_id": f"m{at}"} for at, (key, _) in enumerate(drawn)]
    marked = flags(*((f"m{at}", rule) for at, (_, rules) in enumerate(drawn) for rule in sorted(rules)))
    frame = registered("measures")[NAME]().estimate(evidence(rows, [(0, "zh", "anger", "1"), (1, "zh", "anger", "1")], flags=marked))
    for subject in SUBJECTS:
        rules = {"all_rules": {*FLAGS} - {*COPIES}, "all_rules_and_copies": {*FLAGS}}.get(subject, {subject})
        left = [key for key, found in drawn if not found & rules]
        got = row(frame, subject, "machine_count_without.v1")
        assert (got["count"], got["n"]) == (sum(key < 2 for key in left), len(left))


# leave_out in a study


@pytest.fixture
def coded_study(study, tmp_path):
    rows = [(at, ("打卡" if at % 4 == 0 else "我哭了" if at % 4 == 1 else f"第{at}个不同的好看"), {}) for at in range(200)]
    yuhu.add(study, [write(tmp_path, "ep.xml", danmaku_xml(rows))])
    yuhu.code(yuhu.open(study.path))
    return yuhu.open(study.path)


def leave_out(study, rules):
    path = study.path / "study.yaml"
    path.write_text(re.sub(r"leave_out: .*", f"leave_out: {json.dumps(rules)}", path.read_text("utf-8")), "utf-8")
    return yuhu.open(study.path)


def test_the_default_is_to_leave_nothing_out(coded_study):
    assert coded_study.settings.leave_out == ()
    results = yuhu.measure(coded_study)
    assert get(results.estimates, measure="prevalence.v1", by="all", code="affective_empathy", value_id="1")["n"] == 200
    assert results.spec["leave_out"] == []
    assert results.spec["cleaning"] == clean(coded_study).rules


def test_flagged_messages_are_in_no_measure_but_the_sensitivity(coded_study):
    before = yuhu.measure(coded_study)
    study = leave_out(coded_study, ["ritual"])
    after = yuhu.measure(study)
    assert after.spec_hash != before.spec_hash
    share = get(after.estimates, measure="prevalence.v1", by="all", code="affective_empathy", value_id="1")
    assert (share["count"], share["n"]) == (50, 150)
    steps = after.estimates.filter(
        (pl.col("measure") == "moment_rate.v1") & (pl.col("method") == "gamma_poisson_rate.v1") & pl.col("at_ms").is_not_null()
    )
    assert steps["count"].sum() == 150
    for results in (before, after):
        whole = get(results.estimates, measure=NAME, subject="none", code="affective_empathy")
        assert (whole["count"], whole["n"]) == (50, 200)
        without = get(results.estimates, measure=NAME, subject="ritual", code="affective_empathy", method="machine_count_without.v1")
        assert (without["count"], without["n"]) == (share["count"], share["n"])


def test_each_text_once(coded_study):
    study = leave_out(coded_study, ["exact_copy"])
    share = get(yuhu.measure(study).estimates, measure="prevalence.v1", by="all", code="affective_empathy", value_id="1")
    assert (share["count"], share["n"]) == (1, 102)


def test_gold_units_that_are_flagged_are_left_out(coded_study):
    ids = coded_study.scan("responses").collect()["response_id"].head(40).to_list()
    give_gold(coded_study, ids, 0.2)
    assert get(yuhu.measure(coded_study).estimates, source="gold", by="all", code="anger")["n_gold"] == 40
    after = get(yuhu.measure(leave_out(coded_study, ["ritual"])).estimates, source="gold", by="all", code="anger")
    assert (after["n_gold"], after["value"]) == (30, pytest.approx(1 / 3))  # every fourth unit is a check-in, and stood at an even place


def test_planted_truth_is_of_all_messages(coded_study):
    planted = {"shares": [{"by": "all", "subject": "all", "code": "anger", "value_id": "1", "value": 0.1, "count": 20, "n": 200}]}
    (coded_study.path / "planted.json").write_text(json.dumps(planted), "utf-8")
    assert (yuhu.measure(coded_study).estimates["source"] == "truth").sum() == 1
    assert (yuhu.measure(leave_out(coded_study, ["ritual"])).estimates["source"] == "truth").sum() == 0


@pytest.mark.parametrize("rules", [["rituals"], "ritual", {"ritual": 1}, [1], ["language"]])
def test_rules_that_are_none_are_refused(study, rules):
    with pytest.raises(yuhu.YuhuError, match="YH206") as error:
        leave_out(study, rules)
    assert "near_copy" in str(error.value)


def test_rules_are_kept_in_their_order_and_once(study):
    leave_out(study, ["herd", "ritual", "herd"])
    assert read_settings(study.path).leave_out == ("ritual", "herd")
    text = (study.path / "study.yaml").read_text("utf-8")
    assert read_settings(study.path).text().count("leave_out: [ritual, herd]") == 1
    assert "leave_out:" in text


def test_a_study_with_metrics_only_is_measured(study, tmp_path):
    from files import HOTLIST

    yuhu.add(study, [write(tmp_path, "weibo_hot.csv", HOTLIST)])
    results = yuhu.measure(leave_out(study, ["ritual"]))
    assert results.spec["cleaning"] is None
    assert not (study.path / "derived").exists()


# the report


def words_of(page):
    part = re.search(r'<section id="cleaning".*?</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", part.group(0))) if part else ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_report_says_what_cleaning_would_change(coded_study, lang):
    said = words_of(yuhu.run(coded_study, language=lang).read_text("utf-8"))
    assert section.WORDS["title"][lang] in said
    assert section.WORDS["none"][lang] in said
    for rule in section.RULES:
        if rule.flags:
            assert rule.label[lang] in said
    line = re.search(rf"{ {'en': 'ritual messages', 'zh': '打卡类仪式性消息'}[lang] }.*? 50 50 \+8\.3 ", said)
    assert line, said
    assert "share_difference.v1" in said
    assert ("not validated" if lang == "en" else "未经验证") in said


def test_the_report_says_what_is_left_out(coded_study):
    page = yuhu.run(leave_out(coded_study, ["ritual", "exact_copy"])).read_text("utf-8")
    assert "Left out of every other section, because study.yaml says so: ritual messages, exact copies." in words_of(page)
    assert "99 messages are left out of every share and count" in page


def test_a_report_of_other_rules_than_the_settings_is_refused(coded_study):
    yuhu.run(coded_study)
    with pytest.raises(yuhu.YuhuError, match="YH602"):
        yuhu.report(leave_out(coded_study, ["ritual"]))


def test_words_are_complete_in_both_languages():
    for key, texts in section.WORDS.items():
        assert set(texts) == {"en", "zh"}, key
        assert set(re.findall(r"\{(\w+)\}", texts["en"])) == set(re.findall(r"\{(\w+)\}", texts["zh"])), key


def test_the_second_run_writes_nothing(coded_study):
    yuhu.run(coded_study)
    files = {path: path.stat().st_mtime_ns for path in coded_study.path.rglob("*") if path.is_file() and path.name != ".lock"}
    yuhu.run(yuhu.open(coded_study.path))
    assert {path: path.stat().st_mtime_ns for path in coded_study.path.rglob("*") if path.is_file() and path.name != ".lock"} == files

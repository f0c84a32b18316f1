"""The page in plain words: no stronger than the estimates, in both languages, with what is not known said."""

from types import SimpleNamespace

import polars as pl
import pytest

from test_measures import BOOK
from test_moments_report import world
from yuhu.core.estimate import estimates_frame
from yuhu.measures.moment_rate import MomentRate
from yuhu.measures.peaks import Peaks
from yuhu.reporting.museum import as_dicts, museum
from yuhu.reporting.said import estimate_id, estimates_of
from yuhu.study.agreements import SCHEMA
from yuhu.study.settings import Settings

MINUS = " − "
ROW = {
    "measure": "contrast.v1", "code": "anger", "value_id": "1", "by": "platform", "subject": f"b{MINUS}a", "at_ms": None, "end_ms": None, "at": None,
    "confidence": 0.95, "count": None, "n": 1000, "n_videos": 3, "n_gold": 400, "unit": "difference of shares", "method": "corrected_share_difference.v1",
    "source": "corrected", "coder": "lexicon", "target": "corpus", "rung": "D", "reason": "",
}  # fmt: skip


def facts(*frames, **more):
    found = [one for one in frames if one.height]
    made = pl.concat(found) if found else estimates_frame([])
    return SimpleNamespace(
        estimates=made,
        book=BOOK,
        settings=Settings(title="t"),
        target="corpus",
        n_works=3,
        agreement=None,
        agreement_is_current=True,
        missing=(),
        **more,
    )


def moments(*at, seed=1):
    evidence = world(*at, seed=seed)
    return pl.concat([Peaks().estimate(evidence), MomentRate().estimate(evidence)])


def contrast(value, low, high, **more):
    return pl.DataFrame([{**ROW, "value": value, "low": low, "high": high, **more}], schema=moments_schema())


def moments_schema():
    return estimates_frame([]).schema


def part(found, name):
    return next(one for one in found if one.id == name)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_moments_come_with_interval_rung_and_what_is_not_known(lang):
    held = facts(moments(80))
    [line] = part(museum(held, lang), "moments").lines
    [peak] = held.estimates.filter(
        (pl.col("measure") == "peaks.v1") & (pl.col("by") == "peak") & (pl.col("unit") == "rate ratio") & pl.col("code").is_null()
    ).to_dicts()
    assert estimates_of(line.text) == (estimate_id(peak),)
    for number in ("value", "low", "high"):
        assert f"{peak[number]:.1f}" in line.text
    assert "[A-within]" in line.text
    assert BOOK.variables["homecoming"].label[lang] in line.text
    assert {"en": "not established", "zh": "尚不能确定"}[lang] in line.text
    assert (line.video, line.at_ms) == ("v", peak["at_ms"])
    sure = [one.text for one in part(museum(held, lang), "sure").lines]
    assert sure[0].startswith("[A-within]")
    assert {"en": "not validated", "zh": "未经验证"}[lang] in sure[-1]
    assert BOOK.variables["homecoming"].label[lang] in part(museum(held, lang), "next").lines[0].text


def test_nothing_is_said_to_be_nothing():
    found = museum(facts(moments(seed=3)), "en")
    assert "no proof" in part(found, "moments").lines[0].text
    assert "Nothing can be said yet" in part(found, "audiences").lines[0].text


def test_a_difference_is_told_from_the_side_that_has_more():
    [line] = part(museum(facts(contrast(-0.2, -0.25, -0.15)), "en"), "audiences").lines
    assert line.text.startswith("a more than b expresses anger: by 20.0 percentage points (between 15.0 and 25.0), from 400 messages")
    [line] = part(museum(facts(contrast(0.2, 0.15, 0.25)), "en"), "audiences").lines
    assert line.text.startswith("b more than a")
    assert "[D]" in line.text


def test_what_is_open_or_doubted_is_no_difference():
    [line] = part(museum(facts(contrast(0.02, -0.05, 0.09)), "en"), "audiences").lines
    assert "of 1 that were looked at" in line.text
    [line] = part(museum(facts(contrast(0.2, 0.15, 0.25, reason="not_comparable")), "en"), "audiences").lines
    assert "1 more are not established as comparable" in line.text


def test_a_machine_alone_is_never_on_the_page():
    [line] = part(museum(facts(contrast(0.2, None, None, source="machine", confidence=None)), "en"), "audiences").lines
    assert "Nothing can be said yet" in line.text


def test_how_far_coders_agree_is_said_of_the_codes_on_the_page():
    rows = pl.DataFrame([{"by": "all", "coefficient": "krippendorff_alpha", "code": "anger", "value": 0.81, "low": 0.74, "high": 0.88}])
    blank = [pl.lit(None, dtype=kind).alias(name) for name, kind in SCHEMA.items() if name not in rows.columns]
    agreement = ({}, rows.with_columns(blank).select(list(SCHEMA)))
    held = facts(contrast(0.2, 0.15, 0.25))
    held.agreement = agreement
    assert any("alpha 0.81 [0.74, 0.88]" in one.text for one in part(museum(held, "en"), "sure").lines)
    held.agreement_is_current = False
    assert any("was not worked out" in one.text for one in part(museum(held, "en"), "sure").lines)


def test_as_data_each_line_names_its_estimates():
    found = as_dicts(museum(facts(contrast(0.2, 0.15, 0.25)), "en"))
    assert [one["id"] for one in found] == ["moments", "audiences", "sure", "next"]
    assert len(found[1]["lines"][0]["estimates"]) == 1
    assert found[0]["lines"][0]["estimates"] == ()

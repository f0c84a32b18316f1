"""The strongest findings: the p that an interval stands for, what stands, in which order, and what never does."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from test_measures import BOOK
from yuhu.core.estimate import Estimate, estimates_frame
from yuhu.reporting.page import Facts
from yuhu.reporting.strongest import Candidate, adjusted, of_study, rule, said, strongest, why_none
from yuhu.stats.multiplicity import holm, p_of_interval
from yuhu.study.settings import Settings

Z = stats.norm.ppf(0.975)


def facts(*estimates):
    return Facts(Settings(title="t"), (), BOOK, None, {}, estimates_frame(estimates), "hash", {}, (), 1, 1, "0", "corpus")


def contrast(value, half=0.04, *, code="anger", source="corrected", reason=None, low=True):
    ends = {"low": value - half, "high": value + half, "confidence": 0.95} if low else {}
    return Estimate(
        value=value, unit="difference of shares", method="m", n=500, n_gold=200, source=source, rung="D", measure="contrast.v1", by="language",
        subject="zh − en", code=code, value_id="1", target="corpus", reason=reason, **ends,
    )  # fmt: skip


def candidate(kind="contrast", value=0.3, half=0.1, *, p=0.01, null=0.0, rung="D"):
    return Candidate(kind, {"value": value, "low": value - half, "high": value + half, "rung": rung}, p, null)


@given(st.floats(-3, 3), st.floats(0.01, 2), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_a_wald_interval_gives_back_its_p(value, error, confidence):
    half = error * stats.norm.ppf(0.5 + confidence / 2)
    p = p_of_interval(value, value - half, value + half, confidence=confidence, null=0.0)
    assert p == pytest.approx(2 * stats.norm.sf(abs(value) / error), rel=1e-9)


@given(st.floats(-1, 1), st.floats(0.001, 1), st.floats(0.001, 1))
def test_an_interval_leaves_the_null_out_exactly_where_p_is_below_its_level(value, down, up):
    low, high = value - down, value + up
    if min(abs(low), abs(high)) > 1e-6:
        assert (p_of_interval(value, low, high, confidence=0.95, null=0.0) < 0.05) == (not low <= 0 <= high)


def test_edges_of_the_p_of_an_interval():
    assert p_of_interval(0.0, -1, 1, confidence=0.95, null=0.0) == 1.0
    assert p_of_interval(0.5, 0.5, 0.5, confidence=0.95, null=0.0) == 0.0
    assert p_of_interval(Z, 0.0, 2 * Z, confidence=0.95, null=0.0) == pytest.approx(0.05)


def test_candidates_of_a_kind_are_adjusted_together():
    rows = [{"value": z, "low": z - Z, "high": z + Z, "confidence": 0.95, "rung": "D"} for z in (3.0, 2.2, 0.1)]
    raw = [2 * stats.norm.sf(z) for z in (3.0, 2.2, 0.1)]
    found = adjusted(rows, "contrast", 0.0)
    assert [one.p for one in found] == pytest.approx(list(holm(raw)))
    assert [one.stands for one in found] == [True, False, False]


def test_ratios_are_compared_on_the_logarithmic_scale():
    up = Candidate("lift", {"value": 2.0, "low": 1.0001, "high": 4.0, "rung": "A-within"}, 0.01, 1.0)
    down = Candidate("lift", {"value": 0.5, "low": 0.25, "high": 1 / 1.0001, "rung": "A-within"}, 0.01, 1.0)
    assert up.distance == pytest.approx(down.distance)
    assert up.distance == pytest.approx(math.log(2) / math.log(4 / 1.0001))


def test_the_order_and_how_many_of_a_kind():
    near, far = candidate(value=0.2), candidate(value=0.9)
    within = candidate("peak", 0.15, rung="A-within")
    assert strongest([near, far, within, candidate(value=0.5)]) == [within, far, candidate(value=0.5)]
    assert strongest([near, far, within], most=1) == [within]


@pytest.mark.parametrize("weak", [candidate(p=0.06), candidate(value=0.05), candidate(value=-0.1)])
def test_what_does_not_stand_is_no_finding(weak):
    assert strongest([weak]) == []


def test_only_corrected_differences_without_a_doubt():
    found = of_study(
        facts(
            contrast(0.3),
            contrast(0.4, code="grief", reason="comparability_not_judged"),
            contrast(0.5, code="guilt_shame", source="machine", low=False, reason="machine_only_not_validated"),
            contrast(0.6, code="kind"),
        )
    )
    assert [one.row["code"] for one in found.findings] == ["anger"]
    assert (found.looked, found.doubted) == (3, 1)


def test_a_difference_that_many_others_outweigh_is_no_finding():
    one = contrast(0.046)
    assert len(of_study(facts(one)).findings) == 1
    others = [contrast(0.0001, code=code) for code in ("grief", "guilt_shame", "empathic_concern")]
    assert of_study(facts(one, *others)).findings == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_findings_are_said_with_interval_gold_and_rung(lang):
    held = facts(contrast(0.3))
    found = of_study(held)
    text = said(held, found.findings[0], lang)
    assert "[26.0, 34.0]" in text or "[+26.0, +34.0]" in text
    assert "200" in text
    assert text.rstrip("。.").endswith("[D]")
    assert rule(found, lang)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_why_there_is_none(lang):
    texts = [why_none(None, lang), why_none(facts(), lang), why_none(facts(contrast(0.0001)), lang)]
    gold = contrast(0.3, low=False, reason="not_estimable", source="gold")
    texts.append(why_none(facts(gold), lang))
    assert len(set(texts)) == 4
    assert "385" in texts[1], "units for a half-width of 5 points at worst: 1.96² × .25 / .05²"


def test_looking_changes_nothing():
    held = facts(contrast(0.3))
    before = held.estimates.clone()
    of_study(held)
    assert held.estimates.equals(before)
    assert isinstance(before, pl.DataFrame)

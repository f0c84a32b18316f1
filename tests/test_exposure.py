"""What was watched of each step: measured, flat, declared, or the scenarios; by hand."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from shown import shown, studied, video
from test_measures import evidence, messages
from yuhu.core.moments_reading import moments_from
from yuhu.core.schema import TABLES, polars_schema
from yuhu.measures.exposure import exposures, unwatched, viewers
from yuhu.measures.media_time import media_times

CURVE = [(0, 1.0), (2000, 0.5), (4000, 1.5)]


def held(spec="", *, curve=CURVE, more=(), seconds=4):
    rows = pl.DataFrame(messages(6, key=1, at_ms=1000, video="bilibili:1"))
    points = [{"video_id": "bilibili:1", "at_ms": at, "retention": height, "source": "a"} for at, height in curve]
    seen = shown([video("bilibili:1", seconds)], exposure=[*points, *more])
    return studied(rows, seen, spec=moments_from(spec or "{}"))


def found(spec="", **options):
    facts = held(spec, **options)
    return {name: curve.tolist() for name, curve in exposures(facts, media_times(facts)[0]).items()}


def test_a_measured_curve_is_straight_between_its_points_and_may_rise():
    assert found() == {"measured": [0.875, 0.625, 0.75, 1.25]}
    assert found(seconds=6)["measured"][4:] == [1.5, 1.5], "beyond its ends it stays as it was"


def test_without_a_curve_all_scenarios_count():
    told = found(curve=())
    assert list(told) == ["flat", "half_life_0.25", "half_life_0.5", "half_life_1"]
    assert told["half_life_0.25"] == pytest.approx([0.5**0.5, 0.5**1.5, 0.5**2.5, 0.5**3.5])
    assert list(found("watching: {half_lives: [0.1], declared: [[0, 1], [1, 0.5]]}", curve=())) == ["flat", "half_life_0.1", "declared"]
    assert list(found("watching: {half_lives: []}", curve=())) == ["flat"]


@pytest.mark.parametrize(
    ("retention", "expected"),
    [("measured", ["measured"]), ("flat", ["flat"]), ("unknown", ["flat", "half_life_0.25", "half_life_0.5", "half_life_1"])],
)
def test_the_specification_decides(retention, expected):
    assert list(found(f"watching: {{retention: {retention}}}")) == expected


def test_a_declared_curve_alone():
    told = found("watching: {retention: declared, declared: [[0, 1], [0.5, 0.6], [1, 0.4]]}")
    assert told == {"declared": pytest.approx([0.9, 0.7, 0.55, 0.45])}


def test_asked_for_measured_where_there_is_none():
    assert found("watching: {retention: measured}", curve=()) == {}


def test_of_two_curves_the_finer_one_counts_and_what_is_no_number_does_not():
    more = [{"video_id": "bilibili:1", "at_ms": at, "retention": 9.0, "source": "b"} for at in (0, 1000)]
    bad = [{"video_id": "bilibili:1", "at_ms": 3000, "retention": one, "source": "a"} for one in (float("nan"), -1.0)]
    assert found(more=[*more, *bad]) == found()
    assert list(found(curve=[(0, 0.0), (4000, 0.0)])) == ["flat", "half_life_0.25", "half_life_0.5", "half_life_1"]


def test_steps_that_nobody_watched_are_left_out():
    facts = held("mask: {first_ms: 1000}")
    [one] = media_times(facts)
    assert unwatched(one, np.array([1.0, 1.0, 0.0, 1.0])).tolist() == [True, False, True, False]


def test_the_largest_number_of_views_counts():
    schema = polars_schema(TABLES["metrics"])
    at = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    metrics = [
        {"subject": subject, "at": at, "name": name, "value": value, "source": "s"}
        for subject, name, value in (("v", "views", 10.0), ("v", "views", 30.0), ("v", "likes", 99.0), ("w", "views", 0.0), ("x", "views", None))
    ]  # fmt: skip
    facts = evidence(messages(1), metrics=pl.DataFrame(metrics, schema=schema).to_dicts())
    assert viewers(facts) == {"v": 30.0}

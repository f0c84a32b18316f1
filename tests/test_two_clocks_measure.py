"""Video or crowd: planted shares are found, absent ones are not, and what forbids an answer is said."""

import datetime as dt

import numpy as np
import polars as pl
import pytest

from test_measures import evidence, get
from two_clock_designs import BROKEN, COHORTS, EXPOSURE, FLAT, PEAKS, PULLS, SECONDS, VIEWS
from yuhu.core.evidence import PlantedEffects, Shown
from yuhu.core.moments_reading import moments_from
from yuhu.core.schema import TABLES, polars_schema
from yuhu.measures.two_clock_tables import both_clocks
from yuhu.measures.two_clocks import TwoClocks, segment_views
from yuhu.stats import two_clock
from yuhu.testing import check_measure

START = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
VIDEO = "bilibili:1"
SPEC = moments_from("two_clocks: {draws: 99}\nmask: {first_ms: 0}")


def rows_of(counts, *, video=VIDEO, authors=None, seed=0, **more):
    """A message for each count, at its second of the video and in the hour of its cohort."""
    rng, cells = np.random.default_rng(seed), np.argwhere(counts > 0)
    cells = np.repeat(cells, counts[tuple(cells.T)].astype(int), axis=0)
    sent = (cells[:, 0] * 3600 + rng.integers(0, 3600, len(cells))) * 1000
    named = [f"a{at}" for at in range(len(cells))] if authors is None else authors(cells, rng)
    frame = pl.DataFrame({"at_ms": cells[:, 1] * 1000, "sent": sent, "author_key": named})
    return frame.select(
        response_id=pl.format("{}-r{}", pl.lit(video), pl.int_range(pl.len())),
        text_key=pl.lit(1, dtype=pl.Int64),
        lang=pl.lit("zh"),
        video_id=pl.lit(video),
        platform=pl.lit("bilibili"),
        kind=pl.lit("danmaku"),
        at_ms="at_ms",
        sent_at=(pl.lit(START) + pl.duration(milliseconds="sent")).cast(pl.Datetime("ms", "UTC")),
        sent_at_precision_s=pl.lit(1, dtype=pl.Int32),
        author_key="author_key",
        is_special=pl.lit(value=False),
        **more,
    )


def views_of(views=VIEWS, *, video=VIDEO, every=1):
    """Total views at the end of each hour."""
    totals = np.concatenate([[0], np.cumsum(views)])
    return [
        {"subject": video, "at": START + dt.timedelta(hours=hour), "name": "views", "value": float(total)}
        for hour, total in enumerate(totals)
        if hour % every == 0
    ]


def planted(pull="middle", seed=3, factor=None, overdispersion=0.0):
    stimulus = FLAT + PEAKS if factor is None else FLAT + PEAKS * factor[:, None]
    return two_clock.simulate(stimulus, response=PULLS[pull], exposure=EXPOSURE, views=VIEWS, overdispersion=overdispersion, seed=seed)


def shown(video=VIDEO, *, cut=(), published=None):
    """A video of 180 s with its retention curve."""
    videos = {
        "video_id": [video],
        "work_id": [video],
        "platform": ["bilibili"],
        "title": [None],
        "duration_ms": [SECONDS * 1000],
        "offset_ms": [0],
    }
    frame = pl.DataFrame(videos).with_columns(
        published_at=pl.lit(published, dtype=pl.Datetime("ms", "UTC")),
        series=pl.lit(None, dtype=pl.String),
        number=pl.lit(None, dtype=pl.Int64),
    )
    curve = pl.DataFrame({"video_id": video, "at_ms": np.arange(SECONDS) * 1000 + 500, "retention": EXPOSURE, "source": "s"})
    nothing = {name: pl.LazyFrame(schema=polars_schema(TABLES[name])) for name in ("segments", "signals", "mentions")}
    return Shown(frame, exposure=curve.lazy(), spans=pl.DataFrame(), watched=pl.DataFrame(), cut=cut, **nothing)


def facts(rows, metrics, spec=SPEC, **more):
    return evidence(rows, metrics=metrics, moments=spec, **{"shown": shown(), **more})


def doubts(frame, **where):
    for name, value in where.items():
        frame = frame.filter(pl.col(name) == value)
    return frame.filter(pl.col("by") == "doubt")["reason"].to_list()


def by(frame, name, **where):
    return get(frame.filter(pl.col("code").is_null()), by=name, **where)


def test_a_planted_share_is_found_and_an_absent_one_is_not():
    counts, share = planted()
    frame = check_measure(TwoClocks(), facts(rows_of(counts), views_of()))
    found = by(frame, "contagion")
    assert found["low"] <= share <= found["high"]
    assert found["high"] - found["low"] < 0.1
    assert (found["rung"], found["source"], found["unit"]) == ("A-within", "observed", "share")
    assert by(frame, "excitation")["value"] < 1e-6
    assert not doubts(frame)
    assert by(frame, "cohorts")["value"] == COHORTS
    nothing = TwoClocks().estimate(facts(rows_of(planted("none")[0]), views_of()))
    assert by(nothing, "contagion")["value"] < 0.02
    assert by(nothing, "contagion")["low"] == 0.0
    assert by(nothing, "excitation")["value"] > 0.05


def test_a_planted_share_stands_beside_a_video_that_was_asked():
    counts, _ = planted("none")
    truth = PlantedEffects((), (), 0.2)
    small = (counts > 0).astype(int)[:1]
    rows = pl.concat([rows_of(counts), rows_of(small, video="bilibili:2").head(20)])
    found = TwoClocks().estimate(facts(rows, views_of(), planted_effects=truth))
    assert found.filter(pl.col("by") == "planted_contagion").select("subject", "value", "source", "reason").rows() == [
        (VIDEO, 0.2, "truth", "planted")
    ]
    assert found.filter(pl.col("by") != "planted_contagion").equals(TwoClocks().estimate(facts(rows, views_of())))
    unknown = TwoClocks().estimate(facts(rows, views_of(), planted_effects=PlantedEffects((), (), None)))
    assert not unknown.filter(pl.col("by") == "planted_contagion").height


def test_the_course_shares_out_every_message():
    counts, _ = planted()
    frame = TwoClocks().estimate(facts(rows_of(counts), views_of()))
    video, audience = (frame.filter(pl.col("by") == name).sort("at_ms") for name in ("drawn_by_video", "drawn_by_audience"))
    assert video.height == audience.height <= 120
    assert (video["value"] + audience["value"] - video["count"]).abs().max() < 1e-9
    assert video["count"].sum() == counts.sum()
    assert audience["value"].sum() / counts.sum() == pytest.approx(by(frame, "contagion")["value"], abs=0.01)
    assert (video["end_ms"][:-1] == video["at_ms"][1:]).all()
    assert video["end_ms"][-1] == SECONDS * 1000
    assert set(video["reason"]) == {"model_based"}


@pytest.mark.parametrize("name", sorted(name for name, design in BROKEN.items() if "factor" in design))
def test_an_audience_that_changes_is_refused(name):
    counts, _ = planted("none", factor=BROKEN[name]["factor"])
    frame = TwoClocks().estimate(facts(rows_of(counts), views_of()))
    found = by(frame, "contagion")
    assert (found["value"], found["reason"]) == (None, "cannot_be_separated")
    assert set(doubts(frame)) <= {"placebo_fails", "control_fails", "lead_fails", "segments_fail", "segments_differ"}
    assert doubts(frame)
    assert by(frame, "response")["value"] is None
    assert not frame.filter(pl.col("by").str.starts_with("drawn_by")).height


@pytest.mark.parametrize(
    ("change", "metrics", "more", "said"),
    [
        ({}, [], {}, ["views_unknown"]),
        ({}, views_of()[:1], {}, ["views_unknown"]),
        ({}, [], {"shown": shown(cut=[VIDEO])}, ["export_was_cut", "views_unknown"]),
        ({}, views_of(), {"shown": shown(cut=[VIDEO])}, ["export_was_cut"]),
        ({}, views_of(every=8), {}, ["views_too_coarse"]),
        ({}, views_of()[4:], {}, ["early_viewers_unknown"]),
        ({"sent_at_precision_s": pl.lit(86_400, dtype=pl.Int32)}, views_of(), {}, ["posting_time_coarse"]),
        ({"sent_at": pl.lit(None, dtype=pl.Datetime("ms", "UTC"))}, views_of(), {}, ["posting_time_coarse"]),
        ({"sent_at": pl.lit(START).cast(pl.Datetime("ms", "UTC"))}, views_of(), {}, ["posting_time_coarse", "views_too_coarse"]),
        (
            {"sent_at": (pl.lit(START) + pl.duration(milliseconds="at_ms")).cast(pl.Datetime("ms", "UTC"))},
            views_of(),
            {},
            ["one_clock", "views_too_coarse"],
        ),
    ],
)
def test_what_forbids_an_answer_is_said(change, metrics, more, said):
    rows = rows_of(planted("none")[0]).with_columns(**change)
    frame = check_measure(TwoClocks(), facts(rows, metrics, **more))
    assert by(frame, "contagion")["reason"] == "cannot_be_separated"
    assert by(frame, "contagion")["value"] is None
    assert doubts(frame) == said
    assert set(frame["by"]) == {"contagion", "doubt"}


def test_few_messages_and_none():
    rows = rows_of(planted("none")[0])
    frame = TwoClocks().estimate(facts(rows.head(49), views_of()))
    assert frame.select("by", "value", "n", "reason").rows() == [("contagion", None, 49, "too_few_events")]
    assert not check_measure(TwoClocks(), facts(rows.head(0), [])).height


def test_publication_is_an_observation_of_no_views():
    counts, share = planted()
    late = views_of()[1:]
    assert doubts(TwoClocks().estimate(facts(rows_of(counts), late))) == ["early_viewers_unknown"]
    frame = TwoClocks().estimate(facts(rows_of(counts), late, shown=shown(published=START)))
    found = by(frame, "contagion")
    assert found["low"] <= share <= found["high"]


def test_without_a_curve_refusals_say_that_one_may_help():
    counts, _ = planted()
    refused = TwoClocks().estimate(facts(rows_of(counts), views_of(), shown=None))
    assert doubts(refused)[-1] == "retention_unknown"
    weak, share = planted("weak")
    found = by(TwoClocks().estimate(facts(rows_of(weak), views_of(), shown=None)), "contagion")
    assert found["low"] <= share <= found["high"]


def test_cohorts_have_equal_views_and_no_more_than_were_observed():
    counts, _ = planted("none")
    growing = VIEWS * np.linspace(0.2, 1.8, COHORTS)
    [one] = both_clocks(facts(rows_of(counts), views_of(growing)))
    assert one.reasons == ()
    assert one.views.size == COHORTS
    assert one.views[:-1] == pytest.approx(one.views[0], rel=1e-6)
    assert np.diff(one.edges)[0] > np.diff(one.edges)[-2]
    [coarse] = both_clocks(facts(rows_of(counts), views_of(every=4)))
    assert coarse.views.size == 10
    [asked] = both_clocks(facts(rows_of(counts), views_of(), moments_from("two_clocks: {cohorts: 12}")))
    assert asked.views.size == 12
    falling = [{**row, "value": 0.0} if at == 20 else row for at, row in enumerate(views_of())]
    [mended] = both_clocks(facts(rows_of(counts), falling))
    assert mended.reasons == ()
    assert (mended.views > 0).all()


def two_kinds(cells, rng):
    """Half of the messages are of people with one, half of forty people with many."""
    return [f"many{rng.integers(0, 40)}" if many else f"one{at}" for at, many in enumerate(rng.random(len(cells)) < 0.5)]


def test_segments_of_people_are_fitted_beside_all():
    counts, share = planted("weak")
    frame = check_measure(TwoClocks(), facts(rows_of(counts, authors=two_kinds), views_of()))
    split = by(frame, "contagion_by_segment")
    assert split["method"] == "two_clock_segments.v1"
    assert split["low"] <= share <= split["high"]
    assert by(frame, "contagion")["value"] is not None
    none = moments_from("two_clocks: {draws: 60, segments: none}\nmask: {first_ms: 0}")
    assert (
        by(TwoClocks().estimate(facts(rows_of(counts, authors=two_kinds), views_of(), none)), "contagion_by_segment")["reason"]
        == "segments_unknown"
    )


def test_views_of_segments_follow_their_messages():
    counts = np.array([[[3.0, 1.0], [0.0, 0.0]], [[4.0, 0.0], [0.0, 0.0]]])
    assert segment_views(counts, np.array([100.0, 50.0])).tolist() == [[50.0, 25.0], [50.0, 25.0]]
    counts[1, 0, 0] = 12
    assert segment_views(counts, np.array([100.0, 50.0])).tolist() == [[25.0, 12.5], [75.0, 37.5]]


def test_codes_have_a_value_and_no_interval():
    counts, share = planted("weak", seed=5)
    rows = rows_of(counts)
    spec = moments_from("two_clocks: {draws: 60, most: 2}\nmask: {first_ms: 0}\ncodes: [affective_empathy, anger]")
    both = [(1, "zh", "affective_empathy", "1"), (1, "zh", "anger", "1")]
    frame = check_measure(TwoClocks(), facts(rows, views_of(), spec, codings=both))
    coded = get(frame, by="contagion", code="affective_empathy")
    assert coded["value"] == pytest.approx(share, abs=0.05)
    assert (coded["low"], coded["reason"], coded["source"], coded["coder"]) == (None, "machine_only_not_validated", "machine", "lexicon")
    assert doubts(frame, code="anger") == ["not_fitted"]
    assert get(frame, by="contagion", code="anger")["value"] is None


def test_the_largest_videos_come_first():
    counts, _ = planted("none")
    small = (counts > 0).astype(int)
    rows = pl.concat([rows_of(counts), rows_of(small, video="bilibili:2")])
    metrics = views_of() + views_of(video="bilibili:2")
    spec = moments_from("two_clocks: {draws: 60, most: 1}")
    frame = TwoClocks().estimate(facts(rows, metrics, spec, shown=None))
    assert doubts(frame, subject="bilibili:2") == ["not_fitted"]
    assert by(frame, "contagion", subject="bilibili:1")["value"] is not None


def test_masked_seconds_are_left_out():
    counts, _ = planted("none")
    spec = moments_from("two_clocks: {draws: 60}\nmask: {first_ms: 10000, last_ms: 20000}")
    frame = TwoClocks().estimate(facts(rows_of(counts), views_of(), spec))
    assert by(frame, "contagion")["n"] == counts[:, 10:160].sum()

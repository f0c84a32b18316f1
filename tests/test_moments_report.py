"""The section on moments: what was found, what depends, what is nothing, planted beside found, hostile words, both languages."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from shown import drawn, shown, studied, video
from test_measures import BOOK
from test_peaks import FEW, rate
from yuhu.core.estimate import estimates_frame
from yuhu.core.moments_reading import moments_from
from yuhu.measures.moment_rate import MomentRate
from yuhu.measures.peaks import Peaks
from yuhu.reporting.moments import moments
from yuhu.reporting.words_moments import MOMENTS

EVIL = "</text><script>alert(1)</script>"


def facts(evidence):
    frames = [Peaks().estimate(evidence), MomentRate().estimate(evidence)]
    return SimpleNamespace(estimates=pl.concat(frames), book=BOOK)


def world(*peaks, spec=FEW, name="v", planted=None, seed=1, **more):
    frame = drawn(np.random.default_rng(seed), name, rate(*peaks))
    lines = [{"video_id": name, "kind": "line", "start_ms": 78_000, "end_ms": 80_000, "text": EVIL}]
    seen = shown([video(name, 300)], [(name, "homecoming", 78, 88), (name, "loss", 200, 204)], segments=lines, **more)
    return studied(frame, seen, spec=moments_from(spec), planted_moments=planted)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_peak_is_told_with_all_that_it_needs(lang):
    view = moments(facts(world(80)), lang)
    [line] = view.points
    assert line.startswith("v")
    assert "[A-within]" in line
    label = BOOK.variables["homecoming"].label[lang]
    assert label in line
    [row] = view.tables[0].rows
    assert row[0].startswith("1:")
    assert "[" in row[1]
    assert label in row[4]
    assert "alert(1)" in row[5], "escaped by the template, not here"
    assert row[6]
    [figure] = view.figures
    assert "<script" not in figure.svg
    assert label in figure.svg


def test_nothing_is_said_to_be_nothing():
    view = moments(facts(world(seed=3)), "en")
    [line] = view.points
    assert "no moment stands out" in line
    assert "no proof" in line
    assert not view.tables
    assert len(view.figures) == 1


def test_what_depends_is_no_peak():
    declared = "[[0, 1], [0.26, 1], [0.27, 4], [0.305, 4], [0.31, 1], [1, 1]]"
    view = moments(facts(world(80, spec=f"{FEW}watching: {{retention: unknown, declared: {declared}}}")), "en")
    assert any("changes with what is assumed" in line and "not given as a peak" in line for line in view.points)
    assert "the declared curve" in " ".join(view.paragraphs)
    assert not view.tables


def test_measured_watching_is_said_and_what_cannot_be_scanned():
    curve = [{"video_id": "v", "at_ms": at, "retention": 1.0, "source": "a"} for at in (0, 300_000)]
    told = moments(facts(world(80, exposure=curve)), "en")
    assert "known from retention curves (videos: 1)" in " ".join(told.paragraphs)
    missing = moments(facts(world(80, spec="watching: {retention: measured}")), "en")
    assert missing.points == ["v: not scanned: no retention curve of this video."]
    assert not missing.figures


def test_planted_moments_are_compared():
    table = pl.DataFrame(
        {"video_id": ["v", "v"], "at_ms": [78_000, 210_000], "end_ms": [94_000, 215_000], "share": [0.1, 0.01], "after": ["", ""]}
    )
    said = " ".join(moments(facts(world(80, planted=table)), "en").paragraphs)
    assert "2 moments; found 1; not found: v 3:30–3:35" in said
    assert "not planted: 0" in said
    other = " ".join(moments(facts(world(80, planted=table.tail(1))), "en").paragraphs)
    assert "1 moments; found 0" in other
    assert "not planted: 1" in other


def test_names_of_strangers_do_no_harm():
    view = moments(facts(world(80, name=EVIL)), "en")
    assert "<script" not in view.figures[0].svg
    assert len(view.figures) == 1


def test_many_videos_are_cut_and_said():
    rng = np.random.default_rng(1)
    names = [f"v{at}" for at in range(8)]
    frame = pl.concat([drawn(rng, name, np.full(60, 4.0)) for name in names])
    held = studied(frame, shown([video(name, 60) for name in names]), spec=moments_from(FEW))
    view = moments(facts(held), "en")
    assert len(view.figures) == 6
    assert view.points[-1].startswith("2 more videos")


def test_without_peaks_there_is_no_section():
    assert moments(SimpleNamespace(estimates=estimates_frame([]), book=BOOK), "en") is None


def test_every_word_has_both_languages():
    assert all(set(one) == {"en", "zh"} for one in MOMENTS.values())

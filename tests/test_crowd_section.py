"""The section on the video and the crowd: what was found, what was refused and why, in both languages."""

import polars as pl
import pytest

from test_measures import BOOK
from test_posting import drawn
from test_posting import rows_of as sent_rows
from test_two_clocks_measure import SPEC, facts, planted, rows_of, shown, views_of
from yuhu.core.estimate import REASONS, estimates_frame
from yuhu.core.moments_reading import moments_from
from yuhu.measures.posting import Posting
from yuhu.measures.two_clocks import TwoClocks
from yuhu.reporting.page import Facts
from yuhu.reporting.two_clocks import audience_or_video
from yuhu.reporting.words_two_clocks import CROWD
from yuhu.study.settings import Settings

EVIL = 'bilibili:<script>alert(1)</script>"&'


def page(*frames):
    return Facts(Settings(), [], BOOK, None, {}, pl.concat(frames), "spec", {}, [], 1, 1, "0", "corpus")


@pytest.fixture(scope="module")
def separated():
    counts, _ = planted("weak", seed=5)
    spec = moments_from("two_clocks: {draws: 60, most: 2}\nmask: {first_ms: 0}\ncodes: [affective_empathy]")
    return TwoClocks().estimate(facts(rows_of(counts), views_of(), spec, codings=[(1, "zh", "affective_empathy", "1")]))


def test_nothing_to_say():
    assert audience_or_video(page(estimates_frame([])), "en") is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_separated_video_has_its_course(separated, lang):
    view = audience_or_video(page(separated), lang)
    assert view.title == CROWD["title"][lang]
    assert len(view.paragraphs) == 2
    assert "bilibili:1" in view.points[0]
    assert "[A-within]" in view.points[0]
    [figure] = view.figures
    assert figure.svg.startswith("<svg")
    shares, codes = view.tables
    share = separated.filter((pl.col("by") == "contagion") & pl.col("code").is_null())
    assert f"{share['low'][0] * 100:.1f}" in shares.rows[0][1]
    assert REASONS["machine_only_not_validated"][lang] in codes.rows[0]
    assert codes.columns[3].endswith("#~")


@pytest.mark.parametrize(("share", "held"), [(0.0, "0 of 1"), (None, "1 of 1")])
def test_a_planted_share_is_compared(separated, share, held):
    row = separated.filter((pl.col("by") == "contagion") & pl.col("code").is_null())
    truth = row.with_columns(
        by=pl.lit("planted_contagion"), value=pl.lit(row["value"][0] if share is None else share), source=pl.lit("truth")
    )
    [line] = [point for point in audience_or_video(page(separated, truth), "en").points if point.startswith("Planted")]
    assert f"intervals of {held} separated video(s) hold it" in line
    assert not any(point.startswith("Planted") for point in audience_or_video(page(separated), "en").points)


def test_refusals_name_their_reasons_once_for_all_videos():
    counts, _ = planted("none")
    small = (counts > 0).astype(int)
    both = pl.concat([rows_of(counts), rows_of(small, video="bilibili:2"), rows_of(small[:1], video="bilibili:3").head(20)])
    frame = TwoClocks().estimate(facts(both, [], SPEC, shown=shown(cut=["bilibili:1", "bilibili:2"])))
    view = audience_or_video(page(frame), "en")
    refused, few = view.points
    assert refused.startswith("bilibili:1, bilibili:2: ")
    assert REASONS["views_unknown"]["en"] in refused
    assert "xport keeps the newest" in refused
    assert few.startswith("1 video(s)")
    assert not view.figures
    assert len(view.tables[0].rows) == 2


def test_many_videos_are_named_in_part():
    counts, _ = planted("none")
    rows = rows_of(counts)
    both = pl.concat([rows.with_columns(video_id=pl.lit(f"v{at}")).head(60) for at in range(6)])
    view = audience_or_video(page(TwoClocks().estimate(facts(both, [], SPEC, shown=None))), "en")
    assert view.points[0].startswith("v0, v1, v2, v3 and 2 more: ")


def test_series_of_posting_times():
    spec = moments_from("posting: {draws: 39}")
    rows = pl.concat(
        [sent_rows(drawn(0.5)), sent_rows(drawn(0.0, seed=4), video="bilibili:2"), sent_rows(drawn(0.5)[:20], video="bilibili:3")]
    )
    view = audience_or_video(page(Posting().estimate(facts(rows, [], spec))), "en")
    assert not view.paragraphs
    [table] = view.tables
    assert [row[0] for row in table.rows] == ["bilibili:1", "bilibili:2"]
    assert table.rows[0][2].startswith("0.")
    assert table.rows[1][2] == REASONS["baseline_suffices"]["en"]
    assert table.rows[0][9] == "A-within"


def test_hostile_names_are_only_text(separated):
    hostile = separated.with_columns(subject=pl.lit(EVIL))
    view = audience_or_video(page(hostile), "en")
    assert "<script" not in view.figures[0].svg


def test_every_word_is_in_both_languages():
    assert all(set(words) == {"en", "zh"} and all(words.values()) for words in CROWD.values())

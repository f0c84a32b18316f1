"""Peaks: planted ones found, absent ones not, under every assumption of watching; what was on screen, what was expressed; stopping early."""

import numpy as np
import polars as pl
import pytest

from moments import autocorrelated
from shown import AE, drawn, shown, studied, video
from test_measures import evidence, get, messages
from yuhu.core.errors import YuhuError
from yuhu.core.moments_reading import moments_from
from yuhu.measures.media_time import media_times
from yuhu.measures.moment_scans import Scanned, scans
from yuhu.measures.peaks import Peaks
from yuhu.stats.scan import benjamini_hochberg, scan_peaks
from yuhu.testing import check_measure

FEW = "peaks: {draws: 199}\n"


def rate(*peaks, seconds=300, base=6.0, times=4.0, width=12):
    out = np.full(seconds, base)
    for start in peaks:
        out[start : start + width] *= times
    return out


def world(*peaks, seed=1, spec=FEW, seen=None, share=None, wrong=None, gold=None, **options):
    frame = drawn(np.random.default_rng(seed), "v", rate(*peaks, **options), share, wrong=wrong)
    held = seen or shown([video("v", frame["at_ms"].max() // 1000 + 1)])
    coded = None if gold is None else frame["response_id"].sample(gold, seed=seed)
    return studied(frame, held, gold=coded, chance=1.0 if gold is None else gold / frame.height, spec=moments_from(spec))


def rows(facts, by, **where):
    frame = check_measure(Peaks(), facts).filter(pl.col("by") == by)
    for name, value in where.items():
        frame = frame.filter(pl.col(name).is_null() if value is None else pl.col(name) == value)
    return frame.to_dicts()


def test_planted_peaks_are_found_with_their_size():
    facts = world(80, 200)
    found = sorted(rows(facts, "peak", code=None, unit="rate ratio"), key=lambda row: row["at_ms"])
    assert len(found) == 2
    for row, start in zip(found, (80, 200), strict=True):
        assert abs(row["at_ms"] - start * 1000) <= 2000
        assert abs(row["end_ms"] - (start + 12) * 1000) <= 2000
        assert row["low"] < 4 < row["high"]
        assert 1 < row["low"] < row["value"] < row["high"]
        assert (row["reason"], row["rung"], row["source"], row["confidence"]) == ("", "A-within", "observed", 0.95)
    ps = rows(facts, "peak", code=None, unit="p")
    assert ps[0]["value"] == 0.005
    assert ps[1]["value"] <= 0.05
    assert {row["reason"] for row in ps} == {"test_alone"}
    [q] = rows(facts, "video", code=None, unit="q")
    assert q["value"] == 0.005


def test_nothing_is_found_where_nothing_is():
    found = [bool(rows(world(seed=seed), "peak", code=None)) for seed in range(40)]
    assert sum(found) <= 6
    [test] = rows(world(seed=3), "video", code=None, unit="p")
    assert test["value"] > 0.05
    assert test["at_ms"] < test["end_ms"]


def test_peaks_in_the_mask_are_none():
    assert not rows(world(0, width=4, times=8.0), "peak", code=None)


def scenarios(spec):
    facts = world(80, spec=FEW + spec)
    return facts, scans(facts)[0]


def test_steady_decay_of_watching_changes_nothing():
    one, flat = scenarios("")[1], scenarios("watching: {retention: flat}")[1]
    assert [(peak.start_ms, peak.end_ms, peak.size) for peak in one.peaks] == [
        (peak.start_ms, peak.end_ms, peak.size) for peak in flat.peaks
    ]
    assert all(peak.verdict.holds for peak in one.peaks)


def test_decay_is_one_scan_by_brute_force():
    """The scan under a half-life, done, is that under flat watching."""
    rng = np.random.default_rng(5)
    counts = rng.poisson(rate(80))
    flat, half = (scan_peaks(counts, exposure=each, draws=99, seed=4) for each in (np.ones(300), 0.5 ** (np.arange(300) / 75)))
    assert [(one.start, one.stop) for one in flat.peaks] == [(one.start, one.stop) for one in half.peaks]
    assert [one.size.value for one in flat.peaks] == pytest.approx([one.size.value for one in half.peaks], rel=1e-3)
    assert [one.p.value for one in flat.peaks] == pytest.approx([one.p.value for one in half.peaks], abs=0.011)


def test_a_peak_that_watching_explains_depends_on_it():
    declared = "[[0, 1], [0.26, 1], [0.27, 4], [0.305, 4], [0.31, 1], [1, 1]]"
    facts = world(80, spec=f"{FEW}watching: {{retention: unknown, declared: {declared}}}")
    found = rows(facts, "peak", code=None, unit="rate ratio")
    assert {row["reason"] for row in found} == {"depends_on_exposure"}
    [test] = rows(facts, "video", code=None, unit="p")
    assert test["value"] > 0.05, "the largest p of all assumptions"


def test_rewatching_that_is_measured_explains_a_peak():
    heights = [(0, 1.0), (79_000, 1.0), (80_000, 4.0), (92_000, 4.0), (93_000, 1.0), (300_000, 1.0)]
    curve = [{"video_id": "v", "at_ms": at, "retention": height, "source": "a"} for at, height in heights]
    assert not rows(world(80, seen=shown([video("v", 300)], exposure=curve)), "peak", code=None)


def test_measured_was_asked_for():
    [test] = rows(world(80, spec="watching: {retention: measured}"), "video", code=None)
    assert (test["value"], test["reason"]) == (None, "no_retention")


def test_what_was_on_screen():
    lines = [
        {"video_id": "v", "kind": "line", "start_ms": start, "end_ms": end, "text": text}
        for start, end, text in ((77_000, 79_000, "<b>回家"), (10_000, 12_000, "far"), (0, 300_000, "all of it"))
    ]
    spans = [("v", "homecoming", 78, 86), ("v", "loss", 200, 210)]
    facts = world(80, seen=shown([video("v", 300)], spans, segments=lines))
    [peak] = rows(facts, "peak", code=None, unit="rate ratio")
    place = {name: peak[name] for name in ("at_ms", "end_ms")}
    [inside] = rows(facts, "on_screen", **place)
    steps = (peak["end_ms"] - peak["at_ms"]) // 1000 + 5
    assert (inside["code"], inside["count"], inside["n"]) == ("homecoming", 8, steps)
    [whole] = rows(facts, "on_screen_whole_video", **place)
    assert whole["value"] == pytest.approx(8 / 300)
    [line] = rows(facts, "line")
    assert (line["value_id"], line["at_ms"], line["end_ms"]) == ("<b>回家", 77_000, 79_000)
    strips = [(row["code"], row["at_ms"], row["end_ms"]) for row in rows(facts, "segment")]
    assert strips == [("homecoming", 78_000, 86_000), ("loss", 200_000, 210_000)]


def test_what_was_expressed_by_hand():
    share = np.where((np.arange(300) >= 80) & (np.arange(300) < 92), 0.8, 0.2)
    facts = world(80, share=share, spec=f"{FEW}mask: {{first_ms: 0}}")
    [peak] = rows(facts, "peak", code=None, unit="rate ratio")
    frame = facts.responses.filter(pl.col("at_ms").is_between(peak["at_ms"], peak["end_ms"], closed="left")).collect()
    [inside], [outside], [apart] = (rows(facts, f"peak_{by}", source="machine") for by in ("inside", "outside", "difference"))
    assert (inside["count"], inside["n"]) == ((frame["text_key"] == 1).sum(), frame.height)
    assert outside["n"] == facts.responses.collect().height - frame.height
    assert apart["value"] == pytest.approx(inside["value"] - outside["value"])
    assert {row["reason"] for row in (inside, outside, apart)} == {"machine_only_not_validated"}
    assert apart["low"] is None


def test_gold_puts_right_what_the_machine_sees_in_a_peak():
    """The machine invents the code inside the peak; people do not see it."""
    inside = (np.arange(300) >= 80) & (np.arange(300) < 92)
    wrong = (np.zeros(300), np.where(inside, 0.6, 0.05))
    facts = world(80, share=np.full(300, 0.3), wrong=wrong, gold=900)
    [machine], [true] = (rows(facts, "peak_difference", source=source) for source in ("machine", "corrected"))
    assert machine["value"] > 0.3
    assert true["low"] < 0 < true["high"]
    assert true["n_gold"] >= 5
    assert {row["by"] for row in rows(facts, "peak_inside", source="corrected")} == {"peak_inside"}


def test_codes_have_peaks_without_intervals():
    share = np.where((np.arange(300) >= 150) & (np.arange(300) < 170), 0.9, 0.1)
    facts = world(share=share, base=10.0, seed=2)
    found = rows(facts, "peak", code=AE[0])
    [size], [p] = ([row for row in found if row["unit"] == unit] for unit in ("rate ratio", "p"))
    assert abs(size["at_ms"] - 150_000) <= 4000
    assert (size["low"], size["reason"], size["source"]) == (None, "machine_only_not_validated", "machine")
    assert p["value"] <= 0.05
    assert not rows(facts, "peak", code=None)


def test_scans_of_codes_are_bounded_and_said():
    facts = world(spec="peaks: {draws: 199, code_scans: 0}")
    assert not rows(facts, "video", code=AE[0])
    [left] = rows(facts, "not_scanned", code=AE[0])
    assert (left["n"], left["value"], left["reason"]) == (1, None, "not_scanned")


def test_false_discoveries_are_controlled_over_videos():
    rng = np.random.default_rng(7)
    frames = [drawn(rng, f"v{at}", rate(*((60,) if at == 0 else ()))) for at in range(5)]
    facts = studied(pl.concat(frames), shown([video(f"v{at}", 300) for at in range(5)]), spec=moments_from(FEW))
    tests = [row for row in rows(facts, "video", code=None) if row["unit"] == "p"]
    q = [row["value"] for row in rows(facts, "video", code=None, unit="q")]
    assert q == pytest.approx(benjamini_hochberg([row["value"] for row in tests]).tolist())
    assert q[0] <= 0.05 < min(q[1:])


def test_threads_change_nothing(monkeypatch):
    rng = np.random.default_rng(9)
    share = np.where((np.arange(300) >= 150) & (np.arange(300) < 170), 0.9, 0.1)
    frames = pl.concat([drawn(rng, f"v{at}", rate(80), share) for at in range(4)])

    def estimated(threads):
        monkeypatch.setattr("os.cpu_count", lambda: threads)
        return Peaks().estimate(studied(frames, shown([video(f"v{at}", 300) for at in range(4)]), spec=moments_from(FEW)))

    one = estimated(1)
    assert one.filter(pl.col("by") == "peak")["code"].n_unique() > 1
    assert one.equals(estimated(3))


def test_changes_of_level_are_described():
    frame = drawn(np.random.default_rng(8), "v", np.where(np.arange(300) < 150, 3.0, 12.0))
    facts = studied(frame, shown([video("v", 300)]), spec=moments_from(f"{FEW}watching: {{retention: flat}}"))
    found = rows(facts, "change")
    assert abs(found[0]["end_ms"] - 150_000) <= 5000
    assert [row["value"] for row in found][:: len(found) - 1] == pytest.approx([3, 12], rel=0.15)
    assert (found[0]["at_ms"], found[-1]["end_ms"], found[0]["rung"]) == (5000, 300_000, "D")


def test_too_little_to_scan():
    facts = evidence(messages(4, at_ms=8000), moments=moments_from(FEW))
    [test] = rows(facts, "video", code=None)
    assert (test["value"], test["reason"]) == (None, "too_few_responses")
    assert check_measure(Peaks(), evidence(messages(0) or None)).height == 0
    assert check_measure(Peaks(), evidence(messages(50))).height == 0


def test_small_cells_are_suppressed():
    facts = world(80, spec=FEW)
    hidden = studied(facts.responses.collect(), facts.shown, spec=facts.moments, k_anonymity=100_000)
    for by in ("peak_inside", "peak_outside", "peak_difference"):
        [row] = rows(hidden, by)
        assert (row["value"], row["reason"]) == (None, "small_cell")


def test_planted_moments_stand_beside_what_was_found():
    facts = world(80)
    table = pl.DataFrame({"video_id": ["v", "w"], "at_ms": [78_000, 1], "end_ms": [94_000, 2], "share": [0.1, 0.2], "after": ["loss", ""]})
    held = studied(facts.responses.collect(), facts.shown, spec=facts.moments, planted_moments=table)
    [row] = rows(held, "planted_moment")
    assert (row["subject"], row["value"], row["value_id"], row["source"], row["reason"]) == ("v", 0.1, "loss", "truth", "planted")


def test_each_series_has_its_own_draws():
    facts = world(80, 200)
    once, again = scans(facts), scans(world(80, 200))
    assert [(one.p, one.peaks) for one in once] == [(one.p, one.peaks) for one in again]
    assert isinstance(once[0], Scanned)
    assert once[0].n == media_times(facts)[0].n


def test_stopping_keeps_the_level():
    rng = np.random.default_rng(11)
    nulls = [rng.poisson(4 * rng.gamma(5, 0.2, 200)) for _ in range(100)] + [rng.poisson(4 * autocorrelated(rng, 200)) for _ in range(100)]
    ps = [scan_peaks(counts, draws=199, seed=at, stop=10).p for at, counts in enumerate(nulls)]
    assert np.mean(np.array(ps) <= 0.05) <= 0.1
    assert min(ps) > 0
    assert max(ps) <= 1


def test_stopping_changes_no_peak():
    counts = np.random.default_rng(12).poisson(rate(80, 200))
    full, early = (scan_peaks(counts, draws=499, seed=1, stop=stop) for stop in (None, 10))
    assert [(one.start, one.stop) for one in full.peaks] == [(one.start, one.stop) for one in early.peaks]
    assert early.peaks[0].p.value == full.peaks[0].p.value == 0.002


def test_stopping_stops_by_hand():
    """Of a window that nearly every draw beats, ten draws tell p."""
    counts = np.tile([3.0, 3.0, 3.0, 4.0], 50)
    found = scan_peaks(counts, draws=9999, seed=1, stop=10, null="negative_binomial")
    assert found.p is not None
    assert found.p > 0.5
    assert (10 / found.p) == pytest.approx(round(10 / found.p))


def test_stop_below_five_is_refused():
    with pytest.raises(YuhuError, match="YH303"):
        scan_peaks(np.ones(50), stop=4)


def test_rows_name_their_settings():
    facts = world(80)
    frame = Peaks().estimate(facts)
    windows, before = get(frame, by="windows"), get(frame, by="before")
    assert (windows["at_ms"], windows["end_ms"], windows["value"]) == (2000, 30_000, 0.05)
    assert (before["at_ms"], before["value"], before["reason"]) == (-5000, 5.0, "as_specified")

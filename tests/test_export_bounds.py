"""Bounds for what was not exported: of the machine's share, and of the corrected one."""

import numpy as np
import polars as pl
import pytest

from shown import AE, drawn, shown, studied, video
from yuhu.measures.export_bounds import ExportBounds
from yuhu.testing import check_measure


def world(*, total=4000, gold=300, complete=True, name="v", **more):
    frame = drawn(np.random.default_rng(1), name, np.full(100, 20.0), np.full(100, 0.3), wrong=(np.full(100, 0.2), np.full(100, 0.3)))
    coded = frame["response_id"].sample(gold, seed=2) if gold else None
    totals = pl.DataFrame({"video_id": [name], "group": ["comment"], "total": [total]})
    facts = studied(frame, shown([video(name, 100)]), gold=coded, chance=max(gold, 1) / frame.height, totals=totals, **more)
    if not complete:
        facts.gold.units.replace_column(facts.gold.units.columns.index("is_complete"), pl.Series("is_complete", [False] * gold))
    return facts, frame


def rows(facts, source):
    return check_measure(ExportBounds(), facts).filter((pl.col("source") == source) & (pl.col("code") == AE[0])).to_dicts()


def test_the_corrected_share_has_bounds_of_its_interval():
    facts, frame = world()
    [machine], [true] = rows(facts, "machine"), rows(facts, "corrected")
    n, truth = frame.height, frame["truth"].mean()
    assert machine["value"] > truth + 0.1
    assert (machine["low"], machine["confidence"]) == (pytest.approx(machine["value"] * n / 4000), 1.0)
    share = np.array([true["low"] * 4000 / n, (true["high"] - 1 + n / 4000) * 4000 / n])
    assert share[0] < truth < share[1]
    assert share[1] - share[0] < 0.15
    assert (true["method"], true["reason"], true["confidence"]) == ("corrected_export_bounds.v1", "bounds_not_interval", 0.95)
    assert (true["subject"], true["n"], true["n_gold"], true["n_videos"]) == ("v (comment)", n, 300, 1)
    assert true["low"] <= true["value"] <= true["high"]


def test_a_share_without_an_interval_has_no_bounds():
    [few] = rows(world(gold=7)[0], "corrected")
    assert few["low"] is None
    assert few["reason"] in {"too_few_gold", "not_estimable"}
    [open_] = rows(world(complete=False)[0], "corrected")
    assert (open_["low"], open_["reason"]) == (None, "gold_incomplete")
    [small] = rows(world(gold=3)[0], "corrected")
    assert (small["value"], small["reason"]) == (None, "small_cell")


def test_without_gold_the_machine_stands_alone():
    facts, _ = world(gold=0)
    assert not rows(facts, "corrected")
    assert len(rows(facts, "machine")) == 1


def test_a_whole_export_has_no_bounds():
    assert not check_measure(ExportBounds(), world(total=10)[0]).height
    facts, _ = world()
    assert not check_measure(ExportBounds(), studied(facts.responses.collect(), facts.shown)).height

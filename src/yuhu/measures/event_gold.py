"""Lifts of codes corrected by gold: the machine's lift times how its errors differ between the steps after a strategy and those before it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from yuhu.core.estimate import Estimate
from yuhu.core.evidence import Evidence, Frame
from yuhu.measures.correcting import Corrected, corrected, in_frame
from yuhu.measures.decisions import steps
from yuhu.measures.event_series import Setting
from yuhu.measures.media_time import KEYS, timed
from yuhu.stats.shift import ShiftResult, StrategyEffect

METHOD = "corrected_lift.v1"
AFTER, BEFORE = "effect", "baseline"

Seen = Mapping[tuple[str, str, str, str], tuple[float, float]]
"""Messages, and those that the machine gave the code, by strategy, code, value and window."""


def corrected_lifts(setting: Setting, results: Mapping[str, ShiftResult], gone: pl.DataFrame | None = None) -> Iterator[Estimate]:
    """Corrected lifts of every code that gold is of.

    Parameters
    ----------
    setting : Setting
        The event study.
    results : mapping of str to ShiftResult
        Its tests, by the name of the series.
    gone : pl.DataFrame, optional
        Ids of messages that are left out.

    Yields
    ------
    Estimate
        ``subject`` is the strategy; n = messages in both windows, n_gold those among them that people coded.

    Notes
    -----
    log L = log L(machine) + log(s_E N_E / m_E) - log(s_B N_B / m_B), where N are the frame's messages in the lags after onsets (E) and before them (B),
    m those that the machine gave the code, and s their corrected share (`CorrectedShares`): whatever the machine's errors are in the two windows, the share
    of each is right. A step in the lags of both counts in neither. What a course of errors over the whole video does is in both windows alike. Interval: the squares of the three intervals' halves on the
    log scale, each on its own side (zou2008), since the drawing of gold knows nothing of when messages came. O(messages near strategies + gold).
    """
    evidence = replace(setting.evidence, target="corpus", made={})
    if evidence.codings is None or not evidence.gold.units.height:
        return
    windows = _windows(setting)
    near = _near(evidence, windows, len(setting.codes), gone)
    wanted = {cell[0] for cell in setting.cells if cell is not None}
    local = replace(evidence, responses=near, served=[code for code in evidence.served if code in wanted])
    seen: dict[int, Seen] = {}
    frames = {code: at for at, frame in enumerate(evidence.gold.frames) for code in frame.codes}
    cells = {cell for cell in setting.cells if cell is not None}
    groups = {code: pl.col(f"_window_{at}") for at, code in enumerate(setting.codes)}
    for strategy, one in corrected(local, METHOD, groups, 2):
        if (one.code, one.value_id) not in cells:
            continue
        at = frames[one.code]
        if at not in seen:
            seen[at] = _seen(local, evidence.gold.frames[at], setting.codes, [each for each in cells if frames.get(each[0]) == at])
        effect = results[f"{one.code}={one.value_id}"][strategy]
        yield _lifted(evidence, strategy, one, effect, seen[at])


def _windows(setting: Setting) -> pl.DataFrame:
    """``video_id, step, _window_0, ...``: steps that speak, in the lags after or before onsets of each strategy."""
    low, high = setting.design.windows.effect
    first, last = setting.design.windows.baseline or (0, -1)
    parts = []
    for one in setting.series(None, setting.watching[0][1]):
        columns = {}
        for at in range(len(setting.codes)):
            starts = one.onsets(at)[0]
            after, before = (_within(starts, ends, one.bins) for ends in ((low, high), (first, last)))
            columns[f"_window_{at}"] = pl.Series(np.where(after & ~before, AFTER, np.where(before & ~after, BEFORE, "")), dtype=pl.String)
        frame = pl.DataFrame({"video_id": [one.name] * one.bins, "_step": np.arange(one.bins), **columns})
        parts.append(frame.filter(pl.Series(one.kept(setting.design.seam))))
    named = [f"_window_{at}" for at in range(len(setting.codes))]
    return pl.concat(parts).with_columns(pl.col(named).replace("", None)).filter(pl.any_horizontal(pl.col(named).is_not_null()))


def _within(starts: np.ndarray, ends: tuple[int, int], bins: int) -> np.ndarray:
    out = np.zeros(bins, np.bool_)
    places = (starts[:, None] + np.arange(ends[0], ends[1] + 1)).ravel()
    out[places[(places >= 0) & (places < bins)]] = True
    return out


def _near(evidence: Evidence, windows: pl.DataFrame, codes: int, gone: pl.DataFrame | None) -> pl.LazyFrame:
    """Messages in some window, and beside them all that people coded: strata keep their sizes."""
    step = (pl.col("at_ms") // evidence.moments.step_ms).cast(pl.Int64).alias("_step")
    inside = timed(evidence).with_columns(step).join(windows.lazy(), on=["video_id", "_step"], how="inner")
    if gone is not None:
        inside = inside.join(gone.lazy(), on="response_id", how="anti")
    near = inside.drop("_step").collect()
    coded = evidence.responses.filter(pl.col("response_id").is_in(evidence.gold.units["response_id"].unique().implode())).collect()
    none = {f"_window_{at}": pl.lit(None, pl.String) for at in range(codes)}
    return pl.concat([near, coded.join(near, on="response_id", how="anti").with_columns(**none).select(near.columns)]).lazy()


def _seen(local: Evidence, frame: Frame, strategies: Sequence[str], cells: Sequence[tuple[str, str]]) -> Seen:
    """What the machine's labels add up to among the frame's messages in each window."""
    assert local.codings is not None
    named = [f"_window_{at}" for at in range(len(strategies))]
    texts = in_frame(local, frame).group_by(*KEYS, *named).agg(times=pl.len().cast(pl.Float64)).collect()
    wanted = pl.DataFrame(cells, schema={"code": pl.String, "value_id": pl.String}, orient="row")
    labels = (
        local.codings.join(texts.lazy().select(KEYS).unique(), on=KEYS, how="semi")
        .join(steps(local.book, wanted["code"].unique()).lazy(), on=["code", "value"])
        .join(wanted.lazy(), on=["code", "value_id"], how="semi")
        .select(*KEYS, "code", "value_id")
        .collect()
    )
    labelled = texts.join(labels, on=KEYS)
    found: dict[tuple[str, str, str, str], tuple[float, float]] = {}
    for strategy, name in zip(strategies, named, strict=True):
        whole = dict(texts.group_by(name).agg(pl.col("times").sum()).iter_rows())
        hits = labelled.group_by("code", "value_id", name).agg(pl.col("times").sum())
        told = {(code, value, window): times for code, value, window, times in hits.iter_rows()}
        for code, value in cells:
            for window in (AFTER, BEFORE):
                found[strategy, code, value, window] = (whole.get(window, 0.0), told.get((code, value, window), 0.0))
    return found


def _lifted(evidence: Evidence, strategy: str, one: Corrected, effect: StrategyEffect, seen: Seen) -> Estimate:
    (many, machine), (many_before, machine_before) = (seen[strategy, one.code, one.value_id, window] for window in (AFTER, BEFORE))
    places = [one.subjects.index(window) if window in one.subjects else None for window in (AFTER, BEFORE)]
    gold = [one.gold[place] if place is not None else 0 for place in places]
    blank = Estimate(
        value=None,
        n=int(many + many_before),
        n_gold=sum(gold),
        n_videos=effect.videos,
        unit="rate ratio",
        method=METHOD,
        source="corrected",
        code=one.code,
        value_id=one.value_id,
        subject=strategy,
        reason=effect.lift.reason or "too_few_gold",
    )
    if effect.lift.value is None or effect.lift.low is None or places[0] is None or places[1] is None:
        return blank
    if min(machine, machine_before) < evidence.k_anonymity:
        return blank.with_(reason="small_cell" if min(machine, machine_before) else "not_estimable")
    shares = [one.shares.share(place) for place in places if place is not None]
    factors = (many / machine, many_before / machine_before)
    return _combined(blank, effect.lift, shares, factors, is_complete=one.is_complete)


def _combined(blank: Estimate, lift: Estimate, shares: Sequence[Estimate], factors: Sequence[float], *, is_complete: bool) -> Estimate:
    """The machine's lift times the ratio of both corrections, with the interval of the product."""
    for share in shares:
        if share.value is None or share.low is None or share.high is None:
            return blank.with_(reason=share.reason)
        if share.low <= 0:
            return blank.with_(reason="not_estimable")
    logs = [[math.log(end) for end in (share.low or 1, share.value or 1, share.high or 1)] for share in shares]
    middle = [math.log(end) for end in (lift.low or 1e-13, lift.value or 1, lift.high or 1)]
    value = middle[1] + logs[0][1] + math.log(factors[0]) - logs[1][1] - math.log(factors[1])
    down = math.sqrt((middle[1] - middle[0]) ** 2 + (logs[0][1] - logs[0][0]) ** 2 + (logs[1][2] - logs[1][1]) ** 2)
    up = math.sqrt((middle[2] - middle[1]) ** 2 + (logs[0][2] - logs[0][1]) ** 2 + (logs[1][1] - logs[1][0]) ** 2)
    known = blank.with_(value=math.exp(value), reason="gold_incomplete")
    if not is_complete:
        return known
    return known.with_(low=math.exp(value - down), high=math.exp(value + up), confidence=lift.confidence, reason="")

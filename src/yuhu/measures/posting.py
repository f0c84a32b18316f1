"""Did messages draw messages: a Hawkes process of the times at which they were sent, over a baseline that may change by the hour.

A branching ratio is an association in time net of the baseline. News, pushes by the platform and shared links look the same as people who draw people, and
whatever the baseline does not follow counts as excitation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.moments import Posting as Spec
from yuhu.core.randomness import generator
from yuhu.measures.two_clock_tables import moment_of, views_over_time
from yuhu.stats.arrays import Floats
from yuhu.stats.hawkes import Hawkes, day_night, fit, pooling
from yuhu.stats.hawkes.baseline import HOUR, Baseline
from yuhu.stats.hawkes.verdict import LEAST_EVENTS

KEY = ["video_id", "kind"]
COARSEST_S = 3600
MOST_COARSE = 0.05
"""Share of messages that may be dated more coarsely than the others; they are left out."""
MOST_EVENTS = 100_000
"""Messages of one fit, the first ones."""
ALL_EVENTS = 200_000
"""Messages of all fits with a bootstrap together, shared out equally; never below `PLAIN_EVENTS` each."""
PLAIN_EVENTS = 10_000
ALL_DRAWN = 4_000_000
"""Messages that all bootstraps together may simulate."""
REFITS, PLAIN_REFITS = 20, 2
PER_LEVEL = 10
"""Messages for each hour with any: the window of an hourly baseline ends where there are fewer."""
KNOWN_AUTHORS = 0.9
LEVEL = 0.05 / 2
LEAST_DRAWS = 39
"""With fewer no test could reach the level."""
BRANCHING, FIRST, DECAY, AIC = "branching", "branching_of_first", "decay", "aic_gain"
KS, LJUNG_BOX, SPREAD, WINDOW, DOUBT = "kolmogorov_smirnov", "ljung_box", "refit_spread", "window", "doubt"


@dataclass(frozen=True, eq=False)
class Sent:
    """The messages of one kind under one video, in order of time.

    Parameters
    ----------
    video_id, kind : str
        Which; ``comment`` holds replies as well.
    n : int
        All of them, undated ones included.
    times : (n,) float
        Unix seconds of those dated finely enough.
    first : (m,) float
        Those that are the first of their authors; empty where too few authors are known, or the series is not among the largest.
    precision : float
        Seconds that the clock tells.
    reason : str
        Why there is no fit; empty if there is.
    is_cut : bool
        Whether older ones are known to be missing.
    """

    video_id: str
    kind: str
    n: int
    times: Floats
    first: Floats
    precision: float
    reason: str
    is_cut: bool


@dataclass(frozen=True)
class Plan:
    """What a fit may cost: events, fits with times drawn anew, draws of the bootstrap."""

    events: int
    refits: int
    draws: int


class Posting:
    """Branching ratio and its decay by video and kind of message, over the baseline of the specification.

    ``subject`` is the video, ``value_id`` the kind (danmaku, comment), ``by`` says what a row holds: ``branching``, ``branching_of_first`` (first messages of
    people alone), ``decay``, ``aic_gain``, ``kolmogorov_smirnov`` and ``ljung_box`` (p of the fit), ``refit_spread``, ``window`` (hours fitted; ``at`` is
    where it begins) and ``doubt``.
    """

    name = "posting.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("video_id", "kind", "sent_at", "sent_at_precision_s", "author_key", "is_special"),
        "metrics": ("subject", "at", "name", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Rows by video and kind, in their order."""
        rows = [row for one, plan in _series(evidence) for row in self._of(evidence, one, plan)]
        return checked(estimates_frame(rows))

    def _of(self, evidence: Evidence, one: Sent, plan: Plan | None) -> Iterator[Estimate]:
        def row(by: str, found: Estimate) -> Estimate:
            return found.with_(
                measure=self.name,
                by=by,
                subject=one.video_id,
                value_id=one.kind,
                source="observed",
                rung="A-within",
                target=evidence.target,
                n_videos=1,
            )

        if one.reason or plan is None:
            reason = one.reason or "not_fitted"
            yield row(BRANCHING, Estimate(value=None, n=one.n, method="hawkes_exponential.v1", reason=reason))
            return
        found, times, end, has_draws = self._fit(evidence, one, one.times, plan, "all")
        method = f"hawkes_{'bootstrap' if has_draws else 'information'}.v1"
        yield row(BRANCHING, described(found, found.branching).with_(method=method))
        first = one.first[one.first <= end]
        if plan.draws and found.branching.value is not None and first.size >= LEAST_EVENTS:
            again, *_, is_drawn = self._fit(evidence, one, first, plan, "first")
            method_of_first = f"hawkes_{'bootstrap' if is_drawn else 'information'}.v1"
            yield row(FIRST, described(again, again.branching).with_(method=method_of_first))
        yield row(DECAY, described(found, found.decay).with_(method=method))
        for test in _tests(found):
            yield row(test.by, test)
        hours = Estimate(value=(end - times[0]) / HOUR, n=one.n, unit="hours", method="window.v1", reason="complete_count")
        yield row(WINDOW, hours.with_(at=moment_of(times[0]), count=times.size))
        if one.is_cut:
            yield row(DOUBT, Estimate(value=None, n=one.n, method="hawkes_conditions.v1", reason="export_was_cut"))

    def _fit(self, evidence: Evidence, one: Sent, times: Floats, plan: Plan, what: str) -> tuple[Hawkes, Floats, float, bool]:
        """The fit, the times in it, where its window ends, and whether it has a bootstrap: none is drawn where there is no value anyway."""
        spec = evidence.moments.posting
        kept = times[: plan.events]
        if spec.baseline == "hourly":
            kept = kept[: dense(kept)]
        start, end = float(kept[0]), float(kept[-1]) + one.precision
        baseline: Baseline | str = spec.baseline
        if spec.baseline == "day_night":
            baseline = day_night(start, end, offset=spec.offset_hours * HOUR)
        fitted = partial(
            fit,
            kept,
            start=start,
            end=end,
            baseline=baseline,
            exposure=None if spec.baseline == "hourly" else _viewed(evidence, one.video_id, start, end),
            precision=one.precision,
            confidence=evidence.confidence,
            seed=int(generator(evidence.seed, self.name, one.video_id, one.kind, what).integers(2**31)),
        )
        found = fitted(refits=PLAIN_REFITS, draws=0)
        if found.branching.value is None or not plan.draws:
            return found, kept, end, False
        return fitted(refits=plan.refits, draws=plan.draws), kept, end, plan.draws >= pooling.LEAST_DRAWS


def described(found: Hawkes, estimate: Estimate) -> Estimate:
    """The estimate, without its interval where the times do not follow the model that the interval rests on.

    Parameters
    ----------
    found : Hawkes
        The fit; its two tests are taken at .05 / 2, from the bootstrap where there is one.
    estimate : Estimate
        Of its branching ratio or decay.
    """
    fits = found.goodness
    if fits is None or estimate.low is None:
        return estimate
    tests = ((fits.ks_p, fits.ks_p_bootstrap), (fits.ljung_box_p, fits.ljung_box_p_bootstrap))
    if min(usual if bootstrap is None else bootstrap for usual, bootstrap in tests) > LEVEL:
        return estimate
    return estimate.with_(low=None, high=None, confidence=None, reason="model_rejected")


def planned(sizes: Sequence[int], spec: Spec) -> list[Plan | None]:
    """What each fit may cost: full cost for the largest, shared out; the next ones plain; None for those beyond.

    Parameters
    ----------
    sizes : sequence of int
        Messages of each; 0 where there is no fit.
    spec : core.moments.Posting
        How many fits, how many of them with a bootstrap, and draws at most.

    Notes
    -----
    A function of the sizes alone, so that results do not hang on how fast a machine is.
    """
    order = sorted((at for at, size in enumerate(sizes) if size >= LEAST_EVENTS), key=lambda at: (-sizes[at], at))[: spec.most]
    large = order[: spec.bootstrapped]
    plans: list[Plan | None] = [None] * len(sizes)
    for at in order:
        plans[at] = Plan(PLAIN_EVENTS, PLAIN_REFITS, 0)
    events = max(PLAIN_EVENTS, min(MOST_EVENTS, ALL_EVENTS // max(1, len(large))))
    for at in large:
        room = ALL_DRAWN // (len(large) * min(events, sizes[at]))
        plans[at] = Plan(events, REFITS, min(spec.draws, max(LEAST_DRAWS, room)))
    return plans


def dense(times: Floats) -> int:
    """How many of the first messages an hourly baseline can follow: up to the last hour until which there are ten for each hour with any, or all.

    Parameters
    ----------
    times : (n,) float
        Sorted, in seconds.
    """
    hour = np.floor((times - times[0]) / HOUR)
    is_new = np.diff(hour, prepend=-1.0) > 0
    ends = np.append(np.flatnonzero(is_new)[1:], times.size)
    enough = ends >= PER_LEVEL * np.arange(1, ends.size + 1)
    usable = np.flatnonzero(enough & (ends >= LEAST_EVENTS))
    return int(ends[usable[-1]]) if usable.size else times.size


def _tests(found: Hawkes) -> Iterator[Estimate]:
    if found.aic is not None and found.aic_baseline is not None:
        gain = found.aic_baseline - found.aic
        yield Estimate(value=gain, n=found.n, unit="AIC", method="hawkes_aic.v1", reason="test_alone", by=AIC)
    if found.goodness is not None:
        fits = found.goodness
        tests = ((KS, fits.ks_p, fits.ks_p_bootstrap), (LJUNG_BOX, fits.ljung_box_p, fits.ljung_box_p_bootstrap))
        for by, usual, bootstrap in tests:
            method = "time_rescaling_usual.v1" if bootstrap is None else "time_rescaling_bootstrap.v1"
            yield Estimate(value=usual if bootstrap is None else bootstrap, n=found.n, unit="p", method=method, reason="test_alone", by=by)
    if found.spread is not None and found.branching.value is not None:
        value = float(np.ptp(found.spread.branching))
        yield Estimate(value=value, n=found.n, method="refits.v1", reason="test_alone", by=SPREAD)


def _viewed(evidence: Evidence, video: str, start: float, end: float) -> tuple[Floats, Floats] | None:
    """Views of each hour, where they were observed over the whole window and some in each; None else."""
    at, total = views_over_time(evidence).get(video, (np.zeros(0), np.zeros(0)))
    if at.size < 2 or at[0] > start or at[-1] < end:
        return None
    edges = np.append(np.arange(start, end, HOUR), end)
    views = np.diff(np.interp(edges, at, total))
    return (edges, views) if bool(np.all(views > 0)) else None


def _series(evidence: Evidence) -> list[tuple[Sent, Plan | None]]:
    """Every series with what its fit may cost; times are read for those that are fitted alone."""
    spec, rows = evidence.moments.posting, _rows(evidence)
    facts = _facts(rows)
    plans = planned([0 if _reason(row) else row["dated"] for row in facts], spec)
    schema = {"video_id": pl.String, "kind": pl.String, "clock": pl.Int32}
    wanted = [(row["video_id"], row["kind"], row["clock"]) for row, plan in zip(facts, plans, strict=True) if plan]
    named = [
        (row["video_id"], row["kind"], row["clock"])
        for row, plan in zip(facts, plans, strict=True)
        if plan and plan.draws and row["known"] >= KNOWN_AUTHORS * row["n"]
    ]
    dated = rows.join(pl.DataFrame(wanted, schema, orient="row").lazy(), on=KEY).filter(pl.col("unit") <= pl.col("clock"))
    lines = dated.group_by(KEY).agg(pl.col("sent").sort())
    of_named = rows.join(pl.DataFrame(named, schema, orient="row").lazy(), on=KEY).filter(pl.col("unit") <= pl.col("clock"))
    firsts = (
        of_named.drop_nulls("author_key").group_by(*KEY, "author_key").agg(pl.col("sent").min()).group_by(KEY).agg(pl.col("sent").sort())
    )
    times, first = (_by_key(one.collect()) for one in (lines, firsts))
    return [(_one(evidence, row, times, first), plan) for row, plan in zip(facts, plans, strict=True)]


def _rows(evidence: Evidence) -> pl.LazyFrame:
    """Messages with ``unit``, the seconds that their clock tells; null where it is coarser than an hour or there is no time."""
    kept = pl.col("video_id").is_not_null() & pl.col("kind").is_not_null() & ~pl.col("is_special").fill_null(value=False)
    group = pl.when(pl.col("kind") == "reply").then(pl.lit("comment")).otherwise("kind")
    return (
        evidence.responses.filter(kept)
        .select(
            "video_id",
            "author_key",
            sent=pl.col("sent_at").dt.epoch("ms") / 1000,
            kind=group,
            unit=pl.col("sent_at_precision_s").fill_null(1),
        )
        .with_columns(unit=pl.when(pl.col("sent").is_not_null() & (pl.col("unit") <= COARSEST_S)).then(pl.max_horizontal("unit", 1)))
    )


def _facts(rows: pl.LazyFrame) -> list[dict[str, Any]]:
    """Of each series: messages, those dated finely enough, those with an author, and the clock that nearly all of the dated have."""
    units = rows.group_by(*KEY, "unit").agg(n=pl.len(), known=pl.col("author_key").count()).sort(*KEY, "unit", nulls_last=True).collect()
    dated = pl.col("n").filter(pl.col("unit").is_not_null()).sum()
    reached = pl.col("n").cum_sum() >= (1 - MOST_COARSE) * pl.col("n").filter(pl.col("unit").is_not_null()).sum()
    found = units.group_by(KEY, maintain_order=True).agg(
        n=pl.col("n").sum(), known=pl.col("known").sum(), dated=dated, clock=pl.col("unit").filter(reached).first()
    )
    return found.to_dicts()


def _reason(row: Mapping[str, Any]) -> str:
    if row["n"] >= LEAST_EVENTS and row["dated"] < (1 - MOST_COARSE) * row["n"]:
        return "posting_time_coarse"
    return "too_few_events" if row["dated"] < LEAST_EVENTS else ""


def _by_key(lines: pl.DataFrame) -> dict[tuple[str, str], Floats]:
    return {(video, kind): sent.to_numpy() for video, kind, sent in zip(lines["video_id"], lines["kind"], lines["sent"], strict=True)}


def _one(
    evidence: Evidence, row: Mapping[str, Any], times: Mapping[tuple[str, str], Floats], first: Mapping[tuple[str, str], Floats]
) -> Sent:
    key, nothing = (row["video_id"], row["kind"]), np.zeros(0)
    is_cut = row["kind"] == "danmaku" and evidence.shown is not None and row["video_id"] in evidence.shown.cut
    reason, sent = _reason(row), times.get(key, nothing)
    if sent.size and sent.size < LEAST_EVENTS:
        reason = "too_few_events"
    elif sent.size and sent[-1] - sent[0] < row["clock"]:
        reason = "finer_than_clock"
    return Sent(*key, row["n"], sent, first.get(key, nothing), float(row["clock"] or 1), reason, is_cut)

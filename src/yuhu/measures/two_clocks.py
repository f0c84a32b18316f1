"""Was it the video or the crowd: what the video drew by itself, and what those drew who had written at the same second before.

The video is tied to media time; what is visible on screen grows on wall-clock time. When the two cannot be told apart there is no share, and the reasons are
rows of their own. Nothing is fitted where no answer could come of it.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import MACHINE_ONLY, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.randomness import generator
from yuhu.measures.media_time import Cell
from yuhu.measures.two_clock_tables import BothClocks, Counts, both_clocks, counts_of, moment_of
from yuhu.stats.arrays import Floats
from yuhu.stats.two_clock import Screen, TwoClock, fit
from yuhu.stats.two_clock.checks import NAMES
from yuhu.stats.two_clock.fitting import LEAST_DRAWS, LEAST_EVENTS

DOUBTS = {
    "views_unknown": "views_unknown",
    "truncated": "export_was_cut",
    "nothing_visible": "nothing_visible",
    "unchecked": "unchecked",
    "placebo": "placebo_fails",
    "control": "control_fails",
    "lead": "lead_fails",
}
"""What the statistic doubts, as reasons of an estimate."""
CANNOT = "cannot_be_separated"
SEGMENT_DRAWS = 99
MOST_BINS = 120
"""Stretches of a video that its course is given for."""
SHARE, BY_SEGMENT, RESPONSE, P, DISPERSION = "contagion", "contagion_by_segment", "response", "excitation", "dispersion"
PLANTED = "planted_contagion"
DOUBT, COHORTS, VIDEO, AUDIENCE = "doubt", "cohorts", "drawn_by_video", "drawn_by_audience"


class TwoClocks:
    """Contagion share of each video, with its checks, or why the video and the audience cannot be told apart.

    ``subject`` is the video, ``by`` says what a row holds: ``contagion`` (the verdict), ``contagion_by_segment`` (the share with a stimulus for each segment of
    people), ``response``, ``excitation`` (p of the likelihood ratio), ``dispersion``, ``placebo``, ``control`` and ``lead`` (p of the checks), ``cohorts``,
    ``doubt`` (one row for each reason), ``planted_contagion`` (of a constructed study), and, by stretches of the video, ``drawn_by_video`` and ``drawn_by_audience``.
    """

    name = "two_clocks.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": (
            "response_id",
            "text_key",
            "lang",
            "video_id",
            "at_ms",
            "sent_at",
            "sent_at_precision_s",
            "author_key",
            "region",
            "is_special",
        ),
        "metrics": ("subject", "at", "name", "value"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Rows by video in the order of their ids, all messages before codes."""
        known = both_clocks(evidence)
        open_ones = sorted((one for one in known if not one.reasons), key=lambda one: (-one.n, one.video.video_id))
        most = evidence.moments.two_clocks.most
        tables = counts_of(evidence, open_ones[: -(-most // (1 if evidence.moments.two_clocks.segments == "none" else 2))])
        allowed = _allowed(tables, most - sum(1 if table.by_segment is None else 2 for table in tables.values()))
        rows: list[Estimate] = []
        for one in known:
            table = tables.get(one.video.video_id)
            if table is None:
                rows += self._refusal(evidence, one, one.reasons or ("not_fitted",))
                continue
            rows += self._all(evidence, one, table)
            for cell in table.by_code:
                if table.by_code[cell].sum() >= LEAST_EVENTS:
                    rows += self._code(evidence, one, table, cell, is_fitted=(one.video.video_id, cell) in allowed)
            rows += self._planted(evidence, one)
        return checked(estimates_frame(rows))

    def _planted(self, evidence: Evidence, one: BothClocks) -> Iterator[Estimate]:
        """The share that a constructed study planted, beside a video that could be asked."""
        planted = evidence.planted_effects
        if planted is not None and planted.contagion is not None:
            truth = Estimate(value=planted.contagion, n=one.n, method="planted.v1", source="truth", coder="simulation", reason="planted")
            yield self._row(evidence, one, PLANTED, truth).with_(rung="D", unit="share")

    def _row(self, evidence: Evidence, one: BothClocks, by: str, found: Estimate) -> Estimate:
        return found.with_(
            measure=self.name,
            by=by,
            subject=one.video.video_id,
            source=found.source or "observed",
            rung="A-within",
            target=evidence.target,
            n_videos=1,
        )

    def _refusal(self, evidence: Evidence, one: BothClocks, reasons: Sequence[str]) -> Iterator[Estimate]:
        nothing = Estimate(value=None, n=one.n, method="two_clock.v1", reason="too_few_events")
        if "too_few_events" in reasons:
            yield self._row(evidence, one, SHARE, nothing)
            return
        yield self._row(evidence, one, SHARE, nothing.with_(reason=CANNOT))
        for reason in reasons:
            yield self._row(evidence, one, DOUBT, nothing.with_(reason=reason, method="two_clock_conditions.v1"))

    def _all(self, evidence: Evidence, one: BothClocks, table: Counts) -> Iterator[Estimate]:
        draws = evidence.moments.two_clocks.draws
        alone = self._fit(evidence, one, table, table.messages, one.views, draws, "")
        split = None
        if table.by_segment is not None:
            split = self._fit(
                evidence, one, table, table.by_segment, segment_views(table.by_segment, one.views), min(draws, SEGMENT_DRAWS), "segments"
            )
        share, response, doubts = verdict(alone, split)
        yield self._row(evidence, one, SHARE, share)
        by_segment = Estimate(value=None, n=alone.n, method="two_clock.v1", reason="segments_unknown") if split is None else split.share
        yield self._row(evidence, one, BY_SEGMENT, by_segment.with_(method="two_clock_segments.v1"))
        yield self._row(evidence, one, RESPONSE, response)
        cohorts = Estimate(value=float(one.views.size), n=alone.n, unit="cohorts", method="equal_views.v1", reason="complete_count")
        yield self._row(evidence, one, COHORTS, cohorts.with_(at=moment_of(one.edges[0]), count=round(float(one.views.sum()))))
        for found in _tests(alone):
            yield self._row(evidence, one, found.by, found)
        for reason in (*doubts, *(("retention_unknown",) if doubts and not table.is_measured else ())):
            row = Estimate(value=None, n=alone.n, method="two_clock_conditions.v1", reason=reason)
            yield self._row(evidence, one, DOUBT, row)
        if share.value is not None:
            for found in _course(evidence, one, table, share.value):
                yield self._row(evidence, one, found.by, found)

    def _code(self, evidence: Evidence, one: BothClocks, table: Counts, cell: Cell, *, is_fitted: bool) -> Iterator[Estimate]:
        """A machine's code: a value without an interval, since what the machine errs is not in it."""
        counts = table.by_code[cell]
        if is_fitted:
            found = self._fit(evidence, one, table, counts, one.views, min(evidence.moments.two_clocks.draws, LEAST_DRAWS), "=".join(cell))
            share, _, doubts = verdict(found, None)
            if share.value is not None:
                share = share.with_(low=None, high=None, confidence=None, reason=MACHINE_ONLY)
        else:
            share = Estimate(value=None, n=int(counts.sum()), method="two_clock.v1", reason=CANNOT)
            doubts = ("not_fitted",)
        doubted = (Estimate(value=None, n=share.n, method="two_clock_conditions.v1", reason=reason) for reason in doubts)
        for by, row in ((SHARE, share), *((DOUBT, row) for row in doubted)):
            yield self._row(evidence, one, by, row.with_(code=cell[0], value_id=cell[1], source="machine", coder=evidence.coder))

    def _fit(self, evidence: Evidence, one: BothClocks, table: Counts, counts: Floats, views: Floats, draws: int, what: str) -> TwoClock:
        seed = int(generator(evidence.seed, self.name, one.video.video_id, what).integers(2**31))
        return fit(
            counts, exposure=table.exposure, views=views, screen=screen_of(evidence), draws=draws, confidence=evidence.confidence, seed=seed
        )


def screen_of(evidence: Evidence) -> Screen:
    """What a viewer sees, as the specification says."""
    spec = evidence.moments.two_clocks
    return Screen(seconds=spec.step_ms / 1000, window=spec.visible_ms / 1000, pool_messages=spec.pool or None)


def segment_views(counts: Floats, views: Floats) -> Floats:
    """(G, W) viewers of each segment: those of a cohort in proportion to the messages that its segments sent.

    Parameters
    ----------
    counts : (G, W, V) float
        Messages.
    views : (W,) float
        Viewers of each cohort.

    Notes
    -----
    Views by segment are not known. Right if segments send equally much per viewer, or if all cohorts are made alike; a segment that sends more and comes
    late still looks like contagion here, and is left to the checks of the fit without segments. Cohorts without a message are shared out as all are.
    """
    sent = counts.sum(axis=2)
    total = sent.sum(axis=0)
    usual = np.broadcast_to((sent.sum(axis=1) / sent.sum())[:, None], sent.shape)
    return np.asarray(views * np.divide(sent, total, out=usual.copy(), where=total > 0), np.float64)


def verdict(alone: TwoClock, split: TwoClock | None) -> tuple[Estimate, Estimate, tuple[str, ...]]:
    """Share and response, or neither and why: the checks must be clean with and without segments, and the two shares agree.

    Parameters
    ----------
    alone, split : TwoClock
        One stimulus for all, and one for each segment of people; None where there are no segments.
    """
    doubts = tuple(DOUBTS[doubt] for doubt in alone.doubts)
    if split is not None and not doubts and alone.share.value is not None:
        if split.doubts:
            doubts = ("segments_fail",)
        elif split.share.low is not None and alone.share.low is not None:
            assert split.share.high is not None
            assert alone.share.high is not None
            if split.share.high < alone.share.low or alone.share.high < split.share.low:
                doubts = ("segments_differ",)
    if not doubts:
        return alone.share, alone.response, ()
    refused = {"value": None, "low": None, "high": None, "confidence": None, "reason": CANNOT}
    return alone.share.with_(**refused), alone.response.with_(**refused), doubts


def _allowed(tables: Mapping[str, Counts], room: int) -> set[tuple[str, Cell]]:
    """Codes that are fitted: those with most messages."""
    known = [(float(counts.sum()), video, cell) for video, table in tables.items() for cell, counts in table.by_code.items()]
    ranked = sorted((one for one in known if one[0] >= LEAST_EVENTS), key=lambda one: (-one[0], *one[1:]))
    return {(video, cell) for _, video, cell in ranked[: max(0, room)]}


def _tests(found: TwoClock) -> Iterator[Estimate]:
    checks = zip(NAMES, (found.placebo, found.control, found.lead), strict=True)
    tests = [
        (P, found.p, "two_clock_likelihood_ratio.v1"),
        *((name, check.p if check else None, "two_clock_score.v1") for name, check in checks),
    ]
    for by, p, method in tests:
        if p is not None:
            yield Estimate(value=p, n=found.n, unit="p", method=method, reason="test_alone", by=by)
    if found.dispersion is not None:
        ratio = found.dispersion
        yield Estimate(value=ratio, n=found.n, unit="variance by mean", method="pearson_dispersion.v1", reason="test_alone", by=DISPERSION)


def _course(evidence: Evidence, one: BothClocks, table: Counts, share: float) -> Iterator[Estimate]:
    """Messages of each stretch of the video, shared out between video and audience."""
    step = evidence.moments.two_clocks.step_ms
    seen = ((one.views[:, None] * screen_of(evidence).visible(table.messages)).sum(axis=0)) * table.exposure
    sent = table.messages.sum(axis=0)
    audience = np.minimum(seen * (share * sent.sum() / seen.sum() if seen.any() else 0.0), sent)
    width = step * max(1, -(-one.video.duration_ms // (step * MOST_BINS)))
    place = table.at // width
    for stretch in np.unique(place).tolist():
        here = place == stretch
        n, drew = int(sent[here].sum()), float(audience[here].sum())
        at, end = int(table.at[here][0]), int(min(table.at[here][-1] + step, one.video.duration_ms))
        for by, value in ((VIDEO, n - drew), (AUDIENCE, drew)):
            yield Estimate(
                value=value, count=n, n=n, unit="messages", method="two_clock_course.v1", reason="model_based", by=by, at_ms=at, end_ms=end
            )

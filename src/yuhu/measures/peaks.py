"""Peaks: stretches in which more messages came than the course of the video lets expect, what was on screen then, and what was expressed.

A peak is where messages were, not where anybody was moved: what was on screen stood beside it, and may have nothing to do with it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.correcting import Corrected, corrected
from yuhu.measures.exposure import exposures, unwatched
from yuhu.measures.machine_rows import machine_value
from yuhu.measures.media_time import MediaTime, cells_of, media_times
from yuhu.measures.moment_courses import failed_steps, seconds
from yuhu.measures.moment_rate import PER_SECOND
from yuhu.measures.moment_scans import Held, Scanned, not_scanned, scans
from yuhu.measures.moment_stretches import Stretch, gold_units, labelled
from yuhu.measures.on_screen import on_screen
from yuhu.measures.prevalence import corrected_share
from yuhu.stats.scan import change_points
from yuhu.stats.scan.changes import METHOD as CHANGES
from yuhu.stats.scan.peaks import METHOD as SCAN

MOST_CORRECTED = 200
_INSIDE, _OUTSIDE = "peak_inside", "peak_outside"


class Peaks:
    """Peaks of each video, over all messages and by code, what was on screen, and what messages there expressed."""

    name = "peaks.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang", "video_id", "at_ms", "is_special", "work_id", "root_id", "source"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """By ``video``: p and q of its strongest window; by ``peak``: size and p of each; by ``change``, ``segment``, ``line``, ``on_screen``, ``peak_…``."""
        found = scans(evidence)
        rows = list(self._settings(evidence)) if found else list[Estimate]()
        for one in found:
            rows += self._series(evidence, one)
        for (code, value), many in not_scanned(evidence).items():
            missing = {
                "value": None,
                "n": many,
                "unit": "p",
                "method": SCAN,
                "reason": "not_scanned",
                "by": "not_scanned",
                "subject": "all",
            }
            rows.append(Estimate(measure=self.name, code=code, value_id=value, **_machine(evidence), **missing))  # type: ignore[arg-type]
        for video in media_times(evidence):
            rows += self._changes(evidence, video)
        whole = [one for one in found if one.cell is None]
        peaks = {one.video.video_id: one.peaks for one in whole}
        rows += (row.with_(measure=self.name) for row in on_screen(evidence, peaks))
        rows += self._shares(evidence, whole)
        rows += self._corrected(evidence, whole)
        rows += self._planted(evidence)
        return checked(estimates_frame(rows))

    def _settings(self, evidence: Evidence) -> Iterator[Estimate]:
        """What was looked for: the lengths of windows, and how long before a peak counts as on screen."""
        spec = evidence.moments.peaks
        base = Estimate(value=spec.alpha, unit="error", method=SCAN, reason="as_specified", measure=self.name, source="observed", rung="D")
        yield base.with_(by="windows", subject="all", at_ms=spec.shortest_ms, end_ms=spec.longest_ms)
        seen = base.with_(value=spec.before_ms / 1000, unit="seconds", method="marked_share.v1")
        yield seen.with_(by="before", subject="all", at_ms=-spec.before_ms, end_ms=0)

    def _series(self, evidence: Evidence, one: Scanned) -> Iterator[Estimate]:
        code, value = one.cell or (None, None)
        said = _machine(evidence) if one.cell else {"source": "observed", "rung": "A-within"}
        base = Estimate(value=None, reason="no_units", measure=self.name, code=code, value_id=value, subject=one.video.video_id, **said)  # type: ignore[arg-type]
        base = base.with_(n_videos=1, by="video", unit="p", method=SCAN, n=one.n)
        if one.p is None or one.strongest is None:
            yield base.with_(reason=one.reason)
            return
        at, end = one.strongest
        yield base.with_(value=one.p, at_ms=at, end_ms=end, reason="test_alone")
        yield base.with_(value=one.q, at_ms=at, end_ms=end, reason="test_alone", unit="q", method="benjamini_hochberg.v1")
        for peak in one.peaks:
            yield from self._peak(evidence, base, peak)

    def _peak(self, evidence: Evidence, base: Estimate, peak: Held) -> Iterator[Estimate]:
        """Size and p; of what a machine counted, no interval."""
        why = peak.verdict.reason
        place = base.with_(by="peak", at_ms=peak.start_ms, end_ms=peak.end_ms)
        size = peak.size
        if base.code is None:
            yield place.with_(
                value=size.value, low=size.low, high=size.high, confidence=size.confidence, count=size.count, unit=size.unit, reason=why or size.reason
            )  # fmt: skip
        else:
            told = machine_value(evidence, size.value, base.n, least=size.count, reason=size.reason or "no_variation")
            yield place.with_(
                value=told.value, count=None if told.reason == "small_cell" else size.count, unit=size.unit, reason=why or told.reason
            )  # fmt: skip
        yield place.with_(value=peak.p.value, unit="p", reason=why or "test_alone")

    def _changes(self, evidence: Evidence, video: MediaTime) -> Iterator[Estimate]:
        """Stretches of constant rate under the first assumption: a description."""
        for scenario, watching in list(exposures(evidence, video).items())[:1]:
            kept = np.flatnonzero(~unwatched(video, watching))
            if not kept.size:
                return
            length = seconds(video)
            spent = (watching * length)[kept]
            spent = spent / (spent.sum() / length[kept].sum())
            found = change_points(video.messages[kept], exposure=spent, confidence=evidence.confidence)
            ends = [0, *found.points, kept.size]
            for level, first, last in zip(found.levels, ends[:-1], ends[1:], strict=True):
                yield level.with_(
                    measure=self.name, by="change", subject=video.video_id, at_ms=int(kept[first]) * video.step_ms,
                    end_ms=min((int(kept[last - 1]) + 1) * video.step_ms, video.duration_ms), unit=PER_SECOND, method=CHANGES, source="observed",
                    rung="D", n_videos=1, count=level.n, value_id=f"exposure={scenario}",
                )  # fmt: skip

    def _shares(self, evidence: Evidence, whole: Sequence[Scanned]) -> Iterator[Estimate]:
        """What the machine gave inside each peak, outside all peaks of the video, and by how much the shares differ."""
        failed = failed_steps(evidence)
        for one in whole:
            inside = [_steps(one.video, peak) for peak in one.peaks]
            outside = ~np.any([*inside, one.video.masked], axis=0)
            for peak, steps in zip(one.peaks, inside, strict=True):
                for code, value in cells_of(evidence):
                    line = one.video.coded[code, value]
                    lost = failed.get((one.video.video_id, code), 0.0)
                    cells = [(int(line[each].sum()), int((one.video.codable - lost)[each].sum())) for each in (steps, outside)]
                    yield from self._share_rows(evidence, one.video, peak, (code, value), cells)

    def _share_rows(
        self, evidence: Evidence, video: MediaTime, peak: Held, cell: tuple[str, str], cells: Sequence[tuple[int, int]]
    ) -> Iterator[Estimate]:
        fields: dict[str, Any] = {
            "measure": self.name,
            "code": cell[0],
            "value_id": cell[1],
            "subject": video.video_id,
            "at_ms": peak.start_ms,
            "end_ms": peak.end_ms,
        }
        shares = [
            machine_value(
                evidence, count / n if n else None, n, unit="share", method="machine_count.v1", by=by, count=count, n_videos=1, **fields
            )
            for by, (count, n) in zip((_INSIDE, _OUTSIDE), cells, strict=True)
        ]
        yield from shares
        one, other = shares
        apart = None if one.value is None or other.value is None else one.value - other.value
        why = "small_cell" if "small_cell" in {one.reason, other.reason} else "no_units"
        yield machine_value(
            evidence, apart, one.n, least=evidence.k_anonymity, reason=why, unit="share", method="machine_count_difference.v1", by="peak_difference",
            n_videos=1, **fields,
        )  # fmt: skip

    def _corrected(self, evidence: Evidence, whole: Sequence[Scanned]) -> Iterator[Estimate]:
        """The same, put right where people coded enough inside a peak and outside."""
        pairs, stretches = _with_gold(evidence, whole)
        if not pairs:
            return
        wanted = set(cells_of(evidence))
        for _, one in corrected(labelled(evidence, stretches), self.name, {"peak": pl.col("stretch")}, 2 * MOST_CORRECTED):
            place = {subject: at for at, subject in enumerate(one.subjects)}
            if (one.code, one.value_id) in wanted:
                for (inside, outside), (video, peak) in pairs.items():
                    if inside in place and outside in place:
                        yield from self._corrected_rows(evidence, one, (place[inside], place[outside]), video, peak)

    def _planted(self, evidence: Evidence) -> Iterator[Estimate]:
        """What a constructed study planted in videos that were scanned: its share of their messages, and the strategy that it follows."""
        if evidence.planted_moments is None:
            return
        sizes = {video.video_id: video.n for video in media_times(evidence)}
        for video, at, end, share, after in evidence.planted_moments.select("video_id", "at_ms", "end_ms", "share", "after").iter_rows():
            if video in sizes:
                yield Estimate(
                    measure=self.name, value=share, by="planted_moment", subject=video, value_id=after or None, at_ms=at, end_ms=end, n=sizes[video],
                    n_videos=1, unit="share", method="planted.v1", source="truth", coder="simulation", rung="D", reason="planted",
                )  # fmt: skip

    def _corrected_rows(self, evidence: Evidence, one: Corrected, at: tuple[int, int], video: str, peak: Held) -> Iterator[Estimate]:
        spot = {"subject": video, "at_ms": peak.start_ms, "end_ms": peak.end_ms, "n_videos": 1}
        for by, place in zip((_INSIDE, _OUTSIDE), at, strict=True):
            yield corrected_share(evidence, self.name, by, video, one, place).with_(**spot)
        found = one.shares.difference(*at)
        if min(one.gold[place] for place in at) < evidence.k_anonymity:
            found = found.with_(value=None, low=None, high=None, confidence=None, reason="small_cell")
        elif not one.is_complete and found.low is not None:
            found = found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")
        yield found.with_(
            measure=self.name, code=one.code, value_id=one.value_id, by="peak_difference", source="corrected", rung="A-within",
            coder=evidence.coder, target=evidence.target, **spot,
        )  # fmt: skip


def _machine(evidence: Evidence) -> dict[str, str]:
    return {"source": "machine", "rung": "A-within", "coder": evidence.coder, "target": evidence.target}


def _steps(video: MediaTime, peak: Held) -> np.ndarray:
    """(T,) bool."""
    at = np.arange(video.steps) * video.step_ms
    return np.asarray((at >= peak.start_ms) & (at < peak.end_ms))


def _with_gold(evidence: Evidence, whole: Sequence[Scanned]) -> tuple[dict[tuple[str, str], tuple[str, Held]], list[Stretch]]:
    """Peaks with enough gold inside and outside, those with most inside first; and the stretches by name."""
    named: list[tuple[str, str, Held, list[Stretch]]] = []
    outside: dict[str, list[Stretch]] = {}
    for one in whole:
        video = one.video.video_id
        for nth, peak in enumerate(one.peaks):
            named.append((f"{nth} {video}", video, peak, [Stretch(f"{nth} {video}", video, peak.start_ms, peak.end_ms)]))
        if one.peaks:
            gone = np.any([*(_steps(one.video, peak) for peak in one.peaks), one.video.masked], axis=0)
            outside[video] = list(_runs(f"- {video}", one.video, ~gone))
    every = [stretch for *_, held in named for stretch in held] + [stretch for held in outside.values() for stretch in held]
    gold, least = gold_units(evidence, every), max(1, evidence.k_anonymity)
    enough = [one for one in named if min(gold.get(one[0], 0), gold.get(f"- {one[1]}", 0)) >= least]
    best = sorted(enough, key=lambda one: (-gold[one[0]], one[0]))[:MOST_CORRECTED]
    pairs = {(name, f"- {video}"): (video, peak) for name, video, peak, _ in sorted(best, key=lambda one: (one[1], one[2].start_ms))}
    used = {name for pair in pairs for name in pair}
    return pairs, [stretch for stretch in every if stretch.name in used]


def _runs(name: str, video: MediaTime, kept: np.ndarray) -> Iterator[Stretch]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], kept.astype(np.int8), [0]))))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield Stretch(name, video.video_id, first * video.step_ms, last * video.step_ms)

"""What an event study is made from: responses and strategies of every video on one grid, with and without echoes, under every assumption of watching."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from yuhu.core.estimate import MACHINE_ONLY, Estimate
from yuhu.core.evidence import Evidence, MachineEvidence
from yuhu.core.moments import MomentsSpec
from yuhu.measures.echo import echoes
from yuhu.measures.exposure import exposures, unwatched
from yuhu.measures.media_time import Cell, MediaTime, cells_of, media_times
from yuhu.measures.strategies import Timelines, timelines
from yuhu.stats.arrays import Floats
from yuhu.stats.position import Position, position_basis
from yuhu.stats.shift import LagWindows, ShiftDesign, VideoSeries

WITH, WITHOUT = "with", "without"
"""With messages that repeat a line, and without them."""

MACHINE_IN_CONTEXT = "machine_only_saw_context"

_SAME = 1e-6
_NOTHING = 1e-6


@dataclass(frozen=True, eq=False)
class Setting:
    """One study of what followed strategies.

    Parameters
    ----------
    evidence : Evidence
        As the machine coder sees it whose codes are used.
    shown : Timelines
        What was shown.
    cells : sequence of Cell or None
        Series: None is all messages.
    times : sequence of MediaTime
        Videos that somebody watched for a strategy, and whose exposure is not unknown altogether.
    design : ShiftDesign
        Lags, position, seam.
    watching : sequence of (names, exposures)
        Assumptions of watching that lead to different fits: their names, and the exposure of each video.
    """

    evidence: Evidence
    shown: Timelines
    cells: Sequence[Cell | None]
    times: Sequence[MediaTime]
    design: ShiftDesign
    watching: Sequence[tuple[tuple[str, ...], Sequence[Floats]]]

    @property
    def codes(self) -> list[str]:
        """The strategies."""
        return list(self.shown.codes)

    def series(self, cell: Cell | None, watched: Sequence[Floats], echo: Mapping[str, MediaTime] | None = None) -> list[VideoSeries]:
        """One series of every video, without echoes where these are given."""
        return [self._one(cell, time, curve, (echo or {}).get(time.video_id)) for time, curve in zip(self.times, watched, strict=True)]

    def _one(self, cell: Cell | None, time: MediaTime, curve: Floats, echo: MediaTime | None) -> VideoSeries:
        counts = _less(time.series(cell), None if echo is None else echo.series(cell))
        marked = [self.shown.of.get((time.video_id, code)) for code in self.codes]
        seen = np.any([one.watched for one in marked if one is not None], axis=0)
        masked = unwatched(time, curve) | ~seen
        levels = np.array([np.zeros(time.steps) if one is None else one.levels for one in marked])
        if cell is not None and self.of_messages:
            sent = _less(time.codable, None if echo is None else echo.codable)
            curve = np.where(curve > 0, np.maximum(sent, _NOTHING), 0.0)  # steps without messages stay: all series are shifted on one grid
        return VideoSeries(np.where(masked, 0.0, counts), levels, curve, masked, name=time.video_id, together=time.work_id)

    @property
    def of_messages(self) -> bool:
        """Whether codes are shares of the messages: how many come, and how many watch, are then neither here nor there."""
        return self.evidence.moments.event_study.codes_as == "share"


def setting_of(evidence: Evidence) -> Setting | None:
    """All that an event study of the evidence is made from; None where nobody finished watching for any strategy that is shown."""
    coder = without_context(evidence)
    shown = timelines(coder)
    watched = {video for video, _ in shown.of}
    curves = {one.video_id: exposures(coder, one) for one in media_times(coder) if one.video_id in watched}
    times = [one for one in media_times(coder) if curves.get(one.video_id)]
    if not shown.codes or not watched:
        return None
    design = design_of(coder.moments)
    return Setting(coder, shown, [None, *cells_of(coder)], times, design, _assumptions(times, curves, design))


def without_context(evidence: Evidence) -> Evidence:
    """The evidence of a coder that did not read what was spoken around a message, where the study has one that decides the same codes."""
    if not evidence.saw_context or evidence.codings is None:
        return evidence
    wanted = {code for code, _ in cells_of(evidence)} if evidence.moments.codes else set()

    def fits(other: MachineEvidence) -> bool:
        return not other.saw_context and wanted <= set(other.served)

    found = next((other for other in sorted(evidence.others, key=lambda one: one.coder) if fits(other)), None)
    return evidence if found is None else evidence.once(("without context", found.coder), lambda: evidence.by(found))


def design_of(spec: MomentsSpec) -> ShiftDesign:
    """Lags in steps: those whose beginning lies nearest to what the specification says in milliseconds; the baseline ends before the effect begins."""
    step, study = spec.step_ms, spec.event_study
    base = [round(end / step) for end in study.baseline_ms]
    effect = [round(end / step) for end in study.effect_ms]
    base[1] = min(base[1], -1) if study.baseline_ms[1] < 0 else base[1]
    base[0] = min(base)
    effect[0] = max(effect[0], base[1] + 1)
    effect[1] = max(effect)
    lags = (min(base[0], effect[0]), max(round(study.last_ms / step), effect[1]))
    windows = LagWindows(lags=lags, effect=(effect[0], effect[1]), baseline=(base[0], base[1]))
    position: Position = "spline" if study.position == "spline" else "legendre"
    return ShiftDesign(windows=windows, position=position, seam=round(study.seam_ms / step))


def echoes_of(setting: Setting, ids: pl.DataFrame) -> dict[str, MediaTime]:
    """The messages that repeat a line, as series of their own."""
    held = setting.evidence.responses.join(ids.lazy(), on="response_id", how="semi")
    return {one.video_id: one for one in media_times(replace(setting.evidence, responses=held, made={}))}


def echo_ids(setting: Setting) -> pl.DataFrame:
    """Their ids; once for all measures."""
    return setting.evidence.once("event_series.echoes", lambda: echoes(setting.evidence, [one.video_id for one in setting.times]))


def _less(counts: Floats, gone: Floats | None) -> Floats:
    """Counts without some of them."""
    kept = counts.copy()
    if gone is not None:
        kept[: gone.size] -= gone
    return kept


def _assumptions(
    times: Sequence[MediaTime], curves: Mapping[str, Mapping[str, Floats]], design: ShiftDesign
) -> list[tuple[tuple[str, ...], list[Floats]]]:
    """Assumptions that a course of position does not absorb, with those that it does beside the one that they equal."""
    names = list(dict.fromkeys(name for one in times for name in curves[one.video_id]))
    found: list[tuple[tuple[str, ...], list[Floats]]] = []
    for name in names:
        mine = [curves[one.video_id].get(name, next(iter(curves[one.video_id].values()))) for one in times]
        for at, (known, theirs) in enumerate(found):
            if all(_absorbed(one, other, design) for one, other in zip(mine, theirs, strict=True)):
                found[at] = ((*known, name), theirs)
                break
        else:
            found.append(((name,), mine))
    return found


def _absorbed(one: Floats, other: Floats, design: ShiftDesign) -> bool:
    """Whether two courses of watching differ by a smooth function of position only: the fit is then the same."""
    seen = other > 0
    if not np.array_equal(one > 0, seen):
        return False
    if not seen.any():
        return True
    apart = np.log(one[seen]) - np.log(other[seen])
    basis = position_basis(one.size, design.position, design.degree)[seen]
    return bool(np.abs(apart - basis @ np.linalg.lstsq(basis, apart, rcond=None)[0]).max() < _SAME)


def unvalidated(one: Estimate, evidence: Evidence) -> Estimate:
    """An estimate from a machine's series: no interval, since nobody knows how it errs; a test stays what it is."""
    if one.value is None or one.reason == "test_alone":
        return one
    return one.with_(low=None, high=None, confidence=None, reason=MACHINE_IN_CONTEXT if evidence.saw_context else MACHINE_ONLY)

"""Every video scanned for peaks, with all its messages and with those of each code, under every assumption of how many watched."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.estimate import Estimate
from yuhu.core.evidence import Evidence
from yuhu.core.randomness import generator
from yuhu.measures.exposure import exposures, unwatched
from yuhu.measures.media_time import Cell, MediaTime, cells_of, media_times
from yuhu.measures.moment_courses import seconds
from yuhu.stats.arrays import Floats
from yuhu.stats.intensity import Verdict, holds_in_all
from yuhu.stats.scan import ScanResult, benjamini_hochberg, scan_peaks
from yuhu.stats.scan.peaks import LEAST_RESPONSES

STOP = 10
"""Draws as extreme as what was seen after which a scan ends: the window is plainly no peak."""
FEW_DRAWS = 199
"""Draws for codes, and for each video of a large study."""
MOST_DRAWS = 200_000
"""Draws for all videos of a study together, while each has at least `FEW_DRAWS`."""
_SAME = 1e-9
_LEAST_KEPT = 20


@dataclass(frozen=True)
class Held:
    """A peak of one series.

    Parameters
    ----------
    start_ms, end_ms : int
        Where it is, under the first assumption that it stands in.
    size, p : Estimate
        As `stats.scan.Peak`, under that assumption.
    verdict : Verdict
        Whether it stands in all.
    """

    start_ms: int
    end_ms: int
    size: Estimate
    p: Estimate
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class Scanned:
    """One series and its peaks.

    Parameters
    ----------
    video : MediaTime
        Which.
    cell : Cell or None
        The code and value that the machine gave; None: all messages.
    peaks : sequence of Held
        Strongest first.
    strongest : (int, int) or None
        Milliseconds of the strongest window under the first assumption.
    p, q : float or None
        The largest p over the assumptions, and the false discovery rate: over videos, or over all series of codes together.
    reason : str
        Why there is no p.
    n : int
        Messages that were scanned.
    """

    video: MediaTime
    cell: Cell | None
    peaks: Sequence[Held]
    strongest: tuple[int, int] | None
    p: float | None
    q: float | None
    reason: str
    n: int


def scans(evidence: Evidence) -> Sequence[Scanned]:
    """All messages of every video first, in the order of the ids; then codes in theirs.

    Notes
    -----
    Once for all measures. Codes: the `peaks.code_scans` series with most messages, of at least 5. A half-life of watching is a straight line in the log of
    the rate, and such a line is part of the course that the scan fits: assumptions that differ by no more are one scan.
    """
    return evidence.once("moment_scans", lambda: _scans(evidence))


def not_scanned(evidence: Evidence) -> Mapping[Cell, int]:
    """Videos of each code that had messages enough for a scan, and were beyond `peaks.code_scans`."""
    left: dict[Cell, int] = {}
    for _, cell in _code_series(evidence)[evidence.moments.peaks.code_scans :]:
        left[cell] = left.get(cell, 0) + 1
    return left


def _scans(evidence: Evidence) -> list[Scanned]:
    """Each scan has its own seed, so threads change nothing; loops and draws let go of the interpreter."""
    chosen = _code_series(evidence)[: evidence.moments.peaks.code_scans]
    order = {cell: at for at, cell in enumerate(cells_of(evidence))}
    whole: list[tuple[MediaTime, Cell | None]] = [(video, None) for video in media_times(evidence)]
    codes: list[tuple[MediaTime, Cell | None]] = [*sorted(chosen, key=lambda one: (order[one[1]], one[0].video_id))]
    for video, _ in whole:
        exposures(evidence, video)  # curves are read here, not in a thread
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda one: _scanned(evidence, *one), [*whole, *codes]))
    return list(_with_q(found))


def _draws(evidence: Evidence, cell: Cell | None) -> int:
    """Fixed before anything is seen: fewer in large studies and for codes."""
    return min(evidence.moments.peaks.draws, FEW_DRAWS if cell else max(FEW_DRAWS, MOST_DRAWS // len(media_times(evidence))))


def _code_series(evidence: Evidence) -> list[tuple[MediaTime, Cell]]:
    """Series of codes that can be scanned, those with most messages first."""
    order = {cell: at for at, cell in enumerate(cells_of(evidence))}
    every = [
        (float(video.coded[cell][~video.masked].sum()), video, cell)
        for video in media_times(evidence)
        for cell in order
    ]  # fmt: skip
    enough = [one for one in every if one[0] >= LEAST_RESPONSES]
    return [(video, cell) for _, video, cell in sorted(enough, key=lambda one: (-one[0], one[1].video_id, order[one[2]]))]


def _with_q(found: Sequence[Scanned]) -> Iterator[Scanned]:
    tested: dict[bool, list[int]] = {}
    for at, one in enumerate(found):
        if one.p is not None:
            tested.setdefault(one.cell is None, []).append(at)
    q: dict[int, float] = {}
    for places in tested.values():
        ps = [found[at].p for at in places]
        q |= dict(zip(places, benjamini_hochberg([p for p in ps if p is not None]).tolist(), strict=True))
    for at, one in enumerate(found):
        yield Scanned(one.video, one.cell, one.peaks, one.strongest, one.p, q.get(at), one.reason, one.n)


def _scanned(evidence: Evidence, video: MediaTime, cell: Cell | None) -> Scanned:
    spec = evidence.moments.peaks
    factor = 1 if cell is None else max(1, spec.shortest_ms // video.step_ms)
    width = video.step_ms * factor
    n = int(video.series(cell)[~video.masked].sum())
    results = _under_each(evidence, video, cell, factor)
    if not results:
        return Scanned(video, cell, (), None, None, None, "no_retention", n)
    first = next(iter(results.values()))
    missing = [one.reason for one in results.values() if one.p is None]
    if missing or first.strongest is None:
        return Scanned(video, cell, (), None, None, None, missing[0] if missing else "no_variation", n)
    strongest = (first.strongest.start * width, min(first.strongest.stop * width, video.duration_ms))
    worst = max(one.p for one in results.values() if one.p is not None)
    return Scanned(video, cell, tuple(_held(results, width, video.duration_ms)), strongest, worst, None, "", n)


def _under_each(evidence: Evidence, video: MediaTime, cell: Cell | None, factor: int) -> dict[str, ScanResult]:
    """What the scan finds under each assumption; those that are one scan share it."""
    spec, length = evidence.moments.peaks, seconds(video)
    width = video.step_ms * factor
    windows = (max(1, -(-spec.shortest_ms // width)), max(1, spec.longest_ms // width))
    seed = int(generator(evidence.seed, "peaks", video.video_id, *(cell or ("", ""))).integers(2**31))
    first = np.arange(0, video.steps, factor)
    results: dict[str, ScanResult] = {}
    shared: list[tuple[str, Floats, npt.NDArray[np.bool_]]] = []
    for name, watching in exposures(evidence, video).items():
        out = unwatched(video, watching)
        spent = np.add.reduceat(np.where(out, 0.0, watching * length), first)
        masked = np.add.reduceat(out.astype(np.float64), first) > 0
        like = next((known for known, theirs, gone in shared if _is_one_scan(spent, theirs, masked, gone, results[known])), None)
        if like is not None:
            results[name] = results[like]
            continue
        counts = np.add.reduceat(np.where(out, 0.0, video.series(cell)), first)
        results[name] = scan_peaks(
            counts, exposure=spent, masked=masked, windows=windows, block=max(1, 15_000 // width), draws=_draws(evidence, cell), alpha=spec.alpha,
            most=spec.most, seed=seed, stop=STOP,
        )  # fmt: skip
        shared.append((name, spent, masked))
    return results


def _is_one_scan(spent: Floats, known: Floats, masked: npt.NDArray[np.bool_], gone: npt.NDArray[np.bool_], found: ScanResult) -> bool:
    """Whether two courses of watching differ by a straight line in the log, and the scan had bins enough to fit one to the last."""
    kept = ~masked
    if not np.array_equal(masked, gone) or not kept.any():
        return not kept.any()
    if kept.sum() - 3 * sum(peak.stop - peak.start for peak in found.peaks) < _LEAST_KEPT:
        return bool(np.allclose(spent, known * (spent.sum() / known.sum()), rtol=_SAME))
    apart = np.log(spent[kept]) - np.log(known[kept])
    line = np.stack([np.ones(apart.size), np.linspace(-1, 1, kept.size)[kept]], axis=1)
    return bool(np.abs(apart - line @ np.linalg.lstsq(line, apart, rcond=None)[0]).max() < _SAME)


def _held(results: Mapping[str, ScanResult], width: int, duration: int) -> Iterator[Held]:
    """Peaks of the first assumption with what the others say of them; then those that only others have."""
    told: list[tuple[int, int]] = []
    for result in results.values():
        for peak in result.peaks:
            if any(peak.start < stop and start < peak.stop for start, stop in told):
                continue
            told.append((peak.start, peak.stop))
            met = {name: _meeting(other, peak.start, peak.stop) for name, other in results.items()}
            yield Held(peak.start * width, min(peak.stop * width, duration), peak.size, peak.p, holds_in_all(met))


def _meeting(result: ScanResult, start: int, stop: int) -> Estimate:
    """The size of the peak that meets a stretch; none: an estimate that concludes nothing."""
    sizes = [peak.size for peak in result.peaks if peak.start < stop and start < peak.stop]
    return sizes[0] if sizes else Estimate(value=None, reason="depends_on_exposure")

"""Every video of an event study made ready: lag columns, course over position, tables under all shifts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.position import Position, fit_course, orthonormal, position_basis
from yuhu.stats.shift.fitting import Part
from yuhu.stats.shift.series import LagWindows, VideoSeries, checked_videos, lag_columns
from yuhu.stats.shift.tables import ShiftTables, shift_tables, straddling

LEAST_RESPONSES = 5


@dataclass(frozen=True, kw_only=True)
class ShiftDesign:
    """How an event study is made; recorded with its results.

    Parameters
    ----------
    windows : LagWindows
        Lags, effect and baseline.
    position : {"legendre", "spline", "none"}
        What takes out the course over the video; "none" is for comparison only: it does not keep its level.
    degree : int
        Functions of position beside the constant.
    seam : int
        Bins left out at each end of a video.
    restricted : bool
        Leave out shifts under which the lags of some onset lie on both sides of the seam.
    dose : bool
        Intensities count, not only presence.

    Raises
    ------
    YuhuError
        YH303 a degree or a seam below 0.
    """

    windows: LagWindows = field(default_factory=LagWindows)
    position: Position = "legendre"
    degree: int = 6
    seam: int = 5
    restricted: bool = False
    dose: bool = False

    def __post_init__(self) -> None:
        if self.degree < 0 or self.seam < 0 or self.position not in {"legendre", "spline", "none"}:
            facts = {"position": self.position, "degree": self.degree, "seam": self.seam}
            raise YuhuError("YH303", "position, degree or seam is out of range", facts=facts, fix='position="legendre", degree=6, seam=5')

    def contrasts(self, codes: int) -> Floats:
        """(K, p) float: the lift of each code among the lag groups of all."""
        return np.asarray(np.kron(np.eye(codes), self.windows.contrast()[None, :]), np.float64)

    def columns(self, video: VideoSeries, *, circular: bool) -> Floats:
        """(T, p) float: lag groups of all codes."""
        groups = self.windows.groups()
        return np.concatenate(
            [lag_columns(video, code, groups, circular=circular, dose=self.dose) for code in range(video.strategies.shape[0])], axis=1
        )


@dataclass(frozen=True, eq=False)
class Prepared:
    """One video with responses: its part of the joint fit, and what its shifts need."""

    video: VideoSeries
    kept: npt.NDArray[np.bool_]
    basis: Floats
    columns: Floats
    mean: Floats
    dispersion: float
    part: Part
    allowed: Ints


def prepared(video: VideoSeries, design: ShiftDesign) -> Prepared | None:
    """One video made ready; None where fewer than 5 responses or no free bins are left."""
    kept = video.kept(design.seam)
    basis = position_basis(video.bins, design.position, design.degree)
    if int(kept.sum()) <= basis.shape[1] + 1 or float(video.counts[kept].sum()) < LEAST_RESPONSES:
        return None
    course = fit_course(video.counts, basis, video.log_exposure(), kept)
    plain, circular = (design.columns(video, circular=round_) for round_ in (False, True))
    part = Part(video.counts[kept], plain[kept], basis[kept], video.log_exposure()[kept], course.mean[kept], 1.0 / course.dispersion)
    shown = (video.strategies > 0).any(axis=0)
    allowed = np.arange(video.bins)
    if design.restricted:
        begins = np.zeros(video.bins, np.bool_)
        for code in range(video.strategies.shape[0]):
            begins[video.onsets(code)[0]] = True
        split = straddling(begins, *design.windows.lags)
        split[0] = False
        allowed = np.flatnonzero(~split)
    if not shown.any():
        allowed = np.zeros(1, np.int64)
    return Prepared(video, kept, basis, circular, course.mean, course.dispersion, part, allowed.astype(np.int64))


def tables_of(one: Prepared, design: ShiftDesign, effects: Floats) -> ShiftTables:
    """Tables of a video: residuals of position alone, residuals once the effects are taken out, and what a unit of each effect adds to those.

    Parameters
    ----------
    one : Prepared
    design : ShiftDesign
    effects : (K,) float
        Log lifts of the codes, taken out as steps over the effect lags.

    Returns
    -------
    ShiftTables
        Scores of K + 2 series, each by the dispersion, as the information.
    """
    kept, codes, groups = one.kept, effects.size, design.windows.groups()
    place = groups.index(design.windows.effect)
    steps = one.part.columns[:, place :: len(groups)]
    offset = one.video.log_exposure()
    offset[kept] += steps @ effects
    course = fit_course(one.video.counts, one.basis, offset, kept)
    series = np.zeros((codes + 2, one.video.bins))
    series[0, kept] = one.part.counts - one.mean[kept]
    series[1, kept] = one.part.counts - course.mean[kept]
    weight = course.mean[kept]
    smooth = orthonormal(one.part.basis, weight)
    series[2:, kept] = (weight[:, None] * (steps - smooth @ (smooth.T @ (weight[:, None] * steps)))).T
    made = shift_tables(one.columns, one.basis, one.mean, series)
    return ShiftTables(made.information / one.dispersion, made.scores / one.dispersion)


def enough_near(ready: Sequence[Prepared], codes: int, design: ShiftDesign) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """For each code: onsets, videos with one, and whether at least 5 responses lie in the windows that are compared."""
    groups = design.windows.groups()
    compared = np.flatnonzero(design.windows.contrast())
    onsets, videos, near = np.zeros(codes, np.int64), np.zeros(codes, np.int64), np.zeros(codes)
    for one in ready:
        for code in range(codes):
            found = one.video.onsets(code)[0].size
            onsets[code] += found
            videos[code] += found > 0
            inside = one.part.columns[:, code * len(groups) + compared].any(axis=1)
            near[code] += one.part.counts[inside].sum()
    return onsets, videos, near >= LEAST_RESPONSES


def ready_for(
    videos: Sequence[VideoSeries], codes: Sequence[str], code: str, design: ShiftDesign | None
) -> tuple[ShiftDesign, int, list[Prepared]]:
    """The design, the place of a code, and all videos with enough responses.

    Raises
    ------
    YuhuError
        YH303 an unknown code; YH305 strategies do not fit the codes.
    """
    checked_videos(videos, codes)
    if code not in codes:
        raise YuhuError("YH303", "no strategy has this code", facts={"found": code, "codes": list(codes)}, fix="one of the codes")
    plan = design or ShiftDesign()
    return plan, list(codes).index(code), [one for one in (prepared(video, plan) for video in videos) if one is not None]


def with_columns(one: Prepared, plan: ShiftDesign, place: int, own: Floats) -> Part:
    """The part of a video with other columns for one code; those of the other codes follow them."""
    groups = len(plan.windows.groups())
    others = np.delete(one.part.columns, np.s_[place * groups : (place + 1) * groups], axis=1)
    return Part(
        one.part.counts, np.concatenate([own[one.kept], others], axis=1), one.part.basis, one.part.offset, one.part.start, one.part.weight
    )

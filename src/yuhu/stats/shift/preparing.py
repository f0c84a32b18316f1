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
from yuhu.stats.shift.tables import ShiftTables, Spectra, shift_tables, spectra, straddling

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
class Grid:
    """What one video brings to every series of its responses: free bins, lag columns and the shifts that are allowed."""

    kept: npt.NDArray[np.bool_]
    basis: Floats
    plain: Floats
    circular: Floats
    spectra: Spectra
    allowed: npt.NDArray[np.bool_]
    is_shown: bool


def grid_of(video: VideoSeries, design: ShiftDesign) -> Grid:
    """The grid of one video, whatever its counts."""
    plain, circular = (design.columns(video, circular=round_) for round_ in (False, True))
    allowed = np.ones(video.bins, np.bool_)
    if design.restricted:
        begins = np.zeros(video.bins, np.bool_)
        for code in range(video.strategies.shape[0]):
            begins[video.onsets(code)[0]] = True
        allowed = ~straddling(begins, *design.windows.lags)
        allowed[0] = True
    basis = position_basis(video.bins, design.position, design.degree)
    return Grid(video.kept(design.seam), basis, plain, circular, spectra(circular), allowed, bool((video.strategies > 0).any()))


@dataclass(frozen=True, eq=False)
class Prepared:
    """One video with responses: its part of the joint fit, and what its shifts need."""

    video: VideoSeries
    grid: Grid
    mean: Floats
    dispersion: float
    part: Part

    @property
    def kept(self) -> npt.NDArray[np.bool_]:
        """(T,) bins that speak."""
        return self.grid.kept

    @property
    def basis(self) -> Floats:
        """(T, q) functions of position."""
        return self.grid.basis


def prepared(video: VideoSeries, design: ShiftDesign, grid: Grid | None = None) -> Prepared | None:
    """One video made ready; None where fewer than 5 responses or no free bins are left."""
    kept = video.kept(design.seam)
    free = position_basis(video.bins, design.position, design.degree).shape[1] + 1
    if int(kept.sum()) <= free or float(video.counts[kept].sum()) < LEAST_RESPONSES:
        return None
    held = grid or grid_of(video, design)
    offset = video.log_exposure()
    course = fit_course(video.counts, held.basis, offset, kept)
    part = Part(video.counts[kept], held.plain[kept], held.basis[kept], offset[kept], course.mean[kept], 1.0 / course.dispersion)
    return Prepared(video, held, course.mean, course.dispersion, part)


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
    made = shift_tables(one.grid.circular, one.basis, one.mean, series, one.grid.spectra)
    return ShiftTables(made.information / one.dispersion, made.scores / one.dispersion)


@dataclass(frozen=True, eq=False)
class Near:
    """What there is to compare of each code.

    Parameters
    ----------
    onsets, videos : (K,) int
        Onsets, and videos with one.
    counts, expected : (K, 2) float
        Responses after onsets and before them, seen and expected from position alone; without a baseline after them twice.
    """

    onsets: Ints
    videos: Ints
    counts: Floats
    expected: Floats

    @property
    def enough(self) -> npt.NDArray[np.bool_]:
        """(K,) whether there are 5 responses to compare."""
        return np.asarray(self.counts.sum(axis=1) >= LEAST_RESPONSES)

    @property
    def is_bounded(self) -> npt.NDArray[np.bool_]:
        """(K,) whether a ratio can be told: 5 responses expected on both sides, and some seen."""
        return np.asarray((self.expected >= LEAST_RESPONSES).all(axis=1) & (self.counts > 0).all(axis=1))


def near_of(ready: Sequence[Prepared], codes: int, design: ShiftDesign) -> Near:
    """What there is to compare in some videos."""
    contrast = design.windows.contrast()
    sides = [np.flatnonzero(contrast > 0), np.flatnonzero(contrast < 0) if (contrast < 0).any() else np.flatnonzero(contrast > 0)]
    onsets, videos = np.zeros(codes, np.int64), np.zeros(codes, np.int64)
    counts, expected = np.zeros((codes, 2)), np.zeros((codes, 2))
    for one in ready:
        for code in range(codes):
            found = one.video.onsets(code)[0].size
            onsets[code] += found
            videos[code] += found > 0
            for side, groups in enumerate(sides if found else ()):
                inside = one.part.columns[:, code * contrast.size + groups].any(axis=1)
                counts[code, side] += one.part.counts[inside].sum()
                expected[code, side] += one.part.start[inside].sum()
    return Near(onsets, videos, counts, expected)


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

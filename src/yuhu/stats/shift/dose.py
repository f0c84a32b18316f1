"""Does more of a strategy go with more responses? Linear against step; an association within videos, never an effect of dose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.randomness import generator
from yuhu.stats.arrays import Floats
from yuhu.stats.shift.fitting import JointFit, Part, joint_fit
from yuhu.stats.shift.preparing import Prepared, ShiftDesign, ready_for, with_columns
from yuhu.stats.shift.series import VideoSeries, lag_columns

METHOD = "dose_response.v1"
MOST_LEVELS = 6


@dataclass(frozen=True, eq=False)
class DoseResponse:
    """Responses after onsets of several intensities.

    Parameters
    ----------
    levels : tuple of (float, Estimate)
        Intensity, and lift after onsets of it; no interval.
    slope : Estimate
        Factor of the rate for each unit of intensity; no interval.
    p : Estimate
        Two-sided p of the slope, by permuting intensities over the onsets of each video; `value` is p, `reason` is ``test_alone``.
    preferred : str
        ``step``, ``linear`` or ``levels``: the smallest quasi-AIC; empty where undefined.
    quasi_aic : tuple of (str, float)
        Of all three.
    """

    levels: tuple[tuple[float, Estimate], ...]
    slope: Estimate
    p: Estimate
    preferred: str
    quasi_aic: tuple[tuple[str, float], ...]


def dose_response(
    videos: Sequence[VideoSeries], codes: Sequence[str], code: str, *, design: ShiftDesign | None = None, draws: int = 1999, seed: int = 0
) -> DoseResponse:
    """Lift by intensity of a strategy, and whether it grows with it.

    Parameters
    ----------
    videos, codes, design
        As in `circular_shift_test`; the highest intensity of a segment counts.
    code : str
        The strategy.
    draws : int
        Permutations.
    seed : int
        Seed of the permutations.

    Returns
    -------
    DoseResponse
        Undefined for `one_dose` where no video has onsets of two intensities.

    Raises
    ------
    YuhuError
        YH303 parameters or an unknown code; YH305 strategies do not fit the codes.

    Notes
    -----
    The p is exact if, within a video, which onset got which intensity had nothing to do with what else happened there. More than 6 intensities are put
    into 6 groups of about equal size for `levels`. O(V T p² + draws x onsets). Sources: mccullagh1989; pitman1937 (permutation).
    """
    plan, place, ready = ready_for(videos, codes, code, design)
    showing = [one for one in ready if one.video.onsets(place)[0].size]
    doses = [one.video.onsets(place)[1] for one in showing]
    onsets = int(sum(each.size for each in doses))
    if draws < 99:
        raise YuhuError("YH303", "too few draws", facts={"found": draws, "expected": "99 or more"}, fix="draws=1999")
    if not any(np.unique(each).size > 1 for each in doses):
        none = Estimate(value=None, n=onsets, unit="rate ratio", method=METHOD, reason="one_dose" if onsets else "no_onsets")
        return DoseResponse((), none, none.with_(unit="p"), "", ())
    groups = plan.windows.groups()
    edges = _levels(np.concatenate(doses))

    def fitted(weights: Sequence[Floats]) -> tuple[JointFit, list[Part]]:
        parts = [
            with_columns(
                one,
                plan,
                place,
                np.concatenate([lag_columns(one.video, place, groups, circular=False), _effects(one, place, plan, weight)], axis=1),
            )
            for one, weight in zip(showing, weights, strict=True)
        ]
        return joint_fit(parts), parts

    middle = float(np.mean(np.concatenate(doses)))
    step, parts = fitted([np.zeros((each.size, 1)) for each in doses])
    linear, linear_parts = fitted([each[:, None] - middle for each in doses])
    level, level_parts = fitted([_dummies(each, edges) for each in doses])
    aic = {
        "step": _quasi_aic(step, parts, 0),
        "linear": _quasi_aic(linear, linear_parts, 1),
        "levels": _quasi_aic(level, level_parts, edges.size - 1),
    }
    p = _permuted(showing, place, plan, step, parts, doses, draws, seed)
    size = len(groups)
    base = float(plan.windows.contrast() @ level.beta[:size])
    lifts = [base, *(base + level.beta[size : size + edges.size - 1])]
    counts = [int(((np.searchsorted(edges, np.concatenate(doses), side="right") - 1) == at).sum()) for at in range(edges.size)]
    return DoseResponse(
        tuple((float(edge), _value(lift, n)) for edge, lift, n in zip(edges, lifts, counts, strict=True)),
        _value(float(linear.beta[size]), onsets),
        Estimate(value=p, n=onsets, n_videos=len(showing), unit="p", method=METHOD, reason="test_alone"),
        min(aic, key=lambda name: aic[name]),
        tuple(aic.items()),
    )


def _levels(doses: Floats) -> Floats:
    """Lowest intensity of each level."""
    found = np.unique(doses)
    return found if found.size <= MOST_LEVELS else np.unique(np.quantile(doses, np.arange(MOST_LEVELS) / MOST_LEVELS, method="lower"))


def _dummies(doses: Floats, edges: Floats) -> Floats:
    level = np.searchsorted(edges, doses, side="right") - 1
    return np.asarray(level[:, None] == np.arange(1, edges.size)[None, :], np.float64)


def _effects(one: Prepared, place: int, plan: ShiftDesign, weight: Floats) -> Floats:
    """(T, columns): weights (onsets, columns) of the onsets whose effect lags hold the bin."""
    starts = one.video.onsets(place)[0]
    low, high = plan.windows.effect
    out = np.zeros((one.video.bins, weight.shape[1]))
    for start, row in zip(starts.tolist(), weight, strict=True):
        out[max(0, start + low) : max(0, min(one.video.bins, start + high + 1))] += row
    return out


def _quasi_aic(fit: JointFit, parts: Sequence[Part], more: int) -> float:
    """-2 quasi-log-likelihood + 2 for each coefficient beyond the step."""
    height = sum(part.weight * float(part.counts @ np.log(mean) - mean.sum()) for part, mean in zip(parts, fit.means, strict=True))
    return -2 * height + 2 * more


def _permuted(
    showing: Sequence[Prepared],
    place: int,
    plan: ShiftDesign,
    step: JointFit,
    parts: Sequence[Part],
    doses: Sequence[Floats],
    draws: int,
    seed: int,
) -> float:
    """Score of the slope beside the step, against intensities permuted within videos."""
    rng = generator(seed, METHOD)
    found = np.zeros(draws + 1)
    for one, part, mean, dose in zip(showing, parts, step.means, doses, strict=True):
        rest, due = np.zeros(one.video.bins), np.zeros(one.video.bins)
        rest[one.kept], due[one.kept] = (part.counts - mean) * part.weight, mean * part.weight
        windows = _effects(one, place, plan, np.eye(dose.size))
        gap, own = rest @ windows, due @ windows
        gap = gap - own * gap.sum() / max(float(own.sum()), 1e-12)
        drawn = np.concatenate([dose[None, :], rng.permuted(np.tile(dose, (draws, 1)), axis=1)])
        found += (drawn - dose.mean()) @ gap
    return float((np.abs(found) >= abs(found[0]) - 1e-9).sum() / found.size)


def _value(log_ratio: float, n: int) -> Estimate:
    return Estimate(value=float(np.exp(np.clip(log_ratio, -30, 30))), n=n, unit="rate ratio", method=METHOD, reason="model_based")

"""The highest point of the two-clock likelihood, compiled: for a given excitation each second of the video is solved by itself."""

import math

from yuhu.stats.arrays import Floats
from yuhu.stats.compiled import compiled

_STEPS = 100
_CLOSE = 1e-13


@compiled
def solve_second(counts: Floats, known: Floats, mass: float, guess: float) -> float:
    """The s at least 0 at which Σ N / (s + known) = mass, or 0 where the sum is below it already there.

    Parameters
    ----------
    counts : (R,) float
        Responses of each cohort, weighted.
    known : (R,) float, at least 0
        What excitation gives each.
    mass : float > 0
        Viewers of all cohorts.
    guess : float
        Where to start.

    Notes
    -----
    The sum falls and is convex in s, so that Newton's steps rise to the root from its left and cannot pass it. A guess to the right of it
    is thrown to the left by the first step. O(R) a step, mostly 3 to 7.
    """
    least = found = 0.0
    for w in range(counts.size):
        found += counts[w]
        if counts[w] > 0:
            least = max(least, counts[w] / mass - known[w])
    if found == 0:
        return 0.0
    at = max(least, guess)
    for _ in range(_STEPS):
        above, slope = -mass, 0.0
        if at <= 0:
            for w in range(counts.size):
                if counts[w] > 0:
                    above += counts[w] / known[w]
                    slope += counts[w] / known[w] / known[w]
            if above <= 0:
                return 0.0
        else:
            for w in range(counts.size):
                inverse = 1.0 / (at + known[w])
                part = counts[w] * inverse
                above += part
                slope += part * inverse
        step = above / slope
        following = max(least, at + step)
        if abs(following - at) <= _CLOSE * following:
            return following
        at = following
    return at


@compiled
def profile(counts: Floats, mass: Floats, drawn: Floats, pull: float, stimulus: Floats, column: Floats) -> tuple[float, float, float]:
    """The log likelihood at one excitation with the best stimulus for it, its slope and its bend; the stimulus is filled in.

    Parameters
    ----------
    counts : (C, R) float
        Responses of each second (and segment) and cohort.
    mass : (C, R) float
        Viewers there, M·E.
    drawn : (C, R) float
        Visible responses X.
    pull : float, at least 0
        The excitation a.
    stimulus : (C,) float
        Where to start; filled with s.
    column : (R,) float
        Room.

    Notes
    -----
    O(C·R) for each step of the seconds. The slope is that of the profile, since the stimulus is at its best.
    """
    value = slope = bend = 0.0
    for c in range(counts.shape[0]):
        total = 0.0
        for w in range(counts.shape[1]):
            column[w] = pull * drawn[c, w]
            total += mass[c, w]
        if total <= 0:
            stimulus[c] = 0.0
            continue
        s = solve_second(counts[c], column, total, stimulus[c])
        stimulus[c] = s
        xx = xs = ss = 0.0
        for w in range(counts.shape[1]):
            here = s + column[w]
            value -= mass[c, w] * here
            slope -= mass[c, w] * drawn[c, w]
            if counts[c, w] > 0:
                value += counts[c, w] * math.log(mass[c, w] * here)
                part = counts[c, w] / here
                slope += part * drawn[c, w]
                part /= here
                ss += part
                xs += part * drawn[c, w]
                xx += part * drawn[c, w] * drawn[c, w]
        bend -= xx
        if s > 0 and ss > 0:
            bend += xs * xs / ss
    return value, slope, bend


@compiled
def highest(counts: Floats, mass: Floats, drawn: Floats, pull: float, stimulus: Floats) -> tuple[float, float, float]:
    """Best excitation, the log likelihood there, and its bend; the stimulus is filled in.

    Parameters
    ----------
    counts, mass, drawn, stimulus
        As in `profile`.
    pull : float, at least 0
        Where to start.

    Notes
    -----
    The likelihood is concave in s and a together, so the profile is concave in a and has one top: Newton's steps, kept between bounds
    that close in. Mostly 5 to 10 profiles.
    """
    column = counts[0] * 0.0
    low = found = reach = 0.0
    for c in range(counts.shape[0]):
        for w in range(counts.shape[1]):
            found += counts[c, w]
            reach += mass[c, w] * drawn[c, w]
    if reach <= 0 or found <= 0:
        value, slope, bend = profile(counts, mass, drawn, 0.0, stimulus, column)
        return 0.0, value, bend
    high = found / reach
    at = min(max(pull, 0.0), high)
    value, slope, bend = profile(counts, mass, drawn, at, stimulus, column)
    for _ in range(_STEPS):
        if slope > 0:
            low = at
        else:
            high = at
        if at == 0.0 and slope <= 0:
            break
        step = -slope / bend if bend < 0 else 0.0
        if abs(step) <= 1e-12 * high or high - low <= 1e-15 * high:
            break
        following = at + step
        if following <= low or following >= high:
            following = 0.0 if low == 0.0 and step < 0 and following <= 0 else (low + high) / 2
        at = following
        value, slope, bend = profile(counts, mass, drawn, at, stimulus, column)
    return at, value, bend


@compiled
def score(counts: Floats, mass: Floats, drawn: Floats, other: Floats, pull: float, stimulus: Floats) -> tuple[float, float]:
    """Slope of the log likelihood towards another regressor, and its variance given that stimulus and excitation were fitted.

    Parameters
    ----------
    counts, mass, drawn, pull, stimulus
        The fitted model, as in `profile`.
    other : (C, R) float
        The regressor, whose coefficient is 0 in the model.

    Notes
    -----
    Efficient score: what the other has in common with the stimulus and with X is taken out. O(C·R). Source: rao1948.
    """
    slope = zz = zx = xx = 0.0
    for c in range(counts.shape[0]):
        ss = xs = zs = 0.0
        for w in range(counts.shape[1]):
            slope -= mass[c, w] * other[c, w]
            if counts[c, w] > 0:
                here = stimulus[c] + pull * drawn[c, w]
                part = counts[c, w] / here
                slope += part * other[c, w]
                part /= here
                ss += part
                xs += part * drawn[c, w]
                zs += part * other[c, w]
                xx += part * drawn[c, w] * drawn[c, w]
                zx += part * other[c, w] * drawn[c, w]
                zz += part * other[c, w] * other[c, w]
        if stimulus[c] > 0 and ss > 0:
            xx -= xs * xs / ss
            zx -= zs * xs / ss
            zz -= zs * zs / ss
    if pull > 0 and xx > 0:
        zz -= zx * zx / xx
    return slope, zz

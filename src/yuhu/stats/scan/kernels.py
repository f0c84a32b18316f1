"""The loops of the scan: the best window of each length, and change points."""

import numpy as np

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled

_LANES = 16
"""Lengths are padded to a multiple of this, so that none is left to a loop that takes one at a time."""
_SURELY = 1.0 - 1e-9


@compiled
def _runs(broken: Ints) -> Ints:
    """(R, 2) where stretches without a bin left out begin and end."""
    bins = broken.size - 1
    runs, n, at = np.zeros((bins // 2 + 1, 2), np.int64), 0, 0
    while at < bins:
        if broken[at + 1] != broken[at]:
            at += 1
            continue
        runs[n, 0] = at
        while at < bins and broken[at + 1] == broken[at]:
            at += 1
        runs[n, 1] = at
        n += 1
    return runs[:n]


@compiled
def _left_out(
    had: Floats, due: Floats, runs: Ints, scale: float, width: int, first: int, room: int, chosen: Ints
) -> tuple[int, float, float]:
    """The strongest window and others of its length that do not meet, `room` at most; chosen (K, 2) where they begin and end.

    Returns how many, and the counts and expectation outside.
    """
    bins = had.size - 1
    excess, expected = np.full(bins - width + 1, -1.0), np.zeros(bins - width + 1)
    for run in range(runs.shape[0]):
        for place in range(runs[run, 0], runs[run, 1] - width + 1):
            expected[place] = scale * (due[place + width] - due[place])
            gap = had[place + width] - had[place] - expected[place]
            excess[place] = gap * gap if gap > 0.0 else -1.0
    chosen[:] = -1
    rest, due_rest, at, taken = had[bins], due[bins], first, 0
    while at >= 0 and taken < room:
        chosen[taken, 0], chosen[taken, 1] = at, at + width
        taken += 1
        excess[max(0, at - width + 1) : at + width] = -1.0
        rest -= had[at + width] - had[at]
        due_rest -= due[at + width] - due[at]
        best, at = 0.0, -1
        for place in range(excess.size):
            if excess[place] > best * expected[place]:
                best, at = excess[place] / expected[place] if expected[place] > 0.0 else 0.0, place
    return taken, rest, due_rest


@compiled
def _bounds(had: Floats, due: Floats, runs: Ints, scale: float, shortest: int, lengths: int, factor: Floats) -> None:
    """2 for lengths whose ratio is at most gap² total / 2 share in each window, 0 for others: that holds where c + e <= total, since x (1 - x) is then nowhere smaller than at e.

    No window holds more than a longer one around it, so lengths below one that passes are not looked at.
    """
    most = had[had.size - 1] * _SURELY
    for length in range(lengths - 1, -1, -1):
        tame = True
        for run in range(runs.shape[0]):
            width = min(shortest + length, runs[run, 1] - runs[run, 0])
            for at in range(runs[run, 0], runs[run, 1] - width + 1):
                tame &= had[at + width] - had[at] + scale * (due[at + width] - due[at]) <= most
        if tame:
            factor[: length + 1] = 2.0
            return
        factor[length] = 0.0


@compiled
def _strongest(
    had: Floats, due: Floats, runs: Ints, scale: float, shortest: int, factor: Floats, bound: Floats, best: Floats, where: Ints
) -> None:
    """The largest ratio of each length and the first place where it is; bound: what gap² total / share must exceed, infinite for padding.

    The innermost loop runs over lengths; logarithms are taken only where a bound allows a new best.
    """
    total = had[had.size - 1]
    for run in range(runs.shape[0]):
        last = runs[run, 1]
        for at in range(runs[run, 0], last - shortest + 1):
            ends = slice(at + shortest, min(at + shortest + bound.size, last + 1))
            had_end, due_end = had[ends], due[ends]
            had_here, due_here, above = had[at], due[at], False
            for length in range(had_end.size):
                e = scale * (due_end[length] - due_here)
                gap = had_end[length] - had_here - e
                above |= gap * abs(gap) * total > bound[length] * (e * (total - e))
            if not above:
                continue
            for length in range(had_end.size):
                c, e = had_end[length] - had_here, scale * (due_end[length] - due_here)
                gap = c - e
                if gap * abs(gap) * total > bound[length] * (e * (total - e)):
                    ratio = c * np.log(c / e) if e > 0.0 else 0.0
                    if total > c:
                        ratio += (total - c) * np.log((total - c) / (total - e))
                    if ratio > best[length]:
                        best[length], where[length] = ratio, at
                        bound[length] = factor[length] * ratio


@compiled
def _add_spread(had: Floats, usual: Floats, first: int, last: int, shortest: int, rest: float, beyond: Floats, chances: Floats) -> None:
    """Add the windows from bin `first` to `last` to the sums of each length: squares about what is usual, and u (rest - u) with u what is usual in the window.

    The innermost loop runs over lengths, each of which has a sum of its own, so that several go at a time and none is added up in another order.
    """
    for at in range(first, last - shortest + 1):
        ends = slice(at + shortest, min(at + shortest + beyond.size, last + 1))
        had_end, usual_end = had[ends], usual[ends]
        had_here, usual_here = had[at], usual[at]
        for length in range(had_end.size):
            u = usual_end[length] - usual_here
            gap = had_end[length] - had_here - u
            beyond[length] += gap * gap
            chances[length] += u * (rest - u)


@compiled
def best_windows(
    counts: Floats, expected: Floats, broken: Ints, shortest: int, most: int, out: Floats, start: Ints, dispersion: Floats, chosen: Ints
) -> None:
    """For each row and window length the largest log likelihood ratio, where it begins, and the dispersion of windows away from the row's strongest.

    counts, expected (B, n); broken (n + 1,) running number of bins left out; out, start, dispersion (B, L) for the lengths shortest, shortest + 1, …;
    chosen (B, K, 2) the strongest windows, -1 where there are fewer, K at most `most`. Windows with a bin left out do not count. Ratios: expected scaled to
    the sum of counts. The strongest windows: that with the largest ratio of all lengths, and others of its length that meet none before them, the largest
    excess for its expectation first, while they hold no more than a quarter of the bins. Dispersion: squares about the level outside of them, over windows
    that meet none; 0 where there are none. O(B n (L + K)).
    """
    rows, bins = counts.shape
    lengths = out.shape[1]
    padded = -(-lengths // _LANES) * _LANES
    had, due, usual = np.zeros(bins + 1), np.zeros(bins + 1), np.zeros(bins + 1)
    factor, bound, best, where = np.zeros(padded), np.zeros(padded), np.zeros(padded), np.zeros(padded, np.int64)
    beyond, chances = np.zeros(padded), np.zeros(padded)
    runs = _runs(broken)
    for row in range(rows):
        for at in range(bins):
            had[at + 1] = had[at] + counts[row, at]
            due[at + 1] = due[at] + expected[row, at]
        scale = float(had[bins] / due[bins]) if due[bins] > 0.0 else 0.0
        _bounds(had, due, runs, scale, shortest, lengths, factor)
        bound[:lengths], bound[lengths:] = 0.0, np.inf
        best[:], where[:] = 0.0, -1
        _strongest(had, due, runs, scale, shortest, factor, bound, best, where)
        out[row], start[row] = best[:lengths], where[:lengths]
        longest = int(np.argmax(best[:lengths]))
        wide = shortest + longest
        room = min(most, max(1, (bins - broken[bins]) // (4 * wide)))
        aside, rest, due_rest = _left_out(had, due, runs, scale, wide, where[longest], room, chosen[row])
        begins = np.sort(chosen[row, :aside, 0])
        level = rest / due_rest if due_rest > 0.0 else 0.0
        for at in range(bins + 1):
            usual[at] = level * due[at]
        beyond[:], chances[:], taken = 0.0, 0.0, 0
        for run in range(runs.shape[0]):
            first, last = runs[run, 0], runs[run, 1]
            while taken < aside and begins[taken] < last:
                _add_spread(had, usual, first, begins[taken], shortest, rest, beyond, chances)
                first = begins[taken] + wide
                taken += 1
            _add_spread(had, usual, first, last, shortest, rest, beyond, chances)
        for length in range(lengths):
            chance = chances[length] / rest if rest > 0.0 else 0.0
            dispersion[row, length] = beyond[length] / chance if chance > 1e-9 and beyond[length] > 0.0 else 0.0


@compiled
def pruned_segments(counts: Floats, exposure: Floats, penalty: float, shortest: int, before: Ints, cost: Floats) -> None:
    """Best last change before each bin (PELT): before and cost (n + 1,), cost -2 log likelihood of Poisson segments plus the penalty of each change."""
    bins = counts.size
    had, due = np.zeros(bins + 1), np.zeros(bins + 1)
    for at in range(bins):
        had[at + 1], due[at + 1] = had[at] + counts[at], due[at] + exposure[at]
    cost[:] = np.inf
    cost[0] = -penalty
    candidates = np.zeros(bins + 1, np.int64)
    values, until = np.zeros(bins + 1), np.full(bins + 1, 2 * bins + shortest)
    n = 0
    for end in range(shortest, bins + 1):
        new = end - shortest
        if new == 0 or new >= shortest:
            candidates[n], until[n] = new, 2 * bins + shortest
            n += 1
        best, where = np.inf, 0
        for place in range(n):
            at = candidates[place]
            c, e = had[end] - had[at], due[end] - due[at]
            own = 2.0 * (c - c * np.log(c / e)) if c > 0.0 else 0.0
            values[place] = cost[at] + own
            if values[place] + penalty < best:
                best, where = values[place] + penalty, at
        cost[end], before[end] = best, where
        left = 0
        for place in range(n):
            if values[place] > best:  # beaten by a change at this end, which may itself be used only `shortest` later
                until[place] = min(until[place], end + shortest)
            if end + 1 < until[place]:
                candidates[left], until[left] = candidates[place], until[place]
                left += 1
        n = left


@compiled
def smoothed(noise: Floats, carry: float) -> None:
    """Turn rows of white noise into AR(1) rows of the same variance, in place."""
    fresh = np.sqrt(1.0 - carry * carry)
    for row in range(noise.shape[0]):
        for at in range(1, noise.shape[1]):
            noise[row, at] = carry * noise[row, at - 1] + fresh * noise[row, at]

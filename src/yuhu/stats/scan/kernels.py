"""The loops of the scan: the best window of each length, and change points."""

import numpy as np

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled

_STRIDE = 32
"""Windows that are looked at together before any of them is."""


@compiled
def _left_out(
    had: Floats, due: Floats, broken: Ints, scale: float, width: int, first: int, most: int, chosen: Ints
) -> tuple[int, float, float]:
    """The strongest window and others of its length that do not meet, while they hold no more than a quarter of the bins; chosen (K, 2) where they begin and end.

    Returns how many, and the counts and expectation outside.
    """
    bins = had.size - 1
    excess, expected = np.zeros(bins - width + 1), np.zeros(bins - width + 1)
    had_end, due_end, broken_end = had[width:], due[width:], broken[width:]
    for place in range(excess.size):
        expected[place] = scale * (due_end[place] - due[place])
        gap = had_end[place] - had[place] - expected[place]
        excess[place] = gap * gap if gap > 0.0 and broken_end[place] == broken[place] else -1.0
    chosen[:] = -1
    room = min(most, max(1, (bins - broken[bins]) // (4 * width)))
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
def _add_products(had: Floats, due: Floats, broken: Ints, scale: float, shortest: int, sums: Floats) -> None:
    """Sums over the windows of each length: counts squared, counts times expectation, expectation squared, expectation; sums (4, L).

    The innermost loop runs over lengths, each of which has a sum of its own, so that several go at a time and none is added up in another order.
    """
    bins = had.size - 1
    cc, ce, ee, es = sums[0], sums[1], sums[2], sums[3]
    sums[:] = 0.0
    for at in range(bins - shortest + 1):
        ends = slice(at + shortest, min(at + shortest + cc.size, bins + 1))
        had_end, due_end, broken_end = had[ends], due[ends], broken[ends]
        had_here, due_here, broken_here = had[at], due[at], broken[at]
        for length in range(had_end.size):
            open_window = 1.0 if broken_end[length] == broken_here else 0.0
            c = (had_end[length] - had_here) * open_window
            e = scale * (due_end[length] - due_here) * open_window
            cc[length] += c * c
            ce[length] += c * e
            ee[length] += e * e
            es[length] += e


@compiled
def _take_meeting(had: Floats, due: Floats, broken: Ints, scale: float, shortest: int, begins: Ints, wide: int, sums: Floats) -> None:
    """Take the windows that meet one of those that begin at `begins`, in their order and all of length `wide`, out of the sums of `_add_products`."""
    bins, lengths = had.size - 1, sums.shape[1]
    cc, ce, ee, es = sums[0], sums[1], sums[2], sums[3]
    done = 0
    for place in range(begins.size):
        begin = begins[place]
        for at in range(max(done, begin - shortest - lengths + 2), min(begin + wide, bins - shortest + 1)):
            low, high = max(0, begin + 1 - at - shortest), min(lengths, bins - at - shortest + 1)
            ends = slice(at + shortest + low, at + shortest + high)
            had_end, due_end, broken_end = had[ends], due[ends], broken[ends]
            had_here, due_here, broken_here = had[at], due[at], broken[at]
            for length in range(had_end.size):
                open_window = 1.0 if broken_end[length] == broken_here else 0.0
                c = (had_end[length] - had_here) * open_window
                e = scale * (due_end[length] - due_here) * open_window
                cc[low + length] -= c * c
                ce[low + length] -= c * e
                ee[low + length] -= e * e
                es[low + length] -= e
        done = max(done, begin + wide)


@compiled
def best_windows(
    counts: Floats, expected: Floats, broken: Ints, shortest: int, most: int, out: Floats, start: Ints, dispersion: Floats, chosen: Ints
) -> None:
    """For each row and window length the largest log likelihood ratio, where it begins, and the dispersion of windows away from the row's strongest.

    counts, expected (B, n); broken (n + 1,) running number of bins left out; out, start, dispersion (B, L) for the lengths shortest, shortest + 1, …;
    chosen (B, K, 2) the strongest windows, -1 where there are fewer, K at most `most`. Windows with a bin left out do not count. Ratios: expected scaled to
    the sum of counts. The strongest windows: that with the largest ratio of all lengths, and others of its length that meet none before them, the largest
    excess for its expectation first. Dispersion: squares about the level outside of them, over windows that meet none; 0 where there are none.
    O(B n (L + K)); logarithms are taken only where a bound allows a new best.
    """
    rows, bins = counts.shape
    lengths = out.shape[1]
    had, due, squares, shares = np.zeros(bins + 1), np.zeros(bins + 1), np.zeros(bins + 1), np.zeros(bins + 1)
    sums = np.zeros((4, lengths))
    for row in range(rows):
        for at in range(bins):
            had[at + 1] = had[at] + counts[row, at]
            due[at + 1] = due[at] + expected[row, at]
        total, whole = had[bins], due[bins]
        scale = float(total / whole) if whole > 0.0 else 0.0
        _add_products(had, due, broken, scale, shortest, sums)
        highest, longest = -1.0, 0
        for length in range(lengths):
            width = shortest + length
            last = bins - width + 1
            had_end, due_end, broken_end = had[width:], due[width:], broken[width:]
            tame = True
            for at in range(last):
                open_window = 1.0 if broken_end[at] == broken[at] else 0.0
                c = (had_end[at] - had[at]) * open_window
                e = scale * (due_end[at] - due[at]) * open_window
                gap = c - e
                shares[at] = e * (total - e)
                squares[at] = gap * gap * total if gap > 0.0 else -1.0
                tame &= c + e <= total
            best, where, bound = 0.0, -1, 0.0
            for low in range(0, last, _STRIDE):
                # gap² total / 2 share bounds the ratio wherever c + e <= total: x (1 - x) is then nowhere smaller than at e
                high = min(low + _STRIDE, last)
                some, shared, any_above = squares[low:high], shares[low:high], False
                for at in range(some.size):
                    any_above |= some[at] > bound * shared[at]
                if not any_above:
                    continue
                for at in range(low, high):
                    if squares[at] > bound * shares[at]:
                        c, e = had_end[at] - had[at], scale * (due_end[at] - due[at])
                        ratio = c * np.log(c / e) if e > 0.0 else 0.0
                        if total > c:
                            ratio += (total - c) * np.log((total - c) / (total - e))
                        if ratio > best:
                            best, where = ratio, at
                            bound = 2.0 * best if tame else 0.0
            out[row, length], start[row, length] = best, where
            if best > highest:
                highest, longest = best, length
        wide = shortest + longest
        aside, rest, due_rest = _left_out(had, due, broken, scale, wide, start[row, longest], most, chosen[row])
        begins = np.sort(chosen[row, :aside, 0])
        level = rest / (scale * due_rest) if scale * due_rest > 0.0 else 0.0
        _take_meeting(had, due, broken, scale, shortest, begins, wide, sums)
        for length in range(lengths):
            square, cross, due_square, due_sum = sums[0, length], sums[1, length], sums[2, length], sums[3, length]
            chance = level * due_sum - level * level * due_square / rest if rest > 0.0 else 0.0
            beyond = square - 2.0 * level * cross + level * level * due_square
            dispersion[row, length] = beyond / chance if chance > 1e-9 and beyond > 0.0 else 0.0


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

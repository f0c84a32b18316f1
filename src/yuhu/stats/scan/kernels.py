"""The loops of the scan: the best window of each length, and change points."""

import numpy as np

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled


@compiled
def _left_out(
    had: Floats, due: Floats, broken: Ints, scale: float, width: int, first: int, most: int, chosen: Ints
) -> tuple[int, float, float]:
    """The strongest window and others of its length that do not meet, while they hold no more than a quarter of the bins; chosen (K, 2) where they begin and end.

    Returns how many, and the counts and expectation outside.
    """
    bins = had.size - 1
    is_out = np.zeros(bins, np.bool_)
    chosen[:] = -1
    room = min(most, max(1, (bins - broken[bins]) // (4 * width)))
    rest, due_rest, at, taken = had[bins], due[bins], first, 0
    while at >= 0 and taken < room:
        chosen[taken, 0], chosen[taken, 1] = at, at + width
        taken += 1
        is_out[at : at + width] = True
        rest -= had[at + width] - had[at]
        due_rest -= due[at + width] - due[at]
        best, at = 0.0, -1
        for place in range(bins - width + 1):
            if broken[place + width] == broken[place] and not is_out[place] and not is_out[place + width - 1]:
                e = scale * (due[place + width] - due[place])
                gap = had[place + width] - had[place] - e
                if gap > 0.0 and gap * gap > best * e:
                    best, at = gap * gap / e if e > 0.0 else 0.0, place
    return taken, rest, due_rest


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
    sums = np.zeros((lengths, 4))
    for row in range(rows):
        for at in range(bins):
            had[at + 1] = had[at] + counts[row, at]
            due[at + 1] = due[at] + expected[row, at]
        total, whole = had[bins], due[bins]
        scale = float(total / whole) if whole > 0.0 else 0.0
        highest, longest = -1.0, 0
        for length in range(lengths):
            width = shortest + length
            last = bins - width + 1
            had_end, due_end, broken_end = had[width:], due[width:], broken[width:]
            tame, cc, ce, ee, es = True, 0.0, 0.0, 0.0, 0.0
            for at in range(last):
                open_window = 1.0 if broken_end[at] == broken[at] else 0.0
                c = (had_end[at] - had[at]) * open_window
                e = scale * (due_end[at] - due[at]) * open_window
                gap = c - e
                shares[at] = e * (total - e)
                squares[at] = gap * gap * total if gap > 0.0 else -1.0
                tame &= c + e <= total
                cc += c * c
                ce += c * e
                ee += e * e
                es += e
            best, where, bound = 0.0, -1, 0.0
            for at in range(last):
                # gap² total / 2 share bounds the ratio wherever c + e <= total: x (1 - x) is then nowhere smaller than at e
                if squares[at] > bound * shares[at]:
                    c, e = had_end[at] - had[at], scale * (due_end[at] - due[at])
                    ratio = c * np.log(c / e) if e > 0.0 else 0.0
                    if total > c:
                        ratio += (total - c) * np.log((total - c) / (total - e))
                    if ratio > best:
                        best, where = ratio, at
                        bound = 2.0 * best if tame else 0.0
            out[row, length], start[row, length] = best, where
            sums[length, 0], sums[length, 1], sums[length, 2], sums[length, 3] = cc, ce, ee, es
            if best > highest:
                highest, longest = best, length
        wide = shortest + longest
        aside, rest, due_rest = _left_out(had, due, broken, scale, wide, start[row, longest], most, chosen[row])
        begins = np.sort(chosen[row, :aside, 0])
        level = rest / (scale * due_rest) if scale * due_rest > 0.0 else 0.0
        for length in range(lengths):
            width = shortest + length
            square, cross, due_square, due_sum = sums[length, 0], sums[length, 1], sums[length, 2], sums[length, 3]
            done, last = 0, bins - width + 1
            for place in range(aside):
                for at in range(max(done, begins[place] - width + 1), min(begins[place] + wide, last)):
                    if broken[at + width] == broken[at]:
                        c, e = had[at + width] - had[at], scale * (due[at + width] - due[at])
                        square -= c * c
                        cross -= c * e
                        due_square -= e * e
                        due_sum -= e
                done = max(done, begins[place] + wide)
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

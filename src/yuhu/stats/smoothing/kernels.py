"""The loop of the local likelihood: a log-linear rate about each of some places."""

import numpy as np

from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.compiled import compiled


@compiled
def local_fits(
    counts: Floats, exposure: Floats, centre: Floats, first: Ints, last: Ints, reach: float, pull: float, keep_out: bool, out: Floats
) -> None:
    """Local log-linear Poisson fits.

    counts, exposure (T,), exposure 0 where a step does not speak; centre (M,) places in steps; first, last (M,) the steps [first, last) of each place;
    reach the half width of Epanechnikov's kernel; pull the penalty on half the squared slope over one reach; keep_out leaves a place's own steps out.
    out (M, 4): rate at the centre, variance of its log, influence of the place's own counts on its rate (leverage), weighted exposure. A place without responses in
    reach has the rate 0 and the variance 0.
    """
    bins = counts.size
    for place in range(centre.size):
        low, high = max(0, int(np.ceil(centre[place] - reach))), min(bins - 1, int(np.floor(centre[place] + reach)))
        had, due = 0.0, 0.0
        for at in range(low, high + 1):
            if exposure[at] > 0.0 and not (keep_out and first[place] <= at < last[place]):
                far = (at - centre[place]) / reach
                weight = 1.0 - far * far
                had += weight * counts[at]
                due += weight * exposure[at]
        out[place, 0], out[place, 1], out[place, 2], out[place, 3] = 0.0, 0.0, 0.0, due
        if had <= 0.0 or due <= 0.0:
            continue
        level, slope = np.log(had / due), 0.0
        a, b, c, aa, bb, cc, own = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for step in range(12):
            a, b, c, aa, bb, cc, up, turn = 0.0, 0.0, pull, 0.0, 0.0, 0.0, 0.0, -pull * slope
            for at in range(low, high + 1):
                if exposure[at] > 0.0 and not (keep_out and first[place] <= at < last[place]):
                    far = (at - centre[place]) / reach
                    weight = 1.0 - far * far
                    mean = exposure[at] * np.exp(level + slope * far)
                    up += weight * (counts[at] - mean)
                    turn += weight * far * (counts[at] - mean)
                    each = weight * mean
                    a += each
                    b += each * far
                    c += each * far * far
                    twice = weight * each
                    aa += twice
                    bb += twice * far
                    cc += twice * far * far
            whole = a * c - b * b
            if whole <= 1e-300:
                break
            more_level, more_slope = (c * up - b * turn) / whole, (a * turn - b * up) / whole
            largest = max(abs(more_level), abs(more_slope))
            part = 1.0 if largest <= 2.0 else 2.0 / largest
            if largest < 1e-7 or step == 11:
                break
            level += part * more_level
            slope += part * more_slope
        whole = a * c - b * b
        if whole <= 1e-300:
            continue
        out[place, 0] = np.exp(level)
        out[place, 1] = (c * c * aa - 2.0 * b * c * bb + b * b * cc) / (whole * whole)
        for at in range(max(low, first[place]), min(high + 1, last[place])):
            far = (at - centre[place]) / reach
            own += exposure[at] * (1.0 - far * far) * (c - b * far) / whole
        out[place, 2] = own * out[place, 0]

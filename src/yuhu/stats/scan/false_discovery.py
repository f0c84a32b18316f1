"""Errors over many videos: the false discovery rate."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats


def benjamini_hochberg(ps: npt.ArrayLike) -> Floats:
    """Values of p adjusted for the false discovery rate.

    Parameters
    ----------
    ps : (V,) float in [0, 1]
        One for each video: that of its strongest window.

    Returns
    -------
    (V,) float
        Reject those at most q, and no more than q of them are false on average.

    Raises
    ------
    YuhuError
        YH303 a p outside [0, 1].

    Notes
    -----
    O(V log V). Holds for independent p values and those that go together. Source: benjamini1995.
    """
    values = np.atleast_1d(np.asarray(ps, np.float64))
    if not bool(np.all((values >= 0) & (values <= 1))):
        raise YuhuError(
            "YH303",
            "a p lies outside [0, 1]",
            facts={"found": values[~((values >= 0) & (values <= 1))][0]},
            fix="leave videos without a test out",
        )
    order = np.argsort(values, kind="stable")
    raised = values[order] * values.size / np.arange(1, values.size + 1)
    out = np.empty(values.size)
    out[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return out

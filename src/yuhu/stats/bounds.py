"""Bounds that hold whatever was not seen."""

import numpy as np

from yuhu.core.errors import YuhuError
from yuhu.stats.arrays import Floats, Ints


def export_bounds(share: Floats, n: Ints, total: Ints) -> tuple[Floats, Floats]:
    """Smallest and largest share among all messages that the platform counts, from the share among those exported.

    Parameters
    ----------
    share : (K,) float in [0, 1]
        Share among the exported messages.
    n : (K,) int
        Messages exported.
    total : (K,) int
        The platform's own total; where it is below `n` the export is taken for whole.

    Returns
    -------
    low, high : (K,) float
        ``p·n/T`` and ``p·n/T + 1 − n/T``: what was not exported may all lack the code, or all have it.

    Raises
    ------
    YuhuError
        YH303 a share lies outside [0, 1], or a count is negative.

    Notes
    -----
    O(K). No interval in the sense of sampling: the bounds are certain as long as the total is right, and say nothing of messages that were
    removed before they were counted. Source: manski2003partial.
    """
    share, n, total = np.asarray(share, float), np.asarray(n, float), np.asarray(total, float)
    if share.size and (np.any((share < 0) | (share > 1)) or np.any(n < 0)):
        raise YuhuError(
            "YH303", "a share lies outside [0, 1] or a count is negative", fix="give shares of the messages exported, and their number"
        )
    covered = np.where(total > n, n / np.maximum(total, 1), 1.0)
    low = share * covered
    return low, np.maximum(np.minimum(low + 1 - covered, 1.0), share)

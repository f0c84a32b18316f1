"""Two groups compared within strata."""

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError


def mantel_haenszel(hits: npt.ArrayLike, units: npt.ArrayLike) -> tuple[float | None, float | None]:
    """Difference and ratio of two shares within strata, put together with the weights of Mantel and Haenszel.

    Parameters
    ----------
    hits, units : (2, K) float >= 0
        Units with the code, and all units, of the first and the second group in each stratum.

    Returns
    -------
    tuple of float or None
        ``Σ (a n₀ − c n₁)/n / Σ n₁ n₀/n`` and ``Σ a n₀/n / Σ c n₁/n``; None where no stratum holds both groups, and the ratio where the second has no hit.

    Raises
    ------
    YuhuError
        YH301 the arrays differ in shape.

    Notes
    -----
    O(K). Right for many small strata; sources: mantel1959, greenland1985.
    """
    found, whole = np.asarray(hits, np.float64), np.asarray(units, np.float64)
    if found.shape != whole.shape or found.ndim != 2 or found.shape[0] != 2:
        raise YuhuError(
            "YH301", "hits and units differ in shape", facts={"hits": found.shape, "units": whole.shape}, fix="two arrays (2, K)"
        )
    n = np.maximum(whole.sum(axis=0), 1)
    both = float((whole[0] * whole[1] / n).sum())
    if not both:
        return None, None
    first, second = float((found[0] * whole[1] / n).sum()), float((found[1] * whole[0] / n).sum())
    return (first - second) / both, first / second if second else None

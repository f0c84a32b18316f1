"""Whether events follow a model: in the model's own time they come independently, at rate 1."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from yuhu.stats.arrays import Floats

_LAGS = 20
_QUANTILES = 100
_LEAST = 10


@dataclass(frozen=True)
class Goodness:
    """Fit of the chosen model.

    Parameters
    ----------
    ks : float
        Largest distance between the distribution of the steps of the model's time and the exponential one.
    ks_p : float
        Its chance if the parameters had been known: too large, since they were fitted to the same events.
    ks_p_bootstrap : float or None
        Its chance by simulating from the fitted model and fitting anew; none without `draws`.
    ljung_box : float
        Sum over the lags of how much steps depend on those before.
    lags : int
        How many.
    ljung_box_p : float
        Its chance under chi-squared.
    ljung_box_p_bootstrap : float or None
        As for `ks_p_bootstrap`.
    qq : (2, Q) float
        Quantiles expected, and found.
    draws : int
        Rounds of the bootstrap.
    """

    ks: float
    ks_p: float
    ks_p_bootstrap: float | None
    ljung_box: float
    lags: int
    ljung_box_p: float
    ljung_box_p_bootstrap: float | None
    qq: Floats
    draws: int


def goodness(steps: Floats, simulated: Floats) -> Goodness | None:
    """Tests of the steps of the model's time.

    Parameters
    ----------
    steps : (n,) float
        Differences of the compensator between events.
    simulated : (B, 2) float
        KS and Ljung-Box of simulated events, fitted anew; B may be 0.

    Returns
    -------
    Goodness or None
        None below 10 events.

    Notes
    -----
    O(n log n). Sources: ogata1988; brown2002 (time rescaling); ljung1978.
    """
    if steps.size < _LEAST:
        return None
    ordered = np.sort(steps)
    ks, ljung_box, lags = distances(steps, ordered)
    share = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    return Goodness(
        ks,
        float(special.kolmogorov(ks * np.sqrt(steps.size))),
        _chance(simulated[:, 0], ks),
        ljung_box,
        lags,
        float(special.chdtrc(lags, ljung_box)),
        _chance(simulated[:, 1], ljung_box),
        np.stack([-np.log1p(-share), np.interp(share * (steps.size - 1), np.arange(steps.size), ordered)]),
        simulated.shape[0],
    )


def distances(steps: Floats, ordered: Floats) -> tuple[float, float, int]:
    """Kolmogorov and Smirnov's distance from the exponential law, Ljung and Box's sum, and its lags; `ordered` are the steps sorted."""
    from yuhu.stats.hawkes.recursion import lagged

    n = steps.size
    level = -np.expm1(-ordered)
    rank = np.arange(n)
    ks = max(float(((rank + 1) / n - level).max()), float((level - rank / n).max()))
    lags = max(1, min(_LAGS, n // 5))
    products = np.empty(lags + 1)
    lagged(steps - steps.mean(), products)
    if products[0] <= 0:
        return ks, 0.0, lags
    return ks, float(n * (n + 2) * np.sum((products[1:] / products[0]) ** 2 / (n - np.arange(1, lags + 1)))), lags


def _chance(simulated: Floats, found: float) -> float | None:
    return None if simulated.size == 0 else float(1 + np.sum(simulated >= found)) / (simulated.size + 1)

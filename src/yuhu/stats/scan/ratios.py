"""The size of a window: its rate by the rate outside, and which ratios the likelihood keeps."""

import numpy as np
from scipy import optimize


def ratios_kept(count: float, expected: float, total: float, limit: float) -> tuple[float | None, float, float]:
    """Rate inside by rate outside, and the ratios that the likelihood keeps: those whose log likelihood lies no more than `limit` below the best."""
    if not 0 < expected < total or count >= total:
        return None, 0.0, 0.0
    inside, outside = expected / total, 1 - expected / total
    value = (count / inside) / ((total - count) / outside)

    def short(log_ratio: float) -> float:
        share = inside * np.exp(log_ratio) / (inside * np.exp(log_ratio) + outside)
        best = count * np.log(count / total) + (total - count) * np.log(1 - count / total)
        return float(best - count * np.log(share) - (total - count) * np.log1p(-share) - limit)

    middle = float(np.log(value))
    low = optimize.brentq(short, middle - 30, middle) if short(middle - 30) > 0 else middle - 30
    high = optimize.brentq(short, middle, middle + 30) if short(middle + 30) > 0 else middle + 30
    return value, float(np.exp(low)), float(np.exp(high))

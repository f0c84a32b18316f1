"""Events that draw events, on wall-clock time, over a baseline that may change by the hour and follow the views.

Without a flexible baseline every rise and fall of interest looks like contagion. When not to believe a fit stands in docs/moments-statistics.md.
"""

from yuhu.stats.hawkes.baseline import Baseline, constant, day_night, steps
from yuhu.stats.hawkes.fitting import Hawkes, Spread, fit, log_likelihood
from yuhu.stats.hawkes.goodness import Goodness
from yuhu.stats.hawkes.simulating import simulate

__all__ = ["Baseline", "Goodness", "Hawkes", "Spread", "constant", "day_night", "fit", "log_likelihood", "simulate", "steps"]

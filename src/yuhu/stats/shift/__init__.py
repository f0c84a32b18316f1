"""Event studies within videos: what followed a strategy, by circular shifts."""

from yuhu.stats.shift.dose import DoseResponse, dose_response
from yuhu.stats.shift.heterogeneity import Heterogeneity, random_effects
from yuhu.stats.shift.lags import GammaKernel, LagKernel, gamma_kernel, lag_kernel
from yuhu.stats.shift.preparing import ShiftDesign
from yuhu.stats.shift.series import LagWindows, VideoSeries
from yuhu.stats.shift.testing import ShiftResult, StrategyEffect, circular_shift_test, circular_shift_tests

__all__ = [
    "DoseResponse",
    "GammaKernel",
    "Heterogeneity",
    "LagKernel",
    "LagWindows",
    "ShiftDesign",
    "ShiftResult",
    "StrategyEffect",
    "VideoSeries",
    "circular_shift_test",
    "circular_shift_tests",
    "dose_response",
    "gamma_kernel",
    "lag_kernel",
    "random_effects",
]

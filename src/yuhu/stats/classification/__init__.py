"""How well a machine coder codes, from a probability sample that people coded: rates, F1, calibration, equality across groups."""

from yuhu.stats.classification.calibration import Calibration, ReliabilityBin, calibration
from yuhu.stats.classification.equality import RateTest, equal_rates
from yuhu.stats.classification.rates import Confusion, ErrorRates, confusion, error_rates
from yuhu.stats.classification.scores import F1Scores, f1_scores

__all__ = [
    "Calibration",
    "Confusion",
    "ErrorRates",
    "F1Scores",
    "RateTest",
    "ReliabilityBin",
    "calibration",
    "confusion",
    "equal_rates",
    "error_rates",
    "f1_scores",
]

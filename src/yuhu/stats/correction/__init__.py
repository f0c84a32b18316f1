"""Estimates that hold whatever a machine coder gets wrong.

The machine codes all units, people code a sample drawn with known chances, and each estimate is the machine's plus what the sample shows
it to be wrong by. Which function answers what stands in docs/correction.md.
"""

from yuhu.stats.correction.difference import corrected_difference
from yuhu.stats.correction.mean import corrected_mean
from yuhu.stats.correction.planning import Pilot, Plan, pilot_of, plan_difference, plan_mean
from yuhu.stats.correction.rare import Rarity, rarity
from yuhu.stats.correction.regression import Regression, corrected_logit, corrected_ols
from yuhu.stats.correction.rogan_gladen import rogan_gladen
from yuhu.stats.correction.several_coders import GoldSensitivity, gold_sensitivity
from yuhu.stats.correction.two_sample import ppi_mean

__all__ = [
    "GoldSensitivity",
    "Pilot",
    "Plan",
    "Rarity",
    "Regression",
    "corrected_difference",
    "corrected_logit",
    "corrected_mean",
    "corrected_ols",
    "gold_sensitivity",
    "pilot_of",
    "plan_difference",
    "plan_mean",
    "ppi_mean",
    "rarity",
    "rogan_gladen",
]

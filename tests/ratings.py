"""Ratings with a known alpha, and the designs in which intervals are tried.

The model: a unit has a true value, drawn with the chances of the design, and an ease s, drawn from Beta(4, b). Each coder sees the true value
with chance s, else says a value drawn with the same chances, independently of all else. Two coders then agree as by chance unless both see, so
that observed disagreement is (1 - E[s²]) times expected disagreement under every metric: alpha of the population is E[s²], whatever the
prevalence and the level. Units differ in ease, which is what makes the pairs of one unit dependent.
"""

import math
from dataclasses import dataclass

import numpy as np

SHAPE = 4.0


def beta_for(alpha):
    """Second parameter of the Beta law of ease, so that E[s²] = alpha."""
    product = SHAPE * (SHAPE + 1) / alpha
    return (-(2 * SHAPE + 1) + math.sqrt(1 + 4 * product)) / 2


@dataclass(frozen=True)
class Design:
    units: int
    coders: int
    chances: tuple[float, ...]
    alpha: float = 0.745
    missing: float = 0.0
    level: str = "nominal"


DESIGNS = {
    "N=50, 3 coders, 2 values 50/50": Design(50, 3, (0.5, 0.5)),
    "N=100, 3, prevalence .10": Design(100, 3, (0.9, 0.1)),
    "N=200, 3, prevalence .05": Design(200, 3, (0.95, 0.05)),
    "N=100, 3, 5 values, 15 % missing": Design(100, 3, (0.2,) * 5, alpha=0.667, missing=0.15),
    "N=200, 2, prevalence .20": Design(200, 2, (0.8, 0.2)),
    "N=300, 5, 4 values": Design(300, 5, (0.25,) * 4),
    "N=1000, 3, prevalence .05": Design(1000, 3, (0.95, 0.05)),
}
"""The seven designs of the specification."""


def seen(rng, chances, ease, coders):
    """(coders, units) ratings of units with some ease."""
    values = np.arange(len(chances))
    truth = rng.choice(values, ease.size, p=chances)
    guess = rng.choice(values, (coders, ease.size), p=chances)
    return np.where(rng.random((coders, ease.size)) < ease, truth, guess).astype(float)


def rated(rng, design):
    """Ratings of one study."""
    ease = rng.beta(SHAPE, beta_for(design.alpha), design.units)
    ratings = seen(rng, design.chances, ease, design.coders)
    ratings[rng.random(ratings.shape) < design.missing] = np.nan
    return ratings


def videos(rng, *, number, units, spread):
    """Ratings of three coders and the video of each unit: units of one video are about as easy, so that they come together."""
    own = rng.beta(SHAPE, beta_for(0.745), number)
    ease = np.where(rng.random((number, units)) < spread, rng.beta(SHAPE, beta_for(0.745), (number, units)), own[:, None]).ravel()
    return seen(rng, (0.7, 0.3), ease, 3), np.repeat(np.arange(number), units)


def enriched(rng, *, population=4000, share=0.04):
    """Ratings of an enriched sample, and the inverse chance of each unit: likely positives are drawn ten times as often."""
    ratings = seen(rng, (1 - share, share), rng.beta(SHAPE, beta_for(0.745), population), 3)
    likely = np.where(rng.random(population) < 0.9, ratings[0], 1 - ratings[0]) == 1
    chance = np.where(likely, 0.5, 0.05)
    drawn = rng.random(population) < chance
    return ratings[1:, drawn], 1 / chance[drawn]

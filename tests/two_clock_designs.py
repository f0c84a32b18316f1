"""Videos whose contagion is known, with all conditions of the model or with one of them broken; for tests and the table of docs/moments-statistics.md."""

import numpy as np

from yuhu.stats import two_clock

SECONDS, COHORTS = 180, 40
PLACE, COHORT = np.arange(SECONDS), np.arange(COHORTS)
PEAKS = 0.008 * sum(np.exp(-0.5 * ((PLACE - peak) / 4) ** 2) for peak in (40, 95, 150))
FLAT = 0.0021
EXPOSURE, VIEWS = np.exp(-PLACE / 250), np.full(COHORTS, 1000.0)
SCREEN = two_clock.Screen(pool_cohorts=10)
PULLS = {"none": 0.0, "weak": 2.45e-5, "middle": 5.2e-5, "strong": 10.3e-5}

GROWING = VIEWS * (0.5 + COHORT / (COHORTS - 1))
HOLDS = {
    "no contagion": {},
    "weak": {"pull": "weak"},
    "middle": {"pull": "middle"},
    "strong": {"pull": "strong"},
    "middle, overdispersed, Gamma k = 4": {"pull": "middle", "overdispersion": 0.25},
    "none, overdispersed, Gamma k = 4": {"overdispersion": 0.25},
}
"""Designs under which the share is right."""
RETENTION = {
    "middle, retention taken to be flat": {"pull": "middle", "exposure": np.ones(SECONDS)},
    "middle, retention taken to fall four times as fast": {"pull": "middle", "exposure": np.exp(-PLACE / 60)},
}
"""Wrong retention: most of it goes into the stimulus."""
BROKEN = {
    "none, later fans react more to peaks": {"factor": 0.4 + 1.2 * COHORT / (COHORTS - 1)},
    "none, early fans react more to peaks": {"factor": 1.6 - 1.2 * COHORT / (COHORTS - 1)},
    "none, first quarter reacts half as much": {"factor": np.where(COHORT < COHORTS // 4, 0.5, 1.0)},
    "none, views grow and are taken to be equal": {"true_views": GROWING},
    "middle, views grow and are taken to be equal": {"pull": "middle", "true_views": GROWING},
}
"""Designs under which it is wrong, whatever the likelihood ratio says."""
UNKNOWN = {
    "none, views unknown": {"views": None, "true_views": GROWING},
    "middle, views unknown": {"pull": "middle", "views": None, "true_views": GROWING},
}


def drawn(seed, pull="none", factor=None, true_views=VIEWS, overdispersion=0.0, **_):
    """Counts and the true share."""
    stimulus = FLAT + PEAKS if factor is None else FLAT + PEAKS * factor[:, None]
    return two_clock.simulate(
        stimulus, response=PULLS[pull], exposure=EXPOSURE, views=true_views, screen=SCREEN, overdispersion=overdispersion, seed=seed
    )


def fitted(seed, draws=199, exposure=EXPOSURE, views=VIEWS, **design):
    """The fit and the true share."""
    counts, share = drawn(seed, **design)
    return two_clock.fit(counts, exposure=exposure, views=views, screen=SCREEN, draws=draws), share


def by_em(counts, mass, seen, rounds):
    """Multiplicative EM as methods 4.6 writes it."""
    stimulus, pull = counts.sum(axis=0) / mass.sum(axis=0), 1e-5
    for _ in range(rounds):
        ratio = counts / (stimulus + pull * seen)
        stimulus, pull = stimulus * ratio.sum(axis=0) / mass.sum(axis=0), pull * (seen * ratio).sum() / (mass * seen).sum()
    rate = mass * (stimulus + pull * seen)
    return stimulus, pull, float((counts * np.log(rate) - rate).sum())

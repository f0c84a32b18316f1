"""Studies with a known truth: every unit has a code, a machine that errs in known ways, and gold drawn with known chances."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

UNITS = 20_000
QUALITIES = {  # sensitivity in groups 0 and 1, false positive rate in groups 0 and 1
    "poor": ((0.55, 0.70), (0.20, 0.35)),
    "88 %": ((0.80, 0.90), (0.06, 0.18)),
    "excellent": ((0.95, 0.97), (0.02, 0.03)),
}


@dataclass(frozen=True)
class Study:
    """All that was said of each unit."""

    truth: np.ndarray
    machine: np.ndarray
    group: np.ndarray
    gold: np.ndarray
    chance: np.ndarray
    stratum: np.ndarray | None = None
    cluster: np.ndarray | None = None

    @property
    def difference(self):
        return self.truth[self.group == 1].mean() - self.truth[self.group == 0].mean()

    @property
    def log_odds(self):
        shares = [self.truth[self.group == k].mean() for k in (0, 1)]
        return float(np.log(shares[1] / (1 - shares[1])) - np.log(shares[0] / (1 - shares[0])))

    @property
    def x(self):
        return np.stack([np.ones(self.truth.size), self.group], axis=1).astype(float)


def codes(rng, truth, group, quality):
    """Codes of a machine whose errors depend on the group."""
    (sens0, sens1), (false0, false1) = quality
    chance = np.where(truth == 1, np.where(group == 1, sens1, sens0), np.where(group == 1, false1, false0))
    return (rng.random(truth.size) < chance).astype(float)


def drawn(truth, at):
    gold = np.full(truth.size, np.nan)
    gold[at] = truth[at]
    return gold


def simple(rng, *, n=500, share=0.2386, quality="88 %", effect=0.0, units=UNITS):
    """A simple random sample of n; methods 3.3 with the defaults: two fifths of the units are in group 1, and 88 % of the codes are right."""
    group = (rng.random(units) < 0.4).astype(int)
    truth = (rng.random(units) < np.clip(share + effect * (group - 0.5), 0, 1)).astype(float)
    machine = codes(rng, truth, group, QUALITIES[quality] if isinstance(quality, str) else quality)
    return Study(truth, machine, group, drawn(truth, rng.choice(units, n, replace=False)), np.full(units, n / units))


def by_prediction(rng, *, n=500, quality="88 %", share=0.2386, units=UNITS):
    """Strata by group and predicted label; predicted positives drawn with three times the chance; sizes fixed."""
    study = simple(rng, n=2, quality=quality, share=share, units=units)
    stratum = (2 * study.group + study.machine).astype(int)
    weight = np.where(study.machine == 1, 3.0, 1.0)
    chance, at = np.empty(units), []
    for k in range(4):
        own = np.flatnonzero(stratum == k)
        take = min(own.size, round(n * weight[own].sum() / weight.sum()))
        chance[own] = take / own.size
        at.append(rng.choice(own, take, replace=False))
    return Study(study.truth, study.machine, study.group, drawn(study.truth, np.concatenate(at)), chance, stratum)


def poisson(rng, *, n=500, quality="88 %", units=UNITS):
    """Each unit drawn for itself, likely positives more often; the number of gold units is left to chance."""
    study = simple(rng, n=2, quality=quality, units=units)
    size = np.where(rng.random(units) < np.where(study.machine == 1, 0.8, 0.3), 3.0, 1.0)
    chance = n * size / size.sum()
    return Study(study.truth, study.machine, study.group, drawn(study.truth, np.flatnonzero(rng.random(units) < chance)), chance)


def enriched(rng, *, each=100, shares=(0.08, 0.12), recall=0.90, false=0.01, units=UNITS):
    """Half of gold where the machine says yes, so that false negatives weigh most and are hardly ever seen: `each` units of both labels."""
    group = rng.integers(0, 2, units)
    truth = (rng.random(units) < np.where(group == 1, shares[1], shares[0])).astype(float)
    machine = (rng.random(units) < np.where(truth == 1, recall, false)).astype(float)
    gold, chance = np.full(units, np.nan), np.zeros(units)
    for label in (0, 1):
        own = np.flatnonzero(machine == label)
        chance[own] = each / own.size
        at = rng.choice(own, each, replace=False)
        gold[at] = truth[at]
    return Study(truth, machine, group, gold, chance)


def videos(rng, *, number=60, each=300, n=600, between=False, sizes=False, spread=0.6):
    """Videos that differ in prevalence and in how well they are coded; methods 3.6 with the defaults. Truth is the superpopulation's."""
    of_video = rng.normal(-1.3, spread, number)
    counts = np.full(number, each)
    if sizes:
        counts = np.maximum(30, np.round(each * rng.lognormal(0, 0.6, number))).astype(int)
    cluster = np.repeat(np.arange(number), counts)
    group = (cluster % 2) if between else rng.integers(0, 2, cluster.size)
    truth = (rng.random(cluster.size) < expit(of_video)[cluster]).astype(float)
    sens, false = rng.uniform(0.7, 0.95, number)[cluster], rng.uniform(0.02, 0.2, number)[cluster]
    machine = (rng.random(cluster.size) < np.where(truth == 1, sens, false)).astype(float)
    at = rng.choice(cluster.size, n, replace=False)
    return Study(truth, machine, group, drawn(truth, at), np.full(cluster.size, n / cluster.size), None, cluster)


def mean_of_videos(spread=0.6):
    """Prevalence among all videos that might have been: Gauss-Hermite."""
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(weights @ expit(-1.3 + spread * points) / weights.sum())


def steps(rng, *, n=400):
    """A code with steps 0, 1, 2 and a machine that is sometimes one step off."""
    group = rng.integers(0, 2, UNITS)
    truth = rng.choice(3, UNITS, p=(0.6, 0.28, 0.12)).astype(float)
    off = rng.choice((-1, 0, 1), UNITS, p=(0.06, 0.74, 0.2))
    machine = np.clip(truth + off * (1 - 0.5 * group), 0, 2)
    return Study(truth, machine, group, drawn(truth, rng.choice(UNITS, n, replace=False)), np.full(UNITS, n / UNITS))

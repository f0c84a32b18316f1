"""Do the intervals hold the truth? Studies with a known alpha, by the model of ratings.py; the table stands in docs/agreement.md."""

from functools import partial

import numpy as np
import pytest

from ratings import DESIGNS, enriched, rated, videos
from yuhu.core.randomness import generator
from yuhu.stats.agreement import (
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
    specific_agreement,
)
from yuhu.stats.agreement.coincidences import hayes_draws
from yuhu.stats.agreement.patterns import pairable
from yuhu.stats.agreement.ratings import checked_ratings
from yuhu.stats.agreement.units import units_of

ROUNDS = 2000


def covered(rounds, truth, draw):
    """Share of studies whose interval holds the truth, mean width, and studies without an interval."""
    found = [draw(np.random.default_rng([7, seed])) for seed in range(rounds)]
    ends = np.array([(each.low, each.high) for each in found if each.low is not None])
    return float(((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean()), float((ends[:, 1] - ends[:, 0]).mean()), rounds - len(ends)


def of_alpha(design, interval, draws, rng):
    ratings, seed = rated(rng, design), int(rng.integers(1 << 31))  # one seed for all studies would give all of them the same draws
    values = range(len(design.chances))
    return krippendorff_alpha(ratings, level=design.level, values=values, interval=interval, draws=draws, seed=seed)


def of_hayes(design, capped, rounds):
    """Coverage and width of Hayes and Krippendorff's interval."""
    hits, widths = 0, 0.0
    for seed in range(rounds):
        rng = np.random.default_rng([7, seed])
        known = checked_ratings(rated(rng, design), level=design.level, values=range(len(design.chances)))
        patterns = pairable(units_of(known).by_count)
        draws, _ = hayes_draws(patterns, known, design.level, draws=1000, capped=capped, generator=generator(seed, "coverage"))
        low, high = np.quantile(draws, [0.025, 0.975])
        hits += low <= design.alpha <= high
        widths += high - low
    return hits / rounds, widths / rounds


@pytest.mark.parametrize("name", ["N=50, 3 coders, 2 values 50/50", "N=100, 3, 5 values, 15 % missing", "N=200, 2, prevalence .20"])
def test_the_default_covers_fast(name):
    # 300 rounds at .95: three binomial standard errors are .038
    share, _, missing = covered(300, DESIGNS[name].alpha, partial(of_alpha, DESIGNS[name], "jackknife", 100))
    assert 0.912 <= share <= 0.988
    assert missing == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_alpha(name):
    design = DESIGNS[name]
    log, width, missing = covered(ROUNDS, design.alpha, partial(of_alpha, design, "jackknife", 100))
    bootstrap, wide, absent = covered(ROUNDS, design.alpha, partial(of_alpha, design, "bootstrap", 2000))
    pairs, narrow = of_hayes(design, capped=False, rounds=ROUNDS)
    capped, odd = of_hayes(design, capped=True, rounds=ROUNDS)
    row = f"| {name} | {log:.4f} ({width:.2f}) | {bootstrap:.4f} ({wide:.2f}) | {pairs:.4f} ({narrow:.2f}) | {capped:.4f} ({odd:.2f}) |"
    print(row, missing, absent)  # noqa: T201 - this table is what the run is for
    assert (missing, absent) == (0, 0)
    assert 0.935 <= log <= 0.965
    assert 0.92 <= bootstrap <= 0.97
    if design.coders > 2:
        assert pairs < 0.90


RARE, MANY = DESIGNS["N=100, 3, prevalence .10"], DESIGNS["N=100, 3, 5 values, 15 % missing"]
PAIR = DESIGNS["N=200, 2, prevalence .20"]


def agree(design):
    return design.alpha + (1 - design.alpha) * sum(chance**2 for chance in design.chances)


def ac1(design):
    chance = sum(share * (1 - share) for share in design.chances) / (len(design.chances) - 1)
    return (agree(design) - chance) / (1 - chance)


OTHERS = {
    "AC1, prevalence .10, jackknife": (ac1(RARE), lambda rng: gwet_ac1(rated(rng, RARE), values=(0, 1))),
    "AC1, prevalence .10, gwet": (ac1(RARE), lambda rng: gwet_ac1(rated(rng, RARE), values=(0, 1), interval="gwet")),
    "AC1, 5 values, 15 % missing, jackknife": (ac1(MANY), lambda rng: gwet_ac1(rated(rng, MANY), values=range(5))),
    "Fleiss, 5 values, 15 % missing, jackknife": (MANY.alpha, lambda rng: fleiss_kappa(rated(rng, MANY), values=range(5))),
    "Conger, 5 values, 15 % missing, jackknife": (MANY.alpha, lambda rng: conger_kappa(rated(rng, MANY), values=range(5))),
    "Cohen, 2 coders, prevalence .20, jackknife": (PAIR.alpha, lambda rng: cohen_kappa(rated(rng, PAIR), values=(0, 1))),
    "percent agreement, prevalence .10, jackknife": (agree(RARE), lambda rng: percent_agreement(rated(rng, RARE))),
    "positive agreement, prevalence .10, jackknife": (
        RARE.alpha + (1 - RARE.alpha) * 0.1,
        lambda rng: specific_agreement(rated(rng, RARE), value=1, values=(0, 1)),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_other_coefficients(name):
    truth, draw = OTHERS[name]
    share, width, missing = covered(ROUNDS, truth, draw)
    print(f"| {name} | {share:.4f} ({width:.2f}) | {missing}")  # noqa: T201
    assert 0.92 <= share <= 0.98


def of_videos(number, interval, rng):
    ratings, video = videos(rng, number=number, units=20, spread=0.5)
    seed = int(rng.integers(1 << 31))
    return krippendorff_alpha(ratings, level="nominal", cluster=video, interval=interval, draws=1000, seed=seed)


def ignoring_videos(rng):
    return krippendorff_alpha(videos(rng, number=30, units=20, spread=0.5)[0], level="nominal", draws=100)


def of_enriched(share, rng):
    ratings, weights = enriched(rng, share=share)
    return krippendorff_alpha(ratings, level="nominal", weights=weights, draws=100)


STRUCTURED = {
    "30 videos of 20, jackknife of videos": partial(of_videos, 30, "jackknife"),
    "30 videos of 20, bootstrap of videos": partial(of_videos, 30, "video"),
    "12 videos of 20, jackknife of videos": partial(of_videos, 12, "jackknife"),
    "12 videos of 20, bootstrap of videos": partial(of_videos, 12, "video"),
    "30 videos of 20, units taken for independent": ignoring_videos,
    "enriched sample with weights, prevalence .15": partial(of_enriched, 0.15),
    "enriched sample with weights, prevalence .04": partial(of_enriched, 0.04),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STRUCTURED)
def test_structured_samples(name):
    share, width, missing = covered(ROUNDS, 0.745, STRUCTURED[name])
    print(f"| {name} | {share:.4f} ({width:.2f}) | {missing}")  # noqa: T201
    if "independent" not in name:
        assert 0.88 <= share <= 0.985

"""Agreement straight from its definitions: pair by pair, unit by unit, slowly. What the program computes from patterns must equal this."""

import itertools
import math

import numpy as np


def pairs(column):
    """Ordered pairs of different coders' ratings of one unit."""
    given = column[~np.isnan(column)]
    return [(given[i], given[j]) for i in range(given.size) for j in range(given.size) if i != j]


def distance_of(level, used):
    """Squared difference of two values; `used` maps each value to how often it was given in units with two ratings."""

    def ordinal(c, k):
        low, high = min(c, k), max(c, k)
        between = sum(number for value, number in used.items() if low <= value <= high)
        return (between - (used[low] + used[high]) / 2) ** 2 if c != k else 0.0

    return {
        "nominal": lambda c, k: float(c != k),
        "ordinal": ordinal,
        "interval": lambda c, k: (c - k) ** 2,
        "ratio": lambda c, k: ((c - k) / (c + k)) ** 2 if c + k else 0.0,
    }[level]


def alpha(ratings, level, weights=None):
    """Krippendorff's alpha; each value weighs as its unit, and is paired with every other value."""
    weights = np.ones(ratings.shape[1]) if weights is None else weights
    values, used = [], {}
    for column, weight in zip(ratings.T, weights, strict=True):
        given = column[~np.isnan(column)]
        if given.size >= 2:
            values += [(value, weight) for value in given]
    for value, weight in values:
        used[value] = used.get(value, 0) + weight
    if len(used) < 2:
        return math.nan
    apart = distance_of(level, used)
    total = sum(weight for _, weight in values)
    observed = 0.0
    for column, weight in zip(ratings.T, weights, strict=True):
        size = int((~np.isnan(column)).sum())
        if size >= 2:
            observed += weight * sum(apart(c, k) for c, k in pairs(column)) / (size - 1)
    chance = mass = 0.0
    for (c, v), (k, w) in itertools.permutations(values, 2):
        chance += v * w * apart(c, k)
        mass += v * w
    return 1 - (observed / total) / (chance / mass)


def shares(ratings, weights, values):
    """Mean over coded units of the share of each value."""
    found, total = np.zeros(len(values)), 0.0
    for column, weight in zip(ratings.T, weights, strict=True):
        given = column[~np.isnan(column)]
        if given.size:
            found += weight * np.array([(given == value).mean() for value in values])
            total += weight
    return found / total


def agreed(ratings, weights):
    """Mean over pairable units of the share of agreeing pairs."""
    found = total = 0.0
    for column, weight in zip(ratings.T, weights, strict=True):
        both = pairs(column)
        if both:
            found += weight * np.mean([c == k for c, k in both])
            total += weight
    return found / total if total else math.nan


def beyond(observed, chance):
    return (observed - chance) / (1 - chance) if chance < 1 - 1e-12 else math.nan


def gwet_ac1(ratings, values, weights):
    share = shares(ratings, weights, values)
    return beyond(agreed(ratings, weights), (share * (1 - share)).sum() / (len(values) - 1))


def fleiss(ratings, values, weights):
    share = shares(ratings, weights, values)
    return beyond(agreed(ratings, weights), (share**2).sum())


def conger(ratings, values, weights):
    own = []
    for row in ratings:
        there = ~np.isnan(row)
        if there.any():
            own.append([weights[there & (row == value)].sum() / weights[there].sum() for value in values])
    own = np.array(own)
    chance = np.mean([own[i] @ own[j] for i, j in itertools.permutations(range(len(own)), 2)])
    return beyond(agreed(ratings, weights), chance)


def cohen(ratings, values, weights):
    both = ~np.isnan(ratings).any(axis=0)
    two, weights = ratings[:, both], weights[both]
    own = np.array([[weights[row == value].sum() for value in values] for row in two]) / weights.sum()
    return beyond(weights[two[0] == two[1]].sum() / weights.sum(), own[0] @ own[1])


def scott(ratings, values, weights):
    both = ~np.isnan(ratings).any(axis=0)
    two, weights = ratings[:, both], weights[both]
    own = np.array([[weights[row == value].sum() for value in values] for row in two]) / weights.sum()
    return beyond(weights[two[0] == two[1]].sum() / weights.sum(), (own.mean(axis=0) ** 2).sum())


def specific(ratings, value, weights):
    hits = given = 0.0
    for column, weight in zip(ratings.T, weights, strict=True):
        size = int((~np.isnan(column)).sum())
        both = pairs(column)
        if both:
            hits += weight * sum(c == k == value for c, k in both) / (size - 1)
            given += weight * (column == value).sum()
    return hits / given if given else math.nan


def jackknife(statistic, ratings):
    """Standard error with one unit left out at a time."""
    n = ratings.shape[1]
    left = np.array([statistic(np.delete(ratings, at, axis=1)) for at in range(n)])
    return math.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())

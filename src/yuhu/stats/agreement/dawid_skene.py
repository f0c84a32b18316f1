"""Dawid and Skene's model: how often each coder says what when the truth is something else. A diagnostic, never gold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yuhu.core.errors import YuhuError
from yuhu.stats.agreement.alpha import Values
from yuhu.stats.agreement.patterns import Patterns, coder_patterns
from yuhu.stats.agreement.ratings import MISSING, checked_ratings
from yuhu.stats.arrays import Floats, Ints, equal_lengths

LEAST_CODERS = 4
_NOTHING = 1e-300


@dataclass(frozen=True)
class DawidSkene:
    """A fitted model.

    Parameters
    ----------
    values : (K,) float
        Values in ascending order.
    prior : (K,) float
        Share of units of each true value.
    confusion : (C, K, K) float
        ``confusion[i, k, l]``: chance that coder i says l of a unit whose true value is k.
    posterior : (N, K) float
        Chance of each value for each unit; NaN for a unit that nobody coded.
    log_likelihood : float
        Natural logarithm, of the codings at hand.
    rounds : int
        Steps of the EM algorithm.
    converged : bool
        Whether it came to rest.
    caution : str
        A key of `REASONS`: ``few_coders`` below 4 coders, where the model cannot be told from others, ``not_identified`` where the
        algorithm did not come to rest; else empty.
    """

    values: Floats
    prior: Floats
    confusion: Floats
    posterior: Floats
    log_likelihood: float
    rounds: int
    converged: bool
    caution: str


def dawid_skene(
    ratings: npt.ArrayLike,
    *,
    values: Values = None,
    coders: Sequence[int] | None = None,
    most_rounds: int = 2000,
    tolerance: float = 1e-10,
) -> DawidSkene:
    """Fit coders' confusion matrices without knowing the truth.

    Parameters
    ----------
    ratings : (m, N) float
        One row for each coder; NaN means "not coded".
    values : sequence of float, optional
        The codebook's values; those that occur if none are given.
    coders : sequence of int, optional
        Coder of each row, 0 to C - 1, where repeats of one coder stand in several rows; else each row is a coder.
    most_rounds : int
        Steps after which the algorithm gives up.
    tolerance : float
        It comes to rest when the log-likelihood of a unit rises by less.

    Returns
    -------
    DawidSkene
        Starts from the share of each value in each unit, so that "true" means what most coders say: shared errors stay unseen.

    Raises
    ------
    YuhuError
        YH301 not one coder for each row; YH303 nothing was coded; YH304 a rating.

    Notes
    -----
    Coders err independently given the truth, and alike in all units: both are strong assumptions. O(rounds·P·m·K) for P patterns.
    Source: dawid1979.
    """
    known = checked_ratings(ratings, level="nominal", values=values)
    patterns = coder_patterns(known, keep=True)
    if not patterns.count.size:
        raise YuhuError("YH303", "nothing was coded", fix="give at least one rating")
    row_coder = np.arange(known.codes.shape[0]) if coders is None else np.asarray(coders, np.int64)
    equal_lengths(ratings=known.codes, coders=row_coder)
    shape = (int(row_coder.max()) + 1, known.values.size)
    said = _said(patterns, row_coder, shape)
    posterior = said.reshape(-1, *shape).sum(axis=1) / patterns.raters[:, None]
    before, rounds, rest = -np.inf, 0, False
    while rounds < most_rounds and not rest:
        prior, confusion = _maximised(patterns, said, posterior, shape)
        posterior, now = _expected(patterns, said, prior, confusion)
        rest = now - before < tolerance * float(patterns.count.sum())
        before, rounds = now, rounds + 1
    unit = np.full((known.codes.shape[1], shape[1]), np.nan)
    there = patterns.member >= 0
    unit[there] = posterior[patterns.member[there]]
    active = np.unique(row_coder[(known.codes != MISSING).any(axis=1)]).size
    caution = "few_coders" if active < LEAST_CODERS else "" if rest else "not_identified"
    return DawidSkene(known.values, prior, confusion, unit, before, rounds, rest, caution)


def _said(patterns: Patterns, row_coder: Ints, shape: tuple[int, int]) -> Floats:
    """(P, C·K) how often each coder said each value."""
    said = np.zeros((patterns.codes.shape[0], *shape))
    place, row = np.nonzero(patterns.codes != MISSING)
    np.add.at(said, (place, row_coder[row], patterns.codes[place, row]), 1.0)
    return said.reshape(said.shape[0], -1)


def _maximised(patterns: Patterns, said: Floats, posterior: Floats, shape: tuple[int, int]) -> tuple[Floats, Floats]:
    weighted = posterior * patterns.count[:, None]
    prior = weighted.sum(axis=0) / patterns.count.sum()
    together = (said.T @ weighted).reshape(*shape, shape[1]).transpose(0, 2, 1)
    total = together.sum(axis=2, keepdims=True)
    even = np.full_like(together, 1 / shape[1])  # a coder who never met this value: nothing is known
    return prior, np.divide(together, total, out=even, where=total > 0)


def _expected(patterns: Patterns, said: Floats, prior: Floats, confusion: Floats) -> tuple[Floats, float]:
    logs = np.log(np.maximum(confusion, _NOTHING)).transpose(0, 2, 1).reshape(said.shape[1], -1)
    joint = said @ logs + np.log(np.maximum(prior, _NOTHING))
    highest = joint.max(axis=1, keepdims=True)
    chance = np.exp(joint - highest)
    total = chance.sum(axis=1, keepdims=True)
    return chance / total, float(patterns.count @ (highest + np.log(total))[:, 0])

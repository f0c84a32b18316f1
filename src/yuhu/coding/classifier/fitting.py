"""Linear models of yes-or-no questions, cross-fitted: for each fold one that never saw a label of it, nor did anything that was chosen for it.

The models that choose and calibrate for fold k leave out k and one fold more. Leaving out two folds is the same for both of them, so that K (K - 1) / 2 fits
serve all, instead of K (K - 1).
"""

import itertools
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from yuhu.coding.classifier.calibration import best_threshold, log_loss, logistic, platt
from yuhu.coding.classifier.weighting import Floats as Singles
from yuhu.coding.classifier.weighting import Vocabulary, rarity, weighted
from yuhu.core.progress import step

STRENGTHS = (0.2, 1.0, 5.0, 25.0)
"""Inverse strengths of the penalty that are tried."""

HALF = 0.5
_THREADS = 4
_ROUNDS = 1000
_TOLERANCE = 0.01  # weights move by less than a hundredth from here on; two thirds of the time of the default

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True)
class FoldModel:
    """What codes the texts of one fold: V buckets and L languages, Q columns (`model.Slot`).

    ``rarities`` (V,), ``weights`` (V + L, Q), and for each column the ``intercepts`` of the scores, ``slopes`` and ``offsets`` of the calibration,
    ``thresholds``, and the ``strengths`` that were chosen.
    """

    rarities: Singles
    weights: Singles
    intercepts: Floats
    slopes: Floats
    offsets: Floats
    thresholds: Floats
    strengths: Floats

    def probabilities(self, matrix: Any, words: Singles, languages: Any, vocabulary: Vocabulary) -> Floats:
        """Calibrated probability of yes (texts, columns)."""
        features = weighted(matrix, words, languages, self.rarities, vocabulary.buckets)
        scores = np.asarray(features @ self.weights, dtype=np.float64) + self.intercepts
        return logistic(scores * self.slopes + self.offsets)


@dataclass(frozen=True)
class Material:
    """What is learned from: N labelled texts.

    ``matrix``, ``words``, ``languages``: as `weighting.weighted` takes them; ``fold`` (N,); ``yes`` (N, Q) in [0, 1], NaN where a text has no label.
    """

    vocabulary: Vocabulary
    matrix: Any
    words: Singles
    languages: Any
    fold: npt.NDArray[np.int64]
    yes: Floats

    def features(self, rows: Masks) -> tuple[Any, Singles]:
        """Features of all texts, weighted by what some of them have; and the weights."""
        rarities = rarity(self.matrix, rows, len(self.vocabulary.buckets))
        return weighted(self.matrix, self.words, self.languages, rarities, self.vocabulary.buckets), rarities


def cross_fit(material: Material, folds: int, *, best_f1: bool) -> list[FoldModel]:
    """A model for each fold.

    Parameters
    ----------
    material : Material
        Labelled texts.
    folds : int
        Number of folds, at least 3.
    best_f1 : bool
        Whether a code counts as there from the probability with the largest F1, instead of one half; both are known from texts of other folds.

    Notes
    -----
    (K (K - 1) / 2) * Q * `STRENGTHS` + K * Q fits on the labelled texts, each linear in their n-grams. BLAS works with one thread, so that sums do not
    depend on the machine's cores; fits of different folds run side by side. Source: egami2023dsl (cross-fitting).
    """
    from threadpoolctl import threadpool_limits

    n, questions = material.yes.shape
    more = (folds - 1) / (folds - 2)
    scores = np.full((folds, len(STRENGTHS), n, questions), np.nan, np.float32)
    pairs = list(itertools.combinations(range(folds), 2))
    with threadpool_limits(1):
        for (one, other), found in _side_by_side(
            lambda pair: (pair, _pair_scores(material, pair, more)), pairs, "choosing and calibrating"
        ):
            for apart, scored in ((one, other), (other, one)):
                rows = material.fold == scored
                scores[apart][:, rows] = found[:, rows]
        return list(_side_by_side(lambda fold: _fold_model(material, fold, scores[fold], best_f1=best_f1), range(folds), "training"))


def _side_by_side(work: Callable[[Task], Result], tasks: Iterable[Task], title: str) -> Iterable[Result]:
    listed = list(tasks)
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        for done, result in enumerate(pool.map(work, listed), 1):
            yield result
            step(title, done, len(listed))


def _pair_scores(material: Material, apart: tuple[int, int], more: float) -> Singles:
    """Scores of all texts by models that saw neither of two folds (strengths, texts, questions).

    `more` is how many times as many texts the model will learn from that they stand in for: the penalty is made as light for each text as it will be there,
    else its scores would be wider than those that they are calibrated by.
    """
    rows = ~np.isin(material.fold, apart)
    features, _ = material.features(rows)
    found = np.empty((len(STRENGTHS), *material.yes.shape), np.float32)
    for at, strength in enumerate(STRENGTHS):
        for question in range(material.yes.shape[1]):
            weights, intercept = fit(features, np.where(rows, material.yes[:, question], np.nan), strength * more)
            found[at, :, question] = features @ weights + intercept
    return found


def _fold_model(material: Material, fold: int, scores: Singles, *, best_f1: bool) -> FoldModel:
    rows = material.fold != fold
    features, rarities = material.features(rows)
    questions = material.yes.shape[1]
    weights = np.zeros((features.shape[1], questions), np.float32)
    chosen = np.zeros((5, questions))
    for question in range(questions):
        yes = np.where(rows, material.yes[:, question], np.nan)
        seen = np.isfinite(yes)
        strength, slope, offset, probability = _chosen(scores[:, seen, question].astype(np.float64), yes[seen])
        weights[:, question], intercept = fit(features, yes, strength)
        threshold = best_threshold(probability, yes[seen]) if best_f1 else HALF
        chosen[:, question] = intercept, slope, offset, threshold, strength
    return FoldModel(rarities, weights, *chosen)


def _chosen(scores: Floats, yes: Floats) -> tuple[float, float, float, Floats]:
    """The strength with the least log loss on texts that the models did not see, with its calibration; of equal ones the smallest."""
    best: tuple[float, float, float, Floats] | None = None
    least = np.inf
    for strength, one in zip(STRENGTHS, scores, strict=True):
        slope, offset = platt(one, yes)
        probability = logistic(slope * one + offset)
        loss = log_loss(probability, yes)
        if best is None or loss < least - 1e-12:
            best, least = (strength, slope, offset, probability), loss
    if best is None:  # pragma: no cover - there are strengths
        raise AssertionError
    return best


def fit(features: Any, yes: Floats, strength: float) -> tuple[Singles, float]:
    """Weights and intercept of a logistic regression with a squared penalty, both answers with the same weight in all.

    Parameters
    ----------
    features : CSR (N, V)
        Features of all texts.
    yes : (N,) float
        Share of yes; NaN in texts that are not learned from.
    strength : float
        Inverse strength of the penalty.

    Returns
    -------
    weights : (V,) float
    intercept : float
        Where all say the same, no weights and the log-odds of that.

    Notes
    -----
    A text about which coders differ is learned from twice, with the shares as weights. Newton's method in a trust region (liblinear): nothing is random.
    """
    from sklearn.linear_model import LogisticRegression

    is_yes, is_no = np.flatnonzero(yes > 0), np.flatnonzero(yes < 1)
    n_yes, n_no = float(yes[is_yes].sum()), float((1 - yes[is_no]).sum())
    if not len(is_yes) or not len(is_no):
        return np.zeros(features.shape[1], np.float32), float(np.log((n_yes + 1) / (n_no + 1)))
    total = n_yes + n_no
    weight = np.concatenate([yes[is_yes] * total / (2 * n_yes), (1 - yes[is_no]) * total / (2 * n_no)])
    answers = np.repeat([1, 0], [len(is_yes), len(is_no)])
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=_ROUNDS, tol=_TOLERANCE)
    model.fit(features[np.concatenate([is_yes, is_no])].astype(np.float64), answers, sample_weight=weight)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])

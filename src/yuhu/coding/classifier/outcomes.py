"""Probabilities of yes-or-no questions as codings and scores."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.coding.classifier.targets import Decision
from yuhu.core.schema import LEAST_SCORE, MACHINE_CODING, SCORES, polars_schema

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]


def outcomes(
    texts: pl.DataFrame, probabilities: Floats, thresholds: Floats, decisions: Sequence[Decision]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is stored of some texts.

    Parameters
    ----------
    texts : pl.DataFrame
        ``text_key, lang``.
    probabilities : (n, Q) float
        Probability of yes to each question.
    thresholds : (n, Q) float
        From which probability on the answer is yes.
    decisions : sequence of Decision
        Their questions, in this order, are the columns.

    Returns
    -------
    codings, scores : pl.DataFrame
        Columns of `MACHINE_CODING` and `SCORES`.
    """
    keys = texts.select("text_key", "lang")
    codings, scores = [pl.DataFrame(schema=polars_schema(MACHINE_CODING))], [pl.DataFrame(schema=polars_schema(SCORES))]
    is_there: dict[str, Masks] = {}
    presence: dict[str, Floats] = {}
    for decision, columns in zip(decisions, _columns(decisions), strict=True):
        shares = value_probabilities(decision, probabilities[:, columns])
        value = chosen_values(decision, probabilities[:, columns], thresholds[:, columns], shares)
        stored, certain = np.ones(len(value), np.bool_), np.ones(len(value))
        if decision.within:
            made = [name for name in decision.within if name in is_there]
            stored = np.any([is_there[name] for name in made], axis=0)
            certain = np.max([presence[name] for name in made], axis=0) if decision.zero is None else certain
        if decision.zero is not None:
            at = decision.values.index(decision.zero)
            stored &= value != at
            presence[decision.id] = 1 - shares[:, at]
        else:
            presence[decision.id] = np.ones(len(value))
        is_there[decision.id] = stored
        codings.append(_codings(keys, decision, value, stored))
        scores += [_scores(keys, decision, name, column * certain) for name, column in _scored(decision, probabilities[:, columns], shares)]
    return pl.concat(codings), pl.concat(scores)


def _columns(decisions: Sequence[Decision]) -> list[slice]:
    ends = np.cumsum([len(decision.asked) for decision in decisions])
    return [slice(int(end) - len(decision.asked), int(end)) for decision, end in zip(decisions, ends, strict=True)]


def steps_down(probabilities: Floats) -> Floats:
    """Probabilities of steps made monotone: a higher step is never more probable than one below it."""
    return np.minimum.accumulate(probabilities, axis=1)


def value_probabilities(decision: Decision, probabilities: Floats) -> Floats:
    """The probability of each value (n, values), summing to 1.

    Parameters
    ----------
    decision : Decision
        The decision.
    probabilities : (n, asked) float
        Those of its questions: at least this step, or this value against all others.
    """
    shares = np.zeros((len(probabilities), len(decision.values)))
    first = decision.values.index(decision.asked[0])
    if decision.is_ordered:
        ladder = np.column_stack([np.ones(len(probabilities)), steps_down(probabilities), np.zeros(len(probabilities))])
        shares[:, first - 1 : first + len(decision.asked)] = ladder[:, :-1] - ladder[:, 1:]
        return shares
    total = probabilities.sum(axis=1, keepdims=True)
    places = [decision.values.index(value) for value in decision.asked]
    shares[:, places] = np.divide(probabilities, total, out=np.full_like(probabilities, 1 / len(places)), where=total > 0)
    return shares


def chosen_values(decision: Decision, probabilities: Floats, thresholds: Floats, shares: Floats) -> npt.NDArray[np.int64]:
    """Place of the value that is stored: the highest step that is reached with all below it, or the most probable value, the first of equal ones."""
    if not decision.is_ordered:
        return np.asarray(np.argmax(shares, axis=1), dtype=np.int64)
    reached = np.logical_and.accumulate(steps_down(probabilities) >= thresholds, axis=1)
    return np.asarray(reached.sum(axis=1, dtype=np.int64) + decision.values.index(decision.asked[0]) - 1)


def judged(probabilities: Floats, thresholds: Floats, decisions: Sequence[Decision]) -> tuple[Floats, Masks]:
    """What is stored of each question (n, Q): the probability of yes as scores give it, and whether the value that is stored says yes."""
    certain, said = np.empty_like(probabilities), np.empty(probabilities.shape, np.bool_)
    for decision, columns in zip(decisions, _columns(decisions), strict=True):
        shares = value_probabilities(decision, probabilities[:, columns])
        value = chosen_values(decision, probabilities[:, columns], thresholds[:, columns], shares)
        places = np.array([decision.values.index(asked) for asked in decision.asked])
        certain[:, columns] = steps_down(probabilities[:, columns]) if decision.is_ordered else shares[:, places]
        said[:, columns] = value[:, None] >= places if decision.is_ordered else value[:, None] == places
    return certain, said


def _scored(decision: Decision, probabilities: Floats, shares: Floats) -> list[tuple[str, Floats]]:
    """Value ids with the probability that a text counts for them."""
    if decision.level in {"binary", "ordinal"}:
        return list(zip(decision.asked, steps_down(probabilities).T, strict=True))
    return [(value, shares[:, at]) for at, value in enumerate(decision.values) if value != decision.zero]


def _codings(keys: pl.DataFrame, decision: Decision, value: npt.NDArray[np.int64], stored: Masks) -> pl.DataFrame:
    rows = np.flatnonzero(stored)
    empty = pl.lit(pl.Series([[]], dtype=pl.List(pl.Int32))).first()
    return keys[rows].select(
        "text_key",
        "lang",
        code=pl.lit(decision.id),
        value=pl.Series(value[rows]).replace_strict(range(len(decision.values)), decision.values, return_dtype=pl.String),
        evidence_start=empty,
        evidence_end=empty,
    )


def _scores(keys: pl.DataFrame, decision: Decision, value: str, probability: Floats) -> pl.DataFrame:
    single = probability.astype(np.float32)
    rows = np.flatnonzero(single >= LEAST_SCORE)
    return keys[rows].select(
        "text_key", "lang", code=pl.lit(decision.id), value_id=pl.lit(value), probability=pl.Series(single[rows], dtype=pl.Float32)
    )

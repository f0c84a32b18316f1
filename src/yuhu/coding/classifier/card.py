"""The model card: what a classifier was trained on, and how well it codes texts that it did not see."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.coding.classifier.calibration import calibration_error
from yuhu.coding.classifier.model import Model, folds_of
from yuhu.coding.classifier.outcomes import judged
from yuhu.coding.classifier.targets import Labels
from yuhu.core.codebook import Codebook

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.bool_]
Row = dict[str, Any]

USE = "Coding the messages of this study. Shares and differences need the correction by a probability sample of people's codings (yuhu measure)."
LIMITS = (
    "Words, not meaning: irony, allusion and new words are missed, and what stood beside a code in the labels is taken for it.",
    "Errors differ between languages, platforms and videos; uncorrected differences between groups are not to be trusted.",
    "Texts in a language without labels are abstained from, unless languages=all; codes of those are worth nothing.",
    "Probabilities are calibrated to the labelled texts: where a sample was drawn with unequal chances, they are not those of the corpus.",
    "Copies of a text are held out together; texts that differ in one character are not.",
    "In another study the model is not cross-fitted: the correction there needs codings that it was not trained on.",
)


def card_of(
    model: Model, labels: Labels, book: Codebook, parameters: Mapping[str, object], languages_coded: Sequence[str]
) -> dict[str, Any]:
    """The card as a document.

    Parameters
    ----------
    model : Model
        The trained model.
    labels : Labels
        What it was trained on: each text is judged by the model that did not see it.
    book : Codebook
        Its codebook.
    parameters : mapping
        Parameters of the coder.
    languages_coded : sequence of str
        Languages with labels enough to be judged apart.
    """
    answers = list(model.answers(labels.texts))
    probability = np.concatenate([part.probabilities for part in answers])
    thresholds = np.concatenate([part.thresholds for part in answers])
    fold = folds_of(labels.texts["text_key"].to_numpy(), model.seed, len(model.folds))
    certain, said = judged(probability, thresholds, model.decisions)
    yes = np.column_stack([labels.question(decision, value) for decision in model.decisions for value in decision.asked])
    languages = labels.texts["lang"].to_numpy()
    rows: list[Row] = []
    for at, (decision, value) in enumerate(model.questions):
        seen = np.isfinite(yes[:, at])
        for language in (None, *languages_coded):
            chosen = seen if language is None else seen & (languages == language)
            if chosen.any():
                found = quality(certain[chosen, at], yes[chosen, at], said[chosen, at])
                rows.append({"decision": decision, "value": value, "language": language or "all", **found})
    return {
        "coder": parameters["coder"],
        "codebook": book.name,
        "codebook_hash": book.content_hash,
        "parameters": dict(parameters),
        "labels": _label_counts(model, labels),
        "texts_by_fold": np.bincount(fold, minlength=len(model.folds)).tolist(),
        "out_of_fold": rows,
        "use": USE,
        "limits": list(LIMITS),
    }


def quality(probability: Floats, yes: Floats, said: Masks) -> Row:
    """How well probabilities, and what is stored, fit what people said; null where a quotient has no denominator.

    ``yes`` may lie between 0 and 1 where coders differ: such a text is partly a hit and partly none.
    """
    hits, called, there = float(yes[said].sum()), int(said.sum()), float(yes.sum())
    return {
        "n": len(yes),
        "yes": round(there, 4),
        "called": called,
        "precision": _quotient(hits, called),
        "recall": _quotient(hits, there),
        "f1": _quotient(2 * hits, called + there),
        "brier": round(float(((probability - yes) ** 2).mean()), 6),
        "calibration_error": round(calibration_error(probability, yes), 6),
    }


def _quotient(above: float, below: float) -> float | None:
    return round(above / below, 6) if below > 0 else None


def _label_counts(model: Model, labels: Labels) -> list[Row]:
    """Texts by decision, value and language; texts about which coders differ count in parts."""
    rows: list[Row] = []
    for decision in model.decisions:
        frame = labels.texts.select("lang").with_columns(
            pl.Series(f"v{at}", column) for at, column in enumerate(labels.shares[decision.id].T)
        )
        sums = frame.filter(pl.col("v0").is_not_nan()).group_by("lang").agg(pl.exclude("lang").sum()).sort("lang")
        rows += [
            {"decision": decision.id, "value": value, "language": row["lang"], "texts": round(row[f"v{at}"], 4)}
            for row in sums.iter_rows(named=True)
            for at, value in enumerate(decision.values)
        ]
    return rows


def card_text(card: Mapping[str, Any]) -> str:
    """The card for people, as Markdown."""
    parameters = card["parameters"]
    folds = ", ".join(map(str, card["texts_by_fold"]))
    labels = f"{parameters['labelled_texts']} texts, hash `{str(parameters['labels'])[:16]}`"
    lines = [
        f"# Model card: {parameters['coder']}",
        "",
        f"Codebook: {card['codebook']}. Labels: {labels}, {parameters['folds']} folds of {folds} texts, seed {parameters['seed']}.",
        "",
        f"Use: {card['use']}",
        "",
        *_table(card["out_of_fold"]),
        "",
        "Each text was judged by the model that had not seen it, nor any copy of it.",
        "",
        "Limits:",
        "",
        *(f"- {limit}" for limit in card["limits"]),
        "",
    ]
    return "\n".join(lines)


def _table(rows: Sequence[Row]) -> list[str]:
    heads = ("decision", "value", "language", "n", "yes", "precision", "recall", "f1", "brier", "calibration_error")
    lines = ["| " + " | ".join(head.replace("_", " ") for head in heads) + " |", "|" + " --- |" * len(heads)]
    return lines + ["| " + " | ".join(_cell(row[head]) for head in heads) + " |" for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return "undefined"
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)

"""The classifier coder: learns from people's codings of a study, and codes each text by a model that did not see its label."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pyarrow as pa

from yuhu.coding.classifier.card import card_of
from yuhu.coding.classifier.features import PARAMETERS
from yuhu.coding.classifier.fitting import STRENGTHS
from yuhu.coding.classifier.keeping import Kept, cards_of, read_kept, write_kept
from yuhu.coding.classifier.model import train
from yuhu.coding.classifier.outcomes import outcomes
from yuhu.coding.classifier.settings import LEAST_IN_LANGUAGE, ClassifierSettings, read_settings
from yuhu.coding.classifier.targets import Decision, learnable, read_labels
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.contracts import CodedBatch, CoderSetup
from yuhu.core.errors import YuhuError
from yuhu.core.schema import ABSTAINED, MACHINE_CODING, SCORES

NAME = "classifier.v1"


class ClassifierCoder:
    """Codes texts by a model that was trained on people's codings.

    Parameters
    ----------
    decisions : sequence of Decision
        What it decides.
    languages : sequence of str or None
        Languages that it codes; None for all.
    parameters : mapping
        All that changes the outcome.
    make : callable
        Makes what is kept: the model and its card. Called once, when something is coded or saved, so that a run with nothing new to code does not train.
    """

    name = NAME
    kind = "classifier"
    uses_context = False

    def __init__(
        self, decisions: Sequence[Decision], languages: Sequence[str] | None, parameters: Mapping[str, object], make: Callable[[], Kept]
    ) -> None:
        self.serves: Sequence[str] = [decision.id for decision in decisions]
        self._decisions = tuple(decisions)
        self._languages = languages
        self._parameters = parameters
        self._make = make

    def parameters(self) -> Mapping[str, object]:
        """Labels (by hash), folds, settings of training, features, versions."""
        return self._parameters

    @cached_property
    def kept(self) -> Kept:
        """The model with its card."""
        return self._make()

    def code(self, texts: pa.RecordBatch) -> CodedBatch:
        """Code a batch with ``text_key``, ``text``, ``lang``; O(characters + n-grams x questions)."""
        frame = pl.DataFrame(pl.from_arrow(texts)).with_columns(pl.col("lang").fill_null("und"))
        spoken = pl.lit(value=True) if self._languages is None else pl.col("lang").is_in(self._languages)
        model = self.kept.model
        codings, scores = [MACHINE_CODING.empty_table()], [SCORES.empty_table()]
        for answers in model.answers(frame.filter(spoken)):
            coded, scored = outcomes(answers.texts, answers.probabilities, answers.thresholds, self._decisions)
            codings.append(_arrow(coded, MACHINE_CODING))
            scores.append(_arrow(scored, SCORES))
        abstained = _arrow(frame.filter(~spoken), ABSTAINED)
        return CodedBatch(pa.concat_tables(codings), abstained, pa.concat_tables(scores))

    def save(self, folder: Path) -> None:
        """Write the model, ``card.json`` and ``card.md``; the same labels and seed give the same bytes."""
        write_kept(self.kept, folder)


def classifier_coder(setup: CoderSetup) -> ClassifierCoder:
    """The classifier for a study, or one that was saved (option ``model``).

    Raises
    ------
    YuhuError
        YH508 an option is unknown or out of range, or the saved model does not fit; YH509 there are too few labels.
    """
    settings = read_settings(setup.options, NAME)
    variables = _variables(setup)
    if "model" in setup.options:
        return _saved(setup, variables, settings)
    labels = read_labels(setup.labels(), variables)
    decisions = learnable(setup.book, labels, variables, least_texts=settings.least_texts, least_value=settings.least_value)
    if not decisions:
        raise _too_few(labels.texts.height, settings)
    by_language = labels.texts.group_by("lang").len().filter(pl.col("len") >= LEAST_IN_LANGUAGE)["lang"].sort().to_list()
    parameters: dict[str, object] = {
        "coder": NAME,
        "cross_fitted": True,
        "labels": labels.data_hash,
        "labelled_texts": labels.texts.height,
        "labelled_languages": by_language,
        "seed": setup.seed,
        **settings.document(),
        **PARAMETERS,
        "model": "logistic regression, both answers weighted alike",
        "strengths": list(STRENGTHS),
        "calibration": "platt",
        "scikit-learn": version("scikit-learn"),
    }

    def make() -> Kept:
        model = train(labels, decisions, settings, seed=setup.seed)
        card = card_of(model, labels, setup.book, parameters, by_language)
        return Kept(model, by_language, _hashes(variables), parameters, cards_of(card))

    return ClassifierCoder(decisions, None if settings.languages == "all" else by_language, parameters, make)


def _saved(setup: CoderSetup, variables: Sequence[Variable], settings: ClassifierSettings) -> ClassifierCoder:
    kept = read_kept(Path(setup.options["model"]))
    _same_rules(kept, setup.book)
    on = {variable.id for variable in variables}
    missing = [decision.id for decision in kept.model.decisions if decision.id not in on]
    if missing:
        raise YuhuError(
            "YH508", f"the model decides `{missing[0]}`, whose module is off", fix="switch the module on in study.yaml, or train here"
        )
    parameters: dict[str, object] = {
        "coder": NAME,
        "cross_fitted": False,
        "saved_model": kept.model_hash,
        "languages": settings.languages,
        "trained": dict(kept.parameters),
    }
    languages = None if settings.languages == "all" else kept.languages
    return ClassifierCoder(kept.model.decisions, languages, parameters, lambda: kept)


def _same_rules(kept: Kept, book: Codebook) -> None:
    """Refuse a model whose decisions are not those of the codebook."""
    for decision in kept.model.decisions:
        variable = book.variables.get(decision.id)
        trained = kept.code_hashes[decision.id]
        if variable is None or variable.code_hash != trained or not decision.is_of(book, variable):
            raise YuhuError(
                "YH508",
                f"the model was trained under other rules for `{decision.id}`",
                facts={"trained under": trained, "now": variable.code_hash if variable else "no such decision"},
                fix="yuhu code STUDY --with classifier trains one on this study's codings",
            )


def _variables(setup: CoderSetup) -> list[Variable]:
    """The decisions on messages of the modules that are on."""
    codes = setup.book.of_modules(frozenset(setup.modules))
    return [variable for code in codes if not code.measured for variable in code.variables()]


def _hashes(variables: Sequence[Variable]) -> dict[str, str]:
    return {variable.id: variable.code_hash for variable in variables}


def _too_few(texts: int, settings: ClassifierSettings) -> YuhuError:
    return YuhuError(
        "YH509",
        "people have coded too little for a classifier",
        facts={
            "found": f"{texts} texts",
            "expected": f"{settings.least_texts} texts, and {settings.least_value} of each of two values of at least one decision",
        },
        fix=f"yuhu sample STUDY --size {max(400, settings.least_texts)}, and code it (yuhu desk)",
    )


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    return frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)

"""A trained classifier: fold models, the decisions they make, and which model codes which text."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.coding.classifier.features import count_ngrams, readable
from yuhu.coding.classifier.fitting import FoldModel, Material, cross_fit
from yuhu.coding.classifier.settings import ClassifierSettings
from yuhu.coding.classifier.targets import Decision, Labels
from yuhu.coding.classifier.weighting import Vocabulary

CHUNK = 20_000
MOST_BUCKETS = 65_536
_THREADS = 2
_CLOSE = 1e-9
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

Floats = npt.NDArray[np.float64]


def folds_of(text_keys: npt.NDArray[np.int64], seed: int, folds: int) -> npt.NDArray[np.int64]:
    """The fold of each text: a hash of its key and the seed, so that copies of a text are in one fold, labelled or not."""
    mixed = (text_keys.view(np.uint64) ^ np.uint64(seed % 2**64)) * _SPREAD
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) % np.uint64(folds)).astype(np.int64)


@dataclass(frozen=True)
class Slot:
    """One column of the fold models: a question, of texts in one language, or (None) of all texts in other languages."""

    question: int
    language: str | None


@dataclass(frozen=True)
class Answers:
    """What a model says of some texts: ``probabilities`` and ``thresholds`` (n, Q) of yes to each question."""

    texts: pl.DataFrame
    probabilities: Floats
    thresholds: Floats


@dataclass(frozen=True)
class Model:
    """Decisions, and a model of their questions for each fold."""

    decisions: tuple[Decision, ...]
    vocabulary: Vocabulary
    slots: tuple[Slot, ...]
    folds: tuple[FoldModel, ...]
    seed: int

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Decision and value of each question, in their order."""
        return [(decision.id, value) for decision in self.decisions for value in decision.asked]

    def answers(self, texts: pl.DataFrame) -> Iterator[Answers]:
        """The answers to each question, by the model of the text's fold.

        Parameters
        ----------
        texts : pl.DataFrame
            ``text_key, lang, text``.

        Yields
        ------
        Answers
            Of `CHUNK` texts at most, in their order.

        Notes
        -----
        O(characters + n-grams x slots); memory is that of some chunks.
        """
        with ThreadPoolExecutor(_THREADS) as pool:
            yield from pool.map(self._of_chunk, texts.iter_slices(CHUNK))

    def _of_chunk(self, texts: pl.DataFrame) -> Answers:
        counts = count_ngrams(readable(texts["text"], texts["lang"]).to_list())
        languages = texts["lang"].to_list()
        matrix, spoken = self.vocabulary.matrix(counts), self.vocabulary.languages_of(languages)
        fold = folds_of(texts["text_key"].to_numpy(), self.seed, len(self.folds))
        slots = self._slots_of(languages)
        found, thresholds = np.empty(slots.shape), np.empty(slots.shape)
        for at, model in enumerate(self.folds):
            rows = np.flatnonzero(fold == at)
            if len(rows):
                every = model.probabilities(matrix[rows], counts.words[rows], spoken[rows], self.vocabulary)
                found[rows] = np.take_along_axis(every, slots[rows], axis=1)
                thresholds[rows] = model.thresholds[slots[rows]]
        return Answers(texts, found, thresholds)

    def _slots_of(self, languages: Sequence[str]) -> npt.NDArray[np.int64]:
        """The slot that answers each question for each text (n, Q): that of its language where there is one."""
        names, place = np.unique(np.array(languages, dtype=object).astype(str), return_inverse=True)
        table = np.empty((len(names), len(self.questions)), np.int64)
        for language in (None, *names):
            for at, slot in enumerate(self.slots):
                if slot.language == language:
                    table[slice(None) if language is None else names == language, slot.question] = at
        return np.asarray(table[place])


def train(labels: Labels, decisions: list[Decision], settings: ClassifierSettings, *, seed: int) -> Model:
    """Train a model for each fold on the labels of all others.

    Parameters
    ----------
    labels : Labels
        Labelled texts.
    decisions : list of Decision
        What is to be decided.
    settings : ClassifierSettings
        Folds, threshold, and how many labels are enough for a language of its own.
    seed : int
        Which text belongs to which fold follows from its key and this.
    """
    texts = labels.texts
    counts = count_ngrams(readable(texts["text"], texts["lang"]).to_list())
    vocabulary = Vocabulary(_frequent(counts.bucket), tuple(texts["lang"].unique().sort()))
    yes = np.column_stack([labels.question(decision, value) for decision in decisions for value in decision.asked])
    languages = texts["lang"].to_numpy()
    slots = _slots(yes, languages, vocabulary.languages, settings)
    columns = [np.where((languages == slot.language) | (slot.language is None), yes[:, slot.question], np.nan) for slot in slots]
    material = Material(
        vocabulary,
        vocabulary.matrix(counts),
        counts.words,
        vocabulary.languages_of(languages.tolist()),
        folds_of(texts["text_key"].to_numpy(), seed, settings.folds),
        np.column_stack(columns),
    )
    folds = cross_fit(material, settings.folds, best_f1=settings.threshold == "f1")
    return Model(tuple(decisions), vocabulary, tuple(slots), tuple(folds), seed)


def _slots(yes: Floats, languages: npt.NDArray[np.object_], known: Sequence[str], settings: ClassifierSettings) -> list[Slot]:
    """A slot for each question, and one for each language that has labels enough of its own.

    Where a code is much rarer in one of two languages, a model of both finds none of it there.
    """
    slots = []
    for question, column in enumerate(yes.T):
        slots.append(Slot(question, None))
        labelled = np.isfinite(column)
        for language in known:
            own = column[labelled & (languages == language)]
            enough = len(own) >= settings.least_texts and min(own.sum(), (1 - own).sum()) >= settings.least_value - _CLOSE
            if enough and len(own) < labelled.sum():
                slots.append(Slot(question, language))
    return slots


def _frequent(buckets: npt.NDArray[np.int64]) -> npt.NDArray[np.int32]:
    """The buckets that are in most labelled texts, ascending: labels play no part in it."""
    found, n = np.unique(buckets, return_counts=True)
    kept = np.sort(np.argsort(-n, kind="stable")[:MOST_BUCKETS])
    return found[kept].astype(np.int32)

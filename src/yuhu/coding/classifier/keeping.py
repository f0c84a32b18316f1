"""A trained classifier on disk: numbers in one file that has no structure of its own, and a description that says what they are. Nothing in it is run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from yuhu.coding.classifier.card import card_text
from yuhu.coding.classifier.description import FORMAT, Description, MalformedError, described, described_as
from yuhu.coding.classifier.features import BITS
from yuhu.coding.classifier.fitting import FoldModel
from yuhu.coding.classifier.model import Model
from yuhu.coding.classifier.weighting import Vocabulary
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.study.files import disk_errors, write_atomic

DESCRIPTION, NUMBERS = "model.json", "model.bin"
CARDS = ("card.json", "card.md")
_LARGEST_TEXT = 1 << 24
_PER_SLOT = ("intercepts", "slopes", "offsets", "thresholds", "strengths")


@dataclass(frozen=True)
class Kept:
    """A trained model with all that its use elsewhere needs.

    ``languages`` are those that it codes; ``code_hashes`` what each decision was decided by; ``cards`` the bytes of the model card by file name.
    """

    model: Model
    languages: Sequence[str]
    code_hashes: Mapping[str, str]
    parameters: Mapping[str, Any]
    cards: Mapping[str, bytes]

    @cached_property
    def numbers(self) -> bytes:
        """All numbers of the model, little-endian, in the order of `_places`."""
        model = self.model
        parts = [np.asarray(model.vocabulary.buckets, "<i4").tobytes()]
        for fold in model.folds:
            parts += [np.asarray(fold.rarities, "<f4").tobytes(), np.asarray(fold.weights, "<f4").tobytes()]
            parts += [np.asarray(getattr(fold, name), "<f8").tobytes() for name in _PER_SLOT]
        return b"".join(parts)

    @cached_property
    def description(self) -> bytes:
        """What the numbers are, as JSON."""
        model = self.model
        document = {
            "format": FORMAT,
            "files": {name: content_hash(content) for name, content in {NUMBERS: self.numbers, **self.cards}.items()},
            "n_buckets": len(model.vocabulary.buckets),
            "n_folds": len(model.folds),
            "seed": model.seed,
            "languages": list(self.languages),
            "languages_seen": list(model.vocabulary.languages),
            "slots": [[slot.question, slot.language] for slot in model.slots],
            "decisions": [described_as(decision) for decision in model.decisions],
            "code_hashes": {decision.id: self.code_hashes[decision.id] for decision in model.decisions},
            "parameters": dict(self.parameters),
        }
        return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"

    @property
    def model_hash(self) -> str:
        """Hash of the description, which holds those of the other files."""
        return content_hash(self.description)


def cards_of(card: Mapping[str, Any]) -> dict[str, bytes]:
    """The model card as files."""
    return {
        "card.json": json.dumps(card, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False).encode() + b"\n",
        "card.md": card_text(card).encode(),
    }


def write_kept(kept: Kept, folder: Path) -> None:
    """Write a model to a folder, the description last.

    Raises
    ------
    YuhuError
        YH209 the disk refused.
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**kept.cards, NUMBERS: kept.numbers, DESCRIPTION: kept.description}.items():
        write_atomic(folder / name, content)


def read_kept(folder: Path) -> Kept:
    """Read a model.

    Raises
    ------
    YuhuError
        YH508 the folder holds no model, one of another version, or one that was damaged or changed.
    """
    try:
        return _read(folder)
    except (MalformedError, OSError) as error:
        why = str(error) if isinstance(error, MalformedError) else "its files cannot be read"
        raise YuhuError(
            "YH508",
            f"`{folder}` holds no classifier that can be used",
            facts={"why": why, "expected": f"a folder with {DESCRIPTION}, {NUMBERS} and {' and '.join(CARDS)}, as yuhu code wrote it"},
            fix="--set model=STUDY/machine/classifier/RUN/model",
        ) from None


def _read(folder: Path) -> Kept:
    found = described(_bytes(folder / DESCRIPTION, _LARGEST_TEXT))
    size = _size(found)
    contents = {NUMBERS: _bytes(folder / NUMBERS, size), **{name: _bytes(folder / name, _LARGEST_TEXT) for name in CARDS}}
    if len(contents[NUMBERS]) != size:
        raise MalformedError(f"{NUMBERS} has {len(contents[NUMBERS])} bytes instead of {size}")
    for name, content in contents.items():
        if found.files.get(name) != content_hash(content):
            raise MalformedError(f"{name} is not the file that was written")
    cards = {name: contents[name] for name in CARDS}
    return Kept(_model(found, contents[NUMBERS]), found.languages, found.code_hashes, found.parameters, cards)


def _bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise MalformedError(f"{path.name} is larger than {most} bytes")
    return content


def _size(found: Description) -> int:
    rows = found.n_buckets + len(found.languages_seen)
    return 4 * found.n_buckets + found.n_folds * (4 * found.n_buckets + 4 * rows * len(found.slots) + 8 * 5 * len(found.slots))


def _model(found: Description, numbers: bytes) -> Model:
    at = 0

    def take(kind: str, n: int) -> Any:
        nonlocal at
        array = np.frombuffer(numbers, kind, n, at)
        at += array.nbytes
        return array.astype(array.dtype.newbyteorder("="))

    buckets, columns = take("<i4", found.n_buckets), len(found.slots)
    rows = found.n_buckets + len(found.languages_seen)
    folds = []
    for _ in range(found.n_folds):
        rarities, weights = take("<f4", found.n_buckets), take("<f4", rows * columns).reshape(rows, columns)
        folds.append(FoldModel(rarities, weights, *(take("<f8", columns) for _ in _PER_SLOT)))
    _plausible(buckets, folds)
    return Model(found.decisions, Vocabulary(buckets, found.languages_seen), found.slots, tuple(folds), found.seed)


def _plausible(buckets: Any, folds: Sequence[FoldModel]) -> None:
    """Refuse numbers that no training gives."""
    if len(buckets) and (buckets[0] < 0 or buckets[-1] >= 2 << BITS or (np.diff(buckets) <= 0).any()):
        raise MalformedError("its buckets are not ascending, or out of range")
    for fold in folds:
        arrays = [fold.rarities, fold.weights, *(getattr(fold, name) for name in _PER_SLOT)]
        if not all(np.isfinite(array).all() for array in arrays):
            raise MalformedError("a number is not finite")
        if (fold.rarities < 0).any() or (fold.slopes < 0).any() or (fold.thresholds < 0).any() or (fold.thresholds > 1).any():
            raise MalformedError("a number is out of range")

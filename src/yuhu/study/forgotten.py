"""What was forgotten on request, so that it never comes in again: keyed hashes only, made under the study's secret."""

import json
from collections.abc import Iterable
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic
from yuhu.study.pseudonyms import Pseudonyms

FILE = "forgotten.json"


class Forgotten:
    """Responses and authors that must stay out.

    Parameters
    ----------
    pseudonyms : Pseudonyms
        The study's key maker.
    marks : iterable of str
        Marks made by `mark`.
    """

    def __init__(self, pseudonyms: Pseudonyms, marks: Iterable[str] = ()) -> None:
        self._pseudonyms = pseudonyms
        self.marks = set(marks)

    def __bool__(self) -> bool:
        return bool(self.marks)

    def mark(self, kind: str, name: str) -> str:
        """The mark of a response id or an author key."""
        return self._pseudonyms.key(f"forgotten {kind}", name)

    def holds(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each row (``response_id``, ``author_key``) must stay out."""
        marks = self.marks
        responses, authors = rows["response_id"].to_list(), rows["author_key"].to_list()
        gone_authors = {author for author in set(authors) if author is not None and self.mark("author", author) in marks}
        return pl.Series(
            "gone",
            [
                author in gone_authors or self.mark("response", response) in marks
                for response, author in zip(responses, authors, strict=True)
            ],
            dtype=pl.Boolean,
        )

    def write(self, folder: Path) -> None:
        """Replace the file in one step."""
        write_atomic(folder / FILE, json.dumps({"marks": sorted(self.marks)}, indent=1).encode() + b"\n", mode=0o600)


def read_forgotten(folder: Path, pseudonyms: Pseudonyms) -> Forgotten:
    """What a study must not take in again.

    Raises
    ------
    YuhuError
        YH205 the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return Forgotten(pseudonyms)
    try:
        return Forgotten(pseudonyms, map(str, json.loads(path.read_bytes())["marks"]))
    except (ValueError, KeyError, TypeError) as error:
        raise YuhuError("YH205", f"{FILE} cannot be read", facts={"reason": error}, fix="restore it from a backup") from error

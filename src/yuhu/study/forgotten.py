"""What was forgotten on request, so that it never comes in again: keyed hashes only, made under the study's secret."""

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic
from yuhu.study.pseudonyms import KEY, Pseudonyms
from yuhu.study.scrub import dumped

FILE = "forgotten.json"
_MADE_BY_US = re.compile(r"^h[0-9a-f]{20}\.\d+$")
_SHORTEST_TEXT = 6


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
        gone_authors = self.authors_among(rows["author_key"])
        return pl.Series(
            "gone",
            [
                author in gone_authors or self.mark("response", response) in marks
                for response, author in zip(responses, authors, strict=True)
            ],
            dtype=pl.Boolean,
        )

    def authors_among(self, keys: pl.Series) -> set[str]:
        """Which of some author keys must stay out."""
        return {key for key in keys.drop_nulls().unique() if self.mark("author", key) in self.marks}

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


def raw_of_the_gone(records: pl.Series, gone: pl.DataFrame, authors: Iterable[str], gives: Callable[[int], set[str] | None]) -> pl.Series:
    """Which raw records belong to messages that must go.

    Parameters
    ----------
    records : pl.Series of str
        Records as the raw copy holds them.
    gone : pl.DataFrame
        ``response_id, text`` of the messages.
    authors : iterable of str
        Keys of authors of whom nothing may stay.
    gives : callable
        Ids of the responses that the record at a place gives when it is mapped again; None where nobody can tell.

    Returns
    -------
    pl.Series of bool
        True for a record that holds such an author's key, that gives such a message, or that holds its id and its words.
    """
    keys = [KEY + key for key in authors]
    leaves = records.str.contains_any(keys) if keys else pl.Series([False] * len(records), dtype=pl.Boolean)
    signs = sorted({_sign(name, words) for name, words in gone.select("response_id", "text").iter_rows()})
    if not signs:
        return leaves
    long = sorted({dumped(words)[1:-1] for words in gone["text"] if len(words) >= _SHORTEST_TEXT})
    told = records.str.contains_any(long) if long else leaves
    ids = {_without_count(name) for name in gone["response_id"]}
    places = (records.str.contains_any(signs) & ~leaves).arg_true()

    def goes(at: int) -> bool:
        made = gives(at)
        return made is None or told[at] or not ids.isdisjoint(map(_without_count, made))

    return leaves.scatter(places, [goes(at) for at in places]) if len(places) else leaves


def _sign(response: str, words: str) -> str:
    """What a record of a response holds: its native id; its words where the id was made by us."""
    native = response.split(":", 3)[3] if response.count(":") >= 3 else response
    return dumped(words)[1:-1] if _MADE_BY_US.match(native) else native


def _without_count(response: str) -> str:
    """An id that we made, without the number that tells equal records apart."""
    return re.sub(r"(:h[0-9a-f]{20})\.\d+$", r"\1", response)

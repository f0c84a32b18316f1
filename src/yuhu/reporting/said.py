"""Sentences and cells of tables that know which estimates they state, so that a reader can go from them to what they rest on."""

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Self

import polars as pl

KEY = ("measure", "code", "value_id", "by", "subject", "at_ms", "end_ms", "at", "unit", "method", "source", "coder")
"""What tells one estimate of a study's results from another."""


class Said(str):
    """A sentence, or a cell of a table, with the estimates that it states.

    Parameters
    ----------
    text : str
        The sentence or cell.
    *rows : mapping
        Rows of the results.
    """

    __slots__ = ("estimates",)
    estimates: tuple[str, ...]

    def __new__(cls, text: str, *rows: Mapping[str, Any]) -> Self:
        """The sentence."""
        made = super().__new__(cls, text)
        made.estimates = tuple(dict.fromkeys(estimate_id(row) for row in rows))
        return made


def estimate_id(row: Mapping[str, Any]) -> str:
    """A short name of an estimate: the same for the same question in every run."""
    key = json.dumps([row[name] for name in KEY], ensure_ascii=False, default=str)
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def by_id(estimates: pl.DataFrame) -> dict[str, dict[str, Any]]:
    """The estimates of a study by their names; O(estimates)."""
    return {estimate_id(row): row for row in estimates.iter_rows(named=True)}


def estimates_of(*texts: str) -> tuple[str, ...]:
    """The names of the estimates that a sentence, or the cells of a row, state; empty where they state none."""
    return tuple(dict.fromkeys(one for text in texts if isinstance(text, Said) for one in text.estimates))

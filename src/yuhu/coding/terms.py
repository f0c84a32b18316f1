"""The terms of a codebook, compiled for matching: normal form, traditional variants, one row per (pattern, decision)."""

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import polars as pl

from yuhu.core.codebook import Code, Codebook
from yuhu.texts.normal import normal_text

VERSION = "terms.v1"
TERM, BLOCK, REFERENT = 0, 1, 2

_BRACES = re.compile(r"\{([^{}]*)\}")

LOOKUP = {
    "pattern": pl.String,
    "code": pl.String,
    "value": pl.String,
    "rank": pl.Int32,
    "role": pl.Int8,
    "for_zh": pl.Boolean,
    "for_en": pl.Boolean,
    "negatable": pl.Boolean,
    "latin_start": pl.Boolean,
    "latin_end": pl.Boolean,
    "bytes": pl.Int32,
}


@cache
def _converters() -> tuple[Any, ...]:
    import opencc

    return tuple(opencc.OpenCC(name) for name in ("s2t", "s2tw", "s2hk"))


def traditional_variants(term: str) -> list[str]:
    """The traditional forms of a simplified term (mainland, Taiwan and Hong Kong standards), without the term itself."""
    return sorted({converter.convert(term) for converter in _converters()} - {term})


def compile_terms(book: Codebook, modules: Sequence[str]) -> pl.DataFrame:
    """One row per pattern and decision.

    Parameters
    ----------
    book : Codebook
        Its codes with terms, of units that are responses.
    modules : sequence of str
        Modules that are on.

    Returns
    -------
    pl.DataFrame
        Columns of `LOOKUP`; ``rank`` orders a code's values: where several hit, the largest rank wins for ordinal codes.
    """
    rows = [row for code in book.codes if code.module in modules and code.unit == "response" and code.terms for row in _code_rows(code)]
    return pl.DataFrame(rows, schema=LOOKUP, orient="row").unique(maintain_order=True)


def terms_hash(lookup: pl.DataFrame) -> str:
    """Hash of compiled terms: equal terms code equally."""
    return hashlib.sha256(lookup.write_csv().encode()).hexdigest()[:16]


def served(book: Codebook, lookup: pl.DataFrame) -> list[str]:
    """Ids of the variables that compiled terms decide, in codebook order."""
    named = set(lookup.filter(pl.col("role") == TERM)["code"].unique())
    return [variable for variable in book.variables if variable in named]


def _code_rows(code: Code) -> Iterator[tuple[Any, ...]]:
    terms = code.terms
    if terms is None:
        return
    order = {value.id: rank for rank, value in enumerate(code.values)}
    variables: set[str] = set()
    for lang, keyed in terms.by_value.items():
        for key, words in keyed.items():
            facet, _, value = key.rpartition(".")
            variable = f"{code.id}.{facet}" if facet else code.id
            variables.add(variable)
            for word in _each(words):
                yield from _rows(word, lang, variable, value, order[value], TERM, negatable=terms.negation)
    for lang, words in terms.block.items():
        for word in _each(words):
            for variable in sorted(variables):
                yield from _rows(word, lang, variable, "", -1, BLOCK, negatable=False)
    for lang, words in terms.referents.items():
        for word in _each(words):
            yield from _rows(word, lang, code.id, "", -1, REFERENT, negatable=False)


def _each(words: Iterable[str]) -> Iterator[str]:
    for word in words:
        yield from alternatives(word)


def alternatives(term: str) -> list[str]:
    """The terms that a term with braces stands for: ``"{does|did} {she|it} feel"`` stands for four."""
    parts = _BRACES.split(term)
    choices = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    return ["".join(choice) for choice in itertools.product(*choices)]


def _rows(word: str, lang: str, variable: str, value: str, rank: int, role: int, *, negatable: bool) -> Iterator[tuple[Any, ...]]:
    forms = [word, *traditional_variants(word)] if lang != "en" else [word]
    for form in dict.fromkeys(normal_text(form) for form in forms):
        if form:
            yield (
                form,
                variable,
                value,
                rank,
                role,
                lang != "en",
                lang != "zh",
                negatable,
                _is_latin(form[0]),
                _is_latin(form[-1]),
                len(form.encode()),
            )


def _is_latin(char: str) -> bool:
    return char.isalnum() and char < "\u0250"

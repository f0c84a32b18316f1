"""The lexicon coder: terms of the codebook, found with one multi-pattern scan, with the spans that show why.

A hit counts when its language fits, Latin words stand whole, no negation or reversal surrounds it, and no blocking phrase of the code
overlaps it. All steps run over the distinct texts of a batch at once.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from yuhu.coding.finding import Finder
from yuhu.coding.negation import VERSION as NEGATION
from yuhu.coding.options import no_more_options
from yuhu.coding.terms import BLOCK, REFERENT, TERM, compile_terms, served, terms_hash
from yuhu.coding.terms import VERSION as TERMS
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import CodedBatch, CoderSetup
from yuhu.core.schema import ABSTAINED, MACHINE_CODING, polars_schema
from yuhu.texts.normal import VERSION as NORMAL
from yuhu.texts.normal import back_map, is_aligned, normal_form

LANGUAGES = ("zh", "en", "mul", "und")
_LONG = 4096


class LexiconCoder:
    """Codes texts by the terms of a codebook.

    Parameters
    ----------
    book : Codebook
        The codebook.
    modules : sequence of str
        Modules that are on.
    """

    name = "lexicon.v1"
    kind = "lexicon"
    uses_context = False

    def __init__(self, book: Codebook, modules: Sequence[str]) -> None:
        self._lookup = compile_terms(book, sorted(modules))
        self._finder = Finder(self._lookup)
        self._patterns = self._finder.patterns.to_list()
        self.serves: Sequence[str] = served(book, self._lookup)
        self._ordinal = [variable for variable in self.serves if book.variables[variable].level == "ordinal"]
        values = self._lookup.filter(pl.col("role") == TERM).group_by("code").agg(pl.col("value").n_unique())
        self._several = values.filter(pl.col("value") > 1)["code"].to_list()

    def parameters(self) -> Mapping[str, object]:
        """Versions and the hash of the compiled terms."""
        return {
            "coder": self.name,
            "terms": TERMS,
            "terms_hash": terms_hash(self._lookup),
            "negation": NEGATION,
            "normal": NORMAL,
            "patterns": len(self._patterns),
            "languages": list(LANGUAGES),
        }

    def code(self, texts: pa.RecordBatch) -> CodedBatch:
        """Code a batch with ``text_key``, ``text``, ``lang``; O(total bytes + hits log hits)."""
        frame = _frame(texts)
        spoken = pl.col("lang").is_in(LANGUAGES)
        abstained = frame.filter(~spoken).select("text_key", "lang")
        rows = frame.filter(spoken).with_row_index("row").with_columns(normal=normal_form(pl.col("text")))
        hits = self.hits(rows.select("row", "lang", "normal"))
        return CodedBatch(self._outcomes(rows, hits), _arrow(abstained, ABSTAINED))

    def hits(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The hits that count.

        Parameters
        ----------
        rows : pl.DataFrame
            ``row`` (unique), ``lang``, ``normal``.

        Returns
        -------
        pl.DataFrame
            ``row, code, value, rank, role, start, end``; start and end are byte offsets into the normal form.
        """
        found = self._finder.find(rows)
        terms = _unblocked(found.filter(pl.col("role") == TERM), found.filter(pl.col("role") == BLOCK))
        return pl.concat([terms, found.filter(pl.col("role") == REFERENT)])

    def _outcomes(self, rows: pl.DataFrame, hits: pl.DataFrame) -> pa.Table:
        terms = hits.filter(pl.col("role") == TERM)
        if not terms.height:
            return _arrow(pl.DataFrame(schema=polars_schema(MACHINE_CODING)), MACHINE_CODING)
        spans = _in_characters(terms, rows).unique(["row", "code", "value", "char_start", "char_end"])
        several = pl.col("code").is_in(self._several)
        chosen = pl.concat([spans.filter(~several), self._chosen(spans.filter(several))])
        outcome = (
            chosen.sort("row", "code", "char_start", "char_end")
            .group_by("row", "code", "value", maintain_order=True)
            .agg(evidence_start="char_start", evidence_end="char_end")
        )
        outcome = self._raise(outcome, hits).join(rows.select("row", "text_key", "lang"), on="row", how="left", maintain_order="left")
        return _arrow(outcome, MACHINE_CODING)

    def _chosen(self, spans: pl.DataFrame) -> pl.DataFrame:
        """Of several values of one decision: the highest of an ordinal code, else the one with most hits, longest evidence, last in the codebook."""
        length = pl.col("char_end") - pl.col("char_start")
        counted = spans.group_by("row", "code", "value", "rank").agg(n=pl.len().cast(pl.Int32), length=length.sum())
        ordinal = pl.col("code").is_in(self._ordinal)
        best = (
            counted.with_columns(first=pl.when(ordinal).then("rank").otherwise("n"))
            .sort("row", "code", "first", "length", "rank", descending=[False, False, True, True, True])
            .unique(["row", "code"], keep="first", maintain_order=True)
        )
        return spans.join(best.select("row", "code", "value"), on=["row", "code", "value"], how="semi")

    def _raise(self, outcome: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
        """An emotion becomes 2 where the same message names whom it is for."""
        referents = hits.filter(pl.col("role") == REFERENT).select("row", "code").unique().with_columns(named=pl.lit(value=True))
        return outcome.join(referents, on=["row", "code"], how="left", maintain_order="left").with_columns(
            value=pl.when(pl.col("named") & (pl.col("value") == "1")).then(pl.lit("2")).otherwise("value")
        )


def make_lexicon(setup: CoderSetup) -> LexiconCoder:
    """The lexicon coder for a codebook.

    Raises
    ------
    YuhuError
        YH508 it has no options.
    """
    no_more_options(setup.options, LexiconCoder.name, ())
    return LexiconCoder(setup.book, setup.modules)


def _unblocked(terms: pl.DataFrame, blocks: pl.DataFrame) -> pl.DataFrame:
    """Terms that no blocking phrase of their code overlaps; a longer term that holds the phrase was listed knowingly and stays."""
    if not blocks.height:
        return terms
    numbered = terms.with_row_index("hit")
    spans = blocks.select("row", "code", block_start="start", block_end="end")
    overlaps = (pl.col("start") < pl.col("block_end")) & (pl.col("end") > pl.col("block_start"))
    holds = (
        (pl.col("start") <= pl.col("block_start"))
        & (pl.col("end") >= pl.col("block_end"))
        & (pl.col("end") - pl.col("start") > pl.col("block_end") - pl.col("block_start"))
    )
    cancelled = (
        numbered.select("hit", "row", "code", "start", "end")
        .join(spans, on=["row", "code"], how="inner")
        .filter(overlaps & ~holds)
        .select("hit")
        .unique()
    )
    return numbered.join(cancelled, on="hit", how="anti").drop("hit")


def _in_characters(terms: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Hits with character offsets into the text as written."""
    joined = terms.join(rows.select("row", "normal", "text"), on="row", how="left", maintain_order="left")
    is_long = pl.col("normal").str.len_bytes() > _LONG
    hits = pl.concat([_counted(joined.filter(~is_long)), _counted_long(joined.filter(is_long))]).with_columns(
        aligned=is_aligned(pl.col("text"), pl.col("normal")),
    )
    if hits["aligned"].all():
        return hits.drop("normal", "text", "aligned")
    moved = hits.filter(~pl.col("aligned"))
    maps = {text: back_map(text) for text in moved["text"].unique()}
    starts, ends = [], []
    for text, start, end in moved.select("text", "char_start", "char_end").iter_rows():
        places = maps[text]
        starts.append(places[start] if places else 0)
        ends.append(_after(places, end, text) if places else len(text))
    moved = moved.with_columns(char_start=pl.Series(starts, dtype=pl.Int32), char_end=pl.Series(ends, dtype=pl.Int32))
    return pl.concat([hits.filter(pl.col("aligned")), moved]).drop("normal", "text", "aligned")


def _counted(hits: pl.DataFrame) -> pl.DataFrame:
    """Hits with their place in characters of the normal form."""
    binary = pl.col("normal").cast(pl.Binary)
    return hits.with_columns(
        char_start=binary.bin.slice(0, pl.col("start")).cast(pl.String).str.len_chars().cast(pl.Int32),
        char_end=binary.bin.slice(0, pl.col("end")).cast(pl.String).str.len_chars().cast(pl.Int32),
    )


def _counted_long(hits: pl.DataFrame) -> pl.DataFrame:
    """The same for long texts, in one pass over each: a message of a megabyte must not stall a study."""
    parts = [_counted(hits.clear())]
    for part in hits.partition_by("row", maintain_order=True):
        content = np.frombuffer(part["normal"][0].encode(), dtype=np.uint8)
        before = np.concatenate([[0], np.cumsum((content & 0xC0) != 0x80)])
        places = {
            name: pl.Series(before[part[at].to_numpy()], dtype=pl.Int32) for name, at in (("char_start", "start"), ("char_end", "end"))
        }
        parts.append(part.with_columns(**places))
    return pl.concat(parts)


def _after(places: list[int], end: int, text: str) -> int:
    """The end in the text: where the next normal character begins, at least one character after the last one's start."""
    return max(places[end], places[end - 1] + 1) if end < len(places) else len(text)


def _frame(batch: pa.RecordBatch) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    if not isinstance(frame, pl.DataFrame):  # pragma: no cover - a batch always becomes a frame
        raise TypeError(type(frame))
    return frame


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    typed = frame.select(pl.col(name).cast(kind) for name, kind in polars_schema(schema).items())
    return typed.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(schema)

"""The lexicon coder: terms of the codebook, found with one multi-pattern scan, with the spans that show why.

A hit counts when its language fits, Latin words stand whole, no negation or reversal surrounds it, and no blocking phrase of the code
overlaps it. All steps are vectorised over the distinct texts of a batch.
"""

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from yuhu.coding.negation import AFFIRMED, AFTER_CHARS, BEFORE_CHARS, NEGATED, REVERSED
from yuhu.coding.negation import VERSION as NEGATION
from yuhu.coding.terms import BLOCK, REFERENT, TERM, compile_terms, served, terms_hash
from yuhu.coding.terms import VERSION as TERMS
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import CodedBatch
from yuhu.core.schema import ABSTAINED, MACHINE_CODING, polars_schema
from yuhu.texts.normal import VERSION as NORMAL
from yuhu.texts.normal import back_map, is_aligned, normal_form

LANGUAGES = ("zh", "en", "mul", "und")
_LETTER = rb"[0-9a-z]"
_LATIN_LEADS = (0xC3, 0xC9)


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
        self._patterns = self._lookup["pattern"].unique(maintain_order=True).to_list()
        self.serves: Sequence[str] = served(book, self._lookup)
        self._ordinal = [variable for variable in self.serves if book.variables[variable].level == "ordinal"]
        self._raised = self._lookup.filter(pl.col("role") == REFERENT)["code"].unique().to_list()

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
        found = self._scan(rows)
        found = self._whole_words(found, rows)
        terms = found.filter(pl.col("role") == TERM)
        terms = _unblocked(terms, found.filter(pl.col("role") == BLOCK))
        terms = _affirmative(terms, rows)
        keep = ("row", "code", "value", "rank", "role", "start", "end")
        return pl.concat([terms.select(keep), found.filter(pl.col("role") == REFERENT).select(keep)])

    def _scan(self, rows: pl.DataFrame) -> pl.DataFrame:
        patterns = self._patterns
        lookup = self._lookup.with_columns(pl.col("pattern"))
        return (
            rows.lazy()
            .select(
                "row",
                "lang",
                pattern=pl.col("normal").str.extract_many(patterns, overlapping=True),
            )
            .filter(pl.col("pattern").list.len() > 0)
            .join(rows.lazy().select("row", "normal"), on="row", how="left", maintain_order="left")
            .with_columns(start=pl.col("normal").str.find_many(patterns, overlapping=True))
            .drop("normal")
            .explode("pattern", "start")
            .join(lookup.lazy(), on="pattern", how="inner", maintain_order="left")
            .filter(
                pl.col("lang").is_in(["mul", "und"])
                | (pl.col("for_zh") & (pl.col("lang") == "zh"))
                | (pl.col("for_en") & (pl.col("lang") == "en"))
            )
            .with_columns(end=pl.col("start") + pl.col("bytes").cast(pl.UInt32))
            .drop("pattern", "for_zh", "for_en", "bytes")
            .collect()
        )

    @staticmethod
    def _whole_words(found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        latin = pl.col("latin_start") | pl.col("latin_end")
        sure, check = found.filter(~latin), found.filter(latin)
        if not check.height:
            return found
        binary = pl.col("normal").cast(pl.Binary)
        check = check.join(rows.select("row", "normal"), on="row", how="left", maintain_order="left").with_columns(
            before=binary.bin.slice(
                pl.when(pl.col("start") >= 2).then(pl.col("start") - 2).otherwise(0), pl.min_horizontal("start", pl.lit(2, pl.UInt32))
            ),
            after=binary.bin.slice(pl.col("end"), 1),
        )
        joined_before = pl.col("latin_start") & _ends_in_letter(pl.col("before"))
        joined_after = pl.col("latin_end") & _starts_with_letter(pl.col("after"))
        return pl.concat([sure, check.filter(~joined_before & ~joined_after).select(found.columns)])

    def _outcomes(self, rows: pl.DataFrame, hits: pl.DataFrame) -> pa.Table:
        terms = hits.filter(pl.col("role") == TERM)
        if not terms.height:
            return _arrow(pl.DataFrame(schema=polars_schema(MACHINE_CODING)), MACHINE_CODING)
        spans = _in_characters(terms, rows)
        chosen = self._chosen(spans)
        outcome = chosen.group_by("row", "code", "value").agg(
            evidence_start=pl.col("char_start").sort_by("char_start", "char_end"),
            evidence_end=pl.col("char_end").sort_by("char_start", "char_end"),
        )
        outcome = self._raise(outcome, hits).join(rows.select("row", "text_key", "lang"), on="row", how="left")
        return _arrow(outcome.sort("row", "code"), MACHINE_CODING)

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
        spans = spans.unique(["row", "code", "value", "char_start", "char_end"])
        return spans.join(best.select("row", "code", "value"), on=["row", "code", "value"], how="semi")

    def _raise(self, outcome: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
        """An emotion becomes 2 where the same message names whom it is for."""
        referents = hits.filter(pl.col("role") == REFERENT).select("row", "code").unique().with_columns(named=pl.lit(value=True))
        return outcome.join(referents, on=["row", "code"], how="left").with_columns(
            value=pl.when(pl.col("named") & (pl.col("value") == "1")).then(pl.lit("2")).otherwise("value")
        )


def make_lexicon(book: Codebook, modules: Sequence[str]) -> LexiconCoder:
    """The lexicon coder for a codebook."""
    return LexiconCoder(book, modules)


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


def _affirmative(terms: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Terms that nothing around them negates or takes back."""
    sure, check = terms.filter(~pl.col("negatable")), terms.filter(pl.col("negatable"))
    if not check.height:
        return terms
    places = check.select("row", "start", "end").unique()
    binary = pl.col("normal").cast(pl.Binary)
    context = (
        places.join(rows.select("row", "normal"), on="row", how="left")
        .with_columns(
            before=binary.bin.slice(0, pl.col("start")).cast(pl.String).str.tail(BEFORE_CHARS),
            after=binary.bin.slice(pl.col("end")).cast(pl.String).str.head(AFTER_CHARS),
        )
        .filter(
            (pl.col("before").str.contains(NEGATED) & ~pl.col("before").str.contains(AFFIRMED)) | pl.col("after").str.contains(REVERSED)
        )
        .select("row", "start", "end")
    )
    return pl.concat([sure, check.join(context, on=["row", "start", "end"], how="anti")])


def _ends_in_letter(slices: pl.Expr) -> pl.Expr:
    """Whether bytes end in an ASCII letter or digit, or in a Latin letter of two bytes."""
    last, lead = slices.bin.slice(-1, 1), slices.bin.slice(0, 1)
    two_byte = (slices.bin.size() == 2) & _is_lead(lead) & (last >= pl.lit(b"\x80")) & (last <= pl.lit(b"\xbf"))
    return _is_letter(last) | two_byte


def _starts_with_letter(slices: pl.Expr) -> pl.Expr:
    return _is_letter(slices) | _is_lead(slices)


def _is_letter(byte: pl.Expr) -> pl.Expr:
    return ((byte >= pl.lit(b"a")) & (byte <= pl.lit(b"z"))) | ((byte >= pl.lit(b"0")) & (byte <= pl.lit(b"9")))


def _is_lead(byte: pl.Expr) -> pl.Expr:
    return (byte >= pl.lit(bytes([_LATIN_LEADS[0]]))) & (byte <= pl.lit(bytes([_LATIN_LEADS[1]])))


def _in_characters(terms: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Hits with character offsets into the text as written."""
    binary = pl.col("normal").cast(pl.Binary)
    hits = terms.join(rows.select("row", "normal", "text"), on="row", how="left", maintain_order="left").with_columns(
        char_start=binary.bin.slice(0, pl.col("start")).cast(pl.String).str.len_chars().cast(pl.Int32),
        char_end=binary.bin.slice(0, pl.col("end")).cast(pl.String).str.len_chars().cast(pl.Int32),
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

"""The lexicon coder: terms of the codebook, found with one multi-pattern scan, with the spans that show why.

A hit counts when its language fits, Latin words stand whole, no negation or reversal surrounds it, and no blocking phrase of the code
overlaps it. All steps are vectorised over the distinct texts of a batch.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from yuhu.coding.negation import AFFIRMED, AFTER_CHARS, BEFORE_CHARS, NEGATED, REVERSED, REVERSERS
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
_LATIN_LEADS = (0xC3, 0xC9)
_WIDEST = 4  # bytes of the widest character
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
        self._patterns = self._lookup["pattern"].unique(maintain_order=True).to_list()
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
        found = _whole_words(self._scan(rows))
        terms = found.filter(pl.col("role") == TERM)
        terms = _unblocked(terms, found.filter(pl.col("role") == BLOCK))
        terms = _affirmative(terms)
        keep = ("row", "code", "value", "rank", "role", "start", "end")
        return pl.concat([terms.select(keep), found.filter(pl.col("role") == REFERENT).select(keep)])

    def _scan(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Every place where a pattern stands, with what it means there."""
        normal = pl.col("normal").str
        reversible = normal.contains_any(REVERSERS)
        return (
            rows.lazy()
            .with_columns(
                pattern=normal.extract_many(self._patterns, overlapping=True),
                start=normal.find_many(self._patterns, overlapping=True),
            )
            .filter(pl.col("pattern").list.len() > 0)
            .with_columns(reversible=reversible)
            .explode("pattern", "start")
            .join(self._lookup.lazy(), on="pattern", how="inner", maintain_order="left")
            .filter(
                pl.col("lang").is_in(["mul", "und"])
                | (pl.col("for_zh") & (pl.col("lang") == "zh"))
                | (pl.col("for_en") & (pl.col("lang") == "en"))
            )
            .with_columns(end=pl.col("start") + pl.col("bytes").cast(pl.UInt32))
            .drop("lang", "pattern", "for_zh", "for_en", "bytes")
            .collect()
        )

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


def _affirmative(terms: pl.DataFrame) -> pl.DataFrame:
    """Terms that nothing around them negates or takes back."""
    check = terms.filter(pl.col("negatable") & pl.col("reversible"))
    if not check.height:
        return terms
    binary = pl.col("normal").cast(pl.Binary)
    reversed_places = (
        check.select("row", "normal", "start", "end")
        .unique(["row", "start", "end"])
        .with_columns(
            before=_before(binary).str.tail(BEFORE_CHARS),
            after=_behind(binary).str.head(AFTER_CHARS),
        )
        .filter(
            (pl.col("before").str.contains(NEGATED) & ~pl.col("before").str.contains(AFFIRMED)) | pl.col("after").str.contains(REVERSED)
        )
        .select("row", "start", "end")
    )
    taken_back = (
        terms.with_row_index("hit").filter(pl.col("negatable")).join(reversed_places, on=["row", "start", "end"], how="semi")["hit"]
    )
    return terms.with_row_index("hit").filter(~pl.col("hit").is_in(taken_back.implode())).drop("hit")


def _before(binary: pl.Expr) -> pl.Expr:
    """Text of about `BEFORE_CHARS` characters before a hit; cut where a character begins."""
    window = BEFORE_CHARS * _WIDEST
    first = pl.when(pl.col("start") > window).then(pl.col("start") - window).otherwise(0).cast(pl.UInt32)
    first += _to_boundary(binary, first)
    return binary.bin.slice(first, pl.col("start") - first).cast(pl.String)


def _behind(binary: pl.Expr) -> pl.Expr:
    """Text of about `AFTER_CHARS` characters after a hit; cut where a character ends."""
    window = AFTER_CHARS * _WIDEST
    return binary.bin.slice(pl.col("end"), window + _to_boundary(binary, pl.col("end") + window)).cast(pl.String)


def _to_boundary(binary: pl.Expr, place: pl.Expr) -> pl.Expr:
    """Bytes from a place to where the next character begins: 0 to 3."""

    def inside(shift: int) -> pl.Expr:
        byte = binary.bin.slice(place + shift, 1)
        return (byte >= pl.lit(b"\x80")) & (byte <= pl.lit(b"\xbf"))

    shifts = pl.when(~inside(0)).then(0).when(~inside(1)).then(1).when(~inside(2)).then(2).otherwise(3)
    return shifts.cast(pl.UInt32)


def _whole_words(found: pl.DataFrame) -> pl.DataFrame:
    """Hits whose Latin ends are ends of words."""
    latin = pl.col("latin_start") | pl.col("latin_end")
    check = found.filter(latin)
    if not check.height:
        return found
    binary = pl.col("normal").cast(pl.Binary)
    first = pl.when(pl.col("start") >= 2).then(pl.col("start") - 2).otherwise(0)
    check = check.with_columns(
        before=binary.bin.slice(first, pl.min_horizontal("start", pl.lit(2, pl.UInt32))), after=binary.bin.slice(pl.col("end"), 1)
    )
    joined_before = pl.col("latin_start") & _ends_in_letter(pl.col("before"))
    joined_after = pl.col("latin_end") & _starts_with_letter(pl.col("after"))
    return pl.concat([found.filter(~latin), check.filter(~joined_before & ~joined_after).select(found.columns)])


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

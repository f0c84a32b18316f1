"""Terms of short texts, for looking at what stands out: words of alphabets, and pairs of neighbouring characters where words are not parted."""

import polars as pl

from yuhu.texts.normal import normal_form

_WORD = r"[\p{L}&&[^\p{Han}\p{Hiragana}\p{Katakana}]][\p{L}\p{M}'’&&[^\p{Han}\p{Hiragana}\p{Katakana}]]+"
_RUN = r"\p{Han}{2,}"
_LONGEST = 200


def terms_of(texts: pl.Series) -> pl.DataFrame:
    """Each term of each text once.

    Parameters
    ----------
    texts : pl.Series of str
        Messages.

    Returns
    -------
    pl.DataFrame
        ``row`` (place of the text), ``term``.

    Notes
    -----
    O(total characters); only the first 200 characters of a text are read. A pair of characters is no word; it is what can be counted without deciding where words end.
    """
    frame = texts.fill_null("").alias("text").to_frame().with_row_index("row")
    frame = frame.with_columns(normal_form(pl.col("text").str.slice(0, _LONGEST)).alias("text"))
    words = frame.select("row", term=pl.col("text").str.extract_all(_WORD)).explode("term", empty_as_null=False)
    runs = frame.select("row", run=pl.col("text").str.extract_all(_RUN)).explode("run", empty_as_null=False)
    places = runs.with_columns(at=pl.int_ranges(0, pl.col("run").str.len_chars() - 1)).explode("at", empty_as_null=False)
    pairs = places.select("row", term=pl.col("run").str.slice(pl.col("at"), 2))
    return pl.concat([words, pairs]).filter(pl.col("term").str.len_chars() > 1).unique(maintain_order=True)

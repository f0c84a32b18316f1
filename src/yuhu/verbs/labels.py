"""People's codings as labels for coders that learn."""

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.study.store import Study
from yuhu.verbs.coder_texts import in_context
from yuhu.verbs.gold import counted_codings

LABELS = pl.Schema(
    {
        "text_key": pl.Int64(),
        "lang": pl.String(),
        "text": pl.String(),
        "parent": pl.String(),
        "transcript": pl.String(),
        "code": pl.String(),
        "value": pl.String(),
        "weight": pl.Float64(),
    }
)


def labels(study: Study, book: Codebook) -> pl.DataFrame:
    """What people decided, as one row per text, decision and value.

    Parameters
    ----------
    study : Study
        The study.
    book : Codebook
        Its codebook: codings under other rules are no labels.

    Returns
    -------
    pl.DataFrame
        Columns of `LABELS`; ``weight`` is the share of the coders (over all messages with this text and context) who said so, and sums to 1 for
        each text and decision. A decision that was not shown counts as "not there".

    Notes
    -----
    O(codings). Codings of pilots and training, of repeats, and those that an adjudication settled are left out, as in gold; a chance is not needed.
    """
    said = counted_codings(study, book)
    if not said.height:
        return pl.DataFrame(schema=LABELS)
    zeros = {variable.id: variable.zero for variable in book.variables.values() if variable.zero is not None}
    units = (
        study.scan("responses")
        .filter(pl.col("response_id").is_in(said["unit_id"].unique().implode()))
        .select("response_id", "text_key", "lang", "text", "parent_id", "video_id", "at_ms")
        .collect()
    )
    texts = in_context(study, units).select("response_id", "text_key", "lang", "text", "parent", "transcript", "key")
    rows = said.with_columns(value=pl.coalesce("value", pl.col("code").replace_strict(zeros, default=None))).drop_nulls("value")
    joined = rows.join(texts, left_on="unit_id", right_on="response_id", how="inner")
    key = ["key", "lang", "code"]
    first = [pl.col(name).first() for name in ("text_key", "text", "parent", "transcript")]
    counted = joined.sort("unit_id", "coder").group_by(*key, "value", maintain_order=True).agg(*first, n=pl.len())
    weighted = counted.with_columns(weight=pl.col("n") / pl.col("n").sum().over(key))
    return weighted.sort("text_key", "lang", "key", "code", "value").select(pl.col(name).cast(kind) for name, kind in LABELS.items())

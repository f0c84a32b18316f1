"""Decisions that a machine coder failed to make are no zeros: they leave the denominator of their code."""

from collections.abc import Sequence

import polars as pl

from yuhu.core.evidence import Evidence

_KEYS = ["text_key", "lang"]


def without_failed(
    cells: pl.DataFrame, evidence: Evidence, texts: pl.DataFrame | pl.LazyFrame, by: Sequence[str], *, n: str = "n"
) -> pl.DataFrame:
    """Cells whose denominator counts no message on which their code failed.

    Parameters
    ----------
    cells : pl.DataFrame
        One row per group and code: the columns `by`, ``code`` and `n`.
    evidence : Evidence
        Whose ``failed`` counts.
    texts : pl.DataFrame or pl.LazyFrame
        ``text_key, lang``, the columns `by`, and optionally ``times``: how many messages have this text in this group. Read only where there are failures.
    by : sequence of str
        Columns that name a group.
    n : str
        The column of the denominator.

    Returns
    -------
    pl.DataFrame
        The cells in their order.

    Notes
    -----
    O(texts + failures).
    """
    if evidence.failed is None:
        return cells
    held = texts.lazy()
    times = pl.col("times").sum() if "times" in held.collect_schema() else pl.len()
    lost = held.join(evidence.failed.select(*_KEYS, "code"), on=_KEYS).group_by(*by, "code").agg(_lost=times.cast(pl.Int64)).collect()
    return (
        cells.join(lost, on=[*by, "code"], how="left", maintain_order="left")
        .with_columns((pl.col(n) - pl.col("_lost").fill_null(0)).alias(n))
        .drop("_lost")
    )

"""Exact copies: messages whose form for duplicates was there before."""

from typing import Any

import polars as pl

NAME = "exact_copy"
VERSION = "exact_copy.v1"
LABEL = {"zh": "完全重复", "en": "exact copies"}
WHAT = {
    "zh": "与同一语言更早的消息去重形式相同；留下的是最早的一条",
    "en": "the form for duplicates is that of an earlier message of its language; the earliest one stays",
}
PARAMETERS: dict[str, Any] = {}


def repeats(messages: pl.DataFrame, *keys: str) -> pl.Series:
    """Whether each message, in the order of time, is one that was there before.

    Parameters
    ----------
    messages : pl.DataFrame
        The earliest first.
    *keys : str
        Columns in which two messages are the same; a row in which any is null repeats nothing.
    """
    known = pl.all_horizontal(pl.col(key).is_not_null() for key in keys)
    return messages.select(known & ~pl.struct(keys).is_first_distinct()).to_series()


def counts(messages: pl.DataFrame, by: str) -> pl.DataFrame:
    """How often each text was sent, and by how many.

    Parameters
    ----------
    messages : pl.DataFrame
        ``video_id``, ``author_key`` and the column `by`, which names the text.
    by : str
        That column.

    Returns
    -------
    pl.DataFrame
        One row per text, in its order: ``n_equal`` messages, ``n_authors`` different authors (null where none is known), ``n_videos``,
        ``n_most`` the largest number in one video (messages without a video count as one video of their own).
    """
    in_video = messages.group_by(by, "video_id").agg(n=pl.len().cast(pl.Int64))
    most = in_video.group_by(by).agg(n_videos=pl.col("video_id").drop_nulls().len().cast(pl.Int64), n_most=pl.col("n").max())
    authors = pl.col("author_key").drop_nulls().n_unique().cast(pl.Int64)
    whole = messages.group_by(by).agg(n_equal=pl.len().cast(pl.Int64), n_authors=pl.when(authors > 0).then(authors))
    return whole.join(most, on=by, how="left").sort(by)

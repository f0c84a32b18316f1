"""Suspected spam by text: one account sends the same text again and again, under many videos. A suspicion, never a verdict."""

from typing import Any

import polars as pl

NAME = "suspected_spam_text"
VERSION = "suspected_spam_text.v1"
LABEL = {"zh": "疑似刷屏（同文）", "en": "suspected spam: same text"}
SENT, VIDEOS, SHORTEST = 5, 3, 6
WHAT = {
    "zh": f"同一账号在至少 {VIDEOS} 个视频下把同一文本（去重形式至少 {SHORTEST} 个字）发了至少 {SENT} 次；只是怀疑，不是定论",
    "en": f"an account sent the same text ({SHORTEST} characters or more) {SENT} times or more, in {VIDEOS} videos or more; a suspicion, not a verdict",
}
PARAMETERS: dict[str, Any] = {"sent": SENT, "videos": VIDEOS, "shortest": SHORTEST}


def spam_text(messages: pl.DataFrame) -> pl.Series:
    """Whether each message is one of such a series.

    Parameters
    ----------
    messages : pl.DataFrame
        ``author_key``, ``video_id``, ``same`` (number of the text in the form for duplicates) and ``length`` (its characters); null where unknown.
    """
    series = (
        messages.lazy()
        .filter(pl.col("author_key").is_not_null() & (pl.col("length") >= SHORTEST))
        .group_by("author_key", "same")
        .agg(sent=pl.len(), videos=pl.col("video_id").drop_nulls().n_unique())
        .filter((pl.col("sent") >= SENT) & (pl.col("videos") >= VIDEOS))
        .select("author_key", "same", found=pl.lit(value=True))
        .collect()
    )
    joined = messages.select("author_key", "same").join(series, on=["author_key", "same"], how="left", maintain_order="left")
    return joined["found"].fill_null(value=False)

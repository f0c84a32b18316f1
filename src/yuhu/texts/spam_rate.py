"""Suspected spam by rate: more messages in a minute than a person types. A suspicion, never a verdict."""

from typing import Any

import numpy as np
import polars as pl

NAME = "suspected_spam_rate"
VERSION = "suspected_spam_rate.v1"
LABEL = {"zh": "疑似刷屏（频率）", "en": "suspected spam: rate"}
MOST, WINDOW_S, COARSEST_S = 20, 60, 1
WHAT = {
    "zh": f"同一账号在 {WINDOW_S} 秒内发出超过 {MOST} 条消息（只看精确到秒、且不是平台成批给出的时间）；只是怀疑，不是定论",
    "en": f"one of more than {MOST} messages of an account within {WINDOW_S} s (times to the second, batches aside); a suspicion, not a verdict",
}
PARAMETERS: dict[str, Any] = {"most": MOST, "window_s": WINDOW_S, "coarsest_s": COARSEST_S}


def spam_rate(messages: pl.DataFrame) -> pl.Series:
    """Whether each message stands in such a burst.

    Parameters
    ----------
    messages : pl.DataFrame
        ``author_key``, ``sent_at``, ``sent_at_precision_s``, ``video_id``; rows in which one of the first three is null are in no burst.

    Notes
    -----
    Some platforms give one time to a batch of messages. A second that more than `MOST` messages of others under the same video share is such a
    time, and says nothing of an account.
    """
    here = messages.lazy().select("author_key", "sent_at", "sent_at_precision_s", "video_id").with_row_index("row")
    of_others = pl.len().over("video_id", "sent_at") - pl.len().over("video_id", "sent_at", "author_key")
    timed = (
        here.with_columns(of_others=of_others)
        .filter(pl.col("author_key").is_not_null() & pl.col("sent_at").is_not_null())
        .filter((pl.col("sent_at_precision_s") <= COARSEST_S) & (pl.col("of_others") <= MOST))
        .filter(pl.len().over("author_key") > MOST)
        .sort("author_key", "sent_at", "row")
        .with_columns(lasts=(pl.col("sent_at").shift(-MOST) - pl.col("sent_at")).over("author_key").dt.total_milliseconds())
        .with_columns(begun=(pl.col("lasts") <= WINDOW_S * 1000).fill_null(value=False).cast(pl.Int64).cum_sum().over("author_key"))
        .filter(pl.col("begun") > pl.col("begun").shift(MOST + 1).over("author_key").fill_null(0))
        .select("row")
        .collect()
    )
    found = np.zeros(messages.height, dtype=bool)
    found[timed["row"].to_numpy()] = True
    return pl.Series("found", found)

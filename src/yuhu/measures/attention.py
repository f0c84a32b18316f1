"""Attention over time: rank, heat, views and other metrics as platforms showed them.

A rank counts from 1 (best). Heat is a platform's own index: comparable within one list, never across lists.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform

SHOWN = "shown_by_platform"
LOW_IS_BEST = ("rank",)


class AttentionOverTime:
    """Each observation of each metric, and the best value of each subject with its time."""

    name = "attention.v1"
    needs: Mapping[str, Sequence[str]] = {"metrics": ("subject", "at", "name", "value")}

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Observations in order of subject, metric and time; equal rows of several sources count once."""
        seen = (
            evidence.metrics.select("subject", "at", "name", "value").drop_nulls().unique().sort("subject", "name", "at", "value").collect()
        )
        if not seen.height:
            return estimates_frame([])
        series = seen.with_columns(measure=pl.lit(self.name), n=pl.lit(1, dtype=pl.Int64))
        low = pl.col("name").is_in(LOW_IS_BEST)
        best = (
            seen.with_columns(
                score=pl.when(low).then(-pl.col("value")).otherwise("value"), n=pl.len().over("subject", "name").cast(pl.Int64)
            )
            .sort("subject", "name", "score", "at", descending=[False, False, True, False])
            .unique(["subject", "name"], keep="first", maintain_order=True)
            .with_columns(measure=pl.lit("attention_best.v1"))
            .select(series.columns)
        )
        both = pl.concat([series, best]).with_columns(
            value_id="name",
            unit="name",
            by=pl.lit("subject"),
            method=pl.lit("as_shown.v1"),
            source=pl.lit("observed"),
            rung=pl.lit("D"),
            reason=pl.lit(SHOWN),
        )
        return checked(conform(both, FRAME_SCHEMA))

"""What a share could be among all messages that the platform counts, where an export holds only some of them.

Moderation can imitate culture: what a platform did not hand out may differ from what it did. The bounds say how far a share may be off for that
reason alone; they narrow only with fuller exports, never with more coding.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.decisions import shares_of, steps
from yuhu.measures.failed import without_failed
from yuhu.stats.bounds import export_bounds

BOUNDS = "bounds_not_interval"


class ExportBounds:
    """Bounds of each code's share per video and kind of message, wherever the platform's own total is above the number exported."""

    name = "export_bounds.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("text_key", "lang", "video_id", "kind", "is_special"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """One row per video, kind and code; none without totals."""
        totals = evidence.totals
        if totals is None or not totals.height or evidence.codings is None or evidence.abstained is None:
            return estimates_frame([])
        keys = ["text_key", "lang"]
        units = _units(evidence.responses, totals).collect()
        found = (
            _units(evidence.everything, totals)
            .group_by("video_id", "group")
            .agg(exported=pl.len().cast(pl.Int64), total=pl.col("total").first())
            .collect()
        )
        short = found.filter(pl.col("total") > pl.col("exported"))
        if not short.height:
            return estimates_frame([])
        coded = units.lazy().join(evidence.abstained, on=keys, how="anti").collect()
        counted = evidence.codings.join(steps(evidence.book, evidence.served).lazy(), on=["code", "value"]).select(
            *keys, "code", "value_id"
        )
        hits = (
            coded.lazy()
            .join(counted, on=keys)
            .group_by("video_id", "group", "code", "value_id")
            .agg(count=pl.len().cast(pl.Int64))
            .collect()
        )
        n = coded.group_by("video_id", "group").agg(n=pl.len().cast(pl.Int64))
        grid = (
            short.join(n, on=["video_id", "group"], how="inner")
            .join(_cells(evidence), how="cross")
            .join(hits, on=["video_id", "group", "code", "value_id"], how="left")
            .with_columns(pl.col("count").fill_null(0))
        )
        grid = (
            without_failed(grid, evidence, coded, ["video_id", "group"])
            .filter(pl.col("n") >= max(evidence.k_anonymity, 1))
            .sort("video_id", "group", "order")
        )
        share = (grid["count"] / grid["n"]).to_numpy()
        unseen = (grid["total"] - grid["exported"]).to_numpy()
        low, high = export_bounds(share, grid["n"].to_numpy(), grid["n"].to_numpy() + unseen)
        return checked(
            conform(
                grid.with_columns(
                    measure=pl.lit(self.name),
                    by=pl.lit("video"),
                    subject=pl.format("{} ({})", "video_id", "group"),
                    value=pl.Series(share),
                    low=pl.Series(low),
                    high=pl.Series(high),
                    confidence=pl.lit(1.0),
                    unit=pl.lit("share"),
                    method=pl.lit("export_bounds.v1"),
                    source=pl.lit("machine"),
                    coder=pl.lit(evidence.coder),
                    target=pl.lit(evidence.target),
                    rung=pl.lit("D"),
                    reason=pl.lit(BOUNDS),
                    n_videos=pl.lit(1),
                ),
                FRAME_SCHEMA,
            )
        )


def _units(responses: pl.LazyFrame, totals: pl.DataFrame) -> pl.LazyFrame:
    """Messages of videos and kinds with a total."""
    group = pl.when(pl.col("kind") == "danmaku").then(pl.lit("danmaku")).otherwise(pl.lit("comment"))
    return (
        responses.filter(~pl.col("is_special").fill_null(value=False))
        .select("text_key", "lang", "video_id", group=group)
        .join(totals.lazy(), on=["video_id", "group"], how="inner")
    )


def _cells(evidence: Evidence) -> pl.DataFrame:
    """The first value of each decision that is present or not, or has steps."""
    pairs = [
        (code, ids[0])
        for code in evidence.served
        if (ids := shares_of(evidence.book.variables[code])) and evidence.book.variables[code].level != "nominal"
    ]
    return pl.DataFrame(pairs, schema={"code": pl.String, "value_id": pl.String}, orient="row").with_row_index("order")

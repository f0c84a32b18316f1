"""Response intensity: how many messages stand at each moment of a video, and which share of them expresses a code.

Counts of all messages are complete for the file at hand (not for the audience: exports are often capped). Shares come from the machine coder
and are not validated. Exposure-normalised rates and peaks need retention and belong to the measures of moments.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.estimate import CENSUS, FRAME_SCHEMA, MACHINE_ONLY, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.decisions import shares_of, steps
from yuhu.measures.failed import without_failed


class ResponseIntensity:
    """Messages per step of media time and video; and the share of each code's presence among them."""

    name = "response_intensity.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("text_key", "lang", "video_id", "at_ms", "is_special"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """One row per video, step and code; steps without messages between the first and the last hold 0."""
        timed = evidence.responses.filter(
            pl.col("at_ms").is_not_null() & pl.col("video_id").is_not_null() & ~pl.col("is_special").fill_null(value=False)
        ).select("text_key", "lang", "video_id", at_ms=pl.col("at_ms") // evidence.bin_ms * evidence.bin_ms)
        per_text = timed.group_by("video_id", "at_ms", "text_key", "lang").agg(times=pl.len().cast(pl.Int64)).collect()
        if not per_text.height:
            return estimates_frame([])
        frames = [self._messages(evidence, per_text)]
        if evidence.codings is not None and evidence.abstained is not None:
            frames.append(self._codes(evidence, per_text))
        return checked(pl.concat(frames))

    def _messages(self, evidence: Evidence, per_text: pl.DataFrame) -> pl.DataFrame:
        counts = per_text.group_by("video_id", "at_ms").agg(count=pl.col("times").sum())
        span = counts.group_by("video_id").agg(last=pl.col("at_ms").max(), n=pl.col("count").sum())
        steps_of = span.select("video_id", "n", at_ms=pl.int_ranges(0, pl.col("last") + evidence.bin_ms, evidence.bin_ms)).explode("at_ms")
        full = steps_of.join(counts, on=["video_id", "at_ms"], how="left").with_columns(pl.col("count").fill_null(0))
        return self._frame(
            full.sort("video_id", "at_ms").with_columns(subject="video_id", value=pl.col("count").cast(pl.Float64)),
            unit="messages",
            method="count.v1",
            source="observed",
            reason=CENSUS,
        )

    def _codes(self, evidence: Evidence, per_text: pl.DataFrame) -> pl.DataFrame:
        keys = ["text_key", "lang"]
        assert evidence.codings is not None
        assert evidence.abstained is not None
        coded = per_text.lazy().join(evidence.abstained, on=keys, how="anti").collect()
        totals = coded.group_by("video_id", "at_ms").agg(n=pl.col("times").sum())
        first = [
            (code, ids[0])
            for code in evidence.served
            if (ids := shares_of(evidence.book.variables[code])) and evidence.book.variables[code].level != "nominal"
        ]
        cells = pl.DataFrame(first, schema={"code": pl.String, "value_id": pl.String}, orient="row").with_row_index("order")
        counted = (
            evidence.codings.join(steps(evidence.book, [code for code, _ in first]).lazy(), on=["code", "value"])
            .join(cells.lazy(), on=["code", "value_id"], how="semi")
            .select(*keys, "code", "value_id")
        )
        hits = (
            coded.lazy().join(counted, on=keys).group_by("video_id", "at_ms", "code", "value_id").agg(count=pl.col("times").sum()).collect()
        )
        grid = (
            totals.join(cells, how="cross")
            .join(hits, on=["video_id", "at_ms", "code", "value_id"], how="left")
            .with_columns(pl.col("count").fill_null(0))
        )
        grid = without_failed(grid, evidence, coded, ["video_id", "at_ms"])
        small = pl.col("n") < evidence.k_anonymity
        return self._frame(
            grid.sort("video_id", "order", "at_ms").with_columns(
                subject="video_id",
                value=pl.when(~small).then(pl.col("count") / pl.col("n")),
                count=pl.when(~small).then("count"),
                why=pl.when(small).then(pl.lit("small_cell")).otherwise(pl.lit(MACHINE_ONLY)),
            ),
            unit="share",
            method="machine_count.v1",
            source="machine",
            coder=evidence.coder,
            target=evidence.target,
        )

    def _frame(self, cells: pl.DataFrame, **constant: str) -> pl.DataFrame:
        columns = {name: pl.lit(value) for name, value in constant.items()}
        reason = {} if "reason" in constant else {"reason": pl.col("why")}
        return conform(
            cells.with_columns(measure=pl.lit(self.name), by=pl.lit("video"), rung=pl.lit("D"), **columns, **reason), FRAME_SCHEMA
        )

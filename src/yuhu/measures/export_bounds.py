"""What a share could be among all messages that the platform counts, where an export holds only some of them.

The machine's share has bounds that hold whatever was not exported, if the machine is right. Where people coded enough, the bounds of the corrected share stand
beside them: from the lower end of its interval with none of the rest, to the upper end with all of it.

Moderation can imitate culture: what a platform did not hand out may differ from what it did. The bounds say how far a share may be off for that
reason alone; they narrow only with fuller exports, never with more coding.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.correcting import corrected
from yuhu.measures.decisions import shares_of, steps
from yuhu.measures.failed import without_failed
from yuhu.measures.prevalence import corrected_share
from yuhu.stats.bounds import export_bounds

BOUNDS = "bounds_not_interval"
MOST_CORRECTED = 200
_KEYS = ["text_key", "lang"]
_SUBJECT = pl.format("{} ({})", "video_id", "group")


class ExportBounds:
    """Bounds of each code's share per video and kind of message, wherever the platform's own total is above the number exported."""

    name = "export_bounds.v2"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang", "video_id", "kind", "is_special", "work_id", "root_id", "source"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """The machine's and, with gold, corrected rows per video, kind and code; none without totals."""
        totals = evidence.totals
        if totals is None or not totals.height or evidence.codings is None or evidence.abstained is None:
            return estimates_frame([])
        short = (
            _units(evidence.everything, totals)
            .group_by("video_id", "group")
            .agg(exported=pl.len().cast(pl.Int64), total=pl.col("total").first())
            .filter(pl.col("total") > pl.col("exported"))
            .with_columns(subject=_SUBJECT)
            .sort("subject")
            .collect()
        )
        if not short.height:
            return estimates_frame([])
        return checked(pl.concat([self._machine(evidence, totals, short), estimates_frame(self._corrected(evidence, short))]))

    def _machine(self, evidence: Evidence, totals: pl.DataFrame, short: pl.DataFrame) -> pl.DataFrame:
        assert evidence.codings is not None
        assert evidence.abstained is not None
        coded = _units(evidence.responses, totals).join(evidence.abstained, on=_KEYS, how="anti").collect()
        counted = evidence.codings.join(steps(evidence.book, evidence.served).lazy(), on=["code", "value"]).select(
            *_KEYS, "code", "value_id"
        )
        cell = ["video_id", "group", "code", "value_id"]
        hits = coded.lazy().join(counted, on=_KEYS).group_by(cell).agg(count=pl.len().cast(pl.Int64)).collect()
        n = coded.group_by("video_id", "group").agg(n=pl.len().cast(pl.Int64))
        grid = (
            short.join(n, on=["video_id", "group"], how="inner")
            .join(_cells(evidence), how="cross")
            .join(hits, on=cell, how="left")
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
        return conform(
            grid.with_columns(
                measure=pl.lit(self.name),
                by=pl.lit("video"),
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

    def _corrected(self, evidence: Evidence, short: pl.DataFrame) -> Iterator[Estimate]:
        """Corrected shares of the messages exported, and their bounds at the confidence of their intervals."""
        unseen = {subject: total - exported for subject, total, exported in short.select("subject", "total", "exported").iter_rows()}
        wanted = set(_cells(evidence).select("code", "value_id").iter_rows())
        kind = pl.when(pl.col("kind") == "danmaku").then(pl.lit("danmaku")).otherwise(pl.lit("comment"))
        name = pl.format("{} ({})", "video_id", kind)
        groups = {"export": pl.when(name.is_in(list(unseen))).then(name)}
        for _, one in corrected(evidence, self.name, groups, MOST_CORRECTED):
            for at, subject in enumerate(one.subjects):
                if (one.code, one.value_id) in wanted and one.gold[at]:
                    found = corrected_share(evidence, self.name, "video", subject, one, at)
                    yield _bounded(found, unseen[subject])


def _bounded(found: Estimate, unseen: int) -> Estimate:
    """The share with bounds for its interval; one without an interval has none."""
    told = found.with_(method="corrected_export_bounds.v1", n_videos=1)
    if found.low is None or found.high is None:
        return told
    n, total = np.array([found.n, found.n]), np.array([found.n + unseen] * 2)
    low, high = export_bounds(np.clip([found.low, found.high], 0, 1), n, total)
    return told.with_(low=float(low[0]), high=float(high[1]), reason=BOUNDS)


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

"""Prevalence: which share of the messages expresses a code, for whom.

Three estimates stand side by side: what the machine coder says of all messages (count and n, no interval: it was not validated), what people say
of a probability sample (with an interval under the study's target), and the machine's share corrected by what people found.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, MACHINE_ONLY, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.randomness import generator
from yuhu.core.schema import conform
from yuhu.measures.correcting import Corrected, corrected
from yuhu.measures.decisions import shares_of, steps
from yuhu.measures.failed import without_failed
from yuhu.stats.survey import hajek_mean

GROUPS = ("all", "video_id", "platform", "lang", "region")
BY = {"all": "all", "video_id": "video", "platform": "platform", "lang": "language", "region": "region"}
LARGEST_GROUPS = 200
_PLACE = ("lang", "video_id", "platform", "region")


class Prevalence:
    """Share of messages with each value of each decision, over all and by video, platform, language and region."""

    name = "prevalence.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "video_id", "platform", "lang", "region", "work_id", "root_id", "is_special", "source"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Machine, gold, corrected and (in constructed studies) planted shares."""
        frames = [self._machine(evidence), self._gold(evidence), self._corrected(evidence), self._planted(evidence)]
        return checked(pl.concat([frame for frame in frames if frame is not None and frame.height] or [estimates_frame([])]))

    def of_all(self, evidence: Evidence) -> pl.DataFrame:
        """Machine and corrected shares over all messages."""
        frames = [self._machine(evidence, ("all",)), self._corrected(evidence, ("all",))]
        return checked(pl.concat([frame for frame in frames if frame is not None]))

    def _machine(self, evidence: Evidence, groups: Sequence[str] = GROUPS) -> pl.DataFrame | None:
        if evidence.codings is None or evidence.abstained is None:
            return None
        keys = ["text_key", "lang"]
        units = (
            evidence.responses.filter(~pl.col("is_special").fill_null(value=False))
            .join(evidence.abstained, on=keys, how="anti")
            .select("text_key", *_PLACE)
        )
        counted = (
            evidence.codings.select(*keys, "code", "value")
            .join(steps(evidence.book, evidence.served).lazy(), on=["code", "value"])
            .drop("value")
        )
        whole = pl.lit("all").alias("all")
        places = units.group_by(_PLACE).agg(times=pl.len()).with_columns(whole).collect()
        hits = units.join(counted, on=keys).group_by(*_PLACE, "code", "value_id").agg(times=pl.len()).with_columns(whole).collect()
        frames = [self._machine_by(evidence, group, places, hits, units.with_columns(whole)) for group in groups]
        return pl.concat([frame for frame in frames if frame.height] or [estimates_frame([])])

    def _machine_by(self, evidence: Evidence, group: str, places: pl.DataFrame, hits: pl.DataFrame, units: pl.LazyFrame) -> pl.DataFrame:
        """Shares by one column, from messages (`times`) by all columns together: few texts have a code, and few columns differ."""
        present = pl.col(group).is_not_null()
        totals = (
            places.filter(present)
            .group_by(pl.col(group).alias("subject"))
            .agg(n=pl.col("times").sum().cast(pl.Int64), n_videos=pl.col("video_id").drop_nulls().n_unique().cast(pl.Int64))
            .sort("n", "subject", descending=[True, False])
            .head(LARGEST_GROUPS)
        )
        counts = (
            hits.filter(present)
            .group_by(pl.col(group).alias("subject"), "code", "value_id")
            .agg(count=pl.col("times").sum().cast(pl.Int64))
        )
        cells = (
            totals.join(_cells(evidence), how="cross")
            .join(counts, on=["subject", "code", "value_id"], how="left")
            .with_columns(pl.col("count").fill_null(0))
        )
        cells = without_failed(cells, evidence, units.filter(present).with_columns(subject=pl.col(group)), ["subject"])
        hidden = (pl.col("n") < evidence.k_anonymity) & pl.lit(group != "all")
        return _frame(
            cells.sort(pl.col("n"), "subject", "order", descending=[True, False, False]).with_columns(
                count=pl.when(~hidden).then("count"),
                value=pl.when(~hidden & (pl.col("n") > 0)).then(pl.col("count") / pl.col("n")),
                reason=pl.when(hidden)
                .then(pl.lit("small_cell"))
                .when(pl.col("n") > 0)
                .then(pl.lit(MACHINE_ONLY))
                .otherwise(pl.lit("no_units")),
            ),
            by=BY[group],
            method="machine_count.v1",
            source="machine",
            coder=evidence.coder,
            target=evidence.target,
        )

    def _gold(self, evidence: Evidence) -> pl.DataFrame | None:
        units = evidence.gold.units
        if not units.height:
            return None
        estimates: list[Estimate] = []
        for group in GROUPS:
            named = units.with_columns(subject=pl.lit("all") if group == "all" else pl.col(group)).filter(pl.col("subject").is_not_null())
            for (subject, code, value_id), cell in named.group_by("subject", "code", "value_id", maintain_order=True):
                estimates.append(self._gold_cell(evidence, BY[group], str(subject), str(code), str(value_id), cell))
        return estimates_frame(sorted(estimates, key=lambda e: (e.by, e.subject, e.code or "", e.value_id or "")))

    def _gold_cell(self, evidence: Evidence, by: str, subject: str, code: str, value_id: str, cell: pl.DataFrame) -> Estimate:
        cluster = None
        if evidence.target == "superpopulation":
            cluster = cell["work_id"].fill_null("-").rank("dense").cast(pl.Int64).to_numpy()
        found = hajek_mean(
            cell["human"].to_numpy(),
            cell["chance"].to_numpy(),
            cluster=cluster,
            confidence=evidence.confidence,
            generator=generator(evidence.seed, self.name, by, subject, code, value_id),
        )
        if not cell["is_complete"].all() and found.low is not None:
            found = Estimate(value=found.value, n=found.n, n_gold=found.n_gold, method=found.method, reason="gold_incomplete")
        if cell.height < evidence.k_anonymity and by != "all":
            found = Estimate(value=None, n=found.n, n_gold=found.n, method=found.method, reason="small_cell")
        return found.with_(
            measure=self.name,
            code=code,
            value_id=value_id,
            by=by,
            subject=subject,
            source="gold",
            rung="D",
            coder="people",
            target=evidence.target,
            n_videos=cell["video_id"].drop_nulls().n_unique(),
        )

    def _corrected(self, evidence: Evidence, groups: Sequence[str] = GROUPS) -> pl.DataFrame:
        rows: list[Estimate] = []
        named = {BY[group]: pl.lit("all") if group == "all" else pl.col(group) for group in groups}
        for by, one in corrected(evidence, self.name, named, LARGEST_GROUPS):
            for at, subject in enumerate(one.subjects):
                if one.gold[at] or by == "all":
                    rows.append(corrected_share(evidence, self.name, by, subject, one, at))
        return estimates_frame(rows)

    def _planted(self, evidence: Evidence) -> pl.DataFrame | None:
        if evidence.planted is None:
            return None
        planted = evidence.planted.with_columns(reason=pl.lit("planted"))
        return _frame(planted, method="planted.v1", source="truth", coder="simulation", target="corpus")


def corrected_share(evidence: Evidence, measure: str, by: str, subject: str, one: Corrected, at: int) -> Estimate:
    """A corrected share with all that an estimate says; without an interval where gold is not complete, and suppressed where it is small."""
    found = one.shares.share(at)
    if not one.is_complete and found.low is not None:
        found = found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")
    if by != "all" and min(found.n, one.gold[at]) < evidence.k_anonymity:
        found = found.with_(value=None, low=None, high=None, confidence=None, reason="small_cell")
    return found.with_(
        measure=measure,
        code=one.code,
        value_id=one.value_id,
        by=by,
        subject=subject,
        source="corrected",
        rung="D",
        coder=evidence.coder,
        target=evidence.target,
        n_videos=one.videos[at],
    )


def _cells(evidence: Evidence) -> pl.DataFrame:
    pairs = [(code, value_id) for code in evidence.served for value_id in shares_of(evidence.book.variables[code])]
    return pl.DataFrame(pairs, schema={"code": pl.String, "value_id": pl.String}, orient="row").with_row_index("order")


def _frame(cells: pl.DataFrame, **constant: str) -> pl.DataFrame:
    return conform(
        cells.with_columns(
            measure=pl.lit(Prevalence.name),
            unit=pl.lit("share"),
            rung=pl.lit("D"),
            **{name: pl.lit(value) for name, value in constant.items()},
        ),
        FRAME_SCHEMA,
    )

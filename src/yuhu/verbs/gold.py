"""Gold: what people coded of probability samples, with the chance of each unit."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.evidence import Frame, Gold
from yuhu.core.sample import Sample
from yuhu.core.schema import PEOPLE
from yuhu.measures.decisions import steps
from yuhu.study.codebooks import kept_codebooks
from yuhu.study.codings import read_codings
from yuhu.study.samples import read_series, units_spent
from yuhu.study.store import Study

COMPLETE = 0.95


def gold_units(study: Study, book: Codebook) -> Gold:
    """What people coded of probability samples: for each unit and value the mean of the coders, with the unit's chance.

    A decision that was not shown, because its gate was closed (`opens_if`) or what it is about is absent, counts as not expressed: shares are of
    all messages, for people as for machines. Where the gate was another one in the version that it was coded under, or is not known, it is left out. Codings of units without a chance, of another version of a code, with a value that the codebook does
    not know or with a status other than ``coded`` are left out, and so is all of training and pilots; simulated coders count in constructed studies only. An
    adjudicated value stands for those of the coders. Samples are never pooled, but for the waves of a series: each code takes the sample in which most units are coded (of equal ones the first by name), and ``is_complete`` says whether 95 % of its units are.
    """
    usable, samples = counted_codings(study, book), read_series(study.path)
    if not usable.height or not samples:
        return Gold(_no_gold())
    chances = pl.concat(
        [
            sample.units.select("unit_id", "chance", "stratum", sample=pl.lit(name), drawn=pl.lit(sample.size))
            for name, sample in samples.items()
        ]
    )
    drawn = usable.join(chances, on="unit_id", how="inner")
    if not drawn.height:
        return Gold(_no_gold())
    chosen = (
        drawn.group_by("code", "sample")
        .agg(n=pl.col("unit_id").n_unique(), drawn=pl.col("drawn").first())
        .sort("code", "n", "sample", descending=[False, True, False])
        .unique("code", keep="first", maintain_order=True)
        .with_columns(is_complete=pl.col("n") >= COMPLETE * pl.col("drawn"))
    )
    rows = drawn.join(chosen.select("code", "sample", "is_complete"), on=["code", "sample"], how="inner").sort("code", "unit_id", "coder")
    ladder = steps(book, rows["code"].unique().sort())
    cells = rows.join(ladder.select("code", "value_id").unique(maintain_order=True), on="code", how="inner", maintain_order="left")
    human = (
        cells.join(ladder.with_columns(hit=pl.lit(1.0)), on=["code", "value", "value_id"], how="left", maintain_order="left")
        .group_by("unit_id", "code", "value_id", maintain_order=True)
        .agg(
            human=pl.col("hit").fill_null(0.0).mean(),
            chance=pl.col("chance").first(),
            stratum=pl.col("stratum").first(),
            is_complete=pl.col("is_complete").first(),
        )
        .rename({"unit_id": "response_id"})
    )
    works = study.videos().select("video_id", "work_id").lazy()
    frame = (
        study.scan("responses")
        .select("response_id", "video_id", "platform", "lang", "region", "root_id")
        .join(human.lazy(), on="response_id", how="inner")
        .join(works, on="video_id", how="left")
        .with_columns(work_id=pl.coalesce("work_id", "root_id", "response_id"))
        .sort("code", "value_id", "response_id")
        .collect()
    )
    frames = _frames(study, chosen, samples)
    return Gold(frame.select(_no_gold().columns), sorted(rows["coder"].unique()), sorted(chosen["sample"].unique()), frames)


def _frames(study: Study, chosen: pl.DataFrame, samples: Mapping[str, Sample]) -> list[Frame]:
    """What the samples that were chosen were drawn from."""
    now_spent = sorted(units_spent(study.path))
    found = []
    for (name,), part in chosen.sort("sample", "code").group_by("sample", maintain_order=True):
        plan = samples[str(name)].plan
        found.append(
            Frame(
                part["code"].to_list(),
                plan.get("sources"),
                plan.get("reads") or (),
                plan.get("spent", now_spent),
                plan.get("leave_out") or (),
            )
        )
    return found


def counted_codings(study: Study, book: Codebook) -> pl.DataFrame:
    """What people decided about responses under the present rules: ``unit_id, code, coder, value``; see `gold_units` for what is left out."""
    codings = read_codings(study.path, counted=True, unit_kind="response")
    people = PEOPLE if study.settings.constructed else ("human",)
    current = {variable.id: variable.code_hash for variable in book.variables.values()}
    gated = [variable.id for variable in book.variables.values() if book.code(variable.code).opens_if or variable.is_attribute]
    known = pl.DataFrame(
        [(variable.id, value) for variable in book.variables.values() for value in variable.values],
        schema={"code": pl.String, "value": pl.String},
        orient="row",
    )
    mine = codings.filter(
        pl.col("coder_kind").is_in(people)
        & (pl.col("purpose") != "with_transcript")
        & (pl.col("occasion") == 0)
        & (pl.col("code_hash") == pl.col("code").replace_strict(current, default=None))
    )
    coded = mine.filter(pl.col("status") == "coded").join(known, on=["code", "value"], how="semi")
    closed = mine.filter((pl.col("status") == "not_shown") & pl.col("code").is_in(gated)).join(
        _same_gates(study, book, gated), on=["codebook_hash", "code"], how="semi", maintain_order="left"
    )
    usable = pl.concat([coded, closed]).select("unit_id", "code", "coder", "value", "purpose", "at").sort("code", "unit_id", "coder")
    return _settled(usable).select("unit_id", "code", "coder", "value")


def _same_gates(study: Study, book: Codebook, gated: Sequence[str]) -> pl.DataFrame:
    """Versions of the codebook under which decisions were asked of the same units as now: ``codebook_hash, code``. A gate does not change a code's hash."""
    kept = {**kept_codebooks(study.path), book.content_hash: book}
    rows = [
        (content_hash, name)
        for content_hash, then in kept.items()
        for name in gated
        if then is not None and name in then.variables and then.code(then.variables[name].code).opens_if == _gate(book, name)
    ]
    return pl.DataFrame(rows, schema={"codebook_hash": pl.String, "code": pl.String}, orient="row")


def _gate(book: Codebook, name: str) -> Mapping[str, Any] | None:
    return book.code(book.variables[name].code).opens_if


def _settled(usable: pl.DataFrame) -> pl.DataFrame:
    """The adjudicated value where there is one (the newest of several), else what each coder said."""
    decided = (
        usable.filter(pl.col("purpose") == "adjudication")
        .sort("at", maintain_order=True)
        .unique(["unit_id", "code"], keep="last", maintain_order=True)
    )
    open_ones = usable.filter(pl.col("purpose") != "adjudication").join(decided, on=["unit_id", "code"], how="anti", maintain_order="left")
    once = open_ones.unique(["unit_id", "code", "coder"], keep="last", maintain_order=True)
    return pl.concat([once, decided]).sort("code", "unit_id", "coder")


def _no_gold() -> pl.DataFrame:
    texts = ("response_id", "code", "value_id")
    return pl.DataFrame(
        schema={
            **dict.fromkeys(texts, pl.String),
            "human": pl.Float64,
            "chance": pl.Float64,
            "stratum": pl.String,
            "is_complete": pl.Boolean,
            **dict.fromkeys(("video_id", "platform", "lang", "region", "work_id"), pl.String),
        }
    )

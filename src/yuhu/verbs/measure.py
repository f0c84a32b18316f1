"""`yuhu measure`: every estimate that the study can give."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Evidence, Gold
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import checked
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.registry import registered
from yuhu.core.schema import PEOPLE
from yuhu.core.version import __version__
from yuhu.measures.decisions import steps
from yuhu.study.codings import read_codings
from yuhu.study.coverage import totals
from yuhu.study.derived import Cleaned
from yuhu.study.lock import WriteLock
from yuhu.study.manifest import Run
from yuhu.study.results import Results, data_hash, read_results, spec_hash, write_results
from yuhu.study.samples import read_series
from yuhu.study.store import Study
from yuhu.verbs.clean import clean
from yuhu.verbs.code import machine_frames, settings_of

PLANTED = "planted.json"
COMPLETE = 0.95


def measure(study: Study, *, coder: str | None = None) -> Results:
    """Estimate all that the study's data allow.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Machine coder whose codings count; the one of study.yaml if none. Without any run, observed counts and gold are estimated.

    Returns
    -------
    Results
        The estimates with their specification. Unchanged data, codebook, coder and settings give the results already on disk.

    Raises
    ------
    YuhuError
        YH206 `works` names unknown videos; YH207 there is nothing to measure; YH402 the machine codings were made with another codebook; YH504 files were added since the machine coded.
    """
    if not study.manifest.sources:
        raise YuhuError("YH207", "the study holds no files to measure", fix=f"yuhu add {study.path} FILE ...")
    book = study.codebook()
    _known_works(study)
    name = (coder or study.settings.coder).split(".")[0]
    run = study.manifest.run_of(name)
    if run is not None and run.codebook_hash != book.content_hash:
        raise YuhuError(
            "YH402",
            "the codebook changed after the machine coded",
            facts={"coded with": run.codebook_hash[:12], "now": book.content_hash[:12]},
            fix=f"yuhu code {study.path} --with {name}",
        )
    waiting = [part for part in study.manifest.of("responses") if run is not None and part.path not in run.parts]
    if waiting:
        raise YuhuError(
            "YH504",
            f"{name} has not coded all responses",
            facts={"not coded": f"{sum(part.rows for part in waiting):,} responses"},
            fix=f"yuhu code {study.path} --with {name}",
        )
    cleaned = clean(study) if study.manifest.of("responses") else None
    gold = _kept_gold(gold_units(study, book), left_out(study, cleaned))
    names = list(registered("measures"))
    spec = _spec(study, book, run, gold, names, cleaned)
    old = read_results(study, spec_hash(spec))
    if old is not None:
        return _latest(study, old)
    evidence = _evidence(study, book, run, gold, name, cleaned)
    frames = []
    for done, (known, make) in enumerate(registered("measures").items()):
        step(f"measuring {known}", done, len(names))
        frames.append(checked(make().estimate(evidence)))
    step("", len(names), len(names))
    with WriteLock(study.path):
        return write_results(study, spec, pl.concat(frames))


def _known_works(study: Study) -> None:
    """Check that the works of study.yaml name videos of the study."""
    known = set(study.videos()["video_id"])
    strange = sorted({video for videos in study.settings.works.values() for video in videos} - known)
    if strange:
        facts = {"not here": ", ".join(strange[:5]), "here": ", ".join(sorted(known)[:8])}
        raise YuhuError("YH206", "`works` names videos that are not in this study", facts=facts, fix="mend `works` in study.yaml")


def _latest(study: Study, results: Results) -> Results:
    latest = read_results(study)
    if latest is not None and latest.spec_hash == results.spec_hash:
        return results
    with WriteLock(study.path):
        return write_results(study, results.spec, results.estimates)


def left_out(study: Study, cleaned: Cleaned | None) -> pl.LazyFrame | None:
    """Ids of the responses that `leave_out` of study.yaml keeps out of every measure; None where it names no rule."""
    if cleaned is None or not study.settings.leave_out:
        return None
    return cleaned.flags().filter(pl.col("rule").is_in(study.settings.leave_out)).select("response_id").unique()


def _kept_gold(gold: Gold, gone: pl.LazyFrame | None) -> Gold:
    """Gold without the units that are left out: what remains is a probability sample of what remains of the messages."""
    if gone is None or not gold.units.height:
        return gold
    kept = gold.units.lazy().join(gone, on="response_id", how="anti", maintain_order="left").collect()
    return Gold(kept, gold.coders, gold.samples)


def _spec(study: Study, book: Codebook, run: Run | None, gold: Gold, names: list[str], cleaned: Cleaned | None) -> dict[str, Any]:
    settings = study.settings
    return {
        "yuhu": __version__,
        "measures": names,
        "data": data_hash(study),
        "codebook": book.content_hash,
        "machine": settings_of(run) if run else None,
        "gold": content_hash(gold.units.write_csv().encode())[:16] if gold.units.height else None,
        "gold_coders": list(gold.coders),
        "gold_samples": list(gold.samples),
        "target": study.target(),
        "seed": settings.seed,
        "confidence": settings.confidence,
        "bin_seconds": settings.bin_seconds,
        "k_anonymity": settings.k_anonymity,
        "works": {work: list(videos) for work, videos in settings.works.items()},
        "cleaning": cleaned.rules if cleaned else None,
        "leave_out": list(settings.leave_out),
        "totals": content_hash(totals(study).write_csv().encode())[:16],
        "planted": content_hash(planted.read_bytes())[:16] if (planted := study.path / PLANTED).is_file() else None,
    }


def _evidence(study: Study, book: Codebook, run: Run | None, gold: Gold, coder: str, cleaned: Cleaned | None) -> Evidence:
    codings, abstained = machine_frames(study, run) if run else (None, None)
    works = study.videos().select("video_id", "work_id").lazy()
    settings = study.settings
    everything = study.scan("responses").join(works, on="video_id", how="left")
    gone = left_out(study, cleaned)
    return Evidence(
        responses=everything if gone is None else everything.join(gone, on="response_id", how="anti"),
        metrics=study.scan("metrics"),
        codings=codings,
        abstained=abstained,
        gold=gold,
        planted=_planted(study.path) if gone is None else None,  # planted shares are of all messages
        book=book,
        served=run.served if run else [],
        coder=coder,
        target=study.target(),
        seed=settings.seed,
        confidence=settings.confidence,
        bin_ms=settings.bin_seconds * 1000,
        k_anonymity=settings.k_anonymity,
        totals=totals(study),
        flags=cleaned.flags() if cleaned else None,
        uncleaned=everything,
    )


def _planted(folder: Path) -> pl.DataFrame | None:
    path = folder / PLANTED
    if not path.is_file():
        return None
    rows = json.loads(path.read_text("utf-8"))["shares"]
    return pl.DataFrame(
        rows,
        schema={
            "by": pl.String,
            "subject": pl.String,
            "code": pl.String,
            "value_id": pl.String,
            "value": pl.Float64,
            "count": pl.Int64,
            "n": pl.Int64,
        },
    )


def gold_units(study: Study, book: Codebook) -> Gold:
    """What people coded of probability samples: for each unit and value the mean of the coders, with the unit's chance.

    A decision that was not shown, because its gate was closed (`opens_if`) or what it is about is absent, counts as not expressed: shares are of
    all messages, for people as for machines. Codings of units without a chance, of another version of a code, with a value that the codebook does
    not know or with a status other than ``coded`` are left out, and so is all of training and pilots; simulated coders count in constructed studies only. An
    adjudicated value stands for those of the coders. Samples are never pooled, but for the waves of a series: each code takes the sample in which most units are coded (of equal ones the first by name), and ``is_complete`` says whether 95 % of its units are.
    """
    codings = read_codings(study.path, counted=True)
    samples = read_series(study.path)
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
        & (pl.col("unit_kind") == "response")
        & (pl.col("purpose") != "with_transcript")
        & (pl.col("occasion") == 0)
        & (pl.col("code_hash") == pl.col("code").replace_strict(current, default=None))
    )
    coded = mine.filter(pl.col("status") == "coded").join(known, on=["code", "value"], how="semi")
    closed = mine.filter((pl.col("status") == "not_shown") & pl.col("code").is_in(gated))
    usable = pl.concat([coded, closed]).select("unit_id", "code", "coder", "value", "purpose", "at").sort("code", "unit_id", "coder")
    usable = _settled(usable).select("unit_id", "code", "coder", "value")
    if not usable.height or not samples:
        return Gold(_no_gold())
    chances = pl.concat(
        [sample.units.select("unit_id", "chance", sample=pl.lit(name), drawn=pl.lit(sample.size)) for name, sample in samples.items()]
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
        .agg(human=pl.col("hit").fill_null(0.0).mean(), chance=pl.col("chance").first(), is_complete=pl.col("is_complete").first())
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
    return Gold(frame.select(_no_gold().columns), sorted(rows["coder"].unique()), sorted(chosen["sample"].unique()))


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
            "is_complete": pl.Boolean,
            **dict.fromkeys(("video_id", "platform", "lang", "region", "work_id"), pl.String),
        }
    )

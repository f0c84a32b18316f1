"""`yuhu sample`: draw units for people to code, with the chance of each, and say who codes them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from yuhu.coding.anchoring import strewn
from yuhu.coding.assigning import ANYBODYS, Assignment, assign, languages_of, overlapping
from yuhu.coding.sampling import draw, merged_names, spreads
from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.core.sample import ANCHOR, NOT_COUNTED, PURPOSES, Sample
from yuhu.core.schema import PEOPLE
from yuhu.study.assignments import Person, add_assignments, read_people
from yuhu.study.codings import read_codings
from yuhu.study.machine import TEXT, read_machine
from yuhu.study.manifest import Run
from yuhu.study.samples import add_sample, read_samples, units_spent
from yuhu.study.store import Study
from yuhu.verbs.anchors import anchors_of
from yuhu.verbs.clean import clean
from yuhu.verbs.code import machine_frames
from yuhu.verbs.coder_hours import Hours, hours
from yuhu.verbs.evidence import left_out
from yuhu.verbs.init import now
from yuhu.verbs.wave_chances import other_chances

BY = ("predicted", "confidence", "video", "platform", "language", "kind")
_PREDICTED = "predicted=1"
_BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Probabilities between which strata by confidence lie: gold is worth most where the machine is in doubt."""


@dataclass(frozen=True)
class Sampled:
    """What was drawn, who codes it, how long that takes, how many messages are in languages that were left out, and how many anchors each coder meets."""

    sample: Sample
    assignments: Sequence[Assignment]
    hours: Hours
    outside: int = 0
    anchors: int = 0


def sample(
    study: Study,
    *,
    codes: Sequence[str] = (),
    size: int,
    name: str = "",
    purpose: str = "main",
    series: str = "",
    by: Sequence[str] = (),
    allocation: str = "proportional",
    enrich: float | None = None,
    overlap: float | None = None,
    repeats: float = 0.0,
    both_ways: float = 0.0,
    anchors: int = 0,
    coders: Sequence[str] = (),
    reads: Sequence[str] = (),
    seed: int | None = None,
) -> Sampled:
    """Draw units for people to code.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Codes to decide on these units; all that are on if none. The first one is what ``predicted`` and ``enrich`` go by.
    size : int
        Units to draw.
    name : str
        Name of the sample; the series or purpose and a number if none.
    purpose : str
        ``train``, ``pilot``, ``reliability`` or ``main``.
    series : str
        A draw to go on with: the new units are its next wave, drawn from those not drawn so far, and all waves count as one sample.
    by : sequence of str
        Strata: any of `BY`. ``predicted`` and ``confidence`` need codings by a machine.
    allocation : str
        ``proportional``, ``equal`` or ``neyman`` (by what earlier samples showed, else by .5).
    enrich : float in (0, 1), optional
        Share of the sample that comes from units that the machine takes for the first code: for rare codes. The chances undo it.
    overlap : float in [0, 1], optional
        Share that all coders code. Of pilots and reliability samples that is all, of main samples a tenth where there are two coders.
    repeats : float in [0, 1)
        Share of each coder's units that come again later, unmarked.
    both_ways : float in [0, 1)
        Share of the danmaku that are coded a second time with the lines around them.
    anchors : int
        Adjudicated units that each coder meets among the others, unmarked: `agree` compares what they say with the value that stands. They are no part
        of the sample, and never of gold or agreement; a coder gets none that they adjudicated. Like repeats they are for the desk.
    coders : sequence of str
        Who codes; all people of the study if none. Without any coder nothing is assigned.
    reads : sequence of str
        Draw only from messages in these languages, and from those that have none; the languages that enough of the coders read if none are named.
        Messages in others are outside of what the sample speaks of, and are counted.
    seed : int, optional
        The study's seed if none.

    Returns
    -------
    Sampled

    Raises
    ------
    YuhuError
        YH207 nothing can be drawn; YH303 a size, share or name out of range; YH402 the machine coded with another codebook; YH501 no machine coded this;
        YH503 the name is taken; YH505 too few coders read a language.

    Notes
    -----
    O(responses). Units of pilots and training are never drawn again, and these draw no unit that was drawn before; equal arguments and data give the same units.
    """
    book = study.codebook()
    _check(book, codes, purpose, by, enrich)
    seed = study.settings.seed if seed is None else seed
    earlier = read_samples(study.path)
    waves = sorted((one for one in earlier.values() if series and one.series == series), key=lambda one: one.wave)
    if series and waves and waves[0].purpose != purpose:
        raise YuhuError("YH303", f"series `{series}` is for {waves[0].purpose}", facts={"asked for": purpose}, fix="start another series")
    name = name or _name(series or purpose, earlier)
    run = _run(study, book, codes, by, enrich)
    people = _people(study, coders)
    overlap = _overlap(purpose, overlap, len(people))
    reads = list(reads) or languages_of({name: one.languages for name, one in people.items()}, 2 if overlap else 1)
    strata = _order(by, enrich)
    plan: dict[str, Any] = {
        "by": strata,
        "allocation": allocation,
        "enrich": enrich,
        "run": run.run if run else None,
        "reads": sorted(reads),
    }
    plan |= {
        "sources": sorted(entry.source for entry in study.manifest.sources),
        "leave_out": list(study.settings.leave_out),
        "spent": sorted(units_spent(study.path)),
    }
    everything, outside = population(study, codes, strata, run, reads)
    taken = list(earlier.values()) if purpose in NOT_COUNTED else waves
    spent = units_spent(study.path) | {unit for one in taken for unit in one.units["unit_id"]}
    free = everything.filter(~pl.col("unit_id").is_in(pl.Series(sorted(spent), dtype=pl.String).implode()))
    if not free.height:
        raise YuhuError("YH207", "there are no units to draw", facts={"drawn before": len(spent)}, fix=f"yuhu add {study.path} FILE ...")
    drawn = draw(
        free,
        size,
        generator(seed, "sample", name),
        allocation=allocation,
        spread=_spread(study, book, codes, everything) if allocation == "neyman" else None,
        enriched={_PREDICTED: enrich} if enrich is not None else None,
    )
    made = Sample(
        name,
        overlapping(drawn.units, overlap, generator(seed, "overlap", name)),
        drawn.design,
        seed,
        free.height,
        purpose=purpose,
        series=series or name,
        wave=waves[-1].wave + 1 if waves else 1,
        codes=tuple(codes),
        plan=plan,
        strata=drawn.strata,
    )
    known = anchors_of(study, book, made, people, anchors, generator(seed, "anchors", name))
    given = _assigned(study, made, people, repeats, both_ways) if people else []
    given = strewn(given, known, generator(seed, "strewn", name)) if known else given
    add_sample(study.path, made, now(), others=other_chances(made, waves, everything, free, drawn))
    today = dt.datetime.now(dt.UTC)
    rows = [(name, one.unit_id, one.coder, one.purpose, one.occasion, one.position, _after(today, one.after_days), now()) for one in given]
    add_assignments(study.path, rows)
    return Sampled(made, given, hours(study, book, made, given), outside, anchors)


def population(
    study: Study, codes: Sequence[str], by: Sequence[str], run: Run | None, reads: Sequence[str] = ()
) -> tuple[pl.DataFrame, int]:
    """All units that people can code, with their strata: ``unit_id, stratum, lang, kind, source``; and the number of messages in other languages.

    Special danmaku (positioned, scripted) are no messages; what ``leave_out`` names is left out, as everywhere.
    """
    frame = study.scan("responses").filter(~pl.col("is_special").fill_null(value=False))
    gone = left_out(study, clean(study)) if study.settings.leave_out else None
    if gone is not None:
        frame = frame.join(gone, on="response_id", how="anti")
    outside = 0
    if reads:
        is_read = pl.col("lang").is_in([*reads, *(one for one in ANYBODYS if one)]) | pl.col("lang").is_null()
        outside = int(frame.select((~is_read).sum()).collect().item())
        frame = frame.filter(is_read)
    frame = frame.select("response_id", "video_id", "platform", "lang", "kind", "text_key", "source")
    if run is not None:
        frame = _predicted(study, frame, codes[0] if codes else "", run, with_confidence="confidence" in by)
    columns = {"video": "video_id", "language": "lang"}
    named = [pl.concat_str(pl.lit(f"{one}="), pl.col(columns.get(one, one)).cast(pl.String).fill_null("-")) for one in by]
    stratum = pl.concat_str(named, separator="|") if named else pl.lit("all")
    return frame.select("lang", "kind", "source", unit_id="response_id", stratum=stratum).sort("unit_id").collect(), outside


def _predicted(study: Study, frame: pl.LazyFrame, code: str, run: Run, *, with_confidence: bool) -> pl.LazyFrame:
    machine = read_machine(study, run)
    if with_confidence and machine.scores is None:
        raise YuhuError("YH501", f"{run.coder} does not say how sure it is", fix="--by predicted, without confidence")
    mine = (pl.col("code") == code) | pl.col("code").str.starts_with(f"{code}.")
    found = machine.codings.filter(mine).select(*TEXT, predicted=pl.lit(1, dtype=pl.Int8)).unique()
    told = machine.keyed(frame).join(found, on=TEXT, how="left").with_columns(pl.col("predicted").fill_null(0))
    if not with_confidence or machine.scores is None:
        return told
    sure = machine.scores.filter(mine).group_by(TEXT).agg(confidence=pl.col("probability").max())
    bands = [pl.when(pl.col("confidence").fill_null(0.0) <= most).then(pl.lit(f"<= {most:g}")) for most in (*_BANDS, 1.0)]
    return told.join(sure, on=TEXT, how="left").with_columns(confidence=pl.coalesce(bands))


def _check(book: Codebook, codes: Sequence[str], purpose: str, by: Sequence[str], enrich: float | None) -> None:
    known = [code.id for code in book.codes if code.unit == "response"]
    for code in codes:
        if code not in known:
            raise YuhuError("YH303", f"`{code}` is no code for responses", facts={"known": ", ".join(known)}, fix=f"--for {known[0]}")
    for one in by:
        if one not in BY:
            raise YuhuError("YH303", f"strata by `{one}` are not known", facts={"known": ", ".join(BY)}, fix="--by video --by language")
    allowed = [one for one in PURPOSES if one not in ("adjudication", "with_transcript", "bridge", ANCHOR)]
    if purpose not in allowed:
        raise YuhuError("YH303", f"purpose `{purpose}` is not known", facts={"known": ", ".join(allowed)}, fix="--purpose pilot")
    if enrich is not None and not codes:
        raise YuhuError("YH303", "which code is to be enriched?", fix="--for CODE --enrich 0.5")
    if enrich is not None and not 0 < enrich < 1:
        raise YuhuError("YH303", "the share of predicted units lies outside (0, 1)", facts={"found": enrich}, fix="--enrich 0.5")


def _order(by: Sequence[str], enrich: float | None) -> list[str]:
    """Strata in the one order that names have, the predicted label first."""
    wanted = {*by, *(["predicted"] if enrich is not None else [])}
    return [one for one in BY if one in wanted]


def _name(stem: str, earlier: Mapping[str, Sample]) -> str:
    number = 1
    while f"{stem}-{number}" in earlier:
        number += 1
    return f"{stem}-{number}"


def _run(study: Study, book: Codebook, codes: Sequence[str], by: Sequence[str], enrich: float | None) -> Run | None:
    """The machine codings that the draw goes by; None where it goes by none."""
    if enrich is None and not {"predicted", "confidence"} & set(by):
        return None
    if not codes:
        raise YuhuError("YH303", "of which code is the predicted label?", fix="--for CODE --by predicted")
    coder = study.settings.coder.split(".")[0]
    run = study.manifest.run_of(coder)
    if run is None:
        raise YuhuError("YH501", f"{coder} has coded nothing yet", fix=f"yuhu code {study.path} --with {coder}")
    if run.codebook_hash != book.content_hash:
        raise YuhuError("YH402", "the codebook changed after the machine coded", fix=f"yuhu code {study.path} --with {coder}")
    return run


def _people(study: Study, coders: Sequence[str]) -> dict[str, Person]:
    known = {name: person for name, person in read_people(study.path).items() if person.kind in PEOPLE}
    for name in coders:
        if name not in known:
            raise YuhuError(
                "YH505",
                f"no coder is called `{name}`",
                facts={"known": ", ".join(known) or "none"},
                fix=f"yuhu coders {study.path} add {name}",
            )
    return {name: known[name] for name in (coders or known)}


def _overlap(purpose: str, overlap: float | None, coders: int) -> float:
    """The share that all coders code; where nobody said one: all of pilots and reliability samples, else a tenth."""
    if overlap is None:
        return 1.0 if purpose in ("train", "pilot", "reliability") else (0.1 if coders > 1 else 0.0)
    if not 0 <= overlap <= 1:
        raise YuhuError("YH303", "the share of overlap lies outside [0, 1]", facts={"found": overlap}, fix="--overlap 0.2")
    return overlap


def _assigned(study: Study, made: Sample, people: Mapping[str, Person], repeats: float, both_ways: float) -> list[Assignment]:
    for what, share in (("repeats", repeats), ("both ways", both_ways)):
        if not 0 <= share < 1:
            raise YuhuError("YH303", f"the share of {what} lies outside [0, 1)", facts={"found": share}, fix="for example 0.1")
    ids = made.units["unit_id"]
    facts = study.scan("responses").filter(pl.col("response_id").is_in(ids.implode())).select("response_id", "lang", "kind", "text_key")
    hostile = _hostile(study)
    frame = facts.join(hostile, on=["text_key", "lang"], how="left").with_columns(pl.col("is_hostile").fill_null(value=False)).collect()
    units = made.units.join(frame, left_on="unit_id", right_on="response_id", how="left")
    readers = {name: person.languages for name, person in people.items()}
    return assign(units, readers, generator(made.seed, "assign", made.name), purpose=made.purpose, repeats=repeats, both_ways=both_ways)


def _hostile(study: Study) -> pl.LazyFrame:
    """Texts that a machine took for hostile: coders meet them evenly apart."""
    run = study.manifest.run_of(study.settings.coder.split(".")[0])
    if run is None:
        return pl.LazyFrame(schema={"text_key": pl.Int64, "lang": pl.String, "is_hostile": pl.Boolean})
    codings, _ = machine_frames(study, run)
    return codings.filter(pl.col("code").str.starts_with("hostility")).select("text_key", "lang", is_hostile=pl.lit(value=True)).unique()


def _spread(study: Study, book: Codebook, codes: Sequence[str], everything: pl.DataFrame) -> dict[str, float]:
    """Standard deviations of the first code by stratum, from what people coded before."""
    if not codes:
        raise YuhuError("YH303", "neyman allocation needs a code to go by", fix="--for CODE --allocation neyman")
    variables = [variable for variable in book.variables.values() if variable.code == codes[0] and not variable.is_attribute]
    names, zeros = [one.id for one in variables], {one.zero or one.values[0] for one in variables}
    counts = (pl.col("status") == "coded") & (pl.col("purpose") != ANCHOR)
    coded = read_codings(study.path).filter(pl.col("code").is_in(names) & counts)
    hits = coded.group_by("unit_id").agg(hit=(~pl.col("value").is_in(list(zeros))).mean() >= 0.5)
    counted = merged_names(everything).join(hits, on="unit_id").group_by("stratum").agg(found=pl.col("hit").sum(), n=pl.len())
    return spreads({stratum: (int(found), int(n)) for stratum, found, n in counted.iter_rows()})


def _after(today: dt.datetime, days: int) -> str:
    return (today + dt.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ") if days else ""


__all__ = ["BY", "Sampled", "population", "sample"]

"""`yuhu agree`: how far coders agree, decision by decision, with intervals that hold."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from yuhu.coding.ratings import ASKED, COUNTED, Ratings, level_of, ratings_of
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.schema import PEOPLE
from yuhu.core.version import __version__
from yuhu.stats.agreement import TENTATIVE, agreement, krippendorff_alpha
from yuhu.study.agreements import BRIDGE, SCHEMA, read_agreement, write_agreement
from yuhu.study.codings import read_codings
from yuhu.study.lock import WriteLock
from yuhu.study.samples import read_samples, read_series
from yuhu.study.store import Study
from yuhu.verbs.agree_anchors import alarms
from yuhu.verbs.agree_bridge import bridge_rows
from yuhu.verbs.agree_diagnostics import confusions, corrected, drifts, sizes, waves_of
from yuhu.verbs.agree_rows import row
from yuhu.verbs.agree_timeline import ALL, WITH_MACHINE, Timelines, timeline_rows, timelines_of_machine, timelines_of_people
from yuhu.verbs.anchors import coded_anchors
from yuhu.verbs.bridge_codings import BridgeCodings, bridge_codings
from yuhu.verbs.machine_ratings import MachineRatings

TAKE_PART = ("reliability", "main")
_DRAWS = 2000


@dataclass(frozen=True)
class Agreed:
    """``rows``: columns of `study.agreements.SCHEMA`; ``spec``: what they were worked out from; ``warnings``: what people must know of them."""

    spec: Mapping[str, Any]
    rows: pl.DataFrame
    warnings: Sequence[str] = ()

    def of(self, code: str, *, by: str = "all", subject: str = "all", coefficient: str = "krippendorff_alpha") -> dict[str, Any]:
        """One row.

        Raises
        ------
        KeyError
            There is none.
        """
        found = self.rows.filter(
            (pl.col("code") == code) & (pl.col("by") == by) & (pl.col("subject") == subject) & (pl.col("coefficient") == coefficient)
        )
        if not found.height:
            raise KeyError((code, by, subject, coefficient))
        return found.row(0, named=True)


@dataclass(frozen=True)
class _Options:
    interval: str
    minimum: float
    confidence: float
    draws: int
    seed: int

    def as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__)


def agree(
    study: Study,
    *,
    codes: Sequence[str] = (),
    machine: str | None = None,
    interval: str = "auto",
    minimum: float = TENTATIVE,
    draws: int = _DRAWS,
) -> Agreed:
    """Agreement between the coders of a study; it is stored, and the protocol and the report know of it.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Codes or flat decisions; all that two coders coded if none.
    machine : str, optional
        A machine coder that stands beside the people as one more coder: of messages, of segments of videos on the timeline, or of both.
    interval : str
        ``jackknife``, ``bootstrap``, ``video`` (whole videos are resampled), or ``auto``: ``video`` where the study's target is other works.
    minimum : float
        The least alpha that is acceptable; .667 to draw tentative conclusions, .80 to draw firm ones.
    draws : int
        Samples of the bootstrap.

    Returns
    -------
    Agreed

    Raises
    ------
    YuhuError
        YH207 no unit was coded by two coders; YH303 an option; YH501 no such machine coding.

    Notes
    -----
    Codings of training and pilots, of units drawn for these, of another version of a code, second codings with transcript, anchors and adjudication
    take no part; anchors show who errs more often than the coders on the whole, and bridge sets whether a code is the same in both languages. A unit whose gate is closed counts as "not there", as it does in shares; ``asked`` gives alpha among the units on which the question was
    asked. Where units were drawn with unequal chances alpha is weighted to their population, and ``enriched`` is that of the units as drawn.
    """
    book = study.codebook()
    everyone = _everyone(study)
    watchers = timelines_of_people(study, everyone, _kinds(study))
    people = _on_messages(everyone)
    known = _variables(study, book, codes, people)
    options = _Options(_interval(study, interval), minimum, study.settings.confidence, draws, study.settings.seed)
    facts = _facts(study, people)
    anchors, bridge = coded_anchors(study, book), bridge_codings(study, book)
    beside = _beside(study, machine, people)
    rows: list[dict[str, Any]] = []
    for done, variable in enumerate(known):
        step(f"agreement on {variable.id}", done, len(known))
        rows += _of_variable(variable, people, facts, options)
        rows += alarms(variable, anchors, confidence=options.confidence, seed=options.seed)
        if beside is not None:
            rows += _with_machine(beside, variable, people, facts, options)
    step("", len(known), len(known))
    timeline, warnings = timeline_rows(study, book, codes, watchers, machine, draws=options.draws, seed=options.seed)
    rows += timeline
    corrected(rows)
    rows += _bridged(study, book, codes, bridge, options)
    warnings += [f"{name}: which coders saw which version is not known: {_name_them(study, name)}" for name in bridge.nameless]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    if not frame.filter(pl.col("by").is_in(["all", ALL, WITH_MACHINE, BRIDGE]) & (pl.col("n_units") > 0)).height:
        raise YuhuError(
            "YH207",
            "no unit was coded by two coders",
            facts={"codings": people.height, "coders": people["coder"].n_unique()},
            fix=f"yuhu sample {study.path} --purpose reliability --size 100, and code it (yuhu desk)",
        )
    spec = {
        "yuhu": __version__,
        "codebook": book.content_hash,
        "codings": _mark(study, people, watchers, anchors, bridge, machine),
        "machine": machine,
        "coders": sorted({*people["coder"], *watchers.coders}),
        **options.as_dict(),
    }
    with WriteLock(study.path):
        write_agreement(study.path, spec, frame)
    return Agreed(spec, frame, warnings)


def agreement_is_current(study: Study) -> bool:
    """Whether the stored agreement is that of the codings and the codebook of today; True where nothing is stored."""
    found = read_agreement(study.path)
    if found is None:
        return True
    book = study.codebook()
    everyone = _everyone(study)
    people, watchers = _on_messages(everyone), timelines_of_people(study, everyone, _kinds(study))
    mark = _mark(study, people, watchers, coded_anchors(study, book), bridge_codings(study, book), found[0]["machine"])
    return (found[0]["codings"], found[0]["codebook"]) == (mark, book.content_hash)


def has_overlap(study: Study) -> bool:
    """Whether any unit was coded by two people, so that agreement can be worked out."""
    people = _on_messages(_everyone(study)).filter(pl.col("status") == "coded")
    return bool((people.group_by("unit_id", "code").agg(n=pl.col("coder").n_unique())["n"] > 1).any())


def _everyone(study: Study) -> pl.DataFrame:
    """Codings by people, as far as they may enter agreement; simulated coders in constructed studies only."""
    return read_codings(study.path, counted=True).filter(pl.col("coder_kind").is_in(_kinds(study)) & pl.col("purpose").is_in(TAKE_PART))


def _kinds(study: Study) -> tuple[str, ...]:
    return PEOPLE if study.settings.constructed else ("human",)


def _on_messages(codings: pl.DataFrame) -> pl.DataFrame:
    return codings.filter(pl.col("unit_kind") == "response")


def _beside(study: Study, machine: str | None, people: pl.DataFrame) -> MachineRatings | None:
    """The machine's codings of messages; None without a machine, or where it coded segments of videos alone."""
    if machine is None or (study.manifest.run_of(machine.partition(".")[0]) is None and timelines_of_machine(study, machine).coders):
        return None
    return MachineRatings(study, machine, people["unit_id"])


def _mark(
    study: Study, people: pl.DataFrame, watchers: Timelines, anchors: pl.DataFrame, bridge: BridgeCodings, machine: str | None
) -> str:
    """Of all that agreement is worked out from: another one where a coding or a watched stretch is."""
    parts = (people.drop("note", "evidence", "at"), anchors.drop("at"), bridge.rows, bridge.sheets, bridge.unplaced)
    timelines = [watchers.as_text(), *([] if machine is None else [timelines_of_machine(study, machine).as_text()])]
    return content_hash("\n".join([*(one.write_csv() for one in parts), *timelines]).encode())[:16]


def _bridged(study: Study, book: Codebook, codes: Sequence[str], bridge: BridgeCodings, options: _Options) -> list[dict[str, Any]]:
    coded = pl.concat([bridge.rows.select("code"), bridge.unplaced.select("code")])
    known = _variables(study, book, codes, coded)
    which = {"minimum": options.minimum, "confidence": options.confidence, "draws": options.draws, "seed": options.seed}
    return bridge_rows(bridge, book, known, **which) if coded.height else []  # type: ignore[arg-type]


def _name_them(study: Study, name: str) -> str:
    return f"yuhu codebook bridge {study.path} --sample {name} --a NAME --b NAME"


def _interval(study: Study, interval: str) -> str:
    if interval != "auto":
        return interval
    return "video" if study.target() == "superpopulation" else "jackknife"


def _variables(study: Study, book: Codebook, codes: Sequence[str], people: pl.DataFrame) -> list[Variable]:
    """The flat decisions to look at: those asked for, else those that anybody coded."""
    on = {code.id for code in book.of_modules(study.modules(book))}
    every = [one for one in book.variables.values() if one.code in on and one.unit == "response"]
    if not codes:
        coded = set(people["code"].unique())
        return [one for one in every if one.id in coded]
    for code in codes:
        if code not in book.variables and code not in on:
            raise YuhuError("YH303", f"`{code}` is no code that is on", facts={"on": ", ".join(sorted(on))}, fix="--code affective_empathy")
    return [one for one in every if one.id in codes or one.code in codes]


def _facts(study: Study, people: pl.DataFrame) -> pl.DataFrame:
    """Of each unit: ``unit_id, lang, video_id, weight, wave``; the weight is 1 / chance where it was drawn, and null where it was not."""
    ids = people["unit_id"].unique()
    responses = study.scan("responses").filter(pl.col("response_id").is_in(ids.implode()))
    base = responses.select("lang", "root_id", unit_id="response_id", video=pl.col("video_id")).collect()
    drawn = [sample.units.select("unit_id", "chance", sample=pl.lit(name)) for name, sample in read_series(study.path).items()]
    numbered = [sample.units.select("unit_id", wave=pl.lit(sample.wave, dtype=pl.Int64)) for sample in read_samples(study.path).values()]
    waves = pl.concat([pl.DataFrame(schema={"unit_id": pl.String, "wave": pl.Int64}), *numbered]).unique(
        "unit_id", keep="first", maintain_order=True
    )
    empty = pl.DataFrame(schema={"unit_id": pl.String, "chance": pl.Float64, "sample": pl.String})
    chances = pl.concat([empty, *drawn]).unique("unit_id", keep="first", maintain_order=True)
    return (
        base.join(chances, on="unit_id", how="left")
        .join(waves, on="unit_id", how="left")
        .select(
            "unit_id", "lang", "wave", video_id=pl.coalesce("video", "root_id", "unit_id"), weight=1 / pl.col("chance"), sample="sample"
        )
    )


def _of_variable(variable: Variable, people: pl.DataFrame, facts: pl.DataFrame, options: _Options) -> Iterator[dict[str, Any]]:
    rated = ratings_of(people, variable)
    if not rated.units.len():
        return
    yield from _whole(variable, rated, facts, options, "all", "all")
    if variable.zero is not None and (people["status"] == "not_shown").any():
        yield _alpha(variable, ratings_of(people, variable, gate=ASKED), facts, options, "asked", "all")
    if len(rated.coders) > 2:
        for coder in rated.coders:
            yield _alpha(variable, rated.without(coder), facts, options, "without", coder)
        for at, first in enumerate(rated.coders):
            for second in rated.coders[at + 1 :]:
                yield _alpha(variable, rated.of_coders([first, second]), facts, options, "pair", f"{first} / {second}")
    of_unit = _aligned(rated, facts)
    for column, by in (("lang", "language"), ("sample", "sample")):
        groups = of_unit[column].drop_nulls().unique().sort()
        for group in groups if len(groups) > 1 else ():
            yield _alpha(
                variable, rated.where((of_unit[column] == group).fill_null(value=False).to_numpy()), facts, options, by, str(group)
            )
    waves = waves_of(rated, people, of_unit["wave"])
    if waves is not None:
        for wave in sorted(set(waves.tolist())):
            yield _alpha(variable, rated.where(waves == wave), facts, options, "wave", f"{wave:.0f}")
        for coder, slope, p in drifts(variable, rated, waves, options.confidence):
            yield {**row(variable, "drift", coder, "log_odds_per_wave", slope, sizes(rated)), "p": p}
    for coder, value, chance in confusions(rated):
        yield row(variable, "dawid_skene", coder, "says_the_true_value", chance, sizes(rated), of=value)
    yield from _intra(variable, people, facts, options)


def _intra(variable: Variable, people: pl.DataFrame, facts: pl.DataFrame, options: _Options) -> Iterator[dict[str, Any]]:
    """Each coder with themselves: the first coding of a unit and its repeat."""
    again = people.filter((pl.col("code") == variable.id) & (pl.col("occasion") == 1))
    for coder in again["coder"].unique().sort():
        mine = people.filter(pl.col("coder") == coder)
        both = pl.concat([mine.with_columns(seat=pl.lit("first")), mine.filter(pl.col("occasion") == 1).with_columns(seat=pl.lit("again"))])
        first = ratings_of(both.filter(pl.col("seat") == "first"), variable, with_coders="seat")
        second = ratings_of(both.filter(pl.col("seat") == "again"), variable, occasion=1, with_coders="seat")
        shared = sorted(set(first.units) & set(second.units))
        if not shared:
            continue
        rows = [one.table[0, [one.units.to_list().index(unit) for unit in shared]] for one in (first, second)]
        pair = Ratings(np.vstack(rows), ["first", "again"], pl.Series(shared), first.values, first.names)
        yield _alpha(variable, pair, facts, options, "again", str(coder))


def _with_machine(
    machine: MachineRatings, variable: Variable, people: pl.DataFrame, facts: pl.DataFrame, options: _Options
) -> Iterator[dict[str, Any]]:
    """The machine as one more coder, and with each person."""
    joined = machine.beside(ratings_of(people, variable, gate=COUNTED), variable)
    if joined is None:
        return
    yield from _whole(variable, joined, facts, options, "with machine", machine.name)
    for coder in joined.coders:
        if coder != machine.name:
            yield _alpha(variable, joined.of_coders([coder, machine.name]), facts, options, "pair", f"{coder} / {machine.name}")


def _aligned(rated: Ratings, facts: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({"unit_id": rated.units}).join(facts, on="unit_id", how="left", maintain_order="left")


def _inputs(variable: Variable, rated: Ratings, facts: pl.DataFrame, options: _Options) -> dict[str, Any]:
    of_unit = _aligned(rated, facts)
    weights = of_unit["weight"]
    is_unequal = not weights.null_count() and weights.n_unique() > 1
    by_video = options.interval == "video"
    return {
        "level": level_of(variable),
        "values": rated.values,
        "weights": weights.to_numpy() if is_unequal else None,
        "cluster": of_unit["video_id"].fill_null("-").to_numpy() if by_video else None,
        **options.as_dict(),
    }


def _whole(variable: Variable, rated: Ratings, facts: pl.DataFrame, options: _Options, by: str, subject: str) -> Iterator[dict[str, Any]]:
    """All coefficients of some ratings."""
    found = agreement(rated.table, **_inputs(variable, rated, facts, options))
    counts = {"n_units": found.n_pairable, "n_coders": found.n_coders, "n_videos": found.n_videos}
    yield row(variable, by, subject, "krippendorff_alpha", found.alpha, counts)
    if found.enriched is not None:
        yield row(variable, "enriched" if by == "all" else f"{by}, enriched", subject, "krippendorff_alpha", found.enriched, counts)
    for name, one in found.coefficients.items():
        yield row(variable, by, subject, name, one, counts)
    for value, one in found.specific.items():
        yield row(variable, by, subject, "specific_agreement", one, counts, of=rated.names[rated.values.index(value)])


def _alpha(variable: Variable, rated: Ratings, facts: pl.DataFrame, options: _Options, by: str, subject: str) -> dict[str, Any]:
    table = rated.table if rated.table.size else np.full((2, 1), np.nan)
    inputs = _inputs(variable, rated, facts, options) if rated.table.size else {"level": level_of(variable), "values": rated.values}
    found = krippendorff_alpha(table, **inputs)
    counts = {**sizes(rated), "n_videos": found.n_videos}
    return row(variable, by, subject, "krippendorff_alpha", found, counts)

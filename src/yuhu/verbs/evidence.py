"""What measures of a study rest on: its codebook, machine runs, gold, cleaning and what the videos show."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.evidence import Evidence, Gold, MachineEvidence, PlantedEffects, Shown
from yuhu.core.moments import MomentsSpec
from yuhu.study.comparability import comparability
from yuhu.study.coverage import totals
from yuhu.study.derived import Cleaned
from yuhu.study.machine import read_machine
from yuhu.study.manifest import Run
from yuhu.study.shown import read_moments, shown
from yuhu.study.state import PLANTED
from yuhu.study.store import Study
from yuhu.verbs.clean import clean
from yuhu.verbs.gold import gold_units


@dataclass(frozen=True)
class Prepared:
    """What measures of a study will work on, before anything is computed."""

    book: Codebook
    run: Run | None
    gold: Gold
    coder: str
    cleaned: Cleaned | None
    others: tuple[Run, ...]
    comparable: Mapping[tuple[str, str, str, str], str]
    moments: MomentsSpec
    shown: Shown

    def evidence(self, study: Study) -> Evidence:
        """The tables."""
        return _evidence(study, self)


def prepare(study: Study, coder: str | None = None, *, moments: MomentsSpec | None = None) -> Prepared:
    """All that measures of a study rest on.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Machine coder whose codings count; the one of study.yaml if none.
    moments : MomentsSpec, optional
        How moments are looked for; as ``moments.yaml`` says if none.

    Raises
    ------
    YuhuError
        YH206 `works` or `series` names what is not there; YH207 there is nothing to measure; YH210 moments.yaml is not understood; YH402 the machine codings were made with another codebook; YH504 files were added since the machine coded.
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
    gold = kept_gold(gold_units(study, book), left_out(study, cleaned))
    others, comparable = tuple(_others(study, book, run)), _comparable(study, book)
    return Prepared(book, run, gold, name, cleaned, others, comparable, moments or read_moments(study), shown(study, book))


def _known_works(study: Study) -> None:
    """Check that the works of study.yaml name videos of the study."""
    known = set(study.videos()["video_id"])
    strange = sorted({video for videos in study.settings.works.values() for video in videos} - known)
    if strange:
        facts = {"not here": ", ".join(strange[:5]), "here": ", ".join(sorted(known)[:8])}
        raise YuhuError("YH206", "`works` names videos that are not in this study", facts=facts, fix="mend `works` in study.yaml")


def left_out(study: Study, cleaned: Cleaned | None) -> pl.LazyFrame | None:
    """Ids of the responses that `leave_out` of study.yaml keeps out of every measure; None where it names no rule."""
    if cleaned is None or not study.settings.leave_out:
        return None
    return cleaned.flags().filter(pl.col("rule").is_in(study.settings.leave_out)).select("response_id").unique()


def kept_gold(gold: Gold, gone: pl.LazyFrame | None) -> Gold:
    """Gold without the units that are left out: what remains is a probability sample of what remains of the messages."""
    if gone is None or not gold.units.height:
        return gold
    kept = gold.units.lazy().join(gone, on="response_id", how="anti", maintain_order="left").collect()
    return replace(gold, units=kept)


def _evidence(study: Study, prepared: Prepared) -> Evidence:
    run, cleaned, settings = prepared.run, prepared.cleaned, study.settings
    machine = read_machine(study, run) if run else None
    works = prepared.shown.videos.select("video_id", "work_id").lazy()
    responses = study.scan("responses")
    everything = (machine.keyed(responses) if machine else responses).join(works, on="video_id", how="left")
    gone = left_out(study, cleaned)
    return Evidence(
        responses=everything if gone is None else everything.join(gone, on="response_id", how="anti"),
        metrics=study.scan("metrics"),
        codings=machine.codings if machine else None,
        abstained=machine.abstained if machine else None,
        scores=machine.scores if machine else None,
        failed=machine.failed if machine else None,
        gold=prepared.gold,
        planted=_planted(study.path) if gone is None else None,  # planted shares are of all messages
        book=prepared.book,
        served=run.served if run else [],
        coder=prepared.coder,
        target=study.target(),
        seed=settings.seed,
        confidence=settings.confidence,
        bin_ms=settings.bin_seconds * 1000,
        k_anonymity=settings.k_anonymity,
        totals=totals(study),
        flags=cleaned.flags() if cleaned else None,
        uncleaned=everything,
        others=[_of_machine(study, other, works, gone) for other in prepared.others],
        comparable=prepared.comparable,
        saw_context=machine is not None and machine.keys is not None,
        shown=prepared.shown,
        planted_moments=_planted_moments(study),
        planted_effects=_planted_effects(study.path),
        moments=prepared.moments,
    )


def _comparable(study: Study, book: Codebook) -> dict[tuple[str, str, str, str], str]:
    """What bridge sets said of each decision and value, by the two languages in their order."""
    found = {}
    for (code, value_id), one in comparability(study.path, book).items():
        low, high = sorted(one.languages)
        if value_id is not None:
            found[code, value_id, low, high] = one.verdict
    return found


def _others(study: Study, book: Codebook, run: Run | None) -> list[Run]:
    """The other machine coders of the study that coded all of it with this codebook."""
    parts = {part.path for part in study.manifest.of("responses")}
    found = [one for one in study.manifest.runs if run is not None and one.coder != run.coder and one.codebook_hash == book.content_hash]
    return sorted((one for one in found if parts <= set(one.parts)), key=lambda one: one.coder)


def _of_machine(study: Study, run: Run, works: pl.LazyFrame, gone: pl.LazyFrame | None) -> MachineEvidence:
    machine = read_machine(study, run)
    responses = machine.keyed(study.scan("responses")).join(works, on="video_id", how="left")
    kept = responses if gone is None else responses.join(gone, on="response_id", how="anti")
    return MachineEvidence(
        run.coder, kept, machine.codings, machine.abstained, machine.scores, machine.failed, run.served, machine.keys is not None
    )


def _planted_moments(study: Study) -> pl.DataFrame | None:
    """Moments that a simulation planted in a work, in every video of it: two standard deviations about the middle."""
    path = study.path / PLANTED
    moments = json.loads(path.read_text("utf-8")).get("moments", []) if path.is_file() else []
    if not moments:
        return None
    schema = {"work": pl.String, "at_ms": pl.Int64, "width_ms": pl.Int64, "share": pl.Float64, "after": pl.String}
    rows = pl.DataFrame([{name: one.get(name) for name in schema} for one in moments], schema=schema)
    return (
        study.videos()
        .select("video_id", work="work_id")
        .join(rows, on="work")
        .select(
            "video_id",
            at_ms=(pl.col("at_ms") - 2 * pl.col("width_ms")).clip(0),
            end_ms=pl.col("at_ms") + 2 * pl.col("width_ms"),
            share="share",
            after="after",
        )
        .sort("video_id", "at_ms")
    )


def _planted_effects(folder: Path) -> PlantedEffects | None:
    path = folder / PLANTED
    held = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    if "answered" not in held:
        return None
    return PlantedEffects(tuple(held["answered"]), tuple(held.get("unanswered", ())), held.get("contagion"))


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

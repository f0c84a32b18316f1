"""`yuhu measure`: every estimate that the study can give."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Evidence, Gold, MachineEvidence
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import checked
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.registry import registered
from yuhu.core.version import __version__
from yuhu.study.comparability import comparability
from yuhu.study.coverage import totals
from yuhu.study.derived import Cleaned
from yuhu.study.lock import WriteLock
from yuhu.study.machine import read_machine
from yuhu.study.manifest import Run
from yuhu.study.results import Results, data_hash, read_results, spec_hash, write_results
from yuhu.study.store import Study
from yuhu.verbs.clean import clean
from yuhu.verbs.code import settings_of
from yuhu.verbs.gold import gold_units

PLANTED = "planted.json"


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
    prepared = prepare(study, coder)
    names = list(registered("measures"))
    spec = _spec(study, prepared, names)
    old = read_results(study, spec_hash(spec))
    if old is not None:
        return _latest(study, old)
    evidence = prepared.evidence(study)
    frames = []
    for done, (known, make) in enumerate(registered("measures").items()):
        step(f"measuring {known}", done, len(names))
        frames.append(checked(make().estimate(evidence)))
    step("", len(names), len(names))
    with WriteLock(study.path):
        return write_results(study, spec, pl.concat(frames))


@dataclass(frozen=True)
class Prepared:
    """What measures of a study will work on, before anything is computed."""

    book: Codebook
    run: Run | None
    gold: Gold
    coder: str
    cleaned: Cleaned | None

    def evidence(self, study: Study) -> Evidence:
        """The tables."""
        return _evidence(study, self.book, self.run, self.gold, self.coder, self.cleaned)


def prepare(study: Study, coder: str | None = None) -> Prepared:
    """The codebook, machine run, gold and cleaning that measures of a study rest on.

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
    return Prepared(book, run, gold, name, cleaned)


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
    return replace(gold, units=kept)


def _spec(study: Study, prepared: Prepared, names: list[str]) -> dict[str, Any]:
    settings, book, run, gold, cleaned = study.settings, prepared.book, prepared.run, prepared.gold, prepared.cleaned
    return {
        "yuhu": __version__,
        "measures": names,
        "data": data_hash(study),
        "codebook": book.content_hash,
        "machine": settings_of(study, run) if run else None,
        "others": [settings_of(study, other) for other in _others(study, book, run)],
        "frames": content_hash(json.dumps([vars(one) for one in gold.frames], default=list, sort_keys=True).encode())[:16],
        "comparable": sorted([*key, verdict] for key, verdict in _comparable(study, book).items()),
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
    machine = read_machine(study, run) if run else None
    works = study.videos().select("video_id", "work_id").lazy()
    settings = study.settings
    responses = study.scan("responses")
    everything = (machine.keyed(responses) if machine else responses).join(works, on="video_id", how="left")
    gone = left_out(study, cleaned)
    others = [_of_machine(study, other, works, gone) for other in _others(study, book, run)]
    return Evidence(
        responses=everything if gone is None else everything.join(gone, on="response_id", how="anti"),
        metrics=study.scan("metrics"),
        codings=machine.codings if machine else None,
        abstained=machine.abstained if machine else None,
        scores=machine.scores if machine else None,
        failed=machine.failed if machine else None,
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
        others=others,
        comparable=_comparable(study, book),
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
    return MachineEvidence(run.coder, kept, machine.codings, machine.abstained, machine.scores, machine.failed, run.served)


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

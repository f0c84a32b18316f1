"""`yuhu demo`: a constructed study with a known truth, from source files to the report."""

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.coding.lexicon import LANGUAGES as CODABLE
from yuhu.coding.sampling import draw
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.moments import FILE as MOMENTS_FILE
from yuhu.core.moments import EventStudy, MomentsSpec, TwoClocks
from yuhu.core.progress import step
from yuhu.core.randomness import generator
from yuhu.core.sample import Sample
from yuhu.measures.decisions import shares_of, steps
from yuhu.simulation.channels import WIDENING_SHARE
from yuhu.simulation.coders import AT, CODERS, KIND, coded_variables, simulated_codings, simulated_variables
from yuhu.simulation.mixes import CONTAGION
from yuhu.simulation.shown import ANSWERED, UNANSWERED
from yuhu.simulation.study import MODULES, SERIES, TITLES, Simulated, simulate
from yuhu.simulation.timeline import CODERS as WATCHERS
from yuhu.simulation.timeline import simulated_timelines
from yuhu.study.codings import add_people, add_sample, append_codings
from yuhu.study.files import write_atomic
from yuhu.study.layers import add_coverage
from yuhu.study.manifest import FILE as MANIFEST
from yuhu.study.settings import LANGUAGES, Settings, read_settings
from yuhu.study.state import PLANTED
from yuhu.study.store import Study, create_study
from yuhu.study.transaction import reopened
from yuhu.verbs.add import add
from yuhu.verbs.agree import agree
from yuhu.verbs.clean import clean
from yuhu.verbs.code import code
from yuhu.verbs.export import export
from yuhu.verbs.measure import measure
from yuhu.verbs.report import report
from yuhu.verbs.status import status

SAMPLE = "gold-demo"
EXPORT = "export"
SAMPLE_SIZE = 900
CREATED_AT = "2023-10-01T00:00:00Z"

MOMENTS = MomentsSpec(
    codes=("affective_empathy", "anger", "cultural_identity", "confusion", "continuation"),
    event_study=EventStudy(shifts=1_999, codes_as="share"),
    two_clocks=TwoClocks(draws=99, segments="none"),
)
"""What the constructed study looks for, declared before anything is measured."""

_GROUPS = {"all": "all", "video": "video_id", "platform": "platform", "language": "lang"}
_STEPS = 5


def demo(folder: Path | str, *, seed: int = 20230830, language: str = "en") -> dict[str, Any]:
    """Make a constructed study with a known truth and run all steps on it.

    Parameters
    ----------
    folder : path
        A new or empty folder, or an earlier constructed study, which is replaced.
    seed : int
        At least 0; equal seeds give equal studies, but for the times in the manifest.
    language : str
        Language of the report, ``zh`` or ``en``.

    Returns
    -------
    dict
        ``study`` and ``report`` (paths), ``seen``, ``kept``, ``rejected`` (records), ``responses``, ``population`` (messages that can be
        coded), ``gold_units``, ``gold_codings``, ``estimates``, ``seed``.

    Raises
    ------
    YuhuError
        YH202 the folder holds something other than a constructed study; YH303 the seed is negative; YH601 the language is not known.

    Notes
    -----
    Nothing in the study was written by a person: all messages, times, figures and coders are simulated, and every page says so.
    """
    path = Path(folder)
    if language not in LANGUAGES:
        raise YuhuError("YH601", f"language `{language}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="--lang zh or --lang en")
    if seed < 0:
        raise YuhuError("YH303", "the seed is negative", facts={"found": seed}, fix="a whole number, 0 or more")
    _make_room(path)
    with tempfile.TemporaryDirectory(prefix="yuhu-demo-") as files:
        step("writing the constructed files", 0, _STEPS)
        simulated = simulate(Path(files), seed=seed)
        settings = Settings(
            title=TITLES[language],
            constructed=True,
            works=simulated.works,
            series={SERIES: tuple(simulated.works)},
            modules=MODULES,
            language=language,
            seed=seed,
        )
        study = create_study(path, settings, secret=hashlib.sha256(f"yuhu demo {seed}".encode()).digest(), created_at=CREATED_AT)
        entries = [added.entry for file in simulated.files for added in add(study, [file.path], **file.options) if added.entry]
    study = reopened(study)
    write_atomic(study.path / MOMENTS_FILE, MOMENTS.text().encode())
    step("planting the truth", 1, _STEPS)
    book = study.codebook()
    variables = [book.variables[variable.id] for variable in simulated_variables(book, study.modules(book))]
    units = _population(study)
    truth = simulated.truth.join(units.select("response_id"), on="response_id", how="semi", maintain_order="left")
    _plant(study, book, variables, units, truth, simulated)
    step("coding the gold sample", 2, _STEPS)
    sampled, n_codings = _code_gold(study, book, units, truth, seed)
    _mark_segments(study, book, simulated, seed)
    step("coding with the lexicon", 3, _STEPS)
    code(study)
    clean(reopened(study))
    step("measuring", 4, _STEPS)
    agree(reopened(study), machine="lexicon")
    results = measure(reopened(study))
    page = report(reopened(study), language=language)
    counts = status(reopened(study))["counts"]
    export(reopened(study), path / EXPORT, form="csv")
    step("", _STEPS, _STEPS)
    return {
        "study": path,
        "report": page,
        "seen": sum(entry.seen for entry in entries),
        "kept": sum(entry.kept for entry in entries),
        "rejected": sum(entry.rejected for entry in entries),
        "responses": counts["responses"],
        "population": units.height,
        "gold_units": sampled.height,
        "gold_codings": n_codings,
        "estimates": results.estimates.height,
        "seed": seed,
    }


def _make_room(path: Path) -> None:
    """Remove an earlier constructed study; anything else that lies there stays and stops the demo."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if not (path / MANIFEST).is_file() or not read_settings(path).constructed:
        raise YuhuError("YH202", f"`{path}` holds something other than an earlier demo", fix="choose a new folder: yuhu demo OTHER")
    old = path.with_name(f".{path.name}.old-demo")
    if old.exists():
        shutil.rmtree(old)
    path.rename(old)
    shutil.rmtree(old)


def _population(study: Study) -> pl.DataFrame:
    """Messages that a coder can code: not positioned or special, in a language with terms; in the order of their ids."""
    return (
        study.scan("responses")
        .filter(~pl.col("is_special").fill_null(value=False) & pl.col("lang").is_in(CODABLE))
        .select("response_id", "video_id", "platform", "lang", "kind", all=pl.lit("all"))
        .sort("response_id")
        .collect()
    )


def planted_shares(book: Codebook, variables: list[Variable], units: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """True shares of a population.

    Parameters
    ----------
    book : Codebook
        The study's codebook.
    variables : list of Variable
        Decisions with a truth.
    units : pl.DataFrame
        ``response_id, all, video_id, platform, lang``: the population.
    truth : pl.DataFrame
        ``response_id, code, value`` of these units.

    Returns
    -------
    pl.DataFrame
        ``by, subject, code, value_id, value, count, n``; value ids as in `measures.decisions`.
    """
    names = [variable.id for variable in variables]
    counted = truth.join(steps(book, names), on=["code", "value"], how="inner").drop("value").join(units, on="response_id", how="inner")
    cells = pl.DataFrame(
        [(variable.id, value) for variable in variables for value in shares_of(variable)], schema=["code", "value_id"], orient="row"
    ).with_row_index("order")
    frames = []
    for by, column in _GROUPS.items():
        totals = units.group_by(subject=column).agg(n=pl.len().cast(pl.Int64))
        counts = counted.group_by("code", "value_id", subject=column).agg(count=pl.len().cast(pl.Int64))
        frames.append(
            totals.join(cells, how="cross")
            .join(counts, on=["subject", "code", "value_id"], how="left")
            .with_columns(pl.col("count").fill_null(0), by=pl.lit(by))
            .with_columns(value=pl.col("count") / pl.col("n"))
            .sort("subject", "order")
            .select("by", "subject", "code", "value_id", "value", "count", "n")
        )
    return pl.concat(frames)


def _plant(study: Study, book: Codebook, variables: list[Variable], units: pl.DataFrame, truth: pl.DataFrame, simulated: Simulated) -> None:
    moments = [
        {
            "work": work,
            "at_ms": moment.at_ms,
            "width_ms": moment.width_ms,
            "share": moment.share,
            "name": moment.name,
            "after": moment.after,
        }
        for work, planted in simulated.moments.items()
        for moment in planted
    ]
    document = {
        "shares": planted_shares(book, variables, units, truth).to_dicts(),
        "moments": moments,
        "answered": list(ANSWERED),
        "unanswered": list(UNANSWERED),
        "contagion": CONTAGION,
        "widening": WIDENING_SHARE,
    }
    write_atomic(study.path / PLANTED, json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def _code_gold(study: Study, book: Codebook, units: pl.DataFrame, truth: pl.DataFrame, seed: int) -> tuple[pl.DataFrame, int]:
    """Draw the gold sample, as many danmaku as comments, and have the simulated coders code it."""
    channel = pl.when(pl.col("kind") == "danmaku").then(pl.lit("danmaku")).otherwise(pl.lit("comments"))
    population = units.select(unit_id="response_id", stratum=channel)
    size = min(SAMPLE_SIZE, units.height)
    drawn = draw(population, size, allocation="equal", generator=generator(seed, "demo", SAMPLE))
    sampled = units.join(drawn.units.select(response_id="unit_id"), on="response_id", how="semi", maintain_order="left")
    plan = {"reads": [one for one in CODABLE if one in LANGUAGES], "sources": sorted(entry.source for entry in study.manifest.sources)}
    sample = Sample(SAMPLE, drawn.units, drawn.design, seed, units.height, plan=plan, strata=drawn.strata)
    add_sample(study.path, sample, AT.strftime("%Y-%m-%dT%H:%M:%SZ"))
    add_people(study.path, [(name, KIND, languages) for name, languages in (*CODERS, *WATCHERS)])
    variables = coded_variables(book, study.modules(book))
    return sampled, append_codings(study.path, simulated_codings(sampled, truth, variables, seed=seed, codebook_hash=book.content_hash))


def _mark_segments(study: Study, book: Codebook, simulated: Simulated, seed: int) -> None:
    """Have three other simulated coders mark the segments of each work, on the video that has danmaku."""
    videos = {work: next(video for video in held if video.startswith("bilibili:")) for work, held in simulated.works.items()}
    codings, watched = simulated_timelines(book, videos, seed=seed)
    append_codings(study.path, codings)
    add_coverage(study.path, watched, AT.strftime("%Y-%m-%dT%H:%M:%SZ"), kind=KIND)


__all__ = ["demo", "planted_shares"]

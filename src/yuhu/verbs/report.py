"""`yuhu report`: one self-contained HTML file."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.progress import step
from yuhu.core.version import __version__
from yuhu.reporting.html import build_html
from yuhu.reporting.page import Facts
from yuhu.study.agreements import read_agreement
from yuhu.study.coverage import findings
from yuhu.study.files import write_atomic
from yuhu.study.results import Results, data_hash, read_results
from yuhu.study.settings import LANGUAGES
from yuhu.study.store import Study
from yuhu.verbs.agree import agreement_is_current
from yuhu.verbs.clean import clean
from yuhu.verbs.code import machine_frames
from yuhu.verbs.evidence import left_out
from yuhu.verbs.protocol import protocol
from yuhu.verbs.status import status


def report(study: Study, *, language: str | None = None) -> Path:
    """Write the report of the latest results.

    Parameters
    ----------
    study : Study
        The study.
    language : str, optional
        ``zh`` or ``en``; the language of study.yaml if none.

    Returns
    -------
    Path
        ``report.<language>.html`` in the study. Equal results give equal bytes.

    Raises
    ------
    YuhuError
        YH402 the codebook changed since; YH601 the language is not known; YH602 there are no results, or files came after them.
    """
    lang = language or study.settings.language
    if lang not in LANGUAGES:
        raise YuhuError("YH601", f"language `{lang}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="--lang zh or --lang en")
    step("writing the report", 0, 1)
    page = build_html(report_facts(study), lang)
    path = study.path / f"report.{lang}.html"
    content = page.encode("utf-8", "replace")
    if not path.is_file() or path.read_bytes() != content:
        write_atomic(path, content)
    step("", 1, 1)
    return path


def results_facts(study: Study) -> Facts:
    """What the sections that rest on estimates may say: the latest results with their codebook and settings, without reading a message or a coding.

    Raises
    ------
    YuhuError
        YH402 the codebook changed since the results; YH602 there are no results yet, or files came after them.
    """
    results = read_results(study)
    if results is None:
        raise YuhuError("YH602", "there are no results to report", fix=f"yuhu measure {study.path}")
    book = study.codebook()
    _check_current(study, results, book)
    machine = results.spec["machine"]
    return Facts(
        settings=study.settings,
        sources=study.manifest.sources,
        book=book,
        run=study.manifest.run_of(machine["coder"]) if machine else None,
        counts={},
        estimates=results.estimates,
        spec_hash=results.spec_hash,
        abstained={},
        unserved=[],
        n_works=study.n_works(),
        n_videos=study.videos().height,
        version=__version__,
        target=study.target(),
        leave_out=results.spec.get("leave_out", []),
    )


def _check_current(study: Study, results: Results, book: Codebook) -> None:
    """Refuse results that are of another codebook, other files or other messages."""
    if results.spec["codebook"] != book.content_hash:
        raise YuhuError(
            "YH402",
            "the codebook changed after these results were made",
            facts={"results": results.spec["codebook"][:12], "now": book.content_hash[:12]},
            fix=f"yuhu run {study.path}",
        )
    if results.spec.get("leave_out", []) != list(study.settings.leave_out):
        raise YuhuError(
            "YH602",
            "`leave_out` in study.yaml changed after these results were made",
            facts={"results": results.spec_hash},
            fix=f"yuhu run {study.path}",
        )
    if results.spec["data"] != data_hash(study):
        raise YuhuError(
            "YH602", "files were added after these results were made", facts={"results": results.spec_hash}, fix=f"yuhu run {study.path}"
        )


def report_facts(study: Study) -> Facts:
    """All that a report of this study may say.

    Raises
    ------
    YuhuError
        YH402 the codebook changed since the results; YH602 there are no results yet.
    """
    facts = results_facts(study)
    book, run = facts.book, facts.run
    abstained: dict[str, int] = {}
    if run is not None:
        _, none = machine_frames(study, run)
        keys = ["text_key", "lang"]
        counted = (
            study.scan("responses")
            .join(none, on=keys, how="semi")
            .group_by("lang")
            .agg(n=pl.len())
            .sort("n", "lang", descending=[True, False])
            .collect()
        )
        abstained = dict(counted.iter_rows())
    served = {book.variables[name].code for name in run.served if name in book.variables} if run else set()
    counts = status(study)
    responses = study.scan("responses")
    local = pl.col("sent_at").dt.convert_time_zone(study.settings.time_zone)
    first, last = responses.select(first=local.min(), last=local.max()).collect().row(0)
    return replace(
        facts,
        counts=counts,
        abstained=abstained,
        unserved=[code.id for code in book.of_modules(study.modules(book)) if code.id not in served],
        n_special=int(responses.select(pl.col("is_special").fill_null(value=False).sum()).collect().item() or 0),
        sent=(str(first.date()), str(last.date())) if first is not None else None,
        gold=counts["gold"],
        missing=findings(study),
        n_left_out=_n_left_out(study),
        agreement=read_agreement(study.path),
        agreement_is_current=agreement_is_current(study),
        deviations=[(one.code, text) for one in protocol(study).standings for text in one.deviations],
    )


def _n_left_out(study: Study) -> int:
    gone = left_out(study, clean(study)) if study.settings.leave_out and study.manifest.of("responses") else None
    return int(gone.select(pl.len()).collect().item()) if gone is not None else 0

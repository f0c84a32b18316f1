"""`yuhu hand-out`: codings and units as files for other programs, or as a workbook for each coder."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from yuhu.coding.asked import codes_of
from yuhu.coding.questions import with_gates
from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.sample import Sample
from yuhu.core.schema import PEOPLE
from yuhu.formats import CodingFormat, coding_format
from yuhu.formats.book_drafts import BookDraft, draft_book
from yuhu.formats.exchange import Exchange, Loss, Writing
from yuhu.study.assignments import read_assignments
from yuhu.study.codings import read_codings
from yuhu.study.files import disk_errors, write_atomic
from yuhu.study.samples import read_samples
from yuhu.study.settings import LANGUAGES
from yuhu.study.store import Study

SHEET = "coder_sheet.v1"
CONTEXT = ("channel", "at_ms", "parent")
"""What stands beside a text. `channel` is danmaku, comment ...: `kind` is the name of a code."""

_OLDEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class HandedOut:
    """The files written, and what their format cannot hold."""

    files: Sequence[Path]
    losses: Sequence[Loss]


def hand_out(
    study: Study, target: Path | str, *, form: str = "", sample: str | None = None, coders: Sequence[str] = (), language: str | None = None
) -> HandedOut:
    """Write units and codings for other programs.

    Parameters
    ----------
    study : Study
        The study.
    target : path
        A file (``sheet.xlsx``: one for each coder, ``sheet-anna.xlsx``) or a folder.
    form : str
        A format of `formats.CODING_FORMATS`; told from the ending of `target` if none.
    sample : str, optional
        Only the units of one sample. Workbooks need one.
    coders : sequence of str
        For workbooks: whose; all that the sample is assigned to if none.
    language : str, optional
        Of what people read: ``zh`` or ``en``; that of the study if none.

    Returns
    -------
    HandedOut

    Raises
    ------
    YuhuError
        YH503 no such sample; YH505 nothing is assigned; YH601 the language is not known; YH603 no such format; YH209 the disk refused.

    Notes
    -----
    A workbook holds what its coder coded, and nothing of others; its units stand in the coder's own order, and their chances come back with it.
    Repeats, second codings and anchors are for the desk: in a workbook a coder would see that they come again. How many stay behind is said. The
    other formats hold the codings of all people. The same codings give the same bytes.
    """
    path = Path(target)
    chosen = coding_format(form or path.suffix)
    lang = language or study.settings.language
    if lang not in LANGUAGES:
        raise YuhuError("YH601", f"language `{lang}` is not known", facts={"known": ", ".join(LANGUAGES)}, fix="--lang zh or --lang en")
    drawn = _sample(study, sample) if sample is not None else None
    codings = read_codings(study.path)
    made = codings["at"].max() if codings.height else _OLDEST
    moment = made if isinstance(made, dt.datetime) else _OLDEST
    how = Writing(at=moment, lang=lang, name=path.stem or "codings", context=CONTEXT)
    book = study.codebook()
    if chosen.name == SHEET:
        return _sheets(study, path, chosen, drawn, book, codings, coders, how)
    people = codings.filter(pl.col("coder_kind").is_in(PEOPLE))
    if drawn is not None:
        people = people.filter(pl.col("unit_id").is_in(drawn.units["unit_id"].implode()))
    ids = drawn.units["unit_id"] if drawn is not None else people["unit_id"].drop_nulls().unique().sort()
    exchange = Exchange(draft_book(book), people, _units(study, ids), _videos(study))
    written = chosen.write(exchange, how)
    alone = len(written.files) == 1 and path.suffix
    return HandedOut(_write({path: next(iter(written.files.values()))} if alone else _beside(path, written.files)), written.losses)


def _sample(study: Study, name: str) -> Sample:
    samples = read_samples(study.path)
    if name not in samples:
        raise YuhuError(
            "YH503",
            f"no sample is called `{name}`",
            facts={"known": ", ".join(samples) or "none"},
            fix=f"yuhu sample {study.path} --size 100",
        )
    return samples[name]


def _sheets(
    study: Study,
    path: Path,
    chosen: CodingFormat,
    drawn: Sample | None,
    book: Codebook,
    codings: pl.DataFrame,
    coders: Sequence[str],
    how: Writing,
) -> HandedOut:
    """A workbook for each coder, with their own units in their own order and their own codings."""
    if drawn is None:
        raise YuhuError("YH503", "a workbook is made of a sample", fix=f"yuhu hand-out {study.path} {path} --sample NAME")
    tasks = read_assignments(study.path).filter(pl.col("sample") == drawn.name)
    given = tasks.filter((pl.col("occasion") == 0) & (pl.col("purpose") == drawn.purpose))
    whose = list(coders) or given["coder"].unique().sort().to_list()
    files: dict[str, bytes] = {}
    again = tasks.filter(pl.col("coder").is_in(whose)).height - given.filter(pl.col("coder").is_in(whose)).height
    why = "they are for the desk (yuhu desk): in a workbook a coder would see that they come again"
    losses = [Loss("units that come again: repeats, second codings, anchors", again, why)] if again else []
    kept = drawn.units.select("unit_id", "chance", "stratum")
    everything = _units(study, kept["unit_id"]).join(kept, on="unit_id", how="left", maintain_order="left")
    everything = everything.with_columns(sample=pl.lit(drawn.name), purpose=pl.lit(drawn.purpose), occasion=pl.lit(0))
    design = content_hash(json.dumps([drawn.name, drawn.design, drawn.seed, dict(drawn.plan)], sort_keys=True).encode())[:16]
    for coder in whose:
        mine = given.filter(pl.col("coder") == coder)
        if not mine.height:
            facts = {"sample": drawn.name, "its coders": ", ".join(given["coder"].unique().sort()) or "none"}
            raise YuhuError("YH505", f"nothing of this sample is assigned to {coder}", facts=facts, fix="--coder takes one of these")
        units = mine.select("unit_id").join(everything, on="unit_id", how="left", maintain_order="left")
        own = codings.filter(
            (pl.col("coder") == coder) & (pl.col("sample") == drawn.name) & (pl.col("purpose") == drawn.purpose) & (pl.col("occasion") == 0)
        )
        written = chosen.write(
            Exchange(_book(study, book, drawn), own.with_columns(coder_kind=pl.lit("human")), units),
            Writing(at=how.at, lang=how.lang, name=how.name, coders=[coder], context=how.context, design=design),
        )
        files |= written.files
        losses += written.losses
    return HandedOut(_write(_beside(path, files)), list(dict.fromkeys(losses)))


def _book(study: Study, book: Codebook, drawn: Sample) -> BookDraft:
    """The codes that a sample was drawn for, and what opens them."""
    wanted = {code.id for code in with_gates(book, codes_of(study, drawn))}
    whole = draft_book(book)
    return replace(whole, codes=tuple(one for one in whole.codes if one.id in wanted))


def _units(study: Study, ids: pl.Series) -> pl.DataFrame:
    """Units with text and context, in the order of their ids as given. Likes and authors are never among them."""
    responses = study.scan("responses")
    mine = responses.filter(pl.col("response_id").is_in(ids.implode()))
    rows = mine.select("response_id", "video_id", "text", "at_ms", "parent_id", channel="kind").collect()
    above = rows["parent_id"].drop_nulls().unique()
    parents = responses.filter(pl.col("response_id").is_in(above.implode())).select(parent_id="response_id", parent="text").collect()
    wanted = pl.DataFrame({"response_id": ids.cast(pl.String)})
    named = wanted.join(rows, on="response_id", how="left", maintain_order="left").join(
        parents, on="parent_id", how="left", maintain_order="left"
    )
    return named.select(pl.col("response_id").alias("unit_id"), "video_id", pl.col("text").fill_null(""), *CONTEXT)


def _videos(study: Study) -> pl.DataFrame:
    videos = study.videos()
    return videos.select("video_id", media=pl.col("native_id"), duration_ms="duration_ms", fps=pl.lit(None, dtype=pl.Float64))


def _beside(path: Path, files: Mapping[str, bytes]) -> dict[Path, bytes]:
    """Several files, in the folder that was named or in which the file that was named would stand."""
    folder = path.parent if path.suffix else path
    return {folder / name: content for name, content in files.items()}


def _write(targets: Mapping[Path, bytes]) -> list[Path]:
    for target, content in targets.items():
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomic(target, content)
    return list(targets)

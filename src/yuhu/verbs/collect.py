"""`yuhu collect`: codings come back, from filled workbooks, tables, and other programs; each with the chance that its unit was drawn with."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.coding.asked import codes_of
from yuhu.coding.questions import ABSTAIN, Question, decide, questions
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Reject
from yuhu.core.errors import YuhuError
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.formats import recognised
from yuhu.formats.book_drafts import draft_book
from yuhu.formats.exchange import Loss, Reading
from yuhu.study.assignments import Person, put_person, read_assignments, read_people
from yuhu.study.codebooks import keep_codebook
from yuhu.study.codings import append_codings, read_codings, with_defaults
from yuhu.study.files import whole_file
from yuhu.study.samples import read_samples
from yuhu.study.store import Study
from yuhu.verbs.init import now

_LARGEST = 1 << 30
_SPOT = pl.when(pl.col("unit_kind") == "span").then("video_id")
_SAME = ["unit_kind", "unit_id", "spot", "start_ms", "end_ms", "code", "coder", "purpose", "occasion"]


@dataclass(frozen=True)
class Collected:
    """What became of one file: codings that are new, that changed an earlier one, that were there already; closed gates worked out; rejects and losses."""

    file: str
    form: str
    new: int
    changed: int
    same: int
    closed: int
    blank: int
    coders: Sequence[str]
    rejects: Sequence[Reject] = ()
    losses: Sequence[Loss] = ()
    notes: Sequence[str] = field(default_factory=tuple)

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return {
            **{name: value for name, value in self.__dict__.items() if name not in ("rejects", "losses")},
            "coders": list(self.coders),
            "notes": list(self.notes),
            "rejects": [{"place": one.place, "why": one.why} for one in self.rejects],
            "losses": [one.__dict__ for one in self.losses],
        }


def collect(
    study: Study, files: Sequence[Path | str], *, coder: str = "", code: str = "", video: str = "", tz: str = "UTC"
) -> list[Collected]:
    """Take codings from files into the study.

    Parameters
    ----------
    study : Study
        The study.
    files : sequence of path
        Filled workbooks, CSV (long or wide), REFI-QDA projects, ELAN files, Label Studio JSON. The format is told from content.
    coder, code, video : str
        Whose codings these are, of which code and video, where a file does not say it.
    tz : str
        Zone of times that have none.

    Returns
    -------
    list of Collected
        One for each file.

    Raises
    ------
    YuhuError
        YH103 no such format; YH110 a file cannot be read; YH102, YH105, YH106, YH109 its content. Nothing of a file that raises is taken; files before it are in.

    Notes
    -----
    Codings are checked against the study's codebook; those of unknown units or values are rejects with their place. A unit drawn into a sample keeps its
    chance: what comes back is matched by unit and coder. Where a gate is closed by the answers, what it closes is stored as ``not_shown``, as at the
    desk. Sending the same file twice adds nothing; a changed cell is a new row, and the newest counts.
    """
    book = study.codebook()
    keep_codebook(study.path, book)
    done = []
    for one in files:
        path = Path(one)
        content = whole_file(path, largest=_LARGEST, fix="send one file for each coder")
        form = recognised(content, path.name)
        found = form.read(content, Reading(name=path.name, book=draft_book(book), coder=coder, code=code, video=video, tz=tz))
        mine, rejects = _placed(study, book, found.codings)
        closed = _closed(study, book, mine)
        fresh, same, changed = _fresh(study, pl.concat([mine, closed]) if closed.height else mine)
        _people(study, fresh)
        if fresh.height:
            append_codings(study.path, fresh)
        n_closed = fresh.filter(pl.col("status") == "not_shown").height if closed.height else 0
        done.append(
            Collected(
                path.name,
                form.name,
                fresh.height - changed - n_closed,
                changed,
                same,
                n_closed,
                found.blank,
                mine["coder"].unique().sort().to_list(),
                [*found.rejects, *rejects],
                found.losses,
                found.notes,
            )
        )
    return done


def _placed(study: Study, book: Codebook, codings: pl.DataFrame) -> tuple[pl.DataFrame, list[Reject]]:
    """Codings with the study's hashes, samples and purposes; those of units that are not here become rejects."""
    frame = conform(codings, polars_schema(CODING))
    known = study.scan("responses").select("response_id", video="video_id").collect()
    here = frame.join(known, left_on="unit_id", right_on="response_id", how="left", maintain_order="left")
    videos = study.videos()["video_id"]
    of_response = pl.col("unit_kind") == "response"
    is_here = (of_response & pl.col("unit_id").is_in(known["response_id"].implode())) | (
        ~of_response & pl.col("video_id").is_in(videos.implode())
    )
    strange = here.filter(~is_here.fill_null(value=False))
    names = strange.select(name=pl.coalesce("unit_id", "video_id")).unique(maintain_order=True)["name"].to_list()
    rejects = [Reject(f"unit {str(name)[:80]}", "this unit is not in the study", "") for name in names]
    kept = here.filter(is_here.fill_null(value=False)).with_columns(video_id=pl.coalesce("video_id", "video")).drop("video")
    hashes = {one.id: one.code_hash for one in book.variables.values()}
    given = _given(study)
    placed = kept.join(given, on=["unit_id", "coder"], how="left", maintain_order="left").join(
        _drawn(study), on="unit_id", how="left", maintain_order="left"
    )
    return (
        placed.with_columns(
            code_hash=pl.coalesce("code_hash", pl.col("code").replace_strict(hashes, default="", return_dtype=pl.String)),
            codebook_hash=pl.coalesce("codebook_hash", pl.lit(book.content_hash)),
            coder_kind=pl.col("coder_kind").fill_null("human"),
            at=pl.col("at").fill_null(dt.datetime.now(dt.UTC)),
            sample=pl.coalesce("sample", "its_sample", "a_sample"),
            purpose=pl.coalesce("purpose", "its_purpose", "a_purpose", pl.lit("main")),
            occasion=pl.col("occasion").fill_null(0),
        ).select(polars_schema(CODING).names()),
        rejects,
    )


def _given(study: Study) -> pl.DataFrame:
    """The first task that each coder has on a unit."""
    tasks = read_assignments(study.path).filter(pl.col("occasion") == 0)
    return tasks.unique(["unit_id", "coder"], keep="first", maintain_order=True).select(
        "unit_id", "coder", its_sample="sample", its_purpose="purpose"
    )


def _drawn(study: Study) -> pl.DataFrame:
    """The first sample that each unit is in, for coders who were given nothing."""
    samples = [
        one.units.select("unit_id", a_sample=pl.lit(name), a_purpose=pl.lit(one.purpose)) for name, one in read_samples(study.path).items()
    ]
    empty = pl.DataFrame(schema={"unit_id": pl.String, "a_sample": pl.String, "a_purpose": pl.String})
    return pl.concat([empty, *samples]).unique("unit_id", keep="first", maintain_order=True)


def _closed(study: Study, book: Codebook, codings: pl.DataFrame) -> pl.DataFrame:
    """``not_shown`` for all that the answers close, unit by unit, as the desk stores it; and attributes of codes that are not there."""
    samples = read_samples(study.path)
    asked: dict[str, Sequence[Question]] = {}
    rows: list[dict[str, Any]] = []
    mine = codings.filter((pl.col("unit_kind") == "response") & pl.col("status").is_in(["coded", "abstained"]))
    for key, part in mine.group_by(["unit_id", "coder", "purpose", "occasion", "sample"], maintain_order=True):
        name = str(key[4] or "")
        if name not in asked:
            codes = (
                codes_of(study, samples[name])
                if name in samples
                else sorted({book.variables[code].code for code in codings["code"].unique() if code in book.variables})
            )
            asked[name] = questions(book, codes)
        answers = {
            code: ABSTAIN if status == "abstained" else value for code, value, status in part.select("code", "value", "status").iter_rows()
        }
        allowed = {one.id for question in asked[name] for one in (*question.variables, *(a for a, _ in question.attributes))}
        try:
            decisions = decide(asked[name], {code: value for code, value in answers.items() if code in allowed}, is_partial=True)
        except YuhuError:  # two codes that may not stand together: the codings stay, and `yuhu adjudicate` shows them
            continue
        first = part.row(0, named=True)
        rows += [
            {
                **first,
                "code": one.variable.id,
                "code_hash": one.variable.code_hash,
                "status": "not_shown",
                "value": None,
                "evidence": None,
                "note": None,
            }
            for one in decisions
            if one.status == "not_shown" and one.variable.id not in answers
        ]
    return pl.DataFrame(rows, schema=polars_schema(CODING), orient="row")


def _fresh(study: Study, codings: pl.DataFrame) -> tuple[pl.DataFrame, int, int]:
    """What is not there yet; and how many codings are there, and how many change an earlier one."""
    frame = with_defaults(codings).with_columns(spot=_SPOT)
    have = (
        read_codings(study.path)
        .with_columns(spot=_SPOT)
        .select(*_SAME, old_value="value", old_status="status", is_known=pl.lit(value=True))
    )
    joined = frame.join(have, on=_SAME, how="left", nulls_equal=True, maintain_order="left")
    known = pl.col("is_known").fill_null(value=False)
    is_same = known & pl.col("value").eq_missing(pl.col("old_value")) & (pl.col("status") == pl.col("old_status"))
    fresh = joined.filter(~is_same)
    changed = int(fresh["is_known"].fill_null(value=False).sum())
    return fresh.select(polars_schema(CODING).names()), joined.height - fresh.height, changed


def _people(study: Study, codings: pl.DataFrame) -> None:
    known = read_people(study.path)
    for name, kind in codings.select("coder", "coder_kind").unique(maintain_order=True).iter_rows():
        if name not in known:
            put_person(study.path, Person(name, kind), now())

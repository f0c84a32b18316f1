"""Anchors of a study: adjudicated units as known answers, handed out among others, and what each coder said on them."""

from collections.abc import Mapping

import numpy as np
import polars as pl

from yuhu.coding.anchoring import chosen_anchors
from yuhu.coding.asked import codes_of
from yuhu.core.codebook import Codebook
from yuhu.core.errors import YuhuError
from yuhu.core.sample import ANCHOR, Sample
from yuhu.core.schema import PEOPLE
from yuhu.study.assignments import Person, read_assignments
from yuhu.study.codings import read_codings
from yuhu.study.store import Study

WITH_ANCHORS = ("reliability", "main")


def answers(study: Study, book: Codebook) -> pl.DataFrame:
    """The adjudicated value of each unit and decision under its present definition: ``unit_id, code, answer``; the newest of several stands."""
    return _adjudicated(study, book).select("unit_id", "code", answer="value")


def anchors_of(
    study: Study, book: Codebook, drawn: Sample, people: Mapping[str, Person], n: int, generator: np.random.Generator
) -> dict[str, list[tuple[str, int]]]:
    """Anchors for the coders of a sample.

    Parameters
    ----------
    study : Study
        The study.
    book : Codebook
        The study's codebook.
    drawn : Sample
        The sample; its own units are no anchors in it.
    people : mapping of str to Person
        Its coders.
    n : int
        Anchors for each; 0 for none.
    generator : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict of coder to list of (unit, occasion)

    Raises
    ------
    YuhuError
        YH303 too few adjudicated units, fewer than none asked for, or anchors in training or a pilot; YH505 nobody codes.

    Notes
    -----
    O(codings). Units with an adjudicated value of any decision that the sample asks for; nobody gets an anchor that they adjudicated themselves.
    """
    if n < 0:
        raise YuhuError("YH303", "fewer anchors than none", facts={"found": n, "expected": "0 or more"}, fix="--anchors 20")
    if not n:
        return {}
    if drawn.purpose not in WITH_ANCHORS:
        facts = {"found": drawn.purpose, "expected": " or ".join(WITH_ANCHORS)}
        raise YuhuError("YH303", "anchors stand among units that count", facts=facts, fix="--purpose main, or leave --anchors out")
    if not people:
        raise YuhuError("YH505", "there are no coders to give anchors to", fix=f"yuhu coders {study.path} add NAME --reads zh,en")
    asked = set(codes_of(study, drawn))
    wanted = [one.id for one in book.variables.values() if one.code in asked]
    settled = _adjudicated(study, book).filter(pl.col("code").is_in(wanted) & ~pl.col("unit_id").is_in(drawn.units["unit_id"].implode()))
    ids = settled["unit_id"].unique()
    here = study.scan("responses").filter(pl.col("response_id").is_in(ids.implode())).select("lang", unit_id="response_id").collect()
    who = _adjudications(study).group_by("unit_id").agg(who=pl.col("coder").unique())
    tasks = read_assignments(study.path).filter(pl.col("purpose") == ANCHOR).select("unit_id", "coder")
    fix = f"adjudicate more (yuhu adjudicate {study.path}), agreed units too, or ask for fewer"
    return chosen_anchors(here.join(who, on="unit_id"), tasks, {name: one.languages for name, one in people.items()}, n, generator, fix=fix)


def coded_anchors(study: Study, book: Codebook) -> pl.DataFrame:
    """What people said on anchors, under the present definition of each decision, in the order in which they said it.

    Returns
    -------
    pl.DataFrame
        ``code, coder, unit_id, occasion, at, status, value, answer``: only decisions with an adjudicated value.
    """
    kinds = PEOPLE if study.settings.constructed else ("human",)
    hashes = {one.id: one.code_hash for one in book.variables.values()}
    said = read_codings(study.path, purpose=ANCHOR).filter(
        pl.col("coder_kind").is_in(kinds)
        & (pl.col("code_hash") == pl.col("code").replace_strict(hashes, default=None, return_dtype=pl.String))
    )
    stands = answers(study, book) if said.height else said.select("unit_id", "code", answer="value")
    known = said.join(stands, on=["unit_id", "code"], how="inner")
    return known.select("code", "coder", "unit_id", "occasion", "at", "status", "value", "answer").sort(
        "code", "coder", "at", "unit_id", "occasion"
    )


def _adjudications(study: Study) -> pl.DataFrame:
    kinds = PEOPLE if study.settings.constructed else ("human",)
    return read_codings(study.path, counted=True, purpose="adjudication").filter(pl.col("coder_kind").is_in(kinds))


def _adjudicated(study: Study, book: Codebook) -> pl.DataFrame:
    known = pl.DataFrame(
        [(one.id, one.code_hash, value) for one in book.variables.values() for value in one.values],
        schema={"code": pl.String, "code_hash": pl.String, "value": pl.String},
        orient="row",
    )
    settled = _adjudications(study).join(known, on=["code", "code_hash", "value"], how="semi", maintain_order="left")
    return settled.sort("at", maintain_order=True).unique(["unit_id", "code"], keep="last", maintain_order=True).sort("unit_id", "code")

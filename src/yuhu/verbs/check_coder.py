"""`yuhu check-coder`: how a machine coder does against people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from yuhu.coding.ratings import level_of, ratings_of
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.evidence import Evidence
from yuhu.formats.cells import safe_cell
from yuhu.measures.coder_quality import CoderQuality
from yuhu.measures.correcting import Judged, judged
from yuhu.stats.agreement import krippendorff_alpha
from yuhu.stats.classification import confusion
from yuhu.study.codings import read_codings
from yuhu.study.files import write_atomic
from yuhu.study.store import Study
from yuhu.verbs.evidence import prepare
from yuhu.verbs.gold import counted_codings
from yuhu.verbs.machine_ratings import MachineRatings

_LEAST_TOGETHER = 10


@dataclass(frozen=True)
class Checked:
    """How a machine coder does.

    Parameters
    ----------
    coder : str
        Its name in the study.
    rates : pl.DataFrame
        Estimates of `measures.coder_quality`: ``method`` names the rate, ``by`` and ``subject`` the group.
    tables : mapping of (code, value_id) to mapping
        Units by what people and machine said: ``both, missed, invented, neither`` (counts), and ``ties`` that were left out.
    people : list of mapping
        Krippendorff's alpha of the machine with each person, and of persons with each other, by decision: ``code, first, second, estimate``.
    disagreements : pl.DataFrame
        ``response_id, code, value_id, people`` (share who said yes), ``machine`` (label), ``probability, lang, text``: the farthest apart first.
    """

    coder: str
    rates: pl.DataFrame
    tables: Mapping[tuple[str, str], Mapping[str, int]]
    people: Sequence[Mapping[str, Any]]
    disagreements: pl.DataFrame


def check_coder(study: Study, coder: str | None = None, *, codes: Sequence[str] = (), to: Path | str | None = None) -> Checked:
    """Check a machine coder against what people coded of a probability sample.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Name of its codings in the study; the coder of study.yaml if none.
    codes : sequence of str
        Codes to look at; all if none.
    to : path, optional
        CSV file for the units on which machine and people disagree.

    Returns
    -------
    Checked
        Nothing is stored; `yuhu measure` stores the rates.

    Raises
    ------
    YuhuError
        YH207 people have coded no probability sample of what the machine decides; YH303 no such code; YH501 the machine coded nothing;
        YH402, YH504 as `measure`.

    Notes
    -----
    O(gold + codings).
    """
    prepared = prepare(study, coder)
    if prepared.run is None:
        raise YuhuError("YH501", f"{prepared.coder} has coded nothing yet", fix=f"yuhu code {study.path} --with {prepared.coder}")
    evidence = prepared.evidence(study)
    known = {prepared.book.variables[name].code for name in prepared.run.served if name in prepared.book.variables}
    for code in codes:
        if code not in known:
            raise YuhuError(
                "YH303", f"{prepared.coder} does not decide `{code}`", facts={"decides": ", ".join(sorted(known))}, fix="--for CODE"
            )
    found = [one for one in judged(evidence) if not codes or prepared.book.variables[one.code].code in codes]
    if not found:
        raise YuhuError(
            "YH207",
            f"people have coded no probability sample of what {prepared.coder} decides",
            fix=f"yuhu sample {study.path} --for {(codes or sorted(known))[0]} --size 400",
        )
    rates = CoderQuality().estimate(evidence).filter(pl.col("code").is_in([one.code for one in found]))
    apart = _disagreements(study, evidence, found)
    if to is not None:
        _write(apart, Path(to))
    tables = {(one.code, one.value_id): _table(one) for one in found}
    return Checked(prepared.coder, rates, tables, _people(study, prepared.coder, sorted({one.code for one in found})), apart)


def _table(one: Judged) -> dict[str, int]:
    (neither, invented), (missed, both) = confusion(one.label, one.human, one.chance, values=[0, 1]).units.tolist()
    return {"both": both, "missed": missed, "invented": invented, "neither": neither, "ties": one.ties}


def _people(study: Study, coder: str, decisions: Sequence[str]) -> list[dict[str, Any]]:
    """The machine beside each person, then each two people."""
    book = study.codebook()
    codings = read_codings(study.path, counted=True, unit_kind="response")
    units = counted_codings(study, book)["unit_id"]
    machine = MachineRatings(study, coder, units)
    rows: list[dict[str, Any]] = []
    for name in decisions:
        variable = book.variables[name]
        together = machine.beside(ratings_of(codings, variable), variable)
        if together is None:
            continue
        order = [coder, *(one for one in together.coders if one != coder)]
        pairs = [(coder, one) for one in order[1:]] + list(combinations(order[1:], 2))
        for first, second in pairs:
            table = together.table[[list(together.coders).index(one) for one in (first, second)]]
            if int((~np.isnan(table)).all(axis=0).sum()) < _LEAST_TOGETHER:
                continue
            alpha: Estimate = krippendorff_alpha(table, level=level_of(variable), values=together.values)
            rows.append({"code": name, "first": first, "second": second, "estimate": alpha})
    return rows


def _disagreements(study: Study, evidence: Evidence, found: Sequence[Judged]) -> pl.DataFrame:
    parts = []
    for one in found:
        sure = one.label if one.probability is None else one.probability
        parts.append(
            one.units.select("response_id", "lang").with_columns(
                code=pl.lit(one.code),
                value_id=pl.lit(one.value_id),
                people=pl.Series(one.human),
                machine=pl.Series(one.label),
                probability=pl.Series(one.probability) if one.probability is not None else pl.lit(None, dtype=pl.Float64),
                apart=pl.Series(np.abs(one.human - sure)),
            )
        )
    rows = pl.concat(parts).filter(pl.col("people") != pl.col("machine"))
    texts = (
        study.scan("responses").filter(pl.col("response_id").is_in(rows["response_id"].unique().implode())).select("response_id", "text")
    )
    place = {name: at for at, name in enumerate(evidence.book.variables)}
    return (
        rows.join(texts.collect(), on="response_id", how="left", maintain_order="left")
        .with_columns(order=pl.col("code").replace_strict(place, default=None, return_dtype=pl.Int64))
        .sort("order", "value_id", "apart", "response_id", descending=[False, False, True, False])
        .select("response_id", "code", "value_id", "people", "machine", "probability", "lang", "text")
    )


def _write(apart: pl.DataFrame, path: Path) -> None:
    if not path.parent.is_dir():
        raise YuhuError("YH110", f"folder `{path.parent}` does not exist", fix="--to FILE in a folder that exists")
    safe = apart.with_columns(pl.col(pl.String).map_elements(safe_cell, return_dtype=pl.String))
    write_atomic(path, "\ufeff".encode() + safe.write_csv().encode())

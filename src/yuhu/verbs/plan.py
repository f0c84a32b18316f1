"""How many units people have to code: for a share of a wished precision, and for agreement that is shown to hold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from scipy import stats as distributions

from yuhu.coding.ratings import level_of, ratings_of
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import TENTATIVE, plan_reliability
from yuhu.study.codings import read_codings
from yuhu.study.store import Study
from yuhu.verbs.code import machine_frames

_ASSUMED = 0.5
_LEAST_PILOT = 20
_SLACK = 1e-9


@dataclass(frozen=True)
class Plan:
    """Of one decision: the share that is expected and where it comes from, and the units needed.

    ``units_share``: for the half width; ``units_positive``: units to draw at random until 15 with the code are expected, below which intervals break down. ``units_reliability``: to be coded by all
    coders of the pilot so that the lower bound of alpha lies above .667 in four studies of five, if alpha is that of the pilot; ``cautious`` allows for a small
    pilot; None where no number of units is enough, or where no pilot tells.
    """

    code: str
    share: float
    source: str
    population: int
    half_width: float
    units_share: int
    units_positive: int
    is_rare: bool
    pilot_alpha: float | None = None
    pilot_units: int = 0
    units_reliability: int | None = None
    units_reliability_cautious: int | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return dict(self.__dict__)


def plan(study: Study, codes: Sequence[str] = (), *, half_width: float = 0.05) -> list[Plan]:
    """Units to draw at random for each decision.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Codes; all that are on if none.
    half_width : float in (0, .5)
        Half the width of the interval of a share, at the study's confidence.

    Returns
    -------
    list of Plan
        The share that is expected comes from what people coded (``people``), else from the machine, uncorrected (``machine``), else it is .5, the worst case.

    Raises
    ------
    YuhuError
        YH303 the half width lies outside (0, .5), or a code is not on.

    Notes
    -----
    n0 = z² p(1-p) / h², and n = n0 / (1 + (n0 - 1) / N) for N units without replacement. Source: cochran1977, chapter 4. A decision with fewer than 15
    expected positives is called rare: draw more, or enrich.
    """
    if not 0 < half_width < 0.5:
        raise YuhuError("YH303", "the half width lies outside (0, .5)", facts={"found": half_width}, fix="--half-width 0.03")
    book = study.codebook()
    on = {code.id for code in book.of_modules(study.modules(book)) if not code.measured}
    for code in codes:
        if code not in on:
            raise YuhuError("YH303", f"`{code}` is no code that is on", facts={"on": ", ".join(sorted(on))}, fix="--for affective_empathy")
    chosen = [one for one in book.variables.values() if one.code in (codes or on) and not one.is_attribute and one.zero is not None]
    population = study.scan("responses").filter(~pl.col("is_special").fill_null(value=False)).select(pl.len()).collect().item()
    codings = read_codings(study.path)
    people, machine = _of_people(book, codings), _of_machine(study, population)
    z = float(distributions.norm.ppf(0.5 + study.settings.confidence / 2))
    out = []
    for one in chosen:
        share, source = people.get(one.id) or machine.get(one.id) or (_ASSUMED, "worst case")
        n0 = z * z * share * (1 - share) / half_width**2
        needed = math.ceil(n0 / (1 + (n0 - 1) / population) - _SLACK) if population else math.ceil(n0 - _SLACK)
        positive = math.ceil(15 / share - _SLACK) if share else population
        needed = max(needed, 1)
        out.append(
            Plan(
                one.id,
                share,
                source,
                population,
                half_width,
                needed,
                min(positive, population or positive),
                needed * share < 15,
                **_of_pilot(codings, one),
            )
        )
    return out


def _of_people(book: Codebook, codings: pl.DataFrame) -> dict[str, tuple[float, str]]:
    """Shares in what people coded, with half a unit more of each kind: an expectation for planning, no estimate."""
    of_messages = (pl.col("unit_kind") == "response") & (pl.col("purpose") != "train") & (pl.col("occasion") == 0)
    coded = codings.filter(pl.col("status").is_in(["coded", "not_shown"]) & of_messages)
    zeros = {one.id: one.zero for one in book.variables.values() if one.zero is not None}
    named = coded.with_columns(zero=pl.col("code").replace_strict(zeros, default=None, return_dtype=pl.String))
    there = (pl.col("status") == "coded") & (pl.col("value") != pl.col("zero"))
    counted = named.filter(pl.col("zero").is_not_null()).group_by("code").agg(found=there.sum(), n=pl.len())
    return {code: ((found + 0.5) / (n + 1), "people") for code, found, n in counted.iter_rows()}


def _of_pilot(codings: pl.DataFrame, variable: Variable) -> dict[str, Any]:
    """What the pilot says of the units that reliability needs."""
    rated = ratings_of(codings, variable, purposes=("pilot",))
    if not rated.table.size or int((np.isfinite(rated.table).sum(axis=0) > 1).sum()) < _LEAST_PILOT:
        return {}
    try:
        found = plan_reliability(rated.table, level=level_of(variable), values=rated.values, minimum=TENTATIVE)
    except YuhuError:  # the pilot says nothing: one value, or nobody disagreed
        return {}
    return {
        "pilot_alpha": found.alpha,
        "pilot_units": found.pilot_units,
        "units_reliability": found.units,
        "units_reliability_cautious": found.cautious,
    }


def _of_machine(study: Study, population: int) -> dict[str, tuple[float, str]]:
    run = study.manifest.run_of(study.settings.coder.partition(".")[0])
    if run is None or not population or run.codebook_hash != study.codebook().content_hash:
        return {}
    codings, _ = machine_frames(study, run)
    counted = (
        study.scan("responses")
        .filter(~pl.col("is_special").fill_null(value=False))
        .select("text_key", "lang")
        .join(codings.select("text_key", "lang", "code"), on=["text_key", "lang"])
        .group_by("code")
        .len()
        .collect()
    )
    return {code: (n / population, "machine") for code, n in counted.iter_rows()}

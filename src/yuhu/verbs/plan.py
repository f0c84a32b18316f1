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
from yuhu.measures.correcting import judged
from yuhu.stats.agreement import TENTATIVE, plan_reliability
from yuhu.stats.correction.planning import pilot_of, plan_mean
from yuhu.study.codings import read_codings
from yuhu.study.store import Study
from yuhu.verbs.code import machine_frames
from yuhu.verbs.evidence import prepare

_ASSUMED = 0.5
_LEAST_PILOT = 20
_LEAST_GOLD = 30
_SLACK = 1e-9


@dataclass(frozen=True)
class Plan:
    """Of one decision: the share that is expected and where it comes from, and the units needed.

    ``units_share``: for the half width; ``units_positive``: units to draw at random until 15 with the code are expected, below which intervals break down. ``units_reliability``: to be coded by all
    coders of the pilot so that the lower bound of alpha lies above .667 in four studies of five, if alpha is that of the pilot; ``cautious`` allows for a small
    pilot; None where no number of units is enough, or where no pilot tells.
    ``units_corrected``: for the half width of a share that gold corrects, with the machine of study.yaml, whose correlation with people is ``rho``
    (``cautious_rho`` is its lower 80 % bound, which is planned with); ``units_more``: beyond the gold there is; ``break_even``: the squared correlation from which on the machine is worth its cost,
    ``pays`` whether it is. None where no gold tells, or no costs are given.
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
    gold: int = 0
    rho: float | None = None
    cautious_rho: float | None = None
    units_corrected: int | None = None
    units_more: int | None = None
    break_even: float | None = None
    pays: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        """As plain data."""
        return dict(self.__dict__)


def plan(
    study: Study,
    codes: Sequence[str] = (),
    *,
    half_width: float = 0.05,
    human_cost: float | None = None,
    machine_cost: float | None = None,
) -> list[Plan]:
    """Units to draw at random for each decision.

    Parameters
    ----------
    study : Study
        The study.
    codes : sequence of str
        Codes; all that are on if none.
    half_width : float in (0, .5)
        Half the width of the interval of a share, at the study's confidence.
    human_cost, machine_cost : float, optional
        What coding one message costs a person and the machine; both for the break-even.

    Returns
    -------
    list of Plan
        The share that is expected comes from what people coded (``people``), else from the machine, uncorrected (``machine``), else it is .5, the worst case.

    Raises
    ------
    YuhuError
        YH303 the half width lies outside (0, .5), a cost is not positive or stands alone, or a code is not on.

    Notes
    -----
    n0 = z² p(1-p) / h², and n = n0 / (1 + (n0 - 1) / N) for N units without replacement. Source: cochran1977, chapter 4. A decision with fewer than 15
    expected positives is called rare: draw more, or enrich.
    """
    if not 0 < half_width < 0.5:
        raise YuhuError("YH303", "the half width lies outside (0, .5)", facts={"found": half_width}, fix="--half-width 0.03")
    costs = _costs(human_cost, machine_cost)
    book = study.codebook()
    on = {code.id for code in book.of_modules(study.modules(book)) if not code.measured}
    for code in codes:
        if code not in on:
            raise YuhuError("YH303", f"`{code}` is no code that is on", facts={"on": ", ".join(sorted(on))}, fix="--for affective_empathy")
    chosen = [one for one in book.variables.values() if one.code in (codes or on) and not one.is_attribute and one.zero is not None]
    population = study.scan("responses").filter(~pl.col("is_special").fill_null(value=False)).select(pl.len()).collect().item()
    codings = read_codings(study.path)
    people, machine = _of_people(book, codings), _of_machine(study, population)
    gold = _of_gold(study, population, half_width, costs)
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
                **gold.get(one.id, {}),
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


def _costs(human: float | None, machine: float | None) -> dict[str, float]:
    """Both costs, or none."""
    if human is None and machine is None:
        return {}
    if human is None or machine is None or not (human > 0 and machine >= 0):
        facts = {"person": human, "machine": machine}
        raise YuhuError("YH303", "costs are for both, and above 0", facts=facts, fix="--human-cost 0.10 --machine-cost 0.0002")
    return {"human_cost": human, "machine_cost": machine}


def _of_gold(study: Study, population: int, half_width: float, costs: dict[str, float]) -> dict[str, dict[str, Any]]:
    """What gold says of the machine, and the gold that a corrected share needs: of the first value of each decision."""
    run = study.manifest.run_of(study.settings.coder.partition(".")[0])
    if run is None or not population or run.codebook_hash != study.codebook().content_hash:
        return {}
    if any(part.path not in run.parts for part in study.manifest.of("responses")):
        return {}
    out: dict[str, dict[str, Any]] = {}
    for one in judged(prepare(study).evidence(study)):
        if one.code in out or one.human.size < _LEAST_GOLD:
            continue
        pilot = pilot_of(one.label if one.probability is None else one.probability, one.human, one.chance)
        said: dict[str, Any] = {"gold": pilot.n, "rho": pilot.rho, "cautious_rho": pilot.cautious_rho}
        if 0 < pilot.mean < 1:
            found = plan_mean(
                half_width,
                rho=pilot.cautious_rho,
                sd=pilot.sd,
                units=population,
                target=study.target(),
                confidence=study.settings.confidence,
                have=pilot.n,
                share=pilot.mean,
                **costs,
            )
            said |= {"units_corrected": found.gold, "units_more": found.more, "break_even": found.break_even, "pays": found.pays}
        out[one.code] = said
    return out


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

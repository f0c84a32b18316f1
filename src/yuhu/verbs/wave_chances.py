"""The chances that units of one wave of a draw had in the other waves."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from yuhu.coding.sampling import SMALL, Drawn, merged_names
from yuhu.core.sample import Sample


def other_chances(
    made: Sample, waves: Sequence[Sample], everything: pl.DataFrame, free: pl.DataFrame, drawn: Drawn
) -> list[tuple[str, str, float, str]]:
    """What chance units of one wave had in the others: by the rate of the stratum that they stand in.

    Strata of an earlier wave can be told only where they were made by the same rule; else the waves stay apart (`read_series`).
    """
    out: list[tuple[str, str, float, str]] = []
    same = [wave for wave in waves if _rule(wave) == _rule(made)]
    if len(same) != len(waves):
        return []
    names = dict(merged_names(free).iter_rows())
    strata = dict(everything.select("unit_id", "stratum").iter_rows())
    sources = dict(everything.select("unit_id", "source").iter_rows())
    rates = _rates(drawn.strata)
    merged = {strata[unit]: stratum for unit, stratum in names.items()}
    for wave in waves:
        for unit in wave.units["unit_id"]:
            stratum = merged.get(strata.get(unit, ""), "")
            out.append((made.name, unit, rates.get(stratum, 0.0), stratum))
        before = _rates(wave.strata)
        then = set(wave.plan.get("sources", ()))
        for unit in drawn.units["unit_id"]:
            stratum = strata[unit] if strata[unit] in before else SMALL
            out.append((wave.name, unit, before.get(stratum, 0.0) if sources[unit] in then else 0.0, stratum))
    return out


def _rates(strata: pl.DataFrame | None) -> dict[str, float]:
    if strata is None:
        return {}
    return {stratum: drawn / held for stratum, held, drawn in strata.select("stratum", "population", "drawn").iter_rows()}


def _rule(sample: Sample) -> dict[str, Any]:
    """How a wave was drawn, whatever had been added or spent by then."""
    return {name: value for name, value in sample.plan.items() if name not in ("sources", "spent")}

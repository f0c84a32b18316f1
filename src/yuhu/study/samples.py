"""Samples on disk: the chance of each unit, stored at the draw and never changed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError
from yuhu.core.sample import NOT_COUNTED, Sample
from yuhu.study.coding_file import FILE, connected

_UNITS = {"unit_id": pl.String, "chance": pl.Float64, "stratum": pl.String, "role": pl.String}
_STRATA = {"stratum": pl.String, "population": pl.Int64, "drawn": pl.Int64}


def add_sample(folder: Path, sample: Sample, at: str, *, others: Sequence[tuple[str, str, float, str]] = ()) -> None:
    """Store a sample with the chance of each unit.

    Parameters
    ----------
    folder : Path
        The study.
    sample : Sample
        What was drawn.
    at : str
        When, ISO 8601 in UTC.
    others : sequence of (sample, unit, chance, stratum)
        Chances that units of one wave had in another wave of the series, in which they were not drawn: 0 where they could not be.

    Raises
    ------
    YuhuError
        YH503 a sample of this name exists.
    """
    with connected(folder, write=True) as connection:
        if connection.execute("select 1 from samples where name = ?", (sample.name,)).fetchone():
            raise YuhuError("YH503", f"sample `{sample.name}` exists", fix="choose another name: chances once drawn are never changed")
        plan = json.dumps(dict(sample.plan), ensure_ascii=False, sort_keys=True)
        drawn = (sample.name, sample.design, sample.seed, sample.population, at, sample.purpose)
        connection.execute(
            "insert into samples (name, design, seed, population, at, purpose, series, wave, codes, plan) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*drawn, sample.series or sample.name, sample.wave, json.dumps(sample.codes), plan),
        )
        rows = sample.units.select(pl.lit(sample.name), "unit_id", "chance", "stratum", "role").rows()
        connection.executemany("insert into sample_units (sample, unit_id, chance, stratum, role) values (?, ?, ?, ?, ?)", rows)
        connection.executemany(
            "insert into sample_units (sample, unit_id, chance, stratum, role, is_drawn) values (?, ?, ?, ?, 'single', 0)", others
        )
        if sample.strata is not None:
            strata = sample.strata.select(pl.lit(sample.name), "stratum", "population", "drawn").rows()
            connection.executemany("insert into strata values (?, ?, ?, ?)", strata)


def put_plan(folder: Path, name: str, plan: Mapping[str, Any]) -> None:
    """Say more of how the units of a sample are coded; units and chances stay as they were drawn."""
    with connected(folder, write=True) as connection:
        connection.execute("update samples set plan = ? where name = ?", (json.dumps(dict(plan), ensure_ascii=False, sort_keys=True), name))


def read_samples(folder: Path) -> dict[str, Sample]:
    """All samples by name."""
    if not (folder / FILE).exists():
        return {}
    with connected(folder) as connection:
        heads = connection.execute(
            "select name, design, seed, population, purpose, series, wave, codes, plan from samples order by name"
        ).fetchall()
        rows = connection.execute(
            "select sample, unit_id, chance, stratum, role from sample_units where is_drawn = 1 order by sample, unit_id"
        ).fetchall()
        strata = connection.execute("select sample, stratum, population, drawn from strata order by sample, stratum").fetchall()
    units = pl.DataFrame(rows, schema={"sample": pl.String, **_UNITS}, orient="row").partition_by("sample", as_dict=True, include_key=False)
    parts = pl.DataFrame(strata, schema={"sample": pl.String, **_STRATA}, orient="row").partition_by(
        "sample", as_dict=True, include_key=False
    )
    return {
        name: Sample(
            name,
            units.get((name,), pl.DataFrame(schema=_UNITS)),
            design,
            seed,
            population,
            purpose=purpose,
            series=series or name,
            wave=wave,
            codes=tuple(json.loads(codes)),
            plan=json.loads(plan),
            strata=parts.get((name,)),
        )
        for name, design, seed, population, purpose, series, wave, codes, plan in heads
    }


def read_series(folder: Path) -> dict[str, Sample]:
    """The samples that count, the waves of a series as one: each unit with its chance to be in any of them.

    A unit's chance is 1 - Π(1 - chance in a wave). A series whose waves do not hold each other's chances is left as separate samples.
    """
    samples = {name: sample for name, sample in read_samples(folder).items() if sample.purpose not in NOT_COUNTED}
    waves: dict[str, list[Sample]] = {}
    for sample in samples.values():
        waves.setdefault(sample.series, []).append(sample)
    joined: dict[str, Sample] = {}
    for series, members in waves.items():
        whole = _union(folder, sorted(members, key=lambda one: one.wave)) if len(members) > 1 else replace(members[0])
        joined |= {series: whole} if whole is not None else {one.name: one for one in members}
    return dict(sorted(joined.items()))


def _union(folder: Path, waves: list[Sample]) -> Sample | None:
    names = [one.name for one in waves]
    with connected(folder) as connection:
        marks = ", ".join("?" * len(names))
        rows = connection.execute(f"select unit_id, chance from sample_units where sample in ({marks})", names).fetchall()  # noqa: S608
    chances = (
        pl.DataFrame(rows, schema={"unit_id": pl.String, "chance": pl.Float64}, orient="row")
        .group_by("unit_id")
        .agg(n=pl.len(), chance=1 - (1 - pl.col("chance")).product())
    )
    units = pl.concat([one.units for one in waves]).unique("unit_id", keep="first", maintain_order=True)
    held = units.drop("chance").join(chances, on="unit_id", how="left", maintain_order="left")
    if not (held["n"] == len(waves)).all():
        return None
    first, last = waves[0], waves[-1]
    codes = tuple(dict.fromkeys(code for one in waves for code in one.codes)) if all(one.codes for one in waves) else ()
    return replace(
        first,
        name=first.series,
        units=held.select(*_UNITS).sort("unit_id"),
        design="waves.v1",
        population=max(first.population, last.population),
        codes=codes,
        plan={
            **first.plan,
            **(
                {"sources": sorted({one for wave in waves for one in wave.plan["sources"]})}
                if all("sources" in wave.plan for wave in waves)
                else {}
            ),
        },
        strata=None,
    )


def units_spent(folder: Path) -> set[str]:
    """Units of pilot and training samples: they are never drawn again, and no coding of them enters agreement or gold."""
    return {unit for sample in read_samples(folder).values() if sample.purpose in NOT_COUNTED for unit in sample.units["unit_id"]}

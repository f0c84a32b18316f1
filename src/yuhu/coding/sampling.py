"""Drawing units for people to code: strata, allocation, and the chance of each unit, known before anybody codes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.errors import YuhuError

ALLOCATIONS = ("proportional", "equal", "neyman")
SMALL = "(small)"
LEAST = 2
"""Fewest units drawn from a stratum: with one there is no variance."""

_SMALLEST = 20
_SHARE_LOW, _SHARE_HIGH = 0.05, 0.95

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Drawn:
    """``units``: ``unit_id, chance, stratum``; ``strata``: ``stratum, population, drawn``; ``design``: how they were drawn."""

    units: pl.DataFrame
    strata: pl.DataFrame
    design: str


def draw(
    population: pl.DataFrame,
    size: int,
    generator: np.random.Generator,
    *,
    allocation: str = "proportional",
    spread: Mapping[str, float] | None = None,
    enriched: Mapping[str, float] | None = None,
) -> Drawn:
    """Draw units without replacement within strata.

    Parameters
    ----------
    population : pl.DataFrame
        ``unit_id`` (str, no two equal) and ``stratum`` (str): N units. One stratum is a simple random sample.
    size : int
        Units to draw, 1 to N.
    generator : numpy.random.Generator
        Source of randomness; the order of the rows does not matter.
    allocation : str
        ``proportional`` to the units of a stratum, ``equal``, or ``neyman``: proportional to units times the standard deviation in `spread`.
    spread : mapping of str to float, optional
        Standard deviation by stratum; .5 (the largest of a share) where there is none.
    enriched : mapping of str to float, optional
        Share of the sample by prefix of the stratum's name; each part is allocated within itself. Prefixes that are not named share the rest by their units.

    Returns
    -------
    Drawn
        Chance of a unit = drawn / units of its stratum.

    Raises
    ------
    YuhuError
        YH303 the size lies outside 1 to N, or the allocation is not known.

    Notes
    -----
    O(N log N). Each stratum gives at least two units, or all it has; strata below 20 units are put together. Source: cochran1977, chapter 5; neyman1934.
    """
    if allocation not in ALLOCATIONS:
        raise YuhuError(
            "YH303", f"allocation `{allocation}` is not known", facts={"known": ", ".join(ALLOCATIONS)}, fix="--allocation equal"
        )
    if not 1 <= size <= population.height:
        facts = {"found": size, "expected": f"1 to {population.height:,}, the units that can be drawn"}
        fix = f"--size {population.height}" if size > population.height else "say how many units to draw: --size 100"
        raise YuhuError("YH303", "the sample cannot have this size", facts=facts, fix=fix)
    units = _merged(population.select("unit_id", "stratum").sort("unit_id"))
    strata = units.group_by("stratum").agg(population=pl.len().cast(pl.Int64)).sort("stratum")
    names, counts = strata["stratum"].to_list(), strata["population"].to_numpy()
    weights = _weights(names, counts, allocation, spread or {})
    if enriched:
        weights = _enriched(names, counts, weights, enriched)
    drawn = allocate(counts, weights, size)
    strata = strata.with_columns(drawn=pl.Series(drawn, dtype=pl.Int64))
    luck = pl.Series("luck", generator.random(units.height))
    ranked = units.with_columns(luck).with_columns(rank=pl.col("luck").rank("ordinal").over("stratum")).join(strata, on="stratum")
    taken = ranked.filter(pl.col("rank") <= pl.col("drawn")).select(
        "unit_id", (pl.col("drawn") / pl.col("population")).alias("chance"), "stratum"
    )
    design = "simple_random.v1" if strata.height == 1 else f"stratified_{'enriched' if enriched else allocation}.v1"
    return Drawn(taken.sort("unit_id"), strata, design)


def _merged(units: pl.DataFrame) -> pl.DataFrame:
    """Strata with too few units become one; so does what is left of it, if it is too small, with the smallest other."""
    sizes = units.group_by("stratum").len().sort("len", "stratum")
    small = sizes.filter(pl.col("len") < _SMALLEST)
    if not small.height or sizes.height == 1:
        return units
    names = small["stratum"].to_list()
    if small["len"].sum() < _SMALLEST and sizes.height > small.height:
        names.append(sizes["stratum"][small.height])
    return units.with_columns(stratum=pl.when(pl.col("stratum").is_in(names)).then(pl.lit(SMALL)).otherwise("stratum"))


def merged_names(population: pl.DataFrame) -> pl.DataFrame:
    """The population with the strata that `draw` takes: small ones put together."""
    return _merged(population.select("unit_id", "stratum").sort("unit_id"))


def _weights(names: Sequence[str], counts: Ints, allocation: str, spread: Mapping[str, float]) -> Floats:
    if allocation == "equal":
        return np.ones(len(names))
    if allocation == "neyman":
        return counts.astype(np.float64) * np.array([max(spread.get(name, 0.5), 1e-6) for name in names], dtype=np.float64)
    return counts.astype(np.float64)


def _enriched(names: Sequence[str], counts: Ints, weights: Floats, shares: Mapping[str, float]) -> Floats:
    """Weights whose parts, by prefix of the stratum, have the shares asked for."""
    total = sum(shares.values())
    if any(not 0 < share < 1 for share in shares.values()) or total > 1:
        raise YuhuError(
            "YH303", "shares of an enriched sample lie outside (0, 1)", facts={"found": dict(shares)}, fix="for example --enrich 0.5"
        )
    part = [next((prefix for prefix in shares if name.startswith(prefix)), "") for name in names]
    rest = [prefix for prefix in set(part) if prefix == ""]
    out = np.zeros(len(names))
    for prefix in set(part):
        inside = np.array([one == prefix for one in part])
        out[inside] = weights[inside] / weights[inside].sum() * (shares[prefix] if prefix else 1 - total)
    if not rest:  # everything is named: shares are relative
        out /= out.sum()
    return out if out.sum() > 0 else counts.astype(np.float64)


def allocate(counts: Ints, weights: Floats, size: int) -> Ints:
    """Units to draw from each stratum.

    Parameters
    ----------
    counts : (H,) int
        Units in each stratum.
    weights : (H,) float, at least 0
        To which the draw is to be proportional.
    size : int
        Units in all, 0 to the sum of the counts.

    Returns
    -------
    (H,) int
        Sums to `size`; none exceeds its count; each is at least 2, or its count, as far as `size` allows. Largest remainders, the first of equal ones.

    Notes
    -----
    O(H^2).
    """
    floor = np.minimum(counts, LEAST)
    if floor.sum() > size:
        floor = np.zeros_like(counts)
    exact = floor.astype(np.float64)
    is_open = np.ones(len(counts), dtype=bool)
    for _ in range(2 * len(counts) + 1):
        left = size - exact[~is_open].sum()
        total = weights[is_open].sum()
        shares = weights[is_open] / total if total > 0 else counts[is_open] / max(counts[is_open].sum(), 1)
        asked = left * shares
        bounded = np.clip(asked, floor[is_open], counts[is_open])
        exact[is_open] = bounded
        outside = np.flatnonzero(is_open)[np.abs(bounded - asked) > 1e-9]
        surplus = bounded.sum() - left
        if not outside.size or abs(surplus) < 1e-9:
            break
        wrong = outside[(exact[outside] > floor[outside]) == (surplus < 0)] if surplus else outside
        is_open[wrong if wrong.size else outside] = False
        if not is_open.any():
            break
    return _rounded(exact, floor, counts, size)


def _rounded(exact: Floats, floor: Ints, counts: Ints, size: int) -> Ints:
    """Whole numbers that sum to the size, nearest to the exact ones."""
    whole = np.minimum(np.floor(exact + 1e-9).astype(np.int64), counts)
    while whole.sum() < size:
        room = whole < counts
        whole[np.argmax(np.where(room, exact - whole, -np.inf))] += 1
    while whole.sum() > size:
        room = whole > floor if (whole > floor).any() else whole > 0
        whole[np.argmin(np.where(room, exact - whole, np.inf))] -= 1
    return whole


def spreads(shares: Mapping[str, tuple[int, int]]) -> dict[str, float]:
    """Standard deviations for `neyman` from what was coded before.

    Parameters
    ----------
    shares : mapping of str to (units with the code, units)
        By stratum, from a pilot or an earlier wave.

    Returns
    -------
    dict of str to float
        √(p (1-p)) with p = (found + .5) / (n + 1), held within [.05, .95]: a stratum in which a few units showed nothing is not certain.
    """
    found = {name: min(max((hits + 0.5) / (n + 1), _SHARE_LOW), _SHARE_HIGH) for name, (hits, n) in shares.items()}
    return {name: float(np.sqrt(share * (1 - share))) for name, share in found.items()}

"""From codings to the ratings that agreement is worked out of: one matrix (coders, units) for each flat decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.codebook import Variable

Floats = npt.NDArray[np.float64]
COUNTED, ASKED = "counted", "asked"
"""A closed gate as a zero, as shares count it; or only the units on which a coder was asked."""


@dataclass(frozen=True)
class Ratings:
    """Ratings of one flat decision.

    Parameters
    ----------
    table : (m, N) float
        Places of values among those of the codebook, or the values themselves at interval and ratio level; NaN for "not coded".
    coders : sequence of str, m
        Rows.
    units : pl.Series of str, N
        Columns.
    values : tuple of float
        All values that the codebook allows, in the scale of the table.
    names : tuple of str
        The same as ids.
    """

    table: Floats
    coders: Sequence[str]
    units: pl.Series
    values: tuple[float, ...]
    names: tuple[str, ...]

    def without(self, coder: str) -> "Ratings":
        """The ratings of all other coders."""
        keep = [at for at, name in enumerate(self.coders) if name != coder]
        return Ratings(self.table[keep], [self.coders[at] for at in keep], self.units, self.values, self.names)

    def of_coders(self, coders: Sequence[str]) -> "Ratings":
        """The ratings of some coders."""
        keep = [at for at, name in enumerate(self.coders) if name in coders]
        return Ratings(self.table[keep], [self.coders[at] for at in keep], self.units, self.values, self.names)

    def where(self, mask: npt.NDArray[np.bool_]) -> "Ratings":
        """The ratings of some units."""
        return Ratings(self.table[:, mask], self.coders, self.units.filter(pl.Series(mask)), self.values, self.names)


def scale_of(variable: Variable) -> tuple[tuple[float, ...], dict[str, float]]:
    """The values of a decision as numbers: themselves at interval and ratio level, else their places."""
    if variable.level in ("interval", "ratio"):
        numbers = {value: float(value) for value in variable.values}
    else:
        numbers = {value: float(at) for at, value in enumerate(variable.values)}
    return tuple(sorted(numbers.values())), numbers


def level_of(variable: Variable) -> str:
    """The scale of measurement under the name that agreement has for it."""
    return "nominal" if variable.level in ("binary", "nominal") else variable.level


def ratings_of(
    codings: pl.DataFrame,
    variable: Variable,
    *,
    gate: str = COUNTED,
    occasion: int = 0,
    with_coders: str = "coder",
    purposes: Sequence[str] = ("reliability", "main"),
) -> Ratings:
    """Ratings of one flat decision.

    Parameters
    ----------
    codings : pl.DataFrame
        Columns of `core.schema.CODING`: the codings that count.
    variable : Variable
        The decision; codings made under another definition of its code are left out, and so are values that it does not know.
    gate : str
        `COUNTED`: ``not_shown`` is the value that means "not there", where there is one; `ASKED`: it is missing.
    occasion : int
        0 for the first coding of a unit, 1 for repeats.
    with_coders : str
        Column whose values are the rows.
    purposes : sequence of str
        Which codings; where a coder coded a unit for several, the first named counts.

    Notes
    -----
    O(codings).
    """
    values, numbers = scale_of(variable)
    mine = codings.filter(
        (pl.col("code") == variable.id)
        & (pl.col("code_hash") == variable.code_hash)
        & (pl.col("occasion") == occasion)
        & pl.col("purpose").is_in(list(purposes))
    )
    zero = numbers.get(variable.zero or "")
    shown = pl.col("value").replace_strict(numbers, default=None, return_dtype=pl.Float64)
    closed = pl.lit(zero if gate == COUNTED else None, dtype=pl.Float64)
    rated = (
        mine.with_columns(
            number=pl.when(pl.col("status") == "coded").then(shown).when(pl.col("status") == "not_shown").then(closed),
            order=pl.col("purpose").replace_strict({name: at for at, name in enumerate(purposes)}, return_dtype=pl.Int8),
        )
        .filter(pl.col("number").is_not_null())
        .sort("unit_id", with_coders, "order", "at")
        .unique(["unit_id", with_coders], keep="first", maintain_order=True)
    )
    names = tuple(sorted(variable.values, key=lambda name: numbers[name]))
    return _matrix(rated.select("unit_id", coder=with_coders, number="number"), values, names)


def _matrix(rated: pl.DataFrame, values: tuple[float, ...], names: tuple[str, ...]) -> Ratings:
    coders, units = rated["coder"].unique().sort(), rated["unit_id"].unique().sort()
    table = np.full((len(coders), len(units)), np.nan)
    if not rated.height:
        return Ratings(table, [], units, values, names)
    rows = rated["coder"].replace_strict({name: at for at, name in enumerate(coders)}, return_dtype=pl.Int64).to_numpy()
    columns = units.search_sorted(rated["unit_id"]).to_numpy()
    table[rows, columns] = rated["number"].to_numpy()
    return Ratings(table, coders.to_list(), units, values, names)


def ratings_from(table: pl.DataFrame, level: str, values: Sequence[str] | None = None) -> dict[str, Ratings]:
    """Ratings of a table of anyone's codings: ``unit, coder, code, value``.

    Parameters
    ----------
    table : pl.DataFrame
        Texts; a null value is "not coded".
    level : str
        Ordinal, interval and ratio values must be numbers; nominal ones are taken as they are.
    values : sequence of str, optional
        All values that were allowed; those that occur if none.

    Raises
    ------
    ValueError
        With the value that is none of those allowed, or no number where the level needs one.

    Returns
    -------
    dict of str to Ratings
        By code, in order of their names.
    """
    out: dict[str, Ratings] = {}
    for code in table["code"].unique().sort():
        mine = table.filter(pl.col("code") == code)
        used = mine["value"].drop_nulls().unique().to_list()
        strange = sorted(set(used) - set(values)) if values is not None else []
        if strange:
            raise ValueError(strange[0])
        given = list(values) if values is not None else _sorted(used)
        numbers = _numbers(given, level)
        rated = mine.select(
            "coder", unit_id="unit", number=pl.col("value").replace_strict(numbers, default=None, return_dtype=pl.Float64)
        ).drop_nulls("number")
        out[str(code)] = _matrix(rated, tuple(sorted(set(numbers.values()))), tuple(sorted(numbers, key=lambda name: numbers[name])))
    return out


def _sorted(values: list[str]) -> list[str]:
    try:
        return sorted(values, key=float)
    except ValueError:
        return sorted(values)


def _numbers(values: Sequence[str], level: str) -> Mapping[str, float]:
    """Numbers for values; ValueError where the level needs numbers and a value is none."""
    if level == "nominal":
        return {value: float(at) for at, value in enumerate(values)}
    numbers = {value: float(value) for value in values}
    if not all(np.isfinite(list(numbers.values()))):
        raise ValueError(next(value for value, number in numbers.items() if not np.isfinite(number)))
    return numbers

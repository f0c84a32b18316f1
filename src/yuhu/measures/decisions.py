"""What can be estimated of each decision: present or not for binary codes, each step of ordinal ones, each value of nominal ones."""

from collections.abc import Iterable, Sequence

import polars as pl

from yuhu.core.codebook import Codebook, Variable


def shares_of(variable: Variable) -> list[str]:
    """Value ids whose shares are reported: ``1`` (present), ``1``, ``2`` (at least that) for ordinal codes, each value but none for nominal ones."""
    if variable.level == "interval":
        return []
    return [value for value in variable.values if value != variable.zero]


def steps(book: Codebook, variables: Iterable[str]) -> pl.DataFrame:
    """For each value a unit can have, the value ids it counts for.

    Returns
    -------
    pl.DataFrame
        ``code, value, value_id``: an ordinal 2 counts for ``1`` and ``2``.
    """
    rows: list[tuple[str, str, str]] = []
    for name in variables:
        variable = book.variables[name]
        ids = shares_of(variable)
        for at, value in enumerate(ids):
            counted: Sequence[str] = ids[: at + 1] if variable.level == "ordinal" else [value]
            rows += [(name, value, value_id) for value_id in counted]
    return pl.DataFrame(rows, schema={"code": pl.String, "value": pl.String, "value_id": pl.String}, orient="row")

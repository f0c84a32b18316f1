"""Simulated human coders: the truth, seen through errors that differ by coder and by code."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.codebook import Codebook, Variable
from yuhu.core.randomness import generator
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.simulation.script import FEELINGS, OPENED

CODERS = (("coder-a", "zh,en"), ("coder-b", "zh,en"), ("coder-c", "zh,en"))
"""Name and languages of each coder; all of them code every unit of the gold sample, so each language has more than two."""
KIND = "simulated"
AT = dt.datetime(2023, 10, 9, 9, tzinfo=dt.UTC)

_NOT_SIMULATED = "echo"  # needs the spoken lines
_OBJECT = "object_of_feeling"
_OFF_BY_ONE = 0.09
_OTHER_VALUE = 0.05
_OTHER_KIND = 0.05
_SENSITIVITY = (0.86, 0.95)
_SPECIFICITY_FLOOR = 0.955

Values = npt.NDArray[np.int64]


def simulated_variables(book: Codebook, modules: frozenset[str]) -> list[Variable]:
    """What the simulation gives a truth for: the variables of responses in these modules, but for echoes of spoken lines."""
    codes = [code for code in book.of_modules(modules) if code.id != _NOT_SIMULATED]
    return [variable for code in codes for variable in code.variables()]


def coded_variables(book: Codebook, modules: frozenset[str]) -> list[Variable]:
    """What the coders decide on every unit: `simulated_variables` without attributes that have no value for "not there"."""
    return [variable for variable in simulated_variables(book, modules) if not variable.is_attribute or variable.zero is not None]


def simulated_codings(
    units: pl.DataFrame, truth: pl.DataFrame, variables: Sequence[Variable], *, seed: int, codebook_hash: str
) -> pl.DataFrame:
    """Codings of `CODERS` on some units.

    Parameters
    ----------
    units : pl.DataFrame
        ``response_id, video_id``: N units.
    truth : pl.DataFrame
        ``response_id, code, value``; what is missing is the variable's zero.
    variables : sequence of Variable
        What is decided, V in all.
    seed : int
        The study's seed.
    codebook_hash : str
        Of the study's codebook.

    Returns
    -------
    pl.DataFrame
        Columns of `core.schema.CODING`, 3 N V rows, all of status ``coded``.

    Notes
    -----
    Each coder finds 86 to 95 % of what is there (by code), takes an ordinal step for its neighbour in 9 % of the cases, and sees what is
    not there about as often as they miss what is, never in more than 4.5 %. Codes that only an expressing message has are 0 elsewhere.
    """
    true = {variable.id: _true_values(units, truth, variable) for variable in variables}
    expressing = np.isin(true["kind"], [_place(variables, "kind", "expressing")]) if "kind" in true else np.ones(units.height, dtype=bool)
    frames = []
    for coder, _ in CODERS:
        seen = {variable.id: _seen(variable, true[variable.id], expressing, seed, coder) for variable in variables}
        _ask_for_objects(seen, true, seed, coder)
        frames += [frame for variable in variables for frame in _rows(units, variable, seen[variable.id], coder, codebook_hash)]
    return conform(pl.concat(frames), polars_schema(CODING))


def _true_values(units: pl.DataFrame, truth: pl.DataFrame, variable: Variable) -> Values:
    """Place of each unit's true value among the variable's values."""
    there = truth.filter(pl.col("code") == variable.id).select("response_id", "value")
    joined = units.select("response_id").join(there, on="response_id", how="left", maintain_order="left")
    places = {value: at for at, value in enumerate(variable.values)}
    zero = places.get(variable.zero or "", 0)
    return joined["value"].replace_strict(places, default=zero, return_dtype=pl.Int64).to_numpy().copy()


def _place(variables: Sequence[Variable], name: str, value: str) -> int:
    return next(variable for variable in variables if variable.id == name).values.index(value)


def _seen(variable: Variable, true: Values, expressing: npt.NDArray[np.bool_], seed: int, coder: str) -> Values:
    random = generator(seed, "simulation", "coder", coder, variable.id)
    n = true.size
    luck, other, which = random.random(n), random.random(n), random.random(n)
    sensitivity, balance = random.uniform(*_SENSITIVITY), random.uniform(0.75, 1.15)
    if variable.zero is None:  # kind: the first opens the other codes and is agreed on, the others are sometimes taken for one another
        return np.where((true > 0) & (luck < _OTHER_KIND), _drawn(true[true > 0], which, true), true)
    zero = variable.values.index(variable.zero)
    there = true != zero
    seen = np.where(there & (luck > sensitivity) & (variable.id != _OBJECT), zero, true)
    if variable.level == "ordinal":
        steps = len(variable.values) - 1
        moved = np.where(true >= steps, true - 1, np.where((true > 1) & (which < 0.5), true - 1, true + 1))
        seen = np.where((seen != zero) & (other < _OFF_BY_ONE) & (steps > 1), moved, seen)
    elif variable.level == "nominal":
        seen = np.where((seen != zero) & (other < _OTHER_VALUE), _drawn(true[there], which, true), seen)
    may_err = ~there & (expressing | (variable.id.partition(".")[0] not in OPENED))
    false_share = min((1 - sensitivity) * balance * there.sum() / max(may_err.sum(), 1), 1 - _SPECIFICITY_FLOOR)
    return np.asarray(np.where(may_err & (luck < false_share), _drawn(true[there], which, true), seen), dtype=np.int64)


def _drawn(pool: Values, luck: npt.NDArray[np.float64], otherwise: Values) -> Values:
    """Values drawn from those that occur."""
    return pool[(luck * pool.size).astype(np.int64)] if pool.size else otherwise


def _ask_for_objects(seen: dict[str, Values], true: Mapping[str, Values], seed: int, coder: str) -> None:
    """An object of feeling is asked for only where this coder saw a feeling; where there was none, they name an object that is common."""
    if _OBJECT not in seen or not all(feeling in seen for feeling in FEELINGS):
        return
    asked, real = (np.any([values[feeling] != 0 for feeling in FEELINGS], axis=0) for values in (seen, true))
    luck = generator(seed, "simulation", "coder", coder, _OBJECT, "unreal").random(asked.size)
    common = _drawn(true[_OBJECT][real], luck, true[_OBJECT])
    seen[_OBJECT] = np.where(asked, np.where(real, seen[_OBJECT], common), 0)


def _rows(units: pl.DataFrame, variable: Variable, seen: Values, coder: str, codebook_hash: str) -> Iterator[pl.DataFrame]:
    values = pl.Series("value", list(variable.values), dtype=pl.String).gather(pl.Series(seen))
    constant: Mapping[str, object] = {
        "unit_kind": "response", "code": variable.id, "status": "coded", "coder": coder, "coder_kind": KIND, "code_hash": variable.code_hash,
        "codebook_hash": codebook_hash, "at": AT,
    }  # fmt: skip
    yield units.select("video_id", unit_id="response_id", value=values, **{name: pl.lit(value) for name, value in constant.items()})

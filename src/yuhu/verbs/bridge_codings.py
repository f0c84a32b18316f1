"""What bilingual coders said on the two versions of each unit of a study's bridge sets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.bridge import GROUPS
from yuhu.core.codebook import Codebook, Variable
from yuhu.core.sample import Sample
from yuhu.core.schema import PEOPLE
from yuhu.study.codings import read_codings
from yuhu.study.samples import read_samples
from yuhu.study.store import Study

BRIDGE = "bridge"
ENGLISH = "en"


@dataclass(frozen=True)
class BridgeCodings:
    """Codings of bridge sets, one row of each array for an answer sheet: one coder on one unit.

    Parameters
    ----------
    rows : pl.DataFrame
        ``sheet`` (int), ``code``, ``value``: what was decided, under the present definition; a closed gate is the value that means "not there".
    sheets : pl.DataFrame
        ``sheet, unit`` (place in `lots`), ``coder, is_a, lang`` (of the author): R rows in the order of ``sheet``.
    lots : (U,) int
        Of each unit drawn: 1 if group a sees the translation.
    blocks : (U,) int
        Bridge set and language: lots were drawn in fixed numbers within each.
    nameless : sequence of str
        Bridge sets whose groups are not known; their codings are not in `rows`.
    unplaced : pl.DataFrame
        ``code, n_units``: what was coded in those.
    """

    rows: pl.DataFrame
    sheets: pl.DataFrame
    lots: npt.NDArray[np.int64]
    blocks: npt.NDArray[np.int64]
    nameless: Sequence[str]
    unplaced: pl.DataFrame

    def is_translation(self) -> npt.NDArray[np.bool_]:
        """Of each sheet: whether it is of the translation, if the lot of its unit were 0."""
        return np.asarray(~self.sheets["is_a"].to_numpy(), np.bool_)

    def is_english(self) -> npt.NDArray[np.bool_]:
        """Of each sheet: whether it is of the English version, if the lot of its unit were 0."""
        return np.asarray(self.is_translation() != (self.sheets["lang"] == ENGLISH).to_numpy(), np.bool_)

    def fallen(self) -> npt.NDArray[np.bool_]:
        """The lot of each sheet's unit."""
        return np.asarray(self.lots[self.sheets["unit"].to_numpy()], np.bool_)


def bridge_codings(study: Study, book: Codebook) -> BridgeCodings:
    """Codings of all bridge sets whose groups are known.

    Notes
    -----
    O(codings + units). Codings by people who stand in neither group are left out.
    """
    sets = {name: one for name, one in read_samples(study.path).items() if one.purpose == BRIDGE}
    said = _said(study, book) if sets else _said_nothing()
    named = {name: one for name, one in sets.items() if one.plan.get(GROUPS)}
    units = pl.concat([_no_units(), *(_units(one) for one in named.values())]).with_row_index("unit")
    units = units.with_columns(
        pl.col("unit").cast(pl.Int64), block=pl.concat_str("sample", pl.lit(":"), "lang").rank("dense").cast(pl.Int64)
    )
    people = pl.DataFrame(
        [(name, coder, group == "a") for name, one in named.items() for group in ("a", "b") for coder in one.plan[GROUPS][group]],
        schema={"sample": pl.String, "coder": pl.String, "is_a": pl.Boolean},
        orient="row",
    )
    mine = said.join(units, on="unit_id", how="inner").join(people, on=["sample", "coder"], how="inner")
    sheets = mine.select("unit", "coder", "is_a", "lang").unique().sort("unit", "coder").with_row_index("sheet")
    sheets = sheets.with_columns(pl.col("sheet").cast(pl.Int64))
    rows = mine.join(sheets.select("sheet", "unit", "coder"), on=["unit", "coder"], how="left").select("sheet", "code", "value")
    lost = [one.units.select("unit_id") for name, one in sets.items() if name not in named]
    nameless = said.join(pl.concat([pl.DataFrame(schema={"unit_id": pl.String}), *lost]), on="unit_id", how="semi")
    return BridgeCodings(
        rows.sort("code", "sheet"),
        sheets,
        units["lot"].to_numpy(),
        units["block"].to_numpy(),
        [name for name in sets if name not in named] if nameless.height else [],
        nameless.group_by("code").agg(n_units=pl.col("unit_id").n_unique().cast(pl.Int64)).sort("code"),
    )


def answers_of(found: BridgeCodings, variable: Variable, value: str) -> npt.NDArray[np.float64]:
    """Whether each sheet gives a value (of ordinal decisions: at least that); NaN where it does not decide it."""
    ids = list(variable.values)
    counted = ids[ids.index(value) :] if variable.level == "ordinal" else [value]
    out = np.full(found.sheets.height, np.nan)
    mine = found.rows.filter(pl.col("code") == variable.id)
    out[mine["sheet"].to_numpy()] = mine["value"].is_in(counted).cast(pl.Float64).to_numpy()
    return out


def totals_without(found: BridgeCodings, book: Codebook, code: str) -> npt.NDArray[np.float64]:
    """Of each sheet: how many other codes are there. Codes without a value that means "not there" do not count."""
    zeros = {one.id: one.zero for one in book.variables.values() if one.zero is not None}
    codes = {one.id: one.code for one in book.variables.values()}
    there = found.rows.filter(pl.col("value") != pl.col("code").replace_strict(zeros, default=None, return_dtype=pl.String))
    others = there.with_columns(whole=pl.col("code").replace_strict(codes, return_dtype=pl.String)).filter(pl.col("whole") != code)
    counts = others.group_by("sheet").agg(n=pl.col("whole").n_unique())
    out = np.zeros(found.sheets.height)
    out[counts["sheet"].to_numpy()] = counts["n"].to_numpy()
    return out


def _said(study: Study, book: Codebook) -> pl.DataFrame:
    kinds = PEOPLE if study.settings.constructed else ("human",)
    known = pl.DataFrame(
        [(one.id, one.code_hash, one.zero) for one in book.variables.values() if one.unit == "response"],
        schema={"code": pl.String, "code_hash": pl.String, "zero": pl.String},
        orient="row",
    )
    mine = read_codings(study.path).filter(
        (pl.col("purpose") == BRIDGE) & (pl.col("occasion") == 0) & pl.col("coder_kind").is_in(kinds) & (pl.col("unit_kind") == "response")
    )
    value = pl.when(pl.col("status") == "coded").then("value").when(pl.col("status") == "not_shown").then("zero")
    rows = mine.join(known, on=["code", "code_hash"], how="inner").with_columns(value=value).drop_nulls("value")
    values = pl.DataFrame(
        [(one.id, value) for one in book.variables.values() for value in one.values],
        schema={"code": pl.String, "value": pl.String},
        orient="row",
    )
    return rows.join(values, on=["code", "value"], how="semi").select("unit_id", "coder", "code", "value")


def _said_nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("unit_id", "coder", "code", "value"), pl.String))


def _units(drawn: Sample) -> pl.DataFrame:
    """A stratum is the language of the author, and the group that is shown the original."""
    parts = pl.col("stratum").str.split(":").list
    return drawn.units.select("unit_id", sample=pl.lit(drawn.name), lang=parts.first(), lot=(parts.last() == "b").cast(pl.Int64)).sort(
        "unit_id"
    )


def _no_units() -> pl.DataFrame:
    return pl.DataFrame(schema={"unit_id": pl.String, "sample": pl.String, "lang": pl.String, "lot": pl.Int64})

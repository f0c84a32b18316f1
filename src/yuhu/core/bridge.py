"""The bridge set: units coded in both languages by bilingual coders, so that a code can be shown to mean the same in both.

Coders stand in two groups, `a` and `b`. Each unit is shown to one group as it was written and to the other as a translation by people; each group has
half of the units of each language as originals. So a difference between the two versions of a unit is not one between languages of authors, nor one
between groups.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.codebook_places import LANGUAGES
from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator

DESIGN = "bridge.v1"
SMALLEST = 200
"""Fewest units of a bridge set."""

ORIGINAL, TRANSLATION = "original", "translation"
GROUPS = "groups"
"""Key of the plan under which the coders of groups ``a`` and ``b`` stand, once they are named."""

_GROUPS = 2


@dataclass(frozen=True)
class BridgeSet:
    """Units drawn for a bridge set, and how each is shown.

    Parameters
    ----------
    units : pl.DataFrame
        ``unit_id, lang, chance, stratum, shown_to_a, shown_to_b``; the stratum is the language, shown is ``original`` or ``translation``.
    seed : int
        The seed of the draw.
    population : int
        Units that could have been drawn.
    plan : mapping
        What decided the draw: units asked for and drawn, units there were and drawn by language, units left out by reason.
    design : str
        `DESIGN`.
    """

    units: pl.DataFrame
    seed: int
    population: int
    plan: Mapping[str, Any] = field(default_factory=dict)
    design: str = DESIGN


def bridge_set(texts: pl.DataFrame, size: int = SMALLEST, seed: int = 0) -> BridgeSet:
    """Draw a bridge set: as many units of one language as of the other, half of each shown to a group as the original.

    Parameters
    ----------
    texts : pl.DataFrame
        ``unit_id`` (no two equal), ``lang``, ``text``: N units. The order of the rows does not matter.
    size : int
        Units to draw, at least 200; rounded up to a multiple of 4.
    seed : int
        Seed of the draw, at least 0.

    Returns
    -------
    BridgeSet
        In the order of their ids. Chance of a unit = units drawn / units there were, of its language.

    Raises
    ------
    YuhuError
        YH102 a column is missing; YH303 the size is below 200, the seed is negative, a unit stands twice, or a language has too few units.

    Notes
    -----
    O(N log N). Units in other languages and units without a text are left out and counted. Source: brislin1970; swaminathan1990.
    """
    _columns(texts, ("unit_id", "lang", "text"))
    texts = texts.select(pl.col("unit_id", "lang", "text").cast(pl.String))
    _check(texts, size, seed)
    filled = pl.col("text").str.strip_chars().str.len_chars().fill_null(0) > 0
    known = pl.col("lang").is_in(LANGUAGES).fill_null(value=False)
    able = texts.filter(known & filled).sort("unit_id")
    each = -(-size // (_GROUPS * len(LANGUAGES))) * _GROUPS
    parts = [_drawn(able.filter(pl.col("lang") == lang), lang, each, seed) for lang in LANGUAGES]
    counts = dict(able.group_by("lang").len().sort("lang").iter_rows())
    plan = {
        "asked": size,
        "drawn": each * len(LANGUAGES),
        "languages": {lang: {"population": counts[lang], "drawn": each} for lang in LANGUAGES},
        "left_out": {"other_language": texts.filter(~known).height, "no_text": texts.filter(known & ~filled).height},
    }
    return BridgeSet(pl.concat(parts).sort("unit_id"), seed, able.height, plan)


def bridge_texts(bridge: BridgeSet, texts: pl.DataFrame, translations: pl.DataFrame) -> pl.DataFrame:
    """What each group of coders is shown, once people have translated the units.

    Parameters
    ----------
    bridge : BridgeSet
        The draw.
    texts : pl.DataFrame
        ``unit_id, text``: the units as written.
    translations : pl.DataFrame
        ``unit_id, text``: a translation of every unit by people, into the other language.

    Returns
    -------
    pl.DataFrame
        ``unit_id, group, shown, lang, text``: two rows for each unit, lang is that of the text shown.

    Raises
    ------
    YuhuError
        YH102 a column is missing; YH303 a unit has no text or no translation, has two, or one with the words of the original; or one was not drawn.
    """
    both = bridge.units.select("unit_id", "lang")
    for name, frame in ((ORIGINAL, texts), (TRANSLATION, translations)):
        _columns(frame, ("unit_id", "text"))
        words = (
            frame.select(pl.col("unit_id", "text").cast(pl.String))
            .select("unit_id", pl.col("text").str.strip_chars().replace("", None).alias(name))
            .drop_nulls()
        )
        if name == TRANSLATION:
            _refuse(words.join(both, on="unit_id", how="anti"), "translations are of units that are not in the bridge set")
        _refuse(words.filter(pl.col("unit_id").is_duplicated()), f"units have more than one {name}")
        both = both.join(words, on="unit_id", how="left", maintain_order="left")
        _refuse(both.filter(pl.col(name).is_null()), f"units have no {name}")
    _refuse(both.filter(pl.col(ORIGINAL) == pl.col(TRANSLATION)), "translations have the words of the original")
    other = pl.col("lang").replace_strict(dict(zip(LANGUAGES, reversed(LANGUAGES), strict=True)), return_dtype=pl.String)
    shown = bridge.units.select("unit_id", a="shown_to_a", b="shown_to_b").unpivot(
        index="unit_id", variable_name="group", value_name="shown"
    )
    is_original = pl.col("shown") == ORIGINAL
    rows = shown.join(both, on="unit_id", how="left", maintain_order="left").with_columns(
        lang=pl.when(is_original).then("lang").otherwise(other),
        text=pl.when(is_original).then(ORIGINAL).otherwise(TRANSLATION),
    )
    return rows.select("unit_id", "group", "shown", "lang", "text").sort("unit_id", "group")


def _drawn(units: pl.DataFrame, lang: str, each: int, seed: int) -> pl.DataFrame:
    if units.height < each:
        facts = {"language": lang, "units": units.height, "needed": each}
        raise YuhuError(
            "YH303", f"too few units in {lang} for a bridge set", facts=facts, fix="add messages in this language, or ask for a smaller set"
        )
    luck = generator(seed, DESIGN, lang)
    taken = np.sort(luck.choice(units.height, each, replace=False))
    is_original = np.zeros(each, dtype=np.bool_)
    is_original[luck.choice(each, each // _GROUPS, replace=False)] = True
    return units[taken].select(
        "unit_id",
        "lang",
        chance=pl.lit(each / units.height),
        stratum=pl.col("lang"),
        shown_to_a=pl.Series(np.where(is_original, ORIGINAL, TRANSLATION)),
        shown_to_b=pl.Series(np.where(is_original, TRANSLATION, ORIGINAL)),
    )


def _check(texts: pl.DataFrame, size: int, seed: int) -> None:
    if size < SMALLEST:
        facts = {"found": size, "expected": f"{SMALLEST} or more"}
        raise YuhuError("YH303", "a bridge set of this size cannot show a difference", facts=facts, fix=f"size={SMALLEST}")
    if seed < 0:
        raise YuhuError("YH303", "the seed is negative", facts={"found": seed, "expected": "0 or more"}, fix="seed=0")
    _refuse(texts.filter(pl.col("unit_id").is_null()), "units have no id")
    _refuse(texts.filter(pl.col("unit_id").is_duplicated()), "units stand twice")


def _columns(frame: pl.DataFrame, needed: tuple[str, ...]) -> None:
    for name in needed:
        if name not in frame.columns:
            raise YuhuError(
                "YH102", f"column `{name}` is missing", facts={"found": ", ".join(frame.columns)}, fix=f"name a column `{name}`"
            )


def _refuse(rows: pl.DataFrame, problem: str) -> None:
    if rows.height:
        facts = {"units": rows["unit_id"].n_unique(), "first": str(rows["unit_id"].sort()[0])}
        raise YuhuError("YH303", problem, facts=facts, fix="mend these rows")

"""Who codes what, in which order: overlap, hidden repeats, and hostile texts spread thin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from yuhu.core.errors import YuhuError

REPEAT_AFTER_DAYS = 7
ANYBODYS = ("und", "mul", None)
"""Languages that any coder may code: none (figures, emoji), or several in one message."""


@dataclass(frozen=True)
class Assignment:
    """One unit for one coder; ``position`` is its place in the coder's order, ``after_days`` how long it has to wait."""

    unit_id: str
    coder: str
    purpose: str
    occasion: int
    position: int
    after_days: int = 0


def overlapping(units: pl.DataFrame, share: float, generator: np.random.Generator) -> pl.DataFrame:
    """Units with the role ``overlap`` for a random share of them, which all coders code; the others stay ``single``.

    Parameters
    ----------
    units : pl.DataFrame
        ``unit_id`` and the other columns of `Sample.units`.
    share : float in [0, 1]
        At least one unit if above 0. The overlap is drawn with equal chance within the sample, whatever a unit's own chance: agreement is then
        weighted with the chances of the sample.
    generator : numpy.random.Generator
        Source of randomness.
    """
    ordered = units.sort("unit_id")
    n = 0 if share <= 0 else min(ordered.height, max(1, round(share * ordered.height)))
    places = np.zeros(ordered.height, dtype=bool)
    places[generator.permutation(ordered.height)[:n]] = True
    return ordered.with_columns(role=pl.when(pl.Series(places)).then(pl.lit("overlap")).otherwise(pl.lit("single")))


def assign(
    units: pl.DataFrame,
    coders: Mapping[str, Sequence[str]],
    generator: np.random.Generator,
    *,
    purpose: str,
    repeats: float = 0.0,
    both_ways: float = 0.0,
) -> list[Assignment]:
    """Give each unit to coders who read its language.

    Parameters
    ----------
    units : pl.DataFrame
        ``unit_id, role, lang``, and, where known, ``kind`` (danmaku ...) and ``is_hostile``.
    coders : mapping of str to languages
        Empty languages: reads all.
    generator : numpy.random.Generator
        Source of randomness.
    purpose : str
        One of `core.sample.PURPOSES`.
    repeats : float in [0, 1)
        Share of each coder's units that come again at the end, a week later at the earliest, without a sign that they are repeats.
    both_ways : float in [0, 1)
        Share of the danmaku that are coded a second time, after all others, with the lines around them.

    Returns
    -------
    list of Assignment
        By coder and position. Each coder has an order of their own; hostile texts stand evenly apart.

    Raises
    ------
    YuhuError
        YH505 nobody reads a unit's language, or only one does where two are needed.

    Notes
    -----
    O(units x coders). A unit for one coder goes to the one who has least so far.
    """
    if not coders:
        raise YuhuError("YH505", "there are no coders", fix="yuhu coders STUDY add NAME --reads zh,en")
    have = {"kind": pl.lit(""), "is_hostile": pl.lit(value=False)}
    frame = units.with_columns(value.alias(name) for name, value in have.items() if name not in units.columns).sort("unit_id")
    frame = frame.with_columns(pl.Series("luck", generator.permutation(frame.height)).cast(pl.Int64)).sort("luck")
    mine: dict[str, list[tuple[str, str, bool]]] = {coder: [] for coder in sorted(coders)}
    for unit, role, lang, kind, is_hostile in frame.select("unit_id", "role", "lang", "kind", "is_hostile").iter_rows():
        readers = [coder for coder in mine if lang in ANYBODYS or not coders[coder] or lang in coders[coder]]
        needed = 1 if role == "single" else 2
        if len(readers) < needed:
            facts = {"language": lang, "coders who read it": len(readers), "needed": needed, "unit": unit}
            fix = "add a coder who reads it (yuhu coders STUDY add NAME --reads LANG), or draw only from the others' languages (--reads zh --reads en)"
            raise YuhuError("YH505", "too few coders read the language of a unit", facts=facts, fix=fix)
        if role == "single":
            readers = [min(readers, key=lambda coder: (len(mine[coder]), coder))]
        for coder in readers:
            mine[coder].append((unit, kind, bool(is_hostile)))
    again = _both_ways(frame, both_ways)
    return [one for coder, held in mine.items() for one in _ordered(coder, held, again, generator, purpose, repeats)]


def languages_of(coders: Mapping[str, Sequence[str]], needed: int) -> list[str]:
    """Languages that enough coders read; empty where somebody reads all of them."""
    if sum(not languages for languages in coders.values()) >= needed:
        return []
    everyone = {language for languages in coders.values() for language in languages}
    anything = sum(not languages for languages in coders.values())
    return sorted(one for one in everyone if sum(one in languages for languages in coders.values()) + anything >= needed)


def _both_ways(frame: pl.DataFrame, share: float) -> set[str]:
    danmaku = frame.filter(pl.col("kind") == "danmaku")["unit_id"]
    return set(danmaku.head(round(share * len(danmaku))))


def _ordered(
    coder: str,
    held: list[tuple[str, str, bool]],
    again: set[str],
    generator: np.random.Generator,
    purpose: str,
    repeats: float,
) -> list[Assignment]:
    order = [held[at] for at in generator.permutation(len(held))]
    spread = _apart(order)
    out = [Assignment(unit, coder, purpose, 0, at) for at, unit in enumerate(spread)]
    repeated = [spread[at] for at in sorted(generator.permutation(len(spread))[: round(repeats * len(spread))])]
    out += [Assignment(unit, coder, purpose, 1, len(out) + at, REPEAT_AFTER_DAYS) for at, unit in enumerate(repeated)]
    seen_again = [unit for unit in spread if unit in again]
    out += [Assignment(unit, coder, "with_transcript", 0, len(out) + at) for at, unit in enumerate(seen_again)]
    return out


def _apart(order: list[tuple[str, str, bool]]) -> list[str]:
    """The units in their order, with hostile ones evenly apart."""
    calm = [unit for unit, _, is_hostile in order if not is_hostile]
    hostile = [unit for unit, _, is_hostile in order if is_hostile]
    step = (len(calm) + len(hostile)) / len(hostile) if hostile else 0.0
    places = {int(step * at + step / 2): unit for at, unit in enumerate(hostile)}
    rest = iter(calm)
    return [places[at] if at in places else next(rest) for at in range(len(order))]

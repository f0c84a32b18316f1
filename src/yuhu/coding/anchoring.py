"""Anchors: units whose value is known, strewn into a coder's order so that nobody can tell them from the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np
import polars as pl

from yuhu.coding.assigning import ANYBODYS, Assignment
from yuhu.core.errors import YuhuError
from yuhu.core.sample import ANCHOR


def chosen_anchors(
    known: pl.DataFrame,
    earlier: pl.DataFrame,
    coders: Mapping[str, Sequence[str]],
    n: int,
    generator: np.random.Generator,
    *,
    fix: str = "",
) -> dict[str, list[tuple[str, int]]]:
    """Anchors for each coder: the same ones for all, as far as they read them and did not decide on them.

    Parameters
    ----------
    known : pl.DataFrame
        ``unit_id, lang, who``: units with an adjudicated value; ``who`` is the list of those who adjudicated something on it.
    earlier : pl.DataFrame
        ``unit_id, coder``: anchors that coders were given before, one row for each time.
    coders : mapping of str to languages
        Empty languages: reads all.
    n : int
        Anchors for each coder.
    generator : numpy.random.Generator
        Source of randomness; the order of the rows does not matter.
    fix : str
        What to do where there are too few.

    Returns
    -------
    dict of str to list of (unit, occasion)
        Those that a coder met least often as anchors come first; the occasion is 1 the first time, 2 the second.

    Raises
    ------
    YuhuError
        YH303 a coder has fewer such units than asked for.

    Notes
    -----
    O(units x coders).
    """
    ordered = known.sort("unit_id")
    luck = {unit: int(place) for unit, place in zip(ordered["unit_id"], generator.permutation(ordered.height), strict=True)}
    met = {(unit, coder): times for unit, coder, times in earlier.group_by("unit_id", "coder").len().iter_rows()}
    out = {}
    for coder in sorted(coders):
        languages = coders[coder]
        able = [
            unit
            for unit, lang, who in ordered.select("unit_id", "lang", "who").iter_rows()
            if coder not in who and (lang in ANYBODYS or not languages or lang in languages)
        ]
        if len(able) < n:
            facts = {"coder": coder, "found": len(able), "expected": n}
            raise YuhuError("YH303", "too few adjudicated units for so many anchors", facts=facts, fix=fix or f"--anchors {len(able)}")
        able.sort(key=lambda unit, coder=coder: (met.get((unit, coder), 0), luck[unit]))  # type: ignore[misc]
        out[coder] = [(unit, met.get((unit, coder), 0) + 1) for unit in able[:n]]
    return out


def strewn(
    given: Sequence[Assignment], anchors: Mapping[str, Sequence[tuple[str, int]]], generator: np.random.Generator
) -> list[Assignment]:
    """Assignments with each coder's anchors among them.

    Parameters
    ----------
    given : sequence of Assignment
        By coder and position; units that come first, then repeats and second codings.
    anchors : mapping of coder to sequence of (unit, occasion)
        What `chosen_anchors` gave.
    generator : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    list of Assignment
        Positions counted anew. A coder's first codings are cut into as many equal stretches as there are anchors; one anchor stands at a random place in
        each: even, but in no rhythm that a coder could find.

    Notes
    -----
    O(assignments).
    """
    out: list[Assignment] = []
    for coder, held in groupby(given, key=lambda one: one.coder):
        tasks = list(held)
        mine = [anchors.get(coder, ())[at] for at in generator.permutation(len(anchors.get(coder, ())))]
        first = sum(one.occasion == 0 and one.purpose != "with_transcript" for one in tasks)
        places = [int((at + luck) * first / len(mine)) for at, luck in enumerate(generator.random(len(mine)))]
        row: list[Assignment] = []
        for at in range(len(tasks) + 1):
            row += [
                Assignment(unit, coder, ANCHOR, occasion, 0) for (unit, occasion), place in zip(mine, places, strict=True) if place == at
            ]
            row += tasks[at : at + 1]
        out += [replace(one, position=at) for at, one in enumerate(row)]
    return out

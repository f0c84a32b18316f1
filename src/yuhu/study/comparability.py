"""Which codes are established as comparable between languages: what measures of differences between languages ask before they speak."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.codebook_places import LANGUAGES
from yuhu.study.agreements import BRIDGE, COMPARABLE, NOT_COMPARABLE, NOT_JUDGED, VERDICT, read_agreement


@dataclass(frozen=True)
class Comparability:
    """What a study's bridge sets say of a code, or of one of its values.

    Parameters
    ----------
    code : str
        The flat decision.
    value_id : str or None
        One of its values (of ordinal decisions: at least that); None: the decision as a whole.
    languages : tuple of str
        Between which.
    verdict : str
        ``comparable``, ``not_comparable``, or ``not_judged``.
    reason : str
        A key of `core.estimate.REASONS`; empty where it is comparable.
    n_units : int
        Units coded in both versions.
    """

    code: str
    value_id: str | None
    languages: tuple[str, ...]
    verdict: str
    reason: str
    n_units: int

    @property
    def is_established(self) -> bool:
        """Whether shares in these languages may be compared."""
        return self.verdict == COMPARABLE


def comparability(folder: Path, book: Codebook) -> dict[tuple[str, str | None], Comparability]:
    """What the last `yuhu agree` found of the bridge sets, by decision and value.

    Parameters
    ----------
    folder : Path
        The study.
    book : Codebook
        Its codebook: verdicts on another definition of a code do not count.

    Returns
    -------
    dict of (code, value_id) to Comparability
        ``(code, None)`` is the decision as a whole; each value has an entry of its own, also where it is the only one. What is not there was never in
        a bridge set: it is not established as comparable.
    """
    found = read_agreement(folder)
    if found is None:
        return {}
    mine = found[1].filter((pl.col("by") == BRIDGE) & (pl.col("coefficient") == VERDICT))
    out: dict[tuple[str, str | None], Comparability] = {}
    for one in mine.iter_rows(named=True):
        variable = book.variables.get(one["code"])
        if variable is None or variable.code_hash != one["code_hash"]:
            continue
        verdict = Comparability(one["code"], one["of"], LANGUAGES, one["verdict"], one["reason"] or "", one["n_units"])
        out[one["code"], one["of"]] = verdict
        for value in variable.values if one["of"] is None else ():
            if value != variable.zero:
                out.setdefault(
                    (one["code"], value),
                    Comparability(one["code"], value, LANGUAGES, verdict.verdict, verdict.reason, verdict.n_units),
                )
    return out


__all__ = ["COMPARABLE", "NOT_COMPARABLE", "NOT_JUDGED", "Comparability", "comparability"]

"""Rows for differences between two groups of messages, corrected by gold on both sides."""

from typing import Any

from yuhu.core.estimate import Estimate
from yuhu.core.evidence import Evidence
from yuhu.measures.correcting import Corrected


def corrected_gap(evidence: Evidence, one: Corrected, first: str, second: str, **fields: Any) -> Estimate:
    """The share in the first group less that in the second; suppressed where gold is small on either side, without an interval where it is not complete.

    Parameters
    ----------
    one : Corrected
        Shares of both groups.
    first, second : str
        Names of the groups; a group without gold is ``too_few_gold``.
    """
    a, b = one.subjects.index(first), one.subjects.index(second)
    least = min(one.gold[a], one.gold[b])
    found = one.shares.difference(a, b)
    if least < evidence.k_anonymity:
        found = found.with_(value=None, low=None, high=None, confidence=None, reason="small_cell" if least else "too_few_gold")
    elif not one.is_complete and found.low is not None:
        found = found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")
    said = {"source": "corrected", "rung": "D", "coder": evidence.coder, "target": evidence.target}
    return found.with_(code=one.code, value_id=one.value_id, n_videos=max(one.videos[a], one.videos[b]), **{**said, **fields})

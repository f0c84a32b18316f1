"""Rows for what a machine alone says: a value, a count and n, no interval; nothing of small cells."""

from typing import Any

from yuhu.core.estimate import MACHINE_ONLY, Estimate
from yuhu.core.evidence import Evidence


def machine_share(evidence: Evidence, count: int, n: int, **fields: Any) -> Estimate:
    """A share of messages as the machine coded them."""
    value = count / n if n else None
    return machine_value(evidence, value, n, **{"unit": "share", "method": "machine_count.v1", "count": count, **fields})


def machine_value(
    evidence: Evidence, value: float | None, n: int, *, reason: str = "no_units", least: int | None = None, **fields: Any
) -> Estimate:
    """A number made of machine codes; `reason` is why there is none.

    Parameters
    ----------
    least : int, optional
        The smallest group that the number speaks of, if that is not n; groups below the study's k are suppressed.
    """
    if 0 < (n if least is None else least) < evidence.k_anonymity:
        value, reason, fields = None, "small_cell", {**fields, "count": None}
    said = {"source": "machine", "rung": "D", "coder": evidence.coder, "target": evidence.target}
    return Estimate(value=value, n=n, reason=reason if value is None else MACHINE_ONLY, **{**said, **fields})


def machine_p(evidence: Evidence, p: float, n: int, **fields: Any) -> Estimate:
    """The p of a test on machine codes: a row of its own."""
    return Estimate(
        value=p, n=n, unit="p", reason="test_alone", **{"source": "machine", "rung": "D", "coder": evidence.coder, "target": evidence.target, **fields}
    )  # fmt: skip

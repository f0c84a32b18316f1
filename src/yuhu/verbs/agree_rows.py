"""One row of what `yuhu agree` stores."""

from collections.abc import Mapping
from typing import Any

from yuhu.coding.ratings import level_of
from yuhu.core.codebook import Variable
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import AlphaEstimate


def row(
    variable: Variable,
    by: str,
    subject: str,
    coefficient: str,
    found: Estimate,
    sizes: Mapping[str, int | None],
    *,
    of: str | None = None,
) -> dict[str, Any]:
    """One row of a decision of the codebook."""
    which = (variable.id, variable.code_hash, level_of(variable))
    return row_of(*which, by, subject, coefficient, found, sizes, of=of)


def row_of(
    code: str,
    code_hash: str,
    level: str,
    by: str,
    subject: str,
    coefficient: str,
    found: Estimate,
    sizes: Mapping[str, int | None],
    *,
    of: str | None = None,
) -> dict[str, Any]:
    """One row of `study.agreements.SCHEMA`."""
    alpha = found if isinstance(found, AlphaEstimate) else None
    return {
        "code": code,
        "code_hash": code_hash,
        "level": level,
        "by": by,
        "subject": subject,
        "coefficient": coefficient,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "confidence": found.confidence,
        "reason": found.reason or None,
        "method": found.method,
        **sizes,
        "minimum": alpha.minimum if alpha else None,
        "p_below": alpha.p_below if alpha else None,
        "p": None,
        "verdict": alpha.verdict if alpha else None,
        "of": of,
        "threshold": None,
    }

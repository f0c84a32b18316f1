"""Beside agreement: does a coder err more often on anchors than the coders do on the whole, or begin to."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl

from yuhu.core.codebook import Variable
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import cusum
from yuhu.stats.survey import wilson
from yuhu.verbs.agree_rows import row

LEAST_ANCHORS = 10
SLACK = 0.1
"""Half of the rise of the share of errors that an alarm is to find."""

_GRID = 20
_LARGEST = 0.85


def alarms(variable: Variable, anchors: pl.DataFrame, *, confidence: float, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of `study.agreements.SCHEMA` for each coder of anchors: the share of errors, and the running chart with its alarm.

    Parameters
    ----------
    variable : Variable
        The decision.
    anchors : pl.DataFrame
        What `verbs.anchors.coded_anchors` gave: in the order of coding.
    confidence : float in (0, 1)
        Of the interval of a share.
    seed : int
        Of the simulation that sets the threshold.

    Yields
    ------
    dict
        ``anchor_errors``: share of anchors on which the coder said something else than the value that stands. ``cusum``: the highest point of the chart
        up to the first alarm, ``threshold``, verdict ``alarm`` or ``quiet``, and in ``of`` when the first alarm came.

    Notes
    -----
    A closed gate says "not there"; what a coder could not decide is no error and does not count. The tolerated share of errors is that of all coders
    on the anchors of the decision, up to the next .05: anchors are hard units, and no share is right for all codes. Source: page1954.
    """
    judged = _judged(variable, anchors)
    if not judged.height:
        return
    pooled = float(judged["is_error"].mean() or 0.0)  # type: ignore[arg-type]
    expected = min(_LARGEST, math.ceil(round(pooled * _GRID, 9)) / _GRID)
    for (coder,), mine in judged.group_by("coder", maintain_order=True):
        errors = mine["is_error"].cast(pl.Float64).to_numpy()
        sizes = {"n_units": errors.size, "n_coders": 1, "n_videos": None}
        yield row(variable, "anchor", str(coder), "anchor_errors", _share(errors, confidence), sizes)
        reason = "too_few_anchors" if errors.size < LEAST_ANCHORS else "" if pooled else "no_errors"
        if reason:
            none = Estimate(value=None, n=errors.size, unit="units", method="cusum.v1", reason=reason)
            yield row(variable, "anchor", str(coder), "cusum", none, sizes) | {"verdict": "undefined"}
            continue
        chart = cusum(errors, expected=expected, slack=SLACK, seed=seed)
        first = chart.alarms[0] if chart.alarms else None
        height = float(chart.path[: None if first is None else first + 1].max())
        found = Estimate(value=height, n=errors.size, unit="units", method="cusum.v1", reason="alarm_chart")
        when = None if first is None else mine["at"][first].isoformat(timespec="seconds")
        line = row(variable, "anchor", str(coder), "cusum", found, sizes, of=when)
        yield line | {"threshold": chart.threshold, "verdict": "quiet" if first is None else "alarm"}


def _judged(variable: Variable, anchors: pl.DataFrame) -> pl.DataFrame:
    mine = anchors.filter(pl.col("code") == variable.id)
    said = (
        pl.when(pl.col("status") == "coded")
        .then("value")
        .when(pl.col("status") == "not_shown")
        .then(pl.lit(variable.zero, dtype=pl.String))
    )
    known = mine.with_columns(said=said).filter(pl.col("said").is_in(list(variable.values)))
    return known.with_columns(is_error=pl.col("said") != pl.col("answer")).sort("coder", "at", "unit_id", "occasion")


def _share(errors: np.ndarray[Any, np.dtype[np.float64]], confidence: float) -> Estimate:
    share = float(errors.mean())
    if errors.size < LEAST_ANCHORS:
        return Estimate(value=share, n=errors.size, method="anchor_errors.v1", reason="too_few_anchors")
    low, high = wilson(share, errors.size, confidence)
    return Estimate(value=share, low=low, high=high, n=errors.size, confidence=confidence, method="anchor_errors.v1")

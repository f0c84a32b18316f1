"""Cells of tables that hold an estimate of any unit: with its interval, or the reason why there is none."""

from collections.abc import Callable, Mapping
from typing import Any

from yuhu.core.estimate import REASONS
from yuhu.reporting.numbers import NO_BREAK, percent, points
from yuhu.reporting.said import Said

Row = Mapping[str, Any]


def p_value(p: float | None) -> str:
    """A p with two digits that count."""
    if p is None:
        return "–"
    return "< .001" if p < 0.001 else f"{p:.3f}".lstrip("0") if p < 0.9995 else "1"


def number(value: float) -> str:
    """Any other number, short."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def times(value: float) -> str:
    """A ratio."""
    return f"{value:.2f} ×" if value < 100 else f"{value:,.0f} ×"


_WRITTEN: dict[str, Callable[[float], str]] = {
    "share": percent,
    "share of viewers": percent,
    "difference of shares": points,
    "ratio of shares": times,
    "rate ratio": times,
    "p": p_value,
}


def cell(row: Row | None, lang: str) -> str:
    """``9.2 % [7.1 %, 11.9 %]``, ``9.2 % (23 / 250)`` of a machine's count, or the reason."""
    if row is None:
        return "–"
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    return Said(_written(row, lang), row)


def _written(row: Row, lang: str) -> str:
    write = _WRITTEN.get(row["unit"], number)
    text = write(row["value"])
    if row["low"] is not None:
        return f"{text} [{write(row['low'])},{NO_BREAK}{write(row['high'])}]"
    if row["source"] == "machine" and row["unit"] == "share" and row["count"] is not None:
        return f"{text} ({row['count']:,} / {row['n']:,})"
    if row["source"] in ("gold", "corrected"):
        return f"{text} ({REASONS[row['reason']][lang]})"
    return text


def leaves_out(row: Row | None, against: float = 0.0) -> bool:
    """Whether an interval stands and leaves a number out."""
    return row is not None and row["low"] is not None and not row["low"] <= against <= row["high"]

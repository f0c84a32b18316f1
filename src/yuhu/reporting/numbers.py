"""How numbers are written: never without what they need to be believed."""

import datetime as dt
from typing import Any

from yuhu.core.estimate import REASONS
from yuhu.reporting.said import Said
from yuhu.reporting.words import word

NO_BREAK = "\u00a0"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; two below 1 %."""
    if share is None:
        return "–"
    value = share * 100
    if 0 < value < 0.01:
        return f"< 0.01{NO_BREAK}%"
    return f"{value:.2f}{NO_BREAK}%" if 0 < value < 1 else f"{value:.1f}{NO_BREAK}%"


def points(difference: float) -> str:
    """A difference of shares in percentage points, with its sign; no sign where it rounds to nothing."""
    text = f"{difference * 100:+.1f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def machine_share(row: dict[str, Any] | None, lang: str) -> str:
    """``9.2 % (2,385 / 25,926)``, or the reason why there is none."""
    if row is None:
        return "–"
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    return Said(f"{percent(row['value'])} ({row['count']:,} / {row['n']:,})", row)


def gold_share(row: dict[str, Any] | None, lang: str) -> str:
    """``9.2 % [7.1 %, 11.9 %]``, or the reason why there is no number or no interval."""
    if row is None:
        return "–"
    if row["value"] is None:
        return REASONS[row["reason"]][lang]
    if row["low"] is None:
        return Said(f"{percent(row['value'])} ({REASONS[row['reason']][lang]})", row)
    return Said(f"{percent(row['value'])} [{percent(row['low'])}, {percent(row['high'])}]", row)


def clock(at_ms: int) -> str:
    """Media time as ``1:05``."""
    seconds = at_ms // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


def moment(at: dt.datetime, zone: str) -> str:
    """Wall time to the minute, in a zone that is named."""
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def quantity(value: float | None, lang: str) -> str:
    """A number with thousands separators; undefined is said."""
    if value is None:
        return word("undefined", lang)
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"

"""Wall time and media time: parsing, zones, and the difference between them.

Media time is integer milliseconds since the start of a video. Wall time is UTC. Epoch 0 means "unknown" and is null.
"""

import datetime as dt
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from yuhu.core.errors import YuhuError

EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
LATEST = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
_EARLIEST_MS = int(EARLIEST.timestamp() * 1000)
_LATEST_MS = int(LATEST.timestamp() * 1000)
_SECONDS_LIMIT = 100_000_000_000  # larger epoch numbers are milliseconds

_CLOCK = re.compile(r"^(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:\.(\d{1,3}))?$")
_EPOCH = re.compile(r"^\d{9,14}(?:\.\d+)?$")
_LOOSE = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$")
WALL = pl.Datetime("ms", "UTC")


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name.

    Raises
    ------
    YuhuError
        YH107 the name is not known.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise YuhuError(
            "YH107", f"time zone `{name}` is not known", fix="an IANA name, for example --tz Asia/Shanghai or --tz UTC"
        ) from error


def media_ms(clock: str) -> int | None:
    """Milliseconds of a clock text: ``1:23``, ``01:02:03.5``; None if it is none."""
    found = _CLOCK.match(clock.strip())
    if not found:
        return None
    hours, minutes, seconds, fraction = found.groups()
    if int(seconds) > 59:
        return None
    return ((int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int((fraction or "0").ljust(3, "0"))


LONGEST_MS = 48 * 3600 * 1000
"""Media times lie in 0 to 48 hours."""


def media_from(value: object, *, per_second: int) -> int | None:
    """Milliseconds of a media time given as a number (or its text) in units of which `per_second` make a second; None outside 0 to 48 hours."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        ms = float(value) * 1000 / per_second
    except (ValueError, OverflowError):
        return None
    return round(ms) if 0 <= ms <= LONGEST_MS else None


def epoch_ms(text: str) -> int | None:
    """Epoch milliseconds of a number in seconds or milliseconds; None for anything else, 0, negative, before 1990 and after 2100."""
    try:
        number = float(text)
    except ValueError:
        return None
    ms = number * 1000 if abs(number) < _SECONDS_LIMIT else number
    return round(ms) if _EARLIEST_MS <= ms <= _LATEST_MS else None


def wall_ms(value: object, tz: str) -> int | None:
    """Epoch milliseconds of one time of a foreign record, None for anything else, before 1990 and after 2100.

    Understood are epoch numbers (s or ms; also as text), ISO 8601, ``YYYY-MM-DD HH:MM[:SS]``, ``YYYY/MM/DD …``, dates, and
    ``Wed Aug 30 12:00:00 +0800 2023``; naive ones are in `tz`.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return epoch_ms(str(value))
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _EPOCH.match(text):
        return epoch_ms(text)
    time = _time_of(text.replace("/", "-"))
    if time is None:
        return None
    try:
        ms = (time if time.tzinfo else time.replace(tzinfo=zone(tz))).timestamp() * 1000
    except (OverflowError, ValueError, OSError):
        return None
    return round(ms) if _EARLIEST_MS <= ms <= _LATEST_MS else None


def _time_of(text: str) -> dt.datetime | None:
    for parse in (dt.datetime.fromisoformat, _ctime, _loose):
        try:
            return parse(text)
        except ValueError:
            continue
    return None


def _ctime(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")


def _loose(text: str) -> dt.datetime:
    found = _LOOSE.match(text)
    if not found:
        raise ValueError(text)
    return dt.datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001 - the caller gives the zone


def iso_utc(ms: int | None) -> str:
    """Epoch milliseconds as ISO 8601 in UTC, to the second; empty for None."""
    return "" if ms is None else dt.datetime.fromtimestamp(ms / 1000, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall_from_epoch(column: pl.Expr) -> pl.Expr:
    """UTC times from epoch numbers in seconds or milliseconds; 0, negative, before 1990 and after 2100 become null."""
    number = column.cast(pl.Float64, strict=False)
    ms = pl.when(number.abs() < _SECONDS_LIMIT).then(number * 1000).otherwise(number)
    return pl.when(ms.is_between(_EARLIEST_MS, _LATEST_MS)).then(ms.round().cast(pl.Int64, strict=False)).cast(WALL)


def wall_from_text(column: pl.Expr, tz: str) -> pl.Expr:
    """UTC times from texts: ISO 8601 with or without zone, ``YYYY-MM-DD HH:MM[:SS]``, dates; naive ones are in `tz`.

    Texts that are none of these become null, as do times before 1990 and after 2100.
    """
    text = column.cast(pl.String).str.strip_chars().str.replace("/", "-", literal=True, n=2)
    aware = pl.coalesce(
        text.str.to_datetime("%+", strict=False, time_unit="ms", time_zone="UTC"),
        text.str.to_datetime("%a %b %d %H:%M:%S %z %Y", strict=False, time_unit="ms", time_zone="UTC"),
    )
    naive = pl.coalesce(
        text.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="ms"),
        text.str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="ms"),
        text.str.to_datetime("%Y-%m-%d %H:%M", strict=False, time_unit="ms"),
        text.str.to_datetime("%Y-%m-%dT%H:%M", strict=False, time_unit="ms"),
        text.str.to_date("%Y-%m-%d", strict=False).cast(pl.Datetime("ms")),
    )
    local = naive.dt.replace_time_zone(tz, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    wall = pl.coalesce(aware, local)
    return pl.when(wall.is_between(pl.lit(EARLIEST), pl.lit(LATEST))).then(wall).cast(WALL)

"""Cells of mapped tables as values, a column at a time: texts, ids, counts, media times and wall times."""

from collections.abc import Callable, Collection
from decimal import Decimal
from functools import partial

import polars as pl

from yuhu.core.clock import EARLIEST, LATEST, LONGEST_MS, WALL, media_ms, wall_from_epoch, wall_from_text
from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.flat import number
from yuhu.sources.map_fields import Mapped
from yuhu.sources.reading import whole

PLATFORM = "table"
"""The platform of a table that nobody names one for."""
_IDS = ("id", "parent", "root", "video", "node", "subject")
NO_ID = ("0", "-1")
"""What collectors write where there is no message above."""

_UNREAD = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{fdd0}-\x{fdef}"
    + "".join(rf"\x{{{plane + last:x}}}" for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_NAIVE = r"^[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?$"
_DAY = r"^\s*[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}\s*$"
_EPOCH = r"^[0-9]{9,14}(?:\.[0-9]+)?$"
_USUAL = ("%Y-%m-%d %H:%M:%S", "%+")
_THOUSANDS = r"^[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
POWER = r"^\s*[1-9](?:\.[0-9]{1,17})?[eE][+]?[0-9]{2}\s*$"
"""A whole number as a spreadsheet writes it that has no room for its digits."""

_FLOATED = r"^\s*([0-9]{1,15})\.0+\s*$"


def texts(column: pl.Series) -> pl.Series:
    """Texts without control characters, ends trimmed; empty for none. The same as `texts.hostile.clean` of each."""
    odd = column.str.contains(_UNREAD).fill_null(value=False)
    kept = column.str.replace_all(_UNREAD, "") if odd.any() else column
    return kept.str.strip_chars().fill_null("")


def with_plain_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with ids as they stand, but ``12.0`` is 12 and ``7.25e+18`` its digits: table programs make numbers of ids."""
    present = [name for name in _IDS if name in frame.columns]
    floated = [name for name in present if frame[name].str.contains(".0", literal=True).any()]
    powers = [name for name in present if frame[name].str.contains("[eE][+]").any()]
    if not floated and not powers:
        return frame
    plain = frame.with_columns(pl.coalesce(pl.col(name).str.extract(_FLOATED), pl.col(name)) for name in floated)
    return plain.with_columns(_digits(plain[name]) for name in powers)


def _digits(column: pl.Series) -> pl.Series:
    """Numbers written with a power of ten as digits."""
    written = column.filter(column.str.contains(POWER).fill_null(value=False)).unique()
    known = {text: str(int(Decimal(text.strip()))) for text in written}
    return column.replace(known) if known else column


def where(mapped: Mapped, origin: Origin, *, video: bool = True) -> list[pl.Expr]:
    """Platform and video of each row; what the person said fills what a row leaves empty."""
    said = pl.lit(origin.video, dtype=pl.String)
    found = (
        [(pl.col("video").fill_null(said) if "video" in mapped else pl.lit(origin.video or origin.stem)).alias("video")] if video else []
    )
    platform = pl.lit(origin.platform or PLATFORM)
    return [*found, (pl.col("platform").fill_null(platform) if "platform" in mapped else platform).alias("platform")]


def counts(column: pl.Series) -> pl.Series:
    """Counts as integers (12, ``1,234``, ``1.2万``); null for anything else."""
    trimmed = column.str.strip_chars()
    plain = trimmed.str.extract(r"^([0-9]{1,15})(?:\.0+)?$").cast(pl.Int64)
    return _with_rest(plain, trimmed, whole)


def numbers(column: pl.Series) -> pl.Series:
    """Finite numbers (12, ``1,234``, ``1.2万``, ``95%``, without the sign of percent); null for anything else."""
    trimmed = column.str.strip_chars()
    joined = pl.select(pl.when(trimmed.str.contains(_THOUSANDS)).then(trimmed.str.replace_all(",", "", literal=True)).otherwise(trimmed))
    plain = joined.to_series().cast(pl.Float64, strict=False)
    plain = pl.select(pl.when(plain.is_finite()).then(plain)).to_series()
    return _with_rest(plain, trimmed, number)


def _with_rest(plain: pl.Series, trimmed: pl.Series, parse: Callable[[str], float | None]) -> pl.Series:
    """Values of the usual form, and what `parse` makes of the other texts: each distinct one is looked at once."""
    rest = trimmed.filter(plain.is_null() & trimmed.is_not_null()).unique()
    known = {text: value for text in rest if (value := parse(text)) is not None}
    if not known:
        return plain
    return pl.select(pl.coalesce(plain, trimmed.replace_strict(known, default=None, return_dtype=plain.dtype))).to_series()


def media(frame: pl.DataFrame, names: Collection[str]) -> pl.Series:
    """Media time in milliseconds, of the one of `names` (``x_ms``, ``x_s``, ``x_clock``) that the frame has; null outside 0 to 48 hours."""
    have = {name.rpartition("_")[2]: name for name in names if name in frame.columns}
    if not have:
        return pl.Series([], dtype=pl.Int64).extend_constant(None, frame.height)
    if "clock" in have:
        distinct = frame[have["clock"]].drop_nulls().unique()
        known = {text: ms for text in distinct if (ms := media_ms(text)) is not None}
        found = frame[have["clock"]].replace_strict(known, default=None, return_dtype=pl.Int64)
    else:
        name, factor = (have["ms"], 1) if "ms" in have else (have["s"], 1000)
        number = (pl.col(name).str.strip_chars().cast(pl.Float64, strict=False) * factor).round()
        found = frame.select(pl.when(number.is_between(0, LONGEST_MS)).then(number).cast(pl.Int64, strict=False)).to_series()
    return pl.select(pl.when(found.is_between(0, LONGEST_MS)).then(found)).to_series()


def walls(frame: pl.DataFrame, name: str, origin: Origin) -> pl.Series:
    """Wall times of a column of epochs or texts; null where one is not understood.

    Raises
    ------
    YuhuError
        YH107 a time has no zone and none was given.
    """
    trimmed = frame[name].str.strip_chars()
    if not origin.tz:
        naive = trimmed.filter(trimmed.str.contains(_NAIVE).fill_null(value=False))
        if len(naive):
            raise YuhuError(
                "YH107",
                "times stand without a zone",
                facts={"file": origin.name, "found": naive[0]},
                fix="--tz Asia/Shanghai (or the zone of the collector)",
            )
    tz = origin.tz or "UTC"
    column = pl.col(name)
    epochs = pl.when(column.str.contains(_EPOCH)).then(column)
    found = trimmed.alias(name).to_frame().select(wall_from_epoch(epochs)).to_series()
    for form in _USUAL:
        found = _filled(found, trimmed, partial(_usual, form=form, tz=tz))
    return _filled(found, trimmed, partial(_any, tz=tz)).alias(name)


def precision(times: pl.Expr) -> pl.Expr:
    """How exact each wall time is, from its text: a day where only a day is given, else a second."""
    return pl.when(times.str.contains(_DAY)).then(86_400).otherwise(1).cast(pl.Int32)


def _filled(found: pl.Series, given: pl.Series, parse: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """The times found, and what `parse` makes of the texts that gave none yet."""
    missing = (found.is_null() & given.is_not_null()).arg_true()
    return found.scatter(missing, parse(given.gather(missing))) if len(missing) else found


def _usual(some: pl.Series, *, form: str, tz: str) -> pl.Series:
    """Times of one form, many times as fast as of any form."""
    aware = form == "%+"
    time = some.str.to_datetime(form, strict=False, time_unit="ms", time_zone="UTC" if aware else None)
    if not aware:
        time = time.dt.replace_time_zone(tz, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    return pl.select(pl.when(time.is_between(pl.lit(EARLIEST), pl.lit(LATEST))).then(time).cast(WALL)).to_series()


def _any(some: pl.Series, *, tz: str) -> pl.Series:
    """Times of any form that is understood; each distinct text is looked at once."""
    distinct = some.unique().alias("text").to_frame()
    known = distinct.with_columns(time=wall_from_text(pl.col("text"), tz))
    return some.alias("text").to_frame().join(known, on="text", how="left", maintain_order="left")["time"]

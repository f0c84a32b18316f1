"""`yuhu agree TABLE`: agreement of anyone's codings, without a study."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from yuhu.coding.ratings import Ratings, ratings_from
from yuhu.core.errors import YuhuError, YuhuWarning
from yuhu.core.ids import content_hash
from yuhu.core.progress import step
from yuhu.core.version import __version__
from yuhu.formats.codings_csv import read_csv
from yuhu.formats.exchange import Reading
from yuhu.formats.sheets_reading import read_sheet
from yuhu.stats.agreement import LEVELS, TENTATIVE, agreement, krippendorff_alpha
from yuhu.study.agreements import SCHEMA
from yuhu.study.files import whole_file
from yuhu.verbs.agree import Agreed
from yuhu.verbs.agree_diagnostics import sizes
from yuhu.verbs.agree_rows import row_of

_LARGEST = 2 << 30
_HAYES = "hayes2007"


def agree_table(
    path: Path | str,
    *,
    level: str = "nominal",
    values: Sequence[str] | None = None,
    codes: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
    interval: str = "auto",
    minimum: float = TENTATIVE,
    draws: int = 2000,
    seed: int = 0,
) -> Agreed:
    """Agreement of a table of codings.

    Parameters
    ----------
    path : path
        CSV or xlsx, long (``unit, coder, code, value``) or wide (a column for each coder, or for each code).
    level : str
        ``nominal``, ``ordinal``, ``interval``, ``ratio`` or ``ordinal_gwet``, of all codes alike.
    values : sequence of str, optional
        All values that were allowed; those that occur if none: AC1 depends on their number.
    codes : sequence of str
        Codes to look at; all if none.
    columns : mapping of str to str, optional
        What a column is where its name does not tell: ``{"emotion": "code"}``.
    interval : str
        ``jackknife`` (also ``auto``), ``bootstrap``, ``video`` where the table has a column ``video``, or ``hayes2007``, alpha alone and with a warning.
    minimum : float
        The least alpha that is acceptable.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    Agreed
        Nothing is stored.

    Raises
    ------
    YuhuError
        YH102 no units or values; YH105, YH106 the file cannot be read; YH110 it is not there; YH303 an option; YH304 a value does not fit the level.
    """
    file = Path(path)
    if level not in LEVELS:
        raise YuhuError("YH303", f"level `{level}` is not known", facts={"known": ", ".join(LEVELS)}, fix="--level ordinal")
    content = whole_file(file, largest=_LARGEST, fix="split it by code")
    found = _read(content, Reading(name=file.name, columns=columns or {}))
    coded = found.codings.filter(pl.col("status") == "coded")
    table = coded.select(unit="unit_id", coder="coder", code="code", value="value", video="video_id")
    if codes:
        _known(codes, table)
        table = table.filter(pl.col("code").is_in(list(codes)))
    try:
        rated = ratings_from(table, level, values)
    except ValueError as error:
        found_value = str(error)[:120]
        if values is not None and found_value not in values:
            facts = {"found": found_value, "expected": ", ".join(values)[:200]}
            raise YuhuError(
                "YH304", "a value is none of those allowed", facts=facts, fix="name all of them in --values, or leave it out"
            ) from error
        facts = {"found": found_value, "level": level}
        raise YuhuError("YH304", "a value is no number", facts=facts, fix="--level nominal, or give numbers") from error
    videos = dict(table.select("unit", "video").unique("unit", keep="first").iter_rows())
    options = {"interval": "jackknife" if interval == "auto" else interval, "minimum": minimum, "draws": draws, "seed": seed}
    rows: list[dict[str, Any]] = []
    for done, (code, one) in enumerate(rated.items()):
        step(f"agreement on {code}", done, len(rated))
        rows += _rows(code, one, level, videos, options)
    step("", len(rated), len(rated))
    spec = {
        "yuhu": __version__,
        "file": content_hash(content)[:16],
        "level": level,
        "values": list(values or ()),
        "confidence": 0.95,
        **options,
    }
    return Agreed(spec, pl.DataFrame(rows, schema=SCHEMA, orient="row"), [*found.notes, *_said(found, options)])


def _read(content: bytes, reading: Reading) -> Any:
    return read_sheet(content, reading) if content.startswith(b"PK\x03\x04") else read_csv(content, reading)


def _known(codes: Sequence[str], table: pl.DataFrame) -> None:
    have = table["code"].unique().sort().to_list()
    for code in codes:
        if code not in have:
            raise YuhuError(
                "YH303", f"the table has no code `{code}`", facts={"found": ", ".join(have)[:300]}, fix="--code takes one of these"
            )


def _said(found: Any, options: Mapping[str, Any]) -> list[str]:
    """What people must know of how the table was read."""
    said = []
    if found.rejects:
        first = found.rejects[0]
        said.append(
            f"{len(found.rejects):,} of {found.seen:,} codings are not understood and left out; the first: {first.place}, {first.why}"
        )
    said += [f"{loss.count:,} {loss.what} left out: {loss.why}" + (f" ({loss.first})" if loss.first else "") for loss in found.losses]
    if options["interval"] == _HAYES:
        said.append(
            "hayes2007 holds the expected disagreement fixed and takes pairs for independent: with more than two coders its intervals are far too short"
        )
    return said


def _rows(code: str, rated: Ratings, level: str, videos: Mapping[str, str | None], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    shared = {"level": level, "values": rated.values, "confidence": 0.95, **options}
    if options["interval"] == "video":
        shared["cluster"] = np.array([videos.get(unit) or unit for unit in rated.units])
    if options["interval"] == _HAYES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", YuhuWarning)  # said among the warnings of the result
            return [_alpha(code, rated, level, shared, "all", "all")]
    found = agreement(rated.table, **shared)
    counts = {"n_units": found.n_pairable, "n_coders": found.n_coders, "n_videos": found.n_videos}
    rows = [row_of(code, "", level, "all", "all", "krippendorff_alpha", found.alpha, counts)]
    rows += [row_of(code, "", level, "all", "all", name, one, counts) for name, one in found.coefficients.items()]
    names = dict(zip(rated.values, rated.names, strict=True))
    rows += [
        row_of(code, "", level, "all", "all", "specific_agreement", one, counts, of=names[value]) for value, one in found.specific.items()
    ]
    if len(rated.coders) > 2:
        rows += [_alpha(code, rated.without(coder), level, shared, "without", coder) for coder in rated.coders]
    return rows


def _alpha(code: str, rated: Ratings, level: str, shared: Mapping[str, Any], by: str, subject: str) -> dict[str, Any]:
    found = krippendorff_alpha(rated.table, **shared)
    return row_of(code, "", level, by, subject, "krippendorff_alpha", found, {**sizes(rated), "n_videos": found.n_videos})

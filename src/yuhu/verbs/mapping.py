"""``--map auto``: the mapping that was used before for the same columns, else a guess; and remembering mappings that were used."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources.recognise import unrecognised
from yuhu.sources.table_samples import guessed, samples
from yuhu.study.mappings import save_mapping, saved_mapping


class AutoMapping(NamedTuple):
    """A mapping that nobody typed: field by column, the zone of naive times if one is known, and where the mapping is from, in words."""

    mapping: Mapping[str, str]
    tz: str | None
    where_from: str


def auto_mapping(origin: Origin, folder: Path) -> AutoMapping:
    """What the columns of a table are, without a person saying it. To be shown before it is used.

    Parameters
    ----------
    origin : Origin
        The file; its zone holds if it has one.
    folder : Path
        The study, whose mappings of before come first.

    Raises
    ------
    YuhuError
        YH103 neither a mapping of before nor names and cells tell what the columns are; YH101, YH106, YH109, YH110 it cannot be read.
    """
    found = samples(origin)
    for sample in found:
        saved = saved_mapping(folder, sample.columns)
        if saved is not None:
            times = "once" if saved.times_used == 1 else f"{saved.times_used} times"
            return AutoMapping(dict(saved.mapping), origin.tz or saved.tz, f"used before in this study, {times}")
    guess = guessed(origin, found)
    if guess is None or not guess.is_enough:
        raise unrecognised(origin)
    return AutoMapping(dict(guess.mapping), origin.tz, f"guessed: {guess.as_words()}")


def remember_mapping(origin: Origin, folder: Path) -> None:
    """Keep the mapping of a file that was added, for the next one with the same columns.

    Raises
    ------
    YuhuError
        YH205 the study's list of mappings is damaged; YH209 the disk refused.
    """
    try:
        found = samples(origin)
    except YuhuError:
        return
    mapped = {column.partition(".")[0] for column in origin.mapping}
    for sample in found:
        columns = {*sample.columns, *sample.paths}
        if any(column in columns for column in origin.mapping) or sample.table in mapped:
            save_mapping(folder, sample.columns, origin.mapping, platform=origin.platform, kind=origin.kind, tz=origin.tz)
            return

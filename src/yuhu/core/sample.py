"""The `Sample` noun: unit ids WITH the chance each was drawn, design and seed."""

from dataclasses import dataclass

import polars as pl

from yuhu.core.errors import YuhuError


@dataclass(frozen=True)
class Sample:
    """Units drawn for people to code.

    Parameters
    ----------
    name : str
        Unique in the study.
    units : pl.DataFrame
        ``unit_id`` (str), ``chance`` (float in (0, 1]), ``stratum`` (str).
    design : str
        How they were drawn, for example ``simple_random.v1``.
    seed : int
        The seed of the draw.
    population : int
        Units that could have been drawn.

    Raises
    ------
    YuhuError
        YH302 a chance lies outside (0, 1].
    """

    name: str
    units: pl.DataFrame
    design: str
    seed: int
    population: int

    def __post_init__(self) -> None:
        chance = self.units["chance"]
        if self.units.height and not chance.is_between(0, 1, closed="right").all():
            raise YuhuError(
                "YH302",
                "a chance lies outside (0, 1]",
                facts={"smallest": chance.min(), "largest": chance.max()},
                fix="store the chance with which the unit was drawn, before it was coded",
            )

    @property
    def size(self) -> int:
        """Units drawn."""
        return self.units.height

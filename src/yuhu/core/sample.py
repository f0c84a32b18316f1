"""The `Sample` noun: unit ids WITH the chance each was drawn, design and seed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from yuhu.core.errors import YuhuError

PURPOSES = ("train", "pilot", "bridge", "reliability", "main", "with_transcript", "adjudication", "anchor")
"""What a coding was made for. Codings of ``train``, ``pilot``, ``bridge`` (units shown in two languages) and ``anchor`` (units whose value is known, strewn among
others) never enter agreement or gold; ``with_transcript`` are second codings of danmaku with the lines around them; ``adjudication`` is a decision taken after agreement was measured."""

ANCHOR = "anchor"
NOT_COUNTED = ("train", "pilot", "bridge", ANCHOR)
ROLES = ("single", "overlap")
"""How a unit is coded: by one coder, or by all coders of its language."""


@dataclass(frozen=True)
class Sample:
    """Units drawn for people to code.

    Parameters
    ----------
    name : str
        Unique in the study.
    units : pl.DataFrame
        ``unit_id`` (str), ``chance`` (float in (0, 1]), ``stratum`` (str), and ``role`` (one of `ROLES`; ``single`` if there is none).
    design : str
        How they were drawn, for example ``simple_random.v1``.
    seed : int
        The seed of the draw.
    population : int
        Units that could have been drawn.
    purpose : str
        One of `PURPOSES`.
    series : str
        Samples of one series are waves of one draw: no unit is in two of them.
    wave : int
        From 1.
    codes : sequence of str
        The codes it was drawn for; empty: all that are on.
    plan : mapping
        What decided the draw: strata, allocation, machine run, sources that were there.
    strata : pl.DataFrame, optional
        ``stratum``, ``population``, ``drawn`` (int): units that there were and that were drawn.

    Raises
    ------
    YuhuError
        YH302 a chance lies outside (0, 1]; YH303 the purpose or a role is not known.
    """

    name: str
    units: pl.DataFrame
    design: str
    seed: int
    population: int
    purpose: str = "main"
    series: str = ""
    wave: int = 1
    codes: tuple[str, ...] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    strata: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        chance = self.units["chance"]
        if self.units.height and not chance.is_between(0, 1, closed="right").fill_null(value=False).all():
            raise YuhuError(
                "YH302",
                "a chance lies outside (0, 1]",
                facts={"smallest": chance.min(), "largest": chance.max()},
                fix="store the chance with which the unit was drawn, before it was coded",
            )
        if self.purpose not in PURPOSES:
            raise YuhuError(
                "YH303", f"purpose `{self.purpose}` is not known", facts={"known": ", ".join(PURPOSES)}, fix="for example main or pilot"
            )
        if "role" not in self.units.columns:
            object.__setattr__(self, "units", self.units.with_columns(role=pl.lit("single")))
        strange = set(self.units["role"].unique()) - set(ROLES)
        if strange:
            raise YuhuError(
                "YH303", "a role is not known", facts={"found": min(strange), "known": ", ".join(ROLES)}, fix="for example overlap"
            )

    @property
    def size(self) -> int:
        """Units drawn."""
        return self.units.height

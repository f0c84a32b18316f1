"""Ids that a spreadsheet has rounded: it keeps 15 digits of a number, and messages whose ids differ in the rest become one."""

from dataclasses import dataclass, field

import polars as pl

from yuhu.sources.map_fields import Mapped
from yuhu.sources.map_values import POWER

IDS = ("id", "parent", "root", "video", "author", "account", "node", "subject")
_LONG = r"^\s*[1-9][0-9]{15,}\s*$"
_CUT = r"^\s*[1-9][0-9]{14}0+\s*$"
_LOOKED_AT = 20_000
_FEWEST = 3
_SHARE = 0.5


@dataclass
class Rounding:
    """Counts long ids, and those that end where a spreadsheet stops."""

    long: dict[str, int] = field(default_factory=dict)
    cut: dict[str, int] = field(default_factory=dict)

    def look(self, fields: pl.DataFrame) -> None:
        """Look at the ids of the first of some rows."""
        first = fields.head(_LOOKED_AT)
        for name in (name for name in IDS if name in fields.columns):
            text = pl.col(name)
            cut, long = first.select(
                (text.str.contains(_CUT) | text.str.contains(POWER)).sum().alias("cut"),
                (text.str.contains(_LONG) | text.str.contains(POWER)).sum().alias("long"),
            ).row(0)
            self.long[name] = self.long.get(name, 0) + long
            self.cut[name] = self.cut.get(name, 0) + cut

    def notes(self, mapped: Mapped) -> list[str]:
        """What to tell of columns most of whose long ids end in zeros."""
        return [
            f"ids look rounded by a spreadsheet: in `{mapped.columns[name]}` {self.cut[name]:,} of {n:,} long ids looked at end in zeros "
            "(different messages may have become one; export them as texts)"
            for name, n in self.long.items()
            if self.cut[name] >= _FEWEST and self.cut[name] >= _SHARE * n
        ]

"""The same shares under each machine coder of the study, as each counts them and as gold corrects each.

Where the corrected shares agree, no conclusion hangs on the choice of a coder.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.estimate import FRAME_SCHEMA, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.schema import conform
from yuhu.measures.prevalence import Prevalence


class Multiverse:
    """Share of messages with each value of each decision over all, by coder: counted by the machine, and corrected."""

    name = "multiverse.v1"
    needs: Mapping[str, Sequence[str]] = Prevalence.needs

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """One row per coder, decision, value and source; none where the study has one coder only."""
        if not evidence.others:
            return estimates_frame([])
        worlds = [evidence, *(evidence.by(other) for other in evidence.others)]
        frames = [Prevalence().of_all(one).with_columns(measure=pl.lit(self.name), by=pl.lit("coder"), subject="coder") for one in worlds]
        return checked(conform(pl.concat(frames), FRAME_SCHEMA))

"""How a machine coder errs: against what people coded of a probability sample, over all and by language, platform and video.

Rates are of all messages of the sample's frame, not of the sample: an enriched sample would make a machine look better than it is. Units on which
exactly half of the people said yes, and nobody adjudicated, are left out.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.randomness import generator
from yuhu.measures.correcting import Judged, judged
from yuhu.measures.prevalence import BY
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.classification import calibration, equal_rates, error_rates

GROUPS = ("lang", "platform", "video_id")
RATES = ("precision", "recall", "specificity", "f1")
LARGEST = 8
BINS = 10
EQUAL = "equal_"


class CoderQuality:
    """Precision, recall, specificity and F1 of each decision and value; whether they are equal across groups; calibration of probabilities."""

    name = "coder_quality.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "lang"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """One row per decision, value, rate and group; ``method`` names the rate."""
        rows: list[Estimate] = []
        for one in judged(evidence):
            known = {"measure": self.name, "code": one.code, "value_id": one.value_id, "coder": evidence.coder, "target": evidence.target}
            rows.extend(_said(found, one).with_(source="corrected", rung="D", **known) for found in self._of(evidence, one))
        return checked(estimates_frame(rows))

    def _of(self, evidence: Evidence, one: Judged) -> Iterator[Estimate]:
        rng = generator(evidence.seed, self.name, one.code, one.value_id)
        whole = error_rates(one.label, one.human, one.chance, cluster=one.cluster, confidence=evidence.confidence, generator=rng)
        yield from (getattr(whole, rate).with_(by="all", subject="all") for rate in RATES)
        for column in GROUPS:
            yield from self._by(evidence, one, column, rng)
        if one.probability is not None:
            yield from _calibrated(one.probability, one, evidence, rng)

    def _by(self, evidence: Evidence, one: Judged, column: str, rng: np.random.Generator) -> Iterator[Estimate]:
        """Rates in the largest groups of a column, and a test of whether they are equal."""
        names, own = largest(one.units[column], LARGEST, max(evidence.k_anonymity, 1))
        if len(names) < 2:
            return
        inside = own >= 0
        tests = equal_rates(
            one.label[inside],
            one.human[inside],
            one.chance[inside],
            own[inside],
            cluster=None if one.cluster is None else one.cluster[inside],
            confidence=evidence.confidence,
            generator=rng,
        )
        for test in tests:
            for found in test.by_group:
                yield found.with_(by=BY[column], subject=names[int(found.subject)])
            yield Estimate(
                value=test.p_holm,
                n=int(inside.sum()),
                n_gold=int(inside.sum()),
                unit="p",
                method=f"{EQUAL}{test.rate}.v1",
                reason=test.reason or "test_alone",
                by=BY[column],
                subject="all",
            )


def _said(found: Estimate, one: Judged) -> Estimate:
    """Without an interval where people have not coded all that was drawn."""
    if one.is_complete or found.low is None:
        return found
    return found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")


def _calibrated(probability: Floats, one: Judged, evidence: Evidence, rng: np.random.Generator) -> Iterator[Estimate]:
    found = calibration(probability, one.human, one.chance, bins=BINS, cluster=one.cluster, confidence=evidence.confidence, generator=rng)
    yield found.error.with_(by="all", subject="all")
    yield found.bias.with_(by="all", subject="all")
    for part in found.bins:
        if part.said is not None and part.found.n >= evidence.k_anonymity:
            yield part.found.with_(by="probability", subject=f"{part.said:.4f}")


def largest(names: pl.Series, most: int, least: int = 1) -> tuple[list[str], Ints]:
    """The most frequent names with at least so many units, and where each value stands among them; -1 where it does not."""
    counted = (
        names.drop_nulls()
        .value_counts(sort=False)
        .filter(pl.col("count") >= least)
        .sort("count", names.name, descending=[True, False])
        .head(most)
    )
    kept = sorted(counted[names.name].to_list())
    places = names.replace_strict(kept, list(range(len(kept))), default=-1, return_dtype=pl.Int64).to_numpy()
    return kept, np.asarray(places, np.int64)

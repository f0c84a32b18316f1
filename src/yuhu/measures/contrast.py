"""Contrasts: by how much a share differs between languages, platforms, kinds of message or videos, corrected within each of them.

A machine that errs more in one language makes a difference out of nothing; only differences of shares that gold has corrected on both sides are
given. Between languages, people may mean different things by one code: what bridge sets say about that stands beside the number.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.correcting import NOBODYS, Corrected, corrected

GROUPS = {"language": pl.col("lang"), "platform": pl.col("platform"), "kind": pl.col("kind"), "video": pl.col("video_id")}
LARGEST = 5
_VERDICTS = {"comparable": "", "not_comparable": "not_comparable", "not_judged": "comparability_not_judged", "": "no_bridge_set"}


class Contrast:
    """Differences of corrected shares between each two of the largest languages, platforms, kinds of message and videos."""

    name = "contrast.v1"
    needs: Mapping[str, Sequence[str]] = {
        "responses": ("response_id", "text_key", "video_id", "platform", "lang", "kind", "work_id", "root_id", "is_special", "source"),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``subject`` is ``a − b``: the share in a less that in b, in [-1, 1]."""
        rows: list[Estimate] = []
        if evidence.codings is None or not evidence.gold.units.height:
            return estimates_frame([])
        spoken_in = _languages(evidence)
        for by, one in corrected(evidence, self.name, GROUPS, LARGEST):
            spoken = [at for at, subject in enumerate(one.subjects) if one.gold[at] and not (by == "language" and subject in NOBODYS)]
            rows += [self._pair(evidence, by, one, first, second, spoken_in[by]) for first, second in combinations(spoken, 2)]
        return checked(estimates_frame(rows))

    def _pair(self, evidence: Evidence, by: str, one: Corrected, first: int, second: int, spoken_in: Mapping[str, str]) -> Estimate:
        found = one.shares.difference(first, second)
        if min(one.gold[first], one.gold[second]) < evidence.k_anonymity:
            found = found.with_(value=None, low=None, high=None, confidence=None, reason="small_cell")
        elif not one.is_complete and found.low is not None:
            found = found.with_(low=None, high=None, confidence=None, reason="gold_incomplete")
        elif found.low is not None:
            low, high = sorted(spoken_in.get(one.subjects[at], "") for at in (first, second))
            if low != high:
                found = found.with_(reason=_VERDICTS[evidence.comparable.get((one.code, one.value_id, low, high), "")])
        return found.with_(
            measure=self.name,
            code=one.code,
            value_id=one.value_id,
            by=by,
            subject=f"{one.subjects[first]} − {one.subjects[second]}",
            source="corrected",
            rung="D",
            coder=evidence.coder,
            target=evidence.target,
            n_videos=max(one.videos[first], one.videos[second]),
        )


def _languages(evidence: Evidence) -> dict[str, dict[str, str]]:
    """The language that most messages of each group are in: groups of different languages are compared across languages, whatever they are called."""
    spoken = evidence.responses.filter(~pl.col("lang").is_in(list(NOBODYS)) & pl.col("lang").is_not_null())
    found = {}
    for by, each in GROUPS.items():
        counted = spoken.group_by(subject=each, lang="lang").agg(n=pl.len()).sort("n", "lang", descending=[True, False]).collect()
        first = counted.filter(pl.col("subject").is_not_null()).unique("subject", keep="first", maintain_order=True)
        found[by] = dict(first.select("subject", "lang").iter_rows())
    return found

"""Empathic groups: people who meet again and again below the same messages, and express more empathy than is usual on their platform.

They are called groups only if memberships come again when messages are drawn again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from scipy import stats

from yuhu.core.estimate import CENSUS, Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.core.randomness import generator
from yuhu.measures.corrected_rows import corrected_gap
from yuhu.measures.correcting import corrected
from yuhu.measures.joint import Statement, messages, stated, tallied
from yuhu.measures.machine_rows import machine_p, machine_value
from yuhu.measures.prevalence import corrected_share
from yuhu.measures.who_comments import authors
from yuhu.stats.arrays import Floats, Ints
from yuhu.stats.shrinkage import beta_prior, design_effect, excess_p, intra_class
from yuhu.stats.ties import Meetings, stability

CODES: Mapping[str, tuple[str, Statement]] = {
    "affective_empathy": ("1", [("affective_empathy", "1")]),
    "object_of_feeling": ("nation", [("object_of_feeling", "nation"), ("object_of_feeling", "humanity_or_institutions")]),
    "we": ("1", [("we", "1")]),
}
"""What is compared: affective empathy, a feeling for a nation or wider, and "we"."""
MOST_AUTHORS, MOST_IN_PLACE, MOST_GROUPS = 30_000, 100, 50
LEAST_MESSAGES = 2
METHOD, TIES = "beta_binomial.v1", "validated_ties.v1"
IN_GROUPS, OTHERS = "in groups", "others"


@dataclass(frozen=True)
class _People:
    """Authors who are looked at, how many there were with messages enough, and their meetings."""

    keys: pl.Series
    eligible: int
    meetings: Meetings


class EmpathicGroups:
    """Stability of groups among co-engaged authors, their sizes, and their shares of empathy against the platform's."""

    name = "empathic_groups.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": (
            *(
                "response_id",
                "text_key",
                "lang",
                "author_key",
                "video_id",
                "platform",
                "parent_id",
                "root_id",
                "is_special",
                "source",
                "work_id",
            ),
        ),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``by`` is ``stability``, ``groups``, ``authors``, ``group_size``, ``group`` (subject ``group 1`` …) or ``grouped``."""
        rows = [one.with_(measure=self.name, rung="D", target=evidence.target) for one in _estimates(evidence, self.name)]
        return checked(estimates_frame(rows))


def _estimates(evidence: Evidence, measure: str) -> Iterator[Estimate]:
    spec = evidence.moments.groups
    people = _people(evidence)
    blank = Estimate(value=None, unit="adjusted Rand index", method=TIES, reason="no_authors", by="stability", source="observed")
    if people is None:
        yield blank
        return
    size = people.keys.len()
    yield Estimate(
        value=float(size), n=people.eligible, unit="authors", method="count.v1", reason=CENSUS, by="authors", subject="looked at", source="observed"
    )  # fmt: skip
    groups = people.meetings.groups(spec.false_discovery)
    random = generator(evidence.seed, measure, "draws")
    stable = stability(people.meetings, groups, random, draws=spec.draws, error=spec.false_discovery)
    yield stable.with_(by="stability", source="observed")
    places = _ordered(groups, max(evidence.k_anonymity, 2))
    counted = Estimate(value=None, n=size, unit="groups", method=TIES, reason="groups_not_stable", by="groups", source="observed")
    if stable.value is None:
        yield counted.with_(reason="no_ties")
        return
    if stable.value < spec.least_agreement and bool((places >= 0).any()):
        yield counted
        return
    yield counted.with_(value=float(places.max() + 1), reason=CENSUS)
    for at, members in enumerate(np.bincount(places[places >= 0])[:MOST_GROUPS].tolist()):
        yield Estimate(
            value=float(members), n=members, unit="authors", method=TIES, reason=CENSUS, by="group_size", subject=f"group {at + 1}", source="observed"
        )  # fmt: skip
    if evidence.codings is not None and evidence.abstained is not None and bool((places >= 0).any()):
        yield from _prevalences(evidence, people.keys, places)
        yield from _corrected(evidence, measure, people.keys.filter(pl.Series(places >= 0)))


def _ordered(groups: Ints, least: int) -> Ints:
    """Places of groups with enough members, the largest first; -1 for everyone else."""
    size = np.bincount(groups) if groups.size else np.zeros(0, np.int64)
    first = np.full(size.size, groups.size)
    np.minimum.at(first, groups, np.arange(groups.size))
    kept = [one for one in np.lexsort((first, -size)).tolist() if size[one] >= least]
    place = np.full(size.size, -1)
    place[kept] = np.arange(len(kept))
    return np.asarray(place[groups], np.int64)


def _people(evidence: Evidence) -> _People | None:
    """The most active authors with two messages at least, and where they met."""
    everyone = authors(evidence)
    if not everyone.height:
        return None
    active = everyone.filter(pl.col("n") >= LEAST_MESSAGES).sort("n", "author_key", descending=[True, False])
    keys = active["author_key"].head(MOST_AUTHORS).sort()
    known = pl.DataFrame({"author_key": keys}).with_row_index("person").with_columns(pl.col("person").cast(pl.Int64))
    columns = ("author_key", "response_id", "parent_id", "root_id", "video_id", "kind")
    mine = (
        evidence.responses.filter(~pl.col("is_special").fill_null(value=False))
        .select(columns)
        .join(known.lazy(), on="author_key")
        .drop("author_key")
        .collect()
    )
    threads = mine.filter(pl.col("kind") != "danmaku").select("person", place=pl.coalesce("root_id", "response_id"))
    videos = mine.select("person", place="video_id").filter(pl.col("place").is_not_null())
    few = videos.group_by("place").agg(size=pl.col("person").n_unique()).filter(pl.col("size") <= MOST_IN_PLACE).select("place")
    tables = [
        one.group_by("person", "place").agg(times=pl.len().cast(pl.Int64)).with_columns(place=pl.format(name, "place"))
        for one, name in ((threads, "thread {}"), (videos.join(few, on="place"), "video {}"))
    ]
    met = pl.concat(tables)
    sizes = met.group_by("place").agg(size=pl.len()).filter(pl.col("size") <= MOST_IN_PLACE).sort("place").with_row_index("at")
    cells = met.join(sizes.select("place", pl.col("at").cast(pl.Int64)), on="place").sort("person", "at")
    parents = mine.filter(pl.col("parent_id").is_not_null()).select("person", response_id="parent_id")
    answers = (
        parents.join(mine.select("response_id", whom="person"), on="response_id")
        .filter(pl.col("person") != pl.col("whom"))
        .group_by("person", "whom")
        .agg(times=pl.len().cast(pl.Int64))
        .sort("person", "whom")
    )
    person, place, times = (cells[name].to_numpy() for name in ("person", "at", "times"))
    meetings = Meetings(person, place, times, keys.len(), sizes.height, answers.to_numpy().reshape(-1, 3).astype(np.int64))
    return _People(keys, active.height, meetings)


def _prevalences(evidence: Evidence, keys: pl.Series, places: Ints) -> Iterator[Estimate]:
    """Shrunk shares of each group and the p of their excess over the platform, false discovery controlled over groups and codes."""
    statements = {code: statement for code, (_, statement) in CODES.items() if code in evidence.served}
    if not statements:
        return
    known = pl.DataFrame({"author_key": keys, "place": places})
    per_author = tallied(messages(evidence), stated(evidence, statements), list(statements), ["author_key", "platform"])
    times = pl.col("times").cast(pl.Int64)
    hits = [times.filter(pl.col(code)).sum().alias(code) for code in statements]
    of_author = per_author.group_by("author_key", "platform").agg(times.sum().alias("n"), *hits).join(known, on="author_key", how="left")
    usual = of_author.group_by("platform").agg(pl.col("n", *statements).sum())
    grouped = of_author.filter(pl.col("place") >= 0).join(usual, on="platform", suffix="_usual", nulls_equal=True)
    grouped = grouped.filter(pl.col("place") < MOST_GROUPS).sort("place", "author_key", "platform")
    count = int(grouped["place"].n_unique())
    owner, n = grouped["place"].to_numpy(), grouped["n"].to_numpy().astype(float)
    whole: Floats = np.bincount(owner, weights=n, minlength=count).astype(np.float64)
    rows: list[tuple[str, int, float, int, float, float]] = []
    for code in statements:
        found: Floats = np.bincount(owner, weights=grouped[code].to_numpy(), minlength=count).astype(np.float64)
        share = (grouped[f"{code}_usual"] / grouped["n_usual"]).to_numpy()
        expected = np.bincount(owner, weights=n * share, minlength=count) / np.maximum(whole, 1)
        rows += _rows_of(code, found, whole, expected, design_effect(n, owner, count, _alike(of_author, code)))
    adjusted = stats.false_discovery_control([one[-1] for one in rows]) if rows else []
    above = {at for (_, at, *_), p in zip(rows, adjusted, strict=True) if p <= evidence.moments.groups.false_discovery}
    yield machine_value(
        evidence, float(len(above)), count, least=0, by="groups_above", unit="groups", method="excess.benjamini_hochberg.v1"
    )
    for (code, at, value, hit, usually, _), p in zip(rows, adjusted, strict=True):
        size = int(whole[at])
        where: dict[str, Any] = {"code": code, "value_id": CODES[code][0], "subject": f"group {at + 1}"}
        yield machine_value(evidence, value, size, by="group", unit="share", method=METHOD, count=hit, **where)
        yield machine_value(evidence, usually, size, by="platform_baseline", unit="share", method="machine_count.v1", **where)
        if size >= evidence.k_anonymity:
            yield machine_p(evidence, float(p), size, by="group", method="excess.benjamini_hochberg.v1", **where)


def _alike(of_author: pl.DataFrame, code: str) -> float:
    authors = of_author.filter(pl.col("author_key").is_not_null()).group_by("author_key").agg(pl.col("n", code).sum()).sort("author_key")
    return intra_class(authors[code].to_numpy().astype(float), authors["n"].to_numpy().astype(float))


def _rows_of(code: str, found: Floats, n: Floats, usual: Floats, effect: Floats) -> list[tuple[str, int, float, int, float, float]]:
    shrunk, ps = beta_prior(found, n).shrunk(found, n), excess_p(found, n, usual, effect)
    return [(code, at, float(shrunk[at]), int(found[at]), float(usual[at]), float(ps[at])) for at in range(n.size)]


def _corrected(evidence: Evidence, measure: str, members: pl.Series) -> Iterator[Estimate]:
    """Shares among members of groups and among all others, corrected by gold, and their difference."""
    narrow = replace(evidence, served=[code for code in CODES if code in evidence.served], made={})
    known = pl.col("author_key").is_not_null()
    where = pl.when(pl.col("author_key").is_in(members.implode())).then(pl.lit(IN_GROUPS)).when(known).then(pl.lit(OTHERS))
    for by, one in corrected(narrow, measure, {"grouped": where}, 2):
        if one.value_id != CODES[one.code][0]:
            continue
        for at, subject in enumerate(one.subjects):
            yield corrected_share(evidence, measure, by, subject, one, at)
        if len(one.subjects) == 2:
            yield corrected_gap(evidence, one, IN_GROUPS, OTHERS, by=by, subject=f"{IN_GROUPS} − {OTHERS}")

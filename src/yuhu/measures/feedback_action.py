"""Feedback action: how often messages with empathy, and messages without, report or call to an act off the page.

Raids and boycotts are harm: they are counted apart and never among the acts. Long messages carry more codes, so that everything is compared within
channels and lengths, too.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.joint import EMPATHY, Statement, by_machine, frame_of, joint, messages, stated, tallied, unjoined, usable
from yuhu.measures.machine_rows import machine_share, machine_value
from yuhu.stats.correction.joint import DIFFERENCE
from yuhu.stats.strata import mantel_haenszel

TYPES, HARMS = ("visit", "learn", "share", "create", "sign", "donate"), ("boycott", "raid")
STAGES = ("calls", "reports")
CODE, VALUE = "action", "calls_or_reports"
ALL, WITHIN = "all", "within channel and length"
DECILES, THIRDS, CHANNELS = 10, 3, 3
"""Lengths that a machine's counts are compared within, and that corrected ones are; channels that stand for themselves there, the largest."""
_SIDES = {"with": pl.col("empathy"), "without": ~pl.col("empathy")}
_UNITS = {"difference": "difference of shares", "ratio": "ratio of shares"}


class FeedbackAction:
    """Shares of action with and without empathy, their difference and ratio, plain and within channels and lengths."""

    name = "feedback_action.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": (
            "response_id",
            "text_key",
            "lang",
            "text",
            "platform",
            "kind",
            "is_special",
            "source",
            "video_id",
            "work_id",
            "root_id",
        ),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """``by`` is ``empathy`` (subjects ``with``, ``without``), ``difference`` or ``ratio`` (subjects `ALL`, `WITHIN`)."""
        empathy = usable(evidence, EMPATHY)
        if not empathy:
            return estimates_frame([])
        wanted = {CODE: TYPES, **{f"{CODE}.{harm}": (harm,) for harm in HARMS}}
        acts = {code: usable(evidence, [(f"action.{kind}", stage) for kind in kinds for stage in STAGES]) for code, kinds in wanted.items()}
        acts = {code: found for code, found in acts.items() if found}
        if not acts:
            return estimates_frame([])
        rows = {code: list(found) for code, found in _machine(evidence, empathy, acts)}
        for code, found in _corrected(evidence, self.name, empathy, acts):
            rows[code] += found
        return checked(estimates_frame(one.with_(measure=self.name, code=code, value_id=VALUE) for code in acts for one in rows[code]))


def _machine(evidence: Evidence, empathy: Statement, acts: Mapping[str, Statement]) -> Iterator[tuple[str, Iterator[Estimate]]]:
    decided = [code for code, statement in acts.items() if by_machine(evidence, statement) and by_machine(evidence, empathy)]
    if decided:
        statements = {"empathy": empathy, **{code: acts[code] for code in decided}}
        rows = messages(evidence).with_columns(decile=_place(_lengths(evidence), DECILES))
        cells = tallied(rows, stated(evidence, statements), list(statements), ["platform", "kind", "decile"])
    for code in acts:
        yield code, _compared(evidence, cells, code) if code in decided else iter([_undecided(evidence)])


def _compared(evidence: Evidence, cells: pl.DataFrame, code: str) -> Iterator[Estimate]:
    """Shares of messages with and without empathy, plain and within strata."""
    times, has, acts = pl.col("times"), pl.col("empathy"), pl.col(code)
    strata = cells.group_by("platform", "kind", "decile").agg(
        hits=times.filter(has & acts).sum(),
        misses=times.filter(~has & acts).sum(),
        n=times.filter(has).sum(),
        others=times.filter(~has).sum(),
    )
    table = strata.sort("platform", "kind", "decile", nulls_last=True).select("hits", "misses", "n", "others").to_numpy().T
    hits, misses, n, others = (int(one) for one in table.sum(axis=1))
    yield machine_share(evidence, hits, n, by="empathy", subject="with")
    yield machine_share(evidence, misses, others, by="empathy", subject="without")
    whole = table.sum(axis=1, keepdims=True)
    pairs = (
        (ALL, mantel_haenszel(whole[:2], whole[2:]), "machine_count.v1"),
        (WITHIN, mantel_haenszel(table[:2], table[2:]), "mantel_haenszel.v1"),
    )
    for subject, pair, method in pairs:
        for by, value in zip(_UNITS, pair, strict=True):
            why = "ratio_undefined" if by == "ratio" and pair[0] is not None else "no_units"
            where = {"by": by, "subject": subject, "unit": _UNITS[by], "method": method}
            yield machine_value(evidence, value, n + others, least=min(n, others), reason=why, **where)


def _corrected(
    evidence: Evidence, measure: str, empathy: Statement, acts: Mapping[str, Statement]
) -> Iterator[tuple[str, list[Estimate]]]:  # fmt: skip
    """The same, corrected by samples in which people coded both; codes of one sample together."""
    if not evidence.gold.units.height:
        return
    samples: dict[int, list[str]] = {}
    for code, statement in acts.items():
        frame = frame_of(evidence, {"empathy": empathy, code: statement})
        if frame is None:
            blank = unjoined(evidence, by="difference", subject=ALL, unit=_UNITS["difference"], method=DIFFERENCE)
            yield code, [blank]
        else:
            samples.setdefault(next(at for at, one in enumerate(evidence.gold.frames) if one is frame), []).append(code)
    for codes in samples.values():
        yield from _of_sample(evidence, measure, empathy, {code: acts[code] for code in codes})


def _of_sample(
    evidence: Evidence, measure: str, empathy: Statement, acts: Mapping[str, Statement]
) -> Iterator[tuple[str, list[Estimate]]]:  # fmt: skip
    strata, columns = _strata(evidence), {}
    for name, here in strata.items():
        for side, flag in _SIDES.items():
            columns[f"{name} {side}"] = here & flag
            columns |= {f"{name} {side} {code}": here & flag & pl.col(code) for code in acts}
    found = joint(
        evidence, measure, {"empathy": empathy, **acts}, columns,
        groups={"platform": pl.col("platform"), "kind": pl.col("kind"), "third": _place(_lengths(evidence), THIRDS)},
    )  # fmt: skip
    if found is None:
        return
    shares = found.shares
    for code in acts:
        parts = {name: [found.part(f"{name} {side} {code}", f"{name} {side}") for side in _SIDES] for name in strata}
        one, other = parts.pop(ALL)
        rows = (
            (shares.share(one), "empathy", "with"),
            (shares.share(other), "empathy", "without"),
            (shares.difference(one, other), "difference", ALL),
            (shares.ratio(one, other), "ratio", ALL),
            (shares.adjusted_difference([(first, second) for first, second in parts.values()]), "difference", WITHIN),
        )
        yield code, [found.said(each, evidence, evidence.k_anonymity).with_(by=by, subject=subject) for each, by, subject in rows]


def _undecided(evidence: Evidence) -> Estimate:
    unit, method = _UNITS["difference"], "machine_count.v1"
    return machine_value(evidence, None, 0, reason="not_decided", by="difference", subject=ALL, unit=unit, method=method)


def _strata(evidence: Evidence) -> dict[str, pl.Expr]:
    """All messages, and those of each of the largest channels (the rest as one) and third of lengths."""

    def counted() -> list[tuple[str | None, str | None]]:
        rows = (
            evidence.responses.group_by("platform", "kind").agg(n=pl.len()).sort("n", "platform", "kind", descending=[True, False, False])
        )
        return list(rows.head(CHANNELS).select("platform", "kind").collect().iter_rows())

    largest = evidence.once("largest channels", counted)
    named = {f"{platform} {kind}": _same("platform", platform) & _same("kind", kind) for platform, kind in largest}
    channels = {**named, "rest": ~pl.any_horizontal(pl.lit(value=False), *named.values())}
    return {ALL: pl.lit(value=True)} | {
        f"{name} {third}": here & (pl.col("third") == third) for name, here in channels.items() for third in range(THIRDS)
    }


def _same(column: str, value: str | None) -> pl.Expr:
    return pl.col(column).eq_missing(pl.lit(value, dtype=pl.String))


def _lengths(evidence: Evidence) -> list[int]:
    """The longest message of each tenth of all messages but the last, in characters."""

    def found() -> list[int]:
        counted = evidence.responses.group_by(length=pl.col("text").str.len_chars()).agg(n=pl.len()).drop_nulls().sort("length").collect()
        below = counted.with_columns(place=(pl.col("n").cum_sum() - pl.col("n") / 2) / pl.col("n").sum())
        tenths = pl.DataFrame({"tenth": [tenth / DECILES for tenth in range(1, DECILES)]})
        last = tenths.join(below, how="cross").filter(pl.col("place") < pl.col("tenth")).group_by("tenth").agg(pl.col("length").max())
        return tenths.join(last, on="tenth", how="left", maintain_order="left")["length"].fill_null(0).to_list()

    return evidence.once("tenths of lengths", found)


def _place(lengths: Sequence[int], parts: int) -> pl.Expr:
    """Which part of all messages by length a message is in, from 0; parts of tenths."""
    tenth = pl.lit(pl.Series(lengths, dtype=pl.UInt32)).search_sorted(pl.col("text").str.len_chars().fill_null(0), side="left")
    return tenth.cast(pl.Int64) * parts // DECILES

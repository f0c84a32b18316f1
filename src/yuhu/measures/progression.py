"""Progression: whether feeling widens from one character to relics, a nation, humanity: within authors, and over the days in which others come to comment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from yuhu.core.estimate import Estimate, checked, estimates_frame
from yuhu.core.evidence import Evidence
from yuhu.measures.joint import EMPATHY, KEYS, OBJECTS, Statement, joint, source_of, unjoined, usable, with_statements
from yuhu.measures.machine_rows import machine_share, machine_value
from yuhu.measures.who_comments import authors, by_gold, by_machine_alone, level_of
from yuhu.stats.correction.joint import DIFFERENCE

CODE = "object_of_feeling"
WIDER = OBJECTS[1:]
"""Objects that a feeling may be at least as wide as."""
CHANGE, TURNS = "author_change", "first_and_later"
LATER_LESS_FIRST, NET = "later − first", "wider less narrower"
_COLUMNS = ("author_key", "sent_at", "video_id", "platform", "work_id", "root_id")
SIGN, _GAP = "sign_of_change.v1", "difference of shares"


class Progression:
    """Change of the object of feeling within authors, and change in who comments, split into mix and rate."""

    name = "progression.v1"
    group = "moments"
    needs: Mapping[str, Sequence[str]] = {
        "responses": (
            *(
                "response_id",
                "text_key",
                "lang",
                "author_key",
                "sent_at",
                "video_id",
                "platform",
                "is_special",
                "source",
                "work_id",
                "root_id",
            ),
        ),
        "codings": ("text_key", "lang", "code", "value"),
    }

    def estimate(self, evidence: Evidence) -> pl.DataFrame:
        """Rows ``by`` `CHANGE` (pairs of an author's consecutive messages), `TURNS` (first and later messages), ``day`` and ``mix_of_…``."""
        statements: dict[str, Statement] = {one: usable(evidence, [(CODE, one)]) for one in OBJECTS}
        if not all(statements.values()):
            return estimates_frame([])
        feeling = usable(evidence, EMPATHY)
        if feeling:
            statements["feeling"] = feeling
        said = with_statements(evidence, statements, _COLUMNS, level_of(statements) > 0)
        rows: list[Estimate] = []
        if source_of(evidence, statements) == "corrected":
            felt = _felt(evidence, statements, said)
            rows += [*_within(evidence, felt), *_turns_by_machine(evidence, felt), *by_machine_alone(evidence, felt)]
        else:
            rows.append(machine_value(evidence, None, 0, reason="not_decided", by=CHANGE, subject=NET, unit=_GAP, method=SIGN))
        rows += [*_turns(evidence, self.name, statements, said), *by_gold(evidence, self.name, statements, said)]
        return checked(estimates_frame(one.with_(measure=self.name, code=CODE) for one in rows))


def _felt(evidence: Evidence, statements: Mapping[str, Statement], said: pl.DataFrame) -> pl.DataFrame:
    """Messages with a feeling for somebody: ``response_id, author_key, sent_at, video_id, platform, lang, level`` (from 1, one character, to 4)."""
    placed = said.with_columns(level=level_of(statements))
    if evidence.abstained is not None:
        placed = placed.lazy().join(evidence.abstained, on=KEYS, how="anti").collect()
    return placed.select("response_id", *dict.fromkeys([*_COLUMNS, "lang"]), "level")


def _within(evidence: Evidence, felt: pl.DataFrame) -> Iterator[Estimate]:
    """Pairs of consecutive messages of one author; of two sent at the same time nobody knows which came first."""
    known = felt.filter(pl.col("author_key").is_not_null())
    pairs = (
        known.filter(pl.col("sent_at").is_not_null())
        .sort("author_key", "sent_at", "response_id")
        .select(
            "author_key",
            moved=(pl.col("level") - pl.col("level").shift(1)).over("author_key", order_by=["sent_at", "response_id"]),
            since=pl.col("sent_at").diff().over("author_key", order_by=["sent_at", "response_id"]),
        )
        .filter(pl.col("since") > pl.duration())
    )
    n, authors = pairs.height, pairs["author_key"].n_unique()
    where: dict[str, Any] = {"by": CHANGE, "least": authors, "reason": "no_pairs" if known.height else "no_authors"}
    wider, narrower = int((pairs["moved"] > 0).sum()), int((pairs["moved"] < 0).sum())
    for subject, count in (("wider", wider), ("narrower", narrower), ("same", n - wider - narrower)):
        yield machine_share(evidence, count, n, subject=subject, **where)
    net = (wider - narrower) / n if n else None
    yield machine_value(evidence, net, n, subject=NET, unit=_GAP, method=SIGN, **where)
    yield machine_value(evidence, float(authors) if n else None, n, subject="authors", unit="authors", method="count.v1", **where)


def _with_turn(rows: pl.LazyFrame, evidence: Evidence) -> pl.LazyFrame:
    """Messages with their ``turn``: whether they are their author's first or a later one; none of authors with one message."""
    several = authors(evidence).lazy().filter("several").select("author_key", "first")
    turn = pl.when(pl.col("sent_at") == pl.col("first")).then(pl.lit("first")).otherwise(pl.lit("later"))
    told = pl.when(pl.col("first").is_not_null() & pl.col("sent_at").is_not_null()).then(turn)
    return rows.join(several, on="author_key", how="left").with_columns(turn=told)


def _turns_by_machine(evidence: Evidence, felt: pl.DataFrame) -> Iterator[Estimate]:
    """How wide the feeling is in first and in later messages, as the machine has it."""
    if not felt["author_key"].is_not_null().any():
        return
    placed = _with_turn(felt.lazy(), evidence).collect()
    for turn in ("first", "later"):
        levels = placed.filter(pl.col("turn") == turn)["level"]
        for at, value_id in enumerate(WIDER, start=2):
            yield machine_share(evidence, int((levels >= at).sum()), levels.len(), by=TURNS, subject=turn, value_id=value_id)


def _turns(evidence: Evidence, measure: str, statements: Mapping[str, Statement], said: pl.DataFrame) -> Iterator[Estimate]:
    """The same, corrected by gold in which people coded feeling and object."""
    if not evidence.gold.units.height:
        return
    columns: dict[str, pl.Expr] = {}
    felt_for = {at: any_of(statements, at) for at in range(1, len(OBJECTS) + 1)}
    for turn in ("first", "later"):
        here = pl.col("turn") == turn
        columns[turn] = here & felt_for[1]
        columns |= {f"{turn} {value_id}": here & felt_for[at] for at, value_id in enumerate(WIDER, start=2)}
    found = joint(evidence, measure, statements, columns, attach=lambda rows: _with_turn(rows, evidence), attached=("turn",), said=said)
    where = {"by": TURNS, "subject": LATER_LESS_FIRST}
    if found is None:
        yield unjoined(evidence, unit=_GAP, method=DIFFERENCE, **where)
        return
    for value_id in WIDER:
        later, first = (found.part(f"{turn} {value_id}", turn) for turn in ("later", "first"))
        for one, subject in (
            (found.shares.share(first), "first"),
            (found.shares.share(later), "later"),
            (found.shares.difference(later, first), LATER_LESS_FIRST),
        ):
            yield found.said(one, evidence, evidence.k_anonymity).with_(by=TURNS, subject=subject, value_id=value_id)


def any_of(statements: Mapping[str, Statement], least: int) -> pl.Expr:
    """A feeling for an object that is at least so wide."""
    wide = pl.any_horizontal(*(pl.col(one) for one in OBJECTS[least - 1 :]))
    return wide & pl.col("feeling") if "feeling" in statements else wide

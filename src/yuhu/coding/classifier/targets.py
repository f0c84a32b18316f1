"""What there is to learn: the decisions that people's labels suffice for, each as yes-or-no questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from yuhu.core.codebook import Codebook, Variable
from yuhu.core.ids import content_hash

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Decision:
    """A decision and the values that a question is asked for.

    ``asked`` are steps ("at least this") where `is_ordered`, else values ("this one"). ``within`` names the decisions one of which must be there for this
    one to be made: an attribute is of something.
    """

    id: str
    level: str
    values: tuple[str, ...]
    zero: str | None
    asked: tuple[str, ...]
    within: tuple[str, ...] = ()

    @property
    def is_ordered(self) -> bool:
        """Whether its values stand in an order."""
        return self.level != "nominal"

    def is_of(self, book: Codebook, variable: Variable) -> bool:
        """Whether this is what a codebook decides under that name."""
        own = (self.id, self.level, self.values, self.zero, self.within)
        return own == (variable.id, variable.level, variable.values, variable.zero, _within(book, variable))


@dataclass(frozen=True)
class Labels:
    """Labelled texts and what people said of them.

    ``texts``: ``text_key, lang, text``, sorted. ``shares[decision]``: (texts, values), the share of coders for each value; NaN in rows without a label.
    """

    texts: pl.DataFrame
    shares: dict[str, Floats]
    data_hash: str

    def question(self, decision: Decision, value: str) -> Floats:
        """The share of yes for a question, NaN where the text has no label for the decision."""
        at = decision.values.index(value)
        shares = self.shares[decision.id]
        return shares[:, at:].sum(axis=1) if decision.is_ordered else shares[:, at]


def read_labels(frame: pl.DataFrame, variables: Sequence[Variable]) -> Labels:
    """Labels by text.

    Parameters
    ----------
    frame : pl.DataFrame
        As `CoderSetup.labels` gives it.
    variables : sequence of Variable
        Decisions to look for.

    Notes
    -----
    O(rows log rows). A text that was met in several contexts has the mean of what was said of it.
    """
    values = {variable.id: variable.values for variable in variables}
    known = pl.DataFrame([(name, value) for name in values for value in values[name]], schema=["code", "value"], orient="row")
    rows = (
        frame.select("text_key", "lang", "text", "code", "value", "weight")
        .join(known.cast(pl.String), on=["code", "value"], how="semi")
        .filter(pl.col("weight") > 0)
        .group_by("text_key", "lang", "code", "value")
        .agg(pl.col("text").min(), pl.col("weight").sum())
        .sort("text_key", "lang", "code", "value")
        .with_columns(share=pl.col("weight") / pl.col("weight").sum().over("text_key", "lang", "code"))
    )
    texts = rows.select("text_key", "lang", "text").unique(["text_key", "lang"], keep="first").sort("text_key", "lang")
    placed = rows.join(texts.with_row_index("row").drop("text"), on=["text_key", "lang"], how="left", maintain_order="left")
    shares: dict[str, Floats] = {}
    for (name,), part in placed.group_by("code", maintain_order=True):
        table = np.full((texts.height, len(values[str(name)])), np.nan)
        table[part["row"].to_numpy()] = 0.0
        columns = part["value"].replace_strict({value: at for at, value in enumerate(values[str(name)])}, return_dtype=pl.Int64)
        table[part["row"].to_numpy(), columns.to_numpy()] = part["share"].to_numpy()
        shares[str(name)] = table
    return Labels(texts, shares, content_hash(rows.select("text_key", "lang", "text", "code", "value", "weight").write_csv().encode()))


def learnable(book: Codebook, labels: Labels, variables: Sequence[Variable], *, least_texts: int, least_value: int) -> list[Decision]:
    """The decisions that people's labels suffice for, in codebook order.

    A question is asked where at least `least_value` texts say yes and as many say no; a nominal decision needs two values with as many. What has fewer is
    never predicted. An attribute needs a decision of its code.
    """
    found: list[Decision] = []
    for variable in variables:
        if variable.id not in labels.shares:
            continue
        decision = Decision(variable.id, variable.level, variable.values, variable.zero, ())
        n = int(np.isfinite(labels.shares[variable.id][:, 0]).sum())
        yes = {value: float(np.nansum(labels.question(decision, value))) for value in _possible(decision)}
        asked = tuple(value for value, count in yes.items() if min(count, n - count) >= least_value - 1e-9)
        if n >= least_texts and len(asked) >= (1 if decision.is_ordered else 2):
            found.append(Decision(variable.id, variable.level, variable.values, variable.zero, asked, _within(book, variable)))
    made = {decision.id for decision in found}
    return [decision for decision in found if not decision.within or made & set(decision.within)]


def decision_of(book: Codebook, variable: Variable) -> Decision:
    """A decision all of whose questions are asked."""
    asked = variable.values if variable.level == "nominal" else variable.values[1:]
    return Decision(variable.id, variable.level, variable.values, variable.zero, asked, _within(book, variable))


def _possible(decision: Decision) -> tuple[str, ...]:
    return decision.values[1:] if decision.is_ordered else decision.values


def _within(book: Codebook, variable: Variable) -> tuple[str, ...]:
    if not variable.is_attribute:
        return ()
    return tuple(one.id for one in book.code(variable.code).variables() if not one.is_attribute)

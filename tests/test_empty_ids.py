"""A record whose id is empty has none, whatever stands beside it."""

from pathlib import Path

import polars as pl
import pytest

from yuhu.core.contracts import Batch, Origin
from yuhu.study.intake import Draft, Intake
from yuhu.study.known import KnownResponses
from yuhu.study.pseudonyms import Pseudonyms


def ids(natives):
    rows = pl.DataFrame({"native": natives}, schema={"native": pl.String}).with_columns(
        platform=pl.lit("weibo"), video=pl.lit("1"), fork=pl.lit("comment"), kind=pl.lit("comment"), text=pl.lit("一样")
    )
    batch = Batch(rows.height, rows.height, responses=rows)
    taken = Intake(Pseudonyms(b"0" * 32), KnownResponses([])).take([Draft("source", Origin(Path("a.csv")), batch)])
    return [one.removeprefix("weibo:1:comment:") for one in taken.tables["responses"]["response_id"]]


@pytest.mark.parametrize("natives", [["a", "", ""], ["a", None, ""], ["a", None, None]])
def test_an_empty_id_is_none(natives):
    first, second, third = ids(natives)
    assert first == "a"
    assert second == third.replace(".1", ".0")
    assert second.startswith("h")
    assert third.endswith(".1"), "equal records are told apart by how often they came"

"""People that were met: whole columns get the keys that each person gets alone, whatever was asked for before."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.study import pseudonyms
from yuhu.study.met_people import MetPeople
from yuhu.study.pseudonyms import Pseudonyms

SECRET = b"a secret of a study, 32 bytes...."
PEOPLE = st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", "人", "1" * 40]), st.text(max_size=6)), max_size=12)


def column(people):
    return pl.Series("person", people, dtype=pl.String).cast(pl.String)


@pytest.mark.parametrize("remembered", [0, 3, 500_000])
@given(columns=st.lists(st.tuples(st.sampled_from(["bilibili", "weibo"]), PEOPLE), max_size=6))
def test_a_column_gets_the_keys_of_its_people(remembered, columns):
    made, alone = Pseudonyms(SECRET), Pseudonyms(SECRET)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pseudonyms, "_REMEMBERED", remembered)
        for platform, drawn in columns:
            people = column([one if one is None else one.encode("utf-8", "replace").decode() for one in drawn])
            expected = [one if one is None else alone.key(platform, one) for one in people]
            assert made.key_column(platform, people).to_list() == expected
            assert made.keys(platform, people.drop_nulls().to_list()) == [key for key in expected if key is not None]


def test_people_met_are_not_worked_out_again(monkeypatch):
    made = Pseudonyms(SECRET)
    first = made.key_column("weibo", column(["a", "b", None, "a"]))
    monkeypatch.setattr(Pseudonyms, "keys", lambda *_: pytest.fail("worked out again"))
    assert made.key_column("weibo", column(["b", None, "a", "a"])).to_list() == [first[1], None, first[0], first[0]]


def test_two_people_with_one_hash():
    of_a = column(["a"]).hash().to_numpy()
    met = MetPeople(of_a, np.zeros(1, np.int64), column(["b"]), column(["key of b"]))
    assert met.keys_of(column(["a"])).to_list() == [None], "the hash is that of a, the person is not"
    joined = met.joined_by(column(["a", "c", "c"]), column(["key of a", "key of c", "key of c"]))
    assert len(joined) == 2
    assert joined.keys_of(column(["a", "c", None])).to_list() == [None, "key of c", None]
    assert (joined.hashes[1:] > joined.hashes[:-1]).all()

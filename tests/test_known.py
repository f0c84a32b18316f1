"""Ids that are known already."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from yuhu.study.known import KnownResponses

GROUPS = st.lists(st.tuples(st.lists(st.integers(0, 40), max_size=30), st.sampled_from(["keep", "settle", "revoke"])), max_size=12)


def rows(ids):
    return pl.DataFrame(
        {"response_id": [f"p:v:f:{one}" for one in ids], "video_id": ["p:v"] * len(ids)},
        schema={"response_id": pl.String, "video_id": pl.String},
    )


@given(st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=3), GROUPS)
def test_an_id_is_new_once(earlier, groups):
    known = KnownResponses([(None, rows(part).lazy()) for part in earlier])
    settled, fresh = {one for part in earlier for one in part}, set()
    for ids, then in groups:
        expected = []
        for one in ids:
            expected.append(one not in settled and one not in fresh)
            fresh.add(one)
        fresh -= settled
        assert known.is_new(rows(ids)).to_list() == expected
        if then == "settle":
            known.settle()
            settled, fresh = settled | fresh, set()
        elif then == "revoke":
            known.revoke()
            fresh = set()


def test_partitions_are_read_once_their_videos_turn_up():
    known = KnownResponses([(["other:1"], rows([1]).lazy()), (["p:v"], rows([2]).lazy())])
    assert known.is_new(rows([1, 2, 3])).to_list() == [True, False, True]

"""Empathic groups: planted ones found with their excess, none among strangers, memberships that do not last, suppression, gold."""

import numpy as np
import polars as pl
import pytest

from joint_worlds import row, with_errors, world
from test_measures import evidence, get
from yuhu.core.moments import Groups, MomentsSpec
from yuhu.measures.empathic_groups import IN_GROUPS, OTHERS, EmpathicGroups
from yuhu.testing import check_measure

CODES = ("affective_empathy", "we")
FEW = MomentsSpec(groups=Groups(draws=30))


def threads(seed, *, groups=3, members=8, strangers=600, own=14, feels=0.6, usual=0.15, gold=0, errs=False, present=0.85):
    """Groups whose members answer below the same 14 posts of 1,500; the first of them expresses more empathy than usual."""
    rng = np.random.default_rng(seed)
    rows, truth = [], []

    def write(author, thread, chance):
        rows.append(row(len(rows), author_key=author, kind="reply", root_id=f"t{thread}", parent_id=f"t{thread}"))
        truth.append({"affective_empathy": "1"} if rng.random() < chance else {})

    for group in range(groups):
        for thread in rng.choice(1_500, own, replace=False):
            for member in range(members):
                for _ in range(int(rng.random() < present) * (1 + rng.poisson(1))):
                    write(f"g{group}-{member}", thread, feels if group == 0 else usual)
    for stranger in range(strangers):
        for thread in rng.choice(1_500, rng.integers(1, 6), replace=False):
            write(f"s{stranger}", thread, usual)
    said = with_errors(rng, truth, "affective_empathy", "1", finds=0.8, invents=0.1) if errs else truth
    return world(rows, truth, said, CODES, gold=gold, seed=seed, moments=FEW)


def test_planted_groups_are_found():
    frame = check_measure(EmpathicGroups(), threads(1))
    assert get(frame, by="stability")["value"] > 0.8
    assert get(frame, by="groups")["value"] == 3
    assert frame.filter(pl.col("by") == "group_size")["value"].to_list() == [8, 8, 8]
    above = frame.filter((pl.col("by") == "group") & (pl.col("unit") == "p") & (pl.col("code") == "affective_empathy"))
    assert (above["value"] <= 0.05).sum() == 1
    subject = above.filter(pl.col("value") <= 0.05)["subject"].item()
    shares = {
        one["subject"]: one["value"]
        for one in frame.filter((pl.col("by") == "group") & (pl.col("unit") == "share") & (pl.col("code") == "affective_empathy")).iter_rows(named=True)
    }  # fmt: skip
    assert shares[subject] == max(shares.values()) > 0.5
    assert get(frame, by="group", subject=subject, code="affective_empathy", unit="share")["reason"] == "machine_only_not_validated"


def test_no_excess_where_none_is():
    wrong = 0
    for seed in range(15):
        frame = EmpathicGroups().estimate(threads(50 + seed, feels=0.15))
        wrong += (frame.filter((pl.col("by") == "group") & (pl.col("unit") == "p"))["value"] <= 0.05).any()
    assert wrong <= 3


def test_strangers_are_no_group():
    frame = check_measure(EmpathicGroups(), threads(2, groups=0))
    assert not frame.filter(pl.col("by") == "group_size").height
    assert not (frame.filter(pl.col("by") == "groups")["value"] > 0).any()


def test_memberships_that_do_not_last():
    """Members share two or three places of a few messages each: drawn again, half of these are gone."""
    frame = check_measure(EmpathicGroups(), threads(3, own=3, present=0.7))
    row_ = get(frame, by="groups")
    assert (row_["value"], row_["reason"]) == (None, "groups_not_stable")
    assert get(frame, by="stability")["value"] < 0.6
    assert not frame.filter(pl.col("by").is_in(["group", "group_size"])).height


def test_small_groups_are_not_shown():
    frame = EmpathicGroups().estimate(threads(4, members=4))
    assert get(frame, by="groups")["value"] == 0
    assert not frame.filter(pl.col("by") == "group").height


def test_gold_speaks_of_members_and_others():
    facts = threads(5, groups=12, feels=0.15, usual=0.15, gold=900, errs=True)
    frame = check_measure(EmpathicGroups(), facts)
    gap = get(frame, by="grouped", subject=f"{IN_GROUPS} − {OTHERS}", code="affective_empathy")
    assert gap["low"] < 0 < gap["high"]
    assert get(frame, by="grouped", subject=IN_GROUPS, code="affective_empathy")["n_gold"] > 100


@pytest.mark.parametrize("keys", [None, "alone"])
def test_without_authors_or_meetings(keys):
    rows = [row(at, author_key=None if keys is None else f"a{at}") for at in range(30)]
    frame = check_measure(EmpathicGroups(), evidence(rows, served=CODES, moments=FEW))
    assert get(frame, by="stability")["reason"] == ("no_authors" if keys is None else "no_ties")


def test_answers_that_go_both_ways_tie():
    """Five who answer each other in a ring of pairs, ten times each."""
    rows = []
    for one in range(5):
        for other in ((one + 1) % 5, (one - 1) % 5):
            for _ in range(10):
                root = len(rows)
                rows.append(row(root, author_key=f"a{other}", kind="comment"))
                rows.append(row(root + 1, author_key=f"a{one}", kind="reply", parent_id=f"r{root:06d}", root_id=f"r{root:06d}"))
    frame = check_measure(EmpathicGroups(), evidence(rows, served=CODES, moments=FEW))
    assert get(frame, by="groups")["value"] == 1
    assert get(frame, by="group_size")["value"] == 5

"""Near copies: exact similarity, planted edits, chains, and the same groups in any order."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.texts.bigrams import sketch
from yuhu.texts.near import LEAST, SHORTEST, near_groups

HAN = [chr(0x4E00 + at) for at in range(3000)]


def bigrams(text):
    return {text[at : at + 2] for at in range(len(text) - 1)}


def similarity(one, other):
    a, b = bigrams(one), bigrams(other)
    return len(a & b) / len(a | b)


def groups(texts):
    """Groups as sets of texts, whatever they are called."""
    found = {}
    for text, first in zip(texts, near_groups(pl.Series(texts, dtype=pl.String)), strict=True):
        found.setdefault(texts[first], set()).add(text)
    return found


def drawn(dice, n, shortest=8, longest=30):
    return sorted({"".join(dice.choices(HAN, k=dice.randint(shortest, longest))) for _ in range(n)})


def edited(dice, text, kind):
    at = dice.randrange(1, len(text) - 1)
    new = dice.choice(HAN)
    return {
        "replace": text[:at] + new + text[at + 1 :],
        "insert": text[:at] + new + text[at:],
        "delete": text[:at] + text[at + 1 :],
        "append": text + new,
    }[kind]


@given(st.lists(st.text("abcde好坏", min_size=2, max_size=12), min_size=2, max_size=8, unique=True))
def test_law_similarity_is_jaccard_of_bigrams(texts):
    held, sketches = sketch(pl.Series(texts, dtype=pl.String), bands=3, rows=2)
    one, other = (np.array(places) for places in zip(*[(a, b) for a in range(len(texts)) for b in range(len(texts))], strict=True))
    found = held.similarity(one, other)
    assert found == pytest.approx([similarity(texts[a], texts[b]) for a, b in zip(one, other, strict=True)])
    assert held.sizes.tolist() == [len(bigrams(text)) for text in texts]
    assert (sketches.agreeing(one, one) == 6).all()


@given(st.lists(st.text("abc好坏", min_size=1, max_size=14), max_size=14, unique=True), st.randoms(use_true_random=False))
def test_law_groups_hold_what_is_near_and_nothing_else(texts, dice):
    found = groups(texts)
    assert sorted(text for members in found.values() for text in members) == sorted(texts)
    for first, members in found.items():
        assert first == min(members)
        for text in members:  # whoever is in a group with others is near to one of them
            others = [similarity(text, other) for other in members - {text}]
            assert not others or max(others) >= LEAST
            assert len(members) == 1 or len(text) >= SHORTEST
    shuffled = dice.sample(texts, len(texts))
    assert groups(shuffled) == found


def test_planted_near_copies_are_found():
    """The test's floor lies below what docs/cleaning.md reports: 99.7 % of pairs, and none that is not near."""
    dice = random.Random(7)
    texts = drawn(dice, 3000)
    planted = [(text, edited(dice, text, kind)) for kind in ("replace", "insert", "delete", "append") for text in dice.sample(texts, 400)]
    near = [(text, copy) for text, copy in planted if similarity(text, copy) >= LEAST and len(copy) >= SHORTEST]
    found = groups(sorted({*texts, *(copy for _, copy in planted)}))
    group_of = {text: first for first, members in found.items() for text in members}
    caught = [group_of[text] == group_of[copy] for text, copy in near]
    assert len(caught) > 1200
    assert sum(caught) / len(caught) >= 0.99
    strangers = [(text, copy) for text, copy in planted if similarity(text, copy) < LEAST]
    assert len(strangers) > 100
    assert sum(group_of[text] == group_of[copy] for text, copy in strangers) / len(strangers) <= 0.02


def test_most_pairs_above_the_threshold_are_found_and_a_share_near_it_is_missed():
    dice = random.Random(11)
    base = "".join(dice.sample(HAN, 40))
    texts = sorted({edited(dice, edited(dice, base, "replace"), "replace") for _ in range(300)})
    assert len(groups(texts)) == 1, "hundreds of slight changes of one text are one chain"


def test_a_chain_links_texts_that_are_far_apart():
    dice = random.Random(3)
    letters = dice.sample(HAN, 60)
    chain = ["".join(letters[at : at + 20]) for at in range(0, 40, 2)]
    found = groups(chain)
    assert len(found) == 1
    assert similarity(chain[0], chain[-1]) == 0


def test_short_texts_and_decoration_have_no_near_copies():
    texts = ["哭死我了啊", "哭死我了呀", "[doge][doge]", "[doge][doge][doge]", "her story made me cry", "her story made me cry."]
    assert len(groups(texts)) == len(texts)
    assert len(groups(["她的故事让我哭了很久", "她的故事让我哭了很久啊"])) == 1


def test_nothing_and_one_text():
    assert near_groups(pl.Series([], dtype=pl.String)).tolist() == []
    assert near_groups(pl.Series(["只有一条比较长的文本"])).tolist() == [0]


def test_more_characters_than_numbers():
    ranges = [(0x3400, 0x4DC0), (0x4E00, 0xA000), (0xAC00, 0xD7A4), (0x20000, 0x2A6E0)]
    rare = [chr(at) for first, last in ranges for at in range(first, last)]
    assert len(rare) > 0x10000
    texts = ["".join(rare[at : at + 10]) for at in range(0, len(rare) - 10, 10)]
    found = groups([*texts, texts[-1] + "了"])
    assert len(found) == len(texts), "only the text with one more character is near to another"

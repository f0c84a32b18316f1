"""Many patterns at once: the same places as looking for each alone."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.texts.automaton import Automaton

PIECES = ["a", "b", "ab", "é", "ñ", "好", "好a", "😭", "😭好", " ", "7", "ß", "ǿ", "\u00bf"]
PATTERNS = st.lists(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("".join), min_size=1, max_size=8)
TEXTS = st.lists(st.none() | st.lists(st.sampled_from(PIECES), max_size=10).map("".join), max_size=5)


def found(patterns, texts, *, begins=None, ends=None, marks=None):
    plain = [False] * len(patterns)
    places = Automaton(patterns, begins or plain, ends or plain, marks or plain).places(pl.Series(texts, dtype=pl.String))
    return list(zip(places.text.tolist(), places.pattern.tolist(), places.start.tolist(), strict=True)), places.marked.tolist()


def looked_for(patterns, texts):
    """Every place by slicing, those that end first first, of those that end together the longest first."""
    for number, text in enumerate(texts):
        content = (text or "").encode()
        for end in range(len(content) + 1):
            for start in range(end):
                yield from ((number, at, start) for at, pattern in enumerate(patterns) if pattern.encode() == content[start:end])


@given(PATTERNS, TEXTS)
def test_law_every_place_of_every_pattern(patterns, texts):
    places, marked = found(patterns, texts)
    assert places == list(looked_for(patterns, texts))
    assert not any(marked)


@given(PATTERNS, TEXTS)
def test_law_patterns_that_mark_have_no_places(patterns, texts):
    marks = [at % 2 == 0 for at in range(len(patterns))]
    places, marked = found(patterns, texts, marks=marks)
    every = list(looked_for(patterns, texts))
    assert places == [place for place in every if not marks[place[1]]]
    assert marked == [any(marks[at] for text, at, _ in every if text == number) for number in range(len(texts))]


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        ("cry", True, True),
        (" cry.", True, True),
        ("好cry好", True, True),
        ("acry", False, True),
        ("0cry", False, True),
        ("écry", False, True),
        ("ɏcry", False, True),
        ("ʀcry", True, True),
        ("¿cry", True, True),
        ("cry9", True, False),
        ("cryñ", True, False),
        ("cryʀ", True, True),
        ("cry¿", True, True),
        ("xcryx", False, False),
    ],
)
def test_ends_of_words(text, begins, ends):
    assert bool(found(["cry"], [text], begins=[True])[0]) is begins
    assert bool(found(["cry"], [text], ends=[True])[0]) is ends
    assert bool(found(["cry"], [text], begins=[True], ends=[True])[0]) is (begins and ends)
    assert found(["cry"], [text])[0]


def test_a_part_of_a_table_is_read_from_its_own_first_text():
    texts = pl.Series(["哭 哭", "a", "哭", None, "不哭"])
    assert Automaton(["哭"], [False], [False], [False]).places(texts[2:]).text.tolist() == [0, 2]


def test_more_places_than_there_was_room_for():
    places, _ = found(["aa", "a"], ["a" * 5000, "", "aa"])
    assert len(places) == 5000 + 4999 + 3
    assert places[-1] == (2, 1, 1)


def test_no_text_and_no_pattern():
    assert found(["a"], []) == ([], [])
    assert found(["a"], [None, ""]) == ([], [False, False])
    assert found([], ["abc"]) == ([], [False])

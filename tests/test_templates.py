"""Sentences with places: found as a regular expression finds them, however long the text and whatever is in it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from yuhu.core.templates import Templates, fill

WORDS = st.text("ab ,", max_size=3)


@given(st.lists(WORDS, min_size=2, max_size=5), st.text("ab ,\n", max_size=30))
def test_places_are_those_of_a_lazy_regular_expression(words, text):
    template = words[0] + "".join(f"{{{at}}}{word}" for at, word in enumerate(words[1:]))
    expected = re.compile("(.+?)".join(map(re.escape, words)), re.DOTALL).fullmatch(text)
    assert Templates([template]).of(text) == (expected and (template, expected.groups()))


@given(st.lists(st.text("ab", min_size=1, max_size=3), min_size=2, max_size=4))
def test_what_was_filled_in_is_found_again(parts):
    template = "first " + ", then ".join(f"{{{at}}}" for at in range(len(parts))) + "!"
    assert Templates([template]).of(fill(template, parts)) == (template, tuple(parts))


def test_a_text_made_of_the_words_between_is_no_burden():
    """A regular expression tries each way to place four words among a thousand of them."""
    template = "position from {0} ({1}), retention from {2} ({3})"
    text = "position from " + "x (x), retention from " * 150 + "x\n!"
    assert Templates([template]).of(text) is None

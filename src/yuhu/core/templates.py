"""Sentences with places that are filled: which one a text is, and what stands in its places."""

import re
from collections.abc import Iterable, Sequence

_PLACE = re.compile(r"\{[0-9]+\}")
_LONGEST = 4000


class Templates:
    """Sentences among which a text is looked up.

    Parameters
    ----------
    templates : iterable of str
        ``{0}``, ``{1}``, … in the order in which they come; each stands for one character or more.

    Notes
    -----
    A text may be several sentences: that with the most letters of its own counts. Looking one up is linear in the number of sentences and in the text, whatever
    it holds; a plain sentence is found at once. Texts of more than 4,000 characters are none.
    """

    def __init__(self, templates: Iterable[str]) -> None:
        every = sorted(set(templates), key=lambda one: -len(_PLACE.sub("", one)))
        self._plain = frozenset(one for one in every if not _PLACE.search(one))
        self._filled = [(one, _PLACE.split(one)) for one in every if one not in self._plain]

    def of(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """The sentence that a text is, and what stands in its places; None if it is none."""
        if text in self._plain:
            return text, ()
        if len(text) > _LONGEST:
            return None
        for template, words in self._filled:
            if parts := _between(words, text):
                return template, parts
        return None


def fill(template: str, parts: Iterable[str]) -> str:
    """A sentence with its places filled. Braces in what is filled in stay as they are."""
    held = tuple(parts)
    return _PLACE.sub(lambda place: held[int(place[0][1:-1])], template)


def _between(words: Sequence[str], text: str) -> tuple[str, ...] | None:
    """What stands between words that follow each other from the start of a text to its end, as little as can be; None where they do not.

    Words are taken where they come first: that leaves those behind them most room, so that no other way need be tried, and a text made to slow this down cannot.
    """
    first, *inner, last = words
    at, end = len(first), len(text) - len(last)
    if not text.startswith(first) or not text.endswith(last):
        return None
    parts = []
    for word in inner:
        found = text.find(word, at + 1, end)
        if found < 0:
            return None
        parts.append(text[at:found])
        at = found + len(word)
    return (*parts, text[at:end]) if at < end else None

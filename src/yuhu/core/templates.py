"""Sentences with places that are filled: which one a text is, and what stands in its places."""

import re
from collections.abc import Iterable

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
    A text may be several sentences: that with the most letters of its own counts. Looking one up is linear in the number of sentences, a plain one is found at
    once. Texts of more than 4,000 characters are none.
    """

    def __init__(self, templates: Iterable[str]) -> None:
        every = sorted(set(templates), key=lambda one: -len(_PLACE.sub("", one)))
        self._plain = frozenset(one for one in every if not _PLACE.search(one))
        self._filled = [(one, _pattern(one)) for one in every if one not in self._plain]

    def of(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """The sentence that a text is, and what stands in its places; None if it is none."""
        if text in self._plain:
            return text, ()
        if len(text) > _LONGEST:
            return None
        for template, pattern in self._filled:
            if match := pattern.fullmatch(text):
                return template, match.groups()
        return None


def fill(template: str, parts: Iterable[str]) -> str:
    """A sentence with its places filled. Braces in what is filled in stay as they are."""
    held = tuple(parts)
    return _PLACE.sub(lambda place: held[int(place[0][1:-1])], template)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(part) for part in _PLACE.split(template)), re.DOTALL)

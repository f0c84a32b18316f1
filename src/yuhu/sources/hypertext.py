"""Messages that come as HTML, as the plain text that a reader sees."""

import html
import re
from html.parser import HTMLParser

_TAG = re.compile(r"<[^>]*>")
_BREAKS = frozenset({"br", "p", "div", "li"})


class _Seen(HTMLParser):
    """Collects what is seen: text, line breaks, and the words that stand for a picture (an emoticon's ``alt``)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br" or (tag in _BREAKS and self.parts):
            self.parts.append("\n")
        elif tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")


def plain(text: str) -> str:
    """The text of a piece of HTML: tags gone, ``<br>`` as a line break, emoticons as their words, character references as characters.

    Text without ``<`` and ``&`` comes back as it is. What is no HTML after all (``1 < 2``, ``<3``) is kept.
    """
    if "<" not in text and "&" not in text:
        return text
    seen = _Seen()
    try:
        seen.feed(text)
        seen.close()
    except AssertionError:  # html.parser gives up on marked sections that it does not know
        return html.unescape(_TAG.sub("", text))
    return "".join(seen.parts)

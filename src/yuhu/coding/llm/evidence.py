"""Where a quoted passage stands in a text."""

import json
import re

VERSION = "quotes.v1"
_ESCAPE = re.compile(r'(?:\\u[0-9a-fA-F]{4})+|\\["\\/bfnrt]')
_SPACE = re.compile(r"\s")
_FULL, _FULL_END, _SHIFT = 0xFF01, 0xFF5E, 0xFEE0


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """The first place of a quote in a text, as character offsets with the end exclusive; None where it does not stand there.

    Full and half width of ASCII characters are the same, and so are runs of white space; all else must be equal. O(len(text)).
    """
    plain, places = _plain(text)
    for one in (quote, _unescaped(quote)):
        sought = _plain(one)[0].strip(" ")
        at = plain.find(sought) if sought else -1
        if at >= 0:
            return places[at], places[at + len(sought) - 1] + 1
    return None


def _unescaped(quote: str) -> str:
    """The quote without the escapes of JSON, which some models copy as they see them."""
    plain = _ESCAPE.sub(lambda found: str(json.loads(f'"{found.group()}"')), quote)
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _plain(text: str) -> tuple[str, list[int]]:
    """The text in half width with single spaces, and where each of its characters stands in the text."""
    out: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        if _SPACE.match(char):
            if out and out[-1] == " ":
                continue
            plain = " "
        else:
            plain = chr(ord(char) - _SHIFT) if _FULL <= ord(char) <= _FULL_END else char
        out.append(plain)
        places.append(at)
    return "".join(out), places

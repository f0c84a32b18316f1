"""Cells of tables that people open in a spreadsheet: nothing that a stranger wrote is run as a formula, and all of it is read back."""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,15})?")


def safe_cell(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet could take it for a formula; numbers stay as they are."""
    return f"'{text}" if _RISKY.match(text) and not _NUMBER.fullmatch(text) else text


def plain_cell(text: str) -> str:
    """The text of a cell without the apostrophe that `safe_cell` put before it."""
    return text[1:] if _QUOTED.match(text) else text

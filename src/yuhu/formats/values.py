"""Values as other programs write them, brought to the values of a code."""

import re

from yuhu.formats.book_drafts import BookDraft

_WHOLE = re.compile(r"([+-]?\d{1,15})\.0*")
_DECIMAL = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,12})?")


def fitting(book: BookDraft, code: str, value: str) -> str | None:
    """The value of a code that a text means: its id, a whole number with decimals (``1.0``), or its label; None if it means none.

    A code without values takes any.
    """
    decision = book.decisions.get(code)
    if decision is None or not decision.values:
        is_comma = decision is not None and decision.level == "interval" and "," in value and _DECIMAL.fullmatch(value.strip())
        return value.strip().replace(",", ".") if is_comma else value
    text = value.strip()
    ids = [one.id for one in decision.values]
    if value in ids or text in ids:
        return value if value in ids else text
    whole = _WHOLE.fullmatch(text)
    if whole and str(int(whole.group(1))) in ids:
        return str(int(whole.group(1)))
    if text.lower() in {"true", "false"} and {"0", "1"} <= set(ids):
        return "1" if text.lower() == "true" else "0"
    folded = text.casefold()
    meant = [one.id for one in decision.values if folded and folded in {label.strip().casefold() for label in one.label.values()}]
    meant = meant or [one for one in ids if one.casefold() == folded]
    number = text.replace(",", ".")
    return meant[0] if len(meant) == 1 else number if number in ids and _DECIMAL.fullmatch(text) else None


def plain_number(number: int | float) -> str:  # noqa: PYI041 - whole numbers of any size are written as they are
    """A number as a value: without decimals where it is whole."""
    if isinstance(number, int):
        return str(number)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else str(number)

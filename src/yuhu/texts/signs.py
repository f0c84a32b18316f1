"""Signs that stand for a date, a time of day and a year in the grammar of set formulas."""

DATE, CLOCK, YEAR = "\ue000", "\ue001", "\ue002"
ZH_NUMBER = "一二三四五六七八九十"

_HOUR = r"(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|深夜|半夜|夜里)?"

DATES = (
    r"(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号]?)?"
    r"|(?:19|20)\d{2}\s?[./\-·、]\s?\d{1,2}\s?[./\-·、]\s?\d{1,2}[日号]?"
    r"|20\d{2}[01]\d[0-3]\d"
    r"|\d{1,2}\s?月\s?\d{1,2}\s?[日号]?"
    rf"|[元{ZH_NUMBER}]{{1,2}}月[{ZH_NUMBER}\d]{{1,3}}[日号]"
)
"""Dates with a month and a day: 2023.9.1, 2023年9月1日, 20230901, 9月1日, 九月一号."""

CLOCKS = (
    rf"{_HOUR}\d{{1,2}}[:：.]\d{{2}}(?:[:：.]\d{{2}})?"
    rf"|{_HOUR}(?:\d{{1,2}}|[{ZH_NUMBER}]{{1,3}})点(?:\d{{1,2}}分?|半|[{ZH_NUMBER}]{{1,3}}分?|整)?"
    r"|\d{1,2}[./\-·。]\d{1,2}(?:[./\-·。]\d{1,2})?|\d{1,2}[日号]"
)
"""Times, and numbers that may be dates or not: 21:05, 9点半, 9.1, 4号."""

YEARS = r"(?:19[89]|20[0-4])\d(?:\s?年)?"
"""Years alone: 2024, 2024年."""

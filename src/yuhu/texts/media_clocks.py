"""Media times that people name in texts: ``1:23``, ``01:02:03``, ``12分34秒``, ``1小时2分``, ``2m5s``.

"2:05 made me cry" ties a comment to a moment of the video. The rules would rather miss one than take what is none:

- With colons (full-width ones, too): minutes and two digits of seconds below 60; with hours, two digits of minutes below 60 as well. So ``3:0``,
  ``16:9`` and ``25:75`` are none. A range gives both ends; of ``1:23 / 4:56``, as players show it, only the first counts.
- Not inside addresses, versions, longer numbers, IP addresses, chains of hexadecimal numbers, or behind a date.
- No time of day: behind a part of the day, a day of the week, ``now``, ``it's``; before ``am``, ``pm``, ``o'clock``, a zone, ``tonight``, ``更新``, ``首播``.
- No score, ratio or scale beside a word that says so, no verse behind a book of scripture, no length (``时长 12:34``, ``took 3:20``).
- In words: minutes with seconds, hours with minutes, or all three. Minutes or seconds alone, and hours with ``分钟``, only behind ``第`` or before a word
  for a place (``第34秒``, ``5分钟那里``). What is spent, lasts or is left is a duration (``花了3分20秒``), and ``8时30分`` is a time of day.
- In Latin letters: ``2m5s``, ``1h02m``; written out (``2 min 5 sec``) only behind ``at``, ``around``, ``from``.

Numbers written as words (``三分二十秒``) are not read.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import polars as pl

VERSION = "media_clocks.v1"
LONGEST_MS = 48 * 3600 * 1000
SCHEMA = pl.Schema({"row": pl.UInt32(), "at_ms": pl.Int64(), "nth": pl.Int32()})

_NEAR = 40
_MAY = r"(?i)\d[:：][0-5０-５]\d|\d\s*(?:分|秒)|\d\s?(?:h|m|hrs?|mins?|hours?|minutes?)\s?(?:and\s)?\d"
_ADDRESS = re.compile(r"(?:https?://|www\.)[!-~]+")
_COLONS = re.compile(
    r"(?<![\d:：_\\])(?<!\d[.,])(?<![vVpP])"
    r"(?:(?P<h>\d{1,2})[:：](?P<hm>[0-5０-５]\d)|(?P<m>\d{1,3}))[:：](?P<s>[0-5０-５]\d)(?:[.．](?P<ms>\d{1,3}))?"
    r"(?![\d_\\])(?![.．]\d)(?![:：]\d)(?!:[0-9A-Fa-f]{2}(?![0-9A-Za-z]))(?![A-Za-z]+\d)"
)
_WORDS = re.compile(
    r"(?<![\d.:：])(?:(?P<h>\d{1,2})\s*(?:(?P<hs>[个個]?小[时時]|時間)|[时時])\s*(?=\d))?"
    r"(?:(?P<m>\d{1,3})\s*(?:(?P<long>分[钟鐘])|分)\s*)?(?:(?P<s>\d{1,2})\s*秒)?"
)
_LETTERS = re.compile(
    r"(?<![\w.:：])(?:(?P<h>\d{1,2})\s?(?:h|hrs?|hours?)\s?(?:and\s)?)?(?P<m>\d{1,3})\s?(?P<unit>m|mins?|minutes?)"
    r"(?:\s?(?:and\s)?(?P<s>\d{1,2})\s?(?:s|secs?|seconds?))?(?!\w)",
    re.IGNORECASE,
)

_DATE = r"(?<![:：\d])\d{1,4}[-/.]\d{1,2}(?:[-/.]\d{1,4})?[T,]?|(?<!\d)\d{6}(?:\d\d)?(?=\s)|[\d一二三四五六七八九十]\s*[日号號]|\d{4}\s*年"
_PART_OF_DAY = r"[早晚午夜晨朝](?:[上间里的点前後])?|[今明昨后前]天|每[天日]|(?:周|週|星期|礼拜)[一二三四五六日天末]"
_NOW = r"(?:北京|东京|東京|当地|美国|英国|伦敦|本地|现在|现在的)时间(?:是|为)?|(?:现在|此刻)(?:是|都|已经)?"
_WEEKDAY = r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\b"
_DAY = r"\b(?:today|tonight|tomorrow|yesterday|daily|every\s?day|morning|afternoon|evening)"
_MONTH = r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s+\d{1,2}(?:st|nd|rd|th)?(?:,?\s+\d{4})?"
_BOOKS = (
    r"(?i:genesis|exodus|leviticus|deuteronomy|psalms?|proverbs|ecclesiastes|isaiah|jeremiah|ezekiel|matthew|john|romans|corinthians|galatians|ephesians"
    r"|philippians|colossians|thessalonians|hebrews|revelations?|surah?|qur'?an|verse)"
    r"|Gen|Ex|Lev|Num|Numbers|Deut|Joshua|Judges|Ruth|Samuel|Sam|Kings|Chronicles|Ezra|Nehemiah|Esther|Job|Ps|Prov|Isa|Jer|Ezek|Daniel|Dan|Hosea|Joel|Amos"
    r"|Jonah|Micah|Matt|Mt|Mark|Luke|Lk|Jn|Acts|Rom|Cor|Gal|Eph|Phil|Col|Timothy|Tim|Titus|Heb|James|Jas|Peter|Pet|Jude|Rev"
)
_REFUSED_BEFORE = tuple(
    re.compile(pattern + r"\s*$", flags)
    for pattern, flags in (
        (rf"(?:{_DATE}|{_PART_OF_DAY}|{_NOW})\s*(?:的|是|都|就|大概|大约|约|差不多|在|[,，:：/])?", 0),
        (rf"(?:{_WEEKDAY}|{_DAY}|{_MONTH}),?(?:\s+at)?", re.IGNORECASE),
        (r"\b(?:it['’]?s|it\s+is|time\s+is|clock\s+says)(?:\s+(?:now|already|almost|currently))?", re.IGNORECASE),
        (r"(?:比分|打成|战成|战平|领先|落后|赢了|输了)(?:是|为)?[:：]?", 0),
        (r"\b(?:scored?(?:\s+(?:is|was|of))?|won|lost|beats?|wins?|lose|tied|leading)(?:\s+by)?:?", re.IGNORECASE),
        (r"(?:比例|比率|画幅|画面比|宽高比|长宽比|分辨率|配比)(?:是|为)?[:：]?", 0),
        (r"\b(?:ratio|aspect|scale|odds)(?:\s+(?:is|of))?:?", re.IGNORECASE),
        (r"(?:[时時]长|時長|[全总片]长|长度|总共|一共|用时|耗时)(?:是|为|有)?[:：]?", 0),
        (r"\b(?:duration|length|runtime|lasted|lasts|took|takes|total)(?:\s+(?:is|was|of|about|only))*:?", re.IGNORECASE),
        (rf"(?:\b(?:{_BOOKS})\.?|福音|创世[记纪]|出埃及记|诗篇|箴言|传道书|以赛亚书|罗马书|哥林多[前后]书|启示录|古兰经|圣经)", 0),
    )
)
_REFUSED_AFTER = re.compile(
    r"\s*(?:[ap]\.?\s?m\b|o['’]?\s?clock|(?:in\s+the|this)\s+(?:morning|afternoon|evening)|at\s+night|tonight|tomorrow|yesterday"
    r"|(?:est|edt|pst|pdt|cst|cet|jst|gmt|utc|bst|hrs)\b|(?:aspect|ratio|scale|odds)\b"
    r"|(?:准时|开始)?(?:更新|首播|开播|播出|上线|发布|上映|上架|不见不散|直播(?!间))|[,，]?\s*(?:补课|补完|补打卡|打卡|看完|刷完|报[到道])|点整|整点"
    r"|战胜|大胜|险胜|获胜|领先|落后|战平|击败|的?比分|的?(?:比例|画幅|宽屏|分辨率|宽高比|等比|模型|车模|缩小|缩放))",
    re.IGNORECASE,
)
_AFTER_CLOCK = re.compile(r"[:：][0-5０-５]\d\s*[-/]$")
_AFTER_NUMBER = re.compile(r"\d[-/]$")

_SPENT_BEFORE = re.compile(
    r"(?:了|(?:用时|耗时|时长|時長|[全总片]长|长达|持续|还有|还剩|剩下|只剩|相差|还差|足足|短短|整整|不到|超过|将近|最多|至少|[等花每差])\s*(?:大概|大约|约|近)?\s*)$"
)
_SPENT_AFTER = re.compile(
    r"\s*(?:的(?:视频|視頻|短片|片子|短剧|电影|时长|长度|时间|影片|動画|片长)|之?内|以内|时长|以?后(?!面)|之后|以?前(?!面)|之前)"
)
_PLACE_BEFORE = re.compile(r"第\s*$")
_PLACE_AFTER = re.compile(
    r"\s*(?:左右)?\s*(?:处|處|那|这|這|开始|開始|位置|[时時](?![间長长])|的(?:时候|時候|地方|那|画面|镜头|鏡頭|表情|眼神|背景|台词|音乐))"
)
_AT_BEFORE = re.compile(r"(?:\bat|\baround|\bfrom|\bsince|@)\s*$", re.IGNORECASE)
_SPENT_IN_LETTERS = re.compile(
    r"\b(?:took|takes|lasted|lasts|for|in|waited|within|spent|after|every|another|over)\s+(?:about\s+|only\s+)?$", re.IGNORECASE
)


def media_mentions(texts: pl.Series) -> pl.DataFrame:
    """Media times named in texts, in the order in which they stand there.

    Parameters
    ----------
    texts : pl.Series
        Texts; nulls name nothing.

    Returns
    -------
    pl.DataFrame
        Columns ``row`` (place of the text), ``at_ms``, ``nth`` (0 for the first of its text). Who knows how long the video is drops what lies
        behind its end.

    Notes
    -----
    O(total characters); texts without digits beside a colon or a unit of time are passed over in one step. Times lie in 0 to 48 hours.
    """
    may = texts.cast(pl.String).str.contains(_MAY).fill_null(value=False).arg_true()
    known: dict[str, list[int]] = {}
    rows: list[tuple[int, int, int]] = []
    for row, text in zip(may.to_list(), texts.gather(may).to_list(), strict=True):
        if text not in known:
            known[text] = media_times(text)
        rows += [(row, at_ms, nth) for nth, at_ms in enumerate(known[text])]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def media_times(text: str) -> list[int]:
    """Milliseconds of the media times that one text names, in its order."""
    plain = _ADDRESS.sub(lambda address: " " * len(address.group(0)), text)
    marks = sorted([*_with_colons(plain), *_in_words(plain), *_in_letters(plain)])
    return [at_ms for _, at_ms in marks if at_ms <= LONGEST_MS]


def _ms(found: re.Match[str], minutes: str | None) -> int:
    named = found.groupdict()
    seconds = (int(named["h"] or 0) * 60 + int(minutes or 0)) * 60 + int(named["s"] or 0)
    return seconds * 1000 + int((named.get("ms") or "0").ljust(3, "0"))


def _around(text: str, found: re.Match[str]) -> tuple[str, str]:
    return text[max(found.start() - _NEAR, 0) : found.start()], text[found.end() : found.end() + _NEAR]


def _with_colons(text: str) -> Iterator[tuple[int, int]]:
    found = [one for one in _COLONS.finditer(text) if _is_mark(*_around(text, one))]
    behind_slash = [False, *(text[one.end() : after.start()].strip() == "/" for one, after in pairwise(found)), False]
    for at, one in enumerate(found):
        is_total = behind_slash[at] and not behind_slash[at - 1] and not behind_slash[at + 1]
        if not is_total:
            yield one.start(), _ms(one, one.group("hm") or one.group("m"))


def _is_mark(before: str, after: str) -> bool:
    """Whether what stands around a clock leaves it a media time."""
    if _AFTER_NUMBER.search(before) and not _AFTER_CLOCK.search(before):
        return False
    return not _REFUSED_AFTER.match(after) and not any(pattern.search(before) for pattern in _REFUSED_BEFORE)


def _in_words(text: str) -> Iterator[tuple[int, int]]:
    for found in _WORDS.finditer(text):
        hours, minutes, seconds = found.group("h", "m", "s")
        if (minutes is None and (hours or not seconds)) or int(seconds or 0) > 59 or (hours and int(minutes or 0) > 59):
            continue
        before, after = _around(text, found)
        if _SPENT_BEFORE.search(before) or _SPENT_AFTER.match(after) or (hours and not found.group("hs") and not seconds):
            continue
        is_whole = (hours or minutes) and (seconds or (hours and not found.group("long")))
        if is_whole or _PLACE_BEFORE.search(before) or _PLACE_AFTER.match(after):
            yield found.start(), _ms(found, minutes)


def _in_letters(text: str) -> Iterator[tuple[int, int]]:
    for found in _LETTERS.finditer(text):
        hours, minutes, seconds = found.group("h", "m", "s")
        before, _ = _around(text, found)
        if int(seconds or 0) > 59 or (hours and int(minutes) > 59) or not (hours or seconds) or _SPENT_IN_LETTERS.search(before):
            continue
        if found.group("unit").lower() == "m" or _AT_BEFORE.search(before):
            yield found.start(), _ms(found, minutes)

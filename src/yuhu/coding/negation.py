"""Negation and reversal around a term: 不哭, "not crying", 感动个屁.

Two regular expressions look at what stands directly before a hit, and one at what stands directly after it, all in normal form.
"""

import polars as pl

VERSION = "negation.v1"

BEFORE_CHARS = 28
AFTER_CHARS = 6
_WIDEST = 4  # bytes of the widest character

_ZH_NEGATOR = "(?:不是|没有|沒有|毫无|毫無|从不|從不|绝不|絕不|并非|並非|不|没|沒|别|別|无|無|未|勿|甭|莫|休)"
_ZH_FILLER = (
    "(?:会|會|能|想|要|太|很|那么|那麼|这么|這麼|怎么|怎麼|再|用|是|有|被|让|讓|该|該|必|需要|觉得|覺得|感到|感觉|感覺|真的|真|特别|特別|有点|有點|"
    "什么|什麼|啥|多|得|敢|可能|至于|至於|算|曾经|曾經|曾|为|為|给|給|值得|好|都|就|也|因为|因為|你|我|她|他)"
)
_EN_NEGATOR = r"(?:not|no|never|without|hardly|barely|nobody|none|neither|nor|cannot|[a-z]+n't|cant|dont|didnt|doesnt|wont|wasnt|isnt|aint|wouldnt|couldnt|havent|hasnt)"
_EN_FILLER = (
    r"(?:really|even|that|so|a|an|the|to|be|been|being|gonna|going|feel|feeling|felt|like|very|too|at all|any|have|get|getting|make|made|"
    r"want|wanna|need|is|was|were|are|am|all|ever|much|me|my|you|your|them|it|exactly|particularly|actually|one bit of)"
)

NEGATED = rf"(?:{_ZH_NEGATOR}{_ZH_FILLER}{{0,3}}|(?:^|[^a-z']){_EN_NEGATOR}(?: {_EN_FILLER}){{0,4}} ?)$"
"""Text before a hit that negates it."""

AFFIRMED = (
    r"(?:不得不|不能不|不会不|不會不|没有不|沒有不|无不|無不|忍不住|止不住|控制不住|差点没|差點沒|(?:谁|誰|怎|哪|岂|豈|怎么|怎麼|哪里|哪裡)能?不|"
    r"是不是|有没有|有沒有|要不要|会不会|會不會|不仅|不僅|不但|不只|不光|不止|无比|無比|不愧|特别|特別|分别|分別|"
    rf"not (?:only|just|merely)(?: {_EN_FILLER}){{0,2}}|(?:can't|cant|cannot|couldn't|couldnt) (?:not|help(?: but)?|even|stop)(?: {_EN_FILLER}){{0,2}}|why not|no wonder|"
    rf"(?:isn't|isnt|wasn't|aren't) (?:it|this|that)(?: {_EN_FILLER}){{0,2}}) ?$"
)
"""Text before a hit that looks like a negation and is none: double negation, questions, "not only"."""

REVERSED = (
    r"^(?:不出来|不出來|不起来|不起來|不了一点|不了一點|个屁|個屁|个鬼|個鬼|个锤子|個錘子|个毛|個毛|啥呢|什么呢|什麼呢| my ass| as if)"
)
"""Text after a hit that takes it back."""

REVERSERS: list[str] = [
    *(
        "不",
        "没",
        "沒",
        "别",
        "別",
        "无",
        "無",
        "未",
        "勿",
        "甭",
        "莫",
        "休",
        "非",
        "个屁",
        "個屁",
        "个鬼",
        "個鬼",
        "个锤子",
        "個錘子",
        "个毛",
        "個毛",
        "啥呢",
        "什么呢",
        "什麼呢",
    ),
    *(
        "not",
        "no",
        "never",
        "without",
        "hardly",
        "barely",
        "nobody",
        "none",
        "neither",
        "nor",
        "n't",
        "cant",
        "dont",
        "didnt",
        "doesnt",
        "wont",
    ),
    *("wasnt", "isnt", "aint", "wouldnt", "couldnt", "havent", "hasnt", " my ass", " as if"),
]
"""What stands in every text that one of the expressions above can match: texts without any need no look at them (a test holds them together)."""


def taken_back(places: pl.DataFrame) -> pl.Series:
    """Whether what stands at a place is negated before it or reversed behind it.

    Parameters
    ----------
    places : (H,) pl.DataFrame
        ``normal`` text, ``start``, ``end`` in bytes of it.

    Returns
    -------
    (H,) pl.Series of bool

    Notes
    -----
    O(places): only a window of each text is looked at.
    """
    binary = pl.col("normal").cast(pl.Binary)
    around = places.select(before=_before(binary).str.tail(BEFORE_CHARS), after=_behind(binary).str.head(AFTER_CHARS))
    negated = pl.col("before").str.contains(NEGATED) & ~pl.col("before").str.contains(AFFIRMED)
    return around.select(taken_back=negated | pl.col("after").str.contains(REVERSED))["taken_back"]


def _before(binary: pl.Expr) -> pl.Expr:
    """Text of about `BEFORE_CHARS` characters before a hit; cut where a character begins."""
    window = BEFORE_CHARS * _WIDEST
    first = pl.when(pl.col("start") > window).then(pl.col("start") - window).otherwise(0).cast(pl.UInt32)
    first += _to_boundary(binary, first)
    return binary.bin.slice(first, pl.col("start") - first).cast(pl.String)


def _behind(binary: pl.Expr) -> pl.Expr:
    """Text of about `AFTER_CHARS` characters after a hit; cut where a character ends."""
    window = AFTER_CHARS * _WIDEST
    return binary.bin.slice(pl.col("end"), window + _to_boundary(binary, pl.col("end") + window)).cast(pl.String)


def _to_boundary(binary: pl.Expr, place: pl.Expr) -> pl.Expr:
    """Bytes from a place to where the next character begins: 0 to 3."""

    def inside(shift: int) -> pl.Expr:
        byte = binary.bin.slice(place + shift, 1)
        return (byte >= pl.lit(b"\x80")) & (byte <= pl.lit(b"\xbf"))

    shifts = pl.when(~inside(0)).then(0).when(~inside(1)).then(1).when(~inside(2)).then(2).otherwise(3)
    return shifts.cast(pl.UInt32)

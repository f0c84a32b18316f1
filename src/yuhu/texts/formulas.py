"""Messages made of set formulas alone: the grammar that the rules on check-ins, herd danmaku and greetings share.

A message counts only when formulas and filler are all it holds: 打卡 is a check-in, 打卡，她说想回家我哭了 is not.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from yuhu.core.ids import content_hash
from yuhu.texts import greetings, herd, ritual
from yuhu.texts.copy_form import EMOTICON, MENTION
from yuhu.texts.normal import normal_form
from yuhu.texts.signs import CLOCK, CLOCKS, DATE, DATES, YEAR, YEARS, ZH_NUMBER

LONGEST = 60
"""Characters, without decoration, beyond which a message is not looked at."""

_ONLY_NAMED = r"^\s*(?:\[(?:[^\[\]_]{1,12}_)?(打卡|签到|前排|沙发|高能|护体|名场面|合影)\]\s*)+$"
_PRIVATE = r"\p{Co}"
_BARE = r"[^\p{L}\p{N}\p{M}\x{E000}-\x{E002}]|\p{Me}|[\x{3099}\x{309A}]"  # sound marks of kana that stand alone belong to kaomoji

_FILLER = (
    CLOCK,
    YEAR,
    r"哈+|嘿+|嘻+|呵+|啊+|啦|呀|哦|喔|吖|哟|鸭|吧|呢|嘛|喽|咯|诶|哎|了|的|w+",
    r"我|俺|咱|又|也|再|在此|于此|在这里?|前来|特来|来|再次|重新|回来|今天|今日|今晚|每日|日常|每天|深夜|凌晨|半夜|早上|晚上|零点|开局|继续|大家|各位|到此|终于|一下|一个|一波|全程|完毕|完成",
    rf"第(?:\d{{1,3}}|[{ZH_NUMBER}]{{1,3}})[集期话回天]|つロ|ノ|です|plz|please|pls|lol|haha",
)


def _any(pieces: tuple[str, ...]) -> str:
    return "|".join(f"(?:{piece})" for piece in pieces)


_PIECES = (*herd.PATTERNS, *ritual.PATTERNS, *greetings.PATTERNS, *_FILLER)
_WHOLE = f"^(?:{_any(_PIECES)})+$"
GRAMMAR = content_hash("\n".join([*_PIECES, DATES, CLOCKS, YEARS, _ONLY_NAMED, _BARE, str(LONGEST)]).encode())[:12]
"""Hash of all that decides what a formula is."""


def formulas(texts: pl.Series) -> pl.DataFrame:
    """Which formulas a message is made of.

    Parameters
    ----------
    texts : pl.Series of str
        N texts in simplified characters.

    Returns
    -------
    pl.DataFrame, N rows
        ``is_check_in``, ``is_herd``, ``is_greeting``: true where nothing but formulas and filler is there, and one of this kind is among them.

    Notes
    -----
    O(total characters). Patterns are read in the order herd, check-in, greeting: what one took, the next does not see. A year alone is a check-in.
    """
    bare = texts.alias("text").to_frame().select(pl.when(pl.col("text").str.len_bytes() <= LONGEST * 8).then(normal_form(pl.col("text"))))
    form = (
        bare.to_series()
        .str.replace_all(f"{MENTION}|{_PRIVATE}", "")
        .str.replace_all(_ONLY_NAMED, "$1")
        .str.replace_all(EMOTICON, "")
        .str.replace_all(DATES, DATE)
        .str.replace_all(CLOCKS, CLOCK)
        .str.replace_all(YEARS, YEAR)
        .str.replace_all(_BARE, "")
    )
    whole = (form.str.contains(_WHOLE) & (form.str.len_chars() <= LONGEST)).fill_null(value=False)
    kinds = {"is_herd": herd.PATTERNS, "is_check_in": ritual.PATTERNS, "is_greeting": greetings.PATTERNS}
    left = form.filter(whole)
    found: dict[str, NDArray[np.bool_]] = {}
    for name, pieces in kinds.items():
        found[name] = left.str.contains(_any(pieces)).to_numpy()
        left = left.str.replace_all(_any(pieces), " ")
    is_year = left.str.contains(YEAR, literal=True).to_numpy() & ~found["is_herd"] & ~found["is_greeting"]
    found["is_check_in"] = found["is_check_in"] | is_year
    of_all = {name: np.zeros(len(texts), dtype=bool) for name in ("is_check_in", "is_herd", "is_greeting")}
    for name, holds in of_all.items():
        holds[whole.to_numpy()] = found[name]
    return pl.DataFrame(of_all)

"""Floods of greetings: at the start of a video everyone says hello, and nobody answers a picture."""

from typing import Any

import polars as pl

from yuhu.core.ids import content_hash

NAME = "greeting_flood"
VERSION = "greeting_flood.v1"
LABEL = {"zh": "问候潮", "en": "greeting floods"}
WINDOW_MS = 5_000
FEWEST = 5
WHAT = {
    "zh": f"弹幕只含问候或打卡，且同一视频同一 {WINDOW_MS // 1000} 秒内至少有 {FEWEST} 条这样的弹幕",
    "en": f"danmaku that only greet or check in, where at least {FEWEST} such stand in the same {WINDOW_MS // 1000} seconds of a video",
}
PATTERNS = (
    r"来了老弟|(?:我|俺|咱|爷|又)*(?:来|回来)(?:了|啦|咯|喽)+|终于(?:等到|来)(?:你|了|啦)*",
    r"(?:大家|各位|b站|朋友们|同学们|小伙伴们|宝子们|家人们)?(?:早上|上午|中午|下午|晚上|晚|早|你|您|大家)好+|早安|晚安|嗨+|哈喽|哈啰|你们好",
    r"(?:祝)?(?:大家|各位|你|你们|我们)?(?:新年|元旦|春节|新春|毕业|生日|中秋|国庆|端午|圣诞|七夕|节日|周末|跨年|除夕)快乐+",
    r"hello(?:everyone|guys|there|all|world)?|hi(?:everyone|guys|there|all)?|heyy?(?:guys)?|good(?:morning|evening|afternoon|night)(?:everyone|guys)?|happynewyear|greetings",
    r"うぽつ(?:です|でした)?|わこつ(?:です)?|こんにちは|こんばんは|こんちは|おはよう(?:ございます)?|よろしく(?:お[願愿]いします)?",
)
PARAMETERS: dict[str, Any] = {"window_ms": WINDOW_MS, "fewest": FEWEST, "patterns": content_hash("\n".join(PATTERNS).encode())[:12]}


def greeting_flood(messages: pl.DataFrame) -> pl.Series:
    """Whether each message is part of a flood.

    Parameters
    ----------
    messages : pl.DataFrame
        ``video_id``, ``at_ms``, ``is_greeting``, ``is_check_in``; null where nobody looked.
    """
    greets = (
        (pl.col("is_greeting") | pl.col("is_check_in")).fill_null(value=False)
        & pl.col("at_ms").is_not_null()
        & pl.col("video_id").is_not_null()
    )
    together = greets.cast(pl.UInt32).sum().over("video_id", pl.col("at_ms") // WINDOW_MS)
    return messages.select(greets & (together >= FEWEST)).to_series()

"""Emoji by name, and the emoticons of platforms ([泪], [doge]) as they are written."""

import re
from functools import cache
from typing import Any

import polars as pl

NAME = "emoji"
VERSION = "emoji.v1"
LABEL = {"zh": "表情名称", "en": "emoji names"}
WHAT = {
    "zh": "按出现顺序列出表情的中英文名称；平台表情如 [泪]、[doge] 原样保留",
    "en": "the emoji of a text in order, by name in English and Chinese; platform emoticons such as [泪] or [doge] as written",
}

_EMOTICON = r"\[[^\[\]\s]{1,16}\]"
_STRETCH = r"[0-9#*]\x{FE0F}?\x{20E3}|[[^\x00-\x7F\p{L}\p{N}\p{P}\p{Z}]‼⁉〰〽ℹ]+"


def emoji_names(texts: pl.Series) -> pl.DataFrame:
    """The emoji of each text.

    Parameters
    ----------
    texts : pl.Series of str
        N texts.

    Returns
    -------
    pl.DataFrame, N rows
        ``emoji`` and ``emoji_zh``: lists of names in the order in which they stand, such as ``loudly_crying_face``; a name that the library lacks in
        Chinese stays English, platform emoticons keep their brackets, and a text without any has an empty list.

    Notes
    -----
    O(total characters). A sequence (family, flag, skin tone) is one emoji. Each distinct stretch of signs is named once.
    """
    found = texts.alias("text").to_frame().with_row_index("row")
    stretches = (
        found.select("row", stretch=pl.col("text").str.extract_all(f"{_STRETCH}|{_EMOTICON}")).explode("stretch").drop_nulls("stretch")
    )
    named = (
        stretches.join(_named(stretches["stretch"].unique()), on="stretch", how="inner", maintain_order="left_right")
        .group_by("row", maintain_order=True)
        .agg(emoji="en", emoji_zh="zh")
    )
    empty = pl.lit([], dtype=pl.List(pl.String))
    return (
        found.select("row")
        .join(named, on="row", how="left", maintain_order="left")
        .select(pl.col("emoji").fill_null(empty), pl.col("emoji_zh").fill_null(empty))
    )


def _named(stretches: pl.Series) -> pl.DataFrame:
    """Names of the signs of each stretch, in their order."""
    pattern, names = _table()
    return (
        pl.DataFrame({"stretch": stretches, "sign": stretches.str.extract_all(pattern)})
        .explode("sign")
        .drop_nulls("sign")
        .join(names, on="sign", how="left", maintain_order="left")
        .select("stretch", en=pl.coalesce("en", "sign"), zh=pl.coalesce("zh", "en", "sign"))
    )


@cache
def _table() -> tuple[str, pl.DataFrame]:
    """One pattern over all signs, the longest first, and their names."""
    import emoji

    emoji.config.load_language("zh")
    known: dict[str, dict[str, Any]] = emoji.EMOJI_DATA
    signs = sorted(known, key=lambda sign: (-len(sign), sign))
    names = [(sign, known[sign]["en"].strip(":"), known[sign].get("zh", known[sign]["en"]).strip(":")) for sign in signs]
    pattern = "|".join([*map(re.escape, signs), _EMOTICON])
    return pattern, pl.DataFrame(names, schema={"sign": pl.String, "en": pl.String, "zh": pl.String}, orient="row")

"""Special danmaku: positioned text and code, which no coder reads."""

from typing import Any

import polars as pl

NAME = "special"
VERSION = "special.v1"
LABEL = {"zh": "特殊弹幕", "en": "special danmaku"}
WHAT = {
    "zh": "定位、代码等特殊弹幕，平台自己就这样标明；它们本来就不在任何占比之内",
    "en": "positioned and code danmaku, marked as such by the platform; they are outside every share anyway",
}
PARAMETERS: dict[str, Any] = {}


def special(messages: pl.DataFrame) -> pl.Series:
    """Whether each message of a frame with ``is_special`` is special."""
    return messages["is_special"].fill_null(value=False)

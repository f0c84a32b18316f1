"""The form in which two texts count as the same: how a message is decorated does not make it another one."""

from typing import Any

import numpy as np
import polars as pl

from yuhu.texts.normal import normal_form

NAME = "normal"
VERSION = "copy_form.v1"
LABEL = {"zh": "去重形式", "en": "form for duplicates"}
WHAT = {
    "zh": "简体，去掉标点、表情、@、空格和大小写差异，连用的字压到两个（文字中的数字除外）；只剩装饰的文本保持原样",
    "en": "simplified, without punctuation, emoji, mentions, spaces and case, runs of a character cut to two (digits among words stay); a text of decoration alone stays as it is",
}
LONGEST_RUN = 2
PARAMETERS: dict[str, Any] = {"longest_run": LONGEST_RUN}

EMOTICON = r"\[[^\[\]]{1,16}\]"
"""A platform's emoticon: [泪], [doge], [热词系列_泪目]."""
MENTION = r"(?:^\s*(?:回复|回復|Reply to)\s*)?@person_[0-9a-f]{8}\s*[:：]?"
"""A masked handle, with the words that a platform puts before it."""

_DECORATION = r"[^\p{L}\p{N}\p{M}]|\p{Me}|[\x{3099}\x{309A}]"  # sound marks of kana that stand alone belong to kaomoji
_SPACES = r"[\s\p{Z}\p{C}]"
_CHUNK = 50_000


def copy_form(texts: pl.Series) -> pl.Series:
    """Each text (in simplified characters) in the form for duplicates.

    Notes
    -----
    O(total characters). NFKC and lower case first (`texts.normal`). Where nothing but decoration is there, only spaces go: 😭😭 and 😂 are not
    the same.
    """
    normal = texts.alias("text").to_frame().select(normal_form(pl.col("text"))).to_series()
    bare = normal.str.replace_all(MENTION, "").str.replace_all(EMOTICON, "").str.replace_all(_DECORATION, "")
    empty = (bare.str.len_bytes() == 0).arg_true()
    if len(empty):
        bare = bare.scatter(empty, normal.gather(empty).str.replace_all(_SPACES, ""))
    return squeeze(bare).alias(texts.name)


def squeeze(texts: pl.Series) -> pl.Series:
    """Texts in which no character stands more than `LONGEST_RUN` times in a row; O(total characters).

    Digits among other characters stay: 第11集 is not 第111集. A text of digits alone (666, 8888) is a cheer.
    """
    parts = [_squeezed(texts.slice(start, _CHUNK)) for start in range(0, len(texts), _CHUNK)]
    return pl.concat(parts) if parts else texts


def _squeezed(texts: pl.Series) -> pl.Series:
    lengths = texts.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
    codes = np.frombuffer("".join(texts.fill_null("").to_list()).encode("utf-32-le"), dtype=np.uint32)
    repeats = np.ones(len(codes), dtype=bool)
    for step in range(1, LONGEST_RUN + 1):
        repeats[:step] = False
        repeats[step:] &= codes[step:] == codes[:-step]
    ends = np.cumsum(lengths)
    digits = np.concatenate([[0], np.cumsum((codes >= ord("0")) & (codes <= ord("9")))])
    is_cheer = digits[ends] - digits[ends - lengths] == lengths
    repeats &= (np.diff(digits) == 0) | np.repeat(is_cheer, lengths)
    for step in range(LONGEST_RUN):  # a run begins anew with each text
        first = (ends - lengths + step)[lengths > step]
        repeats[first] = False
    touched = np.unique(np.searchsorted(ends, np.flatnonzero(repeats), side="right"))
    if not len(touched):
        return texts
    pieces = [codes[end - length : end][~repeats[end - length : end]] for end, length in zip(ends[touched], lengths[touched], strict=True)]
    return texts.scatter(touched, pl.Series([piece.tobytes().decode("utf-32-le") for piece in pieces], dtype=pl.String))

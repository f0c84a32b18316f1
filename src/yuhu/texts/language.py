"""The language of short texts: script ratios first, a trained identifier for Latin script.

Codes are ISO 639: ``zh``, ``en``, ``ja``, ``ko`` and others; ``mul`` for Chinese and English mixed; ``und`` where a text has no
words or too few to tell.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl

VERSION = "language.v1"

_HAN_WEIGHT = 3  # one Han character carries about as much as three Latin letters
_MIXED_LETTERS = 6
_LATIN_FLOOR = 3
_SHORT = 24
_NOT_WORDS = r"\[[^\[\]]{1,12}\]|https?://\S+|BV[0-9A-Za-z]{10}|@\S+"  # platform emoticons, links, video ids, handles
_CANDIDATES = ("en", "es", "pt", "fr", "de", "it", "nl", "sv", "pl", "ro", "tr", "id", "ms", "vi", "tl")

# Function words and net words that settle a short text as English; none of them is a common word of the other candidates.
_ENGLISH = frozenset(
    [
        "the",
        "this",
        "that",
        "these",
        "those",
        "is",
        "are",
        "was",
        "were",
        "am",
        "be",
        "been",
        "and",
        "but",
        "not",
        "with",
        "from",
        "for",
        "you",
        "your",
        "yours",
        "my",
        "mine",
        "his",
        "her",
        "hers",
        "their",
        "they",
        "them",
        "she",
        "he",
        "we",
        "us",
        "our",
        "it",
        "its",
        "what",
        "when",
        "where",
        "why",
        "how",
        "who",
        "which",
        "there",
        "here",
        "have",
        "has",
        "had",
        "do",
        "does",
        "did",
        "don't",
        "dont",
        "didn't",
        "doesn't",
        "can't",
        "cant",
        "won't",
        "will",
        "would",
        "could",
        "should",
        "i",
        "i'm",
        "im",
        "i've",
        "i'll",
        "it's",
        "its",
        "that's",
        "thats",
        "you're",
        "youre",
        "they're",
        "isn't",
        "wasn't",
        "so",
        "very",
        "too",
        "just",
        "only",
        "never",
        "always",
        "still",
        "all",
        "some",
        "every",
        "more",
        "most",
        "of",
        "to",
        "at",
        "on",
        "in",
        "if",
        "then",
        "than",
        "because",
        "about",
        "lol",
        "omg",
        "wtf",
        "lmao",
        "pls",
        "please",
        "thanks",
        "thank",
        "love",
        "loved",
        "crying",
        "cry",
        "cried",
        "sad",
        "happy",
        "beautiful",
        "amazing",
        "wow",
        "yes",
        "yeah",
        "back",
        "home",
        "museum",
        "british",
        "china",
        "chinese",
        "first",
        "who's",
        "let's",
        "lets",
        "give",
        "return",
        "stole",
        "stolen",
        "story",
        "part",
        "episode",
    ]
)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_CANDIDATES))
    return identifier


def detect(texts: Sequence[str] | pl.Series, *, han_is: str = "zh") -> pl.Series:
    """Language of each text.

    Parameters
    ----------
    texts : sequence of str
        N texts; equal ones are looked at once.
    han_is : str
        What a text of Han characters alone is taken for: ``ja`` on a Japanese platform.

    Returns
    -------
    pl.Series of str, length N

    Notes
    -----
    O(total characters). Chinese netizens write a single の for fun: one kana among Han characters is not Japanese.
    """
    series = pl.Series("text", texts, dtype=pl.String)
    distinct = series.unique(maintain_order=True).to_frame()
    words = pl.col("text").str.replace_all(_NOT_WORDS, " ")
    count = words.str.count_matches
    counted = distinct.with_columns(
        han=count(r"\p{Han}"),
        kana=count(r"[\p{Hiragana}\p{Katakana}]"),
        hangul=count(r"\p{Hangul}"),
        latin=count(r"\p{Latin}"),
        other=count(r"[\p{Cyrillic}\p{Arabic}\p{Thai}\p{Devanagari}\p{Greek}\p{Hebrew}]"),
    )
    han, kana, hangul, latin, other = (pl.col(name).cast(pl.Int64) for name in ("han", "kana", "hangul", "latin", "other"))
    weight = han * _HAN_WEIGHT
    is_kana = (kana >= 2) & (kana * 5 >= han) | ((kana >= 1) & (han <= 1))
    tagged = counted.with_columns(
        lang=pl.when((han + kana + hangul + latin + other) == 0)
        .then(pl.lit("und"))
        .when(is_kana & (kana * _HAN_WEIGHT >= latin))
        .then(pl.lit("ja"))
        .when((hangul >= 1) & (hangul >= han) & (hangul * _HAN_WEIGHT >= latin))
        .then(pl.lit("ko"))
        .when((other >= 2) & (other > latin) & (other > weight))
        .then(pl.lit("other"))
        .when((han > 0) & ((weight * 3 >= latin) & ((latin * 3 <= weight) | (latin < _MIXED_LETTERS))))
        .then(pl.lit(han_is))
        .when((han > 0) & (weight * 6 >= latin))
        .then(pl.lit("mul"))
        .otherwise(pl.lit("latin"))
    )
    rest = tagged.filter(pl.col("lang") == "latin")["text"]
    if len(rest):
        named = pl.DataFrame({"text": rest, "named": [_latin(text) for text in rest]}, schema={"text": pl.String, "named": pl.String})
        tagged = tagged.join(named, on="text", how="left", maintain_order="left").with_columns(lang=pl.coalesce("named", "lang"))
    return series.to_frame().join(tagged.select("text", "lang"), on="text", how="left", maintain_order="left")["lang"]


def _latin(text: str) -> str:
    words = [word.strip('.,!?…:;"()[]~*-_') for word in text.lower().replace("’", "'").split()]
    words = [word for word in words if word and not word.startswith(("@", "#", "http"))]
    letters = sum(map(len, words))
    if letters < _LATIN_FLOOR:
        return "und"
    english = sum(word in _ENGLISH for word in words)
    if english * 3 >= len(words):
        return "en"
    lang, confidence = _identifier().classify(" ".join(words))
    if lang == "en":
        return "en" if confidence >= 0.5 or letters >= _SHORT else "und"
    if letters < _SHORT or confidence < 0.9:
        return "en" if english else "und"
    return str(lang)

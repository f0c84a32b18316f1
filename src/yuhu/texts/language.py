"""The language of short texts: script ratios first, a trained identifier for Latin script.

Codes are ISO 639: ``zh``, ``en``, ``ja``, ``ko`` and others; ``mul`` for Chinese and English mixed; ``und`` where a text has no
words or too few to tell.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import polars as pl

NAME = "language"
VERSION = "language.v1"
LABEL = {"zh": "语言与置信度", "en": "language with confidence"}
WHAT = {
    "zh": "每条文本的语言、把握程度（0 到 1）以及是否混用两种文字",
    "en": "the language of each text, how sure that is (0 to 1), and whether two scripts are mixed",
}

_HAN_WEIGHT = 3  # one Han character carries about as much as three Latin letters
_MIXED_LETTERS = 6
_MIXED_SHARE = 1 / 7  # what `mul` begins with
_HALF_SURE = 2  # letters at which the length of a text halves the confidence
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
    tagged = _tagged(series, han_is)
    return series.to_frame().join(tagged.select("text", "lang"), on="text", how="left", maintain_order="left")["lang"]


def judge(texts: Sequence[str] | pl.Series, *, han_is: str = "zh") -> pl.DataFrame:
    """Language of each text, with how sure it is.

    Parameters
    ----------
    texts : sequence of str
        N texts; equal ones are looked at once.
    han_is : str
        What a text of Han characters alone is taken for.

    Returns
    -------
    pl.DataFrame, N rows
        ``lang``; ``confidence`` in [0, 1]: the share of the letters that speak for the language (of Latin script: of its function words, or the
        identifier's probability), times n / (n + 2) for n letters, a Han character, kana or hangul syllable counting as three; 0 for ``und``;
        ``is_mixed``: a second script holds at least a seventh of the letters and six of them.

    Notes
    -----
    O(total characters). docs/cleaning.md says how often a text of each confidence is named rightly.
    """
    series = pl.Series("text", texts, dtype=pl.String)
    tagged = _tagged(series, han_is)
    judged = tagged.select("text", "lang", confidence=_confidence(han_is), is_mixed=_is_mixed())
    return series.to_frame().join(judged, on="text", how="left", maintain_order="left").drop("text")


def _tagged(series: pl.Series, han_is: str) -> pl.DataFrame:
    """The distinct texts with the letters of each script, their language, and how sure the identifier was of a Latin one."""
    counted = _letters(series.unique(maintain_order=True).to_frame())
    han, kana, hangul, latin, other = (pl.col(name) for name in _SCRIPTS)
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
    named = pl.DataFrame(
        [(text, *_latin(text)) for text in rest], schema={"text": pl.String, "named": pl.String, "sure": pl.Float64}, orient="row"
    )
    return tagged.join(named, on="text", how="left", maintain_order="left").with_columns(lang=pl.coalesce("named", "lang"))


_SCRIPTS = ("han", "kana", "hangul", "latin", "other")


def _letters(distinct: pl.DataFrame) -> pl.DataFrame:
    """Texts with the letters of each script, without what is no word."""
    count = pl.col("words").str.count_matches
    counts = {
        "han": count(r"\p{Han}"),
        "kana": count(r"[\p{Hiragana}\p{Katakana}]"),
        "hangul": count(r"\p{Hangul}"),
        "latin": count(r"\p{Latin}"),
        "other": count(r"[\p{Cyrillic}\p{Arabic}\p{Thai}\p{Devanagari}\p{Greek}\p{Hebrew}]"),
    }
    words = distinct.with_columns(words=pl.col("text").str.replace_all(_NOT_WORDS, " "))
    return words.with_columns(expr.cast(pl.Int64).alias(name) for name, expr in counts.items()).drop("words")


def _weights() -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Letters of East Asia without hangul, hangul, Latin and other scripts, each in Latin letters."""
    return (pl.col("han") + pl.col("kana")) * _HAN_WEIGHT, pl.col("hangul") * _HAN_WEIGHT, pl.col("latin"), pl.col("other")


def _confidence(han_is: str) -> pl.Expr:
    east, hangul, latin, other = _weights()
    total = east + hangul + latin + other
    lang = pl.col("lang")
    speaks = (
        pl.when(lang.is_in([han_is, "ja"]))
        .then(east / total)
        .when(lang == "ko")
        .then(hangul / total)
        .when(lang == "other")
        .then(other / total)
        .when(lang == "mul")
        .then(2 * pl.min_horizontal(east, latin) / total)
        .otherwise(pl.col("sure") * latin / total)
    )
    sure = pl.when((lang != "und") & (total > 0)).then(speaks * total / (total + _HALF_SURE)).otherwise(0.0)
    return sure.fill_null(0.0).clip(0.0, 1.0)


def _is_mixed() -> pl.Expr:
    parts = pl.concat_list(_weights()).list.sort(descending=True)
    second = parts.list.get(1)
    return (second >= _MIXED_LETTERS) & (second >= parts.list.sum() * _MIXED_SHARE) | (pl.col("lang") == "mul")


def _latin(text: str) -> tuple[str, float]:
    """Language of a text in Latin script, and how much speaks for it."""
    words = [word.strip('.,!?…:;"()[]~*-_') for word in text.lower().replace("’", "'").split()]
    words = [word for word in words if word and not word.startswith(("@", "#", "http"))]
    letters = sum(map(len, words))
    if letters < _LATIN_FLOOR:
        return "und", 0.0
    english = sum(word in _ENGLISH for word in words)
    share = english / len(words)
    if english * 3 >= len(words):
        return "en", (1 + share) / 2
    lang, confidence = _identifier().classify(" ".join(words))
    sure = float(confidence)
    if lang == "en":
        return ("en", sure) if confidence >= 0.5 or letters >= _SHORT else ("und", 0.0)
    if letters < _SHORT or confidence < 0.9:
        return ("en", share) if english else ("und", 0.0)
    return str(lang), sure

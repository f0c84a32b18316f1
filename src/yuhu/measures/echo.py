"""Messages that repeat a line which is spoken, or shown as text, around them."""

from collections.abc import Collection

import polars as pl

from yuhu.core.evidence import Evidence
from yuhu.measures.media_time import timed
from yuhu.texts.normal import normal_form
from yuhu.texts.simplified import simplify

NAME = "echo.v1"
WITHIN_MS = 10_000
CHARACTERS, WORDS = 4, 3
"""Shortest run that can be an echo, in scripts without spaces and in others."""

SPOKEN = ("line", "transcript")
LONGEST_LINE_MS = 60_000
"""A transcript that stands for a whole video says nothing of when a line was spoken."""

_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"


def lines(evidence: Evidence) -> pl.DataFrame:
    """Lines of the transcripts, ``video_id, start_ms, end_ms, text``; once for all measures."""
    return evidence.once("echo.lines", lambda: _lines(evidence))


def echoes(evidence: Evidence, videos: Collection[str]) -> pl.DataFrame:
    """Ids of the messages of some videos that repeat a line of the last or the next 10 s.

    Parameters
    ----------
    evidence : Evidence
        ``shown.segments`` of kind line or transcript are the lines; ``responses`` have their ``text``.
    videos : collection of str
        Where to look.

    Returns
    -------
    pl.DataFrame
        ``response_id``, each once, in order.

    Notes
    -----
    Texts are compared in normal form (NFKC, lower case, simplified characters) without punctuation, letters that are stretched ("noooo") or particles being
    left as they are. A message is an echo if it shares a run of at least 4 characters with the line (Han, kana and other scripts without spaces; else 3
    words) that makes up half of the message or half of the line, or if it is the whole of a shorter line, of 2 characters or 2 words at least. Runs are
    counted by the pieces of 4 (3) that both have, so that two runs of one line add up. A name that a line and a message share counts if it is half of the
    line: rather too many echoes than too few. O(distinct texts x length) by Aho and Corasick, then joins.
    """
    held = lines(evidence).filter(pl.col("video_id").is_in(list(videos)))
    if not held.height:
        return pl.DataFrame(schema={"response_id": pl.String})
    said = held.with_row_index("line").pipe(_formed)
    pieces = pl.concat([_pieces(said, "spaceless", CHARACTERS), _pieces(said, "spaced", WORDS)])
    messages = timed(evidence).filter(pl.col("video_id").is_in(held["video_id"].unique().implode()))
    texts = messages.select("text").drop_nulls().unique().sort("text").collect().pipe(_formed)
    near = _shared(texts, pieces).lazy()
    return (
        messages.select("response_id", "video_id", "at_ms", "text")
        .join(near, on=["text", "video_id"])
        .filter(pl.col("at_ms").is_between(pl.col("start_ms") - WITHIN_MS, pl.col("end_ms") + WITHIN_MS))
        .select("response_id")
        .unique()
        .sort("response_id")
        .collect()
    )


def _lines(evidence: Evidence) -> pl.DataFrame:
    columns = {"video_id": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64, "text": pl.String}
    if evidence.shown is None:
        return pl.DataFrame(schema=columns)
    found = evidence.shown.segments.filter(pl.col("kind").is_in(SPOKEN) & pl.col("text").is_not_null() & pl.col("start_ms").is_not_null())
    ended = found.with_columns(end_ms=pl.max_horizontal(pl.col("end_ms").fill_null(0), "start_ms"))
    near = ended.filter(pl.col("end_ms") - pl.col("start_ms") <= LONGEST_LINE_MS)
    return near.select(*columns).unique().sort(*columns).collect()


def _formed(frame: pl.DataFrame) -> pl.DataFrame:
    """The text without spaces, and as words with one space around each; which of both counts, and its length in its own pieces."""
    plain = frame.with_columns(simplify(frame.select(form=normal_form(pl.col("text")))["form"]))
    words = pl.col("form").str.replace_all(r"['·]", "").str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ").str.strip_chars()
    return plain.with_columns(words=words).with_columns(
        spaceless=pl.col("words").str.replace_all(" ", "", literal=True),
        spaced=pl.format(" {} ", pl.col("words")),
        is_unspaced=pl.col("words").str.contains(_UNSPACED),
        characters=pl.col("words").str.replace_all(" ", "", literal=True).str.len_chars().cast(pl.Int64),
        n_words=(pl.col("words").str.count_matches(" ", literal=True).cast(pl.Int64) + 1),
    )


def _pieces(said: pl.DataFrame, form: str, size: int) -> pl.DataFrame:
    """``form, piece, line, video_id, start_ms, end_ms, size, length, is_whole``: every run of `size` of each line, or the line where it is shorter."""
    is_mine = pl.col("is_unspaced") if form == "spaceless" else ~pl.col("is_unspaced")
    length = "characters" if form == "spaceless" else "n_words"
    mine = said.filter(is_mine & (pl.col(length) >= 2))
    short, long = mine.filter(pl.col(length) < size), mine.filter(pl.col(length) >= size)
    at = long.with_columns(at=pl.int_ranges(0, pl.col(length) - size + 1)).explode("at")
    if form == "spaceless":
        cut = at.with_columns(piece=pl.col("spaceless").str.slice(pl.col("at"), size))
    else:
        run = pl.col("words").str.split(" ").list.slice(pl.col("at"), size).list.join(" ")
        cut = at.with_columns(piece=pl.format(" {} ", run))
    kept = ["line", "video_id", "start_ms", "end_ms"]
    parts = [
        each.select(pl.lit(form).alias("form"), "piece", *kept, size=pl.lit(size, pl.Int64), length=pl.col(length), is_whole=pl.lit(whole))
        for each, whole in ((cut, False), (short.with_columns(piece=pl.col(form)), True))
    ]
    return pl.concat(parts).unique(maintain_order=True)


def _shared(texts: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """``text, video_id, start_ms, end_ms`` of texts that repeat lines."""
    parts = []
    for form, length in (("spaceless", "characters"), ("spaced", "n_words")):
        mine = pieces.filter(pl.col("form") == form)
        if not mine.height:
            continue
        wanted = mine["piece"].unique().sort().to_list()
        least = mine.select(pl.when("is_whole").then("length").otherwise("size").min()).item()
        held = texts.filter(pl.col(length) >= least)
        found = (
            held.with_columns(piece=pl.col(form).str.extract_many(wanted, overlapping=True))
            .select("text", "piece", form, own=pl.col(length))
            .explode("piece")
            .drop_nulls("piece")
            .unique()
        )
        run = pl.len().cast(pl.Int64) + pl.col("size").first() - 1
        shared = (
            found.join(mine, on="piece")
            .group_by("text", form, "line", "video_id", "start_ms", "end_ms", "is_whole")
            .agg(run=run, own=pl.col("own").first(), length=pl.col("length").first(), piece=pl.col("piece").first())
        )
        half = (2 * pl.col("run") >= pl.col("own")) | (2 * pl.col("run") >= pl.col("length"))
        is_echo = pl.when("is_whole").then(pl.col(form) == pl.col("piece")).otherwise(half)
        parts.append(shared.filter(is_echo).select("text", "video_id", "start_ms", "end_ms"))
    schema = {"text": pl.String, "video_id": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64}
    return pl.concat([pl.DataFrame(schema=schema), *parts]).unique()

"""`yuhu clean`: languages, forms, copies and suspicions beside the messages; nothing is ever taken away."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from yuhu.core.errors import YuhuError
from yuhu.core.ids import text_keys
from yuhu.core.progress import step
from yuhu.study.derived import CLEANED_FLAGS, CLEANED_TEXTS, Cleaned, read_cleaned, write_cleaned
from yuhu.study.results import data_hash
from yuhu.study.store import Study
from yuhu.texts import exact, greetings, herd, near, ritual, spam_rate, spam_text, special
from yuhu.texts.copy_form import copy_form
from yuhu.texts.emoji_names import emoji_names
from yuhu.texts.formulas import formulas
from yuhu.texts.language import judge
from yuhu.texts.rules import FLAGS, RULES, libraries, rules_hash
from yuhu.texts.simplified import simplify

_STEPS = 5
_JAPANESE = "ja"
_ORDER = ("sent_at", "at_ms", "response_id")
_OF_TEXT = ("same", "near", "length", "is_check_in", "is_herd", "is_greeting")


def clean(study: Study) -> Cleaned:
    """Work out what the rules of cleaning find: columns for texts, flags for messages.

    Parameters
    ----------
    study : Study
        The study. Its tables stay as they are.

    Returns
    -------
    Cleaned
        What was found; with unchanged data and rules it is what lies there already, and nothing is written.

    Raises
    ------
    YuhuError
        YH207 there are no responses; YH203 another writer; YH209 the disk refused.

    Notes
    -----
    A flag is a description, and of suspected spam a suspicion. Measures leave flagged messages out only where `leave_out` of study.yaml says
    so. About 30 s of one core for 3 M messages of 0.24 M distinct texts.
    """
    if not study.manifest.of("responses"):
        raise YuhuError("YH207", "the study has no responses to clean", fix=f"yuhu add {study.path} FILE ...")
    old = read_cleaned(study)
    if old is not None:
        return old
    found = find(study.scan("responses"))
    step("cleaning: writing", 4, _STEPS)
    manifest = {
        "data": data_hash(study),
        "rules": rules_hash(),
        "versions": {rule.name: rule.version for rule in RULES},
        "parameters": {rule.name: dict(rule.parameters) for rule in RULES if rule.parameters},
        "libraries": libraries(),
        "messages": found.messages,
        "texts": found.texts.height,
        "flagged": {name: len(ids) for name, ids in found.flagged.items()},
    }
    flags = (_arrow(ids.to_frame().with_columns(rule=pl.lit(name)), CLEANED_FLAGS) for name, ids in found.flagged.items())
    done = write_cleaned(study, _arrow(found.texts, CLEANED_TEXTS), flags, manifest)
    step("", _STEPS, _STEPS)
    return done


@dataclass(frozen=True)
class Found:
    """What the rules find in some messages: texts as in `CLEANED_TEXTS`, ids of flagged messages by rule, and how many messages there are."""

    texts: pl.DataFrame
    flagged: Mapping[str, pl.Series]
    messages: int


def find(responses: pl.LazyFrame) -> Found:
    """What the rules find; the order of rows decides nothing.

    Parameters
    ----------
    responses : pl.LazyFrame
        Columns of the table ``responses``.
    """
    step("cleaning: texts", 0, _STEPS)
    texts = _forms(_distinct(responses))
    step("cleaning: near copies", 1, _STEPS)
    texts = _grouped(texts)
    step("cleaning: counts", 2, _STEPS)
    messages = _messages(responses, texts)
    table = _counted(texts, messages)
    step("cleaning: flags", 3, _STEPS)
    flagged = {name: messages["response_id"].filter(found) for name, found in _flagged(messages)}
    return Found(table, {name: flagged[name] for name in FLAGS}, messages.height)


def _distinct(responses: pl.LazyFrame) -> pl.DataFrame:
    """Distinct texts by language, without special danmaku."""
    return (
        responses.filter(~pl.col("is_special").fill_null(value=False))
        .select("text_key", "lang", "text")
        .unique(["text_key", "lang"])
        .sort("text_key", "lang")
        .collect()
    )


def _forms(texts: pl.DataFrame) -> pl.DataFrame:
    """Texts with language, simplified form, form for duplicates, emoji and formulas."""
    parts = [
        _of_language(part, han_is=_JAPANESE if is_japanese else "zh")
        for is_japanese in (False, True)
        if (part := texts.filter((pl.col("lang") == _JAPANESE).fill_null(value=False) == is_japanese)).height or not is_japanese
    ]
    whole = pl.concat(parts).sort("text_key", "lang")
    return whole.hstack(emoji_names(whole["text"])).hstack(formulas(whole["simplified"])).drop("text")


def _of_language(texts: pl.DataFrame, *, han_is: str) -> pl.DataFrame:
    judged = judge(texts["text"], han_is=han_is).rename({"lang": "shown"})
    simplified = texts["text"] if han_is == _JAPANESE else simplify(texts["text"])
    return (
        texts.hstack(judged)
        .with_columns(
            lang_confidence=pl.when(pl.col("shown") == pl.col("lang")).then("confidence"),
            simplified=simplified,
            normal=copy_form(simplified),
        )
        .drop("shown", "confidence")
    )


def _grouped(texts: pl.DataFrame) -> pl.DataFrame:
    """Texts with the number of their equals within the language, and of their near copies."""
    forms = texts["normal"].unique().sort()
    first = near.near_groups(forms)
    keys = pl.Series("near_group", text_keys(forms), dtype=pl.Int64)
    near_of = pl.DataFrame({"normal": forms, "near_group": keys.gather(first), "near": pl.Series(first, dtype=pl.UInt32)})
    same_of = texts.select("normal", "lang").unique(maintain_order=True).with_row_index("same")
    return (
        texts.join(near_of, on="normal", how="left", maintain_order="left")
        .join(same_of, on=["normal", "lang"], how="left", maintain_order="left", nulls_equal=True)
        .with_columns(length=pl.col("normal").str.len_chars())
    )


def _messages(responses: pl.LazyFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """All messages, the earliest first, with the numbers of their texts; special ones have none."""
    columns = ("response_id", "video_id", "text_key", "lang", "at_ms", "sent_at", "sent_at_precision_s", "author_key", "is_special")
    found = (
        responses.select(columns)
        .with_columns(pl.col("video_id", "author_key").cast(pl.Categorical))
        .sort(_ORDER, nulls_last=True)
        .join(
            texts.lazy().select("text_key", "lang", *_OF_TEXT), on=["text_key", "lang"], how="left", maintain_order="left", nulls_equal=True
        )
        .drop("text_key")
        .collect()
    )
    is_special = special.special(found)
    return found.with_columns(pl.when(~is_special).then(pl.col(name)).alias(name) for name in _OF_TEXT)


def _counted(texts: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """Texts with how often and by how many each was sent."""
    ordinary = messages.filter(pl.col("same").is_not_null())
    near_counts = ordinary.group_by("near").agg(n_near=pl.len().cast(pl.Int64))
    return (
        texts.join(exact.counts(ordinary, "same"), on="same", how="left", maintain_order="left")
        .join(near_counts, on="near", how="left", maintain_order="left")
        .select(CLEANED_TEXTS.names)
    )


def _flagged(messages: pl.DataFrame) -> Iterator[tuple[str, pl.Series]]:
    """Each rule that flags, with what it finds."""
    yield special.NAME, special.special(messages)
    yield ritual.NAME, messages["is_check_in"].fill_null(value=False)
    yield herd.NAME, messages["is_herd"].fill_null(value=False)
    yield greetings.NAME, greetings.greeting_flood(messages)
    yield spam_text.NAME, spam_text.spam_text(messages)
    people = messages.with_columns(author_key=pl.when(pl.col("same").is_not_null()).then("author_key"))  # special danmaku come by script
    yield spam_rate.NAME, spam_rate.spam_rate(people)
    yield exact.NAME, exact.repeats(messages, "same")
    yield near.NAME, exact.repeats(messages, "near", "lang")


def _arrow(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    table: Any = frame.select(schema.names).to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(schema)


__all__ = ["Found", "clean", "find"]

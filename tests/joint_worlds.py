"""Evidence in which every message has a truth of several codes, a machine that errs, and people who coded a sample of them."""

import numpy as np
import polars as pl

from test_measures import evidence
from yuhu.core.codebook import built_in_codebook
from yuhu.core.evidence import Frame, Gold
from yuhu.measures.decisions import shares_of, steps

BOOK = built_in_codebook()


def row(at, *, video="bilibili:1", lang="zh", **more):
    """One message with a text of its own."""
    base = {
        "response_id": f"r{at:06d}", "text_key": at, "lang": lang, "video_id": video, "platform": video.split(":")[0], "kind": "danmaku",
        "text": "话" * 5, "is_special": False, "work_id": video,
    }  # fmt: skip
    return {**base, **more}


def gold_of(rows, truth, codes, sampled, *, chance, complete=True):
    """People's codings of some messages: `truth[at]` maps codes to values; what is not there is the value that means nothing."""
    units = []
    ladder = {
        (code, value): set(part["value_id"]) for (code, value), part in steps(BOOK, codes).group_by("code", "value")
    }  # fmt: skip
    for at in sampled:
        for code in codes:
            reached = ladder.get((code, truth[at].get(code)), set())
            units += [
                {
                    "response_id": rows[at]["response_id"], "code": code, "value_id": value, "human": float(value in reached),
                    "chance": chance, "stratum": "all", "is_complete": complete, "video_id": rows[at]["video_id"],
                    "platform": rows[at]["platform"], "lang": rows[at]["lang"], "region": None, "work_id": rows[at]["work_id"],
                }
                for value in shares_of(BOOK.variables[code])
            ]  # fmt: skip
    frame = pl.DataFrame(units, infer_schema_length=None).with_columns(pl.col("region").cast(pl.String)) if units else None
    return Gold(pl.DataFrame(schema={"response_id": pl.String}) if frame is None else frame, ["a"], ["s"], [Frame(list(codes))])


def coded(rows, said):
    """Codings of a machine: `said[at]` maps codes to values."""
    return [(each["text_key"], each["lang"], code, value) for each, one in zip(rows, said, strict=True) for code, value in one.items()]


def world(rows, truth, said, codes, *, gold=0, seed=1, **more):
    """Evidence with `gold` messages drawn at random and coded by people."""
    drawn = np.sort(np.random.default_rng(seed).choice(len(rows), gold, replace=False)).tolist()
    people = gold_of(rows, truth, codes, drawn, chance=gold / len(rows)) if gold else Gold(pl.DataFrame(schema={"response_id": pl.String}))
    return evidence(rows, coded(rows, said), served=list(codes), gold=people, **more)


def with_errors(rng, truth, code, value, *, finds, invents):
    """What a machine says of one code."""
    there = np.array([one.get(code) == value for one in truth])
    said = np.where(there, rng.random(there.size) < finds, rng.random(there.size) < invents)
    return [{code: value} if yes else {} for yes in said]


def merged(*sides):
    """Several codes of each message."""
    return [{key: value for one in each for key, value in one.items()} for each in zip(*sides, strict=True)]

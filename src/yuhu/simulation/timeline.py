"""Simulated coders of what is shown: they mark the segments of an episode, a little early or late, and now and then miss one."""

from collections.abc import Mapping, Sequence

import polars as pl

from yuhu.core.codebook import Codebook
from yuhu.core.randomness import generator
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.simulation.coders import AT, KIND
from yuhu.simulation.mixes import EPISODES
from yuhu.simulation.shown import spans

CODERS = (("coder-d", "zh"), ("coder-e", "zh"), ("coder-f", "zh"))
"""Who marks segments: none of them codes responses."""

_SEEN_SHARE = 0.96
_JITTER_MS = 300
_STEP_MS = 50
_TAKEN_FOR_NEXT = 0.08

Stretch = tuple[str, str, str, int, int]


def simulated_timelines(book: Codebook, videos: Mapping[str, str], *, seed: int) -> tuple[pl.DataFrame, list[Stretch]]:
    """Codings of `CODERS` on segments, and the stretches that they watched.

    Parameters
    ----------
    book : Codebook
        The study's codebook.
    videos : mapping of str to str
        The video on which each work was coded.
    seed : int
        The study's seed.

    Returns
    -------
    pl.DataFrame
        Columns of `core.schema.CODING`: each coder finds 96 % of the segments, with ends that are off by a normal error of 300 ms.
    list of tuple
        ``coder, video_id, code, start_ms, end_ms``: every timeline code of the codebook, over the whole video.
    """
    rows, watched = [], []
    codes = sorted({one.code for one in book.variables.values() if one.unit == "span" and one.level != "interval"})
    for coder, _ in CODERS:
        for work, video in videos.items():
            watched += [(coder, video, code, 0, EPISODES[work][0]) for code in codes]
            rows += _marked(book, work, video, coder, seed)
    return conform(pl.DataFrame(rows, infer_schema_length=None), polars_schema(CODING)), watched


def _marked(book: Codebook, work: str, video: str, coder: str, seed: int) -> list[dict[str, object]]:
    random = generator(seed, "simulation", "timeline", coder, video)
    out: list[dict[str, object]] = []
    last = dict.fromkeys(book.variables, 0)
    for span in spans(work):
        luck, other, *off = random.random(2).tolist() + random.normal(0, _JITTER_MS, size=2).tolist()
        start = max(round((span.start_ms + off[0]) / _STEP_MS) * _STEP_MS, last[span.code])
        end = min(round((span.end_ms + off[1]) / _STEP_MS) * _STEP_MS, EPISODES[work][0])
        if luck > _SEEN_SHARE or end <= start:
            continue
        last[span.code] = end
        variable = book.variables[span.code]
        out.append(
            {
                "unit_kind": "span", "video_id": video, "start_ms": start, "end_ms": end, "code": span.code, "status": "coded", "coder": coder,
                "value": _value(span.value, variable.values, variable.level == "ordinal" and other < _TAKEN_FOR_NEXT), "coder_kind": KIND,
                "code_hash": variable.code_hash, "codebook_hash": book.content_hash, "at": AT,
            }
        )  # fmt: skip
    return out


def _value(true: str, values: Sequence[str], is_next: bool) -> str:
    """The value, or a neighbour of it that is not "not there"."""
    place = values.index(true)
    return values[place - 1 if place == len(values) - 1 else place + 1] if is_next else true

"""Agreement on timelines: where coders marked a code in a video, and where they watched and did not."""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.agreement import unitizing_alpha
from yuhu.study.layers import read_coverage
from yuhu.study.store import Study
from yuhu.verbs.agree_rows import row

QUANTUM_MS = 100
_OF = {"u_alpha": "u", "u_alpha_marked": "binary", "u_alpha_coding": "coding"}

Found = tuple[Variable, str, Estimate, dict[str, int | None]]


def timeline_rows(
    study: Study, book: Codebook, codes: Sequence[str], everyone: pl.DataFrame, *, draws: int, seed: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of `study.agreements.SCHEMA` for decisions on spans of the video, and what could not be worked out."""
    spans = everyone.filter((pl.col("unit_kind") == "span") & (pl.col("status") == "coded"))
    every = [one for one in book.variables.values() if one.unit == "span" and (not codes or one.id in codes or one.code in codes)]
    rows, warnings = [], []
    for found in timelines(study, every, spans, draws=draws, seed=seed):
        if isinstance(found, YuhuError):
            warnings.append(f"{found.problem}: {', '.join(f'{key} {value}' for key, value in found.facts.items())}; {found.fix}")
            continue
        variable, name, estimate, counts = found
        rows.append(row(variable, "timeline", "all", name, estimate, counts))
    return rows, warnings


def timelines(study: Study, variables: Sequence[Variable], spans: pl.DataFrame, *, draws: int, seed: int) -> Iterator[Found | YuhuError]:
    """Alpha of the timelines of each decision on spans.

    Parameters
    ----------
    study : Study
        The study.
    variables : sequence of Variable
        Decisions on spans.
    spans : pl.DataFrame
        Codings of people on spans, with status ``coded``.
    draws, seed : int
        Of the bootstrap over videos.

    Yields
    ------
    (Variable, coefficient, Estimate, sizes), or the error of a decision whose segments do not fit together

    Notes
    -----
    A stretch counts as watched where coverage says so; without coverage of a coder, video and code the whole video does, if the coder marked anything of the
    code in it. Values that mean "not there" are gaps.
    """
    lengths = dict(study.videos().select("video_id", "duration_ms").iter_rows())
    coverage = read_coverage(study.path)
    for variable in variables:
        mine = spans.filter(
            (pl.col("code") == variable.id) & (pl.col("code_hash") == variable.code_hash) & (pl.col("value") != (variable.zero or ""))
        )
        watched = coverage.filter(pl.col("code").is_in([variable.id, variable.code]))
        coders = sorted({*mine["coder"].unique(), *watched["coder"].unique()})
        videos = sorted({*mine["video_id"].unique(), *watched["video_id"].unique()})
        if len(coders) < 2 or not videos:
            continue
        try:
            found = _alpha(mine, watched, coders, videos, lengths, draws, seed)
        except YuhuError as error:
            yield error
            continue
        sizes: dict[str, int | None] = {"n_units": mine.height, "n_coders": len(coders), "n_videos": len(videos)}
        for name, field in _OF.items():
            yield variable, name, getattr(found, field), sizes


def _alpha(
    mine: pl.DataFrame, watched: pl.DataFrame, coders: list[str], videos: list[str], lengths: dict[str, int | None], draws: int, seed: int
) -> Any:
    continua, seen, ends = [], [], []
    for video in videos:
        marked = mine.filter(pl.col("video_id") == video)
        stretches = watched.filter(pl.col("video_id") == video)
        last = max([*marked["end_ms"].to_list(), *stretches["end_ms"].to_list()])
        ends.append(float(max(lengths.get(video) or 0, last)))
        lines, views = [], []
        for coder in coders:
            line = marked.filter(pl.col("coder") == coder).sort("start_ms").select("start_ms", "end_ms", "value").rows()
            view = stretches.filter(pl.col("coder") == coder).sort("start_ms").select("start_ms", "end_ms").rows()
            lines.append(line if line or view else None)
            views.append(view or None)
        continua.append(lines)
        seen.append(views)
    return unitizing_alpha(continua, length_ms=ends, quantum_ms=QUANTUM_MS, coverage=seen, draws=draws, seed=seed)

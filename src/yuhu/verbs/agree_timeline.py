"""Agreement on timelines: where coders marked a code in a video, and where they watched and did not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from yuhu.core.codebook import Codebook, Variable
from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.core.schema import PEOPLE
from yuhu.stats.agreement import unitizing_alpha
from yuhu.study.codings import read_codings
from yuhu.study.layers import read_coverage
from yuhu.study.store import Study
from yuhu.verbs.agree_rows import row

QUANTUM_MS = 100
ALL, WITH_MACHINE = "timeline", "timeline with machine"
_OF = {"u_alpha": "u", "u_alpha_marked": "binary", "u_alpha_coding": "coding"}

Found = tuple[Variable, str, Estimate, dict[str, int | None]]


@dataclass(frozen=True)
class Timelines:
    """What some coders marked (codings on spans) and watched (coverage)."""

    spans: pl.DataFrame
    watched: pl.DataFrame

    @property
    def coders(self) -> set[str]:
        """Who marked or watched anything."""
        return {*self.spans["coder"], *self.watched["coder"]}

    def beside(self, other: "Timelines") -> "Timelines":
        """These coders and others."""
        return Timelines(pl.concat([self.spans, other.spans]), pl.concat([self.watched, other.watched]))

    def as_text(self) -> str:
        """Another one where a coding or a watched stretch is."""
        order = self.watched.columns
        return "\n".join((self.spans.drop("note", "evidence", "at").write_csv(), self.watched.sort(order).write_csv()))


def timelines_of_people(study: Study, everyone: pl.DataFrame, kinds: Sequence[str]) -> Timelines:
    """The timelines of people: `everyone` are their codings, `kinds` the kinds of coders that count as people."""
    return Timelines(_coded(everyone), read_coverage(study.path).filter(pl.col("coder_kind").is_in(kinds)))


def timelines_of_machine(study: Study, name: str) -> Timelines:
    """The timelines of a machine coder; both frames are empty where it coded no segment."""
    is_it = (pl.col("coder") == name) & ~pl.col("coder_kind").is_in(PEOPLE)
    spans = read_codings(study.path, counted=True, unit_kind="span", coder=name)
    return Timelines(_coded(spans.filter(is_it)), read_coverage(study.path).filter(is_it))


def _coded(codings: pl.DataFrame) -> pl.DataFrame:
    return codings.filter((pl.col("unit_kind") == "span") & (pl.col("status") == "coded"))


def timeline_rows(
    study: Study, book: Codebook, codes: Sequence[str], people: Timelines, machine: str | None = None, *, draws: int, seed: int
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of `study.agreements.SCHEMA` for decisions on spans of the video, and what could not be worked out.

    A machine that coded segments stands beside the people as one more coder in rows of its own, on what it decides.
    """
    every = [one for one in book.variables.values() if one.unit == "span" and (not codes or one.id in codes or one.code in codes)]
    compared = [(ALL, "all", every, people)]
    if machine is not None:
        its = timelines_of_machine(study, machine)
        codes_of_it = {*its.spans["code"], *its.watched["code"]}
        compared.append((WITH_MACHINE, machine, [one for one in every if codes_of_it & {one.id, one.code}], people.beside(its)))
    rows, warnings = [], []
    for by, subject, variables, held in compared:
        for found in timelines(study, variables, held, draws=draws, seed=seed):
            if isinstance(found, YuhuError):
                warnings.append(f"{found.problem}: {', '.join(f'{key} {value}' for key, value in found.facts.items())}; {found.fix}")
                continue
            variable, name, estimate, counts = found
            rows.append(row(variable, by, subject, name, estimate, counts))
    return rows, list(dict.fromkeys(warnings))


def timelines(study: Study, variables: Sequence[Variable], held: Timelines, *, draws: int, seed: int) -> Iterator[Found | YuhuError]:
    """Alpha of the timelines of each decision on spans.

    Parameters
    ----------
    study : Study
        The study.
    variables : sequence of Variable
        Decisions on spans.
    held : Timelines
        What the coders that are compared marked and watched.
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
    for variable in variables:
        mine = held.spans.filter(
            (pl.col("code") == variable.id) & (pl.col("code_hash") == variable.code_hash) & (pl.col("value") != (variable.zero or ""))
        )
        watched = held.watched.filter(pl.col("code").is_in([variable.id, variable.code]))
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

"""Sections on courses over time: media time and wall time."""

import polars as pl

from yuhu.core.estimate import REASONS
from yuhu.reporting.figures.attention import MOST_SUBJECTS, attention
from yuhu.reporting.figures.drawing import draw
from yuhu.reporting.figures.intensity import MOST_VIDEOS, intensity
from yuhu.reporting.numbers import clock, moment, quantity
from yuhu.reporting.page import Facts, Figure, Table, View
from yuhu.reporting.said import Said
from yuhu.reporting.words import word
from yuhu.texts.hostile import visible

SHOWN_CODE = "affective_empathy"
MS_PER_MINUTE = 60_000
LONGEST_GAP = 6


def media_time(facts: Facts, lang: str) -> View:
    """Messages per step of media time and video."""
    frame = facts.estimates.filter(
        (pl.col("measure") == "moment_rate.v1") & pl.col("method").is_in(["gamma_poisson_rate.v1", "machine_rate.v1"])
    )
    frame = frame.filter(pl.col("at_ms").is_not_null())
    if not frame.height:
        return View("intensity", word("intensity", lang), [word("none_yet", lang)])
    messages = frame.filter(pl.col("source") == "observed").select("subject", "at_ms", "n", messages="count")
    coded = frame.filter(pl.col("code") == SHOWN_CODE).select("subject", "at_ms", coded="count")
    totals = messages.group_by("subject").agg(pl.col("n").first()).sort("n", "subject", descending=[True, False])
    videos = totals["subject"].head(MOST_VIDEOS).sort().to_list()
    steps = messages.filter(pl.col("subject").is_in(videos)).join(coded, on=["subject", "at_ms"], how="left").sort("subject", "at_ms")
    drawn = steps.with_columns(
        video=pl.col("subject").map_elements(lambda s: visible(s, 60), return_dtype=pl.String), minutes=pl.col("at_ms") / MS_PER_MINUTE
    )
    figure = Figure("figure-intensity", word("intensity", lang), draw(intensity(drawn, lang), "intensity"), word("intensity_note", lang))
    lines = []
    for video, n in totals.head(MOST_VIDEOS).iter_rows():
        top = steps.filter(pl.col("subject") == video).sort("messages", "at_ms", descending=[True, False]).head(3)
        width = facts.settings.bin_seconds
        busiest = ", ".join(f"{clock(at)} ({count:,})" for at, count in top.select("at_ms", "messages").iter_rows())
        lines.append((visible(video, 80), f"{n:,}", f"{width} s: {busiest}", REASONS["complete_count"][lang], "count.v1", "D"))
    columns = [word(key, lang) for key in ("video", "rows", "step", "remarks", "method", "rung")]
    return View(
        "intensity",
        word("intensity", lang),
        [word("intensity_lead", lang)],
        figures=[figure],
        tables=[Table("busiest", word("intensity", lang), columns, lines)],
    )


def attention_over_time(facts: Facts, lang: str) -> View:
    """Metrics as platforms showed them."""
    frame = facts.estimates.filter(pl.col("measure") == "attention.v1")
    best = facts.estimates.filter(pl.col("measure") == "attention_best.v1")
    if not frame.height:
        return View("attention", word("attention", lang), [word("none_yet", lang)])
    zone = facts.settings.time_zone
    figures: list[Figure] = []
    for metric in sorted(frame["value_id"].unique(), key=lambda name: (name != "rank", name != "heat", name))[:4]:
        one = frame.filter(pl.col("value_id") == metric)
        top = one.group_by("subject").len().sort("len", "subject", descending=[True, False]).head(MOST_SUBJECTS)["subject"]
        shown = (
            one.filter(pl.col("subject").is_in(top.implode()))
            .sort("subject", "at")
            .with_columns(stretch=_stretches())
            .with_columns(
                subject=pl.col("subject").map_elements(short, return_dtype=pl.String),
                at=pl.col("at").dt.convert_time_zone(zone).dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
            )
        )
        name = word(metric, lang) if metric in {"rank", "heat"} else visible(metric, 40)
        figures.append(
            Figure(
                f"figure-{metric}",
                f"{name} ({zone})",
                draw(attention(shown, metric, lang), f"attention-{len(figures)}"),
                word("attention_note", lang) if metric == "rank" else "",
            )
        )
    lines = [
        (short(row["subject"]), word(row["value_id"], lang) if row["value_id"] in {"rank", "heat"} else visible(row["value_id"], 40), Said(quantity(row["value"], lang), row), moment(row["at"], zone), f"{row['n']:,}", REASONS[row["reason"]][lang], row["method"], row["rung"])
        for row in best.iter_rows(named=True)
    ]  # fmt: skip
    columns = [word(key, lang) for key in ("subject", "metric", "best", "when", "observations", "remarks", "method", "rung")]
    return View(
        "attention",
        word("attention", lang),
        [word("attention_lead", lang)],
        figures=figures,
        tables=[Table("best", word("best", lang).rstrip("# "), columns, lines, folded=len(lines) > 12)],
    )


def _stretches() -> pl.Expr:
    """Numbers of stretches without a gap: lines do not join observations that lie much further apart than usual."""
    step = pl.col("at").diff().dt.total_seconds().over("subject")
    usual = step.median().over("subject")
    return (step > LONGEST_GAP * usual).fill_null(value=False).cast(pl.Int32).cum_sum().over("subject")


def short(subject: str) -> str:
    """A subject without its prefix."""
    return visible(subject.removeprefix("topic:"), 60)

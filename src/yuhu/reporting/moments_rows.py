"""The rows that the section on moments is made of, by what they are."""

from typing import Any

import polars as pl

from yuhu.reporting.numbers import clock
from yuhu.reporting.page import Facts

PEAKS, RATES = "peaks.v1", "moment_rate.v1"
MS_PER_MINUTE = 60_000
_PREFIX = "exposure="

Row = dict[str, Any]


class Held:
    """Estimates of peaks and rates.

    Parameters
    ----------
    facts : Facts
        Whose estimates they are.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        frame = facts.estimates.filter(pl.col("measure") == PEAKS)
        self._rates = facts.estimates.filter((pl.col("measure") == RATES) & pl.col("code").is_null() & pl.col("at_ms").is_not_null())
        self._by: dict[str, list[Row]] = {}
        for row in frame.filter(pl.col("by") != "segment").iter_rows(named=True):
            self._by.setdefault(row["by"], []).append(row)
        self._segments = frame.filter(pl.col("by") == "segment")
        tests = [row for row in self._by.get("video", []) if row["code"] is None]
        self._tests = {row["subject"]: row for row in tests if row["unit"] == "p"}
        self._q = {row["subject"]: row["value"] for row in tests if row["unit"] == "q"}
        self.videos = sorted(self._tests, key=lambda video: (-self._tests[video]["n"], video))
        coded = [row for row in self._by.get("video", []) if row["code"] is not None]
        self._code_q = {(row["subject"], row["code"], row["value_id"]): row["value"] for row in coded if row["unit"] == "q"}
        self.code_series = len(self._code_q)
        ps = {_place(row): row["value"] for row in self._by.get("peak", []) if row["unit"] == "p"}
        self._peaks = [{**row, "p": ps[_place(row)]} for row in self._by.get("peak", []) if row["unit"] != "p"]

    def rows(self, by: str) -> list[Row]:
        """All rows of a kind."""
        return self._by.get(by, [])

    def one(self, by: str) -> Row:
        """The only row of a kind."""
        return self._by[by][0]

    def test(self, video: str) -> Row:
        """The strongest window of a video with its p, or why it was not scanned."""
        return self._tests[video]

    def q(self, video: str) -> float | None:
        """The false discovery rate over videos."""
        return self._q.get(video)

    def peaks(self, video: str) -> list[Row]:
        """Peaks of all messages that stand under every assumption, with their p."""
        return [row for row in self._of(video) if row["reason"] != "depends_on_exposure" and row["value"] is not None]

    def open_peaks(self, video: str) -> list[Row]:
        """Those that do not."""
        return [row for row in self._of(video) if row["reason"] == "depends_on_exposure"]

    def _of(self, video: str) -> list[Row]:
        return [row for row in self._peaks if row["subject"] == video and row["code"] is None]

    def code_peaks(self) -> list[Row]:
        """Peaks of single codes that stand under every assumption, with p and q."""
        return [
            {**row, "q": self._code_q.get((row["subject"], row["code"], row["value_id"]))}
            for row in self._peaks
            if row["code"] is not None and row["reason"] != "depends_on_exposure"
        ]

    def at(self, by: str, peak: Row) -> list[Row]:
        """Rows of a kind at a peak."""
        return [row for row in self.rows(by) if all(row[name] == peak[name] for name in ("subject", "at_ms", "end_ms"))]

    def spoken(self, peak: Row) -> list[Row]:
        """Lines spoken in a peak or so long before it as counts."""
        early = peak["at_ms"] + self.one("before")["at_ms"]
        return [
            row for row in self.rows("line") if row["subject"] == peak["subject"] and row["at_ms"] < peak["end_ms"] and row["end_ms"] > early
        ]  # fmt: skip

    def scenarios(self, video: str) -> list[str]:
        """The assumptions of how many watched, in their order."""
        mine = self._rates.filter(pl.col("subject") == video)
        return [scenario_of(by) for by in mine["by"].unique(maintain_order=True)]

    def segments(self, video: str) -> pl.DataFrame:
        """``code, minutes, until`` of what was on screen."""
        mine = self._segments.filter(pl.col("subject") == video)
        return mine.select("code", minutes=pl.col("at_ms") / MS_PER_MINUTE, until=pl.col("end_ms") / MS_PER_MINUTE)

    def courses(self, video: str) -> tuple[pl.DataFrame, pl.DataFrame] | None:
        """The first course with its counts, and the others; None where there is none."""
        mine = self._rates.filter(pl.col("subject") == video).with_columns(
            minutes=pl.col("at_ms") / MS_PER_MINUTE, until=pl.col("end_ms") / MS_PER_MINUTE
        )
        smooth = mine.filter(pl.col("method") == "local_likelihood.v1")
        counts = mine.filter(pl.col("method") == "gamma_poisson_rate.v1")
        if not counts.height:
            return None
        first = counts["by"][0]
        line = smooth.filter(pl.col("by") == first).select("at_ms", rate="value", low="low", high="high")
        course = counts.join(line, on="at_ms", how="left", maintain_order="left", suffix="_smooth").select(
            "by",
            "minutes",
            "until",
            counted=pl.col("count") * 1000 / (pl.col("end_ms") - pl.col("at_ms")),
            rate="rate",
            low="low_smooth",
            high="high_smooth",
        )
        others = smooth.filter((pl.col("by") != first) & pl.col("value").is_not_null()).select(
            scenario="by", minutes=(pl.col("minutes") + pl.col("until")) / 2, rate="value"
        )
        return course, others


def scenario_of(by: str) -> str:
    """The assumption in ``exposure=…``."""
    return by.removeprefix(_PREFIX)


def span(row: Row) -> str:
    """``1:05–1:12``."""
    return f"{clock(row['at_ms'])}–{clock(row['end_ms'])}"


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("subject", "code", "value_id", "at_ms", "end_ms"))

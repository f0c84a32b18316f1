"""Hot lists as CSV: rank and heat of topics over time, into ``metrics``."""

import csv
from collections.abc import Iterator, Mapping

import polars as pl

from yuhu.core.clock import wall_from_text
from yuhu.core.contracts import Batch, Facts, Head, Origin, Reject
from yuhu.core.errors import YuhuError
from yuhu.sources.reading import clean, opened, reject, whole

ZONE = "Asia/Shanghai"
FIRST_RANK = "band_rank_at_first_crawl"

_COLUMNS = {
    "time": ("commit_time_beijing", "commit_time", "crawl_time", "snapshot_time", "time"),
    "title": ("title", "word", "topic"),
    "heat": ("hot", "heat", "hot_value", "heat_text"),
    "rank": ("band_rank", "band_rank_at_first_crawl", "rank", "position"),
    "list": ("platform", "list"),
}
_PLATFORMS = ("weibo", "zhihu", "douyin", "bilibili", "kuaishou", "toutiao", "baidu")
_LONGEST_RANK = 1000


class HotListCsv:
    """A CSV with a time, a title and a rank or heat: one row is one observation of one topic.

    The heat of a topic that stays listed is the last one seen, so equal neighbours may be one measurement.
    """

    name = "hot_list_csv.v1"
    label: Mapping[str, str] = {"en": "hot list, CSV", "zh": "热榜 CSV"}

    def sniff(self, head: Head) -> float:
        """A header with columns of all three kinds."""
        if head.text[:1] in {"<", "{", "["}:
            return 0.0
        try:
            header = next(csv.reader([head.text.partition("\n")[0].rstrip("\r")]), [])
        except csv.Error:
            return 0.0
        found = {kind for kind, names in _COLUMNS.items() if any(name in header for name in names)}
        specific = any(name in header for name in ("band_rank", "band_rank_at_first_crawl", "heat_text", "hot_value", "hot"))
        return 0.9 if {"time", "title"} <= found and found & {"heat", "rank"} and specific else 0.0

    def read(self, origin: Origin, facts: Facts) -> Iterator[Batch]:
        """Rank and heat of each topic at each time.

        Raises
        ------
        YuhuError
            YH102 the header lacks a column.
        """
        facts.what = "hot list observations"
        facts.platform = origin.platform or next((name for name in _PLATFORMS if name in origin.name.lower()), "hotlist")
        with opened(origin) as file:
            reader = csv.reader(file)
            header = next(reader, [])
            taken = {kind: next((name for name in names if name in header), None) for kind, names in _COLUMNS.items() if kind != "list"}
            facts.notes.append(", ".join(f"{kind} from {name or 'nothing'}" for kind, name in taken.items()))
            places = {kind: next((header.index(name) for name in names if name in header), None) for kind, names in _COLUMNS.items()}
            if places["time"] is None or places["title"] is None:
                raise YuhuError(
                    "YH102",
                    "a hot list needs a time and a title",
                    facts={"file": origin.name, "found": ", ".join(header)},
                    fix="use --map time=at --map title=subject",
                )
            rows: list[tuple[str, str, int | None, int | None, int]] = []
            rejects: list[Reject] = []
            seen = 0
            try:
                for seen, cells in enumerate(reader, start=1):
                    row = self._row(cells, places, facts.platform)
                    if isinstance(row, str):
                        rejects.append(reject(f"line {reader.line_num}", row, ",".join(cells)))
                    else:
                        rows.append((*row, seen))
            except csv.Error as error:
                facts_of = {"line": reader.line_num, "found": error}
                raise YuhuError(
                    "YH106", f"`{origin.name}` is not readable as CSV", facts=facts_of, fix="export it again with quoted fields"
                ) from error
        yield self._batch(rows, rejects, seen, origin, first_only=taken["rank"] == FIRST_RANK)

    def _row(self, cells: list[str], places: Mapping[str, int | None], platform: str) -> tuple[str, str, int | None, int | None] | str:
        def cell(kind: str) -> str:
            place = places[kind]
            return clean(cells[place]) if place is not None and place < len(cells) else ""

        if not cell("title"):
            return "no title"
        rank, heat = whole(cell("rank")), whole(cell("heat").removesuffix("热度").replace(" ", ""))
        if rank is not None and not 1 <= rank <= _LONGEST_RANK:
            rank = None
        if rank is None and heat is None:
            return "neither rank nor heat"
        where = platform if cell("list") in {"", platform} else f"{platform}/{cell('list')}"
        return cell("time"), f"topic:{where}:{cell('title')}", rank, heat

    def _batch(
        self,
        rows: list[tuple[str, str, int | None, int | None, int]],
        rejects: list[Reject],
        seen: int,
        origin: Origin,
        *,
        first_only: bool,
    ) -> Batch:
        frame = pl.DataFrame(
            rows, schema={"time": pl.String, "subject": pl.String, "rank": pl.Float64, "heat": pl.Float64, "at_row": pl.Int64}, orient="row"
        )
        frame = frame.with_columns(at=wall_from_text(pl.col("time"), origin.tz or ZONE))
        bad = frame.filter(pl.col("at").is_null())
        rejects += [reject(f"row {at}", "the time is not understood", time) for at, time in bad.select("at_row", "time").iter_rows()]
        good = frame.filter(pl.col("at").is_not_null())
        if first_only:
            good = good.sort("at", "at_row", maintain_order=True)
            later = good.filter(~pl.col("subject").is_first_distinct())
            rejects += [
                reject(f"row {at}", "a rank at first crawl is known for the first observation only", subject)
                for at, subject in later.select("at_row", "subject").iter_rows()
            ]
            good = good.filter(pl.col("subject").is_first_distinct())
        metrics = (
            good.unpivot(["rank", "heat"], index=["subject", "at", "at_row"], variable_name="name", value_name="value")
            .drop_nulls("value")
            .sort("at_row", "name", descending=[False, True])
            .select("subject", "at", "name", "value")
        )
        return Batch(seen, good.height, rejects, metrics=metrics)

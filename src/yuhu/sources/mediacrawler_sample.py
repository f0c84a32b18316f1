"""What MediaCrawler's files tell about the sample that they are: totals, caps, replies that were not asked for, times that were put right."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

from yuhu.core.clock import iso_utc
from yuhu.core.contracts import Facts, Origin
from yuhu.sources.mediacrawler_layouts import ACCOUNTS, COMMENTS, CONTACTS, POSTS, VIDEOS, Layout

DEFAULT_CAP = 10
"""First-level comments of a post that MediaCrawler reads unless it is told otherwise; replies it leaves out."""

FEWEST_AT_CAP = 3
"""Posts that must end at the same largest number of comments for that to be a cap which a person set."""

MOST_TOTALS = 10_000
"""Totals that are noted one by one. Beyond, replies are summed, and totals of comments are left to the metrics, which have them all."""

_NOTES = {
    "late": "create_time and create_date_time disagree in {} records: create_time was written 8 hours late until 30 July 2026, so create_date_time counts",
    "timeless": "{} records have no time that is understood",
    "uncounted": "{} records do not say when they were collected, so their counts are left out; --exported-at gives them a time",
    "pictures": "{} works are notes with pictures, no videos",
    "films": "{} notes are videos; their comments stand below the note",
    "hashed": "{} records name people by a hash of their id (creator_hash, since July 2026): in files from before they have other keys, and a region is not told",
}
_ORDER = (VIDEOS, POSTS, COMMENTS, ACCOUNTS)
_KINDS = {("douyin", "68"): "pictures", ("xiaohongshu", "video"): "films"}


@dataclass
class Sample:
    """Gathers what can be told only once all was read.

    Parameters
    ----------
    origin : Origin
        What the person said.
    facts : Facts
        Where it goes.
    """

    origin: Origin
    facts: Facts
    _whats: set[str] = field(default_factory=set)
    _captured: int | None = None
    _noted: Counter[str] = field(default_factory=Counter)
    _items: dict[bool, list[pl.DataFrame]] = field(default_factory=dict)
    _replied: dict[bool, list[pl.DataFrame]] = field(default_factory=dict)

    def met(self, values: pl.DataFrame, layout: Layout) -> None:
        """Take note of the values of some rows."""
        if layout.what == CONTACTS:
            return
        self._whats.add(layout.what)
        newest = values["captured"].dt.timestamp("ms").max()
        if isinstance(newest, int):
            self._captured = max(newest, self._captured or newest)
        kept = values.filter(pl.col("why").is_null())
        self._count(kept, layout)
        if self.facts.platform not in {layout.platform, self.origin.platform}:  # totals are the file's platform's
            return
        if layout.what == COMMENTS:
            self._comments(kept, layout)
        elif layout.what in {POSTS, VIDEOS}:
            self._totals(kept, layout)

    def _count(self, kept: pl.DataFrame, layout: Layout) -> None:
        told = {"hashed": pl.col("is_hashed"), "late": pl.col("is_late"), "timeless": pl.col("sent").is_null() & pl.lit(bool(layout.sent))}
        if layout.counts:
            told["uncounted"] = pl.col("captured").is_null() & pl.any_horizontal(pl.col(*layout.counts).is_not_null())
        told |= {name: pl.col("kind") == kind for (platform, kind), name in _KINDS.items() if platform == layout.platform}
        totals = kept.select(one.sum().alias(name) for name, one in told.items()).row(0, named=True)
        self._noted.update({name: int(number or 0) for name, number in totals.items()})

    def _totals(self, kept: pl.DataFrame, layout: Layout) -> None:
        """The platform's own totals of comments."""
        column = next((name for name, metric in layout.counts.items() if metric == "comments"), None)
        if column is None:
            return
        room = max(MOST_TOTALS - len(self.facts.expected), 0)
        for native, total in kept.select("native", column).drop_nulls().head(room).iter_rows():
            self._expect("comment", int(total), native, is_video=layout.what == VIDEOS)

    def _expect(self, kind: str, total: int, native: str | None, *, is_video: bool, root: str | None = None) -> None:
        video = (self.origin.video or native) if is_video else self.origin.video
        self.facts.expect(kind, total, video=video, root=root if is_video or root else f"post:{native}")

    def _comments(self, kept: pl.DataFrame, layout: Layout) -> None:
        """Comments by what they are about, and the platform's own numbers of replies."""
        said = pl.col("replies").fill_null(0) if layout.replies else pl.lit(0, dtype=pl.Int64)
        is_first = ~pl.col("is_reply")
        items = kept.group_by("of", maintain_order=True).agg(
            first=is_first.sum().cast(pl.Int64), here=pl.col("is_reply").sum().cast(pl.Int64), said=said.filter(is_first).sum()
        )
        self._items.setdefault(layout.is_below_video, []).append(items.select("of", "first", "here", "said"))
        replied = self._replied.setdefault(layout.is_below_video, [])
        if sum(part.height for part in replied) <= MOST_TOTALS:
            replied.append(kept.filter(is_first & (said > 0)).select("of", "native", said=said))

    def tell(self) -> None:
        """Say what is known of the whole."""
        facts = self.facts
        facts.what = " and ".join(what for what in _ORDER if what in self._whats) or facts.what
        facts.exported_at = iso_utc(self._captured)
        for is_video, parts in self._items.items():
            items = pl.concat(parts).group_by("of", maintain_order=True).agg(pl.col("first", "here", "said").sum())
            self._tell_cap(items)
            self._tell_replies(items)
            self._expect_replies(items, pl.concat(self._replied[is_video]), is_video=is_video)
        facts.notes += [message.format(f"{self._noted[name]:,}") for name, message in _NOTES.items() if self._noted[name]]

    def _tell_cap(self, items: pl.DataFrame) -> None:
        largest = int(items["first"].max() or 0)  # type: ignore[arg-type]  # a maximum of integers
        at_cap = int((items["first"] == largest).sum())
        if largest == DEFAULT_CAP or (largest and largest % DEFAULT_CAP == 0 and at_cap >= FEWEST_AT_CAP):
            whose = "MediaCrawler reads no more unless it is told" if largest == DEFAULT_CAP else "a cap of the crawler, it seems"
            self.facts.caps["first_level"] = largest
            self.facts.truncated(
                f"{at_cap:,} of {items.height:,} videos or posts have {largest:,} first-level comments, and none has more: {whose}"
            )

    def _tell_replies(self, items: pl.DataFrame) -> None:
        missing = items.select((pl.col("said") - pl.col("here")).clip(0).sum()).item()
        if missing and not items["here"].sum():
            self.facts.first_level_only = True
            self.facts.truncated(
                f"no replies are here, and the platform counts {missing:,}: MediaCrawler leaves them out unless it is told"
            )
        elif missing:
            self.facts.truncated(f"{missing:,} replies are not here, by the platform's own count")

    def _expect_replies(self, items: pl.DataFrame, replied: pl.DataFrame, *, is_video: bool) -> None:
        """The platform's numbers of replies: of each thread; of each video or post where there are too many threads; or of the whole file."""
        answered = items.filter(pl.col("said") > 0)
        if replied.height <= MOST_TOTALS:
            for of, native, said in replied.iter_rows():
                self._expect("reply", said, of, is_video=is_video, root=f"comment:{native}")
        elif answered.height <= MOST_TOTALS:
            for of, said in answered.select("of", "said").iter_rows():
                self._expect("reply", said, of, is_video=is_video)
        else:
            self.facts.expect("reply", int(answered["said"].sum()))

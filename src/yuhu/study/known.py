"""Ids of responses that a study holds already, or that the same step took before."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]


class KnownResponses:
    """Ids of responses already in a study, or taken before in the same step, as 64-bit hashes.

    Parameters
    ----------
    scans : iterable of (videos or None, lazy frame)
        The study's partitions of responses; None where a partition may hold any video. One is read once its videos turn up.

    Notes
    -----
    Time O(n log n) in ids; 8 bytes each, twice that while they are sorted. Among 10 million ids the chance that any two hashes meet is 3 in a million.
    """

    def __init__(self, scans: Iterable[tuple[Sequence[str] | None, pl.LazyFrame]]) -> None:
        self._unread: list[tuple[frozenset[str] | None, pl.LazyFrame]] = [
            (None if videos is None else frozenset(videos), scan) for videos, scan in scans
        ]
        self._runs: list[Hashes] = []  # each sorted, and more than twice as long as the next
        self._fresh: list[Hashes] = []

    def is_new(self, rows: pl.DataFrame) -> pl.Series:
        """Whether each row's ``response_id`` is met for the first time; from now on it is known."""
        self._read(rows["video_id"])
        keys = rows["response_id"].hash().to_numpy()
        fresh = np.sort(keys)
        if (fresh[1:] == fresh[:-1]).any() or self._holds(fresh).any():
            distinct, first = np.unique(keys, return_index=True)
            is_fresh = ~self._holds(distinct)
            fresh = distinct[is_fresh]
            new = np.zeros(len(keys), bool)
            new[first[is_fresh]] = True
        else:
            new = np.ones(len(keys), bool)
        self._take(fresh)
        self._fresh.append(fresh)
        return pl.Series("new", new)

    def settle(self) -> None:
        """What was taken so far stays known."""
        self._fresh.clear()

    def revoke(self) -> None:
        """What was taken since `settle` is known no longer: its file was dropped."""
        if self._fresh:
            gone = np.concatenate(self._fresh)
            self._runs = [run[~np.isin(run, gone)] for run in self._runs]
        self._fresh.clear()

    def _read(self, column: pl.Series) -> None:
        """Learn the ids of partitions that may hold one of some videos."""
        videos = None if column.null_count() else frozenset(column.unique())
        waiting: list[tuple[frozenset[str] | None, pl.LazyFrame]] = []
        for held, scan in self._unread:
            if videos is None or held is None or not videos.isdisjoint(held):
                self._take(np.unique(scan.select("response_id").collect()["response_id"].hash().to_numpy()))
            else:
                waiting.append((held, scan))
        self._unread = waiting

    def _holds(self, keys: Hashes) -> npt.NDArray[np.bool_]:
        """Which of some sorted keys are known."""
        held = np.zeros(len(keys), bool)
        for run in self._runs:
            if len(run):
                held |= run[np.minimum(np.searchsorted(run, keys), len(run) - 1)] == keys
        return held

    def _take(self, fresh: Hashes) -> None:
        """Remember sorted keys; runs are joined as they grow, so that there are few."""
        while self._runs and len(self._runs[-1]) <= 2 * len(fresh):
            fresh = np.concatenate([self._runs.pop(), fresh])
            fresh.sort()
        self._runs.append(fresh)

"""People that were met with their keys: whole columns of people are looked up at once."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl


def _nobody() -> pl.Series:
    return pl.Series(dtype=pl.String)


@dataclass(frozen=True, eq=False)
class MetPeople:
    """Keys by person, found by the hash of the person's id; it never changes, so that two threads may look into it.

    Parameters
    ----------
    hashes : array of uint64, shape (N,)
        In ascending order, each once.
    places : array of int64, shape (N,)
        Where the person of each hash stands in `people`.
    people, keys : pl.Series of str, length N
        Ids and their keys.

    Notes
    -----
    About 90 bytes a person. Of two people whose ids have the same hash (among a million, 3 times in 100 million) one is kept; the other is not found.
    """

    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    places: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    people: pl.Series = field(default_factory=_nobody)
    keys: pl.Series = field(default_factory=_nobody)

    def __len__(self) -> int:
        return len(self.hashes)

    def keys_of(self, people: pl.Series) -> pl.Series:
        """The key of each person; null where the person was not met, and where there is none. O(n log N)."""
        if not len(self):
            return pl.repeat(None, len(people), dtype=pl.String, eager=True)
        at = np.searchsorted(self.hashes, people.hash().to_numpy())
        places = self.places[np.minimum(at, len(self) - 1)]
        is_met = self.people.gather(places) == people
        return pl.select(pl.when(is_met).then(self.keys.gather(places))).to_series()

    def joined_by(self, people: pl.Series, keys: pl.Series) -> "MetPeople":
        """These people and some that were not met, each once. O(N) time."""
        hashes, first = np.unique(people.hash().to_numpy(), return_index=True)
        at = np.searchsorted(self.hashes, hashes)
        if len(self):
            is_new = self.hashes[np.minimum(at, len(self) - 1)] != hashes
            hashes, first, at = hashes[is_new], first[is_new], at[is_new]
        return MetPeople(
            np.insert(self.hashes, at, hashes),
            np.insert(self.places, at, len(self.people) + np.arange(len(first))),
            pl.concat([self.people, people.gather(first)], rechunk=True),
            pl.concat([self.keys, keys.gather(first)], rechunk=True),
        )

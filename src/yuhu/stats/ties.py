"""Ties between people who meet more often than chance would have it, the groups that ties make, and whether these last when messages are drawn again."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse, stats
from scipy.sparse.csgraph import connected_components

from yuhu.core.errors import YuhuError
from yuhu.core.estimate import Estimate
from yuhu.stats.arrays import Floats, Ints, equal_lengths

METHOD = "adjusted_rand.bootstrap.v1"
LEAST_SHARED = 2


@dataclass(frozen=True)
class Meetings:
    """Who took part where.

    Parameters
    ----------
    person, place : (C,) int
        A person, from 0, and a place (a thread, a video), from 0, that he or she took part in; each pair once.
    times : (C,) int
        How often.
    people, places : int
        How many there are of each.
    answers : (R, 3) int
        Person, person that was answered, how often; each pair once.

    Raises
    ------
    YuhuError
        YH301 lengths differ.
    """

    person: Ints
    place: Ints
    times: Ints
    people: int
    places: int
    answers: Ints

    def __post_init__(self) -> None:
        equal_lengths(person=self.person, place=self.place, times=self.times)
        if self.answers.ndim != 2 or self.answers.shape[1] != 3:
            raise YuhuError("YH301", "answers need three columns", facts={"found": self.answers.shape}, fix="who, whom, how often")

    @cached_property
    def met(self) -> tuple[Ints, Ints, Ints, Ints, int]:
        """Pairs of people who share two places at least: for each place that they share the rows of both and the pair; the pairs; how many share any."""
        where, shape = (self.person, self.place), (self.people, self.places)
        table = sparse.csr_array((np.ones(self.person.size), where), shape=shape)
        row = sparse.csr_array((np.arange(1.0, self.person.size + 1), where), shape=shape)
        together = sparse.triu(table @ table.T, k=1).tocoo()
        often = together.data >= LEAST_SHARED
        one, other = (ends[often].astype(np.int64) for ends in (together.row, together.col))
        mine, theirs = row[one].multiply(table[other]).tocsr(), row[other].multiply(table[one]).tocsr()
        for part in (mine, theirs):
            part.sort_indices()
        owner = np.repeat(np.arange(one.size), np.diff(mine.indptr))
        first, second = (part.data.astype(np.int64) - 1 for part in (mine, theirs))
        return first, second, owner, np.stack([one, other], axis=1), int(together.nnz)

    @cached_property
    def mutual(self) -> tuple[Ints, Ints]:
        """Rows of answers that go both ways: one and the other."""
        code = self.answers[:, 0] * self.people + self.answers[:, 1]
        back = self.answers[:, 1] * self.people + self.answers[:, 0]
        order = np.argsort(code)
        at = np.searchsorted(code[order], back)
        found = (at < code.size) & (code[order][np.minimum(at, max(code.size - 1, 0))] == back) if code.size else np.zeros(0, np.bool_)
        one = np.flatnonzero(found & (self.answers[:, 0] < self.answers[:, 1]))
        return one, order[at[one]] if one.size else one

    def groups(self, error: float, generator: np.random.Generator | None = None) -> Ints:
        """(people,) which group everyone is in; who is tied to nobody is alone.

        Parameters
        ----------
        error : float
            Chance of any tie that is none: one false tie would join two groups.
        generator : numpy.random.Generator, optional
            Draw the messages again first.

        Notes
        -----
        Two people are tied if they shared more places than chance would have it (hypergeometric, two at least, Bonferroni over all
        pairs that share any), or if each answered the other. Groups are what ties connect. Source: tumminello2011 (validated projections).
        """
        there, answered = (_drawn(times, generator) for times in (self.times, self.answers[:, 2]))
        first, second, owner, pairs, any_shared = self.met
        shared = np.bincount(owner, weights=there[first] & there[second], minlength=len(pairs)).astype(np.int64)
        degree = np.bincount(self.person, weights=there, minlength=self.people).astype(np.int64)
        tied = pairs[self._validated(pairs, shared, degree, any_shared, error)]
        one, other = self.mutual
        both = self.answers[one[answered[one] & answered[other]]][:, :2]
        edges = np.concatenate([tied, both])
        graph = sparse.coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(self.people, self.people))
        return np.asarray(connected_components(graph, directed=False)[1], np.int64)

    def _validated(self, pairs: Ints, shared: Ints, degree: Ints, tests: int, error: float) -> np.ndarray:
        often = np.flatnonzero(shared >= LEAST_SHARED)
        out = np.zeros(len(pairs), np.bool_)
        if not often.size:
            return out
        ends = np.sort(degree[pairs[often]], axis=1)
        cases, where = np.unique(ends[:, 0] * (self.places + 1) + ends[:, 1], return_inverse=True)
        out[often[shared[often] >= self._least(cases, error / tests)[where.ravel()]]] = True
        return out

    def _least(self, cases: Ints, error: float) -> Ints:
        """Places that two people with so many each must share to be tied: what comes by chance no more often than `error`."""
        missing = np.array([case for case in cases.tolist() if (case, error) not in self._known], np.int64)
        low, high = np.divmod(missing, self.places + 1)
        found, open_ = low + 1, np.arange(missing.size)  # more than there are: never tied
        shared = LEAST_SHARED
        while open_.size:
            open_ = open_[low[open_] >= shared]
            enough = stats.hypergeom.sf(shared - 1, self.places, low[open_], high[open_]) <= error
            found[open_[enough]] = shared
            open_, shared = open_[~enough], shared + 1
        self._known.update({(case, error): least for case, least in zip(missing.tolist(), found.tolist(), strict=True)})
        return np.array([self._known[case, error] for case in cases.tolist()], np.int64)

    @cached_property
    def _known(self) -> dict[tuple[int, float], int]:
        return {}


def _drawn(times: Ints, generator: np.random.Generator | None) -> np.ndarray:
    """Which are there when messages are drawn again: those whose Poisson number is not 0."""
    return np.ones(times.size, np.bool_) if generator is None else generator.random(times.size) >= np.exp(-times.astype(np.float64))


def stability(meetings: Meetings, groups: Ints, generator: np.random.Generator, *, draws: int, error: float) -> Estimate:
    """How far the groups come again when messages are drawn again.

    Parameters
    ----------
    meetings : Meetings
        Who took part where.
    groups : (people,) int
        As `Meetings.groups` found them.
    generator : numpy.random.Generator
        Of the draws.
    draws : int
        Resamples of messages (Poisson).
    error : float
        As in `Meetings.groups`.

    Returns
    -------
    Estimate
        Unit "adjusted Rand index": the mean over draws, among people who are tied to somebody; 1 where groups never change, 0 as by chance. The interval
        holds 95 % of the draws. Undefined (``no_ties``) where nobody is tied.

    Notes
    -----
    O(draws x meetings). Resampled messages are fewer different ones, so that the index is below what an equally large new study would
    give. Source: hubert1985.
    """
    from sklearn.metrics import adjusted_rand_score

    size = np.bincount(groups)
    tied = size[groups] > 1
    blank = Estimate(value=None, n=int(tied.sum()), unit="adjusted Rand index", method=METHOD, reason="no_ties")
    if not tied.any():
        return blank
    found: Floats = np.array(
        [float(adjusted_rand_score(groups[tied], meetings.groups(error, generator)[tied])) for _ in range(draws)]
    )  # fmt: skip
    value = float(found.mean())
    low, high = np.quantile(found, [0.025, 0.975]).tolist()
    return blank.with_(value=value, low=min(low, value), high=max(high, value), confidence=0.95, reason="")

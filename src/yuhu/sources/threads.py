"""Threads as an export holds them: how many replies the platform counts below a message, and how many of them are here."""

from collections import Counter
from dataclasses import dataclass, field

from yuhu.core.contracts import Facts


@dataclass
class Threads:
    """Counts replies thread by thread.

    Parameters
    ----------
    said : dict
        The platform's count of replies and the video, by the id of a thread's first message.
    """

    said: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    _first: set[str] = field(default_factory=set)
    _here: Counter[str] = field(default_factory=Counter)
    _met: set[str] = field(default_factory=set)

    def first(self, native: str | None, replies: int | None, video: str | None) -> None:
        """A thread's first message, with the platform's count of its replies if it is known."""
        if native is not None:
            self._first.add(native)
            if replies:
                self.said[native] = (replies, video)

    def reply(self, thread: str, native: str | None) -> None:
        """A reply; one that is met again counts once."""
        if native is None or native not in self._met:
            self._here[thread] += 1
            if native is not None:
                self._met.add(native)

    def tell(self, facts: Facts, why: str) -> None:
        """The platform's counts as expected totals, and what is missing, with the reason for which it may be missing."""
        missing = whole = 0
        for native, (total, video) in self.said.items():
            facts.expect("reply", total, video=video, root=f"comment:{native}")
            if total > self._here[native]:
                missing += total - self._here[native]
                whole += 1
        if missing:
            facts.truncated(f"{missing:,} replies of {whole:,} threads are not here, by the platform's own count: {why}")
        orphans = sum(number for thread, number in self._here.items() if thread not in self._first)
        if orphans:
            facts.truncated(f"{orphans:,} replies stand without the first message of their thread")

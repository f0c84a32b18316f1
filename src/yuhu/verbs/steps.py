"""Work that goes on beside its caller, one thing after another."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class Step:
    """One pair of hands: a thread that does one thing at a time, in the order they are handed to it.

    Parameters
    ----------
    name : str
        What its thread is called.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._under_way: Future[None] | None = None

    def hand(self, work: Callable[[], None]) -> None:
        """Begin the next work once the last is done."""
        self.wait()
        self._under_way = self._pool.submit(work)

    def wait(self) -> None:
        """Wait for what is under way. Its error is raised here, and again by every later call: what failed is never passed over."""
        if self._under_way is not None:
            self._under_way.result()
            self._under_way = None

    def close(self) -> None:
        """Let what is under way end."""
        self._pool.shutdown(wait=True)

"""Running a pure function over partitions: here, on this machine.

Polars and Arrow use all cores inside one partition, so partitions run one after another and memory stays that of one.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from yuhu.core.progress import step


class LocalExecutor:
    """Runs partitions in this process, in order."""

    name = "local"

    def map_partitions(self, work: Callable[[Path], None], paths: Sequence[Path], *, title: str) -> None:
        """Call `work` once for each path; Ctrl-C stops between or inside partitions, finished ones stay."""
        for done, path in enumerate(paths):
            step(title, done, len(paths))
            work(path)
        step("", len(paths), len(paths))

"""One small file of every format that is read, with people planted in every place where platforms and collectors put them."""

from pathlib import Path

from every_captured import add_captures, add_fourcat
from every_danmaku import add_danmaku
from every_mediacrawler import add_mediacrawler
from every_table import add_tables
from every_web import add_web
from planting import Sample, Samples

__all__ = ["Sample", "every_source"]


def every_source(folder: Path) -> list[Sample]:
    """Write all files; no two of them hold the same message, and no two name the same person."""
    samples = Samples(folder)
    for add in (add_danmaku, add_mediacrawler, add_captures, add_fourcat, add_web, add_tables):
        add(samples)
    return samples.held

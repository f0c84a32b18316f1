"""Where the processor time of an import goes: its steps one after another, each without those inside it, beside the parser alone.

``python bench/import_shares.py`` prints two tables, one for danmaku XML and one for JSON lines, both with the raw copy; of three rounds the one that took least.
"""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any
from unittest.mock import patch
from xml.parsers import expat

import polars as pl
import pyarrow.parquet as pq

import yuhu
from exports import comment_lines, danmaku_files
from yuhu.sources import bilibili_xml, mediacrawler
from yuhu.sources.flat_json import Fields
from yuhu.study import intake, known, pseudonyms, transaction
from yuhu.verbs import add, intray, steps

ROUNDS = 3
REST = "all else: files found and told to be UTF-8, formats recognised, manifest"
STEPS: dict[str, Sequence[tuple[Any, str]]] = {
    "danmaku cut at their tags": [(bilibili_xml, "cut")],
    "danmaku made rows": [(bilibili_xml, "_together")],
    "JSON lines made columns, by Polars": [(Fields, "frame")],
    "looking whether records repeat": [(mediacrawler, "may_repeat")],
    "columns made rows": [(mediacrawler, "read_rows")],
    "SHA-256 of files": [(add, "file_hash"), (add, "content_hash"), (transaction, "file_hash")],
    "rows taken in: masked, named": [(intake.Intake, "take")],
    "HMAC of people": [(pseudonyms.Pseudonyms, "keys")],
    "people looked up": [(pseudonyms.Pseudonyms, "key_column")],
    "keys and languages of texts": [(intake, "_with_texts")],
    "ids known": [(known.KnownResponses, "is_new")],
    "raw copy: people taken out, JSON": [(intray.Intray, "_scrubbed")],
    "Parquet of the tables": [(transaction.Transaction, "stage")],
    "Parquet of the raw copy, mostly zstd": [],
}


class Shares:
    """Processor time by step; that of a step within another is its own alone."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside = [0.0]

    def told(self, step: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Some work whose time is counted."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            begun = process_time()
            self._inside.append(0.0)
            try:
                return work(*args, **kwargs)
            finally:
                took = process_time() - begun
                of_raw = step == "Parquet of the tables" and args[1] == "raw"
                self.seconds["Parquet of the raw copy, mostly zstd" if of_raw else step] += took - self._inside.pop()
                self._inside[-1] += took

        return counted


def shares_of(files: Sequence[Path], folder: Path) -> Counter[str]:
    """Seconds by step of adding some files to a new study."""
    shares = Shares()
    study = yuhu.init(folder)
    with ExitStack() as stack:
        stack.enter_context(patch.object(steps.Step, "hand", lambda _, work: work()))
        for step, works in STEPS.items():
            for owner, name in works:
                stack.enter_context(patch.object(owner, name, shares.told(step, getattr(owner, name))))
        shares.told(REST, yuhu.add)(study, files)
    shutil.rmtree(folder)
    return shares.seconds


def parsed(files: Sequence[Path]) -> None:
    """Expat alone, into two lists a file."""
    for path in files:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        ps: list[str | None] = []
        texts: list[str] = []
        parser.StartElementHandler = lambda _, attributes, ps=ps: ps.append(attributes.get("p"))
        parser.CharacterDataHandler = texts.append
        parser.Parse(path.read_bytes(), True)


def lines_as_parquet(path: Path, out: Path) -> None:
    """Polars alone: all columns of the lines, written as Parquet."""
    pq.write_table(pl.read_ndjson(path).to_arrow(), out, compression="zstd")


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time of some work."""
    begun = process_time()
    work()
    return process_time() - begun


def report(title: str, made: Sequence[Counter[str]], peer: str, alone: float) -> None:
    """Print the table of the round that took least."""
    best = min(made, key=Counter.total)
    print(f"\n{title}: {best.total():.2f} s of processor time; {peer} {alone:.2f} s\n\n| step | s | share |\n|---|---|---|")
    for step, seconds in best.most_common():
        print(f"| {step} | {seconds:.2f} | {seconds / best.total():.0%} |")


def main() -> int:
    """Make both exports, add each some times, and print where the time went."""
    with tempfile.TemporaryDirectory() as room:
        home = Path(room)
        files, lines = danmaku_files(home), comment_lines(home)
        made = [shares_of(files, home / "study") for _ in range(ROUNDS)]
        report("Danmaku XML", made, "expat alone", min(seconds_of(partial(parsed, files)) for _ in range(ROUNDS)))
        made = [shares_of([lines], home / "study") for _ in range(ROUNDS)]
        alone = min(seconds_of(partial(lines_as_parquet, lines, home / "p.parquet")) for _ in range(ROUNDS))
        report(f"JSON lines, {lines.stat().st_size / 1e6:.0f} MB", made, "Polars to Parquet of all columns", alone)
    return 0


if __name__ == "__main__":
    sys.exit(main())

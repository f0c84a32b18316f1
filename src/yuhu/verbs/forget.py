"""`yuhu forget`: take people's messages out of a study for good, with a receipt."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from yuhu.coding.llm.cache import forget_texts
from yuhu.core.errors import YuhuError
from yuhu.core.ids import text_keys
from yuhu.core.progress import step
from yuhu.study.codings import forget_units
from yuhu.study.files import write_atomic
from yuhu.study.forgotten import Forgotten, raw_of_the_gone, read_forgotten
from yuhu.study.manifest import Partition
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction
from yuhu.verbs.code import CACHE
from yuhu.verbs.init import now
from yuhu.verbs.remap import importer_of, response_ids

RECEIPTS = "receipts"
_CACHES = ("results", "derived", "export")
_AUTHOR_KEY = re.compile(r"^[0-9a-f]{20}$")


@dataclass(frozen=True)
class Receipt:
    """What was forgotten, in numbers: no id, no text and no key stands here."""

    at: str
    asked: dict[str, int]
    rows: dict[str, int]
    raw_records: int
    codings: int
    runs: int
    answers: int
    caches: list[str]
    path: Path

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {name: str(value) if isinstance(value, Path) else value for name, value in self.__dict__.items()}


def forget(
    study: Study,
    named: Sequence[str] = (),
    *,
    listed: Path | str | None = None,
    person: str | None = None,
    platform: str | None = None,
    deleted: bool = False,
) -> Receipt:
    """Take messages out of every place of a study: tables, raw copies, evidence of codings, machine codings and answers, results and reports.

    Parameters
    ----------
    study : Study
        The study.
    named : sequence of str
        Author keys (20 hexadecimal digits) or response ids.
    listed : path, optional
        A file with one author key or response id a line.
    person, platform : str, optional
        A person's own id on a platform, who asks to be forgotten: all messages under its key go.
    deleted : bool
        All messages that a later export no longer holds.

    Returns
    -------
    Receipt
        Also written to ``receipts/`` in the study.

    Raises
    ------
    YuhuError
        YH108 nothing was named; YH110 the list cannot be read; YH207 nothing in the study matches; YH203 another writer.

    Notes
    -----
    What is forgotten never comes in again: keyed marks of it stay in ``forgotten.json``. Human codings stay as counts under an id that says
    nothing, so that the size of a sample remains true. A call that was broken off is finished by the same call: until all is gone the tables hold the
    messages, and the receipt is that of the call that ended (answers that the earlier one took out of a cache are not in its numbers). Copies that were exported elsewhere, and what was sent to a server, are out of reach.
    """
    authors, responses = _named(study, [*named, *_listed(listed)], person, platform)
    if not authors and not responses and not deleted:
        raise YuhuError(
            "YH108", "nothing was named to forget", fix="yuhu forget STUDY KEY_OR_ID, --list FILE, --person ID --platform NAME or --deleted"
        )
    with Transaction(study) as change:
        current = replace(study, manifest=change.manifest)
        if deleted:
            responses |= set(current.scan("deletions").select("response_id").collect()["response_id"])
        gone = (
            current.scan("responses")
            .filter(pl.col("response_id").is_in(list(responses)) | pl.col("author_key").is_in(list(authors)))
            .select("response_id", "author_key", "text", "source")
            .collect()
        )
        marks = read_forgotten(study.path, study.pseudonyms())
        fresh = {marks.mark("author", key) for key in authors} | {
            marks.mark("response", name) for name in {*responses, *gone["response_id"]}
        }
        if not gone.height and not authors and not (fresh and fresh <= marks.marks):
            raise YuhuError(
                "YH207",
                "nothing in the study matches",
                facts={"named": len(authors) + len(responses)},
                fix="yuhu export STUDY FOLDER shows ids and keys",
            )
        marks.marks |= fresh
        marks.write(study.path)
        step("forgetting", 0, 3)
        rows, touched = _rewrite(current, change, gone, authors, marks)
        raw_records = _forget_raw(current, change, gone, authors)
        step("forgetting", 1, 3)
        runs = [run for run in change.manifest.runs if touched & set(run.parts)]
        change.manifest.runs = [run for run in change.manifest.runs if run not in runs]
        # The commit comes last: only while the tables still hold the messages does another call find what an interrupted one left.
        change.drop_unfinished()
        codings = forget_units(study.path, {name: _tombstone(marks, name) for name in sorted({*responses, *gone["response_id"]})})
        step("forgetting", 2, 3)
        answers = forget_texts(study.path / CACHE, text_keys(gone["text"].drop_nulls()))
        caches = _purge(study.path)
        change.commit()
        step("", 3, 3)
        asked = {"authors": len(authors), "responses": len(responses)}
        return _receipt(study.path, Receipt(now(), asked, rows, raw_records, codings, len(runs), answers, caches, Path()))


def _named(study: Study, named: Sequence[str], person: str | None, platform: str | None) -> tuple[set[str], set[str]]:
    authors = {name for name in named if _AUTHOR_KEY.match(name)}
    if person is not None:
        if not platform:
            raise YuhuError("YH108", "a person's id needs its platform", fix="--person ID --platform bilibili")
        authors.add(study.pseudonyms().key(platform, person))
    return authors, {name for name in named if not _AUTHOR_KEY.match(name)}


def _listed(path: Path | str | None) -> list[str]:
    if path is None:
        return []
    try:
        return [line.strip() for line in Path(path).read_text("utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise YuhuError("YH110", f"list `{path}` cannot be read", facts={"reason": error}, fix="a text file with one id a line") from error


def _tombstone(marks: Forgotten, response: str) -> str:
    return f"forgotten:{marks.mark('response', response)}"


def _rewrite(study: Study, change: Transaction, gone: pl.DataFrame, authors: set[str], marks: Forgotten) -> tuple[dict[str, int], set[str]]:
    """Rewrite every table without the messages; rows that went by table, and paths of the partitions of responses that changed."""
    ids = gone["response_id"].unique()
    stone = pl.DataFrame({"old": ids, "stone": [_tombstone(marks, name) for name in ids]}, schema={"old": pl.String, "stone": pl.String})
    accounts = [f":{key}" for key in authors]
    natives = [f"record {name.split(':', 3)[3]}" for name in ids if name.count(":") >= 3]
    is_account = pl.any_horizontal([pl.col("subject").str.ends_with(end) for end in accounts] or [pl.lit(False)]) & pl.col(
        "subject"
    ).str.starts_with("account:")
    leaves = {
        "responses": pl.col("response_id").is_in(ids.implode()),
        "mentions": pl.col("response_id").is_in(ids.implode()),
        "deletions": pl.col("response_id").is_in(ids.implode()),
        "links": pl.col("node").is_in(ids.implode()),
        "metrics": pl.col("subject").is_in(ids.implode()) | is_account,
    }
    rows: dict[str, int] = {}
    touched: set[str] = set()
    for part in list(change.manifest.partitions):
        if part.table == "raw":
            continue
        frame = study.scan(part.table, [part]).collect()
        left = frame.filter(~leaves[part.table].fill_null(value=False)) if part.table in leaves else frame
        left = _without_references(left, part, stone, authors, natives)
        if not left.equals(frame):
            change.replace(part, left)
            rows[part.table] = rows.get(part.table, 0) + frame.height - left.height
            if part.table == "responses":
                touched.add(part.path)
    return {table: n for table, n in rows.items() if n}, touched


def _without_references(frame: pl.DataFrame, part: Partition, stone: pl.DataFrame, authors: set[str], natives: list[str]) -> pl.DataFrame:
    """What stays, with nothing that names the forgotten: answers point to an id that says nothing."""
    for column in {"responses": ("parent_id", "root_id"), "links": ("parent",)}.get(part.table, ()):
        joined = frame.select(pl.col(column).alias("old")).join(stone, on="old", how="left", maintain_order="left")
        frame = frame.with_columns(joined.select(pl.coalesce("stone", "old").alias(column)).to_series())
    if part.table == "videos":
        frame = frame.with_columns(author_key=pl.when(~pl.col("author_key").is_in(list(authors))).then("author_key"))
    if part.table == "rejects":
        frame = frame.with_columns(place=pl.when(pl.col("place").is_in(natives)).then(pl.lit("record")).otherwise("place"))
    return frame


def _forget_raw(study: Study, change: Transaction, gone: pl.DataFrame, authors: set[str]) -> int:
    """Take the raw records out, wherever they stand: also in files whose records were known already."""
    entries = {entry.source: entry for entry in change.manifest.sources}
    removed = 0
    for part in change.of("raw"):
        frame = study.scan("raw", [part]).collect()

        def gives(at: int, frame: pl.DataFrame = frame) -> set[str] | None:
            entry = entries.get(frame["source"][at])
            importer = importer_of(entry) if entry is not None else None
            return None if entry is None or importer is None else set(response_ids(study, entry, importer, frame[at]))

        leaves = raw_of_the_gone(frame["record"], gone, authors, gives)
        if leaves.any():
            removed += int(leaves.sum())
            change.replace(part, frame.filter(~leaves))
    return removed


def _purge(folder: Path) -> list[str]:
    """Remove what was computed from messages: it is made anew by the next run."""
    gone = [name for name in _CACHES if (folder / name).is_dir()]
    for name in gone:
        shutil.rmtree(folder / name)
    for page in sorted(folder.glob("report.*.html")):
        page.unlink()
        gone.append(page.name)
    return gone


def _receipt(folder: Path, receipt: Receipt) -> Receipt:
    home = folder / RECEIPTS
    home.mkdir(exist_ok=True)
    path = home / f"forget-{len(list(home.glob('forget-*.json'))) + 1:04d}.json"
    written = replace(receipt, path=path)
    write_atomic(path, json.dumps({**written.as_dict(), "path": path.name}, indent=1).encode() + b"\n")
    return written

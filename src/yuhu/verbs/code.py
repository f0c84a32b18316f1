"""`yuhu code`: have a machine coder code every distinct text of a study."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from yuhu.coding import lexicon as _lexicon  # noqa: F401 - importing the room registers its coders
from yuhu.core.contracts import Coder, CoderMaker, Executor
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.registry import registered
from yuhu.core.schema import ABSTAINED, MACHINE_CODING
from yuhu.study.executor import LocalExecutor
from yuhu.study.files import disk_errors
from yuhu.study.manifest import Partition, Run
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction, sync_file
from yuhu.verbs.init import now

BATCH = 500_000
PARTIAL = "partial"


def code(study: Study, *, coder: str | None = None) -> Run:
    """Code all responses with a machine coder.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Name of the coder, with or without version; the one of study.yaml if none.

    Returns
    -------
    Run
        What was coded. Partitions that this coder has already finished with this codebook are not coded again.

    Raises
    ------
    YuhuError
        YH207 there are no responses; YH501 no such coder; YH502 the coder broke its contract; YH203 another writer.

    Notes
    -----
    Each distinct text of a partition is coded once. Ctrl-C leaves the finished partitions; the next call goes on.
    """
    book = study.codebook()
    worker = make_coder(coder or study.settings.coder, book, sorted(study.modules(book)))
    parts = study.manifest.of("responses")
    if not parts:
        raise YuhuError("YH207", "the study has no responses to code", fix=f"yuhu add {study.path} FILE ...")
    parameters = dict(worker.parameters())
    run_id = content_hash(
        json.dumps([worker.name, parameters, book.content_hash, list(worker.serves)], sort_keys=True, default=str).encode()
    )[:12]
    label = worker.name.split(".")[0]
    with Transaction(study) as change:
        old = next((run for run in change.manifest.runs if (run.coder, run.run) == (label, run_id)), None)
        finished: dict[str, dict[str, Any]] = dict(old.parts) if old else {}
        missing = [part for part in parts if not _is_there(study, finished.get(part.path))]
        folder = study.path / "machine" / label / run_id
        if missing:
            _code_partitions(study, worker, missing, folder, finished)
        run = Run(
            label,
            worker.kind,
            run_id,
            book.content_hash,
            list(worker.serves),
            parameters,
            finished,
            old.finished_at if old and not missing else now(),
        )
        if old is None or asdict(old) != asdict(run):
            change.manifest.runs = [other for other in change.manifest.runs if other.coder != label] + [run]
            change.commit()
        (folder / PARTIAL).unlink(missing_ok=True)
    return run


def _is_there(study: Study, part: Mapping[str, Any] | None) -> bool:
    return part is not None and all((study.path / part[name]).is_file() for name in ("file", "abstained"))


def make_coder(name: str, book: Any, modules: list[str]) -> Coder:
    """A coder by its name, with or without version.

    Raises
    ------
    YuhuError
        YH501 no such coder.
    """
    makers = registered("coders")
    found = sorted((known for known in makers if name in {known, known.split(".")[0]}), reverse=True)
    if not found:
        raise YuhuError("YH501", f"no coder is called `{name}`", facts={"known": ", ".join(sorted(makers))}, fix="--with lexicon")
    make: CoderMaker = makers[found[0]]
    return make(book, modules)


def _code_partitions(study: Study, worker: Coder, parts: list[Partition], folder: Path, finished: dict[str, dict[str, Any]]) -> None:
    """Code partitions in groups: small ones share one scan and one pair of files."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PARTIAL).touch()
    groups = {folder / f"{content_hash(''.join(part.sha256 for part in group).encode())[:16]}.parquet": group for group in _grouped(parts)}

    def work(codings: Path) -> None:
        abstained = codings.with_suffix(".abstained.parquet")
        if not (codings.is_file() and abstained.is_file()):
            _code_group(worker, [study.path / part.path for part in groups[codings]], codings, abstained)
        for part in groups[codings]:
            finished[part.path] = {"file": str(codings.relative_to(study.path)), "abstained": str(abstained.relative_to(study.path))}

    executor: Executor = LocalExecutor()
    executor.map_partitions(work, list(groups), title=f"coding with {worker.name}")


def _grouped(parts: list[Partition]) -> Iterator[list[Partition]]:
    group: list[Partition] = []
    for part in parts:
        group.append(part)
        if sum(one.rows for one in group) >= BATCH:
            yield group
            group = []
    if group:
        yield group


def _code_group(worker: Coder, paths: list[Path], codings: Path, abstained: Path) -> None:
    texts = (
        pl.scan_parquet(paths)
        .filter(~pl.col("is_special").fill_null(value=False))
        .select("text_key", "lang", "text")
        .unique(["text_key", "lang"])
        .sort("text_key", "lang")
        .collect()
    )
    outcomes = [worker.code(batch) for start in range(0, texts.height, BATCH) for batch in _batches(texts.slice(start, BATCH))]
    _write(pa.concat_tables([MACHINE_CODING.empty_table(), *(o.codings for o in outcomes)]), codings, MACHINE_CODING)
    _write(pa.concat_tables([ABSTAINED.empty_table(), *(o.abstained for o in outcomes)]), abstained, ABSTAINED)


def _batches(texts: pl.DataFrame) -> list[pa.RecordBatch]:
    table = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(
        pa.schema([("text_key", pa.int64()), ("lang", pa.string()), ("text", pa.string())])
    )
    return table.combine_chunks().to_batches()  # type: ignore[no-any-return]


def _write(table: pa.Table, path: Path, schema: pa.Schema) -> None:
    if table.schema != schema:
        raise YuhuError(
            "YH502", "a coder returned columns of another kind", facts={"found": table.schema, "expected": schema}, fix="mend the coder"
        )
    temporary = path.with_suffix(".tmp")
    with disk_errors(path):
        pq.write_table(table, temporary, compression="zstd")
        sync_file(temporary)
        temporary.replace(path)


def machine_frames(study: Study, run: Run) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Codings and abstentions of a run as lazy frames, one row per text, language and decision."""
    if not all(_is_there(study, part) for part in run.parts.values()):
        raise YuhuError(
            "YH205", "machine codings are missing", facts={"coder": run.coder}, fix=f"yuhu code {study.path} --with {run.coder}"
        )
    codings = sorted({study.path / part["file"] for part in run.parts.values()})
    abstained = sorted({study.path / part["abstained"] for part in run.parts.values()})
    return (
        pl.scan_parquet(codings).unique(["text_key", "lang", "code"]),
        pl.scan_parquet(abstained).unique(["text_key", "lang"]),
    )


def sizes(folder: Path, run: Run) -> tuple[int, int]:
    """Codings other than the zero, and texts the coder abstained from."""
    files = {part["file"] for part in run.parts.values()}, {part["abstained"] for part in run.parts.values()}
    codings, abstained = (sum(pq.read_metadata(folder / name).num_rows for name in names) for names in files)
    return codings, abstained


def settings_of(run: Run) -> Mapping[str, Any]:
    """What of a run decides its outcome."""
    return {"coder": run.coder, "run": run.run, "codebook_hash": run.codebook_hash}


__all__ = ["code", "machine_frames", "make_coder", "settings_of", "sizes"]

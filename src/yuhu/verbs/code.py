"""`yuhu code`: have a machine coder code every distinct text of a study."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from yuhu import coding as _coding  # noqa: F401 - importing the room registers its coders
from yuhu.core.codebook import Codebook
from yuhu.core.contracts import Coder, CoderMaker, CoderSetup, Executor, Forecast, Forecaster, Trained
from yuhu.core.errors import YuhuError
from yuhu.core.ids import content_hash
from yuhu.core.progress import say
from yuhu.core.registry import registered
from yuhu.study.executor import LocalExecutor
from yuhu.study.files import disk_errors
from yuhu.study.machine import FOLDER, KINDS, is_there, path_of, read_machine, write_group
from yuhu.study.manifest import Partition, Run
from yuhu.study.results import data_hash
from yuhu.study.store import Study
from yuhu.study.transaction import Transaction
from yuhu.verbs.coder_texts import texts_of
from yuhu.verbs.init import now
from yuhu.verbs.labels import labels

BATCH = 500_000
PARTIAL = "partial"
MODEL = "model"
CACHE = "cache"
_NAME = re.compile(r"^[a-z][a-z0-9_-]{0,40}$")

Confirm = Callable[[Forecast], bool]


def code(
    study: Study,
    *,
    coder: str | None = None,
    name: str | None = None,
    options: Mapping[str, str] | None = None,
    confirm: Confirm | None = None,
    retry_failed: bool = False,
) -> Run:
    """Code all responses with a machine coder.

    Parameters
    ----------
    study : Study
        The study.
    coder : str, optional
        Name of the coder, with or without version; the one of study.yaml if none.
    name : str, optional
        What its codings are called in the study, so that several models of one kind can stand side by side; the coder's own name if none.
    options : mapping of str, optional
        Settings of the coder; docs/machine-coders.md lists them. A coder sends nothing anywhere unless a server is named here.
    confirm : callable, optional
        Gets the `Forecast` of a coder that can give one, before anything is asked or sent; False stops.
    retry_failed : bool
        Whether decisions that failed in an earlier run are asked for again.

    Returns
    -------
    Run
        What was coded. Partitions that this coder has already finished with this codebook are not coded again.

    Raises
    ------
    YuhuError
        YH207 there are no responses; YH501 no such coder; YH502 the coder broke its contract; YH508 an option is unknown or missing; YH509 too few
        labels to learn from; YH510 not confirmed; YH511 a server cannot be used; YH512 a cap was reached; YH203 another writer.

    Notes
    -----
    Each distinct text of a partition is coded once (with its context, where the coder reads that). Ctrl-C leaves the finished partitions; the next call
    goes on.
    """
    ready = _ready(study, coder, name, options)
    book, label, worker = ready.book, ready.label, ready.worker
    with Transaction(study) as change:
        old, finished, missing, again = _standing(study, change.manifest.runs, ready, retry_failed=retry_failed)
        parameters, run_id, folder = ready.parameters, ready.run_id, study.path / FOLDER / label / ready.run_id
        if missing:
            ahead = _forecast(study, worker, missing)
            if ahead is not None:
                announce(ahead, confirm)
            _code_partitions(study, worker, missing, folder, finished, afresh=bool(again))
            _keep(worker, folder / MODEL)
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
        _sweep(study, folder, finished)
    return run


def forecast(
    study: Study,
    *,
    coder: str | None = None,
    name: str | None = None,
    options: Mapping[str, str] | None = None,
    retry_failed: bool = False,
) -> Forecast | None:
    """What `code` with the same arguments would ask for and send, without asking or sending anything.

    Parameters
    ----------
    study, coder, name, options, retry_failed
        As in `code`.

    Returns
    -------
    Forecast or None
        None of a coder that asks nobody, and where nothing is left to code.

    Raises
    ------
    YuhuError
        YH207, YH501, YH508, YH511 as `code`.
    """
    ready = _ready(study, coder, name, options)
    _, _, missing, _ = _standing(study, study.manifest.runs, ready, retry_failed=retry_failed)
    return _forecast(study, ready.worker, missing) if missing else None


@dataclass(frozen=True)
class _Ready:
    """A coder that is set up for a study, and the run that it would make."""

    book: Codebook
    label: str
    worker: Coder
    parts: list[Partition]
    parameters: dict[str, Any]
    run_id: str


def _ready(study: Study, coder: str | None, name: str | None, options: Mapping[str, str] | None) -> _Ready:
    book = study.codebook()
    asked = coder or study.settings.coder
    label = coder_label(name or asked.partition(".")[0])
    setup = CoderSetup(
        book,
        sorted(study.modules(book)),
        dict(options or {}),
        labels=partial(labels, study, book),
        cache=study.path / CACHE / label,
        seed=study.settings.seed,
    )
    parts = study.manifest.of("responses")
    if not parts:
        raise YuhuError("YH207", "the study has no responses to code", fix=f"yuhu add {study.path} FILE ...")
    worker = make_coder(asked, setup)
    parameters = dict(worker.parameters())
    if worker.uses_context:
        parameters["context"] = data_hash(study)
    said = json.dumps([worker.name, parameters, book.content_hash, list(worker.serves)], sort_keys=True, default=str)
    return _Ready(book, label, worker, parts, parameters, content_hash(said.encode())[:12])


def _standing(
    study: Study, runs: Sequence[Run], ready: _Ready, *, retry_failed: bool
) -> tuple[Run | None, dict[str, dict[str, Any]], list[Partition], set[str]]:
    """The run so far, its finished partitions, those that are missing, and those that are coded again."""
    old = next((run for run in runs if (run.coder, run.run) == (ready.label, ready.run_id)), None)
    finished: dict[str, dict[str, Any]] = dict(old.parts) if old else {}
    again = _with_failures(study, finished) if retry_failed else set()
    missing = [part for part in ready.parts if part.path in again or not is_there(study, finished.get(part.path))]
    return old, finished, missing, again


def _forecast(study: Study, worker: Coder, missing: Sequence[Partition]) -> Forecast | None:
    if not isinstance(worker, Forecaster):
        return None
    texts, _ = texts_of(study, [study.path / part.path for part in missing], with_context=worker.uses_context)
    return worker.forecast(texts)


def _sweep(study: Study, folder: Path, finished: Mapping[str, Mapping[str, Any]]) -> None:
    """Take away files of groups that were formed anew."""
    named = {study.path / path for part in finished.values() for path in part.values()}
    for path in folder.glob("*.parquet"):
        if path not in named:
            path.unlink()


def coder_label(name: str) -> str:
    """The name, if codings may be called so.

    Raises
    ------
    YuhuError
        YH508 it is none.
    """
    if not _NAME.match(name):
        raise YuhuError("YH508", f"`{name}` cannot name codings", fix="small letters, digits, - and _, for example --as qwen3")
    return name


def make_coder(name: str, setup: CoderSetup) -> Coder:
    """A coder by its name, with or without version.

    Raises
    ------
    YuhuError
        YH501 no such coder; those of the coder.
    """
    makers = registered("coders")
    found = sorted((known for known in makers if name in {known, known.split(".")[0]}), reverse=True)
    if not found:
        raise YuhuError("YH501", f"no coder is called `{name}`", facts={"known": ", ".join(sorted(makers))}, fix="--with lexicon")
    make: CoderMaker = makers[found[0]]
    return make(setup)


def _with_failures(study: Study, finished: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Partitions whose group has a decision that failed."""
    return {path for path, part in finished.items() if "failed" in part and _rows(study.path / part["failed"])}


def _rows(path: Path) -> int:
    return pq.read_metadata(path).num_rows if path.is_file() else 0


def announce(forecast: Forecast, confirm: Confirm | None) -> None:
    """Say what leaves the machine, and wait for a yes.

    Raises
    ------
    YuhuError
        YH510 not confirmed.
    """
    if forecast.sends:
        say(forecast.sends)
    if confirm is not None and not confirm(forecast):
        raise YuhuError("YH510", "the run was not confirmed: nothing was coded and nothing was sent", fix="--yes confirms it beforehand")


def _keep(worker: Coder, folder: Path) -> None:
    """Keep the model of a coder that learns, with its card."""
    if isinstance(worker, Trained):
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            worker.save(folder)


def _code_partitions(
    study: Study, worker: Coder, parts: list[Partition], folder: Path, finished: dict[str, dict[str, Any]], *, afresh: bool
) -> None:
    """Code partitions in groups: small ones share one scan and one set of files."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PARTIAL).touch()
    groups = {folder / f"{content_hash(''.join(part.sha256 for part in group).encode())[:16]}.parquet": group for group in _grouped(parts)}

    def work(stem: Path) -> None:
        written = {kind: path_of(stem, kind) for kind in KINDS if path_of(stem, kind).is_file()}
        if afresh or "file" not in written:
            written = _code_group(study, worker, [study.path / part.path for part in groups[stem]], stem)
        for part in groups[stem]:
            finished[part.path] = {kind: str(path.relative_to(study.path)) for kind, path in written.items()}

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


def _code_group(study: Study, worker: Coder, paths: list[Path], stem: Path) -> dict[str, Path]:
    texts, keys = texts_of(study, paths, with_context=worker.uses_context)
    outcomes = [worker.code(batch) for batch in texts.to_batches(max_chunksize=BATCH)]
    return write_group(stem, outcomes, keys)


def machine_frames(study: Study, run: Run) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Codings and abstentions of a run as lazy frames, one row per text, language and decision."""
    found = read_machine(study, run)
    return found.codings, found.abstained


def sizes(folder: Path, run: Run) -> dict[str, int]:
    """Rows of a run by kind: ``codings`` other than the zero, texts ``abstained`` from, decisions that ``failed``."""
    names = {"codings": "file", "abstained": "abstained", "failed": "failed"}
    return {
        name: sum(_rows(folder / path) for path in {part[kind] for part in run.parts.values() if kind in part})
        for name, kind in names.items()
    }


def settings_of(study: Study, run: Run) -> Mapping[str, Any]:
    """What of a run decides its outcome; of one that may answer otherwise another time, the outcomes themselves."""
    known = {"coder": run.coder, "run": run.run, "codebook_hash": run.codebook_hash}
    if run.kind != "llm" and not any("failed" in part for part in run.parts.values()):
        return known
    files = sorted({path for part in run.parts.values() for path in part.values()})
    hashes = [hashlib.sha256((study.path / path).read_bytes()).hexdigest() for path in files if (study.path / path).is_file()]
    return {**known, "outcomes": content_hash("".join(hashes).encode())[:16]}


__all__ = ["code", "machine_frames", "make_coder", "settings_of", "sizes"]

"""Long work that a page starts: one job after another, each in a process of its own, with progress, a stop, and a list that outlives the workbench."""

import json
import queue
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson

from yuhu.app.work import KINDS
from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic
from yuhu.verbs.init import now

FILE = "derived/jobs.json"
KEPT = 50
_SAID = 40
_ENDED = frozenset({"done", "failed", "stopped"})
_LISTED = frozenset({"add", "clean", "code", "measure", "agree", "report", "sample"})
"""Kinds that are worth a place in the list after they ended; the others only answer a page."""


@dataclass(frozen=True)
class Job:
    """One piece of work.

    Parameters
    ----------
    id : str
        A random name.
    kind : str
        One of `yuhu.app.work.KINDS`.
    params : mapping
        What the page asked for.
    state : str
        ``waiting``, ``running``, ``stopping``, ``done``, ``failed`` or ``stopped``.
    step : tuple of str, int, int
        What it is at, how many are done, and of how many (0: nobody knows).
    said : tuple of str
        Sentences that a person should read.
    result, error : mapping or None
        What came of it.
    added_at, started_at, ended_at : str
        ISO 8601 in UTC; empty where it has not come to that.
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    state: str = "waiting"
    step: tuple[str, int, int] = ("", 0, 0)
    said: tuple[str, ...] = ()
    result: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None
    added_at: str = ""
    started_at: str = ""
    ended_at: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether it has a place in the list of what was done."""
        return self.kind in _LISTED

    @property
    def has_ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in _ENDED

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return {**self.__dict__, "step": list(self.step), "said": list(self.said)}


@dataclass
class _Run:
    """A job with what it takes to run it."""

    job: Job
    arguments: Mapping[str, Any]
    after: Callable[[Job], None]
    process: subprocess.Popen[str] | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """The jobs of one workbench; they run one after another, since a study has one writer.

    Parameters
    ----------
    study : Path
        The study's folder.
    """

    def __init__(self, study: Path) -> None:
        self._study = study
        self._lock = threading.Lock()
        self._runs: dict[str, _Run] = {}
        self._earlier = _read(study / FILE)
        self._waiting: queue.Queue[_Run | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def start(
        self,
        kind: str,
        params: Mapping[str, Any],
        *,
        arguments: Mapping[str, Any] | None = None,
        after: Callable[[Job], None] | None = None,
    ) -> Job:
        """Have something done once what was asked for before is done.

        Parameters
        ----------
        kind : str
            One of `yuhu.app.work.KINDS`.
        params : mapping
            What is shown and kept.
        arguments : mapping, optional
            What the job gets in their place (places on disk, say, which are nobody's business).
        after : callable, optional
            Called with the job once it has ended.

        Raises
        ------
        YuhuError
            YH704 there is no such kind; YH709 the workbench is ending.
        """
        if kind not in KINDS:
            raise YuhuError(
                "YH704", "there is no such job", facts={"found": kind[:40], "known": ", ".join(KINDS)}, fix="see /api/openapi.json"
            )
        run = _Run(
            Job(secrets.token_hex(8), kind, dict(params), added_at=now()),
            dict(params if arguments is None else arguments),
            after or _nothing,
        )
        with self._lock:
            if self._is_closed:
                raise YuhuError("YH709", "the workbench is ending", fix="start `yuhu serve` again")
            self._runs[run.job.id] = run
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="yuhu-jobs", daemon=True)
                self._thread.start()
        self._keep(run.job)
        self._waiting.put(run)
        return run.job

    def all(self) -> list[Job]:
        """The jobs, the latest first: those of this workbench, and those of earlier ones."""
        with self._lock:
            return [*(run.job for run in reversed(self._runs.values())), *reversed(self._earlier)]

    def one(self, name: str) -> Job:
        """A job by its id.

        Raises
        ------
        YuhuError
            YH704 there is none.
        """
        found = next((job for job in self.all() if job.id == name), None)
        if found is None:
            raise YuhuError("YH704", "there is no such job", facts={"found": name[:40]}, fix="look at the list again")
        return found

    def wait(self, name: str, timeout_s: float) -> Job:
        """The job, once it has ended or the time is over."""
        with self._lock:
            run = self._runs.get(name)
        if run is not None:
            run.ended.wait(timeout_s)
        return self.one(name)

    def stop(self, name: str) -> Job:
        """Have a job stop as at Ctrl-C: what is finished stays. Asked a second time, it is killed; the study stays whole."""
        with self._lock:
            run = self._runs.get(name)
            if run is not None and run.job.state == "waiting":
                self._ended(run, "stopped", error=_stopped())
            elif run is not None and run.process is not None and not run.job.has_ended:
                run.process.send_signal(signal.SIGKILL if run.job.state == "stopping" else signal.SIGINT)
                run.job = replace(run.job, state="stopping")
        return self.one(name)

    def close(self) -> None:
        """Stop what runs and what waits."""
        with self._lock:
            self._is_closed = True
            for run in self._runs.values():
                if run.job.state == "waiting":
                    self._ended(run, "stopped", error=_stopped())
            running = [run.process for run in self._runs.values() if run.process is not None and run.process.poll() is None]
        for process in running:
            process.send_signal(signal.SIGINT)
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(timeout=20)
        for process in running:
            if process.poll() is None:
                process.kill()

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            if not run.job.has_ended:
                self._do(run)
            run.after(run.job)
            self._keep(run.job)

    def _do(self, run: _Run) -> None:
        command = [sys.executable, "-m", "yuhu.app.work"]
        with self._lock:
            if run.job.has_ended or self._is_closed:
                return
            run.process = subprocess.Popen(  # noqa: S603 - this very Python, with a fixed module
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
            )
            run.job = replace(run.job, state="running", started_at=now())
        process = run.process
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        request = {"study": str(self._study), "kind": run.job.kind, "params": run.arguments}
        last: dict[str, Any] = {}
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()  # it stays open: the job ends when it closes
            for line in process.stdout:
                last = json.loads(line)
                self._told(run, last)
        except (OSError, ValueError):
            process.kill()
        finally:
            process.stdout.close()
            status = process.wait()
            process.stdin.close()
        with self._lock:
            self._conclude(run, last, status)

    def _told(self, run: _Run, told: Mapping[str, Any]) -> None:
        with self._lock:
            if "step" in told:
                run.job = replace(run.job, step=tuple(told["step"]))
            elif "say" in told:
                run.job = replace(run.job, said=(*run.job.said, str(told["say"]))[-_SAID:])

    def _conclude(self, run: _Run, last: Mapping[str, Any], status: int) -> None:
        if "done" in last:
            self._ended(run, "done", result=last["done"])
        elif "error" in last:
            self._ended(
                run, "stopped" if run.job.state == "stopping" or last["error"]["code"] == "YH902" else "failed", error=last["error"]
            )
        elif run.job.state == "stopping" or -status in {signal.SIGTERM, signal.SIGINT}:
            self._ended(run, "stopped", error=_stopped())
        else:
            facts = {"status": status}
            fix = "run it again: what is finished is kept. It may have needed more memory than there is"
            self._ended(run, "failed", error=YuhuError("YH709", "the job ended without a word", facts=facts, fix=fix).as_dict())

    def _ended(self, run: _Run, state: str, *, result: Mapping[str, Any] | None = None, error: Mapping[str, Any] | None = None) -> None:
        run.job = replace(run.job, state=state, result=result, error=error, ended_at=now())
        run.ended.set()

    def _keep(self, changed: Job) -> None:
        """Write the list, if a job that stands in it has changed; a study that cannot be written to keeps none."""
        with self._lock:
            ended = [run.job for run in self._runs.values() if run.job.has_ended and run.job.is_listed is changed.is_listed]
            for one in ended[:-KEPT]:
                del self._runs[one.id]
            if not changed.is_listed:
                return
            listed = [one for one in (*self._earlier, *(run.job for run in self._runs.values())) if one.is_listed][-KEPT:]
            path = self._study / FILE
            try:
                path.parent.mkdir(exist_ok=True)
                write_atomic(path, orjson.dumps([one.as_dict() for one in listed], default=str, option=orjson.OPT_INDENT_2))
            except (OSError, YuhuError):
                return


def _read(path: Path) -> list[Job]:
    """The jobs of earlier workbenches; those that had not ended were stopped with theirs."""
    try:
        held = orjson.loads(path.read_bytes())
        jobs = [Job(**{**one, "step": tuple(one["step"]), "said": tuple(one["said"])}) for one in held]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return [one if one.has_ended else replace(one, state="stopped", error=_stopped()) for one in jobs]


def _stopped() -> dict[str, Any]:
    return YuhuError("YH902", "stopped", fix="run it again to go on: what is finished is kept").as_dict()


def _nothing(_: Job) -> None:
    """Do nothing more."""

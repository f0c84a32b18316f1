"""One job of the workbench, in a process of its own: what to do comes as a line of JSON, how far it is goes out as lines of JSON.

It ends when its input ends (the workbench was stopped or killed), as it ends at Ctrl-C: what is finished stays, and the same job goes on from there.
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from yuhu.core.errors import YuhuError
from yuhu.core.progress import heard_by, shown_by
from yuhu.study.store import Study, open_study

_EVERY_S = 0.2
Params = Mapping[str, Any]


def _look(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.look import look

    uploads = dict(zip(params["paths"], params["uploads"], strict=True))
    found = [one.as_dict() for one in look(study, [Path(path) for path in params["paths"]])]
    return {"files": [{"upload": uploads.get(one.pop("source"), ""), **one} for one in found]}


def _add(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.add import add

    options = {name: value for name, value in params.items() if name != "paths"}
    return {"files": [one.as_dict() for one in add(study, [Path(path) for path in params["paths"]], **options)]}


def _clean(study: Study, _: Params) -> dict[str, Any]:
    from yuhu.verbs.clean import clean

    found = clean(study).manifest
    return {name: found[name] for name in ("messages", "texts", "flagged")}


def _forecast(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.code import forecast

    found = forecast(study, **params)
    return {"forecast": None if found is None else asdict(found)}


def _code(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.code import code, sizes

    run = code(study, **params)
    return {"coder": run.coder, "run": run.run, **sizes(study.path, run)}


def _measure(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.measure import measure

    return {"estimates": measure(study, **params).estimates.height}


def _agree(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.agree import agree

    return {"rows": agree(study, **params).rows.height}


def _report(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.report import report

    return {"file": report(study, **params).name}


def _sample(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.sample import sample

    done = sample(study, **params)
    return {"sample": done.sample.name, "assigned": len(done.assignments), "outside": done.outside, "hours": asdict(done.hours)}


def _plan(study: Study, params: Params) -> dict[str, Any]:
    from yuhu.verbs.plan import plan

    return {"plans": [one.as_dict() for one in plan(study, **params)]}


KINDS: Mapping[str, Callable[[Study, Params], dict[str, Any]]] = {
    "look": _look,
    "add": _add,
    "clean": _clean,
    "forecast": _forecast,
    "code": _code,
    "measure": _measure,
    "agree": _agree,
    "report": _report,
    "sample": _sample,
    "plan": _plan,
}
"""What a job may be."""


def done_by(request: Mapping[str, Any]) -> dict[str, Any]:
    """Do it; ``{"done": …}`` or ``{"error": …}``."""
    try:
        return {"done": KINDS[request["kind"]](open_study(Path(request["study"])), request["params"])}
    except YuhuError as error:
        return {"error": error.as_dict()}
    except KeyboardInterrupt:
        return {"error": YuhuError("YH902", "stopped", fix="run it again to go on: what is finished is kept").as_dict()}
    except Exception as error:  # noqa: BLE001 - the workbench shows it; nobody sees this process
        facts = {"what": type(error).__name__, "why": str(error)[:500]}
        return {
            "error": YuhuError("YH903", "the job failed", facts=facts, fix="run the same command in a terminal, and report it").as_dict()
        }


class Telling:
    """Writes lines of JSON: each sentence, and progress five times a second at most."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._latest = 0.0

    def step(self, title: str, done: int, total: int) -> None:
        """How far it is."""
        at = time.monotonic()
        if at - self._latest >= _EVERY_S:
            self._latest = at
            self.tell({"step": [title, done, total]})

    def say(self, message: str) -> None:
        """What a person should read."""
        self.tell({"say": message})

    def tell(self, told: Mapping[str, Any]) -> None:
        """Write a line."""
        self._out.write(json.dumps(told, ensure_ascii=True, default=str) + "\n")
        self._out.flush()


def _end_with(parent: TextIO) -> None:
    """Stop as at Ctrl-C once the other end of the input is gone."""
    parent.read()
    os.kill(os.getpid(), signal.SIGINT)


def main() -> None:
    """Read, do, tell."""
    telling = Telling(os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8"))
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not stand among the lines
    request = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with, args=(sys.stdin,), daemon=True).start()
    with heard_by(telling.say), shown_by(telling.step):
        told = done_by(request)
    telling.tell(told)
    os._exit(0)  # the thread that waits for the parent holds the input


if __name__ == "__main__":
    main()

"""Asynchronous work from plain code: in a thread of its own, so that it runs inside a notebook too, and stops at once on Ctrl-C."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
_TICK_S = 0.1


def run_apart(work: Callable[[], Coroutine[Any, Any, T]], tick: Callable[[], None]) -> T:
    """The result of some work; `tick` is called every tenth of a second in the calling thread.

    Whatever interrupts the caller cancels the work, and is raised once the work has stopped.
    """
    held: dict[str, Any] = {}
    started, ended = threading.Event(), threading.Event()

    async def main() -> None:
        held["loop"], held["task"] = asyncio.get_running_loop(), asyncio.current_task()
        started.set()
        held["result"] = await work()

    def target() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            held["error"] = error
        finally:
            started.set()
            ended.set()

    thread = threading.Thread(target=target, name="yuhu-llm", daemon=True)
    thread.start()
    try:
        while not ended.wait(_TICK_S):
            tick()
    except BaseException:
        started.wait()
        with contextlib.suppress(RuntimeError):  # it ended by itself meanwhile
            held["loop"].call_soon_threadsafe(held["task"].cancel)
        ended.wait(10)
        raise
    thread.join()
    if "error" in held:
        raise held["error"]
    result: T = held["result"]
    return result

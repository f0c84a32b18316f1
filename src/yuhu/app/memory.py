"""What was worked out for a study as it is on disk: kept until the study changes, so that a page is not worked out again for each visitor."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")
MOST = 200


class Memory:
    """A few results by name, each for one state of the study.

    Parameters
    ----------
    most : int
        How many are kept; the one that was asked for longest ago goes first.
    clock : callable
        Seconds.
    """

    def __init__(self, most: int = MOST, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._makers: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What `make` gives, made once for each key: who asks meanwhile waits for it.

        Parameters
        ----------
        key : hashable
            What it is, and of which state of the study.
        make : callable
            Makes it; what it raises is raised to the one who asked, and is not kept.
        """
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return cast("Made", self._held[key])
            maker = self._makers.setdefault(key, threading.Lock())
        with maker:
            with self._lock:
                if key in self._held:
                    return cast("Made", self._held[key])
            try:
                made = make()
            except BaseException:
                with self._lock:
                    self._makers.pop(key, None)
                raise
            with self._lock:
                self._held[key] = made
                self._makers.pop(key, None)
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
            return made

    def for_a_while(self, key: Hashable, seconds: float, make: Callable[[], Made], *, keeps: Callable[[Made], bool]) -> Made:
        """What `make` gave not longer ago than this, where it may be kept for a while; else what it gives now.

        Parameters
        ----------
        key : hashable
            What it is.
        seconds : float
            How long it is kept.
        make : callable
            Makes it.
        keeps : callable
            Whether one that was made may be kept.
        """
        with self._lock:
            at, held = self._held.get(("for a while", key), (0.0, None))
            if held is not None and self._clock() - at < seconds:
                return cast("Made", held)
        made = make()
        if keeps(made):
            with self._lock:
                self._held["for a while", key] = (self._clock(), made)
        return made

"""One registry for importers, coders and measures. Built-ins and plug-ins come through the same doors (entry points).

Importers and measures are called without arguments (a class will do), coders with a codebook and the modules that are on; entry-point groups are
``yuhu.importers``, ``yuhu.coders`` and ``yuhu.measures``.
"""

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUPS = ("importers", "coders", "measures")

_BUILT_IN: dict[str, dict[str, Callable[..., Any]]] = {group: {} for group in GROUPS}


def register(group: str, name: str, make: Callable[..., Any]) -> None:
    """Make a built-in known under its versioned name.

    Raises
    ------
    ValueError
        The name is taken by another object.
    """
    known = _BUILT_IN[group].get(name)
    if known is not None and known is not make:
        raise ValueError(f"{group}: {name} is registered twice")
    _BUILT_IN[group][name] = make


def registered(group: str) -> dict[str, Callable[..., Any]]:
    """All makers of a group by name: built-ins in their order, then plug-ins by name."""
    found = dict(_BUILT_IN[group])
    for point in _plug_ins(group):
        if point.name not in found:
            found[point.name] = point.load()
    return found


@cache
def _plug_ins(group: str) -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=f"yuhu.{group}"), key=lambda point: point.name))

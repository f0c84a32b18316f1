"""A codebook's YAML, composed once, with the line of each of its places."""

from collections.abc import Callable
from typing import Any

import yaml

LANGUAGES = ("zh", "en")

_DEEPEST = 40
_MOST_PLACES = 2_000_000

Path = tuple[str | int, ...]
Say = Callable[[Path, str, str], None]
"""Takes a place, what is to be said of it, and how grave it is: ``error``, ``warning`` or ``note``."""


class _Loader(yaml.CSafeLoader):
    """The safe loader; text such as 12:30 or 2023-09-01 stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern) for tag, pattern in rules if tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null"}
    ]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str) -> tuple[Any, dict[Path, int]]:
    """The document and the line (from 1) of each of its places.

    Raises
    ------
    yaml.YAMLError
        The text is not YAML.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        lines: dict[Path, int] = {}
        if root is None:
            return None, lines
        _mark(root, (), lines)
        return loader.construct_document(root), lines
    finally:
        loader.dispose()  # type: ignore[no-untyped-call, unused-ignore]


def _mark(node: yaml.Node, path: Path, lines: dict[Path, int]) -> None:
    if len(path) > _DEEPEST or len(lines) > _MOST_PLACES:
        raise yaml.MarkedYAMLError(problem="nested too deeply, or aliases that multiply", problem_mark=node.start_mark)
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is a word, not a list or a mapping", problem_mark=key.start_mark)
            _mark(value, (*path, key.value), lines)
            lines[(*path, key.value)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for at, value in enumerate(node.value):
            _mark(value, (*path, at), lines)

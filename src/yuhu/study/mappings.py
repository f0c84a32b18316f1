"""``mappings.json``: what the columns of tables meant when they were added, so that the next table with the same columns need not be explained again.

Columns are known by a hash of their names; beside it stand the names that were mapped, never a cell.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from yuhu.core.errors import YuhuError
from yuhu.study.files import write_atomic

FILE = "mappings.json"


@dataclass(frozen=True)
class SavedMapping:
    """A mapping that was used before: field by column, what the person said with it, and in how many steps it was used."""

    mapping: Mapping[str, str]
    platform: str | None = None
    kind: str | None = None
    tz: str | None = None
    times_used: int = 0


def signature(columns: Iterable[str]) -> str:
    """A hash of the set of columns: order, repetition and spaces around a name do not matter."""
    names = sorted({unicodedata.normalize("NFC", name.strip()) for name in columns} - {""})
    return hashlib.blake2b("\x1f".join(names).encode("utf-8", "surrogatepass"), digest_size=10).hexdigest()


def saved_mapping(folder: Path, columns: Iterable[str]) -> SavedMapping | None:
    """The mapping that was last used in a study for a table with these columns; None if there was none.

    Raises
    ------
    YuhuError
        YH205 the file is damaged.
    """
    return _read(folder).get(signature(columns))


def save_mapping(
    folder: Path,
    columns: Iterable[str],
    mapping: Mapping[str, str],
    *,
    platform: str | None = None,
    kind: str | None = None,
    tz: str | None = None,
) -> None:
    """Remember what the columns of a table are; a mapping saved before for the same columns gives way.

    Raises
    ------
    YuhuError
        YH205 the file is damaged; YH209 the disk refused.
    """
    saved = _read(folder)
    key = signature(columns)
    before = saved.get(key)
    said = SavedMapping(dict(mapping), platform, kind, tz)
    times = before.times_used if before is not None and dict(before.mapping) == said.mapping else 0
    saved[key] = SavedMapping(said.mapping, platform, kind, tz, times + 1)
    content = {"mappings": {key: asdict(one) for key, one in sorted(saved.items())}}
    write_atomic(folder / FILE, json.dumps(content, ensure_ascii=False, indent=1).encode("utf-8", "replace") + b"\n", mode=0o600)


def _read(folder: Path) -> dict[str, SavedMapping]:
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_bytes())["mappings"]
        return {str(key): _saved(one) for key, one in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise YuhuError(
            "YH205", f"{FILE} cannot be read", facts={"reason": type(error).__name__}, fix=f"remove {path}: mappings are offered anew"
        ) from error


def _saved(one: Mapping[str, Any]) -> SavedMapping:
    said = {name: None if (value := one[name]) is None else str(value) for name in ("platform", "kind", "tz")}
    return SavedMapping({str(column): str(field) for column, field in one["mapping"].items()}, **said, times_used=int(one["times_used"]))

"""The state of all that results can rest on, in one hash that is cheap to take: while it is the same, results need not be prepared anew to know that they hold."""

import json
from pathlib import Path
from typing import Any

from yuhu.core.ids import content_hash
from yuhu.core.moments import FILE as MOMENTS
from yuhu.core.version import __version__
from yuhu.study.codebooks import FOLDER as KEPT
from yuhu.study.coding_file import FILE, connected
from yuhu.study.forgotten import FILE as FORGOTTEN
from yuhu.study.manifest import Manifest
from yuhu.study.settings import FILE as SETTINGS
from yuhu.study.store import CODEBOOK, Study

PLANTED = "planted.json"
_GROWING = ("codings", "decisions", "coverage")
"""Tables of people's work whose rows are added and never changed, but for forgetting, which leaves a mark of its own."""
_TIMES = frozenset({"at", "added_at", "finished_at"})


def state_hash(study: Study) -> str:
    """Hash of the files, runs, settings, codebooks, samples and number of people's decisions of a study.

    Notes
    -----
    It may change where results do not; it cannot stay where they do. O(files) and one count of the codings: none of them is read. Times are no part of it.
    """
    parts = {
        "yuhu": __version__,
        "manifest": _manifest(study.manifest),
        "files": [_file(study.path / name) for name in (SETTINGS, CODEBOOK, MOMENTS, PLANTED, FORGOTTEN)],
        "codebooks": sorted(path.name for path in (study.path / KEPT).glob("*")),
        "people": _people(study.path),
    }
    return content_hash(json.dumps(parts, ensure_ascii=False, sort_keys=True, default=list).encode())[:16]


def _manifest(manifest: Manifest) -> list[Any]:
    return [
        sorted(part.sha256 for part in manifest.partitions if part.table != "raw"),
        *({name: value for name, value in vars(one).items() if name not in _TIMES} for one in (*manifest.sources, *manifest.runs)),
    ]


def _file(path: Path) -> str:
    return content_hash(path.read_bytes()) if path.is_file() else ""


def _people(folder: Path) -> list[Any]:
    """How much people did, and all of the few rows that may change."""
    if not (folder / FILE).exists():
        return []
    with connected(folder) as connection:
        grown = [connection.execute(f"select count(*), max(id) from {name}").fetchone() for name in _GROWING]  # noqa: S608
        kept = []
        for name in ("samples", "people", "strata"):
            rows = connection.execute(f"select * from {name} order by 1, 2")  # noqa: S608
            columns = [column[0] for column in rows.description]
            kept.append([[value for column, value in zip(columns, row, strict=True) if column not in _TIMES] for row in rows])
        units = connection.execute(
            "select sample, count(*), sum(is_drawn), total(chance) from sample_units group by sample order by sample"
        )
        return [grown, kept, units.fetchall()]

"""The log of a study's protocol: stages of codes, and decisions taken about them. Rows are added and never changed."""

from dataclasses import dataclass
from pathlib import Path

from yuhu.study.coding_file import FILE, connected

REQUEUE = "requeue"
KINDS = ("stage", "decision", REQUEUE)


@dataclass(frozen=True)
class Entry:
    """One entry: a code was moved to a stage, something was decided about it, or messages are to be coded again for it.

    ``unit_id`` is the message that a decision was taken over; ``codebook_hash`` the codebook that stood then.
    """

    at: str
    who: str
    kind: str
    code: str
    stage: str
    text: str
    unit_id: str | None
    codebook_hash: str


def add_entries(folder: Path, entries: list[Entry]) -> None:
    """Write entries, all or none."""
    with connected(folder, write=True) as connection:
        connection.executemany(
            "insert into decisions (at, who, kind, code, stage, text, unit_id, codebook_hash) values (?, ?, ?, ?, ?, ?, ?, ?)",
            [(one.at, one.who, one.kind, one.code, one.stage, one.text, one.unit_id, one.codebook_hash) for one in entries],
        )


def requeues_mark(folder: Path) -> int:
    """The newest time at which messages were to be coded again: another one where there is a new one."""
    if not (folder / FILE).exists():
        return 0
    with connected(folder) as connection:
        return int(connection.execute("select coalesce(max(id), 0) from decisions where kind = ?", (REQUEUE,)).fetchone()[0])


def read_log(folder: Path) -> list[Entry]:
    """All entries in the order in which they were made."""
    if not (folder / FILE).exists():
        return []
    with connected(folder) as connection:
        rows = connection.execute("select at, who, kind, code, stage, text, unit_id, codebook_hash from decisions order by id").fetchall()
    return [Entry(*row) for row in rows]

"""Which importer reads a file: decided from content, never from the name alone."""

from yuhu.core.contracts import Head, Importer, Origin
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.sources.reading import read_head
from yuhu.sources.tabular import looks_like

LEAST = 0.2


def recognise(origin: Origin) -> Importer:
    """The importer with the highest confidence.

    Raises
    ------
    YuhuError
        YH101 empty; YH103 nobody recognises it; YH104 another kind of file; YH110 unreadable.
    """
    head = read_head(origin.path, mapped=bool(origin.mapping))
    importers = [make() for make in registered("importers").values()]
    best: Importer = max(importers, key=lambda importer: importer.sniff(head))
    if best.sniff(head) >= LEAST:
        return best
    raise _unknown(head)


def _unknown(head: Head) -> YuhuError:
    found = looks_like(head)
    fix = (
        f"say what its columns are: yuhu add STUDY {head.name} --map COLUMN=text --map COLUMN=sent_at --tz Asia/Shanghai"
        if found != "plain text"
        else "docs/sources.md lists what can be imported"
    )
    return YuhuError("YH103", f"`{head.name}` is not recognised", facts={"found": found}, fix=fix)

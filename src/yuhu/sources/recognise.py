"""Which importer reads a file: decided from content, never from the name alone."""

from collections.abc import Callable
from functools import cache

from yuhu.core.contracts import Importer, Origin
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.sources.mapping_guess import Guess, for_shell
from yuhu.sources.reading import read_head
from yuhu.sources.table_samples import looks_like

LEAST = 0.2


def recognise(origin: Origin) -> Importer:
    """The importer with the highest confidence.

    Raises
    ------
    YuhuError
        YH101 empty; YH103 nobody recognises it; YH104 another kind of file; YH110 unreadable.
    """
    head = read_head(origin.path, mapped=bool(origin.mapping), called=origin.name, content=origin.content)
    makers = list(registered("importers").values())
    confidences = [_sniffer(make).sniff(head) for make in makers]
    most = max(confidences, default=0.0)
    if most >= LEAST:
        best: Importer = makers[confidences.index(most)]()
        return best
    raise unrecognised(origin)


@cache
def _sniffer(make: Callable[[], Importer]) -> Importer:
    """An importer that only looks at heads; each file is read by one of its own."""
    return make()


def unrecognised(origin: Origin) -> YuhuError:
    """The error for a file that nobody recognises: what it looks like and, for a table, the command that would add it."""
    found, guess = looks_like(origin)
    facts = {"found": found}
    if guess is None:
        fix = "docs/sources.md lists what can be imported"
    elif guess.is_enough:
        facts["guess"] = guess.as_words()
        fix = f"{command(origin, guess)}, or --map auto to use this guess"
    else:
        fix = f"say what its columns are: yuhu add STUDY {for_shell(origin.name)} --map COLUMN=text --map COLUMN=sent_at --tz Asia/Shanghai"
    return YuhuError("YH103", f"`{origin.name}` is not recognised", facts=facts, fix=fix)


def command(origin: Origin, guess: Guess) -> str:
    """The command that adds a table with a guessed mapping."""
    zone = f"--tz {origin.tz or 'Asia/Shanghai'}" if guess.tz_needed or origin.tz else ""
    return " ".join(part for part in ("yuhu add STUDY", for_shell(origin.name), *guess.as_options(), zone) if part)

"""`yuhu coders`: list coders, add one."""

import json as codec
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import terminal_safe

_PLAIN_WIDTH = 160


def coders(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    do: Annotated[
        str, typer.Argument(metavar="[add]", help="`add` to add a coder or to change what is known of one.", show_default=False)
    ] = "",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="With `add`: a short name or a pseudonym.", show_default=False)] = "",
    reads: Annotated[
        str | None, typer.Option(metavar="zh,en", help="Languages that the coder reads; all if none.", show_default=False)
    ] = None,
    training: Annotated[str | None, typer.Option(metavar="TEXT", help="How the coder was trained.", show_default=False)] = None,
    stance: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The coder's own position on what is coded, if they wish to say it.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """List coders with their languages, training and progress; add one."""
    from yuhu.study.store import open_study
    from yuhu.verbs.coders import add_coder
    from yuhu.verbs.coders import coders as verb

    opened = open_study(study)
    if do == "add":
        added(add_coder(opened, name, reads=None if reads is None else reads.split(","), training=training, stance=stance), as_json=json)
        return
    if do or name:
        raise YuhuError("YH901", f"`{do}` is not understood", facts={"known": "add"}, fix=f"yuhu coders {study} add NAME --reads zh,en")
    listed(verb(opened), study, as_json=json)


def added(coder: dict[str, Any], *, as_json: bool) -> None:
    """A coder that was added or changed."""
    if as_json:
        _json(coder)
        return
    reads = ", ".join(coder["languages"]) or "all languages"
    _say(f"{'added' if coder['is_new'] else 'changed'} {terminal_safe(coder['coder'])}: reads {terminal_safe(reads)}")


def listed(found: list[dict[str, Any]], study: Path, *, as_json: bool) -> None:
    """The coders of a study."""
    if as_json:
        _json({"coders": found})
        return
    if not found:
        _say(f"no coders yet: yuhu coders {terminal_safe(str(study))} add NAME --reads zh,en")
        return
    table = Table(
        "coder",
        "reads",
        "messages",
        "segments",
        "done",
        "s a unit",
        "last",
        "training",
        "stance",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for one in found:
        pace = "" if one["seconds"] is None else f"{one['seconds']:.0f}"
        named = one["coder"] if one["kind"] == "human" else f"{one['coder']} ({one['kind']})"
        reads = ", ".join(one["languages"]) or "all"
        done = f"{one['done']:,} of {one['assigned']:,}" if one["assigned"] else ""
        cells = (
            named,
            reads,
            f"{one['responses']:,}",
            f"{one['spans']:,}",
            done,
            pace,
            (one["last"] or "")[:16].replace("T", " "),
            one["training"],
            one["stance"],
        )
        table.add_row(*map(terminal_safe, cells))
    _say(table)


def _say(what: str | Table) -> None:
    Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PLAIN_WIDTH).print(what)


def _json(value: object) -> None:
    sys.stdout.write(codec.dumps(value, ensure_ascii=False, indent=1) + "\n")


def register(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command(epilog="Example: **yuhu coders escape add anna --reads zh,en --training '2 h, pilot 1'**")(coders)

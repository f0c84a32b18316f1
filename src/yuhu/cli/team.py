"""`yuhu team`: accounts of a shared workbench, and its log."""

import json as codec
import sys
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import terminal_safe

_DOES = ("list", "add", "role", "password", "remove", "log")


def team(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    do: Annotated[str, typer.Argument(metavar="[list|add|role|password|remove|log]", help="What to do.")] = "list",
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="The account.", show_default=False)] = "",
    role: Annotated[
        str, typer.Option("--role", metavar="lead|coder|viewer", help="With `add` and `role`: what the account may do.", show_default=False)
    ] = "",
    most: Annotated[int, typer.Option("--most", min=1, help="With `log`: rows.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")] = False,
) -> None:
    """Who may sign in to `yuhu serve --team`. Passwords are asked for, or read from the first line of standard input; never given as an argument."""
    from yuhu.study.store import open_study
    from yuhu.verbs import team as verbs

    opened = open_study(study)
    if do not in _DOES:
        raise YuhuError("YH901", f"`{do}` is not understood", facts={"known": ", ".join(_DOES)}, fix=f"yuhu team {study} list")
    if do in {"add", "role", "password", "remove"} and not name:
        raise YuhuError("YH901", "whose account?", fix=f"yuhu team {study} {do} NAME")
    if do == "add":
        verbs.add_account(opened, name, role=role, password=_password(name))
    elif do == "role":
        verbs.change_role(opened, name, role)
    elif do == "password":
        verbs.change_password(opened, name, _password(name))
    elif do == "remove":
        verbs.remove_account(opened, name)
    if do == "log":
        _logged(verbs.team_log(opened, most=most), as_json=json)
    else:
        _listed(verbs.team(opened), study, as_json=json)


def _password(name: str) -> str:
    """From the terminal, twice; else the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass(f"password of {terminal_safe(name)}: ")
    if getpass("again: ") != first:
        raise YuhuError("YH708", "the two passwords differ", fix="type the same one twice")
    return first


def _listed(found: list[dict[str, Any]], study: Path, *, as_json: bool) -> None:
    if as_json:
        _json({"accounts": found})
        return
    for one in found:
        progress = "" if one["assigned"] is None else f"   {one['done']:,} of {one['assigned']:,} units"
        seen = "" if one["seen"] is None else f"   signed in, seen {one['seen'][:16].replace('T', ' ')}"
        typer.echo(f"{terminal_safe(one['name'])}   {one['role']}{progress}{seen}")
    if not found:
        typer.echo(f"no accounts yet: yuhu team {terminal_safe(str(study))} add NAME --role lead")


def _logged(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        _json({"log": rows})
        return
    for row in rows:
        facts = ", ".join(f"{key} {value}" for key, value in row["facts"].items())
        typer.echo(f"{row['at'][:19].replace('T', ' ')}   {terminal_safe(row['who'] or '-')}   {row['what']}   {terminal_safe(facts)}")


def _json(value: object) -> None:
    sys.stdout.write(codec.dumps(value, ensure_ascii=False, indent=1) + "\n")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: **yuhu team escape add anna --role coder**")(team)

"""`yuhu serve`: the workbench in a browser."""

import json as codec
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yuhu.core.errors import YuhuError

if TYPE_CHECKING:
    from yuhu.app.access import Access

PORT = 8765


def serve(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=f"Port; {PORT} or the next free one if none.", show_default=False),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on. Anything but loopback needs --team.")] = "127.0.0.1",
    media: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER|FILE",
            exists=True,
            help="Videos to watch: files named by a video's native id or its work, or one file.",
            show_default=False,
        ),
    ] = None,
    team: Annotated[bool, typer.Option("--team", help="People sign in with accounts; yuhu team makes them.")] = False,
    host_name: Annotated[
        list[str] | None,
        typer.Option("--host-name", metavar="NAME", help="A name under which browsers call it. Repeat it.", show_default=False),
    ] = None,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy on this machine forwards; take addresses and https from its headers.")
    ] = False,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print the address as one JSON object; implies --no-open.")] = False,
) -> None:
    """Open the workbench: code responses and timelines, watch, read results. Stops at Ctrl-C; nothing is lost."""
    from yuhu.app.application import create_app
    from yuhu.app.routes.overview import prepare
    from yuhu.app.serving import host_names, is_loopback, open_socket, serve_app
    from yuhu.app.workbench import Workbench
    from yuhu.study.store import open_study

    opened = open_study(study)
    hosts = host_names(host, host_name or (), has_accounts=team)
    access, way_in = _access(opened.path, team=team)
    workbench = Workbench(opened.path, access, media)
    app = create_app(workbench, hosts=hosts)
    listening = open_socket(host, port or PORT, is_fixed=port is not None)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/{way_in}"
    is_open = not is_loopback(host)

    def started() -> None:
        typer.echo(codec.dumps({"address": address}) if json else f"the workbench: {address}\nstop it with Ctrl-C; nothing is lost")
        if is_open and not behind_proxy:
            typer.echo("passwords cross the network unencrypted: put a proxy with TLS before it, see docs/workbench-team.md", err=True)
        threading.Thread(target=prepare, args=(workbench,)).start()
        if browse and not json:
            typer.launch(address)

    try:
        serve_app(app, listening, started=started, is_behind_proxy=behind_proxy)
    finally:
        workbench.close()


def _access(folder: Path, *, team: bool) -> "tuple[Access, str]":
    """How people get in, and the path of the address that is printed."""
    from yuhu.app.access import TeamAccess, TokenAccess
    from yuhu.study.accounts import has_accounts

    if not team:
        alone = TokenAccess()
        return alone, f"enter?token={alone.token}"
    if not has_accounts(folder):
        raise YuhuError("YH708", "nobody could sign in: the study has no accounts", fix=f"yuhu team {folder} add NAME --role lead")
    return TeamAccess(folder), ""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: **yuhu serve escape --media videos**")(serve)

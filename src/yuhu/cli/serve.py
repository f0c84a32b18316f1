"""`yuhu serve`: the workbench in a browser."""

import json as codec
from pathlib import Path
from typing import Annotated

import typer

PORT = 8765


def serve(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help=f"Port; {PORT} or the next free one if none.", show_default=False),
    ] = None,
    host: Annotated[str, typer.Option(help="Loopback address to listen on.")] = "127.0.0.1",
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open a browser.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print the address as one JSON object; implies --no-open.")] = False,
) -> None:
    """Open the workbench: code responses, read results. Stops at Ctrl-C; nothing is lost."""
    from yuhu.app.access import TokenAccess
    from yuhu.app.application import create_app
    from yuhu.app.serving import open_socket, serve_app
    from yuhu.app.workbench import Workbench
    from yuhu.study.store import open_study

    opened = open_study(study)
    access = TokenAccess()
    listening = open_socket(host, port or PORT, is_fixed=port is not None)
    app = create_app(Workbench(opened.path, access))
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening.getsockname()[1]}/enter?token={access.token}"

    def started() -> None:
        typer.echo(codec.dumps({"address": address}) if json else f"the workbench: {address}\nstop it with Ctrl-C; nothing is lost")
        if browse and not json:
            typer.launch(address)

    serve_app(app, listening, started=started)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: **yuhu serve escape**")(serve)

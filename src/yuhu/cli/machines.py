"""`yuhu code`: machines that code."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from yuhu.cli import show, show_machines
from yuhu.core.errors import YuhuError

if TYPE_CHECKING:
    from yuhu.core.contracts import Forecast

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Name = Annotated[
    str,
    typer.Option(
        "--as", metavar="NAME", help="Name of its codings in the study: several models may stand side by side.", show_default=False
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="A setting of the coder; see docs/machine-coders.md. Repeat it.", show_default=False),
]


def code(
    study: StudyPath,
    coder: Annotated[
        str | None, typer.Option("--with", metavar="CODER", help="The machine coder; the one of study.yaml if none.", show_default=False)
    ] = None,
    name: Name = "",
    settings: Settings = None,
    yes: Annotated[bool, typer.Option("--yes", help="Go ahead without asking, whatever it costs and sends.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Ask again for decisions that failed.")] = False,
    json: Json = False,
) -> None:
    """Have a machine coder code every distinct text."""
    from yuhu.study.store import open_study
    from yuhu.verbs.code import code as verb
    from yuhu.verbs.code import sizes

    options = options_of(settings or ())
    if "images" in options:
        _code_segments(study, coder or "llm", name, options, yes=yes, json=json)
        return
    with show.progress(quiet=json) as pause:
        run = verb(
            open_study(study),
            coder=coder,
            name=name or None,
            options=options,
            confirm=_confirm(yes=yes, quiet=json, pause=pause),
            retry_failed=retry_failed,
        )
    show_machines.coded(run, sizes(study, run), as_json=json)


def _code_segments(study: Path, coder: str, name: str, options: dict[str, str], *, yes: bool, json: bool) -> None:
    """Segments from key frames: a model that takes images codes them beside people."""
    from yuhu.study.store import open_study
    from yuhu.verbs.code_segments import code_segments as verb

    if coder.partition(".")[0] != "llm":
        raise YuhuError("YH508", f"{coder} takes no images", fix="--with llm --set images=FOLDER")
    with show.progress(quiet=json) as pause:
        found = verb(open_study(study), name=name or "llm", options=options, confirm=_confirm(yes=yes, quiet=json, pause=pause))
    show_machines.segments_coded(found, as_json=json)


def check_coder(
    study: StudyPath,
    coder: Annotated[
        str | None,
        typer.Option(
            "--with", metavar="NAME", help="Codings of the study to check; of the coder of study.yaml if none.", show_default=False
        ),
    ] = None,
    codes: Annotated[
        list[str] | None, typer.Option("--for", metavar="CODE", help="A code to look at. Repeat it; all if none.", show_default=False)
    ] = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write the units on which machine and people disagree.", show_default=False)
    ] = None,
    most: Annotated[int, typer.Option("--most", help="Disagreements to show.")] = 0,
    json: Json = False,
) -> None:
    """Check a machine coder against people: precision, recall, F1, calibration, equal errors, and where they disagree."""
    from yuhu.study.store import open_study
    from yuhu.verbs.check_coder import check_coder as verb

    with show.progress(quiet=json):
        found = verb(open_study(study), coder, codes=codes or (), to=to)
    show_machines.checked(found, to=to, most=most, as_json=json)


def options_of(settings: Sequence[str]) -> dict[str, str]:
    """``name=value`` as a mapping.

    Raises
    ------
    YuhuError
        YH508 a setting has no ``=``, or stands twice.
    """
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise YuhuError("YH508", f"`{setting}` is no setting", fix="--set name=value")
        if name.strip() in found:
            raise YuhuError("YH508", f"setting `{name.strip()}` stands twice", fix="say it once")
        found[name.strip()] = value.strip()
    return found


def _confirm(*, yes: bool, quiet: bool, pause: Callable[[], None]) -> "Callable[[Forecast], bool]":
    def ask(forecast: "Forecast") -> bool:
        if not quiet:
            pause()
            show_machines.forecast(forecast)
        if yes or not (forecast.sends or forecast.cost):
            return True
        return not quiet and sys.stdin.isatty() and typer.confirm("Go ahead?")

    return ask


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog="Example: **yuhu code escape --with lexicon**")(code)
    app.command("check-coder", epilog="Example: **yuhu check-coder escape --with lexicon --for anger --to apart.csv**")(check_coder)

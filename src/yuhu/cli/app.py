"""The `yuhu` command."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from yuhu.cli import coders as coders_command
from yuhu.cli import desk as desk_command
from yuhu.cli import machines as machine_commands
from yuhu.cli import people as people_commands
from yuhu.cli import serve as serve_command
from yuhu.cli import show
from yuhu.cli import team as team_command
from yuhu.cli.codebook import codebook_app
from yuhu.core.errors import YuhuError
from yuhu.core.version import __version__

_INTERRUPTED = 130

app = typer.Typer(
    name="yuhu",
    help="Evidence from short videos and their audiences: import, code, measure, report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(codebook_app)

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
Lang = Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="Language of the report.", show_default=False)]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"yuhu {__version__}")
        raise typer.Exit


@app.callback()
def _top(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Evidence from short videos and their audiences: import, code, measure, report."""


@app.command(epilog="Example: **yuhu init escape --title 逃出大英博物馆 --lang zh**")
def init(
    study: StudyPath,
    title: Annotated[str, typer.Option(help="Name of the study on its pages.", show_default=False)] = "",
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of its reports.")] = "en",
    codebook: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A codebook of your own (YAML); the built-in empathy.v1 if none.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Make a study: a folder with study.yaml, codebook.yaml and a secret for author keys."""
    from yuhu.verbs.init import init as verb

    made = verb(study, title=title, language=lang, codebook=codebook)
    show.made(made, as_json=json)


@app.command(
    epilog="Example: **yuhu add escape ep1.xml comments.json hotlist.csv**, or **yuhu add escape own.csv --map content=text --map time=sent_at --tz Asia/Shanghai**"
)
def add(
    study: StudyPath,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Files, folders or archives; - is standard input. Formats are recognised from content.",
            show_default=False,
        ),
    ],
    platform: Annotated[str | None, typer.Option(help="Platform of all these files.", show_default=False)] = None,
    video: Annotated[str | None, typer.Option(help="Video that all these files belong to.", show_default=False)] = None,
    work: Annotated[str | None, typer.Option(help="Work (episode) that all these files belong to.", show_default=False)] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of the responses of a mapped table: danmaku, comment, reply, post, repost.", show_default=False)
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="For tables: what a column is. Repeat it. Fields: text, sent_at, at_s, author, likes, id ... Or `auto`: as used before, else guessed and shown.",
            show_default=False,
        ),
    ] = None,
    tz: Annotated[str | None, typer.Option(help="Zone of times that have none, for example Asia/Shanghai.", show_default=False)] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of the files; recognised if none.", show_default=False)] = None,
    sort_order: Annotated[
        str | None,
        typer.Option(
            "--sort-order",
            metavar="time|hot|relevance",
            help="How these exports were sorted when they were cut, where you know it.",
            show_default=False,
        ),
    ] = None,
    exported_at: Annotated[
        str | None, typer.Option("--exported-at", metavar="TIME", help="When these exports were taken: 2023-09-10.", show_default=False)
    ] = None,
    duration: Annotated[
        str | None, typer.Option(metavar="8:20", help="Length of the video, for retention curves in percent of it.", show_default=False)
    ] = None,
    drop_raw: Annotated[
        bool, typer.Option("--drop-raw", help="Keep no copy of the records (they are kept without people otherwise).")
    ] = False,
    skip_broken: Annotated[bool, typer.Option("--skip-broken", help="Add the others where a file cannot be read.")] = False,
    json: Json = False,
) -> None:
    """Add files: danmaku, comments, posts, hot lists, tables. All are added, or none if one cannot be read."""
    from yuhu.study.store import open_study
    from yuhu.verbs.add import AUTO
    from yuhu.verbs.add import add as verb

    with show.progress(quiet=json):
        done = verb(
            open_study(study),
            files,
            platform=platform,
            video=video,
            work=work,
            kind=kind,
            tz=tz,
            encoding=encoding,
            mapping=AUTO if mapped == [AUTO] else _mapping(mapped or []),
            sort_order=sort_order,
            exported_at=exported_at,
            duration=duration,
            keep_raw=False if drop_raw else None,
            skip_broken=skip_broken,
        )
    show.added(done, as_json=json)
    if any(one.status == "broken" for one in done):
        raise typer.Exit(1)


@app.command(epilog="Example: **yuhu status escape --json**")
def status(
    study: StudyPath,
    missing: Annotated[bool, typer.Option("--missing", help="Say what is missing from the sample, and what cannot be concluded.")] = False,
    json: Json = False,
) -> None:
    """Show what is in a study: counts, files, what is missing, codings."""
    from yuhu.study.store import open_study
    from yuhu.verbs.status import status as verb

    opened = open_study(study)
    show.status(verb(opened), as_json=json)
    if missing and not json:
        show.missing(opened)


@app.command(epilog="Example: **yuhu remove escape comments-1f2e3d4c5b**")
def remove(
    study: StudyPath,
    sources: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Ids of sources, or names of files; see yuhu status.", show_default=False),
    ] = None,
    raw: Annotated[bool, typer.Option("--raw", help="Only their raw copies; of all sources if none is named.")] = False,
    json: Json = False,
) -> None:
    """Take sources out of a study again."""
    from yuhu.study.store import open_study
    from yuhu.verbs.remove import remove as verb

    show.removed(verb(open_study(study), sources or [], raw_only=raw), as_json=json)


@app.command(epilog="Example: **yuhu link escape ep1 bilibili:1256 douyin:7273**")
def link(
    study: StudyPath,
    work: Annotated[
        str, typer.Argument(metavar="WORK", help="Name of the work: an episode, whatever platform it stands on.", show_default=False)
    ],
    videos: Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Ids of videos; see yuhu status --json.", show_default=False)],
    undo: Annotated[bool, typer.Option("--undo", help="Take the videos out of the work.")] = False,
    json: Json = False,
) -> None:
    """Say which videos are the same work, without a new import."""
    from yuhu.study.store import open_study
    from yuhu.verbs.link import link as verb

    show.linked(verb(open_study(study), work, videos, undo=undo), as_json=json)


@app.command(epilog="Example: **yuhu forget escape --person 12345 --platform bilibili**, or **yuhu forget escape --deleted**")
def forget(
    study: StudyPath,
    named: Annotated[
        list[str] | None, typer.Argument(metavar="KEY_OR_ID...", help="Author keys or response ids.", show_default=False)
    ] = None,
    listed: Annotated[
        Path | None, typer.Option("--list", metavar="FILE", help="A file with one key or id a line.", show_default=False)
    ] = None,
    person: Annotated[
        str | None, typer.Option(help="A person's own id on a platform; name the platform as well.", show_default=False)
    ] = None,
    platform: Annotated[str | None, typer.Option(help="Platform of the person.", show_default=False)] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="All messages that a later export no longer holds.")] = False,
    json: Json = False,
) -> None:
    """Take messages out of a study for good: tables, raw copies, evidence, results; with a receipt."""
    from yuhu.study.store import open_study
    from yuhu.verbs.forget import forget as verb

    with show.progress(quiet=json):
        receipt = verb(open_study(study), named or [], listed=listed, person=person, platform=platform, deleted=deleted)
    show.forgotten(receipt, as_json=json)


@app.command(epilog="Example: **yuhu remap escape --dry-run**")
def remap(
    study: StudyPath,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE...", help="Ids of sources; all if none.", show_default=False)
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write every changed cell to this CSV.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Map the raw copies again with the importers of this version, and say row by row what changed."""
    from yuhu.study.store import open_study
    from yuhu.verbs.remap import remap as verb

    with show.progress(quiet=json):
        done = verb(open_study(study), sources or [], dry=dry)
    show.remapped(done, to, as_json=json)


@app.command(epilog="Example: **yuhu ethics escape**")
def ethics(study: StudyPath, json: Json = False) -> None:
    """Write an ethics and data statement in both languages from the study's real settings."""
    from yuhu.study.store import open_study
    from yuhu.verbs.ethics import ethics as verb

    show.written([verb(open_study(study))], as_json=json)


@app.command(epilog="Example: **yuhu clean escape**")
def clean(study: StudyPath, json: Json = False) -> None:
    """Flag copies, check-ins, herd formulas and suspected spam, and add languages and forms of texts; nothing is taken away."""
    from yuhu.study.store import open_study
    from yuhu.verbs.clean import clean as verb

    with show.progress(quiet=json):
        done = verb(open_study(study))
    show.cleaned(done, as_json=json)


@app.command(epilog="Example: **yuhu measure escape**")
def measure(
    study: StudyPath,
    coder: Annotated[
        str | None, typer.Option("--with", metavar="CODER", help="The machine coder whose codings count.", show_default=False)
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="MEASURE", help="Only this measure or group (moments); the report stays as it is.", show_default=False
        ),
    ] = None,
    spec: Annotated[
        Path | None,
        typer.Option(
            "--spec", metavar="FILE", help="How moments are looked for, in place of the study's moments.yaml.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Estimate all that the data allow: shares, moments, courses over media time, attention over time."""
    from yuhu.study.store import open_study
    from yuhu.verbs.measure import measure as verb

    with show.progress(quiet=json):
        results = verb(open_study(study), coder=coder, only=only or (), moments=spec)
    show.measured(results, as_json=json)


@app.command(epilog="Example: **yuhu report escape --lang zh**")
def report(study: StudyPath, lang: Lang = None, json: Json = False) -> None:
    """Write one self-contained HTML report of the latest results."""
    from yuhu.study.store import open_study
    from yuhu.verbs.report import report as verb

    with show.progress(quiet=json):
        path = verb(open_study(study), language=lang)
    show.written([path], as_json=json)


@app.command(epilog="Example: **yuhu export escape tables --format csv**")
def export(
    study: StudyPath,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to.", show_default=False)],
    form: Annotated[str, typer.Option("--format", metavar="parquet|csv|jsonl", help="Format of the tables.")] = "parquet",
    without_texts: Annotated[bool, typer.Option("--without-texts", help="Leave the texts of messages out.")] = False,
    json: Json = False,
) -> None:
    """Write tables, estimates, codings and codebook for other programs; never the secret."""
    from yuhu.study.store import open_study
    from yuhu.verbs.export import export as verb

    show.written(verb(open_study(study), folder, form=form, with_texts=not without_texts), as_json=json)


@app.command(epilog="Example: **yuhu run escape**")
def run(study: StudyPath, lang: Lang = None, json: Json = False) -> None:
    """Code, measure and report: all that can be done with what is there."""
    from yuhu.study.store import open_study
    from yuhu.verbs.run import run as verb

    with show.progress(quiet=json):
        path = verb(open_study(study), language=lang)
    show.written([path], as_json=json)


@app.command(epilog="Example: **yuhu demo --lang zh**")
def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the constructed study goes.")] = Path("demo-study"),
    lang: Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of its report.")] = "en",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the simulation.")] = 20230830,
    json: Json = False,
) -> None:
    """Build a constructed study with a known truth and take it from files to report."""
    from yuhu.verbs.demo import demo as verb

    with show.progress(quiet=json):
        facts = verb(folder, seed=seed, language=lang)
    show.demo(facts, as_json=json)


@app.command(epilog="Example: **yuhu lint my-codebook.yaml**")
def lint(
    file: Annotated[Path, typer.Argument(metavar="CODEBOOK", help="A codebook file, or a study's folder.", show_default=False)],
    json: Json = False,
) -> None:
    """Check a codebook, with line numbers."""
    from yuhu.verbs.lint import lint as verb

    findings = verb(file)
    show.findings(findings, as_json=json)
    if any(found.is_error for found in findings):
        raise typer.Exit(1)


machine_commands.register(app)
people_commands.register(app)
coders_command.register(app)
desk_command.register(app)
serve_command.register(app)
team_command.register(app)


def _mapping(entries: list[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for entry in entries:
        column, equals, name = entry.rpartition("=")
        if not equals or not column or not name:
            raise YuhuError("YH108", f"`--map {entry}` is not understood", facts={"expected": "COLUMN=FIELD"}, fix="--map content=text")
        if column in mapping:
            raise YuhuError(
                "YH108", f"column `{column}` is mapped twice", facts={"to": f"{mapping[column]}, {name}"}, fix="map each column once"
            )
        mapping[column] = name
    return mapping


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit code 0 done, 1 it could not be done, 2 the command line is not understood."""
    sys.exit(invoke(sys.argv[1:] if arguments is None else arguments))


def invoke(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    as_json = "--json" in arguments
    arguments = arguments or ["--help"]
    try:
        outcome = app(args=arguments, prog_name="yuhu", standalone_mode=False)
    except YuhuError as error:
        show.error(error, as_json=as_json)
        return 1
    except KeyboardInterrupt:
        return _stopped(as_json=as_json)
    except typer.Abort:
        return 1
    except SystemExit as stop:
        if stop.code != _INTERRUPTED:
            raise
        return _stopped(as_json=as_json)
    except Exception as error:
        usage = show.usage_error(error)
        if usage is not None:
            show.error(usage, as_json=as_json)
            return 2
        if type(error).__module__.split(".")[0] not in {"polars", "pyarrow", "sqlite3"}:
            raise
        facts = {"found": str(error).partition("\n")[0][:200]}
        show.error(
            YuhuError("YH205", "a table of the study cannot be read", facts=facts, fix="restore the study from a backup"), as_json=as_json
        )
        return 1
    if outcome == _INTERRUPTED:  # the parser of arguments takes Ctrl-C for itself
        return _stopped(as_json=as_json)
    return outcome if isinstance(outcome, int) else 0


def _stopped(*, as_json: bool) -> int:
    show.error(YuhuError("YH902", "stopped", fix="run the same command again: what is finished stays"), as_json=as_json)
    return 1

"""`yuhu desk`: code in a terminal, train, or let a program code through JSON lines."""

import json as codec
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from yuhu.cli.desk_words import word
from yuhu.cli.keys import QUIT, Keys, LineKeys, TerminalKeys
from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import terminal_safe

if TYPE_CHECKING:
    from yuhu.coding.contexts import Unit
    from yuhu.coding.sitting import Sitting, TrainingSitting
    from yuhu.study.store import Study

_PLAIN_WIDTH = 80
_NOTE = "n"
_LANGUAGES = ("zh", "en")


def desk(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)],
    coder: Annotated[str, typer.Option(metavar="NAME", help="Who codes.", show_default=False)] = "",
    sample: Annotated[str | None, typer.Option(metavar="NAME", help="Only the units of one sample.", show_default=False)] = None,
    train: Annotated[bool, typer.Option("--train", help="Train on the codebook's examples, with what is right after each answer.")] = False,
    code: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="With --train: a code to train. Repeat it; all that are on if none.", show_default=False),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option("--lang", metavar="zh|en", help="Language of the desk; that of study.yaml if none.", show_default=False),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Read one JSON request a line, answer one line each; see docs/coding.md.")] = False,
) -> None:
    """Code in the terminal: one unit after another, blind to all other coders; everything is kept at once."""
    from yuhu.study.store import open_study

    opened = open_study(study)
    lang = opened.settings.language if lang is None else lang
    if lang not in _LANGUAGES:
        raise YuhuError("YH601", f"language `{lang}` is not known", facts={"known": ", ".join(_LANGUAGES)}, fix="--lang zh or --lang en")
    if train and sample:
        raise YuhuError("YH901", "--train needs no sample: it goes by the examples of the codebook", fix="leave --sample out")
    if code and not train:
        raise YuhuError(
            "YH901", "--code is for training alone", fix="--train --code CODE, or draw a sample for a code: yuhu sample --for CODE"
        )
    if json:
        _serve(opened, lang, coder)
        return
    if not coder:
        raise YuhuError("YH901", "who codes?", fix=f"yuhu desk {study} --coder NAME")
    sitting = _sitting(opened, coder, sample, code or (), is_training=train)
    with _keys() as keys:
        _sit(sitting, keys, lang)
    options = ["--coder", coder, *(["--sample", sample] if sample else []), *(["--train"] if train else [])]
    options += [*(part for one in code or () for part in ("--code", one)), *(["--lang", lang] if lang != opened.settings.language else [])]
    _leave(sitting, shlex.join(["yuhu", "desk", str(study), *options]), lang)


def _sitting(study: "Study", coder: str, sample: str | None, codes: Any, *, is_training: bool) -> "Sitting":
    from yuhu.coding.desk import Desk
    from yuhu.coding.sitting import DeskSitting, TrainingSitting
    from yuhu.coding.training import Training

    if is_training:
        return TrainingSitting(Training(study, coder, codes=codes))
    return DeskSitting(Desk(study, coder, sample=sample))


@contextmanager
def _keys() -> Iterator[Keys]:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield LineKeys(sys.stdin, lambda line: _console().print(line, markup=False))
        return
    console = _console()
    with TerminalKeys(sys.stdin.fileno()) as keys:
        console.set_alt_screen(enable=True)
        try:
            yield keys
        finally:
            console.print()
            console.set_alt_screen(enable=False)


def _sit(sitting: "Sitting", keys: Keys, lang: str) -> None:
    """One key after another until the coder leaves. Ctrl-C leaves, too: every answer was kept when it was given."""
    shown: Unit | None = None
    turn = 0
    try:
        while True:
            _draw(sitting, lang, turn, is_live=keys.is_live, with_unit=keys.is_live or sitting.unit is not shown)
            shown = sitting.unit
            if not keys.is_live and (sitting.overlay or getattr(sitting, "feedback", None)):
                sitting.press("")
                continue
            key = keys.read() if keys.is_live or sitting.unit is not None else None
            turn = turn + 1 if key == " " else 0
            if key is None or (key == QUIT and not sitting.overlay):
                return
            if key == " ":
                continue
            if key.split(maxsplit=1)[:1] == [_NOTE] and not sitting.overlay:
                given = key[1:].strip()
                sitting.write(given or keys.line(word("note_prompt", lang)))
            else:
                sitting.press(key)
    except KeyboardInterrupt:
        return


def _draw(sitting: "Sitting", lang: str, turn: int, *, is_live: bool, with_unit: bool) -> None:
    from yuhu.cli.desk_view import page

    console = _console()
    width, height = (console.width, console.height) if is_live else (_PLAIN_WIDTH, None)
    lines = page(sitting, lang, width, height, turn, with_unit=with_unit).lines
    with console:
        if is_live:
            console.clear()
        text = Text("\n").join(Text(line.text, line.style) for line in lines)
        console.print(text, no_wrap=True, overflow="ignore", crop=False, end="" if is_live else "\n")


def _leave(sitting: "Sitting", command: str, lang: str) -> None:
    """Say what is kept, and how to go on."""
    from yuhu.coding.sitting import DeskSitting, TrainingSitting

    if isinstance(sitting, TrainingSitting):
        _results(sitting, lang)
        at = sitting.training.progress()
    elif isinstance(sitting, DeskSitting):
        at = sitting.desk.progress()
    else:  # pragma: no cover - there are two kinds
        raise TypeError(type(sitting))
    console = _console()
    if at.done < at.total:
        console.print(word("left", lang, done=at.done, total=at.total))
        console.print(f"  {terminal_safe(command)}")
    else:
        console.print(word("all_done", lang))


def _results(sitting: "TrainingSitting", lang: str) -> None:
    """Share right per code."""
    results = sitting.training.results()
    if not results.height:
        return
    labels = {code.id: code.label[lang] for code in sitting.training.codes}
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(word("code", lang))
    for name in ("n", "n_right", "share_right"):
        table.add_column(word(name, lang), justify="right")
    for code, n, right in results.iter_rows():
        table.add_row(terminal_safe(labels[code]), str(n), str(right), f"{right / n:.2f}")
    _console().print(table)


def _serve(study: "Study", lang: str, coder: str) -> None:
    """Answer requests from standard input, one line each, until it ends."""
    from yuhu.coding.desk_api import DeskApi

    api = DeskApi(study, lang)
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            request = codec.loads(line)
        except (ValueError, RecursionError) as error:
            facts = {"reason": str(error)[:200]}
            problem = YuhuError("YH507", "a request is one line of JSON", facts=facts, fix='{"do": "next", "coder": "anna"}')
            reply: dict[str, Any] = {"ok": False, "error": problem.as_dict()}
        else:
            reply = api.handle({"coder": coder, **request} if coder and isinstance(request, dict) else request)
        sys.stdout.buffer.write(codec.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()


def _console() -> Console:
    return Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def register(app: typer.Typer) -> None:
    """Put the command into the program."""
    app.command(epilog="Example: **yuhu desk escape --coder anna**, or to train: **yuhu desk escape --coder anna --train --code anger**")(
        desk
    )

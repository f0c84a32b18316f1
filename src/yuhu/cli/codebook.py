"""`yuhu codebook diff`, `adopt` and `history`."""

import json as _json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import visible

if TYPE_CHECKING:
    import polars as pl

    from yuhu.verbs.codebook import Adopted

_LONGEST = 20_000

codebook_app = typer.Typer(
    name="codebook", help="Versions of a codebook: what changed, taking one into a study, and those that it had.", no_args_is_help=True
)

_Book = Annotated[str, typer.Argument(metavar="OLD", help="A codebook file, a study's folder, or a built-in name.", show_default=False)]
_New = Annotated[str, typer.Argument(metavar="NEW", help="A codebook file, a study's folder, or a built-in name.", show_default=False)]
_Study = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)]
_Lang = Annotated[str, typer.Option("--lang", metavar="zh|en", help="Language of what is printed.")]
_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]


@codebook_app.command("diff", epilog="Example: **yuhu codebook diff escape new.yaml**")
def diff(old: _Book, new: _New, lang: _Lang = "en", json: _AsJson = False) -> None:
    """Say what changed, what it does to codings, and which version number it demands."""
    from yuhu.core.codebook_diff_lines import diff_lines
    from yuhu.verbs.codebook import codebook_diff

    _known(lang)
    found = codebook_diff(old, new)
    if json:
        _object(found.as_dict())
        return
    for line in diff_lines(found, lang):
        _say(line)


@codebook_app.command("adopt", epilog="Example: **yuhu codebook adopt escape new.yaml --yes**")
def adopt(
    study: _Study,
    new: _New,
    yes: Annotated[bool, typer.Option("--yes", help="Go on although codings no longer count.")] = False,
    lang: _Lang = "en",
    json: _AsJson = False,
) -> None:
    """Make a new version the study's codebook; earlier versions and all codings are kept."""
    from yuhu.study.store import open_study
    from yuhu.verbs.codebook import adopt_codebook

    _known(lang)
    done = adopt_codebook(open_study(study), new, yes=yes)
    if json:
        _object(done.as_dict())
        return
    _adopted(done, lang, study)


@codebook_app.command("history", epilog="Example: **yuhu codebook history escape**")
def history(study: _Study, json: _AsJson = False) -> None:
    """List the versions of a study's codebook with the codings made under each."""
    from yuhu.study.store import open_study
    from yuhu.verbs.codebook import codebook_history

    frame = codebook_history(open_study(study))
    if json:
        _object({"versions": frame.to_dicts()})
        return
    _history(frame)


@codebook_app.command("bridge", epilog="Example: **yuhu codebook bridge escape --to bridge.csv**")
def bridge(
    study: _Study,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE.CSV", help="File to write.", show_default=False)] = None,
    size: Annotated[int, typer.Option(help="Units to draw, at least 200.")] = 200,
    sample: Annotated[str, typer.Option(help="A bridge set that was drawn, once its translations are there.", show_default=False)] = "",
    translations: Annotated[
        Path | None, typer.Option(metavar="FILE.CSV", help="With --sample: the file with its translations filled in.", show_default=False)
    ] = None,
    a: Annotated[
        list[str] | None, typer.Option("--a", metavar="NAME", help="With --sample: who codes the file -a. Repeat it.", show_default=False)
    ] = None,
    b: Annotated[
        list[str] | None, typer.Option("--b", metavar="NAME", help="With --sample: who codes the file -b. Repeat it.", show_default=False)
    ] = None,
    json: _AsJson = False,
) -> None:
    """Draw units to be coded in both languages; with --sample, write what two groups of coders see, and say who is in which."""
    from yuhu.study.store import open_study
    from yuhu.verbs.bridge import draw_bridge, name_groups, show_bridge

    opened = open_study(study)
    _fits(sample, translations, to, names=bool(a or b))
    if a or b:
        done = name_groups(opened, sample, a or (), b or ())
    if to is not None:
        done = show_bridge(opened, sample, translations, to) if translations is not None else draw_bridge(opened, to, size=size)
    if json:
        _object({"sample": done.sample, "units": done.units, "files": [str(path) for path in done.files]})
        return
    _say(f"{done.sample}: {done.units:,} units" + (f"; a: {', '.join(a or ())}; b: {', '.join(b or ())}" if a or b else ""))
    for path in done.files:
        _say(str(path))


def _fits(sample: str, translations: Path | None, to: Path | None, *, names: bool) -> None:
    """Options that go together."""
    if (translations is not None and not (sample and to)) or (sample and translations is None and not names):
        fix = "--sample bridge-1 --translations bridge.csv --to shown.csv"
        raise YuhuError("YH901", "--sample and --translations go together", fix=fix)
    if names and not sample:
        raise YuhuError("YH901", "of which bridge set are these the coders?", fix="--sample bridge-1 --a anna --b bo")
    if names and to is not None and translations is None:
        raise YuhuError(
            "YH901", "--to needs the translations", fix="--sample bridge-1 --translations bridge.csv --to shown.csv --a anna --b bo"
        )
    if to is None and not names:
        raise YuhuError("YH901", "--to names the file to write", fix="--to bridge.csv")


def _adopted(done: "Adopted", lang: str, study: Path) -> None:
    from yuhu.core.codebook_diff_lines import diff_lines

    for line in diff_lines(done.diff, lang):
        _say(line)
    titles = {
        "invalidated": {"en": "codings that no longer count", "zh": "不再计入的编码"},
        "asked": {"en": "codings of codes that are now asked of other units", "zh": "询问单元有变的编码"},
        "revived": {"en": "codings that count again", "zh": "重新计入的编码"},
    }
    for title, counts in (("invalidated", done.invalidated), ("asked", done.asked), ("revived", done.revived)):
        if counts:
            _say(f"{titles[title][lang]}: {sum(counts.values()):,}")
            for code, n in counts.items():
                _say(f"  {code}: {n:,}")
    if not done.diff.is_empty:
        _say({"en": "next: ", "zh": "下一步："}[lang] + f"yuhu run {study}")


def _history(frame: "pl.DataFrame") -> None:
    for row in frame.iter_rows(named=True):
        name = f"{row['id']} {row['version']}" if row["id"] else "a version that is not kept"
        when = f", {row['first_at']:%Y-%m-%d} to {row['last_at']:%Y-%m-%d}" if row["codings"] else ""
        counts = f"codings {row['codings']:,}, coders {row['coders']:,}, machine runs {row['machine_runs']:,}"
        _say(f"{row['codebook_hash'][:12]}  {name}: {counts}{when}{'  (the present one)' if row['is_current'] else ''}")


def _known(lang: str) -> None:
    if lang not in {"zh", "en"}:
        raise YuhuError("YH601", f"language `{lang}` is not known", facts={"known": "zh, en"}, fix="--lang zh or --lang en")


def _say(line: str) -> None:
    typer.echo(visible(line, _LONGEST))


def _object(value: dict[str, Any]) -> None:
    typer.echo(_json.dumps(value, ensure_ascii=False, indent=1, default=str))

"""What the command line prints. Texts of strangers are made safe for a terminal first."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from yuhu.core.errors import YuhuError
from yuhu.core.progress import heard_by, shown_by
from yuhu.texts.hostile import terminal_safe

if TYPE_CHECKING:
    from yuhu.core.codebook_lint import Finding
    from yuhu.study.derived import Cleaned
    from yuhu.study.results import Results
    from yuhu.study.store import Study
    from yuhu.verbs.add import Added
    from yuhu.verbs.forget import Receipt
    from yuhu.verbs.remap import Remapped
    from yuhu.verbs.remove import Removed

_PLAIN_WIDTH = 160
_LONGEST = 2_000


def _console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, emoji=False, soft_wrap=True, width=None if stream.isatty() else _PLAIN_WIDTH)


def _print(text: str) -> None:
    _console().print(text)


def _json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def print_text(text: str) -> None:
    """Print a line."""
    _print(text)


def print_table(table: Table) -> None:
    """Print a table."""
    _console().print(table)


def print_json(value: object) -> None:
    """Print an object for machines."""
    _json(value)


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[], None]]:
    """Show progress on a terminal while the block runs; elsewhere only what must be read. Nothing at all if quiet.

    Gives a function that takes the bars away until the next step, for a question.
    """
    if quiet:
        yield _nothing
        return
    with heard_by(lambda message: _print(terminal_safe(message, _LONGEST))):
        if not sys.stderr.isatty():
            yield _nothing
            return
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=_console(stderr=True), transient=True) as bars:
            task = bars.add_task("", total=None)

            def report(title: str, done: int, total: int) -> None:
                bars.start()
                bars.update(task, description=terminal_safe(title), completed=done, total=total or None)

            with shown_by(report):
                yield bars.stop


def _nothing() -> None:
    """Take nothing away: no bars are shown."""


def error(problem: YuhuError, *, as_json: bool) -> None:
    """An error on stderr; with --json also as an object on stdout."""
    if as_json:
        _json({"error": problem.as_dict()})
    console = _console(stderr=True)
    head, *rest = str(problem).splitlines()
    console.print(f"[red]{terminal_safe(head, _LONGEST)}[/red]")
    for line in rest:
        console.print(terminal_safe(line, _LONGEST))


def usage_error(problem: Exception) -> YuhuError | None:
    """A mistake on the command line as an error of ours; None for anything else."""
    describe = getattr(problem, "format_message", None)
    if describe is None:
        return None
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "yuhu"
    return YuhuError("YH901", str(describe()).rstrip(".").replace("\n", " "), fix=f"{command} --help")


def made(study: "Study", *, as_json: bool) -> None:
    """A new study."""
    if as_json:
        _json(
            {
                "study": str(study.path),
                "title": study.settings.title,
                "language": study.settings.language,
                "files": ["study.yaml", "codebook.yaml"],
            }
        )
        return
    _print(f"made {terminal_safe(str(study.path))}: study.yaml holds the settings, codebook.yaml the codes")
    _print(f"next: yuhu add {terminal_safe(str(study.path))} FILE ...")


def added(done: "Sequence[Added]", *, as_json: bool) -> None:
    """What became of each file."""
    if as_json:
        _json({"files": [one.as_dict() for one in done]})
        return
    for one in done:
        entry = one.entry
        name = terminal_safe((entry.container if entry is not None and one.status == "added" else "") + one.file)
        if one.error is not None and one.status == "skipped":
            _print(f"[dim]{name}: skipped, {terminal_safe(one.error.problem)}[/dim]")
        elif one.error is not None:
            _print(f"[red]{name}: not added[/red]")
            _print("  " + terminal_safe(str(one.error).replace("\n", " ")))
        elif entry is not None and one.status == "known_otherwise":
            _print(f"{name}: already in the study as {terminal_safe(entry.source)}, added with other options; nothing changed")
            _print(f"  to give it other options: yuhu remove STUDY {terminal_safe(entry.source)}, then add it again")
        elif entry is not None and one.status == "known":
            _print(f"{name}: already in the study as {terminal_safe(entry.source)}; nothing added")
        elif entry is not None:
            where = (
                f", video {terminal_safe(entry.videos[0])} (from {entry.video_from})"
                if len(entry.videos) == 1
                else f", {len(entry.videos)} videos"
                if entry.videos
                else ""
            )
            _print(f"{name}: {one.label.get('en', entry.importer)}{where}")
            _print(f"  {terminal_safe(entry.what)}: seen {entry.seen:,} = kept {entry.kept:,} + rejected {entry.rejected:,}")
            for line in entry.first_rejects:
                _print(f"  rejected: {terminal_safe(line)}")
            for line in entry.truncation:
                _print(f"  [yellow]incomplete:[/yellow] {terminal_safe(line)}")
            for line in entry.notes:
                _print(f"  note: {terminal_safe(line)}")


def status(facts: dict[str, Any], *, as_json: bool) -> None:
    """What is in a study."""
    if as_json:
        _json(facts)
        return
    counts = facts["counts"]
    _print(f"[bold]{terminal_safe(facts['title'])}[/bold]" + ("   constructed data" if facts["constructed"] else ""))
    _print(
        f"{counts['responses']:,} responses: {counts['danmaku']:,} danmaku, {counts['comments']:,} comments and replies, {counts['posts']:,} posts and reposts; "
        f"{counts['metric_observations']:,} metric observations; {facts['works']:,} works, {len(facts['videos']):,} videos; inference to: {facts['target']}"
    )
    if facts["sources"]:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column, side in (
            ("file", "left"),
            ("taken for", "left"),
            ("seen", "right"),
            ("kept", "right"),
            ("rejected", "right"),
            ("", "left"),
        ):
            table.add_column(column, justify=side)  # type: ignore[arg-type]
        for source in facts["sources"]:
            remark = "[yellow]incomplete[/yellow]" if source["is_truncated"] else ""
            table.add_row(
                terminal_safe(source["file"]),
                source["importer"],
                f"{source['seen']:,}",
                f"{source['kept']:,}",
                f"{source['rejected']:,}",
                remark,
            )
        _console().print(table)
    else:
        _print(f"no files yet: yuhu add {terminal_safe(facts['study'])} FILE ...")
    langs = ", ".join(f"{name} {n:,}" for name, n in list(facts["by_language"].items())[:8])
    if langs:
        _print(f"languages: {terminal_safe(langs)}")
    book = facts["codebook"]
    _print(f"codebook: {book['id']} {book['version']}, {book['codes']} codes, modules {', '.join(book['modules'])}")
    runs = (
        "; ".join(f"{run['coder']} ({run['decisions']} decisions)" for run in facts["machine"])
        or f"none yet: yuhu code {terminal_safe(facts['study'])}"
    )
    _print(f"machine coders: {runs}")
    gold = facts["gold"]
    samples = "; ".join(f"{sample['name']}: {sample['units']:,} of {sample['population']:,}" for sample in gold["samples"])
    _print(
        f"gold: {samples}, {gold['codings']:,} codings{' by ' if gold['coders'] else ''}{', '.join(gold['coders'])}"
        if samples
        else "gold: none; machine shares stay unvalidated"
    )
    _print(f"cleaning: {_flags(facts)}")


def _flags(facts: dict[str, Any]) -> str:
    """What cleaning flagged, in one line."""
    found = facts["cleaning"]
    if not found["is_current"]:
        return f"not done for these files: yuhu clean {terminal_safe(facts['study'])}"
    flagged = ", ".join(f"{rule} {n:,}" for rule, n in found["flagged"].items() if n) or "nothing flagged"
    return flagged + (f"; left out of measures: {', '.join(found['leave_out'])}" if found["leave_out"] else "; nothing is left out")


def cleaned(done: "Cleaned", *, as_json: bool) -> None:
    """What the rules of cleaning found."""
    from yuhu.texts.rules import RULES

    if as_json:
        _json({**done.manifest, "path": str(done.path)})
        return
    _print(f"{done.manifest['messages']:,} messages of {done.manifest['texts']:,} distinct texts: nothing is taken away")
    for rule in RULES:
        if rule.flags:
            _print(f"  {rule.name}: {done.flagged[rule.name]:,} flagged; {rule.what['en']}")
    _print("measures leave flagged messages out only where `leave_out` in study.yaml names their rule")


def missing(study: "Study") -> None:
    """What is missing from the sample, in words."""
    from yuhu.reporting.missing import sentences
    from yuhu.study.coverage import findings

    said = sentences(findings(study), "en")
    _print("\n[bold]missing from the sample, or not known[/bold]")
    for line in said or ["nothing that the files tell of"]:
        _print(f"- {terminal_safe(line, 400)}")


def removed(gone: "Removed", *, as_json: bool) -> None:
    """Sources that were taken out."""
    if as_json:
        _json(gone.as_dict())
        return
    rows = ", ".join(f"{n:,} rows of {table}" for table, n in gone.rows.items()) or "nothing was stored of them"
    _print(f"taken out: {terminal_safe(', '.join(gone.sources))} ({rows})")
    for line in gone.advice:
        _print(f"  [yellow]note:[/yellow] {terminal_safe(line)}")


def linked(works: dict[str, list[str]], *, as_json: bool) -> None:
    """Videos of each work."""
    if as_json:
        _json({"works": works})
        return
    for work, videos in works.items():
        _print(f"{terminal_safe(work)}: {terminal_safe(', '.join(videos))}")
    if not works:
        _print("no works: each video is its own")


def forgotten(receipt: "Receipt", *, as_json: bool) -> None:
    """What was forgotten."""
    if as_json:
        _json(receipt.as_dict())
        return
    rows = ", ".join(f"{n:,} of {table}" for table, n in receipt.rows.items()) or "none"
    _print(
        f"forgotten: rows {rows}; {receipt.raw_records:,} raw records; evidence of {receipt.codings:,} human codings; {receipt.runs:,} machine runs; {receipt.answers:,} answers of servers"
    )
    _print(f"computed files removed: {', '.join(receipt.caches) or 'none'}; make them anew with yuhu run")
    _print(f"receipt: {terminal_safe(str(receipt.path))}. Copies that you exported elsewhere are out of reach.")


def remapped(done: "Remapped", to: Path | None, *, as_json: bool) -> None:
    """What mapping again changed."""
    from yuhu.texts.hostile import csv_safe

    if to is not None:
        import polars as pl

        safe = done.changes.with_columns(pl.col(pl.String).map_elements(csv_safe, return_dtype=pl.String))
        to.write_text("\ufeff" + safe.write_csv(), "utf-8")
    if as_json:
        _json({**done.as_dict(), "to": str(to) if to else None})
        return
    for source, state in done.sources.items():
        _print(f"{terminal_safe(source)}: {terminal_safe(state)}")
    counts = dict(done.changes.group_by("change").len().sort("change").iter_rows())
    _print(
        (", ".join(f"{n:,} {change}" for change, n in counts.items()) or "no cell changed")
        + (" (nothing was written)" if done.is_dry else "")
    )
    for row in done.changes.head(10).iter_rows(named=True):
        _print(
            f"  {terminal_safe(row['response_id'], 60)} {row['change']} {row['column']}: {terminal_safe(str(row['before']), 60)} -> {terminal_safe(str(row['after']), 60)}"
        )
    if to is not None:
        _print(f"every changed cell: {terminal_safe(str(to))}")


def measured(results: "Results", *, as_json: bool) -> None:
    """New estimates."""
    frame = results.estimates
    counts = dict(frame.group_by("measure").len().sort("measure").iter_rows())
    if as_json:
        _json(
            {"spec": results.spec_hash, "estimates": frame.height, "by_measure": counts, "without_interval": int(frame["low"].null_count())}
        )
        return
    _print(
        f"{frame.height:,} estimates under specification {results.spec_hash}: " + ", ".join(f"{name} {n:,}" for name, n in counts.items())
    )
    _print(f"{frame['low'].null_count():,} of them have no interval; each says why")


def written(paths: Sequence[Path], *, as_json: bool) -> None:
    """Files that were written."""
    if as_json:
        _json({"files": [str(path) for path in paths]})
        return
    for path in paths:
        _print(terminal_safe(str(path)))


def demo(facts: dict[str, Any], *, as_json: bool) -> None:
    """The constructed study."""
    if as_json:
        _json(facts)
        return
    _print("constructed study with a known truth (nothing in it is about real people)")
    for key, value in facts.items():
        if key not in {"report", "study"}:
            shown = f"{value:,}" if isinstance(value, int) and key != "seed" else str(value)
            _print(f"  {terminal_safe(key.replace('_', ' '))}: {terminal_safe(shown)}")
    _print(f"study:  {terminal_safe(str(facts['study']))}")
    _print(f"report: {terminal_safe(str(facts['report']))}")


def findings(found: "Sequence[Finding]", *, as_json: bool) -> None:
    """What a linter found."""
    if as_json:
        _json({"findings": [one.__dict__ for one in found]})
        return
    for one in found:
        colour = {"error": "red", "warning": "yellow"}.get(one.severity, "blue")
        _print(f"line {one.line}: [{colour}]{one.severity}[/{colour}] {terminal_safe(one.message)}")
    counts = Counter(one.severity for one in found)
    notes = f", {counts['note']} notes" if counts["note"] else ""
    _print(f"{counts['error']} errors, {counts['warning']} warnings{notes}")

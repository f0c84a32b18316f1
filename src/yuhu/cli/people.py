"""`yuhu sample`, `yuhu protocol` and `yuhu agree`: people who code."""

from pathlib import Path
from typing import Annotated

import typer

from yuhu.cli import show, show_people

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study's folder.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for machines.")]
For = Annotated[
    list[str] | None,
    typer.Option("--for", metavar="CODE", help="A code to decide on these units. Repeat it; all that are on if none.", show_default=False),
]


def sample(
    study: StudyPath,
    size: Annotated[int, typer.Option(help="Units to draw.", show_default=False)] = 0,
    codes: For = None,
    purpose: Annotated[str, typer.Option(help="train, pilot, reliability or main.")] = "main",
    name: Annotated[str, typer.Option(help="Name of the sample.", show_default=False)] = "",
    series: Annotated[str, typer.Option(help="Go on with this draw: the units are its next wave.", show_default=False)] = "",
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by", metavar="STRATUM", help="predicted, confidence, video, platform, language, kind. Repeat it.", show_default=False
        ),
    ] = None,
    allocation: Annotated[str, typer.Option(help="proportional, equal or neyman.")] = "proportional",
    enrich: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of units that the machine takes for the first code: for rare codes.", show_default=False),
    ] = None,
    overlap: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share that all coders code; all of pilot and reliability samples.", show_default=False),
    ] = None,
    repeats: Annotated[
        float, typer.Option(metavar="SHARE", help="Share of each coder's units that come again a week later, unmarked.")
    ] = 0.0,
    both_ways: Annotated[
        float, typer.Option("--both-ways", metavar="SHARE", help="Share of the danmaku coded a second time with the lines around them.")
    ] = 0.0,
    anchors: Annotated[
        int, typer.Option(metavar="N", help="Adjudicated units that each coder meets among the others, unmarked: yuhu agree watches them.")
    ] = 0,
    coder: Annotated[list[str] | None, typer.Option(help="Who codes. Repeat it; all coders if none.", show_default=False)] = None,
    reads: Annotated[
        list[str] | None, typer.Option(metavar="LANG", help="Draw only from messages in this language. Repeat it.", show_default=False)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The study's if none.", show_default=False)] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Draw nothing: say how many units are needed.")] = False,
    half_width: Annotated[float, typer.Option(help="With --plan: half the width of the interval of a share.")] = 0.05,
    human_cost: Annotated[
        float | None, typer.Option("--human-cost", help="With --plan: what coding one message costs a person.", show_default=False)
    ] = None,
    machine_cost: Annotated[
        float | None, typer.Option("--machine-cost", help="With --plan: and the machine, in the same currency.", show_default=False)
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="SHEET.XLSX", help="Write a workbook for each coder, too.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Draw units for people to code, each with its chance, and give them to coders. With --plan: how many are needed."""
    from yuhu.study.store import open_study
    from yuhu.verbs.plan import plan as plan_verb
    from yuhu.verbs.sample import sample as verb

    opened = open_study(study)
    if plan:
        show_people.planned(
            plan_verb(opened, codes or (), half_width=half_width, human_cost=human_cost, machine_cost=machine_cost), as_json=json
        )
        return
    with show.progress(quiet=json):
        drawn = verb(
            opened,
            codes=codes or (),
            size=size,
            name=name,
            purpose=purpose,
            series=series,
            by=by or (),
            allocation=allocation,
            enrich=enrich,
            overlap=overlap,
            repeats=repeats,
            both_ways=both_ways,
            anchors=anchors,
            coders=coder or (),
            reads=reads or (),
            seed=seed,
        )
    show_people.sampled(drawn, study, as_json=json)
    if to is not None:
        from yuhu.verbs.hand_out import hand_out as write

        written = write(opened, to, form="coder_sheet", sample=drawn.sample.name)
        if not json:
            show_people.handed_out(written, as_json=False)


def protocol(
    study: StudyPath,
    code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A code. Repeat it; all that are on if none.", show_default=False)
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="STAGE",
            help="Move to a stage: train, pilot, meeting, freeze, reliability, main, adjudication, dropped.",
            show_default=False,
        ),
    ] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Write a decision of the meeting into the log.", show_default=False)] = "",
    unit: Annotated[str | None, typer.Option(help="With --note: the message it was taken over.", show_default=False)] = None,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.", show_default=False)] = "",
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why.", show_default=False)] = "",
    despite: Annotated[bool, typer.Option("--despite", help="Move although something is missing; the report says so.")] = False,
    log: Annotated[bool, typer.Option("--log", help="Print the log of decisions.")] = False,
    json: Json = False,
) -> None:
    """Show in which stage each code is and what it needs to go on; move codes; log decisions."""
    from yuhu.study.store import open_study
    from yuhu.verbs import protocol as verbs

    opened = open_study(study)
    if note:
        verbs.note(opened, (code or [""])[0], note, who=by, unit_id=unit)
    if to:
        verbs.move(opened, code or (), to, who=by, why=why, despite=despite)
    show_people.protocol(verbs.protocol(opened), opened.settings.language, code or (), with_log=log or bool(note), as_json=json)


def agree(
    what: Annotated[
        Path, typer.Argument(metavar="STUDY|TABLE", help="A study, or a table of codings, long or wide (CSV).", show_default=False)
    ],
    code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A code or flat decision. Repeat it; all if none.", show_default=False)
    ] = None,
    level: Annotated[str, typer.Option(help="For a table: nominal, ordinal, interval, ratio.")] = "nominal",
    values: Annotated[str, typer.Option(metavar="0,1,2", help="For a table: all values that were allowed.", show_default=False)] = "",
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="For a table: what a column is: unit, coder, code, value, video. Repeat it.",
            show_default=False,
        ),
    ] = None,
    machine: Annotated[
        str | None, typer.Option("--with", metavar="CODER", help="A machine coder, as one more coder.", show_default=False)
    ] = None,
    interval: Annotated[str, typer.Option(help="auto, jackknife, bootstrap or video; hayes2007 for a table alone.")] = "auto",
    minimum: Annotated[float, typer.Option(help="The least alpha that is acceptable.")] = 0.667,
    draws: Annotated[int, typer.Option(help="Samples of the bootstrap.")] = 2000,
    detail: Annotated[bool, typer.Option("--detail", help="Print each coder, pair, language and sample.")] = False,
    json: Json = False,
) -> None:
    """Say how far coders agree, decision by decision, with intervals; of a study or of anyone's table."""
    from yuhu.cli import show_agreement
    from yuhu.study.store import open_study
    from yuhu.verbs.agree import agree as verb
    from yuhu.verbs.agree_table import agree_table

    with show.progress(quiet=json):
        if what.is_file() or (what.suffix and not what.exists()):
            columns = show_people.pairs(mapped or [])
            allowed = [one.strip() for one in values.split(",")] if values else None
            found = agree_table(
                what, level=level, values=allowed, codes=code or (), columns=columns, interval=interval, minimum=minimum, draws=draws
            )
        else:
            found = verb(open_study(what), codes=code or (), machine=machine, interval=interval, minimum=minimum, draws=draws)
    show_agreement.agreed(found, detail=detail, as_json=json)


def adjudicate(
    study: StudyPath,
    code: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="A code or flat decision. Repeat it; all if none.", show_default=False)
    ] = None,
    purpose: Annotated[
        str, typer.Option(help="pilot (for the meeting), reliability or main; the last two if none.", show_default=False)
    ] = "",
    unit: Annotated[str, typer.Option(help="Decide this unit.", show_default=False)] = "",
    value: Annotated[str, typer.Option(help="The value that stands.", show_default=False)] = "",
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.", show_default=False)] = "",
    why: Annotated[str, typer.Option(metavar="TEXT", help="Why; it goes into the log.", show_default=False)] = "",
    evidence: Annotated[
        str, typer.Option(metavar="START:END", help="Characters of the text that show it, from 0.", show_default=False)
    ] = "",
    json: Json = False,
) -> None:
    """List where coders disagree; with --unit, set the value that stands. What coders said is kept."""
    from yuhu.study.store import open_study
    from yuhu.verbs import adjudicate as verbs

    opened = open_study(study)
    if unit:
        span = show_people.span(evidence) if evidence else None
        verbs.adjudicate(opened, unit, (code or [""])[0], value, who=by, why=why, evidence=span)
    show_people.disagreements(verbs.disagreements(opened, code or (), purpose=purpose), study, as_json=json)


def hand_out(
    study: StudyPath,
    target: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="sheet.xlsx, project.qdpx, codings.csv, tasks.json, marks.eaf, or a folder.", show_default=False
        ),
    ],
    sample: Annotated[str | None, typer.Option(help="Only the units of this sample; a workbook needs one.", show_default=False)] = None,
    coder: Annotated[list[str] | None, typer.Option(help="For workbooks: whose. Repeat it.", show_default=False)] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="refi_qdpx, refi_qdc, elan_eaf_codes, label_studio, codings_csv, coder_sheet; else by the ending.",
            show_default=False,
        ),
    ] = "",
    lang: Annotated[str | None, typer.Option("--lang", metavar="zh|en", help="Language of what people read.", show_default=False)] = None,
    json: Json = False,
) -> None:
    """Write units and codings for other programs, or a workbook for each coder."""
    from yuhu.study.store import open_study
    from yuhu.verbs.hand_out import hand_out as verb

    show_people.handed_out(verb(open_study(study), target, form=form, sample=sample, coders=coder or (), language=lang), as_json=json)


def collect(
    study: StudyPath,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Filled workbooks, CSV, .qdpx, .eaf, Label Studio JSON.", show_default=False)
    ],
    coder: Annotated[str, typer.Option(help="Whose codings, where a file does not say it.", show_default=False)] = "",
    code: Annotated[str, typer.Option(help="Of which code, where a file does not say it.", show_default=False)] = "",
    video: Annotated[str, typer.Option(help="Of which video, where a file does not say it.", show_default=False)] = "",
    tz: Annotated[str, typer.Option(help="Zone of times that have none.")] = "UTC",
    json: Json = False,
) -> None:
    """Take codings back: from filled workbooks, tables and other programs."""
    from yuhu.study.store import open_study
    from yuhu.verbs.collect import collect as verb

    show_people.collected(verb(open_study(study), files, coder=coder, code=code, video=video, tz=tz), as_json=json)


def register(app: typer.Typer) -> None:
    """Put these commands into the program."""
    app.command(epilog="Example: **yuhu sample escape --for affective_empathy --size 400 --by language**")(sample)
    app.command(epilog="Example: **yuhu protocol escape --code anger --to pilot --by Li**")(protocol)
    app.command("hand-out", epilog="Example: **yuhu hand-out escape sheet.xlsx --sample main-1**")(hand_out)
    app.command(epilog="Example: **yuhu collect escape sheet-anna.xlsx sheet-bo.xlsx**")(collect)
    app.command(epilog="Example: **yuhu adjudicate escape --code anger**")(adjudicate)
    app.command(epilog="Example: **yuhu agree escape --with lexicon**, or **yuhu agree codings.csv --level ordinal**")(agree)

"""What the command line prints of samples, plans, the protocol and agreement."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from yuhu.core.errors import YuhuError
from yuhu.texts.hostile import terminal_safe

if TYPE_CHECKING:
    import polars as pl

    from yuhu.verbs.collect import Collected
    from yuhu.verbs.hand_out import HandedOut
    from yuhu.verbs.plan import Plan
    from yuhu.verbs.protocol import Protocol
    from yuhu.verbs.sample import Sampled

_WIDTH = 160
_SHOWN = 12
_MOST = 20


def console() -> Console:
    """Where people read."""
    return Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else _WIDTH)


def print_json(value: object) -> None:
    """One JSON value for machines."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def sampled(drawn: "Sampled", study: Path, *, as_json: bool) -> None:
    """A sample that was drawn."""
    made, hours = drawn.sample, drawn.hours
    strata = made.strata.to_dicts() if made.strata is not None else []
    coders = sorted({one.coder for one in drawn.assignments})
    if as_json:
        print_json(
            {
                "sample": made.name,
                "series": made.series,
                "wave": made.wave,
                "purpose": made.purpose,
                "design": made.design,
                "seed": made.seed,
                "units": made.size,
                "population": made.population,
                "strata": strata,
                "coders": coders,
                "assignments": len(drawn.assignments),
                "hours": hours.__dict__,
                "outside": drawn.outside,
                "anchors": drawn.anchors,
            }
        )
        return
    say = console().print
    say(
        f"{terminal_safe(made.name)}: {made.size:,} of {made.population:,} units for {made.purpose}, {made.design}, seed {made.seed}"
        + (f", wave {made.wave} of {terminal_safe(made.series)}" if made.wave > 1 else "")
    )
    if len(strata) > 1:
        table = Table("stratum", "units", "drawn", "chance", box=None, pad_edge=False)
        for one in strata[:_SHOWN]:
            table.add_row(
                terminal_safe(one["stratum"]), f"{one['population']:,}", f"{one['drawn']:,}", f"{one['drawn'] / one['population']:.4f}"
            )
        say(table)
        if len(strata) > _SHOWN:
            say(f"... and {len(strata) - _SHOWN} strata more")
    if drawn.outside:
        say(f"{drawn.outside:,} messages are in languages that these coders do not read: the sample does not speak of them")
    pace = f"{hours.seconds:.1f} s a decision, {'as measured here' if hours.is_measured else 'assumed'}"
    if coders:
        shared = made.units.filter(made.units["role"] != "single").height
        say(
            f"{', '.join(map(terminal_safe, coders))}: {len(drawn.assignments):,} units to code, {shared:,} of them by more than one coder; "
            f"{hours.decisions} decisions each, {hours.total:.1f} h in all, {hours.busiest:.1f} h for the busiest ({pace})"
        )
        if drawn.anchors:
            say(f"each coder meets {drawn.anchors:,} adjudicated units among them, unmarked, at the desk alone; yuhu agree watches them")
        say(f"code them: yuhu desk {terminal_safe(str(study))} --coder {terminal_safe(coders[0])}")
    else:
        say(f"{hours.decisions} decisions each, {hours.total:.1f} h for one coder ({pace}); nobody codes them yet: there are no coders")
        say(f"next: yuhu coders {terminal_safe(str(study))} add NAME --reads zh,en, then draw again")


def planned(plans: "Sequence[Plan]", *, as_json: bool) -> None:
    """How many units are needed."""
    if as_json:
        print_json({"plan": [one.as_dict() for one in plans]})
        return
    say = console().print
    table = Table(
        "decision",
        "expected share",
        "from",
        "units for ± the half width",
        "units for 15 positives",
        "alpha of the pilot",
        "units for a lower bound of .667",
        box=None,
        pad_edge=False,
    )
    for one in plans:
        table.add_row(
            one.code,
            f"{one.share:.3f}",
            one.source,
            f"{one.units_share:,}" + (" (rare: too few positives; enrich)" if one.is_rare else ""),
            f"{one.units_positive:,}",
            "" if one.pilot_alpha is None else f"{one.pilot_alpha:.3f} (n {one.pilot_units})",
            "" if one.pilot_alpha is None else _needed(one),
        )
    say(table)
    if plans:
        say(f"of {plans[0].population:,} messages; half width {plans[0].half_width}; drawn at random, by one coder each")
    _with_machine(plans)


def _with_machine(plans: "Sequence[Plan]") -> None:
    """What the machine saves, where gold tells."""
    known = [one for one in plans if one.rho is not None]
    if not known:
        return
    costs = any(one.break_even is not None for one in known)
    columns = ["decision", "correlation of machine and people", "gold for ± the half width", "more than there are", "without the machine"]
    table = Table(*columns, *(["the machine pays"] if costs else []), box=None, pad_edge=False)
    for one in known:
        gold = "no number is enough" if one.units_corrected is None else f"{one.units_corrected:,}"
        pays = (
            ""
            if one.pays is None
            else f"{'yes' if one.pays else 'no'} (from a correlation of {max(one.break_even or 0.0, 0.0) ** 0.5:.2f})"
        )
        table.add_row(
            one.code,
            f"{one.rho:.2f} (cautious {one.cautious_rho:.2f}, n {one.gold:,})",
            gold,
            "" if one.units_more is None else f"{one.units_more:,}",
            f"{one.units_share:,}",
            *([pays] if costs else []),
        )
    say = console().print
    say()
    say(table)


def _needed(one: "Plan") -> str:
    if one.units_reliability is None:
        return "no number is enough"
    cautious = "" if one.units_reliability_cautious is None else f" (cautious {one.units_reliability_cautious:,})"
    return f"{one.units_reliability:,}{cautious}"


def protocol(found: "Protocol", lang: str, codes: Sequence[str] = (), *, with_log: bool, as_json: bool) -> None:
    """Where codes stand."""
    from yuhu.verbs.protocol import TEXTS

    if as_json:
        print_json({"codes": [one.as_dict() for one in found.standings], "log": [entry.__dict__ for entry in found.log]})
        return
    say = console().print
    table = Table("code", "stage", "next", "missing", box=None, pad_edge=False)
    shown = [one for one in found.standings if not codes or one.code in codes]
    for one in shown:
        stage = TEXTS[one.stage][lang] + (" (its definition changed)" if one.is_changed else "")
        following = TEXTS[one.next_stage][lang] if one.next_stage else ""
        table.add_row(one.code, stage, following, terminal_safe("; ".join(one.needs)))
    say(table)
    for one in shown:
        for deviation in one.deviations:
            say(f"deviation, {one.code}: {terminal_safe(deviation)}")
    if with_log:
        for entry in found.log:
            what = f"to {entry.stage}" if entry.kind == "stage" else entry.kind
            say(f"{entry.at} {terminal_safe(entry.who)}: {entry.code} {what}{': ' if entry.text else ''}{terminal_safe(entry.text)}")


def handed_out(found: "HandedOut", *, as_json: bool) -> None:
    """Files that were written, and what they cannot hold."""
    if as_json:
        print_json({"files": [str(path) for path in found.files], "losses": [loss.__dict__ for loss in found.losses]})
        return
    say = console().print
    for path in found.files:
        say(terminal_safe(str(path), 400))
    for loss in found.losses:
        say(f"not in these files: {loss.count:,} {terminal_safe(loss.what)}" + (f" ({terminal_safe(loss.why, 200)})" if loss.why else ""))


def collected(found: "Sequence[Collected]", *, as_json: bool) -> None:
    """Codings that came back."""
    if as_json:
        print_json({"files": [one.as_dict() for one in found]})
        return
    say = console().print
    for one in found:
        who = ", ".join(map(terminal_safe, one.coders)) or "nobody"
        say(
            f"{terminal_safe(one.file)} ({one.form}), by {who}: {one.new:,} new, {one.changed:,} changed, {one.same:,} as before, {one.closed:,} closed by a gate, "
            f"{one.blank:,} empty, {len(one.rejects):,} rejected"
        )
        for reject in one.rejects[:_SHOWN]:
            say(f"  rejected: {terminal_safe(reject.place, 120)}: {terminal_safe(reject.why, 200)}")
        if len(one.rejects) > _SHOWN:
            say(f"  ... and {len(one.rejects) - _SHOWN:,} more")
        for loss in one.losses:
            say(f"  left out: {loss.count:,} {terminal_safe(loss.what)}" + (f" ({terminal_safe(loss.why, 200)})" if loss.why else ""))
        for note in one.notes:
            say(f"  note: {terminal_safe(note, 300)}")


def pairs(entries: Sequence[str]) -> dict[str, str]:
    """``COLUMN=FIELD`` of --map.

    Raises
    ------
    YuhuError
        YH901 one is not of this form.
    """
    found = {}
    for entry in entries:
        column, _, field = entry.rpartition("=")
        if not column or not field:
            raise YuhuError("YH901", "--map is not understood", facts={"found": entry}, fix="--map emotion=code")
        found[column] = field
    return found


def span(text: str) -> tuple[int, int]:
    """``3:7`` as two numbers.

    Raises
    ------
    YuhuError
        YH901 it is not of this form.
    """
    start, _, end = text.partition(":")
    if not (start.isdigit() and end.isdigit() and start.isascii() and end.isascii() and len(text) < 20):
        raise YuhuError(
            "YH901", "the evidence is not understood", facts={"found": text}, fix="--evidence 3:7, characters from 0, the end not included"
        )
    return int(start), int(end)


def disagreements(rows: "pl.DataFrame", study: Path, *, as_json: bool) -> None:
    """Where coders disagree."""
    if as_json:
        print_json({"disagreements": rows.to_dicts()})
        return
    say = console().print
    open_ones = rows.filter(rows["adjudicated"].is_null())
    for row in open_ones.head(_MOST).iter_rows(named=True):
        said = ", ".join(row["values"])
        say(f"{terminal_safe(row['code'])} ({row['purpose']}): {terminal_safe(said, 200)}")
        say(f"  {terminal_safe(row['text'] or '', 300)}")
        say(f"  --unit {terminal_safe(row['unit_id'], 200)}")
    more = f", the first {_MOST} are shown" if open_ones.height > _MOST else ""
    say(f"{open_ones.height:,} open disagreements{more}; {rows.height - open_ones.height:,} adjudicated")
    if open_ones.height:
        say(
            f'decide: yuhu adjudicate {terminal_safe(str(study))} --code CODE --unit UNIT --value VALUE --by NAME --why "..." --evidence 3:7'
        )

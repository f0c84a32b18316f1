"""Anchors: adjudicated units strewn among others, blind, outside of gold and agreement, and watched by a running chart."""

import datetime as dt
import itertools

import polars as pl
import pytest

import yuhu
from coding_studies import AT, WHEN, codings_of, study_of
from yuhu.cli.app import invoke
from yuhu.coding.anchoring import chosen_anchors, strewn
from yuhu.coding.assigning import Assignment, assign
from yuhu.coding.desk import Desk
from yuhu.coding.desk_api import DeskApi
from yuhu.core.errors import YuhuError
from yuhu.core.randomness import generator
from yuhu.stats.agreement import cusum
from yuhu.study.assignments import Person, put_person, read_assignments
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.samples import read_samples
from yuhu.verbs.adjudicate import disagreements
from yuhu.verbs.agree import agree, agreement_is_current
from yuhu.verbs.agree_anchors import LEAST_ANCHORS, SLACK
from yuhu.verbs.anchors import answers
from yuhu.verbs.collect import collect
from yuhu.verbs.gold import gold_units
from yuhu.verbs.hand_out import hand_out
from yuhu.verbs.plan import plan
from yuhu.verbs.protocol import protocol
from yuhu.verbs.sample import sample

MOVED = {"kind": "expressing", "anger": "0"}


def _settled(tmp_path, n_known=40, **options):
    """A study whose reliability sample of 60 units was coded by two, and adjudicated in part: every third unit has the code."""
    study = study_of(tmp_path, **options)
    units = sample(study, size=60, purpose="reliability", name="rel", codes=("anger",)).sample.units["unit_id"].to_list()
    rows = [(unit, coder, _truth(unit)) for unit in units for coder in ("anna", "bo")]
    rows[0] = (rows[0][0], "anna", str(1 - int(rows[0][2])))
    append_codings(study.path, codings_of(study, rows))
    known = [(unit, "chief", _truth(unit)) for unit in units[:n_known]]
    append_codings(study.path, codings_of(study, known, purpose="adjudication"))
    return study, units


def _truth(unit):
    return str(int(int(unit.rsplit(":", 1)[1]) % 3 == 0))


def _anchors(study, coder="anna"):
    return read_assignments(study.path, coder).filter(pl.col("purpose") == "anchor")


def _coded(study, errors, *, coder="anna", start=0, gate=()):
    """Anchors of a coder coded one after the other, missed where `errors` says so."""
    mine = _anchors(study, coder)["unit_id"].to_list()[: len(errors)]
    known = dict(answers(study, study.codebook()).select("unit_id", "answer").iter_rows())
    rows = [(unit, coder, "not_shown" if unit in gate else str(int(known[unit]) ^ wrong)) for unit, wrong in zip(mine, errors, strict=True)]
    places = {unit: at + start for at, unit in enumerate(mine)}
    when = pl.col("at") + pl.duration(minutes=pl.col("unit_id").replace_strict(places, return_dtype=pl.Int64))
    append_codings(study.path, codings_of(study, rows, purpose="anchor", occasion=1).with_columns(at=when))
    return mine


def test_anchors_stand_evenly_and_in_no_rhythm():
    units = pl.DataFrame({"unit_id": [f"u{at:03d}" for at in range(100)], "role": "overlap", "lang": "zh"})
    given = assign(units, {"anna": [], "bo": []}, generator(1, "t"), purpose="main", repeats=0.1)
    anchors = {"anna": [(f"k{at}", 1) for at in range(10)], "bo": [(f"k{at}", 1) for at in range(10)]}
    out = strewn(given, anchors, generator(2, "t"))
    for coder in ("anna", "bo"):
        mine = [one for one in out if one.coder == coder]
        assert [one.position for one in mine] == list(range(120))
        places = [one.position for one in mine if one.purpose == "anchor"]
        assert [(place - at) // 10 for at, place in enumerate(places)] == list(range(10))
        assert len({b - a for a, b in itertools.pairwise(places)}) > 3
        rest = [(one.unit_id, one.occasion) for one in mine if one.purpose != "anchor"]
        assert rest == [(one.unit_id, one.occasion) for one in given if one.coder == coder]
    orders = [[one.unit_id for one in out if one.coder == coder and one.purpose == "anchor"] for coder in ("anna", "bo")]
    assert orders[0] != orders[1]
    assert sorted(orders[0]) == sorted(orders[1])


def test_more_anchors_than_units():
    given = [Assignment("u", "anna", "main", 0, 0)]
    out = strewn(given, {"anna": [("a", 1), ("b", 1), ("c", 1)]}, generator(1, "t"))
    assert len(out) == 4
    assert [one.position for one in out] == [0, 1, 2, 3]


def test_who_gets_which():
    known = pl.DataFrame({"unit_id": list("abcdef"), "lang": ["zh"] * 4 + ["en", "und"], "who": [["chief"]] * 5 + [["anna"]]})
    earlier = pl.DataFrame({"unit_id": ["a", "a", "b"], "coder": ["anna"] * 3})
    chosen = chosen_anchors(known, earlier, {"anna": ["zh"], "bo": []}, 3, generator(1, "t"))
    assert dict(chosen["anna"]).keys() == {"b", "c", "d"}  # those met least often, in her language, not decided by her
    assert dict(chosen["anna"]) == {"b": 2, "c": 1, "d": 1}
    assert len(chosen["bo"]) == 3
    shuffled = known.sample(fraction=1, shuffle=True, seed=3)
    assert chosen == chosen_anchors(shuffled, earlier, {"anna": ["zh"], "bo": []}, 3, generator(1, "t"))
    with pytest.raises(YuhuError, match="too few adjudicated") as caught:
        chosen_anchors(known, earlier, {"anna": ["zh"]}, 5, generator(1, "t"))
    assert caught.value.facts == {"coder": "anna", "found": "4", "expected": "5"}
    assert caught.value.fix == "--anchors 4"


def test_a_sample_with_anchors(tmp_path):
    study, units = _settled(tmp_path)
    drawn = sample(study, size=50, name="m", codes=("anger",), overlap=1.0, anchors=10)
    own = set(drawn.sample.units["unit_id"])
    for coder in ("anna", "bo"):
        mine = _anchors(study, coder)
        assert (mine.height, set(mine["sample"]), set(mine["occasion"]), set(mine["not_before"])) == (10, {"m"}, {1}, {""})
        assert set(mine["unit_id"]) <= set(units[:40]) - own
        order = read_assignments(study.path, coder).filter(pl.col("sample") == "m")
        assert order["position"].to_list() == list(range(60))
    assert (drawn.anchors, drawn.hours.codings) == (10, 120)
    assert read_samples(study.path)["m"].size == 50
    again = sample(study, size=20, name="m2", codes=("anger",), anchors=10)
    occasions = _anchors(study).filter(pl.col("sample") == "m2")
    assert set(occasions["unit_id"]) | set(_anchors(study)["unit_id"]) <= set(units[:40])
    assert again.anchors == 10
    met = _anchors(study).group_by("unit_id").len()
    assert met["len"].max() <= 2


def test_equal_calls_give_equal_anchors(tmp_path):
    (tmp_path / "1").mkdir()
    (tmp_path / "2").mkdir()
    both = []
    for where in ("1", "2"):
        study, _ = _settled(tmp_path / where)
        sample(study, size=50, name="m", codes=("anger",), anchors=10)
        both.append(read_assignments(study.path).filter(pl.col("sample") == "m").drop("at"))
    assert both[0].equals(both[1])


@pytest.mark.parametrize(
    ("options", "match", "facts"),
    [
        ({"anchors": 41}, "too few adjudicated units", {"expected": "41"}),
        ({"anchors": -1}, "fewer anchors than none", {"found": "-1"}),
        ({"anchors": 5, "purpose": "pilot"}, "among units that count", {"found": "pilot"}),
        ({"anchors": 5, "codes": ("pride",)}, "too few adjudicated units", {"found": "0"}),
    ],
)
def test_what_is_refused(tmp_path, options, match, facts):
    study, _ = _settled(tmp_path)
    with pytest.raises(YuhuError, match=match) as caught:
        sample(study, **{"size": 20, "name": "m", "codes": ("anger",), **options})
    assert facts.items() <= caught.value.facts.items()
    assert caught.value.fix
    assert "m" not in read_samples(study.path)  # nothing is drawn by halves


def test_nobody_to_give_them_to(tmp_path):
    study = study_of(tmp_path, coders=())
    with pytest.raises(YuhuError, match="no coders to give anchors to"):
        sample(study, size=20, anchors=5)


def test_who_adjudicated_gets_no_anchor_of_it(tmp_path):
    study, units = _settled(tmp_path, 20)
    put_person(study.path, Person("chief"), AT)
    append_codings(study.path, codings_of(study, [(unit, "anna", _truth(unit)) for unit in units[20:40]], purpose="adjudication"))
    sample(study, size=20, name="m", codes=("anger",), anchors=15)
    assert set(_anchors(study, "chief")["unit_id"]) <= set(units[20:40])
    assert set(_anchors(study, "anna")["unit_id"]) <= set(units[:20])


def test_nobody_can_tell_an_anchor_at_the_desk(tmp_path):
    study, _ = _settled(tmp_path)
    drawn = sample(study, size=20, name="m", codes=("anger",), overlap=1.0, anchors=10)
    desk = Desk(study, "anna", sample="m")
    api = DeskApi(study)
    keys = set(api.handle({"do": "next", "coder": "anna"})["sheet"])
    seen, anchors = [], 0
    while (sheet := desk.next()) is not None:
        assert set(sheet.as_dict("en", with_questions=False)) | {"questions"} == keys
        assert not sheet.answers  # what the coder said of it earlier is not shown
        anchors += sheet.task.purpose == "anchor"
        shown = str(sheet.as_dict("en"))
        assert "anchor" not in shown
        assert sheet.task.unit_id not in shown
        desk.save(sheet.task.unit_id, MOVED, purpose=sheet.task.purpose, occasion=sheet.task.occasion, sample="m")
        seen.append(sheet.task.unit_id)
    assert (len(seen), anchors) == (30, 10)
    assert desk.progress().done == 30
    stored = read_codings(study.path).filter(pl.col("purpose") == "anchor")
    assert stored["unit_id"].n_unique() == 10
    assert set(stored["occasion"]) == {1}
    assert drawn.sample.size == 20


def test_anchors_enter_neither_gold_nor_agreement_nor_anything_else(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=50, name="m", codes=("anger",), anchors=20)
    book = study.codebook()
    agree(study)
    before = (
        gold_units(study, book),
        agree(study).rows,
        plan(study, codes=("anger",)),
        protocol(study).standings,
        disagreements(study, ("anger",)),
        read_codings(study.path, counted=True),
    )
    for coder in ("anna", "bo"):
        mine = _anchors(study, coder)["unit_id"].to_list()
        rows = [(unit, coder, str(1 - int(_truth(unit)))) for unit in mine]
        append_codings(study.path, codings_of(study, rows, purpose="anchor", occasion=1))
    after = agree(study)
    assert gold_units(study, book).units.equals(before[0].units)
    rest = after.rows.filter(pl.col("by") != "anchor")
    assert rest.equals(before[1])
    assert not after.rows.filter(pl.col("by") == "again").height
    assert plan(study, codes=("anger",)) == before[2]
    assert [one.as_dict() for one in protocol(study).standings] == [one.as_dict() for one in before[3]]
    assert disagreements(study, ("anger",)).equals(before[4])
    assert read_codings(study.path, counted=True).equals(before[5])


def test_neyman_does_not_look_at_anchors(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=20, name="m", codes=("anger",), anchors=30)
    draw = {"size": 40, "codes": ("anger",), "by": ("language",), "allocation": "neyman", "coders": ("anna",)}
    before = sample(study, name="before", **draw).sample.strata
    rows = [(unit, "anna", str(1 - int(_truth(unit)))) for unit in _anchors(study)["unit_id"]]
    append_codings(study.path, codings_of(study, rows, purpose="anchor", occasion=1))
    assert sample(study, name="after", **draw).sample.strata.equals(before)


def test_workbooks_leave_anchors_at_the_desk_and_say_so(tmp_path):
    study, _ = _settled(tmp_path)
    drawn = sample(study, size=20, name="m", codes=("anger",), overlap=0.0, repeats=0.1, anchors=10, coders=("anna",))
    out = hand_out(study, tmp_path / "sheet.xlsx", sample="m")
    assert next((one.count, one.what) for one in out.losses) == (12, "units that come again: repeats, second codings, anchors")
    found = collect(study, out.files)[0]
    assert found.blank > 0
    table = tmp_path / "own.csv"
    anchor, unit = _anchors(study)["unit_id"][0], drawn.sample.units["unit_id"][0]
    table.write_text(f"unit,coder,code,value\n{unit},anna,anger,1\n{anchor},anna,anger,1\n", "utf-8")
    collect(study, [table])
    placed = read_codings(study.path).filter((pl.col("unit_id") == anchor) & (pl.col("coder") == "anna"))
    assert "anchor" not in placed["purpose"].to_list()  # a coding that came from elsewhere is never taken for one of an anchor


@pytest.mark.parametrize("name", ["codings.csv", "project.qdpx", "tasks.json"])
def test_anchors_come_back_from_other_programs_as_anchors(tmp_path, name):
    study, _ = _settled(tmp_path)
    sample(study, size=20, name="m", codes=("anger",), anchors=12)
    _coded(study, [0, 1] * 6)
    before = read_codings(study.path)
    out = hand_out(study, tmp_path / name)
    found = collect(study, [next(path for path in out.files if path.suffix == (tmp_path / name).suffix)])[0]
    assert (found.new, found.changed, found.same) == (0, 0, before.height)
    assert read_codings(study.path).filter(pl.col("status") == "coded").equals(before)


def test_the_chart_is_that_of_the_errors(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=50, name="m", codes=("anger",), anchors=30)
    errors = [0] * 15 + [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1]
    mine = _coded(study, errors)
    _coded(study, [0] * 29 + [1], coder="bo")
    found = agree(study)
    shares = {row["subject"]: row for row in found.rows.filter(pl.col("coefficient") == "anchor_errors").iter_rows(named=True)}
    assert (shares["anna"]["value"], shares["anna"]["n_units"]) == (12 / 30, 30)
    assert shares["anna"]["low"] < 12 / 30 < shares["anna"]["high"]
    charts = {row["subject"]: row for row in found.rows.filter(pl.col("coefficient") == "cusum").iter_rows(named=True)}
    chart = cusum(errors, expected=0.25, slack=SLACK, seed=study.settings.seed)  # 13 of 60, up to the next .05
    assert chart.alarms
    assert charts["anna"]["value"] == chart.path[chart.alarms[0]]
    assert (charts["anna"]["threshold"], charts["anna"]["verdict"]) == (chart.threshold, "alarm")
    assert charts["anna"]["of"] == (WHEN + dt.timedelta(minutes=chart.alarms[0])).isoformat(timespec="seconds")
    assert charts["anna"]["reason"] == "alarm_chart"
    assert (charts["bo"]["verdict"], charts["bo"]["of"]) == ("quiet", None)
    assert len(mine) == 30
    assert agreement_is_current(study)
    append_codings(study.path, codings_of(study, [(mine[0], "anna", str(1 - int(_truth(mine[0]))))], purpose="anchor", occasion=1))
    assert not agreement_is_current(study)


def test_the_order_is_that_of_coding(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=50, name="m", codes=("anger",), anchors=30)
    late = [0] * 15 + [1] * 15
    _coded(study, late)
    rose = agree(study).of("anger", by="anchor", subject="anna", coefficient="cusum")
    (tmp_path / "2").mkdir()
    other, _ = _settled(tmp_path / "2")
    sample(other, size=50, name="m", codes=("anger",), anchors=30)
    _coded(other, [0, 1] * 15)
    even = agree(other).of("anger", by="anchor", subject="anna", coefficient="cusum")
    assert (rose["verdict"], even["verdict"]) == ("alarm", "quiet")
    assert rose["value"] > even["value"]


def test_undefined_charts_say_why(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=50, name="m", codes=("anger",), anchors=30)
    _coded(study, [0] * (LEAST_ANCHORS - 1))
    few = agree(study).of("anger", by="anchor", subject="anna", coefficient="cusum")
    assert (few["value"], few["reason"], few["verdict"], few["n_units"]) == (None, "too_few_anchors", "undefined", LEAST_ANCHORS - 1)
    share = agree(study).of("anger", by="anchor", subject="anna", coefficient="anchor_errors")
    assert (share["value"], share["low"], share["reason"]) == (0.0, None, "too_few_anchors")
    _coded(study, [0] * 30, coder="bo")
    never = agree(study).of("anger", by="anchor", subject="bo", coefficient="cusum")
    assert (never["value"], never["reason"]) == (None, "no_errors")


def test_gates_abstentions_and_other_definitions(tmp_path):
    study, _ = _settled(tmp_path)
    sample(study, size=50, name="m", codes=("anger",), anchors=30)
    mine = _anchors(study)["unit_id"].to_list()
    said = ["not_shown"] * 10 + ["abstained"] * 10 + ["1"] * 5
    rows = [(unit, "anna", value) for unit, value in zip(mine, said, strict=False)]
    append_codings(study.path, codings_of(study, rows, purpose="anchor", occasion=1))
    old = codings_of(study, [(unit, "anna", "1") for unit in mine[25:]], purpose="anchor", occasion=1)
    append_codings(study.path, old.with_columns(code_hash=pl.lit("of another definition")))
    share = agree(study).of("anger", by="anchor", subject="anna", coefficient="anchor_errors")
    wrong = sum(_truth(unit) == "1" for unit in mine[:10]) + sum(_truth(unit) == "0" for unit in mine[20:25])
    assert (share["n_units"], share["value"]) == (15, wrong / 15)


def test_the_command_line_and_the_report(tmp_path, capsys):
    study, _ = _settled(tmp_path)
    assert invoke(["sample", str(study.path), "--size", "50", "--for", "anger", "--anchors", "30"]) == 0
    assert "each coder meets 30 adjudicated units among them" in capsys.readouterr().out
    assert invoke(["sample", str(study.path), "--size", "50", "--for", "anger", "--anchors", "300"]) != 0
    assert "expected: 300" in capsys.readouterr().err
    _coded(study, [0] * 15 + [1] * 15)
    assert invoke(["agree", str(study.path)]) == 0
    out = capsys.readouterr().out
    assert "anchors, anna, anger: alarm on 2026-01-01" in out
    yuhu.measure(study)
    study = yuhu.open(study.path)
    for lang in ("en", "zh"):
        page = yuhu.report(study, language=lang).read_text("utf-8")
        assert "anna" in page
        assert {"en": "Errors on anchors", "zh": "锚定单元上的错误"}[lang] in page

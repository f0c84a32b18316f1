"""The commands of people who code, as they are typed: a study from coders to adjudication, JSON, and errors with a fix."""

import json

import pytest

from coding_studies import study_of
from yuhu.cli.app import invoke


def run(capsys, *arguments):
    code = invoke([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.fixture
def study(tmp_path):
    return study_of(tmp_path, 120, coders=()).path


def test_from_coders_to_adjudication(study, tmp_path, capsys):
    assert run(capsys, "coders", study, "add", "anna", "--reads", "zh,en")[0] == 0
    assert run(capsys, "coders", study, "add", "bo", "--reads", "zh,en")[0] == 0
    code, out, _ = run(
        capsys, "sample", study, "--for", "anger", "--size", "40", "--purpose", "reliability", "--name", "rel", "--by", "language"
    )
    assert code == 0
    assert "40 of 120 units for reliability, stratified_proportional.v1" in out
    assert "assumed" in out
    code, out, _ = run(capsys, "hand-out", study, tmp_path / "sheet.xlsx", "--sample", "rel")
    assert code == 0
    assert "sheet-anna.xlsx" in out
    code, out, _ = run(capsys, "protocol", study, "--code", "anger", "--to", "pilot", "--by", "Li")
    assert code == 0
    assert "pilot" in out


def _json(capsys, *arguments):
    code, out, err = run(capsys, *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_json_everywhere(study, tmp_path, capsys):
    for name in ("anna", "bo"):
        run(capsys, "coders", study, "add", name, "--reads", "zh,en")
    drawn = _json(capsys, "sample", study, "--for", "anger", "--size", "40", "--purpose", "reliability", "--name", "rel")
    assert (drawn["units"], drawn["assignments"], drawn["coders"]) == (40, 80, ["anna", "bo"])
    assert {one["code"] for one in _json(capsys, "sample", study, "--plan", "--for", "anger")["plan"]} == {"anger"}
    table = tmp_path / "codings.csv"
    files = _json(capsys, "hand-out", study, table, "--sample", "rel", "--format", "codings_csv")["files"]
    assert files == [str(table)]
    from yuhu.study.samples import read_samples

    units = read_samples(study)["rel"].units["unit_id"].to_list()
    lines = [
        f"{unit},{name},anger,{int(at % 3 == 0 or (name == 'bo' and at % 10 == 1))}"
        for at, unit in enumerate(units)
        for name in ("anna", "bo")
    ]
    table.write_text("unit,coder,code,value\n" + "\n".join(lines) + "\n", "utf-8")
    back = _json(capsys, "collect", study, table)["files"][0]
    assert (back["new"], back["rejects"]) == (80, [])
    agreed = _json(capsys, "agree", study)
    alpha = next(row for row in agreed["rows"] if (row["by"], row["coefficient"]) == ("all", "krippendorff_alpha"))
    assert alpha["n_units"] == 40
    code, out, _ = run(capsys, "agree", study, "--detail")
    assert code == 0
    assert "language zh" in out
    found = _json(capsys, "adjudicate", study, "--code", "anger")["disagreements"]
    assert len(found) == 4 - sum(at % 3 == 0 for at in (1, 11, 21, 31))
    unit = found[0]["unit_id"]
    decide = ("adjudicate", study, "--code", "anger", "--unit", unit, "--value", "0", "--by", "Li", "--why", "a taunt")
    assert _json(capsys, *decide)["disagreements"]
    assert _json(capsys, "protocol", study, "--log")["log"][-1]["who"] == "Li"
    same = _json(capsys, "agree", table)
    assert next(row for row in same["rows"] if row["coefficient"] == "krippendorff_alpha")["value"] == alpha["value"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sample", "--size", "0"), "YH303"),
        (("sample", "--size", "5", "--for", "mood"), "YH303"),
        (("protocol", "--code", "anger", "--to", "freeze", "--by", "Li"), "YH506"),
        (("adjudicate", "--unit", "x", "--code", "anger", "--value", "1", "--by", "Li", "--why", "x", "--evidence", "a"), "YH901"),
        (("agree",), "YH207"),
        (("hand-out", "sheet.xlsx"), "YH503"),
        (("hand-out", "sheet.docx"), "YH603"),
        (("collect", "missing.csv"), "YH110"),
        (("desk", "--coder", "zoe"), "YH505"),
    ],
)
def test_errors_with_a_fix(study, capsys, arguments, code):
    verb, *rest = arguments
    exit_code, _, err = run(capsys, verb, study, *rest)
    assert exit_code in (1, 2)
    assert err.startswith(f"[{code}]")
    assert "fix: " in err


def test_a_table_of_anyone(tmp_path, capsys):
    table = tmp_path / "wide.csv"
    table.write_text("text,emotion,a1,a2,a3\n" + "".join(f"t{at},joy,{at % 2},{at % 2},{int(at % 3 == 0)}\n" for at in range(60)), "utf-8")
    code, out, _ = run(capsys, "agree", table, "--map", "emotion=code")
    assert code == 0
    assert "joy" in out
    assert "each text is one" in out
    code, _, err = run(capsys, "agree", table, "--map", "mood=code")
    assert (code, err[:8]) == (1, "[YH108] ")
    code, _, err = run(capsys, "agree", table, "--map", "emotion=code", "--level", "interval", "--values", "1")
    assert (code, err[:8]) == (1, "[YH304] ")
    code, out, _ = run(capsys, "agree", table, "--map", "emotion=code", "--interval", "hayes2007")
    assert code == 0
    assert "far too short" in out

"""The command line: exit codes, errors, JSON, help."""

import json
import subprocess
import sys

import pytest

import yuhu
from files import danmaku_xml, every_format, write
from yuhu.cli.app import app, invoke

PEOPLE = ["adjudicate", "agree", "check-coder", "coders", "collect", "desk", "hand-out", "protocol", "sample"]
"""Commands for people who code; each needs a study with coders."""

VERBS = [
    "add",
    "clean",
    "code",
    "demo",
    "ethics",
    "export",
    "forget",
    "init",
    "link",
    "lint",
    "measure",
    "remap",
    "remove",
    "report",
    "run",
    "status",
]


def run(capsys, *arguments):
    code = invoke([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_way_through(tmp_path, capsys):
    study = tmp_path / "s"
    assert run(capsys, "init", study)[0] == 0
    code, out, _ = run(capsys, "add", study, *every_format(tmp_path))
    assert code == 0
    assert "seen 3 = kept 3 + rejected 0" in out
    code, out, _ = run(capsys, "run", study)
    assert code == 0
    assert out.strip().endswith("report.en.html")
    for verb in (("code",), ("measure",), ("report", "--lang", "zh"), ("status",)):
        assert run(capsys, verb[0], study, *verb[1:])[0] == 0
    assert run(capsys, "export", study, tmp_path / "out", "--format", "jsonl")[0] == 0
    assert run(capsys, "lint", study)[0] == 0


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "demo"])
def test_json_on_every_verb(tmp_path, capsys, verb):
    study = tmp_path / "s"
    if verb == "init":
        code, out, err = run(capsys, "init", study, "--json")
    else:
        run(capsys, "init", study)
        files = every_format(tmp_path)
        run(capsys, "add", study, *files[1:])
        run(capsys, "run", study)
        more = {
            "add": [files[0]],
            "export": [tmp_path / "out"],
            "forget": ["weibo:-:comment:c1"],
            "link": ["film", "bilibili:bili_comments"],
            "remove": ["nico.json"],
        }.get(verb, [])
        code, out, err = run(capsys, verb, study, *more, "--json")
    assert (code, err) == (0, "")
    assert isinstance(json.loads(out), dict)


def test_errors_name_code_facts_and_fix(tmp_path, capsys):
    code, out, err = run(capsys, "status", tmp_path / "none")
    assert (code, out) == (1, "")
    lines = err.splitlines()
    assert lines[0].startswith("[YH201] ")
    assert lines[-1].startswith("  fix: check the path")
    code, out, err = run(capsys, "status", tmp_path / "none", "--json")
    assert code == 1
    assert json.loads(out)["error"]["code"] == "YH201"


@pytest.mark.parametrize("arguments", [["nope"], ["add"], ["init"], ["status", "a", "b"], ["demo", "--seed", "x"], ["run", "--colour"]])
def test_a_command_line_that_is_not_understood(capsys, arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("[YH901] ")
    assert "--help" in err


@pytest.mark.parametrize("entry", ["text", "=text", "a=", "a=colour"])
def test_map_mistakes(tmp_path, capsys, entry):
    run(capsys, "init", tmp_path / "s")
    path = write(tmp_path, "a.csv", "a,b\n1,2\n")
    code, _, err = run(capsys, "add", tmp_path / "s", path, "--map", entry)
    assert code == 1
    assert "[YH108]" in err


def test_a_column_name_may_hold_an_equals_sign(tmp_path, capsys):
    run(capsys, "init", tmp_path / "s")
    path = write(tmp_path, "a.csv", "a=b,c\nhello,2\n")
    assert run(capsys, "add", tmp_path / "s", path, "--map", "a=b=text")[0] == 0


def test_rejects_and_truncation_are_printed(tmp_path, capsys):
    run(capsys, "init", tmp_path / "s")
    path = write(tmp_path, "a.xml", danmaku_xml([(1, "", {}), (2, "ok", {})], limit=2))
    _, out, _ = run(capsys, "add", tmp_path / "s", path)
    assert "rejected: record 1: no text" in out
    assert "incomplete: 2 rows with a maxlimit of 2" in out


def test_hostile_names_do_not_reach_the_terminal(tmp_path, capsys):
    run(capsys, "init", tmp_path / "s")
    path = write(tmp_path, "[red]\x1b[31mevil\u202e.xml", danmaku_xml([(1, "a", {})]))
    _, out, _ = run(capsys, "add", tmp_path / "s", path)
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[red]" in out


def test_every_verb_has_help_with_an_example(capsys):
    names = sorted(command.name or command.callback.__name__ for command in app.registered_commands)
    assert names == sorted([*VERBS, *PEOPLE, "serve", "team"])
    for verb in names:
        code, out, _ = run(capsys, verb, "--help")
        assert code == 0
        assert f"yuhu {verb}" in out.split("Example:")[1]


def test_public_names_are_pinned():
    nouns = ["Codebook", "Desk", "Estimate", "Sample", "Study", "YuhuError", "__version__", "open"]
    people = [
        "add_coder",
        "adjudicate",
        "agree",
        "agree_table",
        "check_coder",
        "coders",
        "collect",
        "disagreements",
        "hand_out",
        "plan",
        "protocol",
        "sample",
    ]
    books = ["adopt_codebook", "codebook_diff", "codebook_history"]
    assert sorted(yuhu.__all__) == sorted([*nouns, *VERBS, *people, *books])
    assert yuhu.__all__ == sorted(yuhu.__all__)
    for name in yuhu.__all__:
        assert getattr(yuhu, name) is not None
    with pytest.raises(AttributeError):
        yuhu.nothing  # noqa: B018


def test_starting_does_not_load_the_heavy_rooms():
    script = "import sys, yuhu.cli.app; print([name for name in ('polars', 'altair', 'scipy', 'opencc', 'pyarrow', 'vl_convert', 'numba') if name in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"

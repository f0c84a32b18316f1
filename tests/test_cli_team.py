"""`yuhu team` and what of `yuhu serve` concerns accounts."""

import io
import json

import pytest

import yuhu
from app_teams import PASSWORD
from yuhu.cli.app import invoke
from yuhu.study.accounts import known_password
from yuhu.study.team_file import FILE


@pytest.fixture
def path(tmp_path):
    return yuhu.init(tmp_path / "s").path


def run(capsys, monkeypatch, *arguments, typed=""):
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    code = invoke([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_accounts_are_made_from_standard_input_and_listed(path, capsys, monkeypatch):
    assert run(capsys, monkeypatch, "team", path)[1].startswith("no accounts yet: yuhu team ")
    assert not (path / FILE).exists()
    assert run(capsys, monkeypatch, "team", path, "add", "li", "--role", "lead", typed=f"{PASSWORD}\nmore\n")[0] == 0
    code, out, _ = run(capsys, monkeypatch, "team", path, "add", "anna", "--role", "coder", typed=PASSWORD)
    assert (code, out) == (0, "anna   coder   0 of 0 units\nli   lead\n")
    assert known_password(path, "li", PASSWORD).role == "lead"
    assert "anna" in {one["coder"] for one in yuhu.coders(yuhu.open(path))}


def test_changes_end_in_the_log(path, capsys, monkeypatch):
    run(capsys, monkeypatch, "team", path, "add", "li", "--role", "lead", typed=PASSWORD)
    run(capsys, monkeypatch, "team", path, "add", "vera", "--role", "viewer", typed=PASSWORD)
    assert run(capsys, monkeypatch, "team", path, "role", "vera", "--role", "coder")[0] == 0
    assert run(capsys, monkeypatch, "team", path, "password", "vera", typed="a new one of four words")[0] == 0
    assert known_password(path, "vera", "a new one of four words") is not None
    _, out, _ = run(capsys, monkeypatch, "team", path, "remove", "vera", "--json")
    assert [one["name"] for one in json.loads(out)["accounts"]] == ["li"]
    _, out, _ = run(capsys, monkeypatch, "team", path, "log", "--most", "3")
    assert [line.split("   ")[1:] for line in out.splitlines()] == [
        ["(terminal)", "account_removed", "account vera"],
        ["(terminal)", "password_changed", "account vera"],
        ["(terminal)", "role_changed", "account vera, role coder"],
    ]
    assert len(json.loads(run(capsys, monkeypatch, "team", path, "log", "--json")[1])["log"]) == 5


@pytest.mark.parametrize(
    ("arguments", "typed", "code"),
    [
        (["add", "li", "--role", "lead"], "short", "YH708"),
        (["add", "li", "--role", "king"], PASSWORD, "YH708"),
        (["add", "li"], PASSWORD, "YH708"),
        (["remove", "nobody"], "", "YH708"),
        (["remove"], "", "YH901"),
        (["promote", "li"], "", "YH901"),
    ],
)
def test_what_is_refused(path, capsys, monkeypatch, arguments, typed, code):
    exit_code, _, err = run(capsys, monkeypatch, "team", path, *arguments, typed=typed)
    assert exit_code == 1
    assert f"[{code}]" in err


def test_a_password_is_typed_twice_on_a_terminal(path, capsys, monkeypatch):
    typed = iter([PASSWORD, "another"])
    monkeypatch.setattr("yuhu.cli.team.getpass", lambda _: next(typed))
    monkeypatch.setattr("yuhu.cli.team.sys.stdin.isatty", lambda: True, raising=False)
    code = invoke(["team", str(path), "add", "li", "--role", "lead"])
    assert code == 1
    assert "the two passwords differ" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--team"], "YH708"), (["--host", "192.0.2.1"], "YH707"), (["--host", "0.0.0.0", "--team"], "YH707")],
)
def test_a_workbench_that_is_not_opened(path, capsys, monkeypatch, options, code):
    exit_code, _, err = run(capsys, monkeypatch, "serve", path, "--no-open", *options)
    assert exit_code == 1
    assert f"[{code}]" in err

"""Shared by all tests: no network, fixed hypothesis profile, real data where it is."""

import json
import os
import socket
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "yuhu",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("yuhu")


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write golden files anew; look at the diff before you commit it")


def pytest_terminal_summary(terminalreporter):
    """Say in one line which tests were not run for want of a browser, and how to get one."""
    reasons = {report.longrepr[2] for report in terminalreporter.stats.get("skipped", []) if isinstance(report.longrepr, tuple)}
    for reason in sorted(one.removeprefix("Skipped: ") for one in reasons if "Chromium" in one):
        terminalreporter.write_line(reason)


@pytest.fixture
def golden(request):
    """Compare a value with the golden file of a name; a missing file fails unless --update-golden is given."""
    folder = Path(__file__).parent / "golden"

    def check(name, value):
        path = folder / f"{name}.json"
        text = json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert path.is_file(), f"golden file {path.name} is missing: pytest --update-golden writes it"
        assert text == path.read_text("utf-8")

    return check


LOOPBACK = ("127.", "localhost", "::1")


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    real = socket.socket.connect

    def connect(self, address, *rest):
        host = address[0] if isinstance(address, tuple) else str(address)
        if isinstance(address, tuple) and not str(host).startswith(LOOPBACK):
            raise AssertionError(f"a test reached for {host}")
        return real(self, address, *rest)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real data, named by YUHU_SHARED; such tests skip only where it is not set."""
    named = os.environ.get("YUHU_SHARED")
    if not named:
        pytest.skip("real data are not here: set YUHU_SHARED to the folder that holds data/")
    folder = Path(named)
    assert (folder / "data").is_dir(), f"YUHU_SHARED={named} has no data/"
    return folder / "data"


@pytest.fixture(scope="module")
def browser():
    """A real Chromium; only for tests with `browser.needs_chromium`."""
    from browser import chromium

    with chromium() as started:
        yield started


@pytest.fixture
def study(tmp_path):
    import yuhu

    return yuhu.init(tmp_path / "study", title="test")

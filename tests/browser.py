"""A real Chromium on a real workbench: a server in a process of its own, and a browser that can reach nothing but loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
MISSING = "no Chromium was found: the browser tests (tests/test_browser_*.py) were not run. On Debian or Ubuntu: apt-get install chromium"
IS_REQUIRED = os.environ.get("YUHU_CHROMIUM") == "required"
needs_chromium = pytest.mark.skipif(CHROMIUM is None and not IS_REQUIRED, reason=MISSING)
"""Skips where there is no Chromium, but never where YUHU_CHROMIUM says that there has to be one."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
AXE = Path(__file__).parents[1] / "ui" / "node_modules" / "axe-core" / "axe.min.js"


class Served:
    """`yuhu serve` in a process of its own."""

    def __init__(self, path, *options):
        self.path, self.options, self.process, self.address = path, options, None, ""

    def start(self, *more):
        """Start it; `address` is what it printed."""
        command = [Path(sys.executable).with_name("yuhu"), "serve", str(self.path), "--json", *self.options, *more]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
        line = self.process.stdout.readline()
        assert line, f"the server did not start: {self.process.wait(30)}"
        self.address = json.loads(line)["address"]
        return self

    def kill(self, how=signal.SIGKILL):
        """End it, by default as a power cut would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(20)
            self.process.stdout.close()
            self.process = None


@contextmanager
def served(path, *options):
    """A running workbench."""
    server = Served(path, *options).start()
    try:
        yield server
    finally:
        server.kill(signal.SIGTERM)


@contextmanager
def restartable(path, *options):
    """A running workbench that may be killed, and starts anew at the same address."""
    server = Served(path, "--port", free_port(), *options).start()
    try:
        yield server
    finally:
        server.kill(signal.SIGTERM)


def free_port():
    """A port that nobody listens at."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return str(one.getsockname()[1])


def site(server):
    """The address of a workbench's pages."""
    return server.address.split("/enter")[0]


def wait_until_saved(page):
    """Wait until all that was coded is confirmed."""
    page.wait_for_selector("[data-state='saved']", timeout=120_000)  # a server that is started anew on a busy machine takes its time


@contextmanager
def chromium():
    """A browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser, server, *, language="en", theme="light", width=1280, height=800):
    """A page that has come in by the printed address; fails if anything went wrong in it that no test looked for."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme, locale="en-GB", reduced_motion="reduce")
    context.add_init_script(f"if (!localStorage.getItem('yuhu.language')) localStorage.setItem('yuhu.language', '{language}')")
    page = context.new_page()
    wrong = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("console", lambda said: wrong.append(f"console: {said.text} {said.location.get('url', '')}") if said.type == "error" else None)
    page.on("request", lambda asked: wrong.append(f"outside: {asked.url}") if not is_local(asked.url) else None)
    page.expected_errors = wrong
    try:
        page.goto(server.address)
        page.wait_for_selector("main h1")
        yield page
        assert wrong == [], "\n".join(wrong)
    finally:
        context.close()


def is_local(address):
    """Whether an address stays on this machine."""
    return address.startswith(("http://127.0.0.1:", "data:", "blob:", "about:"))


def faults(page):
    """What axe finds against accessibility (WCAG 2.1 A and AA), one line each."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})")
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'].splitlines()[-1]}" for one in found["violations"] for node in one["nodes"]
    ]

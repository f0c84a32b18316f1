"""Hostile texts in all that a study can hold, on every page, in a real Chromium: shown as text, and nothing of them runs."""

import re
from pathlib import Path

import pytest

from app_teams import PASSWORD
from browser import needs_chromium, opened, served
from hostile_studies import CODER, MARK, hostile_study

pytestmark = needs_chromium

PAGES = re.findall(r'\{ path: "([^"]+)"', (Path(__file__).parents[1] / "ui" / "src" / "pages.ts").read_text("utf-8"))
SHOWS = {"lead": {"/", "/watch", "/audience", "/spread", "/museum", "/report", "/team"}, "coder": {"/code", "/timeline", "/account"}}
"""Pages on which a hostile text must be seen, so that looking for what it does means something."""

WATCH = """
window.violations = [];
addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
INJECTED = f"""() => [
  ...document.querySelectorAll('.{MARK}, [onerror], [onload], [srcdoc], [class^="planted"], svg[onload], main img[src="x"], a[href^="javascript:"], body script, body style'),
].map((one) => one.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(hostile_study(tmp_path_factory.mktemp("hostile")), "--team") as running:
        yield running


@pytest.fixture(params=["en", "zh"])
def page(browser, server, request):
    with opened(browser, server, language=request.param) as page:
        page.add_init_script(WATCH)
        page.on("dialog", lambda dialog: (page.expected_errors.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        yield page


def enter(page, server, name):
    page.locator("input").nth(0).fill(name)
    page.locator("input").nth(1).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("header nav").wait_for()


def settled(page):
    """Wait until the page is there and asks for nothing more; nothing may have come of what it shows."""
    page.wait_for_selector("main :is(h1, p)")
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('[aria-busy=true]')")
    assert page.evaluate(INJECTED) == []
    assert page.evaluate("window.violations") == []
    return page.inner_text("main")  # the frame shows the study's title on every page


@pytest.mark.parametrize("role", ["lead", "coder"])
def test_no_page_runs_what_it_shows(page, server, role):
    enter(page, server, {"lead": "li", "coder": CODER}[role])
    for path in PAGES:
        page.goto(server.address + path.lstrip("/"))
        seen = settled(page)
        assert MARK[:14] in seen or path not in SHOWS[role], f"nothing hostile is seen on {path}"


def test_coding_and_training_show_it_as_text(page, server):
    enter(page, server, CODER)
    page.goto(server.address + "code")
    page.wait_for_selector("[data-key]:not([data-key=''])")
    for key in ("?", "1", "b", "a"):
        page.keyboard.press(key)
        assert MARK in settled(page)
    page.goto(server.address + "code?mode=train")
    assert MARK in settled(page)
    page.keyboard.press("1")
    assert MARK in settled(page)


def test_what_a_lead_is_told_of_names(page, server):
    enter(page, server, "li")
    page.goto(server.address + "team")
    page.locator("tbody tr").first.wait_for()
    page.locator("section button").first.click()
    assert CODER in settled(page)


def test_files_of_figures_hold_it_as_text(page, server):
    enter(page, server, "li")
    page.goto(server.address + "audience")
    settled(page)
    addresses = page.evaluate("[...document.querySelectorAll('a[download]')].map((one) => one.href)")
    assert {form for form in ("svg", "png", "csv") if any(f"form={form}" in one for one in addresses)} == {"svg", "png", "csv"}
    drawn = next(one for one in addresses if "form=svg" in one)
    page.set_content(f'<iframe src="{drawn}"></iframe><img src="{drawn}">')
    for address in addresses:
        reply = page.request.get(address)
        assert reply.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in reply.headers["content-security-policy"]
        if "form=svg" in address:
            assert not re.search(r"<(img|script|iframe|b|svg/)[ >]", reply.text())
        elif "form=png" not in address:
            assert not re.search(r'(?:^|,)"?[=+@]', reply.text(), re.MULTILINE)

"""Agreement in a real Chromium: measured, a conflict looked at and settled by keyboard, both languages."""

import signal

import pytest

from browser import Served, chromium, faults, needs_chromium, opened
from test_browser_code import free_port, site
from workbench import conflict_study
from yuhu.study.codings import read_codings
from yuhu.verbs.agree import agree

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


@pytest.fixture
def study(tmp_path):
    return conflict_study(tmp_path)


@pytest.fixture
def server(study):
    running = Served(study.path, "--port", free_port()).start()
    yield running
    running.kill(signal.SIGTERM)


def test_agreement_is_measured_and_a_conflict_settled(browser, server, study):
    with opened(browser, server) as page:
        page.goto(site(server) + "/agree")
        page.wait_for_selector("text=Agreement was not measured yet")
        page.get_by_role("button", name="Measure agreement").click()
        page.get_by_role("button", name="anger").click()
        page.wait_for_selector("caption:has-text('languages')")
        page.get_by_role("link", name="0 / 2 settled").click()
        page.wait_for_selector("td:has-text('anna: 1')")
        page.locator("tbody a").first.click()
        page.wait_for_selector("td:has-text('aimed at ⟨U+202E⟩men')")
        page.get_by_label("present").focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="that of anna").focus()
        page.keyboard.press("Enter")
        assert page.locator(".marked").inner_text() == page.locator(".text").inner_text()[:3]
        page.get_by_label("Reason").fill("names the target")
        page.get_by_label("Your name").first.fill("Li")
        page.keyboard.press("Enter")
        page.wait_for_selector("li:has-text('Li: present (names the target)')")
        page.wait_for_selector("li:has-text('anger = 1: names the target')")
        assert faults(page) == []
        page.get_by_role("link", name="Next").click()
        page.wait_for_selector("li:has-text('anger = 1: names the target')")
        page.get_by_role("link", name="All codes").click()
        page.wait_for_selector("a[aria-label='anger: 1 / 2 settled']")
    settled = read_codings(study.path, counted=True)
    settled = settled.filter(settled["purpose"] == "adjudication")
    assert settled.select("coder", "value", "evidence", "note").rows() == [("Li", "1", "[0, 3]", "names the target")]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "code", "word"), [("en", "anger", "not shown to be reliable"), ("zh", "愤怒", "未显示可靠")])
def test_the_pages_are_accessible_in_both_languages(browser, server, study, language, code, word, theme):
    agree(study)
    with opened(browser, server, language=language, theme=theme, width=1024, height=768) as page:
        page.goto(site(server) + "/agree")
        page.wait_for_selector(f"td:has-text('{word}')")
        page.get_by_role("button", name=code).click()
        page.wait_for_selector("caption")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("td a").first.click()
        page.wait_for_selector("td:has-text('anna: 1')")
        assert faults(page) == []
        page.locator("tbody a").first.click()
        page.wait_for_selector("fieldset")
        page.locator("fieldset input").last.check()
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

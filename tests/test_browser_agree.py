"""Agreement in a real Chromium: measured, a conflict looked at and settled by keyboard, both languages."""

import pytest
import yaml

from browser import faults, needs_chromium, opened, served, site
from workbench import conflict_study
from yuhu.study.codings import read_codings
from yuhu.study.protocol_log import read_log
from yuhu.study.store import open_study
from yuhu.verbs.agree import agree
from yuhu.verbs.rule_change import voided

pytestmark = needs_chromium


@pytest.fixture
def study(tmp_path):
    return conflict_study(tmp_path)


@pytest.fixture
def server(study):
    with served(study.path) as running:
        yield running


def narrower(text):
    document = yaml.safe_load(text)
    for lang, more in (("en", " Taunts alone do not count."), ("zh", "只有嘲讽不算。")):
        document["definition"][lang] += more
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False)


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


def test_a_rule_is_changed_and_only_what_it_voids_is_coded_again(browser, server, study):
    agree(study)
    with opened(browser, server) as page:
        page.goto(site(server) + "/agree?code=anger")
        page.locator("tbody a").first.click()
        page.locator("summary").click()
        field = page.get_by_label("The code as it stands in the codebook")
        before = field.input_value()
        field.fill(before.replace("level: binary", "level: lofty"))
        page.get_by_role("button", name="Check").click()
        page.wait_for_selector("li:has-text('error: line')")
        field.fill(before + "# looked at\n")
        page.get_by_role("button", name="Check").click()
        page.wait_for_selector("text=Nothing was changed.")
        field.fill(narrower(before))
        page.get_by_role("button", name="Check").click()
        page.wait_for_selector("strong:has-text('No longer count: anger 60')")
        rule = page.locator("details")
        rule.get_by_label("Reason").fill("taunts alone do not count")
        rule.get_by_label("Your name").fill("Li")
        assert rule.get_by_role("button", name="Make it the rule").is_disabled()
        rule.get_by_label("This is meant").check()
        assert faults(page) == []
        rule.get_by_role("button", name="Make it the rule").click()
        page.wait_for_selector("text=/no longer count: anna 30, bo 30/")
        rule.get_by_label("Reason").fill("by the narrower rule")
        rule.get_by_role("button", name="Have these coded again").click()
        page.wait_for_selector("text=Open again at the desks of: anna 30, bo 30.")
    after = open_study(study.path)
    assert after.codebook().version == "1.1.0"
    assert voided(after, "anger").height == 0
    assert [one.kind for one in read_log(study.path)] == ["decision", "requeue"]


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

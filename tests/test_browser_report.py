"""The report in a real Chromium: in its frame, from a sentence to what it rests on, in both languages."""

import re

import pytest

from browser import faults, needs_chromium, opened, served
from test_app_report import study

pytestmark = needs_chromium
__all__ = ["study"]


@pytest.fixture(scope="module")
def server(study):
    with served(study.path) as running:
        yield running


def come_in(page):
    page.click("nav a[href='/report']")
    frame = page.frame_locator("iframe")
    frame.locator("[data-estimates][tabindex='0']").first.wait_for()
    return frame


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_a_sentence_is_followed_to_the_decisions(browser, server, language, theme):
    with opened(browser, server, language=language, theme=theme) as page:
        frame = come_in(page)
        frame.locator("[data-estimates]", has_text=re.compile("affective empathy|情感共情")).first.click()
        page.wait_for_selector(".rests section.card")
        page.click(".rests summary")
        page.wait_for_selector("td:has-text('anna: 1')")
        assert faults(page) == []


def test_by_keyboard_in_the_frame_and_in_the_list(browser, server):
    with opened(browser, server) as page:
        frame = come_in(page)
        line = frame.locator("[data-estimates]").first
        line.focus()
        line.press("Enter")
        page.wait_for_selector("blockquote")
        assert page.locator("blockquote").inner_text() == line.inner_text()
        page.click("text=All sentences")
        page.locator(".rests li button").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".rests section.card")


def test_a_row_of_a_table_leads_to_what_it_rests_on(browser, server):
    with opened(browser, server) as page:
        frame = come_in(page)
        row = frame.locator("#prevalence tr[data-estimates]", has_text="affective empathy").first
        row.click()
        page.wait_for_selector(".rests section.card")
        assert page.locator("blockquote").inner_text().startswith("affective empathy · ")
        assert page.locator(".rests section.card").count() == len(row.get_attribute("data-estimates").split())
        page.click("text=All sentences")
        row.press("Enter")
        page.wait_for_selector(".rests section.card")
        assert faults(page) == []


def test_sections_and_language_are_chosen_and_the_file_taken(browser, server):
    with opened(browser, server) as page:
        frame = come_in(page)
        page.click("summary:has-text('Sections')")
        page.locator("fieldset input").nth(1).uncheck()
        page.wait_for_function("() => document.querySelector('iframe').src.includes('section=')")
        frame.locator("#glance").wait_for()
        with page.expect_download() as coming:
            page.click("text=Download HTML")
        assert coming.value.suggested_filename == "report.en.html"
        page.select_option("select:near(:text('Language of the report'))", "zh")
        page.wait_for_function("() => document.querySelector('iframe')?.contentDocument?.documentElement?.lang === 'zh-Hans'")


def test_the_report_is_written_into_the_study(browser, server, study):
    (study.path / "report.en.html").unlink(missing_ok=True)
    with opened(browser, server) as page:
        come_in(page)
        page.click("text=Write it into the study")
        page.wait_for_selector("text=In the study: report.en.html", timeout=90_000)
    assert (study.path / "report.en.html").is_file()


@pytest.mark.parametrize(("language", "theme"), [("en", "dark"), ("zh", "light")])
def test_the_page_in_plain_words(browser, server, language, theme):
    with opened(browser, server, language=language, theme=theme) as page:
        page.click("nav a[href='/museum']")
        page.wait_for_selector("#next")
        assert page.locator("section h2").count() == 4
        assert faults(page) == []
        page.emulate_media(media="print")
        assert not page.locator("header nav").is_visible()

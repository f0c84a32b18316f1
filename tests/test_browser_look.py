"""Overview, Audience and Spread in a real Chromium: both languages, both themes, accessible, nothing from outside."""

import pytest

import yuhu
from browser import faults, needs_chromium, opened, served
from coding_studies import study_of

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    study = study_of(tmp_path_factory.mktemp("look"))
    yuhu.run(study)
    with served(study.path) as running:
        yield running


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_each_page_is_accessible(browser, server, language, theme):
    with opened(browser, server, language=language, theme=theme) as page:
        page.wait_for_selector("#missing")
        assert faults(page) == []
        for name in ("audience", "spread"):
            page.click(f"nav a[href='/{name}']")
            page.wait_for_selector("section.card h2")
            assert faults(page) == []


def test_the_overview_shows_counts_and_says_why_there_is_no_finding(browser, server):
    with opened(browser, server) as page:
        page.wait_for_selector("dd:has-text('200')")
        page.wait_for_selector("section[aria-labelledby=findings] p")
        assert page.locator("section[aria-labelledby=findings] ol").count() == 0


def test_figures_are_shown_and_downloaded(browser, server):
    with opened(browser, server) as page:
        page.click("nav a[href='/audience']")
        page.wait_for_selector("figure img")
        page.wait_for_function("document.querySelector('figure img').naturalWidth > 100")
        with page.expect_download() as coming:
            page.locator("figure a[download]", has_text="CSV").first.click()
        assert coming.value.suggested_filename.endswith(".csv")

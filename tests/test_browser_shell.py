"""The frame of the workbench in a real Chromium: languages, colours, strangers, nothing fetched from outside."""

from dataclasses import replace

import pytest

from browser import faults, needs_chromium, opened, served, site
from workbench import small_study
from yuhu.study.settings import FILE as SETTINGS

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(small_study(tmp_path_factory.mktemp("shell")).path) as running:
        yield running


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_frame_is_accessible(browser, server, language, theme):
    with opened(browser, server, language=language, theme=theme) as page:
        assert faults(page) == []


def test_the_language_is_switched_and_kept(browser, server):
    with opened(browser, server) as page:
        page.get_by_role("button", name="中文").click()
        page.wait_for_selector("h1:has-text('概览')")
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        page.reload()
        page.wait_for_selector("h1:has-text('概览')")


def test_colours_are_chosen_and_kept(browser, server):
    with opened(browser, server) as page:
        page.get_by_label("Colours").select_option("dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.reload()
        page.wait_for_selector("main h1")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(20, 24, 26)"


def test_a_stranger_sees_how_to_get_in_and_nothing_else(browser, server):
    context = browser.new_context()
    page = context.new_page()
    page.goto(site(server))
    page.wait_for_selector("text=only to whoever has its address")
    assert page.title() == "Yuhu"
    context.close()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_long_title_leaves_the_pages_their_room(browser, tmp_path, language):
    study = small_study(tmp_path)
    title = "《逃出大英博物馆》在哔哩哔哩、抖音与 YouTube 上的共情传播：弹幕、评论与转发的定量内容分析 (a long title)"
    (study.path / SETTINGS).write_text(replace(study.settings, title=title).text(), "utf-8")
    with served(study.path) as running, opened(browser, running, language=language, width=1024, height=768) as page:
        boxes = [one.bounding_box() for one in page.locator("header nav a").all()]
        assert max(box["y"] for box in boxes) == min(box["y"] for box in boxes), "the pages stand in one row"
        assert page.locator("header").bounding_box()["height"] < 110
        named = page.locator("header .study")
        assert named.bounding_box()["width"] > 300
        assert named.get_attribute("title") == title
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_unknown_address_says_so(browser, server):
    with opened(browser, server) as page:
        page.goto(site(server) + "/nowhere")
        page.wait_for_selector("text=There is no page at this address.")

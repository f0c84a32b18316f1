"""Watching in a real Chromium: with a clock and with a file, by mouse and by keyboard, in both languages."""

import pytest

from browser import faults, needs_chromium, opened, served, site
from watch_studies import VIDEO, sound, watched_study

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return watched_study(tmp_path_factory.mktemp("watch"))


@pytest.fixture(scope="module")
def server(study):
    with served(study.path) as running:
        yield running


def come_in(page):
    page.click("nav a[href='/watch']")
    page.wait_for_selector("button.peak")
    page.wait_for_selector("button.layer")
    page.wait_for_selector("#stretch")


def position(page):
    return int(page.locator("input[type=range]").input_value())


DRAWN = """([from, to]) => {
  const c = document.querySelector('canvas');
  const rows = c.getContext('2d').getImageData(0, c.height * from, c.width, c.height * (to - from)).data;
  return rows.some((value) => value);
}"""
"""Whether there is anything in a band of the overlay, from the top (0) to the bottom (1)."""
EMPTY = f"(band) => !({DRAWN})(band)"


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("zh", "dark", 1024)])
def test_the_page_is_accessible(browser, server, language, theme, width):
    with opened(browser, server, language=language, theme=theme, width=width, height=768) as page:
        come_in(page)
        page.click("button.peak")
        page.wait_for_selector("ul.terms li")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_peak_is_one_click_away_and_what_is_said_follows(browser, server):
    with opened(browser, server) as page:
        come_in(page)
        page.click("button.peak")
        page.wait_for_selector("ul.terms li:has-text('哭了')")
        assert 79_000 <= position(page) <= 90_000
        assert page.locator("td:has-text('affective empathy')").count() == 1
        first = page.locator(".list ol li button").nth(-1).inner_text()
        assert first.startswith("1:")
        page.keyboard.press("Escape")
        page.wait_for_selector("#stretch:has-text('The whole video')")


def test_dragging_chooses_a_stretch_and_a_press_goes_there(browser, server):
    with opened(browser, server) as page:
        come_in(page)
        page.locator(".brush").first.scroll_into_view_if_needed()
        box = page.locator(".brush").first.bounding_box()
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + box["width"] * 0.5, y)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.25, y, steps=4)
        page.mouse.up()
        page.wait_for_selector("#stretch:has-text('1:16')")
        assert "2:32" in page.locator("#stretch").inner_text()
        page.mouse.click(box["x"] + box["width"] * 0.75, y)
        page.wait_for_function("() => Math.abs(document.querySelector('input[type=range]').value - 228120) < 1500")
        assert "1:16" in page.locator("#stretch").inner_text(), "the stretch stays"


def test_by_keyboard_alone(browser, server):
    with opened(browser, server) as page:
        come_in(page)
        page.locator("main").focus()
        page.keyboard.press("n")
        page.wait_for_selector("ul.terms li")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("[")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        before = position(page)
        page.keyboard.press("]")
        page.wait_for_function("() => document.querySelector('#stretch').textContent.includes('1:28')")
        page.keyboard.press(" ")
        page.wait_for_function(f"() => Number(document.querySelector('input[type=range]').value) > {before}")
        page.keyboard.press(" ")
        page.wait_for_selector("button.primary:has-text('Play')")


def test_danmaku_run_as_many_as_are_wanted_and_hostile_ones_are_text(browser, server):
    with opened(browser, server) as page:
        come_in(page)
        page.click("button.peak")
        page.wait_for_function(DRAWN, arg=[0.25, 1])
        page.select_option("select:near(:text('Danmaku'))", "few")
        page.wait_for_function(EMPTY, arg=[0.25, 1])
        page.wait_for_function(DRAWN, arg=[0, 0.25])
        page.select_option("select:near(:text('Danmaku'))", "off")
        page.wait_for_function(EMPTY, arg=[0, 1])
        page.keyboard.press("Escape")
        page.wait_for_selector("#stretch:has-text('The whole video')")
        hostile = page.locator(".list li", has_text="<img src=x")
        hostile.wait_for()
        assert "⟨U+202E⟩evil" in hostile.inner_text()


def test_a_file_that_is_served_is_played_and_moved_through(browser, study, tmp_path):
    sound(tmp_path / "BV1.wav", seconds=20)
    with served(study.path, "--media", str(tmp_path)) as server, opened(browser, server) as page:
        come_in(page)
        page.wait_for_function("() => document.querySelector('video').readyState >= 1")
        page.locator("input[type=range]").fill("15000")
        page.wait_for_function("() => Math.abs(document.querySelector('video').currentTime - 15) < 0.2")
        page.click("button.primary")
        page.wait_for_function("() => document.querySelector('video').currentTime > 15.3")
        assert position(page) > 15_000
        page.click("button.primary")


def test_a_file_of_ones_own_stays_in_the_browser(browser, server, tmp_path):
    path = sound(tmp_path / "mine.wav", seconds=400)
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    with opened(browser, server) as page:
        come_in(page)
        asked = []
        page.on("request", lambda one: asked.append(one.method))
        page.set_input_files("input[type=file]", path)
        page.wait_for_function("() => document.querySelector('video')?.readyState >= 1")
        page.wait_for_selector("text=/ 6:40")
        page.set_input_files("input[type=file]", tmp_path / "broken.mp4")
        page.wait_for_selector("text=cannot play")
        page.click("button.primary")
        page.wait_for_selector("button.primary:has-text('Pause')")
        assert set(asked) <= {"GET"}


def test_a_video_without_times_says_so_and_the_address_keeps_the_video(browser, server):
    with opened(browser, server) as page:
        page.goto(site(server) + "/watch?video=bilibili:BV2")
        page.wait_for_selector("text=No length")
        page.select_option("select:near(:text('Video'))", VIDEO)
        page.wait_for_selector("button.peak")
        assert "BV1" in page.url

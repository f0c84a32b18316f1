"""Coding a timeline in a real Chromium: by keyboard, by mouse, and over a server that is killed."""

import pytest

from browser import faults, needs_chromium, opened, restartable, served, site, wait_until_saved
from videos import SEEN, webm
from workbench import timeline_study
from yuhu.coding.timeline_desk import TimelineDesk
from yuhu.study.coding_file import connected

pytestmark = needs_chromium

VIDEO = "bilibili:1"


@pytest.fixture
def study(tmp_path):
    return timeline_study(tmp_path)


@pytest.fixture
def server(study):
    with restartable(study.path) as running:
        yield running


def sit_down(page, server, label="You code as"):
    page.goto(site(server) + "/timeline")
    page.get_by_label(label).select_option("anna")
    page.locator("tbody a").first.click()
    page.wait_for_selector("[data-code]")
    page.locator("input[placeholder='12:30']").fill("60:00")
    page.keyboard.press("Enter")
    page.locator("input[placeholder='12:30']").wait_for(state="detached")


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def places(study):
    return [(one.code, one.start_ms, one.end_ms, one.value) for one in TimelineDesk(study, "anna").stretches(VIDEO)]


def test_by_keyboard_alone(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        assert page.locator("[data-code]").first.get_attribute("data-code") == "anthropomorphism"
        press(page, "Shift+ArrowRight", "i", "Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "o", "3")
        page.wait_for_selector("button[aria-label*='0:01.000 – 0:03.040']")
        press(page, ".", ">", ">")
        page.wait_for_selector("button[aria-label*='0:01.040 – 0:03.120']")
        press(page, "ArrowDown", "Home", "i", "Shift+ArrowRight", "o", "i", "ArrowLeft", "o")
        page.wait_for_selector("text=overlap another stretch of this layer")
        press(page, "Escape", "f")
        page.wait_for_selector("button:has-text('✓ childlike lead')")
        wait_until_saved(page)
        assert places(study) == [("childlike_lead", 0, 1040, "1"), ("anthropomorphism", 1040, 3120, "3")], (
            "1.000 snaps to the edge at 1.040"
        )
        assert TimelineDesk(study, "anna").finished(VIDEO) == ["childlike_lead"]
        press(page, "u")
        page.wait_for_selector("text=Taken back")
        press(page, "ArrowUp", "Home", "n", "Delete")
        wait_until_saved(page)
        page.reload()
        page.wait_for_selector("[data-code]")
        assert page.locator(".body").count() == 0
    assert places(study) == []


def test_edges_are_dragged_and_snap(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        press(page, "i", *["PageDown"] * 60, "o", "1")
        page.wait_for_selector("button[aria-label*='0:00.000 – 10:00.000']")
        wait_until_saved(page)
        edge = page.locator(".edge.end_ms").bounding_box()
        track = page.locator("[data-code]").first.bounding_box()
        page.mouse.move(edge["x"] + 4, edge["y"] + 5)
        page.mouse.down()
        page.mouse.move(track["x"] + track["width"] / 2, edge["y"] + 5, steps=5)
        page.mouse.up()
        wait_until_saved(page)
        [(_, start, end, _)] = places(study)
        assert start == 0
        assert abs(end - 1_800_000) < 10_000, "half of the hour"
        page.locator("[data-code='humour']").click(position={"x": track["width"] / 4, "y": 8})
        time = page.get_by_label("Time", exact=True).inner_text()
        assert time.startswith(("14:5", "15:0"))


def test_a_killed_server_loses_and_doubles_nothing(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        press(page, "i", "Shift+ArrowRight", "o", "2")
        server.kill()
        press(page, "ArrowDown", "i", "Shift+ArrowRight", "o", "ArrowDown", "i", "Shift+ArrowRight", "o", "f")
        page.wait_for_selector("text=/offline: [3-5] wait in this browser/")
        server.start()
        other = page.context.new_page()
        other.goto(server.address)
        other.wait_for_selector("main h1")
        other.close()
        wait_until_saved(page)
        page.expected_errors.clear()
    assert [one[:3] for one in places(study)] == [("anthropomorphism", 0, 1000), ("childlike_lead", 1000, 2000), ("homecoming", 2000, 3000)]
    assert TimelineDesk(study, "anna").finished(VIDEO) == ["homecoming"]
    with connected(study.path) as connection:
        assert connection.execute("select count(*) from codings").fetchone() == (3,)


TIMES_MS = [round(n * 1001 / 30) for n in range(50)]
"""29.97 frames a second, in the whole milliseconds that a file keeps."""


@pytest.fixture
def film(browser, server, study, tmp_path):
    with opened(browser, server) as page:
        path = tmp_path / "videos" / "1.webm"
        path.parent.mkdir()
        path.write_bytes(webm(page, TIMES_MS, 1668))
    return path


@pytest.fixture
def cinema(study, film):
    with served(study.path, "--media", str(film.parent)) as running:
        yield running


def watch(page, server):
    page.goto(site(server) + "/timeline")
    page.get_by_label("You code as").select_option("anna")
    page.locator("tbody a").first.click()
    page.wait_for_selector("output:has-text('0:00.000') + span:has-text('0:01.668')")


def stands_on_its_frame(page, frame):
    """Waits until a frame is seen, and its own beginning is the time."""
    page.wait_for_function(f"() => ({SEEN})() === {frame}")
    page.wait_for_selector(f"output:has-text('0:0{TIMES_MS[frame] / 1000:.3f}')")


def test_marks_stand_on_the_frames_that_are_seen(browser, cinema, study):
    with opened(browser, cinema) as page:
        watch(page, cinema)
        press(page, "ArrowDown")
        for frame in range(1, 8):
            press(page, "ArrowRight")
            stands_on_its_frame(page, frame)
        press(page, "i", "Shift+ArrowRight")
        page.wait_for_selector("output:has-text('0:01.234')")
        page.wait_for_function(f"() => ({SEEN})() > 30")
        there = page.evaluate(SEEN)
        press(page, "ArrowRight")
        stands_on_its_frame(page, there + 1)
        press(page, "ArrowLeft")
        stands_on_its_frame(page, there)
        press(page, "o")
        page.wait_for_selector("button.body")
        wait_until_saved(page)
        assert places(study) == [("childlike_lead", TIMES_MS[7], TIMES_MS[there], "1")]
        page.get_by_label("Speed").select_option("0.25")
        press(page, "Home", " ")
        page.wait_for_function(f"() => ({SEEN})() > 5")
        press(page, " ")
        page.wait_for_selector("button:has-text('Play')")
        seen = page.evaluate(SEEN)
        stands_on_its_frame(page, seen)
        page.reload()
        page.wait_for_selector("button.body")
        page.wait_for_selector(f"output:has-text('0:0{TIMES_MS[seen] / 1000:.3f}')")


def test_a_file_of_the_coder_is_played_and_a_broken_one_is_said_to_be(browser, server, film, tmp_path):
    with opened(browser, server) as page:
        sit_down(page, server)
        page.get_by_label("Video file").set_input_files(film)
        page.wait_for_function(f"() => document.querySelector('video').readyState === 4 && ({SEEN})() === 0")
        page.wait_for_selector("output + span:has-text('0:01.668')")
        for frame in (1, 2):
            press(page, "ArrowRight")
            stands_on_its_frame(page, frame)
        assert faults(page) == []
        broken = tmp_path / "broken.mp4"
        broken.write_bytes(b"no video" * 100)
        page.get_by_label("Video file").set_input_files(broken)
        page.wait_for_selector("text=This browser cannot play the file")
        page.wait_for_selector("output + span:has-text('1:00:00.000')")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "label", "word"), [("en", "You code as", "humour"), ("zh", "编码员", "幽默")])
def test_the_page_is_accessible_in_both_languages(browser, server, language, label, word, theme):
    with opened(browser, server, language=language, theme=theme, width=1024, height=768) as page:
        sit_down(page, server, label)
        press(page, "i", "Shift+ArrowRight", "o")
        assert faults(page) == []
        press(page, "2")
        page.wait_for_selector("button.body")
        page.wait_for_selector(f"[data-code='humour'] >> xpath=.. >> text={word}")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

"""Coding in a real Chromium: keyboard alone, resume, a server that is killed, two windows, two coders, both languages."""

import re

import pytest

from browser import faults, needs_chromium, opened, restartable, site, wait_until_saved
from workbench import small_study
from yuhu.study.coding_file import connected

pytestmark = needs_chromium

SHIFTS = """() => {
  window.shifts = [];
  const of = (node) => (node?.outerHTML ?? node?.textContent ?? "").slice(0, 80);
  const add = (list) => list.getEntries().forEach((one) => window.shifts.push([one.value, ...one.sources.map((each) => of(each.node))]));
  new PerformanceObserver(add).observe({type: 'layout-shift', buffered: false});
}"""


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path, size=60)


@pytest.fixture
def server(study):
    with restartable(study.path) as running:
        yield running


def sit_down(page, server, coder="anna", label="You code as"):
    page.goto(site(server) + "/code")
    page.get_by_label(label).select_option(coder)
    page.wait_for_selector("[data-key]:not([data-key=''])")


def unit(page):
    return page.locator("[data-key]").get_attribute("data-key")


def code_one(page, *keys):
    """A joke without action, by default; waits until the next unit is there."""
    before = unit(page)
    for key in keys or ("2", "Enter"):
        page.keyboard.press(key)
    page.wait_for_function("(before) => document.querySelector('[data-key]').dataset.key !== before", arg=before)


def codings(study, coder="anna", purpose="main"):
    """Coded units with the number of rows of each decision: all ones where nothing is doubled."""
    with connected(study.path) as connection:
        return connection.execute(
            "select unit_id, code, count(*) from codings where coder = ? and purpose = ? group by unit_id, code", (coder, purpose)
        ).fetchall()


def test_fifty_units_by_keyboard_alone(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        page.evaluate(SHIFTS)
        for _ in range(50):
            code_one(page)
        wait_until_saved(page)
        page.wait_for_selector("text=50 of 60 done")
        shifts = page.evaluate("window.shifts")
    rows = codings(study)
    assert len({one for one, _, _ in rows}) == 50
    assert {n for _, _, n in rows} == {1}
    assert sum(one[0] for one in shifts) < 0.001, shifts


def test_a_server_slower_than_the_coder_does_not_stop_them(browser, server, study):
    """Answers wait on their way while more units are coded than were at hand; none of them comes again, and nothing says that all are done."""
    held, is_slow = [], True

    def hold(route):
        if is_slow and route.request.post_data_json["do"] == "save":
            held.append(route)
        else:
            route.continue_()

    with opened(browser, server) as page:
        sit_down(page, server)
        page.route("**/api/desks/anna*", hold)
        seen = []
        for _ in range(45):
            seen.append(unit(page))
            code_one(page)
        assert len(set(seen)) == 45
        assert "" not in seen
        assert codings(study) == []
        for _ in range(15):
            code_one(page)
        page.wait_for_selector("text=The next units come once the server answers.")
        is_slow = False
        for route in held:
            route.continue_()
        wait_until_saved(page)
        page.wait_for_selector("text=All units are done.")
    assert len({one for one, _, _ in codings(study)}) == 60


def test_a_unit_in_progress_is_there_again(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        code_one(page)
        at = unit(page)
        page.keyboard.press("1")
        page.wait_for_selector("h2#question:has-text('affective empathy')")
        page.keyboard.press("n")
        page.keyboard.type("which home?")
        page.keyboard.press("Enter")
        page.wait_for_function("() => !Object.keys(localStorage).some((one) => one.startsWith('yuhu.queue/'))")
        page.reload()
        page.wait_for_selector("h2#question:has-text('affective empathy')")
        assert unit(page) == at
        assert page.get_by_label("Note").input_value() == "which home?"
    assert len({one for one, _, _ in codings(study)}) == 1


def test_a_killed_server_loses_and_doubles_nothing(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        for _ in range(3):
            code_one(page)
        server.kill()
        for _ in range(6):
            code_one(page)
        told = page.wait_for_selector(r"text=/offline: \d+ wait in this browser/").inner_text()
        assert int(re.search(r"offline: (\d+)", told)[1]) >= 6
        server.start()
        other = page.context.new_page()
        other.goto(server.address)
        other.wait_for_selector("main h1")
        other.close()
        wait_until_saved(page)
        for _ in range(2):
            code_one(page)
        wait_until_saved(page)
        page.wait_for_selector("text=11 of 60 done")
        assert all("Failed to load resource" in one for one in page.expected_errors)
        page.expected_errors.clear()
    rows = codings(study)
    assert len({one for one, _, _ in rows}) == 11
    assert {n for _, _, n in rows} == {1}


def test_a_reply_that_is_lost_doubles_nothing(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        lost = []

        def lose(route):
            if '"do":"save"' in route.request.post_data and '"partial"' not in route.request.post_data and len(lost) < 2:
                lost.append(route.fetch().status)
                route.abort()
            else:
                route.continue_()

        page.route("**/api/desks/anna*", lose)
        code_one(page)
        code_one(page)
        wait_until_saved(page)
        assert lost == [200, 200]
        page.expected_errors.clear()
    rows = codings(study)
    assert len({one for one, _, _ in rows}) == 2
    assert {n for _, _, n in rows} == {1}


def test_a_second_window_is_told_that_a_unit_is_coded(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        other = page.context.new_page()
        other.goto(site(server) + "/code")
        other.wait_for_selector("[data-key]:not([data-key=''])")
        assert unit(page) == unit(other)
        code_one(page)
        wait_until_saved(page)
        code_one(other, "3", "Enter")
        other.wait_for_selector("text=coded already in another window")
        other.get_by_role("button", name="Dismiss").click()
        assert page.expected_errors == []
    rows = codings(study)
    assert len({one for one, _, _ in rows}) == 1
    assert {n for _, _, n in rows} == {1}


def test_two_coders_at_once_are_blind_to_each_other(browser, server, study):
    with opened(browser, server) as anna, opened(browser, server) as bo:
        for page, name in ((anna, "anna"), (bo, "bo")):
            sit_down(page, server, name)
        for _ in range(5):
            code_one(anna)
            code_one(bo, "3", "Enter")
        wait_until_saved(anna)
        wait_until_saved(bo)
        for page in (anna, bo):
            page.wait_for_selector("text=5 of 60 done")
    for coder, value in (("anna", "joke"), ("bo", "plot")):
        assert len({one for one, _, _ in codings(study, coder)}) == 5
        with connected(study.path) as connection:
            found = connection.execute("select distinct value from codings where coder = ? and code = 'kind'", (coder,)).fetchall()
        assert found == [(value,)]


def test_undo_skip_abstain_and_back(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        first = unit(page)
        code_one(page)
        second = unit(page)
        page.keyboard.press("u")
        page.wait_for_selector(f"[data-key='{first}']")
        page.wait_for_selector("text=Taken back")
        page.keyboard.press("Enter")
        page.wait_for_selector(f"[data-key='{second}']")
        code_one(page, "s")
        third = unit(page)
        code_one(page, "a")
        page.keyboard.press("1")
        page.keyboard.press("b")
        page.wait_for_selector("text=Answered: expressing")
        page.keyboard.press("q")
        wait_until_saved(page)
        page.wait_for_selector("text=2 of 60 done")
        page.reload()
        page.wait_for_selector("[data-key]:not([data-key=''])")
        assert unit(page) not in (first, third)
    with connected(study.path) as connection:
        statuses = connection.execute("select distinct status from codings order by status").fetchall()
    assert statuses == [("abstained",), ("coded",), ("not_shown",), ("withdrawn",)]


def test_evidence_by_mouse_and_by_keyboard(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        page.keyboard.press("1")
        page.keyboard.press("e")
        for key in ("ArrowRight", "Shift+ArrowRight", "Shift+ArrowRight", "Enter"):
            page.keyboard.press(key)
        marked = page.locator(".marked").inner_text()
        assert marked == page.locator(".text").inner_text()[1:4]
        page.keyboard.press("2")
        page.keyboard.press("1")
        page.locator(".text").click(click_count=3)
        page.get_by_role("button", name="Mark evidence").click()
        page.wait_for_selector("text=Choose what applies first")
        code_one(page, "Enter")
        wait_until_saved(page)
    with connected(study.path) as connection:
        found = connection.execute("select code, evidence from codings where evidence is not null").fetchall()
    assert found == [("affective_empathy", "[1, 4]")]


def test_training_says_what_is_right(browser, server, study):
    with opened(browser, server) as page:
        sit_down(page, server)
        page.get_by_role("button", name="Train").click()
        page.wait_for_selector("h2#question")
        for _ in range(12):
            page.keyboard.press("?")
            if page.locator("text=The codebook has it otherwise").count():
                break
        page.wait_for_selector("text=The codebook has it otherwise")
        assert faults(page) == []
        page.keyboard.press("x")
        page.wait_for_selector("h2#question")
        page.wait_for_selector("text=1 of")
    assert codings(study, purpose="train")
    assert not codings(study)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("language", "label", "question"), [("en", "You code as", "kind of message"), ("zh", "编码员", "信息类型")])
def test_the_page_is_accessible_in_both_languages(browser, server, language, label, question, theme):
    with opened(browser, server, language=language, theme=theme, width=1024, height=768) as page:
        sit_down(page, server, label=label)
        page.wait_for_selector(f"h2#question:has-text('{question}')")
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

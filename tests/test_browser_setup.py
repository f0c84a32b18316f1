"""Setting a study up in a real Chromium: drop files, explain a table, edit the codebook, plan, have a machine code, stop and go on."""

import pytest

from browser import faults, needs_chromium, opened, served, site
from test_app_jobs import TABLE, danmaku
from workbench import small_study
from yuhu.study.store import open_study

pytestmark = needs_chromium
LONG_MS = 120_000


@pytest.fixture
def study(tmp_path):
    return small_study(tmp_path)


@pytest.fixture
def server(study):
    with served(study.path) as running:
        yield running


def at_part(page, server, name=None):
    page.goto(site(server) + "/setup")
    if name:
        page.get_by_role("button", name=name, exact=True).click()


def ended(page, job, state="done", n=1):
    page.wait_for_function(
        "([job, state, n]) => document.querySelectorAll(`[data-job=${job}][data-state=${state}]`).length === n",
        arg=[job, state, n],
        timeout=LONG_MS,
    )


def written(area, text):
    """Set at once: Chromium takes a minute to type 300 kB."""
    area.evaluate("(area, text) => { area.value = text; area.dispatchEvent(new InputEvent('input', {bubbles: true})); }", text)


def test_files_are_dropped_explained_and_added(browser, server, study, tmp_path):
    files = {"ep9.xml": danmaku(30), "own.csv": TABLE.encode(), "film.mp4": b"\0\0\0\x20ftypisom" + bytes(64)}
    paths = [tmp_path / name for name in files]
    for path in paths:
        path.write_bytes(files[path.name])
    before = study.scan("responses").collect().height
    with opened(browser, server) as page:
        at_part(page, server)
        page.set_input_files("input[type=file]", paths)
        page.wait_for_selector("text=Bilibili danmaku XML", timeout=LONG_MS)
        page.wait_for_selector("text=is a video or audio file")
        page.get_by_role("button", name="中文").click()
        page.wait_for_selector("text=`film.mp4` 是视频或音频文件")
        page.wait_for_selector("text=请拖入导出文件本身")
        page.get_by_text("程序原文").click()
        page.wait_for_selector("pre:has-text('fix: add the export itself')")
        page.get_by_role("button", name="English").click()
        assert faults(page) == []
        page.get_by_role("button", name="Add recognised files: 1").click()
        ended(page, "add")
        page.wait_for_selector("text=30 seen = 30 kept + 0 rejected")
        assert page.get_by_label("What 内容 is").input_value() == "text"
        page.get_by_label("What 昵称 is").select_option("")
        page.get_by_label("The rows are").select_option("comment")
        page.get_by_role("button", name="Add this table").click()
        ended(page, "add", n=2)
        page.get_by_role("button", name="Remove film.mp4").click()
        page.wait_for_selector("text=film.mp4", state="hidden")
    assert open_study(study.path).scan("responses").collect().height == before + 32


def test_the_codebook_is_edited_under_the_linter(browser, server, study):
    with opened(browser, server) as page:
        at_part(page, server, "Codebook")
        page.wait_for_selector("text=Nothing has changed.")
        area = page.get_by_label("Text of the codebook")
        text = area.input_value()
        written(area, text.replace("level: binary", "level: bniary", 1))
        page.wait_for_selector("li.error")
        save = page.get_by_role("button", name="Make it the study's codebook")
        assert save.is_disabled()
        page.locator("li.error button").click()
        assert "bniary" in page.evaluate(
            "() => { const a = document.activeElement; return a.value.slice(a.selectionStart, a.selectionEnd); }"
        )
        version = study.codebook().version
        major, minor, _ = version.split(".")
        changed = text.replace("Code kind first.", "Code the kind first.", 1)
        assert changed != text
        written(area, changed)
        page.wait_for_selector("text=This change asks for version")
        assert save.is_disabled()
        written(area, changed.replace(f'version: "{version}"', f'version: "{major}.{int(minor) + 1}.0"', 1))
        page.wait_for_selector("text=This change asks for version", state="hidden")
        page.wait_for_selector("text=rules for coders")
        assert faults(page) == []
        save.click()
        page.wait_for_selector("text=It is the study's codebook now.")
        page.wait_for_selector(f"text={major}.{int(minor) + 1}.0 (current)")
    assert open_study(study.path).codebook().version == f"{major}.{int(minor) + 1}.0"


def test_people_samples_machines_and_a_stop(browser, server, study):
    with opened(browser, server) as page:
        at_part(page, server, "People and samples")
        page.get_by_label("Name or pseudonym").fill("chen")
        page.get_by_role("button", name="Add a coder").click()
        page.wait_for_selector("td:has-text('chen')")
        page.get_by_role("button", name="Work it out").click()
        page.wait_for_selector("th:has-text('Messages to code')", timeout=LONG_MS)
        assert faults(page) == []
        page.get_by_label("Messages", exact=True).fill("20")
        page.get_by_label("chen").check()
        page.get_by_role("button", name="Draw", exact=True).click()
        ended(page, "sample")
        page.wait_for_selector("tr:has-text('chen') >> text=0 / 20")
        page.get_by_role("button", name="Machines and results", exact=True).click()
        code = page.get_by_role("button", name="Have it code")
        assert code.is_disabled(), "what it would send is said first"
        page.get_by_role("button", name="What would it send and cost?").click()
        page.wait_for_selector("text=Nothing is asked of any server", timeout=LONG_MS)
        assert faults(page) == []
        code.click()
        ended(page, "code")
        page.get_by_role("button", name="Measure", exact=True).click()
        ended(page, "measure")
        page.wait_for_selector("[data-job=measure] >> text=estimates")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_part_is_accessible(browser, server, language, theme):
    with opened(browser, server, language=language, theme=theme, width=1024, height=768) as page:
        at_part(page, server)
        page.wait_for_selector("input[type=file]")
        for part in range(4):
            page.locator(".parts button").nth(part).click()
            page.wait_for_load_state("networkidle")
            assert faults(page) == []
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

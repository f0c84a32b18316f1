"""Signing in, the team and one's account in a real Chromium."""

import shutil

import pytest

from app_teams import PASSWORD, small_team
from browser import faults, needs_chromium, opened, served

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with served(shutil.copytree(small_team(), tmp_path_factory.mktemp("team") / "s"), "--team") as running:
        yield running


def sign_in(page, name, password=PASSWORD):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.keyboard.press("Enter")


def test_a_lead_signs_in_and_makes_an_account(browser, server):
    with opened(browser, server) as page:
        assert faults(page) == []
        sign_in(page, "li", "not the password")
        page.get_by_role("alert").get_by_text("No account has this name and password.").wait_for()
        page.expected_errors.clear()  # the browser reports the 401
        sign_in(page, "li")
        page.get_by_role("link", name="Team").click()
        page.get_by_label("First password").wait_for()
        assert faults(page) == []
        page.locator("form").get_by_label("Name").fill("<b>chen</b>")
        page.get_by_label("First password").fill(PASSWORD)
        page.get_by_role("button", name="Add").click()
        page.get_by_role("alert").get_by_text("this is no name for an account", exact=True).wait_for()
        page.expected_errors.clear()
        page.locator("form").get_by_label("Name").fill("<b>chen")
        page.get_by_role("button", name="Add").click()
        page.get_by_role("rowheader", name="<b>chen").wait_for()
        page.get_by_role("cell", name="account added").first.wait_for()
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="<b>chen"))
        row.get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Remove", exact=True).click()
        page.get_by_role("rowheader", name="<b>chen").wait_for(state="detached")


def test_a_coder_comes_to_their_desk_and_leaves(browser, server):
    with opened(browser, server) as page:
        sign_in(page, "anna")
        page.wait_for_url("**/code")
        assert page.get_by_role("link", name="Team").count() == 0
        page.get_by_role("link", name="Your account").click()
        page.get_by_role("button", name="Sign out").wait_for()
        assert faults(page) == []
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("heading", name="Sign in").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_chinese_and_both_themes(browser, server, theme):
    with opened(browser, server, language="zh", theme=theme) as page:
        assert faults(page) == []
        page.get_by_label("名称").fill("li")
        page.get_by_label("密码").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_role("link", name="团队").click()
        page.get_by_label("初始密码").wait_for()
        page.get_by_role("heading", name="操作记录").wait_for()
        assert faults(page) == []

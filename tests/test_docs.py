"""The documentation names all that the program has: errors, verbs, settings, importers, reasons; and its links lead somewhere."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import yuhu.coding
import yuhu.measures
import yuhu.sources  # noqa: F401 - importing the rooms registers what they hold
from yuhu.cli.app import app
from yuhu.core.errors import CODES
from yuhu.core.estimate import REASONS
from yuhu.core.registry import registered
from yuhu.study.settings import Settings

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SOURCES = [DOCS / "sources.md", *sorted((DOCS / "sources").glob("*.md"))]
PAGES = [*sorted(DOCS.glob("*.md")), *SOURCES[1:], *sorted(ROOT.glob("README*.md"))]

_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TARGET = re.compile(r"^\(([^)]+)\)=$", re.MULTILINE)


def page(name):
    return (DOCS / name).read_text("utf-8")


def anchors(text):
    """Headings as MyST names them, and explicit targets."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return slugs | set(_TARGET.findall(text))


def test_every_error_has_its_section_and_every_section_its_error():
    sections = re.findall(r"^## (YH\d+)$", page("errors.md"), re.MULTILINE)
    assert sections == list(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_section_says_what_the_error_is(code):
    section = re.split(rf"^## {code}$", page("errors.md"), flags=re.MULTILINE)[1].split("\n## ")[0]
    assert CODES[code] in section
    assert f"[{code}]" in section, "an example as the program prints it"


@pytest.mark.parametrize("command", [command.name or command.callback.__name__ for command in app.registered_commands])
def test_every_verb_is_documented(command):
    assert any(f"yuhu {command}" in path.read_text("utf-8") for path in PAGES)


@pytest.mark.parametrize("setting", [field.name for field in fields(Settings)])
def test_every_setting_is_documented(setting):
    assert f"`{setting}`" in page("study.md")


@pytest.mark.parametrize("importer", registered("importers"))
def test_every_importer_is_documented(importer):
    assert any(f"`{importer}`" in path.read_text("utf-8") for path in SOURCES)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_documented(reason):
    row = next(line for line in page("estimates.md").splitlines() if line.startswith(f"| `{reason}` |"))
    assert REASONS[reason]["en"] in row


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    text = path.read_text("utf-8")
    for link in _LINK.findall(_FENCE.sub("", text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), f"{path.name} points to {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.read_text("utf-8")), f"{path.name} points to {link}"

"""What the program says has a Chinese that is complete, that is used, and that fits the pages."""

import re
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pytest

from every_source import every_source
from program_sentences import Said, errors, facts, literals, modules, reached, returned, told
from yuhu.app.fixes import OF_CODE, OF_SENTENCE, fix
from yuhu.app.shown import shown_error
from yuhu.core import chinese
from yuhu.core.chinese import fact_name, in_chinese, in_language, rejected
from yuhu.core.errors import CODES, YuhuError
from yuhu.core.templates import Templates, fill
from yuhu.study.store import open_study
from yuhu.verbs.add import add
from yuhu.verbs.init import init

PAGES = reached(start="yuhu.app", without=r"yuhu\.(cli|stats|testing|simulation)\b")
"""What the workbench reads. Errors of the statistics tell a caller in Python that the call is wrong (docs/errors.md): a page cannot cause them."""

SOURCES = [one for one in modules().values() if one.name.startswith("yuhu.sources")]
LINTER = [one for one in modules().values() if one.name.startswith("yuhu.core.codebook_")]
NO_SENTENCES = {
    "file name",
    "a column",
    "{0} (a picture)",
    "exported at , by the name of the file: counts are dated by it, and were captured before",
}
"""Of importers: where a name was found, and what is said of no file."""

EVERY = {english: zh for part in chinese.PARTS for english, zh in part.items()}
SENTENCES = Templates(EVERY)
UI = Path(__file__).parents[1] / "ui" / "src" / "words"


def lacking(found: Iterable[Said]) -> list[str]:
    """Sentences without Chinese, with the place where they are said."""
    return sorted({f"{one.place}: {one.template}" for one in found if re.search("[a-z]", one.template) and not is_known(one.template)})


def is_known(template: str) -> bool:
    """Whether a sentence stands in a dictionary, be it with a place for a name that it has."""
    found = SENTENCES.of(template)
    return found is not None and not any(" " in part for part in found[1])


def test_every_error_that_can_reach_a_page_has_a_chinese_sentence() -> None:
    said = list(errors(PAGES))
    assert len(said) > 350
    assert lacking(said) == []
    assert [one.place for one in said if not re.search("[a-z]", one.template)] == [], "what this error says cannot be known from the source"


def test_every_fact_of_these_errors_has_a_chinese_name() -> None:
    assert sorted({f"{one.place}: {key}" for one in errors(PAGES) for key in one.keys if fact_name(key, "zh") == key}) == []


def test_every_code_that_can_reach_a_page_says_what_helps_there() -> None:
    assert {one.code for one in errors(PAGES)} - set(OF_CODE) == set()
    assert set(OF_CODE) <= set(CODES)


@pytest.mark.parametrize("word", [*OF_CODE.values(), *OF_SENTENCE.values()], ids=lambda word: word[0][:40])
def test_what_helps_on_a_page_is_no_command(word: tuple[str, str]) -> None:
    for text in word:
        assert not re.search(r"--\w|\byuhu \w|pip install", text)
    assert re.search(r"[\u4e00-\u9fff]", word[1])


def test_what_helps_calls_pages_and_buttons_as_the_pages_do() -> None:
    words = "".join(path.read_text("utf-8") for path in UI.glob("*.ts"))
    of_pages = set(re.findall(r'zh: "([^"]+)"', words))
    named = {name for _, zh in (*OF_CODE.values(), *OF_SENTENCE.values()) for name in re.findall("“([^”]+)”", zh)}
    assert len(named) > 8
    assert {name for name in named if not any(name == one or one.startswith(f"{name}（") for one in of_pages)} == set()


def test_every_finding_of_the_linter_has_a_chinese_sentence() -> None:
    assert lacking(chain(told(LINTER, ["say"], at=1), told(LINTER, ["Finding"], at=2))) == []


def test_what_importers_tell_of_files_has_a_chinese_sentence() -> None:
    called = chain(
        told(SOURCES, ["truncated", "notes.append"], at=0), told(SOURCES, ["reject"], at=1), told(SOURCES, ["Broken", "lit"], at=0)
    )
    found = [one for one in chain(called, returned(SOURCES)) if " " in one.template.strip() and one.template not in NO_SENTENCES]
    assert len(found) > 100
    assert lacking(found) == []


def test_worded_facts_of_these_errors_have_a_chinese() -> None:
    assert lacking(one for one in facts(PAGES) if re.search("[a-z] [a-z]", one.template) and not one.template.startswith("--")) == []


def test_what_long_work_says_has_a_chinese_sentence() -> None:
    assert lacking(one for one in told(PAGES, ["say", "step"], at=0) if not one.place.startswith("yuhu.core.codebook_")) == []


def test_nothing_stands_here_that_is_never_said() -> None:
    known = literals(one for one in modules().values() if not one.name.startswith(("yuhu.core.chinese", "yuhu.app.fixes")))
    every = modules().values()
    known |= {
        one.template for one in chain(errors(list(every)), told(list(every), ["say", "Finding", "truncated", "append", "reject"], at=0))
    }
    known |= {one.template for one in told(list(every), ["say", "reject"], at=1)}
    known |= {one.template for one in chain(told(LINTER, ["Finding"], at=2), returned(list(every)), facts(list(every)))}
    assert sorted(set(EVERY) - known - FROM_PARTS) == []
    assert sorted(set(chinese.NAMES) - known) == []
    assert sorted(set(OF_SENTENCE) - set(EVERY)) == []


FROM_PARTS = {
    "No such file or directory",
    "Permission denied",
    "a mapping from a series to a list of its works, in their order",
    "a mapping from a work to a list of its videos",
    "its name, {0}",
    "its name ends in {0}, {1}",
    "time from {0}, title from {1}, heat from {2}, rank from {3}",
}
"""What the system says, and sentences that are put together from parts which stand apart in the source."""


@pytest.mark.parametrize("english", EVERY)
def test_both_languages_have_the_same_places(english: str) -> None:
    zh = EVERY[english]
    assert sorted(re.findall(r"\{\d\}", zh)) == sorted(re.findall(r"\{\d\}", english))
    assert zh.strip()
    assert "。" not in zh


def test_no_sentence_stands_in_two_dictionaries() -> None:
    assert len(EVERY) == sum(len(part) for part in chinese.PARTS)


def test_what_was_added_is_told_in_chinese(tmp_path: Path) -> None:
    study = init(tmp_path / "study")
    (tmp_path / "files").mkdir()
    files = [one.path for one in every_source(tmp_path / "files")]
    add(study, files, skip_broken=True)
    sources = open_study(study.path).manifest.sources
    told_of = {line for one in sources for line in (*one.truncation, *one.notes)}
    assert len(told_of) > 10
    assert {line for line in told_of if in_chinese(line) is None} == set()
    lines = {line for one in sources for line in one.first_rejects}
    assert {line for line in lines if rejected(line, "zh") == line} == set()


def test_names_in_a_sentence_stay_as_they_are_and_phrases_do_not() -> None:
    assert in_chinese("`own.csv` is a PNG image") == "`own.csv` 是PNG 图片"
    assert in_chinese("`a} {0}.csv` is empty") == "`a} {0}.csv` 是空的"
    assert in_chinese("column `video` is missing") == "缺少列 `video`", "in backquotes stands a name"
    assert in_chinese("there is no such table") == "没有这个表"
    assert in_chinese("something nobody says") is None
    assert in_language("something nobody says", "zh") == "something nobody says"
    assert in_language("stopped", "en") == "stopped"


def test_of_several_sentences_the_one_with_most_of_its_own_counts() -> None:
    templates = Templates(["{0} cannot be read", "codebook `{0}` cannot be read"])
    assert templates.of("codebook `a` cannot be read") == ("codebook `{0}` cannot be read", ("a",))
    assert templates.of("b\nc cannot be read") == ("{0} cannot be read", ("b\nc",))
    assert templates.of(" cannot be read") is None
    assert fill("{1} of {0}", ("{1}", "b")) == "b of {1}"


def test_a_reject_has_a_place_and_a_reason() -> None:
    assert rejected("line 3: no text", "zh") == "第 3 行：没有文字"
    assert rejected("sheet a: b, row 2: no text", "zh") == "sheet a: b, row 2：没有文字"
    assert rejected("line 3: no text", "en") == "line 3: no text"
    assert rejected("line 3: nobody knows", "zh") == "line 3: nobody knows"


def test_an_error_is_shown_in_both_languages_and_its_command_is_kept() -> None:
    error = YuhuError("YH102", "column `content` is missing", facts={"file": "own.csv", "found": "text, time"}, fix="--map COLUMN=text")
    shown = shown_error(error.as_dict())
    assert shown["fix"] == "--map COLUMN=text"
    assert shown["shown"]["zh"] == {
        "problem": "缺少列 `content`",
        "facts": [["文件", "own.csv"], ["实际", "text, time"]],
        "fix": OF_CODE["YH102"][1],
    }
    assert shown["shown"]["en"]["problem"] == "column `content` is missing"
    assert fix("YH207", "there are no units to draw") == OF_SENTENCE["there are no units to draw"]
    assert fix("YH207", "the study has no responses to code") == OF_CODE["YH207"]

"""The desk in a terminal: keys, screens, both languages, hostile texts, resuming after quit and Ctrl-C."""

import datetime as dt
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from typer.testing import CliRunner

import yuhu
from yuhu.cli.app import app, invoke
from yuhu.cli.desk_view import page
from yuhu.cli.desk_words import WORDS
from yuhu.cli.keys import TerminalKeys
from yuhu.cli.wrapping import wrapped
from yuhu.coding.answering import PAGE, Answering
from yuhu.coding.desk import Desk
from yuhu.coding.pace import seconds_a_unit
from yuhu.coding.questions import ABSTAIN, NOTHING, questions
from yuhu.coding.sitting import HOSTILE_AT_ONCE, DeskSitting
from yuhu.core.codebook import built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.study.codings import read_codings
from yuhu.study.store import open_study
from yuhu.texts.hostile import revealed
from yuhu.verbs.coders import add_coder
from yuhu.verbs.sample import sample

CODES = ("kind", "affective_empathy", "object_of_feeling", "action", "hostility")
HOSTILE = "[red]boo[/red] \x9b31mx\u202egnp.exe\u2028" + "e" + "\u0301" * 40
BOOK = built_in_codebook()
START = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)


class Clock:
    """A clock that a test moves."""

    def __init__(self):
        self.at = START

    def __call__(self):
        return self.at

    def pass_(self, **span):
        self.at += dt.timedelta(**span)


def made(folder, texts=("她想回家", "signed", HOSTILE), *, size=12, codes=CODES, n=24):
    """A study with a coder and a sample."""
    table = folder / "own.csv"
    quoted = [text.replace('"', '""') for text in texts]
    rows = [f'{at},"{quoted[at % len(quoted)]} {at}",2023-09-01 12:00:{at % 60:02d},p{at % 7},{at}' for at in range(n)]
    table.write_text("id,text,time,who,second\n" + "\n".join(rows), "utf-8")
    study = yuhu.init(folder / "escape")
    mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author", "second": "at_s"}
    yuhu.add(study, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video="1", kind="danmaku")
    study = open_study(study.path)
    add_coder(study, "anna", reads=["zh", "en", "und"])
    sample(study, size=size, codes=codes, coders=("anna",))
    return study


@pytest.fixture
def study(tmp_path):
    return made(tmp_path)


@pytest.fixture
def asked():
    return questions(BOOK, CODES)


def press(answering, keys):
    for key in keys:
        answering.abstain() if key == "?" else answering.enter() if key == "\n" else answering.choose(key)


# one unit


def test_keys_are_the_values_where_they_are_digits_and_zero_is_not_there(asked):
    answering = Answering(asked, {})
    assert [(one.key, one.id) for one in answering.prompt().choices][:2] == [("1", "expressing"), ("2", "joke")]
    press(answering, "1")
    assert [(one.key, one.id) for one in answering.prompt().choices] == [("0", "0"), ("1", "1"), ("2", "2")]
    information = Answering(questions(BOOK, ["information"]), {})
    assert [(one.key, one.id) for one in information.prompt().choices] == [("0", "none"), ("1", "ask"), ("2", "know"), ("3", "correct")]


def test_no_key_of_a_choice_is_a_command():
    commands = set("?denbusaqh> \n")
    for code in BOOK.of_modules({str(module["id"]) for module in BOOK.modules}):
        answering = Answering(questions(BOOK, [code.id])[-1:], {})
        keys = [one.key for one in answering.prompt().choices]
        assert len(set(keys)) == len(keys) > 0
        assert not commands & set(keys)


def test_attributes_follow_their_code_and_gates_open(asked):
    answering = Answering(asked, {})
    seen = []
    for key in "121?1":
        seen.append(answering.prompt().id)
        press(answering, key)
    assert seen == ["kind", "affective_empathy", "affective_empathy.valence", "cognitive_empathy", "empathic_concern"]
    assert answering.prompt().id == "object_of_feeling"
    press(answering, "1\n0")
    assert answering.is_complete
    assert answering.answers == {
        "kind": "expressing", "affective_empathy": "2", "affective_empathy.valence": "pain", "cognitive_empathy": ABSTAIN,
        "empathic_concern": "1", "object_of_feeling": "one_character", "action": NOTHING, "hostility": "0",
    }  # fmt: skip


def test_cells_are_chosen_taken_back_and_left_undecided():
    answering = Answering(questions(BOOK, ["action"]), {})
    press(answering, "1")
    assert (answering.prompt().kind, answering.prompt().id) == ("cell", "action.visit")
    press(answering, "1")
    press(answering, "53")
    assert {one.id: one.value["en"] for one in answering.prompt().choices if one.value} == {
        "action.visit": "intends",
        "action.sign": "calls",
    }
    press(answering, "12?")
    press(answering, "\n")
    assert answering.answers == {"action.sign": "calls", "action.learn": ABSTAIN}
    whole = Answering(questions(BOOK, ["action"]), {})
    press(whole, "?")
    assert whole.answers == {"action": ABSTAIN}


def test_back_shows_the_answer_and_enter_keeps_it(asked):
    answering = Answering(asked, {})
    assert not answering.back()
    press(answering, "12")
    assert answering.back()
    assert (answering.prompt().id, answering.prompt().answer) == ("affective_empathy", "2")
    assert answering.enter()
    assert answering.prompt().id == "affective_empathy.valence"
    assert not answering.enter()


def test_an_answer_that_closes_a_gate_takes_the_others_along(asked):
    answering = Answering(asked, {})
    press(answering, "121")
    for _ in range(3):
        answering.back()
    press(answering, "2")
    assert answering.answers == {"kind": "joke"}
    assert answering.steps() == ["kind", "action", "hostility"]


def test_codes_in_conflict_are_refused_and_nothing_changes(asked):
    clash = [replace(one, conflicts=("affective_empathy",)) if one.code == "empathic_concern" else one for one in asked]
    answering = Answering(clash, {})
    press(answering, "1210")
    with pytest.raises(YuhuError, match="may not stand together"):
        answering.choose("1")
    assert answering.prompt().id == "empathic_concern"
    assert "empathic_concern" not in answering.answers


def test_many_choices_come_in_pages():
    question = questions(BOOK, ["kind"])[0]
    many = [(f"v{at}", {"en": str(at), "zh": str(at)}) for at in range(30)]
    values = tuple(value for value, _ in many)
    long = replace(question, values=many, variables=[replace(question.variables[0], values=values)])
    answering = Answering([long], {})
    seen = []
    for _ in range(answering.prompt().pages):
        shown = answering.prompt().choices
        assert len({one.key for one in shown}) == len(shown) <= PAGE
        seen += [one.id for one in shown]
        answering.turn()
    assert seen == list(values)
    answering.turn()
    press(answering, "1")
    assert answering.answers == {"kind": f"v{PAGE}"}


# a sitting


def test_each_answer_is_kept_at_once(study):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    for key in "12":
        sitting.press(key)
    again = DeskSitting(Desk(study, "anna"), Clock())
    assert again.unit == sitting.unit
    assert again.prompt.id == "affective_empathy.valence"
    assert read_codings(study.path).height == 0, "a draft is no coding"
    assert again.standing().progress.done == 0


def test_undo_goes_to_the_last_question_of_the_last_unit(study):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    first = sitting.unit
    sitting.press("u")
    assert sitting.message.word == "nothing_to_undo"
    for key in "2\n1":
        sitting.press(key)
    assert sitting.prompt.id == "hostility.target"
    for key in "71":
        sitting.press(key)
    assert sitting.unit != first
    sitting.press("1")
    sitting.press("u")
    assert (sitting.unit, sitting.prompt.id) == (first, "hostility.form")
    assert read_codings(study.path).height == 0
    again = DeskSitting(Desk(study, "anna"), Clock())
    assert (again.unit, again.prompt.id) == (first, "hostility.form"), "also after a crash"
    again.press("2")
    assert again.prompt.id == "affective_empathy", "the unit that was in progress goes on where it was"
    assert read_codings(study.path).filter(code="hostility.form")["value"].to_list() == ["dehumanising"]


def test_skip_abstain_and_note(study):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    first = sitting.unit
    sitting.press("s")
    assert sitting.unit != first
    sitting.write("cut off\x1b[2J")
    sitting.press("a")
    codings = read_codings(study.path)
    assert set(codings["status"]) == {"abstained"}
    assert set(codings["note"]) == {"cut off[2J"}
    assert sitting.standing().progress.done == 1


def test_a_note_alone_is_kept(study):
    DeskSitting(Desk(study, "anna"), Clock()).write("what is this?")
    assert DeskSitting(Desk(study, "anna"), Clock()).note == "what is this?"


def test_pauses_are_suggested_and_taken(study):
    clock = Clock()
    sitting = DeskSitting(Desk(study, "anna"), clock)
    for _ in range(25):
        clock.pass_(minutes=2)
        sitting.press("h")
    assert sitting.is_tired
    assert WORDS["tired"]["en"] in screen(sitting, "en")
    clock.pass_(minutes=6)
    sitting.press("h")
    assert not sitting.is_tired


def test_hostile_messages_are_counted_by_the_coder_alone(tmp_path):
    study = made(tmp_path, size=HOSTILE_AT_ONCE + 3, codes=("hostility",), n=30)
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    for _ in range(HOSTILE_AT_ONCE - 1):
        for key in "171":
            sitting.press(key)
    sitting.press("0")
    assert not sitting.is_harsh
    for key in "171":
        sitting.press(key)
    assert sitting.is_harsh
    assert f"{HOSTILE_AT_ONCE} hostile messages" in screen(sitting, "en")


def test_pace_leaves_pauses_out():
    times = [f"2026-05-04T10:00:{second:02d}.000Z" for second in (0, 10, 20, 30, 42)]
    assert seconds_a_unit(times) is None
    assert seconds_a_unit([*times, "2026-05-04T10:00:52.000Z", "2026-05-04T11:30:00.000Z"]) == 10


def test_what_is_not_stored_stays_open(study, monkeypatch):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    for key in "2\n":
        sitting.press(key)

    def full(*_, **__):
        raise YuhuError("YH209", "codings.sqlite cannot be written")

    monkeypatch.setattr(sitting.desk, "save", full)
    sitting.press("0")
    assert sitting.prompt.id == "hostility"
    assert "[YH209]" in screen(sitting, "en")


# screens


def screen(sitting, lang, width=80, height=24, turn=0):
    return "\n".join(line.text for line in page(sitting, lang, width, height, turn).lines)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_screen_fits(tmp_path, lang):
    long = "这是一条很长的评论，带着 English words 和😭。" * 40
    study = made(tmp_path, texts=(long,), codes=())
    book = study.codebook()
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    seen = set()
    while sitting.unit is not None and sitting.standing().progress.done < 2:
        prompt = sitting.prompt
        for overlay in ("", "d", "e", "h"):
            if overlay:
                sitting.press(overlay)
            pages = page(sitting, lang, 80, 24).pages
            for turn in range(pages):
                lines = page(sitting, lang, 80, 24, turn).lines
                assert len(lines) <= 24, (prompt.id, overlay)
                assert max(cell_len(line.text) for line in lines) <= 80
            if overlay:
                sitting.press(" ")
        seen.add(prompt.question.code)
        sitting.press(
            "\n" if prompt.kind == "cells" and prompt.question.code in seen else prompt.choices[min(1, len(prompt.choices) - 1)].key
        )
    assert len(seen) >= 3
    assert book.code("kind").label[lang] not in screen(sitting, lang).splitlines()[0]


def test_a_long_text_is_read_to_its_end(tmp_path):
    study = made(tmp_path, texts=("很长的评论。" * 200 + "末尾",), n=3, size=1)
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    pages = page(sitting, "zh", 80, 24).pages
    assert pages > 1
    shown = [screen(sitting, "zh", turn=turn) for turn in range(pages)]
    assert "末尾" not in shown[0]
    assert "末尾" in shown[-1]


def test_a_sheet_tells_nothing_about_others(study):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    task = sitting.desk.next().task
    for lang in ("zh", "en"):
        shown = screen(sitting, lang)
        assert task.unit_id not in shown
        assert task.sample not in shown


def test_hostile_texts_are_shown_and_do_nothing(study):
    sitting = DeskSitting(Desk(study, "anna"), Clock())
    while "boo" not in sitting.unit.text:
        sitting.press("s")
    shown = screen(sitting, "en")
    assert "[red]boo[/red] <U+009B>31mx<U+202E>gnp.exe" in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert "e" + "\u0301" * 5 not in shown


@given(st.text(max_size=300))
def test_no_text_reaches_a_terminal_with_controls(text):
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ud800-\udfff]", revealed(text))


def test_plain_texts_are_left_alone():
    for text in ("她说想回家，我真的哭到不行 😭", "👨‍👩‍👧 ❤️ it's fine", "ทำไม", "می‌خواهم"):
        assert revealed(text) == text


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=200), st.integers(8, 60))
def test_lines_have_their_width_and_lose_nothing(text, width):
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_lines_break_between_han_characters_but_not_before_a_comma():
    assert wrapped("她说想回家，我哭了", 10) == ["她说想回", "家，我哭了"]
    assert wrapped("- one two three", 9) == ["- one two", "  three"]
    assert wrapped("记 affective_empathy 好", 20) == ["记 affective_empathy", "好"]


def test_both_languages_have_every_word_with_the_same_facts():
    for name, texts in WORDS.items():
        assert set(texts) == {"zh", "en"}, name
        assert set(re.findall(r"\{(\w+)\}", texts["zh"])) == set(re.findall(r"\{(\w+)\}", texts["en"])), name


# the command


def type_(study, lines, *options):
    return CliRunner().invoke(app, ["desk", str(study.path), "--coder", "anna", *options], input=lines)


def test_a_pipe_codes_a_unit_and_goes_on(study):
    first = type_(study, "1\n2\n")
    assert first.exit_code == 0
    assert "kept: 0 of 12 done" in first.stdout
    second = type_(study, "1\n?\nn not sure\n0\n1\n\n0\nq\n")
    assert "affective empathy: valence" in second.stdout
    assert "kept: 1 of 12 done" in second.stdout
    found = {row["code"]: row["value"] for row in read_codings(study.path).filter(status="coded").iter_rows(named=True)}
    assert found["affective_empathy.valence"] == "pain"
    assert found["object_of_feeling"] == "one_character"
    assert set(read_codings(study.path)["note"]) == {"not sure"}


def test_values_may_be_written_out(study):
    assert "2. action" in type_(study, "joke\n").stdout


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("信息类型", "已完成", "无法判断")), ("en", ("kind of message", "done", "cannot decide"))]
)
def test_the_desk_speaks_both_languages(study, lang, words):
    out = type_(study, "h\nd\ne\nq\n", "--lang", lang).stdout
    assert all(one in out for one in words)
    other = {"zh": "definition: ", "en": "定义"}[lang]
    assert other not in out


def test_examples_in_the_units_language_come_first(study):
    out = type_(study, "e\nq\n", "--lang", "en").stdout
    assert "examples" in out
    assert "near misses" in out


def test_to_the_end(tmp_path):
    study = made(tmp_path, size=2, codes=("hostility",))
    out = type_(study, "0\n0\nthis line is never read\n").stdout
    assert "all units are done" in out
    assert "all units are done" in type_(study, "").stdout


def test_mistakes_on_the_command_line(study, capsys):
    for options, code in (
        ([], "YH901"),
        (["--coder", "zoe"], "YH505"),
        (["--coder", "anna", "--lang", "fr"], "YH601"),
        (["--coder", "anna", "--code", "anger"], "YH901"),
        (["--coder", "anna", "--train", "--sample", "main-1"], "YH901"),
        (["--coder", "anna", "--sample", "nope"], "YH503"),
    ):
        assert invoke(["desk", str(study.path), *options]) == 1
        assert f"[{code}]" in capsys.readouterr().err


class Terminal:
    """A program on a terminal of 80 columns and 24 lines."""

    def __init__(self, arguments):
        self.master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(slave)
        script = "import fcntl, sys, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\nfrom yuhu.cli.app import main\nmain(sys.argv[1:])"
        environment = {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"}
        environment.pop("COLUMNS", None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=environment,
        )  # fmt: skip
        self.slave = slave

    def until(self, text):
        """What is written up to a text."""
        seen = b""
        while text.encode() not in seen:
            ready, _, _ = select.select([self.master], [], [], 120)
            assert ready, f"{text!r} never came: {seen[-2000:]!r}"
            seen += os.read(self.master, 65536)
        return seen.decode("utf-8", "replace")

    def type(self, keys):
        os.write(self.master, keys.encode())

    def close(self):
        code = self.process.wait(120)
        after = termios.tcgetattr(self.slave)
        os.close(self.slave)
        os.close(self.master)
        return code, after


def test_single_keys_on_a_terminal_and_ctrl_c(study):
    arguments = ["desk", str(study.path), "--coder", "anna", "--lang", "en"]
    first = Terminal(arguments)
    first.until("1. kind of message")
    first.type("1")
    first.until("2. affective empathy")
    first.type("\x1b[A２")  # an arrow does nothing; a full-width digit is a digit
    first.until("3. affective empathy: valence")
    first.type("\x03")
    first.until("kept: 0 of 12 done")
    code, after = first.close()
    assert code == 0
    assert after == first.before, "the terminal is as it was"
    second = Terminal(arguments)
    second.until("3. affective empathy: valence")
    second.type("n")
    second.until("note (empty: none): ")
    second.type("嗯\n")
    second.until("note: 嗯")
    second.type("q")
    second.until("kept: 0 of 12 done")
    assert second.close()[0] == 0


def test_keys_are_read_one_by_one():
    master, slave = os.openpty()
    with TerminalKeys(slave) as keys:
        os.write(master, "1？Ａ".encode())
        assert [keys.read() for _ in range(3)] == ["1", "?", "a"]
        os.write(master, b"\x1b[B\x1b[15~\x1bOP2")
        assert [keys.read() for _ in range(4)] == ["", "", "", "2"]
        os.write(master, b"\r\x7f\x04")
        assert [keys.read() for _ in range(3)] == ["\n", "b", None]
    os.close(master)
    os.close(slave)

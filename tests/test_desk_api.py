"""The desk for programs: requests, refusals, blindness, prefetching, threads, changes under way."""

import json
import subprocess
import sys
import threading

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import yuhu
from yuhu.coding.desk import Desk
from yuhu.coding.desk_api import DeskApi
from yuhu.coding.questions import NOTHING
from yuhu.core.errors import YuhuError
from yuhu.study.coding_file import connected
from yuhu.study.codings import read_codings
from yuhu.study.store import CODEBOOK, open_study
from yuhu.verbs.coders import add_coder
from yuhu.verbs.forget import forget
from yuhu.verbs.sample import sample

CODES = ("kind", "affective_empathy", "action")
JOKE = {"kind": "joke", "action": NOTHING}
MOVED = {"kind": "expressing", "affective_empathy": "2", "affective_empathy.valence": "pain", "action": NOTHING}


def sampled(tmp_path, texts, repeats=0.0):
    """A study of comments with these texts; ten of them are drawn for two coders."""
    table = tmp_path / "own.csv"
    table.write_text("id,text,time\n" + "\n".join(f"{at},{text},2023-09-01 12:00:{at:02d}" for at, text in enumerate(texts)), "utf-8")
    made = yuhu.init(tmp_path / "s")
    mapping = {"id": "id", "text": "text", "time": "sent_at"}
    yuhu.add(made, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video="1", kind="comment")
    study = open_study(made.path)
    for name in ("anna", "bo"):
        add_coder(study, name)
    sample(study, size=10, codes=CODES, coders=("anna", "bo"), overlap=1.0, repeats=repeats)
    return study


@pytest.fixture
def study(tmp_path):
    return sampled(tmp_path, [f"她想回家 {at}" for at in range(40)], repeats=0.2)


@pytest.fixture
def api(study):
    return DeskApi(study, "zh")


def ask(api, do, coder="anna", **more):
    reply = api.handle({"do": do, "coder": coder, **more})
    assert reply["ok"], reply
    json.dumps(reply)
    return reply


def refused(api, request):
    reply = api.handle(request)
    assert set(reply) == {"ok", "error"}
    assert reply["ok"] is False
    assert set(reply["error"]) == {"code", "problem", "facts", "fix"}
    return reply["error"]


def test_the_way_through(api):
    reply = ask(api, "next")
    sheet = reply["sheet"]
    assert reply["progress"] == {"done": 0, "total": 12, "waiting": 2}
    asked = ask(api, "questions")["questions"]
    assert [one["code"] for one in asked[sheet["questions"]]] == list(CODES)
    assert asked[sheet["questions"]][0]["label"] == "信息类型"
    ask(api, "save", key=sheet["key"], answers={"kind": "expressing"}, partial=True, note="?")
    kept = ask(api, "next")["sheet"]
    assert (kept["key"], kept["answers"], kept["note"]) == (sheet["key"], {"kind": "expressing"}, "?")
    done = ask(api, "save", key=sheet["key"], answers=MOVED, evidence={"affective_empathy": [0, 4]})
    assert done["progress"]["done"] == 1
    assert ask(api, "sheet", key=sheet["key"])["sheet"]["answers"] == MOVED
    second = ask(api, "next")["sheet"]
    assert ask(api, "skip", key=second["key"])["progress"]["done"] == 1
    third = ask(api, "next")["sheet"]
    assert third["key"] not in (sheet["key"], second["key"])
    ask(api, "abstain", key=third["key"], note="Thai")
    undone = ask(api, "undo")
    assert undone["sheet"]["key"] == third["key"]
    assert undone["progress"]["done"] == 1


def test_nothing_left(api):
    while (sheet := ask(api, "next")["sheet"]) is not None:
        ask(api, "save", key=sheet["key"], answers=JOKE)
    assert ask(api, "progress")["progress"] == {"done": 10, "total": 12, "waiting": 2}
    for _ in range(10):
        assert ask(api, "undo")["sheet"] is not None
    assert ask(api, "undo")["sheet"] is None


def test_the_next_units_are_there_before_the_key_is_up(api):
    first = ask(api, "next", ahead=2)
    assert len(first["ahead"]) == 2
    then = ask(api, "next", after=first["sheet"]["key"], ahead=2)
    assert [then["sheet"], then["ahead"][0]] == first["ahead"]
    both = [first["sheet"]["key"], then["sheet"]["key"]]
    assert ask(api, "next", after=both)["sheet"] == first["ahead"][1]
    ask(api, "save", key=first["sheet"]["key"], answers=JOKE)
    assert ask(api, "next")["sheet"] == then["sheet"]
    keys = [ask(api, "next", ahead=20)["sheet"]["key"], *(one["key"] for one in ask(api, "next", ahead=20)["ahead"])]
    assert len(keys) == len(set(keys)) == 9, "repeats wait"


def test_two_coders_never_see_each_others_answers(api):
    for step in range(6):
        anna, bo = (ask(api, "next", name)["sheet"] for name in ("anna", "bo"))
        assert anna["answers"] == bo["answers"] == {}
        ask(api, "save", "anna", key=anna["key"], answers=MOVED, note="anna's", partial=step == 5)
        assert ask(api, "next", "bo")["sheet"] == bo
        assert refused(api, {"do": "sheet", "coder": "bo", "key": anna["key"]})["code"] == "YH505"
        ask(api, "save", "bo", key=bo["key"], answers=JOKE)
    seen = [ask(api, "sheet", "bo", key=one)["sheet"] for one in _keys(api, "bo")]
    assert not any("anna" in json.dumps(one, ensure_ascii=False) or one["answers"].get("affective_empathy") for one in seen)
    ask(api, "undo", "bo")
    assert ask(api, "progress", "anna")["progress"]["done"] == 5


def _keys(api, coder):
    return list(api._seats[coder].desk._by_token)


def test_a_sheet_does_not_say_which_unit_it_is(study, api):
    sheet = ask(api, "next")["sheet"]
    assert set(sheet) == {
        "key",
        "text",
        "lang",
        "kind",
        "at_ms",
        "video",
        "parent",
        "lines",
        "answers",
        "note",
        "evidence",
        "same",
        "shows_video",
        "questions",
    }
    desk = Desk(study, "anna")
    text = json.dumps(sheet)
    assert not any(one in text for task in desk._tasks for one in (task.unit_id, task.sample))
    again = [task for task in desk._tasks if task.occasion == 1]
    once = [task for task in desk._tasks if task.unit_id == again[0].unit_id]
    assert len({task.token("anna") for task in once}) == 2
    assert again[0].token("anna") != again[0].token("bo")


@pytest.mark.parametrize(
    ("request_", "code", "what"),
    [
        (None, "YH507", "an object"),
        ([], "YH507", "an object"),
        ({}, "YH507", "what is to be done"),
        ({"do": "drop"}, "YH507", "what is to be done"),
        ({"do": ["next"], "coder": "anna"}, "YH507", "what is to be done"),
        ({"do": "next"}, "YH507", "needs `coder`"),
        ({"do": "next", "coder": 7}, "YH507", "another kind"),
        ({"do": "next", "coder": "zoe"}, "YH505", "no coder is called"),
        ({"do": "next", "coder": "anna", "limit": 2}, "YH507", "no such key"),
        ({"do": "next", "coder": "anna", "ahead": -1}, "YH507", "another kind"),
        ({"do": "next", "coder": "anna", "ahead": 21}, "YH507", "another kind"),
        ({"do": "next", "coder": "anna", "ahead": True}, "YH507", "another kind"),
        ({"do": "next", "coder": "anna", "after": "x"}, "YH505", "no task"),
        ({"do": "next", "coder": "anna", "after": ["x"]}, "YH505", "no task"),
        ({"do": "next", "coder": "anna", "after": [7]}, "YH507", "another kind"),
        ({"do": "next", "coder": "anna", "after": ["x"] * 501}, "YH507", "another kind"),
        ({"do": "save", "coder": "anna", "key": "x"}, "YH507", "needs `answers`"),
        ({"do": "save", "coder": "anna", "key": "x", "answers": {}}, "YH505", "no task"),
        ({"do": "progress", "coder": "anna", "key": "x"}, "YH507", "no such key"),
    ],
)
def test_requests_that_are_refused(api, request_, code, what):
    error = refused(api, request_)
    assert error["code"] == code
    assert what in error["problem"]
    assert error["fix"]


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"answers": {"kind": "mood"}}, "cannot have this value"),
        ({"answers": {"kind": 1}}, "another kind"),
        ({"answers": ["joke"]}, "another kind"),
        ({"answers": {"kind": "joke"}}, "not answered"),
        ({"answers": {**JOKE, "action.visit": "intends"}}, "as a whole and cell by cell"),
        ({"answers": JOKE, "evidence": {"kind": [0]}}, "another kind"),
        ({"answers": JOKE, "evidence": {"kind": [0, True]}}, "another kind"),
        ({"answers": JOKE, "evidence": {"kind": [0, 999]}}, "outside the text"),
        ({"answers": JOKE, "evidence": {"mood": [0, 1]}}, "was not asked"),
        ({"answers": JOKE, "note": "x" * 5000}, "too long"),
        ({"answers": JOKE, "partial": "yes"}, "another kind"),
    ],
)
def test_answers_that_are_refused_change_nothing(study, api, more, what):
    key = ask(api, "next")["sheet"]["key"]
    assert what in refused(api, {"do": "save", "coder": "anna", "key": key, **more})["problem"]
    assert read_codings(study.path).height == 0
    assert ask(api, "next")["sheet"]["answers"] == {}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)


@settings(max_examples=200)
@given(
    request_=_JSON
    | st.dictionaries(
        st.sampled_from(["do", "coder", "key", "answers", "note", "evidence", "partial", "after", "ahead", "x"]),
        _JSON | st.sampled_from(["next", "save", "undo", "anna", "zoe"]),
        max_size=6,
    )
)
def test_whatever_comes_there_is_a_reply(api, request_):
    reply = api.handle(request_)
    assert reply["ok"] in (True, False)
    if not reply["ok"]:
        assert reply["error"]["code"] in {"YH505", "YH507"}


def test_what_should_not_happen_is_an_error_too(api, monkeypatch):
    def broken(*_):
        raise ValueError("boom")

    ask(api, "next")
    monkeypatch.setattr(Desk, "progress", broken)
    error = refused(api, {"do": "progress", "coder": "anna"})
    assert error["code"] == "YH903"
    assert "boom" in error["facts"]["what"]


def test_a_language_that_is_not_known(study):
    with pytest.raises(YuhuError, match="not known") as caught:
        DeskApi(study, "fr")
    assert caught.value.code == "YH601"


def test_new_tasks_and_a_new_codebook_are_seen(study, api):
    sheet = ask(api, "next")["sheet"]
    sample(study, size=5, name="more", codes=CODES, coders=("anna",))
    assert ask(api, "progress")["progress"]["total"] == 17
    path = study.path / CODEBOOK
    document = yaml.safe_load(path.read_text("utf-8"))
    next(code for code in document["codes"] if code["id"] == "kind")["label"]["zh"] = "类别"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    changed = ask(api, "next")["sheet"]
    assert changed["questions"] != sheet["questions"]
    assert ask(api, "questions")["questions"][changed["questions"]][0]["label"] == "类别"


def test_a_forgotten_message_cannot_be_coded_again(study, api):
    desk = Desk(study, "anna")
    task = desk.next().task
    key = ask(api, "next")["sheet"]["key"]
    assert key == task.token("anna")
    desk.save(task.unit_id, {"kind": "joke"}, note="she said", is_partial=True)
    forget(study, [task.unit_id])
    assert refused(api, {"do": "save", "coder": "anna", "key": key, "answers": JOKE})["code"] == "YH505"
    for attempt in (lambda: desk.save(task.unit_id, JOKE), lambda: desk.abstain(task.unit_id)):
        with pytest.raises(YuhuError, match="taken out of the study"):
            attempt()
    assert task.unit_id.encode() not in (study.path / "codings.sqlite").read_bytes()
    assert b"she said" not in (study.path / "codings.sqlite").read_bytes()


def test_threads_lose_nothing(study):
    names = [f"c{at}" for at in range(4)]
    for name in names:
        add_coder(study, name)
    sample(study, size=15, name="shared", codes=CODES, coders=names, overlap=1.0)
    api = DeskApi(study, "en")
    failed = []

    def work(name):
        while (reply := api.handle({"do": "next", "coder": name}))["ok"] and reply["sheet"] is not None:
            saved = api.handle({"do": "save", "coder": name, "key": reply["sheet"]["key"], "answers": JOKE})
            if not saved["ok"]:
                failed.append(saved)
                return

    workers = [threading.Thread(target=work, args=(name,)) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert failed == []
    coded = read_codings(study.path).group_by("coder").len()
    flat = sum(len(one.variables) + len(one.attributes) for one in Desk(study, "c0").questions["shared"])
    assert dict(coded.iter_rows()) == dict.fromkeys(names, 15 * flat)


def serve(study, lines, *options):
    script = "import sys; from yuhu.cli.app import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", script, "desk", str(study.path), "--json", *options], input=lines, capture_output=True, check=True
    )
    assert done.stderr == b""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_json_lines(study):
    requests = [
        {"do": "next", "coder": "anna"},
        {"do": "nope"},
        {"do": "progress", "coder": "\ud800"},
    ]
    lines = b"\n".join(json.dumps(one).encode() for one in requests) + b"\n\nno json\n\xff\xfe\n" + b"[" * 100_000 + b"\n"
    replies = serve(study, lines)
    assert [one["ok"] for one in replies] == [True, False, False, False, False, False]
    assert replies[0]["sheet"]["text"].startswith("她想回家")
    assert [one["error"]["code"] for one in replies[1:]] == ["YH507"] * 5
    (reply,) = serve(study, b'{"do": "questions"}', "--coder", "bo", "--lang", "zh")
    assert next(iter(reply["questions"].values()))[0]["label"] == "信息类型"


def test_a_request_that_is_sent_again_is_carried_out_once(study):
    sheet = ask(DeskApi(study), "next")["sheet"]
    request = {"key": sheet["key"], "answers": JOKE, "id": "request-1"}
    first = ask(DeskApi(study), "save", **request)
    rows = read_codings(study.path).height
    again = ask(DeskApi(study), "save", **request)
    assert again == {**first, "repeated": True}
    assert _rows(study) == rows
    second = ask(DeskApi(study), "next")["sheet"]
    assert second["key"] != sheet["key"]
    for repeated in (False, True):
        assert ask(DeskApi(study), "abstain", key=second["key"], id="request-2").get("repeated", False) is repeated
    for _ in range(2):
        undone = ask(DeskApi(study), "undo", key=sheet["key"], id="request-3")
        assert (undone["sheet"]["key"], undone["sheet"]["answers"], undone["progress"]["done"]) == (sheet["key"], JOKE, 1)
    assert _rows(study) == 3 * rows


def _rows(study):
    with connected(study.path) as connection:
        return connection.execute("select count(*) from codings").fetchone()[0]


def test_a_request_that_was_refused_may_come_again_mended(api):
    key = ask(api, "next")["sheet"]["key"]
    assert refused(api, {"do": "save", "coder": "anna", "key": key, "answers": {"kind": "joke"}, "id": "request-1"})["code"] == "YH503"
    assert "repeated" not in ask(api, "save", key=key, answers=JOKE, id="request-1")


def test_two_windows_of_one_coder_store_a_unit_once(study):
    one, other = DeskApi(study), DeskApi(study)
    key = ask(one, "next")["sheet"]["key"]
    assert ask(other, "next")["sheet"]["key"] == key
    ask(one, "save", key=key, answers=JOKE, id="window-1")
    rows = _rows(study)
    for request in (
        {"do": "save", "answers": MOVED},
        {"do": "save", "answers": {"kind": "joke"}, "partial": True},
        {"do": "abstain"},
    ):
        assert refused(other, {**request, "coder": "anna", "key": key, "id": "window-2"})["code"] == "YH513"
    assert _rows(study) == rows
    assert ask(other, "next")["sheet"]["key"] != key
    assert ask(other, "progress")["progress"]["done"] == 1
    ask(one, "undo", key=key, id="window-1-back")
    assert refused(other, {"do": "undo", "coder": "anna", "key": key, "id": "window-2-back"})["code"] == "YH513"
    assert ask(one, "sheet", key=key)["sheet"]["answers"] == JOKE


def test_evidence_is_kept_with_drafts_and_comes_back_with_undo(api):
    key = ask(api, "next")["sheet"]["key"]
    ask(api, "save", key=key, answers={"kind": "joke"}, evidence={"kind": [0, 2]}, partial=True, id="draft-01")
    assert ask(api, "next")["sheet"]["evidence"] == {"kind": [0, 2]}
    ask(api, "save", key=key, answers=MOVED, evidence={"affective_empathy": [1, 3]}, id="final-01")
    assert ask(api, "undo", id="undo-0001")["sheet"]["evidence"] == {"affective_empathy": [1, 3]}


def test_units_with_the_same_text(tmp_path):
    api = DeskApi(sampled(tmp_path, ["哈哈" if at < 6 else at for at in range(10)]))
    reply = ask(api, "next", ahead=20)
    sheets = {one["key"]: one for one in (reply["sheet"], *reply["ahead"])}
    laughing = [key for key, one in sheets.items() if one["text"] == "哈哈"]
    assert {one["same"] for one in sheets.values()} == {0, 5}
    assert {one["key"] for one in ask(api, "same", key=laughing[0])["sheets"]} == set(laughing[1:])
    for key in laughing[1:3]:
        ask(api, "save", key=key, answers=JOKE, id=f"same-{key}")
    assert ask(api, "sheet", key=laughing[0])["sheet"]["same"] == 3
    assert len(ask(api, "same", "bo", key=ask(api, "next", "bo")["sheet"]["key"])["sheets"]) in (0, 5), (
        "anna's codings change nothing for bo"
    )


def test_a_file_of_the_version_before_is_grown(study):
    with connected(study.path, write=True) as connection:
        connection.execute("alter table drafts drop column evidence")
        connection.execute("drop table requests")
        connection.execute("pragma user_version = 3")
    key = ask(DeskApi(study), "next")["sheet"]["key"]
    ask(DeskApi(study), "save", key=key, answers=JOKE, id="request-1")
    assert _rows(study) > 0

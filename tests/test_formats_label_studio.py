"""Label Studio: tasks and configuration out, answers in, from JSON and JSON-MIN."""

import json
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import ANYTHING, HOW, NOW, counted, exchanges
from yuhu.core.codebook import Facet, Value
from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.exchange import VIDEO_DRAFT, Exchange, Reading, codings_frame, ordered, units_frame
from yuhu.formats.label_studio_frames import frames_of, span_of, utf16_to_points
from yuhu.formats.label_studio_reading import read_tasks
from yuhu.formats.label_studio_writing import write_tasks

BOOK = BookDraft(
    "b",
    codes=(
        CodeDraft("anger", {"en": "anger"}, {"en": "Anger at someone."}, unit="response", level="binary", include=({"en": "contempt"},), values=(Value("0", {"en": "no"}), Value("1", {"en": "yes"}))),
        CodeDraft("stance", unit="response", level="nominal", values=(Value("return", {}), Value("keep", {})), attributes=(Facet("target", {"en": "whom"}, (), "nominal"),)),
        CodeDraft("pace", level="interval", unit=""),
        CodeDraft("warmth", unit="span", level="binary", values=(Value("1", {}),), colour="#1b6ca8"),
    ),
)  # fmt: skip


def read(tasks, **reading):
    return read_tasks(json.dumps(tasks).encode(), Reading(name="ls.json", **reading))


def said(found):
    return found.codings.select("unit_id", "coder", "code", "value", "status").rows()


@given(exchanges(texts=ANYTHING), st.booleans())
def test_codings_come_back_exactly(exchange, timeline):
    written = write_tasks(exchange, replace(HOW, timeline=timeline, context=("kind",)))
    found = {name: read_tasks(content, Reading()) for name, content in written.files.items() if name.endswith(".json")}
    codings = ordered(pl.concat([one.codings for one in found.values()])) if found else exchange.codings.clear()
    assert codings.equals(exchange.codings)
    for one in found.values():
        assert (one.losses, one.rejects, one.notes, one.blank) == ((), (), (), 0)
        assert one.seen == one.codings.height
    if exchange.units.height:
        assert found["codings.tasks.json"].units.select(exchange.units.columns).to_dicts() == exchange.units.to_dicts()


@given(exchanges(texts=ANYTHING))
def test_the_same_gives_the_same_bytes_and_names_of_controls_are_one_each(exchange):
    files = write_tasks(exchange, HOW).files
    assert files == write_tasks(replace(exchange, codings=exchange.codings.reverse()), HOW).files
    for name, content in files.items():
        if name.endswith(".xml"):
            names = [element.get("name") for element in fromstring(content).iter() if element.get("name")]
            assert len(names) == len(set(names))


def test_the_configuration_asks_for_each_decision_with_its_definition():
    units = units_frame([{"unit_id": "u1", "text": "x"}])
    root = fromstring(write_tasks(Exchange(BOOK, units=units), HOW).files["codings.config.xml"])
    controls = {element.get("name"): (element.tag, element.get("toName")) for element in root.iter() if element.get("toName")}
    assert controls == {
        "anger": ("Choices", "text"),
        "stance": ("Choices", "text"),
        "stance.target": ("TextArea", "text"),
        "pace": ("Number", "text"),
    }
    [anger] = [element for element in root if element.get("name") == "anger"]
    assert [(one.get("value"), one.get("alias"), one.get("hint")) for one in anger] == [("0 · no", "0", "no"), ("1 · yes", "1", "yes")]
    assert [one.get("value") for one in root.find("Collapse/Panel")] == ["Anger at someone.", "+ contempt"]


def test_a_timeline_for_each_decision_on_what_is_shown():
    videos = pl.DataFrame([("v", "ep1.mp4", None, 30.0)], schema=VIDEO_DRAFT, orient="row")
    rows = [
        {
            "unit_kind": "span",
            "video_id": "v",
            "start_ms": 1000,
            "end_ms": 2001,
            "code": "warmth",
            "value": "1",
            "status": "coded",
            "coder": "wang",
            "coder_kind": "human",
        }
    ]
    files = write_tasks(Exchange(BOOK, codings_frame(rows), videos=videos), replace(HOW, timeline=True)).files
    root = fromstring(files["codings.spans.xml"])
    assert [(one.tag, one.get("name")) for one in root if one.get("toName") == "video"] == [
        ("TimelineLabels", "pace"), ("TimelineLabels", "warmth"),
    ]  # fmt: skip
    [task] = json.loads(files["codings.spans.json"])
    assert task["data"] == {"video": "ep1.mp4", "video_id": "v", "fps": 30.0, "unit_kind": "span"}
    [result] = task["annotations"][0]["result"]
    assert result["value"] == {"ranges": [{"start": 31, "end": 61}], "timelinelabels": ["1"]}
    result["value"]["ranges"] = [{"start": 31, "end": 90}]
    [row] = read([task]).codings.to_dicts()
    assert (row["start_ms"], row["end_ms"]) == (1000, 3000), "an edited range wins over the times that were written"
    empty = write_tasks(Exchange(BOOK, videos=videos), replace(HOW, timeline=True)).files["codings.spans.json"]
    assert json.loads(empty)[0]["annotations"] == []


def test_what_label_studio_does_not_show_is_listed():
    rows = [
        {"unit_kind": "response", "unit_id": unit, "code": code, "value": value, "status": "coded", "coder": "w", "coder_kind": "human"}
        for unit, code, value in (("u1", "anger", "7"), ("u1", "other", "1"), ("gone", "anger", "1"))
    ]
    units = units_frame(
        [{"unit_id": "u1", "text": "x", "score": 1.0}, {"unit_id": "u2", "text": "y", "score": float("nan")}], {"score": pl.Float64()}
    )
    losses = counted(write_tasks(Exchange(BOOK, codings_frame(rows), units), HOW).losses)
    assert losses == {"values that no control offers": 2, "codings": 1, "values of context": 1}


def test_what_small_files_look_like(golden):
    """What the files look like changes only under a new version of the format."""
    row = {
        "unit_kind": "response",
        "unit_id": "u1",
        "code": "anger",
        "value": "1",
        "status": "coded",
        "coder": "li",
        "coder_kind": "human",
        "at": NOW,
        "note": "n",
    }
    span = {**row, "unit_kind": "span", "unit_id": None, "video_id": "v", "start_ms": 0, "end_ms": 40, "code": "warmth"}
    files = write_tasks(
        Exchange(BOOK, codings_frame([row, span]), units_frame([{"unit_id": "u1", "text": "😭"}])), replace(HOW, timeline=True)
    ).files
    golden("formats/label_studio", {name: content.decode().split("\n") for name, content in files.items()})


def test_people_annotate_and_programs_predict():
    rows = [
        {
            "unit_kind": "response",
            "unit_id": "u1",
            "code": "anger",
            "value": "1",
            "status": "coded",
            "coder": coder,
            "coder_kind": kind,
            "at": NOW,
        }
        for coder, kind in (("wang@example.org", "human"), ("li", "human"), ("m@1", "llm"))
    ] + [{"unit_kind": "response", "unit_id": "u1", "code": "anger", "status": "abstained", "coder": "zhou", "coder_kind": "human"}]
    files = write_tasks(Exchange(BOOK, codings_frame(rows), units_frame([{"unit_id": "u1", "text": "x"}])), HOW).files
    [task] = json.loads(files["codings.tasks.json"])
    assert [one.get("completed_by") for one in task["annotations"]] == [None, {"email": "wang@example.org"}, None]
    assert [one["was_cancelled"] for one in task["annotations"]] == [False, False, True]
    assert [one["model_version"] for one in task["predictions"]] == ["m@1"]
    assert task["annotations"][0]["result"] == [
        {"id": "1-1", "from_name": "anger", "to_name": "text", "type": "choices", "origin": "manual", "value": {"choices": ["1"]}}
    ]


# exports of other projects


def task(results, *, number=1, data=None, **annotation):
    made = {
        "id": 7,
        "completed_by": 3,
        "result": results,
        "was_cancelled": False,
        "created_at": "2024-05-01T10:00:00.123456Z",
        **annotation,
    }
    return {"id": number, "data": {"text": "😭 she goes home"} if data is None else data, "annotations": [made], "predictions": []}


def choice(control, *choices, **more):
    return {"id": "r1", "from_name": control, "to_name": "text", "type": "choices", "value": {"choices": list(choices)}, **more}


def test_choices_ratings_numbers_and_taxonomies_by_user():
    results = [
        choice("anger", "yes"),
        {"id": "r2", "from_name": "stars", "type": "rating", "value": {"rating": 4}},
        {"id": "r3", "from_name": "pace", "type": "number", "value": {"number": 2.5}},
        {"id": "r4", "from_name": "kind", "type": "taxonomy", "value": {"taxonomy": [["a", "b"]]}},
        {"id": "r5", "from_name": "why", "type": "textarea", "value": {"text": ["because"]}},
        {"id": "r6", "from_name": "box", "type": "rectanglelabels", "value": {"x": 1, "rectanglelabels": ["cat"]}},
        {"id": "r7", "type": "relation", "from_id": "a", "to_id": "b"},
        choice("empty"),
    ]
    found = read([task(results), task([choice("anger", "no")], number=2, completed_by={"id": 4, "email": "ben@example.org"})])
    assert said(found) == [
        ("task 1", "3", "anger", "yes", "coded"), ("task 1", "3", "kind", "a / b", "coded"), ("task 1", "3", "pace", "2.5", "coded"),
        ("task 1", "3", "stars", "4", "coded"), ("task 2", "ben@example.org", "anger", "no", "coded"),
    ]  # fmt: skip
    assert found.codings["at"][0] == NOW.replace(2024, 5, 1, 10, microsecond=123000)
    assert counted(found.losses) == {"results of type textarea": 1, "results of type rectanglelabels": 1, "results of type relation": 1}
    assert found.blank == 1
    assert found.units.rows()[0] == ("task 1", None, "😭 she goes home")


def test_a_control_with_several_choices_becomes_a_code_for_each():
    found = read(
        [task([choice("mood", "sad", "Very glad!")]), task([choice("mood", "sad")], number=2), task([choice("anger", "1")], number=3)]
    )
    assert said(found) == [
        ("task 1", "3", "mood.sad", "1", "coded"), ("task 1", "3", "mood.very_glad", "1", "coded"),
        ("task 2", "3", "mood.sad", "1", "coded"), ("task 2", "3", "mood.very_glad", "0", "coded"), ("task 3", "3", "anger", "1", "coded"),
    ]  # fmt: skip
    assert found.notes == ("`mood` takes several choices: each is a code of its own",)


def test_labels_that_people_typed_are_no_options():
    tasks = [task([choice("tags", f"t{n}", f"u{n}")], number=n) for n in range(80)]
    found = read(tasks)
    assert (found.codings.height, set(found.codings["value"])) == (160, {"1"})


def test_values_are_brought_to_a_codebook_and_others_rejected():
    results = [
        choice("anger", "Yes"),
        choice("anger", "perhaps"),
        choice("topic", "anger"),
        choice("topic", "stance"),
        choice("topic", "x"),
        choice("stance", "keep", "return"),
    ]
    found = read([task(results)], book=BOOK)
    assert said(found) == [("task 1", "3", "anger", "1", "coded"), ("task 1", "3", "anger", "1", "coded")]
    assert [(one.place, one.why) for one in found.rejects] == [
        ("task 1, annotation 7, result 2", "`perhaps` is no value of `anger`"),
        ("task 1, annotation 7, result 4", "`stance` has values, and none is said"),
        ("task 1, annotation 7, result 5", "neither `topic` nor `x` is a code"),
        ("task 1, annotation 7, result 6", "several values of one decision: keep, return"),
    ]
    assert found.seen == 6


def test_words_are_found_by_utf16_offsets():
    text = "😭 she goes home"
    assert [utf16_to_points(text, *pair) for pair in ((0, 2), (3, 6), (0, 1), (-1, 2), (5, 99))] == [(0, 1), (2, 5), None, None, None]
    results = [
        {"id": "a", "from_name": "ner", "type": "labels", "value": {"start": 3, "end": 6, "text": "she", "labels": ["PER"]}},
        {"id": "a", "from_name": "sure", "type": "choices", "value": {"start": 3, "end": 6, "text": "she", "choices": ["yes"]}},
        {"id": "b", "from_name": "ner", "type": "labels", "value": {"start": 2, "end": 5, "text": "she", "labels": ["PER"]}},
        {
            "id": "c",
            "from_name": "ner",
            "type": "hypertextlabels",
            "value": {"start": "/p[1]", "end": "/p[1]", "globalOffsets": {"start": 12, "end": 16}, "hypertextlabels": ["LOC"]},
        },
        {"id": "d", "from_name": "ner", "type": "labels", "value": {"start": 3, "end": 99, "labels": ["PER"]}},
    ]
    found = read([task(results)])
    assert found.codings.select("code", "value", "evidence").rows() == [
        ("ner", "LOC", "home"), ("ner", "PER", "she"), ("ner", "PER", "she"), ("sure", "yes", "she"),
    ]  # fmt: skip
    assert found.notes == ("offsets that do not fit the words beside them: the words are kept",)
    assert [one.why for one in found.rejects] == ["its offsets are not in the text"]


def test_timelines_and_sounds_become_spans():
    results = [
        {
            "id": "a",
            "from_name": "move",
            "type": "timelinelabels",
            "value": {"ranges": [{"start": 1, "end": 25}], "timelinelabels": ["fast"]},
        },
        {"id": "a", "from_name": "sure", "type": "choices", "value": {"choices": ["no"]}},
        {
            "id": "b",
            "from_name": "move",
            "type": "timelinelabels",
            "value": {"ranges": [{"start": 9, "end": 2}], "timelinelabels": ["fast"]},
        },
        {
            "id": "c",
            "from_name": "who",
            "type": "labels",
            "original_length": 9.5,
            "value": {"start": 1.25, "end": 2.5, "channel": 0, "labels": ["child"]},
        },
        {
            "id": "d",
            "from_name": "ts",
            "type": "timeserieslabels",
            "value": {"start": 1, "end": 2, "instant": False, "timeserieslabels": ["x"]},
        },
    ]
    found = read([task(results, data={"video": "ep1.mp4", "video_id": "bili:1"})], fps=50)
    assert found.codings.select("unit_kind", "video_id", "start_ms", "end_ms", "code", "value").rows() == [
        ("span", "bili:1", 0, 500, "move", "fast"), ("span", "bili:1", 0, 500, "sure", "no"), ("span", "bili:1", 1250, 2500, "who", "child"),
    ]  # fmt: skip
    assert found.videos.select("video_id", "media").rows() == [("bili:1", "ep1.mp4")]
    assert [one.why for one in found.rejects] == ["it is not one range of frames"]
    assert counted(found.losses) == {"results of type timeserieslabels": 1}
    assert found.units.height == 0


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.sampled_from([12.0, 23.976, 24.0, 25.0, 29.97, 30.0, 60.0]))
def test_frames_hold_the_span(start, length, fps):
    first, last = frames_of(start, start + length, fps)
    begin, end = span_of(first, last, fps)
    assert first <= last
    assert begin <= start + 1
    assert end >= start + length - 1
    assert start - begin <= 1000 / fps + 1
    assert frames_of(*span_of(first, last, 25.0), 25.0) == (first, last)


def test_skipped_tasks_abstain_and_drafts_are_counted():
    skipped = {**task([], was_cancelled=True), "drafts": [{"result": []}]}
    assert said(read([skipped, task([choice("anger", "1")], number=2)])) == [
        ("task 1", "3", "anger", None, "abstained"), ("task 2", "3", "anger", "1", "coded"),
    ]  # fmt: skip
    found = read([skipped], book=BOOK)
    assert [row[2] for row in said(found)] == ["anger", "pace", "stance", "stance.target"], "codes of spans are not asked of a text"
    assert counted(found.losses) == {"drafts of annotations": 1}
    assert [one.why for one in read([skipped]).rejects] == ["it was skipped, and no code is known"]


def test_predictions_stand_apart_from_people():
    made = {
        **task([choice("anger", "1")]),
        "predictions": [
            {"id": 9, "model_version": "3", "score": 0.4, "result": [choice("anger", "0")]},
            {"result": [choice("anger", "0")]},
        ],
    }
    assert read([made]).codings.select("coder", "coder_kind", "value").rows() == [
        ("3", "human", "1"),
        ("prediction", "classifier", "0"),
        ("prediction:3", "classifier", "0"),
    ]


def test_json_min_with_and_without_a_codebook():
    records = [
        {"text": "a", "uid": "u1", "id": 5, "anger": "yes", "mood": {"choices": ["sad", "glad"]}, "annotator": 3, "annotation_id": 8, "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-02T10:00:00Z", "lead_time": 2.1},
        {"text": "b", "uid": "u2", "id": 6, "anger": "no", "ner": [{"start": 0, "end": 1, "text": "b", "labels": ["X"]}], "pace": 3, "annotator": "ann@example.org", "annotation_id": 9},
    ]  # fmt: skip
    found = read(records)
    assert said(found) == [
        ("u1", "3", "anger", "yes", "coded"), ("u1", "3", "mood.glad", "1", "coded"), ("u1", "3", "mood.sad", "1", "coded"),
        ("u2", "ann@example.org", "anger", "no", "coded"), ("u2", "ann@example.org", "ner", "X", "coded"), ("u2", "ann@example.org", "pace", "3", "coded"),
    ]  # fmt: skip
    assert found.codings["at"].to_list()[0] == NOW.replace(2024, 5, 2, 10)
    first = [{"id": 5, "text": "a", "anger": "yes", "annotator": 3, "annotation_id": 8}]
    with pytest.raises(YuhuError, match="YH102"):
        read(first)
    assert said(read(first, book=BOOK)) == [("task 5", "3", "anger", "1", "coded")]


def test_a_task_that_nobody_answered_is_a_unit_all_the_same():
    found = read([{"id": 4, "data": {"text": "x", "likes": 3, "mixed": 1}}, {"id": 5, "data": {"text": "y", "likes": 4, "mixed": "b"}}])
    assert found.units.rows() == [("task 4", None, "x", 3), ("task 5", None, "y", 4)]
    assert counted(found.losses) == {"data of tasks": 1}


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'[{"a": 1}]', b"\xff\xfe", b"[" * 100_000, b'"text"', b"9" * 5000])
def test_what_is_no_export_is_refused(content):
    with pytest.raises(YuhuError, match="YH106"):
        read_tasks(content, Reading(name="bad.json"))


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4), lambda held: st.lists(held, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "choices", "labels", "ranges", "text", "number"]), held, max_size=3), max_leaves=6)  # fmt: skip
KINDS = st.sampled_from(["choices", "labels", "timelinelabels", "taxonomy", "rating", "number", "textarea", "hypertextlabels", "?"])
RESULTS = st.fixed_dictionaries({"from_name": JSON, "type": KINDS, "value": JSON, "id": JSON, "meta": JSON})


@given(st.lists(RESULTS, max_size=3), JSON, JSON, JSON)
def test_strange_records_lose_nothing(results, data, who, ours):
    content = json.dumps(
        [
            {
                "id": who,
                "data": data,
                "annotations": [{"result": results, "completed_by": who, "yuhu": ours, "was_cancelled": ours, "created_at": who}],
                "predictions": data,
            }
        ]
    ).encode()
    found = read_tasks(content, Reading())
    assert found.seen == found.codings.height + len(found.rejects) + found.blank

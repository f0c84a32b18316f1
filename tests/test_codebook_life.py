"""The life of a codebook: relations between codes, completeness, translation, differences, adoption."""

import copy
import datetime as dt
import json
from itertools import pairwise

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import yuhu
from test_codebook import MINI
from yuhu.cli.app import invoke
from yuhu.core.codebook import built_in_codebook, built_in_text, load_codebook
from yuhu.core.codebook_changes import DEMANDS, EFFECTS, FIELDS, largest, raised, version_key
from yuhu.core.codebook_diff import diff
from yuhu.core.codebook_diff_lines import diff_lines
from yuhu.core.codebook_lint import lint
from yuhu.core.errors import YuhuError
from yuhu.study.codebooks import keep_codebook, kept_codebooks
from yuhu.study.codings import append_codings, read_codings
from yuhu.verbs.codebook import adopt_codebook, codebook_diff, codebook_history, find_codebook


def both(zh, en):
    return {"zh": zh, "en": en}


def code(name, **more):
    made = {
        "id": name,
        "module": "own",
        "unit": "response",
        "level": "binary",
        "label": both(f"标签{name}", f"label {name}"),
        "values": [{"id": 0, "label": both("无", "absent")}, {"id": 1, "label": both("有", "present")}],
        "definition": both(f"定义{name}", f"definition {name}"),
        "include": [both("包括", "included")],
        "exclude": [],
        "examples": [
            {"lang": "zh", "text": "好", "value": 1, "why": both("明说", "said")},
            {"lang": "en", "text": "good", "value": 1, "why": both("明说", "said")},
        ],
        "near_misses": [
            {"lang": "zh", "text": "坏", "value": 0, "why": both("没说", "not said")},
            {"lang": "en", "text": "bad", "value": 0, "why": both("没说", "not said")},
        ],
        "terms": {"zh": {1: ["好"]}, "en": {1: ["good"]}},
    }
    return {key: value for key, value in (made | more).items() if value is not None}


VALUES = [{"id": name, "label": both(f"值{name}", f"value {name}")} for name in ("none", "calm", "loud")]
TONE = {
    "level": "nominal",
    "values": VALUES,
    "terms": None,
    "no_terms": both("词语不足以判断", "words cannot carry it"),
    "examples": [
        {"lang": lang, "text": text, "value": value, "why": both("明说", "said")}
        for lang, text in (("zh", "静"), ("en", "hush"))
        for value in ("none", "calm", "loud")
    ],
    "near_misses": [],
}
TARGET = {"id": "target", "level": "nominal", "label": both("对象", "target"), "values": [{"id": "none", "label": both("空", "nobody")}]}


def document(*codes, **more):
    """A bilingual codebook with nothing to find fault with: sad, glad behind a gate, tone."""
    base = {
        "schema": 1,
        "id": "own",
        "version": "1.0.0",
        "label": both("自用", "own book"),
        "description": both("测试", "a test"),
        "modules": [{"id": "own", "label": both("自用", "own codes"), "default": True}],
        "rules": [{"id": "first", "text": both("先读全文", "read all of it first")}],
        "facts": [{"id": "pot", "text": both("壶是新的", "the pot is new")}],
        "codes": list(codes)
        or [code("sad"), code("glad", opens_if={"code": "sad", "values": [0]}, attributes=[TARGET]), code("tone", **TONE)],
    }
    return copy.deepcopy(base | more)


def text_of(doc):
    return yaml.safe_dump(doc, allow_unicode=True, sort_keys=False, width=1000)


def book_of(doc):
    return load_codebook(text_of(doc))


def edited(path, value, doc=None):
    """The document with one place set; a place that is a number past the end appends, DELETE removes."""
    doc = document() if doc is None else copy.deepcopy(doc)
    *steps, last = path
    node = doc
    for step in steps:
        node = node[step]
    if value is DELETE:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(value)
    else:
        node[last] = value
    return doc


DELETE = object()


def said(doc, severity=None):
    return [found.message for found in lint(text_of(doc)) if severity in {None, found.severity}]


# relations


def test_the_document_of_these_tests_is_clean():
    assert lint(text_of(document())) == []


def test_hashes_of_the_built_in_codebook_stay():
    # written down when conflicts came: codings under these hashes are in studies
    hashes = {one.id: one.code_hash for one in built_in_codebook().codes}
    assert (hashes["kind"], hashes["anger"], hashes["national_image"], hashes["symbol"]) == (
        "cddb2c84d043d579",
        "e38c637d112eb6fe",
        "745d9b872831cbbd",
        "254cea059b5ca93f",
    )
    assert load_codebook(MINI).code("sad").code_hash == "a442a754eaf646de"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("codes", 0, "parent"), "nope", "parent names `nope`, which is no code"),
        (("codes", 0, "parent"), ["glad"], "parent names"),
        (("codes", 0, "parent"), "sad", "parents go round in a circle: sad -> sad"),
        (("codes", 0, "conflicts"), ["nope"], "conflicts names `nope`, which is no code"),
        (("codes", 0, "conflicts"), ["sad"], "`sad` is in conflict with itself"),
        (("codes", 0, "conflicts"), "glad", "conflicts is a list of codes"),
        (("codes", 0, "was"), "glad", "was names `glad`, which still is a code"),
        (("codes", 0, "was"), 3, "was is the id that the code had"),
        (("codes", 1, "opens_if"), {"code": "sad"}, "opens_if is {code: a code"),
        (("codes", 1, "opens_if"), {"any": "sad"}, "opens_if is {code: a code"),
        (("codes", 0, "include"), "all", "include is a list, found 'all'"),
        (("codes", 0, "examples", 0, "attributes"), "x", "attributes is a mapping"),
        (("codes", 0, "examples", 0, "text"), 666, "text is a text, found 666"),
        (("facts",), "x", "facts is a list"),
        (("version",), "1.0.0\n", "version is written"),
        (("codes", 0, "translation"), "done", "translation is a mapping"),
        (("codes", 0, "translation"), {"from": "fr", "status": "draft"}, "from is the language the code was written in"),
        (("codes", 0, "translation"), {"from": "zh", "status": "good"}, "status is one of draft"),
        (("codes", 0, "translation"), {"from": "zh", "status": "draft", "bY": "A"}, "`bY` is not a key here"),
    ],
)
def test_what_cannot_be(path, value, message):
    doc = edited(path, value)
    assert any(one.startswith(message) for one in said(doc, "error")), said(doc)
    with pytest.raises(YuhuError, match="YH401"):
        book_of(doc)


def test_parents_in_a_circle_are_named_once():
    doc = document(code("a", parent="b"), code("b", parent="c"), code("c", parent="a"), code("d", parent="a"))
    assert said(doc, "error") == ["parents go round in a circle: a -> b -> c -> a"]


@pytest.mark.parametrize(("upper", "lower"), [("a", "c"), ("c", "a")])
def test_a_code_is_not_in_conflict_with_those_above_and_below(upper, lower):
    held = {"a": code("a"), "b": code("b", parent="a"), "c": code("c", parent="b")}
    held[upper]["conflicts"] = [lower]
    assert [one for one in said(document(*held.values()), "error") if "stands" in one]


def test_a_conflict_that_can_never_or_always_be():
    always = code("always", **TONE | {"values": VALUES[1:], "examples": TONE["examples"][1:3] + TONE["examples"][4:]})
    assert 'no value for "not there"' in said(document(always, code("b", conflicts=["always"])), "error")[0]
    seen = code("seen", unit="span", terms=None)
    assert "coded on different units" in said(document(seen, code("b", conflicts=["seen"])), "error")[0]
    assert "stands twice" in said(document(code("a"), code("b", conflicts=["a", "a"])), "warning")[0]


def test_conflicts_are_of_both_codes_and_parents_of_neither_hash():
    plain = book_of(document())
    one, other = book_of(edited(("codes", 0, "conflicts"), ["tone"])), book_of(edited(("codes", 2, "conflicts"), ["sad"]))
    for name in ("sad", "glad", "tone"):
        assert one.code(name).conflicts == other.code(name).conflicts
        assert one.code(name).code_hash == other.code(name).code_hash
        assert (one.code(name).code_hash == plain.code(name).code_hash) == (name == "glad")
    assert one.code("sad").conflicts == ("tone",)
    child = book_of(edited(("codes", 2, "parent"), "sad"))
    assert child.code("tone").parent == "sad"
    assert child.code("tone").code_hash == plain.code("tone").code_hash


def test_clashes():
    book = book_of(edited(("codes", 0, "conflicts"), ["tone"]))
    assert book.clashes({"sad": "1", "tone": "loud"}) == [("sad", "tone")]
    assert book.clashes({"sad": "1", "tone": "none"}) == []
    assert book.clashes({"sad": "1", "glad": "1", "nope": "1"}) == []
    assert book.clashes({"glad.target": "none", "tone": "calm", "sad": "0"}) == []


def test_a_facet_that_becomes_an_attribute_is_another_code():
    facet = {"id": "place", "label": both("地点", "place"), "values": [{"id": "home", "label": both("家", "home")}]}
    terms = {"zh": {"home.1": ["好"]}}
    two = book_of(document(code("sad", expand=[{**facet, "id": "time"}, facet], attributes=[TARGET], terms=terms)))
    one = book_of(document(code("sad", expand=[{**facet, "id": "time"}], attributes=[facet, TARGET], terms=terms)))
    assert two.code("sad").code_hash != one.code("sad").code_hash


@given(st.data())
def test_no_document_brings_the_linter_down(data):
    doc = document(
        code("sad", conflicts=["tone"], translation={"from": "zh", "status": "draft", "by": "A"}, was="blue"),
        code("glad", opens_if={"any": ["sad"]}, parent="sad", attributes=[TARGET], block={"zh": ["坏"]}, referents={"en": ["pot"]}),
        code("tone", **TONE),
    )
    places = st.sampled_from([path for path in walk(doc) if path])
    strange = st.sampled_from([None, "", "sad", 0, -1, True, [], {}, [[]], [{}], ["x"], {"id": []}, {"zh": "a"}, {"any": "x"}, {1: 2}])
    for _ in range(data.draw(st.integers(1, 3))):
        try:
            doc = edited(data.draw(places), data.draw(strange), doc)
        except (KeyError, IndexError, TypeError):  # the place went with an earlier change
            continue
    findings = lint(text_of(doc))
    if not any(found.is_error for found in findings):
        book = book_of(doc)
        assert diff_lines(diff(book_of(document()), book))
        assert len(book.variables) >= len(book.codes)


def walk(node, path=()):
    yield path
    for step, child in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from walk(child, (*path, step))


# completeness


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("codes", 0, "definition", "en"), "定义sad", "definition has the same words in zh and en"),
        (("codes", 0, "examples", 0, "why", "en"), "all of the same", None),
        (("codes", 0, "examples", 1, "lang"), "zh", "values of `sad` without an example or near miss in en: 1"),
        (("codes", 2, "examples", 4, "value"), "none", "values of `tone` without an example or near miss in en: calm"),
        (("codes", 1, "attributes", 0, "values", 1), {"id": "her", "label": both("她", "her")}, "attribute `target` of `glad` without"),
        (("modules", 0, "text"), {"zh": "自用"}, "en is missing from the text of modules"),
        (("facts", 0), "a fact in one language", "zh is missing from the text of facts"),
        (("facts", 0, "text", "zh"), " ", "zh is missing from the text of facts"),
        (("stages",), [{"id": "train", "text": both("练", "train"), "label": {"en": "train"}}], "zh is missing from the label of stages"),
    ],
)
def test_what_a_coder_of_one_language_would_miss(path, value, message):
    found = lint(text_of(edited(path, value)))
    assert [one.severity for one in found] in ([], ["warning"], ["warning"] * 2)
    assert any(one.message.startswith(message) for one in found) if message else not found


def test_a_missing_text_of_a_code_stays_an_error_with_its_line():
    doc = edited(("codes", 0, "exclude"), [{"zh": "不包括"}])
    found = next(one for one in lint(text_of(doc)) if one.is_error)
    assert "the en text" in found.message
    assert "不包括" in text_of(doc).splitlines()[found.line - 1]


def test_warnings_point_to_the_examples():
    text = text_of(edited(("codes", 2, "examples", 4, "value"), "none"))
    found = lint(text)[0]
    assert text.splitlines()[found.line - 1].strip() == "examples:"
    assert found.line > text.splitlines().index("- id: tone")


def test_a_code_without_any_example_in_a_language_and_measured_codes():
    doc = document(
        code("sad"), code("glad", examples=[], near_misses=[]), code("pace", unit="span", measured=True, examples=[], near_misses=[])
    )
    assert said(doc) == [f"code `glad` has no example or near miss in {lang}" for lang in ("en", "zh")]


def test_examples_in_one_language_only_are_no_bilingual_codebook():
    in_zh = {key: [example for example in code("sad")[key] if example["lang"] == "zh"] for key in ("examples", "near_misses")}
    assert said(document(code("sad", **in_zh))) == []


def test_facets_are_shown_in_both_languages():
    places = [{"id": name, "label": both(f"在{name}", f"at {name}")} for name in ("home", "sea")]
    held = code("sad", expand=[{"id": "place", "label": both("地点", "place"), "values": places}], terms={"zh": {"home.1": ["好"]}})
    for example in (*held["examples"], *held["near_misses"]):
        example["facets"] = ["home"]
    held["examples"][0]["facets"] = ["sea"]
    assert said(document(held)) == ["facet `place` of `sad` without an example in en: sea"]


# translation


def test_states_of_translations_are_told_and_never_block():
    done = {"from": "zh", "by": "A", "checked_by": "B", "back": "定义", "status": "bridged"}
    doc = document(code("sad", translation=done), code("glad", translation={"from": "en", "status": "draft"}), code("tone", **TONE))
    assert said(doc, "note") == ["translation bridged: sad", "translation draft: glad", "translation no record: tone"]
    assert said(doc, "warning") == []
    held = book_of(doc).code("sad").translation
    assert (held.source, held.by, held.checked_by, held.back, held.status) == ("zh", "A", "B", "定义", "bridged")
    assert book_of(doc).code("sad").code_hash == book_of(document()).code("sad").code_hash


@pytest.mark.parametrize(
    ("record", "messages"),
    [
        ({"status": "translated"}, ["`by` does not say who translated"]),
        ({"status": "back_translated", "by": "A"}, ["`back` holds no translation back", "`checked_by` does not say"]),
        ({"status": "bridged", "by": "A", "checked_by": "A", "back": "x"}, ["another person should compare"]),
    ],
)
def test_a_record_that_claims_more_than_it_shows(record, messages):
    found = said(edited(("codes", 0, "translation"), {"from": "zh", **record}), "warning")
    assert len(found) == len(messages)
    assert all(message in one for message, one in zip(messages, found, strict=True))


# differences

LONGER = [*code("sad")["values"], {"id": 2, "label": both("很", "very")}]
MADE = [
    (("codes", 0, "label", "en"), "sadness", "label", "en", "kept", "patch"),
    (("codes", 0, "symbol"), "S", "symbol", None, "kept", "patch"),
    (("codes", 0, "values", 1, "label", "zh"), "在", "value_labels", "zh", "kept", "patch"),
    (("codes", 0, "examples", 0, "why", "en"), "plainly", "examples", "zh", "kept", "patch"),
    (("codes", 0, "near_misses", 1, "text"), "worse", "near_misses", "en", "kept", "patch"),
    (("codes", 0, "terms", "en"), {1: ["good", "fine"]}, "terms", "en", "kept", "patch"),
    (("codes", 0, "block"), {"zh": ["不好"]}, "block", "zh", "kept", "patch"),
    (("codes", 0, "referents"), {"en": ["pot"]}, "referents", "en", "kept", "patch"),
    (("codes", 0, "negation"), False, "negation", None, "kept", "patch"),
    (("codes", 2, "no_terms", "en"), "words do not do", "no_terms", "en", "kept", "patch"),
    (("codes", 2, "parent"), "sad", "parent", None, "kept", "patch"),
    (("codes", 0, "was"), "blue", "was", None, "kept", "patch"),
    (("codes", 0, "translation"), {"from": "zh", "status": "draft"}, "translation", None, "kept", "patch"),
    (("codes", 0, "measured"), True, "measured", None, "kept", "minor"),
    (("codes", 0, "definition", "zh"), "另一规则", "definition", "zh", "void", "minor"),
    (("codes", 0, "include", 0, "en"), "also this", "include", "en", "void", "minor"),
    (("codes", 0, "exclude", 0), both("不算", "not this"), "exclude", "en", "void", "minor"),
    (("codes", 1, "attributes", 0, "values", 0, "id"), "nobody", "attributes", None, "void", "minor"),
    (("codes", 0, "conflicts"), ["tone"], "conflicts", None, "void", "minor"),
    (("codes", 0, "unit"), "span", "unit", None, "void", "major"),
    (("codes", 1, "opens_if", "values"), [1], "opens_if", None, "asked", "minor"),
    (("codes", 1, "opens_if"), DELETE, "opens_if", None, "asked", "minor"),
]


@pytest.mark.parametrize(("path", "value", "field", "lang", "effect", "demand"), MADE, ids=lambda one: one if isinstance(one, str) else "")
def test_one_change_one_meaning(path, value, field, lang, effect, demand):
    old, new = book_of(document()), book_of(edited(path, value))
    found = diff(old, new)
    name = document()["codes"][path[1]]["id"]
    own = next(one for one in found.codes if one.code == name)
    change = next(one for one in own.changes if one.field == field and one.lang == lang)
    assert (own.kind, own.effect, own.demand, change.effect, found.demand) == ("changed", effect, demand, effect, demand)
    assert change.before != change.after
    assert (old.code(name).code_hash != new.code(name).code_hash) == (effect == "void")
    assert not found.version_is_enough
    assert found.least_version == {"patch": "1.0.1", "minor": "1.1.0", "major": "2.0.0"}[demand]
    assert book_of(edited(("version",), found.least_version, edited(path, value))).version == found.least_version


@pytest.mark.parametrize(
    ("path", "value", "field", "effect", "demand"),
    [
        (("label", "zh"), "别名", "label", "kept", "patch"),
        (("description", "en"), "another", "description", "kept", "patch"),
        (("rules", 0, "text", "zh"), "只读一句", "rules", "told", "minor"),
        (("facts", 0, "text", "en"), "the pot is old", "facts", "told", "minor"),
        (("modules", 0, "default"), False, "modules", "kept", "minor"),
        (("modules", 0, "label", "en"), "mine", "module_labels", "kept", "patch"),
        (("stages",), [{"id": "train", "text": both("练", "train")}], "stages", "kept", "patch"),
        (
            ("codes",),
            [code("glad", opens_if={"code": "sad", "values": [0]}, attributes=[TARGET]), code("sad"), code("tone", **TONE)],
            "order",
            "kept",
            "patch",
        ),
        (("codes", 1, "attributes", 0, "open"), True, "other", "kept", "patch"),
    ],
)
def test_changes_outside_the_codes(path, value, field, effect, demand):
    found = diff(book_of(document()), book_of(edited(path, value)))
    assert {change.field for change in found.book} == {field}
    assert (found.book[0].effect, found.demand, found.codes) == (effect, demand, ())


def test_codes_and_decisions_that_come_and_go():
    old = book_of(document())
    more = edited(
        ("codes", 3),
        code("new", expand=[{"id": "f", "label": both("维", "facet"), "values": VALUES[1:]}], terms=None, no_terms=both("无", "no")),
    )
    found = diff(old, book_of(more))
    assert [(one.code, one.kind, one.effect, one.demand) for one in found.codes] == [("new", "added", "kept", "minor")]
    assert (found.appeared, found.vanished, found.demand) == (("new.calm", "new.loud"), (), "minor")
    back = diff(book_of(more), old)
    assert [(one.code, one.kind, one.effect, one.demand) for one in back.codes] == [("new", "removed", "void", "major")]
    assert (back.appeared, back.vanished, back.demand) == ((), ("new.calm", "new.loud"), "major")
    lost = diff(old, book_of(edited(("codes", 1, "attributes"), DELETE)))
    assert (lost.vanished, lost.demand) == (("glad.target",), "major")


def test_a_code_is_renamed_only_where_it_says_so():
    renamed = edited(("codes", 2, "id"), "voice")
    guessed = diff(book_of(document()), book_of(renamed))
    assert [(one.code, one.kind) for one in guessed.codes] == [("voice", "added"), ("tone", "removed")]
    told = diff(book_of(document()), book_of(edited(("codes", 2, "was"), "tone", renamed)))
    assert [(one.code, one.kind, one.was, one.effect, one.demand) for one in told.codes] == [("voice", "renamed", "tone", "void", "major")]
    assert {change.field for change in told.codes[0].changes} == {"id", "was"}
    assert not any(change.field == "order" for change in told.book)


def test_codes_behind_a_gate_are_asked_of_other_units_when_what_it_reads_changed():
    chain = document(
        code("sad"), code("glad", opens_if={"code": "sad", "values": [1]}), code("calm", opens_if={"any": ["glad"]}), code("free")
    )
    found = diff(book_of(chain), book_of(edited(("codes", 0, "definition", "en"), "another", chain)))
    assert [(one.code, one.effect, [change.field for change in one.changes]) for one in found.codes] == [
        ("sad", "void", ["definition"]),
        ("glad", "asked", ["gate_codes"]),
        ("calm", "asked", ["gate_codes"]),
    ]
    assert found.demand == "minor"


def test_words_that_changed_in_one_language_only_are_pointed_out():
    found = diff(book_of(document()), book_of(edited(("codes", 0, "definition", "zh"), "另一规则")))
    assert found.codes[0].one_sided == {"definition": "zh"}
    assert "  definition changed in zh only: check the en text" in diff_lines(found)
    assert "  定义只改了 zh：请核对 en" in diff_lines(found, "zh")


def test_another_codebook_has_version_numbers_of_its_own():
    found = diff(book_of(document()), book_of(edited(("id",), "other")))
    assert (found.is_other_book, found.version_is_enough, found.demand) == (True, True, "major")
    assert "another codebook" in diff_lines(found)[1]


def test_every_field_and_effect_has_words_in_both_languages():
    for effect, _, english, chinese in FIELDS.values():
        assert effect in EFFECTS
        assert english.isascii()
        assert not chinese.isascii()
    assert all(set(words) == {"zh", "en"} for words in EFFECTS.values())


def test_lines_show_where_long_texts_part():
    long = "a" * 500
    old, new = (edited(("codes", 0, "definition", "en"), long + end) for end in ("old end", "new end"))
    lines = diff_lines(diff(book_of(old), book_of(new)))
    assert any(line.startswith("    - …") and line.endswith("old end") for line in lines)
    assert any(line.startswith("    + …") and line.endswith("new end") for line in lines)


EDITS = st.lists(
    st.sampled_from([(path, value) for path, value, *_ in MADE if value is not DELETE]), max_size=4, unique_by=lambda one: one[0]
)


def applied(edits, doc=None):
    doc = document() if doc is None else doc
    for path, value in edits:
        doc = edited(path, value, doc)
    return doc


def loaded(doc):
    """The book, or None where edits that are each allowed do not go together."""
    return None if any(found.is_error for found in lint(text_of(doc))) else book_of(doc)


@given(EDITS)
def test_a_codebook_does_not_differ_from_itself(edits):
    book = loaded(applied(edits))
    if book is not None:
        found = diff(book, load_codebook(book.source_text + "# a comment\n"))
        assert found.is_empty
        assert (found.book, found.codes, found.appeared, found.vanished, found.demand) == ((), (), (), (), "none")
        assert found.version_is_enough


@given(EDITS, EDITS)
def test_differences_agree_with_the_hashes(one, other):
    old, new = loaded(applied(one)), loaded(applied(other))
    if old is None or new is None:
        return
    found = diff(old, new)
    void = {change.code for change in found.codes if change.effect == "void"}
    assert void == {name.id for name in old.codes if name.code_hash != new.code(name.id).code_hash}
    assert found.is_empty == (not found.book and not found.codes)
    mirrored = diff(new, old)
    assert {change.code for change in mirrored.codes} == {change.code for change in found.codes}
    assert (mirrored.appeared, mirrored.vanished) == (found.vanished, found.appeared)
    json.dumps(found.as_dict())


@given(EDITS, EDITS)
def test_more_changes_never_demand_less(few, more):
    old = book_of(document())
    kept = {path for path, _ in few}
    some, all_of_them = loaded(applied(few)), loaded(applied([*few, *(edit for edit in more if edit[0] not in kept)]))
    if some is not None and all_of_them is not None:
        assert DEMANDS.index(diff(old, all_of_them).demand) >= DEMANDS.index(diff(old, some).demand)


@given(st.tuples(*[st.integers(0, 999)] * 3), st.sampled_from(DEMANDS), st.sampled_from(DEMANDS))
def test_version_numbers_follow_the_size_of_the_change(numbers, one, other):
    version = ".".join(map(str, numbers))
    assert (version_key(raised(version, one)) > version_key(raised(version, other))) == (DEMANDS.index(one) > DEMANDS.index(other))
    assert version_key(raised(version, one)) >= version_key(version)
    assert DEMANDS.index(largest([one, other])) == max(DEMANDS.index(one), DEMANDS.index(other))


def test_once_a_version_is_enough_every_higher_one_is():
    doc = edited(("codes", 0, "definition", "en"), "another")
    verdicts = [
        diff(book_of(document()), book_of(edited(("version",), version, doc))).version_is_enough
        for version in ("0.9.9", "1.0.0", "1.0.9", "1.1.0", "1.1.1", "1.10.0", "2.0.0", "10.0.0")
    ]
    assert verdicts == [False] * 3 + [True] * 5
    assert all(later >= earlier for earlier, later in pairwise(verdicts))


def test_a_version_that_is_not_one():
    with pytest.raises(ValueError, match="one"):
        version_key("one")


# adopting

AT = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)


def codings(book, decisions, *, units=3, coder="a", status="coded"):
    rows = [
        {
            "unit_kind": "response",
            "unit_id": f"u{unit}",
            "video_id": None,
            "start_ms": None,
            "end_ms": None,
            "code": name,
            "value": book.variables[name].values[-1] if status == "coded" else None,
            "status": status,
            "coder": coder,
            "coder_kind": "human",
            "code_hash": book.variables[name].code_hash,
            "codebook_hash": book.content_hash,
            "evidence": None,
            "at": AT,
        }
        for name in decisions
        for unit in range(units)
    ]
    schema = {
        "video_id": pl.String,
        "start_ms": pl.Int64,
        "end_ms": pl.Int64,
        "evidence": pl.String,
        "value": pl.String,
        "at": pl.Datetime("ms", "UTC"),
    }
    return pl.DataFrame(rows, schema_overrides=schema)


@pytest.fixture
def own_study(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(text_of(document()), "utf-8")
    made = yuhu.init(tmp_path / "study", codebook=path)
    append_codings(made.path, codings(made.codebook(), ["sad", "glad", "glad.target"]))
    return made


def written(tmp_path, doc, name="new.yaml"):
    path = tmp_path / name
    path.write_text(text_of(doc), "utf-8")
    return path


def at_version(version, *edits):
    return applied([*edits, (("version",), version)])


RULE = (("codes", 0, "definition", "en"), "another")


def test_init_keeps_the_first_version(own_study):
    assert list(kept_codebooks(own_study.path)) == [own_study.codebook().content_hash]


def test_a_patch_is_adopted_and_codings_count(own_study, tmp_path):
    before = read_codings(own_study.path)
    done = adopt_codebook(own_study, written(tmp_path, at_version("1.0.1", (("codes", 0, "label", "en"), "sadness"))))
    assert (done.invalidated, done.revived, done.asked) == ({}, {}, {})
    assert own_study.codebook().version == "1.0.1"
    assert own_study.codebook().code("sad").label["en"] == "sadness"
    assert read_codings(own_study.path).equals(before)
    assert (
        {path.stem for path in done.kept} == set(kept_codebooks(own_study.path)) == {done.diff.old.content_hash, done.diff.new.content_hash}
    )


def test_codings_that_would_no_longer_count_ask_for_yes(own_study, tmp_path):
    new = written(tmp_path, at_version("1.1.0", RULE))
    before, text = read_codings(own_study.path), (own_study.path / "codebook.yaml").read_bytes()
    with pytest.raises(YuhuError, match="YH404") as error:
        adopt_codebook(own_study, new)
    assert error.value.facts == {"no longer count": "sad 3", "asked of other units": "glad 3, glad.target 3"}
    assert "--yes" in error.value.fix
    assert (own_study.path / "codebook.yaml").read_bytes() == text
    assert len(kept_codebooks(own_study.path)) == 1
    done = adopt_codebook(own_study, new, yes=True)
    assert (done.invalidated, done.asked) == ({"sad": 3}, {"glad": 3, "glad.target": 3})
    assert own_study.codebook().version == "1.1.0"
    after = read_codings(own_study.path)
    assert after.equals(before)
    rules = kept_codebooks(own_study.path)
    for row in after.iter_rows(named=True):
        book = rules[row["codebook_hash"]]
        assert book.variables[row["code"]].code_hash == row["code_hash"], "the rule that a coding was made by can be read"


def test_an_earlier_rule_brings_its_codings_back(own_study, tmp_path):
    adopt_codebook(own_study, written(tmp_path, at_version("1.1.0", RULE)), yes=True)
    done = adopt_codebook(own_study, written(tmp_path, at_version("1.2.0")), yes=True)
    assert (done.invalidated, done.revived) == ({}, {"sad": 3})
    history = codebook_history(yuhu.open(own_study.path))
    assert history.select("version", "codings", "coders", "machine_runs", "is_current", "is_kept").rows() == [
        ("1.0.0", 9, 1, 0, False, True),
        ("1.1.0", 0, 0, 0, False, True),
        ("1.2.0", 0, 0, 0, True, True),
    ]
    assert history["first_at"].to_list() == [AT, None, None]


@pytest.mark.parametrize(
    ("doc", "least"),
    [
        (at_version("1.0.0", (("codes", 0, "label", "en"), "x")), "1.0.1"),
        (at_version("1.0.1", RULE), "1.1.0"),
        (at_version("1.9.0", (("codes", 0, "unit"), "span")), "2.0.0"),
        (at_version("0.9.0"), "1.0.0"),
    ],
)
def test_a_version_that_is_too_low_is_refused(own_study, tmp_path, doc, least):
    with pytest.raises(YuhuError, match="YH403") as error:
        adopt_codebook(own_study, written(tmp_path, doc), yes=True)
    assert f'version: "{least}"' in error.value.fix
    assert own_study.codebook().version == "1.0.0"


def test_a_version_number_names_one_content(own_study, tmp_path):
    adopt_codebook(own_study, written(tmp_path, at_version("2.0.0", (("id",), "other"))), yes=True)
    with pytest.raises(YuhuError, match="YH403") as error:
        adopt_codebook(own_study, written(tmp_path, at_version("1.0.0", RULE)), yes=True)
    assert error.value.facts["version"] == "own 1.0.0"


def test_a_module_that_the_study_needs_must_be_there(own_study, tmp_path):
    settings = own_study.path / "study.yaml"
    settings.write_text(settings.read_text("utf-8").replace("modules: []", "modules: [own]"), "utf-8")
    doc = at_version("2.0.0", (("modules", 0, "id"), "mine"), *((("codes", at, "module"), "mine") for at in range(3)))
    with pytest.raises(YuhuError, match="YH206"):
        adopt_codebook(yuhu.open(own_study.path), written(tmp_path, doc), yes=True)


def test_the_same_content_changes_nothing(own_study, tmp_path):
    path = tmp_path / "same.yaml"
    path.write_text(text_of(document()) + "# a comment\n", "utf-8")
    done = adopt_codebook(own_study, path)
    assert done.diff.is_empty
    assert "# a comment" not in (own_study.path / "codebook.yaml").read_text("utf-8")


def test_a_second_adoption_changes_nothing(own_study, tmp_path):
    new = written(tmp_path, at_version("1.1.0", RULE))
    adopt_codebook(own_study, new, yes=True)
    files = {path: path.read_bytes() for path in own_study.path.rglob("*.yaml")}
    assert adopt_codebook(own_study, new).diff.is_empty
    assert {path: path.read_bytes() for path in own_study.path.rglob("*.yaml")} == files


def test_versions_that_are_lost_or_damaged_are_said(own_study):
    kept = next((own_study.path / "codebooks").iterdir())
    kept.write_text(kept.read_text("utf-8").replace("read all of it first", "read on"), "utf-8")
    assert kept_codebooks(own_study.path) == {kept.stem: None}
    assert codebook_history(own_study)["is_kept"].to_list() == [False]
    assert keep_codebook(own_study.path, own_study.codebook()) == kept
    assert codebook_history(own_study)["is_kept"].to_list() == [True]
    gone = codings(own_study.codebook(), ["sad"], coder="b").with_columns(codebook_hash=pl.lit("f" * 64))
    append_codings(own_study.path, gone)
    assert codebook_history(own_study).select("id", "codings", "is_kept").rows() == [(None, 3, False), ("own", 9, True)]


@given(EDITS)
def test_what_is_told_to_be_lost_is_lost(edits):
    """`invalidated` and `asked` are what the hashes and the difference say, whatever the change."""
    old, new = book_of(document()), loaded(applied([*edits, (("version",), "9.0.0")]))
    if new is None:
        return
    found = diff(old, new)
    effects = {change.code: change.effect for change in found.codes}
    for name, variable in old.variables.items():
        counts = name in new.variables and new.variables[name].code_hash == variable.code_hash
        assert counts == (effects.get(variable.code) != "void")


# places and the command line


def test_codebooks_are_found_by_file_study_and_name(own_study, tmp_path):
    path = written(tmp_path, document())
    assert find_codebook(path) == find_codebook(own_study.path) == own_study.codebook()
    assert find_codebook("empathy.v1").content_hash == load_codebook(built_in_text()).content_hash
    assert codebook_diff(path, own_study.codebook()).is_empty
    with pytest.raises(YuhuError, match="YH110") as error:
        find_codebook("empathy.v0")
    assert "empathy.v1" in error.value.facts["built in"]
    (tmp_path / "broken.yaml").write_text("codes: [", "utf-8")
    with pytest.raises(YuhuError, match="YH401"):
        find_codebook(tmp_path / "broken.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(YuhuError, match="YH110"):
        find_codebook(tmp_path / "latin.yaml")


def run(capsys, *arguments):
    status = invoke(["codebook", *(str(argument) for argument in arguments)])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_the_command_line(own_study, tmp_path, capsys):
    new = written(tmp_path, at_version("1.1.0", RULE))
    status, out, _ = run(capsys, "diff", own_study.path, new)
    assert status == 0
    assert "changed sad" in out
    assert "they no longer count for reliability and gold" in out
    assert "behind a gate that reads a changed code: glad" in out
    status, out, _ = run(capsys, "diff", own_study.path, new, "--lang", "zh")
    assert "不再计入信度与金标准" in out
    status, out, _ = run(capsys, "diff", own_study.path, new, "--json")
    assert json.loads(out)["demand"] == "minor"
    status, out, err = run(capsys, "adopt", own_study.path, new)
    assert (status, out) == (1, "")
    assert err.startswith("[YH404] 3 codings would no longer count, and 6 codings are of codes that would be asked of other units")
    status, out, err = run(capsys, "adopt", own_study.path, new, "--yes")
    assert (status, err) == (0, "")
    assert "codings that no longer count: 3\n  sad: 3" in out
    status, out, _ = run(capsys, "history", own_study.path)
    assert "own 1.0.0: codings 9, coders 1, machine runs 0, 2026-11-24 to 2026-11-24\n" in out
    assert "own 1.1.0: codings 0, coders 0, machine runs 0  (the present one)\n" in out
    status, out, _ = run(capsys, "history", own_study.path, "--json")
    assert [one["version"] for one in json.loads(out)["versions"]] == ["1.0.0", "1.1.0"]
    status, out, _ = run(capsys, "adopt", own_study.path, new, "--json")
    assert json.loads(out)["diff"]["is_empty"]


@pytest.mark.parametrize(
    ("arguments", "status", "error"),
    [
        (["diff", "nope", "empathy.v1"], 1, "YH110"),
        (["diff", "empathy.v1", "empathy.v1", "--lang", "fr"], 1, "YH601"),
        (["adopt", "nope", "empathy.v1"], 1, "YH201"),
        (["history", "nope"], 1, "YH201"),
        (["diff", "one"], 2, "YH901"),
        (["nope"], 2, "YH901"),
    ],
)
def test_mistakes_on_the_command_line(tmp_path, monkeypatch, capsys, arguments, status, error):
    monkeypatch.chdir(tmp_path)
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert err.startswith(f"[{error}]")


def test_a_version_that_is_too_low_on_the_command_line(own_study, tmp_path, capsys):
    status, out, _ = run(capsys, "adopt", own_study.path, written(tmp_path, at_version("1.0.1", RULE)), "--yes", "--json")
    assert status == 1
    assert json.loads(out)["error"]["code"] == "YH403"


@pytest.mark.parametrize("verb", ["diff", "adopt", "history"])
def test_help_has_an_example(capsys, verb):
    status, out, _ = run(capsys, verb, "--help")
    assert status == 0
    assert f"yuhu codebook {verb}" in out.split("Example:")[1]


def test_hostile_codebooks_do_not_reach_the_terminal(tmp_path, capsys):
    evil = edited(("codes", 0, "definition", "en"), "\x1b[31mred\u202e [bold]x[/bold]")
    _, out, _ = run(capsys, "diff", written(tmp_path, document(), "old.yaml"), written(tmp_path, evil))
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]x[/bold]" in out


def test_lint_prints_notes_apart(tmp_path, capsys):
    path = written(tmp_path, edited(("codes", 0, "translation"), {"from": "zh", "status": "draft"}))
    assert invoke(["lint", str(path)]) == 0
    out = capsys.readouterr().out
    assert "note translation draft: sad" in out
    assert out.rstrip().endswith("0 errors, 0 warnings, 2 notes")

"""The codebook noun, its linter, and the built-in codebook."""

import re

import pytest

import yuhu
from yuhu.coding.terms import alternatives
from yuhu.core.codebook import built_in_codebook, built_in_text, load_codebook
from yuhu.core.codebook_lint import lint
from yuhu.core.errors import YuhuError

BOOK = built_in_codebook()
CORE = [
    "kind",
    "affective_empathy",
    "cognitive_empathy",
    "empathic_concern",
    "anger",
    "cultural_identity",
    "collective_memory",
    "object_of_feeling",
    "stance",
    "action",
    "information",
    "hostility",
]
MODULES = {
    "empathy_plus": [
        "exploration",
        "personal_distress",
        "associative_empathy",
        "kama_muta",
        "pride",
        "gratitude",
        "shame_guilt",
        "we",
        "echo",
    ],
    "image": ["standpoint", "national_image", "reading", "frame", "value"],
    "narrative": ["confusion", "continuation", "interpretation"],
    "participation": ["issue", "secondary_creation"],
    "flags": ["formula", "sarcasm_unsure"],
}
TIMELINE = [
    "anthropomorphism",
    "childlike_lead",
    "homecoming",
    "symbol",
    "fusion",
    "bridge_character",
    "group_appearance",
    "loss",
    "injustice",
    "humour",
    "warmth",
    "call_to_action",
    "dialogue_across_time",
    "cliffhanger",
    "recap",
    "context_for_outsiders",
    "accelerating_cuts",
    "stereo_width",
    "music_swell",
]
STAGES = ["train", "pilot", "meeting", "repeat_or_drop", "freeze", "reliability", "main", "adjudication"]
UNSERVED = [
    "kind",
    "object_of_feeling",
    "echo",
    "standpoint",
    "national_image",
    "reading",
    "frame",
    "value",
    "interpretation",
    "issue",
    "sarcasm_unsure",
]

MINI = """\
schema: 1
id: mini
version: "1.0.0"
label: {zh: "迷你", en: "mini"}
description: {zh: "测试", en: "test"}
modules:
  - {id: core, label: {zh: "核心", en: "core"}, default: true}
codes:
  - id: sad
    module: core
    unit: response
    level: binary
    label: {zh: "悲", en: "sad"}
    values:
      - {id: 0, label: {zh: "无", en: "no"}}
      - {id: 1, label: {zh: "有", en: "yes"}}
    definition: {zh: "定义", en: "definition"}
    include: []
    exclude: []
    examples: []
    near_misses: []
    terms:
      zh: {1: ["哭了"]}
      en: {1: ["crying"]}
"""


def test_the_built_in_codebook_is_clean():
    assert lint(built_in_text()) == []


def test_all_of_the_codebook_is_there():
    by_module = {}
    for code in BOOK.codes:
        by_module.setdefault(code.module, []).append(code.id)
    assert by_module == {"core": CORE, **MODULES, "timeline": TIMELINE}
    assert [stage["id"] for stage in BOOK.stages] == STAGES
    assert BOOK.default_modules == {"core", "flags", "timeline"}
    assert len(BOOK.rules) >= 6


@pytest.mark.parametrize("code", [code for code in BOOK.codes if code.module == "core"], ids=lambda code: code.id)
def test_core_codes_have_examples_and_near_misses_in_both_languages(code):
    for lang in ("zh", "en"):
        assert sum(example.lang == lang for example in code.examples) >= 3
        assert sum(example.lang == lang for example in code.near_misses) >= 3
    assert code.include
    assert code.exclude


@pytest.mark.parametrize("code", [code for code in BOOK.codes if code.unit == "response"], ids=lambda code: code.id)
def test_terms_or_the_reason_why_not(code):
    if code.id in UNSERVED:
        assert code.terms is None
        assert all(len(code.no_terms[lang]) > 10 for lang in ("zh", "en"))
        return
    least = 25 if code.module == "flags" else 40
    for lang in ("zh", "en"):
        terms = {one for listed in code.terms.by_value[lang].values() for term in listed for one in alternatives(term)}
        assert len(terms) >= least, f"{lang}: {len(terms)}"


def test_flat_variables():
    assert BOOK.variables["national_image.origin.aesthetic"].values == ("-2", "-1", "0", "1", "2")
    assert BOOK.variables["affective_empathy.valence"].is_attribute
    assert BOOK.variables["action.visit"].values == ("none", "intends", "reports", "calls")
    assert "action" not in BOOK.variables
    assert BOOK.variables["stance"].zero == "none"
    assert BOOK.variables["anger"].zero == "0"
    assert BOOK.variables["kind"].zero is None


def test_chinese_and_english_are_not_mixed_up():
    han = re.compile(r"[\u4e00-\u9fff]")
    for code in BOOK.codes:
        assert han.search(code.definition["zh"])
        for example in (*code.examples, *code.near_misses):
            assert bool(han.search(example.text)) == (example.lang == "zh"), example.text


def test_hashes_follow_what_a_coder_decides_by():
    base = load_codebook(MINI)
    label = load_codebook(MINI.replace('en: "sad"', 'en: "sadness"'))
    term = load_codebook(MINI.replace('"哭了"', '"哭了", "泪目"'))
    rule = load_codebook(MINI.replace('en: "definition"', 'en: "another rule"'))
    comment = load_codebook(MINI + "# a comment\n")
    assert comment.content_hash == base.content_hash
    assert len({book.content_hash for book in (base, label, term, rule)}) == 4
    assert base.code("sad").code_hash == label.code("sad").code_hash == term.code("sad").code_hash
    assert rule.code("sad").code_hash != base.code("sad").code_hash


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('version: "1.0.0"', "version: 1", 3, "version is written"),
        ("schema: 1", "schema: 9", 1, "schema is 1"),
        ('label: {zh: "悲", en: "sad"}', 'label: {zh: "悲"}', 13, "the en text of label is missing"),
        ("level: binary", "level: loud", 12, "level is one of"),
        ("module: core\n    unit", "module: other\n    unit", 10, "is not listed under modules"),
        ("id: sad", "id: Sad Code", 9, "an id is snake_case"),
        ("      - {id: 1, label", "      - {id: 2, label", 14, "a binary code has the values 0, 1"),
        ('zh: {1: ["哭了"]}', "zh: {1: [no]}", 22, "a term is a quoted text"),
        ('zh: {1: ["哭了"]}', 'zh: {7: ["哭了"]}', 22, "which is no value of the code"),
        ("    examples: []", '    examples: [{lang: en, text: "x", value: 5, why: {zh: "a", en: "b"}}]', 19, "is not a value of the code"),
        ("    include: []", "    include: []\n    opens_if: {code: nope, values: [a]}", 18, "which is no code"),
        ("    include: []", "    include: []\n    colour: red", 18, "`colour` is not a key here"),
        ("codes:\n", "codes: [\n", 8, "not YAML"),
    ],
)
def test_the_linter_points_to_the_line(old, new, line, said):
    text = MINI.replace(old, new, 1)
    assert text != MINI
    found = [finding for finding in lint(text) if finding.is_error]
    assert any(said in finding.message for finding in found), found
    at = next(finding.line for finding in found if said in finding.message)
    assert abs(at - line) <= 1, f"line {at}"
    with pytest.raises(YuhuError, match="YH401"):
        load_codebook(text)


def test_a_code_twice_is_an_error():
    body = MINI[MINI.index("  - id: sad") :]
    assert any("stands twice" in finding.message for finding in lint(MINI + body))


def test_warnings_do_not_stop_a_codebook():
    text = MINI.replace('"哭了"', '"哭了", "哭了"')
    assert [finding.severity for finding in lint(text)] == ["warning"] * 5
    assert load_codebook(text).id == "mini"


def test_a_study_takes_its_own_codebook(tmp_path):
    path = tmp_path / "mini.yaml"
    path.write_text(MINI, "utf-8")
    assert yuhu.init(tmp_path / "s", codebook=path).codebook().id == "mini"
    path.write_text("codes: 1", "utf-8")
    with pytest.raises(YuhuError, match="YH401"):
        yuhu.init(tmp_path / "t", codebook=path)
    assert not (tmp_path / "t").exists()


def test_alternatives():
    assert alternatives("{does|did} {she|it} feel") == ["does she feel", "does it feel", "did she feel", "did it feel"]
    assert alternatives("so {|very }sad") == ["so sad", "so very sad"]
    assert alternatives("plain") == ["plain"]

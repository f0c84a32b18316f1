"""The lexicon coder: what counts as a hit, and what does not."""

import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from test_codebook import MINI
from yuhu.coding.lexicon import LexiconCoder
from yuhu.coding.negation import NEGATED, REVERSED, REVERSERS
from yuhu.coding.terms import compile_terms, traditional_variants
from yuhu.core.codebook import built_in_codebook, load_codebook
from yuhu.testing import check_coder

BOOK = built_in_codebook()
CODER = LexiconCoder(BOOK, sorted(str(module["id"]) for module in BOOK.modules))


def code(texts, coder=CODER):
    table = pa.table(
        {"text_key": pa.array(range(len(texts)), pa.int64()), "lang": [lang for _, lang in texts], "text": [text for text, _ in texts]}
    )
    rows = coder.code(table.combine_chunks().to_batches()[0]).codings.to_pylist()
    found = [{} for _ in texts]
    for row in rows:
        text = texts[row["text_key"]][0]
        spans = [text[start:end] for start, end in zip(row["evidence_start"], row["evidence_end"], strict=True)]
        found[row["text_key"]][row["code"]] = (row["value"], spans)
    return found


def value(text, lang, variable):
    return code([(text, lang)])[0].get(variable, (None, []))[0]


@pytest.mark.parametrize(
    ("text", "lang", "variable", "expected"),
    [
        ("哭了", "zh", "affective_empathy", "1"),
        ("看哭了", "zh", "affective_empathy", "1"),
        ("淚目", "zh", "affective_empathy", "1"),
        ("泪目", "zh", "affective_empathy", "1"),
        ("她说想回家,我真的哭到不行", "zh", "affective_empathy", "2"),
        ("心疼她", "zh", "affective_empathy", "2"),
        ("我没有哭", "zh", "affective_empathy", None),
        ("不哭", "zh", "affective_empathy", None),
        ("不会感动", "zh", "affective_empathy", None),
        ("忍不住哭了", "zh", "affective_empathy", "1"),
        ("感动个屁", "zh", "affective_empathy", None),
        ("你破防了", "zh", "affective_empathy", None),
        ("我破防了", "zh", "affective_empathy", "1"),
        ("笑哭了哈哈", "zh", "affective_empathy", None),
        ("i'm crying", "en", "affective_empathy", "1"),
        ("I’m CRYING", "en", "affective_empathy", "1"),
        ("not crying at all", "en", "affective_empathy", None),
        ("i was never really in tears", "en", "affective_empathy", None),
        ("i can't stop crying", "en", "affective_empathy", "1"),
        ("outcrying", "en", "affective_empathy", None),
        ("my heart broke when she said she just wants to go home", "en", "affective_empathy", "2"),
        ("T_T", "und", "affective_empathy", "1"),
        ("(╥﹏╥)", "zh", "affective_empathy", "1"),
        ("😭", "en", "affective_empathy", "1"),
        ("别怕,不哭了", "zh", "empathic_concern", "1"),
        ("hope she's safe", "en", "empathic_concern", "1"),
        ("还我国宝", "zh", "stance", "return"),
        ("還我國寶", "zh", "stance", "return"),
        ("signed", "en", "action.sign", "reports"),
        ("我要去国博看看", "zh", "action.visit", "intends"),
        ("催更", "zh", "continuation", "1"),
    ],
)
def test_hits(text, lang, variable, expected):
    assert value(text, lang, variable) == expected


def test_evidence_is_cut_from_the_text_as_written():
    found = code([("ＩＮ ＴＥＡＲＳ now", "en"), ("e\u0301 哭了", "zh"), ("她🏻说️ 泪目", "zh"), ("ﬃﬃ 哭了", "zh")])
    assert found[0]["affective_empathy"][1] == ["ＩＮ ＴＥＡＲＳ"]
    for row in found[1:]:
        assert row["affective_empathy"][1][0] in {"哭了", "泪目"}


def test_languages_without_terms_are_abstained_from():
    table = pa.table({"text_key": pa.array([1, 2], pa.int64()), "lang": ["ja", "zh"], "text": ["泣いた", "哭了"]})
    coded = CODER.code(table.to_batches()[0])
    assert coded.abstained.to_pylist() == [{"text_key": 1, "lang": "ja"}]
    assert {row["text_key"] for row in coded.codings.to_pylist()} == {2}


def test_contract():
    texts = [
        ("我哭了", "zh"),
        ("not crying", "en"),
        ("泣いた", "ja"),
        ("", "und"),
        ("还我国宝!!", "zh"),
        ("I’m in tears 😭", "en"),
        ("=cmd|' /C calc'!A0", "en"),
        ("\ufeff\u202e哭了", "zh"),
    ]
    check_coder(CODER, BOOK, texts)


def test_parameters_name_all_that_decides():
    parameters = CODER.parameters()
    other = LexiconCoder(load_codebook(MINI), ["core"]).parameters()
    assert parameters["terms_hash"] != other["terms_hash"]
    assert {"terms", "terms_hash", "negation", "normal"} <= set(parameters)


def test_modules_that_are_off_are_not_served():
    core = LexiconCoder(BOOK, ["core"])
    assert "pride" not in core.serves
    assert "stance" in core.serves


def test_traditional_forms_are_terms():
    assert "淚目" in traditional_variants("泪目")
    assert traditional_variants("crying") == []
    patterns = set(compile_terms(load_codebook(MINI.replace("哭了", "泪目")), ["core"])["pattern"])
    assert {"泪目", "淚目", "crying"} == patterns


@given(
    st.lists(st.text(max_size=12) | st.sampled_from(["哭了", "不", "她", "crying", "not ", " ", "。", "破防了", "你", "😭"]), max_size=6)
)
def test_law_spans_lie_inside_and_hold_something(parts):
    text = "".join(parts)
    for outcome in code([(text, "mul")])[0].values():
        assert outcome[1]
        assert all(span.strip() for span in outcome[1])


@given(st.sampled_from(["哭了", "泪目", "心疼"]), st.sampled_from(["不", "没有", "没", "并不会"]))
def test_law_a_negator_before_a_term_takes_it_away(term, negator):
    assert value(f"我{term}", "zh", "affective_empathy") == "1"
    assert value(f"我{negator}{term}", "zh", "affective_empathy") is None


def test_many_texts_at_once_are_coded_as_one_by_one():
    texts = [("我哭了", "zh"), ("不哭", "zh"), ("crying", "en"), ("还我国宝", "zh"), ("她好孤单", "zh"), ("lol", "en")] * 50
    assert code(texts)[:6] == [code([text])[0] for text in texts[:6]]


@given(st.lists(st.sampled_from([*REVERSERS, "会", "能", " ", "really", "哭了", "a", "是", "很", "the ", "太"]), max_size=6))
def test_law_every_reversal_holds_a_reverser(parts):
    text = "".join(parts)
    around = re.search(NEGATED, text) or re.search(REVERSED, text)
    if around:
        assert any(one in text for one in REVERSERS), text


@pytest.mark.parametrize("before", ["好" * 60, "a" * 113, "é" * 57, "😀" * 40, "好a" * 31, "x😀" * 23])
@pytest.mark.parametrize("after", ["", "好" * 30, "😀" * 9, "é" * 20 + "x"])
def test_windows_never_cut_a_character(before, after):
    assert value(f"{before} 我没有哭了{after}", "mul", "affective_empathy") is None
    assert value(f"{before} 我哭了{after}", "mul", "affective_empathy") == "1"


def test_a_very_long_text_takes_time_linear_in_its_length():
    text = "我哭了，不哭了。" * 20_000
    [found] = code([(text, "zh")])
    assert found["affective_empathy"][0] == "1"
    assert set(found["affective_empathy"][1]) == {"哭了"}


def test_laughing_till_crying_is_not_empathy():
    for text in ("笑哭了", "我笑哭了", "笑到哭了", "笑得哭了"):
        assert value(text, "zh", "affective_empathy") is None, text

"""ELAN files with codes: tiers of coders, vocabularies in two languages, foreign files."""

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import ANYTHING, HOW, NOW, books, codings_of, counted
from yuhu.core.codebook import Value
from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.eaf_codes import read_codes, write_codes
from yuhu.formats.exchange import CODING_DRAFT, VIDEO_DRAFT, Exchange, Reading, codings_frame, ordered

NOT_KEPT = ["at", "evidence", "note", "unit_id", "code_hash", "codebook_hash", "coder_kind", "purpose", "occasion", "sample"]
KEPT = [name for name in CODING_DRAFT if name not in NOT_KEPT]
ORDER = "LICENSE? HEADER TIME_ORDER TIER* LINGUISTIC_TYPE* LOCALE* LANGUAGE* CONSTRAINT* CONTROLLED_VOCABULARY*"
NEEDED = {
    "ANNOTATION_DOCUMENT": {"AUTHOR", "DATE", "VERSION"},
    "HEADER": {"TIME_UNITS"},
    "MEDIA_DESCRIPTOR": {"MEDIA_URL", "MIME_TYPE"},
    "TIME_SLOT": {"TIME_SLOT_ID", "TIME_VALUE"},
    "TIER": {"TIER_ID", "LINGUISTIC_TYPE_REF"},
    "ALIGNABLE_ANNOTATION": {"ANNOTATION_ID", "TIME_SLOT_REF1", "TIME_SLOT_REF2"},
    "LINGUISTIC_TYPE": {"LINGUISTIC_TYPE_ID"},
    "LANGUAGE": {"LANG_ID"},
    "CONSTRAINT": {"STEREOTYPE"},
    "CONTROLLED_VOCABULARY": {"CV_ID"},
    "CV_ENTRY_ML": {"CVE_ID"},
    "CVE_VALUE": {"LANG_REF"},
}


@st.composite
def spans(draw, texts=ANYTHING):
    book = draw(books())
    return Exchange(book, draw(codings_of(book, [], most=12, texts=texts)))


def read_all(written, reading=None):
    return [read_codes(content, reading or Reading(name=name)) for name, content in written.files.items()]


@given(spans())
def test_codings_of_spans_come_back_up_to_the_losses_that_are_listed(exchange):
    written = write_codes(exchange, HOW)
    found = read_all(written)
    codings = ordered(pl.concat([one.codings for one in found])) if found else exchange.codings.clear()
    longer = exchange.codings.with_columns(end_ms=pl.max_horizontal("end_ms", pl.col("start_ms") + 1))
    assert codings.select(KEPT).equals(ordered(longer).select(KEPT))
    lost = counted(written.losses)
    assert lost.get("ends of spans without a length", 0) == (exchange.codings["start_ms"] == exchange.codings["end_ms"]).sum()
    for name in ("at", "evidence", "note"):
        assert lost.get(f"column {name}", 0) == exchange.codings[name].count()
    for name in ("code_hash", "codebook_hash", "purpose", "occasion", "sample"):
        assert lost.get(f"column {name}", 0) == exchange.codings[name].count() - codings[name].count()
    assert all(not one.rejects and not one.losses and one.seen == one.codings.height for one in found)


@given(spans())
def test_vocabularies_come_back_in_both_languages(exchange):
    for one in read_all(write_codes(exchange, HOW)):
        for draft in one.book.codes:
            decision = exchange.book.decisions[draft.id]
            assert [value.id for value in draft.values] == [value.id for value in decision.values]
            for mine, theirs in zip(draft.values, decision.values, strict=True):
                assert mine.label == {lang: text for lang, text in theirs.label.items() if text}


@given(spans())
def test_documents_are_in_the_order_of_the_schema_and_refer_to_what_is_there(exchange):
    for content in write_codes(exchange, replace(HOW, coders=("wang",))).files.values():
        root = fromstring(content)
        below = "".join(f"{child.tag} " for child in root)
        assert re.fullmatch("".join(f"(?:{part.rstrip('?*')} ){part[-1] if part[-1] in '?*' else ''}" for part in ORDER.split()), below)
        ids = {
            name: [one.get(name) for one in root.iter() if one.get(name)]
            for name in ("ANNOTATION_ID", "TIME_SLOT_ID", "CVE_ID", "LANG_ID", "TIER_ID", "CV_ID", "LINGUISTIC_TYPE_ID")
        }
        assert all(len(held) == len(set(held)) for held in ids.values())
        for element in root.iter():
            assert NEEDED.get(element.tag, set()) <= element.attrib.keys()
            for ref, name in (
                ("LINGUISTIC_TYPE_REF", "LINGUISTIC_TYPE_ID"),
                ("CONTROLLED_VOCABULARY_REF", "CV_ID"),
                ("CVE_REF", "CVE_ID"),
                ("LANG_REF", "LANG_ID"),
                ("TIME_SLOT_REF1", "TIME_SLOT_ID"),
                ("TIME_SLOT_REF2", "TIME_SLOT_ID"),
            ):
                assert element.get(ref) is None or element.get(ref) in ids[name]
        for tier in root.iterfind("TIER"):
            times = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE")) for slot in root.iterfind("TIME_ORDER/TIME_SLOT")}
            ends = [
                (times[one.get("TIME_SLOT_REF1")], times[one.get("TIME_SLOT_REF2")])
                for one in tier.iterfind("ANNOTATION/ALIGNABLE_ANNOTATION")
            ]
            assert all(end > start for start, end in ends)
            assert all(after[0] >= before[1] for before, after in pairwise(ends)), "nothing overlaps on a tier"


@given(spans())
def test_the_same_gives_the_same_bytes(exchange):
    assert write_codes(exchange, HOW).files == write_codes(replace(exchange, codings=exchange.codings.reverse()), HOW).files


BOOK = BookDraft(
    "b",
    codes=(
        CodeDraft("warmth", {"en": "warmth"}, {"zh": "温情", "en": "Warmth is shown."}, unit="span", level="binary", values=(Value("0", {"zh": "无", "en": "none"}), Value("1", {"zh": "有", "en": "present"}))),
        CodeDraft("loss", unit="span"),
        CodeDraft("anger", unit="response", values=(Value("1", {}),)),
    ),
)  # fmt: skip


def span(code, value, start, end, **more):
    return {
        "unit_kind": "span",
        "video_id": "bili:1",
        "start_ms": start,
        "end_ms": end,
        "code": code,
        "value": value,
        "status": "coded",
        "coder": "wang",
        "coder_kind": "human",
        **more,
    }


def test_a_tier_for_each_decision_and_coder_with_a_vocabulary_in_two_languages():
    rows = [
        span("warmth", "1", 0, 1000),
        span("warmth", "1", 500, 900),
        span("warmth", None, 2000, 3000, coder="li", status="abstained"),
        span("loss", "1", 5, 9),
    ]
    videos = pl.DataFrame([("bili:1", "ep 1.mp4", None, None)], schema=VIDEO_DRAFT, orient="row")
    written = write_codes(Exchange(BOOK, codings_frame(rows), videos=videos), HOW)
    [(name, content)] = written.files.items()
    assert name == "bili_1.eaf"
    root = fromstring(content)
    tiers = {
        tier.get("TIER_ID"): (tier.get("ANNOTATOR"), [one.text for one in tier.iter("ANNOTATION_VALUE")]) for tier in root.iterfind("TIER")
    }
    assert tiers == {
        "loss@wang": ("wang", ["1"]), "warmth@li": ("li", ["(abstained)"]), "warmth@wang": ("wang", ["1"]), "warmth@wang (2)": ("wang", ["1"]),
    }  # fmt: skip
    [vocabulary] = root.iterfind("CONTROLLED_VOCABULARY")
    assert [(one.get("LANG_REF"), one.text) for one in vocabulary.iterfind("DESCRIPTION")] == [("zho", "温情"), ("eng", "Warmth is shown.")]
    assert [(one.get("LANG_REF"), one.text, one.get("DESCRIPTION")) for one in vocabulary.iter("CVE_VALUE")] == [
        ("zho", "0", "无"), ("eng", "0", "none"), ("zho", "1", "有"), ("eng", "1", "present"),
    ]  # fmt: skip
    assert root.find("HEADER/MEDIA_DESCRIPTOR").get("RELATIVE_MEDIA_URL") == "./ep 1.mp4"
    [found] = read_all(written)
    assert found.codings.select("code", "value", "status", "coder", "start_ms").rows() == [
        ("warmth", "1", "coded", "wang", 0), ("loss", "1", "coded", "wang", 5), ("warmth", "1", "coded", "wang", 500), ("warmth", None, "abstained", "li", 2000),
    ]  # fmt: skip
    assert found.videos.rows() == [("bili:1", "ep 1.mp4", None, None)]
    assert found.book.codes == (
        CodeDraft("warmth", {}, {"zh": "温情", "en": "Warmth is shown."}, unit="span", values=BOOK.codes[0].values),
    )


def test_what_a_small_file_looks_like(golden):
    """What the files look like changes only under a new version of the format."""
    written = write_codes(Exchange(BOOK, codings_frame([span("warmth", "1", 0, 1000), span("warmth", "0", 500, 900)])), HOW)
    golden("formats/elan_eaf_codes", {name: content.decode().split("\n") for name, content in written.files.items()})


def test_coders_get_empty_tiers_for_what_is_shown_and_for_nothing_else():
    videos = pl.DataFrame([("v", None, None, None)], schema=VIDEO_DRAFT, orient="row")
    [content] = write_codes(Exchange(BOOK, videos=videos), replace(HOW, coders=("wang", "li"))).files.values()
    assert [tier.get("TIER_ID") for tier in fromstring(content).iterfind("TIER")] == ["warmth@wang", "warmth@li", "loss@wang", "loss@li"]


def test_what_elan_cannot_hold_is_listed():
    rows = [
        {**span("anger", "1", None, None), "unit_kind": "response", "unit_id": "u"}, span("warmth", "1", None, None), span("warmth", "1", -5, 9),
        span("warmth", "1", 0, 10**9), span("warmth", "(failed)", 0, 9), span("warmth", "1", 9, 9, at=NOW, note="n"),
    ]  # fmt: skip
    written = write_codes(Exchange(BOOK, codings_frame(rows)), HOW)
    assert sorted((loss.what, loss.why, loss.count) for loss in written.losses) == [
        ("codes in full", "ELAN holds their definition and values; labels, rules, examples and terms stay behind", 1),
        ("codings", "ELAN needs a start and an end within 48 hours", 3),
        ("codings", "their value reads like a status", 1),
        ("codings", "they are not of spans", 1),
        ("column at", "ELAN has no place for it", 1),
        ("column note", "ELAN has no place for it", 1),
        ("ends of spans without a length", "ELAN shows spans of 1 ms and more", 1),
    ]
    [found] = read_all(written)
    assert found.codings.select("start_ms", "end_ms").rows() == [(9, 10)]


def test_videos_whose_names_are_one_for_the_file_system_have_files_of_their_own():
    rows = [span("loss", "1", 0, 9, video_id=video) for video in ("a/b", "a:b", "../..", "")]
    written = write_codes(Exchange(BOOK, codings_frame(rows)), HOW)
    assert sorted(written.files) == ["a_b-2.eaf", "a_b.eaf", "unnamed-2.eaf", "unnamed.eaf"]


FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2020-01-01T00:00:00+01:00" FORMAT="2.7" VERSION="2.7">
<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Users/anna/ep1.mp4" MIME_TYPE="video/mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="t1" TIME_VALUE="0"/><TIME_SLOT TIME_SLOT_ID="t2" TIME_VALUE="700"/><TIME_SLOT TIME_SLOT_ID="t3"/><TIME_SLOT TIME_SLOT_ID="t4" TIME_VALUE="900"/></TIME_ORDER>
<TIER TIER_ID="gesture-A" PARTICIPANT="Anna" LINGUISTIC_TYPE_REF="g">
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"><ANNOTATION_VALUE>point</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="t2" TIME_SLOT_REF2="t4" CVE_REF="c2"><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a3" TIME_SLOT_REF1="t2" TIME_SLOT_REF2="t4"><ANNOTATION_VALUE></ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="warmth@ben" LINGUISTIC_TYPE_REF="default-lt"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a4" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t4"><ANNOTATION_VALUE>present</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a5" TIME_SLOT_REF1="t4" TIME_SLOT_REF2="t1"><ANNOTATION_VALUE>1</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<TIER TIER_ID="speech" ANNOTATOR="Cleo" LINGUISTIC_TYPE_REF="default-lt"><ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a6" TIME_SLOT_REF1="t1" TIME_SLOT_REF2="t2"><ANNOTATION_VALUE>I want to go home</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>
<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt" TIME_ALIGNABLE="true"/><LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="g" TIME_ALIGNABLE="true" CONTROLLED_VOCABULARY_REF="gesture"/>
<CONTROLLED_VOCABULARY CV_ID="gesture" DESCRIPTION="what hands do"><CV_ENTRY CVE_ID="c1" DESCRIPTION="指向">point</CV_ENTRY><CV_ENTRY CVE_ID="c2">wave</CV_ENTRY></CONTROLLED_VOCABULARY>
</ANNOTATION_DOCUMENT>"""


def test_a_foreign_file_gives_codings_of_vocabularies_and_of_names_with_a_coder():
    found = read_codes(FOREIGN.encode(), Reading(name="x.eaf"))
    assert found.codings.select("video_id", "start_ms", "end_ms", "code", "value", "coder").rows() == [
        ("ep1", 0, 700, "gesture", "point", "Anna"),
        ("ep1", 0, 900, "warmth", "present", "ben"),
        ("ep1", 700, 900, "gesture", "wave", "Anna"),
    ]
    assert [(one.place, one.why) for one in found.rejects] == [
        ("annotation a3", "it has no value"),
        ("annotation a5", "the times are not within 48 hours, or end before they start"),
    ]
    assert counted(found.losses) == {"tiers without codes": 1}
    assert found.book.codes == (
        CodeDraft("gesture", {}, {"und": "what hands do"}, unit="span", values=(Value("point", {"zh": "指向"}), Value("wave", {}))),
    )


def test_values_are_checked_against_a_codebook_that_is_known():
    found = read_codes(FOREIGN.encode(), Reading(name="x.eaf", book=BOOK, video="bili:1"))
    assert found.codings.filter(pl.col("code") == "warmth").select("video_id", "value").rows() == [("bili:1", "1")], (
        "the label is brought to its value"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "YH106"),
        (b"<x/>", "YH106"),
        (b'<!DOCTYPE a [<!ENTITY a "b">]><ANNOTATION_DOCUMENT/>', "YH109"),
        (b"<ANNOTATION_DOCUMENT>" + b"<TIER>" * 5000, "YH109"),
        (b'<?xml version="1.0" encoding="no-such"?><ANNOTATION_DOCUMENT/>', "YH106"),
    ],
)
def test_hostile_files_are_refused(content, code):
    with pytest.raises(YuhuError, match=code):
        read_codes(content, Reading(name="bad.eaf"))


def test_a_property_of_ours_that_was_damaged_is_passed_over():
    written = write_codes(Exchange(BOOK, codings_frame([span("warmth", "1", 0, 9)])), HOW)
    [content] = written.files.values()
    for damaged in ("[1]", "{", '{"tiers": {"warmth@wang": [1]}, "kinds": 3, "purpose": {"warmth": 5}, "video": ""}'):
        start = content.index(b">", content.index(b"urn:yuhu:codings")) + 1
        broken = content[:start] + damaged.encode() + content[content.index(b"</PROPERTY>", start) :]
        found = read_codes(broken, Reading(name="v.eaf"))
        assert found.codings.select("code", "value", "coder", "coder_kind", "purpose").rows() == [("warmth", "1", "wang", "human", None)]

"""REFI-QDA codebooks and projects: what goes out comes back, files of other programs are read, hostile ones are refused."""

import io
import re
import zipfile
from contextlib import suppress
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchanges import ANYTHING, HOW, NOW, TEXTS, books, counted, exchanges
from refi_schema import CODEBOOK, PROJECT, assert_valid
from yuhu.core.codebook import Value, built_in_codebook
from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, CodeDraft, draft_book
from yuhu.formats.exchange import Exchange, Reading, Writing, codings_frame, units_frame
from yuhu.formats.labelled_lines import Line, read_lines, written_lines
from yuhu.formats.packages import Package, packed
from yuhu.formats.refi_codebook import read_codebook, write_codebook
from yuhu.formats.refi_codes import guid
from yuhu.formats.refi_paragraphs import Paragraph, laid_out, paragraphs_of
from yuhu.formats.refi_positions import Convention, Positions, Quoted, convention_of
from yuhu.formats.refi_project_reading import read_project
from yuhu.formats.refi_project_writing import write_project

G = [f"00000000-0000-4000-8000-{number:012d}" for number in range(40)]


def qdc(exchange, how=HOW):
    return write_codebook(exchange, how).files["codings.qdc"]


def qdpx(exchange, how=HOW):
    return write_project(exchange, how).files["codings.qdpx"]


def qde_of(package):
    return zipfile.ZipFile(io.BytesIO(package)).read("project.qde")


def by_unit(frame):
    return frame.sort("unit_id", maintain_order=True)


# what goes out comes back


@given(books())
def test_a_codebook_comes_back_exactly(book):
    written = write_codebook(Exchange(book), HOW)
    found = read_codebook(written.files["codings.qdc"], Reading())
    assert found.book == book
    assert not written.losses
    assert not found.losses


@given(exchanges())
def test_a_project_comes_back_exactly(exchange):
    written = write_project(exchange, HOW)
    found = read_project(written.files["codings.qdpx"], Reading())
    assert found.book == exchange.book
    assert found.codings.equals(exchange.codings)
    assert by_unit(found.units).select(exchange.units.columns).equals(by_unit(exchange.units))
    assert (written.losses, found.losses, found.rejects, found.notes) == ((), (), (), ())
    assert found.seen == exchange.codings.height


@settings(max_examples=40)
@given(exchanges(texts=ANYTHING))
def test_what_is_written_fits_the_schemas_whatever_the_texts(exchange):
    assert_valid(fromstring(qdc(exchange)), CODEBOOK, "urn:QDA-XML:codebook:1.0")
    assert_valid(fromstring(qde_of(qdpx(exchange))), PROJECT, "urn:QDA-XML:project:1.0")


@settings(max_examples=25)
@given(exchanges(texts=ANYTHING), st.integers(1, 3))
def test_the_same_gives_the_same_bytes_and_order_does_not_matter(exchange, per_source):
    how = replace(HOW, per_source=per_source)
    shuffled = replace(exchange, codings=exchange.codings.reverse())
    assert qdpx(exchange, how) == qdpx(shuffled, how)
    assert read_project(qdpx(exchange, how), Reading()).codings.height == exchange.codings.height


def test_characters_that_xml_cannot_hold_are_counted():
    units = units_frame([{"unit_id": "u1", "text": "a\x00b\r\nc"}])
    codings = codings_frame([coding("u1", "anger", "1")])
    written = write_project(Exchange(BookDraft("b", codes=(CodeDraft("anger", {"en": "an\x0bger"}),)), codings, units), HOW)
    assert counted(written.losses) == {
        "texts with carriage returns": 1,
        "texts with characters that XML cannot hold": 3,
    }
    [text] = read_project(written.files["codings.qdpx"], Reading()).units["text"]
    assert text == "ab\nc"


def test_what_no_format_carries_is_listed():
    written = write_codebook(Exchange(draft_book(built_in_codebook())), HOW)
    found = counted(written.losses)
    assert found["rules of the codebook"] == len(built_in_codebook().rules)
    assert found["terms of the lexicon"] > 1000
    draft = read_codebook(written.files["codings.qdc"], Reading()).book
    assert [replace(one, words=0) for one in draft_book(built_in_codebook()).codes] == list(draft.codes)
    assert draft.content_hash == built_in_codebook().content_hash


def test_codings_without_a_text_or_a_video_are_listed():
    codings = codings_frame([coding("nowhere", "anger", "1"), coding(None, "anger", "1", unit_kind="span", start_ms=1, end_ms=2)])
    written = write_project(Exchange(BookDraft("b", codes=(CodeDraft("anger"),)), codings), HOW)
    assert [(loss.what, loss.why, loss.count) for loss in written.losses] == [
        ("codings", "its unit has no text here", 1),
        ("codings", "a span without a video", 1),
    ]


def test_a_coding_that_is_none_is_refused():
    codings = codings_frame([{**coding("u", "anger", None), "status": "coded"}])
    with pytest.raises(YuhuError, match="YH503"):
        write_project(Exchange(codings=codings), HOW)
    with pytest.raises(YuhuError, match="YH401"):
        write_codebook(Exchange(), HOW)


def test_broken_parents_are_listed_and_all_codes_are_written():
    drafts = (CodeDraft("a", parent="b"), CodeDraft("b", parent="a"), CodeDraft("c", parent="gone"), CodeDraft("d", parent="b"))
    written = write_codebook(Exchange(BookDraft("x", codes=drafts)), HOW)
    assert counted(written.losses) == {"parents of codes": 2}
    found = read_codebook(written.files["codings.qdc"], Reading()).book.codes
    assert {one.id: one.parent for one in found} == {"a": "", "b": "a", "c": "", "d": "b"}


def test_names_of_codes_are_told_apart():
    label = {"en": "same"}
    drafts = tuple(CodeDraft(code, label, values=(Value("0", {"en": "no"}), Value("1", {"en": "no"}))) for code in ("a", "b"))
    names = [
        element.get("name")
        for element in fromstring(qdc(Exchange(BookDraft("x", codes=drafts)))).iter()
        if element.get("name") and element.get("isCodable")
    ]
    assert names == ["same", "same = 0 no", "same = 1 no", "same (2)", "same (2) = 0 no", "same (2) = 1 no"]


def coding(unit, code, value, **more):
    return {
        "unit_kind": "response",
        "unit_id": unit,
        "code": code,
        "value": value,
        "status": "coded",
        "coder": "wang",
        "coder_kind": "human",
        "at": NOW,
        **more,
    }


def test_values_and_statuses_are_codes_below_their_code_and_coders_are_users():
    book = BookDraft("b", codes=(CodeDraft("empathy", {"en": "empathy"}, level="ordinal", values=(Value("0", {}), Value("2", {}))),))
    rows = [
        coding("u1", "empathy", "2"),
        coding("u1", "empathy", None, coder="li", status="abstained"),
        coding("u1", "empathy", "7", coder="m", coder_kind="llm"),
    ]
    root = fromstring(qde_of(qdpx(Exchange(book, codings_frame(rows), units_frame([{"unit_id": "u1", "text": "😭x"}])))))
    qda = "{urn:QDA-XML:project:1.0}"
    codes = {element.get("guid"): (element.get("name"), element.get("isCodable")) for element in root.iter(f"{qda}Code")}
    assert list(codes.values()) == [
        ("empathy", "false"), ("empathy = 0", "true"), ("empathy = 2", "true"), ("empathy = 7", "true"), ("empathy: abstained", "true"),
    ]  # fmt: skip
    users = {element.get("guid"): element.get("name") for element in root.iter(f"{qda}User")}
    [selection] = root.iter(f"{qda}PlainTextSelection")
    said = {users[one.get("creatingUser")]: codes[one[0].get("targetGUID")][0] for one in selection.iter(f"{qda}Coding")}
    assert said == {"wang": "empathy = 2", "li": "empathy: abstained", "m": "empathy = 7"}
    assert int(selection.get("endPosition")) - int(selection.get("startPosition")) == 2, "code points, the end outside"


def test_a_selection_of_words_or_of_several_responses_codes_these():
    book = BookDraft("b", codes=(CodeDraft("anger"),))
    units = units_frame([{"unit_id": f"u{n}", "text": text} for n, text in enumerate(["first 😭 one", "second", "third"])])
    package = qdpx(Exchange(book, codings_frame([coding("u0", "anger", "1")]), units))
    members = {name: zipfile.ZipFile(io.BytesIO(package)).read(name) for name in zipfile.ZipFile(io.BytesIO(package)).namelist()}
    [file] = [name for name in members if name.endswith(".txt")]
    text = members[file].decode()

    def select(start, end, which):
        made = f'<PlainTextSelection guid="{G[which]}" startPosition="{start}" endPosition="{end}"><Coding guid="{G[which + 1]}"><CodeRef targetGUID="{guid("b", "code", "anger")}"/></Coding></PlainTextSelection>'
        return made.encode()

    words, over, between = text.index("😭"), text.index("second"), text.index("second") - 4
    more = select(words, words + 1, 0) + select(over + 3, text.index("third") + 2, 2) + select(between, between + 1, 4)
    members["project.qde"] = members["project.qde"].replace(b"</TextSource>", more + b"</TextSource>")
    members[file] = text.replace("\n", "\r\n").encode()
    members["project.qde"] = members["project.qde"].replace(b'origin="Yuhu', b'origin="ATLAS.ti')
    found = read_project(packed(members), Reading())
    said = sorted((row["unit_id"], row["evidence"] or "", row["coder"]) for row in found.codings.to_dicts())
    assert said == [("u0", "", "wang"), ("u0", "😭", "unknown"), ("u1", "ond", "unknown"), ("u2", "th", "unknown")]
    assert [(reject.place, reject.why) for reject in found.rejects] == [("codings 1, selection 6", "it lies between the responses")]
    assert found.notes == ("codings without a coder: unknown is taken", "selections over several responses code each of them")


def test_codes_that_lost_their_descriptions_are_known_by_their_identifiers():
    drafts = (
        CodeDraft("empathy", {"en": "empathy"}, values=(Value("0", {}), Value("2", {}))),
        CodeDraft("anger", level="binary", values=(Value("0", {}), Value("1", {}))),
    )
    book = BookDraft("b", codes=drafts)
    rows = [coding("u1", "empathy", "2"), coding("u1", "anger", "1")]
    package = qdpx(Exchange(book, codings_frame(rows), units_frame([{"unit_id": "u1", "text": "x"}])))
    members = {name: zipfile.ZipFile(io.BytesIO(package)).read(name) for name in zipfile.ZipFile(io.BytesIO(package)).namelist()}
    members["project.qde"] = re.sub(rb"<Description>.*?</Description>", b"", members["project.qde"], flags=re.DOTALL)
    found = read_project(packed(members), Reading(book=book))
    assert found.codings.select("unit_id", "code", "value").rows() == [("u1", "anger", "1"), ("u1", "empathy", "2")]
    assert [one.id for one in read_project(packed(members), Reading()).book.codes] == [
        "empathy",
        "empathy_0",
        "empathy_2",
        "anger",
        "anger_0",
        "anger_1",
    ]


def test_a_coding_with_an_ordinal_code_itself_is_rejected_with_its_place():
    book = BookDraft("b", codes=(CodeDraft("empathy", level="ordinal", values=(Value("0", {}), Value("1", {}))),))
    package = qdpx(Exchange(book, codings_frame([coding("u1", "empathy", "1")]), units_frame([{"unit_id": "u1", "text": "x"}])))
    members = {name: zipfile.ZipFile(io.BytesIO(package)).read(name) for name in zipfile.ZipFile(io.BytesIO(package)).namelist()}
    members["project.qde"] = members["project.qde"].replace(
        b'<CodeRef targetGUID="' + guid("b", "value", "empathy", "1").encode(),
        b'<CodeRef targetGUID="' + guid("b", "code", "empathy").encode(),
    )
    found = read_project(packed(members), Reading())
    assert [(one.place, one.why) for one in found.rejects] == [
        ("codings 1, selection 1", "it is coded with `empathy` itself, not with one of its values")
    ]
    assert (found.seen, found.codings.height) == (1, 0)


def test_what_a_small_project_looks_like(golden):
    """What the files look like changes only under a new version of the format."""
    rows = [
        coding("u1", "empathy", "1", note="sure"),
        coding(None, "empathy", None, unit_kind="span", video_id="v", start_ms=5, end_ms=90, status="abstained"),
    ]
    codes = (
        CodeDraft(
            "empathy",
            {"zh": "共情", "en": "empathy"},
            {"zh": "感情", "en": "A feeling.\nNo more."},
            "response",
            "binary",
            (Value("0", {}), Value("1", {"zh": "有", "en": "yes"})),
            module="core",
            colour="#1b6ca8",
        ),
    )
    units = units_frame([{"unit_id": "u1", "text": "我哭了😭", "video_id": "v", "kind": "danmaku"}], {"kind": pl.String()})
    archive = zipfile.ZipFile(
        io.BytesIO(
            qdpx(Exchange(BookDraft("b", "1.0.0", {"en": "book"}, {}, codes), codings_frame(rows), units), replace(HOW, context=("kind",)))
        )
    )
    shown = {name: re.sub(r"Yuhu [0-9.]+", "Yuhu", archive.read(name).decode()).split("\n") for name in archive.namelist()}
    golden(
        "formats/refi_qdpx",
        {**shown, "qdc": re.sub(r"Yuhu [0-9.]+", "Yuhu", qdc(Exchange(BookDraft("b", codes=codes))).decode()).split("\n")},
    )


# files of other programs

ATLAS_QDC = f"""<?xml version="1.0" encoding="utf-8"?>
<CodeBook xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:QDA-XML:codebook:0:4 Codebook.xsd" origin="ATLAS.ti Win 23.4.0" xmlns="urn:QDA-XML:codebook:0:4">
  <Codes>
    <Code guid="{{{G[1].upper()}}}" name="Anger &amp; rage" color="#46AA00" isCodable="true">
      <Description>Anger at someone.
Not at things.</Description>
      <Code guid="{G[2]}" name="at the museum" isCodable="true"/>
    </Code>
    <Code guid="{G[3]}" name="愤怒" isCodable="false" color="red"/>
    <Code guid="{G[4]}" name="愤怒" isCodable="true"/>
    <Code guid="{G[5]}" name="2nd thoughts" isCodable="true" color="#FFF"><Description>  </Description></Code>
    <Code guid="{G[6]}" name="Anger-rage" isCodable="true"/>
  </Codes>
  <Sets><Set name="code group 1" guid="{G[7]}"><MemberCode guid="{G[1]}"/></Set></Sets>
</CodeBook>"""


def test_a_foreign_codebook_gives_drafts():
    found = read_codebook(ATLAS_QDC.encode(), Reading())
    first, second, third, fourth, fifth, sixth = found.book.codes
    assert first == CodeDraft("anger_rage", {"und": "Anger & rage"}, {"und": "Anger at someone.\nNot at things."}, colour="#46AA00")
    assert (second.id, second.parent) == ("at_the_museum", "anger_rage")
    assert (third.label, third.is_codable, third.colour) == ({"zh": "愤怒"}, False, "")
    assert third.id.startswith("code_")
    assert fourth.id not in {third.id, ""}
    assert (fifth.id, fifth.definition, fifth.colour) == ("code_2nd_thoughts", {}, "#FFF")
    assert sixth.id == "anger_rage_2"
    assert counted(found.losses) == {"sets of codes": 1, "colours that are none": 1}
    assert read_codebook(ATLAS_QDC.encode(), Reading(lang_of=lambda _: "en")).book.codes[0].label == {"en": "Anger & rage"}


def foreign(origin, sources, *, codes="", more="", users="", project=""):
    made = codes or f'<Code guid="{G[1]}" name="anger" isCodable="true"/><Code guid="{G[2]}" name="joy" isCodable="true"/>'
    people = users or f'<User guid="{G[10]}" name="Anna"/><User guid="{G[11]}" name="Ben"/>'
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Project xmlns="urn:QDA-XML:project:1.0" name="p" origin="{origin}" {project}>'
        f"<Users>{people}</Users><CodeBook><Codes>{made}</Codes></CodeBook>{more}<Sources>{sources}</Sources></Project>"
    ).encode()


def selection(start, end, *codings, name="", description=""):
    said = "".join(f'<Coding guid="{G[20]}" {who}><CodeRef targetGUID="{code}"/></Coding>' for code, who in codings)
    described = f"<Description>{description}</Description>" if description else ""
    return f'<PlainTextSelection guid="{G[21]}" startPosition="{start}" endPosition="{end}" name="{name}">{described}{said}</PlainTextSelection>'


BY_ANNA, BY_BEN = (f'creatingUser="{G[10].upper()}" creationDateTime="2024-05-01T10:00:00Z"', f'creatingUser="{{{G[11]}}}"')


def test_qualcoder_text_with_two_coders_on_one_selection():
    sources = f'<TextSource guid="{G[5]}" name="interview" plainTextPath="internal://{G[5]}.txt">{selection(3, 8, (G[1], BY_ANNA), (G[2], BY_BEN), name="😭 sad", description="so loud")}{selection(0, 2, description="only a comment")}</TextSource>'
    package = packed({"project.qde": foreign("QualCoder 3.5", sources), f"sources/{G[5]}.txt": "ab 😭 sad\nend".encode("utf-8-sig")})
    found = read_project(package, Reading())
    assert found.codings.select("unit_kind", "unit_id", "code", "value", "coder", "note").rows() == [
        ("text", "interview#3-8", "anger", "1", "Anna", "so loud"),
        ("text", "interview#3-8", "joy", "1", "Ben", "so loud"),
    ]
    assert found.codings["at"].to_list() == [NOW.replace(year=2024, month=5, day=1, hour=10), None]
    assert found.units.rows() == [("interview#3-8", None, "😭 sad")]
    assert counted(found.losses) == {"comments on selections without a code": 1}


TEXT = "one\ntwo 😭 three\nfour five"


@pytest.mark.parametrize(
    ("origin", "kept", "convention", "noted"),
    [
        ("QualCoder", TEXT, Convention(), False),
        ("MAXQDA 2022", "\ufeff" + TEXT.replace("\n", "\r\n"), Convention(2), True),
        ("ATLAS.ti Win 23", TEXT.replace("\n", "\r\n"), Convention(1), False),
        ("NVivo", TEXT.replace("\n", "\r\n"), Convention(2, 2), True),
        ("SomeTool", TEXT, Convention(1, 2), True),
        ("SomeTool", TEXT, Convention(1, 1, is_inclusive=True), True),
    ],
)
def test_positions_are_counted_as_the_program_does(origin, kept, convention, noted):
    """Positions are made by counting by hand as each program is said to count."""

    def position(point):
        before = TEXT[:point]
        return len(before) + (convention.line_end - 1) * before.count("\n") + (convention.astral - 1) * before.count("😭")

    made = ""
    for quote in ("two 😭", "three", "four"):
        start = TEXT.index(quote)
        made += selection(position(start), position(start + len(quote)) - convention.is_inclusive, (G[1], BY_ANNA), name=quote)
    sources = f'<TextSource guid="{G[5]}" name="t" plainTextPath="internal://{G[5].upper()}.txt">{made}</TextSource>'
    package = packed({"project.qde": foreign(origin, sources), f"Sources/{G[5]}.txt": kept.encode()})
    found = read_project(package, Reading())
    assert sorted(found.units["text"]) == ["four", "three", "two 😭"]
    assert bool(found.notes) == noted


def test_media_transcripts_pictures_cases_and_memos_of_other_programs():
    sources = (
        f'<VideoSource guid="{G[5]}" name="ep1" path="relative:///films\\ep 1.mp4"><Transcript guid="{G[6]}"><SyncPoint guid="{G[7]}" timeStamp="1500" position="0"/>'
        f'<SyncPoint guid="{G[8]}" timeStamp="2500" position="9"/><TranscriptSelection guid="{G[9]}" fromSyncPoint="{G[7]}" toSyncPoint="{G[8]}">'
        f'<Coding guid="{G[20]}" {BY_BEN}><CodeRef targetGUID="{G[1]}"/></Coding></TranscriptSelection></Transcript>'
        f'<VideoSelection guid="{G[12]}" begin="115" end="1100" creatingUser="{G[10]}"><Coding guid="{G[13]}"><CodeRef targetGUID="{G[2]}"/></Coding></VideoSelection>'
        f'<VideoSelection guid="{G[14]}" begin="9" end="1"><Coding guid="{G[15]}"><CodeRef targetGUID="{G[2]}"/></Coding></VideoSelection></VideoSource>'
        f'<PictureSource guid="{G[16]}" name="pic"><PictureSelection guid="{G[17]}" firstX="0" firstY="0" secondX="1" secondY="1"><Coding guid="{G[18]}"><CodeRef targetGUID="{G[1]}"/></Coding></PictureSelection></PictureSource>'
        f'<TextSource guid="{G[19]}" name="gone" plainTextPath="internal://gone.txt"><Coding guid="{G[22]}"><CodeRef targetGUID="{G[1]}"/></Coding></TextSource>'
        f'<TextSource guid="{G[23]}" name="whole"><PlainTextContent>all of it</PlainTextContent><Coding guid="{G[24]}" {BY_ANNA}><CodeRef targetGUID="{G[1]}"/><NoteRef targetGUID="{G[25]}"/></Coding>'
        f'<Coding guid="{G[26]}" {BY_ANNA}><CodeRef targetGUID="{G[30]}"/></Coding></TextSource>'
    )
    more = f'<Cases><Case guid="{G[30]}" name="a person"><CodeRef targetGUID="{G[1]}"/></Case></Cases>'
    after = f'</Sources><Notes><Note guid="{G[25]}"><PlainTextContent>{{"a": 1}} why</PlainTextContent></Note><Note guid="{G[27]}" name="diary"/></Notes><Links><Link guid="{G[28]}"/></Links><Sets><Set guid="{G[31]}" name="s"><MemberSource targetGUID="{G[5]}"/></Set></Sets>'
    content = foreign("MAXQDA", sources, more=more).replace(b"</Sources>", after.encode())
    found = read_project(content, Reading(name="p.qde"))
    assert found.codings.select("unit_kind", "unit_id", "video_id", "start_ms", "end_ms", "code", "coder", "note").rows() == [
        ("span", None, "ep1", 115, 1100, "joy", "Anna", None),
        ("span", None, "ep1", 1500, 2500, "anger", "Ben", None),
        ("text", "whole", None, None, None, "anger", "Anna", '{"a": 1} why'),
    ]
    assert found.videos.select("video_id", "media").rows() == [("ep1", "ep 1.mp4")]
    assert sorted((reject.place, reject.why) for reject in found.rejects) == [
        ("ep1, selection 2", "it has no times, or ends before it starts"),
        ("gone, the whole source", "the text of the source is not in the package"),
        ("pic, PictureSelection", "regions of pictures and pages are not units here"),
        ("whole, the whole source", "its code is not in the codebook"),
    ]
    assert counted(found.losses) == {
        "transcripts of media": 1, "texts outside of the package": 1, "codes of cases": 1, "cases": 1, "sets of sources or memos": 1, "links": 1, "memos": 1,
    }  # fmt: skip
    assert found.seen == found.codings.height + len(found.rejects)


def test_sources_of_one_name_are_told_apart():
    one = f'<TextSource guid="{G[5]}" name="t"><PlainTextContent>abc</PlainTextContent>{selection(0, 1, (G[1], BY_ANNA))}</TextSource>'
    found = read_project(foreign("x", one + one), Reading())
    assert found.units["unit_id"].to_list() == ["t#0-1", "t (2)#0-1"]


# parts


@given(st.lists(st.builds(Paragraph, st.sampled_from(["response", "text"]), TEXTS, TEXTS, TEXTS), max_size=5), st.booleans())
def test_paragraphs_are_told_apart_whatever_they_say(paragraphs, strips):
    text, placed = laid_out(paragraphs)
    assert all(text[one.start : one.end] == one.text for one in placed)
    found = paragraphs_of(text.removesuffix("\n\n") if strips else text)
    assert found == (placed or None)


@given(st.lists(st.builds(Line, st.sampled_from(["label", "near miss"]), st.lists(TEXTS, max_size=3).map(tuple), TEXTS), max_size=5))
def test_labelled_lines_come_back(lines):
    assert read_lines(written_lines(lines)) == lines


@given(
    st.text(st.sampled_from("a\n😭b"), max_size=12),
    st.integers(-2, 30),
    st.integers(-2, 30),
    st.sampled_from([1, 2]),
    st.sampled_from([1, 2]),
)
def test_positions_are_points_of_the_text(text, start, end, line_end, astral):
    span = Positions(text, Convention(line_end, astral)).span(start, end)
    assert span is None or 0 <= span[0] <= span[1] <= len(text)


def test_without_quotations_the_expected_convention_stands():
    assert convention_of("a\nb", [Quoted(0, 1, ("zzz",)), Quoted(1, 2)], windows_ends=True) == Convention(2)


# hostile files


def bomb(size):
    return packed({"project.qde": b"<Project xmlns='urn:QDA-XML:project:1.0' name='" + b" " * size + b"'/>"})


def with_member(name, **kept):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("project.qde", foreign("x", ""))
        info = zipfile.ZipInfo(name)
        for key, held in kept.items():
            setattr(info, key, held)
        archive.writestr(info, b"x")
    return out.getvalue()


def encrypted():
    content = bytearray(packed({"project.qde": foreign("x", "")}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + at] |= 1
    return bytes(content)


def entities(declared):
    return f'<!DOCTYPE p [{declared}]><Project xmlns="urn:QDA-XML:project:1.0" name="&a;"/>'.encode()


def text_at(path):
    sources = f'<TextSource guid="{G[5]}" name="t" plainTextPath="{path}">{selection(0, 1, (G[1], ""))}</TextSource>'
    return packed({"project.qde": foreign("x", sources), "sources/a.txt": b"abc"})


HOSTILE = {
    "climbs out": (with_member("../../etc/passwd"), "YH109"),
    "climbs out of a folder": (with_member("sources/..\\..\\x"), "YH109"),
    "absolute": (with_member("/etc/passwd"), "YH109"),
    "a drive": (with_member("C:evil.txt"), "YH109"),
    "a link": (with_member("sources/l", create_system=3, external_attr=0o120777 << 16), "YH109"),
    "encrypted": (encrypted(), "YH109"),
    "a bomb": (bomb(64 << 20), "YH109"),
    "entities": (packed({"project.qde": entities('<!ENTITY a "b"><!ENTITY c "&a;&a;">')}), "YH109"),
    "an external entity": (packed({"project.qde": entities('<!ENTITY a SYSTEM "file:///etc/passwd">')}), "YH109"),
    "too deep": (packed({"project.qde": b"<Project xmlns='urn:QDA-XML:project:1.0'>" + b"<Set>" * 1000}), "YH109"),
    "two projects": (packed({"project.qde": foreign("x", ""), "other.qde": foreign("x", "")}), "YH106"),
    "no project": (packed({"a.txt": b"x"}), "YH106"),
    "another document": (packed({"project.qde": b"<html/>"}), "YH106"),
    "cut off": (packed({"project.qde": foreign("x", "")})[:-30], "YH106"),
    "not XML": (packed({"project.qde": b"\x00\x01"}), "YH106"),
    "an encoding of many bytes": (packed({"project.qde": b'<?xml version="1.0" encoding="gb2312"?><Project/>'}), "YH106"),
    "no zip": (b"PK\x03\x04 and then nothing", "YH106"),
    "nothing": (b"", "YH106"),
    "a path that climbs out": (text_at("internal://../../etc/passwd"), "YH109"),
    "a path that climbs out by the other slash": (text_at("relative:///..\\..\\x.txt"), "YH109"),
}


@pytest.mark.parametrize("content", HOSTILE)
def test_hostile_projects_are_refused(content):
    held, code = HOSTILE[content]
    with pytest.raises(YuhuError) as caught:
        read_project(held, Reading(name="bad.qdpx"))
    assert caught.value.code == code
    assert "bad.qdpx" in caught.value.problem


@pytest.mark.parametrize("content", [b"", b"<CodeBook", b"<html/>", b"\xff\xfe\x00", entities('<!ENTITY a "b">')])
def test_hostile_codebooks_are_refused(content):
    with pytest.raises(YuhuError):
        read_codebook(content, Reading(name="bad.qdc"))


def test_a_package_gives_no_more_than_is_asked():
    package = Package(packed({"a": b"x" * 100}), "p")
    assert package.read("a", most=100) == b"x" * 100
    with pytest.raises(YuhuError, match="YH109"):
        package.read("a", most=99)


def test_a_package_is_damaged_where_its_checksum_does_not_fit():
    content = bytearray(packed({"a": b"x" * 100}))
    content[content.index(b"PK\x01\x02") + 16] ^= 1
    with pytest.raises(YuhuError, match="YH106"):
        Package(bytes(content), "p").read("a", most=1000)


def test_paths_outside_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    found = read_project(text_at(f"absolute:///{secret}"), Reading())
    assert found.units.height == 0
    assert counted(found.losses) == {"texts outside of the package": 1}
    assert found.rejects[0].why == "the text of the source is not in the package"


@given(st.binary(max_size=300), st.integers(0, 2000))
def test_damaged_packages_raise_nothing_but_yuhu_errors(noise, at):
    content = bytearray(
        packed({"project.qde": foreign("x", f'<TextSource guid="{G[5]}"><PlainTextContent>abc</PlainTextContent></TextSource>')})
    )
    at = min(at, len(content))
    content[at : at + len(noise)] = noise
    with suppress(YuhuError):
        assert read_project(bytes(content), Reading()).seen == 0


NUMBERS = st.integers() | st.text(max_size=8)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4))
def test_strange_positions_are_rejected(positions):
    def shown(held):
        return "".join(sign for sign in str(held) if sign.isalnum() or sign in " -.")

    made = "".join(selection(shown(start), shown(end), (G[1], BY_ANNA)) for start, end in positions)
    found = read_project(
        foreign("x", f'<TextSource guid="{G[5]}" name="t"><PlainTextContent>abc</PlainTextContent>{made}</TextSource>'), Reading()
    )
    assert found.seen == len(positions) == found.codings.height + len(found.rejects)


def test_a_large_project_is_written_and_read_in_seconds():
    book = draft_book(built_in_codebook())
    units = units_frame([{"unit_id": f"u{n}", "video_id": f"v{n % 7}", "text": "我哭了😭 home"} for n in range(3000)])
    rows = [coding(f"u{n}", "anger", str(n % 2), coder=coder) for n in range(3000) for coder in ("wang", "li")]
    exchange = Exchange(book, codings_frame(rows), units)
    found = read_project(qdpx(exchange, Writing(at=NOW, context=("video_id",))), Reading())
    assert found.codings.drop("code_hash", "codebook_hash").equals(exchange.codings.drop("code_hash", "codebook_hash"))
    assert found.units.height == 3000
    assert found.units["video_id"].n_unique() == 7
    assert isinstance(found.units, pl.DataFrame)

"""Workbooks for coders: what they show, what comes back, and what is found out when they were changed."""

import io
import re
import zipfile
from dataclasses import replace
from xml.etree.ElementTree import fromstring

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from exchanges import ANYTHING, HOW, NOW, counted, exchanges
from yuhu.core.codebook import Example, Value
from yuhu.core.errors import YuhuError
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.exchange import Exchange, Reading, Writing, codings_frame, ordered, units_frame
from yuhu.formats.packages import packed
from yuhu.formats.sheets_layout import LONGEST_CELL
from yuhu.formats.sheets_reading import read_sheet
from yuhu.formats.sheets_writing import write_sheets
from yuhu.formats.workbooks import address, sheets_of
from yuhu.formats.xml_trees import writable

BOOK = BookDraft(
    "b",
    label={"en": "book"},
    content_hash="f" * 64,
    codes=(
        CodeDraft(
            "empathy", {"en": "empathy", "zh": "共情"}, {"en": "A feeling.", "zh": "一种感情。"}, unit="response", level="ordinal", code_hash="abc",
            values=(Value("0", {"en": "none", "zh": "无"}), Value("1", {"en": "alone"}), Value("2", {"en": "named"})),
            include=({"en": "tears", "zh": "眼泪"},), exclude=({"en": "praise"},),
            examples=(Example("zh", "哭了", "1", {"zh": "情感"}), Example("en", "crying", "1", {"en": "an emotion"})),
        ),
        CodeDraft("stance", {"en": "stance"}, unit="response", level="nominal", values=(Value("return", {}), Value("keep", {}))),
        CodeDraft("pace", level="interval"),
        CodeDraft("warmth", unit="span", values=(Value("1", {}),)),
    ),
)  # fmt: skip
UNITS = units_frame(
    [
        {"unit_id": "u1", "video_id": "v", "text": '=HYPERLINK("http://x")', "kind": "danmaku", "chance": 0.1 + 0.2, "stratum": "zh"},
        {"unit_id": "u2", "video_id": "v", "text": "我哭了😭\nsecond line", "kind": "comment", "chance": 1 / 3, "stratum": "en"},
        {"unit_id": "u3", "video_id": None, "text": "", "kind": None, "chance": 1.0, "stratum": "en"},
    ],
    {"kind": pl.String(), "chance": pl.Float64(), "stratum": pl.String()},
)
SHEET = Writing(at=NOW, coders=("wang",), context=("kind",), design="d1")


def blank(how=SHEET, units=UNITS, codings=None):
    exchange = Exchange(BOOK, units=units) if codings is None else Exchange(BOOK, codings, units)
    [content] = write_sheets(exchange, how).files.values()
    return content


def filled(cells, content=None, *, moved=lambda rows: rows):
    """The workbook as a spreadsheet program would save it after people worked in it: cells by address, rows moved about."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    source = CalamineWorkbook.from_filelike(io.BytesIO(blank() if content is None else content))
    for name in source.sheet_names:
        sheet = book.add_worksheet(name)
        rows = source.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if name == "units":
            width = max(len(row) for row in rows)
            rows = [[*row, *[""] * (width - len(row))] for row in rows]
            for place, value in cells.items():
                letter, number = re.fullmatch(r"([A-Z])(\d+)", place).groups()
                rows[int(number) - 1][ord(letter) - 65] = value
            rows = moved(rows)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    (sheet.write_number if isinstance(cell, int | float) else sheet.write_string)(at, column, cell)
    book.close()
    return out.getvalue()


def said(found):
    return found.codings.select("unit_id", "code", "value", "status").rows()


PLAIN_IDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z", "Cn", "Co"]), min_size=1, max_size=8)


@settings(max_examples=40)
@given(exchanges(ids=PLAIN_IDS, statuses=("abstained", "failed"), texts=ANYTHING), st.booleans())
def test_codings_come_back_up_to_the_losses_that_are_listed(exchange, known):
    exchange = replace(exchange, units=exchange.units.with_columns(chance=pl.lit(1 / 3), stratum=pl.lit("a|b")))
    if all(draft.unit == "span" for draft in exchange.book.codes):
        with pytest.raises(YuhuError, match="YH401"):
            write_sheets(exchange, HOW)
        return
    written = write_sheets(exchange, HOW)
    found = [read_sheet(content, Reading(book=exchange.book if known else None)) for content in written.files.values()]
    for one in found:
        assert not one.rejects
        assert one.seen == one.codings.height + one.blank
        assert one.units["unit_id"].to_list() == exchange.units["unit_id"].to_list()
        assert one.units["text"].to_list() == [writable(text) for text in exchange.units["text"]]
        assert one.units["chance"].to_list() == exchange.units["chance"].to_list()
    codings = ordered(pl.concat([one.codings for one in found]))
    assert codings.height == exchange.codings.height - sum(loss.count for loss in written.losses if loss.what == "codings")
    keys = ["unit_id", "code", "coder", "value", "status"]
    assert set(codings.select(keys).iter_rows()) <= set(exchange.codings.select(keys).iter_rows())


@settings(max_examples=15)
@given(exchanges(ids=PLAIN_IDS, texts=ANYTHING))
def test_the_same_gives_the_same_bytes(exchange):
    how = replace(HOW, coders=("wang", "李"))
    exchange = replace(exchange, book=BOOK)
    assert write_sheets(exchange, how).files == write_sheets(replace(exchange, codings=exchange.codings.reverse()), how).files


def test_a_filled_sheet_comes_back_with_its_design():
    found = read_sheet(filled({"D3": 2.0, "E3": "return", "G3": "sure", "D4": "?", "F4": 0.5, "D5": " 1 "}), Reading(name="w.xlsx"))
    assert said(found) == [
        ("u1", "empathy", "2", "coded"), ("u1", "stance", "return", "coded"), ("u2", "empathy", None, "abstained"), ("u2", "pace", "0.5", "coded"), ("u3", "empathy", "1", "coded"),
    ]  # fmt: skip
    assert found.codings["coder"].unique().to_list() == ["wang"]
    assert found.codings["note"].to_list() == ["sure", "sure", None, None, None]
    assert found.codings["code_hash"].to_list() == ["abc", None, "abc", None, "abc"]
    assert found.codings["codebook_hash"].unique().to_list() == ["f" * 64]
    assert (
        found.units.select("unit_id", "video_id", "chance", "stratum").rows()
        == UNITS.select("unit_id", "video_id", "chance", "stratum").rows()
    )
    assert found.units["text"].to_list() == UNITS["text"].to_list()
    assert found.notes == ("design: d1", "codebook_hash: " + "f" * 64)
    assert (found.seen, found.blank, found.losses, found.rejects) == (9, 4, (), ())
    assert read_sheet(filled({"D3": 1.0}), Reading(coder="li")).codings["coder"].to_list() == ["li"]


def test_values_that_are_none_are_rejected_with_their_cell():
    found = read_sheet(filled({"D3": 7.0, "E3": "perhaps", "D4": "alone", "E4": "Keep"}), Reading(name="w.xlsx", book=BOOK))
    assert [(one.place, one.why) for one in found.rejects] == [
        ("units!D3", "`7` is no value of `empathy`"), ("units!E3", "`perhaps` is no value of `stance`"),
    ]  # fmt: skip
    assert said(found) == [("u2", "empathy", "1", "coded"), ("u2", "stance", "keep", "coded")], (
        "labels, and ids in other letters, are understood"
    )
    without = read_sheet(filled({"D3": 7.0, "D4": 1.0}), Reading())
    assert [one.place for one in without.rejects] == ["units!D3"], "the sheet knows what it offered"


def test_rows_may_be_moved_but_not_changed():
    cells = {"D3": 1.0, "D4": 2.0, "D5": 0.0}
    found = read_sheet(filled(cells, moved=lambda rows: [*rows[:2], *reversed(rows[2:])]), Reading())
    assert [row[:3] for row in said(found)] == [("u1", "empathy", "1"), ("u2", "empathy", "2"), ("u3", "empathy", "0")]
    found = read_sheet(filled({**cells, "B4": "another text", "A5": "u9", "E5": "keep"}), Reading())
    assert said(found) == [("u1", "empathy", "1", "coded")]
    assert [(one.place, one.why) for one in found.rejects] == [
        ("units!D4", "B4: the text of the unit was changed"),
        ("units!D5", "A5: the unit is none of this sheet: its id was changed, or the row was added"),
        ("units!E5", "A5: the unit is none of this sheet: its id was changed, or the row was added"),
    ]
    assert counted(found.losses) == {"units that are missing from the sheet": 2}
    twice = read_sheet(filled({"A4": "u1", "B4": '=HYPERLINK("http://x")', "D4": 1.0}), Reading())
    assert [one.why for one in twice.rejects] == ["A4: the unit stands twice"]
    deleted = read_sheet(filled({"A4": "", "B4": "", "C4": "", "A5": "zz"}), Reading())
    assert counted(deleted.losses) == {"units that are missing from the sheet": 2, "rows without codings whose unit was changed": 1}


def test_spaces_that_a_spreadsheet_changed_do_no_harm():
    found = read_sheet(filled({"B4": "我哭了😭 \r\n second  line", "D4": 1.0}), Reading())
    assert said(found) == [("u2", "empathy", "1", "coded")]


def test_a_changed_design_is_refused():
    for old, new in ((b"0.30000000000000004", b"0.5"), (b"d1", b"d2"), (b"<t>check</t>", b"<t>chack</t>")):
        content = filled({"D3": 1.0})
        archive = zipfile.ZipFile(io.BytesIO(content))
        members = {name: archive.read(name) for name in archive.namelist()}
        members["xl/sharedStrings.xml"] = members["xl/sharedStrings.xml"].replace(old, new)
        with pytest.raises(YuhuError, match=r"YH106.*hidden sheet"):
            read_sheet(packed(members), Reading(name="w.xlsx"))


def test_what_the_workbook_shows():
    archive = zipfile.ZipFile(io.BytesIO(blank(replace(SHEET, lang="zh"))))
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    sheets = {one.get("name"): one.get("state") for one in fromstring(archive.read("xl/workbook.xml")).iter(f"{main}sheet")}
    assert sheets == {"units": None, "codebook": None, "lists": "veryHidden", "yuhu": "veryHidden"}
    units = fromstring(archive.read("xl/worksheets/sheet1.xml"))
    pane = next(units.iter(f"{main}pane"))
    assert (pane.get("state"), pane.get("xSplit"), pane.get("ySplit")) == ("frozen", "2", "2")
    rules = {one.get("sqref"): one.find(f"{main}formula1").text for one in units.iter(f"{main}dataValidation")}
    assert rules == {"D3:D5": "lists!$A$1:$A$4", "E3:E5": "lists!$B$1:$B$3"}
    assert not list(units.iter(f"{main}f")), "no formula"
    for number in (1, 2, 3, 4):
        assert fromstring(archive.read(f"xl/worksheets/sheet{number}.xml")).find(f"{main}sheetProtection") is not None
    notes = archive.read("xl/comments1.xml").decode()
    assert "一种感情。" in notes
    assert "眼泪" in notes
    book = sheets_of(blank(replace(SHEET, lang="zh")), "w")
    assert book["units"][0][:7] == ["单元", "文本", "kind", "共情", "stance", "pace", "备注"]
    assert book["units"][1][:7] == ["unit_id", "text", "kind", "empathy", "stance", "pace", "note"]
    assert book["codebook"][1] == ["empathy", "共情", "0 = 无\n1 = alone\n2 = named", "一种感情。", "眼泪", "praise", "哭了 → 1: 情感", ""]
    assert [row[:2] for row in book["lists"]] == [["0", "return"], ["1", "keep"], ["2", "?"], ["?", ""]]


def test_texts_keep_their_first_sign_and_cannot_become_formulas():
    texts = ["=1+1", "+x", "-x", "@x", "\tx", "'=x", "_x000D_", "5", "TRUE", "  x ", "😭" * 5]
    content = blank(units=units_frame([{"unit_id": f"u{n}", "text": text} for n, text in enumerate(texts)]))
    assert read_sheet(content, Reading()).units["text"].to_list() == texts
    assert zipfile.ZipFile(io.BytesIO(content)).read("xl/styles.xml").count(b'quotePrefix="1"') == 1


def test_long_texts_are_cut_and_counted_once():
    units = units_frame([{"unit_id": "u", "text": "😭" * LONGEST_CELL}, {"unit_id": "v", "text": "a\rb\x00"}])
    written = write_sheets(Exchange(BOOK, units=units), SHEET)
    assert counted(written.losses) == {
        "ends of long texts": 1,
        "texts with carriage returns": 1,
        "texts with characters that XML cannot hold": 1,
    }
    [content] = written.files.values()
    found = read_sheet(content, Reading()).units["text"].to_list()
    assert found == ["😭" * (LONGEST_CELL // 2), "a\nb"]


def test_codings_are_filled_in_and_what_a_sheet_cannot_hold_is_listed():
    def row(unit, code, value, **more):
        return {
            "unit_kind": "response",
            "unit_id": unit,
            "code": code,
            "value": value,
            "status": "coded",
            "coder": "wang",
            "coder_kind": "human",
            **more,
        }

    rows = [
        row("u1", "empathy", "1", at=NOW.replace(year=2020)), row("u1", "empathy", "2", at=NOW, note="a"), row("u1", "stance", "keep", note="b"), row("u2", "empathy", None, status="abstained"),
        row("u2", "stance", None, status="failed"), row("u3", "pace", None, status="abstained"), row("u3", "empathy", "9"), row("u9", "empathy", "1"), row("u3", "warmth", "1"),
        row("u3", "empathy", "1", coder="li"), row("u3", "empathy", "1", coder_kind="llm", coder="m"),
    ]  # fmt: skip
    written = write_sheets(Exchange(BOOK, codings_frame(rows), UNITS), SHEET)
    [content] = written.files.values()
    assert said(read_sheet(content, Reading())) == [
        ("u1", "empathy", "2", "coded"),
        ("u1", "stance", "keep", "coded"),
        ("u2", "empathy", None, "abstained"),
    ]
    assert {(loss.what, loss.why): loss.count for loss in written.losses} == {
        ("codings", "sheets are for people"): 1,
        ("codings", "no sheet is made for their coder"): 1,
        ("codings", "the coder coded the unit again later"): 1,
        ("codings", "a sheet knows no such status"): 1,
        ("codings", "an open column has no sign for it"): 1,
        ("codings", "the code has no such value"): 1,
        ("codings", "their unit is not in the sheet"): 1,
        ("codings", "no column of the sheet is their code"): 1,
        ("column at", "a sheet has no place for it"): 2,
        ("notes on codings", "a sheet has one for each unit"): 1,
    }


def test_each_coder_gets_a_workbook_and_their_own_units():
    units = pl.concat([UNITS.with_columns(coder=pl.lit("wang")), UNITS.head(1).with_columns(coder=pl.lit("李/x"))])
    written = write_sheets(Exchange(BOOK, units=units), replace(SHEET, coders=("wang", "李/x", "nobody")))
    assert list(written.files) == ["codings-wang.xlsx", "codings-李_x.xlsx", "codings-nobody.xlsx"]
    assert [read_sheet(content, Reading()).units.height for content in written.files.values()] == [3, 1, 0]


def test_samples_and_occasions_come_back_with_the_codings():
    units = UNITS.with_columns(
        sample=pl.lit("wave 1"), purpose=pl.lit("reliability"), occasion=pl.Series([0, 1, 0]), unit_kind=pl.lit("text")
    )
    content = blank(units=units)
    found = read_sheet(filled({"D3": 1.0, "D4": 1.0}, content), Reading())
    assert found.codings.select("unit_kind", "sample", "purpose", "occasion").rows() == [
        ("text", "wave 1", "reliability", 0),
        ("text", "wave 1", "reliability", 1),
    ]


def test_too_many_units_are_refused():
    many = pl.DataFrame({"unit_id": pl.int_range(0, 100_001, eager=True).cast(pl.String), "text": "x"})
    with pytest.raises(YuhuError, match="YH303"):
        write_sheets(Exchange(BOOK, units=many), SHEET)


# other workbooks


def workbook(rows, *, sheet="Sheet1", before=()):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    for name in before:
        book.add_worksheet(name)
    page = book.add_worksheet(sheet)
    for at, row in enumerate(rows):
        page.write_row(at, 0, row)
    book.close()
    return out.getvalue()


def test_any_other_workbook_is_read_as_a_table():
    rows = [
        [],
        ["unit", "coder", "code", "value"],
        ["u1", "wang", "empathy", 1],
        ["u1", "li", "empathy", True],
        ["u1", "li", "empathy", 9],
        ["", "", "", ""],
    ]
    found = read_sheet(workbook(rows, before=("empty",)), Reading(book=BOOK))
    assert found.codings.select("coder", "value").rows() == [("li", "1"), ("wang", "1")]
    assert [(one.place, one.why) for one in found.rejects] == [("Sheet1!5", "`9` is no value of `empathy`")]
    with pytest.raises(YuhuError, match="YH101"):
        read_sheet(workbook([]), Reading())


def far(reference):
    archive = zipfile.ZipFile(io.BytesIO(workbook([["unit", "value"], ["u", 1]])))
    members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/worksheets/sheet1.xml"] = members["xl/worksheets/sheet1.xml"].replace(b'r="B2"', f'r="{reference}"'.encode())
    return packed(members)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "YH106"),
        (b"PK\x03\x04", "YH106"),
        (packed({"a.txt": b"x"}), "YH106"),
        (packed({"xl/workbook.xml": b"<workbook", "[Content_Types].xml": b""}), "YH106"),
        (packed({"xl/sharedStrings.xml": b" " * (64 << 20)}), "YH109"),
        (far("XFD1048576"), "YH109"),
        (workbook([["unit", "value"]])[:-40], "YH106"),
    ],
)
def test_what_is_no_workbook_is_refused(content, code):
    with pytest.raises(YuhuError) as caught:
        read_sheet(content, Reading(name="bad.xlsx"))
    assert caught.value.code == code
    assert "bad.xlsx" in caught.value.problem


def test_a_workbook_of_ours_without_its_units_is_refused():
    with pytest.raises(YuhuError, match="YH102"):
        read_sheet(filled({"A2": "unit"}), Reading(name="w.xlsx"))


def test_addresses():
    assert [address(*place) for place in ((0, 0), (6, 1), (0, 25), (0, 26), (9, 701), (9, 702))] == [
        "A1",
        "B7",
        "Z1",
        "AA1",
        "ZZ10",
        "AAA10",
    ]

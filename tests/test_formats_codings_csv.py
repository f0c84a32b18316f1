"""Codings as CSV: long and wide, whatever delimiter and encoding; cells that a spreadsheet cannot run."""

import csv
import datetime as dt
import io
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchanges import ANYTHING, HOW, counted, exchanges
from yuhu.core.codebook import Value
from yuhu.core.errors import YuhuError
from yuhu.formats import CODING_FORMATS, coding_format, recognised
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.cells import plain_cell, safe_cell
from yuhu.formats.codings_csv import read_csv, write_csv
from yuhu.formats.eaf_codes import write_codes
from yuhu.formats.exchange import Exchange, Reading, codings_frame, ordered
from yuhu.formats.label_studio_writing import write_tasks
from yuhu.formats.refi_codebook import write_codebook
from yuhu.formats.refi_project_writing import write_project
from yuhu.formats.sheets_writing import write_sheets

BOOK = BookDraft(
    "b",
    codes=(
        CodeDraft("anger", level="binary", values=(Value("0", {"en": "no", "zh": "无"}), Value("1", {"en": "yes", "zh": "有"}))),
        CodeDraft("empathy", level="ordinal", values=(Value("0", {}), Value("1", {}), Value("2", {}))),
        CodeDraft("pace", level="interval"),
        CodeDraft("kind", level="nominal", values=(Value("na", {}), Value("joke", {}))),
    ),
)


def read(text, **reading):
    content = text if isinstance(text, bytes) else text.encode()
    return read_csv(content, Reading(name="c.csv", **reading))


def said(found):
    return found.codings.select("unit_id", "coder", "code", "value").rows()


@given(exchanges(texts=ANYTHING))
def test_codings_come_back_up_to_empty_texts(exchange):
    written = write_csv(exchange, HOW)
    found = read_csv(written.files["codings.csv"], Reading())
    texts = pl.col(pl.String)
    assert found.codings.equals(ordered(exchange.codings.with_columns(pl.when(texts != "").then(texts).name.keep())))
    assert (found.rejects, found.losses, found.notes, found.blank) == ((), (), (), 0)
    empty = sum((exchange.codings[name] == "").sum() for name, kind in exchange.codings.schema.items() if kind == pl.String)
    assert counted(written.losses).get("texts that are empty", 0) == empty


@given(exchanges(texts=ANYTHING))
def test_no_cell_can_be_run_as_a_formula(exchange):
    content = write_csv(exchange, HOW).files["codings.csv"]
    assert content.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
        for cell in row:
            assert cell[:1] not in {"=", "@", "\t", "\r"}
            assert cell[:1] not in {"+", "-"} or float(cell) is not None
    assert content == write_csv(replace(exchange, codings=exchange.codings.reverse()), HOW).files["codings.csv"]


@given(ANYTHING)
def test_a_cell_is_read_as_it_was(text):
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@x", "'@x"),
        ("-2", "-2"),
        ("+1,5", "+1,5"),
        ("-2+cmd", "'-2+cmd"),
        ("'=x", "''=x"),
        ("it's", "it's"),
        ("\tx", "'\tx"),
    ],
)
def test_cells_by_hand(text, cell):
    assert safe_cell(text) == cell


# shapes

LONG = "unit,coder,code,value\nu1,wang,anger,1\nu1,li,anger,0\nu2,wang,anger,\n"


def test_long():
    found = read(LONG)
    assert said(found) == [("u1", "li", "anger", "0"), ("u1", "wang", "anger", "1")]
    assert (found.seen, found.blank, found.notes) == (3, 1, ())


@pytest.mark.parametrize(
    "text",
    [
        "Response ID;Annotator;Variable;Rating\nu1;wang;anger;1\nu1;li;anger;0\nu2;wang;anger;\n",
        "\ufeffunit\tcoder\tlabel\tvalue\r\nu1\twang\tanger\t1\r\nu1\tli\tanger\t0\r\n",
        "unit, coder, code, value\nu1, wang, anger, 1\nu1, li, anger, 0\n",
        "单元,编码员,编码,值\nu1,wang,anger,1\nu1,li,anger,0\n",
        "unit,coder,anger\nu1,wang,1\nu1,li,0\n",
        "unit,coder,code,label\nu1,wang,anger,1\nu1,li,anger,0\n",
        '"unit"|"coder"|"code"|"value"\n"u1"|"wang"|"anger"|"1"\n"u1"|"li"|"anger"|"0"',
        "unit,code,wang,li,zhou\nu1,anger,1,0,NA\n",
        ",wang,li\nu1,1,0\n",
    ],
)
def test_shapes_that_say_the_same(text):
    assert said(read(text, code="anger")) == [("u1", "li", "anger", "0"), ("u1", "wang", "anger", "1")]


def test_columns_for_codes_are_told_by_the_codebook_or_by_a_coder():
    text = "unit,anger,empathy,likes\nu1,1,2,55\nu2,NA,0.0,7\n"
    found = read(text, book=BOOK, coder="wang")
    assert said(found) == [("u1", "wang", "anger", "1"), ("u1", "wang", "empathy", "2"), ("u2", "wang", "empathy", "0")]
    assert counted(found.losses) == {"columns": 1}
    assert (found.seen, found.blank) == (4, 1)
    assert {row[2] for row in said(read(text, coder="wang"))} == {"anger", "empathy", "likes"}
    assert {row[1] for row in said(read(text))} == {"anger", "empathy", "likes"}, "without either, columns are coders"
    assert said(read(text, book=BOOK))[0][1] == "unknown"
    assert "codings without a coder: unknown is taken" in read(text, book=BOOK).notes


def test_codes_without_values_are_there():
    assert said(read("unit,coder,code\nu1,wang,anger\n")) == [("u1", "wang", "anger", "1")]


def test_texts_are_kept_as_units_and_strange_columns_listed():
    found = read("id,text,coder,code,value,likes\nu1,hello,wang,anger,1,4\nu1,hello,li,anger,1,4\n")
    assert found.units.rows() == [("u1", None, "hello")]
    assert counted(found.losses) == {"columns": 1}


def test_columns_of_a_coding():
    head = "unit,coder,code,value,status,at,comment,evidence,coder_kind,occasion,sample\n"
    rows = "u1,wang,anger,1,coded,2026-11-24 12:00,why,words,human,1,w1\nu2,m,anger,,abstained,2026-11-24T12:00:00.5+08:00,,,llm,,\n"
    first, second = read(head + rows, tz="Asia/Shanghai").codings.to_dicts()
    assert (first["at"], first["note"], first["evidence"], first["occasion"], first["sample"]) == (
        dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC), "why", "words", 1, "w1",
    )  # fmt: skip
    assert (second["status"], second["value"], second["coder_kind"]) == ("abstained", None, "llm")
    assert second["at"] == dt.datetime(2026, 11, 24, 4, 0, 0, 500_000, tzinfo=dt.UTC)


def test_spans():
    found = read(
        "video,start_ms,end_ms,coder,code,value\nv1,0,1500,wang,warmth,1\nv1,9,3,wang,warmth,1\nv1,x,3,wang,warmth,1\n,1,3,wang,warmth,1\n"
    )
    assert found.codings.select("unit_kind", "video_id", "start_ms", "end_ms").rows() == [("span", "v1", 0, 1500)]
    assert [(one.place, one.why) for one in found.rejects] == [
        ("line 3", "the end lies before the start"), ("line 4", "start_ms `x` is no whole number"), ("line 5", "it has no unit"),
    ]  # fmt: skip


def test_a_quotation_mark_that_is_not_closed_costs_one_row():
    found = read('unit,coder,code,value\nu1,wang,anger,1\nu2,wang,anger,"1\nu3,wang,anger,1\n"u4"x,wang,anger,1\nu5,wang,anger,"1"\n')
    assert [row[0] for row in said(found)] == ["u1", "u3", "u5"]
    assert [(one.place, one.why) for one in found.rejects] == [
        ("line 3", "its quotation marks do not fit"), ("line 5", "its quotation marks do not fit"),
    ]  # fmt: skip


def test_rejects_with_line_and_reason():
    text = 'unit,coder,code,value,status,at\n"u\n1",wang,anger,2,,\n,wang,anger,1,,\nu2,,anger,1,,\nu2,wang,,1,,\nu2,wang,other,1,,\nu2,wang,anger,1,maybe,\nu2,wang,anger,1,coded,noon\nu2,wang,anger,1,,,,x\n\nu3,wang,anger,1,,\n'
    found = read(text, book=BOOK)
    assert [(one.place, one.why) for one in found.rejects] == [
        ("line 2", "`2` is no value of `anger`"),
        ("line 4", "it has no unit"),
        ("line 5", "it has no coder"),
        ("line 6", "it has no code"),
        ("line 7", "`other` is no code"),
        ("line 8", "status `maybe` is not known"),
        ("line 9", "`noon` is no time"),
        ("line 10", "8 cells, the header has 6"),
    ]
    assert said(found) == [("u3", "wang", "anger", "1")]
    assert found.seen == 9


@pytest.mark.parametrize(
    ("code", "cell", "value"),
    [
        ("anger", "1.0", "1"), ("anger", "TRUE", "1"), ("anger", "无", "0"), ("anger", " Yes ", "1"), ("anger", "0,5", None), ("empathy", "2", "2"),
        ("empathy", "02", None), ("empathy", "NA", ""), ("kind", "na", "na"), ("kind", "NA", "na"), ("pace", "0,5", "0.5"), ("pace", "-12", "-12"), ("pace", "'-12", "-12"),
    ],
)  # fmt: skip
def test_values_are_brought_to_the_code(code, cell, value):
    found = read(f'unit,coder,code,value\nu1,wang,{code},"{cell}"\n', book=BOOK)
    assert found.codings["value"].to_list() == ([value] if value else [])
    assert (len(found.rejects), found.blank) == (int(value is None), int(value == ""))


def test_decimal_commas_where_semicolons_part_the_cells():
    assert said(read("unit;coder;code;value\nu1;wang;pace;0,5\n"))[0][3] == "0.5"
    assert said(read('unit,coder,code,value\nu1,wang,pace,"0,5"\n'))[0][3] == "0,5"


@pytest.mark.parametrize(
    ("encoding", "noted"), [("utf-8", False), ("utf-8-sig", False), ("utf-16", True), ("gb18030", True), ("cp1252", True)]
)
def test_encodings(encoding, noted):
    value = "生气，真的" if encoding != "cp1252" else "Wut über Räuber"
    found = read(f"unit,coder,code,value\nu1,wang,anger,{value}\n".encode(encoding))
    assert said(found) == [("u1", "wang", "anger", value)]
    assert bool(found.notes) == noted


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "YH101"), (b"\xef\xbb\xbf\n\n", "YH101"), (b"value\n1\n", "YH102"), (b"unit\nu1\n", "YH102"), (b"coder,code,value\nw,a,1\n", "YH102"),
        (b"unit,coder,coder,value\nu,a,b,1\n", "YH106"), (b'unit,"coder\nx', "YH106"), (b"unit,coder,code,value\n" + b'u,a,b,"x"y\n' * 60, "YH106"), (b"\x81\x00\xff\x9d", "YH105"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(content, code):
    with pytest.raises(YuhuError) as caught:
        read(content)
    assert caught.value.code == code
    assert "c.csv" in caught.value.problem


@given(
    st.lists(
        st.lists(st.sampled_from(["u", "1", "", "wang", "=x", "a\nb", '"', "NA", "2024", "coded"]) | ANYTHING, max_size=6), max_size=6
    ),
    st.sampled_from(["unit,coder,code,value", "unit,a,b", "video,start_ms,end_ms,coder,code,value,status,at"]),
)
def test_strange_tables_lose_nothing(rows, header):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    found = read(f"{header}\n{out.getvalue()}")
    assert found.seen == found.codings.height + len(found.rejects) + found.blank
    width = 2 if header == "unit,a,b" else 1
    assert found.seen <= width * sum(any(cell.strip() for cell in row) for row in rows) + found.blank


# the registry


def test_formats_by_name_and_ending():
    assert list(CODING_FORMATS) == [
        "refi_qdc.v1",
        "refi_qdpx.v1",
        "elan_eaf_codes.v1",
        "label_studio.v1",
        "codings_csv.v1",
        "coder_sheet.v1",
    ]
    for name, one in CODING_FORMATS.items():
        assert coding_format(name) is coding_format(name.partition(".")[0]) is coding_format(one.ending) is one
        assert set(one.label) == {"zh", "en"}
    with pytest.raises(YuhuError, match="YH603"):
        coding_format("docx")


@given(exchanges(ids=st.from_regex(r"[a-z0-9:]{1,9}", fullmatch=True)))
def test_a_file_is_told_by_what_it_holds(exchange):
    writers = {"refi_qdc.v1": write_codebook, "refi_qdpx.v1": write_project, "elan_eaf_codes.v1": write_codes, "codings_csv.v1": write_csv}
    for name, write in {**writers, "label_studio.v1": write_tasks}.items():
        for file, content in write(exchange, HOW).files.items():
            if not file.endswith(".xml"):
                assert recognised(content, "a.csv" if name == "codings_csv.v1" else "file").name == name
                assert CODING_FORMATS[name].read(content, Reading()).codings.columns == exchange.codings.columns


def test_a_workbook_is_told_and_other_files_are_not():
    content = write_sheets(Exchange(BOOK), replace(HOW, coders=("wang",))).files["codings-wang.xlsx"]
    assert recognised(content, "x").name == "coder_sheet.v1"
    with pytest.raises(YuhuError, match="YH103"):
        recognised(b"\x00\x01", "x.bin")
    with pytest.raises(YuhuError, match="YH103"):
        recognised(b"<html>", "x.html")


def test_a_coding_of_no_kind_is_refused():
    row = {"unit_kind": "response", "unit_id": "u", "code": "a", "value": "1", "status": "coded", "coder": "w", "coder_kind": "robot"}
    with pytest.raises(YuhuError, match="YH503"):
        write_csv(Exchange(codings=codings_frame([row])), HOW)

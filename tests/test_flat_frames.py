"""Flat files as frames of texts: every record has its place, in whatever file and however large the pieces are."""

import json
import os
import sqlite3
import zipfile

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from mediacrawler_files import write_csv, write_json, write_jsonl, write_sqlite
from yuhu.core.contracts import Origin
from yuhu.core.errors import YuhuError
from yuhu.sources import flat_json, flat_separated, flat_workbooks
from yuhu.sources.flat_frames import columns_at, frame_of, frames, is_unfinished, start_of, tables_of
from yuhu.sources.flat_repeats import captures_of, may_repeat
from yuhu.sources.reading import read_head


def read(path, **said):
    """Rows by place, and rejects as (place, why)."""
    rows, rejects = {}, []
    for piece in frames(Origin(path), **said):
        assert all(kind == pl.String for kind in piece.rows.schema.values())
        assert piece.seen == len(piece.places) + len(piece.rejects)
        rows |= dict(zip(piece.places, piece.rows.to_dicts(), strict=True))
        rejects += [(one.place, one.why) for one in piece.rejects]
    return rows, rejects


def text(folder, content, name="a.jsonl"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture(params=[1 << 24, 64, 7])
def pieces(request, monkeypatch):
    """Pieces of a usual size, and of sizes that cut every record."""
    monkeypatch.setattr(flat_json, "PIECE_BYTES", request.param)
    monkeypatch.setattr(flat_separated, "PIECE_BYTES", request.param)


def test_json_lines(tmp_path, pieces):
    lines = [
        '\ufeff{"id": 7273000000000000001, "text": "a,\\n\\"b\\": c"}',
        "",
        '{"id": "2", "n": 1.5, "yes": true, "none": null, "list": [1, {"a": "x"}], "whole": 3.0}',
        "   ",
        "{broken",
        "[1, 2]",
        '{"id": 123456789012345678901234567890, "odd": "\\ud800", "nan": NaN}',
        '{"only here": ""}\r',
    ]
    rows, rejects = read(text(tmp_path, "\n".join(lines)), need=("asked",))
    assert list(rows) == ["line 1", "line 3", "line 7", "line 8"]
    assert rejects == [("line 5", "the line is no JSON"), ("line 6", "the record is no object")]
    found = {place: {name: value for name, value in row.items() if value is not None} for place, row in rows.items()}
    assert found["line 1"] == {"id": "7273000000000000001", "text": 'a,\n"b": c'}
    odd = found["line 7"]
    assert odd["id"] == "123456789012345678901234567890"
    assert "nan" not in odd
    assert found["line 8"] == {"only here": ""}
    two = found["line 3"]
    assert (two["id"], two["n"], two["yes"], two["whole"]) == ("2", "1.5", "true", "3")
    assert json.loads(two["list"]) == [1, {"a": "x"}]
    assert all("asked" in row for row in rows.values())


def test_a_field_of_one_record_is_not_lost(tmp_path):
    """Polars reads only fields that it is told of; the others are found by counting."""
    records = [{"id": str(at), "a": "x", "b": None if at % 3 else "y"} for at in range(5000)]
    records[1234] |= {"rare": "kept", "also": 'a "colon": in a text'}
    del records[77]["a"]
    path = write_jsonl(tmp_path / "a.jsonl", records)
    rows, rejects = read(path)
    assert rejects == []
    assert rows["line 1235"] == records[1234]
    assert sum(row["rare"] is not None for row in rows.values()) == 1
    only, _ = read(path, need=("id", "none"), only=True)
    assert only["line 2"] == {"id": "1", "none": None}


def test_a_record_that_swaps_a_field_for_another(tmp_path):
    """One field fewer and one more: the count is the same, and nothing is lost."""
    records = [{"id": str(at), "a": "x"} for at in range(5000)]
    records[1234] = {"id": "1234", "z": "kept"}
    assert read(write_jsonl(tmp_path / "a.jsonl", records))[0]["line 1235"] == {"id": "1234", "a": None, "z": "kept"}


def test_json_lists(tmp_path, pieces):
    records = [{"id": str(at), "text": '},\n    {"x": 1', "deep": [{"a": 1}, {"a": 2}]} for at in range(9)]
    spread = write_json(tmp_path / "spread.json", records)
    dense = text(tmp_path, json.dumps(records), "dense.json")
    windows = text(tmp_path, "\ufeff" + json.dumps(records, indent=4).replace("\n", "\r\n"), "windows.json")
    expected, _ = read(dense)
    assert list(expected) == [f"record {at}" for at in range(1, 10)]
    assert expected["record 9"]["text"] == '},\n    {"x": 1'
    for path in (spread, windows):
        found, rejects = read(path)
        assert rejects == []
        assert {place: {**row, "deep": json.loads(row["deep"])} for place, row in found.items()} == {
            place: {**row, "deep": json.loads(row["deep"])} for place, row in expected.items()
        }


def test_a_list_that_holds_more_than_objects(tmp_path, pieces):
    content = json.dumps([{"id": 1}, 5, {"id": 2}, None, [{"id": 0}], {"id": 3}, {"id": 4}], indent=4)
    rows, rejects = read(text(tmp_path, content, "a.json"))
    assert {place: row["id"] for place, row in rows.items()} == {"record 1": "1", "record 3": "2", "record 6": "3", "record 7": "4"}
    assert rejects == [(f"record {at}", "the record is no object") for at in (2, 4, 5)]


def test_one_object_is_one_record(tmp_path):
    rows, _ = read(text(tmp_path, json.dumps({"id": 1, "a": [1]}, indent=1), "a.json"))
    assert rows == {"record 1": {"id": "1", "a": "[1]"}}


@pytest.mark.parametrize("content", ["[1, 2", '[\n {"a": 1},\n {"a"', '{"a": 1', '[\n"x"'])
def test_json_that_is_none(tmp_path, content):
    with pytest.raises(YuhuError) as raised:
        read(text(tmp_path, content, "a.json"))
    assert raised.value.code == "YH106"


def test_json_that_is_nested_too_deeply_is_a_reject(tmp_path):
    content = '{"id": 1}\n{"id": ' + "[" * 200_000 + "]" * 200_000 + '}\n{"id": 2}\n'
    rows, rejects = read(text(tmp_path, content))
    assert [row["id"] for row in rows.values()] == ["1", "2"]
    assert rejects == [("line 2", "the line is no JSON")]


def test_a_line_too_long_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(flat_json, "PIECE_BYTES", 32)
    monkeypatch.setattr(flat_json, "LONGEST_LINE", 64)
    content = '{"id": 1}\n' * 3 + '{"id": "' + "x" * 1000 + '"}\n' + '{"id": 2}\n' * 3
    rows, rejects = read(text(tmp_path, content))
    assert list(rows) == [f"line {at}" for at in (1, 2, 3, 5, 6, 7)]
    assert rejects == [("line 4", "the line is no JSON")]


def test_separated_text(tmp_path, pieces):
    content = '\ufeffid,text,n\r\n1,"a\r\nb, ""c""",2\r\n"2",,\r\n\r\n3,x\r\nid,text,n\r\n4,y,5,\r\n5,z,6,7\r\n6,last,8'
    rows, rejects = read(text(tmp_path, content, "a.csv"))
    assert rows == {
        "line 2": {"id": "1", "text": 'a\r\nb, "c"', "n": "2"},
        "line 4": {"id": "2", "text": "", "n": ""},
        "line 8": {"id": "4", "text": "y", "n": "5"},
        "line 10": {"id": "6", "text": "last", "n": "8"},
    }
    assert sorted(rejects) == [
        ("line 6", "2 cells, the header has 3"),
        ("line 7", "the header again"),
        ("line 9", "4 cells, the header has 3"),
    ]


def test_separated_text_that_is_regular(tmp_path, pieces):
    records = [{"id": str(at), "text": f'line\n{at}, "quoted", 中文', "n": "" if at % 2 else "0"} for at in range(40)]
    path = write_csv(tmp_path / "a.csv", records)
    rows, rejects = read(path)
    assert rejects == []
    assert list(rows.values()) == records
    assert list(rows) == [f"line {2 + 2 * at}" for at in range(40)]
    only, _ = read(path, need=("n", "other"), only=True)
    assert [row["n"] for row in only.values()] == [one["n"] for one in records]
    assert list(only) == list(rows)


def test_a_quote_that_never_ends(tmp_path, pieces):
    content = 'id,text\n1,fine\n2,"open\n3,more\n'
    rows, _ = read(text(tmp_path, content, "a.csv"))
    assert rows == {"line 2": {"id": "1", "text": "fine"}, "line 3": {"id": "2", "text": "open\n3,more\n"}}


def test_quotes_that_are_no_quotes(tmp_path, pieces):
    content = 'id,text\n1,5" tape\n2,"a" b\n3,x\n'
    rows, rejects = read(text(tmp_path, content, "a.csv"))
    assert [(row["id"], row["text"]) for row in rows.values()] == [("1", '5" tape'), ("2", "a b"), ("3", "x")]
    assert rejects == []


def test_bytes_that_are_no_utf8_do_not_stop_a_table(tmp_path):
    rows, _ = read(text(tmp_path, b"id,text\n1,a\xffb\n", "a.csv"))
    assert rows["line 2"]["text"] == "a\ufffdb"


def test_names_of_columns_are_distinct(tmp_path):
    rows, _ = read(text(tmp_path, "a,a,,a\n1,2,3,4\n", "a.csv"))
    assert rows["line 2"] == {"a": "1", "a (2)": "2", "column 3": "3", "a (3)": "4"}


def test_a_header_alone(tmp_path):
    [piece] = frames(Origin(text(tmp_path, "id,text\n", "a.csv")))
    assert (piece.seen, piece.rows.columns) == (0, ["id", "text"])


CELLS = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=12)
RECORDS = st.lists(
    st.fixed_dictionaries({"native": st.text("0123456789", min_size=1, max_size=20), "text": CELLS, "other": CELLS}), min_size=1
)


@given(RECORDS, st.sampled_from([5, 64, 1 << 24]))
def test_law_every_file_gives_the_records_back(tmp_path_factory, records, size):
    folder = tmp_path_factory.mktemp("flat")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat_json, "PIECE_BYTES", size)
        patch.setattr(flat_separated, "PIECE_BYTES", size)
        for path in (
            write_jsonl(folder / "a.jsonl", records),
            write_json(folder / "a.json", records),
            write_csv(folder / "a.csv", records),
        ):
            rows, rejects = read(path)
            assert list(rows.values()) == records, path.suffix
            assert rejects == []
    rows, _ = read(write_sqlite(folder / "a.db", {"t": records}))
    assert [{name: row[name] for name in records[0]} for row in rows.values()] == records
    assert frame_of(records).to_dicts() == records


@given(st.lists(st.text(st.characters(blacklist_categories=("Cs",)), max_size=30), max_size=12), st.sampled_from([5, 1 << 24]))
def test_law_no_line_is_lost(tmp_path_factory, lines, size):
    """Whatever stands on the lines, each that is not blank is a row or a reject, once."""
    content = "\n".join(['{"id": 1}', *(line.replace("\n", " ") for line in lines)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flat_json, "PIECE_BYTES", size)
        rows, rejects = read(text(tmp_path_factory.mktemp("flat"), content))
    places = [*rows, *(place for place, _ in rejects)]
    filled = [at for at, line in enumerate(content.encode().split(b"\n"), start=1) if line.strip(b" \t\r\n\x00")]
    assert sorted(places) == sorted(f"line {at}" for at in filled)


def test_records_that_were_parsed_before():
    odd = [{"a": "\ud800", "\ud801": 1, "c": {"d": [1.0]}}, {"b": 10**5000, "a": float("nan"), "c": b"x"}, {}]
    frame = frame_of(odd, ("asked",))
    assert frame.height == 3
    assert frame["a"].to_list() == ["?", None, None]
    assert frame["c"].to_list() == ['{"d":[1.0]}', "x", None]
    assert frame["b"].to_list() == [None, None, None]
    assert frame_of(pl.DataFrame({"n": [1, None]}))["n"].to_list() == ["1", None]
    assert frame_of([{}, {}]).height == 2


def test_tables_of_a_database(tmp_path):
    path = write_sqlite(tmp_path / "a#?.db", {"one": [{"id_": "7273000000000000001", "n": 7}], "two": [{"text": "x"}]})
    database = sqlite3.connect(path)
    database.execute("CREATE VIEW seen AS SELECT * FROM one")
    database.execute("CREATE TABLE made (a TEXT, b TEXT GENERATED ALWAYS AS (a || a) VIRTUAL)")
    database.execute("CREATE VIRTUAL TABLE words USING fts5(body)")
    database.execute("INSERT INTO made (a) VALUES (x'ff61')")
    database.execute("CREATE TABLE blank (a TEXT)")
    database.commit()
    database.close()
    before = path.read_bytes()
    assert tables_of(path) == {"blank": ["a"], "made": ["a"], "one": ["id", "add_ts", "id_", "n"], "two": ["id", "add_ts", "text"]}
    rows, _ = read(path)
    assert rows["table one, row 1"]["id_"] == "7273000000000000001"
    assert rows["table one, row 1"]["n"] == "7"
    assert rows["table made, row 1"]["a"] == "\ufffda"
    some, _ = read(path, need=("n",), only=True, wanted=lambda table, columns: "n" in columns)
    assert some == {"table one, row 1": {"n": "7"}}
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["a#?.db"]
    assert not is_unfinished(path)
    (tmp_path / "a#?.db-wal").write_bytes(b"x")
    assert is_unfinished(path)


def test_a_damaged_database(tmp_path):
    path = write_sqlite(tmp_path / "a.db", {"one": [{"text": "x" * 100} for _ in range(500)]})
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(YuhuError) as raised:
        read(path)
    assert raised.value.code == "YH106"
    assert tables_of(text(tmp_path, b"SQLite format 3\x00" + b"\xff" * 5000, "b.db")) == {}


def workbook(path, sheets):
    book = xlsxwriter.Workbook(path, {"strings_to_urls": False})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for at, row in rows.items():
            page.write_row(at, 0, row)
    book.close()
    return path


def test_sheets_of_a_workbook(tmp_path):
    path = workbook(
        tmp_path / "a.xlsx", {"One": {1: ["id", "n", "yes"], 2: ["7273000000000000001", 12, True], 4: ["b", 1.5, ""]}, "Two": {0: ["x"]}}
    )
    rows, rejects = read(path)
    assert rejects == []
    assert rows == {
        "sheet One, row 3": {"id": "7273000000000000001", "n": "12", "yes": "true"},
        "sheet One, row 5": {"id": "b", "n": "1.5", "yes": ""},
    }
    assert read(path, wanted=lambda table, _: table == "Two")[0] == {}
    assert "One" in start_of(path)


def packed(path, parts, sizes=()):
    """A zip of parts, some with a size that is not theirs."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    content = path.read_bytes()
    for said, other in sizes:
        content = content.replace(said.to_bytes(4, "little"), other.to_bytes(4, "little"))
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("bomb", ["ratio", "corner", "lower case", "lie", "bytes"])
def test_workbooks_that_would_take_too_much_memory(tmp_path, monkeypatch, bomb):
    sheet = b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    size = 123_457
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}
    sizes = ()
    if bomb == "ratio":
        parts["xl/worksheets/sheet1.xml"] = b" " * (70 << 20)
    elif bomb == "bytes":
        monkeypatch.setattr(flat_workbooks, "MOST_BYTES", 1000)
        parts["xl/worksheets/sheet1.xml"] = os.urandom(2000)
    elif bomb == "lie":
        parts["xl/worksheets/sheet1.xml"] = b"x" * size
        sizes = ((size, 100),)
    else:
        corner = b"XFD1048576" if bomb == "corner" else b"xfd1048576"
        parts["xl/worksheets/sheet1.xml"] = sheet + b"<row r = '2' ><c\nr='" + corner + b"'/></row>"
    with pytest.raises(YuhuError) as raised:
        read(packed(tmp_path / "a.xlsx", parts, sizes))
    assert raised.value.code == "YH109"


@pytest.mark.parametrize("parts", [{"a.txt": b"x"}, {"xl/workbook.xml": b"<workbook><sheets>"}])
def test_a_damaged_workbook(tmp_path, parts):
    with pytest.raises(YuhuError) as raised:
        read(packed(tmp_path / "a.xlsx", parts))
    assert raised.value.code == "YH106"


def test_what_a_text_shows_of_its_columns(tmp_path):
    assert columns_at(read_head(text(tmp_path, 'sep=;\na;"b c"\n1;2\n', "a.csv"))) == {"a", "b c"}
    assert columns_at(read_head(text(tmp_path, '{"a": 1, "b" : {"c": 2}}\n'))) == {"a", "b", "c"}


@pytest.mark.parametrize("write", [write_jsonl, write_json, write_csv])
def test_whether_records_repeat(tmp_path, write, pieces):
    records = [{"id": str(at), "text": "x, y"} for at in range(20)]
    path = write(tmp_path / "a", records)
    assert not may_repeat(Origin(path), "id")
    assert may_repeat(Origin(path), "text"), "not the first field: it cannot be told"
    assert may_repeat(Origin(write(tmp_path / "b", [*records, {"id": 7}])), "id"), "a number and its text are the same id"
    lines = [{"id": str(at), "text": "x\n7,y"} for at in range(3)]
    assert may_repeat(Origin(write_csv(tmp_path / "c", lines)), "id"), "a cell that goes on over a line may look like an id"
    assert may_repeat(Origin(text(tmp_path, "id,a\x01b\n1,2\n", "d.csv")), "id")
    assert not may_repeat(Origin(text(tmp_path, '{"id": 1}\n\n{"id": 2}\n', "e")), "id")


def test_which_capture_is_kept():
    pieces = frames_of([[("a", "5"), ("b", "1"), ("a", "9")], [("a", "7"), ("c", ""), ("c", None), ("", "1"), ("", "2")]])
    found = captures_of(pieces, "at", lambda _: "id")[""]
    assert found.rows() == [(1, "older"), (3, "latest"), (4, "older"), (5, "older"), (6, "latest")]


def frames_of(pieces):
    from yuhu.sources.flat_pieces import Piece, numbered

    first = 1
    for rows in pieces:
        frame = pl.DataFrame(rows, schema={"id": pl.String, "at": pl.String}, orient="row")
        yield Piece(frame, numbered(frame, first))
        first += frame.height

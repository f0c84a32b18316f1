"""Codings out and back: workbooks with their chances, tables, REFI-QDA, Label Studio; sent twice they add nothing."""

import io

import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from coding_studies import codings_of, study_of
from yuhu.core.errors import YuhuError
from yuhu.study.codings import append_codings, read_codings
from yuhu.study.samples import read_samples
from yuhu.verbs.agree import agree
from yuhu.verbs.collect import collect
from yuhu.verbs.hand_out import hand_out
from yuhu.verbs.sample import sample


@pytest.fixture
def study(tmp_path):
    return study_of(tmp_path, 100)


def _coded(study, n=30):
    units = sample(study, size=n, purpose="reliability", name="rel", codes=("anger",)).sample.units["unit_id"]
    rows = [(unit, coder, str(int(at % 3 == 0))) for at, unit in enumerate(units) for coder in ("anna", "bo")]
    append_codings(study.path, codings_of(study, rows).with_columns(sample=pl.lit("rel")))
    return units


def test_a_workbook_for_each_coder(study, tmp_path):
    units = _coded(study)
    found = hand_out(study, tmp_path / "out" / "sheet.xlsx", sample="rel")
    assert sorted(path.name for path in found.files) == ["sheet-anna.xlsx", "sheet-bo.xlsx"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(found.files[0].read_bytes()))
    texts = str(book.get_sheet_by_name("units").to_python())
    assert all(unit in texts for unit in units)
    cells = [cell for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert "anna" in cells
    assert "bo" not in cells
    first = {path.name: path.read_bytes() for path in found.files}
    hand_out(study, tmp_path / "out" / "sheet.xlsx", sample="rel")
    assert {path.name: path.read_bytes() for path in found.files} == first


def test_a_workbook_comes_back_with_its_chances(tmp_path):
    study = study_of(tmp_path, 100)
    units = _coded(study)
    files = hand_out(study, tmp_path / "sheet.xlsx", sample="rel").files
    (tmp_path / "again").mkdir()
    other = study_of(tmp_path / "again", 100)
    sample(other, size=30, purpose="reliability", name="rel", codes=("anger",))
    first = collect(other, files)
    assert [one.coders for one in first] == [["anna"], ["bo"]]
    assert [(one.new, one.changed, one.same, len(one.rejects)) for one in first] == [(30, 0, 0, 0)] * 2
    back = read_codings(other.path).filter(pl.col("code") == "anger")
    kept = read_codings(study.path)
    columns = ["unit_id", "coder", "code", "value", "status", "purpose", "sample", "code_hash"]
    assert back.select(columns).sort(columns).equals(kept.select(columns).sort(columns))
    assert agree(other).of("anger")["value"] == 1.0
    assert sorted(read_samples(other.path)["rel"].units["unit_id"]) == sorted(units)
    again = collect(other, files)
    assert (again[0].new, again[0].changed) == (0, 0)


def test_a_table_of_codings(study, tmp_path):
    units = sample(study, size=20, purpose="reliability", name="rel", codes=("anger",)).sample.units["unit_id"].to_list()
    table = tmp_path / "codings.csv"
    lines = [f"{unit},{coder},anger,{int(at % 2)}" for at, unit in enumerate(units) for coder in ("anna", "bo")]
    lines += ["nowhere,anna,anger,1", f"{units[0]},anna,anger,7", f"{units[0]},anna,mood,1"]
    table.write_text("unit,coder,code,value\n" + "\n".join(lines) + "\n", "utf-8")
    found = collect(study, [table])[0]
    assert (found.new, found.same, len(found.rejects)) == (40, 0, 3)
    coded = read_codings(study.path).filter(pl.col("code") == "anger")
    assert coded["purpose"].unique().to_list() == ["reliability"]
    assert coded["sample"].unique().to_list() == ["rel"]
    table.write_text(f"unit,coder,code,value\n{units[0]},anna,anger,1\n", "utf-8")
    changed = collect(study, [table])[0]
    assert (changed.new, changed.changed) == (0, 1)
    assert (
        read_codings(study.path).filter((pl.col("unit_id") == units[0]) & (pl.col("coder") == "anna") & (pl.col("code") == "anger"))[
            "value"
        ][0]
        == "1"
    )


def test_closed_gates_are_worked_out(study, tmp_path):
    unit = sample(study, size=20, name="m", codes=("affective_empathy",)).sample.units["unit_id"][0]
    table = tmp_path / "codings.csv"
    table.write_text(f"unit,coder,code,value\n{unit},anna,kind,joke\n", "utf-8")
    found = collect(study, [table])[0]
    assert (found.new, found.closed) == (1, 2)
    statuses = dict(read_codings(study.path).select("code", "status").iter_rows())
    assert statuses == {"kind": "coded", "affective_empathy": "not_shown", "affective_empathy.valence": "not_shown"}


@pytest.mark.parametrize("name", ["codings.csv", "project.qdpx", "tasks.json"])
def test_other_programs(tmp_path, name):
    study = study_of(tmp_path, 100)
    _coded(study)
    written = hand_out(study, tmp_path / name)
    assert all(path.stat().st_size for path in written.files)
    target = next(path for path in written.files if path.suffix == (tmp_path / name).suffix)
    back = collect(study, [target])[0]
    assert (back.new, back.changed, len(back.rejects)) == (0, 0, 0), back
    assert back.same == 60


@pytest.mark.parametrize(
    ("options", "match"),
    [({"sample": "none"}, "no sample is called"), ({}, "made of a sample"), ({"sample": "rel", "coders": ["zoe"]}, "is assigned to zoe")],
)
def test_what_is_refused(study, tmp_path, options, match):
    _coded(study)
    with pytest.raises(YuhuError, match=match) as caught:
        hand_out(study, tmp_path / "sheet.xlsx", **options)
    assert caught.value.fix


def test_files_that_are_none(study, tmp_path):
    for name, content, code in (("a.csv", b"", "YH1"), ("b.xlsx", b"PK\x03\x04 broken", "YH1"), ("c.bin", b"\x00\x01", "YH103")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(YuhuError) as caught:
            collect(study, [tmp_path / name])
        assert caught.value.code.startswith(code)
    with pytest.raises(YuhuError, match="cannot be read"):
        collect(study, [tmp_path / "missing.csv"])

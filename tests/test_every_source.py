"""Every format in one study: recognised, counted, and no trace of a person in any file that is written."""

import gzip
import json
import shutil
import sqlite3
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import yuhu
import yuhu.sources
from every_source import every_source
from yuhu.cli.app import invoke
from yuhu.core.contracts import Origin
from yuhu.core.registry import registered
from yuhu.core.schema import TABLES
from yuhu.sources.recognise import recognise
from yuhu.testing import check_importer


class Filled:
    """A study that holds every sample, and the samples by the id of their source."""

    def __init__(self, folder):
        self.samples = every_source(folder / "files")
        self.path = yuhu.init(folder / "study", title="everything").path
        self.added = dict(self.add())

    def add(self):
        """Each sample with what became of it; files of which a person says the same are added in one call."""
        groups = {}
        for sample in self.samples:
            groups.setdefault(repr(sorted(sample.options.items())), []).append(sample)
        for group in groups.values():
            done = yuhu.add(yuhu.open(self.path), [sample.path for sample in group], **group[0].options)
            yield from ((sample.path, one) for sample, one in zip(group, done, strict=True))

    @property
    def planted(self):
        return [planted for sample in self.samples for planted in sample.planted]

    def files(self):
        return {str(path.relative_to(self.path)): path.read_bytes() for path in sorted(self.path.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return Filled(tmp_path_factory.mktemp("everything"))


@pytest.fixture(scope="module")
def finished(filled, tmp_path_factory):
    """A copy of the study with codings, measures, a report in both languages and an ethics statement."""
    path = tmp_path_factory.mktemp("finished") / "study"
    shutil.copytree(filled.path, path)
    yuhu.run(yuhu.open(path))
    yuhu.report(yuhu.open(path), language="zh")
    yuhu.ethics(yuhu.open(path))
    return path


def texts_of(path):
    """All that a file says: its bytes as text, and what Parquet and SQLite hold in a packed form."""
    content = path.read_bytes()
    texts = [content.decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode("utf-8")]
    if content.startswith(b"PAR1"):
        texts.append(pl.read_parquet(path).write_ndjson())
    elif content.startswith(b"SQLite format 3"):
        with sqlite3.connect(path) as database:
            texts += database.iterdump()
        database.close()
    elif content.startswith(b"\x1f\x8b"):
        texts.append(gzip.decompress(content).decode("utf-8", "replace"))
    return texts


def found_in(folder, planted):
    """Which of some strings stand in the files of a folder, as they are or as JSON may spell them, and where."""
    spelt = {form: one for one in planted for form in {one, json.dumps(one)[1:-1], json.dumps(json.dumps(one)[1:-1])[1:-1]}}
    held = [(str(path.relative_to(folder)), path) for path in sorted(folder.rglob("*")) if path.is_file()]
    said = pl.DataFrame([(name, text) for name, path in held for text in (name, *texts_of(path))], schema=["file", "text"], orient="row")
    found = said.select("file", pl.col("text").str.extract_many(list(spelt), overlapping=True)).explode("text").drop_nulls().unique()
    return {spelt[text]: file for file, text in found.iter_rows()}


def test_the_search_finds_what_is_there(tmp_path):
    frame = pl.DataFrame({"a": ["x" * 5000, '{"b": "植入某某某人00100"}', json.dumps({"b": "植入某某某人00101"}), "PlantedAsId00102"]})
    frame.write_parquet(tmp_path / "a.parquet", compression="zstd")
    (tmp_path / "b.json").write_text(json.dumps(["植入某某某人00103", "x"]))
    (tmp_path / "c.html").write_text("<p>PlantedAsId00104")
    (tmp_path / "PlantedAsId00105.txt").write_text("")
    (tmp_path / "d.bin").write_bytes(b"\xff\xfe\x00PlantedAsId00106\xff")
    with sqlite3.connect(tmp_path / "e.db") as database:
        database.execute("CREATE TABLE t (a)")
        database.execute("INSERT INTO t VALUES ('植入某某某人00107')")
    database.close()
    planted = [*(f"植入某某某人0010{n}" for n in (0, 1, 3, 7)), *(f"PlantedAsId0010{n}" for n in (2, 4, 5, 6, 8))]
    assert sorted(found_in(tmp_path, planted)) == sorted(planted[:-1])


def test_people_are_planted_where_no_other_file_has_them(filled):
    planted = filled.planted
    assert min(map(len, planted)) >= 8
    assert len(set(planted)) == len(planted) > 10_000
    for sample in filled.samples:
        text = "".join(texts_of(sample.path))
        if sample.path.suffix != ".xlsx":
            assert any(one in text or json.dumps(one)[1:-1] in text for one in sample.planted), sample.path


def test_every_importer_has_a_file(filled):
    assert {sample.importer for sample in filled.samples} == set(registered("importers"))


@pytest.mark.parametrize("name", sorted(registered("importers")))
def test_recognised_and_true_to_the_contract(filled, name):
    for sample in filled.samples:
        if sample.importer == name:
            origin = Origin(sample.path, **sample.options)
            importer = recognise(origin)
            assert importer.name == name, sample.path
            check_importer(importer, sample.path, origin=origin)


@pytest.mark.parametrize("name", sorted(registered("importers")))
def test_counts_are_exact(filled, name):
    for sample in filled.samples:
        if sample.importer == name:
            one = filled.added[sample.path]
            assert (one.status, one.entry.importer) == ("added", name), sample.path
            assert (one.entry.seen, one.entry.kept) == (sample.seen, sample.kept), (sample.path, one.entry.first_rejects)


def test_seen_is_kept_and_rejected(filled):
    study = yuhu.open(filled.path)
    entries = study.manifest.sources
    assert len(entries) == len(filled.samples)
    assert all(entry.seen == entry.kept + entry.rejected for entry in entries)
    rejects = dict(study.scan("rejects").group_by("source").agg(pl.len()).collect().iter_rows())
    assert rejects == {entry.source: entry.rejected for entry in entries if entry.rejected}
    rows = Counter()
    for table, schema in TABLES.items():
        if table != "raw" and "source" in schema.names:
            rows.update({(source, table): n for source, n in study.scan(table).group_by("source").agg(pl.len()).collect().iter_rows()})
    assert rows == Counter({(entry.source, table): n for entry in entries for table, n in entry.rows.items()})


def test_no_person_stands_in_any_file(filled):
    assert len(yuhu.open(filled.path).manifest.of("raw")) >= 1
    assert found_in(filled.path, filled.planted) == {}


def test_no_person_stands_in_what_is_made_of_it(filled, finished):
    assert {"ethics.md"} <= {path.name for path in finished.iterdir()}
    assert found_in(finished, filled.planted) == {}


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_no_person_stands_in_an_export(filled, finished, tmp_path, form):
    written = yuhu.export(yuhu.open(finished), tmp_path / "out", form=form)
    assert len(written) > 10
    assert found_in(tmp_path / "out", filled.planted) == {}


@pytest.mark.parametrize("arguments", [["status"], ["status", "--missing"], ["status", "--json"], ["ethics"]])
def test_no_person_is_printed(filled, finished, capsys, arguments, tmp_path):
    assert invoke([arguments[0], str(finished), *arguments[1:]]) == 0
    captured = capsys.readouterr()
    (tmp_path / "said").mkdir()
    (tmp_path / "said" / "out.txt").write_text(captured.out + captured.err, "utf-8")
    assert captured.out
    assert found_in(tmp_path / "said", filled.planted) == {}


def test_the_raw_copies_give_the_same_rows_again(filled):
    before = filled.files()
    done = yuhu.remap(yuhu.open(filled.path))
    kept = {entry.source for entry in yuhu.open(filled.path).manifest.sources if entry.raw}
    assert {source: state for source, state in done.sources.items() if state != "unchanged"} == {
        source: "no raw copy is kept" for source in done.sources if source not in kept
    }
    assert len(kept) >= len(filled.samples) - 1, "of who follows whom nothing is kept"
    assert done.changes.height == 0
    assert filled.files() == before


def test_a_second_time_changes_nothing(filled):
    before = filled.files()
    assert {one.status for _, one in filled.add()} == {"known"}
    assert filled.files() == before


def test_without_its_sources_a_study_is_empty(filled, tmp_path):
    shutil.copytree(filled.path, tmp_path / "study")
    study = yuhu.open(tmp_path / "study")
    gone = yuhu.remove(study, [entry.source for entry in study.manifest.sources])
    assert len(gone.sources) == len(filled.samples)
    left = yuhu.open(study.path)
    assert left.manifest.sources == []
    assert {table: left.scan(table).collect().height for table in TABLES} == dict.fromkeys(TABLES, 0)
    assert not list(study.path.rglob("*.parquet"))


def test_packed_and_in_other_encodings(filled, tmp_path):
    """What the door unpacks and converts lies in a room of the study for a while: nothing of it stays."""
    by_name = {}
    for sample in filled.samples:
        if not sample.options and sample.path.suffix in {".xml", ".json", ".csv", ".jsonl", ".ndjson"}:
            by_name.setdefault(sample.importer, sample)
    samples = list(by_name.values())
    assert len(samples) > 20
    files = []
    for at, sample in enumerate(samples):
        text = sample.path.read_text("utf-8-sig")
        folder = tmp_path / f"{at:02d}"
        folder.mkdir()
        path = folder / sample.path.name
        if at % 3 == 0:
            path = folder / f"{sample.path.name}.gz"
            path.write_bytes(gzip.compress(text.encode()))
        elif at % 3 == 1:
            with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr(sample.path.name, text)
            path = folder / "a.zip"
        else:
            path.write_text(text.replace(' encoding="UTF-8"', "").replace(' encoding="utf-8"', ""), "utf-16")
        files.append(path)
    study = yuhu.init(tmp_path / "study")
    done = yuhu.add(study, files)
    assert [(one.entry.importer, one.entry.seen, one.entry.kept) for one in done] == [(one.importer, one.seen, one.kept) for one in samples]
    assert found_in(study.path, [planted for sample in samples for planted in sample.planted]) == {}
    assert sorted(path.name for path in Path(study.path).iterdir() if path.is_dir()) == ["codebooks", "raw", "tables"]

"""Bilibili XML to typed, pseudonymised Parquet in a study: 1,000 files of 1,000 rows, beside parsing alone."""

import shutil
from xml.etree import ElementTree
from xml.parsers import expat

import pytest

import yuhu
from exports import ROWS_OF_A_FILE, danmaku_files


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return danmaku_files(tmp_path_factory.mktemp("xml"))


@pytest.mark.benchmark(group="danmaku XML")
def test_ours_to_a_study(benchmark, files, tmp_path):
    def fresh():
        shutil.rmtree(tmp_path / "s", ignore_errors=True)
        return (yuhu.init(tmp_path / "s"), files), {}

    done = benchmark.pedantic(yuhu.add, setup=fresh, rounds=3)
    assert sum(one.entry.kept for one in done) == len(files) * ROWS_OF_A_FILE


@pytest.mark.benchmark(group="danmaku XML")
def test_expat_to_columns(benchmark, files):
    def parse():
        total = 0
        for path in files:
            ps, texts = [], []
            parser = expat.ParserCreate()
            parser.buffer_text = True
            parser.StartElementHandler = lambda name, attributes, ps=ps: ps.append(attributes.get("p"))
            parser.CharacterDataHandler = texts.append
            parser.Parse(path.read_bytes(), True)
            total += len(texts)
        return total

    benchmark.pedantic(parse, rounds=3)


@pytest.mark.benchmark(group="danmaku XML")
def test_elementtree(benchmark, files):
    benchmark.pedantic(lambda: [[(d.get("p"), d.text) for d in ElementTree.parse(path).getroot().iter("d")] for path in files], rounds=2)

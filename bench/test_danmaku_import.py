"""Bilibili XML to typed, pseudonymised Parquet in a study: 1,000 files of 1,000 rows, beside parsing alone."""

import shutil
from xml.etree import ElementTree
from xml.parsers import expat

import numpy as np
import pytest

import yuhu
from corpus import FILES, responses

ROWS = 1000


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("xml")
    texts = responses(max(FILES * ROWS // 4, 1000))["text"].to_list()
    rng = np.random.default_rng(3)
    made = []
    for number in range(FILES):
        picks = rng.integers(0, len(texts), ROWS)
        at = rng.random(ROWS) * 600
        who = rng.integers(0, 50_000, ROWS)
        rows = "".join(
            f'<d p="{at[i]:.5f},1,25,16777215,{1693400000 + i},0,{who[i]:x},{number * ROWS + i},10">{texts[picks[i]].replace("&", "&amp;").replace("<", "&lt;")}</d>'
            for i in range(ROWS)
        )
        path = folder / f"{number}.xml"
        path.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?><i><chatid>{number + 1}</chatid><maxlimit>8000</maxlimit>{rows}</i>', "utf-8"
        )
        made.append(path)
    return made


@pytest.mark.benchmark(group="danmaku XML")
def test_ours_to_a_study(benchmark, files, tmp_path):
    def fresh():
        shutil.rmtree(tmp_path / "s", ignore_errors=True)
        return (yuhu.init(tmp_path / "s"), files), {}

    done = benchmark.pedantic(yuhu.add, setup=fresh, rounds=3)
    assert sum(one.entry.kept for one in done) == len(files) * ROWS


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

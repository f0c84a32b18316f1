"""Hostile inputs by the thousand (and, behind the marker `slow`, by the million): nothing but our own errors, the law, and two ways that agree."""

import io
import os
import random
from pathlib import Path

import polars as pl
import pytest

import yuhu.sources  # noqa: F401 - importing the room registers its importers
from files import danmaku_xml
from fuzzing import as_line, mutated_bytes, mutated_record
from yuhu.core.contracts import DRAFTS, Facts, Origin, Personal, Raw
from yuhu.core.errors import YuhuError
from yuhu.core.registry import registered
from yuhu.sources.bilibili_cut import cut, cut_frame
from yuhu.sources.bilibili_xml import _fields, _rows, _XmlReader
from yuhu.sources.json_records import parsed
from yuhu.sources.records import Reading, RecordImporter
from yuhu.study.pseudonyms import Pseudonyms
from yuhu.study.scrub import Scrubber

QUICK = 3_000
LONG = int(os.environ.get("YUHU_FUZZ_RUNS", "1000000"))
RUNS = [pytest.param(QUICK, id="quick"), pytest.param(LONG, id="long", marks=pytest.mark.slow)]

XML_SEEDS = [
    danmaku_xml([(1.5, "我哭了 & <3", {}), (2.25, "不哭", {"mode": 7}), (7.0, "别怕", {"weight": ""})]).encode(),
    danmaku_xml([(at, f"t{at} 😭", {"pool": at % 3}) for at in range(4)], newline=True).encode(),
    b'<i><d p="1,1,25,1,1,0,a,1">x</d></i>',
    danmaku_xml([(1, "a &#128557; b", {}), (2, "]]", {})]).encode(),
]


@pytest.mark.parametrize("runs", RUNS)
def test_xml_two_ways_agree_and_only_our_errors_come(runs):
    rng = random.Random(20230830)
    taken, rows, codes = 0, [], set()
    for _ in range(runs):
        document = mutated_bytes(rng, rng.choice(XML_SEEDS))
        reader = _XmlReader(Origin(Path("fuzz.xml")))
        try:
            pieces = list(reader.parse(io.BytesIO(document)))
        except YuhuError as error:
            codes.add(error.code)
            pieces = None
        found = cut(document)
        if pieces is not None:
            ps, texts = ([value for piece in pieces for value in piece[at]] for at in (0, 1))
            assert len(ps) == len(texts)
            rows += zip(ps, texts, strict=True)
        if found is not None:
            assert pieces is not None, document
            assert reader.cut_off is None, document
            taken += 1
            if taken % 20 == 1:
                expected = _fields(pl.DataFrame({"p": ps, "text": texts}, schema={"p": pl.String, "text": pl.String}))
                assert cut_frame([found]).equals(expected), document
    assert taken > runs / 50
    assert codes == {"YH106", "YH109"}
    frame = pl.DataFrame(rows, schema={"p": pl.String, "text": pl.String}, orient="row")
    piece = _fields(frame).with_columns(place=pl.lit("x"), video=pl.lit("v"), file=pl.lit(0))
    good, bad = _rows(piece)
    assert good.height + bad.height == frame.height
    assert (good["at_ms"] >= 0).all()


@pytest.mark.parametrize("runs", RUNS)
def test_json_lines(runs):
    rng = random.Random(7)
    seeds = [
        as_line({"id": 7273000000000000001, "text": "我哭了 \ud800", "user": {"uid": "5", "n": [1, 2.5, None]}, "at": "2023-08-30"}),
        b'{"a": NaN, "b": "\\u0000"}',
        b"[1, 2]",
    ]
    objects = 0
    for _ in range(runs):
        try:
            objects += isinstance(parsed(mutated_bytes(rng, rng.choice(seeds))), dict)
        except ValueError:
            continue
    assert objects > runs / 50


def records_of():
    """One good record for each importer that works record by record, from the golden files' own makers."""
    from fuzz_seeds import SEEDS

    return SEEDS


def importers():
    return [make for make in registered("importers").values() if isinstance(make, type) and issubclass(make, RecordImporter)]


@pytest.mark.parametrize("runs", RUNS)
def test_records_of_every_importer(runs):
    seeds = records_of()
    makers = importers()
    assert {make.name for make in makers} <= set(seeds), "every importer has a seed"
    pseudonyms = Pseudonyms(b"0123456789abcdef")
    for make in makers:
        rng = random.Random(make.name)
        importer = make()
        share = max(runs // len(makers), 300)
        reading = Reading(Origin(Path("fuzz.json"), exported_at="2023-09-10T00:00:00Z"), Facts(platform=importer.platform))
        kept = 0
        for run in range(share):
            record = mutated_record(rng, rng.choice(seeds[importer.name]))
            why = importer.rows(record, reading)
            assert why is None or (isinstance(why, str) and why), (importer.name, record)
            kept += why is None
            if run % 50 == 0:
                platform = importer.platform or "x"
                Scrubber(pseudonyms, getattr(importer, "personal", Personal()), platform).texts(Raw(["1"], [record], platform))
            if run % 500 == 0:
                frames = reading.rows.frames()
                assert set(frames) <= set(DRAFTS)
                reading.rows.tables.clear()
        assert kept > 0, importer.name

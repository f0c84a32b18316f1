"""Hostile inputs by the thousand (and, behind the marker `slow`, by the million): nothing but our own errors, the law, and two ways that agree."""

import io
import json
import os
import random
import re
from pathlib import Path

import polars as pl
import pytest

from files import danmaku_xml
from fuzzing import as_line, mutated_bytes, mutated_record
from mediacrawler_files import bilibili_comment, write_csv, write_json, write_jsonl
from segments import OLD, OTT, segment
from yuhu.core.contracts import DRAFTS, Facts, Head, Origin, Raw
from yuhu.core.errors import YuhuError
from yuhu.sources import flat_json, flat_separated
from yuhu.sources.bilibili_cut import cut, cut_frame
from yuhu.sources.bilibili_segments import BilibiliSegments
from yuhu.sources.bilibili_wire import PAD, Envelope, MalformedError, columns, fields
from yuhu.sources.bilibili_xml import _fields, _rows, _XmlReader
from yuhu.sources.json_records import parsed
from yuhu.sources.mediacrawler import MediaCrawler
from yuhu.sources.tabular import MappedTable
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


@pytest.mark.parametrize("runs", RUNS)
def test_records_of_every_importer(runs):
    from fuzz_seeds import SEEDS, importers

    makers = importers()
    assert all(SEEDS[make.name] for make in makers), "every importer has a seed"
    pseudonyms = Pseudonyms(b"0123456789abcdef")
    for make in makers:
        rng = random.Random(make.name)
        importer = make()
        kept = 0
        for run in range(max(runs // len(makers), 300)):
            seed = rng.choice(SEEDS[make.name])
            record = mutated_record(rng, seed.record)
            kept += gives(importer, record, seed.reading)
            if run % 50 == 0:
                platform = seed.reading.platform or "x"
                [text] = Scrubber(pseudonyms, importer.personal, platform).texts(Raw(["1"], [record], platform))
                gives(importer, parsed(text.encode()), seed.reading)
            if run % 500 == 0:
                for reading in {id(one.reading): one.reading for one in SEEDS[make.name]}.values():
                    assert set(reading.rows.frames()) <= set(DRAFTS)
                    reading.rows.tables.clear()
                    reading.facts.expected.clear()
        assert kept > 0, make.name


def gives(importer, record, reading):
    """Whether a record gives rows; else it is rejected with a reason, and never more than that."""
    why = importer.rows(record, reading)
    assert why is None or (isinstance(why, str) and why), (importer.name, record)
    return why is None


WANTED = (0x08, 0x10, 0x18, 0x32, 0x3A, 0x40, 0x48, 0x58, 0x68, 0x78, 0xD0)


def segments():
    row = {
        "id": 51870527213010951,
        "progress": 15_250,
        "mode": 1,
        "mid_hash": "5bd04b14",
        "content": "我哭了",
        "ctime": 1_693_400_000,
        "pool": 1,
    }
    rows = [row, {**row, "id": 2**63, "content": "long " * 40, "mode": 7}, {**row, "progress": -1, "ctime": -1, "id_str": "9"}]
    more = [{**one, "oid": 42, "likes": 300, "extra": b"\x80" * 20, "far": b"x", "fixed": 7, "double": 0.5, "attr": -1} for one in rows]
    return [segment(rows, OLD), segment(more, OTT, state=1), segment(more, rules=[1, 300], context_src=b"x"), segment(more[:1]), b""]


def read_alone(data, start, end):
    """Numbers and texts of a record read field by field; None where it is malformed."""
    numbers, texts = {}, {}
    try:
        for tag, value, at in fields(data, start, end):
            if tag in WANTED:
                (numbers if tag & 7 == 0 else texts)[tag] = value if tag & 7 == 0 else data[at : at + value]
    except MalformedError:
        return None
    return numbers, texts


@pytest.mark.parametrize("runs", RUNS)
def test_protobuf_two_ways_agree_and_nothing_raises(runs):
    rng = random.Random(20230831)
    seeds = segments()
    sound = broken = 0
    for _ in range(runs):
        document = mutated_bytes(rng, rng.choice(seeds))
        data = document + bytes(PAD)
        reply = Envelope(data, len(document))
        for starts, ends in reply.spans():
            assert ((starts <= ends) & (ends <= len(document))).all(), document
            part = columns(data, starts, ends, WANTED)
            for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
                alone = read_alone(data, start, end)
                assert bool(part.broken[row]) == (alone is None), document
                if alone is None:
                    broken += 1
                    continue
                sound += 1
                numbers, texts = alone
                assert {tag: int(column[row]) for tag, column in part.numbers.items() if column[row]} == {
                    tag: value for tag, value in numbers.items() if value
                }, document
                assert {
                    tag: data[at[row] : at[row] + part.lengths[tag][row]] for tag, at in part.places.items() if part.lengths[tag][row]
                } == {tag: text for tag, text in texts.items() if text}, document
        assert reply.broken_at is None or 0 <= reply.broken_at < len(document), document
    assert sound > runs / 2
    assert broken > runs / 50


@pytest.mark.parametrize("runs", [pytest.param(300, id="quick"), pytest.param(LONG // 20, id="long", marks=pytest.mark.slow)])
def test_segments_keep_the_law(tmp_path, runs):
    rng = random.Random(20230901)
    seeds, importer, path = segments(), BilibiliSegments(), tmp_path / "seg.so"
    kept = 0
    for _ in range(runs):
        document = mutated_bytes(rng, rng.choice(seeds))
        assert importer.sniff(Head("seg.so", document, len(document))) in {0.0, 0.95}
        path.write_bytes(document)
        kept += lawful(importer, Origin(path), document)
    assert kept > runs / 2


def lawful(importer, origin, document):
    """How many records a file gives; it may be refused with one of our errors, but never loses or invents a record."""
    kept = 0
    try:
        for batch in importer.read(origin, Facts()):
            assert batch.seen == batch.kept + len(batch.rejects), document
            kept += batch.kept
            for table in DRAFTS:
                frame = getattr(batch, table)
                assert frame is None or set(frame.columns) <= set(DRAFTS[table]), document
    except YuhuError as error:
        assert error.code in {"YH101", "YH102", "YH106", "YH107"}, document  # noqa: PT017 - refused, as some of them must be
    return kept


LINES = "".join(
    json.dumps({"id": str(10**18 + at), "text": f'我哭了 {at} "quoted", a', "who": None if at % 2 else f"u{at}", "n": at, "at": [at, {"a": 1.5}]}, ensure_ascii=at % 2 == 0) + "\n"
    for at in range(4)
).encode()  # fmt: skip
ROWS = 'id,text,who\n1,我哭了,u1\n2,"a, ""b""\nc",u2\n3,,\n4,last one,u4\n'.encode()
BODIES = [ROWS.partition(b"\n")[2], b'1,a,b\n"2","c","d"\n', b"1,a,b\r\n2,c,d\r\n", b"id,text,who\n1,a,b\n"]


@pytest.mark.parametrize("runs", RUNS)
def test_flat_json_lines_lose_nothing(runs):
    rng = random.Random(11)
    together = 0
    for _ in range(runs):
        lines = mutated_bytes(rng, LINES)
        filled = [at for at, line in enumerate(lines.split(b"\n"), start=1) if line.strip(flat_json._BLANK)]
        known = flat_json.Fields((), only=False)
        together += known.frame(lines) is not None
        piece = flat_json._piece(lines, lines.count(b"\n") + (not lines.endswith(b"\n")), 1, "line", flat_json.Fields((), only=False))
        refused = [int(reject.place.rpartition(" ")[2]) for reject in piece.rejects]
        assert sorted([*piece.numbers.to_list(), *refused]) == filled, lines
        assert set(piece.rows.dtypes) <= {pl.String}, lines
        alone = flat_json._one_by_one(lines, 1, "line", ())
        assert sorted(alone.numbers) == sorted(piece.numbers), lines
    assert together > runs / 20


@pytest.mark.parametrize("runs", RUNS)
def test_separated_chunks_are_read_alike_or_not_at_all(runs):
    """Where every row fits the header; a carriage return alone is a line end for the standard library, and within a cell for polars."""
    rng = random.Random(13)
    layout = flat_separated._Layout(["id", "text", "who"], ",", (), only=False)
    both = 0
    for _ in range(runs):
        records = mutated_bytes(rng, rng.choice(BODIES))
        n = records.count(b"\n") + (not records.endswith(b"\n"))
        quick, slow = flat_separated._regular(records, n, 2, layout), flat_separated._irregular(records, 2, layout)
        if (
            quick is None
            or slow is None
            or re.search(rb"\r(?!\n)|\A\xef\xbb\xbf", records)
            or any("cells" in one.why for one in slow.rejects)
        ):
            continue
        both += 1
        assert quick.rows.rows() == slow.rows.rows(), records
        assert quick.places.to_list() == slow.places.to_list(), records
        assert [one.place for one in quick.rejects] == [one.place for one in slow.rejects], records
    assert both > runs / 10


@pytest.mark.parametrize("runs", [pytest.param(300, id="quick"), pytest.param(LONG // 20, id="long", marks=pytest.mark.slow)])
def test_flat_files_keep_the_law(tmp_path, runs):
    rng = random.Random(17)
    comments = [bilibili_comment(str(at), user_id=f"6000000000{at}", content='a, "b"\nc') for at in range(3)]
    makers = {"jsonl": write_jsonl, "json": write_json, "csv": write_csv}
    crawled = {ending: make(tmp_path / f"good.{ending}", comments).read_bytes() for ending, make in makers.items()}
    mapping = {"text": "text", "id": "id", "who": "author"}
    cases = [
        *((MediaCrawler, {}, ending, seed) for ending, seed in crawled.items()),
        *((MappedTable, {"mapping": mapping}, ending, seed) for ending, seed in (("jsonl", LINES), ("csv", ROWS))),
    ]
    kept = 0
    for _ in range(runs):
        make, said, ending, seed = rng.choice(cases)
        document = mutated_bytes(rng, seed)
        path = tmp_path / f"fuzz.{ending}"
        path.write_bytes(document)
        kept += lawful(make(), Origin(path, **said), document)
    assert kept > runs / 2

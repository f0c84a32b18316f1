"""A mix of sources to one study: danmaku XML (a fifth), a collector's JSON lines and a mapped CSV (two fifths each). Rows by YUHU_BENCH_MIXED.

Time and the largest memory of the process are printed; the peer is `test_ndjson_import.py`.
"""

import json
import os
import resource
import shutil
import time

import numpy as np
import pytest

import yuhu
from corpus import responses

ROWS = int(os.environ.get("YUHU_BENCH_MIXED", "1000000"))
MAP = {"cid": "id", "time": "sent_at", "user": "author", "content": "text", "digg": "likes"}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed")
    texts = responses(max(min(ROWS // 4, 1_000_000), 1000))["text"].to_list()
    rng = np.random.default_rng(9)
    n_xml, n_lines = ROWS // 5 // 1000, 2 * ROWS // 5
    xml = []
    for number in range(n_xml):
        picks, at, who = rng.integers(0, len(texts), 1000), rng.random(1000) * 600, rng.integers(0, 500_000, 1000)
        rows = "".join(
            f'<d p="{at[i]:.5f},1,25,16777215,{1693400000 + i},0,{who[i]:x},{number * 1000 + i},10">{texts[picks[i]].replace("&", "&amp;").replace("<", "&lt;")}</d>'
            for i in range(1000)
        )
        xml.append(folder / f"{number}.xml")
        xml[-1].write_text(f'<?xml version="1.0" encoding="UTF-8"?><i><chatid>{number + 1}</chatid><maxlimit>8000</maxlimit>{rows}</i>')
    lines, table = folder / "detail_comments_2023-09-10.jsonl", folder / "own.csv"
    with lines.open("w") as file:
        for at in range(n_lines):
            pick = int(rng.integers(0, len(texts)))
            record = {
                "comment_id": str(7_273_000_000_000_000_000 + at), "create_time": 1693400000 + at % 900_000, "ip_location": "北京", "aweme_id": str(7_270_000_000_000_000_000 + at % 50),
                "content": texts[pick], "user_id": str(10**10 + at % 400_000), "nickname": f"n{at % 400_000}", "sub_comment_count": "0", "like_count": at % 90, "last_modify_ts": 1694300000000,
                "parent_comment_id": "0", "pictures": "",
            }  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    with table.open("w") as file:
        file.write("cid,time,user,content,digg\n")
        for at in range(n_lines):
            text = texts[int(rng.integers(0, len(texts)))].replace('"', '""')
            file.write(f'{at},2023-09-{1 + at % 28:02d} 20:15:{at % 60:02d},u{at % 300_000},"{text}",{at % 70}\n')
    return xml, lines, table


def test_mixed(files, tmp_path):
    xml, lines, table = files
    start = time.perf_counter()
    study = yuhu.init(tmp_path / "s")
    kept = sum(one.entry.kept for one in yuhu.add(study, [*xml, lines]))
    [own] = yuhu.add(yuhu.open(study.path), [table], mapping=MAP, platform="own", video="1", tz="Asia/Shanghai")
    seconds = time.perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\n{kept + own.entry.kept:,} rows in {seconds:.1f} s, largest memory {memory:.2f} GiB (with the making of the files)")
    assert kept + own.entry.kept == len(xml) * 1000 + 2 * (2 * ROWS // 5)
    shutil.rmtree(study.path)

"""Exports made of synthetic texts, for benchmarks of imports: one seed each, sizes by environment variable."""

import json
from pathlib import Path

import numpy as np

from corpus import FILES, ROWS, responses

ROWS_OF_A_FILE = 1000


def danmaku_files(folder: Path) -> list[Path]:
    """`FILES` danmaku files of Bilibili in XML, of 1,000 rows each."""
    texts = responses(max(FILES * ROWS_OF_A_FILE // 4, 1000))["text"].to_list()
    rng = np.random.default_rng(3)
    made = []
    for number in range(FILES):
        picks = rng.integers(0, len(texts), ROWS_OF_A_FILE)
        at = rng.random(ROWS_OF_A_FILE) * 600
        who = rng.integers(0, 50_000, ROWS_OF_A_FILE)
        rows = "".join(
            f'<d p="{at[i]:.5f},1,25,16777215,{1693400000 + i},0,{who[i]:x},{number * ROWS_OF_A_FILE + i},10">{texts[picks[i]].replace("&", "&amp;").replace("<", "&lt;")}</d>'
            for i in range(ROWS_OF_A_FILE)
        )
        path = folder / f"{number}.xml"
        path.write_text(
            f'<?xml version="1.0" encoding="UTF-8"?><i><chatid>{number + 1}</chatid><maxlimit>8000</maxlimit>{rows}</i>', "utf-8"
        )
        made.append(path)
    return made


def comment_lines(folder: Path) -> Path:
    """`ROWS` comments of Douyin as MediaCrawler writes them, one a line."""
    texts = responses(max(ROWS // 4, 1000))["text"].to_list()
    rng = np.random.default_rng(5)
    picks, who = rng.integers(0, len(texts), ROWS), rng.integers(0, ROWS // 8 + 1, ROWS)
    path = folder / "detail_comments_2023-09-10.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for at in range(ROWS):
            record = {
                "comment_id": str(7_273_000_000_000_000_000 + at), "create_time": 1693400000 + at % 900_000, "ip_location": "北京", "aweme_id": str(7_270_000_000_000_000_000 + at % 50),
                "content": texts[picks[at]], "user_id": str(10**10 + int(who[at])), "sec_uid": f"MS4wLjABAAAA{who[at]:x}", "short_user_id": "0", "user_unique_id": "", "user_signature": "",
                "nickname": f"n{who[at]}", "avatar": "https://p3.example/aweme/100x100/x.jpeg", "sub_comment_count": "0", "like_count": int(picks[at] % 90), "last_modify_ts": 1694300000000,
                "parent_comment_id": "0", "pictures": "",
            }  # fmt: skip
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path

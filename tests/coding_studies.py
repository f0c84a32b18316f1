"""Small studies with coders, for tests of people's coding."""

import datetime as dt

import polars as pl

import yuhu
from yuhu.core.schema import CODING, conform, polars_schema
from yuhu.study.assignments import Person, put_person
from yuhu.study.store import open_study

AT = "2026-01-01T00:00:00Z"
WHEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
TEXTS = {"zh": "她想回家", "en": "she just wants to go home"}


def study_of(tmp_path, n=200, *, coders=("anna", "bo"), languages=("zh", "en")):
    """A study of n danmaku, three in four Chinese, over two videos."""
    made = yuhu.init(tmp_path / "s")
    for video in ("1", "2"):
        table = tmp_path / f"own{video}.csv"
        rows = [
            f"{at},{TEXTS['en' if at % 4 == 3 else 'zh']} {at},2023-09-01 12:{at // 60 % 60:02d}:{at % 60:02d},p{at % 7}"
            for at in range(n)
            if at % 2 == int(video) - 1
        ]
        table.write_text("id,text,time,who\n" + "\n".join(rows) + "\n", "utf-8")
        mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author"}
        yuhu.add(made, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video=video, kind="danmaku")
    for name in coders:
        put_person(made.path, Person(name, languages=tuple(languages)), AT)
    return open_study(made.path)


def codings_of(study, rows, *, code="anger", purpose="reliability", occasion=0, kind="human"):
    """Codings (unit, coder, value or status) of one decision."""
    book = study.codebook()
    variable = book.variables[code]
    frame = pl.DataFrame(
        [
            {
                "unit_kind": "response",
                "unit_id": unit,
                "code": code,
                "value": None if value in ("not_shown", "abstained") else value,
                "status": value if value in ("not_shown", "abstained") else "coded",
                "coder": coder,
                "coder_kind": kind,
                "code_hash": variable.code_hash,
                "codebook_hash": book.content_hash,
                "at": WHEN,
                "purpose": purpose,
                "occasion": occasion,
            }
            for unit, coder, value in rows
        ]
    )
    return conform(frame, polars_schema(CODING))

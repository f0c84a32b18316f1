"""A study whose every text was written by someone who wants to run something in the reader's browser."""

import csv
from importlib.resources import files

import yaml

import yuhu
from app_teams import PASSWORD
from workbench import CODES
from yuhu.study.store import open_study
from yuhu.verbs.team import add_account

MARK = "planted-by-a-stranger"
"""Stands in each hostile text: where it is seen as text, the text was shown and not run."""

RUNS = f"""</script><script>alert('{MARK}')</script>"""
TEXT = (
    f"""{MARK}"'`><img src=x onerror=alert(1)>{RUNS}<svg/onload=alert(2)><b class="{MARK}">b</b>"""
    """<iframe srcdoc="<script>alert(3)</script>"></iframe><a href="javascript:alert(4)">a</a><style>*{display:none}</style>"""
    """{{7*7}}${alert(5)}{@html '<i>'}=cmd|' /C calc'!A0\u202egnp.exe\u0000\x1b[31m"""
)
SHORT = f"<img src=x onerror=alert(6)>{MARK[:14]}"
"""For what must be short and one line: a name."""
CODER = f"<b class={MARK}>=c"
_WORDS = ("label", "definition", "include", "exclude", "description", "text", "note", "why")


def hostile_codebook(path):
    """The built-in codebook with a hostile ending at each text that people read."""
    book = yaml.safe_load((files("yuhu.core") / "codebooks" / "empathy.v1.yaml").read_text("utf-8"))
    path.write_text(yaml.safe_dump(_ended(book), allow_unicode=True), "utf-8")
    return path


def _ended(part, *, is_words=False):
    if isinstance(part, dict):
        return {name: _ended(value, is_words=is_words or name in _WORDS) if name != "terms" else value for name, value in part.items()}
    if isinstance(part, list):
        return [_ended(one, is_words=is_words) for one in part]
    return f"{part} {TEXT.replace(chr(0), '').replace(chr(27), '')}" if is_words and isinstance(part, str) else part


def hostile_study(folder):
    """A team's study: texts, title, names of files, videos, platforms, coders, accounts and samples, codebook, notes; coded and measured."""
    study = yuhu.init(folder / "s", title=f"{TEXT} title", codebook=hostile_codebook(folder / "book.yaml"))
    for video in ("1", "2"):
        table = folder / f"{SHORT.replace('/', '')} {video}.csv"
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("id", "text", "time", "who"))
            for at in range(60):
                said = f"{at} 她想回家 回家" if at % 3 == 0 else f"{at} {TEXT}"
                rows.writerow((at, said.replace(chr(0), ""), f"2023-09-01 12:00:{at:02d}", f"{CODER}{at % 7}"))
        mapping = {"id": "id", "text": "text", "time": "sent_at", "who": "author"}
        yuhu.add(study, [table], mapping=mapping, tz="Asia/Shanghai", platform="bilibili", video=f"{SHORT}{video}", kind="danmaku")
    add_account(study, "li", role="lead", password=PASSWORD)
    add_account(study, CODER, role="coder", password=PASSWORD)
    yuhu.sample(open_study(study.path), size=12, codes=CODES, coders=(CODER,), name=SHORT)
    desk = yuhu.Desk(open_study(study.path), CODER)
    for _ in range(4):
        sheet = desk.next()
        desk.save(sheet.task.unit_id, {"kind": "joke", "action": "none"}, sample=sheet.task.sample, purpose=sheet.task.purpose, note=TEXT)
    yuhu.run(open_study(study.path))
    return study.path

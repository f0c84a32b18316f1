"""Synthetic texts for benchmarks: they show cost, never coding accuracy. One seed, sizes by environment variable."""

import os
from functools import cache

import numpy as np
import polars as pl

ROWS = int(os.environ.get("YUHU_BENCH_ROWS", "1000000"))
FILES = int(os.environ.get("YUHU_BENCH_FILES", "1000"))
TERMS, CODES = 2000, 30
_HAN = [chr(0x4E00 + at) for at in range(0, 6000, 5)]
_WORDS = [
    "the",
    "a",
    "so",
    "sad",
    "cry",
    "crying",
    "home",
    "love",
    "her",
    "she",
    "they",
    "we",
    "our",
    "this",
    "that",
    "museum",
    "back",
    "please",
    "really",
    "very",
    "much",
    "now",
    "then",
    "why",
    "how",
    "who",
    "what",
]


def _pieces(rng: np.random.Generator, count: int) -> list[str]:
    """Short Chinese strings and some English words, common ones first."""
    weights = 1 / np.arange(1, len(_HAN) + 1)
    weights /= weights.sum()
    lengths = rng.integers(1, 5, count)
    chars = rng.choice(_HAN, size=int(lengths.sum()), p=weights)
    cuts = np.cumsum(lengths)[:-1]
    return ["".join(part) for part in np.split(chars, cuts)]


@cache
def terms() -> dict[str, str]:
    """Term -> code: 2,000 terms (a tenth Latin) in 30 codes."""
    rng = np.random.default_rng(7)
    found: dict[str, str] = {}
    for piece in _pieces(rng, 40_000):
        if len(piece) >= 2:
            found.setdefault(piece, f"code_{len(found) % CODES:02d}")
        if len(found) == TERMS - len(_WORDS):
            break
    for word in _WORDS:
        found.setdefault(word + "ing" if len(word) == 1 else word, f"code_{len(found) % CODES:02d}")
    return found


@cache
def responses(rows: int = ROWS) -> pl.DataFrame:
    """`rows` responses with about 14 % distinct texts: video_id, at_ms, text, lang."""
    rng = np.random.default_rng(11)
    distinct = max(rows // 7, 1)
    pieces = np.array(_pieces(rng, 60_000), dtype=object)
    picks = rng.integers(0, len(pieces), size=(distinct, 4))
    tails = rng.choice(np.array(["", "!", "？", " " + " ".join(_WORDS[3:6]), "😭", "不"], dtype=object), distinct)
    texts = pieces[picks[:, 0]] + pieces[picks[:, 1]] + pieces[picks[:, 2]] + pieces[picks[:, 3]] + tails
    chosen = (rng.pareto(1.1, rows) * distinct / 40).astype(np.int64) % distinct
    frame = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)}).with_row_index("at", offset=0)
    return (
        pl.DataFrame({"at": chosen.astype(np.uint32), "video": rng.integers(0, 500, rows), "at_ms": rng.integers(0, 600_000, rows)})
        .join(frame, on="at", how="left", maintain_order="left")
        .select(video_id=pl.format("bilibili:{}", "video"), at_ms="at_ms", text="text", lang=pl.lit("mul"))
    )


def codebook_yaml() -> str:
    """A codebook with these terms."""
    by_code: dict[str, list[str]] = {}
    for term, code in terms().items():
        by_code.setdefault(code, []).append(term)
    head = 'schema: 1\nid: bench\nversion: "1.0.0"\nlabel: {zh: "测", en: "bench"}\ndescription: {zh: "测", en: "bench"}\nmodules:\n  - {id: core, label: {zh: "核", en: "core"}, default: true}\ncodes:\n'
    body = []
    for code, listed in sorted(by_code.items()):
        quoted = ", ".join(f'"{term}"' for term in listed)
        body.append(
            f'  - id: {code}\n    module: core\n    unit: response\n    level: binary\n    label: {{zh: "码", en: "code"}}\n    values:\n'
            f'      - {{id: 0, label: {{zh: "无", en: "no"}}}}\n      - {{id: 1, label: {{zh: "有", en: "yes"}}}}\n    definition: {{zh: "定", en: "definition"}}\n'
            f"    include: []\n    exclude: []\n    examples: []\n    near_misses: []\n    terms:\n      any: {{1: [{quoted}]}}\n"
        )
    return head + "".join(body)

"""Mutated records and documents for the parsers: one seeded stream of hostile inputs a target.

`python -m pytest tests/test_fuzzing.py -m slow -o addopts=` runs a million of each; the suite runs some thousands.
"""

import copy
import json
import random

TOKENS = (
    b"", b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"&#0;", b"&#xD800;", b"&amp;", b"&lt;", b"&x;", b"<", b">", b"</d>", b'<d p="', b'">', b"]]>", b"<![CDATA[",
    b"<!DOCTYPE i [<!ENTITY a 'b'>]>", b"<!--", b"-->", b"<?x?>", b"\r\n", b"\n", b"\t", b",", b",,,,,,,,,", b"nan", b"inf", b"-1", b"1e308", b"99999999999999999999", b"0x10", b"\\ud800",
    b"\\u0000", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"[" * 2000, b'{"a":' * 500, b"9" * 400, b"\x80" * 12, b"\xff" * 9 + b"\x7f", b"\x0a\x80\x80\x80\x80\x08",
)  # fmt: skip

VALUES = (
    None, True, False, 0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, 10**40, -(2**70), 0.5, -0.0, 1e308, float("nan"), float("inf"), "", " ", "0", "-1", "nan", "1e999", "9" * 50, "12.5万", "𝟙𝟚", "\x00",
    "\ud800", "\u202eabc", "a" * 5000, "1969-12-31", "2101-01-01T00:00:00Z", "2023-08-30 25:61:00", "Wed Aug 99 12:00:00 +0800 2023", "$undefined", "@x", "key:0123456789abcdef0123",
    [], {}, [[]], [None], {"": None}, {"id": {}}, [{"a": [1]}], ["x"] * 50, {"uid": 1, "nickname": ["x"]}, "1693400000", 1693400000, "1693400000000", "1:23",
)  # fmt: skip


def mutated_bytes(rng: random.Random, seed: bytes) -> bytes:
    """A seed with one to four small harms."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 4)):
        at = rng.randint(0, len(data))
        kind = rng.randrange(6)
        if kind == 0 and data:
            data[at % len(data)] = rng.randrange(256)
        elif kind == 1:
            data[at:at] = rng.choice(TOKENS)
        elif kind == 2:
            del data[at : at + rng.randint(1, 12)]
        elif kind == 3 and data:
            end = rng.randint(at, min(len(data), at + 60))
            data[at:at] = data[at:end] * rng.randint(1, 3)
        elif kind == 4:
            del data[at:]
        elif data:
            at %= len(data)
            data[at] ^= 1 << rng.randrange(8)
    return bytes(data)


def mutated_record(rng: random.Random, seed: dict) -> dict:
    """A record in which one to four fields, at any depth, hold something else, are gone, or have another name."""
    record = copy.deepcopy(seed)
    for _ in range(rng.randint(1, 4)):
        node = record
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                break
            key = rng.choice(keys)
            if isinstance(node[key], dict | list) and node[key] and rng.random() < 0.7:
                node = node[key]
                continue
            kind = rng.randrange(5)
            if kind == 0 and isinstance(node, dict):
                del node[key]
            elif kind == 1 and isinstance(node, dict):
                node[rng.choice(["", "id", "text", "user", "data", "\ud800", "a.b"])] = node.pop(key)
            else:
                node[key] = copy.deepcopy(rng.choice(VALUES))
            break
    return record


def as_line(record: dict) -> bytes:
    return json.dumps(record, ensure_ascii=True).encode()

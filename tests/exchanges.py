"""Random codebooks, units and codings, and what every exchange format must keep of them: shared by the tests of formats."""

import datetime as dt

import polars as pl
from hypothesis import assume
from hypothesis import strategies as st

from yuhu.core.codebook import Example, Facet, Value
from yuhu.formats.book_drafts import BookDraft, CodeDraft
from yuhu.formats.exchange import Exchange, Writing, codings_frame, units_frame

NOW = dt.datetime(2026, 11, 24, 12, 0, tzinfo=dt.UTC)
HOW = Writing(at=NOW)
ANYTHING = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    [
        "",
        "我哭了😭",
        "שלום עולם",
        "مرحبا\nبالعالم",
        "𠮷野家 \U0001f9d1\u200d\U0001f680",
        "a\r\nb\rc",
        "=cmd|'/c calc'!A1",
        "  x ",
        "\x00\x0b\ufffe",
        "]]><x>&amp;",
    ]
)
LEGAL = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\n\t", exclude_characters="\ufffe\uffff")
TEXTS = st.text(LEGAL, max_size=30) | st.sampled_from(
    ["我哭了😭", "שלום עולם", "مرحبا\nبالعالم", "▸ 1/1 | response:x |  | 3\nabc\n\n", "yuhu code: x\n  y", "definition · zh: ?"]
)
IDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
VALUE_IDS = IDS | st.integers(-3, 9).map(str)
LABELS = st.fixed_dictionaries({}, optional={"zh": TEXTS, "en": TEXTS})
VALUES = st.lists(st.builds(Value, VALUE_IDS, LABELS), max_size=4, unique_by=lambda value: value.id).map(tuple)
FACETS = st.lists(st.builds(Facet, IDS, LABELS, VALUES.filter(bool)), max_size=2, unique_by=lambda facet: facet.id).map(tuple)
EXAMPLES = st.lists(
    st.builds(Example, st.sampled_from(["zh", "en"]), TEXTS, VALUE_IDS, LABELS, st.lists(IDS, max_size=2).map(tuple), st.dictionaries(IDS, VALUE_IDS, max_size=1), st.none() | IDS),
    max_size=2,
).map(tuple)  # fmt: skip
MANY = st.lists(st.fixed_dictionaries({"zh": TEXTS}, optional={"en": TEXTS}), max_size=2).map(tuple)


@st.composite
def drafts(draw, code, parents, *, has_facets):
    return CodeDraft(
        id=code,
        label=draw(LABELS),
        definition=draw(LABELS),
        unit=draw(st.sampled_from(["", "response", "span"])),
        level=draw(st.sampled_from(["", "binary", "nominal", "ordinal"])),
        values=draw(VALUES),
        parent=draw(st.sampled_from(["", *parents])),
        module=draw(st.sampled_from(["", "core", "own"])),
        symbol=draw(st.sampled_from(["", "AE"])),
        include=draw(MANY),
        exclude=draw(MANY),
        examples=draw(EXAMPLES),
        near_misses=draw(EXAMPLES),
        expand=draw(FACETS) if has_facets else (),
        attributes=draw(FACETS) if has_facets else (),
        opens_if=draw(st.none() | st.just({"code": "kind", "values": ["expressing"]})),
        measured=draw(st.booleans()),
        colour=draw(st.sampled_from(["", "#1b6ca8", "#FFF"])),
        is_codable=draw(st.booleans()),
        code_hash=draw(st.sampled_from(["", "abcdef0123456789"])),
    )


@st.composite
def books(draw, *, fewest=1, has_facets=True):
    """Codebooks in which no two decisions have one id."""
    ids = draw(st.lists(IDS, min_size=fewest, max_size=4, unique=True))
    codes = []
    for at, code in enumerate(ids):
        codes.append(draw(drafts(code, ids[:at], has_facets=has_facets)))
    order = draw(st.permutations(codes))
    decisions = [decision.id for code in codes for decision in code.decisions()]
    assume(len(decisions) == len(set(decisions)))
    return BookDraft(
        draw(IDS), draw(st.sampled_from(["", "1.0.0"])), draw(LABELS), draw(LABELS), tuple(order), draw(st.sampled_from(["", "f" * 64]))
    )


UNIT_IDS = TEXTS.filter(lambda text: bool(text.strip()))
CODERS = st.sampled_from([("wang", "human"), ("李", "human"), ("m@1", "llm"), ("two words", "human")])
TIMES = st.none() | st.integers(946_684_800_000, 1_893_456_000_000).map(
    lambda ms: dt.datetime.fromtimestamp(ms // 1000, dt.UTC).replace(microsecond=ms % 1000 * 1000)
)


@st.composite
def codings_of(
    draw, book, units, *, most=8, statuses=("abstained", "failed", "not_shown"), spans=True, texts=TEXTS, videos=("bilibili:1", "视频 2")
):
    """Codings by decisions of a book, on responses and on spans."""
    decisions = sorted(book.decisions)
    rows = []
    for _ in range(draw(st.integers(0, most)) if decisions else 0):
        code = draw(st.sampled_from(decisions))
        held = [value.id for value in book.decisions[code].values]
        status = draw(st.sampled_from(["coded", "coded", "coded", *statuses]))
        coder, kind = draw(CODERS)
        row = {
            "code": code,
            "value": draw(st.sampled_from(held or ["1"])) if status == "coded" else None,
            "status": status,
            "coder": coder,
            "coder_kind": kind,
        }
        row |= {"code_hash": draw(st.none() | st.just("abcdef0123456789")), "codebook_hash": draw(st.none() | st.just("f" * 64))}
        row |= {
            "purpose": draw(st.sampled_from([None, "main", "pilot"])),
            "occasion": draw(st.none() | st.integers(0, 2)),
            "sample": draw(st.none() | st.just("wave 1")),
        }
        row |= {"evidence": draw(st.none() | texts), "note": draw(st.none() | texts), "at": draw(TIMES)}
        if spans and (not units or draw(st.booleans())):
            start = draw(st.integers(0, 10**7))
            row |= {
                "unit_kind": "span",
                "video_id": draw(st.sampled_from(videos)),
                "start_ms": start,
                "end_ms": start + draw(st.integers(0, 10**5)),
            }
        elif units:
            unit = draw(st.sampled_from(units))
            row |= {"unit_kind": "response", "unit_id": unit["unit_id"], "video_id": draw(st.sampled_from([None, unit["video_id"]]))}
        else:
            continue
        rows.append(row)
    return codings_frame(rows)


@st.composite
def units_of(draw, *, texts=TEXTS, videos=(None, "bilibili:1", "视频 2"), ids=UNIT_IDS):
    rows = draw(
        st.lists(
            st.fixed_dictionaries({"unit_id": ids, "video_id": st.sampled_from(videos), "text": texts, "kind": st.none() | st.just("danmaku"), "at_ms": st.none() | st.integers(0, 10**9)}),
            max_size=5,
            unique_by=lambda row: row["unit_id"],
        )
    )  # fmt: skip
    return units_frame(rows, {"kind": pl.String(), "at_ms": pl.Int64()})


@st.composite
def exchanges(draw, **kept):
    book = draw(books())
    units = draw(units_of(**{key: kept.pop(key) for key in ("ids",) if key in kept}))
    return Exchange(book, draw(codings_of(book, units.to_dicts(), **kept)), units)


def counted(losses):
    return {loss.what: loss.count for loss in losses}

"""Language, normal form, and text from strangers."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.core.clock import media_ms, wall_from_text
from yuhu.texts.hostile import csv_safe, terminal_safe, visible
from yuhu.texts.language import detect
from yuhu.texts.normal import back_map, is_aligned, normal_form, normal_text


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("她说想回家", "zh"),
        ("淚目了", "zh"),
        ("我の天", "zh"),
        ("看哭了 QAQ", "zh"),
        ("心疼她[doge][doge]", "zh"),
        ("I cried so hard at the end", "en"),
        ("so sad", "en"),
        ("lol", "en"),
        ("i cried 太难受了 why is it so good", "mul"),
        ("かわいそう", "ja"),
        ("泣いた", "ja"),
        ("보고 울었어요", "ko"),
        ("Это очень грустно", "other"),
        ("Esta historia me hizo llorar muchísimo, gracias por compartirla", "es"),
        ("😭😭😭", "und"),
        ("666", "und"),
        ("", "und"),
        ("https://example.org/x", "und"),
    ],
)
def test_language(text, lang):
    assert detect([text])[0] == lang


def test_language_of_han_on_a_japanese_platform():
    assert detect(["最高"], han_is="ja")[0] == "ja"


@given(st.lists(st.text(max_size=20), max_size=10))
def test_law_language_keeps_length_and_order(texts):
    found = detect(texts)
    assert len(found) == len(texts)
    assert found.null_count() == 0
    assert found.to_list() == [detect([text])[0] for text in texts]


# characters of Unicode 14 and before, which Python's and Polars' tables share
KNOWN = st.text(
    st.characters(max_codepoint=0xFFFF, blacklist_categories=("Cs", "Cn", "Co")) | st.sampled_from("😭🥹ﾞﾟ﹏ﬃ①㌔İßﾊ\u200d\ufe0f\u0301e가"),
    max_size=24,
)


@given(KNOWN)
def test_law_one_normal_form(text):
    assert pl.DataFrame({"t": [text]}).select(normal_form(pl.col("t")))["t"][0] == normal_text(text)


@given(KNOWN)
def test_law_back_map_points_into_the_text(text):
    places = back_map(text)
    if places is not None:
        assert len(places) == len(normal_text(text)) + 1
        assert places == sorted(places)
        assert places[-1] == len(text)


@given(KNOWN)
def test_law_aligned_texts_need_no_map(text):
    frame = pl.DataFrame({"t": [text]}).with_columns(n=normal_form(pl.col("t")))
    if frame.select(is_aligned(pl.col("t"), pl.col("n"))).item():
        assert back_map(text) in (None, list(range(len(text) + 1)))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_csv_formulas_are_inert(text):
    assert csv_safe(text) == "'" + text


def test_visible_drops_controls_and_overrides():
    assert visible("a\u202eb\x1b[31mc\nd\x00") == "ab[31mc d"
    assert terminal_safe("[red]x[/red]") == r"\[red]x\[/red]"
    assert visible("x" * 300, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "ms"), [("1:23", 83_000), ("01:02:03.5", 3_723_500), ("0:00", 0), ("x", None), ("1:2:3:4", None), ("12", None)]
)
def test_media_clock(text, ms):
    assert media_ms(text) == ms


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2023-08-30 08:00:00", "2023-08-30 00:00:00"),
        ("2023/08/30 08:00", "2023-08-30 00:00:00"),
        ("2023-08-30", "2023-08-29 16:00:00"),
        ("2023-08-30T08:00:00Z", "2023-08-30 08:00:00"),
        ("2023-08-30T08:00:00+09:00", "2023-08-29 23:00:00"),
        ("1969-01-01 00:00:00", None),
        ("2150-01-01 00:00:00", None),
        ("yesterday", None),
    ],
)
def test_wall_times(text, utc):
    found = pl.DataFrame({"t": [text]}).select(wall_from_text(pl.col("t"), "Asia/Shanghai"))["t"][0]
    assert (found and f"{found:%Y-%m-%d %H:%M:%S}") == utc

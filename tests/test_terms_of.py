"""Terms of short texts."""

import polars as pl

from yuhu.texts.terms_of import terms_of


def terms(*texts):
    found = terms_of(pl.Series(texts, dtype=pl.String))
    return [sorted(found.filter(pl.col("row") == row)["term"]) for row in range(len(texts))]


def test_words_of_alphabets_and_pairs_of_characters():
    assert terms("Take me home", "带我回家", "回家 home") == [["home", "me", "take"], ["回家", "带我", "我回"], ["home", "回家"]]


def test_a_term_counts_once_in_a_text():
    assert terms("哈哈哈哈 ha ha") == [["ha", "哈哈"]]


def test_what_has_no_terms_has_none():
    assert terms("", None, "！？", "家", "1080") == [[], [], [], [], []]


def test_pairs_do_not_reach_over_what_parts_them():
    assert terms("回，家", "a回家b") == [[], ["回家"]]


def test_long_texts_are_read_to_a_limit():
    assert terms("回" * 250 + "家门") == [["回回"]]

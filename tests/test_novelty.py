"""Novelty of texts and of combinations of codes, and places among others: by hand and by law."""

import numpy as np
import pytest

from yuhu.core.errors import YuhuError
from yuhu.stats.novelty import percentiles, surprisal, text_novelty
from yuhu.stats.survey import wilson

WORDS = (
    "文物回家",
    "月下读信",
    "海上风浪",
    "城里灯火",
    "老人与壶",
    "列车北上",
    "雪落长安",
    "茶馆说书",
    "少年习武",
    "渡口等船",
    "山中古寺",
    "夜市小吃",
)


def test_a_copy_is_not_new_and_a_stranger_is():
    texts = [word * 6 for word in WORDS[:11]]
    found = text_novelty([*texts, texts[3], "completely unlike all others"])
    assert [one.reason for one in found[:10]] == ["too_few_earlier"] * 10
    assert found[11].value == pytest.approx(0, abs=1e-9)
    assert found[12].value == pytest.approx(1)
    assert found[12].n == 12
    assert found[11].low <= found[11].value <= found[11].high


def test_the_interval_is_that_of_resampling():
    rng = np.random.default_rng(1)
    texts = ["".join(rng.choice(list("甲乙丙丁戊己庚辛"), 60)) for _ in range(40)]
    last = text_novelty(texts)[-1]
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True).fit_transform(texts)
    away = 1 - (matrix[-1] @ matrix[:-1].T).toarray()[0]
    drawn = [away[rng.integers(0, 39, 39)].min() for _ in range(4_000)]
    assert last.value == pytest.approx(away.min())
    assert last.high == pytest.approx(np.quantile(drawn, 0.975, method="higher"), abs=1e-9)


def test_texts_without_words():
    found = text_novelty(["", *WORDS, "  "])
    assert found[0].reason == found[-1].reason == "no_text_shown"
    assert found[12].n == 11
    assert {one.reason for one in text_novelty(["一"] * 12)} == {"too_few_earlier"}
    assert text_novelty([]) == []


def test_surprise_by_hand():
    """Ten works all with the first code and none with the second: (10.5/11)·(10.5/11), or both turned: (0.5/11)²."""
    table = np.array([[1, 0]] * 11 + [[0, 1]], bool)
    found = surprisal(table, np.random.default_rng(0), draws=99)
    assert [one.reason for one in found[:10]] == ["too_few_earlier"] * 10
    assert found[10].value == pytest.approx(-2 * np.log2(10.5 / 11))
    assert found[11].value == pytest.approx(-2 * np.log2(0.5 / 12))
    assert found[11].low == found[11].value == found[11].high, "resamples of equal works are equal"
    mixed = np.random.default_rng(2).random((30, 5)) < 0.4
    first, again = (surprisal(mixed, np.random.default_rng(3)) for _ in range(2))
    assert first == again
    assert all(one.low < one.value < one.high for one in first[10:])
    with pytest.raises(YuhuError, match="YH301"):
        surprisal(np.zeros(3), np.random.default_rng(0))


def test_the_interval_of_surprise_is_that_of_works_drawn_one_by_one():
    """Drawing combinations of codes is drawing works: the same law, whatever the number of works with each."""
    table = np.random.default_rng(4).random((41, 3)) < (0.2, 0.5, 0.7)
    last = surprisal(table, np.random.default_rng(5), draws=20_000)[-1]
    works = np.random.default_rng(6).integers(0, 40, (20_000, 40))
    share = (table[works].sum(axis=1) + 0.5) / 41
    bits = -np.log2(np.where(table[-1], share, 1 - share)).sum(axis=1)
    assert (last.low, last.high) == pytest.approx(np.quantile(bits, [0.025, 0.975]), rel=0.02)


def test_places_by_hand():
    values = [float(at) for at in range(11)]
    found = percentiles([*values, None])
    assert found[0].value == 0
    assert found[10].value == 1
    assert (found[5].value, found[5].n) == (0.5, 10)
    assert (found[5].low, found[5].high) == wilson(0.5, 10)
    assert found[11].reason == "too_few_others"
    assert {one.value for one in percentiles([2.0] * 12)} == {0.5}
    assert {one.reason for one in percentiles(values[:10])} == {"too_few_others"}
    with pytest.raises(YuhuError, match="YH303"):
        percentiles([1.0], confidence=2)

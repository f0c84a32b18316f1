"""Bridge sets: balance, chances, who is shown what."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.core.bridge import bridge_set, bridge_texts
from yuhu.core.errors import YuhuError

POOL = pl.DataFrame(
    {
        "unit_id": [f"u{at:04}" for at in range(1000)],
        "lang": ["zh", "en", "zh", "ja", None] * 200,
        "text": [None if at % 100 == 0 else "  " if at % 100 == 1 else f"text {at}" for at in range(1000)],
    }
)


def test_a_bridge_set_is_balanced_and_knows_its_chances():
    bridge = bridge_set(POOL, 200, seed=7)
    assert bridge.units["unit_id"].is_sorted()
    assert bridge.units["unit_id"].n_unique() == 200
    cells = bridge.units.group_by("lang", "shown_to_a", "shown_to_b", "chance").len().sort("lang", "shown_to_a").rows()
    assert cells == [
        ("en", "original", "translation", 100 / 190, 50),
        ("en", "translation", "original", 100 / 190, 50),
        ("zh", "original", "translation", 100 / 390, 50),
        ("zh", "translation", "original", 100 / 390, 50),
    ]
    assert bridge.population == 580
    assert bridge.plan == {
        "asked": 200,
        "drawn": 200,
        "languages": {"zh": {"population": 390, "drawn": 100}, "en": {"population": 190, "drawn": 100}},
        "left_out": {"other_language": 400, "no_text": 20},
    }


@given(st.integers(0, 2**31), st.integers(200, 300), st.randoms(use_true_random=False))
def test_a_bridge_set_does_not_depend_on_the_order_of_rows(seed, size, random):
    order = list(range(POOL.height))
    random.shuffle(order)
    one, other = bridge_set(POOL, size, seed), bridge_set(POOL[order], size, seed)
    assert one.units.equals(other.units)
    assert one.units.height == -(-size // 4) * 4
    assert one.units.group_by("lang").len()["len"].n_unique() == 1


def test_each_unit_is_drawn_with_its_chance_and_each_way_round():
    pool = POOL.filter(pl.col("lang").is_in(["zh", "en"]))[:500]
    rounds = 300
    drawn = pl.concat([bridge_set(pool, 200, seed).units for seed in range(rounds)])
    chances = dict(drawn.group_by("lang").agg(pl.col("chance").first()).iter_rows())
    for lang, chance in chances.items():
        one = (
            drawn.filter(pl.col("lang") == lang).group_by("unit_id").agg(n=pl.len(), originals=(pl.col("shown_to_a") == "original").mean())
        )
        spread = (chance * (1 - chance) / rounds) ** 0.5
        assert (one["n"] / rounds - chance).abs().max() < 5 * max(spread, 1e-9)
        assert abs(one["originals"].mean() - 0.5) < 0.02


def test_coders_of_each_group_see_half_of_the_units_as_written():
    bridge = bridge_set(POOL, 200, seed=7)
    own = POOL.select("unit_id", "text")
    shown = bridge_texts(bridge, own, bridge.units.select("unit_id", text="other " + pl.col("unit_id")))
    assert shown.columns == ["unit_id", "group", "shown", "lang", "text"]
    assert shown.group_by("group", "shown", "lang").len()["len"].to_list() == [50] * 8
    assert shown.group_by("unit_id").agg(pl.col("lang").n_unique())["lang"].unique().to_list() == [2]
    merged = shown.join(own.rename({"text": "own"}), on="unit_id")
    assert (merged.filter(pl.col("shown") == "original")["text"] == merged.filter(pl.col("shown") == "original")["own"]).all()
    assert merged.filter(pl.col("shown") == "translation")["text"].str.starts_with("other ").all()


@pytest.mark.parametrize(
    ("pool", "size", "seed", "code_", "problem"),
    [
        (POOL, 199, 0, "YH303", "cannot show a difference"),
        (POOL, 200, -1, "YH303", "seed is negative"),
        (POOL, 600, 0, "YH303", "too few units in en"),
        (POOL.head(100), 200, 0, "YH303", "too few units in zh"),
        (POOL.head(0), 200, 0, "YH303", "too few units in zh"),
        (POOL.drop("lang"), 200, 0, "YH102", "column `lang` is missing"),
        (pl.concat([POOL, POOL.head(1)]), 200, 0, "YH303", "units stand twice"),
        (
            POOL.with_columns(unit_id=pl.when(pl.col("unit_id") == "u0003").then(None).otherwise("unit_id")),
            200,
            0,
            "YH303",
            "units have no id",
        ),
    ],
)
def test_what_cannot_be_a_bridge_set(pool, size, seed, code_, problem):
    with pytest.raises(YuhuError, match=code_) as error:
        bridge_set(pool, size, seed)
    assert problem in error.value.problem


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda frame: frame.head(199), "units have no translation"),
        (lambda frame: frame.with_columns(text=pl.lit(" ")), "units have no translation"),
        (lambda frame: pl.concat([frame, frame.head(1)]), "units have more than one translation"),
        (lambda frame: pl.concat([frame, frame.head(1).with_columns(unit_id=pl.lit("else"))]), "not in the bridge set"),
        (lambda frame: frame.select("unit_id").join(POOL, on="unit_id").select("unit_id", "text"), "have the words of the original"),
    ],
)
def test_translations_that_do_not_fit(change, problem):
    bridge = bridge_set(POOL, 200)
    translations = bridge.units.select("unit_id", text=pl.lit("other"))
    with pytest.raises(YuhuError, match="YH303") as error:
        bridge_texts(bridge, POOL, change(translations))
    assert problem in error.value.problem

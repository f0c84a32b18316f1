"""Agreement on timelines: published figures, laws, what was not seen, boundaries."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuhu.core.errors import YuhuError
from yuhu.stats.agreement import alpha_u_2004, boundary_edits, boundary_similarity, krippendorff_alpha, unitizing_alpha

FIRST = [(30, 90, "k"), (90, 145, "c"), (150, 200, "k"), (220, 250, "c")]
SECOND = [(30, 90, "k"), (90, 150, "c"), (150, 200, "k"), (205, 225, "c"), (250, 270, "c")]


def test_regression_vector():
    # methods 2.4, order gap, c, k
    found = unitizing_alpha([FIRST, SECOND], length_ms=300, quantum_ms=1)
    assert found.coincidences.tolist() == [[130, 65, 0], [65, 120, 0], [0, 0, 220]]
    assert (round(found.u.value, 6), round(found.binary.value, 6), found.coding.value) == (0.692874, 0.534595, 1.0)
    assert found.values == ("c", "k")
    assert (found.shared_ms, found.u.n) == (300, 9)


def test_krippendorff_2004():
    def shifted(*units):
        return [(start - 150, start - 150 + length, value) for value, start, length in units]

    first = shifted(("c", 225, 70), ("c", 370, 30), ("k", 180, 60), ("k", 300, 50))
    second = shifted(("c", 220, 80), ("c", 355, 20), ("c", 400, 20), ("k", 180, 60), ("k", 300, 50))
    found = alpha_u_2004([first, second], length=300)
    assert {kind: round(value, 4) for kind, value in found.observed.items()} == {"c": 0.0144, "k": 0.0}
    assert {kind: round(value, 4) for kind, value in found.expected.items()} == {"c": 0.0532, "k": 0.0490}
    assert (round(found.alpha["c"], 4), found.alpha["k"]) == (0.7286, 1.0)
    assert round(found.pooled, 4) in {0.8587, 0.8586}
    assert round(found.pooled, 3) == 0.859
    assert alpha_u_2004([[], []], length=10).pooled is None
    with pytest.raises(YuhuError, match="YH303"):
        alpha_u_2004([first], length=300)


def point_by_point(coders, length, coverage=None):
    """The family from its definition, quantum by quantum: coincidences, squared lengths, coefficients."""
    values = sorted({value for line in coders if line is not None for _, _, value in line})
    place = {value: at + 1 for at, value in enumerate(values)}
    state = np.full((len(coders), length), -1)
    piece = np.full((len(coders), length), -1)
    for row, line in enumerate(coders):
        if line is None:
            continue
        seen = [(0, length)] if coverage is None or coverage[row] is None else coverage[row]
        for start, end in seen:
            state[row, start:end] = 0
        for number, (start, end, value) in enumerate(line):
            inside = [at for at in range(start, end) if state[row, at] == 0]
            state[row, inside], piece[row, inside] = place[value], number
    size = len(values) + 1
    table, squares = np.zeros((size, size)), np.zeros(size)
    shared = [at for at in range(length) if (state[:, at] >= 0).sum() >= 2]
    for at in shared:
        given = state[state[:, at] >= 0, at]
        for i in range(given.size):
            for j in range(given.size):
                if i != j:
                    table[given[i], given[j]] += 1 / (given.size - 1)
    for row in range(len(coders)):
        run, last = 0, (-1, -2)
        for at in [*shared, length + 9]:
            now = (piece[row, at], at) if at < length and piece[row, at] >= 0 else (-1, at)
            if run and not (now[0] == last[0] and now[1] == last[1] + 1):
                squares[state[row, last[1]]] += run**2
                run = 0
            run = run + 1 if now[0] >= 0 else 0
            last = now
            squares[0] += at < length and state[row, at] == 0
    return table, squares


def coefficient(table, squares):
    margin, total = table.sum(axis=1), table.sum()
    expected = total * (np.outer(margin, margin) - np.diag(squares)) / (total**2 - squares.sum())
    return 1 - (total - np.trace(table)) / (total - np.trace(expected))


@st.composite
def lines(draw, length=30):
    edges = sorted(draw(st.sets(st.integers(0, length), max_size=8)))
    return [(start, end, draw(st.sampled_from("ab"))) for start, end in itertools.pairwise(edges) if draw(st.booleans())]


@st.composite
def stretches(draw, length=30):
    edges = sorted(draw(st.sets(st.integers(0, length), max_size=6)))
    return list(zip(edges[::2], edges[1::2], strict=False))


@given(st.lists(st.one_of(lines(), st.none()), min_size=2, max_size=4), st.booleans(), st.data())
def test_the_family_is_its_definition(coders, limited, data):
    coverage = [data.draw(stretches()) for _ in coders] if limited else None
    found = unitizing_alpha(coders, length_ms=30, quantum_ms=1, coverage=coverage)
    table, squares = point_by_point(coders, 30, coverage)
    assert found.coincidences == pytest.approx(table)
    if found.u.value is not None:
        assert found.u.value == pytest.approx(coefficient(table, squares), abs=1e-9)
        merged = np.array([[table[0, 0], table[0, 1:].sum()], [table[1:, 0].sum(), table[1:, 1:].sum()]])
        if found.binary.value is not None:
            assert found.binary.value == pytest.approx(coefficient(merged, np.array([squares[0], squares[1:].sum()])), abs=1e-9)


@given(st.lists(st.lists(st.sampled_from([None, "a", "b"]), min_size=20, max_size=20), min_size=2, max_size=3))
def test_pieces_of_one_quantum_are_units(coders):
    # where every piece is one quantum long, uα is nominal alpha with the gap as a value
    continua = [[(at, at + 1, value) for at, value in enumerate(line) if value] for line in coders]
    names = {None: 0.0, "a": 1.0, "b": 2.0}
    ratings = np.array([[names[value] for value in line] for line in coders])
    found = unitizing_alpha(continua, length_ms=20, quantum_ms=1).u
    assert found.value == pytest.approx(krippendorff_alpha(ratings, level="nominal", draws=100).value, abs=1e-9)


@given(st.lists(lines(), min_size=2, max_size=3), st.sampled_from([10, 250]))
def test_only_length_in_quanta_counts(coders, scale):
    longer = [[(start * scale, end * scale, value) for start, end, value in line] for line in coders]
    one = unitizing_alpha(coders, length_ms=30, quantum_ms=1)
    other = unitizing_alpha(longer, length_ms=30 * scale, quantum_ms=scale)
    assert other.u.value == pytest.approx(one.u.value, abs=1e-9)
    back = unitizing_alpha(coders[::-1], length_ms=30, quantum_ms=1)
    assert back.u.value == pytest.approx(one.u.value, abs=1e-9)
    assert back.coincidences == pytest.approx(one.coincidences)


def test_the_quantum_matters_and_is_told():
    fine = unitizing_alpha([FIRST, SECOND], length_ms=300, quantum_ms=1).u
    coarse = unitizing_alpha([FIRST, SECOND], length_ms=300, quantum_ms=10).u
    assert fine.value != pytest.approx(coarse.value, abs=1e-4)
    assert (fine.method, coarse.method) == ("u_alpha_2016.quantum_1ms.v1", "u_alpha_2016.quantum_10ms.v1")


def test_an_unmarked_stretch_counts_and_an_unseen_one_does_not():
    marked, unmarked = [(0, 50, "a"), (100, 150, "a")], [(0, 50, "a")]
    seen_all = unitizing_alpha([marked, unmarked], length_ms=200, quantum_ms=1)
    unseen = unitizing_alpha([marked, unmarked], length_ms=200, quantum_ms=1, coverage=[None, [(0, 100)]])
    assert seen_all.u.value < 0.6
    assert (unseen.u.value, unseen.u.reason, unseen.shared_ms) == (1.0, "no_disagreement", 100)


def videos(number, seed=1):
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(number):
        starts = np.sort(rng.choice(np.arange(0, 58_000, 2000), 6, replace=False))
        true = [(float(start), float(start + 1500), str(rng.choice(["a", "b"]))) for start in starts]
        other = [(start + rng.uniform(0, 400), end + rng.uniform(-400, 100), value) for start, end, value in true if rng.random() < 0.9]
        found.append([true, other])
    return found


def test_intervals_resample_videos():
    many = videos(20)
    found = unitizing_alpha(many, length_ms=[60_000] * 20)
    again = unitizing_alpha(many, length_ms=[60_000] * 20)
    for each in (found.u, found.binary, *found.by_value.values()):
        assert each.low < each.value < each.high
        assert each.n_videos == 20
    assert (found.u, found.binary) == (again.u, again.binary)
    assert found.u.low < unitizing_alpha(many, length_ms=[60_000] * 20, confidence=0.8).u.low
    spread = [each.value for each in found.by_video]
    assert len(spread) == 20
    assert min(spread) < found.u.value < max(spread)
    rng = np.random.default_rng(3)
    drawn = []
    for _ in range(100):
        some = [many[at] for at in rng.integers(0, 20, 20)]
        drawn.append(unitizing_alpha(some, length_ms=[60_000] * 20, draws=100).u.value)
    assert (found.u.low, found.u.high) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.03)


def test_few_videos_have_values_and_no_interval():
    found = unitizing_alpha(videos(7), length_ms=[60_000] * 7)
    assert (found.u.low, found.u.reason) == (None, "too_few_blocks")
    assert {each.reason for each in found.by_video} == {"too_few_blocks"}


@pytest.mark.parametrize(
    ("continua", "reason"),
    [
        ([[], []], "nothing_marked"),
        ([[(0, 5, "a")]], "one_coder"),
        ([[(0, 5, "a")], None], "one_coder"),
        ([[(0, 10, "a")], [(0, 10, "a")]], "one_value_used"),
        ([], "one_coder"),
    ],
)
def test_undefined_timelines_say_why(continua, reason):
    found = unitizing_alpha(continua, length_ms=10, quantum_ms=1)
    assert (found.u.value, found.u.reason) == (None, reason)


def test_undefined_parts_say_why():
    apart = unitizing_alpha([[(0, 5, "a")], [(5, 9, "a")]], length_ms=10, quantum_ms=1, values=("a", "b"))
    assert apart.coding.reason == "never_both_marked"
    assert apart.by_value["b"].reason == "value_not_used"
    assert unitizing_alpha([[(0, 5, "a")], [(0, 5, "a")]], length_ms=10, coverage=[[(0, 5)], [(5, 10)]]).u.reason == "no_overlap"
    one = unitizing_alpha([[(0, 5, "a")], [(0, 6, "a")]], length_ms=10, quantum_ms=1)
    assert one.coding.reason == "one_value_used"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"continua": [[(0, 5, "a"), (4, 6, "a")], []]}, "YH305"),
        ({"continua": [[(5, 5, "a")], []]}, "YH305"),
        ({"continua": [[(5, 11, "a")], []]}, "YH305"),
        ({"continua": [[(-1, 5, "a")], []]}, "YH305"),
        ({"continua": [[(math.nan, 5, "a")], []]}, "YH305"),
        ({"continua": [[(0, 5, "a")], []], "values": ("b",)}, "YH305"),
        ({"continua": [[], []], "coverage": [None, [(0, 20)]]}, "YH305"),
        ({"continua": [[], []], "quantum_ms": 0}, "YH303"),
        ({"continua": [[], []], "confidence": 0}, "YH303"),
        ({"continua": [[[], []]], "length_ms": [10, 20]}, "YH301"),
        ({"continua": [[], []], "coverage": [None]}, "YH301"),
    ],
)
def test_bad_timelines(arguments, code):
    arguments = {"length_ms": 10, **arguments}
    with pytest.raises(YuhuError, match=code):
        unitizing_alpha(arguments.pop("continua"), **arguments)


SEGEVAL = [
    # span, two cut lists, boundary similarity of segeval 2.0.11
    (1, [1, 3, 5, 12, 16, 19, 20, 22], [1, 2, 4, 9, 13, 16, 19, 21, 22], 0.3076923076923077),
    (1, [5, 13, 15, 19, 24, 26], [7, 13, 15, 19, 27, 28, 31], 0.3),
    (1, [23, 25, 27, 33], [11, 20, 26, 29, 33], 0.125),
    (1, [4, 7, 19, 21, 23, 24, 26, 27], [3, 6, 19, 21, 26, 27], 0.4),
    (2, [1, 22, 24, 31, 35], [5, 12, 20, 24, 26, 35], 0.2222222222222222),
    (2, [3, 4, 6, 9, 11, 18, 19, 20], [3, 5, 8, 9, 11, 15, 17, 19, 20], 0.6),
    (2, [1, 14, 15, 18, 21, 22, 26], [1, 14, 15, 18, 22, 25], 0.7857142857142857),
    (2, [1, 2, 3, 4, 6, 7, 8], [2, 3, 4, 6, 7, 8], 0.8571428571428571),
    (3, [16, 19, 20, 23, 33], [1, 13, 15, 16, 20, 23, 32], 0.4583333333333333),
    (3, [2, 20, 30, 31], [2, 17, 27, 31], 0.3333333333333333),
    (3, [6, 8, 9, 14, 15, 16], [6, 8, 9, 14, 15, 17], 0.9444444444444444),
    (3, [2, 3, 8, 10, 18, 23, 27, 32], [3, 6, 8, 12, 18, 25, 27, 34], 0.5555555555555556),
    (5, [4, 5, 8, 9], [4, 5, 7, 9, 12], 0.76),
    (5, [1, 2, 4, 6, 10, 12, 14], [1, 4, 6, 9, 12, 13], 0.8),
    (5, [1, 2, 4, 8, 9, 12], [1, 3, 6, 8, 10, 12], 0.8666666666666667),
    (5, [10, 15, 23, 32], [4, 12, 15, 23, 32], 0.72),
]


@pytest.mark.parametrize(("span", "first", "second", "printed"), SEGEVAL)
def test_boundary_similarity_of_segeval(span, first, second, printed):
    edits = boundary_edits(first, second, span=span)
    assert edits.agreed / edits.decisions == pytest.approx(printed)


@given(st.lists(st.integers(0, 60), max_size=12), st.lists(st.integers(0, 60), max_size=12), st.integers(1, 5))
def test_boundary_laws(first, second, span):
    found = boundary_edits(first, second, span=span)
    assert found == boundary_edits(second, first, span=span)
    assert found == boundary_edits([cut + 7 for cut in first], [cut + 7 for cut in second], span=span)
    assert 2 * (found.matches + len(found.near)) + found.missed == len(set(first)) + len(set(second))
    assert found.matches == len(set(first) & set(second))
    assert all(1 <= distance < span for distance in found.near)
    assert boundary_edits(first, first, span=span).agreed == len(set(first))


def test_boundary_similarity_over_videos():
    rng = np.random.default_rng(1)
    cuts = []
    for _ in range(12):
        true = sorted(rng.choice(1500, 20, replace=False))
        cuts.append([true, [cut + int(rng.integers(0, 3)) for cut in true[2:]], None])
    found = boundary_similarity(cuts, span=3)
    edits = [boundary_edits(one, two, span=3) for one, two, _ in cuts]
    assert found.value == pytest.approx(sum(each.agreed for each in edits) / sum(each.decisions for each in edits))
    assert found.low < found.value < found.high
    assert (found.n, found.n_videos) == (sum(each.decisions for each in edits), 12)
    assert found == boundary_similarity(cuts, span=3)
    perfect = boundary_similarity([[one, one] for one, _, _ in cuts])
    assert (perfect.value, perfect.low) == (1.0, pytest.approx(0.05 ** (1 / 12)))
    assert boundary_similarity(cuts[:5]).reason == "too_few_blocks"
    assert boundary_similarity([]).reason == "no_units"
    assert boundary_similarity([[[1], None]]).reason == "no_overlap"
    assert boundary_similarity([[[], []]]).reason == "nothing_marked"
    with pytest.raises(YuhuError, match="YH303"):
        boundary_similarity(cuts, span=0)

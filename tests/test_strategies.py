"""Strategies from segments of coders, and messages that repeat lines."""

import numpy as np
import polars as pl
import pytest

from shown import drawn, shown, studied, video
from yuhu.core.errors import YuhuError
from yuhu.core.moments import EventStudy as Spec
from yuhu.core.moments import MomentsSpec
from yuhu.measures.echo import echoes
from yuhu.measures.event_series import design_of, setting_of
from yuhu.measures.strategies import timelines

RATE = np.full(60, 2.0)


def of(spans, watched=None, *, videos=("v",), seconds=60, spec=None, **more):
    frame = pl.concat([drawn(np.random.default_rng(1), name, RATE) for name in videos])
    known = [one if isinstance(one, dict) else video(one, seconds) for one in more.pop("known", videos)]
    return timelines(studied(frame, shown(known, spans, watched, **more), spec=spec))


def steps(found, code, name="v"):
    return np.flatnonzero(found.of[name, code].levels).tolist()


def test_steps_of_one_coder():
    found = of([("v", "loss", 10, 12.5), ("v", "anthropomorphism", 20, 21, "3")])
    assert found.codes == ["anthropomorphism", "loss"]  # as in the codebook
    assert steps(found, "loss") == [10, 11, 12]
    assert found.of["v", "anthropomorphism"].levels[20] == 3
    assert found.of["v", "loss"].watched.all()


def test_a_step_is_shown_if_most_of_those_who_watched_it_marked_it():
    three = [("v", "loss", 10, 20, "1", "a"), ("v", "loss", 12, 22, "1", "b")]
    seen = [("v", "loss", 0, 60, who) for who in "abc"]
    assert steps(of(three, seen), "loss") == list(range(12, 20))
    assert steps(of(three, seen[:2]), "loss") == list(range(12, 20)), "of two who differ neither is right"
    part = [*seen[:2], ("v", "loss", 30, 60, "c")]
    assert steps(of([*three, ("v", "loss", 40, 45, "1", "c")], part), "loss") == list(range(12, 20)), "one of three in 40 to 45"
    alone = [("v", "loss", 0, 60, "a"), ("v", "loss", 0, 30, "b")]
    assert steps(of([("v", "loss", 10, 12, "1", "a"), ("v", "loss", 40, 42, "1", "a")], alone), "loss") == [40, 41]


def test_intensity_is_the_lower_median_of_those_who_marked():
    spans = [("v", "anthropomorphism", 10, 11, value, who) for value, who in (("1", "a"), ("3", "b"), ("2", "c"), ("3", "d"))]
    assert of(spans).of["v", "anthropomorphism"].levels[10] == 2


def test_people_first_and_machines_only_where_no_person_watched():
    spans = [("v", "loss", 10, 12, "1", "a"), ("v", "loss", 30, 32, "1", "llm"), ("w", "loss", 30, 32, "1", "llm")]
    seen = [("v", "loss", 0, 60, "a"), ("v", "loss", 0, 60, "llm"), ("w", "loss", 0, 60, "llm")]
    found = of(spans, seen, videos=("v", "w"))
    assert steps(found, "loss") == [10, 11]
    assert steps(found, "loss", "w") == [30, 31]
    nothing = [("w", "loss", 0, 60, "a")]
    assert steps(of(spans, [*seen, *nothing], videos=("v", "w")), "loss", "w") == [], "a person saw that it is not there"
    named = of(spans, seen, videos=("v", "w"), spec=MomentsSpec(segment_coders=("llm",)))
    assert steps(named, "loss") == [30, 31]


def test_what_nobody_watched_is_not_absence():
    found = of([("v", "loss", 10, 12)], [("v", "loss", 0, 40, "a")], videos=("v", "w"))
    assert found.videos("loss") == ["v"]
    assert found.of["v", "loss"].watched.sum() == 40
    lost = of([("v", "loss", 10, 12)], [])
    assert (list(lost.codes), list(lost.unfinished)) == ([], ["loss"])


def test_uploads_of_a_work_share_a_timeline():
    spans, seen = [("v", "loss", 10, 12)], [("v", "loss", 0, 60, "a")]
    moved = [video("v", 60, work="ep", offset_ms=0), video("w", 60, work="ep", offset_ms=-5000)]
    found = of(spans, seen, videos=("v", "w"), known=moved)
    assert steps(found, "loss", "w") == [15, 16]
    assert np.flatnonzero(~found.of["w", "loss"].watched).tolist() == [0, 1, 2, 3, 4]
    own = of([*spans, ("w", "loss", 40, 41)], [*seen, ("w", "loss", 0, 60, "a")], videos=("v", "w"), known=moved)
    assert steps(own, "loss", "w") == [40], "its own where it has one"
    equal = of(spans, seen, videos=("v", "w"), known=[video("v", 60, work="ep"), video("w", 61, work="ep")])
    assert steps(equal, "loss", "w") == [10, 11]
    cut = of(spans, seen, videos=("v", "w"), known=[video("v", 90, work="ep"), video("w", 60, work="ep")])
    assert ("w", "loss") not in cut.of, "another cut, and nobody knows how it lies"


def test_tiers_named_as_a_code():
    tier = {"video_id": "v", "kind": "tier", "source": "ep.eaf"}
    segments = [
        {**tier, "name": "loss", "start_ms": 10_000, "end_ms": 12_000},
        {**tier, "name": "anthropomorphism", "start_ms": 20_000, "end_ms": 21_000, "text": "2"},
        {**tier, "name": "anthropomorphism", "start_ms": 30_000, "end_ms": 31_000, "text": "0"},
        {**tier, "kind": "line", "name": "warmth", "start_ms": 0, "end_ms": 9_000, "text": "a speaker of that name"},
        {**tier, "name": "something else", "start_ms": 0, "end_ms": 9_000},
    ]
    found = of([], segments=segments)
    assert found.codes == ["anthropomorphism", "loss"]
    assert steps(found, "loss") == [10, 11]
    assert found.of["v", "anthropomorphism"].levels.nonzero()[0].tolist() == [20]
    assert found.of["v", "anthropomorphism"].levels[20] == 2


def test_named_strategies_and_unknown_ones():
    spans = [("v", "loss", 10, 12), ("v", "symbol", 10, 12)]
    assert of(spans, spec=MomentsSpec(strategies=("symbol",))).codes == ["symbol"]
    assert of(spans, spec=MomentsSpec(strategies=("warmth",))).codes == ["warmth"]
    with pytest.raises(YuhuError, match="YH210"):
        of(spans, spec=MomentsSpec(strategies=("affective_empathy",)))


@pytest.mark.parametrize(
    ("step", "lags", "effect", "baseline", "seam"),
    [(1000, (-5, 30), (2, 15), (-5, -1), 5), (500, (-10, 60), (4, 30), (-10, -2), 10), (5000, (-1, 6), (0, 3), (-1, -1), 1)],
)
def test_lags_in_steps(step, lags, effect, baseline, seam):
    plan = design_of(MomentsSpec(step_ms=step))
    assert (plan.windows.lags, plan.windows.effect, plan.windows.baseline, plan.seam) == (lags, effect, baseline, seam)


def test_lags_that_do_not_fit_the_steps():
    plan = design_of(MomentsSpec(step_ms=60_000, event_study=Spec(position="spline")))
    assert (plan.windows.effect, plan.windows.baseline, plan.position) == ((0, 0), (-1, -1), "spline")


def test_smooth_assumptions_of_watching_need_one_fit():
    frame = drawn(np.random.default_rng(1), "v", RATE)
    seen = shown([video("v", 60)], [("v", "loss", 20, 22)])
    one = setting_of(studied(frame, seen))
    assert [names for names, _ in one.watching] == [("flat", "half_life_0.25", "half_life_0.5", "half_life_1")]
    from yuhu.core.moments import Watching

    bent = setting_of(studied(frame, seen, spec=MomentsSpec(watching=Watching(declared=((0.0, 1.0), (0.4, 0.9), (0.5, 0.2), (1.0, 0.1))))))
    assert [names for names, _ in bent.watching][1:] == [("declared",)]


LINES = [
    (20_000, 22_000, "家里的灯还亮着吗"),
    (60_000, 61_000, "到家了"),
    (100_000, 103_000, "Don't you want to go home?"),
]


@pytest.mark.parametrize(
    ("at_ms", "text", "is_echo"),
    [
        (21_000, "家裡的燈還亮著嗎？", True),  # traditional characters and a question mark
        (10_000, "家里的灯还亮着吗", True),  # typed ahead
        (9_999, "家里的灯还亮着吗", False),
        (32_000, "家里的灯还亮着吗", True),
        (32_001, "家里的灯还亮着吗", False),
        (25_000, "灯还亮着，哭死我了啊啊啊", True),  # half of the line
        (25_000, "亮着吗", False),
        (25_000, "灯呢", False),
        (61_000, "到家了！", True),
        (61_000, "终于到家了", False),
        (104_000, "WANT to go home", True),
        (104_000, "to go", False),
        (104_000, "gohome", False),
        (104_000, "", False),
        (104_000, None, False),
    ],
)
def test_echoes_by_hand(at_ms, text, is_echo):
    frame = pl.DataFrame(
        {"response_id": ["r"], "video_id": ["v"], "at_ms": [at_ms], "text": [text], "text_key": [1], "lang": ["zh"], "is_special": [False]},
        schema_overrides={"text": pl.String},
    )
    segments = [{"video_id": "v", "kind": "line", "start_ms": a, "end_ms": b, "text": said} for a, b, said in LINES]
    segments.append({"video_id": "v", "kind": "transcript", "start_ms": 0, "end_ms": 300_000, "text": "gohome 亮着吗 to go"})
    found = echoes(studied(frame, shown([video("v")], segments=segments)), ["v"])
    assert found["response_id"].to_list() == ["r"] * is_echo


def test_echoes_stay_in_their_video_and_hostile_lines_do_nothing():
    rows = [("r1", "v", "我要回家去看看"), ("r2", "w", "我要回家去看看"), ("r3", "v", "(?i).*[")]
    frame = pl.DataFrame(rows, schema=["response_id", "video_id", "text"], orient="row").with_columns(
        at_ms=pl.lit(5_000), text_key=pl.lit(1), lang=pl.lit("zh"), is_special=pl.lit(False)
    )
    segments = [
        {"video_id": "v", "kind": "line", "start_ms": 4_000, "end_ms": 5_000, "text": said}
        for said in ("我要回家去看看", "(?i).*[", "\u200b", "", "……")
    ]
    found = echoes(studied(frame, shown([video("v"), video("w")], segments=segments)), ["v", "w"])
    assert found["response_id"].to_list() == ["r1"]

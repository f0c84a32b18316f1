"""What an analysis of moments is: read, refused, recorded."""

import re
from pathlib import Path

import pytest
import yaml

import yuhu
from yuhu.core.moments import MomentsSpec
from yuhu.core.moments_reading import moments_from

DOCS = Path(__file__).parents[1] / "docs" / "moments.md"


def test_nothing_said_is_the_default():
    assert moments_from("") == moments_from("{}") == MomentsSpec()


def test_the_page_shows_the_defaults():
    block = re.search(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert block is not None
    assert yaml.safe_load(block[1]) == yaml.safe_load(MomentsSpec().text())


def test_text_says_the_same():
    spec = moments_from("codes: [anger]\nwatching: {retention: declared, declared: [[0, 1], [1, 0.4]]}\npeaks: {draws: 99}\n")
    assert spec.peaks.draws == 99
    assert spec.watching.declared == ((0.0, 1.0), (1.0, 0.4))
    assert moments_from(spec.text()) == spec


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("- 1", "moments.yaml"),
        ("peks: {}", "peks"),
        ("peaks: 3", "peaks"),
        ("peaks: {draws: 5}", "peaks.draws"),
        ("peaks: {draws: true}", "peaks.draws"),
        ("peaks: {draws: 99.5}", "peaks.draws"),
        ("peaks: {shortest_ms: 40000}", "peaks.shortest_ms"),
        ("codes: anger", "codes"),
        ("codes: [3]", "codes"),
        ("event_study: {baseline_ms: [1, 2, 3]}", "event_study.baseline_ms"),
        ("event_study: {baseline_ms: [-1000, -5000]}", "event_study.baseline_ms"),
        ("event_study: {effect_ms: [-2000, 3000]}", "event_study.effect_ms"),
        ("event_study: {last_ms: 3000}", "event_study.last_ms"),
        ("event_study: {echo: maybe}", "event_study.echo"),
        ("watching: {retention: declared}", "watching.declared"),
        ("watching: {declared: [[0.5, 1], [0, 1]]}", "watching.declared"),
        ("watching: {declared: [0.5]}", "watching.declared"),
        ("watching: {half_lives: [0]}", "watching.half_lives"),
        ("a: [", "moments.yaml is not YAML"),
    ],
)
def test_what_is_not_understood_is_named(text, setting):
    with pytest.raises(yuhu.YuhuError, match="YH210") as error:
        moments_from(text)
    assert setting in str(error.value)

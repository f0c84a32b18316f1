"""Reading ``moments.yaml``: every name and range is that of the fields of `MomentsSpec`."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import yaml

from yuhu.core.errors import YuhuError
from yuhu.core.moments import FILE, MomentsSpec


def moments_from(text: str, *, name: str = FILE) -> MomentsSpec:
    """A specification from its YAML; what it does not say is as in `MomentsSpec`.

    Raises
    ------
    YuhuError
        YH210 it is not YAML, a setting is unknown or out of range.
    """
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        raise YuhuError(
            "YH210",
            f"{name} is not YAML",
            facts={"line": "?" if line is None else line + 1},
            fix="one `key: value` a line; see docs/moments.md",
        ) from error
    found: MomentsSpec = _read(MomentsSpec, {} if raw is None else raw, "", name)
    study, peaks = found.event_study, found.peaks
    for ok, key, value, expected in (
        (peaks.shortest_ms <= peaks.longest_ms, "peaks.shortest_ms", peaks.shortest_ms, f"at most longest_ms, {peaks.longest_ms}"),
        (study.baseline_ms[0] <= study.baseline_ms[1], "event_study.baseline_ms", list(study.baseline_ms), "[first, last]"),
        (study.effect_ms[0] <= study.effect_ms[1], "event_study.effect_ms", list(study.effect_ms), "[first, last]"),
        (study.baseline_ms[1] < study.effect_ms[0], "event_study.effect_ms", list(study.effect_ms), "after baseline_ms"),
        (study.effect_ms[1] <= study.last_ms, "event_study.last_ms", study.last_ms, "at least the end of effect_ms"),
        (
            found.watching.retention != "declared" or bool(found.watching.declared),
            "watching.declared",
            [],
            "[[0, 1], [1, 0.4]] for example",
        ),
        (
            _is_curve(found.watching.declared),
            "watching.declared",
            found.watching.declared,
            "[share of the duration, share of the viewers], in order",
        ),
    ):
        if not ok:
            _refuse(name, key, value, expected)
    return found


def _is_curve(points: tuple[tuple[float, float], ...]) -> bool:
    places = [point[0] for point in points]
    return places == sorted(set(places)) and all(0 <= place <= 1 and height >= 0 for place, height in points)


def _read(kind: Any, raw: Any, path: str, name: str) -> Any:
    """An object of a dataclass from a mapping."""
    if not isinstance(raw, Mapping):
        _refuse(name, path or name, raw, "a mapping of settings")
    known = {one.name: one for one in fields(kind)}
    for key in raw:
        if key not in known:
            _refuse(name, f"{path}{key}", raw[key], f"one of {', '.join(known)}")
    values = {}
    for key, value in raw.items():
        one = known[key]
        inner = one.default_factory if one.default is MISSING else None
        values[key] = _read(inner, value, f"{path}{key}.", name) if inner is not None else _value(one, value, f"{path}{key}", name)
    return kind(**values)


def _value(one: Any, value: Any, path: str, name: str) -> Any:
    rules = one.metadata
    if "known" in rules:
        if value not in rules["known"]:
            _refuse(name, path, value, f"one of {', '.join(rules['known'])}")
        return value
    if "many" in rules:
        if not isinstance(value, list) or (rules["exactly"] is not None and len(value) != rules["exactly"]):
            _refuse(name, path, value, f"a list of {rules['exactly'] or 'some'}")
        return tuple(_item(rules, item, path, name) for item in value)
    return _ranged(type(one.default), rules, value, path, name)


def _item(rules: Mapping[str, Any], item: Any, path: str, name: str) -> Any:
    if rules["many"] is str:
        if not isinstance(item, str) or not item:
            _refuse(name, path, item, "names")
        return item
    if rules["many"] is tuple:
        if not isinstance(item, list) or len(item) != 2:
            _refuse(name, path, item, "pairs of numbers")
        return tuple(_ranged(float, {"least": 0, "most": 1_000_000}, number, path, name) for number in item)
    return _ranged(rules["many"], rules, item, path, name)


def _ranged(kind: type, rules: Mapping[str, Any], value: Any, path: str, name: str) -> Any:
    is_number = isinstance(value, int | float if kind is float else int) and not isinstance(value, bool)
    if not is_number or not rules["least"] <= value <= rules["most"]:
        what = "a number" if kind is float else "a whole number"
        _refuse(name, path, value, f"{what} from {rules['least']:,} to {rules['most']:,}")
    return kind(value)


def _refuse(name: str, key: str, found: Any, expected: str) -> None:
    raise YuhuError(
        "YH210",
        f"`{key.rstrip('.')}` in {name} is not understood",
        facts={"found": found, "expected": expected},
        fix=f"mend it in {name}; see docs/moments.md",
    )

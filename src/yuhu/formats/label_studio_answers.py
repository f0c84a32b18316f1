"""What a Label Studio export says, in one form: answers of coders to controls, from JSON and from JSON-MIN."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from yuhu.core.errors import YuhuError
from yuhu.formats.exchange import UNKNOWN_CODER, Losses

OURS = "yuhu"

_UNIT_KEYS = ("unit_id", "response_id", "comment_id", "uid", "id")
_AFTER = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement")
_FIX = "export from Label Studio as JSON or JSON-MIN"


@dataclass(frozen=True)
class Answer:
    """One answer to one control.

    Parameters
    ----------
    place : str
        Where it stands, for people.
    control : str
        Name of the control.
    kind : str
        Type of the result: ``choices``, ``labels``, ``timelinelabels`` …
    value : mapping
        As the file has it.
    region : mapping or None
        Value of the region that the answer belongs to, if it is not the answer itself.
    ours : mapping
        What we wrote beside it.
    """

    place: str
    control: str
    kind: str
    value: Mapping[str, Any]
    region: Mapping[str, Any] | None = None
    ours: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sheet:
    """All answers of one coder to one task; a task that nobody has answered has one without any."""

    place: str
    data: Mapping[str, Any]
    unit: str
    coder: str
    is_prediction: bool
    at: str | None
    answers: tuple[Answer, ...] = ()
    is_skipped: bool = False
    ours: Mapping[str, Any] = field(default_factory=dict)


def sheets_of(content: bytes, name: str, coder: str, controls: Iterable[str], losses: Losses) -> list[Sheet]:
    """The answers in an export.

    Parameters
    ----------
    content : bytes
        JSON: a list of tasks, or of the flat records of JSON-MIN.
    name : str
        What messages call the file.
    coder : str
        Who answered where the file does not say it.
    controls : iterable of str
        Controls that are known; JSON-MIN does not tell them from data.
    losses : Losses
        What is not read.

    Raises
    ------
    YuhuError
        YH106 not JSON, or not an export of Label Studio.
    """
    try:
        held = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise YuhuError("YH106", f"`{name}` is not JSON", facts={"found": str(error)[:120]}, fix=_FIX) from error
    tasks = held if isinstance(held, list) else [held]
    found: list[Sheet] = []
    for at, task in enumerate(tasks, start=1):
        if not isinstance(task, dict) or not ({"data", "annotations", "completions", "annotation_id", "annotator"} & task.keys()):
            facts = {"record": at, "found": ", ".join(map(str, task))[:80] if isinstance(task, dict) else type(task).__name__}
            raise YuhuError("YH106", f"`{name}` is not an export of Label Studio", facts=facts, fix=_FIX)
        is_flat = "data" not in task and "annotations" not in task
        found += [_flat(task, at, coder, set(controls), name)] if is_flat else _whole(task, at, coder, losses)
    return found


def _whole(task: Mapping[str, Any], at: int, coder: str, losses: Losses) -> Iterator[Sheet]:
    data = _mapped(task.get("data"))
    unit = _unit(data, task.get("id", at))
    losses.add("drafts of annotations", "they are not submitted", count=len(_listed(task.get("drafts"))))
    made = [(one, False) for one in _listed(task.get("annotations", task.get("completions")))]
    made += [(one, True) for one in _listed(task.get("predictions"))]
    if not made:
        yield Sheet(f"task {task.get('id', at)}", data, unit, "", is_prediction=False, at=None)
    for number, (one, is_prediction) in enumerate(made, start=1):
        held = _mapped(one)
        place = f"task {task.get('id', at)}, {'prediction' if is_prediction else 'annotation'} {held.get('id', number)}"
        ours = _mapped(held.get(OURS))
        who = str(ours.get("coder") or "") or (_model(held) if is_prediction else _person(held.get("completed_by"), coder))
        when = held.get("updated_at") or held.get("created_at")
        results = [_mapped(item) for item in _listed(held.get("result"))]
        answers = tuple(_answers(results, place))
        yield Sheet(
            place, data, unit, who, is_prediction, when if isinstance(when, str) else None, answers, bool(held.get("was_cancelled")), ours
        )


def _answers(results: list[dict[str, Any]], place: str) -> Iterator[Answer]:
    regions = {str(item.get("id")): _mapped(item.get("value")) for item in results if _is_region(item)}
    for number, item in enumerate(results, start=1):
        ours = _mapped(_mapped(item.get("meta")).get(OURS))
        region = None if _is_region(item) else regions.get(str(item.get("id")))
        control, kind = str(item.get("from_name", "")), str(item.get("type", ""))
        yield Answer(f"{place}, result {number}", control, kind, _mapped(item.get("value")), region, ours)


def _is_region(item: Mapping[str, Any]) -> bool:
    return "labels" in str(item.get("type", ""))


def _flat(task: Mapping[str, Any], at: int, coder: str, controls: set[str], name: str) -> Sheet:
    """A record of JSON-MIN: data, ``id``, answers by control, then who and when."""
    keys = [str(key) for key in task if key not in _AFTER]
    if not controls:
        if "id" not in keys or keys[0] == "id":
            facts = {"record": at, "found": ", ".join(keys)[:80]}
            raise YuhuError(
                "YH102", f"`{name}` does not tell answers from data", facts=facts, fix="read it with its codebook, or export as JSON"
            )
        controls = set(keys[keys.index("id") + 1 :])
    data = {key: task[key] for key in keys if key not in controls}
    place = f"record {at}, annotation {task.get('annotation_id', at)}"
    answers = [
        Answer(f"{place}, {key}", key, *_flat_value(held))
        for key in keys
        if key in controls
        for held in (task[key] if isinstance(task[key], list) and any(isinstance(one, dict) for one in task[key]) else [task[key]])
    ]
    when = task.get("updated_at") or task.get("created_at")
    unit = _unit({key: held for key, held in data.items() if key != "id"}, task.get("id", at))
    is_text = isinstance(when, str)
    return Sheet(
        place, data, unit, _person(task.get("annotator"), coder), is_prediction=False, at=when if is_text else None, answers=tuple(answers)
    )


def _flat_value(held: Any) -> tuple[str, dict[str, Any]]:
    """Type and value of an answer in JSON-MIN."""
    if isinstance(held, dict):
        kind = next(
            (key for key in ("timelinelabels", "hypertextlabels", "labels", "choices", "taxonomy", "rating", "number") if key in held), ""
        )
        return kind or next(iter(held), ""), held
    if isinstance(held, bool) or held is None:
        return "choices", {"choices": [] if held is None else [str(held).lower()]}
    if isinstance(held, int | float):
        return "number", {"number": held}
    return "choices", {"choices": held if isinstance(held, list) else [held] if held else []}


def _unit(data: Mapping[str, Any], task: object) -> str:
    for key in _UNIT_KEYS:
        held = data.get(key)
        if isinstance(held, str | int) and not isinstance(held, bool) and str(held):
            return str(held)
    return f"task {task}"


def _person(held: object, default: str) -> str:
    if isinstance(held, dict):
        held = held.get("email") or held.get("username") or held.get("id")
    is_named = isinstance(held, str | int) and not isinstance(held, bool) and str(held)
    return str(held) if is_named else default or UNKNOWN_CODER


def _model(held: Mapping[str, Any]) -> str:
    version = held.get("model_version")
    return f"prediction:{version}" if isinstance(version, str | int) and str(version) else "prediction"


def _listed(held: object) -> list[Any]:
    return held if isinstance(held, list) else []


def _mapped(held: object) -> dict[str, Any]:
    return held if isinstance(held, dict) else {}

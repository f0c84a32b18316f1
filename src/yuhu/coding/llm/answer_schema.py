"""The JSON schema of an answer, built from the codebook, for servers that hold a model to one."""

from typing import Any

from yuhu.coding.llm.asked import Group
from yuhu.coding.llm.prompt import ABSENT
from yuhu.coding.questions import Question

NAME = "codings"


def response_format(group: Group, structured: str) -> dict[str, Any] | None:
    """What goes to the server as ``response_format``: the whole schema, only that it is JSON, or nothing."""
    if structured == "json_schema":
        return {"type": "json_schema", "json_schema": {"name": NAME, "strict": True, "schema": answer_schema(group)}}
    return {"type": "json_object"} if structured == "json_object" else None


def answer_schema(group: Group) -> dict[str, Any]:
    """The schema of the answer to a group of questions: each code once, values of the codebook only, nothing else."""
    return _object({question.code: _of(question) for question in group})


def _of(question: Question) -> dict[str, Any]:
    attributes = {one.id: _enum([*one.values, *([] if one.zero else [ABSENT])]) for one, _ in question.attributes}
    quote = {"type": "string"}
    first = question.variables[0]
    if not question.has_facets:
        return _object({"value": _enum(list(first.values)), "evidence": quote, **attributes})
    values = _enum([value for value in first.values if value != first.zero])
    cell = _object({"cell": _enum([one.id for one in question.variables]), "value": values, "evidence": quote})
    return _object({"cells": {"type": "array", "items": cell}, **attributes})


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _enum(values: list[str]) -> dict[str, Any]:
    return {"type": "string", "enum": values}

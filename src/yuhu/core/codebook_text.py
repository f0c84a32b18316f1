"""The text of one code within the YAML of a codebook, and the codebook with another text in its place: comments and layout of the rest stay as they are."""

from functools import lru_cache

import yaml

from yuhu.core.errors import YuhuError


def code_text(text: str, code: str) -> tuple[str, int]:
    """The YAML of one code, moved to the left edge, and the line of the codebook on which it begins (from 1).

    Raises
    ------
    YuhuError
        YH303 the codebook has no such code.
    """
    node = _code_node(text, code)
    kept = text[node.start_mark.index : node.end_mark.index].rstrip()
    first, *rest = kept.split("\n")
    margin = " " * node.start_mark.column
    return "\n".join([first, *(line.removeprefix(margin) for line in rest)]) + "\n", node.start_mark.line + 1


def with_code_text(text: str, code: str, new: str) -> str:
    """The codebook with another text for one code.

    Raises
    ------
    YuhuError
        YH303 the codebook has no such code.
    """
    node = _code_node(text, code)
    old = text[node.start_mark.index : node.end_mark.index].rstrip()
    margin = " " * node.start_mark.column
    first, *rest = new.replace("\r\n", "\n").strip().split("\n")
    moved = "\n".join([first, *(margin + line if line.strip() else line for line in rest)])
    return text[: node.start_mark.index] + moved + text[node.start_mark.index + len(old) :]


def with_version(text: str, version: str) -> str:
    """The codebook with another version number."""
    for key, value in _composed(text).value:
        if key.value == "version":
            return f'{text[: value.start_mark.index]}"{version}"{text[value.end_mark.index :]}'
    return text


@lru_cache(maxsize=4)
def _composed(text: str) -> yaml.MappingNode:
    node = yaml.compose(text, Loader=yaml.CSafeLoader)
    if not isinstance(node, yaml.MappingNode):
        raise YuhuError("YH401", "a codebook is a mapping", fix="yuhu lint FILE says where")
    return node


def _code_node(text: str, code: str) -> yaml.MappingNode:
    for key, value in _composed(text).value:
        if key.value == "codes":
            for node in value.value:
                if any(name.value == "id" and held.value == code for name, held in node.value):
                    found: yaml.MappingNode = node
                    return found
    raise YuhuError("YH303", f"the codebook has no code `{code[:80]}`", fix="yuhu protocol STUDY lists the codes")

"""Sentences that the program says to people, read from its source: what stands in f-strings becomes ``{0}``, ``{1}``, …"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, product
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
MOST_DEEP = 4

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Said:
    """A sentence with the place where it is said; ``keys`` are the names of an error's facts."""

    template: str
    place: str
    code: str = ""
    keys: tuple[str, ...] = ()


class Module:
    """A module's tree, with what a name may stand for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = _name(path)
        self.tree = ast.parse(path.read_text("utf-8"))
        self.constants = {
            target.id: node.value
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.taken = {
            one.name: node.module for node in ast.walk(self.tree) if isinstance(node, ast.ImportFrom) and node.module for one in node.names
        }
        self.within: dict[ast.AST, Function] = {}
        for function in ast.walk(self.tree):
            if isinstance(function, _FUNCTION):
                self.within.update(dict.fromkeys(ast.walk(function), function))

    @cached_property
    def imports(self) -> set[str]:
        """Modules of the program that are read with this one; the packages above each, too."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {one.name for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
        return {".".join(parts[: n + 1]) for one in found for parts in [one.split(".")] for n in range(len(parts))}


@cache
def modules() -> dict[str, Module]:
    """All modules of the program by their names."""
    return {one.name: one for one in map(Module, sorted(SOURCE.rglob("*.py")))}


@cache
def reached(*, start: str, without: str) -> tuple[Module, ...]:
    """Modules that those of a room read, directly or through others; those whose names match `without` are left out."""
    known = modules()
    todo = [name for name in known if name.startswith(start)]
    found: dict[str, Module] = {}
    while todo:
        name = todo.pop()
        if name not in found and not re.match(without, name):
            found[name] = known[name]
            todo += [one for one in known[name].imports if one in known]
    return tuple(found[name] for name in sorted(found))


def errors(where: Sequence[Module]) -> Iterator[Said]:
    """What each `YuhuError` says, once for each sentence that it may be."""
    for module, call, code in _raised(where):
        keys = tuple(key for key, _ in _facts(module, call))
        for template in templates(module, call.args[1]):
            yield Said(template, f"{module.name}:{call.lineno}", code, keys)


def facts(where: Sequence[Module]) -> Iterator[Said]:
    """What the facts of each `YuhuError` say."""
    for module, call, code in _raised(where):
        for key, value in _facts(module, call):
            for template in templates(module, value):
                yield Said(template, f"{module.name}:{call.lineno}", code, (key,))


def _raised(where: Sequence[Module]) -> Iterator[tuple[Module, ast.Call, str]]:
    for module in where:
        for call in chain.from_iterable(_calls(module).values()):
            code = _plain(call.args[0]) if len(call.args) > 1 else None
            if isinstance(code, str) and re.fullmatch("YH[0-9]{3}", code):
                yield module, call, code


def told(where: Sequence[Module], names: Sequence[str], *, at: int) -> Iterator[Said]:
    """What is handed to functions of these names (``notes.append`` with its owner), as their argument number `at`."""
    for module in where:
        for name in names:
            owner, _, function = name.rpartition(".")
            for call in _calls(module).get(function, ()):
                if len(call.args) > at and (not owner or ast.unparse(call.func).endswith(name)):
                    for template in templates(module, call.args[at]):
                        yield Said(template, f"{module.name}:{call.lineno}")


def returned(where: Sequence[Module]) -> Iterator[Said]:
    """What functions give back in words."""
    for module in where:
        for node, function in module.within.items():
            if isinstance(node, ast.Return) and node.value is not None and "str" in ast.unparse(function.returns or ast.Constant("")):
                for part in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
                    for template in templates(module, part):
                        if re.search("[a-z] [a-z]", template):
                            yield Said(template, f"{module.name}:{node.lineno}")


def literals(where: Iterable[Module]) -> set[str]:
    """Every text that stands in some modules, f-strings with their places."""
    found: set[str] = set()
    for module in where:
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Constant, ast.JoinedStr)):
                found |= {_numbered(one) for one in (*_texts(module, node, MOST_DEEP), *_texts(module, node, 0))}
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(_numbered(re.sub(r"\{[^{}]*\}", _HOLE, node.value)))
    return found


def templates(module: Module, node: ast.expr, deep: int = 0) -> list[str]:
    """The sentences that an expression may be. What is not known stands as ``{0}``, ``{1}``, …"""
    found = {_numbered(one) for one in _texts(module, node, deep)}
    return sorted(found)


_HOLE = "\0"


def _texts(module: Module, node: ast.expr, deep: int) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else [_HOLE]
    if isinstance(node, ast.JoinedStr):
        parts = [_texts(module, one.value, deep) if isinstance(one, ast.FormattedValue) else [str(_plain(one))] for one in node.values]
        return ["".join(chosen) for chosen in product(*parts)]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        both = ["".join(one) for one in product(_texts(module, node.left, deep), _texts(module, node.right, deep))]
        return [one if one.strip(_HOLE) else _HOLE for one in both]  # a sum of numbers is one number
    if isinstance(node, ast.IfExp):
        return [*_texts(module, node.body, deep), *_texts(module, node.orelse, deep)]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return [re.sub(r"\{[^{}]*\}", _HOLE, one) for one in _texts(module, node.func.value, deep)]
    if isinstance(node, ast.Subscript) or (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"):
        held = node.value if isinstance(node, ast.Subscript) else node.func.value  # type: ignore[attr-defined]  # as was asked
        return _values(module, held, deep) or [_HOLE]
    if isinstance(node, ast.Name) and deep < MOST_DEEP:
        return _meant(module, node, deep + 1) or [_HOLE]
    return [_HOLE]


def _meant(module: Module, name: ast.Name, deep: int) -> list[str]:
    """What a name stands for: what its function gives it, what callers hand over, or a constant of the module."""
    function = module.within.get(name)
    if function is not None:
        given = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name.id for one in node.targets)
        ]
        if given:
            return [text for value in given for text in _texts(module, value, deep)]
        arguments = [one.arg for one in function.args.args]
        if name.id in arguments:
            return _handed(module, function.name, arguments.index(name.id) - (arguments[0] == "self"), name.id, deep)
    home, constant = _constant(module, name.id)
    return _texts(home, constant, deep) if isinstance(constant, (ast.Constant, ast.JoinedStr, ast.BinOp)) else []


def _values(module: Module, held: ast.expr, deep: int) -> list[str]:
    """The values of a dictionary that is a constant."""
    home, constant = _constant(module, held.id) if isinstance(held, ast.Name) else (module, None)
    return [text for one in constant.values for text in _texts(home, one, deep)] if isinstance(constant, ast.Dict) else []


def _constant(module: Module, name: str) -> tuple[Module, ast.expr | None]:
    """A constant of a module, or of the one that it comes from."""
    home = modules().get(module.taken.get(name, ""), module)
    return home, home.constants.get(name)


def _handed(home: Module, function: str, at: int, name: str, deep: int) -> list[str]:
    """What callers hand over in words; a single word is a name, not a part of a sentence."""
    found: list[str] = []
    for module in modules().values():
        if module is home or f"{home.name}.{function}" in module.imports:
            for call in _calls(module).get(function, ()):
                given = next((one.value for one in call.keywords if one.arg == name), call.args[at] if len(call.args) > at else None)
                texts = _texts(module, given, deep) if given is not None else []
                found += [one if " " in one else _HOLE for one in texts]
    return found


@cache
def _calls(module: Module) -> dict[str, list[ast.Call]]:
    """The calls of a module by the name that is called."""
    found: dict[str, list[ast.Call]] = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            found.setdefault(_called(node), []).append(node)
    return found


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _facts(module: Module, call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """The facts of an error, where their names stand in the source."""
    given = next((one.value for one in call.keywords if one.arg == "facts"), None)
    nodes = [given]
    if isinstance(given, ast.Name) and (function := module.within.get(call)) is not None:
        nodes = [
            node.value
            for node in ast.walk(function)
            if isinstance(node, (ast.Assign, ast.AnnAssign))
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and target.id == given.id
        ]
    for node in nodes:
        if isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if name is not None and isinstance(key := _plain(name), str):
                    yield key, value


def _plain(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _numbered(text: str) -> str:
    numbers = iter(range(text.count(_HOLE)))
    return re.sub(_HOLE, lambda _: f"{{{next(numbers)}}}", text)


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

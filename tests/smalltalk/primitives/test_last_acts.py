"""Primitives hand over to the language as their last act: the rule that lets a captured stack leave them out.

A call counts as one into the language when it is `world.send`, `world.signal`, `call`, a block, an entry of a dispatch
table, a function of `runtime.exceptions` or one of these modules' own that makes such a call itself. Each must be what
the function returns.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from smalltalk.runtime import exceptions
from smalltalk.runtime.resumables import UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(exceptions.__file__).parents[1]
MODULES = [
    *(ROOT / "primitives").rglob("*.py"),
    *(ROOT / "runtime" / f"{name}.py" for name in ("attributes", "calls", "creation", "entry_points", "stubs")),
]

#: Functions with something left to do after such a call, and why a captured stack may leave them out all the same.
EXEMPT = {
    "entry_points.scaled_decimal": "a literal that is being made is begun again",
    "maps._is_place": "the error about a hash that is no integer is ruled out before",
    "maps.bucket_add": "the same",
    "maps.bucket_key": "the same",
    "maps.bucket_put": "the same",
    "maps.bucket_remove": "the same",
    "maps.bucket_value": "the same",
    "streams.write_all_within": "the next write looks at the limit",
    "streams.write_within": "the same",
}

#: Functions of `runtime.exceptions` that only look.
LOOKS = {"active_signal", "exception_for_defect", "is_unwinding", "recursion_exception"}


class Module:
    """One module: its functions, and what its names stand for."""

    def __init__(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        self.name = path.stem
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.origins = {
            alias.asname or alias.name: (node.module or "").rpartition(".")[2]
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }


def inside(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """The calls of a function, those of functions inside it left out."""
    pending: list[ast.AST] = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, (ast.FunctionDef, ast.Lambda)):
            pending += ast.iter_child_nodes(node)


def returned(statements: list[ast.stmt]) -> Iterator[ast.expr]:
    """What those statements return."""
    for statement in statements:
        if isinstance(statement, ast.Return) and statement.value is not None:
            yield from outcomes(statement.value)
        for name in ("body", "orelse", "handlers", "cases"):
            if not (isinstance(statement, (ast.Try, ast.With)) and name == "body"):
                yield from returned(getattr(statement, name, []))


def outcomes(value: ast.expr) -> Iterator[ast.expr]:
    """The expressions that one returned value is decided among."""
    if isinstance(value, ast.IfExp):
        yield from outcomes(value.body)
        yield from outcomes(value.orelse)
    else:
        yield value.values[-1] if isinstance(value, ast.BoolOp) else value


def calls_language(module: Module, call: ast.Call, known: set[tuple[str, str]]) -> bool:
    """Whether a call runs code of the language."""
    called = call.func
    if isinstance(called, ast.Attribute):
        if called.attr in ("send", "signal"):
            return True
        base = called.value.id if isinstance(called.value, ast.Name) else ""
        return base == "exceptions" and called.attr in vars(exceptions) and called.attr not in LOOKS
    if isinstance(called, ast.Name):
        origin = module.name if called.id in module.functions else module.origins.get(called.id, "")
        return called.id in ("block", "call") or (origin, called.id) in known
    return isinstance(called, ast.Subscript) and "table" in ast.unparse(called.value)


def test_calls_into_the_language_are_last_acts() -> None:
    modules = [Module(path) for path in MODULES]
    functions = [(module, name, node) for module in modules for name, node in module.functions.items()]
    known: set[tuple[str, str]] = set()
    while True:
        found = {
            (module.name, name)
            for module, name, node in functions
            if any(calls_language(module, call, known) for call in inside(node))
        }
        if found == known:
            break
        known = found
    unfinished = {
        (module.name, name)
        for module, name, node in functions
        for call in inside(node)
        if calls_language(module, call, known) and call not in list(returned(node.body))
    }
    assert len(known) > 100
    assert {f"{module}.{name}" for module, name in unfinished} == UNFINISHED | EXEMPT.keys()

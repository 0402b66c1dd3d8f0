"""Finds the sentences that the sources hold, so that a test can ask for their German.

A sentence is a string that stands, as it is, in one of three places:

- in the first or second argument of `say(…)`, function or method;
- in the third argument of `Refusal(…)`, `refuse(…)` or a method `add(…)` (a refusal's sentence);
- in a value that is given to a name that ends in SENTENCE or SENTENCES.

In a template (`*.j2`) it is the first argument of `_(…)`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment
from jinja2.ext import extract_from_ast

_ARGUMENTS = {
    "say": slice(0, 2),
    "Refusal": slice(2, 3),
    "refuse": slice(2, 3),
    "add": slice(2, 3),
}
_TABLES = ("SENTENCE", "SENTENCES")


def sentences_in(folder: Path) -> Iterator[tuple[str, str]]:
    """Each sentence of the modules and templates below *folder*, with its "file:line"."""
    for path in sorted(folder.rglob("*.py")):
        for expression in _expressions(ast.parse(path.read_text(encoding="utf-8"))):
            for text, line in _texts(expression):
                yield text, f"{path}:{line}"
    for path in sorted(folder.rglob("*.j2")):
        template = Environment().parse(path.read_text(encoding="utf-8"))
        for line, _, found in extract_from_ast(template):
            text = found[0] if isinstance(found, tuple) else found
            if text:
                yield text, f"{path}:{line}"


def _expressions(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from node.args[_ARGUMENTS.get(_called(node.func), slice(0))]
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(_called(target).endswith(_TABLES) for target in targets):
                yield node.value


def _called(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _texts(expression: ast.expr) -> Iterator[tuple[str, int]]:
    """The strings in *expression*, a literal or those of a choice or a table, with their lines."""
    match expression:
        case ast.Constant(value=str(text), lineno=line):
            yield text, line
        case ast.IfExp(body=body, orelse=orelse):
            yield from _texts(body)
            yield from _texts(orelse)
        case ast.Dict(values=values) | ast.Tuple(elts=values) | ast.List(elts=values):
            for value in values:
                yield from _texts(value)
        case _:
            return

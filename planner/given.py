"""A filter that came as a mutation's input: the conditions of a list, outside of any plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from graphql.execution.values import VariableValues
from sqlalchemy import ColumnElement, Dialect

from models.spelling import camel
from planner.arguments import Arguments, GivenArguments, Ledger, Run
from planner.databases import forms_for


def conditions_given(
    build: Callable[[Arguments], Iterable[ColumnElement[bool]]],
    values: Mapping[str, Any],
    dialect: Dialect,
) -> tuple[list[ColumnElement[bool]], dict[str, Any]]:
    """What *build* makes of the arguments *values* (in Python's names), and its parameters."""
    run = Run(VariableValues({}, {}), _spelled(values))
    ledger = Ledger(run, forms_for(dialect))
    conditions = list(build(Arguments(ledger, GivenArguments(constant=True))))
    return conditions, {name: look.at(run) for name, look in ledger.slots.items()}


def _spelled(given: Any) -> Any:
    if isinstance(given, list):
        return [_spelled(value) for value in given]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(given, Mapping):
        return given
    return {camel(name): _spelled(value) for name, value in given.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]

"""How many rows a field may return, by its arguments: literals, variables and defaults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from graphql import (
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    value_from_ast_untyped,
)

from planner.paging import DEFAULT_SIZE, LARGEST_SIZE

PAGE: Final = ("first", "last")
IDS: Final = "ids"
_NOT_SENT: Final = object()


@dataclass(frozen=True, slots=True)
class _Argument:
    """One argument: the *variable* that it is, if any, and the *value* that it has without."""

    variable: str | None
    value: int | None

    def read(self, variables: Mapping[str, Any]) -> int | None:
        if self.variable is None:
            return self.value
        sent = variables.get(self.variable, _NOT_SENT)
        return self.value if sent is _NOT_SENT else _counted(sent)


@dataclass(frozen=True, slots=True)
class Size:
    """The largest that the arguments ask for, *otherwise* where all are null; *most* at most."""

    arguments: tuple[_Argument, ...]
    otherwise: int
    most: int

    def of(self, variables: Mapping[str, Any]) -> int:
        """How many, with these *variables*, which need not be of the right type."""
        asked = [n for each in self.arguments if (n := each.read(variables)) is not None]
        return max(0, min(max(asked, default=self.otherwise), self.most))


def size_of_page(node: FieldNode, definition: GraphQLField) -> Size | int:
    """The size of the page that `first` or `last` asks for.

    It is never larger than the largest page: reading refuses more, in words of its own.
    """
    names = [name for name in PAGE if name in definition.args]
    return _size(node, definition, names, otherwise=DEFAULT_SIZE, most=LARGEST_SIZE)


def size_of_ids(node: FieldNode, definition: GraphQLField) -> Size | int:
    """How many ids the argument `ids` holds; one where it is left out."""
    return _size(node, definition, [IDS], otherwise=1, most=1_000_000)


def variable_defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    """What the variables of *operation* are where a request does not send them."""
    return {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value is not None
    }


def _size(
    node: FieldNode, definition: GraphQLField, names: Sequence[str], *, otherwise: int, most: int
) -> Size | int:
    written = {each.name.value: each.value for each in node.arguments or ()}
    arguments: list[_Argument] = []
    for name in names:
        absent = _default(definition.args[name])
        value = written.get(name)
        if isinstance(value, VariableNode):
            arguments.append(_Argument(value.name.value, absent))
        elif value is None:
            arguments.append(_Argument(None, absent))
        else:
            arguments.append(_Argument(None, _counted(value_from_ast_untyped(value))))
    size = Size(tuple(arguments), otherwise, most)
    return size if any(each.variable for each in arguments) else size.of({})


def _default(argument: GraphQLArgument) -> int | None:
    default = argument.default
    if default is None:
        return None if argument.default_value is Undefined else _counted(argument.default_value)
    if default.literal is not None:
        return _counted(value_from_ast_untyped(default.literal))
    return _counted(default.value)


def _counted(value: object) -> int | None:
    """The number itself, or the length of a list; None for null and for what is no size."""
    if isinstance(value, list):
        return len(cast("list[object]", value))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""The variables of one operation, coerced for each request by the rules of GraphQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLID,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues, get_variable_values

_KINDS: Mapping[str, tuple[type, Any]] = {
    scalar.name: (kind, scalar)
    for kind, scalar in (
        (str, GraphQLID),
        (str, GraphQLString),
        (bool, GraphQLBoolean),
        (int, GraphQLInt),
    )
}
_INTEGERS = range(-(2**31), 2**31)
_ABSENT: Any = object()


class Variables:
    """Coerces the variables of *operation*.

    Where all of them are GraphQL's own scalars and have no default, a value of the right kind
    is taken as it is; everything else goes through graphql-core.
    """

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._schema = schema
        self._definitions = operation.variable_definitions or ()
        self._plain: list[tuple[str, type, bool]] | None = []
        for definition in self._definitions:
            type_ = definition.type
            required = isinstance(type_, NonNullTypeNode)
            named = type_.type if isinstance(type_, NonNullTypeNode) else type_
            name = named.name.value if isinstance(named, NamedTypeNode) else ""
            kind, scalar = _KINDS.get(name, (object, None))
            if scalar is None or schema.type_map[name] is not scalar or definition.default_value:
                self._plain = None
                break
            self._plain.append((definition.variable.name.value, kind, required))

    def coerced(self, given: Mapping[str, Any]) -> VariableValues | list[GraphQLError]:
        """The values that the operation runs with, or what is wrong with the *given* ones."""
        if self._plain is not None:
            values: dict[str, Any] = {}
            for name, kind, required in self._plain:
                value = given.get(name, _ABSENT)
                if type(value) is kind and (kind is not int or value in _INTEGERS):
                    values[name] = value
                elif required or (value is not None and value is not _ABSENT):
                    break
                elif value is None:
                    values[name] = None
            else:
                return VariableValues({}, values)
        return get_variable_values(self._schema, self._definitions, dict(given))

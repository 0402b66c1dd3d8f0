"""What the types of the schema declare, as the planner asks for it."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLNamedType, GraphQLObjectType, GraphQLSchema

from planner import Spec, Value
from schema.fields import ROWS, SPEC

_DEFINITION = "strawberry-definition"


def table_of(kind: GraphQLNamedType) -> Any:
    """The mapped class whose rows the type shows; None for every other type."""
    definition = kind.extensions.get(_DEFINITION)
    return getattr(getattr(definition, "origin", None), ROWS, None)


class SchemaDeclarations:
    """Looks declarations up in a built schema. Implements `planner.Declarations`."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._rows: dict[str, Any] = {}
        self._fields: dict[tuple[str, str], Spec] = {}
        for name, kind in schema.type_map.items():
            if not isinstance(kind, GraphQLObjectType) or name.startswith("__"):
                continue
            self._rows[name] = table_of(kind)
            for field_name, field in kind.fields.items():
                definition = field.extensions[_DEFINITION]
                spec = definition.metadata.get(SPEC) or Value(definition.python_name)
                self._fields[name, field_name] = spec

    def rows(self, type_name: str) -> type | None:
        """The mapped class whose rows the type shows."""
        return self._rows.get(type_name)

    def field(self, type_name: str, field_name: str) -> Spec | None:
        """What the field stands for."""
        return self._fields.get((type_name, field_name))

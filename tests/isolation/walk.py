"""What the schema says of itself: its root fields, and every place where it takes an id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphql import (
    GraphQLField,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_client_schema,
    get_named_type,
    introspection_from_schema,
)

from schema.build import build_schema, graphql_schema

SERVED = graphql_schema(build_schema())
SCHEMA: GraphQLSchema = build_client_schema(introspection_from_schema(SERVED))


@dataclass(frozen=True)
class Position:
    """One place of a root field that takes an id: the argument, then the input fields below."""

    field: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return ".".join((self.field, *self.path))


def root_fields(schema: GraphQLSchema = SCHEMA) -> dict[str, tuple[str, GraphQLField]]:
    """Every root field by its name, with the operation that it belongs to."""
    roots = {
        "query": schema.query_type,
        "mutation": schema.mutation_type,
        "subscription": schema.subscription_type,
    }
    return {
        name: (operation, field)
        for operation, root in roots.items()
        if root is not None
        for name, field in root.fields.items()
    }


def id_positions(schema: GraphQLSchema = SCHEMA) -> list[Position]:
    """Every place that takes an id, alone, in a list, or anywhere inside an input."""
    return [
        Position(name, (argument, *below))
        for name, (_, field) in root_fields(schema).items()
        for argument, taken in field.args.items()
        for below in _below(get_named_type(taken.type), ())
    ]


def string_positions(schema: GraphQLSchema = SCHEMA) -> list[Position]:
    """Every place that takes a text of any kind."""
    return [
        Position(name, (argument, *below))
        for name, (_, field) in root_fields(schema).items()
        for argument, taken in field.args.items()
        for below in _below(get_named_type(taken.type), (), scalar="String")
    ]


def _below(
    kind: GraphQLNamedType, seen: tuple[str, ...], *, scalar: str = GraphQLID.name
) -> Iterator[tuple[str, ...]]:
    if kind.name == scalar:
        yield ()
    if not isinstance(kind, GraphQLInputObjectType) or kind.name in seen:
        return
    for name, field in kind.fields.items():
        for below in _below(get_named_type(field.type), (*seen, kind.name), scalar=scalar):
            yield (name, *below)


def document(name: str, *, depth: int = 4) -> str:
    """An operation that passes every argument as a variable and selects all, *depth* deep."""
    operation, field = root_fields()[name]
    declared = ", ".join(f"${argument}: {taken.type}" for argument, taken in field.args.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    return (
        f"{operation}{f'({declared})' if declared else ''} {{ {name}"
        f"{f'({passed})' if passed else ''} {_selection(field.type, depth)} }}"
    )


def _selection(of: object, depth: int, prefix: str = "") -> str:
    kind = get_named_type(of)  # type: ignore[arg-type]
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        # Fields of one name may have different types there, hence the aliases.
        parts = [
            f"... on {each.name} {_selection(each, depth, f'{each.name}_')}"
            for each in possible(kind)
        ]
        return f"{{ __typename {' '.join(parts)} }}"
    if not isinstance(kind, GraphQLObjectType):
        return ""
    parts = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        composite = isinstance(below, GraphQLObjectType | GraphQLUnionType | GraphQLInterfaceType)
        # The same rows under another name add nothing: `nodes` and `edges` are one list.
        key = f"{prefix}{name}: {name}" if prefix else name
        if not composite:
            parts.append(key)
        elif depth > 1 and name != "edges":
            # Of what may be anything no more is asked than which it is: with all that each kind
            # has, a document would be too large.
            anything = isinstance(below, GraphQLInterfaceType) or (
                prefix and isinstance(below, GraphQLUnionType)
            )
            inside = "{ __typename ... on Node { id } }" if anything else ""
            parts.append(f"{key} {inside or _selection(below, depth - 1)}")
    return f"{{ {' '.join(parts) or '__typename'} }}"


def possible(kind: GraphQLNamedType) -> list[GraphQLObjectType]:
    """The object types that a type stands for."""
    if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType):
        return list(SCHEMA.get_possible_types(kind))
    return [kind] if isinstance(kind, GraphQLObjectType) else []

"""Whoever explores the schema reads what each thing is, who may call it and what it sends."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

from auth.permissions import Audience, Kind
from schema.fields import AUDIENCE

SPOKEN_OF = {
    Kind.ANYONE: r"\bAnyone\b",
    Kind.SIGNED_IN: r"\bAnyone who is signed in\b",
    Kind.CLIENTS: r"\bClients\b",
    Kind.MEMBERS: r"\bMembers\b",
}


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Every named thing in the schema, with its description."""
    for name, kind in schema.type_map.items():
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield name, kind.description
        if isinstance(kind, GraphQLEnumType):
            for value_name, value in kind.values.items():
                yield f"{name}.{value_name}", value.description
        if isinstance(kind, GraphQLInputObjectType):
            for field_name, given in kind.fields.items():
                yield f"{name}.{field_name}", given.description
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name})", argument.description


def roots(schema: GraphQLSchema) -> Iterator[tuple[str, str, Audience]]:
    """Every root field with its description and its audience."""
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        assert root
        for name, field in root.fields.items():
            audience = field.extensions["strawberry-definition"].metadata[AUDIENCE]
            yield name, field.description or "", audience


def test_everything_is_described(schema: GraphQLSchema) -> None:
    silent = [name for name, description in described(schema) if not (description or "").strip()]
    assert not silent


def test_every_root_field_says_who_may_call_it(schema: GraphQLSchema) -> None:
    for name, description, audience in roots(schema):
        if audience.permission is not None:
            assert audience.permission.value in description, name
        else:
            assert re.search(SPOKEN_OF[audience.kind], description), name


def test_every_mutation_says_what_it_sends(schema: GraphQLSchema) -> None:
    assert schema.mutation_type
    for name, field in schema.mutation_type.fields.items():
        assert re.search(r"\b(sends?|sent|tells)\b", field.description or "", re.IGNORECASE), name

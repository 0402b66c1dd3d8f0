"""The short way of a query whose root fields the planner reads: no executor in between.

Whatever is not plain (a field that Python answers, a directive at the root, variables that
do not fit, a caller who is not let in) takes the ordinary way, which gives the same answer
and knows how to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.values import VariableValues, get_variable_values
from orjson import Fragment

from auth.permissions import Audience, Forbidden, Unauthenticated
from auth.sessions import Asking, firm_of
from planner import BadArgument, Planner, Selection
from schema.context import identity
from schema.fields import AUDIENCE, SPEC
from tenancy.caller import Visit
from tenancy.database import Database


@dataclass(frozen=True)
class _Root:
    key: str
    audience: Audience
    node: FieldNode


@dataclass(frozen=True)
class _Query:
    """What is known of an operation before any request brings its variables."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    roots: tuple[_Root, ...]

    def selection(self, schema: GraphQLSchema, root: _Root, variables: VariableValues) -> Selection:
        """One root field, as the planner takes it."""
        assert schema.query_type is not None
        return Selection(
            schema=schema,
            fragments=self.fragments,
            operation=self.operation,
            variables=variables.coerced,
            parent=schema.query_type,
            nodes=[root.node],
        )


@dataclass(frozen=True)
class Reading:
    """What reading takes, the same for every request."""

    schema: GraphQLSchema
    planner: Planner
    database: Database
    base_url: str


async def read_directly(
    reading: Reading,
    token: str | None,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any] | None,
    plans: dict[Any, Any],
) -> dict[str, Any] | None:
    """The data of an operation for whoever holds *token*; None where the executor is to answer.

    *plans* lives as long as the document does. Raises what the database raises.
    """
    schema = reading.schema
    key = ("direct", id(operation))
    if key not in plans:
        plans[key] = _plain_query(schema, document, operation)
    query: _Query | None = plans[key]
    firm_id = firm_of(token) if token else None
    if query is None or token is None or firm_id is None:
        return None
    coerced = get_variable_values(
        schema, operation.variable_definitions or (), dict(variables or {})
    )
    if not isinstance(coerced, VariableValues):
        return None
    asking = Asking(reading.database, firm_id, token, now=datetime.now(UTC))
    try:
        return await _read(reading, asking, query, coerced, plans)
    except (Unauthenticated, Forbidden, BadArgument):
        return None


async def _read(
    reading: Reading,
    asking: Asking,
    query: _Query,
    variables: VariableValues,
    plans: dict[Any, Any],
) -> dict[str, Any]:
    """Finds the caller and reads the first root field in one round trip, then the others."""
    database, planner = reading.database, reading.planner
    selections = [query.selection(reading.schema, root, variables) for root in query.roots]
    known: dict[str, Any] = {
        "firm_id": asking.firm_id,
        "now": asking.now,
        "base_url": reading.base_url,
    }
    try:
        first = planner.statement(selections[0], constants=known, plans=plans)
    except KeyError:
        # It asks for more than the firm: for who the caller is.
        first = None
    read: list[Any] = []
    if first is None:
        caller = await asking.caller(await database.fetch(*asking.statement))
    else:
        found, text = await database.fetch_both(asking.statement, first)
        caller = await asking.caller(found)
        read.append(None if text is None else Fragment(text))
    visit = Visit(caller=caller)
    for root in query.roots:
        root.audience.admit(visit)
    constants = {**known, **identity(caller)}
    read += [
        await planner.read(selection, fetch=database.fetch, constants=constants, plans=plans)
        for selection in selections[len(read) :]
    ]
    return {root.key: value for root, value in zip(query.roots, read, strict=True)}


def _plain_query(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> _Query | None:
    """The operation, if every root field stands there by itself and is the planner's."""
    if operation.operation is not OperationType.QUERY or operation.directives:
        return None
    assert schema.query_type is not None
    roots: dict[str, _Root] = {}
    for node in operation.selection_set.selections:
        if not isinstance(node, FieldNode) or node.directives:
            return None
        field = schema.query_type.fields.get(node.name.value)
        if field is None:  # __typename, __schema or __type
            return None
        declared: Mapping[str, Any] = field.extensions["strawberry-definition"].metadata
        key = node.alias.value if node.alias else node.name.value
        if declared[SPEC] is None or key in roots:
            return None
        roots[key] = _Root(key, declared[AUDIENCE], node)
    fragments = {
        definition.name.value: definition
        for definition in document.definitions
        if isinstance(definition, FragmentDefinitionNode)
    }
    return _Query(operation, fragments, tuple(roots.values()))

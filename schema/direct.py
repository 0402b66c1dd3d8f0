"""The short way of a query whose root fields the planner reads: no executor in between.

Whatever is not plain (a field that Python answers, a directive at the root, variables that
do not fit, a caller who is not let in) takes the ordinary way, which gives the same answer
and knows how to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
from graphql.execution.values import VariableValues
from orjson import Fragment

from auth.permissions import Audience, Forbidden, Unauthenticated
from auth.sessions import Asking, firm_of
from planner import BadArgument, Plan, Planner, Run, Selection, Variables, fitting
from schema.context import IDENTITY, identity
from schema.fields import AUDIENCE, SPEC
from tenancy.caller import Visit
from tenancy.database import Database
from tenancy.scope import LIMITED

_MOST_GUESSES = 10_000


@dataclass
class _Root:
    key: str
    audience: Audience
    node: FieldNode
    # By whether they are for a member who is limited.
    variants: dict[bool, list[Plan]] = field(default_factory=dict[bool, list[Plan]])


@dataclass(frozen=True)
class _Query:
    """What is known of an operation before any request brings its variables."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    roots: tuple[_Root, ...]
    variables: Variables

    def plan(
        self, reading: Reading, root: _Root, run: Run, plans: dict[Any, Any], *, limited: bool
    ) -> Plan:
        """The plan of one root field for this run, made where there is none yet."""
        plan = fitting(root.variants.get(limited, ()), run)
        if plan is not None:
            return plan
        assert reading.schema.query_type is not None
        selection = Selection(
            schema=reading.schema,
            fragments=self.fragments,
            operation=self.operation,
            variables=run.variables.coerced,
            parent=reading.schema.query_type,
            nodes=[root.node],
        )
        plan = reading.planner.plan(selection, run, plans, limited=limited)
        root.variants[limited] = plans[limited, *selection.key]
        return plan


@dataclass(frozen=True)
class Reading:
    """What reading takes, the same for every request.

    *guesses* are who was behind a token the last time. Nobody is let in by them: they only allow
    a statement that depends on who asks to be sent together with the one that finds out, and
    what it read is thrown away where they were wrong.
    """

    schema: GraphQLSchema
    planner: Planner
    database: Database
    base_url: str
    guesses: dict[str, Mapping[str, str | None]] = field(
        default_factory=dict[str, "Mapping[str, str | None]"]
    )

    def remember(self, token_hash: str, who: Mapping[str, str | None]) -> None:
        """Guesses the same the next time."""
        if len(self.guesses) >= _MOST_GUESSES:
            self.guesses.clear()
        self.guesses[token_hash] = who


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
    key = ("direct", id(operation))
    if key not in plans:
        plans[key] = _plain_query(reading.schema, document, operation)
    query: _Query | None = plans[key]
    firm_id = firm_of(token) if token else None
    if query is None or token is None or firm_id is None:
        return None
    coerced = query.variables.coerced(variables or {})
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
    """Finds out who asks and reads all root fields, in one round trip if it can be."""
    database = reading.database
    known: dict[str, Any] = {
        "firm_id": asking.firm_id,
        "now": asking.now,
        "base_url": reading.base_url,
    }
    run = Run(variables, {})
    before = guess = reading.guesses.get(asking.token_hash)
    finding = asking.statement(member=None if guess is None else guess["member_id"] is not None)
    # Whoever is limited is remembered, so that the plan is the right one the next time.
    limited = guess is not None and guess[LIMITED] is not None
    chosen = [query.plan(reading, root, run, plans, limited=limited) for root in query.roots]
    depends = any(not plan.names.isdisjoint(IDENTITY) for plan in chosen)
    guess = guess if depends else None
    texts: Sequence[Any] | None = None
    if depends and guess is None:
        caller = await asking.caller(await database.fetch(*finding))
    else:
        found, *texts = await database.fetch_together(
            [finding, *_statements(chosen, run, {**known, **guess} if guess else known)]
        )
        caller = await asking.caller(found)
    visit = Visit(caller=caller)
    for root in query.roots:
        root.audience.admit(visit)
    who = identity(caller)
    if (who[LIMITED] is not None) is not limited:
        # The rows that came are of another reach, and nobody sees them.
        limited = not limited
        chosen = [query.plan(reading, root, run, plans, limited=limited) for root in query.roots]
        depends, guess = True, None
    if depends and who != guess:
        texts = await database.fetch_together(_statements(chosen, run, {**known, **who}))
    if caller is not None and who != before:
        reading.remember(asking.token_hash, who)
    assert texts is not None
    waiting = iter(texts)
    data: dict[str, Any] = {}
    for root, plan in zip(query.roots, chosen, strict=True):
        text = None if plan.sql is None else next(waiting)
        data[root.key] = None if text is None else Fragment(text)
    return data


def _statements(
    chosen: Sequence[Plan], run: Run, constants: Mapping[str, Any]
) -> list[tuple[str, Sequence[Any]]]:
    return [(plan.sql, plan.values(run, constants)) for plan in chosen if plan.sql is not None]


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
    return _Query(operation, fragments, tuple(roots.values()), Variables(schema, operation))

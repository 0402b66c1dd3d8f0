"""The small API that these tests serve: one field for each thing a view must get right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError, GraphQLResolveInfo, GraphQLSchema, build_schema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from server.graphql_operations import Operations
from server.graphql_view import GraphQLView

ALLOWED_ORIGIN = "https://portal.example"
MAX_BODY = 100_000

SDL = """
scalar Whole

type Query {
  greeting(name: String! = "you"): String!
  number(value: Int!): Int
  real(value: Float!): Float
  item: Item
  planned: Whole
  broken: String
  brokenTwice: [String]
  unfit: Int
  unwritable: Whole
  refused(code: String!): String
  things(first: Int, after: String, last: Int): Things
  few(first: Int! = 20): Things
  named(ids: [ID!]!): [Item]
  listed: [Item]
  hurried: String!
}
type Item { name: String item: Item items: [Item] things(first: Int = 10, last: Int): Things }
type Things { nodes: [Item!]! edges: [Edge!]! pageInfo: PageInfo! total: Int }
type Edge { cursor: String node: Item }
type PageInfo { hasNextPage: Boolean }
type Mutation {
  add(note: String): Int!
  addToo: Int!
  change(ids: [ID!]): Changed
  changeAll: Changed
  changeOne: ChangedOne
}
type Changed { items: [Item!]! errors: [Item!]! }
type ChangedOne { item: Item errors: [Item!]! }
type Subscription { ticks: Int! }
"""


@dataclass
class Seen:
    """What reached the application behind the view."""

    added: int = 0
    contexts: int = 0
    reported: list[tuple[Exception, str]] = field(default_factory=list[tuple[Exception, str]])

    def report(self, error: Exception, request_id: str) -> None:
        self.reported.append((error, request_id))


@dataclass
class Context:
    """One request's context, in the shape the view knows."""

    seen: Seen
    response_headers: list[tuple[str, str]]


def _schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    assert schema.query_type
    assert schema.mutation_type
    assert schema.subscription_type

    async def greeting(_source: Any, _info: GraphQLResolveInfo[Context], name: str) -> str:
        return f"Hello, {name}!"

    def number(_source: Any, _info: GraphQLResolveInfo[Context], value: float) -> float:
        return value

    def planned(_source: Any, _info: GraphQLResolveInfo[Context]) -> orjson.Fragment:
        return orjson.Fragment(b'{"from":"the database"}')

    def broken(_source: Any, _info: GraphQLResolveInfo[Context]) -> str:
        raise RuntimeError("postgres://user:secret@database/mandant")

    def broken_twice(_source: Any, _info: GraphQLResolveInfo[Context]) -> list[Exception]:
        error = RuntimeError("SELECT secret FROM members")
        return [error, error]

    def unfit(_source: Any, _info: GraphQLResolveInfo[Context]) -> str:
        return "a secret that is no integer"

    def unwritable(_source: Any, _info: GraphQLResolveInfo[Context]) -> object:
        return object()

    def refused(_source: Any, _info: GraphQLResolveInfo[Context], code: str) -> str:
        raise GraphQLError("Not this.", extensions={"code": code, "retryAfter": 2.5})

    def hurried(_source: Any, _info: GraphQLResolveInfo[Context]) -> str:
        raise GraphQLError("Not so fast.", extensions={"code": "RATE_LIMITED", "retryAfter": 6.2})

    def item(_source: Any, _info: GraphQLResolveInfo[Context]) -> dict[str, str]:
        return {"name": "item"}

    def add(_source: Any, info: GraphQLResolveInfo[Context], note: str | None = None) -> int:
        info.context.seen.added += 1
        info.context.response_headers.append(("Set-Cookie", f"added={note}"))
        info.context.response_headers.append(("Set-Cookie", "again=yes"))
        return info.context.seen.added

    query = schema.query_type.fields
    resolvers: dict[str, Callable[..., Any]] = {
        "greeting": greeting,
        "number": number,
        "real": number,
        "planned": planned,
        "broken": broken,
        "brokenTwice": broken_twice,
        "unfit": unfit,
        "unwritable": unwritable,
        "refused": refused,
        "hurried": hurried,
        "item": item,
    }
    for name, resolver in resolvers.items():
        query[name].resolve = resolver
    for mutation in schema.mutation_type.fields.values():
        mutation.resolve = add
    return schema


def application(seen: Seen) -> Starlette:
    """The API at /graphql; what reaches it is told to `seen`."""

    async def context(request: Request, _plans: dict[Any, Any]) -> Context:
        seen.contexts += 1
        code = request.headers.get("x-test-refuse")
        if code == "CRASH":
            raise ConnectionError("database.internal:5432 refused")
        if code:
            raise GraphQLError("Refused.", extensions={"code": code, "retryAfter": 3})
        return Context(seen, [])

    operations = Operations(_schema(), context=context, executor_class=None, report=seen.report)
    view = GraphQLView(operations, allowed_origins=frozenset({ALLOWED_ORIGIN}), max_body=MAX_BODY)
    return Starlette(routes=[Route("/graphql", view)])

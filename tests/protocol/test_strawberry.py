"""A Strawberry schema behind the view: resolvers, inputs and errors work as in Strawberry."""

from __future__ import annotations

import enum
from typing import Any

import orjson
import strawberry
from graphql import specified_rules
from starlette.requests import Request
from starlette.testclient import TestClient
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from server.graphql_operations import Operations
from server.graphql_view import GraphQLView


@strawberry.enum
class Kind(enum.Enum):
    PERSON = "person"
    COMPANY = "company"


@strawberry.input
class Contact:
    first_name: str
    kind: Kind = Kind.PERSON


@strawberry.input
class CreateAccount:
    name: str
    contacts: list[Contact]
    note: strawberry.Maybe[str]


@strawberry.input(one_of=True)
class By:
    name: strawberry.Maybe[str]
    number: strawberry.Maybe[int]


@strawberry.type
class Account:
    name: str

    @strawberry.field
    async def shout(self, info: strawberry.Info[Any], times: int = 1) -> str:
        return self.name.upper() + info.context["mark"] * times


@strawberry.type
class Query:
    @strawberry.field
    async def account(self, name: str) -> Account | None:
        return Account(name=name)

    @strawberry.field
    async def find(self, by: By) -> str:
        return f"{by.name} {by.number}"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_account(self, info: strawberry.Info[Any], input: CreateAccount) -> Account:
        assert info.field_name == "createAccount"
        kinds = ",".join(f"{contact.first_name}:{contact.kind.name}" for contact in input.contacts)
        return Account(name=f"{input.name} {kinds}")


schema = strawberry.Schema(Query, Mutation)
reported: list[Exception] = []


async def context(_request: Request, _plans: dict[Any, Any]) -> dict[str, str]:
    return {"mark": "!"}


operations = Operations(
    schema._schema,  # pyright: ignore[reportPrivateUsage]
    context=context,
    executor_class=schema.execution_context_class,  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    report=lambda error, _request_id: reported.append(error),
    rules=(*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule),
    input_errors=(StrawberryInputCoercionError,),
)
view = GraphQLView(operations, allowed_origins=frozenset())


def ask(query: str, **variables: Any) -> Any:
    body = orjson.dumps({"query": query, "variables": variables})
    headers = {"Content-Type": "application/json"}
    return TestClient(view).post("/", content=body, headers=headers).json()


def test_an_async_resolver_gets_its_arguments_and_the_context() -> None:
    query = 'query ($n: Int!) { account(name: "Ada") { name shout(times: $n) } }'
    assert ask(query, n=3) == {"data": {"account": {"name": "Ada", "shout": "ADA!!!"}}}


def test_a_mutation_gets_its_input_with_lists_enums_and_defaults() -> None:
    told = ask(
        "mutation ($input: CreateAccount!) { createAccount(input: $input) { name } }",
        input={
            "name": "Muster",
            "contacts": [{"firstName": "Ada"}, {"firstName": "Max", "kind": "COMPANY"}],
        },
    )
    assert told == {"data": {"createAccount": {"name": "Muster Ada:PERSON,Max:COMPANY"}}}


def test_input_that_strawberry_refuses_is_the_request_s_fault() -> None:
    create = "mutation ($input: CreateAccount!) { createAccount(input: $input) { name } }"
    for told in (
        ask(create, input={"name": "x", "contacts": [], "note": None}),
        ask(create, input={"name": "x", "contacts": [{"firstName": "x", "kind": "GOD"}]}),
        ask("query ($by: By!) { find(by: $by) }", by={"name": "x", "number": 1}),
        ask("query ($by: By!) { find(by: $by) }", by={"name": None}),
        ask("query ($by: By!) { find(by: $by) }", by={}),
        ask("query ($n: String) { find(by: {name: $n}) }"),
        ask('{ find(by: {name: "x", number: 1}) }'),
    ):
        assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_REQUEST"}, told
    assert reported == []

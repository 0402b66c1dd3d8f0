"""GET asks, POST asks and changes, and no other method does anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote

import httpx2
import pytest

from tests.protocol.conftest import GraphQLServer


def test_a_query_can_be_sent_with_get_with_its_variables(client: httpx2.Client) -> None:
    response = client.get(
        "/graphql",
        params={
            "query": "query Greet($name: String!) { greeting(name: $name) }",
            "operationName": "Greet",
            "variables": json.dumps({"name": "Zoë & Co"}),
            "extensions": "{}",
        },
    )
    assert response.json() == {"data": {"greeting": "Hello, Zoë & Co!"}}


MIXED = "query Read { greeting } mutation Write { add }"


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "mutation { add }"},
        {"query": "mutation Write { add }", "operationName": "Write"},
        {"query": MIXED, "operationName": "Write"},
        {"query": "fragment F on Mutation { add } mutation { ...F }"},
    ],
)
def test_a_mutation_over_get_is_refused_and_not_executed(
    graphql_server: GraphQLServer, client: httpx2.Client, parameters: dict[str, str]
) -> None:
    before = graphql_server.effects(), graphql_server.seen.contexts
    response = client.get("/graphql", params=parameters)
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert (graphql_server.effects(), graphql_server.seen.contexts) == before


def test_the_query_of_a_mixed_document_may_be_asked_with_get(
    graphql_server: GraphQLServer, client: httpx2.Client
) -> None:
    before = graphql_server.effects()
    response = client.get("/graphql", params={"query": MIXED, "operationName": "Read"})
    assert response.json() == {"data": {"greeting": "Hello, you!"}}
    assert graphql_server.effects() == before


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE"])
def test_another_method_gets_405_with_allow_and_has_no_effect(
    graphql_server: GraphQLServer, client: httpx2.Client, method: str
) -> None:
    before = graphql_server.effects(), graphql_server.seen.contexts
    response = client.request(
        method,
        "/graphql",
        params={"query": "mutation { add }"},
        headers={"Content-Type": "application/json"},
        content=b'{"query": "mutation { add }"}',
    )
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")
    assert (graphql_server.effects(), graphql_server.seen.contexts) == before


@pytest.mark.parametrize(
    "query",
    [
        "/graphql",
        "query",
        "query=",
        "query={greeting}&query={greeting}",
        "query=%ff",
        "query=%ED%A0%80",
        "query={greeting}&variables=x",
        "query={greeting}&variables=[]",
        "query={greeting}&variables=%22%22",
        "query={greeting}&extensions=0",
        "query={greeting}&variables={%22a%22:NaN}",
        "query={greeting}&" + "&".join(f"a{n}=1" for n in range(30)),
    ],
)
def test_a_malformed_query_string_gets_400(graphql_server: GraphQLServer, query: str) -> None:
    response = httpx2.get(f"{graphql_server.url}?{query}")
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_a_query_string_that_is_too_long_gets_414(graphql_server: GraphQLServer) -> None:
    response = httpx2.get(f"{graphql_server.url}?query={quote('#' * 20_000)}")
    assert response.status_code == 414


def test_of_several_operations_none_runs_unless_one_is_named(
    graphql_server: GraphQLServer, ask: Callable[..., httpx2.Response]
) -> None:
    before, contexts = graphql_server.effects(), graphql_server.seen.contexts
    document = "mutation One { add } mutation Two { addToo }"
    for name in (None, "", "Three", "__proto__"):
        response = ask(document, operationName=name)
        assert response.status_code == 400
        assert "data" not in response.json()
    assert (graphql_server.effects(), graphql_server.seen.contexts) == (before, contexts)
    assert ask(document, operationName="Two").json() == {"data": {"addToo": before + 1}}


def test_a_subscription_over_post_is_a_request_error(
    graphql_server: GraphQLServer, ask: Callable[..., httpx2.Response]
) -> None:
    before = graphql_server.seen.contexts
    response = ask("subscription { ticks }")
    assert response.status_code == 400
    assert list(response.json()) == ["errors"]
    assert graphql_server.seen.contexts == before

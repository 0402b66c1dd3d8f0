"""What a client learns from an error, and what it does not."""

# ruff: noqa: UP031 - the braces here are GraphQL's.

from __future__ import annotations

import re
from collections.abc import Callable

import httpx2
import pytest

from tests.protocol.conftest import GraphQLServer

Ask = Callable[..., httpx2.Response]

OUR_FAULT = "Something went wrong on our side."


@pytest.mark.parametrize("field", ["broken", "unfit"])
def test_a_failure_of_ours_is_one_constant_sentence_and_a_request_id(
    graphql_server: GraphQLServer, ask: Ask, field: str
) -> None:
    graphql_server.seen.reported.clear()
    response = ask("{ greeting x: %s }" % field)
    told = response.json()
    request_id = told["errors"][0]["extensions"]["requestId"]
    assert response.status_code == 200
    assert told == {
        "data": {"greeting": "Hello, you!", "x": None},
        "errors": [
            {
                "message": OUR_FAULT,
                "locations": [{"line": 1, "column": 12}],
                "path": ["x"],
                "extensions": {"code": "INTERNAL", "requestId": request_id},
            }
        ],
    }
    assert re.fullmatch("[0-9a-f]{32}", request_id)
    [(error, reported_id)] = graphql_server.seen.reported
    assert reported_id == request_id
    assert error.__traceback__ is not None


def test_a_failure_is_reported_once_and_each_request_has_its_own_id(
    graphql_server: GraphQLServer, ask: Ask
) -> None:
    graphql_server.seen.reported.clear()
    first, second = (ask("{ brokenTwice }").json()["errors"] for _ in range(2))
    ids = [error["extensions"]["requestId"] for error in first + second]
    assert (len(first), len(second)) == (2, 2)
    assert [request_id for _, request_id in graphql_server.seen.reported] == [ids[0], ids[2]]
    assert ids[0] == ids[1] != ids[2]


def test_data_that_json_cannot_hold_is_a_failure_of_ours(
    graphql_server: GraphQLServer, ask: Ask
) -> None:
    graphql_server.seen.reported.clear()
    response = ask("{ unwritable }")
    assert response.status_code == 500
    assert [error["message"] for error in response.json()["errors"]] == [OUR_FAULT]
    assert len(graphql_server.seen.reported) == 1


def test_a_crash_before_execution_tells_nothing(
    graphql_server: GraphQLServer, client: httpx2.Client
) -> None:
    graphql_server.seen.reported.clear()
    response = client.post(
        "/graphql", json={"query": "{ greeting }"}, headers={"X-Test-Refuse": "CRASH"}
    )
    assert response.status_code == 500
    assert "database" not in response.text
    assert isinstance(graphql_server.seen.reported[0][0], ConnectionError)


@pytest.mark.parametrize(
    "code", ["UNAUTHENTICATED", "FORBIDDEN", "BAD_REQUEST", "RATE_LIMITED", "TOO_COMPLEX"]
)
def test_an_error_with_a_published_code_is_told_as_it_was_raised(ask: Ask, code: str) -> None:
    response = ask("query ($c: String!) { refused(code: $c) }", variables={"c": code})
    assert response.status_code == 200
    [error] = response.json()["errors"]
    assert error["message"] == "Not this."
    assert error["path"] == ["refused"]
    assert error["extensions"] == {"code": code, "retryAfter": 2.5}


def test_an_error_with_another_code_is_a_failure_of_ours(ask: Ask) -> None:
    [error] = ask('{ refused(code: "SQL") }').json()["errors"]
    assert (error["message"], error["extensions"]["code"]) == (OUR_FAULT, "INTERNAL")


def test_what_is_rate_limited_as_a_whole_gets_429_with_the_seconds_to_wait(ask: Ask) -> None:
    response = ask("{ hurried }")
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")
    assert response.json()["data"] is None


def test_a_null_for_a_required_argument_is_the_request_s_fault(ask: Ask) -> None:
    query = 'query ($name: String = "x") { greeting(name: $name) }'
    response = ask(query, variables={"name": None})
    [error] = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert "name" in error["message"]


def test_at_most_five_errors_of_a_document_are_told(ask: Ask) -> None:
    response = ask("{ %s }" % " ".join(f"nothing{n}" for n in range(900)))
    assert len(response.json()["errors"]) == 5


def test_at_most_five_errors_of_variables_are_told(ask: Ask) -> None:
    names = [f"v{n}" for n in range(40)]
    declared = ", ".join(f"${name}: Int!" for name in names)
    used = " ".join(f"{name}: number(value: ${name})" for name in names)
    response = ask(f"query ({declared}) {{ {used} }}", variables=dict.fromkeys(names, "x"))
    assert response.status_code == 400
    assert len(response.json()["errors"]) == 5


LONG = "a" * 30_000
WORDS = "a " * 15_000


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ %s }" % LONG, None),
        ("{ greeting(%s: 1) }" % LONG, None),
        ('{ number(value: "%s") }' % LONG, None),
        ('{ number(value: "%s") }' % WORDS, None),
        ("{ number(value: {a: [%s]}) }" % ("1 " * 500), None),
        ("query ($v: %s) { greeting }" % LONG, None),
        ("query ($v: Int!) { number(value: $v) }", {"v": LONG}),
        ("query ($v: Int!) { number(value: $v) }", {"v": WORDS}),
        ("query ($v: Int!) { number(value: $v) }", {"v": {WORDS: [WORDS]}}),
        ("query (%s: Int!) { greeting }" % LONG, None),
        ('{ greeting } "%s' % LONG, None),
        ("%s" % LONG, None),
        ("{ greeting @%s }" % LONG, None),
        ("{ greeting ...%s }" % LONG, None),
    ],
)
def test_a_message_is_short_and_echoes_little_of_the_request(
    ask: Ask, query: str, variables: dict[str, object] | None
) -> None:
    response = ask(query, variables=variables)
    assert response.status_code == 400
    for error in response.json()["errors"]:
        assert len(error["message"]) <= 500
        assert "a" * 101 not in error["message"]
        assert "a " * 51 not in error["message"]
        assert "1 1 1" * 10 not in " ".join(error["message"].split())
        assert len(error.get("locations", [])) <= 5


def test_no_field_is_suggested_to_whoever_guesses(ask: Ask) -> None:
    for query in ("{ greetin }", "{ greeting(nam: 1) }", "mutation { ad }"):
        assert "did you mean" not in ask(query).text.lower()


def test_a_number_with_thousands_of_digits_is_the_request_s_fault(
    graphql_server: GraphQLServer, ask: Ask
) -> None:
    graphql_server.seen.reported.clear()
    for field in ("number", "real"):
        response = ask("{ %s(value: %s) }" % (field, "9" * 5_000))
        assert response.status_code == 400
        assert {e["extensions"]["code"] for e in response.json()["errors"]} == {"BAD_REQUEST"}
    assert graphql_server.seen.reported == []


def test_a_planned_subtree_is_sent_as_the_database_wrote_it(ask: Ask) -> None:
    assert ask("{ planned }").json() == {"data": {"planned": {"from": "the database"}}}


def test_headers_that_a_field_adds_are_sent(ask: Ask) -> None:
    response = ask('mutation { add(note: "x") }')
    assert response.headers.get_list("set-cookie") == ["added=x", "again=yes"]

"""Which media type an answer has, and which status under which."""

from __future__ import annotations

import httpx2
import pytest

from tests.protocol.conftest import GraphQLServer

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"

ACCEPTED = [
    (GRAPHQL, GRAPHQL),
    (JSON, JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    ("", JSON),
    (f"{GRAPHQL}, {JSON}", GRAPHQL),
    (f"{JSON}, {GRAPHQL}", GRAPHQL),
    (f"{GRAPHQL},{JSON};q=0.9", GRAPHQL),
    (f"{GRAPHQL};q=0.5, {JSON};q=0.9", JSON),
    (f"{GRAPHQL};q=0, */*", JSON),
    (f"{JSON};q=0, */*", GRAPHQL),
    (f"{JSON}, text/plain, */*", JSON),
    (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
    (f"text/html, {GRAPHQL};q=0.2, {JSON};q=0.1", GRAPHQL),
    (f"{GRAPHQL}; charset=utf-8", GRAPHQL),
    (f"{GRAPHQL};charset=latin-1, {JSON};q=0.1", JSON),
    ("APPLICATION/JSON", JSON),
    (f"{GRAPHQL};q=nonsense, {JSON};q=0.1", JSON),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPTED)
def test_the_answer_has_the_media_type_that_the_client_likes_best(
    client: httpx2.Client, accept: str, expected: str
) -> None:
    response = client.post("/graphql", json={"query": "{ greeting }"}, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{expected}; charset=utf-8"
    assert "accept" in response.headers["vary"].lower()


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", f"{JSON};q=0", "*/*;q=0", f"{JSON};q=nan", ",x,"]
)
def test_what_cannot_be_written_gets_406_and_nothing_runs(
    client: httpx2.Client, graphql_server: GraphQLServer, accept: str
) -> None:
    before = graphql_server.effects()
    response = client.post(
        "/graphql", json={"query": "mutation { add }"}, headers={"Accept": accept}
    )
    assert response.status_code == 406
    assert response.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert response.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert graphql_server.effects() == before


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nothing }"},
        {"query": "query ($v: Int!) { number(value: $v) }", "variables": {"v": "x"}},
        {"query": "{ greeting }", "operationName": "Other"},
    ],
)
def test_a_request_error_is_400_without_data_and_200_for_older_clients(
    client: httpx2.Client, body: dict[str, object]
) -> None:
    answers = [
        client.post("/graphql", json=body, headers={"Accept": accept}) for accept in (GRAPHQL, JSON)
    ]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert answers[0].json() == answers[1].json()
    assert list(answers[0].json()) == ["errors"]
    assert {e["extensions"]["code"] for e in answers[0].json()["errors"]} == {"BAD_REQUEST"}


@pytest.mark.parametrize(
    ("code", "under_graphql", "under_json"),
    [
        ("UNAUTHENTICATED", 401, 200),
        ("FORBIDDEN", 403, 200),
        ("RATE_LIMITED", 429, 429),
        ("CRASH", 500, 500),
    ],
)
def test_a_refusal_before_execution_has_the_status_of_its_code(
    client: httpx2.Client, code: str, under_graphql: int, under_json: int
) -> None:
    for accept, status in ((GRAPHQL, under_graphql), (JSON, under_json)):
        response = client.post(
            "/graphql",
            json={"query": "{ greeting }"},
            headers={"Accept": accept, "X-Test-Refuse": code},
        )
        assert response.status_code == status
        assert list(response.json()) == ["errors"]
        assert response.headers.get("retry-after") == ("3" if status == 429 else None)
        assert ("www-authenticate" in response.headers) == (status == 401)

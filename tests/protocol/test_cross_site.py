"""What another site can make a browser send with our cookie is refused."""

from __future__ import annotations

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from server.security_headers import SECURITY_HEADERS, SecurityHeaders
from tests.protocol.conftest import GraphQLServer
from tests.protocol.served import ALLOWED_ORIGIN

REFUSED = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "something-new"},
    {"Sec-Fetch-Site": "cross-site", "Origin": ALLOWED_ORIGIN},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://portal.example"},
    {"Origin": "https://portal.example:8443"},
    {"Origin": "https://portal.example.evil.example"},
    {"Origin": "https://evilportal.example"},
    {"Origin": "https://portal.example/"},
    {"Origin": f"{ALLOWED_ORIGIN} https://evil.example"},
]
ALLOWED = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": ALLOWED_ORIGIN},
    {},
]


@pytest.mark.parametrize("headers", REFUSED)
def test_a_cookie_sent_from_another_site_gets_403_and_has_no_effect(
    graphql_server: GraphQLServer, client: httpx2.Client, headers: dict[str, str]
) -> None:
    before = graphql_server.effects(), graphql_server.seen.contexts
    response = client.post(
        "/graphql",
        json={"query": graphql_server.mutation},
        headers={"Cookie": "session=1"} | headers,
    )
    assert response.status_code == 403
    assert response.json()["errors"][0]["extensions"] == {"code": "FORBIDDEN"}
    assert "access-control-allow-origin" not in response.headers
    assert (graphql_server.effects(), graphql_server.seen.contexts) == before


@pytest.mark.parametrize("name", ["Origin", "Sec-Fetch-Site"])
def test_a_header_that_stands_twice_is_not_believed(client: httpx2.Client, name: str) -> None:
    good = {"Origin": ALLOWED_ORIGIN, "Sec-Fetch-Site": "same-origin"}[name]
    response = client.post(
        "/graphql",
        json={"query": "{ greeting }"},
        headers=[("Cookie", "session=1"), (name, good), (name, "https://evil.example")],
    )
    assert response.status_code == 403


@pytest.mark.parametrize("headers", ALLOWED)
def test_a_cookie_sent_from_this_site_or_by_a_program_is_answered(
    graphql_server: GraphQLServer, client: httpx2.Client, headers: dict[str, str]
) -> None:
    response = client.post(
        "/graphql",
        json={"query": graphql_server.mutation},
        headers={"Cookie": "session=1"} | headers,
    )
    assert response.status_code == 200


@pytest.mark.parametrize("headers", REFUSED)
def test_without_a_cookie_the_origin_does_not_matter(
    client: httpx2.Client, headers: dict[str, str]
) -> None:
    response = client.post("/graphql", json={"query": "{ greeting }"}, headers=headers)
    assert response.status_code == 200


def test_a_get_with_a_cookie_says_where_it_comes_from_or_carries_a_header(
    client: httpx2.Client,
) -> None:
    for headers, status in (
        ({}, 403),
        ({"GraphQL-Preflight": "1"}, 200),
        ({"Apollo-Require-Preflight": "true"}, 200),
        ({"X-Requested-With": "fetch"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "GraphQL-Preflight": "1"}, 403),
        ({"Origin": "null", "GraphQL-Preflight": "1"}, 403),
    ):
        response = client.get(
            "/graphql",
            params={"query": "{ greeting }"},
            headers={"Cookie": "session=1"} | headers,
        )
        assert response.status_code == status, headers


@pytest.mark.parametrize(
    ("method", "body", "status"),
    [
        ("POST", b'{"query": "{ greeting }"}', 200),
        ("POST", b"{", 400),
        ("PUT", b"", 405),
        ("HEAD", b"", 405),
    ],
)
def test_every_answer_carries_the_security_headers(
    client: httpx2.Client, method: str, body: bytes, status: int
) -> None:
    response = client.request(
        method, "/graphql", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code == status
    for name, value in SECURITY_HEADERS.items():
        assert response.headers.get_list(name) == [value]


def test_the_middleware_adds_what_a_page_does_not_say_itself() -> None:
    def page(_request: object) -> PlainTextResponse:
        return PlainTextResponse("x", headers={"Content-Security-Policy": "default-src 'self'"})

    app = SecurityHeaders(Starlette(routes=[Route("/", page)]), https=True)
    headers = TestClient(app).get("/").headers
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["strict-transport-security"].startswith("max-age=63072000")
    plain = TestClient(SecurityHeaders(app, https=False))
    assert plain.get("/nowhere").headers.get_list("cache-control") == ["no-store"]

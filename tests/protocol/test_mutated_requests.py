"""Whatever is done to a valid request, the answer is JSON and never the server's failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.protocol.conftest import GraphQLServer

Post = Callable[..., tuple[HTTPResponse, bytes]]

VALID: dict[str, Any] = {
    "query": "query Q($name: String!, $v: Int!) { greeting(name: $name) number(value: $v) }",
    "operationName": "Q",
    "variables": {"name": "Zoë", "v": 5},
    "extensions": {"a": [1, 2.5, None, True]},
}
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters())
    | st.sampled_from(["{ greeting }", "Q", "\ud800", "\x00", "name", "__proto__"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FAST = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def assert_answered(response: HTTPResponse, text: bytes) -> None:
    assert response.status < 500
    answer = json.loads(text, parse_constant=lambda constant: 1 / 0)
    assert set(answer) <= {"data", "errors"}
    assert answer
    content_type = response.getheader("Content-Type")
    assert content_type
    assert content_type.endswith("json; charset=utf-8")


@FAST
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 2), st.integers(0, 255)),
        min_size=1,
        max_size=6,
    )
)
def test_a_request_with_changed_bytes_is_answered_in_json(
    graphql_server: GraphQLServer,
    connection: HTTPConnection,
    post: Post,
    edits: list[tuple[int, int, int]],
) -> None:
    body = bytearray(json.dumps(VALID, ensure_ascii=False).encode())
    for place, kind, byte in edits:
        at = place % len(body)
        # Replaced, inserted or removed.
        body[at : at + (kind != 1)] = b"" if kind == 2 else bytes([byte])
    reported = len(graphql_server.seen.reported)
    assert_answered(*post(bytes(body)))
    assert len(graphql_server.seen.reported) == reported
    assert connection.sock is not None


@FAST
@given(
    where=st.sampled_from(["", "query", "operationName", "variables", "extensions", "name", "v"]),
    value=VALUES,
)
def test_a_request_with_a_value_of_another_type_is_answered_in_json(
    graphql_server: GraphQLServer,
    connection: HTTPConnection,
    post: Post,
    where: str,
    value: Any,
) -> None:
    changed: Any = {**VALID, "variables": dict(VALID["variables"])}
    if where in {"name", "v"}:
        changed["variables"][where] = value
    elif where:
        changed[where] = value
    else:
        changed = value
    reported = len(graphql_server.seen.reported)
    assert_answered(*post(json.dumps(changed).encode()))
    assert len(graphql_server.seen.reported) == reported
    assert connection.sock is not None

"""Bodies that are not understood to the letter are refused, and nothing runs."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse

import pytest

from tests.protocol.conftest import GraphQLServer
from tests.protocol.served import MAX_BODY

Post = Callable[..., tuple[HTTPResponse, bytes]]

MUTATION = '"query": "mutation { add }"'

MALFORMED = {
    "nothing": b"",
    "no JSON": b"{",
    "a number": b"1",
    "a string": b'"x"',
    "null": b"null",
    "true": b"true",
    "a batch": b"[{%s}]" % MUTATION.encode(),
    "an empty batch": b"[]",
    "no query": b"{}",
    "query null": b'{"query": null}',
    "query 5": b'{"query": 5}',
    "query array": b'{"query": ["{ greeting }"]}',
    "query empty": b'{"query": ""}',
    "operationName 5": b'{%s, "operationName": 5}' % MUTATION.encode(),
    "operationName object": b'{%s, "operationName": {}}' % MUTATION.encode(),
    "variables array": b'{%s, "variables": []}' % MUTATION.encode(),
    "variables string": b'{%s, "variables": "{}"}' % MUTATION.encode(),
    "variables false": b'{%s, "variables": false}' % MUTATION.encode(),
    "variables zero": b'{%s, "variables": 0}' % MUTATION.encode(),
    "extensions string": b'{%s, "extensions": "x"}' % MUTATION.encode(),
    "extensions array": b'{%s, "extensions": []}' % MUTATION.encode(),
    "a name twice": b'{"query": "{ greeting }", %s}' % MUTATION.encode(),
    "a variable twice": b'{%s, "variables": {"a": 1, "a": 2}}' % MUTATION.encode(),
    "NaN": b'{%s, "variables": {"a": NaN}}' % MUTATION.encode(),
    "Infinity": b'{%s, "variables": {"a": -Infinity}}' % MUTATION.encode(),
    "a number beyond doubles": b'{%s, "variables": {"a": 1e999}}' % MUTATION.encode(),
    "5000 digits": b'{%s, "variables": {"a": %s}}' % (MUTATION.encode(), b"9" * 5000),
    "65 bits": b'{%s, "variables": {"a": 18446744073709551616}}' % MUTATION.encode(),
    "a lone surrogate": b'{%s, "variables": {"a": "\\ud800"}}' % MUTATION.encode(),
    "a byte order mark": b"\xef\xbb\xbf{%s}" % MUTATION.encode(),
    "not UTF-8": b'{%s, "variables": {"a": "\xff"}}' % MUTATION.encode(),
    "overlong UTF-8": b'{%s, "variables": {"a": "\xc0\x80"}}' % MUTATION.encode(),
    "UTF-16": b'{"query": "mutation { add }"}'.decode().encode("utf-16"),
    "a comment": b"{%s /* x */}" % MUTATION.encode(),
    "a trailing comma": b"{%s,}" % MUTATION.encode(),
    "two values": b"{%s}{%s}" % (MUTATION.encode(), MUTATION.encode()),
    "a raw control character": b'{%s, "variables": {"a": "\x01"}}' % MUTATION.encode(),
    "a raw NUL at the end": b"{%s}\x00" % MUTATION.encode(),
    "deep arrays": b'{%s, "variables": {"a": %s%s}}'
    % (MUTATION.encode(), b"[" * 40_000, b"]" * 40_000),
    "somewhat deep arrays": b'{%s, "variables": {"a": %s%s}}'
    % (MUTATION.encode(), b"[" * 500, b"]" * 500),
    "only brackets": b"[" * 90_000,
    "deep objects": b'{%s, "variables": %s1%s}'
    % (MUTATION.encode(), b'{"a":' * 10_000, b"}" * 10_000),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_gets_400_in_json_and_the_connection_stays(
    graphql_server: GraphQLServer, connection: HTTPConnection, post: Post, body: bytes
) -> None:
    before = graphql_server.effects(), len(graphql_server.seen.reported)
    response, text = post(body, {"Accept": "application/graphql-response+json"})
    assert response.status == 400
    told = json.loads(text)
    assert list(told) == ["errors"]
    assert {error["extensions"]["code"] for error in told["errors"]} == {"BAD_REQUEST"}
    assert (graphql_server.effects(), len(graphql_server.seen.reported)) == before
    response, text = post(b'{"query": "{ greeting }"}')
    assert response.status == 200
    assert connection.sock is not None


REFUSED_TYPES = [
    "text/plain",
    "text/plain; application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json5",
    "application/jsonx; charset=utf-8",
    "application/graphql",
    "application/graphql+json",
    "application/json; charset=iso-8859-1",
    "application/json; charset=utf-16",
    "application/json; charset=utf-8; charset=utf-7",
    "application/json, text/plain",
    "application/json; boundary=x",
    "*/*",
    "",
]


@pytest.mark.parametrize("content_type", REFUSED_TYPES)
def test_a_mutation_of_another_content_type_is_not_executed(
    graphql_server: GraphQLServer, post: Post, content_type: str
) -> None:
    before = graphql_server.effects()
    response, text = post(
        json.dumps({"query": graphql_server.mutation}).encode(), {"Content-Type": content_type}
    )
    assert response.status == 415
    assert json.loads(text)["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert graphql_server.effects() == before


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON; Charset=UTF-8", 'application/json;charset="utf-8"'],
)
def test_json_in_utf_8_is_taken_however_it_is_spelled(
    graphql_server: GraphQLServer, post: Post, content_type: str
) -> None:
    before = graphql_server.effects()
    response, _ = post(
        json.dumps({"query": graphql_server.mutation}).encode(), {"Content-Type": content_type}
    )
    assert response.status == 200
    assert graphql_server.effects() == before + 1


def test_a_second_content_type_header_is_refused(
    graphql_server: GraphQLServer, connection: HTTPConnection
) -> None:
    before = graphql_server.effects()
    body = json.dumps({"query": graphql_server.mutation}).encode()
    connection.putrequest("POST", "/graphql")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Type", "text/plain")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    assert connection.getresponse().status == 415
    assert graphql_server.effects() == before


def test_a_compressed_body_is_refused(graphql_server: GraphQLServer, post: Post) -> None:
    before = graphql_server.effects()
    body = gzip.compress(json.dumps({"query": graphql_server.mutation}).encode())
    response, text = post(body, {"Content-Encoding": "gzip"})
    assert response.status == 415
    assert json.loads(text)["errors"]
    assert graphql_server.effects() == before


def test_64_bit_integers_and_deep_but_reasonable_variables_are_taken(post: Post) -> None:
    variables = {"unused": 2**63 - 1, "nested": [[[[{"a": [{"b": -(2**63)}]}]]]]}
    response, text = post(json.dumps({"query": "{ greeting }", "variables": variables}).encode())
    assert (response.status, json.loads(text)) == (200, {"data": {"greeting": "Hello, you!"}})


def test_a_body_over_the_limit_gets_413_by_its_declared_length(
    graphql_server: GraphQLServer,
) -> None:
    with socket.create_connection(("127.0.0.1", graphql_server.port), timeout=10) as sent:
        sent.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000000000000\r\n\r\n{"
        )
        assert sent.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_over_the_limit_gets_413_and_is_not_read_to_its_end(
    graphql_server: GraphQLServer,
) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    begun = time.monotonic()
    sent_chunks = 0
    with socket.create_connection(("127.0.0.1", graphql_server.port), timeout=10) as sent:
        sent.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        with pytest.raises(ConnectionError):
            while sent_chunks < 1_000:
                sent.sendall(chunk)
                sent_chunks += 1
    assert sent_chunks < 1_000
    assert time.monotonic() - begun < 5


def test_a_body_somewhat_over_the_limit_is_told_413_in_json(post: Post) -> None:
    body = json.dumps({"query": "{ greeting }", "padding": "x" * MAX_BODY}).encode()
    response, text = post(body)
    assert response.status == 413
    assert json.loads(text)["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


def test_a_client_that_leaves_in_the_middle_of_its_body_disturbs_nobody(
    graphql_server: GraphQLServer, post: Post
) -> None:
    reported = len(graphql_server.seen.reported)
    with socket.create_connection(("127.0.0.1", graphql_server.port), timeout=10) as sent:
        sent.sendall(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b'Content-Length: 100\r\n\r\n{"query": "mutation'
        )
    response, _ = post(b'{"query": "{ greeting }"}')
    assert response.status == 200
    assert len(graphql_server.seen.reported) == reported

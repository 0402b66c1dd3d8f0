"""A real server with a GraphQL endpoint, and clients for it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn

from tests.javascript import installed
from tests.protocol.served import Seen, application

HERE = Path(__file__).parent


@dataclass(frozen=True)
class GraphQLServer:
    """An endpoint under test: its address, and what went on behind it."""

    url: str
    port: int
    mutation: str
    """A mutation that any caller may run, and whose effect `effects` counts."""
    effects: Callable[[], int]
    seen: Seen


@pytest.fixture(scope="session")
def graphql_server() -> Iterator[GraphQLServer]:
    """The endpoint, served by uvicorn on a free port of this machine."""
    seen = Seen()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(application(seen), log_level="error", lifespan="off", access_log=False)
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield GraphQLServer(
        f"http://127.0.0.1:{port}/graphql", port, "mutation { add }", lambda: seen.added, seen
    )
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture
def client(graphql_server: GraphQLServer) -> Iterator[httpx2.Client]:
    """A client of the server."""
    with httpx2.Client(base_url=f"http://127.0.0.1:{graphql_server.port}") as client:
        yield client


@pytest.fixture
def connection(graphql_server: GraphQLServer) -> Iterator[HTTPConnection]:
    """One kept connection to the server, which a test can ask whether it is still open."""
    connection = HTTPConnection("127.0.0.1", graphql_server.port, timeout=20)
    connection.connect()
    connection.auto_open = 0
    yield connection
    connection.close()


@pytest.fixture
def post(connection: HTTPConnection) -> Callable[..., tuple[HTTPResponse, bytes]]:
    """Send bytes as they are: `post(body, **headers)` gives the response and its body."""

    def send(body: bytes, headers: dict[str, str] | None = None) -> tuple[HTTPResponse, bytes]:
        given = {"Content-Type": "application/json"} | (headers or {})
        connection.request("POST", "/graphql", body, given)
        response = connection.getresponse()
        return response, response.read()

    return send


@pytest.fixture
def ask(client: httpx2.Client) -> Callable[..., Any]:
    """Send a document, with `accept` of graphql-response+json: `ask(query, **parameters)`."""

    def send(query: str, **parameters: Any) -> httpx2.Response:
        return client.post(
            "/graphql",
            json={"query": query, **parameters},
            headers={"Accept": "application/graphql-response+json"},
        )

    return send


@pytest.fixture(scope="session")
def audits_folder(request: pytest.FixtureRequest) -> Path:
    """A folder with `audits.mjs` and what it imports, installed as the lock file says."""
    return installed(request.config, HERE, "audits.mjs")

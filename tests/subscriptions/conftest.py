"""A deployment behind a real server, and clients that speak its protocols by hand."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
import websockets
from starlette.types import ASGIApp

from server.serving import SOCKETS
from tests.deployments import Deployed, Voice, running

RECEIVED = "subscription ($after: ID) { notificationReceived(after: $after) { id kind title } }"


@dataclass
class Frames:
    """A WebSocket, and the messages of its protocol."""

    raw: websockets.ClientConnection

    async def send(self, *messages: Any) -> None:
        for message in messages:
            await self.raw.send(message if isinstance(message, str) else json.dumps(message))

    async def receive(self, timeout: float = 5) -> Any:
        return json.loads(await asyncio.wait_for(self.raw.recv(), timeout))

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        payload = {"query": query, "variables": variables}
        await self.send({"id": id, "type": "subscribe", "payload": payload})

    async def ask(self, query: str, **variables: Any) -> Any:
        """The one result of an operation, while nothing else runs."""
        await self.subscribe("ask", query, **variables)
        answer = await self.receive()
        if answer["type"] == "next":
            assert await self.receive() == {"id": "ask", "type": "complete"}
        return answer["payload"]

    async def closed(self, timeout: float = 5) -> tuple[int, str]:
        """How the server closes it, with nothing but pings before."""
        with pytest.raises(websockets.ConnectionClosed) as end:
            told = await asyncio.wait_for(self.raw.recv(), timeout)
            raise AssertionError(f"still told: {told!r}")
        assert end.value.rcvd
        return end.value.rcvd.code, end.value.rcvd.reason

    async def is_silent(self, seconds: float) -> bool:
        try:
            await asyncio.wait_for(self.raw.recv(), seconds)
        except TimeoutError:
            return True
        return False


@dataclass
class Event:
    """One event of a stream."""

    name: str = "message"
    data: str = ""
    id: str | None = None

    @property
    def result(self) -> Any:
        return json.loads(self.data)


@dataclass
class Stream:
    """A stream of server-sent events, read as a browser reads one; comments are counted."""

    response: httpx2.Response
    comments: int = 0
    lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.response.aiter_lines()

    async def events(self) -> AsyncGenerator[Event]:
        event = Event()
        async for line in self.lines:
            name, _, value = line.partition(":")
            if not line:
                if event != Event():
                    yield event
                event = Event()
            elif not name:
                self.comments += 1
            elif name == "data":
                event.data += value.strip()
            elif name == "event":
                event.name = value.strip()
            elif name == "id":
                event.id = value.strip()

    async def next(self, timeout: float = 5) -> Event:
        return await asyncio.wait_for(anext(self.events()), timeout)


@dataclass
class Endpoint:
    """Where a server listens."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @asynccontextmanager
    async def connect(
        self, headers: dict[str, str] | None = None, **options: Any
    ) -> AsyncGenerator[Frames]:
        """A WebSocket that was accepted."""
        options = {"subprotocols": ["graphql-transport-ws"], "compression": None} | options
        async with websockets.connect(
            f"ws://127.0.0.1:{self.port}/graphql", additional_headers=headers, **options
        ) as raw:
            yield Frames(raw)

    @asynccontextmanager
    async def greeted(self, voice: Voice) -> AsyncGenerator[Frames]:
        """A WebSocket on which *voice* is known."""
        async with self.connect() as frames:
            payload = {"Authorization": f"Bearer {voice.token}"} if voice.token else None
            await frames.send({"type": "connection_init", "payload": payload})
            assert await frames.receive() == {"type": "connection_ack"}
            yield frames

    @asynccontextmanager
    async def stream(
        self, voice: Voice, query: str, headers: dict[str, str] | None = None, **variables: Any
    ) -> AsyncGenerator[Stream]:
        """The stream of an operation."""
        given = {"Accept": "text/event-stream", **(headers or {})}
        if voice.token:
            given["Authorization"] = f"Bearer {voice.token}"
        async with (
            httpx2.AsyncClient(base_url=self.address, timeout=30) as http,
            http.stream(
                "POST", "/graphql", json={"query": query, "variables": variables}, headers=given
            ) as response,
        ):
            yield Stream(response)


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncGenerator[Endpoint]:
    """*app* behind uvicorn as the product runs it, in this very event loop."""
    sock = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, lifespan="off", log_level="error", access_log=False, timeout_graceful_shutdown=2,
        **SOCKETS,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Endpoint(sock.getsockname()[1])
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def endpoint(deployed: Deployed) -> AsyncGenerator[Endpoint]:
    """The deployment's endpoint, over real sockets."""
    async with listening(deployed.app) as found:
        yield found


@pytest.fixture
async def plain(databases: Any, tmp_path: Path) -> AsyncGenerator[Deployed]:
    """A deployment on SQLite, for what no database has a part in."""
    url = await asyncio.to_thread(databases.create, "sqlite", migrated=True)
    async with running(url, tmp_path) as found:
        yield found
    await asyncio.to_thread(databases.drop, url)


@pytest.fixture
async def door(plain: Deployed) -> AsyncGenerator[Endpoint]:
    """The endpoint of *plain*."""
    async with listening(plain.app) as found:
        yield found

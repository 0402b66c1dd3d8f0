"""GraphQL over WebSocket: the protocol graphql-transport-ws, with many operations at once.

The protocol is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. What a client
does wrong ends the connection with one of its codes, and never with an exception's text.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

import orjson
from graphql import OperationType
from orjson import Fragment
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from auth.sessions import SessionEnded
from server.graphql_documents import DocumentRefusedError
from server.graphql_operations import Answer, Exchange, Operations
from server.graphql_request import parameters_of, strict_json
from server.graphql_response import HttpRefusal
from server.lasting import LOOK_EVERY, Crowded, Guest, Lasting, first_of
from server.visits import token_of
from tenancy.outage import Unavailable

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from server.graphql_request import Parameters

PROTOCOL: Final = "graphql-transport-ws"
MAX_MESSAGE: Final = 65_536
"""Bytes; the server itself is told the same, and refuses a longer one while it comes in."""
MAX_OPERATIONS: Final = 50
"""Of one connection at once."""
MAX_ID: Final = 100
_CLOSING: Final = 5.0


class Close(Exception):
    """Ends the connection with a code and a reason, of which 123 bytes can be told."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:123].decode(errors="ignore")


@dataclass(frozen=True)
class Patience:
    """Seconds for a client to introduce itself, and for a connection that nothing runs on."""

    init: float = 10.0
    idle: float = 300.0


class GraphQLSocket:
    """The ASGI application of the endpoint's WebSocket.

    `allowed_origins`: of the pages that may open one. A browser names its page, and is refused
    where that is another one's; whoever names none is no browser, and is not known by a cookie.
    """

    def __init__(
        self,
        operations: Operations,
        lasting: Lasting,
        *,
        allowed_origins: frozenset[str],
        patience: Patience | None = None,
    ) -> None:
        self._operations = operations
        self._lasting = lasting
        self._allowed_origins = allowed_origins
        self._patience = patience or Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        origins = socket.headers.getlist("origin")
        with suppress(WebSocketDisconnect):
            if origins and (len(origins) > 1 or origins[0] not in self._allowed_origins):
                # Before it is accepted: the handshake is answered with 403.
                await socket.receive()
                await socket.close()
            elif PROTOCOL not in socket.scope["subprotocols"]:
                await socket.accept()
                await socket.close(4406, f"The subprotocol is {PROTOCOL}")
            else:
                await socket.accept(PROTOCOL)
                await self._converse(socket)

    async def _converse(self, socket: WebSocket) -> None:
        try:
            seat = self._lasting.threshold(socket)
        except Crowded:
            await socket.close(4429, "Too many connections")
            return
        conversation = _Conversation(socket, self._operations, self._lasting, self._patience)
        conversation.welcomed.add_done_callback(lambda _: seat.leave())
        await conversation.run()


class _Conversation:
    """One connection, from its acceptance to its end."""

    def __init__(
        self, socket: WebSocket, operations: Operations, lasting: Lasting, patience: Patience
    ) -> None:
        self._socket = socket
        self._operations = operations
        self._lasting = lasting
        self._patience = patience
        self._connection: HTTPConnection = socket
        self._introduced = False
        self.welcomed: asyncio.Future[Guest] = asyncio.get_running_loop().create_future()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._ended = asyncio.Event()
        self._busy_at = asyncio.get_running_loop().time()

    async def run(self) -> None:
        end: Close | None = None
        try:
            await first_of(self._listen(), self._watch())
        except Close as close:
            end = close
        except WebSocketDisconnect:
            return
        except Exception as error:
            Exchange(self._operations).errors.of_exception(error)
            end = Close(1011, "Something went wrong on our side")
        finally:
            await self._stop()
        if end is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSING):
                    await self._socket.close(end.code, end.reason)

    async def _stop(self) -> None:
        """Ends what runs, so that nothing is told after the end."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        if not self.welcomed.cancel():
            self.welcomed.result().leave()

    async def _watch(self) -> None:
        """Ends what lasts too long: silence at the beginning, a session, idleness."""
        try:
            async with asyncio.timeout(self._patience.init):
                guest = await asyncio.shield(self.welcomed)
        except TimeoutError:
            raise Close(4408, "Connection initialisation timeout") from None
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._ended.wait()
                raise Close(4403, "The session has ended")
            try:
                await guest.look_again()
            except SessionEnded:
                raise Close(4403, "The session has ended") from None
            if self._running:
                self._busy_at = loop.time()
            elif loop.time() - self._busy_at >= self._patience.idle:
                raise Close(1000, "Idle")

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
            kind, payload = message.get("type"), message.get("payload")
            if kind not in ("connection_init", "ping", "pong", "subscribe", "complete"):
                raise Close(4400, "Unknown type of message")
            if payload is not None and not isinstance(payload, dict):
                raise Close(4400, "The payload must be an object")
            if kind == "connection_init":
                await self._introduce(payload or {})
            elif kind == "ping":
                await self._send({"type": "pong", **({"payload": payload} if payload else {})})
            elif kind == "subscribe":
                self._subscribe(_id_of(message), payload)
            elif kind == "complete":
                task = self._running.pop(_id_of(message), None)
                if task is not None:
                    task.cancel()

    async def _receive(self) -> dict[str, Any]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        text = message.get("text")
        if not isinstance(text, str):
            raise Close(4400, "Messages are text")
        octets = text.encode()
        if len(octets) > MAX_MESSAGE:
            raise Close(1009, "Message too big")
        try:
            found = strict_json(octets, "message")
        except HttpRefusal as refusal:
            raise Close(4400, str(refusal)) from None
        if not isinstance(found, dict):
            raise Close(4400, "The message must be an object")
        return cast("dict[str, Any]", found)

    async def _introduce(self, payload: dict[str, Any]) -> None:
        if self._introduced:
            raise Close(4429, "Too many initialisation requests")
        self._introduced = True
        self._connection = _known_by(self._socket, payload)
        try:
            guest = await self._lasting.welcome(self._connection)
        except Crowded:
            raise Close(4429, "Too many connections") from None
        except Unavailable:
            raise Close(1013, "Try again later") from None
        self.welcomed.set_result(guest)
        if token_of(self._connection) and guest.visit.caller is None:
            raise Close(4403, "Forbidden")
        await self._send({"type": "connection_ack"})

    def _subscribe(self, id: str, payload: dict[str, Any] | None) -> None:
        if not self.welcomed.done():
            raise Close(4401, "Unauthorized")
        if id in self._running:
            raise Close(4409, f"Subscriber for {id} already exists")
        if len(self._running) >= MAX_OPERATIONS:
            raise Close(4429, "Too many operations at once")
        try:
            parameters = parameters_of(payload or {})
        except HttpRefusal as refusal:
            raise Close(4400, str(refusal)) from None
        task = asyncio.create_task(self._operate(id, parameters))
        self._running[id] = task
        task.add_done_callback(lambda _: self._forget(id, task))

    def _forget(self, id: str, task: asyncio.Task[None]) -> None:
        self._busy_at = asyncio.get_running_loop().time()
        # The client may have ended it, and given the id to another one.
        if self._running.get(id) is task:
            del self._running[id]

    async def _operate(self, id: str, parameters: Parameters) -> None:
        exchange = Exchange(self._operations)
        try:
            operation = exchange.prepare(parameters)
            if operation.node.operation is OperationType.SUBSCRIPTION:
                async with aclosing(exchange.follow(operation, self._connection)) as answers:
                    async for answer in answers:
                        if not await self._tell(id, exchange, answer):
                            return
            elif not await self._tell(
                id, exchange, await exchange.answer(operation, self._connection)
            ):
                return
            await self._send({"id": id, "type": "complete"})
        except WebSocketDisconnect:
            return
        except SessionEnded:
            self._ended.set()
        except DocumentRefusedError as refusal:
            await self._refuse(id, exchange.errors.of_request(refusal.errors))
        except Exception as error:
            await self._refuse(id, exchange.errors.of_exception(error))

    async def _tell(self, id: str, exchange: Exchange, answer: Answer) -> bool:
        """Sends an answer; whether the operation goes on after it."""
        if answer.executed:
            result = Fragment(exchange.encode(answer))
            await self._send({"id": id, "type": "next", "payload": result})
        else:
            await self._refuse(id, answer.errors)
        return answer.executed

    async def _refuse(self, id: str, errors: Any) -> None:
        await self._send({"id": id, "type": "error", "payload": errors})

    async def _send(self, message: dict[str, Any]) -> None:
        try:
            await self._socket.send_text(orjson.dumps(message).decode())
        except WebSocketDisconnected:
            # Another operation has found out before.
            raise WebSocketDisconnect(1006) from None


def _id_of(message: dict[str, Any]) -> str:
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id.encode()) <= MAX_ID:
        raise Close(4400, f"The id must be a string of 1 to {MAX_ID} bytes")
    return id


def _known_by(socket: WebSocket, payload: dict[str, Any]) -> HTTPConnection:
    """The connection as a request would be that came with what *payload* holds.

    `Authorization: Bearer …`, or `token`. Without either the handshake's own header holds, or
    else the browser's cookie, if the browser told whose page it was that opened the socket.
    """
    given = {name.lower(): value for name, value in payload.items()}
    headers = list(socket.scope["headers"])
    if "token" in given:
        given["authorization"] = f"Bearer {given['token']}"
    told = given.get("authorization")
    if told is not None:
        if not isinstance(told, str) or not told.isascii() or "\n" in told:
            raise Close(4403, "Forbidden")
        headers = [pair for pair in headers if pair[0] not in (b"authorization", b"cookie")]
        headers.append((b"authorization", told.encode()))
    elif "origin" not in socket.headers:
        headers = [pair for pair in headers if pair[0] != b"cookie"]
    return HTTPConnection({**socket.scope, "headers": headers})

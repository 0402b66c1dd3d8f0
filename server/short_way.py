"""The short way of a GraphQL request that says nothing out of the ordinary.

Most requests are alike: a POST of plain JSON by a program that holds a token, for an operation
that was asked before. Here they pass neither routing nor other middleware, and what one statement
can read not even the executor. Whatever else a request may be, it takes the ordinary way, from
its first byte on; a test sends the same requests through both, and compares answers to the byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
from graphql import OperationType
from starlette.requests import Request

from server.access_log import log_request
from server.graphql_documents import DocumentRefusedError
from server.graphql_operations import Exchange, Operation
from server.graphql_request import parameters_of, strict_json
from server.graphql_response import HttpRefusal, MediaType, Outcome, answer, answer_of, negotiate
from server.graphql_stream import Streaming
from server.security_headers import SecurityHeaders, transport_headers

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from server.graphql_operations import Operations
    from server.known_hosts import Hosts

PATH: Final = "/graphql"
WHOLE: Final = "mandant.whole"
"""The extension of a server that can `send` an answer in one piece."""

Whole = Callable[[bytes, bytes], bool]
"""(header lines, body) to whether they were sent."""

_LARGEST: Final = 65_536
"""Bytes; a longer body takes the ordinary way, which counts them while they come in."""
_JSON: Final = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)
_MOST_ACCEPTED: Final = 100
_PARAMETERS: Final = frozenset({"query", "operationName", "variables", "extensions"})
_EXTENSIONS: Final = frozenset({"persistedQuery"})


@dataclass(frozen=True, slots=True)
class _Sender:
    """What the headers say of who sends, and what is wanted back."""

    token: str
    media_type: MediaType


class ShortWay:
    """ASGI middleware, the outermost: answers what it understands, and hands on the rest.

    `https` as for the security headers.
    """

    def __init__(self, app: ASGIApp, *, operations: Operations, hosts: Hosts, https: bool) -> None:
        self._app = app
        self._operations = operations
        self._hosts = hosts
        self._accepted: dict[bytes, MediaType] = {}
        self._https = https
        self._heads = {media_type: _head(media_type, https) for media_type in MediaType}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        sender = self._sender(scope)
        if sender is None:
            await self._app(scope, receive, send)
            return
        messages = [await receive()]
        while messages[-1].get("more_body", False):
            messages.append(await receive())
        body = b"".join([message.get("body", b"") for message in messages])
        answered = await self._answer(sender, body, scope)
        if answered is None:
            await self._app(scope, _again(messages, receive), send)
        elif isinstance(answered, bytes):
            await self._send(sender.media_type, answered, scope, send)
            log_request(scope, 200, began)
        else:
            await SecurityHeaders(answered, https=self._https)(scope, receive, send)
            log_request(scope, answered.status_code, began)

    async def _send(self, media_type: MediaType, body: bytes, scope: Scope, send: Send) -> None:
        headers, head = self._heads[media_type]
        whole: dict[str, Whole] | None = scope.get("extensions", {}).get(WHOLE)
        if whole is not None and whole["send"](head, body):
            return
        headers = [*headers, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _sender(self, scope: Scope) -> _Sender | None:
        """What the headers say; None where they say anything that has to be thought about."""
        found: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in found:
                return None
            found[name] = value
        # A cookie is sent along by browsers, whoever made them: the ordinary way asks by whom.
        if b"cookie" in found or b"content-encoding" in found or b"expect" in found:
            return None
        if found.get(b"content-type", b"").lower() not in _JSON:
            return None
        host = found.get(b"host")
        if not host or not self._hosts.holds(host, scope):
            return None
        scheme, _, token = found.get(b"authorization", b"").partition(b" ")
        length = found.get(b"content-length", b"")
        if scheme.lower() != b"bearer" or not token.isascii() or not length.isdigit():
            return None
        if len(length) > len(str(_LARGEST)) or int(length) > _LARGEST:
            return None
        media_type = self._media_type(found.get(b"accept", b""), scope)
        if media_type is None:
            return None
        return _Sender(token.decode().strip(), media_type)

    def _media_type(self, accept: bytes, scope: Scope) -> MediaType | None:
        media_type = self._accepted.get(accept)
        if media_type is None:
            request = Request(scope)
            if Streaming.wanted(request) is Streaming.ALL:
                return None
            try:
                media_type = negotiate(request)
            except HttpRefusal:
                return None
            if len(self._accepted) < _MOST_ACCEPTED:
                self._accepted[accept] = media_type
        return media_type

    async def _answer(self, sender: _Sender, body: bytes, scope: Scope) -> bytes | Response | None:
        """The response's body, or what went wrong; None where this is not the way."""
        operations = self._operations
        try:
            asked = strict_json(body, "body")
            if not isinstance(asked, dict) or not _PARAMETERS.issuperset(asked):
                return None
            parameters = parameters_of(asked)
            if not _EXTENSIONS.issuperset(parameters.extensions or ()):
                return None
            prepared = operations.documents.known(operations.texts.text(parameters))
            if prepared is None or operations.directly is None:
                return None
            operation = prepared.operation(parameters.operation_name)
            prepared.check(operation, parameters.variables)
        except (HttpRefusal, DocumentRefusedError):
            return None
        if operation.operation is OperationType.MUTATION:
            return await self._write(sender, Operation(prepared, operation, parameters), scope)
        try:
            data = await operations.directly(
                sender.token, prepared, operation, parameters.variables
            )
        except Exception as error:
            errors = Exchange(operations).errors.of_exception(error)
            return answer(sender.media_type, None, errors)
        return None if data is None else orjson.dumps({"data": data})

    async def _write(self, sender: _Sender, operation: Operation, scope: Scope) -> bytes | Response:
        """As `_answer`, for what the executor answers all the same."""
        exchange = Exchange(self._operations)
        try:
            found = await exchange.answer(operation, Request(scope))
            if found.data is None or found.errors or found.extensions or exchange.headers:
                return answer_of(sender.media_type, found, exchange.headers)
            return orjson.dumps({"data": found.data})
        except Exception as error:
            errors = exchange.errors.of_exception(error)
            return answer(sender.media_type, None, errors, headers=exchange.headers)


def _head(media_type: MediaType, https: bool) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """The headers that the ordinary way sends with data, but for the length; and as they are
    written."""
    response = answer(media_type, Outcome.EXECUTED, data={}, headers=[*transport_headers(https)])
    headers = [header for header in response.raw_headers if header[0] != b"content-length"]
    return headers, b"".join([b"%s: %s\r\n" % header for header in headers])


def _again(messages: Sequence[Message], receive: Receive) -> Receive:
    """What hands out *messages* once more, and then what comes after them."""
    waiting = iter(messages)

    async def received() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return received

"""GraphQL over server-sent events: the answers of one operation, one event each.

The "distinct connections mode" of the protocol of graphql-sse: a stream for each operation,
with the events `next` and `complete`. A stream that ends without `complete` was cut off, and may
be taken up again with the id of its last event.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncGenerator, Awaitable, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Final, Protocol

from graphql import OperationType
from starlette.datastructures import MutableHeaders

from auth.sessions import SessionEnded
from server.graphql_operations import Answer, Exchange
from server.graphql_response import EVENT_STREAM, HEADERS, accepted_ranges
from server.lasting import first_of

if TYPE_CHECKING:
    from graphql import OperationDefinitionNode
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from server.lasting import Guest

    class Write(Protocol):
        def __call__(self, chunk: bytes, *, more: bool = True) -> Awaitable[None]: ...


KEEP_ALIVE: Final = 12.0
"""Seconds between comments, which keep proxies from taking the connection for a dead one."""
_COMMENT: Final = b":\n\n"
_COMPLETE: Final = b"event: complete\ndata:\n\n"
_ENDED: Final = {
    "message": "The session has ended.",
    "extensions": {"code": "UNAUTHENTICATED"},
}


class Streaming(enum.Enum):
    """Which operations a client wants to be answered with a stream."""

    NONE = enum.auto()
    SUBSCRIPTIONS = enum.auto()
    ALL = enum.auto()

    @classmethod
    def wanted(cls, request: Request) -> Streaming:
        """By the `Accept` header: all where it likes the stream best, or else subscriptions.

        Only a client that names the stream's media type knows what to do with one.
        """
        ranges = accepted_ranges(request)
        stream = max((quality for name, quality in ranges if name == EVENT_STREAM), default=0.0)
        others = max((quality for name, quality in ranges if name != EVENT_STREAM), default=0.0)
        if stream == 0:
            return cls.NONE
        return cls.ALL if stream > others else cls.SUBSCRIPTIONS

    def covers(self, operation: OperationDefinitionNode) -> bool:
        """Whether this operation is to be answered with a stream."""
        subscribes = operation.operation is OperationType.SUBSCRIPTION
        return self is Streaming.ALL or (self is Streaming.SUBSCRIPTIONS and subscribes)


async def alone(answer: Answer) -> AsyncGenerator[Answer]:
    """The answers of an operation that has one."""
    yield answer


class EventStream:
    """The response with *answers*, and with *headers*; *guest* is who listens, if it may last."""

    def __init__(
        self,
        exchange: Exchange,
        answers: AsyncGenerator[Answer],
        *,
        headers: Iterable[tuple[str, str]] = (),
        guest: Guest | None = None,
    ) -> None:
        self._exchange = exchange
        self._answers = answers
        self._headers = headers
        self._guest = guest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = MutableHeaders(HEADERS)
        headers["Content-Type"] = f"{EVENT_STREAM}; charset=utf-8"
        # nginx holds back what it proxies, unless it is told not to.
        headers["X-Accel-Buffering"] = "no"
        for name, value in self._headers:
            headers.append(name, value)

        async def write(chunk: bytes, *, more: bool = True) -> None:
            await send({"type": "http.response.body", "body": chunk, "more_body": more})

        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers.raw})
            await write(_COMMENT)
            last = await first_of(
                self._follow(write), self._stay(), _hung_up(receive), _alive(write)
            )
            if last is not None:
                await write(last, more=False)
        finally:
            if self._guest is not None:
                self._guest.leave()

    async def _follow(self, write: Write) -> bytes:
        try:
            async with aclosing(self._answers) as answers:
                async for answer in answers:
                    await write(self._event(answer))
        except SessionEnded:
            return self._farewell()
        return _COMPLETE

    async def _stay(self) -> bytes:
        if self._guest is None:
            return await asyncio.Future[bytes]()
        try:
            await self._guest.stay()
        except SessionEnded:
            return self._farewell()
        # Cut off: whoever listens comes back, to another process or the next one.
        return b""

    def _farewell(self) -> bytes:
        return self._event(Answer(executed=False, errors=[_ENDED])) + _COMPLETE

    def _event(self, answer: Answer) -> bytes:
        number = f"id: {answer.event_id}\n".encode() if answer.event_id else b""
        # PostgreSQL writes lists of JSON over several lines; inside of texts there are none.
        result = self._exchange.encode(answer).replace(b"\n", b" ")
        return b"%sevent: next\ndata: %s\n\n" % (number, result)


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _alive(write: Write) -> None:
    while True:
        await asyncio.sleep(KEEP_ALIVE)
        await write(_COMMENT)

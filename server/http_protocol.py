"""HTTP/1.1 as uvicorn speaks it, with bounds on what a client may send before it is answered.

uvicorn keeps a header of any size in memory, waits for the rest of a request for ever, and
counts a connection that says nothing as a request under way.
"""

from __future__ import annotations

import math
from asyncio import TimerHandle, Transport
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from server.short_way import WHOLE

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

MAX_HEADER: Final = 65_536
"""Bytes: of a request's line and headers together, and of whatever else is no body."""

MIN_RATE: Final = 1_000
"""Bytes a second that a body has to come in with."""

MAX_REQUESTS: Final = 500
"""Requests under way in one process; more are answered 503."""

MAX_CONNECTIONS: Final = 800
"""Open connections of one process, which may usually have 1,024 files open. One more takes the
place of the one that has been waited for longest."""


class BoundedHttp(HttpToolsProtocol):
    """One connection.

    The headers have to be there `receive_seconds` after the connection or the first byte of
    the request; from then on each such span of time has to bring `MIN_RATE` of the body.
    Otherwise the answer is 408, and for too many headers 431; the connection is closed.
    """

    def __init__(self, *arguments: Any, receive_seconds: float, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._receive_seconds = receive_seconds
        self._deadline: TimerHandle | None = None
        self._receiving = False
        self._in_headers = False
        self._upgraded = False
        self._header = 0  # Bytes of the request's line and headers, as far as they are read.
        self._unread = 0  # Bytes of which the parser has made nothing yet.
        self._body = 0  # Bytes of the body in this span.

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MAX_CONNECTIONS:
            waited_for = [each for each in self.connections if isinstance(each, BoundedHttp)]
            min(waited_for, key=BoundedHttp._waits_until).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._unread += len(data)
        super().data_received(data)
        if self._unread > MAX_HEADER:
            self._refuse(431)
        elif self._upgraded or self.transport.is_closing() or not self._clients_turn():
            self._stop_waiting()
        elif self._deadline is None:
            self._wait()

    def handle_websocket_upgrade(self) -> None:
        self._upgraded = True
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stop_waiting()
        self._receiving = self._in_headers = True
        self._header = 0

    def on_url(self, url: bytes) -> None:
        self._header += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows the body would be taken for a header by whoever reads the same list.
        if self._in_headers:
            self._header += len(name) + len(value) + 4
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._header > MAX_HEADER:
            self._refuse(431)
            return
        self._in_headers = False
        self._unread = self._body = 0
        # uvicorn would count connections, of which one client can hold any number in silence.
        self.limit_concurrency = 0 if len(self.tasks) >= MAX_REQUESTS else None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._unread = 0
        self._body += len(body)
        if not self._in_headers:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._in_headers:
            self._unread = 0
            self._receiving = False
            super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.scope["extensions"] = {WHOLE: {"send": partial(_answer_whole, cycle)}}
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        # What was refused above is answered already.
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _clients_turn(self) -> bool:
        """Whether the rest of a request is to come, or a new one."""
        return self._receiving or self.cycle is None or self.cycle.response_complete

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(self._receive_seconds, self._look)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _waits_until(self) -> float:
        return math.inf if self._deadline is None else self._deadline.when()

    def _look(self) -> None:
        """A span of time is over: go on waiting only for a body that is coming."""
        self._deadline = None
        coming = self._receiving and not self._in_headers
        # While reading is paused it is us who are slow.
        if coming and (self.flow.read_paused or self._body >= MIN_RATE * self._receive_seconds):
            self._body = 0
            self._wait()
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Says why, unless that would stand in the middle of an answer, and closes."""
        self._stop_waiting()
        if self.cycle is None or self.cycle.response_complete:
            answering = False
        else:
            # In the headers, the cycle is that of the request before.
            answering = self._in_headers or self.cycle.response_started
        if self._receiving and not answering and not self.transport.is_closing():
            self.transport.write(
                STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n"
            )
        self.transport.close()


def _answer_whole(cycle: RequestResponseCycle, head: bytes, body: bytes) -> bool:
    """Sends a 200 with the header lines *head* and *body* in one piece; False where it cannot be.

    An answer by the two messages of ASGI is two packets, and each of its headers is looked at.
    """
    if cycle.flow.write_paused or cycle.response_started or not cycle.keep_alive:
        return False
    if not cycle.disconnected:
        cycle.response_started = cycle.response_complete = True
        lines = b"".join([b"%s: %s\r\n" % header for header in cycle.default_headers])
        length = b"content-length: %d\r\n\r\n" % len(body)
        cycle.transport.write(b"".join((STATUS_LINE[200], lines, head, length, body)))
        cycle.message_event.set()
        cycle.on_response()
    return True

"""One line of JSON for each request and each WebSocket.

Never with its query string, where links carry their tokens.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

import orjson
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.logs import write_line

log = structlog.get_logger()


def log_request(scope: Scope, status: int, began: float) -> None:
    """Writes the line of a request that *began* at that moment of `time.perf_counter`.

    In the form of every other line, but not by way of the logger: this one is written most.
    """
    line = orjson.dumps(
        {
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round((time.perf_counter() - began) * 1000, 1),
            "event": "request",
            "level": "info",
            "timestamp": datetime.now(UTC),
        },
        option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE,
    )
    write_line(line.decode())


class AccessLog:
    """ASGI middleware that logs method, path, status and milliseconds.

    What lasts is logged when it ends: a stream as a request, a WebSocket as `socket`, with the
    code that it was closed with.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            log_request(scope, status, began)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        status, code = 0, None

        async def hearing() -> Message:
            nonlocal code
            message = await receive()
            if message["type"] == "websocket.disconnect" and code is None:
                code = message.get("code")
            return message

        async def noting(message: Message) -> None:
            nonlocal status, code
            if message["type"] == "websocket.accept":
                status = 101
            elif message["type"] == "websocket.close":
                code = message.get("code")
            await send(message)

        try:
            await self._app(scope, hearing, noting)
        finally:
            log.info(
                "socket",
                path=scope["path"],
                # What is closed before it was accepted is answered with 403.
                status=status or 403,
                code=code,
                ms=round((time.perf_counter() - began) * 1000, 1),
            )

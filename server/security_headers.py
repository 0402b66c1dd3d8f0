"""The response headers that keep a browser from doing more with an answer than was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""For an answer that shows nothing and loads nothing. Sources: OWASP ASVS 5 3.4 and 14.3.2."""

STRICT_TRANSPORT: Final = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
"""Two years of nothing but TLS. Only sent where the public address is https (RFC 6797 7.2)."""


def transport_headers(https: bool) -> list[tuple[str, str]]:
    """What an answer says of the ways to get here; *https*: whether the public address is that."""
    return [STRICT_TRANSPORT] if https else []


class SecurityHeaders:
    """ASGI middleware: adds to every HTTP answer those security headers that it does not set.

    A page that needs scripts or may be cached says so with headers of its own, which stay.

    `https`: whether the public address is https, so that browsers may be told to keep to it.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = dict([*SECURITY_HEADERS.items(), *transport_headers(https)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)

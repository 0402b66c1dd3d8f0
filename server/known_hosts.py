"""Refuses requests for hosts that are not this deployment's.

No link is made of the Host header. But what stands between a browser and us may keep answers by
it, and a page of somebody else's name that leads to our address would be ours to the browser.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
ANY: Final = "*"
_HEALTH: Final = "/healthz"
_MOST_KNOWN: Final = 1000

_TWICE: Final = "A request names one host."
_MISSING: Final = "A request names the host that it is for."
_FOREIGN: Final = (
    "This deployment does not answer for that host. Where it should, the setting"
    " MANDANT_BASE_URL or MANDANT_ALLOWED_HOSTS names it."
)


class Hosts:
    """The hosts that are this deployment's.

    `*.example.com` among *allowed* stands for every host below a domain, and `*` for every host.
    Names of this machine are always ours, and so is the address that the connection came in at.
    """

    def __init__(self, allowed: Collection[str]) -> None:
        self._names = LOCAL.union(name for name in allowed if not name.startswith(ANY))
        self._domains = tuple(name[1:] for name in allowed if name.startswith("*."))
        self._any = ANY in allowed
        # Most requests name the same few.
        self._known: set[tuple[bytes, Any]] = set()

    def holds(self, authority: bytes, scope: Scope) -> bool:
        """Whether *authority* (`host:port`) is ours, for a request of this *scope*."""
        key = (authority, scope.get("server"))
        if key in self._known:
            return True
        host = host_of(authority.decode("latin-1"))
        ours = (
            self._any
            or host in self._names
            or host.endswith(self._domains)
            or _is_own_address(host, scope)
        )
        if ours and len(self._known) < _MOST_KNOWN:
            self._known.add(key)
        return ours


class KnownHosts:
    """ASGI middleware: 400 where a request names no host, two, or one that is not of *hosts*.

    Health checks are answered whatever they call us: they go by address, and those by HTTP/1.0
    name nothing.
    """

    def __init__(self, app: ASGIApp, *, hosts: Hosts) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            reason = self._reason(scope)
            if reason is not None:
                await _refuse(reason, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _reason(self, scope: Scope) -> str | None:
        """Why the request is refused; None where it is not."""
        named = [value for name, value in scope["headers"] if name == b"host"]
        if len(named) > 1:
            return _TWICE
        checked_health = scope["path"] == _HEALTH
        if not named or not named[0]:
            return None if checked_health and scope["http_version"] == "1.0" else _MISSING
        return None if checked_health or self._hosts.holds(named[0], scope) else _FOREIGN


def host_of(authority: str) -> str:
    """The host in `host:port`, in small letters, without the brackets of an IPv6 address."""
    host, colon, port = authority.rpartition(":")
    if not colon or not (port.isdecimal() or not port):
        host = authority
    return host.strip("[]").lower().removesuffix(".")


def _is_own_address(host: str, scope: Scope) -> bool:
    own: tuple[Any, ...] | None = scope.get("server")
    try:
        return own is not None and ip_address(host) == ip_address(own[0])
    except ValueError:
        return False


async def _refuse(reason: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        # Before it was accepted: the server makes 403 of it.
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    told = {"errors": [{"message": reason, "extensions": {"code": "BAD_REQUEST"}}]}
    response = Response(
        orjson.dumps(told), status_code=400, media_type="application/json; charset=utf-8"
    )
    await response(scope, receive, send)

"""Running the server: uvicorn over the application, in one process or several."""

from __future__ import annotations

import signal
import sys
from functools import partial
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from server.app import create_app
from server.graphql_socket import MAX_MESSAGE
from server.http_protocol import BoundedHttp
from server.logs import log_to_stderr
from server.settings import read_settings

SOCKETS: Final[dict[str, Any]] = {
    "ws": "websockets-sansio",
    "ws_max_size": MAX_MESSAGE,
    # Compressing keeps a window in memory for each connection.
    "ws_per_message_deflate": False,
    # Seconds.
    "ws_ping_interval": 20,
    "ws_ping_timeout": 20,
}
"""How uvicorn treats WebSockets."""


def application() -> Starlette:
    """The application as a process of the server runs it: each of them writes the logs itself."""
    log_to_stderr()
    return create_app()


def demo_application() -> Starlette:
    """The same for `mandant demo`, which shows its mails."""
    log_to_stderr()
    return create_app(demo=True)


def start_server(host: str, port: int, workers: int = 1, *, demo: bool = False) -> None:
    """Runs until it is told to stop; requests under way are finished first, within 20 seconds.

    A SIGTERM ends the process with 0, because everything was finished.
    """
    log_to_stderr()
    settings = read_settings()
    proxies = settings.trusted_proxies
    # uvicorn raises the signal again when it is done, which would end the process with -15.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        "server.serving:demo_application" if demo else "server.serving:application",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        http=partial(BoundedHttp, receive_seconds=settings.receive_seconds),  # type: ignore[arg-type]
        # The access log would hold the tokens of links; server/access_log.py writes our own.
        access_log=False,
        log_level="warning",
        server_header=False,
        # Anybody can send X-Forwarded-For: only a known proxy's is read.
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_keep_alive=5,
        timeout_graceful_shutdown=20,
        backlog=512,
        **SOCKETS,
    )

"""Running the server: uvicorn over the application, in one process or several."""

from __future__ import annotations

import gc
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


_GARBAGE = (10_000, 20, 100)
"""How many objects are made before garbage is looked for among the newest; and how many such looks
come before one among the older ones, and among all."""


def application() -> Starlette:
    """The application as a process of the server runs it: each of them writes the logs itself."""
    return _ready(demo=False)


def demo_application() -> Starlette:
    """The same for `mandant demo`, which shows its mails."""
    return _ready(demo=True)


def _ready(*, demo: bool) -> Starlette:
    log_to_stderr()
    app = create_app(demo=demo)
    # What is here by now stays. Looking through all of it for garbage stops every request for as
    # long as a hundred of them take.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    return app


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

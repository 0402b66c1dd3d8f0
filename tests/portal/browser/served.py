"""The portal as a browser meets it: a server of its own, and visitors with a window."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from playwright.async_api import Browser, BrowserContext

from server.app import create_app
from server.settings import Settings

PHONE, DESKTOP = 375, 1180
_HEIGHTS = {PHONE: 760, DESKTOP: 800}


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A socket that listens on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


@contextmanager
def serving(settings: Settings, heard: socket.socket) -> Iterator[None]:
    """Serves the application for *settings* on *heard*, in a thread of its own."""
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), log_level="error", access_log=False, ws="none")
    )
    thread = threading.Thread(target=server.run, args=([heard],))
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(20)


@asynccontextmanager
async def visitor(
    browser: Browser, address: str, *, language: str, width: int, **options: Any
) -> AsyncGenerator[BrowserContext]:
    """A fresh visitor: no cookies, a language and a window of their own."""
    context = await browser.new_context(
        base_url=address,
        locale={"de": "de-DE", "en": "en-GB"}[language],
        timezone_id="Europe/Berlin",
        viewport={"width": width, "height": _HEIGHTS[width]},
        has_touch=width == PHONE,
        **options,
    )
    context.set_default_timeout(20_000)
    try:
        yield context
    finally:
        await context.close()

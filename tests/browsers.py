"""A real browser for tests: Debian's Chromium, which may reach nothing but the server under test."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Watched:
    """A browser's window, and what it complained of and asked for."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    """What stands in the consoles: violations of a Content-Security-Policy among it."""
    requested: list[str] = field(default_factory=list)
    """Every address that was asked for."""


@asynccontextmanager
async def launched() -> AsyncGenerator[Browser]:
    """Chromium without a window."""
    path = shutil.which("chromium")
    assert path, "These tests need Debian's chromium: apt-get install chromium"
    # The machine may be busy with other tests.
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def chromium(**options: object) -> AsyncGenerator[Watched]:
    """An empty window of Chromium, watched; *options* as for playwright's `new_context`."""
    async with launched() as browser:
        context = await browser.new_context(**options)  # type: ignore[arg-type]
        watched = Watched(context, await context.new_page())
        context.on("console", lambda message: watched.complaints.append(message.text))
        context.on("weberror", lambda error: watched.complaints.append(str(error.error)))
        context.on("request", lambda request: watched.requested.append(request.url))
        yield watched

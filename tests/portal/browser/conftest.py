"""The portal in Chromium: a server for each test, and windows that watch what goes on in them."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request

from server.settings import Settings
from tests.browsers import launched
from tests.javascript import installed
from tests.portal.browser.served import listening, serving, visitor

HERE = Path(__file__).parent


@pytest.fixture(params=["sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    """What is behind the pages is tested on both databases elsewhere."""
    return request.param


@pytest.fixture
def heard() -> Iterator[socket.socket]:
    with listening() as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str, heard: socket.socket) -> Settings:
    return Settings(
        database_url=migrated_url,
        secret_keys=("k" * 40,),
        base_url=f"http://127.0.0.1:{heard.getsockname()[1]}",
        mail_url=f"file://{tmp_path / 'mail'}",
        mail_from="portal@portal.example",
        read_pool=2,
        write_pool=2,
        mail_worker=False,
    )


@pytest.fixture
def site(settings: Settings, heard: socket.socket) -> Iterator[str]:
    """The address of a running portal."""
    with serving(settings, heard):
        yield settings.base_url


@pytest.fixture(scope="session")
async def chrome(anyio_backend: str) -> AsyncIterator[Browser]:
    """One browser for all tests; each opens windows of its own."""
    async with launched() as found:
        yield found


@pytest.fixture
async def open_visit(
    chrome: Browser, site: str
) -> AsyncIterator[Callable[..., Awaitable[BrowserContext]]]:
    """A fresh visitor, whose windows complain of nothing and tell nobody else anything."""
    wrong: list[str] = []

    def watch(page: Page) -> None:
        def on_request(request: Request) -> None:
            if not request.url.startswith(site):
                wrong.append(f"another site is asked: {request.url}")
            if request.headers.get("referer"):
                wrong.append(f"a referrer is told: {request.headers['referer']}")

        page.on("request", on_request)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        # That an answer is a 404 or a 422 is told as an error, too.
        page.on(
            "console",
            lambda said: (
                wrong.append(said.text)
                if said.type in ("error", "warning") and "Failed to load" not in said.text
                else None
            ),
        )

    async with AsyncExitStack() as stack:

        async def open_one(*, language: str, width: int, **options: Any) -> BrowserContext:
            context = await stack.enter_async_context(
                visitor(chrome, site, language=language, width=width, **options)
            )
            context.on("page", watch)
            return context

        yield open_one
    assert wrong == []


@pytest.fixture
async def open_window(
    open_visit: Callable[..., Awaitable[BrowserContext]],
) -> Callable[..., Awaitable[Page]]:
    """A fresh visitor's only window."""

    async def open_one(**given: Any) -> Page:
        return await (await open_visit(**given)).new_page()

    return open_one


@pytest.fixture(scope="session")
def axe(request: pytest.FixtureRequest) -> str:
    """The script of axe-core, installed as the lock file says."""
    folder = installed(request.config, HERE)
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text()

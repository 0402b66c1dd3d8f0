"""A deployment with two firms, their mails, and browsers that open the portal's pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from server.app import create_app
from server.settings import Settings
from tests.portal.offices import PASSWORD, Office, offices

ADDRESS = "https://portal.example"


@dataclass
class Browser:
    """One browser: it keeps cookies, and sends the forms of the page that it shows."""

    http: httpx2.AsyncClient
    page: httpx2.Response | None = None

    async def open(self, address: str, **headers: str) -> httpx2.Response:
        """Follows a link, and where it leads on to."""
        self.page = await self.http.get(address, headers=headers, follow_redirects=True)
        return self.page

    async def send(
        self, action: str, *, headers: dict[str, str] | None = None, **typed: str
    ) -> httpx2.Response:
        """Fills in the form that goes to *action* (the end of its address) and sends it."""
        assert self.page is not None
        for form in re.findall(r"<form.*?</form>", self.page.text, re.DOTALL):
            address = unescape(re.findall(r'action="([^"]*)"', form)[0])
            if not address.endswith(action):
                continue
            fields = {
                re.findall(r'name="([^"]*)"', tag)[0]: unescape(
                    re.findall(r'value="([^"]*)"|$', tag)[0]
                )
                for tag in re.findall(r"<input[^>]*>", form)
            }
            self.page = await self.http.post(address, data=fields | typed, headers=headers or {})
            return self.page
        raise AssertionError(f"no form goes to {action}")

    async def sign_in(self, slug: str, email: str, password: str = PASSWORD) -> httpx2.Response:
        """Signs in at a firm's portal and shows what comes then."""
        await self.open(f"/p/{slug}")
        answer = await self.send("/sign-in", email=email, password=password)
        return await self.open(answer.headers["location"])


@pytest.fixture
def settings(tmp_path: Path, migrated_url: str) -> Settings:
    return Settings(
        database_url=migrated_url,
        secret_keys=("k" * 40,),
        base_url=ADDRESS,
        mail_url=f"file://{tmp_path / 'mail'}",
        mail_from="portal@portal.example",
        read_pool=2,
        write_pool=2,
        mail_worker=False,
    )


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Starlette]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def open_office(settings: Settings) -> AsyncIterator[Callable[..., Awaitable[Office]]]:
    """Sets a firm up: `await open_office("huber", name=…, locale=…)` gives its Office."""
    async with offices(settings) as open_one:
        yield open_one


@pytest.fixture
async def office(open_office: Callable[..., Awaitable[Office]]) -> Office:
    """A German firm at /p/huber."""
    return await open_office("huber")


@pytest.fixture
async def open_browser(app: Starlette) -> AsyncIterator[Callable[[], Awaitable[Browser]]]:
    """A fresh browser, as many as a test wants."""
    async with AsyncExitStack() as stack:

        async def open_one() -> Browser:
            http = httpx2.AsyncClient(
                transport=httpx2.ASGITransport(app, raise_app_exceptions=True), base_url=ADDRESS
            )
            return Browser(await stack.enter_async_context(http))

        yield open_one


@pytest.fixture
async def browser(open_browser: Callable[[], Awaitable[Browser]]) -> Browser:
    return await open_browser()


@pytest.fixture
def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(days=1)

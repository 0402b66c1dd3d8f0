"""A deployment with two firms, their mails, and browsers that open the portal's pages."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from auth.links import Links
from models import Account, AccountContact, Member
from models.enums import AccountType, Locale, Permission
from resolvers import accounts, firms
from resolvers.run import plainly, run
from resolvers.unit import Deployment, Unit
from server.app import create_app
from server.mailing import mail_worker
from server.operator import deployed
from server.settings import Settings
from tenancy.caller import Caller, Visit
from tenancy.session import firm_session

ADDRESS = "https://portal.example"
PASSWORD = "four quiet words by the sea"


@dataclass
class Browser:
    """One browser: it keeps cookies, and sends the forms of the page that it shows."""

    http: httpx2.AsyncClient
    page: httpx2.Response | None = None

    async def open(self, address: str, **headers: str) -> httpx2.Response:
        """Follows a link."""
        self.page = await self.http.get(address, headers=headers)
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


@dataclass
class Office:
    """One firm, from the inside: its owner works, its mails are read."""

    deployment: Deployment
    owner: Member
    slug: str
    mails: Callable[[], Awaitable[list[str]]]

    async def do(self, use_case: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        """Has the owner run a use case."""

        async def loaded(unit: Unit, result: Any) -> Any:
            del unit
            return result

        caller = Caller(
            firm_id=self.owner.firm_id,
            session_id=None,
            member_id=self.owner.id,
            permissions=frozenset(Permission),
            locale=Locale.EN,
        )
        return await run(
            self.deployment, Visit(caller=caller), use_case, answer=loaded, **arguments
        )

    async def add_account(self, email: str, *, name: str, invite: bool = True) -> Account:
        """An account for a person with this address, who may sign in."""
        return await self.do(
            accounts.create_account,
            type=AccountType.INDIVIDUAL,
            name=name,
            contacts=[
                {
                    "contact": {"new": {"first_name": "Ada", "last_name": "Weber", "email": email}},
                    "login": True,
                    "notify": True,
                    "sync": True,
                    "invite": {"message": None} if invite else None,
                }
            ],
        )

    async def link(self, page: str) -> str:
        """The newest link to *page* in the mails, without the host."""
        found = [
            address
            for text in await self.mails()
            for address in re.findall(rf"{ADDRESS}/p/{self.slug}/{page}\?token=\S+", text)
        ]
        parts = urlsplit(found[-1])
        return f"{parts.path}?{parts.query}"

    async def change(self, statement: Any) -> None:
        """Changes rows behind the program's back: what time does otherwise."""
        async with firm_session(self.deployment.database, self.owner.firm_id) as session:
            await session.execute(statement)
            await session.commit()

    async def close_account(self, account: Account) -> None:
        """Takes LOGIN away from everybody in the account."""
        await self.change(
            update(AccountContact)
            .where(AccountContact.account_id == account.id)
            .values(login=False)
        )


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
async def open_office(settings: Settings, tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """Sets a firm up: `await open_office("huber", name=…, locale=…)` gives its Office."""
    async with deployed(settings) as deployment:
        worker = mail_worker(settings, deployment.database, Links(settings.secret_keys))

        async def mails() -> list[str]:
            while await worker.deliver_due():
                pass
            files = sorted(
                (tmp_path / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns
            )
            messages = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
            parts = [message.get_body(("plain",)) for message in messages]
            return [part.get_content() for part in parts if part is not None]

        async def open_one(
            slug: str, *, name: str = "Huber & Partner", locale: Locale = Locale.DE
        ) -> Office:
            owner = await run(
                deployment,
                Visit(operator=True),
                firms.create_firm,
                answer=plainly,
                slug=slug,
                name=name,
                locale=locale,
                owner_email=f"owner@{slug}.example",
                owner_first_name="Olga",
                owner_last_name="Brandt",
                owner_password=PASSWORD,
            )
            return Office(deployment, owner, slug, mails)

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

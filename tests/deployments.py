"""Deployments for tests: the real application on a real database, and firms built in a line."""

from __future__ import annotations

import email
import email.policy
import itertools
import re
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette

from auth.passwords import Passwords
from models.enums import Locale, Permission, Role
from resolvers import firms, members
from resolvers.run import plainly, run
from resolvers.unit import Deployment
from server.app import create_app
from server.settings import Settings
from tenancy.caller import Visit
from tests.statements import statements_of

PASSWORD = "a garden full of lanterns"
BASE_URL = "http://portal.example.test"

SIGN_IN = """
mutation ($input: SignInInput!) {
  signIn(input: $input) { token session { id } viewer { __typename } errors { path code message } }
}
"""
CREATE_ACCOUNT = """
mutation ($input: CreateAccountInput!) {
  createAccount(input: $input) {
    account {
      id number name portalStatus
      contacts { nodes { id login portalStatus contact { id email } invitation { id status } } }
    }
    errors { path code message }
  }
}
"""
ACTIVATE = """
mutation ($input: ActivateInput!) {
  activate(input: $input) {
    token viewer { __typename ... on PortalUser { id email } } errors { path code message }
  }
}
"""

_numbers = itertools.count(1)


@dataclass
class Answer:
    """What came back for one GraphQL request."""

    status: int
    headers: httpx2.Headers
    body: dict[str, Any]

    @property
    def data(self) -> dict[str, Any]:
        """The data; fails where there are errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors beside the data."""
        return [error["extensions"]["code"] for error in self.body.get("errors", ())]

    def payload(self) -> dict[str, Any]:
        """The payload of the one mutation; fails where it has errors."""
        (payload,) = self.data.values()
        assert payload["errors"] == [], payload["errors"]
        return payload

    def refusals(self) -> list[tuple[str, str]]:
        """Of the one mutation: each error's path, joined by dots, and its code."""
        (payload,) = self.data.values()
        return [(".".join(error["path"]), error["code"]) for error in payload["errors"]]


@dataclass
class Voice:
    """Somebody who sends requests: with a token, or signed out."""

    deployed: Deployed
    token: str | None = None

    async def ask(self, document: str, /, **variables: Any) -> Answer:
        """Sends one GraphQL request over HTTP."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        response = await self.deployed.http.post(
            "/graphql", json={"query": document, "variables": variables}, headers=headers
        )
        return Answer(response.status_code, response.headers, response.json())


@dataclass
class Letter:
    """A mail that was sent."""

    to: str
    subject: str
    text: str
    html: str

    @property
    def token(self) -> str:
        """The token in its link."""
        found = re.search(r"\?token=([\w.-]+)", self.text)
        assert found, self.text
        return found[1]


@dataclass
class Firm:
    """A firm with its owner, and whoever else a test needs."""

    deployed: Deployed
    slug: str
    owner: Voice
    owner_email: str
    locale: Locale

    async def account(self, **given: Any) -> dict[str, Any]:
        """An account; by default an individual's with one contact who has an address."""
        number = next(_numbers)
        contact = {"firstName": "Kim", "lastName": f"Case{number}", "email": f"kim{number}@c.test"}
        entry = {"contact": {"new": contact}, "login": given.pop("login", False)}
        if given.pop("invited", False):
            entry |= {"login": True, "invite": {}}
        given = {"type": "INDIVIDUAL", "contacts": [entry], **given}
        return (await self.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]

    async def member(
        self,
        *permissions: Permission,
        role: Role = Role.EMPLOYEE,
        locale: Locale | None = None,
        limited: bool = False,
    ) -> Voice:
        """A member who is signed in; one who is *limited* does not see every account."""
        granted = {*permissions, *(() if limited else (Permission.VIEW_ALL_ACCOUNTS,))}
        address = f"member{next(_numbers)}@{self.slug}.test"
        await self.deployed.as_operator(
            members.create_member,
            firm=self.slug,
            email=address,
            first_name="Alex",
            last_name="Desk",
            role=role,
            password=PASSWORD,
            locale=locale or self.locale,
            permissions=frozenset(granted) if role is Role.EMPLOYEE else None,
        )
        return await self.sign_in(address)

    async def sign_in(self, address: str, password: str = PASSWORD) -> Voice:
        """A fresh session for somebody who has a password."""
        given = {"firm": self.slug, "email": address, "password": password}
        answer = await self.deployed.nobody.ask(SIGN_IN, input=given)
        return Voice(self.deployed, answer.payload()["token"])

    async def client(self, account: dict[str, Any]) -> Voice:
        """The client of an account that was made with `invited=True`: activates by the mail."""
        address = account["contacts"]["nodes"][0]["contact"]["email"]
        letter = (await self.deployed.mails_to(address))[-1]
        answer = await self.deployed.nobody.ask(
            ACTIVATE, input={"token": letter.token, "password": PASSWORD}
        )
        return Voice(self.deployed, answer.payload()["token"])


@dataclass
class Deployed:
    """A running deployment: the application with its database, and a folder for its mails."""

    app: Starlette
    http: httpx2.AsyncClient
    settings: Settings
    mail_folder: Path
    nobody: Voice = field(init=False)

    def __post_init__(self) -> None:
        self.nobody = Voice(self)

    @property
    def deployment(self) -> Deployment:
        return self.app.state.deployment

    async def firm(self, locale: Locale = Locale.EN, *, slug: str | None = None) -> Firm:
        """A fresh firm, whose owner is signed in."""
        slug = slug or f"firm{next(_numbers)}"
        address = f"owner@{slug}.test"
        await self.as_operator(
            firms.create_firm,
            slug=slug,
            name=f"Firm {slug}",
            locale=locale,
            owner_email=address,
            owner_first_name="Olivia",
            owner_last_name="Boss",
            owner_password=PASSWORD,
        )
        firm = Firm(self, slug, self.nobody, address, locale)
        firm.owner = await firm.sign_in(address)
        return firm

    async def as_operator(self, use_case: Any, **given: Any) -> Any:
        """Runs a use case as the command line does."""
        return await run(self.deployment, Visit(operator=True), use_case, answer=plainly, **given)

    def statements(self) -> AbstractContextManager[list[str]]:
        """The statements that are run meanwhile by what writes, without what opens it."""
        return statements_of(self.deployment.database)

    async def deliver(self) -> None:
        """Sends everything that is due."""
        while await self.app.state.mail_worker.deliver_due():
            pass

    async def mails(self) -> list[Letter]:
        """Every mail that was sent so far, the oldest first."""
        await self.deliver()
        return [_letter(path) for path in sorted(self.mail_folder.glob("*.eml"))]

    async def mails_to(self, address: str) -> list[Letter]:
        """Every mail that was sent to this address, the oldest first."""
        return [letter for letter in await self.mails() if letter.to == address]


def _letter(path: Path) -> Letter:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text and html
    # As a reader sees it: a line that ends with a space goes on (RFC 3676).
    flowing = text.get_content().replace(" \n", " ")
    return Letter(message["To"], message["Subject"], flowing, html.get_content())


@asynccontextmanager
async def running(
    url: str,
    folder: Path,
    *,
    demo: bool = False,
    passwords: Passwords | None = None,
    **settings: Any,
) -> AsyncGenerator[Deployed]:
    """A deployment on the migrated database at *url*, with its mails in *folder*/mail."""
    mail_folder = folder / "mail"
    given: dict[str, Any] = {
        "database_url": url,
        "secret_keys": ("a key for tests that is long enough",),
        "base_url": BASE_URL,
        "mail_url": f"file://{mail_folder}",
        "mail_from": "portal@example.test",
        "read_pool": 4,
        "write_pool": 4,
        # Tests send what is due when they want to look at it.
        "mail_worker": False,
        **settings,
    }
    made = Settings(**given)
    app = create_app(made, demo=demo, passwords=passwords)
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app, client=("203.0.113.7", 4711))
        async with httpx2.AsyncClient(transport=transport, base_url=BASE_URL) as http:
            yield Deployed(app, http, made, mail_folder)

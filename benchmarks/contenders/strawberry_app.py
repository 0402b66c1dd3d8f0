"""A backend as one writes it with Strawberry's documentation beside one: SQLAlchemy, DataLoader.

The firm and the person come from the session's token; every statement has the firm's condition,
by hand. A loader opens a session of its own, because the loaders of one request run at once.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import strawberry
from sqlalchemy import and_, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader

import models
from auth.sessions import firm_of, hash_token
from models.enums import AccountStatus, AccountType, InvitationStatus
from models.folding import like, words

engine = create_async_engine(os.environ["BENCH_DATABASE_URL"], pool_size=10, max_overflow=0)
new_session = async_sessionmaker(engine, expire_on_commit=False)


def loader(entity: type[Any], key: Any, firm_id: str, *, many: bool = False) -> DataLoader:
    """Loads rows of *entity* by the column *key*: one for each key, or with *many* a list."""

    async def load(keys: list[str]) -> Sequence[Any]:
        async with new_session() as session:
            rows = await session.scalars(
                select(entity).where(entity.firm_id == firm_id, key.in_(keys)).order_by(entity.id)
            )
            found: dict[str, list[Any]] = defaultdict(list)
            for row in rows:
                found[getattr(row, key.key)].append(row)
        return [found[each] if many else next(iter(found[each]), None) for each in keys]

    return DataLoader(load_fn=load)


def tag_loader(firm_id: str) -> DataLoader:
    """Loads the tags of accounts, through the table between them."""

    async def load(keys: list[str]) -> Sequence[Any]:
        async with new_session() as session:
            rows = await session.execute(
                select(models.AccountTag.account_id, models.Tag)
                .join(
                    models.Tag,
                    and_(
                        models.Tag.firm_id == models.AccountTag.firm_id,
                        models.Tag.id == models.AccountTag.tag_id,
                    ),
                )
                .where(models.AccountTag.firm_id == firm_id, models.AccountTag.account_id.in_(keys))
                .order_by(models.Tag.name_key)
            )
            found: dict[str, list[Any]] = defaultdict(list)
            for account_id, tag in rows:
                found[account_id].append(tag)
        return [found[each] for each in keys]

    return DataLoader(load_fn=load)


@dataclass
class Context:
    """Who asks, and the loaders of this one request."""

    firm_id: str
    portal_user_id: str | None
    accounts: DataLoader = field(init=False)
    contacts: DataLoader = field(init=False)
    entries_of_account: DataLoader = field(init=False)
    entries_of_contact: DataLoader = field(init=False)
    tags: DataLoader = field(init=False)

    def __post_init__(self) -> None:
        entry, firm_id = models.AccountContact, self.firm_id
        self.accounts = loader(models.Account, models.Account.id, firm_id)
        self.contacts = loader(models.Contact, models.Contact.id, firm_id)
        self.entries_of_account = loader(entry, entry.account_id, firm_id, many=True)
        self.entries_of_contact = loader(entry, entry.contact_id, firm_id, many=True)
        self.tags = tag_loader(firm_id)


Info = strawberry.Info[Context, None]

strawberry.enum(AccountType)


@strawberry.type
class Tag:
    name: str
    color: str


@strawberry.type
class Account:
    id: strawberry.ID
    number: str
    name: str
    type: AccountType

    @classmethod
    def of(cls, row: models.Account) -> Account:
        return cls(id=strawberry.ID(row.id), number=row.number, name=row.name, type=row.type)

    @strawberry.field
    async def contacts(self, info: Info) -> list[AccountContact]:
        rows = await info.context.entries_of_account.load(self.id)
        return [AccountContact.of(row) for row in rows]

    @strawberry.field
    async def tags(self, info: Info) -> list[Tag]:
        rows = await info.context.tags.load(self.id)
        return [Tag(name=row.name, color=row.color) for row in rows]


@strawberry.type
class Contact:
    id: strawberry.ID
    name: str
    email: str | None

    @classmethod
    def of(cls, row: models.Contact) -> Contact:
        return cls(id=strawberry.ID(row.id), name=row.name, email=row.email)

    @strawberry.field
    async def accounts(self, info: Info) -> list[AccountContact]:
        rows = await info.context.entries_of_contact.load(self.id)
        return [AccountContact.of(row) for row in rows]


@strawberry.type
class AccountContact:
    login: bool
    account_id: strawberry.Private[str]
    contact_id: strawberry.Private[str]

    @classmethod
    def of(cls, row: models.AccountContact) -> AccountContact:
        return cls(login=row.login, account_id=row.account_id, contact_id=row.contact_id)

    @strawberry.field
    async def account(self, info: Info) -> Account:
        return Account.of(await info.context.accounts.load(self.account_id))

    @strawberry.field
    async def contact(self, info: Info) -> Contact:
        return Contact.of(await info.context.contacts.load(self.contact_id))


@strawberry.type
class PendingAccounts:
    total_count: int
    nodes: list[Account]


@strawberry.type
class PortalUser:
    email: str
    first_name: str | None
    email_key: strawberry.Private[str]

    @strawberry.field
    async def accounts(self, info: Info) -> list[Account]:
        entry, contact = models.AccountContact, models.Contact
        opened = (
            select(entry.account_id)
            .join(contact, and_(contact.firm_id == entry.firm_id, contact.id == entry.contact_id))
            .where(
                contact.firm_id == info.context.firm_id,
                contact.email_key == self.email_key,
                entry.login.is_(True),
            )
        )
        return await listed(info, models.Account.id.in_(opened))


async def listed(info: Info, *conditions: Any, first: int | None = None) -> list[Account]:
    """Active accounts of the firm, by name."""
    account = models.Account
    async with new_session() as session:
        rows = await session.scalars(
            select(account)
            .where(
                account.firm_id == info.context.firm_id,
                account.status == AccountStatus.ACTIVE,
                *conditions,
            )
            .order_by(account.name_key, account.id)
            .limit(first)
        )
        return [Account.of(row) for row in rows]


def pending(firm_id: str) -> tuple[Any, Any]:
    """The conditions that an account waits to be activated."""
    account, entry, contact = models.Account, models.AccountContact, models.Contact
    invitation, user = models.Invitation, models.PortalUser
    invited = (
        select(entry.account_id)
        .join(
            invitation,
            and_(invitation.firm_id == entry.firm_id, invitation.account_contact_id == entry.id),
        )
        .where(
            invitation.firm_id == firm_id,
            invitation.state == InvitationStatus.PENDING,
            entry.login.is_(True),
        )
    )
    activated = exists().where(
        entry.firm_id == firm_id,
        entry.account_id == account.id,
        entry.login.is_(True),
        contact.firm_id == firm_id,
        contact.id == entry.contact_id,
        user.firm_id == firm_id,
        user.email_key == contact.email_key,
        user.password_hash.is_not(None),
    )
    return account.id.in_(invited), ~activated


def containing(word: str, firm_id: str) -> Any:
    """The condition that a word stands in an account, or in one of its contacts."""
    account, entry, contact = models.Account, models.AccountContact, models.Contact
    pattern = like(word)
    in_contact = exists().where(
        entry.firm_id == firm_id,
        entry.account_id == account.id,
        contact.firm_id == firm_id,
        contact.id == entry.contact_id,
        contact.search_text.like(pattern, escape="\\"),
    )
    return or_(account.search_text.like(pattern, escape="\\"), in_contact)


@strawberry.type
class Query:
    @strawberry.field
    async def accounts(self, info: Info, first: int, after: str | None = None) -> list[Account]:
        account = models.Account
        conditions = []
        if after is not None:
            name_key, id = after.split("\x1f")
            conditions.append(tuple_(account.name_key, account.id) > (name_key, id))
        return await listed(info, *conditions, first=first)

    @strawberry.field
    async def account(self, info: Info, id: strawberry.ID) -> Account | None:
        row = await info.context.accounts.load(id)
        return Account.of(row) if row else None

    @strawberry.field
    async def contact(self, info: Info, id: strawberry.ID) -> Contact | None:
        row = await info.context.contacts.load(id)
        return Contact.of(row) if row else None

    @strawberry.field
    async def pending_accounts(self, info: Info, first: int) -> PendingAccounts:
        account, firm_id = models.Account, info.context.firm_id
        conditions = pending(firm_id)
        async with new_session() as session:
            count = await session.scalar(
                select(func.count())
                .select_from(account)
                .where(
                    account.firm_id == firm_id,
                    account.status == AccountStatus.ACTIVE,
                    *conditions,
                )
            )
        nodes = await listed(info, *conditions, first=first)
        return PendingAccounts(total_count=count or 0, nodes=nodes)

    @strawberry.field
    async def search_accounts(self, info: Info, search: str, first: int) -> list[Account]:
        firm_id = info.context.firm_id
        found = [containing(word, firm_id) for word, *_ in words(search)]
        return await listed(info, *found, first=first)

    @strawberry.field
    async def viewer(self, info: Info) -> PortalUser | None:
        user = models.PortalUser
        async with new_session() as session:
            row = await session.scalar(
                select(user).where(
                    user.firm_id == info.context.firm_id, user.id == info.context.portal_user_id
                )
            )
        if row is None:
            return None
        return PortalUser(email=row.email, first_name=row.first_name, email_key=row.email_key)


class View(GraphQL[Context, None]):
    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        session_row = models.Session
        async with new_session() as session:
            row = await session.scalar(
                select(session_row).where(
                    session_row.firm_id == firm_of(token),
                    session_row.token_hash == hash_token(token),
                    session_row.expires_at > datetime.now(UTC),
                )
            )
        if row is None:
            raise PermissionError("nobody is signed in")
        return Context(row.firm_id, row.portal_user_id)


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncGenerator[None]:
    yield
    await engine.dispose()


application = Starlette(
    routes=[Route("/graphql", View(strawberry.Schema(query=Query), graphql_ide=None))],
    lifespan=lifespan,
)

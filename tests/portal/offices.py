"""A firm from the inside, and browsers that open its pages."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import update

from auth.links import Links
from mail.worker import Worker
from models import Account, AccountContact, Folder, Member
from models.enums import AccountType, FolderAccess, Locale, Permission
from models.ids import new_id
from resolvers import accounts, firms
from resolvers.run import plainly, run
from resolvers.unit import Deployment, Unit
from server.mailing import mail_worker
from server.operator import deployed
from server.settings import Settings
from tenancy.caller import Caller, Visit
from tenancy.recording import BY_HAND
from tenancy.session import firm_session

PASSWORD = "four quiet words by the sea"


@dataclass
class Office:
    """One firm, from the inside: its owner works, its mails are read."""

    deployment: Deployment
    owner: Member
    slug: str
    worker: Worker
    mail_folder: Path

    async def mails(self) -> list[str]:
        """The texts of all mails that the deployment has sent, the oldest first."""
        while await self.worker.deliver_due():
            pass
        files = sorted(self.mail_folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        messages = [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]
        parts = [message.get_body(("plain",)) for message in messages]
        return [part.get_content() for part in parts if part is not None]

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

    async def as_operator(self, use_case: Callable[..., Awaitable[Any]], **arguments: Any) -> Any:
        """Runs a use case as the command line does."""
        visit = Visit(operator=True)
        return await run(self.deployment, visit, use_case, answer=plainly, **arguments)

    async def add_account(
        self,
        email: str,
        *,
        name: str,
        invite: bool = True,
        type: AccountType = AccountType.INDIVIDUAL,
        locale: Locale | None = None,
        **more: Any,
    ) -> Account:
        """An account for a person with this address, who may sign in."""
        made = await self.do(
            accounts.create_account,
            type=type,
            name=name,
            **more,
            contacts=[
                {
                    "contact": {
                        "new": {
                            "first_name": "Ada",
                            "last_name": "Weber",
                            "email": email,
                            "locale": locale,
                        }
                    },
                    "login": True,
                    "notify": True,
                    "sync": True,
                    "invite": {"message": None} if invite else None,
                }
            ],
        )
        return made.account

    async def add_folder(self, account: Account, name: str, access: FolderAccess) -> None:
        """A folder of the account's, as a template would make it."""
        async with firm_session(self.deployment.database, self.owner.firm_id) as session:
            session.add(
                Folder(
                    id=new_id(Folder.id_prefix),
                    account_id=account.id,
                    name=name,
                    path=name,
                    path_key=name.lower(),
                    access=access,
                )
            )
            await session.commit()

    async def link(self, page: str) -> str:
        """The newest link to *page* in the mails, without the host."""
        start = f"{self.deployment.base_url}/p/{self.slug}/{page}"
        found = [
            address
            for text in await self.mails()
            for address in re.findall(rf"{re.escape(start)}\?token=\S+", text)
        ]
        parts = urlsplit(found[-1])
        return f"{parts.path}?{parts.query}"

    async def change(self, statement: Any) -> None:
        """Changes rows behind the program's back: what time does otherwise."""
        async with firm_session(self.deployment.database, self.owner.firm_id) as session:
            await session.execute(statement, execution_options=BY_HAND)
            await session.commit()

    async def close_account(self, account: Account) -> None:
        """Takes LOGIN away from everybody in the account."""
        await self.change(
            update(AccountContact)
            .where(AccountContact.account_id == account.id)
            .values(login=False)
        )


@asynccontextmanager
async def offices(settings: Settings) -> AsyncGenerator[Callable[..., Awaitable[Office]]]:
    """Sets firms up: `await open_office("huber", name=…, locale=…)` gives an Office."""
    async with deployed(settings) as deployment:
        worker = mail_worker(settings, deployment.database, Links(settings.secret_keys))

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
            folder = Path(unquote(urlsplit(settings.mail_url).path))
            return Office(deployment, owner, slug, worker, folder)

        yield open_one

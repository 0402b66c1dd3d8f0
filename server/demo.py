"""`mandant demo`: two firms with clients, made by the same use cases that everybody calls."""

from __future__ import annotations

import itertools
import json
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from auth.links import Link, Purpose
from auth.sessions import find_caller
from migrations.upgrade import upgrade
from models import Invitation
from models.enums import AccountType, CustomFieldTarget, Role
from resolvers import (
    accounts,
    activation,
    assignees,
    contacts,
    custom_fields,
    firms,
    folder_templates,
    members,
    notices,
    sessions,
    tags,
)
from resolvers.run import plainly, run
from resolvers.unit import Deployment
from server.demo_words import (
    COMPANIES,
    CUSTOM_FIELDS,
    FIRMS,
    FIRST_NAMES,
    LAST_NAMES,
    NOTICE,
    TAGS,
    TEMPLATES,
    TRAINEE,
    DemoField,
    DemoFirm,
)
from server.mails import mails_page
from server.operator import deployed
from server.settings import VAR, BadSetting, Settings
from tenancy.caller import Visit
from tenancy.session import firm_session

_PORTAL, _API = "{portal}", "{api}"
"""Where addresses are filled in when the sign-ins are told."""

ACCOUNTS_PER_FIRM = 100
INVITED, ACTIVATED = 24, 8


async def prepare(settings: Settings, *, echo: Callable[..., None], address: str) -> None:
    """Makes the data where there is none yet, and tells how to use it.

    What was told is kept in ./var/demo.txt, so that starting again tells the same; the server's
    *address* is filled in each time, because it may be another one. Raises BadSetting where the
    data is there and the file with its sign-ins is not.
    """
    # On PostgreSQL too: nobody tries it out on a database that serves others.
    await upgrade(settings.database_url)
    told = VAR / "demo.txt"
    async with deployed(settings) as deployment:
        begun, *_, there = [
            await run(deployment, Visit(), firms.look_at_portal, answer=plainly, firm=firm.slug)
            for firm in FIRMS
        ]
        if begun and not (there and told.exists()):
            raise BadSetting(
                "The database holds the demo's firms, but not its end or not the sign-ins of "
                f"{told}. Start in an empty folder, with an empty database."
            )
        if not begun:
            _keep(await _make(deployment), told)
    text = told.read_text().replace(_PORTAL, settings.base_url).replace(_API, address)
    echo(text, nl=False)
    if settings.playground:
        echo(f"The playground: {settings.base_url}/graphql in a browser")
    if mails_page(settings):
        echo(f"The mails that were sent: {settings.base_url}/mails")


async def _make(deployment: Deployment) -> str:
    """Makes the firms; returns what to tell of them."""
    lines: list[str] = []
    for number, firm in enumerate(FIRMS):
        lines += await _Builder(deployment, firm, seed=number).build()
    return "\n".join([*lines, f"The API: {_API}/graphql", ""])


def _keep(text: str, told: Path) -> None:
    """Writes the sign-ins where only their owner reads them."""
    VAR.mkdir(mode=0o700, exist_ok=True)
    told.unlink(missing_ok=True)
    told.touch(mode=0o600)
    told.write_text(text)


class _Builder:
    """Fills one firm."""

    def __init__(self, deployment: Deployment, firm: DemoFirm, *, seed: int) -> None:
        self._deployment = deployment
        self._firm = firm
        self._pick = random.Random(seed)  # noqa: S311 - names, not secrets
        self._owner = Visit()
        self._fields: list[tuple[str, DemoField]] = []

    async def build(self) -> list[str]:
        """Makes the firm; returns what to tell of it."""
        password = secrets.token_urlsafe(15)
        domain = f"{self._firm.slug}.example"
        await self._run(
            firms.create_firm,
            visit=Visit(operator=True),
            slug=self._firm.slug,
            name=self._firm.name,
            locale=self._firm.locale,
            owner_email=f"owner@{domain}",
            owner_first_name="Karin",
            owner_last_name="Inhaber",
            owner_password=password,
        )
        await self._run(
            members.create_member,
            visit=Visit(operator=True),
            firm=self._firm.slug,
            email=f"staff@{domain}",
            first_name="Jens",
            last_name="Mitarbeiter",
            role=Role.EMPLOYEE,
            password=password,
            locale=self._firm.locale,
        )
        token = await self._sign_in(f"owner@{domain}", password)
        await self._run(firms.update_firm, accent_color=self._firm.color, sign_up_enabled=True)
        trainee = await self._run(members.invite_member, email=f"trainee@{domain}", **TRAINEE)
        await self._make_templates()
        await self._make_fields()
        await self._make_accounts(trainee.id)
        client, link = await self._activate_some(password)
        query = (
            "{ accounts(first: 3, filter: {portalStatus: [PENDING]}) "
            "{ totalCount nodes { number name } } }"
        )
        return [
            f"{self._firm.name} (firm: {self._firm.slug})",
            f"  portal   {_PORTAL}/p/{self._firm.slug}",
            f"  owner    owner@{domain}  {password}",
            f"  employee staff@{domain}  {password}",
            f"  client   {client}  {password}",
            f"  a link that waits to be activated: {link}",
            "  curl -s " + f"{_API}/graphql -H 'Authorization: Bearer {token}' "
            f"-H 'Content-Type: application/json' -d '{json.dumps({'query': query})}'",
            "",
        ]

    async def _run(
        self, use_case: Callable[..., Awaitable[Any]], *, visit: Visit | None = None, **given: Any
    ) -> Any:
        return await run(self._deployment, visit or self._owner, use_case, answer=plainly, **given)

    async def _sign_in(self, email: str, password: str) -> str:
        signed_in = await self._run(
            sessions.sign_in, firm=self._firm.slug, email=email, password=password
        )
        caller = await find_caller(
            self._deployment.database, signed_in.token, now=datetime.now(UTC)
        )
        self._owner = Visit(caller=caller)
        return signed_in.token

    def _people(self) -> Iterator[dict[str, str]]:
        """Names and addresses that do not repeat."""
        pairs = list(itertools.product(FIRST_NAMES, LAST_NAMES))
        self._pick.shuffle(pairs)
        for number, (first, last) in enumerate(pairs):
            yield {
                "first_name": first,
                "last_name": last,
                "email": f"client{number + 1}@{self._firm.slug}.example",
            }

    async def _make_tags(self) -> dict[str, str]:
        """The firm's tags: the id of each by what it is for."""
        return {
            purpose: (await self._run(tags.create_tag, name=name)).id
            for purpose, name in TAGS[self._firm.locale].items()
        }

    async def _make_templates(self) -> None:
        for number, (name, folders) in enumerate(TEMPLATES[self._firm.locale].items()):
            await self._run(
                folder_templates.create_folder_template,
                name=name,
                folders=[{"path": path, "access": access} for path, access in folders],
                is_default=number == 0,
            )

    async def _make_fields(self) -> None:
        for field in CUSTOM_FIELDS[self._firm.locale]:
            made = await self._run(
                custom_fields.create_custom_field,
                target=field.target,
                type=field.type,
                name=field.name,
                options=field.options,
            )
            self._fields.append((made.custom_field.id, field))

    def _filled(self, target: CustomFieldTarget) -> list[dict[str, Any]]:
        """Values for some of the fields."""
        return [
            {"field_id": id, "value": field.draw(self._pick)}
            for id, field in self._fields
            if field.target is target and self._pick.random() < 0.7
        ]

    async def _make_accounts(self, trainee: str) -> None:
        people = self._people()
        tag = await self._make_tags()
        subject, body = NOTICE[self._firm.locale]
        everywhere = cast("dict[str, Any]", next(people))
        shared = await self._run(contacts.create_contact, **everywhere)
        ids: list[str] = []
        for number in range(ACCOUNTS_PER_FIRM):
            values = self._filled(CustomFieldTarget.CONTACT)
            person: dict[str, Any] = {**next(people), "custom_fields": values}
            entry = _entry({"new": person}, login=number < INVITED, invited=number < INVITED)
            entries = [entry]
            draft: dict[str, Any] = {"type": AccountType.INDIVIDUAL}
            on_account = ["tax"]
            if number < 3:
                # One person in three accounts, with access to each of them.
                theirs = _entry({"id": shared.contact.id}, login=True, invited=True)
                # Named after whoever stands first.
                entries = [theirs, entry] if number == 0 else [entry, theirs]
            elif number == 3:
                # A couple who share one address.
                partner = {**person, "first_name": "Toni"}
                entries.append(_entry({"new": partner}, login=True, invited=True))
            elif number % 5 == 4:
                on_account = ["books", "payroll"] if number % 2 else ["books"]
                person["tag_ids"] = [tag["director"]]
                trade = self._pick.choice(COMPANIES)
                draft = {
                    "type": AccountType.COMPANY,
                    "company_name": f"{trade} {person['last_name']} GmbH",
                    "company_address": {"city": "Kiel", "country": "DE"},
                }
            if number % 9 == 0:
                on_account.append("urgent")
            tag_ids = [tag[purpose] for purpose in on_account]
            draft["custom_fields"] = self._filled(CustomFieldTarget.ACCOUNT)
            draft |= {"contacts": entries, "tag_ids": tag_ids}
            made = await self._run(accounts.create_account, **draft)
            ids.append(made.account.id)
            if number == 3:
                await self._run(
                    notices.notify_account, account_id=made.account.id, subject=subject, body=body
                )
        await self._run(assignees.assign, account_ids=ids[::20], member_ids=[trainee])
        # Somebody was typed in twice, and waits to be merged.
        everywhere["custom_fields"] = self._filled(CustomFieldTarget.CONTACT)
        await self._run(contacts.create_contact, **everywhere)

    async def _activate_some(self, password: str) -> tuple[str, str]:
        """Activates the first clients; returns one of them, and a link that is still good."""
        deployment = self._deployment
        caller = self._owner.caller
        assert caller is not None
        async with firm_session(deployment.database, caller.firm_id) as session:
            rows = await session.scalars(select(Invitation).order_by(Invitation.id.desc()))
        # The first invitation of each person.
        invitations = {row.email_key: row for row in rows}
        waiting = sorted(invitations.values(), key=lambda row: row.id)
        tokens = [
            deployment.links.sign(Link(Purpose.INVITATION, caller.firm_id, row.id, row.counter))
            for row in waiting
        ]
        for token in tokens[:ACTIVATED]:
            await self._run(activation.activate, visit=Visit(), token=token, password=password)
        page = f"{_PORTAL}/p/{self._firm.slug}/activate"
        return waiting[0].email, f"{page}?token={tokens[ACTIVATED]}"


def _entry(contact: dict[str, Any], *, login: bool, invited: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"contact": contact, "login": login, "notify": True, "sync": True}
    return {**entry, "invite": {}} if invited else entry

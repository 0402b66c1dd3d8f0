"""Two firms that are alike to the letter, and differ in their ids and their canaries alone."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import httpx2
import orjson
from sqlalchemy import text

from models.enums import Permission
from resolvers import firms
from tenancy.database import Kind
from tests.database.conftest import FIRM_TABLES, firm_column, inside
from tests.deployments import PASSWORD, Deployed, Firm, Letter, Voice

NAME = "Kanzlei Müller"
SAME_PERSON = "anna@gleich.test"

MAKE = """
mutation ($input: CreateAccountInput!) {
  createAccount(input: $input) {
    account {
      id contacts { nodes { id contact { id email } invitation { id } } }
    }
    errors { path code message }
  }
}
"""
EVERYTHING = """
{
  firm { id name portalUrl }
  folderTemplates { id name isDefault folders { path access } }
  customFields { id target type name options required position }
  members { id email firstName lastName permissions }
  sessions { id userAgent ipAddress }
  accounts(first: 200) {
    totalCount
    nodes {
      id number name companyName externalReference status portalStatus
      companyAddress { street street2 postalCode city region country }
      assignees { id }
      tags { id name color }
      folders { id path access }
      customFields { field { id } value }
      contacts { totalCount nodes { id login notify sync invitation { id status message } } }
    }
  }
  contacts(first: 200) {
    totalCount
    nodes {
      id name firstName middleName lastName companyName email externalReference
      customFields { field { id } value }
      phones { number } address { street street2 postalCode city region }
      tags { id }
      accounts { totalCount nodes { account { id } } }
    }
  }
  tags { id name color accountCount contactCount }
  notificationPreferences { kind inbox email }
  notifications(first: 200) { totalCount unreadCount nodes { id title body url account { id } } }
}
"""


@dataclass
class Twin:
    """One of the two firms: who speaks there, what it owns, and what nobody else may ever see."""

    firm: Firm
    client: Voice
    ids: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    canaries: list[str] = field(default_factory=list)

    @property
    def deployed(self) -> Deployed:
        return self.firm.deployed

    @property
    def owner(self) -> Voice:
        return self.firm.owner

    def canary(self) -> str:
        """A text that stands nowhere else."""
        self.canaries.append(f"canary{uuid4().hex}")
        return self.canaries[-1]

    def secrets(self) -> list[str]:
        """What no answer to the other firm may hold: canaries, and every id."""
        return [*self.canaries, *(id.partition("_")[2] for id in self.ids.values())]

    async def everything(self) -> Any:
        """All that the firm can read of itself."""
        return (await self.owner.ask(EVERYTHING)).data

    async def rows(self) -> Mapping[str, tuple[int, str]]:
        """For each table the number of the firm's rows and a hash of them, past the product."""
        return await rows_of(self.deployed, self.ids["firm"])


async def rows_of(deployed: Deployed, firm_id: str) -> dict[str, tuple[int, str]]:
    """For each table of firms: how many rows the firm has, and their hash."""
    database = deployed.deployment.database
    async with inside(database, firm_id) as connection:
        found = await connection.execute(text(_every_row(database.kind)), {"firm_id": firm_id})
        return {
            name: (count, hashlib.sha256((rows or "").encode()).hexdigest())
            for name, count, rows in found
        }


@cache
def _every_row(kind: Kind) -> str:
    """The statement that gives each table's name, the count of the firm's rows, and all of them
    as text: one for all tables, since it is asked before and after whatever is tried."""
    parts: list[str] = []
    for table in FIRM_TABLES:
        if kind == "postgresql":
            rows = f"string_agg({table.name}::text, ';')"
        else:
            row = " || ',' || ".join(f"quote({column.name})" for column in table.columns)
            rows = f"group_concat({row}, ';')"
        parts.append(
            f"SELECT '{table.name}', count(*), {rows} FROM (SELECT * FROM {table.name}"  # noqa: S608 - our own names
            f" WHERE {firm_column(table).name} = :firm_id ORDER BY id) AS {table.name}"
        )
    return " UNION ALL ".join(parts)


SILENCE = {"data": {"silence": True}}
"""The answer of a subscription that has nothing to tell."""


async def send(voice: Voice, document: str, variables: Mapping[str, Any]) -> httpx2.Response:
    """The bare answer, bytes and all; of a subscription what it tells first, or `SILENCE`."""
    if document.startswith("subscription"):
        return await _first_event(voice, document, variables)
    headers = {"Authorization": f"Bearer {voice.token}"} if voice.token else {}
    return await voice.deployed.http.post(
        "/graphql", json={"query": document, "variables": dict(variables)}, headers=headers
    )


async def _first_event(
    voice: Voice, document: str, variables: Mapping[str, Any]
) -> httpx2.Response:
    headers = {
        "host": "portal.example.test",
        "accept": "text/event-stream",
        "content-type": "application/json",
        **({"authorization": f"Bearer {voice.token}"} if voice.token else {}),
    }
    body = orjson.dumps({"query": document, "variables": dict(variables)})
    told = asyncio.Event()
    started: dict[str, Any] = {}
    received = b""
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> Any:
        if (request := next(asked, None)) is not None:
            return request
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), 0.2)
        return {"type": "http.disconnect"}

    async def answered(message: Any) -> None:
        nonlocal received
        if message["type"] == "http.response.start":
            started.update(message)
        received += message.get("body", b"")
        if b"event: next" in received:
            told.set()

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("203.0.113.7", 4711),
        "server": ("127.0.0.1", 80),
    }
    await voice.deployed.app(scope, receive, answered)
    found = re.search(rb"^data: (.+)$", received, re.MULTILINE)
    return httpx2.Response(
        started["status"],
        headers=started["headers"],
        content=found[1] if found else orjson.dumps(SILENCE),
    )


async def twins(deployed: Deployed) -> tuple[Twin, Twin]:
    """Two firms with the same names, and a row of everything in each."""
    first = await _twin(deployed, "mueller-eins")
    return first, await _twin(deployed, "mueller-zwei")


async def _twin(deployed: Deployed, slug: str) -> Twin:
    owner_email = f"owner@{slug}.test"
    await deployed.as_operator(
        firms.create_firm,
        slug=slug,
        name=NAME,
        locale="DE",
        owner_email=owner_email,
        owner_first_name="Olivia",
        owner_last_name="Boss",
        owner_password=PASSWORD,
    )
    firm = Firm(deployed, slug, deployed.nobody, owner_email, "DE")  # type: ignore[arg-type]
    firm.owner = await firm.sign_in(owner_email)
    twin = Twin(firm, deployed.nobody)
    mine = (await twin.owner.ask("{ firm { id } members { id } }")).data
    twin.ids |= {"firm": mine["firm"]["id"], "member": mine["members"][0]["id"]}
    await _tags(twin)
    await _definitions(twin)
    await _accounts(twin)
    await _people(twin, slug)
    return twin


async def _tags(twin: Twin) -> None:
    for name in ("tag", "spare_tag"):
        made = await twin.owner.ask(
            "mutation ($input: TagInput!) { createTag(input: $input)"
            " { tag { id } errors { code } } }",
            input={"name": twin.canary()},
        )
        twin.ids[name] = made.payload()["tag"]["id"]


async def _definitions(twin: Twin) -> None:
    """What the firm lays down for its accounts and contacts."""
    made = await twin.owner.ask(
        "mutation ($input: FolderTemplateInput!) { createFolderTemplate(input: $input)"
        " { folderTemplate { id } errors { code } } }",
        input={"name": "Üblich", "folders": [{"path": f"{twin.canary()}/2026"}]},
    )
    twin.ids["folder_template"] = made.payload()["folderTemplate"]["id"]
    for target in ("ACCOUNT", "CONTACT"):
        made = await twin.owner.ask(
            "mutation ($input: CreateCustomFieldInput!) { createCustomField(input: $input)"
            " { customField { id } errors { code } } }",
            input={
                "target": target,
                "type": "MULTI_SELECT",
                "name": twin.canary(),
                "options": ["Gleich", twin.canary()],
            },
        )
        twin.ids[f"{target.lower()}_field"] = made.payload()["customField"]["id"]


async def _accounts(twin: Twin) -> None:
    person = {
        name: twin.canary()
        for name in ("externalReference", "firstName", "middleName", "lastName", "companyName")
    }
    where = {name: twin.canary() for name in ("street", "street2", "postalCode", "city", "region")}
    twin.texts["client"] = f"{twin.canary()}@client.test"
    entry = {
        "contact": {
            "new": {
                **person,
                "email": twin.texts["client"],
                "address": {**where, "country": "DE"},
                "phones": [{"number": "+49 30 123456"}],
                "tagIds": [twin.ids["tag"]],
                "customFields": [_chosen(twin, "contact_field")],
            }
        },
        "login": True,
        "invite": {"message": twin.canary()},
    }
    made = await _make(
        twin,
        type="COMPANY",
        name=twin.canary(),
        companyName=twin.canary(),
        companyAddress={name: twin.canary() for name in where},
        externalReference=twin.canary(),
        assigneeIds=[twin.ids["member"]],
        tagIds=[twin.ids["tag"]],
        customFields=[_chosen(twin, "account_field")],
        contacts=[entry],
    )
    _remember(twin, "", made)
    same = {"firstName": "Anna", "lastName": "Gleich", "email": SAME_PERSON}
    also = {"contact": {"id": twin.ids["contact"]}, "login": True, "invite": {}}
    for name, given in {
        "pending_": {"contact": {"new": same}, "login": True, "invite": {}},
        "archived_": {"contact": {"new": {"lastName": "Fort"}}},
        "switch_": also,
    }.items():
        extra = {"contact": {"new": {"lastName": "Zweite"}}}
        contacts = [given, extra] if name == "switch_" else [given]
        made = await _make(
            twin, type="INDIVIDUAL", name="Gemeinsam", externalReference=None, contacts=contacts
        )
        _remember(twin, name, made)
        twin.ids[f"{name}removable"] = made["contacts"]["nodes"][-1]["id"]
    await twin.owner.ask(
        "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }",
        ids=[twin.ids["archived_account"]],
    )
    revocable = {"firstName": "Anna", "lastName": "Gleich", "email": "zweite@gleich.test"}
    made = await _make(
        twin,
        type="INDIVIDUAL",
        name="Gemeinsam",
        contacts=[{"contact": {"new": revocable}, "login": True, "invite": {}}],
    )
    _remember(twin, "revocable_", made)
    spare = await twin.owner.ask(
        "mutation ($input: CreateContactInput!) { createContact(input: $input)"
        " { contact { id } errors { code } } }",
        input={"firstName": "Anna", "lastName": "Gleich", "externalReference": "gleich"},
    )
    twin.ids["spare_contact"] = spare.payload()["contact"]["id"]


async def _people(twin: Twin, slug: str) -> None:
    letter = await newest(twin.deployed, twin.texts["client"])
    activated = await twin.deployed.nobody.ask(
        "mutation ($input: ActivateInput!) { activate(input: $input)"
        " { token viewer { ... on PortalUser { id } } errors { path code message } } }",
        input={"token": letter.token, "password": PASSWORD},
    )
    payload = activated.payload()
    twin.client = Voice(twin.deployed, payload["token"])
    twin.ids["portal_user"] = payload["viewer"]["id"]
    # The same person is pending in both firms; the newest letter is the one of this firm.
    twin.texts |= {
        "slug": slug,
        "owner": twin.firm.owner_email,
        "token": (await newest(twin.deployed, SAME_PERSON)).token,
    }
    clerk = await twin.firm.member(Permission.VIEW_ALL_ACCOUNTS)
    me = (await clerk.ask("{ viewer { ... on Member { id } } }")).data["viewer"]
    twin.ids["colleague"] = me["id"]
    await twin.firm.sign_in(twin.firm.owner_email)
    found = (
        await twin.owner.ask(
            "{ sessions { id current } notifications { nodes { id } }"
            " auditEvents(first: 1) { nodes { id } } }"
        )
    ).data
    twin.ids |= {
        "audit_event": found["auditEvents"]["nodes"][0]["id"],
        "notification": found["notifications"]["nodes"][0]["id"],
        "session": next(row["id"] for row in found["sessions"] if not row["current"]),
    }


def _chosen(twin: Twin, field: str) -> dict[str, Any]:
    return {"fieldId": twin.ids[field], "value": ["Gleich"]}


async def _make(twin: Twin, **given: Any) -> dict[str, Any]:
    return (await twin.owner.ask(MAKE, input=given)).payload()["account"]


def _remember(twin: Twin, name: str, account: Mapping[str, Any]) -> None:
    entry = account["contacts"]["nodes"][0]
    twin.ids |= {
        f"{name}account": account["id"],
        f"{name}account_contact": entry["id"],
        f"{name}contact": entry["contact"]["id"],
    }
    if entry["invitation"]:
        twin.ids[f"{name}invitation"] = entry["invitation"]["id"]


async def newest(deployed: Deployed, address: str) -> Letter:
    """The letter with a link that was sent to *address* last."""
    letters = [each for each in await deployed.mails_to(address) if "?token=" in each.text]
    return letters[-1]

"""Few rows and many cases: two firms alike to the letter, an empty one, and who speaks there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

import models
from auth.sessions import find_caller
from models import Base, Firm
from models.enums import AccountType, Locale, Permission
from models.ids import new_id
from schema.context import identity
from schema.fields import AUDIENCE, SPEC
from tenancy.caller import Visit
from tenancy.session import firm_session
from tests import deployments
from tests.deployments import BASE_URL, Deployed, Voice
from tests.documents import UPDATE_ACCOUNT, UPDATE_CONTACT
from tests.equality.live import BARE, DECLARATIONS, SERVED
from tests.equality.pools import Pools, harvest, pools_of
from tests.equality.reference import Reference
from tests.equality.tables import Tables
from tests.isolation.walk import root_fields

NOW = datetime(2026, 3, 1, 12, 0, 0, 120, tzinfo=UTC)
STRANGE = 'Größe "1"\\ \x01\t\x7f\u2028\ufeff😀 </script>'

TEMPLATE = """
mutation ($input: FolderTemplateInput!) {
  createFolderTemplate(input: $input) { folderTemplate { id } errors { path code } }
}
"""
FIELD = """
mutation ($input: CreateCustomFieldInput!) {
  createCustomField(input: $input) { customField { id } errors { path code } }
}
"""
CONTACT = """
mutation ($input: CreateContactInput!) {
  createContact(input: $input) { contact { id } errors { path code } }
}
"""
REVOKE = "mutation ($ids: [ID!]!) { revokeInvitations(ids: $ids) { errors { code } } }"
ARCHIVE = "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }"
SEND = "mutation ($input: SendInvitationsInput!) { sendInvitations(input: $input) { count errors { code } } }"


@dataclass
class Seat:
    """Somebody who asks: over HTTP, and as the reference sees the firm."""

    name: str
    voice: Voice
    firm_id: str | None
    roots: list[str]
    constants: Mapping[str, Any]
    reference: Reference


class World:
    """The rows' deployment, who asks, and what they may ask with.

    No dataclass: of one, hypothesis would print all that is in it.
    """

    def __init__(self, deployed: Deployed, seats: list[Seat], pools: Pools) -> None:
        self.deployed = deployed
        self.seats = seats
        self.pools = pools


PRESENT: list[World] = []
"""The one that is built now, for what draws before a test begins."""


async def build(deployed: Deployed) -> World:
    """The world on a fresh deployment."""
    firms = [
        await deployed.firm(locale, slug=slug)
        for slug, locale in (
            ("mueller-eins", Locale.DE),
            ("mueller-zwei", Locale.DE),
            ("leer", Locale.EN),
        )
    ]
    voices: list[tuple[str, Voice]] = [("nobody", deployed.nobody)]
    for firm in firms[:2]:
        people = await _people(firm)
        await _directly(deployed, (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"])
        voices += [(f"{name} of {firm.slug}", voice) for name, voice in people.items()]
    voices.append(("owner of the empty firm", firms[2].owner))
    rows = await _rows(deployed, [firm.owner for firm in firms])
    faces = {row.slug: row for row in rows if isinstance(row, Firm)}
    seats = [await _seat(deployed, name, voice, faces) for name, voice in voices]
    pools = pools_of(rows)
    for seat in seats:
        if seat.name.startswith("owner"):
            await harvest(pools, seat.voice, seat.roots)
    return World(deployed, seats, pools)


async def _people(firm: deployments.Firm) -> dict[str, Voice]:
    """Fills a firm by its own means: accounts in every state, a clerk, one who sees few of them,
    and a client of several."""
    member = (await firm.owner.ask("{ members { id } }")).data["members"][0]["id"]
    clerk = await firm.member(Permission.VIEW_ALL_ACCOUNTS)
    trainee = await firm.member(Permission.MANAGE_CONTACTS, limited=True)
    theirs = (await trainee.ask("{ viewer { ... on Member { id } } }")).data["viewer"]["id"]
    anna = {"firstName": "Anna", "lastName": "Gleich"}
    entry = await firm.account(
        type="COMPANY",
        companyName="Müller & Söhne GmbH",
        companyAddress={"street": 'Gasse "3"', "city": "Köln", "country": "DE"},
        externalReference="DATEV-1",
        assigneeIds=[member, theirs],
        contacts=[
            {
                "contact": {
                    "new": {
                        **anna,
                        "email": "Anna@Gleich.test",
                        "phones": [
                            {"number": "+49 30 123456", "type": "WORK"},
                            {"number": "+49 170 1234567"},
                        ],
                        "address": {"street": "Weg 1", "postalCode": "50667"},
                        "locale": "EN",
                    }
                },
                "login": True,
                "invite": {"message": 'Zeile eins\n\t"zwei" \\ drei 😀'},
            },
            {
                "contact": {"new": {"lastName": "Özdemir", "companyName": "Ö & Co."}},
                "notify": False,
            },
        ],
    )
    person = entry["contacts"]["nodes"][0]["contact"]["id"]
    client = await firm.client(entry)
    pending = await firm.account(contacts=[_invited(anna, "zwei@gleich.test")])
    await firm.account(contacts=[_invited({"lastName": "gleich"}, None)])
    await firm.account(
        type="OTHER",
        name="O'Brien % _",
        contacts=[{"contact": {"id": person}, "login": True, "sync": False}],
    )
    away = await firm.account(
        name="Fort",
        assigneeIds=[theirs],
        contacts=[_invited(anna, "fort@gleich.test"), {"contact": {"id": person}, "login": True}],
    )
    again = await firm.account(
        name="Fort",
        assigneeIds=[member],
        contacts=[
            _invited({"firstName": "Élodie", "lastName": "Ärger"}, "e@gleich.test"),
            {"contact": {"id": person}, "login": True, "invite": {}},
            {"contact": {"id": pending["contacts"]["nodes"][0]["contact"]["id"]}},
        ],
    )
    first = again["contacts"]["nodes"][0]
    await firm.owner.ask(REVOKE, ids=[first["invitation"]["id"]])
    (await firm.owner.ask(SEND, input={"accountContactIds": [first["id"]]})).payload()
    await firm.owner.ask(ARCHIVE, ids=[away["id"]])
    await _defined(firm, [entry["id"], pending["id"]], person)
    spare = {"firstName": "Zoë", "email": "zoe@allein.test", "externalReference": "0"}
    (await firm.owner.ask(CONTACT, input=spare)).payload()
    (await trainee.ask(CONTACT, input={"lastName": "Gleich-Neu"})).payload()
    await firm.sign_in(firm.owner_email)
    return {"owner": firm.owner, "clerk": clerk, "client": client, "trainee": trainee}


async def _defined(firm: deployments.Firm, accounts: list[str], person: str) -> None:
    """Folder templates and custom fields, with values in some accounts and one contact."""
    for name, folders in (("Üblich", ["Steuern/2026", "Ein"]), ("leer", ["x"])):
        given = {"name": name, "folders": [{"path": path} for path in folders]}
        (await firm.owner.ask(TEMPLATE, input={**given, "isDefault": name == "leer"})).payload()
    values: dict[str, list[list[dict[str, Any]]]] = {"ACCOUNT": [[], []], "CONTACT": [[]]}
    for target, kind, options, filled in (
        ("ACCOUNT", "TEXT", [], ["Müller", 'a"b\n%']),
        ("ACCOUNT", "NUMBER", [], [12.5, "-2.00"]),
        ("ACCOUNT", "MULTI_SELECT", ["Öl", "gas", "A"], [["A", "Öl"], None]),
        ("ACCOUNT", "CHECKBOX", [], [None, False]),
        ("CONTACT", "DATE", [], ["2026-01-01"]),
        ("CONTACT", "SELECT", ["x", 'y "z"'], ['y "z"']),
        ("CONTACT", "URL", [], [None]),
    ):
        given = {"target": target, "type": kind, "name": f"{kind} ä", "options": options}
        made = (await firm.owner.ask(FIELD, input=given)).payload()["customField"]
        for row, value in zip(values[target], filled, strict=True):
            row.append({"fieldId": made["id"], "value": value})
    for id, row in zip(accounts, values["ACCOUNT"], strict=True):
        given = {"id": id, "customFields": row}
        (await firm.owner.ask(UPDATE_ACCOUNT, input=given)).payload()
    given = {"id": person, "customFields": values["CONTACT"][0]}
    (await firm.owner.ask(UPDATE_CONTACT, input=given)).payload()


def _invited(person: dict[str, Any], email: str | None) -> dict[str, Any]:
    if email is None:
        return {"contact": {"new": person}}
    return {"contact": {"new": {**person, "email": email}}, "login": True, "invite": {}}


async def _directly(deployed: Deployed, firm_id: str) -> None:
    """What no use case writes today: ties, odd characters, absent values, states that take time."""
    async with firm_session(deployed.deployment.database, firm_id) as session:

        async def every(model: Any) -> list[Any]:
            return list((await session.scalars(select(model).order_by(model.id))).all())

        (firm,) = await every(models.Firm)
        firm.name = 'Kanzlei "Müller"'
        firm.sign_up_enabled = True
        accounts, contacts = await every(models.Account), await every(models.Contact)
        for place, account in enumerate(accounts):
            account.created_at = NOW - timedelta(microseconds=place // 2)
            account.updated_at = NOW + timedelta(days=place % 2)
        accounts[1].name = STRANGE
        # Of any other type it could not be changed again: the use case would refuse.
        accounts[4].type = AccountType.COMPANY
        accounts[4].company_address = {"street": None, "city": STRANGE}
        contacts[-1].address = {}
        contacts[1].locale = Locale.DE
        for contact in contacts:
            contact.created_at = NOW
        owner, clerk, trainee = await every(models.Member)
        clerk.first_name, clerk.last_name = "Ágnes", "boss"
        gone = models.Member(
            id=new_id("mem"), email="x@y.test", email_key="x@y.test", first_name=STRANGE,
            last_name="Boss", role="ADMIN", permissions=[], status="DEACTIVATED", locale="EN",
            created_at=NOW,
        )  # fmt: skip
        session.add(gone)
        for account in accounts[:3]:
            session.add(
                models.AccountAssignee(id=new_id("asg"), account_id=account.id, member_id=gone.id)
            )
        for place, one in enumerate(await every(models.Invitation)):
            one.sent_at = NOW
            if place % 3 == 1:
                one.sent_by_id, one.delivery = None, "FAILED"
            if place % 3 == 2:
                one.expires_at = NOW
        for place, access in enumerate(("PRIVATE", "VIEW", "UPLOAD")):
            session.add(
                models.Folder(
                    id=new_id("fold"), account_id=accounts[0].id, name=f"Ä{place}",
                    path=f"Ä/{access}", path_key=f"a{2 - place}", access=access,
                )
            )  # fmt: skip
        for place, of in enumerate((owner, owner, owner, clerk, gone, trainee)):
            session.add(
                models.Notification(
                    id=new_id("noti"), member_id=of.id, kind="IMPORT_FINISHED", title=STRANGE,
                    body=None if place else "Fertig", created_at=NOW,
                    account_id=accounts[place].id if place % 2 else None,
                    read_at=NOW if place == 1 else None,
                )
            )  # fmt: skip
        for one in await every(models.Session):
            # So that asking does not touch it.
            one.last_used_at = one.created_at + timedelta(days=1)
        await session.commit()


async def _rows(deployed: Deployed, owners: Sequence[Voice]) -> list[Any]:
    """Every row of the firms."""
    found: list[Any] = []
    for owner in owners:
        firm_id = (await owner.ask("{ firm { id } }")).data["firm"]["id"]
        async with firm_session(deployed.deployment.database, firm_id) as session:
            for mapper in Base.registry.mappers:
                if "firm_id" in mapper.all_orm_descriptors and getattr(
                    mapper.class_, "id_prefix", ""
                ):
                    found += (await session.scalars(select(mapper.class_))).all()
    return found


async def _seat(deployed: Deployed, name: str, voice: Voice, faces: Mapping[str, Any]) -> Seat:
    now = datetime.now(UTC)
    database = deployed.deployment.database
    caller = await find_caller(database, voice.token, now=now) if voice.token else None
    firm_id = caller.firm_id if caller else None
    constants = {"now": now, "base_url": BASE_URL, "firm_id": firm_id, **identity(caller)}
    return Seat(
        name,
        voice,
        firm_id,
        [name for name in planned_roots() if _admits(name, Visit(caller=caller))],
        constants,
        Reference(BARE, DECLARATIONS, Tables(constants), faces),
    )


def planned_roots() -> list[str]:
    """The root fields of queries that the planner reads."""
    return [
        name
        for name, (operation, field) in root_fields(SERVED).items()
        if operation == "query" and field.extensions["strawberry-definition"].metadata[SPEC]
    ]


def _admits(name: str, visit: Visit) -> bool:
    try:
        field = root_fields(SERVED)[name][1]
        field.extensions["strawberry-definition"].metadata[AUDIENCE].admit(visit)
    except Exception:
        return False
    return True

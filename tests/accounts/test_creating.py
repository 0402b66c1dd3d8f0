"""Creating an account: what comes of it, and that it is all or nothing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from models import IdempotencyKey
from models.enums import Locale, Permission
from tenancy.session import firm_session
from tests.deployments import CREATE_ACCOUNT, Deployed, Firm
from tests.documents import ACCOUNT, COUNTS, CREATE_CONTACT

KIM = {"contact": {"new": {"firstName": "Kim", "lastName": "Case"}}}


async def test_an_account_is_created_whole(firm: Firm) -> None:
    person = (await firm.owner.ask(CREATE_CONTACT, input={"firstName": "Ana"})).payload()["contact"]
    created = await firm.account(
        type="COMPANY",
        companyName="Lamp Ltd",
        companyAddress={"street": "Main Road 1", "city": "Leeds", "country": "gb"},
        externalReference="ERP-7",
        contacts=[
            {"contact": {"id": person["id"]}, "notify": False},
            {"contact": {"new": {"email": "kim@lamp.test"}}, "login": True, "sync": False},
        ],
    )
    account = (await firm.owner.ask(ACCOUNT, id=created["id"])).data["account"]
    assert account["name"] == account["companyName"] == "Lamp Ltd"
    assert account["companyAddress"] == {
        "street": "Main Road 1",
        "street2": None,
        "postalCode": None,
        "city": "Leeds",
        "region": None,
        "country": "GB",
    }
    assert account["externalReference"] == "ERP-7"
    assert (account["type"], account["status"], account["createdVia"]) == (
        "COMPANY",
        "ACTIVE",
        "MEMBER",
    )
    assert account["portalStatus"] == "NOT_INVITED"
    first, second = account["contacts"]["nodes"]
    assert first["contact"] == {"id": person["id"], "name": "Ana", "email": None}
    assert (first["login"], first["notify"], first["sync"]) == (False, False, True)
    assert second["contact"]["name"] == "kim@lamp.test"
    assert (second["login"], second["notify"], second["sync"]) == (True, True, False)
    assert account["folders"] == [
        {
            "name": "Client uploaded documents",
            "path": "Client uploaded documents",
            "access": "UPLOAD",
        }
    ]


async def test_numbers_count_up_in_each_firm_by_itself(deployed: Deployed) -> None:
    first, second = await deployed.firm(), await deployed.firm()
    made = [(await firm.account())["number"] for firm in (first, first, second)]
    assert made == ["M-1001", "M-1002", "M-1001"]
    refused = await first.owner.ask(CREATE_ACCOUNT, input={"type": "OTHER", "contacts": []})
    assert refused.refusals() == [("contacts", "REQUIRED")]
    both = await asyncio.gather(*[firm.account() for firm in (first, second) * 4])
    numbers = sorted(account["number"] for account in both)
    assert numbers == sorted(
        [f"M-{n}" for n in range(1003, 1007)] + [f"M-{n}" for n in range(1002, 1006)]
    )


async def test_the_folder_speaks_the_firms_language(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    account = await firm.account()
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert [folder["path"] for folder in found["folders"]] == ["Vom Kunden hochgeladene Dokumente"]


async def test_everything_wrong_is_said_at_once_and_nothing_is_written(firm: Firm) -> None:
    await firm.account(externalReference="taken")
    known = await firm.account()
    contact = known["contacts"]["nodes"][0]["contact"]["id"]
    before = (await firm.owner.ask(COUNTS)).data
    answer = await firm.owner.ask(
        CREATE_ACCOUNT,
        input={
            "type": "INDIVIDUAL",
            "name": "a:b",
            "companyName": "No company",
            "companyAddress": {"city": "Bonn", "country": "Germany"},
            "externalReference": "taken",
            "assigneeIds": ["mem_nobody"],
            "contacts": [
                {"contact": {"new": {"firstName": "No", "lastName": "Address"}}, "login": True},
                {"contact": {"new": {"email": "kim at c.test"}}, "login": True},
                {"contact": {"id": "cont_nobody"}},
                {"contact": {"id": contact}},
                {"contact": {"id": contact}},
                {"contact": {"new": {"firstName": "x" * 201}}},
                {"contact": {"new": {}}},
                {"contact": {"new": {"lastName": "Phone", "phones": [{"number": "12"}]}}},
                {"contact": {"new": {"lastName": "Off", "email": "o@c.test"}}, "invite": {}},
            ],
        },
    )
    assert sorted(answer.refusals()) == [
        ("assigneeIds.0", "NOT_FOUND"),
        ("companyAddress", "INVALID"),
        ("companyAddress.country", "INVALID"),
        ("companyName", "INVALID"),
        ("contacts.0.contact.new.email", "EMAIL_MISSING"),
        ("contacts.1.contact.new.email", "INVALID_EMAIL"),
        ("contacts.2.contact.id", "NOT_FOUND"),
        ("contacts.4.contact.id", "CONFLICT"),
        ("contacts.5.contact.new.firstName", "TOO_LONG"),
        ("contacts.6.contact.new.lastName", "REQUIRED"),
        ("contacts.7.contact.new.phones.0.number", "INVALID_PHONE"),
        ("contacts.8.invite", "LOGIN_OFF"),
        ("externalReference", "TAKEN"),
        ("name", "FORBIDDEN_CHARACTERS"),
    ]
    assert answer.data["createAccount"]["account"] is None
    assert (await firm.owner.ask(COUNTS)).data == before
    assert await firm.deployed.mails() == []


async def test_references_of_contacts_are_unique_within_one_input_too(firm: Firm) -> None:
    twins = [{"contact": {"new": {"lastName": n, "externalReference": "R1"}}} for n in ("A", "B")]
    answer = await firm.owner.ask(CREATE_ACCOUNT, input={"type": "OTHER", "contacts": twins})
    assert answer.refusals() == [("contacts.1.contact.new.externalReference", "TAKEN")]


async def test_company_fields_are_for_companies(firm: Firm) -> None:
    for kind in ("INDIVIDUAL", "OTHER"):
        given = {"type": kind, "companyName": "Lamp Ltd", "contacts": [KIM]}
        answer = await firm.owner.ask(CREATE_ACCOUNT, input=given)
        assert answer.refusals() == [("companyName", "INVALID")]


async def test_refusals_speak_the_members_language(firm: Firm) -> None:
    member = await firm.member(
        Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS, locale=Locale.DE
    )
    given = {"type": "OTHER", "name": "Müller: Erben", "contacts": []}
    answer = await member.ask(CREATE_ACCOUNT, input=given)
    assert sorted(error["message"] for error in answer.data["createAccount"]["errors"]) == [
        "Ein Konto braucht mindestens einen Kontakt.",
        "Ein Name darf : nicht enthalten. Möglich wäre „Müller - Erben“.",
    ]


async def test_creating_needs_its_permissions(firm: Firm) -> None:
    contact = (await firm.account())["contacts"]["nodes"][0]["contact"]["id"]
    nothing = await firm.member()
    accounts = await firm.member(Permission.MANAGE_ACCOUNTS)
    for member, entry in (
        (nothing, {"contact": {"id": contact}}),
        (accounts, KIM),
        (accounts, {"contact": {"id": contact}, "login": True}),
    ):
        answer = await member.ask(CREATE_ACCOUNT, input={"type": "OTHER", "contacts": [entry]})
        assert answer.codes == ["FORBIDDEN"]
    given = {"type": "OTHER", "contacts": [{"contact": {"id": contact}}]}
    assert (await accounts.ask(CREATE_ACCOUNT, input=given)).payload()["account"]["id"]


async def test_a_key_makes_a_repeated_write_one_write(firm: Firm) -> None:
    entry = {**KIM, "login": True, "invite": {}}
    entry["contact"] = {"new": {"firstName": "Kim", "email": "kim@c.test"}}
    given = {"type": "INDIVIDUAL", "contacts": [entry], "idempotencyKey": "import-1"}
    first = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()
    assert (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload() == first
    other = await firm.owner.ask(CREATE_ACCOUNT, input={**given, "name": "Another"})
    assert other.refusals() == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]
    assert (await firm.owner.ask(COUNTS)).data == {
        "accounts": {"totalCount": 1},
        "contacts": {"totalCount": 1},
    }
    assert len(await firm.deployed.mails()) == 1

    bad = await firm.owner.ask(CREATE_ACCOUNT, input={**given, "idempotencyKey": ""})
    assert bad.refusals() == [("idempotencyKey", "INVALID")]


async def test_two_writes_at_once_with_one_key_are_one_write(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    given = {"type": "INDIVIDUAL", "contacts": [KIM], "idempotencyKey": "same"}
    answers = await asyncio.gather(*[firm.owner.ask(CREATE_ACCOUNT, input=given) for _ in range(5)])
    assert len({answer.payload()["account"]["id"] for answer in answers}) == 1
    elsewhere = (await other.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    assert elsewhere["id"] != answers[0].payload()["account"]["id"]
    assert (await firm.owner.ask(COUNTS)).data["accounts"]["totalCount"] == 1


async def test_a_key_is_kept_for_a_day(firm: Firm) -> None:
    given = {"type": "OTHER", "contacts": [KIM], "idempotencyKey": "daily"}
    first = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    async with firm_session(firm.deployed.deployment.database, firm_id) as session:
        yesterday = datetime.now(UTC) - timedelta(hours=24, minutes=1)
        await session.execute(update(IdempotencyKey).values(created_at=yesterday))
        await session.commit()
    second = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    assert (first["number"], second["number"]) == ("M-1001", "M-1002")


async def test_of_several_at_once_one_gets_the_reference(firm: Firm) -> None:
    given = {"type": "OTHER", "contacts": [KIM], "externalReference": "R1"}
    answers = await asyncio.gather(*[firm.owner.ask(CREATE_ACCOUNT, input=given) for _ in range(5)])
    refusals = sorted(answer.refusals() for answer in answers)
    assert refusals == [[]] + [[("externalReference", "TAKEN")]] * 4


async def test_a_refused_write_does_not_use_its_key_up(firm: Firm) -> None:
    given = {"type": "OTHER", "contacts": [], "idempotencyKey": "mend"}
    assert (await firm.owner.ask(CREATE_ACCOUNT, input=given)).refusals()
    assert (await firm.owner.ask(CREATE_ACCOUNT, input={**given, "contacts": [KIM]})).payload()

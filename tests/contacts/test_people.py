"""Contacts: created, changed and deleted."""

from __future__ import annotations

import asyncio

from models.enums import Locale, Permission
from tests.deployments import Deployed, Firm
from tests.documents import (
    ACCOUNT,
    COUNTS,
    CREATE_CONTACT,
    DELETE_CONTACT,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT_CONTACT,
    UPDATE_CONTACT,
)

ACTIVATION = "query ($token: String!) { activation(token: $token) { status email } }"


async def test_a_contact_is_created_and_changed(firm: Firm) -> None:
    given = {
        "firstName": " Zoë ",
        "middleName": "M",
        "lastName": "Berg",
        "companyName": "Lamp Ltd",
        "email": " Zoe@EXAMPLE.test ",
        "externalReference": "C-1",
        "locale": "DE",
        "phones": [{"number": "+49 30 123456", "type": "WORK"}, {"number": "+44 20 7946 0958"}],
        "address": {"street": "Road 1", "city": "Bonn", "country": "de"},
    }
    made = (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()["contact"]
    assert made["name"] == "Zoë Berg"
    assert made["email"] == "Zoe@example.test"
    assert made["locale"] == "DE"
    assert made["phones"] == [
        {"number": "+4930123456", "type": "WORK"},
        {"number": "+442079460958", "type": "MOBILE"},
    ]
    assert made["address"] == {"street": "Road 1", "city": "Bonn", "country": "DE"}

    given = {"id": made["id"], "lastName": "Tal", "phones": [{"number": "+4930654321"}]}
    changed = (await firm.owner.ask(UPDATE_CONTACT, input=given)).payload()["contact"]
    assert (changed["name"], changed["email"]) == ("Zoë Tal", "Zoe@example.test")
    assert changed["externalReference"] == "C-1"
    assert changed["phones"] == [{"number": "+4930654321", "type": "MOBILE"}]
    assert changed["address"]["city"] == "Bonn"

    given = {"id": made["id"], "phones": None, "address": None, "externalReference": None}
    given |= {"firstName": None, "lastName": None, "email": None}
    cleared = (await firm.owner.ask(UPDATE_CONTACT, input=given)).payload()["contact"]
    assert (cleared["phones"], cleared["address"], cleared["email"]) == ([], None, None)
    assert (cleared["externalReference"], cleared["name"]) == (None, "Lamp Ltd")


async def test_what_cannot_be_is_refused_all_at_once(firm: Firm) -> None:
    await firm.owner.ask(CREATE_CONTACT, input={"lastName": "A", "externalReference": "taken"})
    other = await firm.owner.ask(CREATE_CONTACT, input={"lastName": "B"})
    given = {
        "firstName": "x" * 201,
        "lastName": "Hid\u200bden",
        "email": "a@b@c",
        "externalReference": "taken",
        "phones": [{"number": "+49 30 123456"}, {"number": "call me"}],
        "address": {"street": "x" * 201, "country": "XX"},
    }
    refusals = [
        ("address.country", "INVALID"),
        ("address.street", "TOO_LONG"),
        ("email", "INVALID_EMAIL"),
        ("externalReference", "TAKEN"),
        ("firstName", "TOO_LONG"),
        ("lastName", "FORBIDDEN_CHARACTERS"),
        ("phones.1.number", "INVALID_PHONE"),
    ]
    assert sorted((await firm.owner.ask(CREATE_CONTACT, input=given)).refusals()) == refusals
    given["id"] = other.payload()["contact"]["id"]
    assert sorted((await firm.owner.ask(UPDATE_CONTACT, input=given)).refusals()) == refusals
    many = {"lastName": "B", "phones": [{"number": "+4930123456"}] * 21}
    for given, refusal in (
        ({}, ("lastName", "REQUIRED")),
        ({"firstName": " ", "email": ""}, ("lastName", "REQUIRED")),
        (many, ("phones", "LIMIT_REACHED")),
        ({"lastName": "B", "externalReference": "x" * 101}, ("externalReference", "TOO_LONG")),
    ):
        assert (await firm.owner.ask(CREATE_CONTACT, input=given)).refusals() == [refusal]
    assert (await firm.owner.ask(COUNTS)).data["contacts"]["totalCount"] == 2


async def test_a_german_firms_numbers_need_no_country(deployed: Deployed) -> None:
    firm = await deployed.firm(Locale.DE)
    given = {"lastName": "B", "phones": [{"number": "030 / 12 34 56"}]}
    made = (await firm.owner.ask(CREATE_CONTACT, input=given)).payload()["contact"]
    assert made["phones"][0]["number"] == "+4930123456"


async def test_an_address_stays_while_login_is_on(firm: Firm) -> None:
    account = await firm.account(login=True)
    contact = account["contacts"]["nodes"][0]["contact"]["id"]
    for nothing in (None, " "):
        answer = await firm.owner.ask(UPDATE_CONTACT, input={"id": contact, "email": nothing})
        assert answer.refusals() == [("email", "EMAIL_MISSING")]


async def test_a_changed_address_kills_the_link_to_the_old_one(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    old = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1].token
    given = {"id": entry["contact"]["id"], "email": entry["contact"]["email"].upper()}
    await firm.owner.ask(UPDATE_CONTACT, input=given)
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=old)
    # The domain and the letters' case make no other address.
    assert looked.data["activation"]["status"] == "VALID"

    given["email"] = "new@c.test"
    assert (await firm.owner.ask(UPDATE_CONTACT, input=given)).payload()
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=old)
    assert looked.data["activation"] == {"status": "REVOKED", "email": None}
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert found["portalStatus"] == "NOT_INVITED"
    assert found["contacts"]["nodes"][0]["invitation"]["status"] == "REVOKED"

    again = await firm.owner.ask(SEND_INVITATIONS, input={"accountContactIds": [entry["id"]]})
    assert again.payload()["count"] == 1
    new = (await firm.deployed.mails_to("new@c.test"))[-1].token
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=new)
    assert looked.data["activation"] == {"status": "VALID", "email": "new@c.test"}


async def test_a_contact_is_deleted_unless_an_account_would_have_none(firm: Firm) -> None:
    account = await firm.account()
    only = account["contacts"]["nodes"][0]["contact"]["id"]
    assert (await firm.owner.ask(DELETE_CONTACT, id=only)).refusals() == [("id", "LAST_CONTACT")]

    two = [{"contact": {"id": only}}, {"contact": {"new": {"lastName": "Other"}}}]
    shared = await firm.account(contacts=two)
    other = shared["contacts"]["nodes"][1]["contact"]["id"]
    assert (await firm.owner.ask(DELETE_CONTACT, id=only)).refusals() == [("id", "LAST_CONTACT")]
    assert (await firm.owner.ask(DELETE_CONTACT, id=other)).payload()["deletedId"] == other
    found = (await firm.owner.ask(ACCOUNT, id=shared["id"])).data["account"]["contacts"]
    assert [entry["contact"]["id"] for entry in found["nodes"]] == [only]
    assert (await firm.owner.ask(DELETE_CONTACT, id=other)).refusals() == [("id", "NOT_FOUND")]


async def test_an_account_keeps_a_contact_when_both_are_deleted_at_once(firm: Firm) -> None:
    two = [{"contact": {"new": {"lastName": name}}} for name in ("A", "B")]
    account = await firm.account(contacts=two)
    answers = await asyncio.gather(
        *[
            firm.owner.ask(DELETE_CONTACT, id=entry["contact"]["id"])
            for entry in account["contacts"]["nodes"]
        ]
    )
    refusals = sorted(answer.refusals() for answer in answers)
    assert refusals == [[], [("id", "LAST_CONTACT")]]


async def test_login_and_its_address_hold_together_when_both_change_at_once(firm: Firm) -> None:
    entry = (await firm.account())["contacts"]["nodes"][0]
    on = {"id": entry["id"], "login": True}
    cleared = {"id": entry["contact"]["id"], "email": None}
    answers = await asyncio.gather(
        firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=on),
        firm.owner.ask(UPDATE_CONTACT, input=cleared),
    )
    refusals = sorted(answer.refusals() for answer in answers)
    assert refusals[0] == []
    assert refusals[1] in ([("email", "EMAIL_MISSING")], [("login", "EMAIL_MISSING")])


async def test_contacts_need_their_permission(firm: Firm) -> None:
    contact = (await firm.account())["contacts"]["nodes"][0]["contact"]["id"]
    member = await firm.member(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_PORTAL_ACCESS)
    for document, given in (
        (CREATE_CONTACT, {"input": {"lastName": "x"}}),
        (UPDATE_CONTACT, {"input": {"id": contact, "lastName": "x"}}),
        (DELETE_CONTACT, {"id": contact}),
    ):
        assert (await member.ask(document, **given)).codes == ["FORBIDDEN"]

"""Contacts in accounts: put in, switched, invited in the same step, and taken out."""

from __future__ import annotations

import asyncio

from models.enums import Permission
from tests.deployments import Firm
from tests.documents import (
    ACCOUNT,
    ADD_ACCOUNT_CONTACT,
    ARCHIVE_ACCOUNTS,
    CREATE_CONTACT,
    REMOVE_ACCOUNT_CONTACT,
    UPDATE_ACCOUNT_CONTACT,
)

ANA = {"firstName": "Ana", "email": "ana@c.test"}


async def test_a_contact_is_added_new_or_by_its_id(firm: Firm) -> None:
    account = await firm.account()
    person = (await firm.owner.ask(CREATE_CONTACT, input={"lastName": "Old"})).payload()["contact"]
    given = {"accountId": account["id"], "contact": {"contact": {"id": person["id"]}}}
    added = (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).payload()["accountContact"]
    assert (added["login"], added["notify"], added["sync"]) == (False, True, True)
    assert (added["contact"]["id"], added["portalStatus"]) == (person["id"], "OFF")
    again = await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)
    assert again.refusals() == [("contact.contact.id", "CONFLICT")]

    given["contact"] = {"contact": {"new": ANA}, "login": True, "invite": {"message": "Hello Ana"}}
    invited = (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).payload()["accountContact"]
    assert (invited["portalStatus"], invited["invitation"]["status"]) == ("PENDING", "PENDING")
    (letter,) = await firm.deployed.mails_to("ana@c.test")
    assert "Hello Ana" in letter.text
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert (found["contacts"]["totalCount"], found["portalStatus"]) == (3, "PENDING")


async def test_of_several_at_once_one_adds_the_contact(firm: Firm) -> None:
    account = await firm.account()
    person = (await firm.owner.ask(CREATE_CONTACT, input=ANA)).payload()["contact"]
    entry = {"contact": {"id": person["id"]}, "login": True, "invite": {}}
    given = {"accountId": account["id"], "contact": entry}
    answers = await asyncio.gather(
        *[firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given) for _ in range(5)]
    )
    refusals = sorted(answer.refusals() for answer in answers)
    assert refusals == [[]] + [[("contact.contact.id", "CONFLICT")]] * 4
    assert len(await firm.deployed.mails_to("ana@c.test")) == 1


async def test_of_two_contacts_taken_out_at_once_one_stays(firm: Firm) -> None:
    two = [{"contact": {"new": {"lastName": name}}} for name in ("A", "B")]
    account = await firm.account(contacts=two)
    answers = await asyncio.gather(
        *[
            firm.owner.ask(REMOVE_ACCOUNT_CONTACT, id=entry["id"])
            for entry in account["contacts"]["nodes"]
        ]
    )
    refusals = sorted(answer.refusals() for answer in answers)
    assert refusals == [[], [("id", "LAST_CONTACT")]]


async def test_what_cannot_be_added_is_refused(firm: Firm) -> None:
    account = await firm.account()
    for entry, refusal in (
        ({"contact": {"id": "cont_nobody"}}, ("contact.contact.id", "NOT_FOUND")),
        (
            {"contact": {"new": {"lastName": "x"}}, "login": True},
            ("contact.contact.new.email", "EMAIL_MISSING"),
        ),
        ({"contact": {"new": ANA}, "invite": {}}, ("contact.invite", "LOGIN_OFF")),
        (
            {"contact": {"new": ANA}, "login": True, "invite": {"message": "x" * 2001}},
            ("contact.invite.message", "TOO_LONG"),
        ),
    ):
        given = {"accountId": account["id"], "contact": entry}
        assert (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).refusals() == [refusal]
    given = {"accountId": "acct_nobody", "contact": {"contact": {"new": ANA}}}
    answer = await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)
    assert answer.refusals() == [("accountId", "NOT_FOUND")]
    both = {"new": ANA, "id": account["contacts"]["nodes"][0]["contact"]["id"]}
    given = {"accountId": account["id"], "contact": {"contact": both}}
    assert (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).codes == ["BAD_REQUEST"]

    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    given = {"accountId": account["id"]}
    given["contact"] = {"contact": {"new": ANA}, "login": True, "invite": {}}
    answer = await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)
    assert answer.refusals() == [("contact.invite", "CONFLICT")]
    assert await firm.deployed.mails() == []


async def test_each_switch_is_turned_by_itself(firm: Firm) -> None:
    entry = (await firm.account())["contacts"]["nodes"][0]["id"]
    state = {"login": False, "notify": True, "sync": True}
    for switch in ("login", "notify", "sync", "login"):
        state[switch] = not state[switch]
        given = {"id": entry, switch: state[switch]}
        answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)
        changed = answer.payload()["accountContact"]
        assert {name: changed[name] for name in state} == state
        assert changed["portalStatus"] == ("NOT_INVITED" if state["login"] else "OFF")
    nulls = {"id": entry, "login": None, "notify": None, "sync": None}
    answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=nulls)
    kept = answer.payload()["accountContact"]
    assert {name: kept[name] for name in state} == state


async def test_login_is_turned_on_and_invited_in_one_step(firm: Firm) -> None:
    account = await firm.account()
    entry = account["contacts"]["nodes"][0]
    off = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entry["id"], "invite": {}})
    assert off.refusals() == [("invite", "LOGIN_OFF")]
    given = {"id": entry["id"], "login": True, "invite": {"message": "Welcome in"}}
    answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)
    changed = answer.payload()["accountContact"]
    assert (changed["portalStatus"], changed["invitation"]["message"]) == ("PENDING", "Welcome in")
    (letter,) = await firm.deployed.mails_to(entry["contact"]["email"])
    assert "Welcome in" in letter.text
    assert letter.token

    given = {"id": entry["id"], "login": False}
    closed = (await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)).payload()
    assert closed["accountContact"]["portalStatus"] == "OFF"
    assert closed["accountContact"]["invitation"]["status"] == "REVOKED"


async def test_who_can_enter_is_told_again_only_after_login_was_off(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    await firm.client(account)
    given = {"id": entry["id"], "login": True, "invite": {}}
    answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)
    assert answer.refusals() == [("invite", "ALREADY_ACTIVE")]
    await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entry["id"], "login": False})
    answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)
    opened = answer.payload()["accountContact"]
    assert (opened["portalStatus"], opened["invitation"]["status"]) == ("ACTIVE", "ACCEPTED")
    assert len(await firm.deployed.mails_to(entry["contact"]["email"])) == 2


async def test_login_needs_an_address(firm: Firm) -> None:
    account = await firm.account(contacts=[{"contact": {"new": {"lastName": "Paper"}}}])
    entry = account["contacts"]["nodes"][0]["id"]
    given = {"id": entry, "login": True, "notify": False}
    answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)
    assert answer.refusals() == [("login", "EMAIL_MISSING")]
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]["contacts"]["nodes"]
    assert (found[0]["login"], found[0]["notify"]) == (False, True)
    nobody = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": "acon_nobody"})
    assert nobody.refusals() == [("id", "NOT_FOUND")]


async def test_the_last_contact_is_never_taken_out(firm: Firm) -> None:
    two = [
        {"contact": {"new": ANA}, "login": True, "invite": {}},
        {"contact": {"new": {"lastName": "Bo"}}},
    ]
    account = await firm.account(contacts=two)
    ana, bo = (entry["id"] for entry in account["contacts"]["nodes"])
    assert (await firm.owner.ask(REMOVE_ACCOUNT_CONTACT, id=ana)).payload()["deletedId"] == ana
    last = await firm.owner.ask(REMOVE_ACCOUNT_CONTACT, id=bo)
    assert last.refusals() == [("id", "LAST_CONTACT")]
    gone = await firm.owner.ask(REMOVE_ACCOUNT_CONTACT, id=ana)
    assert gone.refusals() == [("id", "NOT_FOUND")]
    # Her invitation was not out yet, and goes with her.
    assert await firm.deployed.mails() == []


async def test_portal_access_is_a_permission_of_its_own(firm: Firm) -> None:
    account = await firm.account()
    entry = account["contacts"]["nodes"][0]["id"]
    accounts = await firm.member(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS)
    portal = await firm.member(Permission.MANAGE_PORTAL_ACCESS)
    add = {"accountId": account["id"], "contact": {"contact": {"new": ANA}, "login": True}}
    for member, document, given in (
        (accounts, UPDATE_ACCOUNT_CONTACT, {"input": {"id": entry, "login": True}}),
        (accounts, ADD_ACCOUNT_CONTACT, {"input": add}),
        (portal, ADD_ACCOUNT_CONTACT, {"input": add}),
        (portal, REMOVE_ACCOUNT_CONTACT, {"id": entry}),
    ):
        assert (await member.ask(document, **given)).codes == ["FORBIDDEN"]
    given = {"id": entry, "login": True}
    assert (await portal.ask(UPDATE_ACCOUNT_CONTACT, input=given)).payload()
    add["contact"]["login"] = False
    assert (await accounts.ask(ADD_ACCOUNT_CONTACT, input=add)).payload()

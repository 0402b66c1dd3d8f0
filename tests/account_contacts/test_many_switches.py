"""LOGIN, NOTIFY and SYNC of many contacts at once, and whom that writes to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from models.enums import Permission
from resolvers import bulk
from tests.crowds import many_accounts
from tests.deployments import Answer, Deployed, Firm, Voice
from tests.documents import (
    ACCOUNT,
    ARCHIVE_ACCOUNTS,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT_CONTACT,
)

TURN = """
mutation ($input: UpdateAccountContactsInput!) {
  updateAccountContacts(input: $input) {
    count recipientCount
    accountContacts { id login notify sync portalStatus }
    recipients { id contact { email } }
    errors { path code message }
  }
}
"""


async def turn(voice: Voice, **given: Any) -> Answer:
    return await voice.ask(TURN, input=given)


async def entry_of(firm: Firm, **given: Any) -> dict[str, Any]:
    """The account contact of a new account."""
    return (await firm.account(**given))["contacts"]["nodes"][0]


async def paper(firm: Firm) -> dict[str, Any]:
    """One whose contact has no address."""
    return await entry_of(firm, contacts=[{"contact": {"new": {"lastName": "Paper"}}}])


async def statuses(firm: Firm) -> list[str]:
    found = await firm.owner.ask("{ accounts { nodes { portalStatus } } }")
    return sorted(account["portalStatus"] for account in found.data["accounts"]["nodes"])


async def test_switches_are_turned_for_those_that_are_named(firm: Firm) -> None:
    one, two = await entry_of(firm), await entry_of(firm, login=True)
    ids = [two["id"], one["id"]]
    done = (
        await turn(firm.owner, accountContactIds=[*ids, two["id"]], login=True, sync=False)
    ).payload()
    assert (done["count"], done["recipientCount"]) == (2, 0)
    assert [
        (row["id"], row["login"], row["notify"], row["sync"]) for row in done["accountContacts"]
    ] == [(id, True, True, False) for id in ids]
    again = (await turn(firm.owner, accountContactIds=ids, login=True, notify=None)).payload()
    assert again["count"] == 0 and await firm.deployed.mails() == []


async def test_login_off_closes_and_revokes_what_is_pending(firm: Firm) -> None:
    entered, pending = await firm.account(invited=True), await entry_of(firm, invited=True)
    client = await firm.client(entered)
    ids = [entered["contacts"]["nodes"][0]["id"], pending["id"]]
    assert (await turn(firm.owner, accountContactIds=ids, login=False)).payload()["count"] == 2
    seen = await client.ask("{ viewer { ... on PortalUser { accounts { id } } } }")
    assert seen.data["viewer"] == {"accounts": []}
    assert await statuses(firm) == ["OFF", "OFF"]
    back = (await turn(firm.owner, filter={}, login=True)).payload()
    assert [row["portalStatus"] for row in back["accountContacts"]] == ["ACTIVE", "NOT_INVITED"]


async def test_a_filter_gives_login_to_whom_it_can_and_invites_them(firm: Firm) -> None:
    fresh, on = await entry_of(firm), await entry_of(firm, login=True)
    away, without = await firm.account(), await paper(firm)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[away["id"]])
    given = {"filter": {}, "login": True, "notify": False, "invite": {"message": "Come in"}}
    tried = (await turn(firm.owner, **given, dryRun=True)).payload()
    assert await statuses(firm) == ["NOT_INVITED", "OFF", "OFF"]
    assert await firm.deployed.mails() == []
    done = (await turn(firm.owner, **given)).payload()
    for answer in (tried, done):
        assert (answer["count"], answer["recipientCount"]) == (3, 1)
        assert [row["id"] for row in answer["recipients"]] == [fresh["id"]]
    rows = {row["id"]: row for row in done["accountContacts"]}
    assert rows.keys() == {fresh["id"], on["id"], without["id"]}
    assert rows[fresh["id"]]["portalStatus"] == "PENDING"
    # It has no address: everything else is turned.
    assert (rows[without["id"]]["login"], rows[without["id"]]["notify"]) == (False, False)
    (letter,) = await firm.deployed.mails()
    assert letter.to == fresh["contact"]["email"] and "Come in" in letter.text
    assert (await turn(firm.owner, **given)).payload()["recipientCount"] == 0


async def test_whoever_has_a_password_is_told_of_the_account_instead(firm: Firm) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    contact = account["contacts"]["nodes"][0]["contact"]
    entry = await entry_of(firm, contacts=[{"contact": {"id": contact["id"]}}])
    given = {"accountContactIds": [entry["id"]], "login": True, "invite": {}}
    done = (await turn(firm.owner, **given)).payload()
    assert done["accountContacts"][0]["portalStatus"] == "ACTIVE"
    letter = (await firm.deployed.mails_to(contact["email"]))[-1]
    assert "another account" in letter.subject and "token" not in letter.text


async def test_what_a_named_one_cannot_have_is_refused_with_its_place(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    good, theirs, without = await entry_of(firm), await entry_of(other), await paper(firm)
    entered = await firm.account(invited=True)
    await firm.client(entered)
    away = await firm.account()
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[away["id"]])
    ids = [
        good["id"],
        without["id"],
        theirs["id"],
        "acon_never",
        away["contacts"]["nodes"][0]["id"],
        entered["contacts"]["nodes"][0]["id"],
    ]
    missing = [("accountContactIds.2", "NOT_FOUND"), ("accountContactIds.3", "NOT_FOUND")]
    place = "accountContactIds"
    for given, refusals in (
        ({"login": True}, [*missing, (f"{place}.1", "EMAIL_MISSING")]),
        ({"notify": False}, missing),
        (
            {"login": True, "invite": {}},
            [
                *missing,
                (f"{place}.1", "EMAIL_MISSING"),
                (f"{place}.4", "CONFLICT"),
                (f"{place}.5", "ALREADY_ACTIVE"),
            ],
        ),
        ({"login": False, "invite": {}}, [("invite", "LOGIN_OFF")]),
        ({"invite": {"message": "x" * 2001}}, [("invite.message", "TOO_LONG")]),
        ({"filter": {}}, [("accountContactIds", "CONFLICT")]),
    ):
        for dry in (True, False):
            answer = await turn(firm.owner, accountContactIds=ids, dryRun=dry, **given)
            assert sorted(answer.refusals()) == sorted(refusals), given
    for given, refusals in (
        ({}, [("accountContactIds", "REQUIRED")]),
        ({"filter": {}, "invite": {}}, [("invite", "LOGIN_OFF")]),
        ({"accountContactIds": ids[:1] * 10_001}, [("accountContactIds", "LIMIT_REACHED")]),
    ):
        assert (await turn(firm.owner, **given)).refusals() == refusals
    off = await turn(firm.owner, accountContactIds=ids[:1], invite={})
    assert off.refusals() == [("accountContactIds.0", "LOGIN_OFF")]
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 2)
    answer = await turn(firm.owner, filter={}, notify=False)
    assert answer.refusals() == [("filter", "LIMIT_REACHED")]
    [error] = answer.data["updateAccountContacts"]["errors"]
    assert error["message"].startswith("The filter finds 3, and at most 2 ")
    assert await statuses(firm) == ["ACTIVE", "OFF", "OFF"]


async def test_asked_twice_with_one_key_it_is_done_and_sent_once(firm: Firm) -> None:
    entries = [await entry_of(firm) for _ in range(2)]
    ids = [entry["id"] for entry in entries]
    given = {"accountContactIds": ids, "login": True, "invite": {}, "idempotencyKey": "k"}
    answers = await asyncio.gather(*(turn(firm.owner, **given) for _ in range(4)))
    payloads = [answer.payload() for answer in answers]
    assert all(payload == payloads[0] for payload in payloads)
    assert (payloads[0]["count"], payloads[0]["recipientCount"]) == (2, 2)
    assert len(await firm.deployed.mails()) == 2
    other = await turn(firm.owner, **{**given, "login": None})
    assert other.refusals() == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]


@pytest.mark.parametrize("count", [50, 500])
async def test_many_take_as_many_statements_as_few(firm: Firm, count: int) -> None:
    many = await many_accounts(firm, count)
    named, found = {"accountContactIds": many.entries}, {"filter": {}}
    invite = {"login": True, "invite": {}}
    for given, changed, told in (
        ({**found, **invite, "dryRun": True}, count, count),
        ({**found, **invite, "sync": True}, count, count),
        ({**found, **invite, "sync": True}, 0, 0),
        ({**named, **invite}, 0, count),
        ({**named, "login": False}, count, 0),
        ({**named, "notify": True, "sync": False}, count, 0),
    ):
        if given == {**named, **invite}:
            # What is replaced differs from row to row.
            some = {"accountContactIds": many.entries[::2], "message": "Again"}
            (await firm.owner.ask(SEND_INVITATIONS, input=some)).payload()
        with firm.deployed.statements() as statements:
            done = (await turn(firm.owner, **given)).payload()
        assert (done["count"], done["recipientCount"]) == (changed, told), given
        assert len(done["recipients"]) == min(told, 200)
        assert len(statements) <= 15, statements
    # Sent again and again, and taken back before any was out.
    assert await firm.deployed.mails() == []


async def test_those_who_turn_at_once_leave_one_live_invitation(firm: Firm) -> None:
    entries = [await entry_of(firm) for _ in range(4)]
    ids = [entry["id"] for entry in entries]
    invite = {"login": True, "invite": {}}
    answers = await asyncio.gather(
        *(turn(firm.owner, accountContactIds=ids[::way], **invite) for way in (1, -1)),
        *(turn(firm.owner, filter={}, **invite) for _ in range(2)),
        *(firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": id, **invite}) for id in ids),
    )
    for answer in answers:
        answer.payload()
    assert await statuses(firm) == ["PENDING"] * 4
    for entry in entries:
        # What was replaced before it was out is not sent.
        assert len(await firm.deployed.mails_to(entry["contact"]["email"])) == 1


async def test_what_is_archived_meanwhile_is_not_left_with_an_invitation(firm: Firm) -> None:
    accounts = [await firm.account() for _ in range(4)]
    ids = [account["id"] for account in accounts]
    entries = [account["contacts"]["nodes"][0]["id"] for account in accounts]
    await asyncio.gather(
        turn(firm.owner, accountContactIds=entries, login=True, invite={}),
        firm.owner.ask(ARCHIVE_ACCOUNTS, ids=ids),
    )
    for id in ids:
        account = (await firm.owner.ask(ACCOUNT, id=id)).data["account"]
        invitation = account["contacts"]["nodes"][0]["invitation"]
        assert invitation is None or invitation["status"] == "REVOKED"
    assert await firm.deployed.mails() == []


async def test_it_needs_manage_portal_access(firm: Firm) -> None:
    entry = await entry_of(firm)
    desk = await firm.member(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS)
    portal = await firm.member(Permission.MANAGE_PORTAL_ACCESS)
    for given in ({"accountContactIds": [entry["id"]]}, {"filter": {}}):
        assert (await turn(desk, **given, login=True, dryRun=True)).codes == ["FORBIDDEN"]
        assert (await turn(portal, **given, login=True, dryRun=True)).payload()["count"] == 1

"""Sending invitations: to whom, what is written, and what it does to those sent before."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from models.enums import Locale, Permission
from tests.contacts.test_merging import contact, entry, merge
from tests.deployments import Answer, Firm
from tests.documents import (
    ACCOUNT,
    ARCHIVE_ACCOUNTS,
    REVOKE_INVITATIONS,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT_CONTACT,
)
from tests.invitations.conftest import Wait

ACTIVATION = "query ($token: String!) { activation(token: $token) { status } }"
OFF = {"contact": {"new": {"firstName": "Off", "email": "off@c.test"}}}


async def test_account_contacts_are_invited_by_their_ids(firm: Firm) -> None:
    accounts = [await firm.account(login=True) for _ in range(2)]
    ids = [account["contacts"]["nodes"][0]["id"] for account in accounts]
    given = {"accountContactIds": [*ids, ids[0]], "message": "Your papers\nare ready."}
    sent = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()
    assert sent["count"] == 2
    assert [row["id"] for row in sent["recipients"]] == ids
    assert {row["portalStatus"] for row in sent["recipients"]} == {"PENDING"}
    invitation = sent["invitations"][0]
    assert (invitation["status"], invitation["delivery"]) == ("PENDING", "QUEUED")
    assert (invitation["sendCount"], invitation["sentBy"]) == (1, {"email": firm.owner_email})
    expires = datetime.fromisoformat(invitation["expiresAt"])
    assert abs(expires - datetime.now(UTC) - timedelta(days=14)) < timedelta(minutes=1)

    letters = await firm.deployed.mails()
    assert [letter.to for letter in letters] == [
        account["contacts"]["nodes"][0]["contact"]["email"] for account in accounts
    ]
    assert all(line in letters[0].text for line in ("Your papers", "are ready."))
    link = f"{firm.deployed.settings.base_url}/p/{firm.slug}/activate?token="
    assert link in letters[0].text
    found = (await firm.owner.ask(ACCOUNT, id=accounts[0]["id"])).data["account"]
    assert found["contacts"]["nodes"][0]["invitation"]["delivery"] == "SENT"


async def test_a_filter_finds_everybody_who_has_not_activated(firm: Firm) -> None:
    active = await firm.account(invited=True)
    await firm.client(active)
    pending = await firm.account(invited=True)
    waiting = await firm.account(login=True, name="Zebra")
    await firm.account(contacts=[OFF])
    archived = await firm.account(login=True)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[archived["id"]])
    before = len(await firm.deployed.mails())

    expected = [account["contacts"]["nodes"][0]["id"] for account in (pending, waiting)]
    tried = await firm.owner.ask(SEND_INVITATIONS, input={"filter": {}, "dryRun": True})
    assert (tried.payload()["count"], tried.payload()["invitations"]) == (2, [])
    assert [row["id"] for row in tried.payload()["recipients"]] == expected
    narrow = {"filter": {"search": "zebra"}, "dryRun": True}
    narrowed = (await firm.owner.ask(SEND_INVITATIONS, input=narrow)).payload()
    assert [row["id"] for row in narrowed["recipients"]] == expected[1:]
    # A dry run has written nothing and sent nothing.
    assert len(await firm.deployed.mails()) == before
    found = (await firm.owner.ask(ACCOUNT, id=waiting["id"])).data["account"]
    assert found["contacts"]["nodes"][0]["invitation"] is None

    sent = (await firm.owner.ask(SEND_INVITATIONS, input={"filter": {}})).payload()
    assert [row["id"] for row in sent["recipients"]] == expected
    assert [row["sendCount"] for row in sent["invitations"]] == [2, 1]
    assert len(await firm.deployed.mails()) == before + 2


async def test_sending_again_kills_the_older_link(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    old = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1]
    given = {"accountContactIds": [entry["id"]]}
    again = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()["invitations"]
    assert again[0]["id"] == entry["invitation"]["id"]
    assert (again[0]["sendCount"], again[0]["status"]) == (2, "PENDING")
    new = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1]
    ask = firm.deployed.nobody.ask
    assert (await ask(ACTIVATION, token=old.token)).data["activation"]["status"] == "REVOKED"
    assert (await ask(ACTIVATION, token=new.token)).data["activation"]["status"] == "VALID"

    # What was superseded before it was out is not sent at all.
    await firm.owner.ask(SEND_INVITATIONS, input=given)
    await firm.owner.ask(SEND_INVITATIONS, input=given)
    assert len(await firm.deployed.mails_to(entry["contact"]["email"])) == 3


async def test_of_several_sent_at_once_the_newest_link_lives(firm: Firm) -> None:
    account = await firm.account(login=True)
    entry = account["contacts"]["nodes"][0]
    given = {"accountContactIds": [entry["id"]]}
    answers = await asyncio.gather(
        *[firm.owner.ask(SEND_INVITATIONS, input=given) for _ in range(5)]
    )
    sent = [answer.payload()["invitations"][0] for answer in answers]
    assert len({invitation["id"] for invitation in sent}) == 1
    assert sorted(invitation["sendCount"] for invitation in sent) == [1, 2, 3, 4, 5]
    (letter,) = await firm.deployed.mails_to(entry["contact"]["email"])
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=letter.token)
    assert looked.data["activation"]["status"] == "VALID"


async def test_whom_a_merge_moves_meanwhile_is_invited_as_who_they_are_now(firm: Firm) -> None:
    for number in range(4):
        email = f"often{number}@c.test"
        kept, *merged = [await contact(firm, firstName="Kim", email=email) for _ in range(9)]
        accounts = [await firm.account(contacts=[entry(id, login=True)]) for id in merged]
        ids = [account["contacts"]["nodes"][0]["id"] for account in accounts]

        async def send_after(seconds: float, ids: list[str] = ids) -> Answer:
            await asyncio.sleep(seconds)
            return await firm.owner.ask(SEND_INVITATIONS, input={"accountContactIds": ids})

        _, *answers = await asyncio.gather(
            merge(firm, kept, *merged), *(send_after(step * 0.008) for step in range(4))
        )
        assert [answer.payload()["count"] for answer in answers] == [len(ids)] * 4
        for account in accounts:
            found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
            [now] = found["contacts"]["nodes"]
            assert now["contact"]["id"] == kept
            assert (now["portalStatus"], now["invitation"]["sendCount"]) == ("PENDING", 4)


async def test_what_cannot_be_invited_is_refused_and_nothing_is_sent(firm: Firm) -> None:
    good = (await firm.account(login=True))["contacts"]["nodes"][0]["id"]
    off = (await firm.account(contacts=[OFF]))["contacts"]["nodes"][0]["id"]
    active = await firm.account(invited=True)
    await firm.client(active)
    closed = await firm.account(login=True)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[closed["id"]])
    before = len(await firm.deployed.mails())
    ids = [
        good,
        off,
        active["contacts"]["nodes"][0]["id"],
        closed["contacts"]["nodes"][0]["id"],
        "acon_nobody",
    ]
    for dry in (True, False):
        given = {"accountContactIds": ids, "dryRun": dry}
        answer = await firm.owner.ask(SEND_INVITATIONS, input=given)
        assert answer.refusals() == [
            ("accountContactIds.1", "LOGIN_OFF"),
            ("accountContactIds.2", "ALREADY_ACTIVE"),
            ("accountContactIds.3", "CONFLICT"),
            ("accountContactIds.4", "NOT_FOUND"),
        ]
    assert len(await firm.deployed.mails()) == before
    for given, refusals in (
        ({}, [("accountContactIds", "REQUIRED")]),
        ({"accountContactIds": [good], "filter": {}}, [("accountContactIds", "CONFLICT")]),
        ({"accountContactIds": [good], "message": "x" * 2001}, [("message", "TOO_LONG")]),
        ({"accountContactIds": [good] * 1001}, [("accountContactIds", "LIMIT_REACHED")]),
    ):
        assert (await firm.owner.ask(SEND_INVITATIONS, input=given)).refusals() == refusals


async def test_one_person_is_not_written_to_without_end(firm: Firm, wait: Wait) -> None:
    entry = (await firm.account(login=True))["contacts"]["nodes"][0]["id"]
    given = {"accountContactIds": [entry]}
    for _ in range(10):
        assert (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()
    often = await firm.owner.ask(SEND_INVITATIONS, input=given)
    assert often.refusals() == [("accountContactIds.0", "LIMIT_REACHED")]
    # By a filter, those who were written to that often are left in peace.
    assert (await firm.owner.ask(SEND_INVITATIONS, input={"filter": {}})).payload()["count"] == 0
    # Turning LOGIN off and on is no way around it.
    again = {"id": entry, "login": True, "invite": {}}
    for _ in range(2):
        answer = await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=again)
        assert answer.refusals() == [("invite", "LIMIT_REACHED")]
        await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entry, "login": False})
    await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entry, "login": True})
    await wait(firm, hours=1)
    assert (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()["count"] == 1


async def test_a_key_makes_sending_twice_one_sending(firm: Firm) -> None:
    account = await firm.account(login=True)
    entry = account["contacts"]["nodes"][0]
    other = (await firm.account(login=True))["contacts"]["nodes"][0]["id"]
    given = {"accountContactIds": [other, entry["id"]], "idempotencyKey": "monday"}
    first = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()
    assert (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload() == first
    assert len(await firm.deployed.mails_to(entry["contact"]["email"])) == 1
    changed = await firm.owner.ask(SEND_INVITATIONS, input={**given, "message": "Hello"})
    assert changed.refusals() == [("idempotencyKey", "IDEMPOTENCY_KEY_REUSED")]


async def test_a_revoked_invitation_opens_nothing_and_login_stays(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    letter = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1]
    id = entry["invitation"]["id"]
    for _ in range(2):
        revoked = (await firm.owner.ask(REVOKE_INVITATIONS, ids=[id])).payload()
        assert revoked["invitations"] == [{"id": id, "status": "REVOKED"}]
    looked = await firm.deployed.nobody.ask(ACTIVATION, token=letter.token)
    assert looked.data["activation"]["status"] == "REVOKED"
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert found["portalStatus"] == "NOT_INVITED"
    assert found["contacts"]["nodes"][0]["login"] is True

    given = {"accountContactIds": [entry["id"]]}
    fresh = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()["invitations"][0]
    assert (fresh["status"], fresh["id"] == id) == ("PENDING", False)
    client = await firm.client(account)
    assert client.token
    answer = await firm.owner.ask(REVOKE_INVITATIONS, ids=[fresh["id"], "inv_nobody"])
    assert answer.refusals() == [("ids.0", "ALREADY_ACTIVE"), ("ids.1", "NOT_FOUND")]
    many = await firm.owner.ask(REVOKE_INVITATIONS, ids=[id] * 1001)
    assert many.refusals() == [("ids", "LIMIT_REACHED")]


async def test_the_letter_speaks_the_contacts_language_or_the_firms(firm: Firm) -> None:
    people = [
        {"firstName": "Uwe", "email": "uwe@c.test", "locale": Locale.DE},
        {"firstName": "Ann", "email": "ann@c.test"},
    ]
    entries = [{"contact": {"new": new}, "login": True, "invite": {}} for new in people]
    await firm.account(contacts=entries)
    (german,) = await firm.deployed.mails_to("uwe@c.test")
    (english,) = await firm.deployed.mails_to("ann@c.test")
    assert german.subject == f"Firm {firm.slug} lädt Sie in das Kundenportal ein"
    assert english.subject == f"Firm {firm.slug} invites you to its client portal"


async def test_inviting_needs_its_permission(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    member = await firm.member(Permission.MANAGE_ACCOUNTS, Permission.MANAGE_CONTACTS)
    given = {"input": {"accountContactIds": [entry["id"]], "dryRun": True}}
    assert (await member.ask(SEND_INVITATIONS, **given)).codes == ["FORBIDDEN"]
    answer = await member.ask(REVOKE_INVITATIONS, ids=[entry["invitation"]["id"]])
    assert answer.codes == ["FORBIDDEN"]
    allowed = await firm.member(Permission.MANAGE_PORTAL_ACCESS)
    assert (await allowed.ask(SEND_INVITATIONS, **given)).payload()["count"] == 1

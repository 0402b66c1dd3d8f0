"""Activation: an invitation's link sets the first password, once."""

from __future__ import annotations

import asyncio

from tests.deployments import ACTIVATE, PASSWORD, SIGN_IN, Deployed, Firm
from tests.documents import (
    ACCOUNT,
    ARCHIVE_ACCOUNTS,
    REMOVE_ACCOUNT_CONTACT,
    RESTORE_ACCOUNTS,
    REVOKE_INVITATIONS,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT_CONTACT,
    VIEWER,
)
from tests.invitations.conftest import Wait

ACTIVATION = """
query ($token: String!) {
  activation(token: $token) { status email firstName accountName firm { slug } expiresAt }
}
"""
REQUEST = """
mutation ($input: RequestNewInvitationInput!) {
  requestNewInvitation(input: $input) { errors { path code message } }
}
"""
NOTHING = {"email": None, "firstName": None, "accountName": None, "expiresAt": None}


async def test_looking_at_a_link_tells_whom_it_is_for_and_uses_nothing_up(firm: Firm) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    for _ in range(3):
        looked = (await firm.deployed.nobody.ask(ACTIVATION, token=token)).data["activation"]
        assert looked.pop("expiresAt")
        assert looked == {
            "status": "VALID",
            "email": address,
            "firstName": "Kim",
            "accountName": account["name"],
            "firm": {"slug": firm.slug},
        }
    client = await firm.client(account)
    assert (await client.ask(VIEWER)).data["viewer"]["email"] == address
    used = (await firm.deployed.nobody.ask(ACTIVATION, token=token)).data["activation"]
    assert used == {"status": "USED", "firm": {"slug": firm.slug}, **NOTHING}
    again = await firm.deployed.nobody.ask(
        ACTIVATE, input={"token": token, "password": "another good password"}
    )
    assert again.refusals() == [("token", "TOKEN_USED")]
    assert await firm.sign_in(address)


async def test_of_twenty_activations_at_once_one_succeeds(firm: Firm) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    passwords = [f"twenty paper boats {n}" for n in range(20)]
    answers = await asyncio.gather(
        *[
            firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": password})
            for password in passwords
        ]
    )
    refusals = [answer.refusals() for answer in answers]
    assert sorted(refusals) == [[]] + [[("token", "TOKEN_USED")]] * 19
    winner = passwords[refusals.index([])]
    assert await firm.sign_in(address, winner)
    loser = {"firm": firm.slug, "email": address, "password": passwords[refusals.index([]) - 1]}
    answer = await firm.deployed.nobody.ask(SIGN_IN, input=loser)
    assert answer.refusals() == [("password", "INVALID_CREDENTIALS")]


async def test_a_weak_password_leaves_the_link_good(firm: Firm) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    for weak in ("short", "passwordpassword", f"{address} {address}", "x" * 129):
        answer = await firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": weak})
        assert answer.refusals() == [("password", "WEAK_PASSWORD")], weak
    good = await firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
    assert good.payload()["viewer"]["email"] == address


async def test_an_invitation_lives_fourteen_days(firm: Firm, wait: Wait) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    token = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1].token
    ask = firm.deployed.nobody.ask
    await wait(firm, days=13.99)
    assert (await ask(ACTIVATION, token=token)).data["activation"]["status"] == "VALID"
    await wait(firm, days=14)
    looked = (await ask(ACTIVATION, token=token)).data["activation"]
    assert (looked["status"], looked["email"]) == ("EXPIRED", entry["contact"]["email"])
    answer = await ask(ACTIVATE, input={"token": token, "password": PASSWORD})
    assert answer.refusals() == [("token", "TOKEN_EXPIRED")]
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert found["contacts"]["nodes"][0]["invitation"]["status"] == "EXPIRED"
    # No password has been set yet: the account is still one to look after.
    assert found["portalStatus"] == "PENDING"

    assert (await ask(REQUEST, input={"token": token})).payload()
    letters = await firm.deployed.mails_to(entry["contact"]["email"])
    assert len(letters) == 2
    assert (await ask(ACTIVATION, token=token)).data["activation"]["status"] == "REVOKED"
    fresh = await ask(ACTIVATE, input={"token": letters[-1].token, "password": PASSWORD})
    assert fresh.payload()


async def test_a_fresh_link_is_asked_for_with_an_old_one(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    address = entry["contact"]["email"]
    ask = firm.deployed.nobody.ask
    replaced = (await firm.deployed.mails_to(address))[-1].token
    await firm.owner.ask(SEND_INVITATIONS, input={"accountContactIds": [entry["id"]]})
    assert (await ask(REQUEST, input={"token": replaced})).payload()
    token = (await firm.deployed.mails_to(address))[-1].token
    assert (await ask(ACTIVATION, token=token)).data["activation"]["status"] == "VALID"

    # Whoever took the access away meant it.
    await firm.owner.ask(REVOKE_INVITATIONS, ids=[entry["invitation"]["id"]])
    answer = await ask(REQUEST, input={"token": token})
    assert answer.refusals() == [("token", "TOKEN_INVALID")]
    await firm.owner.ask(SEND_INVITATIONS, input={"accountContactIds": [entry["id"]]})
    await firm.client(account)
    used = (await firm.deployed.mails_to(address))[-1].token
    assert (await ask(REQUEST, input={"token": used})).refusals() == [("token", "TOKEN_USED")]
    for nonsense in ("", "x", f"{used}x", "a.b.c"):
        answer = await ask(REQUEST, input={"token": nonsense})
        assert answer.refusals() == [("token", "TOKEN_INVALID")]


async def test_fresh_links_are_not_sent_without_end(firm: Firm) -> None:
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    codes = [
        (await firm.deployed.nobody.ask(REQUEST, input={"token": token})).codes for _ in range(8)
    ]
    assert codes[0] == []
    assert codes[-1] == ["RATE_LIMITED"]
    assert codes == sorted(codes)


async def test_what_closes_the_account_kills_the_link(firm: Firm) -> None:
    ask = firm.deployed.nobody.ask
    other = {"contact": {"new": {"lastName": "Other"}}}
    for document, given in (
        (UPDATE_ACCOUNT_CONTACT, lambda account, entry: {"input": {"id": entry, "login": False}}),
        (ARCHIVE_ACCOUNTS, lambda account, entry: {"ids": [account]}),
        (REMOVE_ACCOUNT_CONTACT, lambda account, entry: {"id": entry}),
    ):
        new = {"firstName": "Kim", "email": "kim@c.test"}
        entry = {"contact": {"new": new}, "login": True, "invite": {}}
        account = await firm.account(contacts=[entry, other])
        token = (await firm.deployed.mails_to("kim@c.test"))[-1].token
        id = account["contacts"]["nodes"][0]["id"]
        (await firm.owner.ask(document, **given(account["id"], id))).payload()
        looked = (await ask(ACTIVATION, token=token)).data["activation"]
        assert looked["status"] in ("REVOKED", "INVALID")
        assert looked["email"] is None
        answer = await ask(ACTIVATE, input={"token": token, "password": PASSWORD})
        assert answer.refusals() == [("token", "TOKEN_INVALID")]
        assert (await ask(REQUEST, input={"token": token})).refusals()
    # Restoring an account does not bring dead links back.
    account = await firm.account(invited=True)
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    token = (await firm.deployed.mails_to(address))[-1].token
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    await firm.owner.ask(RESTORE_ACCOUNTS, ids=[account["id"]])
    assert (await ask(ACTIVATION, token=token)).data["activation"]["status"] == "REVOKED"


async def test_a_link_that_is_not_ours_says_nothing(deployed: Deployed) -> None:
    for token in ("", "x", "a.b.c", "é" * 5, "x" * 5000):
        looked = (await deployed.nobody.ask(ACTIVATION, token=token)).data["activation"]
        assert looked == {"status": "INVALID", "firm": None, **NOTHING}
        answer = await deployed.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
        assert answer.refusals() == [("token", "TOKEN_INVALID")]


async def test_other_invitations_to_the_address_are_accepted_too(firm: Firm) -> None:
    first = await firm.account(invited=True)
    address = first["contacts"]["nodes"][0]["contact"]["email"]
    spouse = {"contact": {"new": {"firstName": "Sam", "email": address}}}
    second = await firm.account(contacts=[{**spouse, "login": True, "invite": {}}])
    letters = await firm.deployed.mails_to(address)
    assert len(letters) == 2
    client = await firm.client(second)
    viewer = (await client.ask(VIEWER)).data["viewer"]
    assert {account["id"] for account in viewer["accounts"]} == {first["id"], second["id"]}
    assert viewer["currentAccount"]["id"] == second["id"]
    for account in (first, second):
        found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
        assert found["portalStatus"] == "ACTIVE"
        assert found["contacts"]["nodes"][0]["invitation"]["status"] == "ACCEPTED"
    answer = await firm.deployed.nobody.ask(
        ACTIVATE, input={"token": letters[0].token, "password": PASSWORD}
    )
    assert answer.refusals() == [("token", "TOKEN_USED")]


async def test_each_firm_has_its_own_portal_user_for_an_address(deployed: Deployed) -> None:
    new = {"firstName": "Kim", "email": "kim@c.test"}
    entry = {"contact": {"new": new}, "login": True, "invite": {}}
    one, two = await deployed.firm(), await deployed.firm()
    first = await one.account(contacts=[entry])
    client = await one.client(first)
    second = await two.account(contacts=[entry])
    assert (second["portalStatus"], first["id"] == second["id"]) == ("PENDING", False)
    other = await two.client(second)
    ids = [(await voice.ask(VIEWER)).data["viewer"]["id"] for voice in (client, other)]
    assert len(set(ids)) == 2

"""What a client sees of the accounts that are open to them, and what closes one at once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployments import SIGN_IN, Deployed, Firm, Voice
from tests.documents import (
    ADD_ACCOUNT_CONTACT,
    ARCHIVE_ACCOUNTS,
    DELETE_ACCOUNT,
    REMOVE_ACCOUNT_CONTACT,
    RESTORE_ACCOUNTS,
    SWITCH_ACCOUNT,
    UPDATE_ACCOUNT_CONTACT,
    VIEWER,
)

PORTAL = """
{ viewer { ... on PortalUser {
    firstName lastName locale firm { name slug }
    accounts { id type name companyName folders { name access } }
} } }
"""


@pytest.fixture
async def two(firm: Firm) -> list[dict[str, Any]]:
    """Two accounts with one contact that they share, each with another one beside."""
    other = {"contact": {"new": {"lastName": "Other"}}}
    new = {"contact": {"new": {"firstName": "Kim", "lastName": "Case", "email": "kim@c.test"}}}
    first = await firm.account(name="B", contacts=[{**new, "login": True, "invite": {}}, other])
    known = {"contact": {"id": first["contacts"]["nodes"][0]["contact"]["id"]}, "login": True}
    return [first, await firm.account(name="A", contacts=[known, other])]


async def entered(client: Voice) -> tuple[list[str], str | None]:
    """The accounts that are open to the client, and the one that the session is in."""
    viewer = (await client.ask(VIEWER)).data["viewer"]
    current = viewer["currentAccount"]
    return [account["id"] for account in viewer["accounts"]], current and current["id"]


async def test_a_client_sees_the_accounts_by_name_and_nothing_private(
    firm: Firm, two: list[dict[str, Any]]
) -> None:
    client = await firm.client(two[0])
    viewer = (await client.ask(PORTAL)).data["viewer"]
    assert (viewer["firstName"], viewer["lastName"], viewer["locale"]) == ("Kim", "Case", "EN")
    assert viewer["firm"] == {"name": f"Firm {firm.slug}", "slug": firm.slug}
    assert [account["name"] for account in viewer["accounts"]] == ["A", "B"]
    assert viewer["accounts"][0]["folders"] == [
        {"name": "Client uploaded documents", "access": "UPLOAD"}
    ]


async def test_each_session_is_in_an_account_of_its_own(
    firm: Firm, two: list[dict[str, Any]]
) -> None:
    first, second = (account["id"] for account in two)
    here = await firm.client(two[0])
    there = await firm.sign_in("kim@c.test")
    # A fresh session starts in the first account by name.
    assert (await entered(there))[1] == second
    switched = (await here.ask(SWITCH_ACCOUNT, input={"accountId": second})).payload()
    assert switched["currentAccount"] == switched["viewer"]["currentAccount"] == {"id": second}
    (await there.ask(SWITCH_ACCOUNT, input={"accountId": first})).payload()
    assert [(await entered(voice))[1] for voice in (here, there)] == [second, first]


async def test_nobody_switches_to_what_is_not_open(deployed: Deployed) -> None:
    firm, foreign = await deployed.firm(), await deployed.firm()
    mine = await firm.account(invited=True)
    client = await firm.client(mine)
    closed = await firm.account()
    archived = await firm.account(
        contacts=[{"contact": {"id": mine["contacts"]["nodes"][0]["contact"]["id"]}, "login": True}]
    )
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[archived["id"]])
    theirs = await foreign.account(invited=True)
    answers = [
        await client.ask(SWITCH_ACCOUNT, input={"accountId": id})
        for id in (closed["id"], archived["id"], theirs["id"], "acct_nobody", "")
    ]
    assert all(answer.refusals() == [("accountId", "NOT_FOUND")] for answer in answers)
    assert len({str(answer.body) for answer in answers}) == 1
    assert (await entered(client))[1] == mine["id"]
    member = await firm.owner.ask(SWITCH_ACCOUNT, input={"accountId": mine["id"]})
    assert member.codes == ["FORBIDDEN"]
    signed_out = await deployed.nobody.ask(SWITCH_ACCOUNT, input={"accountId": mine["id"]})
    assert signed_out.codes == ["UNAUTHENTICATED"]


async def test_login_taken_away_closes_this_account_at_once_and_no_other(
    firm: Firm, two: list[dict[str, Any]]
) -> None:
    client = await firm.client(two[0])
    (first, second), entries = (
        [account["id"] for account in two],
        [account["contacts"]["nodes"][0]["id"] for account in two],
    )
    assert await entered(client) == ([second, first], first)
    await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entries[0], "login": False})
    assert await entered(client) == ([second], second)
    await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entries[1], "login": False})
    assert await entered(client) == ([], None)
    answer = await client.ask(SWITCH_ACCOUNT, input={"accountId": first})
    assert answer.refusals() == [("accountId", "NOT_FOUND")]
    given = {"firm": firm.slug, "email": "kim@c.test", "password": "a garden full of lanterns"}
    refused = await firm.deployed.nobody.ask(SIGN_IN, input=given)
    assert refused.refusals() == [("password", "INVALID_CREDENTIALS")]
    # Turned on again, it opens again: the session is where it was, the password still holds.
    await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input={"id": entries[0], "login": True})
    assert await entered(client) == ([first], first)
    assert await firm.sign_in("kim@c.test")


async def test_an_archived_account_closes_at_once_and_opens_when_restored(
    firm: Firm, two: list[dict[str, Any]]
) -> None:
    client = await firm.client(two[0])
    first, second = (account["id"] for account in two)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[first])
    assert await entered(client) == ([second], second)
    await firm.owner.ask(RESTORE_ACCOUNTS, ids=[first])
    assert await entered(client) == ([second, first], first)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[first, second])
    assert await entered(client) == ([], None)
    (await firm.owner.ask(DELETE_ACCOUNT, id=first)).payload()
    await firm.owner.ask(RESTORE_ACCOUNTS, ids=[second])
    assert await entered(client) == ([second], second)


async def test_a_contact_taken_out_loses_this_account_and_no_other(
    firm: Firm, two: list[dict[str, Any]]
) -> None:
    client = await firm.client(two[0])
    first, second = (account["id"] for account in two)
    entry = two[0]["contacts"]["nodes"][0]
    (await firm.owner.ask(REMOVE_ACCOUNT_CONTACT, id=entry["id"])).payload()
    assert await entered(client) == ([second], second)
    contact = {"contact": {"id": entry["contact"]["id"]}, "login": True}
    given = {"accountId": first, "contact": contact}
    (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).payload()
    assert await entered(client) == ([second, first], first)

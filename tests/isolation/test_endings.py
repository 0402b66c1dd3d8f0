"""What is taken away is away at the next request, by every way that led there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from models import Member
from models.enums import MemberStatus, Permission
from tenancy.recording import BY_HAND
from tenancy.session import firm_session
from tests.deployments import ACTIVATE, CREATE_ACCOUNT, Deployed, Firm, Voice
from tests.isolation.twins import Twin, send
from tests.isolation.walk import document

ACCOUNTS = "{ viewer { ... on PortalUser { accounts { id name folders { path } } currentAccount { id } } } }"
SWITCH = """
mutation ($id: ID!) {
  switchAccount(input: { accountId: $id }) { currentAccount { id } errors { path code } }
}
"""


async def accounts_of(client: Voice) -> list[str]:
    viewer = (await client.ask(ACCOUNTS)).data["viewer"]
    return [] if viewer is None else [account["id"] for account in viewer["accounts"]]


async def shared(firm: Firm) -> tuple[Voice, dict[str, Any], dict[str, Any]]:
    """A client with two accounts, signed in."""
    first = await firm.account(invited=True)
    contact = first["contacts"]["nodes"][0]["contact"]["id"]
    given = {
        "type": "INDIVIDUAL",
        "name": "Zweites",
        "contacts": [
            {"contact": {"id": contact}, "login": True},
            {"contact": {"new": {"lastName": "Other"}}},
        ],
    }
    second = (await firm.owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    return await firm.client(first), first, second


TAKEN_AWAY = {
    "LOGIN is turned off": (
        "mutation ($id: ID!) {"
        " updateAccountContact(input: { id: $id, login: false }) { errors { code } } }"
    ),
    "the contact leaves the account": (
        "mutation ($id: ID!) { removeAccountContact(id: $id) { errors { code } } }"
    ),
    "the account is archived": (
        "mutation ($id: ID!) { archiveAccounts(ids: [$id]) { errors { code } } }"
    ),
}


@pytest.mark.parametrize("way", TAKEN_AWAY)
async def test_an_account_that_is_taken_away_is_closed_at_once_and_only_there(
    firm: Firm, way: str
) -> None:
    client, first, second = await shared(firm)
    assert sorted(await accounts_of(client)) == sorted([first["id"], second["id"]])
    assert (await client.ask(SWITCH, id=second["id"])).refusals() == []
    entry = next(node for node in second["contacts"]["nodes"] if node["login"])
    what = second["id"] if "archive" in TAKEN_AWAY[way] else entry["id"]
    (await firm.owner.ask(TAKEN_AWAY[way], id=what)).payload()
    assert await accounts_of(client) == [first["id"]]
    viewer = (await client.ask(ACCOUNTS)).data["viewer"]
    assert viewer["currentAccount"]["id"] == first["id"]
    closed = await client.ask(SWITCH, id=second["id"])
    never = await client.ask(SWITCH, id="acct_" + "0" * 32)
    assert closed.body == never.body
    assert closed.refusals() == [("accountId", "NOT_FOUND")]


async def test_an_account_that_is_shared_and_unshared_is_reached_by_no_way(
    fresh: tuple[Twin, Twin],
) -> None:
    """The same person at both firms: what one firm shares does not open the other's."""
    for mine, other in (fresh, fresh[::-1]):
        letters = await mine.deployed.mails_to("anna@gleich.test")
        token = next(each.token for each in letters if f"/{mine.texts['slug']}/" in each.text)
        answer = await mine.deployed.nobody.ask(
            ACTIVATE, input={"token": token, "password": "a garden full of lanterns"}
        )
        client = Voice(mine.deployed, answer.payload()["token"])
        assert await accounts_of(client) == [mine.ids["pending_account"]]
        told = (await send(client, document("viewer", depth=6), {})).text
        assert [secret for secret in other.secrets() if secret in told] == []
        refused = await client.ask(SWITCH, id=other.ids["pending_account"])
        assert refused.refusals() == [("accountId", "NOT_FOUND")]


async def test_a_member_who_is_deactivated_is_out_with_the_next_request(
    deployed: Deployed, firm: Firm
) -> None:
    member = await firm.member(*Permission)
    me = (await member.ask("{ viewer { ... on Member { id } } firm { id } }")).data
    async with firm_session(deployed.deployment.database, me["firm"]["id"]) as session:
        await session.execute(
            update(Member)
            .where(Member.id == me["viewer"]["id"])
            .values(status=MemberStatus.DEACTIVATED),
            execution_options=BY_HAND,
        )
        await session.commit()
    assert (await member.ask("{ accounts { totalCount } }")).codes == ["UNAUTHENTICATED"]
    create = await member.ask(CREATE_ACCOUNT, input={"type": "OTHER", "contacts": []})
    assert create.codes == ["UNAUTHENTICATED"]
    cookie = {"Cookie": f"__Host-mandant={member.token}"}
    answer = await deployed.http.post("/graphql", json={"query": "{ firm { id } }"}, headers=cookie)
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_permission_that_is_taken_away_is_away_with_the_next_request(
    deployed: Deployed, firm: Firm
) -> None:
    member = await firm.member(Permission.MANAGE_CONTACTS)
    create = 'mutation { createContact(input: { lastName: "X" }) { errors { code } } }'
    assert (await member.ask(create)).payload()["errors"] == []
    me = (await member.ask("{ viewer { ... on Member { id } } firm { id } }")).data
    async with firm_session(deployed.deployment.database, me["firm"]["id"]) as session:
        await session.execute(
            update(Member).where(Member.id == me["viewer"]["id"]).values(permissions=[]),
            execution_options=BY_HAND,
        )
        await session.commit()
    assert (await member.ask(create)).codes == ["FORBIDDEN"]


async def test_without_any_account_left_nobody_signs_in_again(firm: Firm) -> None:
    account = await firm.account(invited=True)
    client = await firm.client(account)
    archive = "mutation ($ids: [ID!]!) { archiveAccounts(ids: $ids) { errors { code } } }"
    await firm.owner.ask(archive, ids=[account["id"]])
    assert await accounts_of(client) == []
    address = account["contacts"]["nodes"][0]["contact"]["email"]
    refused = await firm.deployed.nobody.ask(
        "mutation ($input: SignInInput!) { signIn(input: $input) { errors { path code } } }",
        input={"firm": firm.slug, "email": address, "password": "a garden full of lanterns"},
    )
    assert refused.refusals() == [("password", "INVALID_CREDENTIALS")]


async def test_a_client_sees_their_own_accounts_and_nobody_elses_at_the_same_firm(
    firm: Firm,
) -> None:
    accounts = [await firm.account(invited=True) for _ in range(3)]
    clients = [await firm.client(account) for account in accounts]
    for client, account in zip(clients, accounts, strict=True):
        viewer = (await client.ask(ACCOUNTS)).data["viewer"]
        assert [each["id"] for each in viewer["accounts"]] == [account["id"]]
        assert viewer["currentAccount"]["id"] == account["id"]
        for other in accounts:
            expected = [] if other is account else [("accountId", "NOT_FOUND")]
            assert (await client.ask(SWITCH, id=other["id"])).refusals() == expected

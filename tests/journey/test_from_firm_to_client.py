"""The main job: a firm adds an account, invites its client, and sees who is still pending."""

from __future__ import annotations

from tests.deployments import Deployed

PENDING = """
{ accounts(filter: {portalStatus: [PENDING]}) { totalCount nodes { number name portalStatus } } }
"""
VIEWER = """
{ viewer { __typename ... on PortalUser {
    email firm { name } accounts { id name folders { path access } } currentAccount { id }
} } }
"""
SWITCH = """
mutation ($input: SwitchAccountInput!) {
  switchAccount(input: $input) { currentAccount { id } viewer { ... on PortalUser { currentAccount { id } } } errors { path code } }
}
"""
NOTIFICATIONS = """
{ notifications { unreadCount totalCount nodes { kind title url account { id } readAt } } }
"""


async def test_a_client_is_invited_activates_and_switches_accounts(deployed: Deployed) -> None:
    firm = await deployed.firm()
    first = await firm.account(invited=True)
    contact = first["contacts"]["nodes"][0]["contact"]["id"]
    second = await firm.account(contacts=[{"contact": {"id": contact}, "login": True}])

    pending = (await firm.owner.ask(PENDING)).data["accounts"]
    assert [account["number"] for account in pending["nodes"]] == [first["number"]]

    client = await firm.client(first)
    viewer = (await client.ask(VIEWER)).data["viewer"]
    assert {account["id"] for account in viewer["accounts"]} == {first["id"], second["id"]}
    assert viewer["currentAccount"]["id"] == first["id"]
    assert viewer["accounts"][0]["folders"] == [
        {"path": "Client uploaded documents", "access": "UPLOAD"}
    ]

    switched = (await client.ask(SWITCH, input={"accountId": second["id"]})).payload()
    assert switched["currentAccount"] == {"id": second["id"]}
    assert switched["viewer"] == {"currentAccount": {"id": second["id"]}}
    assert (await client.ask(VIEWER)).data["viewer"]["currentAccount"]["id"] == second["id"]

    assert (await firm.owner.ask(PENDING)).data["accounts"]["totalCount"] == 0
    inbox = (await firm.owner.ask(NOTIFICATIONS)).data["notifications"]
    assert inbox["unreadCount"] == 1
    assert inbox["nodes"][0]["kind"] == "CLIENT_ACTIVATED"
    assert inbox["nodes"][0]["account"] == {"id": first["id"]}
    told = await deployed.mails_to(firm.owner_email)
    assert inbox["nodes"][0]["url"] in told[-1].text

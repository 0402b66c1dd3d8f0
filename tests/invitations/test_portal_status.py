"""How far portal access has come, for a contact in an account and for the account."""

from __future__ import annotations

from tests.deployments import ACTIVATE, PASSWORD, Firm
from tests.documents import (
    ACCOUNT,
    ARCHIVE_ACCOUNTS,
    RESTORE_ACCOUNTS,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT_CONTACT,
    UPDATE_CONTACT,
    VIEWER,
)

LISTED = """
query ($status: [PortalStatus!]) {
  accounts(filter: {portalStatus: $status}) { totalCount nodes { portalStatus } }
}
"""


async def test_an_account_is_as_far_as_its_furthest_contact(firm: Firm) -> None:
    people = [
        {"contact": {"new": {"lastName": "Off"}}},
        {"contact": {"new": {"lastName": "Not", "email": "not@c.test"}}, "login": True},
        {
            "contact": {"new": {"lastName": "Pen", "email": "pen@c.test"}},
            "login": True,
            "invite": {},
        },
    ]
    account = await firm.account(contacts=people)
    statuses = [entry["portalStatus"] for entry in account["contacts"]["nodes"]]
    assert statuses == ["OFF", "NOT_INVITED", "PENDING"]
    assert account["portalStatus"] == "PENDING"
    one = await firm.account(contacts=people[:1])
    two = await firm.account(contacts=people[:2])
    assert (one["portalStatus"], two["portalStatus"]) == ("OFF", "NOT_INVITED")

    for status in ("OFF", "NOT_INVITED", "PENDING"):
        found = (await firm.owner.ask(LISTED, status=[status])).data["accounts"]
        assert found == {"totalCount": 1, "nodes": [{"portalStatus": status}]}
    token = (await firm.deployed.mails_to("pen@c.test"))[-1].token
    await firm.deployed.nobody.ask(ACTIVATE, input={"token": token, "password": PASSWORD})
    found = (await firm.owner.ask(LISTED, status=["PENDING", "ACTIVE"])).data["accounts"]
    assert found["nodes"] == [{"portalStatus": "ACTIVE"}]
    assert (await firm.owner.ask(LISTED, status=[])).data["accounts"]["totalCount"] == 0
    assert (await firm.owner.ask(LISTED, status=None)).data["accounts"]["totalCount"] == 3


async def test_somebody_with_a_password_is_told_of_another_account(firm: Firm) -> None:
    first = await firm.account(invited=True)
    contact = first["contacts"]["nodes"][0]["contact"]
    client = await firm.client(first)
    entry = {"contact": {"id": contact["id"]}, "login": True, "invite": {"message": "Here too"}}
    second = await firm.account(contacts=[entry])
    (listed,) = second["contacts"]["nodes"]
    assert (second["portalStatus"], listed["portalStatus"]) == ("ACTIVE", "ACTIVE")
    assert listed["invitation"]["status"] == "ACCEPTED"
    letter = (await firm.deployed.mails_to(contact["email"]))[-1]
    assert letter.subject == f"Firm {firm.slug} has opened another account to you"
    assert "Here too" in letter.text
    assert "token=" not in letter.text + letter.html
    viewer = (await client.ask(VIEWER)).data["viewer"]
    assert {account["id"] for account in viewer["accounts"]} == {first["id"], second["id"]}
    answer = await firm.owner.ask(SEND_INVITATIONS, input={"accountContactIds": [listed["id"]]})
    assert answer.refusals() == [("accountContactIds.0", "ALREADY_ACTIVE")]

    # LOGIN alone opens as well; the mail is then sent when somebody asks for it.
    entry = {"contact": {"id": contact["id"]}, "login": True}
    third = (await firm.account(contacts=[entry]))["contacts"]["nodes"][0]
    assert (third["portalStatus"], third["invitation"]) == ("ACTIVE", None)
    given = {"accountContactIds": [third["id"]]}
    told = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()["invitations"]
    assert told[0]["status"] == "ACCEPTED"
    assert (await firm.deployed.mails_to(contact["email"]))[-1].subject == letter.subject


async def test_a_couple_with_one_address_shares_the_portal_user(firm: Firm) -> None:
    couple = [
        {"contact": {"new": {"firstName": name, "email": email}}, "login": True}
        for name, email in (("Kim", "home@c.test"), ("Sam", "Home@C.test"))
    ]
    couple[0]["invite"] = {}
    account = await firm.account(contacts=couple)
    statuses = [entry["portalStatus"] for entry in account["contacts"]["nodes"]]
    assert statuses == ["PENDING", "NOT_INVITED"]
    client = await firm.client(account)
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert [entry["portalStatus"] for entry in found["contacts"]["nodes"]] == ["ACTIVE", "ACTIVE"]

    # The account stays open to the address until neither of them has LOGIN.
    for entry, left in zip(account["contacts"]["nodes"], (1, 0), strict=True):
        given = {"id": entry["id"], "login": False}
        (await firm.owner.ask(UPDATE_ACCOUNT_CONTACT, input=given)).payload()
        assert len((await client.ask(VIEWER)).data["viewer"]["accounts"]) == left


async def test_an_equal_address_opens_nothing_by_itself(firm: Firm) -> None:
    first = await firm.account(invited=True)
    contact = first["contacts"]["nodes"][0]["contact"]
    client = await firm.client(first)
    same = {"contact": {"new": {"firstName": "Kim", "email": contact["email"]}}}
    await firm.account(contacts=[same])
    await firm.account(contacts=[{"contact": {"id": contact["id"]}}])
    viewer = (await client.ask(VIEWER)).data["viewer"]
    assert [account["id"] for account in viewer["accounts"]] == [first["id"]]


async def test_a_new_address_starts_from_the_beginning(firm: Firm) -> None:
    account = await firm.account(invited=True)
    entry = account["contacts"]["nodes"][0]
    client = await firm.client(account)
    given = {"id": entry["contact"]["id"], "email": "new@c.test"}
    (await firm.owner.ask(UPDATE_CONTACT, input=given)).payload()
    assert (await client.ask(VIEWER)).data["viewer"]["accounts"] == []
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert found["portalStatus"] == "NOT_INVITED"
    given = {"accountContactIds": [entry["id"]]}
    sent = (await firm.owner.ask(SEND_INVITATIONS, input=given)).payload()
    assert sent["recipients"][0]["portalStatus"] == "PENDING"


async def test_an_archived_account_is_closed(firm: Firm) -> None:
    account = await firm.account(invited=True)
    await firm.client(account)
    for document, status in ((ARCHIVE_ACCOUNTS, "OFF"), (RESTORE_ACCOUNTS, "ACTIVE")):
        answer = (await firm.owner.ask(document, ids=[account["id"]])).payload()
        assert answer["accounts"][0]["portalStatus"] == status
        found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
        assert found["contacts"]["nodes"][0]["portalStatus"] == status

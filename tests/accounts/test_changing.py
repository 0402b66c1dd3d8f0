"""Changing, archiving, restoring and deleting accounts."""

from __future__ import annotations

from models.enums import Permission
from tests.deployments import Firm
from tests.documents import (
    ACCOUNT,
    ARCHIVE_ACCOUNTS,
    COUNTS,
    DELETE_ACCOUNT,
    RESTORE_ACCOUNTS,
    UPDATE_ACCOUNT,
)

MEMBERS = "{ members { id email role } viewer { ... on Member { id } } }"


async def test_what_is_left_out_stays_and_null_clears(firm: Firm) -> None:
    account = await firm.account(
        type="COMPANY",
        name="Ours",
        companyName="Lamp Ltd",
        companyAddress={"street": "Road 1"},
        externalReference="R1",
    )
    renamed = await firm.owner.ask(UPDATE_ACCOUNT, input={"id": account["id"], "name": " New "})
    kept = renamed.payload()["account"]
    assert kept["name"] == "New"
    assert (kept["companyName"], kept["externalReference"]) == ("Lamp Ltd", "R1")
    assert kept["companyAddress"] == {"street": "Road 1"}

    given = {"id": account["id"], "companyAddress": None, "externalReference": None, "name": None}
    cleared = (await firm.owner.ask(UPDATE_ACCOUNT, input=given)).payload()["account"]
    assert (cleared["companyAddress"], cleared["externalReference"]) == (None, None)
    assert cleared["name"] == "Lamp Ltd"

    given = {"id": account["id"], "companyName": None, "name": None}
    derived = (await firm.owner.ask(UPDATE_ACCOUNT, input=given)).payload()["account"]
    assert derived["companyName"] is None
    assert derived["name"].startswith("Kim Case")
    untouched = (await firm.owner.ask(UPDATE_ACCOUNT, input={"id": account["id"]})).payload()
    assert untouched["account"]["name"] == derived["name"]


async def test_a_company_becomes_something_else_when_its_fields_are_cleared(firm: Firm) -> None:
    account = await firm.account(
        type="COMPANY", companyName="Lamp Ltd", companyAddress={"city": "Leeds"}
    )
    given = {"id": account["id"], "type": "OTHER"}
    refused = await firm.owner.ask(UPDATE_ACCOUNT, input=given)
    assert refused.refusals() == [("type", "INVALID")]
    given |= {"companyName": None, "companyAddress": None}
    changed = (await firm.owner.ask(UPDATE_ACCOUNT, input=given)).payload()["account"]
    assert (changed["type"], changed["companyName"], changed["name"]) == (
        "OTHER",
        None,
        "Lamp Ltd",
    )


async def test_a_change_is_refused_as_a_whole(firm: Firm) -> None:
    await firm.account(externalReference="taken")
    account = await firm.account()
    given = {
        "id": account["id"],
        "name": "con",
        "companyName": "x",
        "externalReference": "taken",
        "assigneeIds": ["mem_nobody"],
    }
    answer = await firm.owner.ask(UPDATE_ACCOUNT, input=given)
    assert sorted(answer.refusals()) == [
        ("assigneeIds.0", "NOT_FOUND"),
        ("companyName", "INVALID"),
        ("externalReference", "TAKEN"),
        ("name", "FORBIDDEN_CHARACTERS"),
    ]
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert (found["name"], found["externalReference"]) == (account["name"], None)
    nobody = await firm.owner.ask(UPDATE_ACCOUNT, input={"id": "acct_nobody", "name": "x"})
    assert nobody.refusals() == [("id", "NOT_FOUND")]


async def test_assignees_are_members_of_the_firm(firm: Firm) -> None:
    await firm.member()
    team = (await firm.owner.ask(MEMBERS)).data["members"]
    ids = [member["id"] for member in team]
    account = await firm.account(assigneeIds=[*ids, ids[0]])
    found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
    assert {member["id"] for member in found["assignees"]} == set(ids)
    for given, left in ((ids[:1], ids[:1]), (None, [])):
        answer = await firm.owner.ask(
            UPDATE_ACCOUNT, input={"id": account["id"], "assigneeIds": given}
        )
        assert [member["id"] for member in answer.payload()["account"]["assignees"]] == left


async def test_accounts_are_archived_and_restored(firm: Firm) -> None:
    one, two = await firm.account(invited=True), await firm.account(login=True)
    ids = [one["id"], two["id"]]
    archived = (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=ids)).payload()["accounts"]
    assert archived == [{"id": id, "status": "ARCHIVED", "portalStatus": "OFF"} for id in ids]
    assert (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=ids[:1])).payload()["accounts"]
    assert (await firm.owner.ask(COUNTS)).data["accounts"]["totalCount"] == 0
    # The mail that was not out yet is taken back with the invitation.
    assert await firm.deployed.mails() == []

    missing = await firm.owner.ask(RESTORE_ACCOUNTS, ids=[one["id"], "acct_nobody"])
    assert missing.refusals() == [("ids.1", "NOT_FOUND")]
    restored = (await firm.owner.ask(RESTORE_ACCOUNTS, ids=[*ids, ids[0]])).payload()["accounts"]
    assert restored == [{"id": id, "status": "ACTIVE", "portalStatus": "NOT_INVITED"} for id in ids]
    found = (await firm.owner.ask(ACCOUNT, id=one["id"])).data["account"]["contacts"]["nodes"][0]
    assert (found["login"], found["invitation"]["status"]) == (True, "REVOKED")


async def test_only_an_archived_account_is_deleted_and_its_contacts_stay(firm: Firm) -> None:
    account = await firm.account(invited=True)
    early = await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])
    assert early.refusals() == [("id", "IN_USE")]
    await firm.client(account)
    await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])
    gone = (await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])).payload()
    assert gone["deletedId"] == account["id"]
    assert (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"] is None
    assert (await firm.owner.ask(COUNTS)).data["contacts"]["totalCount"] == 1
    again = await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])
    assert again.refusals() == [("id", "NOT_FOUND")]
    assert (await firm.account())["number"] == "M-1002"


async def test_changing_needs_its_permission(firm: Firm) -> None:
    account = await firm.account()
    member = await firm.member(Permission.MANAGE_CONTACTS, Permission.MANAGE_PORTAL_ACCESS)
    for document, given in (
        (UPDATE_ACCOUNT, {"input": {"id": account["id"], "name": "x"}}),
        (ARCHIVE_ACCOUNTS, {"ids": [account["id"]]}),
        (RESTORE_ACCOUNTS, {"ids": [account["id"]]}),
        (DELETE_ACCOUNT, {"id": account["id"]}),
    ):
        assert (await member.ask(document, **given)).codes == ["FORBIDDEN"]
        assert (await firm.deployed.nobody.ask(document, **given)).codes == ["UNAUTHENTICATED"]

"""A member without VIEW_ALL_ACCOUNTS works with the accounts that are assigned to them."""

from __future__ import annotations

from typing import Any

from models.enums import Permission
from tests.assignees.test_assigning import ASSIGN, UNASSIGN
from tests.deployments import CREATE_ACCOUNT, Firm, Voice
from tests.documents import (
    ACCOUNT,
    ADD_ACCOUNT_CONTACT,
    ARCHIVE_ACCOUNTS,
    COUNTS,
    CREATE_CONTACT,
    DELETE_CONTACT,
    SEND_INVITATIONS,
    UPDATE_ACCOUNT,
    UPDATE_CONTACT,
)
from tests.members.conftest import DEACTIVATE, UPDATE, id_of

OTHERS = [each for each in Permission if each is not Permission.VIEW_ALL_ACCOUNTS]
CONTACT = """
query ($id: ID!) {
  contact(id: $id) { id name accounts { totalCount nodes { account { id } } } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
MERGE = """
mutation ($keep: ID!, $merge: [ID!]!) {
  mergeContacts(input: { keepId: $keep, mergeIds: $merge }) { contact { id } errors { path code } }
}
"""


async def seen(voice: Voice) -> tuple[int, int]:
    found = (await voice.ask(COUNTS)).data
    return found["accounts"]["totalCount"], found["contacts"]["totalCount"]


def contact_of(account: dict[str, Any]) -> str:
    return account["contacts"]["nodes"][0]["contact"]["id"]


async def test_what_is_assigned_is_seen_from_the_next_request_on(firm: Firm) -> None:
    voice = await firm.member(limited=True)
    me = await id_of(voice)
    account, _ = await firm.account(), await firm.account()
    assert await seen(voice) == (0, 0)
    for given, expected in (([me], (1, 1)), ([], (0, 0)), ([me], (1, 1))):
        update = {"id": account["id"], "assigneeIds": given}
        (await firm.owner.ask(UPDATE_ACCOUNT, input=update)).payload()
        assert await seen(voice) == expected
        for id in (account["id"], contact_of(account), account["contacts"]["nodes"][0]["id"]):
            assert ((await voice.ask(NODE, id=id)).data["node"] is not None) is bool(given)
    # One query, many times: with the permission, without it, and with it again.
    for permissions, expected in (
        (["VIEW_ALL_ACCOUNTS"], (2, 2)),
        ([], (1, 1)),
        (["VIEW_ALL_ACCOUNTS"], (2, 2)),
    ):
        (await firm.owner.ask(UPDATE, input={"id": me, "permissions": permissions})).payload()
        for _ in range(3):
            assert await seen(voice) == expected
            assert await seen(firm.owner) == (2, 2)


async def test_whoever_makes_an_account_or_a_contact_sees_it(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    me = await id_of(voice)
    given = {"type": "INDIVIDUAL", "contacts": [{"contact": {"new": {"lastName": "Weber"}}}]}
    made = (await voice.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
    found = (await voice.ask(ACCOUNT, id=made["id"])).data["account"]
    assert [each["id"] for each in found["assignees"]] == [me]
    assert await seen(voice) == (1, 1)
    contact = (await voice.ask(CREATE_CONTACT, input={"lastName": "Kranz"})).payload()["contact"]
    assert await seen(voice) == (1, 2)
    changed = {"id": contact["id"], "firstName": "Jo"}
    (await voice.ask(UPDATE_CONTACT, input=changed)).payload()
    # Somebody else takes the contact into an account of theirs.
    other = await firm.account()
    given = {"accountId": other["id"], "contact": {"contact": {"id": contact["id"]}}}
    (await firm.owner.ask(ADD_ACCOUNT_CONTACT, input=given)).payload()
    assert await seen(voice) == (1, 1)
    assert (await voice.ask(CONTACT, id=contact["id"])).data["contact"] is None
    given = {"accountId": made["id"], "contact": {"contact": {"id": contact["id"]}}}
    answer = await voice.ask(ADD_ACCOUNT_CONTACT, input=given)
    assert answer.refusals() == [("contact.contact.id", "NOT_FOUND")]


async def test_of_a_contact_in_several_accounts_only_the_own_ones_are_seen(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    account = await firm.account(assigneeIds=[await id_of(voice)])
    person = contact_of(account)
    other = await firm.account(contacts=[{"contact": {"id": person}}])
    spouse = {"accountId": account["id"], "contact": {"contact": {"new": {"companyName": "C"}}}}
    added = (await voice.ask(ADD_ACCOUNT_CONTACT, input=spouse)).payload()["accountContact"]
    found = (await voice.ask(CONTACT, id=person)).data["contact"]["accounts"]
    assert found == {"totalCount": 1, "nodes": [{"account": {"id": account["id"]}}]}
    # What happens to the whole contact would happen where they see nothing.
    refused = await voice.ask(DELETE_CONTACT, id=person)
    assert refused.refusals() == [("id", "IN_USE")]
    second = added["contact"]["id"]
    for keep, merge in ((person, second), (second, person)):
        answer = await voice.ask(MERGE, keep=keep, merge=[merge])
        assert answer.refusals() == [("mergeIds", "IN_USE")]
    assert (await firm.owner.ask(ACCOUNT, id=other["id"])).data["account"]
    (await voice.ask(DELETE_CONTACT, id=second)).payload()


async def test_a_merge_within_reach_keeps_everything(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    mine = [await id_of(voice)]
    tag = 'mutation { createTag(input: { name: "Kept" }) { tag { id } errors { code } } }'
    tag_id = (await voice.ask(tag)).payload()["tag"]["id"]
    people = [{"lastName": "Weber"}, {"lastName": "Weber", "tagIds": [tag_id]}]
    accounts = [
        await firm.account(assigneeIds=mine, contacts=[{"contact": {"new": person}}])
        for person in people
    ]
    kept, other = map(contact_of, accounts)
    (await voice.ask(MERGE, keep=kept, merge=[other])).payload()
    found = (await voice.ask(CONTACT, id=kept)).data["contact"]["accounts"]
    assert found["totalCount"] == 2
    tags = (await voice.ask("{ tags { accountCount contactCount } }")).data["tags"]
    assert tags == [{"accountCount": 0, "contactCount": 1}]


async def test_nobody_opens_an_account_beyond_their_reach_by_another_address(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    account = await firm.account(assigneeIds=[await id_of(voice)])
    person = contact_of(account)
    changed = {"id": person, "email": "another@c.test"}
    (await voice.ask(UPDATE_CONTACT, input=changed)).payload()
    await firm.account(contacts=[{"contact": {"id": person}, "login": True, "invite": {}}])
    for email in ("third@c.test", None):
        answer = await voice.ask(UPDATE_CONTACT, input={**changed, "email": email})
        assert answer.refusals() == [("email", "IN_USE")]
    named = {"id": person, "firstName": "Kim-Jo", "email": "another@c.test"}
    (await voice.ask(UPDATE_CONTACT, input=named)).payload()


async def test_an_account_of_ones_own_gets_its_folders_and_tags(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    template = "mutation ($i: FolderTemplateInput!) { createFolderTemplate(input: $i) { folderTemplate { id } errors { code } } }"
    given = {"name": "Usual", "isDefault": True, "folders": [{"path": "Taxes/2026"}]}
    usual = (await voice.ask(template, i=given)).payload()["folderTemplate"]["id"]
    person = {"contact": {"new": {"lastName": "Weber"}}}
    made = (
        await voice.ask(CREATE_ACCOUNT, input={"type": "INDIVIDUAL", "contacts": [person]})
    ).payload()["account"]
    given = {"name": "More", "folders": [{"path": "Books/2026"}]}
    more = (await voice.ask(template, i=given)).payload()["folderTemplate"]["id"]
    assert usual != more
    apply = "mutation ($i: ApplyFolderTemplateInput!) { applyFolderTemplate(input: $i) { errors { code } } }"
    given = {"folderTemplateId": more, "accountIds": [made["id"]]}
    (await voice.ask(apply, i=given)).payload()
    found = (await voice.ask(ACCOUNT, id=made["id"])).data["account"]["folders"]
    assert {"Taxes/2026", "Books/2026"} <= {folder["path"] for folder in found}


async def test_what_is_done_to_many_is_done_to_those_in_reach(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    mine = await firm.account(assigneeIds=[await id_of(voice)], login=True)
    other = await firm.account(login=True)
    sent = (await voice.ask(SEND_INVITATIONS, input={"filter": {}})).payload()
    assert [each["contact"]["email"] for each in sent["recipients"]] == [
        mine["contacts"]["nodes"][0]["contact"]["email"]
    ]
    answer = await voice.ask(ARCHIVE_ACCOUNTS, ids=[mine["id"], other["id"]])
    assert answer.refusals() == [("ids.1", "NOT_FOUND")]
    (await voice.ask(ARCHIVE_ACCOUNTS, ids=[mine["id"]])).payload()


async def test_who_relieves_themselves_sees_the_account_no_more(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    me, colleague = await id_of(voice), await id_of(await firm.member())
    left, kept = [await firm.account(assigneeIds=[me]) for _ in range(2)]
    await firm.account(assigneeIds=[colleague])
    given = {"filter": {}, "memberIds": [colleague]}
    done = (await voice.ask(ASSIGN, input=given)).payload()
    assert [each["id"] for each in done["accounts"]] == [left["id"], kept["id"]]
    given = {"accountIds": [left["id"]], "memberIds": [me]}
    for dry_run, shown in ((True, [left["id"]]), (False, [])):
        done = (await voice.ask(UNASSIGN, input={**given, "dryRun": dry_run})).payload()
        assert done["count"] == 1
        assert [each["id"] for each in done["accounts"]] == shown
    found = (await firm.owner.ask(ACCOUNT, id=left["id"])).data["account"]
    assert [each["id"] for each in found["assignees"]] == [colleague]
    assert (await voice.ask(UNASSIGN, input=given)).refusals() == [("accountIds.0", "NOT_FOUND")]


async def test_who_leaves_is_told_as_far_as_the_teller_sees(firm: Firm) -> None:
    voice = await firm.member(*OTHERS, limited=True)
    leaver = await id_of(await firm.member(limited=True))
    shared = await firm.account(assigneeIds=[leaver, await id_of(voice)])
    hidden = await firm.account(assigneeIds=[leaver])
    gone = (await voice.ask(DEACTIVATE, id=leaver)).payload()
    assert [each["id"] for each in gone["unassigned"]] == [shared["id"]]
    assert gone["unassignedCount"] == 1
    for account in (shared, hidden):
        found = (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]
        assert leaver not in [each["id"] for each in found["assignees"]]
    told = (await firm.owner.ask("{ notifications { nodes { body } } }")).data
    assert hidden["number"] in told["notifications"]["nodes"][0]["body"]

"""What is told of a change: who, from where, to what, and what it was before."""

from __future__ import annotations

from typing import Any

from models.enums import Permission
from tests.audit.conftest import EVENTS, Told, events
from tests.deployments import ACTIVATE, BASE_URL, PASSWORD, Deployed, Firm, Voice
from tests.documents import ARCHIVE_ACCOUNTS, DELETE_ACCOUNT, UPDATE_ACCOUNT, UPDATE_CONTACT

ME = "{ viewer { ... on Member { id email } } firm { id } }"
NETWORK = "203.0.113.7"
MERGE = """
mutation ($input: MergeContactsInput!) {
  mergeContacts(input: $input) { contact { id } errors { path code message } }
}
"""
TAG = "mutation ($input: TagInput!) { createTag(input: $input) { tag { id } errors { code } } }"
TAGGING = """
mutation ($input: TaggingInput!) { %s(input: $input) { count errors { code } } }
"""
APPLY = """
mutation ($input: ApplyFolderTemplateInput!) {
  applyFolderTemplate(input: $input) { accounts { id } errors { code } }
}
"""
TEMPLATE = """
mutation ($input: FolderTemplateInput!) {
  createFolderTemplate(input: $input) { folderTemplate { id } errors { code } }
}
"""
SEND = "mutation ($input: SendInvitationsInput!) { sendInvitations(input: $input) { count errors { code } } }"
REVOKE = "mutation ($ids: [ID!]!) { revokeInvitations(ids: $ids) { errors { code } } }"
REMOVE = "mutation ($id: ID!) { removeAccountContact(id: $id) { deletedId errors { code } } }"
FIELD = """
mutation ($input: CreateCustomFieldInput!) {
  createCustomField(input: $input) { customField { id } errors { code } }
}
"""


async def update(voice: Voice, id: str, **given: Any) -> None:
    (await voice.ask(UPDATE_ACCOUNT, input={"id": id, **given})).payload()


async def test_a_change_tells_who_from_where_and_both_values(firm: Firm, told: Told) -> None:
    desk = await firm.member(Permission.MANAGE_ACCOUNTS)
    me = (await desk.ask(ME)).data["viewer"]
    account = await firm.account(name="Mueller")
    await told()
    await update(desk, account["id"], name="Müller", externalReference="D-1")
    (event,) = await told()
    assert event["actor"] == {"__typename": "Member", **me}
    assert event["ipAddress"] == NETWORK
    assert event["subject"] == {"__typename": "Account", "id": account["id"], "name": "Müller"}
    assert event["action"] == "account.changed"
    assert event["changes"] == {
        "name": ["Mueller", "Müller"],
        "externalReference": [None, "D-1"],
    }


async def test_what_stays_as_it_is_is_not_told(firm: Firm, told: Told) -> None:
    me = (await firm.owner.ask(ME)).data["viewer"]["id"]
    account = await firm.account(name="Müller", assigneeIds=[me])
    await told()
    await update(firm.owner, account["id"], name="Müller", assigneeIds=[me])
    assert await told() == []


async def test_a_new_account_is_told_as_one_thing_with_all_its_parts(
    firm: Firm, told: Told
) -> None:
    me = (await firm.owner.ask(ME)).data["viewer"]["id"]
    account = await firm.account(name="Neu", assigneeIds=[me], invited=True)
    by_action = {event["action"]: event for event in await told()}
    assert set(by_action) == {
        "account.created",
        "contact.created",
        "accountContact.created",
        "invitation.sent",
    }
    assert by_action["account.created"]["changes"] == {
        "number": [None, account["number"]],
        "type": [None, "INDIVIDUAL"],
        "status": [None, "ACTIVE"],
        "name": [None, "Neu"],
        "createdVia": [None, "MEMBER"],
        "assignees": [[], [me]],
        "folders": [[], [{"path": "Client uploaded documents", "access": "UPLOAD"}]],
    }
    sent = by_action["invitation.sent"]["changes"]
    entry = account["contacts"]["nodes"][0]
    assert sent["accountContactId"] == [None, entry["id"]]
    assert sent["email"] == [None, entry["contact"]["email"]]


async def test_tags_that_come_and_go_are_told_of_each_thing(firm: Firm, told: Told) -> None:
    accounts = [(await firm.account())["id"] for _ in range(3)]
    tag = (await firm.owner.ask(TAG, input={"name": "VIP"})).payload()["tag"]["id"]
    await told()
    given = {"subjectIds": accounts, "tagIds": [tag]}
    (await firm.owner.ask(TAGGING % "tag", input=given)).payload()
    came = await told()
    assert sorted(event["subjectId"] for event in came) == sorted(accounts)
    assert [event["changes"] for event in came] == [{"tags": [[], [tag]]}] * 3
    (await firm.owner.ask(TAGGING % "untag", input=given)).payload()
    assert [event["changes"] for event in await told()] == [{"tags": [[tag], []]}] * 3
    (await firm.owner.ask(TAGGING % "untag", input=given)).payload()
    assert await told() == []


async def test_telephone_numbers_tell_which_went_and_which_came(firm: Firm, told: Told) -> None:
    account = await firm.account()
    contact = account["contacts"]["nodes"][0]["contact"]["id"]

    async def phones(*numbers: str) -> None:
        given = [{"number": number, "type": "WORK"} for number in numbers]
        (await firm.owner.ask(UPDATE_CONTACT, input={"id": contact, "phones": given})).payload()

    await phones("+49 30 111111", "+49 30 222222")
    await told()
    await phones("+49 30 222222", "+49 30 333333")
    (event,) = await told()
    assert event["changes"] == {
        "phones": [
            [{"number": "+4930111111", "type": "WORK"}],
            [{"number": "+4930333333", "type": "WORK"}],
        ]
    }


async def test_a_custom_fields_value_is_told_to_the_last_digit(firm: Firm, told: Told) -> None:
    given = {"target": "ACCOUNT", "type": "NUMBER", "name": "Umsatz"}
    field = (await firm.owner.ask(FIELD, input=given)).payload()["customField"]["id"]
    account = await firm.account()
    await told()
    for value in ("1250.50", None):
        await update(firm.owner, account["id"], customFields=[{"fieldId": field, "value": value}])
    came, went = await told()
    value = {"fieldId": field, "value": "1250.50"}
    assert came["changes"] == {"customFields": [[], [value]]}
    assert went["changes"] == {"customFields": [[value], []]}


async def test_archiving_has_its_own_word_and_tells_of_the_links_that_die(
    firm: Firm, told: Told
) -> None:
    account = await firm.account(invited=True)
    await told()
    (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])).payload()
    assert {event["action"]: event["changes"] for event in await told()} == {
        "account.archived": {"status": ["ACTIVE", "ARCHIVED"]},
        "invitation.revoked": {"state": ["PENDING", "REVOKED"]},
    }


async def test_what_is_deleted_keeps_its_name_in_the_trail(firm: Firm, told: Told) -> None:
    account = await firm.account(name="Fort")
    (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])).payload()
    await told()
    (await firm.owner.ask(DELETE_ACCOUNT, id=account["id"])).payload()
    event = next(event for event in await told() if event["action"] == "account.deleted")
    assert event["subject"] is None
    assert event["subjectId"] == account["id"]
    assert event["changes"]["name"] == ["Fort", None]
    assert event["changes"]["number"] == [account["number"], None]


async def test_a_merge_leaves_its_trail(firm: Firm, told: Told) -> None:
    kept, gone = [(await firm.account())["contacts"]["nodes"][0]["contact"]["id"] for _ in range(2)]
    await told()
    choices = dict.fromkeys(("lastName", "email"), kept)
    given = {"keepId": kept, "mergeIds": [gone], "choices": choices}
    (await firm.owner.ask(MERGE, input={**given, "dryRun": True})).payload()
    assert await told() == []
    (await firm.owner.ask(MERGE, input=given)).payload()
    by_action = {event["action"]: event for event in await told()}
    assert by_action["contact.merged"]["changes"] == {"ids": [[kept, gone], [kept]]}
    assert by_action["contact.deleted"]["subjectId"] == gone
    assert by_action["accountContact.changed"]["changes"] == {"contactId": [gone, kept]}
    assert by_action["contact.changed"]["subjectId"] == kept
    assert len(by_action["contact.changed"]["changes"]["otherEmails"][1]) == 1


async def test_a_template_that_is_applied_is_told_of_the_accounts_that_lacked_it(
    firm: Firm, told: Told
) -> None:
    given = {"name": "Üblich", "folders": [{"path": "Steuern/2026"}]}
    template = (await firm.owner.ask(TEMPLATE, input=given)).payload()["folderTemplate"]["id"]
    accounts = [(await firm.account())["id"] for _ in range(2)]
    with_it = (await firm.account(folderTemplateId=template))["id"]
    await told()
    given = {"folderTemplateId": template, "accountIds": [*accounts, with_it]}
    for expected in (accounts, []):
        (await firm.owner.ask(APPLY, input=given)).payload()
        got = await told()
        assert sorted(event["subjectId"] for event in got) == sorted(expected)
        for event in got:
            assert event["actor"]["email"] == firm.owner_email
            assert event["changes"] == {"folderTemplateId": [None, template]}


async def test_an_invitation_is_told_from_sending_to_accepting(firm: Firm, told: Told) -> None:
    account = await firm.account(login=True)
    entry = account["contacts"]["nodes"][0]
    await told()
    for _ in range(2):
        (await firm.owner.ask(SEND, input={"accountContactIds": [entry["id"]]})).payload()
    first, again = await told()
    assert (first["action"], again["action"]) == ("invitation.sent", "invitation.sent")
    assert again["changes"]["sendCount"] == [1, 2]
    (letter,) = (await firm.deployed.mails_to(entry["contact"]["email"]))[-1:]
    given = {"token": letter.token, "password": PASSWORD}
    (await firm.deployed.nobody.ask(ACTIVATE, input=given)).payload()
    got = {event["action"]: event for event in await told(sign_ins=True)}
    assert set(got) == {"invitation.accepted", "portalUser.created", "session.started"}
    user = got["portalUser.created"]["subject"]
    for event in got.values():
        assert event["actor"]["__typename"] == "PortalUser"
        assert event["actor"]["id"] == user["id"]
        assert event["ipAddress"] == NETWORK
    assert got["invitation.accepted"]["changes"] == {"state": ["PENDING", "ACCEPTED"]}


async def test_taking_somebody_out_of_an_account_is_told(firm: Firm, told: Told) -> None:
    entries = [{"contact": {"new": {"lastName": name}}} for name in ("Eins", "Zwei")]
    account = await firm.account(contacts=entries)
    entry = account["contacts"]["nodes"][1]
    await told()
    (await firm.owner.ask(REMOVE, id=entry["id"])).payload()
    (event,) = await told()
    assert event["action"] == "accountContact.deleted"
    assert event["changes"]["accountId"] == [account["id"], None]
    assert event["changes"]["contactId"] == [entry["contact"]["id"], None]


async def test_the_command_line_is_nobody_from_nowhere(deployed: Deployed) -> None:

    firm = await deployed.firm()
    await firm.member()
    got = [event for event in await events(firm.owner) if not event["action"].startswith("session")]
    assert {event["action"] for event in got} == {"firm.created", "member.created"}
    for event in got:
        assert (event["actor"], event["ipAddress"]) == (None, None)


async def test_no_secret_is_told(firm: Firm) -> None:

    account = await firm.account(invited=True)
    client = await firm.client(account)
    reset = (
        'mutation { requestPasswordReset(input: { firm: "%s", email: "%s" }) { errors { code } } }'
    )
    await firm.deployed.nobody.ask(reset % (firm.slug, firm.owner_email))
    text = repr((await firm.owner.ask(EVENTS, first=200)).body)
    letters = await firm.deployed.mails()
    for secret in (
        PASSWORD,
        "argon2",
        client.token,
        firm.owner.token,
        BASE_URL,
        *(each.token for each in letters if "?token=" in each.text),
    ):
        assert secret is not None
        assert secret not in text
    assert "passwordReset.requested" in text

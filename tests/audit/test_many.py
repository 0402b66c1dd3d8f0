"""What is done to many at once is told of each that it changes."""

from __future__ import annotations

from tests.account_contacts.test_many_switches import turn
from tests.assignees.test_assigning import ASSIGN, UNASSIGN, do, member_of
from tests.audit.conftest import Told
from tests.crowds import many_accounts
from tests.deployments import Firm
from tests.documents import ARCHIVE_ACCOUNTS
from tests.notices.test_notifying import notify

BY_FILTER = """
mutation ($status: AccountStatus!, $dry: Boolean!) {
  archiveAccounts(filter: { status: $status }, dryRun: $dry) { count errors { code } }
}
"""
RESTORE = BY_FILTER.replace("archive", "restore")


async def test_archiving_by_a_filter_is_told_of_the_accounts_that_were_open(
    firm: Firm, told: Told
) -> None:
    open_, shut = await firm.account(invited=True), await firm.account()
    (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[shut["id"]])).payload()
    await told()
    (await firm.owner.ask(BY_FILTER, status="ACTIVE", dry=True)).payload()
    assert await told() == []
    (await firm.owner.ask(BY_FILTER, status="ACTIVE", dry=False)).payload()
    got = {event["action"]: event for event in await told()}
    assert set(got) == {"account.archived", "invitation.revoked"}
    assert got["account.archived"]["subjectId"] == open_["id"]
    (await firm.owner.ask(RESTORE, status="ARCHIVED", dry=False)).payload()
    restored = await told()
    assert {event["subjectId"] for event in restored} == {open_["id"], shut["id"]}
    for event in restored:
        assert event["action"] == "account.restored"
        assert event["changes"] == {"status": ["ARCHIVED", "ACTIVE"]}


async def test_switches_are_told_of_those_that_are_turned(firm: Firm, told: Told) -> None:
    one, two = [
        (await firm.account(login=login))["contacts"]["nodes"][0] for login in (False, True)
    ]
    await told()
    given = {"login": True, "notify": False, "invite": {}}
    (await turn(firm.owner, accountContactIds=[one["id"], two["id"]], **given)).payload()
    got = {(event["action"], event["subjectId"]): event["changes"] for event in await told()}
    assert got["accountContact.changed", one["id"]] == {
        "login": [False, True],
        "notify": [True, False],
    }
    assert got["accountContact.changed", two["id"]] == {"notify": [True, False]}
    sent = [changes for (action, _), changes in got.items() if action == "invitation.sent"]
    assert len(sent) == 2 and len(got) == 4


async def test_assignees_are_told_of_the_accounts_that_get_or_lose_them(
    firm: Firm, told: Told
) -> None:
    first, second = await member_of(firm), await member_of(firm)
    one, two = (await firm.account(assigneeIds=[first]))["id"], (await firm.account())["id"]
    await told()
    given = {"accountIds": [one, two], "memberIds": [first, second]}
    await do(firm.owner, ASSIGN, **given)
    got = {event["subjectId"]: event["changes"] for event in await told()}
    assert got[one] == {"assignees": [[], [second]]}
    assert sorted(got[two]["assignees"][1]) == sorted([first, second])
    await do(firm.owner, UNASSIGN, **given | {"memberIds": [first]})
    events = await told()
    assert {event["subjectId"] for event in events} == {one, two}
    for event in events:
        assert event["action"] == "account.changed"
        assert event["changes"] == {"assignees": [[first], []]}


async def test_what_is_told_of_a_thousand_takes_as_many_statements_as_of_one(
    firm: Firm, told: Told
) -> None:
    numbers: list[int] = []
    member = await member_of(firm)
    for count in (1, 1000):
        crowd = await many_accounts(firm, count)
        await told()
        with firm.deployed.statements() as statements:
            await do(firm.owner, ASSIGN, accountIds=crowd.accounts, memberIds=[member])
        numbers.append(len(statements))
        assert len(await told()) == min(count, 200)
    assert numbers[0] == numbers[1], numbers


async def test_a_notice_is_told_with_its_subject_and_not_its_text(firm: Firm, told: Told) -> None:
    account = await firm.account()
    await told()
    (await notify(firm.owner, account)).payload()
    (event,) = await told()
    assert (event["action"], event["subjectId"]) == ("account.notified", account["id"])
    assert event["changes"] == {"subject": [None, "Bescheid"], "count": [None, 1]}

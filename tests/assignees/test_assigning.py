"""Members beside accounts, many at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from models import Member
from models.enums import MemberStatus, Permission
from tenancy.recording import BY_HAND
from tenancy.session import firm_session
from tests.crowds import many_accounts
from tests.deployments import Deployed, Firm, Voice

ASSIGN = """
mutation ($input: AssigningInput!) {
  assign(input: $input) {
    count accounts { id updatedAt assignees { id } } errors { path code message }
  }
}
"""
UNASSIGN = ASSIGN.replace("assign(", "unassign(")
ME = "{ viewer { ... on Member { id } } }"
ASSIGNED = """
query ($members: [ID!]) { accounts(filter: {assigneeIds: $members}) { totalCount } }
"""


async def member_of(firm: Firm) -> str:
    return (await (await firm.member()).ask(ME)).data["viewer"]["id"]


async def do(voice: Voice, document: str, **given: Any) -> int:
    return (await voice.ask(document, input=given)).payload()["count"]


async def assigned(firm: Firm, member: str) -> int:
    found = await firm.owner.ask(ASSIGNED, members=[member])
    return found.data["accounts"]["totalCount"]


async def deactivate(firm: Firm, member: str) -> None:
    firm_id = (await firm.owner.ask("{ firm { id } }")).data["firm"]["id"]
    async with firm_session(firm.deployed.deployment.database, firm_id) as session:
        gone = update(Member).where(Member.id == member).values(status=MemberStatus.DEACTIVATED)
        await session.execute(gone.execution_options(**BY_HAND))
        await session.commit()


async def test_members_come_beside_those_who_are_there_and_go_again(firm: Firm) -> None:
    first, second = await member_of(firm), await member_of(firm)
    one, two = await firm.account(assigneeIds=[first]), await firm.account()
    ids = [one["id"], two["id"]]
    answer = await firm.owner.ask(
        ASSIGN, input={"accountIds": ids, "memberIds": [second, first, second]}
    )
    shown = answer.payload()["accounts"]
    assert [account["id"] for account in shown] == ids
    assert all(len(account["assignees"]) == 2 for account in shown)
    assert await do(firm.owner, ASSIGN, accountIds=ids, memberIds=[second]) == 0
    given = {"filter": {"assigneeIds": [first]}, "memberIds": [first]}
    assert await do(firm.owner, UNASSIGN, **given, dryRun=True) == 2
    assert await assigned(firm, first) == 2
    assert await do(firm.owner, UNASSIGN, **given) == 2
    assert await do(firm.owner, UNASSIGN, **given) == 0
    assert (await assigned(firm, first), await assigned(firm, second)) == (0, 2)


async def test_only_what_gains_or_loses_a_member_has_changed(firm: Firm) -> None:
    member = await member_of(firm)
    ids = [(await firm.account(assigneeIds=those))["id"] for those in ([member], [])]
    given = {"accountIds": ids, "memberIds": [member]}

    async def moments() -> list[str]:
        tried = (await firm.owner.ask(ASSIGN, input={**given, "dryRun": True})).payload()
        return [account["updatedAt"] for account in tried["accounts"]]

    before = await moments()
    assert await do(firm.owner, ASSIGN, **given) == 1
    assert [a != b for a, b in zip(before, await moments(), strict=True)] == [False, True]


@pytest.mark.parametrize("count", [50, 500])
async def test_many_take_as_many_statements_as_few(firm: Firm, count: int) -> None:
    many = await many_accounts(firm, count)
    members = [await member_of(firm), await member_of(firm)]
    for document, given in (
        (ASSIGN, {"accountIds": many.accounts}),
        (UNASSIGN, {"filter": {}}),
        (ASSIGN, {"filter": {}}),
    ):
        with firm.deployed.statements() as statements:
            assert await do(firm.owner, document, memberIds=members, **given) == count
        assert len(statements) <= 9, statements
    assert await assigned(firm, members[1]) == count


async def test_what_is_not_there_is_refused_with_its_place(deployed: Deployed) -> None:
    firm, other = await deployed.firm(), await deployed.firm()
    member, theirs, gone = await member_of(firm), await member_of(other), await member_of(firm)
    account = (await firm.account(assigneeIds=[gone]))["id"]
    foreign = (await other.account())["id"]
    await deactivate(firm, gone)
    for given, refusals in (
        ({"accountIds": [account], "memberIds": [member, theirs]}, [("memberIds.1", "NOT_FOUND")]),
        ({"accountIds": [account], "memberIds": [gone]}, [("memberIds.0", "NOT_FOUND")]),
        ({"accountIds": [account, foreign], "memberIds": []}, [("accountIds.1", "NOT_FOUND")]),
        ({"memberIds": [member]}, [("accountIds", "REQUIRED")]),
        (
            {"accountIds": [], "filter": {}, "memberIds": [member] * 21},
            [("accountIds", "CONFLICT"), ("memberIds", "LIMIT_REACHED")],
        ),
    ):
        assert (await firm.owner.ask(ASSIGN, input=given)).refusals() == refusals
    # Of whom has left, the accounts can be relieved.
    assert await do(firm.owner, UNASSIGN, filter={}, memberIds=[gone]) == 1
    desk = await firm.member(Permission.MANAGE_MEMBERS)
    for document in (ASSIGN, UNASSIGN):
        given = {"accountIds": [account], "memberIds": [member]}
        assert (await desk.ask(document, input=given)).codes == ["FORBIDDEN"]


async def test_those_who_assign_at_once_do_it_once(firm: Firm) -> None:
    members = [await member_of(firm) for _ in range(3)]
    ids = [(await firm.account())["id"] for _ in range(5)]
    done = await asyncio.gather(
        *(
            do(firm.owner, ASSIGN, accountIds=ids[::way], memberIds=members[::-way])
            for way in (1, -1) * 3
        )
    )
    assert sum(done) == len(ids)
    assert [await assigned(firm, member) for member in members] == [5] * 3

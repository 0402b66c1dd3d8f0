"""Who reads the trail, and how it is found and paged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from models.enums import Permission, Role
from tests.audit.conftest import EVENTS, events
from tests.deployments import Deployed, Firm, Voice
from tests.documents import ACCOUNT, ARCHIVE_ACCOUNTS, UPDATE_ACCOUNT

NODE = "query ($id: ID!) { node(id: $id) { id ... on AuditEvent { action changes } } }"
NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
ME = "{ viewer { ... on Member { id } } }"


@pytest.fixture
async def outsiders(firm: Firm) -> dict[str, Voice]:
    return {
        "an employee with every permission": await firm.member(*Permission),
        "a client": await firm.client(await firm.account(invited=True)),
    }


async def test_owners_and_admins_read_it(firm: Firm) -> None:
    admin = await firm.member(role=Role.ADMIN)
    other_owner = await firm.member(role=Role.OWNER)
    mine, theirs, others = [
        [event["id"] for event in await events(voice)] for voice in (firm.owner, admin, other_owner)
    ]
    assert mine == theirs == others != []


async def test_nobody_else_does_by_any_way(firm: Firm, outsiders: dict[str, Voice]) -> None:
    event = (await events(firm.owner))[0]["id"]
    assert (await firm.owner.ask(NODE, id=event)).data["node"]["id"] == event
    for who, voice in outsiders.items():
        assert (await voice.ask(EVENTS)).codes == ["FORBIDDEN"], who
    employee = outsiders["an employee with every permission"]
    assert (await employee.ask(NODE, id=event)).data == {"node": None}
    assert (await employee.ask(NODES, ids=[event])).data == {"nodes": [None]}
    assert (await outsiders["a client"].ask(NODE, id=event)).codes == ["FORBIDDEN"]
    assert (await firm.deployed.nobody.ask(EVENTS)).codes == ["UNAUTHENTICATED"]


async def test_another_firm_sees_nothing_of_it(deployed: Deployed, firm: Firm) -> None:
    other = await deployed.firm()
    account = (await firm.account())["id"]
    event = (await events(firm.owner))[0]["id"]
    assert (await other.owner.ask(NODE, id=event)).data == {"node": None}
    assert await events(other.owner, subjectId=account) == []
    assert event not in {each["id"] for each in await events(other.owner)}


async def test_it_is_found_by_what_it_is_about(firm: Firm) -> None:
    first, second = await firm.account(), await firm.account()
    entry = first["contacts"]["nodes"][0]
    found = await events(firm.owner, subjectId=first["id"])
    assert {event["subjectId"] for event in found} == {first["id"]}
    several = [first["id"], entry["id"], entry["contact"]["id"]]
    found = await events(firm.owner, filter={"subjectIds": several})
    assert sorted(event["subjectId"] for event in found) == sorted(several)
    assert await events(firm.owner, subjectId=second["id"], filter={"subjectIds": several}) == []


async def test_it_is_found_by_who_by_what_and_by_when(firm: Firm) -> None:
    account = await firm.account()
    desk = await firm.member(Permission.MANAGE_ACCOUNTS)
    me = (await desk.ask(ME)).data["viewer"]["id"]
    before = datetime.now(UTC)
    # Two moments that differ: they are told to the microsecond.
    await asyncio.sleep(0.01)
    (await desk.ask(UPDATE_ACCOUNT, input={"id": account["id"], "name": "Neu"})).payload()
    await asyncio.sleep(0.01)
    after = datetime.now(UTC)
    (await firm.owner.ask(ARCHIVE_ACCOUNTS, ids=[account["id"]])).payload()
    by_desk = await events(firm.owner, filter={"actorId": me})
    assert [event["action"] for event in by_desk] == ["account.changed", "session.started"]
    found = await events(firm.owner, filter={"actions": ["account.archived", "account.created"]})
    assert [event["action"] for event in found] == ["account.archived", "account.created"]
    span = {"from": before.isoformat(), "until": after.isoformat()}
    (found,) = await events(firm.owner, filter={"at": span})
    assert found["action"] == "account.changed"
    assert before < datetime.fromisoformat(found["at"]) < after
    assert await events(
        firm.owner, filter={"at": {"until": before.isoformat()}, "actorId": me}
    ) == [by_desk[1]]


async def test_its_pages_follow_one_another_in_either_direction(firm: Firm) -> None:
    for _ in range(3):
        await firm.account()
    every = [event["id"] for event in await events(firm.owner, first=200)]
    assert every == sorted(every, reverse=True)
    walked: list[str] = []
    after = None
    while True:
        page = (await firm.owner.ask(EVENTS, first=4, after=after)).data["auditEvents"]
        walked += [node["id"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert walked == every
    assert page["totalCount"] == len(every)
    oldest = [node["id"] for node in await events(firm.owner, orderBy={"direction": "ASC"})]
    assert oldest == every[::-1]
    assert [node["id"] for node in await events(firm.owner, last=2)] == every[-2:]


async def test_what_it_is_about_is_shown_as_it_is_now(firm: Firm) -> None:
    account = await firm.account(name="Alt")
    (await firm.owner.ask(UPDATE_ACCOUNT, input={"id": account["id"], "name": "Neu"})).payload()
    assert (await firm.owner.ask(ACCOUNT, id=account["id"])).data["account"]["name"] == "Neu"
    renamed, created = await events(firm.owner, subjectId=account["id"])
    assert renamed["subject"] == created["subject"]
    assert created["subject"]["name"] == "Neu"
    assert created["changes"]["name"] == [None, "Alt"]

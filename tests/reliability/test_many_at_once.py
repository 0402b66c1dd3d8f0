"""Many writers at once: nothing is lost, nothing collides, and no firm waits for another."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.databases import Databases
from tests.deployments import CREATE_ACCOUNT, Deployed, Voice
from tests.processes import Server, serving
from tests.reliability.conftest import contact, look

UPDATE_ACCOUNT = """
mutation ($input: UpdateAccountInput!) {
  updateAccount(input: $input) { account { id name } errors { path code message } }
}
"""
ADD_CONTACT = """
mutation ($input: AddAccountContactInput!) {
  addAccountContact(input: $input) { accountContact { id } errors { path code message } }
}
"""
ACCOUNT = """
query ($id: ID!) {
  account(id: $id) {
    name assignees { id } contacts(first: 100) { totalCount nodes { contact { email } } }
  }
}
"""
MEMBERS = "{ members { id } }"
CLIENTS = 50


async def create(owner: Voice, name: str, **given: Any) -> dict[str, Any]:
    """An account whose one contact is invited."""
    input = {"type": "INDIVIDUAL", "contacts": [contact(name, invited=True)], **given}
    return (await owner.ask(CREATE_ACCOUNT, input=input)).payload()["account"]


def numbers(count: int) -> list[str]:
    """A firm's first *count* account numbers."""
    return [f"M-{1001 + place}" for place in range(count)]


async def work_at_once(owners: list[Voice], others: list[Voice]) -> None:
    """Fifty clients, half of each firm: each creates an account and renames the firm's first."""
    firsts = [await create(owner, "first") for owner in owners]
    members = [
        [node["id"] for node in (await owner.ask(MEMBERS)).data["members"]] for owner in owners
    ]

    async def work(number: int) -> tuple[int, str]:
        firm = number % 2
        owner = (owners if number % 4 < 2 else others)[firm]
        account = await create(owner, f"at-once{number}")
        input = {
            "id": firsts[firm]["id"],
            "name": f"Renamed {number}",
            "assigneeIds": members[firm],
        }
        renamed = (await owner.ask(UPDATE_ACCOUNT, input=input)).payload()["account"]
        # The answer is what this write made of it, whoever writes next.
        assert renamed["name"] == f"Renamed {number}"
        return firm, account["number"]

    made = await asyncio.gather(*map(work, range(CLIENTS)))
    for firm in (0, 1):
        got = [number for of, number in made if of == firm]
        assert sorted(got) == numbers(CLIENTS // 2 + 1)[1:]
        account = (await owners[firm].ask(ACCOUNT, id=firsts[firm]["id"])).data["account"]
        assert account["name"].startswith("Renamed ")
        assert [member["id"] for member in account["assignees"]] == members[firm]


async def add_at_once(owner: Voice, other: Voice) -> None:
    """Fifty clients put fifty contacts into one account: all of them are there."""
    account = await create(owner, "crowded")
    added = await asyncio.gather(
        *(
            (owner if number % 2 else other).ask(
                ADD_CONTACT,
                input={"accountId": account["id"], "contact": contact(f"crowd{number}")},
            )
            for number in range(CLIENTS)
        )
    )
    ids = {answer.payload()["accountContact"]["id"] for answer in added}
    contacts = (await owner.ask(ACCOUNT, id=account["id"])).data["account"]["contacts"]
    assert len(ids) == CLIENTS
    assert contacts["totalCount"] == CLIENTS + 1
    assert {node["contact"]["email"] for node in contacts["nodes"]} == {
        "crowded@client.test",
        *(f"crowd{number}@client.test" for number in range(CLIENTS)),
    }


async def test_fifty_clients_at_once_lose_and_collide_nowhere(server: Server) -> None:
    owners = [await server.firm("one"), await server.firm("two")]
    await work_at_once(owners, owners)
    await add_at_once(owners[0], owners[0])
    assert "locked" not in server.log
    assert "Traceback" not in server.log


async def test_two_servers_on_one_sqlite_file_lose_and_collide_nowhere(
    databases: Databases, tmp_path: Path
) -> None:
    url = await asyncio.to_thread(databases.create, "sqlite", migrated=True)
    async with (
        serving(url, tmp_path / "first") as first,
        serving(url, tmp_path / "second", workers=2) as second,
    ):
        owners = [await first.firm("one"), await first.firm("two")]
        others = [Voice(second, owner.token) for owner in owners]  # type: ignore[arg-type]
        await work_at_once(owners, others)
        await add_at_once(owners[0], others[0])
        for server in (first, second):
            assert "Traceback" not in server.log
            assert all(line.startswith("{") for line in server.log.splitlines())
            assert await server.stop() == 0
    assert await look(url, "PRAGMA integrity_check") == [("ok",)]
    assert await look(url, "PRAGMA foreign_key_check") == []
    await asyncio.to_thread(databases.drop, url)


async def test_a_firm_that_holds_its_counter_holds_up_nobody_else(
    deployed: Deployed, kind: str
) -> None:
    one, two = await deployed.firm(), await deployed.firm()
    if kind == "sqlite":
        # One writer at a time, whichever the firm: what counts is that nobody fails.
        await asyncio.gather(*(firm.account() for firm in [one, two] * 5))
        return
    engine = create_async_engine(deployed.settings.database_url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execute(
            text(
                "UPDATE counters SET value = value WHERE firm_id ="
                " (SELECT id FROM firms WHERE slug = :slug)"
            ),
            {"slug": one.slug},
        )
        waiting = asyncio.create_task(one.account())
        async with asyncio.timeout(5):
            accounts = [await two.account() for _ in range(3)]
        assert [account["number"] for account in accounts] == numbers(3)
        assert not waiting.done()
        await connection.rollback()
    assert (await waiting)["number"] == "M-1001"
    await engine.dispose()

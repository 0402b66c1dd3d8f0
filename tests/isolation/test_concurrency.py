"""Two firms' requests at the same time, over as few connections as there can be."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import suppress

import pytest

from tests.deployments import running
from tests.isolation.twins import EVERYTHING, Twin, send, twins
from tests.isolation.walk import document

WORKERS, EACH = 32, 64


@pytest.fixture(scope="module")
async def narrow(
    walls: str, walled_url: str, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncGenerator[tuple[Twin, Twin]]:
    """Twins behind one connection to read and one to write with."""
    folder = tmp_path_factory.mktemp("narrow")
    async with running(walled_url, folder, read_pool=1, write_pool=1) as deployed:
        yield await twins(deployed)


async def test_no_row_of_another_firm_is_read_or_written(narrow: tuple[Twin, Twin]) -> None:
    answered, cancelled = [0, 0], 0

    async def one(number: int, chance: random.Random) -> None:
        nonlocal cancelled
        twin, other = narrow[number], narrow[1 - number]
        name, variables = chance.choice(
            [
                ("viewer", {}),
                ("viewer", {}),
                ("account", {"id": twin.ids["account"]}),
                ("account", {"id": other.ids["account"]}),
                ("accounts", {"filter": {"search": "gemeinsam"}}),
                ("nodes", {"ids": [other.ids["contact"], twin.ids["contact"]]}),
                ("updateContact", {"input": {"id": twin.ids["spare_contact"], "lastName": "X"}}),
                ("updateContact", {"input": {"id": other.ids["spare_contact"], "lastName": "Y"}}),
                ("switchAccount", {"input": {"accountId": twin.ids["switch_account"]}}),
            ]
        )
        voice = twin.client if name in ("viewer", "switchAccount") else twin.owner
        request = asyncio.create_task(send(voice, document(name), variables))
        if chance.random() < 0.1:
            await asyncio.sleep(chance.random() * 0.01)
            request.cancel()
        try:
            answer = await request
        except asyncio.CancelledError:
            cancelled += 1
            return
        told = answer.text
        assert [secret for secret in other.secrets() if secret in told] == []
        if name == "viewer":
            assert twin.ids["portal_user"] in told, told
        answered[number] += "INTERNAL" not in told

    async def work(number: int) -> None:
        chance = random.Random(number)
        for _ in range(EACH):
            await one(number % 2, chance)

    before = [(await twin.owner.ask(EVERYTHING)).data["accounts"] for twin in narrow]
    async with asyncio.TaskGroup() as group:
        for number in range(WORKERS):
            group.create_task(work(number))
    assert sum(answered) + cancelled == WORKERS * EACH and cancelled > 20
    for twin, accounts in zip(narrow, before, strict=True):
        assert (await twin.owner.ask(EVERYTHING)).data["accounts"] == accounts
        changed = await twin.owner.ask(
            "query ($id: ID!) { contact(id: $id) { lastName } }", id=twin.ids["spare_contact"]
        )
        assert changed.data["contact"]["lastName"] in ("X", "Gleich")


async def test_a_cancelled_write_leaves_its_firm_to_nobody(narrow: tuple[Twin, Twin]) -> None:
    """The connection goes back to the pool in the middle of a transaction of the first firm."""
    mine, other = narrow
    for milliseconds in range(12):
        request = asyncio.create_task(
            send(
                mine.owner,
                document("updateContact"),
                {"input": {"id": mine.ids["spare_contact"], "lastName": "X"}},
            )
        )
        await asyncio.sleep(milliseconds / 1000)
        request.cancel()
        with suppress(asyncio.CancelledError):
            await request
        answer = await send(other.owner, document("node"), {"id": mine.ids["spare_contact"]})
        assert answer.json() == {"data": {"node": None}}
        answer = await send(
            other.owner, document("updateContact"), {"input": {"id": other.ids["spare_contact"]}}
        )
        assert answer.json()["data"]["updateContact"]["errors"] == []

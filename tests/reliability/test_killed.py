"""kill -9 at any moment: what was answered is there, whole, and nothing is there by half."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from tests.databases import Databases
from tests.deployments import CREATE_ACCOUNT, Voice
from tests.processes import Server, serving
from tests.reliability.conftest import contact, look

ROUNDS = 20
CLIENTS = 6

WHOLE = """
SELECT account.id, account.number,
  (SELECT count(*) FROM account_contacts entry JOIN contacts ON contacts.firm_id = entry.firm_id
     AND contacts.id = entry.contact_id
   WHERE entry.firm_id = account.firm_id AND entry.account_id = account.id) AS contacts,
  (SELECT count(*) FROM folders
   WHERE folders.firm_id = account.firm_id AND account_id = account.id AND access = 'UPLOAD'),
  (SELECT count(*) FROM invitations JOIN account_contacts entry
     ON entry.firm_id = invitations.firm_id AND entry.id = account_contact_id
   WHERE entry.firm_id = account.firm_id AND entry.account_id = account.id
     AND state = 'PENDING') AS invitations,
  (SELECT count(*) FROM mails JOIN invitations
     ON invitations.firm_id = mails.firm_id AND invitations.id = mails.invitation_id
   JOIN account_contacts entry
     ON entry.firm_id = invitations.firm_id AND entry.id = account_contact_id
   WHERE entry.firm_id = account.firm_id AND entry.account_id = account.id
     AND mails.state IN ('QUEUED', 'SENT')) AS mails,
  (SELECT count(*) FROM idempotency_keys
   WHERE idempotency_keys.firm_id = account.firm_id
     AND CAST(answer AS text) LIKE '%' || account.id || '%') AS keys
FROM accounts account
"""


class Loop:
    """Clients that create accounts, each with a key of its own, and note what they are told."""

    def __init__(self, owner: Voice) -> None:
        self._owner = owner
        self._numbers = itertools.count(1)
        self.answered: dict[str, dict[str, Any]] = {}
        self.unanswered: set[str] = set()

    async def run(self) -> None:
        """Creates accounts until the server is gone."""
        while True:
            key = f"key{next(self._numbers)}"
            self.unanswered.add(key)
            try:
                await self.create(key)
            except httpx2.HTTPError:
                return

    async def create(self, key: str) -> None:
        """One account, whose contacts have *key* in their addresses."""
        given = {
            "type": "INDIVIDUAL",
            "contacts": [contact(f"{key}-a", invited=True), contact(f"{key}-b")],
            "idempotencyKey": key,
        }
        account = (await self._owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"]
        self.unanswered.discard(key)
        self.answered[key] = account


async def test_killing_the_server_twenty_times_loses_and_halves_nothing(
    databases: Databases, tmp_path: Path
) -> None:
    # Both databases at the same time, because most of a round is the server's start.
    kinds = ("sqlite", "postgresql")
    urls = [await asyncio.to_thread(databases.create, kind, migrated=True) for kind in kinds]
    try:
        await asyncio.gather(
            *(be_killed(url, tmp_path / kind) for kind, url in zip(kinds, urls, strict=True))
        )
    finally:
        for url in urls:
            await asyncio.to_thread(databases.drop, url)


async def be_killed(url: str, folder: Path) -> None:
    """Kills a server of *url* again and again, looking into its database after each time."""
    moment = random.Random(f"{folder.name}: when to kill")
    async with serving(url, folder) as server:
        loop = Loop(await server.firm("killed"))
        for _ in range(ROUNDS):
            clients = [asyncio.create_task(loop.run()) for _ in range(CLIENTS)]
            await asyncio.sleep(moment.uniform(0.02, 0.5))
            server.kill()
            await asyncio.gather(*clients)
            await check_database(url, loop)
            await server.start()
            # The answer was lost, or the account never was: asked again, it is there once.
            unanswered = sorted(loop.unanswered)
            await asyncio.gather(*map(loop.create, unanswered))
        await check_database(url, loop)
        assert len(loop.answered) > ROUNDS
        await check_mails(server, loop)
        assert "Traceback" not in server.log


async def check_database(url: str, loop: Loop) -> None:
    """Everything that was answered is there, once; and everything that is there is whole."""
    rows = await look(url, WHOLE)
    assert {row[2:] for row in rows} <= {(2, 1, 1, 1, 1)}
    there = {row[0]: row[1] for row in rows}
    told = {account["id"]: account["number"] for account in loop.answered.values()}
    assert told.items() <= there.items()
    assert len(told) == len(loop.answered)
    assert len(rows) <= len(loop.answered) + len(loop.unanswered)
    assert sorted(there.values()) == [f"M-{1001 + place}" for place in range(len(there))]
    for table, each in (("contacts", 2), ("invitations", 1), ("mails", 1), ("idempotency_keys", 1)):
        assert await look(url, f"SELECT count(*) FROM {table}") == [(each * len(rows),)]
    if url.startswith("sqlite"):
        assert await look(url, "PRAGMA integrity_check") == [("ok",)]
        assert await look(url, "PRAGMA foreign_key_check") == []


async def check_mails(server: Server, loop: Loop) -> None:
    """Every invitation's mail arrives; one that a dead worker held, after its two minutes."""
    long_ago = "2026-01-01T00:00:00.000000Z"
    at = long_ago if server.url.startswith("sqlite") else "now() - interval '1 day'"
    moved = f"'{at}'" if at == long_ago else at
    await look(server.url, f"UPDATE mails SET due_at = {moved} WHERE state = 'QUEUED'")
    for _ in range(600):
        if await look(server.url, "SELECT 1 FROM mails WHERE state <> 'SENT' LIMIT 1") == []:
            break
        await asyncio.sleep(0.1)
    arrived = Counter(
        line.removeprefix("To: ").strip()
        for path in server.mail_folder.glob("*.eml")
        for line in path.read_text().splitlines()
        if line.startswith("To: ")
    )
    assert set(arrived) == {f"{key}-a@client.test" for key in loop.answered}

"""kill -9 while much is changed at once: all of it is, with its trail, or none of it."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2

from tests.contacts.test_merging import MERGE
from tests.databases import Databases
from tests.deployments import CREATE_ACCOUNT, Voice
from tests.processes import serving
from tests.reliability.conftest import look
from tests.tags.conftest import CREATE_TAG, TAG, UNTAG

ROUNDS = 6
ACCOUNTS = 40

TOLD = "SELECT count(*) FROM audit_events WHERE CAST(changes AS text) LIKE :changed"
TURN = """
mutation ($input: UpdateAccountContactsInput!) {
  updateAccountContacts(input: $input) { count errors { path code message } }
}
"""


async def again_and_again(voice: Voice, *steps: tuple[str, dict[str, Any]]) -> None:
    """Takes the steps in turn until the server is gone."""
    with suppress(httpx2.HTTPError):
        while True:
            for document, input in steps:
                (await voice.ask(document, input=input)).payload()


async def merge_all(voice: Voice, pairs: list[tuple[str, str]]) -> None:
    """Merges the pairs until the server is gone; one that was merged before is not found."""
    with suppress(httpx2.HTTPError):
        for kept, merged in pairs:
            answer = await voice.ask(MERGE, input={"keepId": kept, "mergeIds": [merged]})
            assert answer.refusals() in ([], [("mergeIds.0", "NOT_FOUND")]), answer.body


async def check(url: str, pairs: list[tuple[str, str]]) -> None:
    assert len(await look(url, "SELECT DISTINCT notify FROM account_contacts")) == 1
    [(tagged,)] = await look(url, "SELECT count(*) FROM account_tags")
    assert tagged in (0, ACCOUNTS)
    # The trail tells of each that was changed, or of none.
    for changed in ("notify", "tags"):
        [(told,)] = await look(url, TOLD, changed=f'%"{changed}"%')
        assert told % ACCOUNTS == 0, changed
    # What a contact has goes over with its end, and with the event that tells of it.
    there = {id for (id,) in await look(url, "SELECT id FROM contacts")}
    of_entries = await look(url, "SELECT contact_id FROM account_contacts")
    assert {id for (id,) in of_entries} == there
    assert len(of_entries) == ACCOUNTS
    assert {kept for kept, _ in pairs} <= there
    gone = [merged for _, merged in pairs if merged not in there]
    merges = "SELECT count(*) FROM audit_events WHERE action = 'contact.merged'"
    assert await look(url, merges) == [(len(gone),)]


async def test_what_is_done_to_many_is_done_to_all_of_them_or_to_none(
    databases: Databases, kind: str, tmp_path: Path
) -> None:
    url = await asyncio.to_thread(databases.create, kind, migrated=True)
    moment = random.Random(f"{kind}: when to kill")
    async with serving(url, tmp_path / "server") as server:
        owner = await server.firm("killed")
        made: list[dict[str, Any]] = []
        # Alike, so that merging two asks nothing.
        given = {"type": "INDIVIDUAL", "contacts": [{"contact": {"new": {"firstName": "Kim"}}}]}
        for _ in range(ACCOUNTS):
            made.append((await owner.ask(CREATE_ACCOUNT, input=given)).payload()["account"])
        contacts = [each["contacts"]["nodes"][0]["contact"]["id"] for each in made]
        pairs = list(zip(contacts[::2], contacts[1::2], strict=True))
        tag = (await owner.ask(CREATE_TAG, input={"name": "All"})).payload()["tag"]["id"]
        switching = [(TURN, {"filter": {}, "notify": notify}) for notify in (False, True)]
        tagging = [(document, {"filter": {}, "tagIds": [tag]}) for document in (TAG, UNTAG)]
        for _ in range(ROUNDS):
            busy = [
                asyncio.create_task(again_and_again(owner, *switching)),
                asyncio.create_task(again_and_again(owner, *tagging)),
                asyncio.create_task(merge_all(owner, pairs)),
            ]
            await asyncio.sleep(moment.uniform(0.1, 0.8))
            server.kill()
            await asyncio.gather(*busy)
            await check(url, pairs)
            await server.start()
        # There was something to be killed in.
        assert await look(url, "SELECT 1 FROM audit_events WHERE action = 'contact.merged'")
        assert await look(url, TOLD, changed='%"notify"%') != [(0,)]
        assert "Traceback" not in server.log
    await asyncio.to_thread(databases.drop, url)

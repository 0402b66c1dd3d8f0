"""SIGTERM: what is under way is finished, nothing new begins, and nothing is lost."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx2
import pytest

from tests.databases import Databases
from tests.deployments import CREATE_ACCOUNT
from tests.processes import Server, free_port, serving
from tests.reliability.conftest import contact, look

SIGN_INS = 30


async def refuses_connections(server: Server) -> bool:
    """Whether nobody can connect any more."""
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", server.port)).close()
        except ConnectionRefusedError:
            return True
        await asyncio.sleep(0.01)
    return False


async def test_requests_under_way_are_finished_and_new_ones_refused(server: Server) -> None:
    owner = await server.firm("closing")
    # What was never accepted is not under way: every connection stands before it is needed.
    await asyncio.gather(*(server.http.get("/healthz") for _ in range(SIGN_INS + 1)))
    # Each costs the time of a password's hash, a few at a time: so they stand in line.
    slow = [
        asyncio.create_task(server.sign_in("closing", f"nobody{number}@closing.test"))
        for number in range(SIGN_INS)
    ]
    input = {"type": "INDIVIDUAL", "contacts": [contact("closing", invited=True)]}
    writing = asyncio.create_task(owner.ask(CREATE_ACCOUNT, input=input))
    await asyncio.sleep(0.15)
    assert not all(task.done() for task in slow)
    ended = asyncio.create_task(server.stop())
    assert await refuses_connections(server)
    answers = await asyncio.gather(*slow)
    assert {answer.status for answer in answers} == {200}
    account = (await writing).payload()["account"]
    assert await ended == 0
    with pytest.raises(httpx2.ConnectError):
        await server.nobody.ask("{ __typename }")
    assert await look(server.url, "SELECT id FROM accounts") == [(account["id"],)]
    assert "Traceback" not in server.log


async def test_several_processes_end_with_success_too(databases: Databases, tmp_path: Path) -> None:
    url = await asyncio.to_thread(databases.create, "sqlite", migrated=True)
    async with serving(url, tmp_path / "server", workers=2) as server:
        assert await server.stop() == 0
        assert "Traceback" not in server.log
    await asyncio.to_thread(databases.drop, url)


async def test_mails_that_were_queued_go_out_after_the_next_start(server: Server) -> None:
    # A mail server that nobody answers for keeps the mails in the queue.
    port = free_port()
    assert await server.stop() == 0
    server.settings = {"MANDANT_MAIL_URL": f"smtp://127.0.0.1:{port}"}
    await server.start()
    owner = await server.firm("waiting")
    input = {"type": "INDIVIDUAL", "contacts": [contact("waiting", invited=True)]}
    (await owner.ask(CREATE_ACCOUNT, input=input)).payload()
    for _ in range(200):
        if await look(server.url, "SELECT 1 FROM mails WHERE failure IS NOT NULL"):
            break
        await asyncio.sleep(0.05)
    assert await server.stop() == 0
    assert await look(server.url, "SELECT state, attempts FROM mails") == [("QUEUED", 1)]
    # The half minute until the next try is over.
    past = (
        "'2026-01-01T00:00:00.000000Z'"
        if server.url.startswith("sqlite")
        else "now() - interval '1 minute'"
    )
    await look(server.url, f"UPDATE mails SET due_at = {past}")
    server.settings = {}
    await server.start()
    for _ in range(200):
        if list(server.mail_folder.glob("*.eml")):
            break
        await asyncio.sleep(0.05)
    [mail] = server.mail_folder.glob("*.eml")
    assert "To: waiting@client.test" in mail.read_text()

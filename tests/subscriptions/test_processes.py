"""Two processes on one database: what one writes, the other tells; and how both end."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import websockets

from tests.deployments import ACTIVATE, CREATE_ACCOUNT, PASSWORD, Voice
from tests.processes import Server, serving
from tests.reliability.conftest import contact, look
from tests.subscriptions.conftest import RECEIVED, Endpoint

LISTENING = "application_name = 'mandant' AND query LIKE 'LISTEN%' AND datname = current_database()"


@pytest.fixture
async def servers(migrated_url: str, tmp_path: Path) -> AsyncGenerator[tuple[Server, Server]]:
    """Two processes that share a database and nothing else."""
    async with (
        serving(migrated_url, tmp_path / "one") as one,
        serving(migrated_url, tmp_path / "other", MANDANT_MAIL_WORKER="off") as other,
    ):
        yield one, other


async def activation(server: Server, owner: Voice, name: str) -> str:
    """The token in the mail of a client who is about to activate."""
    given = {"type": "INDIVIDUAL", "contacts": [contact(name, invited=True)]}
    (await owner.ask(CREATE_ACCOUNT, input=given)).payload()
    for _ in range(200):
        for path in server.mail_folder.glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if name in message["To"]:
                text = message.get_body(("plain",))
                assert text
                found = re.search(r"\?token=([\w.-]+)", text.get_content())
                assert found
                return found[1]
        await asyncio.sleep(0.05)
    raise AssertionError("there is no mail")


async def activate(server: Server, token: str) -> None:
    given = {"token": token, "password": PASSWORD}
    (await server.nobody.ask(ACTIVATE, input=given)).payload()


async def test_what_one_process_writes_the_other_one_tells(
    servers: tuple[Server, Server], kind: str
) -> None:
    one, other = servers
    owner = await one.firm("two")
    tokens = [await activation(one, owner, f"kim{number}") for number in range(3)]
    elsewhere = Endpoint(other.port)
    async with (
        elsewhere.greeted(owner) as frames,
        elsewhere.stream(owner, RECEIVED) as stream,
    ):
        await frames.subscribe("1", RECEIVED)
        await activate(one, tokens[0])
        first = (await frames.receive(2))["payload"]["data"]["notificationReceived"]
        assert (await stream.next(2)).id == first["id"]
        if kind == "postgresql":
            # The listening connection is lost: what is said meanwhile is told afterwards.
            [(cut,)] = await look(
                other.url,
                f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {LISTENING}",
            )
            assert cut == 1
        await activate(one, tokens[1])
        second = (await frames.receive(4))["payload"]["data"]["notificationReceived"]
        assert (await stream.next(4)).id == second["id"] > first["id"]
        await activate(one, tokens[2])
        third = (await frames.receive(4))["payload"]["data"]["notificationReceived"]
        assert (await stream.next(4)).id == third["id"] > second["id"]
    # Whoever comes back to another process goes on from where it was.
    async with Endpoint(one.port).stream(owner, RECEIVED, after=first["id"]) as stream:
        assert [(await stream.next()).id for _ in range(2)] == [second["id"], third["id"]]


async def test_open_connections_do_not_hold_up_the_end(
    servers: tuple[Server, Server], kind: str
) -> None:
    server = servers[0]
    owner = await server.firm("ending")
    token = await activation(server, owner, "kim")
    endpoint = Endpoint(server.port)
    async with (
        endpoint.greeted(owner) as frames,
        endpoint.stream(owner, RECEIVED) as stream,
        endpoint.connect() as silent,
    ):
        await frames.subscribe("1", RECEIVED)
        await activate(server, token)
        last = await stream.next()
        began = asyncio.get_running_loop().time()
        assert await server.stop() == 0
        assert asyncio.get_running_loop().time() - began < 8
        assert (await frames.receive())["type"] == "next"
        # "Service restart": clients come back by themselves.
        assert (await frames.closed())[0] == 1012
        with pytest.raises(websockets.ConnectionClosed):
            await silent.raw.recv()
        # Cut off, and not complete: so do they.
        with pytest.raises(StopAsyncIteration):
            await stream.next()
    assert "Traceback" not in server.log and "ERROR" not in server.log
    await activate(servers[1], await activation_of_another(servers, owner))
    async with Endpoint(servers[1].port).stream(owner, RECEIVED, after=last.id) as stream:
        assert (await stream.next()).result["data"]["notificationReceived"]


async def activation_of_another(servers: tuple[Server, Server], owner: Voice) -> str:
    """A second client, invited at the process that lives; its mail is sent by the one that starts."""
    one, other = servers
    await one.start()
    return await activation(one, Voice(other, owner.token), "lee")  # type: ignore[arg-type]

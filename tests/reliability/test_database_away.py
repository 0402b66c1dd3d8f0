"""A database that is locked, hangs up or is gone: writers wait or are told so; nothing is half."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from tests.databases import Databases
from tests.deployments import CREATE_ACCOUNT, Answer
from tests.processes import Server, serving
from tests.reliability.conftest import contact, look

COUNT = "{ accounts { totalCount } contacts { totalCount } }"
CUT_OFF = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'mandant'
"""


@asynccontextmanager
async def locked(url: str) -> AsyncGenerator[None]:
    """Somebody else holds the SQLite file's write lock."""
    other = sqlite3.connect(make_url(url).database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def failures_in(log: str) -> list[dict[str, Any]]:
    """The errors that the server logged."""
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("level") == "error"]


@asynccontextmanager
async def on(databases: Databases, kind: str, folder: Path) -> AsyncGenerator[Server]:
    """A server on a database of *kind*."""
    url = await asyncio.to_thread(databases.create, kind, migrated=True)
    async with serving(url, folder) as server:
        yield server
    await asyncio.to_thread(databases.drop, url)


def new(name: str) -> dict[str, object]:
    return {"type": "INDIVIDUAL", "contacts": [contact(name, invited=True)]}


def is_clean(answer: Answer) -> bool:
    """Done, or refused for now in a way that a client can act on."""
    if "errors" not in answer.body:
        answer.payload()
        return True
    return answer.codes == ["RATE_LIMITED"]


async def test_writers_wait_for_a_locked_file_and_readers_do_not(
    databases: Databases, tmp_path: Path
) -> None:
    async with on(databases, "sqlite", tmp_path / "server") as server:
        owner = await server.firm("locked")
        async with locked(server.url):
            began = time.monotonic()
            writers = [
                asyncio.create_task(owner.ask(CREATE_ACCOUNT, input=new(f"locked{number}")))
                for number in range(5)
            ]
            assert (await owner.ask(COUNT)).data["accounts"]["totalCount"] == 0
            assert (await server.http.get("/healthz")).status_code == 200
            assert time.monotonic() - began < 2
            await asyncio.sleep(2)
            assert not any(writer.done() for writer in writers)
        for answer in await asyncio.gather(*writers):
            answer.payload()
        assert (await owner.ask(COUNT)).data["accounts"]["totalCount"] == 5


async def test_a_file_that_stays_locked_is_told_and_leaves_no_half(
    databases: Databases, tmp_path: Path
) -> None:
    async with on(databases, "sqlite", tmp_path / "server") as server:
        owner = await server.firm("stuck")
        async with locked(server.url):
            began = time.monotonic()
            answer = await owner.ask(CREATE_ACCOUNT, input=new("stuck"))
            assert time.monotonic() - began < 30
        assert answer.codes == ["RATE_LIMITED"]
        assert answer.status == 429
        assert int(answer.headers["Retry-After"]) >= 1
        assert "database.unavailable" in server.log
        (await owner.ask(CREATE_ACCOUNT, input=new("stuck"))).payload()
        assert (await owner.ask(COUNT)).data == {
            "accounts": {"totalCount": 1},
            "contacts": {"totalCount": 1},
        }


async def test_connections_that_the_server_ends_are_made_anew(
    databases: Databases, tmp_path: Path
) -> None:
    async with on(databases, "postgresql", tmp_path / "server") as server:
        owner = await server.firm("cut-off")
        (await owner.ask(CREATE_ACCOUNT, input=new("before"))).payload()
        for number in range(5):
            assert await look(server.url, CUT_OFF) > [(0,)]
            # A connection may be given out while the server still says goodbye to it.
            for _ in range(5):
                answer = await owner.ask(CREATE_ACCOUNT, input=new(f"after{number}"))
                if "errors" not in answer.body:
                    break
                assert answer.codes == ["RATE_LIMITED"]
                await asyncio.sleep(0.1)
            answer.payload()
            for answer in await asyncio.gather(*(owner.ask(COUNT) for _ in range(10))):
                assert answer.data
        assert (await owner.ask(COUNT)).data["accounts"]["totalCount"] == 6


async def test_requests_that_are_cut_off_in_the_middle_leave_no_half(
    databases: Databases, tmp_path: Path
) -> None:
    async with on(databases, "postgresql", tmp_path / "server") as server:
        owner = await server.firm("middle")
        answers: list[Answer] = []

        async def write(client: int) -> None:
            for number in range(8):
                answers.append(
                    await owner.ask(CREATE_ACCOUNT, input=new(f"middle{client}-{number}"))
                )

        async def cut_off() -> None:
            for _ in range(6):
                await asyncio.sleep(0.05)
                await look(server.url, CUT_OFF)

        await asyncio.gather(cut_off(), *map(write, range(6)))
        # A commit that was cut off may or may not have happened: that alone is our fault.
        unclean = [answer for answer in answers if not is_clean(answer)]
        assert all(answer.codes == ["INTERNAL"] for answer in unclean)
        failures = [failure for failure in failures_in(server.log) if "request_id" in failure]
        assert len(failures) == len(unclean)
        for failure in failures:
            stacks = [{frame["name"] for frame in one["frames"]} for one in failure["exception"]]
            assert any("commit" in names for names in stacks), stacks
        done = sum("errors" not in answer.body for answer in answers)
        assert done > 0
        counted = (await owner.ask(COUNT)).data
        assert done <= counted["accounts"]["totalCount"] <= done + len(unclean)
        assert counted["contacts"] == counted["accounts"]
        mails = await look(server.url, "SELECT count(*) FROM mails")
        assert mails == [(counted["accounts"]["totalCount"],)]


async def test_a_database_that_is_gone_is_told_and_comes_back(
    databases: Databases, tmp_path: Path
) -> None:
    async with on(databases, "postgresql", tmp_path / "server") as server:
        owner = await server.firm("gone")
        name = make_url(server.url).database
        databases_away = f"ALTER DATABASE {name} ALLOW_CONNECTIONS "
        await asyncio.to_thread(databases.on_server, databases_away + "false")
        await asyncio.to_thread(
            databases.on_server,
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
        )
        assert (await server.http.get("/healthz")).status_code == 503
        answer = await owner.ask(CREATE_ACCOUNT, input=new("gone"))
        assert answer.codes == ["RATE_LIMITED"]
        page = await server.http.get("/p/gone")
        assert page.status_code in (429, 503)
        await asyncio.to_thread(databases.on_server, databases_away + "true")
        (await owner.ask(CREATE_ACCOUNT, input=new("gone"))).payload()
        assert (await server.http.get("/healthz")).status_code == 200

"""The deployments that tests share: the fixtures `deployed` and `firm`."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import make_url

from auth.passwords import Passwords
from server.logs import log_to_stderr
from tests.databases import Databases
from tests.deployments import Deployed, Firm, running


class Lasting:
    """Deployments that go on from test to test, each with a database that is emptied for the next.

    What a process learns once (the schema, plans, compiled statements) is not learned anew
    for every test, as it is not for every request.
    """

    def __init__(self, databases: Databases, folder: Path) -> None:
        self._databases = databases
        self._folder = folder
        self._stack = AsyncExitStack()
        self._running: dict[tuple[str, bool], tuple[Deployed, Callable[[], Awaitable[None]]]] = {}

    async def empty(self, kind: str, *, full_strength: bool = False) -> Deployed:
        """The one on a database of *kind*, without a row, a mail or a cookie.

        Passwords cost what they cost people only at *full_strength*.
        """
        asked = (kind, full_strength)
        if asked not in self._running:
            self._running[asked] = await self._start(
                kind, None if full_strength else Passwords(memory_kib=8, time_cost=1)
            )
        deployed, empty = self._running[asked]
        await empty()
        shutil.rmtree(deployed.mail_folder, ignore_errors=True)
        deployed.http.cookies.clear()
        return deployed

    async def _start(
        self, kind: str, passwords: Passwords | None
    ) -> tuple[Deployed, Callable[[], Awaitable[None]]]:
        url = await asyncio.to_thread(self._databases.create, kind, migrated=True)
        empty = await self._stack.enter_async_context(self._databases.emptying(url))
        folder = self._folder / make_url(url).database.rpartition("/")[2]
        deployed = await self._stack.enter_async_context(running(url, folder, passwords=passwords))
        return deployed, empty

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture(autouse=True, scope="session")
def plain_logs() -> None:
    """Logs as they are in production, so that tests can look for what must not stand there."""
    log_to_stderr()


@pytest.fixture(scope="session")
async def lasting(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncGenerator[Lasting]:
    found = Lasting(databases, tmp_path_factory.mktemp("deployments"))
    yield found
    await found.close()


@pytest.fixture
async def deployed(request: pytest.FixtureRequest, lasting: Lasting, kind: str) -> Deployed:
    """A deployment that nobody has used, on SQLite and on PostgreSQL."""
    marked = request.node.get_closest_marker("full_strength")
    return await lasting.empty(kind, full_strength=marked is not None)


@pytest.fixture
async def firm(deployed: Deployed) -> Firm:
    """A firm of the test's own."""
    return await deployed.firm()

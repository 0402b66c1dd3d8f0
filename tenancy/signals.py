"""Waking whoever waits for what another transaction wrote, here or in another process.

A signal names a topic, two ids, and carries nothing else: whoever is woken reads what there is
to read by itself, inside its own firm. So a signal too many costs a look, and one that is lost
with its connection is made up for by waking everybody when there is a connection again.

On PostgreSQL a transaction that has news for somebody says so with NOTIFY, which is heard when
it commits, and each process has one connection of its own that listens. SQLite has nothing of
the kind: there a process looks for news twice a second, and at once when it has committed
something itself. Both begin with the first who waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from tenancy.database import Database
from tenancy.postgresql import CONNECT_ARGUMENTS

log = structlog.get_logger()

Topic = tuple[str, str]
"""A firm's id, and the id of whoever the news are for."""
Newest = Callable[[Database, Sequence[Topic]], Awaitable[Sequence[str | None]]]
"""The newest thing that there is for each topic, told by its id."""

CHANNEL = "mandant_signals"
_LOOK_EVERY = 0.5
_BREATH = 0.05
"""Seconds between two looks, however much is committed."""
_BEAT = 10.0
"""Seconds after which a connection that said nothing is asked whether it lives."""
_PAUSES = (0.2, 1.0, 5.0)
_UNSEEN = object()


async def announce(session: AsyncSession, topics: Collection[Topic]) -> None:
    """Wakes who waits for *topics* when the session's transaction is committed, in any process."""
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        for topic in sorted(topics):
            await connection.execute(select(func.pg_notify(CHANNEL, " ".join(topic))))


class Signals:
    """Those who wait in this process. Belongs to one event loop."""

    def __init__(self, database: Database, newest: Newest) -> None:
        """*newest* is asked on SQLite alone."""
        self._database = database
        self._newest = newest
        self._waiting: dict[Topic, set[asyncio.Event]] = {}
        self._somebody = asyncio.Event()
        self._look = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @contextmanager
    def waiting(self, topic: Topic) -> Generator[asyncio.Event]:
        """An event that is set whenever there may be news for *topic*; clear it before looking."""
        if self._task is None:
            hearing = self._listen if self._database.kind == "postgresql" else self._look_around
            self._task = asyncio.create_task(hearing())
        woken = asyncio.Event()
        self._waiting.setdefault(topic, set()).add(woken)
        self._somebody.set()
        try:
            yield woken
        finally:
            others = self._waiting[topic]
            others.remove(woken)
            if not others:
                del self._waiting[topic]
            if not self._waiting:
                self._somebody.clear()

    def committed(self) -> None:
        """Says that this process has written something: called in the event loop."""
        self._look.set()

    async def close(self) -> None:
        """Hears nothing any more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _wake(self, topic: Topic) -> None:
        for woken in self._waiting.get(topic, ()):
            woken.set()

    async def _look_around(self) -> None:
        seen: dict[Topic, str | None] = {}
        while True:
            await self._somebody.wait()
            self._look.clear()
            topics = list(self._waiting)
            try:
                newest = await self._newest(self._database, topics)
            except Exception as error:
                log.warning("signals.unseen", error=type(error).__name__)
            else:
                found = dict(zip(topics, newest, strict=True))
                for topic, id in found.items():
                    if seen.get(topic, _UNSEEN) != id:
                        self._wake(topic)
                seen = found
            await asyncio.sleep(_BREATH)
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY - _BREATH):
                    await self._look.wait()

    async def _listen(self) -> None:
        tries = 0
        while True:
            await self._somebody.wait()
            try:
                await self._hear()
                tries = 0
            except Exception as error:
                log.warning("signals.unheard", error=type(error).__name__)
            await asyncio.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
            tries += 1

    async def _hear(self) -> None:
        """Listens on a fresh connection until it is lost."""
        database = self._database
        _, address = database.dialect.create_connect_args(database.url)
        driver: Any = await cast("Any", asyncpg).connect(**address, **CONNECT_ARGUMENTS)
        lost = asyncio.Event()

        def hung_up(_connection: Any) -> None:
            lost.set()

        def heard(_connection: Any, _process: int, _channel: str, said: str) -> None:
            firm_id, _, id = said.partition(" ")
            self._wake((firm_id, id))

        try:
            driver.add_termination_listener(hung_up)
            await driver.add_listener(CHANNEL, heard)
            # For what was said while nobody listened.
            for topic in self._waiting:
                self._wake(topic)
            while not lost.is_set():
                try:
                    async with asyncio.timeout(_BEAT):
                        await lost.wait()
                except TimeoutError:
                    await driver.fetchval("SELECT 1", timeout=_BEAT)
        finally:
            driver.terminate()

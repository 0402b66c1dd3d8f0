"""Connections that last: counted, looked at again while they are open, and ended in time."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final, TypeVar

from starlette.requests import HTTPConnection

from auth.sessions import SessionEnded, still_there
from resolvers.people import has_entrance
from server.visits import visit_of
from tenancy.caller import Visit
from tenancy.database import Database
from tenancy.outage import Unavailable

T = TypeVar("T")

LOOK_EVERY: Final = 3.0
"""Seconds between two looks whether who is connected is still signed in."""
MOST: Final = 300
"""Connections that last, of one process: out of the requests that it has under way at once, so
that there always is room for others (`server/http_protocol.py`)."""
MOST_OF_ONE: Final = 20
"""Of them, those of one person, or of one network address for those who are nobody yet."""


class Crowded(Exception):
    """There are too many connections that last, in all or of this person."""

    retry_after = 10
    """Seconds."""


class Seat:
    """Room for one connection, until it is left."""

    def __init__(self, taken: Counter[str], key: str) -> None:
        self._taken = taken
        self._key = key
        taken[key] += 1

    def leave(self) -> None:
        self._taken[self._key] -= 1
        if not self._taken[self._key]:
            del self._taken[self._key]


class Guest:
    """Who is at the other end of a connection that lasts, until they `leave`."""

    def __init__(self, house: Lasting, connection: HTTPConnection, visit: Visit) -> None:
        self.visit = visit
        self._house = house
        self._connection = connection
        self._seat = house.seat(_key_of(visit))

    async def look_again(self) -> None:
        """Raises SessionEnded where they are not signed in any more, or no account is open."""
        # While the database is away nothing can be read for them either.
        with suppress(Unavailable):
            now = await visit_of(self._connection, self._house.database, in_use=False)
            self.visit = still_there(self.visit, now)
            if now.caller is not None and not await has_entrance(self._house.database, now.caller):
                raise SessionEnded

    async def stay(self) -> None:
        """Returns when the server is about to stop. Raises SessionEnded."""
        while not self._house.closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY):
                    await self._house.closing.wait()
                    return
            await self.look_again()

    def leave(self) -> None:
        """They are not counted any more."""
        self._seat.leave()


class Lasting:
    """The connections of one process that last. Belongs to one event loop."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.closing = asyncio.Event()
        self._taken: Counter[str] = Counter()

    async def welcome(self, connection: HTTPConnection) -> Guest:
        """Whoever *connection* is of. Raises Crowded, and Unavailable."""
        return Guest(self, connection, await visit_of(connection, self.database))

    def seat(self, key: str) -> Seat:
        """Room for one more connection of *key*. Raises Crowded."""
        if self._taken[key] >= MOST_OF_ONE or self._taken.total() >= MOST:
            raise Crowded
        return Seat(self._taken, key)

    def threshold(self, connection: HTTPConnection) -> Seat:
        """Room for a connection whose other end has not said yet who it is. Raises Crowded."""
        return self.seat(_network_of(connection.client.host if connection.client else None))


def _key_of(visit: Visit) -> str:
    caller = visit.caller
    if caller is None:
        return _network_of(visit.ip_address)
    return caller.member_id or caller.portal_user_id or ""


def _network_of(address: str | None) -> str:
    return f"network {address}"


async def first_of(*parts: Coroutine[Any, Any, T]) -> T:
    """What the first of *parts* to end answers, or raises; the others are cancelled by then."""
    tasks = [asyncio.create_task(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task in done).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def told_to_stop(tell: Callable[[], Any]) -> Generator[None]:
    """Calls *tell* in the event loop as soon as the server is told to stop.

    The server lets requests come to their end before it closes the application. A stream has
    none: it has to be ended, and must hear of it before.
    """
    loop = asyncio.get_running_loop()
    by_server: dict[int, Callable[[int, FrameType | None], Any]] = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            handler = signal.getsignal(number)
            if callable(handler) and handler is not signal.default_int_handler:
                by_server[number] = handler

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell)
        by_server[number](number, frame)

    for number in by_server:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in by_server.items():
            signal.signal(number, handler)

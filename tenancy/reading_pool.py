"""Connections to read with, as many as were asked for: they are made when they are needed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

C = TypeVar("C")

_PATIENCE = 20.0
"""Seconds that a reader stands in line for a connection before it fails."""


def _lose_patience(waiting: asyncio.Future[Any]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())


class ReadingPool(Generic[C]):
    """Gives out connections one at a time to each reader; the one used last goes out first.

    It resets nothing between two readers: a statement that is its own transaction leaves nothing
    behind. *connect* makes a connection, *is_alive* tells of one whether it still is.
    """

    def __init__(
        self, size: int, *, connect: Callable[[], Awaitable[C]], is_alive: Callable[[C], bool]
    ) -> None:
        self._size = size
        self._connect = connect
        self._is_alive = is_alive
        self._made = 0
        self._idle: list[C] = []
        self._waiting: deque[asyncio.Future[C | None]] = deque()

    async def take(self) -> C:
        """A connection; whoever takes it gives it back, or drops it.

        Raises TimeoutError where none becomes free, and what making one raises.
        """
        while True:
            while self._idle:
                connection = self._idle.pop()
                if self._is_alive(connection):
                    return connection
                self._made -= 1
            if self._made < self._size:
                return await self._make()
            loop = asyncio.get_running_loop()
            waiting: asyncio.Future[C | None] = loop.create_future()
            self._waiting.append(waiting)
            # `asyncio.timeout` does the same, and takes longer than many a statement.
            patience = loop.call_later(_PATIENCE, _lose_patience, waiting)
            try:
                handed = await waiting
            except BaseException:
                self._waiting_ended(waiting)
                raise
            finally:
                patience.cancel()
            if handed is not None:
                return handed

    def _waiting_ended(self, waiting: asyncio.Future[C | None]) -> None:
        """Nobody waits any more: what was handed over in the last moment goes to the next."""
        if waiting in self._waiting:
            self._waiting.remove(waiting)
        elif waiting.done() and not waiting.cancelled() and waiting.exception() is None:
            connection = waiting.result()
            if connection is None:
                self._hand_on(None)
            else:
                self.give_back(connection)

    async def _make(self) -> C:
        self._made += 1
        try:
            return await self._connect()
        except BaseException:
            self.drop()
            raise

    def give_back(self, connection: C) -> None:
        """The connection is free for the next."""
        if not self._hand_on(connection):
            self._idle.append(connection)

    def drop(self) -> None:
        """A connection that was taken is no more; another one may be made in its place."""
        self._made -= 1
        self._hand_on(None)

    def _hand_on(self, connection: C | None) -> bool:
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return True
        return False

    def empty(self) -> list[C]:
        """Takes out all that are free, to be closed."""
        idle, self._idle = self._idle, []
        self._made -= len(idle)
        return idle

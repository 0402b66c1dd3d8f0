"""SQLite: what each connection is told, and the connections to read with."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from tenancy.reading_pool import ReadingPool

# FULL, so that what was acknowledged is still there after a power cut: in WAL mode it costs
# one fsync a commit (0.28 ms against 0.02 ms on the disk that it was measured on).
PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": "10000",
    "recursive_triggers": "OFF",
    "foreign_keys": "ON",
}
_READING = {**PRAGMAS, "query_only": "ON"}
_KEPT_STATEMENTS = 1000
_BRIEF = 0.003
"""Seconds that a statement may run right in the event loop, before it goes to a thread."""
_LOOK_EVERY = 2000
"""Instructions of SQLite's machine between two looks at the clock: some ten microseconds."""
Many = tuple[str, Sequence[Sequence[Any]]]
"""A statement, and the rows of parameters that it is run with."""
_MOST_LONG = 1000
"""Statements that are remembered as longer than that."""


def make_folder(url: URL) -> None:
    """Makes the folder of a SQLite file, for its owner alone, where it is missing."""
    assert url.database is not None
    Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def prepare_engine(engine: AsyncEngine, **others: str) -> None:
    """Sets the pragmas, *others* in place of ours, on each new connection of an engine."""

    def on_connect(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for name, value in {**PRAGMAS, **others}.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)


class WritingConnection(aiosqlite.Connection):
    """A connection that runs several statements in one go on its thread and back."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        # A process that ends does not wait for it.
        self._thread.daemon = True

    def has_begun(self) -> bool:
        """Whether it is in a transaction already."""
        return self.in_transaction

    async def value(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The single value that *sql* gives. Raises SQLAlchemy's errors."""
        try:
            row = await self._execute(self._first, sql, parameters)  # pyright: ignore[reportUnknownMemberType]
        except sqlite3.Error as error:
            raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error
        return row[0] if row else None

    def _first(self, sql: str, parameters: Sequence[Any]) -> Any:
        rows = self._conn.execute(sql, parameters).fetchall()
        return rows[0] if rows else None

    async def run_all(self, statements: Sequence[Many]) -> None:
        """Each statement with each of its rows. Raises sqlite3's errors."""
        await self._execute(self._run_all, statements)  # pyright: ignore[reportUnknownMemberType]

    def _run_all(self, statements: Sequence[Many]) -> None:
        for sql, rows in statements:
            self._conn.executemany(sql, rows)


def writing_connection(path: str, **options: Any) -> WritingConnection:
    """What SQLAlchemy makes its connections by, in place of the driver's own."""
    return WritingConnection(lambda: sqlite3.connect(path, **options), 64)


def run_all(connection: Connection, statements: Sequence[Many]) -> None:
    """Runs *statements* on a connection of the write engine. Raises SQLAlchemy's errors."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, WritingConnection)
    try:
        await_only(driver.run_all(statements))
    except sqlite3.Error as error:
        raise DBAPIError.instance(None, None, error, sqlite3.Error) from error


def begin_immediately(engine: AsyncEngine) -> None:
    """Makes every transaction of an engine take the write lock when it begins.

    One that took it later could find that what it read has changed meanwhile, and fail.
    """

    def on_begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if not isinstance(driver, WritingConnection):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            return
        if driver.has_begun():
            # A COMMIT that is refused leaves the transaction open, and SQLAlchemy takes it for
            # ended.
            await_only(driver.value("ROLLBACK", ()))
        await_only(driver.value("BEGIN IMMEDIATE", ()))

    event.listen(engine.sync_engine, "begin", on_begin)


def _connection(path: str, pragmas: Mapping[str, str]) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=_KEPT_STATEMENTS
    )
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name} = {value}")
    return connection


def _timed(
    connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]
) -> tuple[Sequence[Any], float]:
    """The rows of *sql*, and how many seconds they took."""
    began = time.perf_counter()
    rows = connection.execute(sql, parameters).fetchall()
    return rows, time.perf_counter() - began


class SQLiteReader:
    """Runs statements that read.

    Most of them are done in less time than it takes to hand them to a thread and back, so each
    is tried right in the event loop, which is held up by `_BRIEF` at the most: what takes longer
    (or finds the file locked) is broken off, starts anew in a thread, and goes there at once the
    next time, until it turns out to be brief. Nothing is lost by breaking off: it only reads.
    """

    def __init__(self, url: URL, size: int) -> None:
        assert url.database is not None
        self._path = url.database
        self._brief: sqlite3.Connection | None = None
        self._until = 0.0
        self._long: dict[str, None] = {}
        self._pool = ReadingPool[sqlite3.Connection](
            size, connect=self._connect, is_alive=lambda _: True
        )
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="sqlite-read")

    async def _connect(self) -> sqlite3.Connection:
        return await self._in_thread(_connection, self._path, _READING)

    async def _in_thread(self, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def rows(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        """The rows of *sql*, with `?`. Raises sqlite3's errors, and TimeoutError."""
        if sql not in self._long:
            try:
                return self._at_once(sql, parameters)
            except sqlite3.OperationalError as error:
                code = error.sqlite_errorcode & 0xFF
                if code == sqlite3.SQLITE_INTERRUPT:
                    self._remember(sql)
                elif code != sqlite3.SQLITE_BUSY:
                    raise
        return await self._at_leisure(sql, parameters)

    def _at_once(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        connection = self._brief
        if connection is None:
            connection = self._brief = _connection(self._path, {**_READING, "busy_timeout": "0"})
            connection.set_progress_handler(self._is_over, _LOOK_EVERY)
        self._until = time.perf_counter() + _BRIEF
        return connection.execute(sql, parameters).fetchall()

    def _is_over(self) -> bool:
        return time.perf_counter() > self._until

    def _remember(self, sql: str) -> None:
        if len(self._long) >= _MOST_LONG:
            # All anew: what is long shows itself again at little cost.
            self._long.clear()
        self._long[sql] = None

    async def _at_leisure(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        connection = await self._pool.take()

        def ended(work: asyncio.Future[Any]) -> None:
            # Not before: a thread may still be at it when whoever asked has been cancelled.
            self._pool.give_back(connection)
            if not work.cancelled():
                work.exception()

        work = asyncio.ensure_future(self._in_thread(_timed, connection, sql, parameters))
        work.add_done_callback(ended)
        try:
            rows, seconds = await asyncio.shield(work)
        except asyncio.CancelledError:
            connection.interrupt()
            raise
        if seconds < _BRIEF / 3:
            # The file was cold, or the machine busy, when it was long.
            self._long.pop(sql, None)
        return rows

    async def close(self) -> None:
        """Closes the connections that nobody uses."""
        if self._brief is not None:
            self._brief.close()
            self._brief = None
        for connection in self._pool.empty():
            connection.close()
        self._threads.shutdown(wait=False)

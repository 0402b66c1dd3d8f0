"""One deployment's database: connections to read with, and a pool to write with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from sqlalchemy import URL, Dialect, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from tenancy import postgresql, sqlite
from tenancy.outage import connection_lost, outage
from tenancy.row_security import ROLE, UNSAFE
from tenancy.storable import send_storable

Kind = Literal["sqlite", "postgresql"]
Statement = tuple[str, Sequence[Any]]
"""A statement in the driver's own form, and its parameters."""

_PLACEHOLDER = re.compile(r"\$(\d+)")
_MOST_JOINED = 1000
_FAREWELL = 20.0
"""Seconds that work under way is given when the pools are closed."""

T = TypeVar("T")

_DRIVERS: Mapping[str, tuple[Kind, str]] = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+asyncpg"),
    "postgres": ("postgresql", "postgresql+asyncpg"),
}

_WAIT_FOR_CONNECTION = 20.0
"""Seconds that a use case stands in line for a connection before it fails."""


class UnsupportedDatabase(ValueError):
    """The URL names a database that Mandant does not run on."""


class UnsafeRole(RuntimeError):
    """The application would act as a role that row-level security does not hold for."""


class Reader(Protocol):
    """Connections to read with. Each statement is a transaction; its ends cost no round trip."""

    async def rows(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]: ...

    async def close(self) -> None: ...


class Database:
    """One deployment's database: connections to read with, and a pool to write with.

    On SQLite every transaction of the write engine is BEGIN IMMEDIATE, and a process has one
    such connection: writers stand in line. The reader's connections refuse to write.

    On PostgreSQL every connection acts as `tenancy.row_security.ROLE` where the login role may
    become it, else as the login role itself (see `refuse_unsafe_role`).
    """

    def __init__(self, url: str, *, read_pool: int = 10, write_pool: int = 10) -> None:
        """*read_pool* and *write_pool* are numbers of connections.

        Raises UnsupportedDatabase. The folder of a SQLite file is made where it is missing.
        """
        self.kind: Kind
        self.kind, self.url = driver_url(url)
        self._read_pool = read_pool
        self.write_engine: AsyncEngine
        # For a session that only looks: it cannot write, and waits for nobody who does.
        self.look_engine: AsyncEngine
        self._reader: Reader
        if self.kind == "sqlite":
            sqlite.make_folder(self.url)
            # The driver never begins a transaction by itself; the `begin` event does.
            self.write_engine = self._engine(
                1, {"isolation_level": None, "async_creator_fn": sqlite.writing_connection}
            )
            sqlite.prepare_engine(self.write_engine)
            sqlite.begin_immediately(self.write_engine)
            self.look_engine = self._engine(read_pool, {"isolation_level": None})
            sqlite.prepare_engine(self.look_engine, query_only="ON")
            send_storable(self.look_engine)
            self._reader = sqlite.SQLiteReader(self.url, read_pool)
        else:
            self.write_engine = self._engine(
                write_pool,
                {**postgresql.CONNECT_ARGUMENTS, "connection_class": postgresql.NamingConnection},
            )
            postgresql.act_as_role(self.write_engine)
            self.look_engine = self.write_engine.execution_options(postgresql_readonly=True)
            self._reader = postgresql.PostgreSQLReader(
                self.url, self.write_engine.dialect, read_pool
            )
        send_storable(self.write_engine)
        self.dialect: Dialect = self.write_engine.dialect
        self._joined: dict[tuple[str, ...], str] = {}
        self._under_way: set[asyncio.Future[Any]] = set()

    def _engine(self, size: int, arguments: Mapping[str, Any]) -> AsyncEngine:
        return create_async_engine(
            self.url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=_WAIT_FOR_CONNECTION,
            connect_args=dict(arguments),
        )

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The first column of the first row that *sql* gives, or None where there is none.

        *sql* and *parameters* are the driver's (`$1` or `?`).
        Raises Unavailable where the database cannot be had now, else the driver's own errors.
        """
        rows = await self.fetch_rows(sql, parameters)
        return rows[0][0] if rows else None

    async def fetch_together(self, statements: Sequence[Statement]) -> Sequence[Any]:
        """The values of statements of one value each, read in a single round trip."""
        if not statements:
            return ()
        texts = tuple([sql for sql, _ in statements])
        joined = self._joined.get(texts)
        if joined is None:
            if len(self._joined) >= _MOST_JOINED:
                self._joined.clear()
            joined = self._joined[texts] = _joined(statements)
        rows = await self.fetch_rows(
            joined, [value for _, parameters in statements for value in parameters]
        )
        return rows[0]

    async def fetch_rows(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        """All rows that *sql* gives; otherwise as `fetch`."""
        # Where the server hung up, another connection is asked: a read may be sent again. It may
        # have hung up on all that wait in the pool, and a fresh one comes after them.
        for tries_left in reversed(range(self._read_pool + 1)):
            try:
                return await self._reader.rows(sql, parameters)
            except Exception as error:
                if tries_left and connection_lost(error):
                    continue
                if away := outage(error):
                    raise away from error
                raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def refuse_unsafe_role(self) -> None:
        """Raises UnsafeRole where PostgreSQL's policies would not hold for the application."""
        if self.kind == "sqlite":
            return
        ((name, unsafe),) = await self._reader.rows(UNSAFE, ())
        if unsafe:
            raise UnsafeRole(
                f'The database role "{name}" can see past row-level security. Run'
                f" `mandant migrate` as a role that may create roles: it creates {ROLE}, which"
                " the application then acts as. Or let the application sign in as a role that"
                " has neither SUPERUSER nor BYPASSRLS."
            )

    async def unbroken(self, work: Coroutine[Any, Any, T]) -> T:
        """What *work* answers; it goes on to its end though whoever waits for it is cancelled.

        A transaction that is broken off in the middle of a statement can leave SQLite's lock
        behind until its connection is collected, and everybody else waiting for it.
        """
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        task.add_done_callback(self._forget)
        return await asyncio.shield(task)

    def _forget(self, task: asyncio.Future[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            # Looked at, so that nobody is told of an error that nobody waits for any more.
            task.exception()

    async def close(self) -> None:
        """Closes both pools, when what is under way has come to its end."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_FAREWELL)
        await self._reader.close()
        await self.look_engine.dispose()
        await self.write_engine.dispose()


def _joined(statements: Sequence[Statement]) -> str:
    """One statement of as many columns; PostgreSQL's placeholders count on, SQLite's have no
    numbers."""
    parts: list[str] = []
    before = 0
    for sql, parameters in statements:
        parts.append(_PLACEHOLDER.sub(lambda found: f"${int(found[1]) + before}", sql))  # noqa: B023
        before += len(parameters)
    return "SELECT " + ", ".join(f"({part})" for part in parts)


def driver_url(url: str) -> tuple[Kind, URL]:
    """Which database *url* names, and the URL with the driver that is used for it.

    Raises UnsupportedDatabase for another product, and for SQLite's databases in memory.
    """
    parsed = make_url(url)
    known = _DRIVERS.get(parsed.get_backend_name())
    if known is None:
        raise UnsupportedDatabase(
            f"Mandant runs on SQLite and PostgreSQL, not on {parsed.get_backend_name()}."
        )
    kind, driver = known
    if kind == "sqlite" and (
        not parsed.database
        or ":memory:" in parsed.database
        or parsed.database.startswith("file:")
        or parsed.query
    ):
        raise UnsupportedDatabase(
            "SQLite needs a file and no options, such as sqlite+aiosqlite:///./var/mandant.db:"
            " a database in memory would be another one on every connection."
        )
    return kind, parsed.set(drivername=driver)

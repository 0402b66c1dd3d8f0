"""One deployment's database: a pool to read from and one to write with."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import URL, Dialect, event, make_url, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from tenancy.outage import connection_lost, outage
from tenancy.row_security import MAY_BECOME_ROLE, ROLE
from tenancy.storable import send_storable

Kind = Literal["sqlite", "postgresql"]
Statement = tuple[str, Sequence[Any]]
"""A statement in the driver's own form, and its parameters."""

_PLACEHOLDER = re.compile(r"\$(\d+)")
_MOST_JOINED = 5000
_FAREWELL = 20.0
"""Seconds that work under way is given when the pools are closed."""

T = TypeVar("T")

_DRIVERS: Mapping[str, tuple[Kind, str]] = {
    "sqlite": ("sqlite", "sqlite+aiosqlite"),
    "postgresql": ("postgresql", "postgresql+asyncpg"),
    "postgres": ("postgresql", "postgresql+asyncpg"),
}

# FULL, so that what was acknowledged is still there after a power cut: in WAL mode it costs
# one fsync a commit (0.28 ms against 0.02 ms on the disk that it was measured on).
_SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "busy_timeout": "10000",
    "recursive_triggers": "OFF",
}

# Times in milliseconds.
_POSTGRESQL_SETTINGS = {
    "application_name": "mandant",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
    "timezone": "UTC",
    # Compiling a plan takes longer than running one of ours.
    "jit": "off",
}

_WAIT_FOR_CONNECTION = 20.0
"""Seconds that a use case stands in line for a connection before it fails."""
_CONNECTING = 10.0
"""Seconds in which a server has to take a connection."""


class UnsupportedDatabase(ValueError):
    """The URL names a database that Mandant does not run on."""


class UnsafeRole(RuntimeError):
    """The application would act as a role that row-level security does not hold for."""


class Database:
    """One deployment's database: a pool to read from and one to write with.

    On SQLite every transaction of the write engine is BEGIN IMMEDIATE, and a process has one
    such connection: writers stand in line. The read engine refuses to write.

    On PostgreSQL every connection acts as `tenancy.row_security.ROLE` where the login role may
    become it, else as the login role itself (see `refuse_unsafe_role`). The read engine is in
    autocommit mode: a statement is a transaction, and no round trip is spent on its ends.
    """

    def __init__(self, url: str, *, read_pool: int = 10, write_pool: int = 10) -> None:
        """*read_pool* and *write_pool* are numbers of connections.

        Raises UnsupportedDatabase. The folder of a SQLite file is made where it is missing.
        """
        self.kind: Kind
        self.kind, self.url = driver_url(url)
        if self.kind == "sqlite":
            make_folder(self.url)
            write_pool = 1
        self._read_pool = read_pool
        self.write_engine: AsyncEngine = self._engine(write_pool)
        self.read_engine: AsyncEngine = self._engine(
            read_pool, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
        )
        if self.kind == "sqlite":
            prepare_sqlite(self.write_engine, {"foreign_keys": "ON"})
            begin_immediately(self.write_engine)
            prepare_sqlite(self.read_engine, {"foreign_keys": "ON", "query_only": "ON"})
        else:
            _act_as_role(self.write_engine)
            _act_as_role(self.read_engine)
        send_storable(self.write_engine)
        self.dialect: Dialect = self.write_engine.dialect
        self._joined: dict[tuple[str, str], str] = {}
        self._under_way: set[asyncio.Future[Any]] = set()

    def _engine(self, size: int, **options: Any) -> AsyncEngine:
        arguments: dict[str, Any] = (
            # The driver never begins a transaction by itself; the `begin` event does.
            {"isolation_level": None}
            if self.kind == "sqlite"
            else {"server_settings": dict(_POSTGRESQL_SETTINGS), "timeout": _CONNECTING}
        )
        return create_async_engine(
            self.url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=size,
            max_overflow=0,
            pool_timeout=_WAIT_FOR_CONNECTION,
            connect_args=arguments,
            **options,
        )

    async def fetch(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The first column of the first row that *sql* gives, or None where there is none.

        *sql* and *parameters* are the driver's (`$1` or `?`). It runs as one statement in a
        transaction of its own, past SQLAlchemy, which would take twice as long as the rest.
        Raises Unavailable where the database cannot be had now, else the driver's own errors.
        """
        row = await self._row(sql, parameters)
        return None if row is None else row[0]

    async def fetch_both(self, one: Statement, other: Statement) -> tuple[Any, Any]:
        """The values of two statements of one value each, in a single round trip."""
        key = (one[0], other[0])
        if key not in self._joined:
            if len(self._joined) >= _MOST_JOINED:
                self._joined.clear()
            second = _renumbered(other[0], len(one[1]))
            self._joined[key] = f"SELECT ({one[0]}), ({second})"
        row = await self._row(self._joined[key], [*one[1], *other[1]])
        return row[0], row[1]

    async def _row(self, sql: str, parameters: Sequence[Any]) -> Any:
        # Where the server hung up, another connection is asked: a read may be sent again. It may
        # have hung up on all that wait in the pool, and a fresh one comes after them.
        for tries_left in reversed(range(self._read_pool + 1)):
            try:
                return await self._first_row(sql, parameters)
            except Exception as error:
                if tries_left and connection_lost(error):
                    continue
                if away := outage(error):
                    raise away from error
                raise
        raise AssertionError("unreachable: the last try returns or raises")

    async def _first_row(self, sql: str, parameters: Sequence[Any]) -> Any:
        pooled = await self.read_engine.raw_connection()
        driver: Any = pooled.driver_connection
        try:
            if self.kind == "postgresql":
                row = await driver.fetchrow(sql, *parameters)
            else:
                rows = await driver.execute_fetchall(sql, parameters)
                row = rows[0] if rows else None
        except Exception as error:
            if connection_lost(error):
                pooled.invalidate()
            else:
                pooled.close()
            raise
        except BaseException:
            # Cancelled in the middle of an answer.
            if self.kind == "postgresql":
                pooled.invalidate()
            else:
                await driver.interrupt()
                pooled.close()
            raise
        pooled.close()
        return row

    async def refuse_unsafe_role(self) -> None:
        """Raises UnsafeRole where PostgreSQL's policies would not hold for the application."""
        if self.kind == "sqlite":
            return
        async with self.read_engine.connect() as connection:
            name, unsafe = (
                await connection.execute(
                    text(
                        "SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles"
                        " WHERE rolname = current_user"
                    )
                )
            ).one()
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
        await self.read_engine.dispose()
        await self.write_engine.dispose()


def _renumbered(sql: str, by: int) -> str:
    """PostgreSQL's placeholders moved up; SQLite's have no numbers."""
    return _PLACEHOLDER.sub(lambda found: f"${int(found[1]) + by}", sql)


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


def make_folder(url: URL) -> None:
    """Makes the folder of a SQLite file, for its owner alone, where it is missing."""
    assert url.database is not None
    Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)


def prepare_sqlite(engine: AsyncEngine, pragmas: Mapping[str, str]) -> None:
    """Sets *pragmas*, beside those that every connection gets, on each new connection."""

    def on_connect(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        for name, value in {**_SQLITE_PRAGMAS, **pragmas}.items():
            cursor.execute(f"PRAGMA {name} = {value}")
        cursor.close()

    event.listen(engine.sync_engine, "connect", on_connect)


def begin_immediately(engine: AsyncEngine) -> None:
    """Makes every transaction of a SQLite *engine* take the write lock when it begins.

    One that took it later could find that what it read has changed meanwhile, and fail.
    """

    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine.sync_engine, "begin", on_begin)


def _act_as_role(engine: AsyncEngine) -> None:
    """Takes on the application's role on each new connection, and gives out no dead one."""

    async def become(connection: Any) -> None:
        if await connection.fetchval(MAY_BECOME_ROLE):
            await connection.execute(f"SET ROLE {ROLE}")

    def on_connect(connection: Any, _: Any) -> None:
        connection.run_async(become)

    def on_checkout(connection: Any, _: Any, __: Any) -> None:
        # The driver notices a server that hung up; asking it costs no round trip.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "checkout", on_checkout)

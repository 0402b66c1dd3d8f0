"""PostgreSQL: what each connection is told, and the connections to read with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
from sqlalchemy import URL, Connection, Dialect, event
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import await_only

from tenancy.outage import connection_lost
from tenancy.reading_pool import ReadingPool
from tenancy.row_security import MAY_BECOME_ROLE, ROLE

# Times in milliseconds.
_SETTINGS = {
    "application_name": "mandant",
    "statement_timeout": "30000",
    "idle_in_transaction_session_timeout": "60000",
    "timezone": "UTC",
    # Compiling a plan takes longer than running one of ours.
    "jit": "off",
    # So does planning. A firm's rows are found by its indexes, whatever else is asked for: a
    # plan that knows the parameters is no other, and is made once for each connection.
    "plan_cache_mode": "force_generic_plan",
    # The rows are in memory, or on a disk that does not turn. With the default of 4 a small
    # table is read whole for every row of a page.
    "random_page_cost": "1.1",
}
_CONNECTING = 10.0
"""Seconds in which a server has to take a connection."""
_KEPT_STATEMENTS = 1000
"""Prepared statements that a connection to read with keeps, each for as long as it is in use."""

_Connection: Any = asyncpg.Connection  # pyright: ignore[reportUnknownMemberType]
_FIRM_ID = re.compile(r"[a-z]+_[0-9a-f]{32}")


class NamingConnection(_Connection):
    """A connection whose transactions may begin in a firm: one round trip for both.

    The policies hold for whom a transaction names; see `tenancy/row_security.py`.
    """

    # What the driver's connection does not have.
    __slots__ = ("begins_in",)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)  # pyright: ignore[reportUnknownMemberType]
        self.begins_in: str | None = None

    def has_begun(self) -> bool:
        """Whether it is in a transaction already."""
        return self.is_in_transaction()

    async def value(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The single value that *sql* gives. Raises SQLAlchemy's errors."""
        try:
            return await self.fetchval(sql, *parameters)
        except asyncpg.IntegrityConstraintViolationError as error:
            raise IntegrityError(sql, None, error) from error
        except asyncpg.PostgresError as error:
            raise DBAPIError.instance(sql, None, error, asyncpg.PostgresError) from error

    def transaction(self, *, readonly: bool = False, **others: Any) -> Any:
        """The driver's transaction, or one that names the firm that it begins in."""
        firm_id, self.begins_in = self.begins_in, None
        if firm_id is None:
            return super().transaction(readonly=readonly, **others)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return _InFirm(self, firm_id, readonly=readonly)


class _InFirm:
    """A transaction in a firm, as SQLAlchemy uses the driver's."""

    def __init__(self, connection: Any, firm_id: str, *, readonly: bool) -> None:
        self._connection = connection
        self._begin = (
            f"BEGIN{' READ ONLY' if readonly else ''};"
            f" SELECT set_config('mandant.firm', '{firm_id}', true)"
        )

    async def start(self) -> None:
        await self._connection.execute(self._begin)

    async def commit(self) -> None:
        await self._connection.execute("COMMIT")

    async def rollback(self) -> None:
        await self._connection.execute("ROLLBACK")


def run(connection: Connection, sql: str, parameters: Sequence[Any]) -> None:
    """Runs a statement that gives nothing on a connection of the write engine. Raises
    SQLAlchemy's errors."""
    driver = connection.connection.driver_connection
    if isinstance(driver, NamingConnection) and driver.has_begun():
        # SQLAlchemy's way to it takes as long as sending it does.
        await_only(driver.value(sql, parameters))
    else:
        connection.exec_driver_sql(sql, tuple(parameters))


def begin_in_firm(connection: Connection, firm_id: str) -> bool:
    """Begins the transaction, and names its firm; False where that is not possible."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, NamingConnection) or not _FIRM_ID.fullmatch(firm_id):
        return False
    if driver.is_in_transaction():
        return False
    driver.begins_in = firm_id
    # Else it would wait for a statement that goes by way of SQLAlchemy.
    adapted: Any = connection.connection.dbapi_connection
    await_only(adapted._start_transaction())  # noqa: SLF001 - the driver's, for want of a public one
    return True


CONNECT_ARGUMENTS: dict[str, Any] = {"server_settings": _SETTINGS, "timeout": _CONNECTING}
"""What asyncpg is told for every connection."""


async def _become(connection: Any) -> None:
    """Acts as the application's role, where the login role may."""
    if await connection.fetchval(MAY_BECOME_ROLE):
        await connection.execute(f"SET ROLE {ROLE}")


def act_as_role(engine: AsyncEngine) -> None:
    """Takes on the application's role on each new connection, and gives out no dead one."""

    def on_connect(connection: Any, _: Any) -> None:
        connection.run_async(_become)

    def on_checkout(connection: Any, _: Any, __: Any) -> None:
        # The driver notices a server that hung up; asking it costs no round trip.
        if connection.driver_connection.is_closed():
            raise DisconnectionError
        # Nobody begins in a firm that somebody else had meant to.
        connection.driver_connection.begins_in = None

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "checkout", on_checkout)


class PostgreSQLReader:
    """Runs statements that read, each a transaction of its own.

    Past SQLAlchemy: its pool begins, ends and resets what a single statement does not need.
    """

    def __init__(self, url: URL, dialect: Dialect, size: int) -> None:
        _, self._address = dialect.create_connect_args(url)
        self._pool = ReadingPool[Any](
            size, connect=self._connect, is_alive=lambda connection: not connection.is_closed()
        )

    async def _connect(self) -> Any:
        connection = await cast("Any", asyncpg).connect(
            **self._address,
            **CONNECT_ARGUMENTS,
            statement_cache_size=_KEPT_STATEMENTS,
            max_cached_statement_lifetime=0,
            max_cacheable_statement_size=0,
        )
        try:
            await _become(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def rows(self, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        """The rows of *sql*, with `$1`. Raises the driver's errors, and TimeoutError."""
        connection = await self._pool.take()
        try:
            rows = await connection.fetch(sql, *parameters)
        except Exception as error:
            if connection_lost(error):
                connection.terminate()
                self._pool.drop()
            else:
                self._pool.give_back(connection)
            raise
        except BaseException:
            # Cancelled in the middle of an answer, which nobody else may get.
            connection.terminate()
            self._pool.drop()
            raise
        self._pool.give_back(connection)
        return rows

    async def close(self) -> None:
        """Closes the connections that nobody uses."""
        for connection in self._pool.empty():
            await connection.close(timeout=_CONNECTING)

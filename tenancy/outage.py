"""When the database cannot be had now: locked, full, shutting down, or not there."""

from __future__ import annotations

from collections.abc import Iterator

import asyncpg  # pyright: ignore[reportMissingTypeStubs]
import sqlalchemy.exc
import structlog

log = structlog.get_logger()

# SQLITE_BUSY, LOCKED, READONLY, IOERR, FULL and CANTOPEN: https://sqlite.org/rescode.html
_SQLITE_CODES = frozenset({5, 6, 8, 10, 13, 14})
# Connection lost, not let in, no such database, resources short, lock not had, database closed,
# a server that goes or comes, timeouts: https://www.postgresql.org/docs/current/errcodes-appendix.html
_SQLSTATES = ("08", "28", "3D", "53", "55P03", "55000", "57", "25P03")

# The last one is how asyncpg fails between the server's goodbye and the end of its stream.
_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
)


class Unavailable(Exception):
    """The database cannot be had, and nothing was written. Later it may be: see *retry_after*."""

    retry_after = 2
    """Seconds."""


def outage(error: Exception) -> Unavailable | None:
    """What to raise instead of *error* where it is such a moment; it is logged then."""
    if not any(_tells_of_outage(found) for found in _chain(error)):
        return None
    log.warning("database.unavailable", error=type(error).__name__)
    return Unavailable()


def connection_lost(error: BaseException) -> bool:
    """Whether the server hung up, so that another connection may do."""
    return any(_tells_of_loss(found) for found in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """*error* and what it was made from, the driver's own exception at the end."""
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__


def _tells_of_loss(error: BaseException) -> bool:
    if isinstance(error, sqlalchemy.exc.DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, asyncpg.InterfaceError):
        return "connection is closed" in str(error)
    return isinstance(error, _LOST)


def _tells_of_outage(error: BaseException) -> bool:
    if isinstance(error, (OSError, sqlalchemy.exc.TimeoutError)) or _tells_of_loss(error):
        return True
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(code, int):
        return code & 0xFF in _SQLITE_CODES
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state.startswith(_SQLSTATES)

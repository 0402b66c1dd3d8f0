"""Brings a database's schema to a revision: one transaction, once, whoever else tries meanwhile.

A process that is killed on the way leaves the schema as it was, and the next one starts over.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from tenancy import sqlite
from tenancy.database import driver_url
from tenancy.row_security import let_application_in
from tenancy.sizes import tell_sizes

_FOLDER = Path(__file__).parent
_LOCK = 0x6D616E64616E74
"""Any number that no other program takes on the same database: `mandant` in ASCII."""


class BrokenReferences(RuntimeError):
    """A migration left rows on SQLite that point at nothing; it was rolled back."""


async def upgrade(url: str, revision: str = "head") -> None:
    """Migrates the database at *url* up to *revision*, which it may have reached already.

    It signs in as the role in *url*, which has to own the schema. Raises UnsupportedDatabase,
    BrokenReferences, and what the driver raises; the schema is then as it was.
    """
    await _migrate(url, lambda config: command.upgrade(config, revision))


async def downgrade(url: str, revision: str) -> None:
    """Takes the database at *url* back to *revision*; `base` drops everything."""
    await _migrate(url, lambda config: command.downgrade(config, revision))


async def current(url: str) -> str | None:
    """The revision of the database at *url*; None where it has never been migrated."""
    async with _connection(url) as connection:
        return await connection.run_sync(_revision)


def head() -> str:
    """The newest revision that this version of Mandant knows."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None
    return newest


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    return config


@asynccontextmanager
async def _connection(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, committed at the end; on SQLite it holds the write lock."""
    kind, parsed = driver_url(url)
    options: dict[str, Any] = {}
    if kind == "sqlite":
        sqlite.make_folder(parsed)
        options = {"isolation_level": None}
    engine = create_async_engine(parsed, poolclass=NullPool, connect_args=options)
    if kind == "sqlite":
        # A table that is rebuilt or dropped must not take along what refers to it.
        sqlite.prepare_engine(engine, foreign_keys="OFF")
        sqlite.begin_immediately(engine)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()


async def _migrate(url: str, run: Callable[[Config], None]) -> None:
    async with _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(lambda connection: run(_config(connection)))
        if connection.dialect.name == "postgresql":
            for statement in let_application_in():
                await connection.exec_driver_sql(statement)
        else:
            await _refuse_broken_references(connection)
            await connection.run_sync(tell_sizes)


async def _refuse_broken_references(connection: AsyncConnection) -> None:
    rows = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).all()
    if rows:
        tables = ", ".join(sorted({row[0] for row in rows}))
        raise BrokenReferences(f"After the migration {len(rows)} rows point at nothing: {tables}.")

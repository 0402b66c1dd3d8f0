"""The statements that a deployment runs, however they get to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tenancy.database import Database, Statement
from tenancy.postgresql import NamingConnection
from tenancy.sqlite import WritingConnection


@contextmanager
def reads_of(database: Database) -> Iterator[list[Statement]]:
    """The statements that are read meanwhile past SQLAlchemy, with their parameters."""
    found: list[Statement] = []
    fetch_rows = database.fetch_rows

    async def noting(sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        found.append((sql, parameters))
        return await fetch_rows(sql, parameters)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "fetch_rows", noting)
        yield found


async def sqlites_plan(database: Database, statement: Statement) -> list[str]:
    """The steps in which SQLite carries out a statement."""
    sql, parameters = statement
    return [row[3] for row in await database.fetch_rows("EXPLAIN QUERY PLAN " + sql, parameters)]


@contextmanager
def statements_of(database: Database) -> Iterator[list[str]]:
    """The statements that are run meanwhile by what writes, without what opens it."""
    found: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if "set_config" not in statement:
            found.append(statement)

    run_all = WritingConnection.run_all

    async def noting_all(connection: Any, statements: Any) -> None:
        found.extend(sql for sql, _ in statements)
        await run_all(connection, statements)

    def noting(value: Any) -> Any:
        async def noted(connection: Any, sql: str, parameters: Any) -> Any:
            if not sql.startswith(("BEGIN", "ROLLBACK")):
                found.append(sql)
            return await value(connection, sql, parameters)

        return noted

    engine = database.write_engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        # What goes past SQLAlchemy, too.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(WritingConnection, "run_all", noting_all)
            for driver in (WritingConnection, NamingConnection):
                patch.setattr(driver, "value", noting(driver.value))
            yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)

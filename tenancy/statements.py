"""Statements in a firm's session past its rows: what names its firm, or needs none, by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Row, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from models import Firm, FirmOwned
from models.base import Unaudited
from tenancy.scope import FIRM, LIMITED, within
from tenancy.session import BY_SLUG, DRIVER, FirmBound, UnrecordedStatement, UnscopedStatement
from tenancy.storable import storable


class Driver(Protocol):
    """A driver's connection that runs a statement past SQLAlchemy, in the same transaction."""

    def has_begun(self) -> bool:
        """Whether it is in a transaction already."""
        ...

    async def value(self, sql: str, parameters: Sequence[Any]) -> Any:
        """The single value that *sql* gives. Raises SQLAlchemy's errors."""
        ...


async def expect_many(session: AsyncSession) -> None:
    """Says that what follows in the transaction is over many rows, which PostgreSQL cannot know.

    Until it has counted a table it expects one row of a firm there, and joins what is then many
    by looking through all of the one for each of the other.
    """
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()
        await connection.execute(
            select(
                func.set_config("enable_nestloop", "off", True),
                # What is kept was planned for few, and is to stay so.
                func.set_config("plan_cache_mode", "force_custom_plan", True),
            )
        )


async def insert_from(
    session: AsyncSession,
    table: type[FirmOwned],
    columns: Mapping[str, ColumnElement[Any]],
    *rows: Any,
    where: ColumnElement[bool],
    recorded: bool = False,
    returning: Sequence[str] = (),
) -> Sequence[Row[Any]]:
    """Writes rows of *table* into the session's firm that are made of others, by one statement.

    *columns* are expressions over *rows*: aliases of tables, each of which gets the firm's
    condition. Raises UnscopedStatement where no firm was entered, and UnrecordedStatement where
    the audit trail tells of such rows and is not said to be told beside it, by *recorded*.
    Returns the columns *returning* of each.
    """
    if not recorded and not isinstance(table.audit, Unaudited):
        raise UnrecordedStatement(f"the audit trail is not told of {table.__name__}")
    bound = session.sync_session
    assert isinstance(bound, FirmBound)
    if bound.firm_id is None:
        raise UnscopedStatement("no firm has been entered")
    first, *others = rows
    limited_to: str | None = bound.info.get(LIMITED)
    limited = limited_to is not None
    found = (
        select(first.firm_id, *columns.values())
        .select_from(*rows)
        .where(
            *(within(row, limited=limited) for row in rows),
            *(row.firm_id == first.firm_id for row in others),
            where,
        )
    )
    connection = await session.connection()
    given = {FIRM: bound.firm_id, **({LIMITED: limited_to} if limited else {})}
    statement: Any = insert(table).from_select([FIRM, *columns], found)
    if returning:
        statement = statement.returning(*(getattr(table, name) for name in returning))
    made = await connection.execute(statement, given)
    return made.all() if returning else ()


async def fetch_value(session: AsyncSession, sql: str, parameters: Sequence[Any]) -> Any:
    """The single value of a statement in the driver's own form, in the session's transaction."""
    given = tuple(storable(parameters))
    if DRIVER not in session.sync_session.info:
        await session.connection()
    driver: Driver | None = session.sync_session.info.get(DRIVER)
    if driver is not None and driver.has_begun():
        # SQLAlchemy's way to it takes longer than the statement.
        return await driver.value(sql, given)
    return await session.run_sync(
        lambda bound: bound.connection().exec_driver_sql(sql, given).scalar()
    )


async def find_firm(session: AsyncSession, slug: str) -> Firm | None:
    """The firm with this slug, whoever asks; the one look that is not inside a firm."""
    if session.get_bind().dialect.name == "postgresql":
        connection = await session.connection()
        await connection.execute(select(func.set_config("mandant.slug", slug, True)))
    return await session.scalar(
        select(Firm).where(Firm.slug == slug), execution_options={BY_SLUG: slug}
    )

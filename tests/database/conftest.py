"""Two firms, the `kanzlei` and the `praxis`, with a row in every table that firms have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from models import Base
from models.base import Choice, Timestamp
from tenancy.database import Database

KANZLEI, PRAXIS = "firm_kanzlei", "firm_praxis"
DEPLOYMENT_TABLES = {"throttles"}
FIRM_TABLES = [
    table for table in Base.metadata.sorted_tables if table.name not in DEPLOYMENT_TABLES
]
# Triggers write their rows, one for each account and contact.
KEPT_TABLES = {"account_texts", "contact_texts", "contact_addresses"}
REFERENCES = [
    reference
    for table in FIRM_TABLES
    for reference in sorted(table.foreign_key_constraints, key=lambda each: str(each.name))
]


def firm_column(table: Table) -> Column[Any]:
    """The column that says whose a row is."""
    return table.c.id if table.name == "firms" else table.c.firm_id


def value_of(column: Column[Any], firm_id: str) -> Any:
    """Something that *column* takes; for a reference, the row that it leads to."""
    if column.name == "portal_user_id" and "member_id" in column.table.c:
        return None  # one person, and it is the member
    for key in column.foreign_keys:
        if key.column.name == "id" and key.column.table.name != "firms":
            return f"{key.column.table.name}_{firm_id}"
    if column is firm_column(column.table):
        return firm_id
    if isinstance(column.type, Choice):
        return next(iter(column.type.of))
    if isinstance(column.type, Timestamp):
        return datetime(2026, 11, 23, 12, tzinfo=UTC)
    if isinstance(column.type, Boolean):
        return column.name != "is_default"  # of which a firm has one at most
    if isinstance(column.type, Integer):
        return 1
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, LargeBinary):
        return firm_id.encode()
    return f"{column.table.name if column.name == 'id' else column.name}_{firm_id}"


def row_of(table: Table, firm_id: str) -> dict[str, Any]:
    return {column.name: value_of(column, firm_id) for column in table.c}


def write_firm(connection: Connection, firm_id: str) -> None:
    for table in FIRM_TABLES:
        if table.name in KEPT_TABLES:
            continue
        connection.execute(table.insert().values(row_of(table, firm_id)))


@asynccontextmanager
async def inside(database: Database, firm_id: str | None) -> AsyncIterator[AsyncConnection]:
    """A transaction that PostgreSQL's policies know to be the firm's."""
    async with database.write_engine.begin() as connection:
        if firm_id is not None and database.kind == "postgresql":
            await connection.execute(select(func.set_config("mandant.firm", firm_id, True)))
        yield connection


async def write_firms(database: Database) -> None:
    """A row in every table, for two firms."""
    for firm_id in (KANZLEI, PRAXIS):
        async with inside(database, firm_id) as connection:
            await connection.run_sync(write_firm, firm_id)


@pytest.fixture
async def firms(database: Database) -> Database:
    """The database with both firms in it."""
    await write_firms(database)
    return database


def columns_of(reference: ForeignKeyConstraint) -> list[str]:
    return [column.name for column in reference.columns]

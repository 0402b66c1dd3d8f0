"""Searching is indexed: what was written before is found after the migration, by owners of any kind."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection, insert, inspect, text
from sqlalchemy.exc import DBAPIError

from migrations.shape import MissingExtension
from migrations.upgrade import current, downgrade, upgrade
from models import Account, AccountContact, Contact, Firm
from server.mendable import sentence
from tenancy.database import Database, UnsafeRole
from tenancy.row_security import ROLE
from tests.database.conftest import KANZLEI, PRAXIS, inside, row_of
from tests.database.test_roles import owned_url
from tests.databases import administer

__all__ = ["owned_url"]

pytestmark = pytest.mark.anyio
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)

FOUND = {
    "postgresql": "SELECT found_accounts(:words)",
    "sqlite": """
        SELECT id FROM account_texts JOIN account_grams ON account_grams.rowid = place
        WHERE account_grams MATCH :words
    """,
}


def columns_of(connection: Connection, table: str) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns(table)}


async def write_then_migrate(url: str) -> None:
    """Two firms with an account and its contact, from before there was an index."""
    await upgrade(url, "0002_tags")
    database = Database(url)
    for firm in (KANZLEI, PRAXIS):
        async with inside(database, firm) as connection:
            for table in (Firm, Account, Contact, AccountContact):
                # The tables of today have columns that came later.
                columns = await connection.run_sync(columns_of, table.__tablename__)
                row = {
                    name: value
                    for name, value in row_of(table.__table__, firm).items()
                    if name in columns
                }
                if table in (Account, Contact):
                    row["search_text"] = f"{table.__tablename__} lantern"
                await connection.execute(insert(table.__table__).values(row))
    await database.close()
    await upgrade(url)


async def found(database: Database, firm: str, word: str) -> list[str]:
    question = json.dumps([[word]])
    if database.kind == "sqlite":
        grams = [word[start : start + 3] for start in range(len(word) - 2)]
        question = " AND ".join(f'"{firm}x{gram.encode().hex()}"' for gram in grams)
    async with inside(database, firm) as connection:
        rows = await connection.scalars(text(FOUND[database.kind]), {"words": question})
        return list(rows)


async def test_what_was_there_before_is_found(database_url: str) -> None:
    await write_then_migrate(database_url)
    database = Database(database_url)
    # By its own word, and by its contact's.
    for word in ("accounts", "contacts", "lantern"):
        assert await found(database, KANZLEI, word) == [f"accounts_{KANZLEI}"], word
    assert await found(database, KANZLEI, "praxis") == []
    await database.close()
    await downgrade(database_url, "0002_tags")
    await upgrade(database_url)


@on_postgresql
@pytest.mark.parametrize("owned_url", ["CREATEROLE", "NOCREATEROLE"], indirect=True)
async def test_an_owner_who_is_bound_by_the_policies_sees_all_rows_while_migrating(
    owned_url: str,
) -> None:
    await write_then_migrate(owned_url)
    database = Database(owned_url)
    await database.refuse_unsafe_role()
    for firm in (KANZLEI, PRAXIS):
        assert await found(database, firm, "contacts") == [f"accounts_{firm}"]
    async with inside(database, None) as connection:
        assert await connection.scalar(text("SELECT count(*) FROM account_texts")) == 0
    await database.close()


@on_postgresql
@pytest.mark.parametrize("owned_url", ["CREATEROLE"], indirect=True)
async def test_an_application_that_could_see_past_the_policy_of_the_texts_is_refused(
    owned_url: str,
) -> None:
    """The owner need not be bound while the application acts as another role, and only then."""
    await upgrade(owned_url)
    await administer(owned_url, f"REVOKE {ROLE} FROM current_user")
    database = Database(owned_url)
    with pytest.raises(UnsafeRole):
        await database.refuse_unsafe_role()
    await upgrade(owned_url)
    await database.close()
    database = Database(owned_url)
    await database.refuse_unsafe_role()
    await database.close()


@on_postgresql
async def test_a_database_that_cannot_have_the_extension_says_so(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await upgrade(database_url, "0002_tags")

    def without(statement: str) -> None:
        if "EXTENSION" in statement:
            raise DBAPIError(statement, {}, Exception("permission denied"))

    monkeypatch.setattr("alembic.op.execute", without)
    with pytest.raises(MissingExtension, match="pg_trgm") as raised:
        await upgrade(database_url)
    assert sentence(raised.value) == str(raised.value)
    monkeypatch.undo()
    assert await current(database_url) == "0002_tags"

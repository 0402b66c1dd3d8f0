"""PostgreSQL's own wall: a firm sees its rows and writes its rows, whatever the application asks."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from models import Base, Firm, Mail
from tenancy.database import Database
from tenancy.row_security import APPEND_ONLY
from tests.database.conftest import (
    DEPLOYMENT_TABLES,
    FIRM_TABLES,
    KANZLEI,
    PRAXIS,
    firm_column,
    inside,
    row_of,
)

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("kind", ["postgresql"], indirect=True),
]

# Of what may only be added to, there is a policy to read and one to add.
WALLS = """
SELECT relname, relrowsecurity AND relforcerowsecurity,
    (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid
        AND polcmd = '*' AND polqual IS NOT NULL AND polwithcheck IS NOT NULL),
    (SELECT string_agg(polcmd, '' ORDER BY polcmd) FROM pg_policy
        WHERE polrelid = pg_class.oid AND polcmd IN ('r', 'a') AND relname = 'audit_events')
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v')
"""


async def counts(database: Database, firm_id: str | None) -> dict[str, int]:
    async with inside(database, firm_id) as connection:
        return {
            table.name: await connection.scalar(select(func.count()).select_from(table))
            for table in FIRM_TABLES
        }


async def test_every_table_but_the_deployments_own_is_walled(database: Database) -> None:
    async with inside(database, None) as connection:
        walls = {
            name: (forced, count, added)
            for name, forced, count, added in await connection.execute(text(WALLS))
        }
    assert set(walls) == set(Base.metadata.tables) | {"alembic_version"}
    for name in DEPLOYMENT_TABLES | {"alembic_version"}:
        del walls[name]
    assert walls.pop(APPEND_ONLY) == (True, 0, "ar")
    assert set(walls.values()) == {(True, 1, None)}


async def test_without_a_firm_there_are_no_rows(firms: Database) -> None:
    assert set((await counts(firms, None)).values()) == {0}


async def test_a_firm_sees_its_own_rows_alone(firms: Database) -> None:
    assert set((await counts(firms, KANZLEI)).values()) == {1}
    assert set((await counts(firms, "firm_nobody")).values()) == {0}
    async with inside(firms, KANZLEI) as connection:
        for table in FIRM_TABLES:
            assert (await connection.scalars(select(firm_column(table)))).all() == [KANZLEI]


async def test_without_a_firm_nothing_can_be_written(firms: Database) -> None:
    for table in FIRM_TABLES:
        with pytest.raises(DBAPIError, match="row-level security"):
            async with inside(firms, None) as connection:
                await connection.execute(insert(table).values(row_of(table, "firm_third")))
        if table.name == APPEND_ONLY:
            continue
        async with inside(firms, None) as connection:
            assert (await connection.execute(table.delete())).rowcount == 0


async def test_no_row_can_be_written_into_another_firm(firms: Database) -> None:
    for table in FIRM_TABLES:
        with pytest.raises(DBAPIError, match="row-level security"):
            async with inside(firms, KANZLEI) as connection:
                await connection.execute(insert(table).values(row_of(table, PRAXIS)))


async def test_no_row_can_be_moved_into_another_firm(firms: Database) -> None:
    for table in FIRM_TABLES:
        refused = "permission denied" if table.name == APPEND_ONLY else "row-level security"
        with pytest.raises(DBAPIError, match=refused):
            async with inside(firms, KANZLEI) as connection:
                await connection.execute(update(table).values({firm_column(table).name: PRAXIS}))


async def test_another_firms_rows_can_be_neither_changed_nor_deleted(firms: Database) -> None:
    for table in FIRM_TABLES:
        if table.name == APPEND_ONLY:
            continue
        theirs = firm_column(table) == PRAXIS
        async with inside(firms, KANZLEI) as connection:
            change = update(table).where(theirs).values({firm_column(table).name: KANZLEI})
            assert (await connection.execute(change)).rowcount == 0
            assert (await connection.execute(table.delete().where(theirs))).rowcount == 0


async def test_a_slug_shows_its_firm_and_nothing_else(firms: Database) -> None:
    async with inside(firms, None) as connection:
        await connection.execute(select(func.set_config("mandant.slug", f"slug_{PRAXIS}", True)))
        assert (await connection.scalars(select(Firm.id))).all() == [PRAXIS]
        assert await connection.scalar(select(func.count()).select_from(Mail)) == 0
        assert (await connection.execute(update(Firm).values(name="Taken over"))).rowcount == 0


async def test_delivery_reads_every_firms_mails_and_changes_none(firms: Database) -> None:
    async with inside(firms, None) as connection:
        await connection.execute(select(func.set_config("mandant.delivery", "on", True)))
        assert set((await connection.scalars(select(Mail.firm_id))).all()) == {KANZLEI, PRAXIS}
        assert await connection.scalar(select(func.count()).select_from(Firm)) == 0
        assert (await connection.execute(update(Mail).values(attempts=9))).rowcount == 0

"""No row points into another firm: every reference is (firm, id), and both databases hold it."""

from __future__ import annotations

import pytest
from sqlalchemy import ForeignKeyConstraint, Table, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from models import Firm
from tenancy.database import Database
from tests.database.conftest import (
    FIRM_TABLES,
    KANZLEI,
    KEPT_TABLES,
    PRAXIS,
    REFERENCES,
    columns_of,
    firm_column,
    inside,
    row_of,
)

pytestmark = pytest.mark.anyio

WITHIN_FIRMS = [each for each in REFERENCES if each.referred_table.name != "firms"]


@pytest.mark.parametrize("table", FIRM_TABLES[1:], ids=lambda table: table.name)
def test_every_table_of_firms_begins_with_its_firm(table: Table) -> None:
    assert [column.name for column in table.columns][:2] == ["firm_id", "id"]
    assert [column.name for column in table.primary_key] == ["firm_id", "id"]
    to_firm = next(each for each in REFERENCES if each.table is table and len(each.columns) == 1)
    assert (columns_of(to_firm), to_firm.ondelete) == (["firm_id"], "CASCADE")


@pytest.mark.parametrize("reference", WITHIN_FIRMS, ids=lambda each: str(each.name))
def test_every_reference_carries_the_firm(reference: ForeignKeyConstraint) -> None:
    assert columns_of(reference)[0] == "firm_id"
    assert [key.column.name for key in reference.elements] == ["firm_id", "id"]
    assert reference.ondelete in (None, "CASCADE")  # SET NULL would clear the firm


@pytest.mark.parametrize("reference", WITHIN_FIRMS, ids=lambda each: str(each.name))
async def test_a_row_that_points_into_another_firm_is_refused(
    firms: Database, reference: ForeignKeyConstraint
) -> None:
    table, column = reference.table, columns_of(reference)[1]
    change = {column: f"{reference.referred_table.name}_{PRAXIS}"}
    if column == "portal_user_id":
        change["member_id"] = None
    # Taking an account's last row away breaks another rule first.
    with pytest.raises(IntegrityError, match=r"(?i)foreign key|account_has_"):
        async with inside(firms, KANZLEI) as connection:
            mine = update(table).where(table.c.firm_id == KANZLEI)
            assert (await connection.execute(mine.values(change))).rowcount == 1


async def test_a_row_of_a_firm_that_does_not_exist_is_refused(database: Database) -> None:
    for table in FIRM_TABLES[1:]:
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            async with inside(database, KANZLEI) as connection:
                await connection.execute(insert(table).values(row_of(table, KANZLEI)))


async def test_a_firm_goes_with_all_of_its_rows_and_no_others(firms: Database) -> None:
    async with inside(firms, KANZLEI) as connection:
        await connection.execute(delete(Firm).where(Firm.id == KANZLEI))
    for firm_id, left in ((KANZLEI, 0), (PRAXIS, 1)):
        async with inside(firms, firm_id) as connection:
            for table in FIRM_TABLES:
                theirs = select(func.count()).where(firm_column(table) == firm_id)
                assert await connection.scalar(theirs) == left, table.name


async def test_uniqueness_is_a_firms_own(firms: Database) -> None:
    """Otherwise one firm could find out by trying what another one has."""
    async with inside(firms, PRAXIS) as connection:
        for table in FIRM_TABLES[1:]:
            if table.name in KEPT_TABLES:
                continue
            theirs = {**row_of(table, KANZLEI), "firm_id": PRAXIS}
            await connection.execute(insert(table).values(theirs))

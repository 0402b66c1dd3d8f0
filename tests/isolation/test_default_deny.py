"""The firm's session refuses what it cannot keep inside the firm, for every table there is."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from models import Account, AuditEvent, Base, Contact, Firm, Throttle
from tenancy.database import Database
from tenancy.recording import BY_HAND
from tenancy.session import UnscopedStatement, firm_session
from tests.database.conftest import KANZLEI, PRAXIS, row_of, write_firms

MODELS = sorted(
    (mapper.class_ for mapper in Base.registry.mappers if "firm_id" in mapper.all_orm_descriptors),
    key=lambda model: model.__name__,
)
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)


@pytest.fixture
async def outside(firms: Database) -> AsyncGenerator[AsyncSession]:
    """A session that has entered no firm, over a database with two."""
    async with firm_session(firms, None) as session:
        yield session


@pytest.fixture
async def within(firms: Database) -> AsyncGenerator[AsyncSession]:
    """A session in one of the two firms."""
    async with firm_session(firms, KANZLEI) as session:
        yield session


@pytest.fixture(scope="module")
async def firms(module_url: str, anyio_backend: str) -> AsyncGenerator[Database]:
    """A database with a row in every table, for two firms. No test commits anything."""
    opened = Database(module_url)
    await write_firms(opened)
    yield opened
    await opened.close()


def test_every_table_but_the_deployments_own_is_a_firms() -> None:
    tables = {model.__table__ for model in MODELS}
    assert set(Base.metadata.tables.values()) - tables == {Throttle.__table__}


@each_model
async def test_without_a_firm_a_statement_is_refused(outside: AsyncSession, model: Any) -> None:
    key = model.firm_id
    for statement in (
        select(model),
        select(model.id),
        select(func.count()).select_from(model),
        select(aliased(model)),
        select(Throttle.key, model.id),
        update(model).values(id="x"),
        delete(model),
        select(model).where(key == KANZLEI),
    ):
        with pytest.raises(UnscopedStatement):
            await outside.execute(statement)
    with pytest.raises(UnscopedStatement):
        await outside.get(model, KANZLEI if model is Firm else (KANZLEI, "x"))


@pytest.mark.parametrize("firm_id", [None, KANZLEI])
async def test_a_table_of_firms_cannot_be_reached_through_the_deployments_own(
    firms: Database, firm_id: str | None
) -> None:
    async with firm_session(firms, firm_id) as session:
        session.add(Throttle(key="k", count=1, updated_at=datetime.now(UTC)))
        await session.flush()
        theirs = select(Account.id).where(Account.firm_id == PRAXIS)
        assert (await session.scalars(select(Throttle.key).where(theirs.exists()))).all() == []


@each_model
async def test_a_statement_sees_the_rows_of_its_firm_alone(
    within: AsyncSession, model: Any
) -> None:
    other = aliased(model)
    for entity in (model, other):
        found = (await within.scalars(select(entity.firm_id))).all()
        assert found == [KANZLEI]
        assert (await within.scalars(select(entity).where(entity.firm_id == PRAXIS))).all() == []
    assert await within.scalar(select(func.count()).select_from(model)) == 1
    inner = select(model.id).where(model.firm_id == PRAXIS)
    assert (await within.scalars(select(other.id).where(inner.exists()))).all() == []


@each_model
async def test_a_bulk_change_stays_in_its_firm(firms: Database, model: Any) -> None:
    if model is AuditEvent:
        return  # which nobody changes in any firm: tests/audit/test_append_only.py
    async with firm_session(firms, KANZLEI) as session:
        changed = await session.execute(
            update(model)
            .where(model.firm_id == PRAXIS)
            .values(id=model.id)
            .execution_options(**BY_HAND)
        )
        assert changed.rowcount == 0
        gone = await session.execute(
            delete(model).where(model.firm_id == PRAXIS).execution_options(**BY_HAND)
        )
        assert gone.rowcount == 0


@each_model
async def test_a_row_of_another_firm_is_not_added(within: AsyncSession, model: Any) -> None:
    table: Table = model.__table__
    columns = row_of(table, PRAXIS)
    within.add(model(**columns))
    with pytest.raises(UnscopedStatement, match="another firm"):
        await within.flush()


@each_model
async def test_core_statements_and_texts_are_refused(within: AsyncSession, model: Any) -> None:
    table: Table = model.__table__
    for statement in (
        select(table),
        select(table.c.id),
        select(func.count()).select_from(table),
        table.update().values(id="x"),
        table.delete(),
        table.insert().values(id="x"),
        insert(model).values(id="x"),
        text(f"SELECT * FROM {table.name}"),
        text("SELECT 1"),
    ):
        with pytest.raises(UnscopedStatement):
            await within.execute(statement)


async def test_a_session_belongs_to_one_firm_for_good(within: AsyncSession) -> None:
    def enter(bound: Any) -> None:
        bound.enter(PRAXIS)

    with pytest.raises(UnscopedStatement, match="already"):
        await within.run_sync(enter)


async def test_a_row_gets_the_firm_of_its_session(within: AsyncSession) -> None:
    columns = row_of(Contact.__table__, KANZLEI) | {"id": "cont_new", "external_reference": None}
    del columns["firm_id"]
    added = Contact(**columns)
    within.add(added)
    await within.flush()
    assert added.firm_id == KANZLEI

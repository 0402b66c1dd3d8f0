"""The database itself lets nobody rewrite the trail, and a statement that is not told not run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from models import Account, AuditEvent, Folder, Session
from resolvers import accounts
from resolvers.run import run
from resolvers.unit import Unit
from tenancy.caller import Caller, Visit
from tenancy.database import Database
from tenancy.session import UnrecordedStatement, firm_session
from tenancy.statements import insert_from
from tests.audit.conftest import events
from tests.database.conftest import KANZLEI, PRAXIS, inside, write_firm
from tests.deployments import Deployed, Firm

REWRITING: list[Any] = [
    update(AuditEvent).values(action="account.created"),
    delete(AuditEvent),
]
OWNER = ["UPDATE audit_events SET action = ''", "DELETE FROM audit_events"]


@pytest.fixture
async def firms(database: Database) -> Database:
    """Two firms with an event each."""
    for firm_id in (KANZLEI, PRAXIS):
        async with inside(database, firm_id) as connection:
            await connection.run_sync(write_firm, firm_id)
    return database


async def count(database: Database) -> int:
    async with inside(database, KANZLEI) as connection:
        of_firm = AuditEvent.firm_id == KANZLEI
        return await connection.scalar(select(func.count()).where(of_firm)) or 0


@pytest.mark.anyio
@pytest.mark.parametrize("statement", REWRITING, ids=["update", "delete"])
async def test_the_application_can_neither_change_nor_delete_an_event(
    firms: Database, statement: Any
) -> None:
    refused = "permission denied" if firms.kind == "postgresql" else "only added to"
    with pytest.raises(DBAPIError, match=refused):
        async with inside(firms, KANZLEI) as connection:
            await connection.execute(statement)
    assert await count(firms) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize("statement", [*OWNER, "TRUNCATE audit_events"])
async def test_nor_can_the_tables_owner(firms: Database, statement: str) -> None:
    engine = create_async_engine(firms.url)
    try:
        with pytest.raises(DBAPIError, match="only added to"):
            async with engine.begin() as connection:
                await connection.execute(select(func.set_config("mandant.firm", KANZLEI, True)))
                await connection.execute(text(statement))
    finally:
        await engine.dispose()
    assert await count(firms) == 1


@pytest.mark.anyio
async def test_a_firm_that_is_deleted_takes_its_trail_along(firms: Database) -> None:
    async with inside(firms, KANZLEI) as connection:
        await connection.execute(text("DELETE FROM firms WHERE id = :id"), {"id": KANZLEI})
    assert await count(firms) == 0
    async with inside(firms, PRAXIS) as connection:
        assert await connection.scalar(select(func.count(AuditEvent.id))) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "statement",
    [
        update(Account).values(name="Anders"),
        delete(Account),
        delete(Folder),
        delete(Session),
    ],
    ids=["update", "delete", "a part", "a session"],
)
async def test_a_set_based_statement_that_nobody_tells_of_is_refused(
    firms: Database, statement: Any
) -> None:
    async with firm_session(firms, KANZLEI) as session:
        with pytest.raises(UnrecordedStatement):
            await session.execute(statement)
        # What is not told may change as it likes.
        await session.execute(update(Account).values(updated_at=datetime.now(UTC)))
        await session.execute(update(Session).values(last_used_at=datetime.now(UTC)))
        with pytest.raises(UnrecordedStatement):
            await insert_from(session, Folder, {}, Account, where=Account.id == "")


async def test_what_is_rolled_back_is_not_told(firm: Firm) -> None:
    deployed = firm.deployed
    account = await firm.account(name="Eins")
    me = (await firm.owner.ask("{ firm { id } viewer { ... on Member { id } } }")).data
    caller = Caller(
        firm_id=me["firm"]["id"],
        session_id=None,
        member_id=me["viewer"]["id"],
        permissions=frozenset(accounts.Permission),
        locale=firm.locale,
    )
    before = len(await events(firm.owner, first=200))

    async def answer(unit: Unit, _: Account) -> None:
        raise RuntimeError("the answer cannot be made")

    with pytest.raises(RuntimeError):
        await run(
            deployed.deployment,
            Visit(caller=caller),
            accounts.update_account,
            answer=answer,
            id=account["id"],
            name="Zwei",
        )
    assert len(await events(firm.owner, first=200)) == before


async def test_all_events_of_a_transaction_are_one_statement(deployed: Deployed) -> None:
    firm = await deployed.firm()
    with deployed.statements() as statements:
        await firm.account(invited=True)
    assert sum("audit_events" in statement for statement in statements) == 1

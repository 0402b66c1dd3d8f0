"""How the application's connections behave: what they wait for, keep to and leave behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from models import Counter, Throttle
from tenancy import sqlite
from tenancy.database import Database, UnsupportedDatabase
from tenancy.outage import Unavailable
from tenancy.row_security import ROLE
from tenancy.session import firm_session
from tenancy.statements import fetch_value
from tests.database.conftest import KANZLEI, inside
from tests.databases import Databases

pytestmark = pytest.mark.anyio
on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("kind", ["postgresql"], indirect=True)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///:memory:",
        "sqlite+aiosqlite:///file::memory:?cache=shared&uri=true",
        "sqlite+aiosqlite:///file:one.db",
        "sqlite+aiosqlite:///one.db?mode=memory",
        "mysql://localhost/mandant",
    ],
)
def test_a_database_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(UnsupportedDatabase, match=r"SQLite needs a file|not on mysql"):
        Database(url)


async def test_the_driver_need_not_be_named(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'one.db'}")
    assert await database.fetch("SELECT 1", ()) == 1
    await database.close()
    assert Database("postgresql://localhost/mandant").url.drivername == "postgresql+asyncpg"


async def test_one_value_is_read(database: Database) -> None:
    parameter = "?" if database.kind == "sqlite" else "$1::text"
    assert await database.fetch(f"SELECT {parameter}", ["x"]) == "x"
    assert await database.fetch(f"SELECT 1 WHERE {parameter} = 'y'", ["x"]) is None


async def test_a_failed_read_leaves_the_connection_usable(migrated_url: str) -> None:
    database = Database(migrated_url, read_pool=1)
    for _ in range(3):
        with pytest.raises(Exception, match="nothing_of_the_kind"):
            await database.fetch("SELECT * FROM nothing_of_the_kind", ())
    assert await database.fetch("SELECT 1", ()) == 1
    await database.close()


async def test_a_cancelled_read_answers_nobody_else(migrated_url: str) -> None:
    database = Database(migrated_url, read_pool=1)
    slow = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000)"
        " SELECT max(i) FROM n"
    )
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await database.fetch(slow, ())
        assert await database.fetch("SELECT 7", ()) == 7
    await database.close()


@on_sqlite
async def test_a_long_read_does_not_hold_up_the_others(database: Database) -> None:
    long = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)"
        " SELECT max(i) FROM n"
    )
    for _ in range(2):
        reading = asyncio.ensure_future(database.fetch(long, ()))
        for number in range(5):
            assert await database.fetch("SELECT ?", [number]) == number
            await asyncio.sleep(0)
        assert not reading.done()
        assert await reading == 2_000_000


async def test_more_readers_than_connections_stand_in_line(migrated_url: str) -> None:
    database = Database(migrated_url, read_pool=2)
    answers = await asyncio.gather(
        *(database.fetch(f"SELECT {number}", ()) for number in range(50))
    )
    assert answers == list(range(50))
    await database.close()


async def test_concurrent_updates_are_all_kept(database: Database) -> None:
    """What a writing transaction read is still so when it writes, in whatever pool it runs."""
    async with inside(database, None) as connection:
        await connection.execute(
            insert(Throttle).values(key="x", count=0, updated_at=datetime.now(UTC))
        )
    other = Database(database.url.render_as_string(hide_password=False))
    one = select(Throttle.count).with_for_update()

    async def add(place: Database) -> None:
        async with inside(place, None) as connection:
            count = await connection.scalar(one)
            await connection.execute(update(Throttle).values(count=count + 1))

    await asyncio.gather(*(add(place) for place in [database, other] * 20))
    async with inside(other, None) as connection:
        assert await connection.scalar(one) == 40
    await other.close()


@on_sqlite
async def test_sqlite_keeps_what_was_acknowledged_and_checks_references(
    database: Database,
) -> None:
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 10_000,
        "recursive_triggers": 0,
    }
    async with database.write_engine.connect() as connection:
        for name, value in {**expected, "query_only": 0}.items():
            assert await connection.scalar(text(f"PRAGMA {name}")) == value, name
    # Right in the event loop nobody waits for a lock: a thread does.
    for name, value in {**expected, "query_only": 1, "busy_timeout": 0}.items():
        assert await database.fetch(f"PRAGMA {name}", ()) == value, name


@on_sqlite
async def test_sqlites_readers_cannot_write_and_do_not_wait_for_a_writer(
    database: Database,
) -> None:
    with pytest.raises(Unavailable) as refused:
        await database.fetch("DELETE FROM throttles", ())
    assert "readonly" in str(refused.value.__cause__)
    async with inside(database, None) as connection:
        await connection.execute(
            insert(Throttle).values(key="x", count=0, updated_at=datetime.now(UTC))
        )
        assert await database.fetch("SELECT count(*) FROM throttles", ()) == 0
    assert await database.fetch("SELECT count(*) FROM throttles", ()) == 1


@on_postgresql
async def test_postgresql_gives_up_on_statements_and_transactions_that_hang(
    database: Database,
) -> None:
    expected = {
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
        "application_name": "mandant",
        "TimeZone": "UTC",
        "jit": "off",
    }
    async with database.write_engine.connect() as connection:
        for name, value in expected.items():
            assert await connection.scalar(text(f"SHOW {name}")) == value, name
            assert await database.fetch(f"SHOW {name}", ()) == value, name


@on_postgresql
async def test_a_firm_does_not_stay_with_the_connection(migrated_url: str) -> None:
    database = Database(migrated_url, read_pool=1, write_pool=1)
    firm = text("SELECT current_setting('mandant.firm', true)")
    async with inside(database, KANZLEI) as connection:
        assert await connection.scalar(firm) == KANZLEI
    async with inside(database, None) as connection:
        assert await connection.scalar(firm) == ""
    named = "SELECT set_config('mandant.firm', $1, true)"
    assert await database.fetch(named, [KANZLEI]) == KANZLEI
    assert await database.fetch(str(firm), ()) == ""
    await database.close()


@on_postgresql
async def test_connections_that_the_server_ended_are_replaced(
    databases: Databases, database: Database
) -> None:
    async with inside(database, None) as connection:
        await connection.execute(text("SELECT 1"))
    assert await database.fetch("SELECT 1", ()) == 1
    await asyncio.to_thread(
        databases.on_server,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{database.url.database}'",
    )
    await asyncio.sleep(0.1)
    assert await database.fetch("SELECT 1", ()) == 1
    async with inside(database, None) as connection:
        assert await connection.scalar(text("SELECT current_user")) == ROLE


@on_sqlite
async def test_a_commit_that_is_refused_is_not_in_the_next_writers_way(migrated_url: str) -> None:
    database = Database(migrated_url)
    for _ in range(2):
        with pytest.raises(IntegrityError):
            async with database.write_engine.begin() as connection:
                orphan = {"firm_id": "firm_of_nobody", "id": "accounts", "value": 1}
                await connection.execute(insert(Counter).values(orphan))
    async with database.write_engine.begin() as connection:
        assert await connection.scalar(select(Counter.value)) is None
    await database.close()


@on_postgresql
async def test_a_transaction_begins_in_the_firm_of_its_own_session(migrated_url: str) -> None:
    database = Database(migrated_url, write_pool=1)
    named = text("SELECT coalesce(current_setting('mandant.firm', true), '')")
    one, other = f"firm_{'1' * 32}", f"firm_{'2' * 32}"
    for firm_id in (one, other):
        async with firm_session(database, firm_id) as session:
            connection = await session.connection()
            assert await connection.scalar(named) == firm_id
            await session.commit()
            connection = await session.connection()
            assert await connection.scalar(named) == firm_id
        async with firm_session(database, firm_id) as session:
            # It goes back into the pool before it has begun.
            await session.connection()
        async with firm_session(database, None) as session:
            assert await (await session.connection()).scalar(named) == ""
        async with database.write_engine.begin() as connection:
            assert await connection.scalar(named) == ""
    await database.close()


@on_sqlite
async def test_a_brief_statement_that_was_long_once_needs_no_thread_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    in_threads: list[Any] = []
    run_in_executor = loop.run_in_executor

    def noting(executor: Any, work: Any, *arguments: Any) -> Any:
        in_threads.append(work)
        return run_in_executor(executor, work, *arguments)

    monkeypatch.setattr(loop, "run_in_executor", noting)
    counting = """
        WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
        SELECT count(*) FROM numbers
    """
    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "_BRIEF", 0.0)
        assert await database.fetch(counting, ()) == 1000
        assert in_threads
    assert await database.fetch(counting, ()) == 1000
    in_threads.clear()
    assert await database.fetch(counting, ()) == 1000
    assert not in_threads


async def test_a_session_that_only_looks_reads_a_value_as_any_other(database: Database) -> None:
    for looking in (True, False):
        async with firm_session(database, KANZLEI, looking=looking) as session:
            assert await fetch_value(session, "SELECT 1", ()) == 1
            assert await fetch_value(session, "SELECT 2", ()) == 2

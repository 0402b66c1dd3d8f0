"""The schema is what its migrations make it: whole or not at all, once, the same everywhere."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

import migrations
from migrations.upgrade import current, downgrade, head, upgrade
from models import Base

pytestmark = pytest.mark.anyio

FOLDER = Path(migrations.__file__).parent
REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))
]

# Dies, or fails, when the first statement that creates it has run.
INTERRUPTED = """
import asyncio, os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from migrations.upgrade import upgrade

url, what, how = sys.argv[1:]

@event.listens_for(Engine, "after_cursor_execute")
def interrupt(connection, cursor, statement, *_):
    if "CREATE" in statement and what in statement:
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise RuntimeError("the disk is full")

asyncio.run(upgrade(url))
"""

UPGRADE = """
import asyncio, sys
from migrations.upgrade import upgrade

asyncio.run(upgrade(sys.argv[1]))
"""

# What compare_metadata does not look at, as PostgreSQL prints it.
CATALOGUE = """
SELECT conrelid::regclass::text AS place, conname::text AS name, pg_get_constraintdef(oid) AS what
FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 't'
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT attrelid::regclass::text, attname, format_type(atttypid, atttypmod) || attnotnull
    || coalesce((SELECT collname FROM pg_collation WHERE oid = attcollation), '')
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0
"""


# Ours: an extension's stay with it.
FUNCTIONS = """
SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
"""


async def ask(url: str, question: Any) -> Any:
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(question)
    finally:
        await engine.dispose()


def is_fts5(name: str) -> bool:
    """Whether SQLite's full text search keeps its index in this table."""
    return name.startswith(("account_grams", "contact_grams"))


def tables(connection: Connection) -> set[str]:
    names = set(inspect(connection).get_table_names()) - {"alembic_version"}
    return {name for name in names if not is_fts5(name)}


def functions(connection: Connection) -> int:
    if connection.dialect.name == "sqlite":
        return 0
    return connection.scalar(text(FUNCTIONS))


async def test_every_revision_goes_up_and_down_and_up_again(database_url: str) -> None:
    assert await current(database_url) is None
    for place, revision in enumerate(REVISIONS):
        await upgrade(database_url, revision)
        assert await current(database_url) == revision
        await downgrade(database_url, REVISIONS[place - 1] if place else "base")
        await upgrade(database_url, revision)
    assert await current(database_url) == head() == REVISIONS[-1]
    await downgrade(database_url, "base")
    assert await current(database_url) is None
    assert await ask(database_url, tables) == set()
    assert await ask(database_url, functions) == 0


async def test_migrating_what_is_current_changes_nothing(migrated_url: str) -> None:
    await upgrade(migrated_url)
    assert await current(migrated_url) == head()


@pytest.mark.filterwarnings("ignore:.*expression-based index")
async def test_the_migrated_schema_is_the_models(migrated_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        def here(thing: Any, name: str | None, kind: str, _: bool, __: Any) -> bool:
            elsewhere = kind == "index" and thing.info.get("only") not in (
                None,
                connection.dialect.name,
            )
            return not elsewhere and not (kind == "table" and is_fts5(name or ""))

        options = {"compare_type": True, "include_object": here}
        context = MigrationContext.configure(connection, opts=options)
        return compare_metadata(context, Base.metadata)

    assert await ask(migrated_url, differences) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_constraints_collations_and_indexes_are_the_models_too(
    migrated_url: str, database_url: str
) -> None:
    def create(connection: Connection) -> None:
        for extension in ("pg_trgm", "btree_gin"):
            connection.execute(text(f"CREATE EXTENSION {extension}"))
        Base.metadata.create_all(connection)
        connection.commit()

    def catalogue(connection: Connection) -> set[tuple[str, str, str]]:
        rows = {(*row,) for row in connection.execute(text(CATALOGUE))}
        return {row for row in rows if row[0] != "alembic_version"}

    await ask(database_url, create)
    assert await ask(migrated_url, catalogue) == await ask(database_url, catalogue)


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ("killed", "TABLE members"),
        ("killed", "TRIGGER login_needs_email"),
        ("failed", "TABLE mails"),
    ],
)
async def test_an_interrupted_migration_leaves_nothing_and_can_be_run_again(
    database_url: str, how: str, what: str
) -> None:
    result = subprocess.run(
        [sys.executable, "-c", INTERRUPTED, database_url, what, how],
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if how == "killed":
        assert result.returncode == -signal.SIGKILL, result.stderr
    else:
        assert "the disk is full" in result.stderr
    # Waits, on PostgreSQL, until the server has noticed that nobody is there any more.
    assert await current(database_url) is None
    await upgrade(database_url)
    assert await ask(database_url, tables) == set(Base.metadata.tables)


async def test_processes_that_migrate_at_once_wait_for_each_other(database_url: str) -> None:
    running = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", UPGRADE, database_url, cwd=FOLDER.parent, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for process in running:
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
    assert await current(database_url) == head()


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_migration_that_breaks_references_is_rolled_back(migrated_url: str) -> None:
    def orphan(connection: Connection) -> None:
        connection.execute(text("INSERT INTO counters VALUES ('firm_gone', 'accounts', 1)"))
        connection.commit()

    await ask(migrated_url, orphan)
    with pytest.raises(RuntimeError, match="1 rows point at nothing: counters"):
        await upgrade(migrated_url)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_the_folder_of_a_new_file_is_its_owners_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "var" / "mandant.db"
    await upgrade(f"sqlite+aiosqlite:///{path}")
    assert path.parent.stat().st_mode & 0o777 == 0o700

"""Who the application is to PostgreSQL, where the operator lets it be more or less."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asyncpg import InsufficientPrivilegeError
from sqlalchemy import insert, make_url, text
from sqlalchemy.exc import DBAPIError

from migrations.upgrade import upgrade
from models import Firm
from tenancy.database import Database, UnsafeRole
from tenancy.row_security import ROLE
from tests.database.conftest import KANZLEI, inside, row_of
from tests.databases import Databases

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("kind", ["postgresql"], indirect=True),
]


@pytest.fixture
def owned_url(
    request: pytest.FixtureRequest, databases: Databases, database_url: str
) -> Iterator[str]:
    """An empty database that belongs to a login role with the attributes that the test names."""
    url = make_url(database_url)
    role = f"{url.database}_owner"
    databases.on_server(
        f"CREATE ROLE {role} LOGIN PASSWORD '{role}' {request.param}",
        f"ALTER DATABASE {url.database} OWNER TO {role}",
    )
    yield url.set(username=role, password=role).render_as_string(hide_password=False)
    databases.on_server(f"DROP DATABASE {url.database} WITH (FORCE)", f"DROP ROLE {role}")


async def test_the_application_acts_as_its_role_and_may_not_touch_the_schema(
    database: Database,
) -> None:
    await database.refuse_unsafe_role()
    disable = "ALTER TABLE firms DISABLE ROW LEVEL SECURITY"
    pretend = "UPDATE alembic_version SET version_num = 'x'"
    async with database.write_engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_user")) == ROLE
        with pytest.raises(DBAPIError, match="must be owner"):
            await connection.execute(text(disable))
        await connection.rollback()
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text(pretend))
    assert await database.fetch("SELECT current_user", ()) == ROLE
    for statement, refusal in ((disable, "must be owner"), (pretend, "permission denied")):
        with pytest.raises(InsufficientPrivilegeError, match=refusal):
            await database.fetch(statement, ())


@pytest.mark.parametrize("owned_url", ["NOCREATEROLE"], indirect=True)
async def test_an_owner_without_the_role_is_walled_in_as_well(owned_url: str) -> None:
    await upgrade(owned_url)
    database = Database(owned_url)
    await database.refuse_unsafe_role()
    async with database.write_engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_user")) == make_url(owned_url).username
    with pytest.raises(DBAPIError, match="row-level security"):
        async with inside(database, None) as connection:
            await connection.execute(insert(Firm).values(row_of(Firm.__table__, KANZLEI)))
    await database.close()


@pytest.mark.parametrize("owned_url", ["BYPASSRLS"], indirect=True)
async def test_a_role_that_the_policies_do_not_hold_for_is_refused(owned_url: str) -> None:
    await upgrade(owned_url)
    database = Database(owned_url)
    with pytest.raises(UnsafeRole, match="can see past row-level security. Run `mandant migrate`"):
        await database.refuse_unsafe_role()
    await database.close()


async def test_migrating_again_lets_the_application_into_a_database_from_elsewhere(
    migrated_url: str,
) -> None:
    """A dump that was restored on another server brings the tables, and no rights."""
    database = Database(migrated_url)
    async with inside(database, None) as connection:
        await connection.execute(text("RESET ROLE"))
        await connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE}"))
    with pytest.raises(InsufficientPrivilegeError, match="permission denied"):
        await database.fetch("SELECT FROM accounts", ())
    await upgrade(migrated_url)
    assert await database.fetch_rows("SELECT FROM accounts", ()) == []
    await database.close()

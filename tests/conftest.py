"""Databases for tests, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from tenancy.database import Database
from tests.databases import Databases

# The first holds no fixtures: its assertions are to say what they found.
pytest_plugins = ["tests.deployments", "tests.lasting"]


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on: both, one after the other."""
    return request.param


@pytest.fixture
def database_url(databases: Databases, kind: str) -> Iterator[str]:
    """A new, empty database."""
    url = databases.create(kind, migrated=False)
    yield url
    databases.drop(url)


@pytest.fixture
def migrated_url(databases: Databases, kind: str) -> Iterator[str]:
    """A new database with the newest schema and no rows."""
    url = databases.create(kind, migrated=True)
    yield url
    databases.drop(url)


@pytest.fixture
async def database(migrated_url: str, anyio_backend: str) -> AsyncIterator[Database]:
    """A new database with the newest schema and no rows, open."""
    opened = Database(migrated_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def module_url(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """A new database with the newest schema, for all the tests of a module that only read it."""
    url = databases.create(request.param, migrated=True)
    yield url
    databases.drop(url)

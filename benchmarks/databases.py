"""The databases: made by `mandant migrate`, filled once, and kept for the runs that follow."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import os
import sqlite3
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import asyncpg
import click
from sqlalchemy import URL, make_url

from benchmarks import filling
from benchmarks.places import FOLDER, MANDANT, POSTGRAPHILE, ROOT, var
from benchmarks.rows import Dataset
from migrations.upgrade import head

Kind = Literal["postgresql", "sqlite"]
KINDS: tuple[Kind, ...] = ("postgresql", "sqlite")

_MADE_BY = (
    *(FOLDER / name for name in ("filling.py", "names.py", "rows.py")),
    POSTGRAPHILE / "functions.sql",
    ROOT / "models" / "folding.py",
)


@dataclass(frozen=True)
class Filled:
    """A database with its rows; *url* is what Mandant is given."""

    kind: Kind
    dataset: Dataset
    url: str

    @property
    def dsn(self) -> str:
        """The URL as asyncpg and node-postgres take it."""
        return make_url(self.url).set(drivername="postgresql").render_as_string(False)

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(str(make_url(self.url).database))


def prepare(kind: Kind, dataset: Dataset, *, purpose: str = "", afresh: bool = False) -> Filled:
    """The database with the rows of *dataset*; filled where it is not yet, or is out of date.

    *purpose* tells it from others of the same size. With *afresh* it is filled anew.
    """
    name = "_".join(part for part in ("mandant_bench", purpose, str(dataset)) if part)
    url = f"sqlite+aiosqlite:///{var(f'{name}.db')}" if kind == "sqlite" else _on_server(name)
    filled = Filled(kind, dataset, url)
    if afresh or not _current(filled):
        began = time.monotonic()
        click.echo(f"Filling {name} ({kind}) …", err=True)
        _remove(filled)
        subprocess.run(
            [MANDANT, "migrate"],
            env={**os.environ, "MANDANT_DATABASE_URL": url},
            cwd=FOLDER,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        fill(filled)
        click.echo(f"Filled in {time.monotonic() - began:.0f} s.", err=True)
    refresh(filled)
    return filled


def fill(filled: Filled) -> None:
    """Writes every row into a database that is migrated and empty."""
    if filled.kind == "sqlite":
        filling.fill_sqlite(filled.file, filled.dataset, fingerprint(filled.dataset))
    else:
        filling.fill_postgresql(filled.dsn, filled.dataset, str(fingerprint(filled.dataset)))


def refresh(filled: Filled) -> None:
    """Makes the sessions as if used a moment ago; forgets those of earlier runs, and the tries."""
    if filled.kind == "sqlite":
        filling.refresh_sqlite(filled.file)
    else:
        asyncio.run(filling.refresh_postgresql(filled.dsn))


def renew_invitations(filled: Filled) -> None:
    """Makes the links that wait good for as long as a session: the rows are older than a link."""
    until = datetime.now(UTC) + timedelta(days=30)
    if filled.kind == "postgresql":
        statement = "UPDATE invitations SET expires_at = $1 WHERE state = 'PENDING'"
        asyncio.run(filling.ask(filled.dsn, statement, until))
        return
    connection = sqlite3.connect(filled.file)
    with connection:
        connection.execute(
            "UPDATE invitations SET expires_at = ? WHERE state = 'PENDING'",
            (until.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),),
        )
    connection.close()


def fingerprint(dataset: Dataset) -> int:
    """A number that differs where the rows or the tables would."""
    made_by = hashlib.sha256(f"{dataset} {head()}".encode())
    for path in _MADE_BY:
        made_by.update(path.read_bytes())
    return int.from_bytes(made_by.digest()[:4], "big") >> 1


def _server() -> str:
    """The URL of a PostgreSQL database to create others from, as a superuser.

    The one that MANDANT_BENCH_POSTGRES names, or one on this machine.
    """
    hosts = ("/var/run/postgresql", "127.0.0.1")
    local = (
        URL.create(
            "postgresql", username=getpass.getuser(), database="postgres", query={"host": host}
        ).render_as_string(False)
        for host in hosts
    )
    given = os.environ.get("MANDANT_BENCH_POSTGRES")
    for url in [given] if given else local:
        with suppress(OSError, asyncpg.PostgresError):
            dsn = make_url(url).set(drivername="postgresql").render_as_string(False)
            asked = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
            if asyncio.run(filling.ask(dsn, asked)):
                return dsn
    raise click.ClickException(
        "The benchmarks need a PostgreSQL server and a superuser of it, because rows are copied "
        "past row-level security. Let this user be one on this machine, or name one: "
        "MANDANT_BENCH_POSTGRES=postgresql://user:password@host/postgres"
    )


def _on_server(name: str) -> str:
    url = make_url(_server()).set(drivername="postgresql+asyncpg", database=name)
    return url.render_as_string(False)


def _current(filled: Filled) -> bool:
    expected = fingerprint(filled.dataset)
    if filled.kind == "sqlite":
        return filled.file.exists() and filling.sqlite_fingerprint(filled.file) == expected
    name = make_url(filled.url).database
    asked = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1"
    return asyncio.run(filling.ask(_server(), asked, name)) == str(expected)


def _remove(filled: Filled) -> None:
    """Drops what is there, and makes PostgreSQL's anew."""
    if filled.kind == "sqlite":
        for end in ("", "-wal", "-shm"):
            Path(f"{filled.file}{end}").unlink(missing_ok=True)
        return
    name = make_url(filled.url).database
    for statement in (
        f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
        f'CREATE DATABASE "{name}"',
        # Mandant tells its own connections the same: nobody is to lose by it.
        f'ALTER DATABASE "{name}" SET jit = off',
        f'ALTER DATABASE "{name}" SET random_page_cost = 1.1',
    ):
        asyncio.run(filling.ask(_server(), statement))

"""Filling a database: COPY by several processes on PostgreSQL, one transaction on SQLite."""

from __future__ import annotations

import asyncio
import io
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.places import POSTGRAPHILE
from benchmarks.rows import COLUMNS, Dataset, Row, every_firm

_ACCOUNTS_AT_ONCE = 5000
_LIFETIME = timedelta(days=30)
# What the triggers would have written for each row; the words' index is made at the end.
_WORDS = (
    """
    INSERT INTO contact_addresses (firm_id, id, contact_id, email, email_key)
    SELECT firm_id, id, id, email, email_key FROM contacts WHERE email IS NOT NULL
    """,
    "DROP INDEX ix_account_texts_words, ix_contact_texts_words",
    "INSERT INTO contact_texts (firm_id, id, text) SELECT firm_id, id, search_text FROM contacts",
    """
    INSERT INTO account_texts (firm_id, id, text)
    SELECT a.firm_id, a.id, a.search_text || coalesce((
        SELECT string_agg(E'\n' || c.search_text, '' ORDER BY e.id) FROM account_contacts e
        JOIN contacts c ON c.firm_id = e.firm_id AND c.id = e.contact_id
        WHERE e.firm_id = a.firm_id AND e.account_id = a.id
    ), '') FROM accounts a
    """,
    "CREATE INDEX ix_account_texts_words ON account_texts USING gin (firm_id, text gin_trgm_ops)",
    "CREATE INDEX ix_contact_texts_words ON contact_texts USING gin (firm_id, text gin_trgm_ops)",
)


async def ask(dsn: str, statement: str, *parameters: Any) -> Any:
    """The first value that a statement gives on a connection of its own."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement, *parameters)
    finally:
        await connection.close()


def fill_postgresql(dsn: str, dataset: Dataset, fingerprint: str) -> None:
    """Copies every row of *dataset*; where that is much, by a process for each core.

    Raises UniqueViolationError where another run fills the same database.
    """
    first, *others = _shares(dsn, dataset)
    _copy(*first)
    if others:
        context = get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as processes:
            for _ in processes.map(_copy, *zip(*others, strict=True)):
                pass
    asyncio.run(_finish(dsn, fingerprint))


def _shares(dsn: str, dataset: Dataset) -> Iterator[tuple[str, Dataset, range]]:
    step = max(1, _ACCOUNTS_AT_ONCE // dataset.accounts)
    for first in range(0, dataset.firms, step):
        yield dsn, dataset, range(first, min(first + step, dataset.firms))


def _copy(dsn: str, dataset: Dataset, numbers: range) -> None:
    tables: dict[str, list[Row]] = defaultdict(list)
    for firm in every_firm(dataset, numbers):
        for table, rows in firm.tables.items():
            tables[table] += rows
    asyncio.run(_send(dsn, tables))


async def _send(dsn: str, tables: dict[str, list[Row]]) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        # The references are right by construction (the same rows are checked on SQLite);
        # asking for each of ten million would take longer than all the rest.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute("SET synchronous_commit = off")
        for table, columns in COLUMNS.items():
            await connection.copy_to_table(
                table, source=io.BytesIO(_copied(tables[table])), columns=columns, format="text"
            )
    finally:
        await connection.close()


def _copied(rows: Sequence[Row]) -> bytes:
    """*rows* in the text form of COPY."""
    return "".join("\t".join(map(_cell, row)) + "\n" for row in rows).encode()


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.replace("\\", r"\\").replace("\n", r"\n").replace("\t", r"\t")
    return str(value)


async def _finish(dsn: str, fingerprint: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute((POSTGRAPHILE / "functions.sql").read_text())
        await connection.execute("SET maintenance_work_mem = '1GB'")
        await connection.execute("SET session_replication_role = replica")
        for statement in _WORDS:
            await connection.execute(statement)
        await connection.execute("VACUUM (ANALYZE)")
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{fingerprint}'")
    finally:
        await connection.close()


async def refresh_postgresql(dsn: str) -> None:
    """As `databases.refresh` says."""
    now = datetime.now(UTC)
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("DELETE FROM sessions WHERE ip_address IS NOT NULL")
        await connection.execute("DELETE FROM throttles")
        await connection.execute(
            "UPDATE sessions SET last_used_at = $1, expires_at = $2", now, now + _LIFETIME
        )
        await connection.execute("VACUUM (ANALYZE) sessions")
    finally:
        await connection.close()


def fill_sqlite(path: Path, dataset: Dataset, fingerprint: int) -> None:
    """Inserts every row of *dataset* in one transaction. No ANALYZE: the product runs none."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN IMMEDIATE")
    for firm in every_firm(dataset, range(dataset.firms)):
        for table, columns in COLUMNS.items():
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                firm.tables[table],
            )
    connection.execute("COMMIT")
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise AssertionError(f"{len(broken)} rows point at nothing: {broken[:5]}")
    connection.execute(f"PRAGMA user_version = {fingerprint}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def sqlite_fingerprint(path: Path) -> int:
    """What `fill_sqlite` left when it was done."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA user_version").fetchone()[0]
    finally:
        connection.close()


def refresh_sqlite(path: Path) -> None:
    """As `databases.refresh` says."""
    now = datetime.now(UTC)
    used, ends = (moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for moment in (now, now + _LIFETIME))
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DELETE FROM sessions WHERE ip_address IS NOT NULL")
        connection.execute("DELETE FROM throttles")
        connection.execute("UPDATE sessions SET last_used_at = ?, expires_at = ?", (used, ends))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()

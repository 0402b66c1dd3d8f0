"""The floor's application: nothing between the socket and the statement."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from auth.sessions import firm_of, hash_token
from benchmarks.contenders import floor_writes
from benchmarks.contenders.floor_sql import statements

CONNECTIONS = 10

_HEADERS = [(b"content-type", b"application/json")]


class PostgreSQL:
    """Connections in a queue. A statement is a transaction, and nothing is reset after it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._statements = statements(postgresql=True)
        self._free: asyncio.LifoQueue[asyncpg.Connection] = asyncio.LifoQueue()

    async def start(self) -> None:
        for _ in range(CONNECTIONS):
            self._free.put_nowait(await asyncpg.connect(self._dsn))

    async def read(self, operation: str, firm_id: str, token: str, given: list[Any]) -> str | None:
        connection = await self._free.get()
        try:
            return await connection.fetchval(
                self._statements[operation], firm_id, token, datetime.now(UTC), *given
            )
        finally:
            self._free.put_nowait(connection)

    async def create(self, firm_id: str, token: str, given: dict[str, Any]) -> str:
        connection = await self._free.get()
        try:
            return await floor_writes.create(connection, firm_id, token, given)
        finally:
            self._free.put_nowait(connection)


class SQLite:
    """One connection, asked right here: the server waits for it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._statements = {
            name: sql.replace("$", "?") for name, sql in statements(postgresql=False).items()
        }

    async def start(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        # What the product's connections have.
        for pragma in ("synchronous = FULL", "foreign_keys = ON", "recursive_triggers = OFF"):
            self._connection.execute(f"PRAGMA {pragma}")

    async def read(self, operation: str, firm_id: str, token: str, given: list[Any]) -> str | None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row = self._connection.execute(
            self._statements[operation], (firm_id, token, now, *given)
        ).fetchone()
        return row[0] if row else None

    async def create(self, firm_id: str, token: str, given: dict[str, Any]) -> str:
        return floor_writes.create_on_sqlite(self._connection, firm_id, token, given)


_url = os.environ["BENCH_DATABASE_URL"]
_database = PostgreSQL(_url) if _url.startswith("postgres") else SQLite(_url)


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers a POST of an operation and what is given to it."""
    if scope["type"] == "lifespan":
        await receive()
        await _database.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    token = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
    firm_id = firm_of(token)
    answer = await _answer(firm_id, hash_token(token), orjson.loads(body)) if firm_id else None
    status = 200 if answer is not None else 401
    await send({"type": "http.response.start", "status": status, "headers": _HEADERS})
    text = b'{"data":' + (answer or "null").encode() + b"}"
    await send({"type": "http.response.body", "body": text})


async def _answer(firm_id: str, token_hash: str, asked: dict[str, Any]) -> str | None:
    if asked["operation"] == "create":
        return await _database.create(firm_id, token_hash, asked["given"])
    return await _database.read(asked["operation"], firm_id, token_hash, asked["given"])

"""How PostgreSQL carries out what Mandant sends: EXPLAIN of each operation's statements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from benchmarks.cases import cases
from benchmarks.contenders.mandant import Mandant
from benchmarks.databases import Filled
from benchmarks.places import var
from server.app import create_app
from server.settings import read_settings
from tenancy.database import Database, Statement
from tenancy.row_security import MAY_BECOME_ROLE, ROLE


async def explain(filled: Filled) -> Path:
    """Asks each operation once, and writes its statements with their plans to a file."""
    contender = Mandant()
    settings = read_settings(contender.program(filled, 0).environment)
    app = create_app(settings)
    connection = await asyncpg.connect(filled.dsn)
    if await connection.fetchval(MAY_BECOME_ROLE):
        await connection.execute(f"SET ROLE {ROLE}")
    lines: list[str] = []
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url=settings.base_url) as http,
    ):
        sent = _overheard(app.state.deployment.database)
        for operation, asked in cases(filled.dataset).items():
            request = contender.request(asked[0], settings.base_url)
            headers = {"Authorization": f"Bearer {request.token}"}
            headers["Content-Type"] = "application/json"
            answer = await http.post("/graphql", content=request.body, headers=headers)
            answer.raise_for_status()
            lines.append(f"=== {operation} on {filled.dataset}\n{request.body.decode()}\n")
            for sql, parameters in sent:
                lines.append(f"{sql}\n")
                lines += await _plan(connection, sql, parameters)
                lines.append("")
            sent.clear()
    await connection.close()
    path = var("results", f"explain-{filled.dataset}.txt")
    path.write_text("\n".join(lines))
    return path


def _overheard(database: Database) -> list[Statement]:
    """The list that every statement of a read is added to from now on."""
    sent: list[Statement] = []
    fetch_rows = database.fetch_rows

    async def overhear(sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
        sent.append((sql, parameters))
        return await fetch_rows(sql, parameters)

    database.fetch_rows = overhear  # type: ignore[method-assign]
    return sent


async def _plan(connection: asyncpg.Connection, sql: str, parameters: Sequence[Any]) -> list[str]:
    asked = f"EXPLAIN (ANALYZE, BUFFERS) {sql}"
    # The second time, as what is asked again and again finds its pages in memory.
    await connection.fetch(asked, *parameters)
    return [row[0] for row in await connection.fetch(asked, *parameters)]

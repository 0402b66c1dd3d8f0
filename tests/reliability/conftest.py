"""Servers to be killed, crowded and cut off, and a look into their databases."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.mail.conftest import certificates, listen
from tests.processes import Server, serving

__all__ = ["certificates", "listen"]


async def look(url: str, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows that *sql* gives, past everything that is Mandant's."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            found = await connection.execute(text(sql), values)
            return [tuple(row) for row in found] if found.returns_rows else []
    finally:
        await engine.dispose()


def contact(name: str, *, login: bool = False, invited: bool = False) -> dict[str, Any]:
    """A new contact for an account's input; its address has the name in it."""
    new = {"firstName": "Kim", "lastName": name, "email": f"{name}@client.test"}
    entry: dict[str, Any] = {"contact": {"new": new}, "login": login or invited}
    return {**entry, "invite": {}} if invited else entry


@pytest.fixture
async def server(migrated_url: str, tmp_path: Path) -> AsyncGenerator[Server]:
    """A server on a database of its own."""
    async with serving(migrated_url, tmp_path / "server") as running:
        yield running

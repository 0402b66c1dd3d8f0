"""`mandant doctor`: looks at everything that a start depends on, and changes nothing."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from mail.delivery import Folder, Server, transport
from migrations.upgrade import current, head
from server.settings import Settings
from tenancy.database import Database, UnsafeRole, driver_url

_PATIENCE = 5.0
"""Seconds in which the mail server has to take a connection."""
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    says: str


async def examine(settings: Settings) -> list[Finding]:
    """Looks at the database, its schema, its role and where mails go."""
    return [
        await _schema(settings),
        await _role(settings),
        await _mail(settings),
        _address(settings),
    ]


async def _schema(settings: Settings) -> Finding:
    kind, url = driver_url(settings.database_url)
    if kind == "sqlite" and not await asyncio.to_thread(os.path.exists, url.database or ""):
        return Finding("database", False, "no file yet: `mandant serve` or `mandant migrate`.")
    try:
        found = await current(settings.database_url)
    except Exception as error:
        return Finding("database", False, f"cannot be reached ({type(error).__name__}).")
    if found == head():
        return Finding("database", True, f"{kind}, schema {found}.")
    return Finding("database", False, f"schema {found or 'missing'}: run `mandant migrate`.")


async def _role(settings: Settings) -> Finding:
    kind, _ = driver_url(settings.database_url)
    if kind == "sqlite":
        return Finding("role", True, "SQLite has none.")
    database = Database(settings.database_url, read_pool=1, write_pool=1)
    try:
        await database.refuse_unsafe_role()
    except UnsafeRole as error:
        return Finding("role", False, str(error))
    except Exception as error:
        return Finding("role", False, f"cannot be checked ({type(error).__name__}).")
    finally:
        await database.close()
    return Finding("role", True, "row-level security holds for it.")


async def _mail(settings: Settings) -> Finding:
    way = transport(settings.mail_url)
    if isinstance(way, Folder):
        there = next(folder for folder in (way.path, *way.path.parents) if folder.exists())
        writable = there.is_dir() and os.access(there, os.W_OK)
        return Finding(
            "mail", writable, f"{'is' if writable else 'cannot be'} written into {way.path}."
        )
    assert isinstance(way, Server)
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(way.host, way.port)
    except OSError as error:
        why = type(error).__name__
        return Finding("mail", False, f"{way.host}:{way.port} cannot be reached ({why}).")
    writer.close()
    return Finding("mail", True, f"{way.host}:{way.port} answers.")


def _address(settings: Settings) -> Finding:
    return Finding(
        "address",
        settings.https or urlsplit(settings.base_url).hostname in _HERE,
        f"{settings.base_url} is where links lead; beyond this machine it must be https.",
    )

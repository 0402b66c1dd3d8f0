"""From an HTTP request to who is asking: the session's cookie or bearer token, and from where."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.requests import HTTPConnection

from auth.sessions import LIFETIME, Asking, find_caller, firm_of
from models.enums import Locale
from tenancy.caller import Caller, Visit
from tenancy.database import Database, Statement

COOKIE = "__Host-mandant"
"""The prefix makes browsers refuse it without Secure, for other paths and from subdomains."""


async def visit_of(connection: HTTPConnection, database: Database, *, in_use: bool = True) -> Visit:
    """Who is asking. A token that is none of ours, or has ended, is as good as none.

    *in_use* is false where an open connection is looked at again without being asked anything.
    """
    token = token_of(connection)
    now = datetime.now(UTC)
    caller = await find_caller(database, token, now=now, in_use=in_use) if token else None
    return _visit(connection, caller)


async def visit_beside(
    connection: HTTPConnection, database: Database, statement: Statement
) -> tuple[Visit, Any]:
    """Who is asking, and the value of another statement, in a single round trip."""
    token = token_of(connection)
    firm_id = firm_of(token) if token else None
    if token is None or firm_id is None:
        return _visit(connection, None), await database.fetch(*statement)
    asking = Asking(database, firm_id, token, now=datetime.now(UTC))
    found, value = await database.fetch_together([asking.statement(), statement])
    return _visit(connection, await asking.caller(found)), value


def _visit(connection: HTTPConnection, caller: Caller | None) -> Visit:
    return Visit(
        caller=caller,
        ip_address=connection.client.host if connection.client else None,
        user_agent=connection.headers.get("user-agent"),
        locale=_locale(connection.headers.get("accept-language", "")),
    )


def token_of(connection: HTTPConnection) -> str | None:
    """The bearer token, or else the browser's cookie."""
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip() or None
    return connection.cookies.get(COOKIE)


def _locale(accepted: str) -> Locale:
    """German where a browser asks for it before English."""
    ranked: list[tuple[float, Locale]] = []
    for part in accepted.split(",")[:20]:
        tag, _, quality = part.strip().partition(";q=")
        language = tag.partition("-")[0].lower()
        if language in ("de", "en"):
            try:
                ranked.append((float(quality or 1), Locale(language.upper())))
            except ValueError:
                continue
    return max(ranked, key=lambda found: found[0])[1] if ranked else Locale.EN


def session_cookie(token: str | None) -> tuple[str, str]:
    """The header that gives a browser its session, or with None takes it away."""
    age = int(LIFETIME.total_seconds()) if token else 0
    return (
        "Set-Cookie",
        f"{COOKIE}={token or ''}; Max-Age={age}; Path=/; Secure; HttpOnly; SameSite=Lax",
    )
